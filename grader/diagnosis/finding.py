"""The finding of one step: its diagnosis and the change that repairs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.formula.syntax import Place
from grader.instrument.site import Site
from grader.judge import score
from grader.judge.verdicts import Verdict
from grader.model import Diagnosis, Span
from grader.runner.types import Sites

if TYPE_CHECKING:
    from grader.judge.shared_mistakes.shared import Shared  # slow to import, and not needed for correct submissions


@dataclass(frozen=True, slots=True)
class Finding:
    """The diagnosis of a step, the smallest range to change (`where`), and the change, if there is one: `place` in the
    source of cell `cell` becomes `text`.

    `facts`: the diagnosis without the change. `mended_by`: the step whose change alone makes this step right too, as
    both have the same mistake. `rewritten`: no small change repairs the line, so it is rewritten; `anew`: rewritten by
    its chain rule. `cost`: the size of the change. `adds`: whether the change adds something missing;
    `in_part`: whether it inserts a part of the right formula; `kind`: what kind of edit it is, if it is a single one
    that was found in the line's formula, or `FORGOTTEN`."""

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
    kind: str = ""


FORGOTTEN = "forgotten line"
"""The kind of a change that adds a line: no line that is there is wrong."""

Change = tuple[int, Place, str]
"""A cell, a place in its source, and the new text for that place."""


def change_of(finding: Finding) -> Change | None:
    """Return the change that a finding proposes, None if it has none."""
    if finding.cell is None or finding.place is None or finding.text is None:
        return None
    return finding.cell, finding.place, finding.text


def needs_explaining(verdict: Verdict) -> bool:
    """Whether a step needs a diagnosis beyond its verdict."""
    return verdict.outcome in ("wrong", "compensated", "borrowed") or raised_alone(verdict)


def raised_alone(verdict: Verdict) -> bool:
    """Whether a step's own statement raised although everything before it was right."""
    return verdict.outcome == "unjudged" and verdict.reason == "raised" and verdict.match is None


def needs_running(verdict: Verdict, findings: Mapping[str, Finding]) -> bool:
    """Whether a wrong step has no repair, or only one that rewrites its line."""
    own = findings.get(verdict.step.name)
    if verdict.outcome != "wrong" or verdict.site is None or own is None:
        return False
    return own.text is None or own.anew


def one_mistake_each(
    verdicts: Sequence[Verdict], findings: Mapping[str, Finding], apart: frozenset[str] = frozenset()
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings in which a mistake that a repair shows at several steps counts once
    (`score.sharing_a_repair`). The steps in `apart` are known to be wrong for another reason."""
    repairs = {name: score.KnownRepair(change_of(finding), finding.mended_by) for name, finding in findings.items()}
    return carried_by(score.sharing_a_repair(verdicts, repairs, apart), verdicts, findings)


def carried_by(
    carried: Mapping[str, str], verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings in which the steps in `carried` become carried, each caused by the step it is mapped
    to, and have no finding of their own."""
    left = {name: finding for name, finding in findings.items() if name not in carried}
    return score.carried_by(carried, verdicts), left


def shared_once(
    mistakes: Sequence[Shared], sites: Sites, verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings in which each mistake in a local variable counts once, at the first step it makes
    wrong, and points at the local's binding. That step's own line is right, so a change other than of that binding is
    dropped."""
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
    """Whether the finding's change is within the statement of `site`."""
    if finding.place is None or finding.cell != site.cell:
        return False
    return site.statement[0] <= finding.place.line <= site.statement[2]


def mended_at(findings: Mapping[str, Finding]) -> dict[str, tuple[int, int]]:
    """Return the cell and line of each step's change, if it has one."""
    changes = {name: change_of(finding) for name, finding in findings.items()}
    return {name: (change[0], change[1].line) for name, change in changes.items() if change is not None}


def misconceptions_of(findings: Mapping[str, Finding]) -> dict[str, tuple[str, ...]]:
    """Map each misconception to the steps it was found at."""
    found: dict[str, list[str]] = {}
    for name, finding in findings.items():
        if finding.diagnosis.code is not None:
            found.setdefault(finding.diagnosis.code, []).append(name)
    return {code: tuple(steps) for code, steps in found.items()}
