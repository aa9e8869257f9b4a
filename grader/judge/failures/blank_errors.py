"""Find errors raised only because a blank (`...`) is not filled in yet; reporting the blank itself is enough."""

from __future__ import annotations

import ast
from bisect import bisect_right

from grader.instrument.nodes import names_read
from grader.judge.evidence import Evidence
from grader.judge.runs.guarded import BLANK
from grader.model import Opaque, Submission
from grader.runner.types import Raised
from grader.syntax_trees import tree_of


def raised_by_blanks(evidence: Evidence, submission: Submission) -> frozenset[Raised]:
    """Return the errors of statements that read a blank, or a name that such a statement should have bound.

    `None` does not count as a blank: a forgotten `return` gives it too."""
    scene = evidence.scene
    blank: set[str] = set()
    bound: dict[tuple[int, int], set[str]] = {}
    for site in scene.sites.all:
        if not site.scope:
            bound.setdefault((site.cell, site.top), set()).update(site.names)
    for event in scene.traces[0].events:
        if isinstance(event.value, Opaque) and event.value.type_name == BLANK:
            site = scene.sites[event.site]
            blank |= {*site.names, event.label, site.owner} - {""}
    found: set[Raised] = set()
    bodies: dict[int, list[ast.stmt]] = {}
    for raised in scene.raised:
        if BLANK not in raised.error:
            if not blank or raised.at_cell >= len(submission.cells):
                continue
            if raised.at_cell not in bodies:
                bodies[raised.at_cell] = tree_of(submission.cells[raised.at_cell].source).body
            if not _read_at(bodies[raised.at_cell], raised.line) & blank:
                continue
        found.add(raised)
        blank.update(bound.get((raised.cell, raised.statement), ()))
    return frozenset(found)


def _read_at(body: list[ast.stmt], line: int) -> frozenset[str]:
    """The names read by the innermost statement at a line."""
    # If several statements share the line, take the last one.
    at = bisect_right(body, line, key=lambda one: one.lineno) - 1
    innermost: ast.stmt | None = None
    for node in ast.walk(body[at]) if at >= 0 else ():
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            innermost = node
    return frozenset() if innermost is None else names_read(innermost)
