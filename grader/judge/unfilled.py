"""What raised only because a blank (`...`) has not been filled in yet: no news beside the blank itself."""

from __future__ import annotations

import ast

from grader.judge.trial import Evidence
from grader.model import Opaque, Submission
from grader.runner.nodes import names_read
from grader.runner.types import Raised
from grader.trees import tree_of

ELLIPSIS = "ellipsis"
"""Python's own name of the type of `...`, which its messages use too."""


def raised_by_blanks(evidence: Evidence, submission: Submission) -> frozenset[Raised]:
    """The errors of statements that read a blank, or what such a statement should have bound.

    `None` is no blank here: it is also what a forgotten `return` gives."""
    scene = evidence.scene
    blank: set[str] = set()
    for event in scene.traces[0].events:
        if isinstance(event.value, Opaque) and event.value.type_name == ELLIPSIS:
            site = scene.sites[event.site]
            blank |= {*site.names, event.label, site.owner} - {""}
    found: set[Raised] = set()
    for raised in scene.traces[0].raised:
        reads = _read_at(submission, raised)
        if ELLIPSIS in raised.error or reads & blank:
            found.add(raised)
            blank.update(
                name
                for site in scene.sites.all
                if (site.cell, site.top) == (raised.cell, raised.statement) and not site.scope
                for name in site.names
            )
    return frozenset(found)


def _read_at(submission: Submission, raised: Raised) -> frozenset[str]:
    """The names that the innermost statement at the line that raised reads."""
    if raised.at_cell >= len(submission.cells):
        return frozenset()
    innermost: ast.stmt | None = None
    for node in ast.walk(tree_of(submission.cells[raised.at_cell].source)):
        if isinstance(node, ast.stmt) and node.lineno <= raised.line <= (node.end_lineno or node.lineno):
            innermost = node
    return frozenset() if innermost is None else names_read(innermost)
