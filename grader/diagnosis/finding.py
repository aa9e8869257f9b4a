"""What is said of one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.formula.syntax import Place
from grader.judge.verdicts import Verdict
from grader.model import Diagnosis, Span
from grader.runner.site import Site
from grader.runner.types import Sites

if TYPE_CHECKING:
    from grader.judge.shared import Shared  # of no use where nothing is wrong, and slow to import


@dataclass(frozen=True, slots=True)
class Finding:
    """The diagnosis, the smallest range to change, and the change itself (`place` in the source of cell `cell`
    becomes `text`) where there is one; `facts` is what is known without it. `mended_by` is the step whose change, by
    itself, makes this one right too: one mistake is behind both. `rewritten`: no small change does it, the line is
    written anew; `anew`: as its chain rule says. `cost` says how small the change is, `adds` whether it puts in
    what is missing, and `in_part` whether it puts in a part of the right formula."""

    diagnosis: Diagnosis
    where: Span | None = None
    cell: int | None = None
    place: Place | None = None
    text: str | None = None
    facts: Diagnosis | None = None
    mended_by: str | None = None
    rewritten: bool = False
    anew: bool = False
    cost: float = 0.0
    adds: bool = False
    in_part: bool = False


Change = tuple[int, Place, str]
"""A cell, a place in its source, and what is to stand there."""


def change_of(finding: Finding) -> Change | None:
    """The change a finding asks for, None where it asks for none."""
    if finding.cell is None or finding.place is None or finding.text is None:
        return None
    return finding.cell, finding.place, finding.text


def needs_explaining(verdict: Verdict) -> bool:
    """Whether there is something to find out about a step beyond its verdict."""
    return verdict.outcome in ("wrong", "compensated", "borrowed") or raised_alone(verdict)


def raised_alone(verdict: Verdict) -> bool:
    """Whether a step's own statement raised, with everything before it right."""
    return verdict.outcome == "unjudged" and verdict.reason == "raised" and verdict.match is None


def needs_running(verdict: Verdict, findings: Mapping[str, Finding]) -> bool:
    """Whether a wrong step has no repair, or one that writes its line anew."""
    own = findings.get(verdict.step.name)
    if verdict.outcome != "wrong" or verdict.site is None or own is None:
        return False
    return own.text is None or own.anew


def one_mistake_each(
    verdicts: Sequence[Verdict], findings: Mapping[str, Finding], apart: frozenset[str] = frozenset()
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Verdicts and findings where a mistake in a function that several steps call is wrong once: at the step that came
    first. The others' own lines are right; what they call is not. The same of a line in a loop that several steps come
    from, and of a helper that is no step: typed once, it is wrong once. One change that makes all of them right is what
    shows it; of the steps `apart` it has been shown not to."""
    first: dict[Change, Verdict] = {}
    wrong = [verdict for verdict in verdicts if verdict.outcome == "wrong"]
    carried: dict[str, str] = {}
    for verdict in sorted(wrong, key=lambda one: one.order):
        finding = findings.get(verdict.step.name)
        if finding is None or verdict.step.name in apart or verdict.reason == "cancelled":
            continue  # of what comes out right anyhow, no change shows that it is mended
        if finding.mended_by is not None:
            carried[verdict.step.name] = finding.mended_by
            continue
        change = change_of(finding)
        if change is None or verdict.event is None:
            continue  # without a change that makes them right, nothing shows that they have a mistake in common
        earlier = first.setdefault(change, verdict)
        same_family = verdict.step.family is not None and verdict.step.family == earlier.step.family
        if earlier is not verdict and not same_family:
            carried[verdict.step.name] = earlier.step.name
    return carried_by(carried, verdicts, findings)


def carried_by(
    carried: Mapping[str, str], verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Verdicts and findings where some wrong steps are carried, each by the step that bears the mistake of both. What
    they have spoilt, that one has."""
    changed = []
    for one in verdicts:
        if one.step.name in carried:
            one = replace(one, outcome="carried", reason="same_mistake", caused_by=(carried[one.step.name],))
        elif one.caused_by:
            one = replace(one, caused_by=tuple(dict.fromkeys(carried.get(name, name) for name in one.caused_by)))
        changed.append(one)
    return tuple(changed), {name: finding for name, finding in findings.items() if name not in carried}


def shared_once(
    mistakes: Sequence[Shared], sites: Sites, verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Verdicts and findings where each mistake in a local is wrong once: at the first step it spoils, which is shown
    where the local is made. That step's own line is right, and is not told to be rewritten."""
    carried = {name: one.first for one in mistakes for name in one.others}
    verdicts, found = carried_by(carried, verdicts, findings)
    made = {one.first: one.made for one in mistakes}
    for name, event in made.items():
        own = found[name]
        if not _is_within(own, sites[event.site]) and own.facts is not None:
            found[name] = Finding(own.facts)
    shown = (
        replace(one, site=sites[made[one.step.name].site], order=made[one.step.name].sequence, located=True)
        if one.step.name in made
        else one
        for one in verdicts
    )
    return tuple(shown), found


def _is_within(finding: Finding, site: Site) -> bool:
    """Whether a change is one of a statement."""
    if finding.place is None or finding.cell != site.cell:
        return False
    return site.statement[0] <= finding.place.line <= site.statement[2]


def mended_at(findings: Mapping[str, Finding]) -> dict[str, tuple[int, int]]:
    """The cell and line of each step's change, where there is one."""
    changes = {name: change_of(finding) for name, finding in findings.items()}
    return {name: (change[0], change[1].line) for name, change in changes.items() if change is not None}


def shared_changes(verdicts: Sequence[Verdict], findings: Mapping[str, Finding]) -> dict[str, Change]:
    """The steps that a change at another step is said to make right too, each with that change."""
    found = {}
    for verdict in verdicts:
        lead = findings.get(verdict.caused_by[0]) if verdict.reason == "same_mistake" else None
        change = None if lead is None else change_of(lead)
        if change is not None:
            found[verdict.step.name] = change
    return found


def misconceptions_of(findings: Mapping[str, Finding]) -> dict[str, tuple[str, ...]]:
    """Each misconception with the steps it was found at."""
    found: dict[str, list[str]] = {}
    for name, finding in findings.items():
        if finding.diagnosis.code is not None:
            found.setdefault(finding.diagnosis.code, []).append(name)
    return {code: tuple(steps) for code, steps in found.items()}
