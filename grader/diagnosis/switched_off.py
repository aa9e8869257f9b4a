"""Find a derivation that a condition keeps from running: `if training == 1:` with the wrong `training`.

That condition is one mistake, however many steps it leaves unbound. It is shown by the submission with the condition
taken as true, run and judged like any other. Only steps that are bound nowhere else count: where something else was
handed in for them, that is what counts, so nobody gets points for a second attempt in a branch that never runs. And all
such conditions are taken as true at once: no choice is made among what could have run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.diagnosis.facts import state
from grader.diagnosis.finding import Finding
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.score import carried_by
from grader.judge.verdicts import Verdict, stands_for
from grader.model import RIGHT, Submission
from grader.syntax_trees import shared_tree


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition at the top level of a cell that was never true: its place (`start`: the column of its `if`), the
    first and the last line under it, and the steps that are bound there only."""

    cell: int
    line: int
    start: int
    columns: tuple[int, int]
    body: tuple[int, int]
    steps: frozenset[str]


def conditions(evidence: Evidence, verdicts: Sequence[Verdict], cells: int) -> tuple[Condition, ...]:
    """The conditions in the first `cells` cells, those of the submission, that kept its steps from being bound."""
    missing = [one for one in verdicts if one.outcome == "missing" and one.reason == "not_bound"]
    found = []
    for cell, node in _ifs(evidence.scene.sites.sources[:cells]) if missing else ():
        condition = _condition(evidence, missing, cell, node)
        if condition.steps and not _has_run(evidence, condition):
            found.append(condition)
    return tuple(found)


def taken_as_true(submission: Submission, found: Sequence[Condition]) -> Submission:
    """The submission with these conditions true; every line and column stays where it is."""
    cells = list(submission.cells)
    for one in found:
        lines = cells[one.cell].source.split("\n")
        line = lines[one.line - 1].encode()
        first, last = one.columns
        lines[one.line - 1] = (line[:first] + b"1".ljust(last - first) + line[last:]).decode()
        cells[one.cell] = replace(cells[one.cell], source="\n".join(lines))
    return replace(submission, cells=tuple(cells))


def charges(
    found: Sequence[Condition], before: Sequence[Verdict], after: Sequence[Verdict]
) -> dict[str, Condition] | None:
    """The step that each condition costs: the first one that is right once the conditions are true. `before` and
    `after` are the verdicts without and with that. None where that shows nothing, or changes any other step."""
    leads: dict[str, Condition] = {}
    for one in found:
        right = [verdict for verdict in after if verdict.step.name in one.steps and verdict.outcome in RIGHT]
        if not right:
            return None
        leads[min(right, key=lambda verdict: verdict.order).step.name] = one
    under = {name for one in found for name in one.steps}
    pairs = zip(before, after, strict=True)
    others = all(was.outcome == now.outcome for was, now in pairs if was.step.name not in under)
    return leads if others else None


def charged(
    verdicts: Sequence[Verdict], findings: Mapping[str, Finding], leads: Mapping[str, Condition]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """The verdicts and findings with each condition as the mistake of one step; the other steps that it kept from
    running are carried."""
    led = {name: lead for lead, condition in leads.items() for name in condition.steps - {lead}}
    carried = {one.step.name: led[one.step.name] for one in verdicts if one.step.name in led and one.outcome in RIGHT}
    made = [
        _switched_off(one, leads[one.step.name]) if one.step.name in leads else one
        for one in carried_by(carried, verdicts)
    ]
    kept = {name: one for name, one in findings.items() if name not in leads}
    told = {one.step.name: Finding(fact) for one in made if one.step.name in leads and (fact := state(one)) is not None}
    return tuple(made), {**kept, **told}


def _switched_off(verdict: Verdict, condition: Condition) -> Verdict:
    note = f"this condition is never true, so line {condition.body[0]} and those after it do not run"
    if condition.body[0] == condition.body[1]:
        note = "this condition is never true, so the line under it does not run"
    site = verdict.site
    if site is not None:
        first, last = condition.columns
        line = condition.line
        site = replace(site, value=(line, first, line, last), statement=(line, condition.start, line, last))
    return Verdict(verdict.step, "wrong", "switched_off", site=site, order=verdict.order, note=note)


def _ifs(sources: Sequence[str]) -> Iterator[tuple[int, ast.If]]:
    """The conditions at the top level of the cells, on one line each, that bind nothing themselves."""
    for cell, source in enumerate(sources):
        try:
            tree = shared_tree(source)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in getattr(tree, "body", ()):
            if isinstance(node, ast.If) and node.lineno == node.test.end_lineno and not _binds(node.test):
                yield cell, node


def _binds(test: ast.expr) -> bool:
    return any(isinstance(one, ast.NamedExpr) for one in ast.walk(test))


def _condition(evidence: Evidence, missing: Sequence[Verdict], cell: int, node: ast.If) -> Condition:
    scene, last = evidence.scene, node.body[-1]
    test, body = node.test, (node.body[0].lineno, last.end_lineno or last.lineno)
    steps = set()
    for one in missing:
        name = one.step.family or one.step.name
        bound = [site for site in scene.sites.all if stands_for(scene.names, site, name)]
        if bound and all(not site.scope and _is_under(site, cell, body) for site in bound):
            steps.add(one.step.name)
    columns = (test.col_offset, test.end_col_offset or 0)
    return Condition(cell, test.lineno, node.col_offset, columns, body, frozenset(steps))


def _is_under(site: Site, cell: int, body: tuple[int, int]) -> bool:
    return site.cell == cell and body[0] <= site.statement[0] and site.statement[2] <= body[1]


def _has_run(evidence: Evidence, condition: Condition) -> bool:
    """Whether any line under the condition bound anything at any point."""
    sites = evidence.scene.sites
    under = {site.number for site in sites.all if _is_under(site, condition.cell, condition.body)}
    return any(event.site in under for trace in evidence.scene.traces for event in trace.events)
