"""What changed from one check to the next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.model import Outcome, Problem
from grader.report.changes import CheckStanding, changed, readable, standing

from .cases import correct_case, forum_case, unreadable_case


def at(score: float | None, **outcomes: Outcome) -> CheckStanding:
    return CheckStanding(score, 4.0, outcomes)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (at(2, a="wrong", b="correct"), at(3, a="correct", b="correct"), "`a` is right now; 2 to 3"),
        (at(2, a="wrong", b="wrong"), at(4, a="correct", b="correct"), "`a` and `b` are right now; 2 to 4"),
        (at(2, a="wrong", b="carried"), at(3, a="correct", b="correct"), "`a` is right now; 2 to 3"),
        (at(3, a="correct", b="correct"), at(2, a="wrong", b="carried"), "`a` is wrong now; 3 to 2"),
        (at(2, a="wrong"), at(3, a="carried"), "`a` is right now but for what feeds it; 2 to 3"),
        (at(3, a="correct"), at(3, a="wrong"), "`a` is wrong now; still 3 of 4"),
        (at(1, a="correct", b="wrong"), at(2, a="wrong", b="correct"), "`b` is right now, `a` is wrong now; 1 to 2"),
        (at(2, a="missing"), at(2, a="wrong"), "`a` is wrong now; still 2 of 4"),
        (at(None, a="unjudged"), at(3, a="correct"), "`a` is right now"),
        (at(2, a="wrong"), at(2, a="wrong"), ""),
        (at(2, a="compensated"), at(2.5, a="compensated"), "2 to 2.5"),
    ],
)  # fmt: skip
def test_the_sentence_names_the_steps_and_the_score(before: CheckStanding, after: CheckStanding, said: str) -> None:
    assert changed(before, after) == said


def test_a_step_that_only_one_of_the_checks_had_has_not_changed() -> None:
    assert changed(at(2, a="wrong"), at(2, b="wrong")) == ""


def test_a_check_stands_where_its_scored_steps_stand() -> None:
    before = standing(forum_case())

    assert before.outcomes["dh1_dwh"] == "wrong"
    assert "h1_raw" not in before.outcomes


@pytest.mark.parametrize("kind", ["syntax", "unreadable"])
def test_a_result_without_lines_that_cannot_be_read_is_not_compared(kind: str) -> None:
    cut = replace(correct_case(), problems=(Problem("syntax" if kind == "syntax" else "unreadable", "cut"),))

    assert [readable(one) for one in (correct_case(), cut, unreadable_case())] == [True, False, False]
