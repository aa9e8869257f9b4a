"""The pictures of a report: the program as a graph with the local derivative on each edge, and the wrong steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.rule import target_of
from grader.exercise.types import Exercise
from grader.formula.build import ONE
from grader.formula.syntax import Assign, Expression, text
from grader.formula.vjp import jvp
from grader.html.drawing import Drawing, Plot, drawn, plotted
from grader.html.graph import Edge, laid_out
from grader.html.tangent import Tangent, tangent
from grader.model import Result
from grader.report.account import Block
from grader.report.numbers import number

LONGEST_LABEL = 18
"""Maximum number of characters of a local derivative that is written on its edge."""

MOST_NODES = 120
"""Maximum number of quantities that are drawn; a larger graph could not be read."""


def drawings_of(
    exercise: Exercise, derivation: Derivation | None, result: Result, below: Mapping[str, Sequence[str]]
) -> tuple[tuple[Drawing, dict[Edge, str]], ...]:
    """The graph in both directions, and the local derivative on each edge. `below` are the lines below each name."""
    if derivation is None:
        return ()
    statements = derivation.statements
    edges: dict[Edge, str] = {}
    whole = {one.name for one in statements if not one.keys}

    def node(statement: Assign) -> str:
        # An array that is filled entry by entry is one quantity.
        return statement.name if statement.name in whole else text(target_of(statement))

    for statement in statements:
        for source in derivation.sources(statement):
            edge = Edge(text(source), node(statement))
            if edge.source != edge.target:
                told = result.shows("diagnosis.rule") and not (statement.keys and statement.name in whole)
                edges[edge] = _local(statement, source, derivation) if told else ""
    read = {edge.source for edge in edges}
    names = [one.name for one in exercise.inputs if one.name in read]
    names += dict.fromkeys(map(node, statements))
    known = set(names)
    edges = {edge: label for edge, label in edges.items() if edge.source in known}
    if not names or len(names) > MOST_NODES or len(known) < len(names):
        return ()
    layout = laid_out(names, list(edges))
    sizes = {edge: len(label) for edge, label in edges.items()}
    return tuple((drawn(layout, below, sizes, direction), edges) for direction in ("across", "down"))


def _local(statement: Assign, source: Expression, derivation: Derivation) -> str:
    """The local derivative as short text; "" for arrays, where it is no single factor."""
    if derivation.shape(target_of(statement)) or derivation.shape(source):
        return ""
    found = jvp(statement.value, target_of(statement), source, ONE)
    if found is None:
        return ""
    written = text(found)
    return written if len(written) <= LONGEST_LABEL else ""


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
