"""`grader explain`: the long text of a misconception, and the list of all."""

from __future__ import annotations

import pytest

from grader.cli.main import run
from grader.diagnosis.catalogue import catalogue
from grader.report.explain import render, render_all

SQUARE_MISSING = """\
The square in the derivative of tanh is missing
tanh-derivative-square-missing

The output of tanh stands in its derivative without a square.

Why: tanh'(x) = 1 - tanh(x)^2. The slope must be 1 at 0 and go to 0 at both ends, where tanh is 1
     and -1. 1 - h is 2 at the lower end.

Next step: Square the activation.

An example:
  not    dh1_raw = (1 - h1) * dh1
  but    dh1_raw = (1 - h1**2) * dh1
"""


def test_a_misconception_is_explained_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["explain", "tanh-derivative-square-missing"])

    assert (status, capsys.readouterr().out) == (0, SQUARE_MISSING)


def test_an_unknown_code_is_told_the_nearest_ones(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["explain", "sign-fliped"])
    printed = capsys.readouterr()

    assert (status, printed.out) == (2, "")
    assert printed.err.startswith("grader: There is no misconception 'sign-fliped'. Did you mean sign-flipped")
    assert printed.err.endswith("`grader explain` lists all.\n")


def test_a_code_like_none_is_told_where_the_list_is(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["explain", "zzz\x1b[31m"])
    printed = capsys.readouterr()

    assert status == 2
    assert "Did you mean" not in printed.err
    assert "\x1b" not in printed.err


def test_without_a_code_all_are_listed_with_their_titles(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["explain"])
    lines = capsys.readouterr().out.splitlines()

    assert status == 0
    assert lines[::2] == [rule.code for rule in catalogue()]
    assert lines[1::2] == [f"  {rule.title}" for rule in catalogue()]


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_page_is_wider_than_asked_for(width: int) -> None:
    pages = [render_all(width), *(render(rule, width) for rule in catalogue())]

    assert max(len(line) for page in pages for line in page.plain.splitlines()) <= width
