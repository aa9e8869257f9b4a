"""The verdict on a quantity, from what was observed: the tables in `judge/verdicts.py`, row by row."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from grader.judge.verdicts import GAP_RULES, RULES, Bound, Gap, rule_for

RIGHT = Bound(natural=True, forced=True)
WRONG = Bound(natural=False, forced=False)
CARRIED = Bound(natural=False, forced=True)
COMPENSATED = Bound(natural=True, forced=False)

CASES = {
    "right in both runs": (RIGHT, "correct", None),
    "wrong in both runs": (WRONG, "wrong", "value"),
    "right with right values only": (CARRIED, "carried", None),
    "right without right values only": (COMPENSATED, "compensated", "value"),
    "right, and not handed over": (replace(COMPENSATED, committed=False), "correct", None),
    "wrong, and not handed over": (replace(WRONG, committed=False), "unjudged", "not_reached"),
    "a blank": (replace(WRONG, blank=True), "missing", "placeholder"),
    "a blank that an error left behind": (replace(WRONG, blank=True, error="own"), "wrong", "raised"),
    "right because terms cancel": (replace(RIGHT, cancelled=True), "wrong", "cancelled"),
    "wrong, though terms would cancel": (replace(WRONG, cancelled=True), "wrong", "value"),
    "stopped at a blank": (replace(WRONG, error="blank"), "missing", "placeholder"),
    "its own line raised": (replace(WRONG, error="own"), "wrong", "raised"),
    "stopped by an earlier error": (replace(WRONG, error="earlier"), "unjudged", "raised"),
    "right once the error was out of the way": (replace(CARRIED, error="earlier"), "carried", "raised"),
    "its shape spoils what follows": (replace(RIGHT, misshapen=True), "wrong", "shape"),
    "an error before what its shape spoils": (replace(WRONG, misshapen=True, error="earlier"), "unjudged", "raised"),
}


@pytest.mark.parametrize(("bound", "outcome", "reason"), CASES.values(), ids=CASES)
def test_the_verdict_on_a_quantity_that_was_bound(bound: Bound, outcome: str, reason: str | None) -> None:
    rule = rule_for(bound)

    assert (rule.outcome, rule.reason) == (outcome, reason)


def test_every_rule_decides_something() -> None:
    errors = ("none", "blank", "own", "earlier")
    flags = list(product([False, True], repeat=6))
    decided = {
        rule_for(Bound(natural, forced, committed, error, blank, cancelled, misshapen)).condition
        for natural, forced, committed, blank, cancelled, misshapen in flags
        for error in errors
    }

    assert decided == {rule.condition for rule in RULES}


def test_what_is_right_in_both_runs_is_not_accused_whatever_was_raised() -> None:
    for error in ("none", "blank", "own", "earlier"):
        accused = rule_for(replace(RIGHT, error=error)).outcome
        assert accused in ("correct", "carried")


GAPS = {
    "the program ended before it": (Gap("absent", ended=True), "unjudged", "not_reached"),
    "what it reads was never bound": (Gap("absent", empty=True), "missing", "not_bound"),
    "what it reads is a blank": (Gap("nothing", empty=True), "missing", "placeholder"),
    "its function is not written": (Gap("unwritten", empty=True), "missing", "placeholder"),
    "a forward quantity behind a blank": (Gap("held_up", forward=True), "missing", "not_bound"),
    "a step behind a blank": (Gap("held_up"), None, None),
    "it was bound all the same": (Gap("absent"), None, None),
}


@pytest.mark.parametrize(("gap", "outcome", "reason"), GAPS.values(), ids=GAPS)
def test_the_verdict_on_a_quantity_that_a_gap_kept_from_being_computed(
    gap: Gap, outcome: str | None, reason: str | None
) -> None:
    rule = next((one for one in GAP_RULES if one.holds(gap)), None)

    assert (rule and rule.outcome, rule and rule.reason) == (outcome, reason)
