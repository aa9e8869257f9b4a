"""What a step earns and what a mistake costs, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.exercise.types import Credit, Policy, Step
from grader.formula.syntax import Name, Place
from grader.instrument.site import Site
from grader.instrument.sites import instrument
from grader.judge.matching.types import Match
from grader.judge.score import (
    KnownRepair,
    _elsewhere,
    are_passes,
    carried_by,
    charged_to,
    kept_wrong,
    points,
    sharing_a_repair,
    unjudged_without_time,
    wrong_by_one_line,
)
from grader.judge.verdicts import Verdict, right_steps
from grader.model import OUTCOMES, Outcome
from grader.runner.types import Event

A, B = "one change", "another change"


def verdict(name: str, outcome: Outcome = "wrong", order: int = 0, reason: str | None = "value") -> Verdict:
    """A bound step worth 2 points; `dh[3]` is of the family `dh`."""
    family = name.partition("[")[0] if "[" in name else None
    step = Step(name=name, quantity=Name(name, Place(1, 1, 1, 2)), text=name, points=2.0, family=family)
    return Verdict(step, outcome, reason, event=EVENT, order=order)


EVENT = object.__new__(Event)
"""Any binding: only whether there is one counts."""


def test_a_step_is_right_in_itself_if_it_is_correct_or_only_carries_a_mistake() -> None:
    assert right_steps(verdict(f"d{outcome}", outcome) for outcome in OUTCOMES) == {"dcorrect", "dcarried"}


@pytest.mark.parametrize(
    ("outcome", "earned"),
    [(outcome, {"correct": 2.0, "carried": 1.5, "compensated": 0.5}.get(outcome, 0.0)) for outcome in OUTCOMES],
)
def test_what_an_outcome_earns(outcome: Outcome, earned: float) -> None:
    policy = replace(Policy(), credit=Credit(carried=0.75, compensated=0.25))

    assert points(verdict("dx", outcome), policy) == earned


SHARED = {
    "one change makes both right": ("dx dw", {"dx": A, "dw": A}, {"dw": "dx"}),
    "each has its own change": ("dx dw", {"dx": A, "dw": B}, {}),
    "one has no repair": ("dx dw", {"dx": A, "dw": None}, {}),
    "neither has a repair": ("dx dw", {"dx": None, "dw": None}, {}),
    "three share one change": ("dx dw db", {"dx": A, "dw": A, "db": A}, {"dw": "dx", "db": "dx"}),
    "two pairs": ("dx dw db dy", {"dx": A, "dw": B, "db": A, "dy": B}, {"db": "dx", "dy": "dw"}),
    "passes of one loop": ("dh[2] dh[1]", {"dh[2]": A, "dh[1]": A}, {}),
    "members of two families": ("dh[2] da[2]", {"dh[2]": A, "da[2]": A}, {"da[2]": "dh[2]"}),
    "a family and a step": ("dh[2] dw", {"dh[2]": A, "dw": A}, {"dw": "dh[2]"}),
}


@pytest.mark.parametrize(("names", "changes", "shared"), SHARED.values(), ids=SHARED)
def test_which_steps_share_a_mistake_by_their_repairs(
    names: str, changes: dict[str, str | None], shared: dict[str, str]
) -> None:
    verdicts = [verdict(name, order=n) for n, name in enumerate(names.split())]

    assert sharing_a_repair(verdicts, {name: KnownRepair(change) for name, change in changes.items()}) == shared


def test_the_step_that_is_made_first_is_charged_wherever_it_stands_in_the_exercise() -> None:
    verdicts = [verdict("dx", order=7), verdict("dw", order=3)]

    assert sharing_a_repair(verdicts, {"dx": KnownRepair(A), "dw": KnownRepair(A)}) == {"dx": "dw"}


def test_a_step_seen_to_be_made_right_by_the_repair_of_another_shares_its_mistake() -> None:
    verdicts = [verdict("dx"), verdict("dw", order=1)]

    assert sharing_a_repair(verdicts, {"dx": KnownRepair(A), "dw": KnownRepair(None, "dx")}) == {"dw": "dx"}


@pytest.mark.parametrize(
    "other",
    [verdict("dw", "carried"), verdict("dw", "correct"), verdict("dw", reason="cancelled"), verdict("dw", "borrowed")],
    ids=lambda one: f"{one.outcome}-{one.reason}",
)
def test_only_a_wrong_value_shares_a_mistake(other: Verdict) -> None:
    assert sharing_a_repair([verdict("dx"), other], {"dx": KnownRepair(A), "dw": KnownRepair(A, "dx")}) == {}


def test_a_step_known_to_be_wrong_for_another_reason_shares_nothing() -> None:
    verdicts = [verdict("dx"), verdict("dw", order=1)]

    assert sharing_a_repair(verdicts, {"dx": KnownRepair(A), "dw": KnownRepair(A)}, {"dw"}) == {}


def test_a_step_that_was_never_bound_shares_nothing() -> None:
    unbound = replace(verdict("dw", order=1), event=None)

    assert sharing_a_repair([verdict("dx"), unbound], {"dx": KnownRepair(A), "dw": KnownRepair(A)}) == {}


@pytest.mark.parametrize(
    ("family", "other", "expected"), [("dh", "dh", True), ("dh", "da", False), ("dh", None, False), (None, None, False)]
)
def test_passes_are_members_of_one_family(family: str | None, other: str | None, expected: bool) -> None:
    assert are_passes(family, other) is expected


def made_at(line: int, name: str) -> Verdict:
    """A wrong step whose value is bound in that line."""
    site = Site(line, "item", (name,), "dh", "", 0, 0, (line, 8, line, 20), (line, 0, line, 20), frozenset(), False,
                copy=False, in_loop=True)  # fmt: skip
    return replace(verdict(name, order=line), match=MATCH, site=site)


MATCH = object.__new__(Match)
"""Any match: only whether there is one counts."""

LOOPS = {
    "two passes over one line": (["dh[2]", "dh[1]"], {}, {"dh[1]": "dh[2]"}),
    "three passes over one line": (["dh[2]", "dh[1]", "dh[0]"], {}, {"dh[1]": "dh[2]", "dh[0]": "dh[2]"}),
    "one mended elsewhere": (["dh[2]", "dh[1]"], {"dh[2]": (0, 4), "dh[1]": (0, 9)}, {}),
    "both mended at one other line": (["dh[2]", "dh[1]"], {"dh[2]": (0, 4), "dh[1]": (0, 4)}, {"dh[1]": "dh[2]"}),
    "one mended in the line itself": (["dh[2]", "dh[1]"], {"dh[2]": (0, 7)}, {"dh[1]": "dh[2]"}),
    "one mended in the line, one below it": (["dh[2]", "dh[1]"], {"dh[2]": (0, 7), "dh[1]": (0, 8)}, {}),
    "one mended in the line, one above it": (["dh[2]", "dh[1]"], {"dh[2]": (0, 7), "dh[1]": (0, 6)}, {}),
    "one mended in the line, one in another cell": (["dh[2]", "dh[1]"], {"dh[2]": (0, 7), "dh[1]": (1, 7)}, {}),
    "two families": (["dh[2]", "da[1]"], {}, {}),
    "steps of no family": (["dw", "db"], {}, {}),
}


@pytest.mark.parametrize(("steps", "mended", "expected"), LOOPS.values(), ids=LOOPS)
def test_what_a_wrong_line_in_a_loop_costs(
    steps: list[str], mended: dict[str, tuple[int, int]], expected: dict[str, str]
) -> None:
    assert wrong_by_one_line([made_at(7, name) for name in steps], mended) == expected


def test_two_wrong_lines_in_a_loop_cost_a_step_each() -> None:
    assert wrong_by_one_line([made_at(7, "dh[2]"), made_at(8, "dh[1]")], {}) == {}


def test_a_step_that_shares_a_mistake_is_carried_by_the_one_that_is_charged() -> None:
    later = replace(verdict("dy", "carried", reason=None), caused_by=("dx", "dw"))

    made = carried_by({"dw": "dx"}, [verdict("dx"), verdict("dw"), later])

    assert [(one.outcome, one.reason, one.caused_by) for one in made] == [
        ("wrong", "value", ()),
        ("carried", "same_mistake", ("dx",)),
        ("carried", None, ("dx",)),
    ]


@pytest.mark.parametrize(("own", "charged"), [("carried", "shape"), ("correct", "shape"), ("wrong", "value")])
def test_wrong_locals_are_charged_to_the_first_quantity_they_make_wrong(own: Outcome, charged: str) -> None:
    bearer = verdict("h", reason="shape")
    later = replace(verdict("dx", "carried", reason=None), caused_by=("local",))
    unexplained = verdict("dw", "carried", reason=None)

    made = charged_to(bearer, {"local"}, [verdict("local"), verdict("h", own), later, unexplained])

    assert [(one.step.name, one.outcome, one.caused_by) for one in made] == [
        ("h", "wrong", ()),
        ("dx", "carried", ("h",)),
        ("dw", "carried", ("h",)),
    ]
    assert made[0].reason == charged


def test_a_step_that_acts_differently_in_forced_runs_stays_wrong() -> None:
    judged = [verdict("dx"), verdict("dw"), verdict("db", "carried")]
    now = [replace(one, outcome="carried") for one in judged]

    assert [one.outcome for one in kept_wrong(now, judged, {"dw", "db"})] == ["carried", "wrong", "carried"]


def test_right_steps_are_not_judged_where_no_differentiator_was_looked_for() -> None:
    made = unjudged_without_time([verdict("dx", outcome) for outcome in OUTCOMES])

    assert [one.outcome for one in made if one.reason == "timeout"] == ["unjudged", "unjudged"]
    assert {one.outcome for one in made} == {*OUTCOMES} - {"correct", "carried"}


@pytest.mark.parametrize(
    ("mended", "elsewhere"),
    [
        (None, None),
        ((0, 2), None),  # on the first line of its statement
        ((0, 3), None),
        ((0, 4), None),  # on the last
        ((0, 1), (0, 1)),
        ((0, 5), (0, 5)),
        ((1, 3), (1, 3)),  # in another cell
    ],
)
def test_a_step_is_mended_elsewhere_if_not_in_its_own_statement(
    mended: tuple[int, int] | None, elsewhere: tuple[int, int] | None
) -> None:
    site = next(one for one in instrument("x = 1\ndx = (1 +\n  2 +\n  3)\ny = 2\n", 0).sites if "dx" in one.names)

    assert _elsewhere(site, mended) == elsewhere
