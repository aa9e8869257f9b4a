"""A step beside its numerical slope. Expected slopes are those of mathematics."""

from __future__ import annotations

from math import tanh
from pathlib import Path

import pytest

from grader.cli.arguments import CheckTarget
from grader.cli.main import run
from grader.cli.one_step import NumcheckOptions, numcheck_one, said
from grader.errors import UsageError
from grader.exercise.load import named
from grader.numcheck import SlopeComparison, numcheck
from grader.reference.cache import reference_for

CASES, SOLUTIONS = Path(__file__).parent / "cases", Path(__file__).parents[1] / "solutions"
FORUM = (CASES / "wrong/forum_plain.py").read_text()
H1, H2 = tanh(1.0), tanh(2 * tanh(1.0))
"""The activations at h0 = 0.5, w_h = 2, w_y = 40."""


def compared(source: str, step: str, folder: Path, exercise: str = "tanh-chain") -> SlopeComparison:
    file = folder / "mine.py"
    file.write_text(source)
    return numcheck(named(exercise), str(file), step)


@pytest.mark.parametrize(
    ("step", "slope"),
    [("dh1_dwh", 0.5 * (1 - H1**2)), ("dh2_raw", 40 * (1 - H2**2)), ("dh2", 40.0)],
    ids=["by an input", "by a value in between", "a right step"],
)
def test_the_slope_of_the_students_own_program(step: str, slope: float, tmp_path: Path) -> None:
    found = compared(FORUM, step, tmp_path)

    assert found.slope == pytest.approx(slope, rel=1e-6)
    assert (found.program, found.agrees) == ("own", step == "dh2")


def test_with_a_wrong_forward_value_the_exercises_program_is_taken(tmp_path: Path) -> None:
    found = compared(FORUM.replace("h1 = math.tanh(h1_raw)", "h1 = h1_raw"), "dh1_dwh", tmp_path)

    assert (found.program, found.unlike) == ("exercise", "h1")
    assert found.slope == pytest.approx(0.5 * (1 - H1**2), rel=1e-6)


def test_of_an_array_the_worst_entry_is_shown(tmp_path: Path) -> None:
    source = (CASES / "wrong/batchnorm_mean_branch_missing.py").read_text()
    found = compared(source, "dx", tmp_path, "batch-norm")
    right = reference_for(named("batch-norm")).values[0]["dx"]
    row, column = found.entry

    assert found.slope == pytest.approx(right.numbers()[row * right.shape[1] + column], rel=1e-6)
    assert (found.program, found.size, found.agrees) == ("own", right.size, False)


def test_a_second_derivative_is_the_slope_of_the_students_first(tmp_path: Path) -> None:
    found = compared((SOLUTIONS / "newton-step.py").read_text(), "d2w", tmp_path, "newton-step")

    assert (found.program, found.agrees) == ("own", True)


def test_without_a_value_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no value of `dh1_dwh` yet"):
        compared("h0 = 0.5\ndh1_dwh = ...\n", "dh1_dwh", tmp_path)


def test_a_mistyped_step_gets_the_near_ones() -> None:
    with pytest.raises(UsageError, match="Did you mean dh1_dwh"):
        numcheck_one(CheckTarget("tanh-chain", str(CASES / "wrong/forum_plain.py")), "dh1_dw", NumcheckOptions())


def test_a_forward_value_is_no_derivative() -> None:
    with pytest.raises(UsageError, match=r"h1 is a forward value, not a derivative\."):
        numcheck_one(CheckTarget("tanh-chain", str(CASES / "wrong/forum_plain.py")), "h1", NumcheckOptions())


def test_the_command_takes_a_starter_without_its_exercise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.py"
    file.write_text(f"{FORUM}\n# grader check tanh-chain mine.py\n")

    assert run(["numcheck", str(file), "dh1_dwh"]) == 1
    assert "numerical slope in your own program: 0.2099871708" in capsys.readouterr().out


def test_what_is_said_of_an_array() -> None:
    found = SlopeComparison("dW", "loss", "W", None, (1, 2), 3, 12, 0.5, 0.25, 1e-5, "exercise", "h1")

    assert [sentence for sentence, _ in said(found)] == [
        "your `dW[1, 2]`: 0.5",
        "numerical slope in the exercise's program (in yours, `h1` is not right): 0.25",
        "measured by shifting an entry of `W` up and down by 1e-05 and looking at `loss`",
        "they differ in 3 of 12 entries, most in this one",
    ]
