"""The pictures of the wrong steps of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.diagnosis.chain_rule.chain import Derivation
from grader.exercise.types import Exercise
from grader.formula.syntax import text
from grader.html.drawing import Plot, plotted
from grader.html.tangent import Tangent, tangent
from grader.model import Result
from grader.report.account import Block
from grader.report.numbers import number


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a wrong step, with what the script needs to move its point."""

    step: str
    of: str
    by: str
    plot: Plot
    true: str
    claimed: str
    numerical: str
    x: str
    data: str


def pictures_of(result: Result, exercise: Exercise, derivation: Derivation | None) -> Iterator[Picture]:
    if derivation is None or not (result.shows("got") and result.shows("expected")):
        return
    asked = {step.name: step.quantity for step in exercise.steps}
    for step in result.steps:
        if step.outcome != "wrong" or step.name not in asked:
            continue
        inputs = dict(step.at) if step.at else derivation.reference.points[0].inputs
        found = tangent(step, asked[step.name], derivation.statements, inputs)
        if found is not None:
            yield _picture(step.name, found)


def _picture(name: str, found: Tangent) -> Picture:
    samples = " ".join(f"{x:.6g},{y:.6g}" for x, y in found.curve)
    return Picture(
        name,
        text(found.of),
        text(found.by),
        plotted(found),
        number(found.true, 6),
        number(found.claimed, 6),
        number(found.numerical, 6),
        number(found.x, 6),
        samples,
    )


def beside(block: Block, pictures: Mapping[str, Picture]) -> Picture | None:
    """The picture that belongs to a block."""
    return next((pictures[name] for name in block.steps if name in pictures), None)
