"""What the grader says of a submission, counted by style."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import torch

from grader.exercise.load import find
from grader.model import Result
from tests import warm
from tests.quality.oracle import Watched, same
from tests.styles.derivations import Program, derivation, names_bound, parsed
from tests.styles.in_place import held
from tests.styles.programs import File, file, script
from tests.styles.running import point, run
from tests.styles.submissions import Submission

NOT_LOST = ("correct", "carried")


@dataclass(slots=True)
class Row:
    """Counts of one style: of correct submissions and those accused, of planted mistakes and those found on their
    line, and of those for which one step is lost and no other."""

    right: int = 0
    accused: int = 0
    wrong: int = 0
    located: int = 0
    one_lost: int = 0
    failed: list[str] = field(default_factory=list)


def graded(one: Submission, file: File, folder: Path) -> Result:
    path = folder / f"mine{file.suffix}"
    path.write_text(file.text)
    return warm.check(one.exercise, path)


def is_accused(result: Result) -> bool:
    steps_right = all(step.outcome == "correct" for step in result.steps)
    return not (steps_right and result.first_error is None and result.score == result.max_score)


def is_located(result: Result, file: File) -> bool:
    """Whether the first wrong step is shown on a line the mistake was planted in."""
    step = next((one for one in (*result.forward, *result.steps) if one.name == result.first_error), None)
    if step is None or step.where is None:
        return False
    lines = range(step.where.line, step.where.end_line + 1)
    return any(cell == step.where.cell and line in lines for cell, line in file.planted)


def one_is_lost(result: Result) -> bool:
    lost = [step.outcome for step in (*result.forward, *result.steps) if step.outcome not in NOT_LOST]
    return lost == ["wrong"]


def told(result: Result) -> str:
    """What came out, for whoever reads a failure."""
    lost = {step.name: _shown(step) for step in result.steps if step.outcome != "correct"}
    forward = {step.name: _shown(step) for step in result.forward if step.outcome != "correct"}
    problems = [f"{one.kind}: {one.message}" for one in result.problems]
    return f"first_error {result.first_error}; {lost}; forward {forward}; {problems}"


def _shown(step: Any) -> str:
    place = (
        "" if step.where is None else f" at {f'cell {step.where.cell} ' if step.where.cell else ''}{step.where.line}"
    )
    return f"{step.outcome}{place}"


def measured(submissions: Iterable[Submission], folder: Path) -> dict[str, Row]:
    table: dict[str, Row] = {}
    for one in submissions:
        row = table.setdefault(one.style.name if one.style.group != "two or three" else one.style.group, Row())
        file = one.file
        result = graded(one, file, folder)
        if not one.kind:
            row.right += 1
            bad = is_accused(result)
            row.accused += bad
        else:
            row.wrong += 1
            located, lost = is_located(result, file), one_is_lost(result)
            row.located += located
            row.one_lost += lost
            bad = not (located and lost)
        if bad:
            row.failed.append(f"{one.name}: planted at {file.planted}: {told(result)}")
    return table


def total(rows: Iterable[Row]) -> Row:
    every = list(rows)
    counts = (sum(getattr(row, name) for row in every) for name in ("right", "accused", "wrong", "located", "one_lost"))
    return Row(*counts, failed=[line for row in every for line in row.failed])


def shown(group: str, table: dict[str, Row]) -> str:
    """The table in Markdown, the whole group in its last line."""
    lines = ["| style | correct | accused | with a mistake | located | one step lost |", "|---|---|---|---|---|---|"]
    for name, row in [*table.items(), (f"**{group}**", total(table.values()))]:
        shares = [f"{100 * part / row.wrong:.1f} %" if row.wrong else "" for part in (row.located, row.one_lost)]
        lines.append(f"| {name.replace('_', ' ')} | {row.right} | {row.accused} | {row.wrong} | {' | '.join(shares)} |")
    return "\n".join(lines)


def missing_values(one: Submission) -> list[str]:
    """Steps of a correct submission whose values it does not come to when it is run, without the grader."""
    seen = run(one.program, one.right)
    every = [value for values in seen.values() for value in values]
    wanted = held(one.exercise)
    single = any("32" in rewrite.__name__ or rewrite.__name__ in SINGLE for rewrite in one.style.rewrites)
    equal = _roughly_same if single or one.exercise == "makemore-backprop" else same
    return [
        name
        for name in one.right.asked
        if not any(equal(value, wanted[name]) for value in [*seen.get(name, []), *every])
    ]


SINGLE = ("single_precision", "tensors", "tensors_that_record", "double_tensors")


def _roughly_same(left: Any, right: Any) -> bool:
    try:
        first, second = (
            numpy.asarray(one.detach() if hasattr(one, "detach") else one, float).squeeze() for one in (left, right)
        )
    except (TypeError, ValueError, RuntimeError):
        return False
    return first.shape == second.shape and bool(numpy.allclose(first, second, rtol=1e-3, atol=1e-5))


def missing_by_hand(source: str, exercise: str) -> list[str]:
    """The same of a submission written by hand, at numbers of our own."""
    one = derivation(exercise)
    truth = Watched(file(script(one)).text, one.loaded).known(Path(find(exercise)))[0].values
    body = [part for part in parsed(source) if not _gives(part, set(one.inputs)) or one.functions]
    convert = partial(_tensor, double="double" in source) if "import torch" in source else lambda value: value
    given = {name: convert(value) for name, value in point(exercise).items()}
    every = [value for values in run(Program((body,)), one, given).values() for value in values]
    asked = [step.name for step in one.loaded.steps if step.name in truth]
    return [name for name in asked if not any(_roughly_same(value, truth[name][-1]) for value in every)]


def _tensor(value: Any, double: bool) -> torch.Tensor:
    made = torch.tensor(value)
    return made if double or not made.is_floating_point() else made.float()


def _gives(statement: ast.stmt, inputs: set[str]) -> bool:
    """Whether a statement gives an input its number."""
    return isinstance(statement, ast.Assign) and bool(names_bound(statement.targets[0]) & inputs)
