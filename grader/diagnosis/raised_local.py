"""A line that raised and binds a local of the student's own: the steps made from it did not run for lack of its name.

The first of these steps is wrong, at the line that raised, so that repairs are searched for there; what the others are
worth is seen once the line is repaired.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import islice

from grader.diagnosis.facts import state
from grader.diagnosis.finding import Finding, carried_by
from grader.instrument.name_matching import spelled_in
from grader.instrument.nodes import built_by, names_of, position_of
from grader.instrument.site import Position, Site
from grader.judge.evidence import Evidence
from grader.judge.failures import is_unwritten, lacks_what_another_line_binds, missing_name
from grader.judge.runs.guarded import NOT_ITS_OWN
from grader.judge.verdicts import Verdict
from grader.runner.types import Raised
from grader.syntax_trees import nodes_of, shared_tree


def charged_where_it_raised(
    evidence: Evidence, verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return the verdicts and findings, where the first step that lacks a local of a line that raised is charged with
    it. The lines of the steps that lack it are right as far as anybody knows: no finding rewrites them."""
    changed, kept = {one.step.name: one for one in verdicts}, dict(findings)
    scene, again = evidence.scene, dict[str, str]()
    for raised in dict.fromkeys((*(one.raised for one in scene.stopped), *scene.traces[0].raised)):
        local = _local_of(evidence, raised, verdicts)
        if local is None:
            continue
        lacking = [one for one in verdicts if _lacks(evidence, one, local, raised)]
        lead: Verdict | None = None
        for one in sorted(lacking, key=partial(_order, evidence, local)):
            if lead is None:
                lead = one = replace(one, outcome="wrong", reason="raised", site=local, cause=raised, located=True)
            else:
                site = one.site or next(iter(_own_sites(evidence, one)), None)
                one = replace(one, outcome="unjudged", reason="raised", cause=one.cause or raised, site=site)
                if one.step.family is not None and one.step.family == lead.step.family:
                    again[one.step.name] = lead.step.name  # as where the line of the family itself raised
            changed[one.step.name] = one
            fact = state(one)
            kept.pop(one.step.name, None)
            if fact is not None:
                kept[one.step.name] = Finding(fact)
    return carried_by(again, tuple(changed[one.step.name] for one in verdicts), kept)


def _local_of(evidence: Evidence, raised: Raised, verdicts: Sequence[Verdict]) -> Site | None:
    """The site of what a line would have bound or returned; None if it is a step, if the line is a blank, or lacked a
    name for another line's fault, or a file or package; or if it is in a helper, which may be right and called with
    what is wrong."""
    here = [one for one in evidence.scene.sites.all if one.cell == raised.at_cell and _is_at(one, raised.line)]
    is_a_step = any(one.site in here for one in verdicts if one.cause == raised)
    if NOT_ITS_OWN.match(raised.error) or is_unwritten(raised):
        return None
    elsewhere = lacks_what_another_line_binds(raised, evidence.scene.sites)
    if len(here) != 1 or elsewhere or is_a_step or not _is_run_by(evidence, here[0], raised):
        return None
    return here[0]


def _is_at(site: Site, line: int) -> bool:
    return site.kind in ("assign", "returned") and site.statement[0] <= line <= site.statement[2]


def _is_run_by(evidence: Evidence, local: Site, raised: Raised) -> bool:
    """Whether the top-level statement that ended runs a line: it is in the statement, or in a function called there."""
    statement = [one for one in evidence.scene.sites.all if (one.cell, one.top) == (raised.cell, raised.statement)]
    if not local.scope:
        return local in statement
    return any(local.scope.rpartition(".")[2] in one.reads for one in statement)


def _lacks(evidence: Evidence, verdict: Verdict, local: Site, raised: Raised) -> bool:
    """Whether a step did not run for lack of a local, or because the loop or function around both ended where it
    raised."""
    ended = bool(local.scope or local.in_loop)
    if (verdict.outcome, verdict.reason) == ("missing", "not_bound"):
        return ended and any(_follows(one, local) for one in _own_sites(evidence, verdict))
    if verdict.reason != "raised" or verdict.cause is None:
        return False
    if verdict.cause == raised and ended:
        return verdict.outcome in ("wrong", "unjudged")
    return verdict.outcome == "unjudged" and missing_name(verdict.cause) in local.names


def _follows(site: Site, local: Site) -> bool:
    """Whether a line of the same loop or function may run after another."""
    around = (site.cell, site.top, site.scope) == (local.cell, local.top, local.scope)
    return around and (local.in_loop or site.statement[0] > local.statement[0])


def _order(evidence: Evidence, local: Site, verdict: Verdict) -> tuple[int, int, bool, int]:
    """Lines in the order in which they ran; in a loop or a function those first that read the local."""
    statement = (verdict.cause.cell, verdict.cause.statement) if verdict.cause is not None else (0, 0)
    own = [one for one in _own_sites(evidence, verdict) if one.scope == local.scope]
    if verdict.site is not None and verdict.site.scope == local.scope:
        own = [verdict.site]
    reading = [one for one in own if not one.reads.isdisjoint(local.names)]
    return (*statement, not reading, min((one.statement[0] for one in reading or own), default=sys.maxsize))


def _own_sites(evidence: Evidence, verdict: Verdict) -> list[Site]:
    """The sites that bind a step, or the family it is a member of, by their names."""
    wanted = verdict.step.family or verdict.step.name
    return [one for one in evidence.scene.sites.all if wanted in _meant_by(evidence, one)]


def _meant_by(evidence: Evidence, site: Site) -> Iterator[str]:
    """The quantities that a site's names mean. A key is read in one way: `grads["W1"]` is dW1."""
    sites = evidence.scene.sites
    told = [(site.owner, name) for name in site.names]
    if site.kind == "item" and site.cell < len(sites.sources):
        told = [_items_in(sites.sources[site.cell]).get(site.statement, ("", ""))]
    for owner, label in told:
        read = (evidence.scene.names.means(name) for name in spelled_in(owner, label))
        yield from (one.quantity for one in islice(filter(None, read), 1))


@lru_cache(maxsize=16)
def _items_in(source: str) -> Mapping[Position, tuple[str, str]]:
    """The owners and keys of what statements set in containers, by the places of the statements."""
    statements = (node for node in nodes_of(shared_tree(source)) if isinstance(node, ast.stmt))
    built = ((position_of(node), built_by(node)) for node in statements)
    return {place: names_of(one.holder)[::-1] for place, one in built if one is not None}
