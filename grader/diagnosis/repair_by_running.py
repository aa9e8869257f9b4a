"""Repairs of lines that cannot be read: small changes as they are typed, each tried by running the submission.

The last thing that is tried, and for as long as is worth waiting. What comes out is proven as any other repair is.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from grader.diagnosis.finding import Finding
from grader.diagnosis.messages import fixed, span_of
from grader.diagnosis.repair_text import spliced
from grader.diagnosis.source_edits import SourceEdit, source_edits, statement_at
from grader.judge.verdicts import Verdict
from grader.model import Submission
from grader.runner.site import Site

SECONDS = 2.5
"""Seconds of CPU, ours and the submission's, for which repairs of it are tried by running it."""

NAMES = 12
"""How many names may stand in one another's place."""

Judged = Callable[[Submission], Sequence[Verdict]]
"""Runs a changed submission and judges it."""


def repaired_by_running(
    submission: Submission,
    verdicts: Sequence[Verdict],
    findings: Mapping[str, Finding],
    tried: Judged,
    proven: Judged,
    spent: Callable[[], float],
) -> dict[str, Finding]:
    """The findings, with repairs of wrong steps that had none. `tried` runs a submission at the given numbers, where
    most changes are wrong; `proven` at every point. `spent` tells the seconds of CPU that its runs have taken."""
    found = dict(findings)
    deadline = time.thread_time() + spent() + SECONDS
    right = frozenset(one.step.name for one in verdicts if one.outcome in ("correct", "carried"))
    for verdict in verdicts:
        own = found.get(verdict.step.name)
        if verdict.outcome != "wrong" or verdict.site is None or own is None or own.text is not None:
            continue
        wanted = right | {verdict.step.name}
        for edit in _edits(submission, verdict.site):
            if time.thread_time() + spent() > deadline:
                return found
            changed = _with(submission, verdict.site, edit)
            if _comes_right(tried(changed), wanted) and _comes_right(proven(changed), wanted):
                found[verdict.step.name] = _told(submission, verdict.site, edit, own)
                break
    return found


def _edits(submission: Submission, site: Site) -> list[SourceEdit]:
    if site.cell >= len(submission.cells):
        return []  # the lines that call the submission's functions are the exercise's own
    source = submission.cells[site.cell].source
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return []
    statement = statement_at(tree, site.statement)
    return [] if statement is None else list(source_edits(source, tree, statement, _names(tree, statement)))


def _names(tree: ast.Module, statement: ast.stmt) -> list[str]:
    """Names bound or read near a statement: those of its function, the nearest first."""
    inside = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno <= statement.lineno <= (node.end_lineno or node.lineno)
    ]
    scope: ast.AST = inside[-1] if inside else tree
    near: dict[str, int] = {}
    for node in ast.walk(scope):
        name = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else None
        if name is not None and getattr(node, "lineno", 0) <= statement.lineno:
            away = statement.lineno - getattr(node, "lineno", 0)
            near[name] = min(away, near.get(name, away))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    builtins = {"len", "range", "sum", "zip", "enumerate", "float", "int", "print", "reversed", "list", "dict", "max"}
    known = near.keys() - imported - functions - builtins
    return sorted(known, key=lambda name: (near[name], name))[:NAMES]


def _with(submission: Submission, site: Site, edit: SourceEdit) -> Submission:
    cells = list(submission.cells)
    mended = spliced(cells[site.cell].source, edit.place, edit.text)
    cells[site.cell] = replace(cells[site.cell], source=mended, text=mended)
    return replace(submission, cells=tuple(cells))


def _comes_right(verdicts: Sequence[Verdict], wanted: frozenset[str]) -> bool:
    return wanted <= {one.step.name for one in verdicts if one.outcome in ("correct", "carried")}


def _told(submission: Submission, site: Site, edit: SourceEdit, own: Finding) -> Finding:
    diagnosis = replace(
        own.diagnosis,
        message=edit.message,
        confidence="likely",
        replace_with="" if edit.lines else edit.text,
        fix=edit.lines or fixed(submission, site, edit.place, edit.text),
    )
    where = span_of(submission.cells[site.cell], submission.file, edit.shown or edit.place)
    return Finding(diagnosis, where, site.cell, edit.place, edit.text, own.facts or own.diagnosis)
