"""Lines that are missing: a sum that is built in several statements lacks one of its terms."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from grader.diagnosis.chain_rule.numbers import as_number, is_right
from grader.diagnosis.explanation import Explainer
from grader.diagnosis.finding import FORGOTTEN, Finding
from grader.diagnosis.lines.source_writer import SourceWriter
from grader.diagnosis.repair_search.search import value_of
from grader.diagnosis.step.context import Context
from grader.diagnosis.wording.messages import span_of
from grader.diagnosis.wording.repair_text import Writer
from grader.formula.build import NOWHERE
from grader.formula.syntax import Expression, Name
from grader.instrument.site import Site
from grader.judge.verdicts import Verdict
from grader.model import Diagnosis, Value
from grader.syntax_trees import tree_of

NAMED = ("branch-contribution-missing", "shared-weight-contribution-missing", "regularisation-missing")
"""The names that such a mistake may have by its values."""

_USED_AGAIN = "this quantity is used in more than one place, and each sends something back"
_PENALTY = "the loss has a penalty on this parameter, and its derivative is added"


def forgotten_line(explainer: Explainer, verdict: Verdict, own: Finding) -> Finding | None:
    """Return the finding that adds the line `x += term` to the lines that build a step; None if no term of its chain
    rule is all that its value lacks. `own` is what is known of the step without it."""
    site = _binding(explainer, verdict)
    if site is None or verdict.match is None:
        return None
    name = verdict.match.bound_as
    context = _context(explainer, verdict, site)
    missing = [] if context is None else list(_missing(explainer, verdict, context))
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
    judged = explainer.judged.get(verdict.step.name)
    facts = (own.facts or own.diagnosis) if judged is None else judged.facts.diagnosis
    code = facts.code if facts.code in NAMED else None
    diagnosis = Diagnosis(
        f"`{line}` is missing: {_PENALTY if code == 'regularisation-missing' else _USED_AGAIN}.",
        confidence="likely",
        code=code,
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


def _context(explainer: Explainer, verdict: Verdict, site: Site) -> Context | None:
    """Return the names at the line: as the step was judged, or, of a result that a function returns, as they are where
    it is called."""
    judged = explainer.judged.get(verdict.step.name)
    if judged is not None:
        return judged.context
    if site.kind != "unpack" or verdict.event is None:
        return None
    points = range(len(explainer.step_environment.runs))
    held = [explainer.step_environment.at(k, site, verdict.event.occurrence) for k in points]
    known = tuple(one for one in held if one is not None)
    right = tuple(as_number(at[verdict.step.name]) for at in explainer.evidence.scene.reference.values)
    whole = len(known) == len(held)
    return Context(explainer.evidence, known, explainer.derivation, verdict.step, right) if whole else None


def _missing(explainer: Explainer, verdict: Verdict, context: Context) -> Iterator[Expression]:
    """Yield the terms of the chain rule that the student's values lack, each by itself."""
    commits = [at.get(verdict.step.name) for at in explainer.evidence.commits]
    own = [as_number(value) if isinstance(value, Value) else None for value in commits]
    measures = explainer.evidence.scene.measures_of(verdict.step.name)
    meaning = explainer.tasks.meaning(tuple((held,) for held in context.names))
    if len(context.terms) < 2 or any(value is None for value in own):
        return
    for term in context.terms:
        pairs = zip(own, context.names, strict=True)
        sums = [_sum(value, value_of(term, held, meaning)) for value, held in pairs]
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
