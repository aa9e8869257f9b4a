"""Builds the search task of a wrong step's line: the formula and place of each of its sites, the values of its names,
and the right results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.meaning import Names, ScalarMeaning, StudentMeaning, value_of
from grader.diagnosis.chain_rule.numbers import alike, is_right, shape_of
from grader.diagnosis.expressions import (
    ENTRY,
    Function,
    Ran,
    entries,
    functions,
    names_around,
    read,
    runs_too_often,
    target,
    unread,
)
from grader.diagnosis.repair_search.array_entries import ArrayEntry
from grader.diagnosis.repair_search.augmented_assignments import is_built
from grader.diagnosis.repair_search.reasons import Reasons, equal_names
from grader.diagnosis.repair_search.task import Task
from grader.diagnosis.step.called_functions import called
from grader.diagnosis.step.context import Context
from grader.diagnosis.step.exchanged_slopes import exchanged_slopes
from grader.diagnosis.step.inlining import Inlined, Inlining, LineFormula, Piece, Readers
from grader.diagnosis.step.own_locals import with_locals
from grader.diagnosis.step.step_environment import StepEnvironment, occurrence_of
from grader.formula.build import cancelled, signs_first, summands
from grader.formula.syntax import Call, Expression, Index, Name, Place, children, text, walk
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import Measure
from grader.judge.verdicts import Verdict
from grader.model import RIGHT, Submission
from grader.runner.types import Key
from grader.submission.spans import character_column, lines_of

MOST_PASSES = 128
"""Loop passes that a repair is checked in, at most: the values of all names are rebuilt for each pass."""


@dataclass(frozen=True)
class Tasks:
    """Makes the tasks of one submission's wrong steps."""

    evidence: Evidence
    submission: Submission
    step_environment: StepEnvironment
    derivation: Derivation
    verdicts: Sequence[Verdict] = ()

    @cached_property
    def sources(self) -> Sources:
        sites = {event.site for run in self.step_environment.runs for event in run}
        found = (self.step_environment.sites[number] for number in sites)
        return Sources(self.submission, frozenset((site.cell, site.statement) for site in found))

    @cached_property
    def trusted(self) -> frozenset[str]:
        """Functions called by lines that give a right value: other steps' mistakes are not in these functions."""
        found: frozenset[str] = frozenset()
        for verdict in self.verdicts:
            if verdict.outcome in RIGHT and verdict.site is not None:
                expression = self.sources.read(verdict.site)
                found |= frozenset() if expression is None else called(expression)
        return found

    def passes(self, verdict: Verdict, site: Site) -> tuple[tuple[Names, ...], ...] | None:
        """Return, per point, the values of the names at each run of the line, up to the judged binding. None if it
        never ran, or ran `MOST_PASSES` times or more."""
        occurrence = occurrence_of(verdict, site)
        if occurrence is None:
            return None
        first = 0 if site.in_loop and site.kind in ("again", "assign", "whole") else occurrence
        if occurrence - first >= MOST_PASSES:
            return None
        found = []
        for k in range(len(self.step_environment.runs)):
            held = [self.step_environment.at(k, site, number) for number in range(first, occurrence + 1)]
            reached = tuple(one for one in held if one is not None)
            if len(reached) < len(held):
                return None
            found.append(reached)
        return tuple(found)

    def formulas(
        self, verdict: Verdict, place: tuple[Site, int], expression: Expression, passes: tuple[tuple[Names, ...], ...]
    ) -> Iterator[tuple[Inlined, tuple[tuple[Names, ...], ...], Callable[[Expression], Expression]]]:
        """Yield the line's formula with its helpers inlined, if any are, then the formula as typed. Each comes with the
        values of all names, and a function that inlines the helpers in another expression."""
        site, occurrence = place
        context = Context(self.evidence, tuple(held[-1] for held in passes), self.derivation, verdict.step)
        line = LineFormula(site, expression, (site.number, occurrence), passes)
        bound = self._helpers.quantities
        known, meaning = frozenset(context.quantities), self.meaning(passes)
        unfolding = Inlining(line, known, bound, self.step_environment, self.sources, meaning)
        unfolded = unfolding.unfolded()
        if unfolded.whole is not expression:
            yield unfolded, _with(passes, unfolding.held), unfolding.put_in
        yield Inlined(expression, (Piece(site, expression),)), passes, unfolding.put_in

    def task(
        self,
        formula: Inlined,
        context: Context,
        passes: tuple[tuple[Names, ...], ...],
        own: tuple[Any, ...],
        verdict: Verdict,
    ) -> Task | None:
        """Return the search task of this step; None if the expression does not reproduce the student's value."""
        meaning, expression, site = self.meaning(passes), formula.whole, formula.pieces[0].site
        keys = () if is_built(expression) and len(children(expression)) > 1 else self.sources.keys(site)
        task = Task(
            expression,
            passes,
            context.right,
            self._measures(context.step.name),
            context.swaps,
            context.factors,
            _terms(context, keys, meaning),
            context.constants,
            _counts(expression, context.names[0]),
            self._before(site, expression, passes, own, meaning),
            frozenset(name for name, quantity in context.quantities.items() if quantity in context.rule_quantities),
            context.unrelated_names,
            meaning,
            parts=context.parts,
            slopes=exchanged_slopes(context),
            unread=self.sources.unread,
            around=() if site.scope else context.single_numbers,
            keys=keys,
        )
        if all(value is None for value in own):
            # The student's line raised: accept the expression only if it has no value here either.
            return task if all(task.gives(expression, k) is None for k in range(len(own))) else None
        for k, value in enumerate(own):
            if value is None or not is_right(
                task.gives(expression, k), value, self.evidence.scene.measure(k, context.step.name)
            ):
                return None
        if isinstance(expression, Call) and expression.operation.startswith(ENTRY):
            # The line has several results: the tuple and the call around it have no number, so only edit inside.
            task = replace(task, trusted=frozenset({id(expression), id(expression.arguments[0])}))
        if is_built(expression):
            # The old value of an augmented assignment is not typed in this line, so it cannot be replaced.
            unwritten = (id(one) for one in children(expression)[1:2] if isinstance(one, Name))
            task = replace(task, trusted=task.trusted.union(unwritten))
        if len(formula.pieces) < 2:
            return task
        right, wrong = self._readers(verdict)
        helpers = {piece.site.number: piece.site for piece in formula.pieces[1:]}
        bound = {number: frozenset(self.step_environment.at(0, one, 0) or ()) for number, one in helpers.items()}
        return replace(
            task,
            there={node: bound[site] for node, site in formula.within(helpers) if bound[site]},
            trusted=task.trusted.union(node for node, _ in formula.within(right)),
            helpers={
                node: float(site in wrong) for node, site in formula.within({p.site.number for p in formula.pieces})
            },
        )

    def _readers(self, verdict: Verdict) -> tuple[frozenset[int], frozenset[int]]:
        """Return the sites of the helpers that right steps read, and of those that only other wrong steps read."""
        right: set[int] = set()
        wrong: set[int] = set()
        for other in self.verdicts:
            place = None if other is verdict else _place_of(other)
            if place is not None and other.outcome in RIGHT:
                right |= self._helpers.of(place)
            elif place is not None and other.outcome == "wrong":
                wrong |= self._helpers.of(place)
        return frozenset(right), frozenset(wrong - right)

    @cached_property
    def _helpers(self) -> Readers:
        matches = self.evidence.alignment.matches.values()
        bound = {match.events[0].place for match in matches if match.events[0] is not None}
        return Readers(self.step_environment, frozenset(bound.union(*(match.origins for match in matches))))

    def _measures(self, step: str) -> tuple[Measure, ...]:
        """Return the tolerances of a step; the shape must match too if the step is wrong only by lost axes."""
        measures = self.evidence.scene.measures_of(step)
        strict = step in self.evidence.misshapen
        return tuple(replace(one, strict=True) for one in measures) if strict else measures

    def _before(
        self,
        site: Site,
        expression: Expression,
        passes: tuple[tuple[Names, ...], ...],
        own: tuple[Any, ...],
        meaning: StudentMeaning,
    ) -> tuple[Any, ...]:
        """Return, per point, the value that a line adds to: the old value, with what other lines add in a loop."""
        name = self.sources.changed(site)
        held = tuple(None if name is None else each[0].get(name) for each in passes)
        if site.kind == "whole":
            return held
        if not isinstance(expression, Call) or expression.operation not in ("again_add", "again_sub"):
            return held
        sign = 1 if expression.operation == "again_add" else -1
        found = []
        for value, each in zip(own, passes, strict=True):
            added = [value_of(expression.arguments[0], one, meaning) for one in each]
            known = value is not None and all(one is not None for one in added)
            try:
                found.append(value - sign * sum(added[1:], added[0]) if known else None)
            except ValueError:  # shapes that do not fit together
                found.append(None)
        return tuple(found)

    def meaning(self, passes: tuple[tuple[Names, ...], ...]) -> StudentMeaning:
        """Return plain Python arithmetic if all values are scalars: importing NumPy takes longer than the repair."""
        if not any(shape_of(value) for held in passes for value in held[-1].values()):
            return ScalarMeaning(self.sources.functions)
        from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning

        return NumpyMeaning(self.sources.functions)


def _place_of(verdict: Verdict) -> Key | None:
    """Return the binding that a verdict points at: inside a function, the one where the value was computed."""
    if verdict.match is None or verdict.event is None or verdict.site is None:
        return None
    if verdict.event.site == verdict.site.number:
        return verdict.event.place
    return next((place for place in verdict.match.origins if place[0] == verdict.site.number), None)


def _with(passes: tuple[tuple[Names, ...], ...], more: Sequence[Mapping[str, Any]]) -> tuple[tuple[Names, ...], ...]:
    """Merge `more`, the earlier values of some names per point, into every pass."""
    return tuple(tuple({**held, **other} for held in each) for each, other in zip(passes, more, strict=True))


def sound(task: Task, formula: Inlined) -> Task:
    """Return the task with every node of the line itself trusted, so that only its helpers are edited."""
    helpers = {node for node, _ in formula.within({piece.site.number for piece in formula.pieces[1:]})}
    return replace(task, trusted=task.trusted.union({id(node) for node in walk(formula.whole)} - helpers))


def reasons_of(task: Task, context: Context, unfolded: Callable[[Expression], Expression]) -> Reasons | None:
    """Return what proves a formula right for any values of its names. None if the right formula cannot be written in
    the student's names, or the expression adds to an old value."""
    known = [] if context.whole is None else [context.whole, *context.seeded]
    right: Sequence[Expression | None] = known
    if known and task.keys and not is_built(task.expression):
        entry = ArrayEntry(task.keys, shape_of(task.right[0]), task.worth)
        right = [entry.of(one) for one in known] if entry.is_known else ()
    elif not _stands_alone(task):
        return None
    formulas = tuple(one for one in right if one is not None)
    if not formulas:
        return None
    held = task.names[0]
    fixed = frozenset(name for name in held if all(alike(one.get(name), held[name]) for one in task.names))
    twins = equal_names(task.names)
    return Reasons(
        formulas, held, fixed, context.computed, unfolded, context.defined, context.stated, twins, context.seeds
    )


def _terms(context: Context, keys: tuple[Expression, ...], meaning: StudentMeaning) -> tuple[Expression, ...]:
    """Return the summands of the chain rule, with the student's locals for their parts; of a line that changes one
    entry, their entries at the same place."""
    entry = ArrayEntry(keys, shape_of(context.right[0]), lambda node: value_of(node, context.names[0], meaning))

    def at_keys(terms: Iterable[Expression]) -> tuple[Expression, ...]:
        entries = map(entry.of, terms) if entry.is_known else terms
        return tuple(one for one in entries if one is not None)

    named, spelled = (
        at_keys(dict.fromkeys(part for term in terms for part in (*summands(term), term)))
        for terms in (context.terms, context.spelled_terms)
    )
    kept = (_without_nothing(one, context, meaning) for one in spelled)
    return (*map(signs_first, named), *(cancelled(signs_first(with_locals(one, context, meaning))) for one in kept))


def _without_nothing(node: Expression, context: Context, meaning: StudentMeaning) -> Expression:
    """Return a formula without the summands that are nothing beside the others at every point, as the deviations from a
    mean are when they are added up."""
    match node:
        case Call("add", (left, right)):
            for one in (left, right):
                pairs = [[value_of(part, held, meaning) for part in (one, node)] for held in context.names]
                if all(alike(*pair) for pair in pairs):
                    return _without_nothing(one, context, meaning)
            return node
        case Call(arguments=arguments):
            inner = tuple(_without_nothing(one, context, meaning) for one in arguments)
            same = all(a is b for a, b in zip(inner, arguments, strict=True))
            return node if same else replace(node, arguments=inner)
        case _:
            return node


def _stands_alone(task: Task) -> bool:
    """Whether the expression alone determines the value: the old value of the bound name is part of it, or unused."""
    whole = is_built(task.expression) and len(children(task.expression)) > 1
    return whole or (not task.keys and all(one is None for one in task.before))


def _counts(expression: Expression, held: Names) -> frozenset[str]:
    """Return the texts of the integer subexpressions: `n`, `len(x)`, `x.shape[0]`."""
    found = set()
    for part in walk(expression):
        match part:
            case Name(id=name) if isinstance(held.get(name), int):
                found.add(name)
            case Call("length") | Index(base=Call("shape_of")):
                found.add(text(part))
    return frozenset(found)


@dataclass
class Sources:
    """The sites of one submission, each parsed once. Sites of the exercise's own code, which calls the submission, have
    no source here. `ran` are the statements that have bound something."""

    submission: Submission
    ran: Ran = frozenset()
    _read: dict[int, Expression | None] = field(default_factory=dict)

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The student's own functions that consist of formulas."""
        return functions([cell.source for cell in self.submission.cells], self.ran)

    @cached_property
    def unread(self) -> frozenset[str]:
        """The names that are bound and never read."""
        return unread([cell.source for cell in self.submission.cells])

    def _of(self, site: Site) -> str | None:
        return self.submission.cells[site.cell].source if site.cell < len(self.submission.cells) else None

    def read(self, site: Site) -> Expression | None:
        """Return the formula of a site; None if it cannot be read as one."""
        source = self._of(site)
        if source is not None and site.number not in self._read:
            self._read[site.number] = read(source, site, frozenset(self.functions))
        return self._read.get(site.number)

    def built(self, site: Site) -> tuple[str, tuple[Expression, ...]] | None:
        """Return the name whose old value a statement builds on, and the entries it changes; None if it uses none."""
        source = self._of(site)
        if source is None:
            return None
        if site.kind == "whole":
            return entries(source, site, frozenset(self.functions))
        name = target(source, site) if site.kind == "again" else None
        return None if name is None else (name, ())

    def changed(self, site: Site) -> str | None:
        """Return the name that a statement binds or changes entries of; None if there are several or none."""
        source = self._of(site)
        if source is None or site.kind != "whole":
            return None if source is None else target(source, site)
        found = entries(source, site, frozenset(self.functions))
        return None if found is None else found[0]

    def keys(self, site: Site) -> tuple[Expression, ...]:
        """Return the entries that a line changes; empty if it binds a whole name."""
        found = self.built(site) if site.kind == "whole" else None
        return () if found is None else found[1]

    def runs_too_often(self, site: Site) -> bool:
        """Whether a line adds to something in a loop of which it reads nothing."""
        source = self._of(site)
        return source is not None and site.in_loop and runs_too_often(source, site)

    def around(self, site: Site) -> frozenset[str]:
        """Return the names that occur in the function around a site; empty at the top level."""
        source = self._of(site)
        return names_around(source, site) if source is not None and site.scope else frozenset()

    def place(self, site: Site) -> Place:
        """Return the place of a site's formula, in characters."""
        lines = lines_of(self._of(site) or "")
        line, column, end_line, end_column = site.value
        start, end = character_column(lines[line - 1], column), character_column(lines[end_line - 1], end_column)
        return Place(line, start, end_line, end)
