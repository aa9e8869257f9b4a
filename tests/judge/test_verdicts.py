"""The verdict on a quantity, from what was observed: the tables in `judge/verdicts.py`, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from grader.exercise.types import Step
from grader.formula.build import NOWHERE
from grader.formula.syntax import Name
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import Comparison, Why
from grader.judge.verdicts import GAP_RULES, RULES, BoundFacts, GapFacts, Verdict, _judged_wrong, rule_for
from grader.model import Value
from grader.submission.load import load_bytes
from tests import warm

RIGHT = BoundFacts(natural=True, forced=True)
WRONG = BoundFacts(natural=False, forced=False)
CARRIED = BoundFacts(natural=False, forced=True)
COMPENSATED = BoundFacts(natural=True, forced=False)

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
def test_the_verdict_on_a_quantity_that_was_bound(bound: BoundFacts, outcome: str, reason: str | None) -> None:
    rule = rule_for(bound)

    assert (rule.outcome, rule.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("bound", "shows"),
    [
        (RIGHT, "natural"),
        (CARRIED, "natural"),
        (replace(CARRIED, error="earlier"), "natural"),
        (COMPENSATED, "forced"),
        (WRONG, "forced"),
        (replace(RIGHT, misshapen=True), "natural"),
        (replace(WRONG, error="own"), "none"),
        (replace(WRONG, blank=True), "none"),
    ],
)
def test_the_values_that_a_verdict_shows(bound: BoundFacts, shows: str) -> None:
    assert rule_for(bound).shows == shows


def test_every_rule_decides_something() -> None:
    errors = ("none", "blank", "own", "earlier")
    flags = list(product([False, True], repeat=6))
    decided = {
        rule_for(BoundFacts(natural, forced, committed, error, blank, cancelled, misshapen)).condition
        for natural, forced, committed, blank, cancelled, misshapen in flags
        for error in errors
    }

    assert decided == {rule.condition for rule in RULES}


def test_what_is_right_in_both_runs_is_not_accused_whatever_was_raised() -> None:
    for error in ("none", "blank", "own", "earlier"):
        accused = rule_for(replace(RIGHT, error=error)).outcome
        assert accused in ("correct", "carried")


GAPS = {
    "the program ended before it": (GapFacts("absent", ended=True), "unjudged", "not_reached"),
    "what it reads was never bound": (GapFacts("absent", empty=True), "missing", "not_bound"),
    "what it reads is a blank": (GapFacts("nothing", empty=True), "missing", "placeholder"),
    "its function is not written": (GapFacts("unwritten", empty=True), "missing", "placeholder"),
    "a forward quantity behind a blank": (GapFacts("held_up", forward=True), "missing", "not_bound"),
    "a step behind a blank": (GapFacts("held_up"), None, None),
    "it was bound all the same": (GapFacts("absent"), None, None),
}


@pytest.mark.parametrize(("gap", "outcome", "reason"), GAPS.values(), ids=GAPS)
def test_the_verdict_on_a_quantity_that_a_gap_kept_from_being_computed(
    gap: GapFacts, outcome: str | None, reason: str | None
) -> None:
    rule = next((one for one in GAP_RULES if one.holds(gap)), None)

    assert (rule and rule.outcome, rule and rule.reason) == (outcome, reason)


STEP = Step("dx", Name("dx", NOWHERE), "d(L)/d(x)")
RIGHT_AT = (Value.scalar(2.0), Value.scalar(-3.0))
TWO, THREE = Value.scalar(2.0), Value.scalar(3.0)


def reason_of(whys: Sequence[Why | None], commits: Sequence[Value], varies: bool = True) -> tuple[str, str | None, int]:
    """The verdict on values that are not right at every point: `whys` says per point what is wrong with them."""
    scene = SimpleNamespace(
        reference=SimpleNamespace(values=[{"dx": one} for one in RIGHT_AT]), varies=lambda name: varies
    )
    evidence = cast(Evidence, SimpleNamespace(scene=scene, unbound=frozenset()))
    made = _judged_wrong(evidence, Verdict(STEP, "wrong"), commits, commits, [Comparison(why) for why in whys])
    return made.outcome, made.reason, made.point


@pytest.mark.parametrize(
    ("whys", "expected"),
    [
        (["value", "value"], ("wrong", "value", 0)),
        (["not_finite", "not_finite"], ("wrong", "not_finite", 0)),
        (["not_finite", "value"], ("wrong", "value", 0)),
        (["shape", "shape"], ("wrong", "shape", 0)),
        (["tuple", "shape"], ("wrong", "tuple", 0)),
        (["value", "type"], ("unjudged", "type", 0)),
        ([None, "value"], ("wrong", "given_point_only", 1)),
        ([None, "not_finite"], ("wrong", "not_finite", 1)),
    ],
)
def test_why_a_value_is_wrong(whys: list[Why | None], expected: tuple[str, str, int]) -> None:
    assert reason_of(whys, [TWO, THREE]) == expected


@pytest.mark.parametrize(
    ("value", "whys", "varies", "reason"),
    [
        (2.0, [None, "value"], True, "constant"),  # the right number, copied down
        (2.009, ["value", "value"], True, "constant"),  # perhaps rounded
        (2.011, ["value", "value"], True, "value"),
        (3.0, ["value", "value"], True, "value"),
        (2.0, [None, "value"], False, "given_point_only"),
    ],
)
def test_a_right_number_that_never_changes_was_copied_down(
    value: float, whys: list[Why | None], varies: bool, reason: str
) -> None:
    assert reason_of(whys, [Value.scalar(value)] * 2, varies)[1] == reason


CHAIN = (Path(__file__).parents[1] / "cases" / "correct" / "plain.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("derived", "outcome"), [("12.5", "wrong"), ("h1 * dh2_raw - h0 * dh1_raw", "carried")], ids=["typed in", "derived"]
)
def test_a_copy_of_the_same_derivative_is_worth_what_the_step_is_that_it_is_copied_from(
    derived: str, outcome: str
) -> None:
    lines = [line for line in CHAIN.splitlines() if not line.startswith(("dy2_dwh", "dw_h"))]
    code = "\n".join([*lines, f"dw_h = {derived}", "dy2_dwh = dw_h", ""])

    result = warm.check("tanh-chain", load_bytes(code.encode(), "mine.py"))

    assert {step.name: step.outcome for step in result.steps if step.outcome != "correct"} == {
        "dw_h": "wrong",
        "dy2_dwh": outcome,
    }
