"""`grader explain`: the long text of a misconception, and the list of all."""

from __future__ import annotations

import math

import pytest

from grader.cli.main import run
from grader.diagnosis.recognition.catalogue import catalogue
from grader.report.explain import render, render_all

SQUARE_MISSING = """\
The square in the derivative of tanh is missing
tanh-derivative-square-missing

The slope of tanh has the square of its output; here the output is not squared.

Why: tanh'(x) = 1 - tanh(x)^2. The slope must be 1 at 0 and go to 0 at both ends, where tanh is 1
     and -1. 1 - h is 2 at the lower end.

Next step: Square the activation.

An example:
    h1_raw = w_h * h0
    h1 = tanh(h1_raw)
    h2_raw = w_h * h1
    h2 = tanh(h2_raw)
    y2 = w_y * h2

  asked for: dh1_raw = d(y2)/d(h1_raw)
  by the chain rule: d(y2)/d(h1_raw) = (1 - h1**2) * d(y2)/d(h1)
  not    dh1_raw = (1 - h1) * dh1
         {wrong}, at h0 = 0.5, w_h = 2.0 and w_y = 40.0
  but    dh1_raw = (1 - h1**2) * dh1
         {right}, as autograd has it
"""
H1 = math.tanh(2.0 * 0.5)
DH1 = 40.0 * (1 - math.tanh(2.0 * H1) ** 2) * 2.0


def test_a_misconception_is_explained_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["explain", "tanh-derivative-square-missing"])

    expected = SQUARE_MISSING.format(wrong=f"{(1 - H1) * DH1:.10g}", right=f"{(1 - H1**2) * DH1:.10g}")
    assert (status, capsys.readouterr().out) == (0, expected)


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
