"""How a draft is written: numbers, families, loops."""

from __future__ import annotations

import pytest

from grader.draft.quantities import ScriptInput
from grader.draft.text import Draft, DraftStep, pass_of, rolled, spelled, written
from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.formula.parse import parse_program
from grader.formula.syntax import Assign
from grader.model import Value


def exercise(given: ScriptInput, *steps: DraftStep, forward: str = "y = x * x") -> Exercise:
    draft = Draft("drafted", "Drafted", (given,), (), "y", tuple(forward.split("\n")), steps)
    return loads(written(draft))


STEP = DraftStep("dx", "d(y)/d(x)", 1)


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        pytest.param(Value.scalar(0.1), (0.1,), id="a number"),
        pytest.param(Value.scalar(2.0, "int"), (2.0,), id="a whole number that is differentiated by"),
    ],
)
def test_given_numbers_are_those_of_the_script(value: Value, numbers: tuple[float, ...]) -> None:
    made = exercise(ScriptInput("x", value, typed=True), STEP).input("x")

    assert made.given is not None
    assert made.given.numbers() == numbers
    assert not made.whole


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(Value.of([0.0] * 4, (4,)), "uniform", id="zeros"),
        pytest.param(Value.of([float(k % 7) for k in range(200)], (200,), "int"), "integers", id="many whole numbers"),
    ],
)
def test_zeros_and_many_numbers_are_drawn(value: Value, kind: str) -> None:
    made = exercise(
        ScriptInput("x", value, typed=False), DraftStep("z", "x + 0.5", 1), forward="y = sum(x * 1.0)"
    ).input("x")

    assert (made.given, made.draw.kind) == (None, kind)


def test_ones_and_zeros_are_never_redrawn() -> None:
    mask = ScriptInput("m", Value.of([1.0, 0.0, 1.0], (3,)), typed=True)

    assert exercise(mask, DraftStep("s", "m * 2", 1), forward="y = sum(m)").input("m").fixed


def test_passes_that_differ_in_their_number_alone_are_a_loop() -> None:
    program = "h[0] = x\nh[1] = tanh(w * h[0])\nh[2] = tanh(w * h[1])\nh[3] = tanh(w * h[2])\ny = h[3]"
    lines = [(pass_of(one), spelled(one)) for one in parse_program(program) if isinstance(one, Assign)]

    assert list(rolled(lines)) == [
        "h[0] = x",
        "for t in range(1, 4):",
        "    h[t] = tanh(w * h[t-1])",
        "y = h[3]",
    ]


def test_passes_that_differ_otherwise_are_not() -> None:
    program = "h[1] = x * 2\nh[2] = x * 3\nh[3] = x * 4"
    lines = [(pass_of(one), spelled(one)) for one in parse_program(program) if isinstance(one, Assign)]

    assert list(rolled(lines)) == program.split("\n")


def test_the_members_of_a_family_are_one_entry() -> None:
    steps = [DraftStep(f"dh[{t}]", f"d(y)/d(h[{t}])", 1) for t in (2, 1)]
    made = exercise(
        ScriptInput("x", Value.scalar(0.5), typed=True), *steps, forward="h[1] = 2 * x\nh[2] = 3 * h[1]\ny = h[2]"
    )

    assert [step.name for step in made.steps] == ["dh[2]", "dh[1]"]
    assert sum(step.points for step in made.steps) == 2
