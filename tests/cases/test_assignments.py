"""Files of a whole assignment, handed in to each of the exercises that ask for some of their functions."""

from __future__ import annotations

from pathlib import Path

import pytest

import grader
from tests import warm

FOLDER = Path(__file__).parent / "assignments"


def line_of(name: str, code: str) -> int:
    return next(number for number, line in enumerate((FOLDER / name).read_text().splitlines(), 1) if code in line)


@pytest.mark.parametrize(
    ("name", "exercise", "points"),
    [
        ("layers.py", "cs231n-affine", 4.0),
        ("layers.py", "cs231n-relu", 2.0),
        ("layers.py", "cs231n-softmax", 3.0),
        ("layers.py", "cs231n-batch-norm", 6.0),
        ("rnn_layers.py", "cs231n-rnn-step", 6.0),
        ("rnn_layers.py", "cs231n-lstm-step", 8.0),
    ],
)
def test_the_functions_an_exercise_asks_for_get_full_marks_whatever_else_is_in_the_file(
    name: str, exercise: str, points: float
) -> None:
    result = grader.check(exercise, FOLDER / name)

    assert (result.score, result.max_score, result.complete) == (points, points, True)
    assert [step.outcome for step in result.forward if step.outcome != "correct"] == []
    assert all(step.where is not None for step in result.steps)


def test_functions_that_are_still_empty_are_not_filled_in_yet() -> None:
    result = warm.check("cs231n-layer-norm", FOLDER / "layers.py")

    assert {step.name: (step.outcome, step.reason) for step in result.steps} == dict.fromkeys(
        ("dx", "dgamma", "dbeta"), ("missing", "placeholder")
    )
    assert result.score == 0.0


def test_what_the_file_imports_and_cannot_have_is_told_and_costs_nothing() -> None:
    result = warm.check("cs231n-affine", FOLDER / "layers.py")

    lines = [line_of("layers.py", code) for code in ("nobody_has", "im2col", "fast_layers")]
    assert [(problem.kind, problem.where and problem.where.line) for problem in result.problems] == list(
        zip(("package", "raised", "raised"), lines, strict=True)
    )


def test_a_file_without_the_functions_is_told_which_are_not_there() -> None:
    result = warm.check("cs231n-lstm-step", FOLDER / "layers.py")

    assert {step.outcome for step in result.steps} == {"missing"}
    said = [problem.message for problem in result.problems if problem.where is None]
    assert [message.split("there is no ")[1] for message in said] == [
        "function `lstm_step_forward` here",
        "function `lstm_step_backward` here",
    ]
