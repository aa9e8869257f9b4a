"""Where else a mistake can be: in a function that a line calls, or in a helper of no name that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.diagnosis.meaning import StudentMeaning
from grader.diagnosis.numbers import alike
from grader.diagnosis.reading import Function
from grader.diagnosis.search import Names, Task, value_of
from grader.diagnosis.surroundings import Surroundings
from grader.formula.evaluate import EvaluationError
from grader.formula.making import NOWHERE
from grader.formula.syntax import Call, Expression, Name, names, walk
from grader.runner.sites import Site
from grader.runner.types import Event, Key


@dataclass(frozen=True, slots=True)
class InFunction:
    """A formula of a function, seen from the line that calls it."""

    line: Task
    name: str
    place: int

    def gives(self, expression: Expression, point: int) -> Any:
        meaning = self.line.meaning
        changed = meaning.functions[self.name].with_part(self.place, expression)
        seen = replace(self.line, meaning=meaning.with_function(self.name, changed))
        return seen.gives(self.line.expression, point)


@dataclass(frozen=True, slots=True)
class InHelper:
    """The formula of a helper, seen from the line that reads it."""

    line: Task
    name: str
    names: tuple[Names, ...]

    def gives(self, expression: Expression, point: int) -> Any:
        value = value_of(expression, self.names[point], self.line.meaning)
        *earlier, last = self.line.passes[point]
        passes = list(self.line.passes)
        passes[point] = (*earlier, {**last, self.name: value})
        return None if value is None else replace(self.line, passes=tuple(passes)).gives(self.line.expression, point)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A search at another place: the site it is told at, and what the names hold there."""

    task: Task
    site: Site
    held: tuple[Names, ...]
    key: tuple[str, int]


def called(expression: Expression) -> frozenset[str]:
    """The student's own functions that an expression calls."""
    calls = (part.operation for part in walk(expression) if isinstance(part, Call))
    return frozenset(operation[:-2] for operation in calls if operation.endswith("()"))


def in_functions(task: Task, site: Site, trusted: frozenset[str]) -> Iterator[Elsewhere]:
    """Each formula of each function that the line calls; those `trusted` give right values elsewhere."""
    for call in walk(task.expression):
        if not isinstance(call, Call) or not call.operation.endswith("()") or call.operation[:-2] in trusted:
            continue
        name = call.operation[:-2]
        function = task.meaning.functions[name]
        held = [_inner_names(call, function, names, task.meaning) for names in task.names]
        known = tuple(one for one in held if one is not None)
        if len(known) < len(held):
            continue
        for place, part in enumerate(function.parts):
            visible = tuple(dict.fromkeys((*function.parameters, *(one.name for one in function.parts[:place]))))
            inner = _of(task, part.formula, known, visible, InFunction(task, name, place))
            there = replace(site, cell=function.cell, statement=part.statement, kind="assign")
            yield Elsewhere(inner, there, known, (name, place))


def _inner_names(call: Call, function: Function, held: Names, meaning: StudentMeaning) -> Mapping[str, Any] | None:
    """What the names in a function hold once it is done; None where it has no value."""
    given = [value_of(argument, held, meaning) for argument in call.arguments]
    try:
        inner = meaning.steps(function, dict(zip(function.parameters, given, strict=True)))
    except (EvaluationError, ArithmeticError, ValueError, TypeError, IndexError, KeyError, RecursionError):
        return None
    del inner[""]
    return {**held, **inner}


def in_helpers(
    task: Task,
    place: Key,
    surroundings: Surroundings,
    known: Mapping[str, str],
    expression_at: Callable[[Site], Expression | None],
) -> Iterator[Elsewhere]:
    """The last binding of each name the line reads that is no quantity (`known`). `place` is the line's own."""
    for name in sorted(names(task.expression)):
        if name in known:
            continue
        bound = [_last(surroundings, run, name, place) for run in range(len(surroundings.runs))]
        events = [one for one in bound if one is not None]
        if len(events) < len(bound) or len({one.site for one in events}) > 1:
            continue
        site = surroundings.sites[events[0].site]
        held = [surroundings.at(k, site, one.occurrence) for k, one in enumerate(events)]
        reached = tuple(one for one in held if one is not None)
        expression = expression_at(site)
        if expression is None or len(reached) < len(held):
            continue
        values = [value_of(expression, one, task.meaning) for one in reached]
        if all(alike(value, have[name]) for value, have in zip(values, task.names, strict=True)):
            inner = _of(task, expression, reached, (), InHelper(task, name, reached))
            yield Elsewhere(inner, site, reached, (name, site.number))


def _last(surroundings: Surroundings, run: int, name: str, place: Key) -> Event | None:
    """The last plain binding of a name before a place is reached."""
    found = None
    for event in surroundings.runs[run]:
        if event.place == place:
            return found
        site = surroundings.sites[event.site]
        # An input that was changed is no helper: what stands there is not about this step.
        if site.kind == "assign" and not site.owner and name in site.names and event.role == "own":
            found = event
    return None


def _of(
    task: Task,
    expression: Expression,
    held: tuple[Names, ...],
    visible: tuple[str, ...],
    outer: InFunction | InHelper,
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
    )
