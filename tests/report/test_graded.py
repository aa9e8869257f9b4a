"""Whole reports of submissions as they are graded, as a student sees them who asks for nothing special.

GRADER_UPDATE_GOLDEN=1 writes them anew; each was read as one reads at midnight: no sentence may have to be read twice.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

import grader
from grader.model import REVEAL_LEVELS, Cell, Diagnosis, Problem, Result, Reveal, Span, StepResult
from grader.report.account import blocks
from grader.report.crashes import crashes
from grader.report.terminal import render
from grader.submission.wording import CRASHED, SPOILT, WITHOUT

GRADED = Path(__file__).parents[1] / "golden" / "graded"
FILES = sorted(path for path in GRADED.iterdir() if path.suffix in (".py", ".ipynb"))
_RESULTS: dict[Path, Result] = {}


def result_of(path: Path) -> Result:
    if path not in _RESULTS:
        named = re.search(r"exercise: ([\w-]+)", path.read_text())
        assert named is not None
        _RESULTS[path] = grader.check(named[1], path)
    return _RESULTS[path]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_report_is_the_one_that_was_read(path: Path) -> None:
    file = path.with_suffix(".txt")
    text = render(result_of(path), 100, "first").plain
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        file.write_text(text, "utf-8")

    assert file.read_text("utf-8") == text


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_line_is_wider_than_the_terminal(path: Path, width: int) -> None:
    for detail in ("first", "all"):
        result = result_of(path)
        lines = render(result, width, detail).plain.split("\n")  # type: ignore[arg-type]  # a level, as a text
        whole = {line.strip() for block in blocks(result) for line in block.code}
        assert [line for line in lines if len(line) > width and "-->" not in line and line.strip() not in whole] == []


def test_a_repair_is_not_cut_on_a_narrow_terminal() -> None:
    lines = render(result_of(next(path for path in FILES if path.stem == "six_mistakes")), 40, "all").plain.split("\n")

    assert "          dw_h = h1 * dh2_raw + h0 * dh1_raw" in lines


@pytest.mark.parametrize("reveal", ["location", "hint"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_hint_shows_no_repair(path: Path, reveal: Reveal) -> None:
    made = replace(result_of(path), reveal=reveal)
    shown = render(made, 200).plain
    data = str([step["diagnosis"] for step in made.to_dict()["steps"]])  # type: ignore[attr-defined]
    source = "\n".join(cell.text for cell in made.sources)

    for step in (*made.forward, *made.steps):
        found = step.diagnosis
        repairs = {found.fix, found.replace_with, *found.alternatives} - {None, ""} if found is not None else set()
        for repair in (str(one) for one in repairs if str(one) not in source):
            assert repair not in shown
            assert repair not in data
    assert "` is needed" not in shown + data
    assert "where the line is marked" not in shown


def test_the_first_mistake_is_told_whole_and_each_other_one_in_a_line() -> None:
    made = result_of(GRADED / "six_mistakes.py")
    first, everything = (render(made, 200, detail).plain for detail in ("first", "all"))

    assert first.count("-->") == 1
    assert everything.count("-->") == 6
    assert len(re.findall(r"^\d\. ", first, re.M)) == 6
    assert "`--all` shows each of them in full" in first
    assert "--all" not in everything


def test_steps_that_are_right_share_a_line_unless_all_are_wanted() -> None:
    made = result_of(GRADED / "same_mistake_twice.py")
    first, everything = (render(made, 100, detail).plain for detail in ("first", "all"))

    assert "  right: `dy2`, `dw_y` and `dh2`\n" in first
    assert not re.search(r"^  dw_y +right", first, re.M)
    assert re.search(r"^  dw_y +right", everything, re.M)


@pytest.mark.parametrize(
    ("name", "root", "consequence"),
    [
        ("open_bracket", "cannot be read: its `(` is never closed", "on lines that cannot be read: `dh2_raw`"),
        ("missing_package", "`mytools` is not installed here", "`slope` comes from line 2, and could not be imported"),
        ("early_end", "line 13 ends the program", "`dh1`, `dh1_raw` and `dw_h` could not be graded"),
        ("compared", "`==` only compares", "in your code, but not computed: `dh2`"),
    ],
)
def test_what_follows_from_a_root_stands_below_it(name: str, root: str, consequence: str) -> None:
    shown = render(result_of(GRADED / f"{name}.py"), 200, "first").plain

    assert -1 < shown.find(root) < shown.find(consequence)


def test_a_line_that_crashes_for_what_it_was_handed_is_told_at_the_mistake_alone() -> None:
    shown = render(result_of(GRADED / "exchanged_arguments.py"), 200, "first").plain

    assert "line 23 crashes because of this: ValueError" in shown
    assert "fix line 23" not in shown


def test_only_steps_that_the_code_binds_are_said_to_be_in_it(tmp_path: Path) -> None:
    """`w_y = 40.0` binds no dw_y; `grads["w_h"] = ...` does bind dw_h."""
    path = tmp_path / "mine.py"
    path.write_text("h0, w_h = 0.5, 2.0\nw_y = 40.0\nh1 = f(w_h*h0\nh2_raw = w_h*h1\ngrads['w_h'] = h0\n")
    made = grader.check("tanh-chain-reverse", path)

    shown = render(made, 200).plain

    assert "in your code, but not computed: `dw_h`\n" in shown
    assert "on lines that cannot be read" not in shown


def test_a_crash_that_follows_from_a_missing_step_is_not_told_again() -> None:
    source = "import math\nh0, w_h, w_y = 0.5, 2.0, 40.0\nt = dh2 * 2\ndw_y = math.tanh(t)\ndh1 = t + nothing\n"
    lines = source.split("\n")
    where = [Span("mine.py", None, number, 1, number, 9) for number in (3, 4, 5)]
    names = ("dh2", "t", "nothing")
    raised = tuple(
        Problem("raised", f"{CRASHED}NameError: name '{name}' is not defined", at)
        for name, at in zip(names, where, strict=True)
    )
    steps = (StepResult("dh2", "d(y2)/d(h2)", "missing", "not_bound", max_points=1.0),)
    sources = (Cell(source, source),)
    compared = replace(result_of(GRADED / "compared.py"), submission="mine.py")
    made = replace(compared, steps=steps, problems=raised, sources=sources)

    assert crashes(made).follows == {raised[0]: "dh2", raised[1]: "dh2"}
    assert lines[4] in render(made, 80).plain


def test_a_line_that_changes_a_right_value_is_not_repaired_but_moved() -> None:
    source = "p = 1.0\np = p - 0.1\ndq = p\n"
    at = Span("mine.py", None, 2, 5, 2, 12)
    found = Diagnosis("`0.1` stands where `0.0` is needed.", "likely", replace_with="0.0", fix="p = p - 0.0")
    wrong = StepResult("dq", "d(y)/d(q)", "wrong", "value", where=at, remark=f"`p` was right on line 1; line 2{SPOILT}")
    compared = replace(result_of(GRADED / "compared.py"), submission="mine.py")
    made = replace(compared, sources=(Cell(source, source),), problems=(), forward=())
    shown = render(replace(made, steps=(replace(wrong, diagnosis=found),)), 100).plain

    assert "0.0" not in shown
    assert "help: use another name in this line, or move it down" in shown


def test_lines_that_crash_because_of_a_mistake_are_told_of_there() -> None:
    shown = render(result_of(GRADED / "comma_at_the_end.py"), 200).plain

    assert "lines 12 to 15 crash because of this" in shown
    assert "TypeError" not in shown


def test_every_level_has_a_report() -> None:
    assert all(render(replace(result_of(path), reveal=level), 80).plain for path in FILES for level in REVEAL_LEVELS)


def test_packages_that_are_done_without_share_one_block() -> None:
    packages = [
        Problem(
            "package", f"`{name}` is not installed here; line {line} {WITHOUT}", Span("a.py", None, line, 1, line, 9)
        )
        for line, name in enumerate(("pandas", "numba", "tqdm"), 4)
    ]
    result = replace(result_of(next(path for path in FILES if path.stem == "six_mistakes")), problems=tuple(packages))

    assert blocks(result)[0].headline == (
        "`pandas`, `numba` and `tqdm` are not installed here; lines 4 to 6 were run without them"
    )


def test_an_import_that_crashes_stands_first_and_names_the_line_of_the_helper() -> None:
    path = next(path for path in FILES if path.stem == "six_mistakes")
    source = f"from helper import dtanh\n{path.read_text('utf-8')}"
    crashed = Problem("raised", f"{CRASHED}SyntaxError: '(' was never closed (helper.py, line 1)",
                      Span(path.name, None, 1, 1, 1, 25))  # fmt: skip
    result = replace(result_of(path), problems=(crashed,), sources=(Cell(source, source),))

    assert blocks(result)[0].help == "fix line 1 of helper.py, then run again"


def test_a_line_that_an_earlier_mistake_makes_crash_is_judged_and_told_of_once() -> None:
    source = "p = 1.0\ndq = 2 * p**-1\n"
    at = Span("mine.py", None, 2, 1, 2, 15)
    wrong = StepResult("dq", "d(y)/d(q)", "wrong", "value", where=at, max_points=1.0)
    raised = Problem("raised", f"{CRASHED}ZeroDivisionError: division by zero", at)
    compared = replace(result_of(GRADED / "compared.py"), submission="mine.py", forward=(), problems=(raised,))
    made = replace(compared, steps=(wrong,), sources=(Cell(source, source),))

    assert crashes(made).follows == {raised: "dq"}
    shown = " ".join(render(made, 200).plain.split())
    assert shown.count("ZeroDivisionError") == 1
    assert "this line crashes, because of an earlier mistake: ZeroDivisionError: division by zero" in shown
