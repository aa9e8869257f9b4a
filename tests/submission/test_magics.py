"""What only IPython understands is put out of action, and nothing else moves."""

from __future__ import annotations

import json

import pytest

from grader.model import Span, Submission
from grader.submission.load import load_bytes


def read(source: str) -> Submission:
    cell = {"cell_type": "code", "source": source, "execution_count": None}
    return load_bytes(json.dumps({"nbformat": 4, "cells": [cell]}).encode(), "x.ipynb")


def source_of(source: str) -> str:
    (cell,) = read(source).cells
    return cell.source


def notes(submission: Submission) -> list[str]:
    return [problem.message for problem in submission.problems]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("%matplotlib inline", "pass"),
        ("!pip install torch", "pass"),
        ("!!ls", "pass"),
        ("?math", "pass"),
        ("math.tanh?", "pass"),
        ("math??", "pass"),
        ("files = !ls", "files = None"),
        ("a, b = %who_ls", "a, b = None"),
        ("y = %time h * 2", "y =       h * 2"),
        ("%time y = h * 2", "if 1: y = h * 2"),
        ("%timeit h * 2", "pass"),
    ],
)
def test_a_line_for_ipython_is_replaced(line: str, instead: str) -> None:
    assert source_of(f"h = 1\n{line}\nz = h") == f"h = 1\n{instead}\nz = h"


def test_the_text_shown_stays_as_the_student_wrote_it() -> None:
    (cell,) = read("%matplotlib inline\nh = 1").cells

    assert cell.text == "%matplotlib inline\nh = 1"


def test_the_indentation_of_a_magic_stays() -> None:
    assert source_of("for t in x:\n    !echo\n    y = t") == "for t in x:\n    pass\n    y = t"


def test_a_command_over_several_lines_leaves_as_many() -> None:
    assert source_of("!echo \\\n  a \\\n  b\nh = 1") == "pass\n\n\nh = 1"


def test_a_percent_sign_in_a_string_or_an_expression_is_no_magic() -> None:
    source = 's = """\n%time\n!ls\n"""\na = (7\n% 3)'

    assert source_of(source) == source


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%timeit -n 1", "\n%%time", "# timed\n%%time"])
def test_the_body_of_a_timing_magic_runs(magic: str) -> None:
    lines = source_of(f"{magic}\nh = 1").split("\n")

    assert lines[-1] == "h = 1"
    assert len(lines) == len(magic.split("\n")) + 1


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile a.py", "%%javascript", "%%R"])
def test_a_cell_in_another_language_is_left_out_with_a_note(magic: str) -> None:
    submission = read(f"{magic}\nx = 1")

    assert submission.cells == ()
    assert notes(submission)[0] == f"cell 1 was not run: it is for `{magic}`"


def test_a_magic_that_was_not_run_is_noted_with_its_place() -> None:
    submission = read("h = 1\n  \n%pylab inline")

    (problem,) = submission.problems
    assert (problem.kind, problem.message) == ("note", "the magic `%pylab inline` was not run")
    assert problem.where == Span("x.ipynb", 1, 3, 1, 3, 14)


def test_the_magics_of_a_cell_are_noted_together() -> None:
    assert notes(read("!a\n!b\n!c\n!d\n!e")) == ["`!a`, `!b`, `!c` and 2 more were not run"]


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "%load_ext autoreload",
        "%autoreload 2",
        "%config A.b = 1",
        "%time h = 1",
        "%%time\nh = 1",
        "%grade tanh-chain",
        "%%grade tanh-chain\nh = 1",
    ],
)
def test_a_harmless_magic_needs_no_note(line: str) -> None:
    assert read(line).problems == ()


def test_a_broken_line_after_a_magic_is_reported_where_it_stands() -> None:
    submission = read("%matplotlib inline\ndh = (1 - h**2")

    assert submission.problems[0].where == Span("x.ipynb", 1, 2, 6, 2, 15)


def test_a_line_that_begins_with_a_division_is_a_broken_line_not_a_call() -> None:
    submission = read("x = a\n/ 2")

    assert [p.kind for p in submission.problems] == ["syntax"]


def test_a_script_may_hold_magics_too() -> None:
    (cell,) = load_bytes(b"%matplotlib inline\nh = 1\n", "x.py").cells

    assert cell.source == "pass\nh = 1\n"


def test_the_calls_an_export_writes_for_magics_are_not_made() -> None:
    submission = load_bytes(b"get_ipython().system('ls'); h = 1\nx = get_ipython().getoutput('ls')\n", "x.py")

    assert submission.cells[0].source == "None                      ; h = 1\nx = None                         \n"
    assert notes(submission) == ["`get_ipython().system('ls')` and `get_ipython().getoutput('ls')` were not run"]


def test_an_exported_call_over_several_lines_leaves_what_follows_in_its_column() -> None:
    submission = load_bytes("x = get_ipython().getoutput(\n  'é'); h = 1\n".encode(), "x.py")

    assert submission.cells[0].source == "x = (None\n     ); h = 1\n"


def test_an_exported_harmless_magic_needs_no_note() -> None:
    assert load_bytes(b"get_ipython().run_line_magic('matplotlib', 'inline')\n", "x.py").problems == ()


def test_the_cell_with_which_a_student_checks_the_notebook_needs_no_note() -> None:
    submission = read('import sys\n!"{sys.executable}" -m grader check tanh-chain mine.ipynb')

    assert submission.cells[0].source == "import sys\npass"
    assert submission.problems == ()
