"""Exercises in every manner of handing in: right it earns all points, and a planted mistake is found on its line.

The CS231n exercises are left out: they ask for their functions by name, which is a manner by itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import grader
from grader.exercise.load import collection, find, load
from grader.model import Value
from grader.reference.cache import reference_for
from tests import warm
from tests.solutions.styles import STYLES, Derivation, flat

SOLUTIONS = Path(grader.__file__).parents[1] / "solutions"
FREE = [path.stem for path in collection() if load(path).answer is None]
FEW = ("tanh-chain-reverse",)
UNFIT = {("rnn", "gradients_in_a_list")}
"""A family over time in a list of families has no name while it is made, only a place."""


def derivation(name: str) -> Derivation:
    exercise = load(find(name))
    asked = tuple(dict.fromkeys(step.family or step.name for step in exercise.steps))
    inputs = [one.name for one in exercise.inputs]
    return flat((SOLUTIONS / f"{name}.py").read_text("utf-8"), inputs, asked)


def guilty_step(name: str, right: Derivation) -> str:
    """A step to plant a mistake in, from the middle; not one whose value another step has as well: where all values
    of a list get their names at its end, which of the two was wrong cannot be known."""
    exercise = load(find(name))
    values = reference_for(exercise).values[-1]
    data = [(step.family or step.name, values[step.name]) for step in exercise.steps]
    twins = {
        one
        for one, value in data
        for other, twin in data
        if one != other and value.size == twin.size and near(value, twin)
    }
    steps = [one for one in right.plantable() if one not in twins] or right.plantable()
    return steps[len(steps) // 2]


def near(left: Value, right: Value) -> bool:
    return all(abs(a - b) < 1e-9 for a, b in zip(left.numbers(), right.numbers(), strict=True))


def check_both(name: str, style: str, tmp_path: Path) -> None:
    right = derivation(name)
    file = tmp_path / f"{style}.py"
    file.write_text("\n".join(STYLES[style](right)))
    result = warm.check(name, file)

    assert {step.name: step.outcome for step in result.steps if step.outcome != "correct"} == {}
    assert (result.score, result.problems) == (result.max_score, ())

    step = guilty_step(name, right)
    lines = STYLES[style](right.planted(step))
    file.write_text("\n".join(lines))
    result = warm.check(name, file)

    guilty = [one for one in result.steps if one.outcome not in ("correct", "carried")]
    assert {(one.name.partition("[")[0], one.outcome) for one in guilty} == {(step, "wrong")}
    assert result.first_error in [one.name for one in guilty]
    planted = next(number for number, line in enumerate(lines, 1) if "= 1.5 * " in line)
    assert {one.where and one.where.line for one in guilty} == {planted}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", FEW)
def test_a_chain_in_every_style(name: str, style: str, tmp_path: Path) -> None:
    check_both(name, style, tmp_path)


ROUND = (*STYLES, *STYLES)
MIXED = [
    (name, style)
    for number, name in enumerate(FREE)
    if name not in FEW
    for style in ROUND[number % len(STYLES) :][:6:2]
    if (name, style) not in UNFIT
]
"""Every exercise in three styles; the next exercise has others."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "style"), MIXED)
def test_every_exercise_in_every_style(name: str, style: str, tmp_path: Path) -> None:
    check_both(name, style, tmp_path)
