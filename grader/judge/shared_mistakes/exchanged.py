"""Find the steps that are bound to each other's values: `return dw, dx` for `return dx, dw`.

Each of them is derived, and one of them in its place would leave the other wrong: the exchange is one mistake."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from grader.instrument.nodes import position_of
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.score import carried_by, wrong_in_order
from grader.judge.verdicts import Verdict
from grader.syntax_trees import nodes_of, shared_tree


def exchanged(evidence: Evidence, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts, where wrong steps that hold the right values of each other, all around a circle, count once:
    if one statement binds them, or a function that makes them under other names returns them. Lines that each bind the
    wrong one are a mistake each."""
    wrong = wrong_in_order(verdicts)
    held = {one.step.name: other for one in wrong if (other := _held_by(evidence, one, wrong)) is not None}
    by_name = {one.step.name: one for one in wrong}
    found: dict[str, str] = {}
    for lead in held:
        circle, name = [lead], held[lead]
        while name in held and name not in circle:
            circle.append(name)
            name = held[name]
        if name == lead and lead not in found and _is_one_line(evidence, [by_name[one] for one in circle]):
            found.update(dict.fromkeys(circle[1:], lead))
    leads = set(found.values())
    placed = tuple(_at_its_return(evidence, one) if one.step.name in leads else one for one in verdicts)
    return carried_by(found, placed)


def _held_by(evidence: Evidence, verdict: Verdict, wrong: Sequence[Verdict]) -> str | None:
    """The other wrong step whose right value this one holds, with everything before it right."""
    values = [at.get(verdict.step.name) for at in evidence.commits]
    others = (one.step.name for one in wrong if one is not verdict)
    return next((name for name in others if evidence.scene.is_right(name, values)), None)


def _is_one_line(evidence: Evidence, circle: Sequence[Verdict]) -> bool:
    """Whether one line exchanges these values: that binds all of them, or that returns what has other names."""
    sites = [evidence.scene.sites[one.event.site] for one in circle if one.event is not None]
    together = len({(site.cell, site.statement) for site in sites}) == 1
    return together or not any(_is_its_name(evidence, one) for one in circle)


def _is_its_name(evidence: Evidence, verdict: Verdict) -> bool:
    """Whether the line that made a step's value binds it under the step's own name."""
    names = () if verdict.event is None else evidence.scene.sites[verdict.event.site].names
    meant = (evidence.scene.names.means(name) for name in names)
    return any(one is not None and one.quantity == verdict.step.name for one in meant)


def _at_its_return(evidence: Evidence, verdict: Verdict) -> Verdict:
    """The verdict at the line that returns the values, if a function binds this one under another name."""
    site = None if verdict.event is None else evidence.scene.sites[verdict.event.site]
    if site is None or not site.scope or site.kind == "returned" or _is_its_name(evidence, verdict):
        return verdict
    line = _return_after(evidence.scene.sites.sources[site.cell], site)
    if line is None or line.value is None:
        return verdict
    place = replace(site, kind="returned", names=(), statement=position_of(line), value=position_of(line.value))
    return replace(verdict, site=place, located=True)


def _return_after(source: str, site: Site) -> ast.Return | None:
    """The first line after a site, in the same function, that returns several values."""
    around = [
        node
        for node in nodes_of(shared_tree(source))
        if isinstance(node, ast.FunctionDef) and node.lineno <= site.statement[0] <= (node.end_lineno or node.lineno)
    ]
    lines = (node for node in ast.walk(around[-1]) if isinstance(node, ast.Return)) if around else ()
    after = [one for one in lines if isinstance(one.value, ast.Tuple) and one.lineno > site.statement[0]]
    return min(after, key=lambda one: one.lineno, default=None)
