"""What kept a program from getting anywhere is said, and where: not that nothing is wrong so far."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.model import Cell, Problem, Result, Span, StepResult
from grader.report.terminal import render

from .cases import result, step

SOURCE = "h0 = 0.5\nw_h = nothing\ndh1_dwh = (1 - h1**2\n"
NAME_ERROR = "this line crashed: NameError: name 'nothing' is not defined"
RAISED = Problem("raised", NAME_ERROR, Span("mine.py", None, 2, 1, 2, 14))
UNREAD = Problem("syntax", "line 3 cannot be read: its `(` is never closed", Span("mine.py", None, 3, 11, 3, 21))


def missing(name: str, reason: str = "not_bound") -> StepResult:
    return StepResult(name, f"d({name})", "missing", reason, max_points=1.0)


def report(*problems: Problem, steps: tuple[StepResult, ...] = (missing("dh1_dwh"), missing("dw"))) -> list[str]:
    made: Result = result(steps, SOURCE, problems=problems)
    return render(replace(made, sources=(Cell(SOURCE, SOURCE),)), 100).plain.rstrip().split("\n")


def test_a_line_that_raised_before_the_first_step_is_named_at_the_end() -> None:
    assert report(RAISED)[-1] == f"0 / 2: at mine.py:2, {NAME_ERROR}"


def test_of_several_lines_the_first_is_named() -> None:
    assert report(UNREAD, RAISED)[-1].startswith("0 / 2: at mine.py:2, ")


def test_a_line_that_cannot_be_read_is_named_once() -> None:
    assert report(UNREAD)[-1] == "0 / 2: line 3 cannot be read: its `(` is never closed"


def test_what_ended_the_program_is_named_where_no_line_is_known() -> None:
    assert report(Problem("timeout", "it was stopped"))[-1] == "0 / 2: it was stopped"


@pytest.mark.parametrize("problem", [Problem("note", "a remark"), Problem("order", "a remark")])
def test_what_stops_nothing_is_not_named(problem: Problem) -> None:
    assert report(problem)[-1] == "0 / 2: nothing is wrong so far; go on with `dh1_dwh`"


def test_blanks_that_are_still_to_be_filled_are_no_error() -> None:
    steps = (step("dh0", "d(h0)", got=0.0, expected=0.0, source=None), missing("dw", "placeholder"))

    assert report(RAISED, steps=steps)[-1].endswith("nothing is wrong so far; go on with `dw`")


def test_a_line_that_cannot_be_read_is_told_before_what_is_missing() -> None:
    lines = report(UNREAD)

    told = next(number for number, line in enumerate(lines) if "cannot be read: its" in line)
    assert told < next(number for number, line in enumerate(lines) if "not there yet, worth" in line)


def test_a_step_whose_line_cannot_be_read_is_not_said_to_be_nowhere() -> None:
    lines = report(UNREAD)

    assert "   = on lines that cannot be read: `dh1_dwh`" in lines
    assert "   = not found in your code: `dw`" in lines
    assert "   help: fix line 3, then run again" in lines


@pytest.mark.parametrize(("line", "first"), [(2, True), (4, False)])
def test_a_line_that_crashed_above_the_first_wrong_step_is_told_before_it(line: int, first: bool) -> None:
    source = "h0 = 0.5\nnode.backward()\ndh1_dwh = node.grad\nnode.show()\n"
    crash = Problem("raised", "this line crashed: KeyError: 1", Span("mine.py", None, line, 1, line, 5))
    wrong = step("dh1_dwh", "d(h1)/d(w_h)", "wrong", got=0.0, expected=1.0, source=source)

    text = render(result((wrong,), source, problems=(crash,)), 100).plain

    assert (text.index("KeyError") < text.index("dh1_dwh = node.grad")) is first


def test_a_step_that_reads_what_a_line_that_cannot_be_read_would_have_bound_waits_for_that_line() -> None:
    waiting = replace(missing("dw", "placeholder"), code="dw = dh * slope")

    assert report(UNREAD, steps=(waiting,))[-1].endswith(": line 3 cannot be read: its `(` is never closed")
