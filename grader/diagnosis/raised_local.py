"""A line that raised and binds a local of the student's own: the steps made from it did not run for lack of its name.

The first of these steps is wrong, at the line that raised, so that repairs are searched for there; what the others are
worth is seen once the line is repaired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

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
        lacking = [] if local is None else [one for one in verdicts if _lacks(one, local, raised)]
        for number, one in enumerate(sorted(lacking, key=partial(_order, local))):
            if number == 0:
                one = replace(one, outcome="wrong", site=local, cause=raised, located=True)
            else:
                one = replace(one, outcome="unjudged")
            changed[one.step.name] = one
            if (fact := state(one)) is not None:
                kept[one.step.name] = Finding(fact)
    return tuple(changed[one.step.name] for one in verdicts), kept


def _local_of(evidence: Evidence, raised: Raised, verdicts: Sequence[Verdict]) -> Site | None:
    """The site of the one name that a line outside functions would have bound; None if it is a step, or lacked a name
    itself for another line's fault."""
    here = [one for one in evidence.scene.sites.all if (one.cell, one.top) == (raised.cell, raised.statement)]
    bound = [one for one in here if one.kind == "assign" and not one.scope and one.statement[0] == raised.line]
    lacked = missing_name(raised)
    elsewhere = lacked is not None and any(lacked in one.names for one in evidence.scene.sites.all)
    is_a_step = any(one.site in bound for one in verdicts if one.cause == raised)
    return None if len(bound) != 1 or elsewhere or is_a_step else bound[0]


def _lacks(verdict: Verdict, local: Site, raised: Raised) -> bool:
    """Whether a step did not run for lack of a local, or because the loop around both ended where it raised."""
    if verdict.reason != "raised" or verdict.cause is None:
        return False
    if local.in_loop and verdict.cause == raised:
        return verdict.outcome in ("wrong", "unjudged")
    return verdict.outcome == "unjudged" and missing_name(verdict.cause) in local.names


def _order(local: Site | None, verdict: Verdict) -> tuple[int, int, bool, int]:
    """Lines in the order in which they ran; in a loop those first that read the local."""
    statement = (verdict.cause.cell, verdict.cause.statement) if verdict.cause is not None else (0, 0)
    if local is None or verdict.site is None:
        return (*statement, True, 0)
    return (*statement, verdict.site.reads.isdisjoint(local.names), verdict.site.statement[0])
