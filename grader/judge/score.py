"""What a step earns and what a mistake costs: the only place where outcomes become points. An outcome changes after
`verdicts.judge` has decided it only here, and in `diagnosis.lines_not_run`.

A correct step earns its points, a carried and a compensated one the shares of them in the exercise's policy, every
other one nothing. One mistake costs one step: of wrong steps with one mistake the first stays wrong, and the others
become carried. Each function says its own rule; the table "What gives points" in ARCHITECTURE.md has the stages that
apply them, and what shows in each of them that steps have one mistake.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.exercise.types import Policy
from grader.instrument.site import Site
from grader.judge.verdicts import Verdict
from grader.model import RIGHT, Outcome

BY_VALUE = ("value", "given_point_only")
"""Reasons of steps whose values are wrong and depend on what they are made from."""


def points(verdict: Verdict, policy: Policy) -> float:
    """The points a verdict earns."""
    share: dict[Outcome, float] = {
        "correct": 1.0,
        "carried": policy.credit.carried,
        "compensated": policy.credit.compensated,
    }
    return verdict.step.points * share.get(verdict.outcome, 0.0)


def rounded(number: float) -> float:
    """Round a sum of shares to what one would write: 12, not 11.999999999999998."""
    return round(number, 9)


@dataclass(frozen=True, slots=True)
class KnownRepair:
    """What is known of the repair of a wrong step. `change` identifies it: two steps with equal changes are made right
    by one change. `mended_by`: the step whose repair was seen to make this step right too."""

    change: Hashable | None
    mended_by: str | None = None


def sharing_a_repair(
    verdicts: Sequence[Verdict], repairs: Mapping[str, KnownRepair], apart: Collection[str] = ()
) -> dict[str, str]:
    """Return the wrong steps that have the mistake of another step, each with the step that is charged with it: one
    change at one place makes both right, or the repair of that step was seen to make this one right too. The steps in
    `apart` are known to be wrong for another reason. A step that is right only because terms cancel shares nothing: its
    value is right whatever is changed."""
    first: dict[Hashable, Verdict] = {}
    shared: dict[str, str] = {}
    wrong = (one for one in verdicts if one.outcome in ("wrong", "compensated") and one.reason != "cancelled")
    for verdict in sorted(wrong, key=lambda one: (one.outcome == "compensated", one.order)):
        repair = repairs.get(verdict.step.name)
        if repair is None or verdict.step.name in apart:
            continue
        if repair.mended_by is not None:
            shared[verdict.step.name] = repair.mended_by
        elif repair.change is not None and verdict.event is not None:
            # A mistake made twice may cancel (a wrong sign), but never comes first: without it nothing is wrong.
            cancels = verdict.outcome == "compensated"
            lead = first.get(repair.change, verdict) if cancels else first.setdefault(repair.change, verdict)
            if lead is not verdict and not are_passes(verdict.step.family, lead.step.family):
                shared[verdict.step.name] = lead.step.name
    return shared


def are_passes(family: str | None, other: str | None) -> bool:
    """Whether two steps with these families are made in the passes of one loop, so that no repair shows that they share
    a mistake: each may also have a mistake of its own, which a repair of the line would hide."""
    return family is not None and family == other


def wrong_by_one_line(verdicts: Sequence[Verdict], mended: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """Return the wrong members of families whose own line spoilt another member in an earlier pass of a loop, each with
    that member.

    `mended` gives the cell and line of a step's repair, where there is one: members of one line that are mended at two
    other places have a mistake each. Steps that are no family share a mistake only where a repair shows it: otherwise a
    line that fills many of them with anything at all would cost only one step."""
    first: dict[tuple[int, tuple[int, int] | None], Verdict] = {}
    found: dict[str, str] = {}
    for verdict in wrong_in_order(verdicts):
        if verdict.site is None or verdict.step.family is None or verdict.reason not in BY_VALUE:
            continue
        elsewhere = _elsewhere(verdict.site, mended.get(verdict.step.name))
        leads = [one for (site, _), one in first.items() if site == verdict.site.number]
        lead = first.setdefault((verdict.site.number, elsewhere), verdict)
        if lead is verdict and verdict.step.name not in mended and leads:
            lead = leads[0]
        if lead is not verdict and are_passes(verdict.step.family, lead.step.family):
            found[verdict.step.name] = found.get(lead.step.name, lead.step.name)
    return found


def missing_by_one_line(verdicts: Sequence[Verdict], unread: Collection[int]) -> dict[str, str]:
    """Return the members of families that one line did not make in several passes of a loop, since it raised, or is one
    of the sites in `unread`, which cannot be read; each with the first of them. A line that is yet to be written is
    none of these."""
    first: dict[tuple[str, int], str] = {}
    found: dict[str, str] = {}
    for one in sorted(verdicts, key=lambda one: one.order):
        if one.site is None or one.step.family is None:
            continue
        raised = one.outcome == "wrong" and one.reason == "raised"
        if raised or (one.outcome == "missing" and one.site.number in unread):
            lead = first.setdefault((one.step.family, one.site.number), one.step.name)
            if lead != one.step.name:
                found[one.step.name] = lead
    return found


def wrong_in_order(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The wrong asked-for steps, in the order in which they were made."""
    wrong = [one for one in verdicts if one.outcome == "wrong" and one.match is not None and one.event is not None]
    wrong = [one for one in wrong if one.reason != "cancelled"]  # their values are right
    return sorted(wrong, key=lambda one: one.order)


def _elsewhere(site: Site, mended: tuple[int, int] | None) -> tuple[int, int] | None:
    """Where a step is mended, if not in its own statement."""
    within = mended is None or (mended[0] == site.cell and site.statement[0] <= mended[1] <= site.statement[2])
    return None if within else mended


def carried_by(carried: Mapping[str, str], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts with the steps in `carried` carried, each caused by the step it is mapped to. Later steps
    that were caused by such a step are caused by that one."""
    changed = []
    for one in verdicts:
        if one.step.name in carried:
            one = replace(one, outcome="carried", reason="same_mistake", caused_by=(carried[one.step.name],))
        elif one.caused_by:
            one = replace(one, caused_by=tuple(dict.fromkeys(carried.get(name, name) for name in one.caused_by)))
        changed.append(one)
    return tuple(changed)


def charged_to(bearer: Verdict, locals_: Collection[str], verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts without those of `locals_`, local variables of the student's that were judged as if the
    exercise asked for them. `bearer`, the verdict on the first quantity that they make wrong, is charged with them: it
    stands for the verdict on that quantity, unless this has a mistake of its own, and causes what they caused."""
    name = bearer.step.name
    changed = []
    for one in verdicts:
        if one.step.name in locals_:
            continue
        if one.step.name == name and one.outcome != "wrong":
            one = bearer
        elif one.outcome == "carried":
            causes = dict.fromkeys(name if cause in locals_ else cause for cause in one.caused_by)
            one = replace(one, caused_by=tuple(causes) or (name,))
        changed.append(one)
    return tuple(changed)


def kept_wrong(verdicts: Sequence[Verdict], judged: Sequence[Verdict], apart: Collection[str]) -> tuple[Verdict, ...]:
    """Return the verdicts, where those of the steps in `apart` that were `judged` wrong and have become carried are
    wrong again: without the mistake that they share, such a step would still not be derived, or would be right only by
    a changed condition."""
    wrong = {one.step.name: one for one in judged if one.step.name in apart and one.outcome == "wrong"}
    return tuple(wrong.get(one.step.name, one) if one.outcome == "carried" else one for one in verdicts)


def unjudged_without_package(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts with missing steps unjudged, as code that needs a missing package may have computed them."""
    return tuple(
        replace(one, outcome="unjudged", reason="package")
        if one.outcome == "missing" and one.reason == "not_bound"
        else one
        for one in verdicts
    )


def unjudged_without_time(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts with right steps unjudged, as nothing shows whether they depend on a differentiator."""
    return tuple(
        replace(one, outcome="unjudged", reason="timeout") if one.outcome in RIGHT else one for one in verdicts
    )
