"""A line that cannot be read costs the step it would have bound; all others are judged with that one right."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import Result
from tests import warm

LINES = (Path(__file__).parents[2] / "solutions" / "tanh-chain.py").read_text().split("\n")
STEPS = ("dh1raw_dwh", "dh1_dwh", "dh2raw_dwh", "dh2", "dh2_raw", "dw_h")


def line_of(name: str) -> int:
    return next(number for number, line in enumerate(LINES, 1) if line.startswith(f"{name} ="))


def handed_in(folder: Path, lines: list[str]) -> Result:
    (folder / "mine.py").write_text("\n".join(lines))
    return warm.check("tanh-chain", folder / "mine.py")


@pytest.mark.parametrize("broken", ["= (", "= − ", "=\u00a0", "= = "])
@pytest.mark.parametrize("name", STEPS)
def test_a_step_whose_line_cannot_be_read_is_all_that_is_lost(name: str, broken: str, tmp_path: Path) -> None:
    number = line_of(name)

    result = handed_in(tmp_path, [*LINES[: number - 1], LINES[number - 1].replace("= ", broken), *LINES[number:]])

    assert [step.name for step in result.steps if step.outcome not in ("correct", "carried")] == [name]
    assert result.score == result.max_score - 1
    (problem,) = result.problems
    assert problem.where is not None
    assert (problem.kind, problem.where.line) == ("syntax", number)


@pytest.mark.parametrize("name", ["w_h", "h1_raw", "h2"])
def test_a_forward_line_that_cannot_be_read_costs_nothing(name: str, tmp_path: Path) -> None:
    number = line_of(name)

    result = handed_in(tmp_path, [*LINES[: number - 1], f"{name} = (1", *LINES[number:]])

    assert result.score == result.max_score


def test_a_script_in_python_2_is_graded_and_told_so(tmp_path: Path) -> None:
    result = handed_in(tmp_path, [*LINES, "print 'dw_h', dw_h", "if dw_h <> 8L:", "    print dw_h"])

    assert result.score == result.max_score
    assert [problem.message for problem in result.problems] == [
        f"line {len(LINES) + 1} is Python 2: write `print('dw_h', dw_h)` for `print 'dw_h', dw_h`; "
        f"so are lines {len(LINES) + 2} and {len(LINES) + 3}"
    ]


def test_a_name_that_only_python_2_has_is_said_to_be_that(tmp_path: Path) -> None:
    first = line_of("h0")

    result = handed_in(tmp_path, [*LINES[:first], "for t in xrange(3):", "    s = t", *LINES[first:]])

    assert result.score == result.max_score
    assert [problem.message for problem in result.problems] == ["this line is Python 2: write `range` for `xrange`"]
