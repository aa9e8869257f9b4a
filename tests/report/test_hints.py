"""Hints: a report about the first thing to fix, level by level; what they cost, and what is left of a score."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.exercise.types import Policy
from grader.model import Reveal
from grader.report.block_text import text
from grader.report.hints import PaidHint, costs_told, deducted, hints, next_hint, price

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


CASE = replace(diagnosed_case(), score=12.0, max_score=16.0)
POLICY = Policy(reveal="fix", hint_costs=(("rule", 0.75), ("fix", 2.0)))


@pytest.mark.parametrize(
    ("level", "taken", "cost"),
    [
        ("hint", (), 0.0),
        ("rule", (), 0.75),
        ("fix", (), 1.0),
        ("fix", (PaidHint("dh1_dwh", "rule", 0.75),), 0.25),
        ("fix", (PaidHint("dh2_dwh", "rule", 0.75),), 1.0),
        ("fix", (PaidHint("dh1_dwh", "rule", 3.0),), 0.0),
    ],
)
def test_the_hints_on_a_step_cost_at_most_what_the_step_is_worth(
    level: Reveal, taken: tuple[PaidHint, ...], cost: float
) -> None:
    assert price(POLICY, CASE, "dh1_dwh", level, taken) == cost


def test_a_hint_on_what_carries_no_points_is_free() -> None:
    assert price(POLICY, CASE, "h1_raw", "rule", ()) == 0


def test_what_was_paid_is_deducted_and_said() -> None:
    found = deducted(CASE, [PaidHint("dh1_dwh", "rule", 1.0)])

    assert found.score == 11
    assert found.problems[-1].kind == "note"
    assert found.problems[-1].message == (
        "hints were taken: the rule of `dh1_dwh` (1 point); that leaves 11 of 16 points"
    )


def test_a_score_does_not_fall_below_zero() -> None:
    assert deducted(replace(CASE, score=0.5), [PaidHint("dh1_dwh", "rule", 1.0)]).score == 0


@pytest.mark.parametrize(("score", "cost"), [(None, 1.0), (12.0, 0.0)])
def test_without_a_score_or_a_cost_nothing_is_deducted(score: float | None, cost: float) -> None:
    case = replace(CASE, score=score)

    assert deducted(case, [PaidHint("dh1_dwh", "rule", cost)]) == case


@pytest.mark.parametrize(
    ("reveal", "costs", "shown"),
    [
        ("values", (), "values"),
        ("values", (("rule", 1.0), ("fix", 1.0)), "hint"),
        ("values", (("fix", 1.0),), "rule"),
        ("values", (("hint", 1.0),), "location"),
        ("hint", (("fix", 0.0),), "hint"),
    ],
)
def test_a_report_stops_before_what_costs_points(
    reveal: Reveal, costs: tuple[tuple[Reveal, float], ...], shown: Reveal
) -> None:
    assert Policy(reveal=reveal, hint_costs=costs).shown == shown


def test_the_costs_are_told_in_a_sentence() -> None:
    assert costs_told(Policy()) == ""
    assert "`rule` (the chain rule of this step) 0.75 points, `fix`" in costs_told(POLICY)
