"""Why each wrong step is wrong, as far as that can be proven.

A step's own expression is read, evaluated with everything before it right, and repaired by search; a repair is said
only if it is right at every point, and is kept only if the repaired submission, run again, comes out right there.
Where nothing can be proven the facts stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from grader.diagnosis.catalogue import Misconception, catalogue
from grader.diagnosis.chain import chain_rule
from grader.diagnosis.context import Context
from grader.diagnosis.edits import Edit
from grader.diagnosis.facts import state
from grader.diagnosis.finding import Finding
from grader.diagnosis.meaning import StudentMeaning
from grader.diagnosis.numbers import as_number, is_right, shape_of
from grader.diagnosis.reading import Function, functions, read
from grader.diagnosis.scalars import ScalarMeaning
from grader.diagnosis.search import Repair, Task, search, value_of
from grader.diagnosis.surroundings import Surroundings, observe_again, occurrence_of
from grader.diagnosis.writing import Writer, spliced, strength
from grader.formula.syntax import Call, Expression, Name, Place, children, walk
from grader.judge.places import code_of
from grader.judge.trial import Evidence
from grader.judge.verdicts import Verdict
from grader.model import Cell, Confidence, Span, Submission, Value
from grader.runner.session import Session
from grader.runner.sites import Site
from grader.submission.spans import place as span_at

Rerun = Callable[[Submission], Sequence[Verdict]]
"""Runs a changed submission as the first one was, and judges it."""


def diagnose(
    session: Session, evidence: Evidence, submission: Submission, verdicts: Sequence[Verdict], rerun: Rerun | None
) -> dict[str, Finding]:
    """A finding for each step that needs mending, by the step's name. Without `rerun` repairs are proven by
    evaluation alone."""
    found: dict[str, Finding] = {}
    for verdict in verdicts:
        facts = state(verdict)
        if facts is not None:
            found[verdict.step.name] = Finding(facts)
    wrong = [verdict for verdict in verdicts if verdict.outcome == "wrong" and _is_read_here(verdict, submission)]
    if wrong:
        surroundings = observe_again(session, evidence)
        for verdict in wrong:
            found[verdict.step.name] = _explained(evidence, submission, surroundings, verdict, found[verdict.step.name])
    return found if rerun is None else _proven(found, submission, rerun)


def _proven(found: dict[str, Finding], submission: Submission, rerun: Rerun) -> dict[str, Finding]:
    """The findings whose repairs, all made at once, make their steps right; of the others the facts alone."""
    changes = {
        (finding.cell, finding.place, finding.text)
        for finding in found.values()
        if finding.cell is not None and finding.place is not None and finding.text is not None
    }
    if not changes:
        return found
    cells = list(submission.cells)
    # From the end to the start, so that no change moves another's place.
    for cell, place, text in sorted(changes, key=lambda one: (one[1].line, one[1].column), reverse=True):
        mended = spliced(cells[cell].source, place, text)
        cells[cell] = replace(cells[cell], source=mended, text=mended)
    right = {
        verdict.step.name
        for verdict in rerun(replace(submission, cells=tuple(cells)))
        if verdict.outcome in ("correct", "carried")
    }
    return {name: one if one.facts is None or name in right else Finding(one.facts) for name, one in found.items()}


def _is_read_here(verdict: Verdict, submission: Submission) -> bool:
    return verdict.site is not None and verdict.site.cell < len(submission.cells)


def _explained(
    evidence: Evidence, submission: Submission, surroundings: Surroundings, verdict: Verdict, facts: Finding
) -> Finding:
    """The finding of one wrong step; the facts where nothing more can be proven."""
    site = verdict.site
    assert site is not None
    source = submission.cells[site.cell].source
    known = functions([cell.source for cell in submission.cells])
    expression = read(source, site, frozenset(known))
    context = _context(evidence, surroundings, verdict, site)
    if expression is None or context is None:
        return facts
    facts = replace(facts, diagnosis=replace(facts.diagnosis, rule=_rule(context)))
    task = _task(evidence, verdict, expression, context, _meaning(context, known))
    if task is None:
        return facts
    repairs = search(task)
    inside = _inside(submission, site, task, context, facts, repairs[0].cost if repairs else None)
    if inside is not None:
        return inside
    return _told(submission, site, expression, context, repairs, facts) if repairs else facts


def _inside(
    submission: Submission, site: Site, task: Task, context: Context, facts: Finding, cost: float | None
) -> Finding | None:
    """The finding where the mistake is in the body of a function of the student's that the expression calls; None
    where no change there is as small as the one of `cost` outside."""
    for call in walk(task.expression):
        if not isinstance(call, Call) or not call.operation.endswith("()"):
            continue
        name = call.operation[:-2]
        function = task.meaning.functions[name]
        held = []
        for names in context.names:
            given = [value_of(argument, names, task.meaning) for argument in call.arguments]
            held.append({**names, **dict(zip(function.parameters, given, strict=True))})
        factors = tuple(Name(parameter, function.body.place) for parameter in function.parameters)
        inner = replace(
            task,
            expression=function.body,
            swaps=function.parameters,
            factors=factors,
            whole=task.expression,
            inside=name,
        )
        repairs = search(inner)
        if repairs and (cost is None or repairs[0].cost <= cost):
            there = replace(site, cell=function.cell, statement=function.statement, kind="assign")
            return _told(submission, there, function.body, replace(context, names=tuple(held)), repairs, facts)
    return None


def _context(evidence: Evidence, surroundings: Surroundings, verdict: Verdict, site: Site) -> Context | None:
    occurrence = occurrence_of(verdict, site, surroundings.runs[0])
    if occurrence is None:
        return None
    held = [surroundings.at(k, site, occurrence) for k in range(len(surroundings.runs))]
    reached = tuple(names for names in held if names is not None)
    if len(reached) < len(held):
        return None
    right = tuple(as_number(at[verdict.step.name]) for at in evidence.scene.reference.values)
    return Context(evidence, verdict.step, reached, right)


def _task(
    evidence: Evidence, verdict: Verdict, expression: Expression, context: Context, meaning: StudentMeaning
) -> Task | None:
    """The search for this step; None where the expression does not give what the student's code gave."""
    measures = evidence.scene.measures
    for k, held in enumerate(context.names):
        commit = evidence.commits[k].get(verdict.step.name)
        value = value_of(expression, held, meaning)
        if not isinstance(commit, Value) or not is_right(value, as_number(commit), measures[k]):
            return None
    ingredients = frozenset(name for name, quantity in context.quantities.items() if quantity in context.ingredients)
    return Task(
        expression,
        context.names,
        context.right,
        measures,
        context.swaps,
        context.factors,
        ingredients,
        context.strangers,
        meaning,
    )


def _meaning(context: Context, known: Mapping[str, Function]) -> StudentMeaning:
    """Arithmetic of numbers where there are only numbers: NumPy takes longer to import than such a step to repair."""
    if not any(shape_of(value) for held in context.names for value in held.values()):
        return ScalarMeaning(known)
    from grader.diagnosis.arithmetic import NumpyMeaning

    return NumpyMeaning(known)


def _rule(context: Context) -> str | None:
    forward = {step.name for step in context.exercise.forward_steps} | {one.name for one in context.exercise.inputs}
    called: dict[str, str] = {}
    for name, quantity in context.quantities.items():
        if quantity in forward:
            called.setdefault(quantity, name)
    return chain_rule(context.exercise, context.step, called)


def _told(
    submission: Submission,
    site: Site,
    expression: Expression,
    context: Context,
    repairs: Sequence[Repair],
    facts: Finding,
) -> Finding:
    """The repairs in the student's own hand, with the misconception that explains them."""
    cell = submission.cells[site.cell]
    writer = Writer(cell.source, expression)
    changes = [_change(repair, writer) for repair in repairs]
    fixes = [_fixed(submission, site, place, text) for place, text in changes]
    named = [_named(repair, context) for repair in repairs]
    (place, text), rule, fix = changes[0], named[0], fixes[0]
    if len(repairs) > 1:
        rule = None
    confidence: Confidence = "one_of" if len(repairs) > 1 else "certain" if rule is not None else "likely"
    message = rule.what if rule is not None else _plain_words(repairs[0], writer)
    diagnosis = replace(
        facts.diagnosis,
        message=message,
        confidence=confidence,
        code=None if rule is None else rule.code,
        replace_with=text,
        fix=fix,
        alternatives=tuple(fixes[1:]),
    )
    where = _span(cell, submission.file, place)
    return Finding(diagnosis, where, site.cell, place, text, facts.diagnosis)


def _named(repair: Repair, context: Context) -> Misconception | None:
    """The one misconception that explains every edit of a repair."""
    fitting = [{rule.code: rule for rule in catalogue() if rule.recognises(edit, context)} for edit in repair.edits]
    common = set.intersection(*(set(rules) for rules in fitting))
    return fitting[0][next(iter(common))] if len(common) == 1 else None


def _change(repair: Repair, writer: Writer) -> tuple[Place, str]:
    """The smallest range to change and the text to put there; for two edits the whole expression."""
    if len(repair.edits) == 1:
        edit = repair.edits[0]
        text = writer.write(edit.after)
        if _needs_brackets(edit, text) and not writer.stands_in_brackets(edit.before.place):
            text = f"({text})"
        return edit.before.place, text
    whole = repair.edits[0].whole_before
    return whole.place, writer.write(repair.result)


def _needs_brackets(edit: Edit, text: str) -> bool:
    """Whether the new text would bind differently where the old one stood."""
    parents = (part for part in walk(edit.whole_before) if any(child is edit.before for child in children(part)))
    return any(strength(edit.after) <= strength(parent) < 9 for parent in parents)


def _fixed(submission: Submission, site: Site, place: Place, text: str) -> str:
    """The student's whole statement with the change made."""
    cell = submission.cells[site.cell]
    line, column, end_line, end_column = site.statement
    mended = spliced(cell.source, place, text)
    changed = replace(cell, text=mended, source=mended)
    before, after = cell.source.split("\n"), mended.split("\n")
    grown = len(after) - len(before)
    # Statements are measured in bytes, as `ast` does: what its last line gained, it gained before its end.
    wider = len(after[end_line - 1 + grown].encode()) - len(before[end_line - 1].encode())
    moved = replace(site, statement=(line, column, end_line + grown, end_column + wider))
    cells = tuple(changed if one is cell else one for one in submission.cells)
    return code_of(replace(submission, cells=cells), moved) or ""


def _plain_words(repair: Repair, writer: Writer) -> str:
    """What a repair changes, where no misconception has a name for it."""
    if len(repair.edits) > 1:
        return f"Two changes make this line right at every point: `{writer.write(repair.result)}`."
    edit = repair.edits[0]
    before, after = writer.write(edit.before), writer.write(edit.after)
    match edit.kind:
        case "operand":
            return f"`{before}` stands where `{after}` is needed."
        case "sign":
            return f"The sign of `{before}` is the wrong way round."
        case "missing_factor":
            return f"A factor is missing: `{after}` is needed where `{before}` stands."
        case "missing_term":
            return f"A summand is missing: `{after}` is needed where `{before}` stands."
        case "extra_factor":
            return f"There is a factor too many in `{before}`."
        case "extra_term":
            return f"There is a summand too many in `{before}`."
        case _:
            return f"`{after}` is needed where `{before}` stands."


def _span(cell: Cell, file: str, place: Place) -> Span:
    return span_at(cell, file, place.line, place.column, place.end_line, place.end_column)
