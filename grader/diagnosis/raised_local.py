"""A line that raised and binds a local of the student's own: the steps made from it did not run for lack of its name.

The first of these steps is wrong, at the line that raised, so that repairs are searched for there; what the others are
worth is seen once the line is repaired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.diagnosis.facts import state
from grader.diagnosis.finding import Finding
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.failures import missing_name
from grader.judge.verdicts import Verdict
from grader.runner.types import Raised


def charged_where_it_raised(
    evidence: Evidence, verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return the verdicts and findings, where the first step that lacks a local of a line that raised is charged with
    it. The lines of the steps that lack it are right as far as anybody knows: no finding rewrites them."""
    changed, kept = {one.step.name: one for one in verdicts}, dict(findings)
    for raised in evidence.scene.traces[0].raised:
        local = _local_of(evidence, raised, verdicts)
        lacking = [] if local is None else [one for one in verdicts if _lacks(one, local)]
        for number, one in enumerate(sorted(lacking, key=_line)):
            if number == 0:
                one = replace(one, outcome="wrong", site=local, cause=raised, located=True)
                changed[one.step.name] = one
            if (fact := state(one)) is not None:
                kept[one.step.name] = Finding(fact)
    return tuple(changed[one.step.name] for one in verdicts), kept


def _local_of(evidence: Evidence, raised: Raised, verdicts: Sequence[Verdict]) -> Site | None:
    """The site of the one name that a top-level line would have bound; None if it is a step, or lacked a name itself
    for another line's fault."""
    here = [one for one in evidence.scene.sites.all if (one.cell, one.top) == (raised.cell, raised.statement)]
    bound = [one for one in here if one.kind == "assign" and not one.scope and one.statement[0] == raised.line]
    lacked = missing_name(raised)
    elsewhere = lacked is not None and any(lacked in one.names for one in evidence.scene.sites.all)
    if len(bound) != 1 or elsewhere or any(one.cause == raised for one in verdicts):
        return None
    return bound[0]


def _lacks(verdict: Verdict, local: Site) -> bool:
    lacked = None if verdict.cause is None else missing_name(verdict.cause)
    return (verdict.outcome, verdict.reason) == ("unjudged", "raised") and lacked in local.names


def _line(verdict: Verdict) -> tuple[int, int]:
    return (verdict.cause.cell, verdict.cause.statement) if verdict.cause is not None else (0, 0)
