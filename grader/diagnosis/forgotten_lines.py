"""Lines that are missing: a sum that is built in several statements lacks one of its terms."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from grader.diagnosis.chain_rule.numbers import as_number, is_right
from grader.diagnosis.explanation import Explainer, Judged
from grader.diagnosis.finding import FORGOTTEN, Finding
from grader.diagnosis.lines.source_writer import SourceWriter
from grader.diagnosis.repair_search.search import value_of
from grader.diagnosis.wording.messages import span_of
from grader.diagnosis.wording.repair_text import Writer
from grader.formula.build import NOWHERE
from grader.formula.syntax import Expression, Name
from grader.instrument.site import Site
from grader.judge.verdicts import Verdict
from grader.model import Diagnosis, Value
from grader.syntax_trees import tree_of

NAMED = ("branch-contribution-missing", "shared-weight-contribution-missing")
"""The names that such a mistake may have by its values."""


def forgotten_line(explainer: Explainer, verdict: Verdict) -> Finding | None:
    """Return the finding that adds the line `x += term` to the lines that build a step; None if no term of its chain
    rule is all that its value lacks."""
    judged, site = explainer.judged.get(verdict.step.name), _binding(explainer, verdict)
    if judged is None or site is None or verdict.match is None:
        return None
    name = verdict.match.bound_as
    missing = list(_missing(explainer, verdict, judged))
    above = _statement_above(explainer, site)
    if len(missing) != 1 or above is None or name not in site.names:
        return None
    writer, statement = above
    cell = explainer.submission.cells[site.cell]
    written = Writer(cell.source, Name("", NOWHERE)).write(missing[0])
    line, place = f"{name} += {written}", writer.place(statement)
    typed, indent = writer.text(statement), writer.before(statement)
    if indent.strip():
        return None
    facts = judged.facts.diagnosis
    diagnosis = Diagnosis(
        f"`{line}` is missing: this quantity is used in more than one place, and each sends something back.",
        confidence="likely",
        code=facts.code if facts.code in NAMED else None,
        rule=facts.rule,
        replace_with="",
        fix=f"{typed}\n{line}",
    )
    where = span_of(cell, explainer.submission.file, place)
    text = f"{typed}\n{indent}{line}"
    return Finding(diagnosis, where, site.cell, place, text, facts, kind=FORGOTTEN)


def _binding(explainer: Explainer, verdict: Verdict) -> Site | None:
    """Return where the step gets its value: where it is added to, or where it is one of the results of a function."""
    if verdict.site is not None and verdict.site.kind == "again":
        return verdict.site
    site = None if verdict.event is None else explainer.step_environment.sites[verdict.event.site]
    is_result = site is not None and site.kind == "unpack" and not site.scope
    return site if is_result and site is not None and site.cell < len(explainer.submission.cells) else None


def _missing(explainer: Explainer, verdict: Verdict, judged: Judged) -> Iterator[Expression]:
    """Yield the terms of the chain rule that the student's values lack, each by itself."""
    commits = [at.get(verdict.step.name) for at in explainer.evidence.commits]
    own = [as_number(value) if isinstance(value, Value) else None for value in commits]
    context, measures = judged.context, explainer.evidence.scene.measures_of(verdict.step.name)
    if len(context.terms) < 2 or any(value is None for value in own):
        return
    for term in context.terms:
        pairs = zip(own, context.names, strict=True)
        sums = [_sum(value, value_of(term, held, judged.task.meaning)) for value, held in pairs]
        if all(is_right(*pair) for pair in zip(sums, context.right, measures, strict=True)):
            yield term


def _sum(value: Any, term: Any) -> Any:
    return None if term is None or getattr(value, "shape", ()) != getattr(term, "shape", ()) else value + term


def _statement_above(explainer: Explainer, site: Site) -> tuple[SourceWriter, ast.stmt] | None:
    """Return the statement below which a line can stand: the site's own, or the one before the loops around it."""
    source = explainer.submission.cells[site.cell].source
    tree = tree_of(source)
    writer = SourceWriter(source, tree)
    begins = (node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign))
    statement: ast.stmt | None = next((n for n in begins if (n.lineno, n.col_offset) == site.statement[:2]), None)
    if statement is None:
        return None
    loops = list(writer.loops(statement))
    if loops:
        statement = writer.next_to(loops[-1])[0]
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return None
    return writer, statement
