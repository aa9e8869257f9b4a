"""What hints cost, and what is left of a score."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.exercise.types import Policy
from grader.model import Reveal
from grader.report.hints import PaidHint, costs_told, deducted, price

from .cases import diagnosed_case

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
