"""Sums that are built in several statements: one lacks a term, or several wrong steps begin with a number other than 0
(`da = db = 1` for `da = db = 0`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.diagnosis.chain_rule.meaning import value_of
from grader.diagnosis.chain_rule.numbers import as_number, is_right, shape_of
from grader.diagnosis.finding import FORGOTTEN, Finding
from grader.diagnosis.messages import fixed, span_of
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_search.search import Repair
from grader.diagnosis.repair_text import Writer
from grader.diagnosis.source_writer import SourceWriter
from grader.diagnosis.step.context import Context
from grader.diagnosis.step.tasks import Tasks
from grader.formula.build import NOWHERE, summands
from grader.formula.syntax import Call, Expression, Name, Place, text
from grader.instrument.site import Site
from grader.judge.verdicts import Verdict
from grader.model import Diagnosis, Submission, Value
from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import tree_of

NAMED = ("branch-contribution-missing", "shared-weight-contribution-missing", "regularisation-missing")
"""The names that such a mistake may have by its values."""

_USED_AGAIN = "this quantity is used in more than one place"
_PENALTY = "the loss has a penalty on this parameter, and its derivative is added"


def forgotten_line(tasks: Tasks, verdict: Verdict, context: Context | None, facts: Diagnosis) -> Finding | None:
    """Return the finding that adds the line `x += term` to the lines that build a step; None if no term of its chain
    rule is all that its value lacks. `context` is that of the line in which the step was judged, `facts` what is known
    of the step."""
    if verdict.match is None:
        return None
    name, site = verdict.match.bound_as, _binding(tasks, verdict)
    below = None if site is not None else _where_all_is_known(tasks, verdict)
    if below is not None:
        site, context = below
    if site is None:
        return None
    if context is None:
        context = _where_called(tasks, verdict, site)
    missing = [] if context is None else list(_missing(tasks, verdict, context))
    above = _statement_above(tasks, site)
    if len(missing) != 1 or above is None or (below is None and name not in site.names):
        return None
    writer, statement = above
    cell = tasks.submission.cells[site.cell]
    written = Writer(cell.source, Name("", NOWHERE)).write(missing[0])
    line, place = f"{name} += {written}", writer.place(statement)
    typed, indent = writer.text(statement), writer.before(statement)
    if indent.strip():
        return None
    code = facts.code if facts.code in NAMED else None
    diagnosis = Diagnosis(
        f"`{line}` is missing: {_PENALTY if code == 'regularisation-missing' else _USED_AGAIN}.",
        confidence="likely",
        code=code,
        rule=facts.rule,
        replace_with="",
        fix=f"{typed}\n{line}",
    )
    where = None if below is not None else span_of(cell, tasks.submission.file, place)
    new = f"{typed}\n{indent}{line}"
    return Finding(diagnosis, where, site.cell, place, new, facts, kind=FORGOTTEN)


def left_out_of_copy(
    tasks: Tasks, verdict: Verdict, site: Site, repairs: Sequence[Repair]
) -> tuple[Site, Repair] | None:
    """Return the step's own line, `dw = dw_first`, with the repair that adds `dw_second` there, which was computed
    and is never read, if `repairs` add it to the line of `dw_first` at `site`; otherwise None."""
    handed = () if verdict.match is None else verdict.match.handed
    event = next((one for one in handed if one is not None), verdict.event)
    own = None if event is None else tasks.step_environment.sites[event.site]
    if own is None or own == site or not own.copy or own.scope != site.scope or len(repairs) != 1:
        return None
    copied, edit = tasks.sources.read(own), repairs[0].edits[0]
    match edit.after:
        case Call("add" | "sub" as operation, (kept, Name(id=name) as added)) if (
            copied is not None and kept is edit.before is edit.whole_before and name in tasks.sources.unread
        ):
            after = Call(operation, (copied, added), (), copied.place)
            moved = Edit(edit.kind, copied, after, copied, lambda new: new)
            return own, replace(repairs[0], edits=(moved,))
        case _:
            return None


def term_left_out(tasks: Tasks, verdict: Verdict, own: tuple[Any, ...]) -> tuple[Site, Context, Repair] | None:
    """Return the step's own line, `dw = dw_first`, with the names there and the repair that adds what was computed and
    is never read: `dw_second`. None if the value is right with none of these. `own` are the student's values, one per
    point."""
    site = None if verdict.event is None else tasks.step_environment.sites[verdict.event.site]
    copied = None if site is None or not site.copy else tasks.sources.read(site)
    if site is None or verdict.event is None or not isinstance(copied, Name):
        return None
    held = [tasks.step_environment.at(k, site, verdict.event.occurrence) for k in range(len(own))]
    names_held = tuple(one for one in held if one is not None)
    right = tuple(as_number(at[verdict.step.name]) for at in tasks.evidence.scene.reference.values)
    measures = tasks.evidence.scene.measures_of(verdict.step.name)
    for name in sorted(tasks.sources.unread) if len(names_held) == len(held) else ():
        # What was copied is replaced by the right value of this step there.
        pairs = [(value, one.get(name)) for value, one in zip(own, names_held, strict=True)]
        if not all(value is not None and _are_alike(value, term) for value, term in pairs):
            continue
        sums = (value + term for value, term in pairs)
        if all(is_right(*each) for each in zip(sums, right, measures, strict=True)):
            after = Call("add", (copied, Name(name, NOWHERE)), (), copied.place)
            edit = Edit("missing_term", copied, after, copied, lambda new: new)
            context = Context(tasks.evidence, names_held, tasks.derivation, verdict.step, right)
            return site, context, Repair((edit,), edit.cost)
    return None


def _are_alike(value: Any, other: Any) -> bool:
    """Whether two values can be added entry by entry."""
    return not isinstance(other, dict | list | str | None) and shape_of(value) == shape_of(other)


def _binding(tasks: Tasks, verdict: Verdict) -> Site | None:
    """Return where the step gets its value: where it is added to, or where it is one of the results of a function."""
    if verdict.site is not None and verdict.site.kind == "again":
        return verdict.site
    site = None if verdict.event is None else tasks.step_environment.sites[verdict.event.site]
    is_result = site is not None and site.kind == "unpack" and not site.scope
    return site if is_result and site is not None and site.cell < len(tasks.submission.cells) else None


def _where_all_is_known(tasks: Tasks, verdict: Verdict) -> tuple[Site, Context] | None:
    """Return, for a step that one plain line binds before all steps of its chain rule are known, the line that binds
    the last of these, with the names as they are below it. None if they are known in the step's own line."""
    rule, own, event = tasks.derivation.rule(verdict.step), verdict.site, verdict.event
    if rule is None or own is None or event is None or own.kind != "assign" or own.in_loop or len(rule.terms) < 2:
        return None
    upstreams = rule.upstreams
    asked = (step.name for step in tasks.evidence.scene.exercise.steps if text(step.quantity) in upstreams)
    matches = (tasks.evidence.alignment.matches.get(name) for name in asked)
    bound = [match.events[0] for match in matches if match is not None and match.events[0] is not None]
    last = max(bound, key=lambda one: one.sequence, default=None)
    if last is None or last.sequence < event.sequence:
        return None
    site = tasks.step_environment.sites[last.site]
    if (site.cell, site.scope) != (own.cell, own.scope) or site.in_loop:
        return None
    runs = tasks.step_environment.runs
    end = next((one.sequence for one in runs[0] if one.place == last.place), None)
    after = (one for one in runs[0] if end is not None and one.sequence > end)
    below = next((one for one in after if tasks.step_environment.sites[one.site].scope == own.scope), None)
    if below is None:
        return None
    context = _known_at(tasks, verdict, tasks.step_environment.sites[below.site], below.occurrence)
    return None if context is None else (site, context)


def _where_called(tasks: Tasks, verdict: Verdict, site: Site) -> Context | None:
    """Return the names, of a result that a function returns, as they are where it is called."""
    if site.kind != "unpack" or verdict.event is None:
        return None
    return _known_at(tasks, verdict, site, verdict.event.occurrence)


def _known_at(tasks: Tasks, verdict: Verdict, site: Site, occurrence: int) -> Context | None:
    """Return the names as they are before a site is run; None if it is not run at every point."""
    points = range(len(tasks.step_environment.runs))
    held = [tasks.step_environment.at(k, site, occurrence) for k in points]
    known = tuple(one for one in held if one is not None)
    right = tuple(as_number(at[verdict.step.name]) for at in tasks.evidence.scene.reference.values)
    whole = len(known) == len(held)
    return Context(tasks.evidence, known, tasks.derivation, verdict.step, right) if whole else None


def _missing(tasks: Tasks, verdict: Verdict, context: Context) -> Iterator[Expression]:
    """Yield the terms of the chain rule that the student's values lack, each by itself."""
    commits = [at.get(verdict.step.name) for at in tasks.evidence.commits]
    own = [as_number(value) if isinstance(value, Value) else None for value in commits]
    measures = tasks.evidence.scene.measures_of(verdict.step.name)
    meaning = tasks.meaning(tuple((held,) for held in context.names))
    terms = [one for term in context.terms for one in summands(term)]
    if len(terms) < 2 or any(value is None for value in own):
        return
    for term in terms:
        pairs = zip(own, context.names, strict=True)
        sums = [_sum(value, value_of(term, held, meaning)) for value, held in pairs]
        if all(is_right(*pair) for pair in zip(sums, context.right, measures, strict=True)):
            yield term


def _sum(value: Any, term: Any) -> Any:
    return None if term is None or getattr(value, "shape", ()) != getattr(term, "shape", ()) else value + term


def _statement_above(tasks: Tasks, site: Site) -> tuple[SourceWriter, ast.stmt] | None:
    """Return the statement below which a line can stand: the site's own, or the one before the loops around it."""
    source = tasks.submission.cells[site.cell].source
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


def begun_at(submission: Submission, wrong: Sequence[Verdict], facts: Mapping[str, Finding]) -> Iterator[Finding]:
    """Yield findings that put 0 for the number that one statement binds to the names of several wrong steps, if these
    names are added to later. That it repairs them has yet to be shown by a run."""
    for verdict in wrong:
        site = verdict.site
        if site is None or site.cell >= len(submission.cells) or verdict.match is None:
            continue
        source = submission.cells[site.cell].source
        try:
            tree = tree_of(source)
        except (SyntaxError, ValueError):
            continue
        names = {one.match.bound_as for one in wrong if one.match is not None}
        added = {_name(one.target) for one in ast.walk(tree) if isinstance(one, ast.AugAssign)}
        for statement in ast.walk(tree):
            number = _begins(statement, names & added)
            if isinstance(statement, ast.Assign) and number is not None and verdict.match.bound_as in _bound(statement):
                place = _place(source, number)
                own = facts[verdict.step.name]
                last = statement.end_lineno or statement.lineno, statement.end_col_offset or 0
                there = replace(site, statement=(statement.lineno, statement.col_offset, *last))
                diagnosis = replace(
                    own.diagnosis,
                    message=f"Sums begin with 0: `{ast.unparse(number)}` is added to each of them here.",
                    confidence="likely",
                    replace_with="0",
                    fix=fixed(submission, there, place, "0"),
                )
                where = span_of(submission.cells[site.cell], submission.file, place)
                yield Finding(diagnosis, where, site.cell, place, "0", own.diagnosis)
                return


def _name(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) else ""


def _bound(statement: ast.Assign) -> set[str]:
    return set(map(_name, statement.targets)) - {""}


def _begins(statement: ast.AST, names: set[str]) -> ast.expr | None:
    """Return the number that a statement binds to more than one of the names; None if it is 0 or there is none."""
    match statement:
        case ast.Assign(targets, ast.Constant(int() | float() as number) as value) if number:
            return value if len(names.intersection(map(_name, targets))) > 1 else None
        case _:
            return None


def _place(source: str, node: ast.expr) -> Place:
    line = lines_of(source)[node.lineno - 1]
    end = node.end_col_offset or node.col_offset
    return Place(node.lineno, character_column(line, node.col_offset), node.lineno, character_column(line, end))
