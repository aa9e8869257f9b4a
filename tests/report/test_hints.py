"""Hints: a report about the first thing to fix, level by level."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.model import Reveal
from grader.report.block_text import text
from grader.report.hints import hints, next_hint

from .cases import correct_case, diagnosed_case, empty_case, forum_case, unreadable_case


def test_each_level_adds_something_about_the_first_mistake() -> None:
    found = hints(replace(diagnosed_case(), reveal="values"))

    assert {one.step for one in found} == {"dh1_dwh"}
    assert [one.level for one in found] == ["location", "hint", "rule", "fix"]
    assert [one.following for one in found] == ["hint", "rule", "fix", None]


def test_the_repair_is_shown_by_the_last_level_only() -> None:
    *earlier, last = [text(one.block) for one in hints(replace(diagnosed_case(), reveal="values"))]

    assert "dh1_dwh = (1 - h1**2) * dh1raw_dwh" in last
    assert not any("1 - h1**2) * dh1raw_dwh" in one for one in earlier)


def test_the_right_value_is_no_hint() -> None:
    said = "".join(text(one.block) for one in hints(replace(diagnosed_case(), reveal="values")))

    assert "where autograd gives" not in said


@pytest.mark.parametrize("most", ["location", "hint", "rule"])
def test_nothing_above_the_level_of_the_exercise_is_shown(most: Reveal) -> None:
    found = hints(replace(diagnosed_case(), reveal=most))

    assert (found[-1].level, found[-1].following) == (most, None)


def test_levels_that_add_nothing_are_left_out() -> None:
    found = hints(replace(forum_case(), reveal="values"))
    said = [text(one.block) for one in found]

    assert len(said) == len(set(said)) < 4


def test_where_everything_is_right_there_is_no_hint() -> None:
    assert hints(correct_case()) == ()


def test_what_cannot_be_read_comes_before_every_step() -> None:
    (only,) = hints(unreadable_case())

    assert only.step is None


def test_of_an_empty_starter_the_first_step_comes_first() -> None:
    case = empty_case()

    assert hints(case)[0].step == next(step.name for step in case.steps if step.outcome == "missing")


def test_the_next_hint_is_the_first_above_what_was_shown() -> None:
    found = hints(replace(diagnosed_case(), reveal="values"))
    shown: list[Reveal | None] = [None, "location", "hint", "rule", "fix", "values"]

    assert [next_hint(found, one).level for one in shown] == ["location", "hint", "rule", "fix", "fix", "fix"]
