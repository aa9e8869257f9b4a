"""Repair search inside the functions that a line calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.diagnosis.chain_rule.meaning import Names, StudentMeaning, value_of
from grader.diagnosis.expressions import Function
from grader.diagnosis.repair_search.reasons import Reason, Reasons
from grader.diagnosis.repair_search.task import Task
from grader.formula.build import NOWHERE
from grader.formula.evaluate import EvaluationError
from grader.formula.syntax import Call, Expression, Name, walk
from grader.instrument.site import Site


@dataclass(frozen=True, slots=True)
class InFunction:
    """Evaluates the calling line with another formula at one place of the function `name`."""

    line: Task
    name: str
    place: int

    def gives(self, expression: Expression, point: int) -> Any:
        return replace(self.line, meaning=self._with(expression)).gives(self.line.expression, point)

    def holds(self, expression: Expression, reasons: Reasons) -> Reason | None:
        return reasons.hold(self.line.expression, self._with(expression))

    def _with(self, expression: Expression) -> StudentMeaning:
        meaning = self.line.meaning
        changed = meaning.functions[self.name].with_part(self.place, expression)
        return meaning.with_function(self.name, changed)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A search at another place: its task, the site to report, and the values of the names there."""

    task: Task
    site: Site
    held: tuple[Names, ...]
    key: tuple[str, int]


def called(expression: Expression) -> frozenset[str]:
    """Return the student's own functions that an expression calls."""
    calls = (part.operation for part in walk(expression) if isinstance(part, Call))
    return frozenset(operation[:-2] for operation in calls if operation.endswith("()"))


DEEPEST = 3
"""How many levels of nested function calls are searched."""


def in_functions(task: Task, site: Site, trusted: frozenset[str]) -> Iterator[Elsewhere]:
    """Yield a search for each formula of each function that the line calls, directly or through others. Functions in
    `trusted` give right values elsewhere and are skipped."""
    yield from _called_in(task, site, (task.expression, task.names), trusted, DEEPEST)


def _called_in(
    task: Task, site: Site, caller: tuple[Expression, tuple[Names, ...]], trusted: frozenset[str], depth: int
) -> Iterator[Elsewhere]:
    """Yield the searches in the functions called by one expression, given with the values of its names."""
    for call in walk(caller[0]):
        if not isinstance(call, Call) or not call.operation.endswith("()") or call.operation[:-2] in trusted:
            continue
        name = call.operation[:-2]
        function = task.meaning.functions[name]
        program = map(task.meaning.among, task.names)
        held = [_inner_names(call, function, *pair) for pair in zip(caller[1], program, strict=True)]
        known = tuple(one for one in held if one is not None)
        if len(known) < len(held):
            continue
        around = tuple(name for name in task.around if name in known[0])
        free = sorted(function.free & known[0].keys())
        for place, part in enumerate(function.parts):
            own = (*function.parameters, *(one.name for one in function.parts[:place]))
            visible = tuple(dict.fromkeys((*own, *free, *around)))
            inner = _of(task, part.formula, known, visible, InFunction(task, name, place))
            there = replace(site, cell=function.cell, statement=part.statement, kind="assign")
            yield Elsewhere(inner, there, known, (name, place))
            if depth > 1:
                yield from _called_in(task, site, (part.formula, known), trusted, depth - 1)


def _inner_names(call: Call, function: Function, held: Names, meaning: StudentMeaning) -> Mapping[str, Any] | None:
    """Return the values of a function's names after the call, with those of the caller; None if it has no value."""
    given = [value_of(argument, held, meaning) for argument in call.arguments]
    try:
        inner = meaning.steps(function, dict(zip(function.parameters, given, strict=True)))
    except (EvaluationError, ArithmeticError, ValueError, TypeError, IndexError, KeyError, RecursionError):
        return None
    del inner[""]
    return {**held, **inner}


def _of(
    task: Task,
    expression: Expression,
    held: tuple[Names, ...],
    visible: tuple[str, ...],
    outer: InFunction,
) -> Task:
    return replace(
        task,
        expression=expression,
        passes=tuple((one,) for one in held),
        swaps=visible or tuple(name for name in task.swaps if all(name in one for one in held)),
        factors=tuple(Name(name, NOWHERE) for name in visible) if visible else task.factors,
        terms=(),
        constants=(),
        before=(),
        outer=outer,
        parts=(),
        trusted=frozenset(),
        helpers={},
    )
