"""The smallest change of a student's expression that makes it right at every point.

Found by search, proven by evaluation: every single edit, smallest first; two edits where one does not do. A repair
is kept only if it gives autograd's value at all points, with the names holding what they held in the forced run.
Of equally small repairs all are kept. The search ends after a time with what it has found.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from grader.diagnosis.edits import (
    AGAIN,
    COST,
    NOTHING,
    Edit,
    missing_products,
    reductions,
    scalings,
    single_edits,
    subtrees,
)
from grader.diagnosis.meaning import StudentMeaning
from grader.diagnosis.numbers import alike, is_right, redrawn, shape_of
from grader.diagnosis.scalars import ScalarMeaning
from grader.formula.evaluate import Environment, EvaluationError, evaluate
from grader.formula.syntax import Call, Expression, Name, names, text
from grader.judge.compare import Measure

SECONDS = 2.0
"""How long the repair of one expression is looked for."""

STRANGE = 2.0
"""What it costs more to put a derivative that has no part in the step's chain rule into another name's place."""

Names = Mapping[str, Any]


class Outer(Protocol):
    """What a line is worth with another expression at another place."""

    def gives(self, expression: Expression, point: int) -> Any: ...


@dataclass(frozen=True, slots=True)
class Task:
    """An expression, what its names hold at every point, what it should give there, and how that is compared.

    `passes` are what the names held each time the line ran, up to the binding that is judged; `before` is what the
    name held that is added to. `swaps` are the names that may stand for one another, `factors` what may be missing as
    a factor or a summand, `terms` the summands of the step's chain rule, `constants` factors of the whole line;
    `counts` are formulas for whole numbers, which may be off by one.
    Where `outer` is set the expression stands elsewhere, and `outer` says what the judged line makes of it.
    `ingredients` are the names in the chain rule of the step: of equally small repairs the one made of these is it;
    `strangers` are derivatives that have no part in it: one of them in another's place is no small change."""

    expression: Expression
    passes: tuple[tuple[Names, ...], ...]
    right: tuple[Any, ...]
    measures: tuple[Measure, ...]
    swaps: tuple[str, ...]
    factors: tuple[Expression, ...]
    terms: tuple[Expression, ...] = ()
    constants: tuple[Expression, ...] = ()
    counts: frozenset[str] = frozenset()
    before: tuple[Any, ...] = ()
    ingredients: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    meaning: StudentMeaning = field(default_factory=ScalarMeaning)
    outer: Outer | None = None

    @property
    def names(self) -> tuple[Names, ...]:
        """What the names held when the line ran for the last time."""
        return tuple(held[-1] for held in self.passes)

    def gives(self, expression: Expression, point: int) -> Any:
        """What the name holds after a line with this expression, at a point; None where it has no value."""
        if self.outer is not None:
            return self.outer.gives(expression, point)
        return self.value(expression, self.passes[point], self.before[point] if self.before else None)

    def mends(self, expression: Expression) -> bool:
        """Whether it gives the right value at every point. A probe first: at the given numbers many a wrong formula is
        right."""
        order = (*range(1, len(self.passes)), 0)
        return all(is_right(self.gives(expression, k), self.right[k], self.measures[k]) for k in order)

    def value(self, expression: Expression, passes: Sequence[Names], before: Any) -> Any:
        """The value of an expression by itself; `before` is what the name held that `+=` adds to."""
        if isinstance(expression, Call) and (expression.operation in AGAIN or expression.operation == NOTHING):
            return _accumulated(expression, passes, before, self.meaning)
        return value_of(expression, passes[-1], self.meaning)


@dataclass(frozen=True, slots=True)
class Repair:
    """One or two edits, the last one's `whole_after` being right at every point; `cost` says how small it is."""

    edits: tuple[Edit, ...]
    cost: float

    @property
    def result(self) -> Expression:
        return self.edits[-1].whole_after


def search(task: Task, seconds: float = SECONDS) -> tuple[Repair, ...]:
    """The smallest repairs, all of one cost; none where there is none to be found."""
    deadline = time.monotonic() + seconds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not _has_arrays(task, task.expression):
            # Of single numbers, what is there already first: nothing that could be missing costs less.
            small = sorted(single_edits(task.expression, task.swaps, ()), key=lambda edit: _cost(task, edit))
            found = _smallest(task, ((edit,) for edit in small), deadline)
            if found and found[0].cost < COST["missing_factor"]:
                return found
        singles = sorted(_candidates(task, task.expression), key=lambda edit: _cost(task, edit))
        found = _smallest(task, ((edit,) for edit in singles), deadline)
        return found or _smallest(task, _pairs(task, singles), deadline)


def _cost(task: Task, edit: Edit) -> float:
    estranged = edit.kind == "operand" and isinstance(edit.after, Name) and edit.after.id in task.strangers
    return edit.cost + STRANGE if estranged else edit.cost


def _accumulated(root: Call, passes: Sequence[Names], before: Any, meaning: StudentMeaning) -> Any:
    """What a name that held `before` holds after every pass of `x += e`."""
    if before is None or root.operation == NOTHING:
        return before
    total = before
    for held in passes:
        value = value_of(root.arguments[0], held, meaning)
        if value is None:
            return None
        try:
            total = meaning.apply(root.operation.removeprefix("again_"), [total, value], {})
        except (ArithmeticError, ValueError, TypeError):
            return None
    return total


def value_of(expression: Expression, held: Names, meaning: StudentMeaning) -> Any:
    """The value of an expression, None where it has none."""
    try:
        return evaluate(expression, Environment(dict(held)), meaning)
    except (EvaluationError, ArithmeticError, ValueError, TypeError, IndexError, KeyError, RecursionError):
        return None


def _has_arrays(task: Task, whole: Expression) -> bool:
    return any(shape_of(held[name]) for held in task.names[:1] for name in names(whole) if name in held)


def _candidates(task: Task, whole: Expression) -> Iterator[Edit]:
    yield from single_edits(whole, task.swaps, task.factors, task.counts)
    yield from scalings(whole, task.constants)
    arrays = _has_arrays(task, whole)
    yield from missing_products(whole, () if arrays else task.swaps, task.terms)
    if arrays:
        for node, rebuild in subtrees(whole):
            if isinstance(node, Name | Call):
                yield from (Edit(kind, node, after, whole, rebuild(after)) for kind, after in reductions(node))


def _smallest(task: Task, tries: Iterable[tuple[Edit, ...]], deadline: float) -> tuple[Repair, ...]:
    """All repairs of the smallest cost among `tries`, which come smallest first."""
    found: list[Repair] = []
    for number, edits in enumerate(tries):
        repair = Repair(edits, sum(_cost(task, edit) for edit in edits))
        if found and repair.cost > found[0].cost:
            break
        if number % 64 == 0 and time.monotonic() > deadline:
            break
        if task.mends(repair.result):
            found.append(repair)
    return _distinct(task, found)


def _distinct(task: Task, found: Sequence[Repair]) -> tuple[Repair, ...]:
    """One repair of each resulting function: `-(a * b)` and `a * (-b)` are one repair, the shorter one."""
    kept: list[tuple[Repair, list[Any]]] = []
    elsewhere = _elsewhere(task)
    for repair in sorted(found, key=lambda one: len(text(one.result))):
        values = [task.value(repair.result, (held,), held[BEFORE]) for held in elsewhere]
        if not any(all(map(alike, values, others)) for _, others in kept):
            kept.append((repair, values))
    repairs = [repair for repair, _ in kept]
    made_of = [repair for repair in repairs if all(_new_names(edit) <= task.ingredients for edit in repair.edits)]
    return tuple(made_of if len(made_of) == 1 else repairs)


def _elsewhere(task: Task) -> list[Names]:
    """Each name with numbers of its own, unrelated to the others': what is equal here is equal everywhere."""
    source = random.Random(0)
    held = {**task.names[0], BEFORE: task.before[0] if task.before else None}
    return [{name: redrawn(value, source) for name, value in sorted(held.items())} for _ in range(2)]


BEFORE = ""
"""Stands among the names for what the bound one held before."""


def _new_names(edit: Edit) -> frozenset[str]:
    return names(edit.after) - names(edit.before)


PAIRED = frozenset({"operand", "sign", "power", "constant", "operator", "order", "extra_factor", "extra_term", "index"})
"""Kinds of edit that are tried two at a time."""


def _pairs(task: Task, singles: Sequence[Edit]) -> Iterator[tuple[Edit, ...]]:
    """Two small edits one after the other, smallest first."""
    small = [edit for edit in singles if edit.kind in PAIRED]
    by_cost: dict[float, list[Edit]] = {}
    for edit in small:
        by_cost.setdefault(edit.cost, []).append(edit)
    costs = sorted({COST[edit.kind] for edit in small})
    for first, second in sorted(((a, b) for a in costs for b in costs), key=lambda pair: sum(pair)):
        for edit in by_cost.get(first, ()):
            for other in single_edits(edit.whole_after, task.swaps, ()):
                if other.cost == second and other.kind in PAIRED and other.before is not edit.after:
                    yield edit, other
