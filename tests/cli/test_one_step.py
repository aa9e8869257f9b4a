"""`grader check --step`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.cli.main import run
from grader.cli.one_step import show_step
from grader.errors import UsageError
from grader.model import Result

from ..report.cases import correct_case, diagnosed_case, empty_case, raised_case


def test_one_step_is_shown_without_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_step(diagnosed_case(), "dh2_dwh", None) == 1

    said = capsys.readouterr().out
    assert said.startswith("`dh2_dwh` = d(h2)/d(w_h) is wrong\n")
    assert "same mistake as" not in said
    assert "dh1_dwh = " not in said


@pytest.mark.parametrize(
    ("result", "name", "status", "said"),
    [
        (correct_case(), "dh1_dwh", 0, "`dh1_dwh` on line 16 is right\n"),
        (correct_case(), "h1", 0, "`h1` on line 9 is right\n"),
        (empty_case(), "dh1_dwh", 1, "`dh1_dwh` = d(h1)/d(w_h) is not there yet\n"),
    ],
)
def test_the_status_is_that_of_the_step(
    result: Result, name: str, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (show_step(result, name, None), capsys.readouterr().out) == (status, said)


def test_a_step_that_could_not_be_graded_has_a_status_of_its_own() -> None:
    result = raised_case()
    (step, *_) = result.steps
    unjudged = replace(step, outcome="unjudged", reason="not_reached")

    assert show_step(replace(result, steps=(unjudged, *result.steps[1:])), step.name, None) == 2


def test_a_mistyped_name_gets_the_near_ones() -> None:
    with pytest.raises(UsageError, match=r"has no step 'dh1_dw'. Did you mean dh1_dwh"):
        show_step(correct_case(), "dh1_dw", None)


@pytest.mark.parametrize("options", [("--format", "json"), ("-o", "report.txt"), ("--watch",)])
def test_it_goes_with_no_other_report(options: tuple[str, ...]) -> None:
    assert run(["check", "tanh-chain", "mine.py", "--step", "dh1", *options]) == 2
