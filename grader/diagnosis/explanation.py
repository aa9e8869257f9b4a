"""Explains the wrong steps of one submission: reads each step's expression, finds its repairs, has them told.

What was read, found and learned for one step serves the next one at the same place.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.diagnosis.by_value import described
from grader.diagnosis.chain import Derivation
from grader.diagnosis.context import Context
from grader.diagnosis.course import named_by_course
from grader.diagnosis.finding import Finding
from grader.diagnosis.meaning import StudentMeaning
from grader.diagnosis.numbers import as_number, is_right, shape_of
from grader.diagnosis.reading import Function, functions, read, target
from grader.diagnosis.scalars import ScalarMeaning
from grader.diagnosis.search import SECONDS, Names, Repair, Task, search, value_of
from grader.diagnosis.surroundings import Surroundings, occurrence_of
from grader.diagnosis.telling import told
from grader.formula.evaluate import EvaluationError
from grader.formula.syntax import Call, Expression, Name, names, walk
from grader.judge.trial import Evidence
from grader.judge.verdicts import Verdict
from grader.model import Submission, Value
from grader.runner.sites import Site

ALTOGETHER = 10.0
"""Seconds the repairs of one submission may be looked for; after them the facts stand alone."""

AT_LEAST = 0.05
"""Seconds for a step for which none are left: the smallest repairs are found in less."""


@dataclass
class Explainer:
    """One submission's explanations; `_repairs` are those found at each place."""

    evidence: Evidence
    submission: Submission
    surroundings: Surroundings
    derivation: Derivation
    _left: float = ALTOGETHER
    _read: dict[int, Expression | None] = field(default_factory=dict)
    _repairs: dict[tuple[int, tuple[str, int] | None], tuple[Repair, ...]] = field(default_factory=dict)

    def explain(self, verdict: Verdict, facts: Finding) -> Finding:
        """The finding of one wrong step; the facts where nothing more can be proven."""
        commits = [at.get(verdict.step.name) for at in self.evidence.commits]
        own = tuple(as_number(value) if isinstance(value, Value) else None for value in commits)
        seen = described(self.derivation, verdict.step, own)
        if seen is not None:
            facts = replace(facts, diagnosis=replace(facts.diagnosis, message=f"{facts.diagnosis.message} {seen}"))
        started = time.monotonic()
        finding = self._repaired(verdict, own, facts)
        self._left -= time.monotonic() - started
        return named_by_course(self.derivation, verdict.step, own, finding)

    def _repaired(self, verdict: Verdict, own: tuple[Any, ...], facts: Finding) -> Finding:
        site = verdict.site
        if site is None or site.cell >= len(self.submission.cells):
            return facts
        expression = self._expression(site)
        passes = self._passes(verdict, site)
        if passes is None:
            return self._with_rule(facts, Context(self.evidence, self.derivation, verdict.step, ({},)))
        reads = frozenset() if expression is None else names(expression)
        right = tuple(as_number(at[verdict.step.name]) for at in self.evidence.scene.reference.values)
        last = tuple(held[-1] for held in passes)
        context = Context(self.evidence, self.derivation, verdict.step, last, right, reads)
        facts = self._with_rule(facts, context)
        task = None if expression is None else self._task(site, expression, context, passes, own)
        if task is None or expression is None:
            return facts
        repairs = self._search(task, site)
        cost = repairs[0].cost if repairs else None
        inside = self._inside(site, task, context, facts, cost)
        if inside is not None:
            return inside
        return told(self.submission, site, expression, context, repairs, facts) if repairs else facts

    def _with_rule(self, facts: Finding, context: Context) -> Finding:
        rule = context.rule
        if rule is None:
            return facts
        return replace(facts, diagnosis=replace(facts.diagnosis, rule=rule.told(context.called)))

    def _expression(self, site: Site) -> Expression | None:
        if site.number not in self._read:
            source = self.submission.cells[site.cell].source
            self._read[site.number] = read(source, site, frozenset(self._functions))
        return self._read[site.number]

    @cached_property
    def _functions(self) -> dict[str, Function]:
        return functions([cell.source for cell in self.submission.cells])

    def _passes(self, verdict: Verdict, site: Site) -> tuple[tuple[Names, ...], ...] | None:
        """What the names held each time the line ran, up to the binding that is judged; None where it never did."""
        occurrence = occurrence_of(verdict, site, self.surroundings.runs[0])
        if occurrence is None:
            return None
        first = 0 if site.in_loop and site.kind in ("again", "assign") else occurrence
        found = []
        for k in range(len(self.surroundings.runs)):
            held = [self.surroundings.at(k, site, number) for number in range(first, occurrence + 1)]
            reached = tuple(one for one in held if one is not None)
            if len(reached) < len(held):
                return None
            found.append(reached)
        return tuple(found)

    def _task(
        self,
        site: Site,
        expression: Expression,
        context: Context,
        passes: tuple[tuple[Names, ...], ...],
        own: tuple[Any, ...],
    ) -> Task | None:
        """The search for this step; None where the expression does not give what the student's code gave."""
        meaning = self._meaning(passes)
        task = Task(
            expression,
            passes,
            context.right,
            self.evidence.scene.measures,
            context.swaps,
            context.factors,
            context.terms,
            self._before(site, expression, passes, own, meaning),
            frozenset(name for name, quantity in context.quantities.items() if quantity in context.ingredients),
            context.strangers,
            meaning,
        )
        for k, value in enumerate(own):
            if value is None or not is_right(task.gives(expression, k), value, task.measures[k]):
                return None
        return task

    def _before(
        self,
        site: Site,
        expression: Expression,
        passes: tuple[tuple[Names, ...], ...],
        own: tuple[Any, ...],
        meaning: StudentMeaning,
    ) -> tuple[Any, ...]:
        """What a line adds to, at every point: what the name held, and what other lines added in a loop."""
        name = target(self.submission.cells[site.cell].source, site)
        held = tuple(None if name is None else each[0].get(name) for each in passes)
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

    def _meaning(self, passes: tuple[tuple[Names, ...], ...]) -> StudentMeaning:
        """Arithmetic of numbers where there are only numbers: NumPy takes longer to import than such a step to
        repair."""
        if not any(shape_of(value) for held in passes for value in held[-1].values()):
            return ScalarMeaning(self._functions)
        from grader.diagnosis.arithmetic import NumpyMeaning

        return NumpyMeaning(self._functions)

    def _search(self, task: Task, site: Site) -> tuple[Repair, ...]:
        """The smallest repairs; those found for another step at this place, where they mend this one too."""
        key = site.number, task.inside
        known = self._repairs.get(key, ())
        if known and all(task.mends(repair.result) for repair in known):
            return known
        self._repairs[key] = search(task, max(min(SECONDS, self._left), AT_LEAST))
        return self._repairs[key]

    def _inside(self, site: Site, task: Task, context: Context, facts: Finding, cost: float | None) -> Finding | None:
        """The finding where the mistake is in a function of the student's that the expression calls; None where no
        change there is as small as the one of `cost` outside."""
        for inner, function, place, held in _parts(task):
            repairs = self._search(inner, site)
            if repairs and (cost is None or repairs[0].cost <= cost):
                part = function.parts[place]
                there = replace(site, cell=function.cell, statement=part.statement, kind="assign")
                within = replace(context, names=held, reads=names(part.formula))
                return told(self.submission, there, part.formula, within, repairs, facts)
        return None


def _parts(task: Task) -> Iterator[tuple[Task, Function, int, tuple[Names, ...]]]:
    """The search in each formula of each function that is called, with what the names hold there."""
    for call in walk(task.expression):
        if not isinstance(call, Call) or not call.operation.endswith("()"):
            continue
        name = call.operation[:-2]
        function = task.meaning.functions[name]
        held = [_inner_names(call, function, names, task.meaning) for names in task.names]
        known = tuple(one for one in held if one is not None)
        if len(known) < len(held):
            continue
        for place, part in enumerate(function.parts):
            visible = tuple(dict.fromkeys((*function.parameters, *(one.name for one in function.parts[:place]))))
            factors = tuple(Name(one, part.formula.place) for one in visible)
            inner = replace(
                task,
                expression=part.formula,
                swaps=visible,
                factors=factors,
                terms=(),
                whole=task.expression,
                inside=(name, place),
            )
            yield inner, function, place, known


def _inner_names(call: Call, function: Function, held: Names, meaning: StudentMeaning) -> Mapping[str, Any] | None:
    """What the names in a function hold once it is done; None where it has no value."""
    given = [value_of(argument, held, meaning) for argument in call.arguments]
    try:
        inner = meaning.steps(function, dict(zip(function.parameters, given, strict=True)))
    except (EvaluationError, ArithmeticError, ValueError, TypeError, IndexError, KeyError, RecursionError):
        return None
    del inner[""]
    return {**held, **inner}
