"""Lateness is worked out apart from what grading gave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from grader.batch.student_row import Final, LatePolicy, StepOverride, StudentRow, final, parse_due
from grader.errors import UsageError

DUE = datetime(2026, 11, 23, 23, 59)
POLICY = LatePolicy(DUE, penalty=10, grace=15)


def standing(score: float | None = 12.0, submitted: datetime | None = None, late: bool | None = None) -> StudentRow:
    return StudentRow(
        "anna", "Anna", "mine.py", "graded", None, score, 16.0, False, None, "w", 1, 1, submitted, late, ()
    )  # fmt: skip


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        (timedelta(minutes=-1), Final(12.0)),
        (timedelta(0), Final(12.0)),
        (timedelta(minutes=15), Final(12.0, 0.0, "late by 15 min, within the grace period")),
        (timedelta(minutes=16), Final(10.4, 1.6, "late by 16 min")),
        (timedelta(days=1), Final(10.4, 1.6, "late by 1 d")),
        (timedelta(days=1, minutes=1), Final(8.8, 3.2, "late by 1 d 1 min")),
        (timedelta(days=30), Final(0.0, 12.0, "late by 30 d")),
    ],
)
def test_what_lateness_costs(behind: timedelta, expected: Final) -> None:
    assert final(standing(submitted=DUE + behind), POLICY) == expected


@pytest.mark.parametrize(
    ("days", "policy", "expected"),
    [
        (1, LatePolicy(DUE, 10, free=2), Final(12.0, 0.0, "late by 1 d, within the free days")),
        (3, LatePolicy(DUE, 10, free=2), Final(10.4, 1.6, "late by 3 d")),
        (9, LatePolicy(DUE, 10, cap=30), Final(7.2, 4.8, "late by 9 d")),
        (9, LatePolicy(DUE, 10, free=2, cap=100), Final(0.8, 11.2, "late by 9 d")),
    ],
)
def test_free_days_and_a_cap(days: int, policy: LatePolicy, expected: Final) -> None:
    assert final(standing(submitted=DUE + timedelta(days=days)), policy) == expected


def test_points_of_steps_by_hand_change_the_score_before_the_penalty() -> None:
    steps = (StepOverride("dh1", 1.0, "", 0.0), StepOverride("dw", 0.5, "", 1.0), StepOverride("gone", 1.0, "", None))
    given = replace(standing(submitted=DUE + timedelta(hours=1)), steps_by_hand=steps)

    assert given.by_hand == 12.5
    assert final(given, POLICY) == Final(10.9, 1.6, "late by 1 h")


def test_something_else_handed_in_after_an_override_is_an_open_question() -> None:
    given = replace(standing(), overridden=True, override=15.0, stale=True)

    assert final(given, POLICY).open == (
        "something else was handed in after the override, which still counts; it is graded 12"
    )


def test_a_day_alone_is_due_at_its_end() -> None:
    assert parse_due("2026-11-23") == datetime(2026, 11, 23, 23, 59, 59)
    assert parse_due("2026-11-23 10:00") == datetime(2026, 11, 23, 10)


def test_late_by_nobody_knows_how_much_costs_nothing_and_is_left_open() -> None:
    assert final(standing(late=True), POLICY) == Final(
        12.0, 0.0, "late", "handed in late, and it is not known by how much"
    )


def test_a_score_given_by_hand_stands_whatever_lateness_costs() -> None:
    given = replace(standing(submitted=DUE + timedelta(days=2)), overridden=True, override=15.0)

    assert final(given, POLICY) == Final(15.0, 0.0, "late by 2 d")


def test_what_has_no_score_gets_none_however_late() -> None:
    assert final(standing(score=None, submitted=DUE + timedelta(days=2)), POLICY).score is None


def test_times_in_several_zones_are_compared_as_moments() -> None:
    due = parse_due("2026-11-23T23:59+01:00")
    at = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)

    assert final(standing(submitted=at), LatePolicy(due, 10)).late == "late by 1 min"
    assert final(standing(submitted=at.astimezone(timezone(timedelta(hours=-8)))), LatePolicy(due, 10)).lost == 1.6


def test_what_is_no_time_is_refused_with_an_example() -> None:
    with pytest.raises(UsageError, match="write it as 2026-11-23 23:59"):
        parse_due("tomorrow")
