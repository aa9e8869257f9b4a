"""Searches the smallest change of a student's expression that makes it right at every point.

Tries every single edit, smallest first, then pairs of edits if no single one works. A repair is kept only if it
evaluates to autograd's value at all points, with the values that the names had in the forced run. All repairs of the
smallest cost are kept. At the deadline the search returns what it has found.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Protocol, TypeVar

from grader.diagnosis.chain_rule.meaning import ScalarMeaning, StudentMeaning
from grader.diagnosis.chain_rule.numbers import alike, is_right, is_zero, redrawn, shape_of
from grader.diagnosis.repair_search.array_entries import ArrayEntry
from grader.diagnosis.repair_search.edits import (
    AGAIN,
    COST,
    NOTHING,
    SET,
    Edit,
    Kind,
    exchanged,
    is_built,
    less_one,
    missing_products,
    reductions,
    replaced,
    scalings,
    single_edits,
    slopes,
    subtrees,
    with_factor,
    with_matrix,
    with_term,
)
from grader.diagnosis.repair_search.pruning import Probe, has_zero, near
from grader.diagnosis.repair_search.reasons import Reason, Reasons
from grader.formula.build import NOWHERE, size_of_matrix, summands
from grader.formula.evaluate import Environment, EvaluationError, evaluate
from grader.formula.syntax import Call, Expression, Flag, Index, Name, Number, Slice, children, names, text, walk
from grader.judge.matching.compare import Measure

SECONDS = 1.8
"""Search time of one step in seconds (CPU)."""

REASONS: Mapping[Reason, float] = {"free": 0.0, "stated": 0.3, "constant": 1.0}
"""Extra cost of a repair by why it is right: for any values of its names, only with the program's formulas for them, or
only because a derivative in it is 1 or 0."""

STRANGE = 2.0
"""Extra cost of replacing a name with a derivative that does not occur in the step's chain rule."""

SAME_FOR_ONE = frozenset({"sub", "div", "eq", "ne", "gt", "ge", "lt", "le"})
"""Operations that have the same result for all values, if both operands are the same."""

Names = Mapping[str, Any]


INTO_ZEROS = 0.05
"""Extra cost of adding to an array of zeros, or subtracting from it, where a value was put: `=` is what was meant."""


class Outer(Protocol):
    """Evaluates the judged line when an edited expression stands elsewhere, such as in a function it calls."""

    def gives(self, expression: Expression, point: int) -> Any: ...

    def holds(self, expression: Expression, reasons: Reasons) -> Reason | None: ...


@dataclass(frozen=True, slots=True)
class Task:
    """An expression, the values of its names at every point, its right values, and how results are compared.

    `passes`: per point, the values of the names at each run of the line, up to the judged binding.
    `before`: per point, the old value that an augmented assignment builds on.
    `swaps`: names that may replace one another. `factors`: expressions that may be missing as a factor or summand.
    `terms`: the summands of the step's chain rule. `constants`: constant factors that the whole line may lack.
    `counts`: texts of integer subexpressions, which may be off by one.
    `outer`: set if the expression stands elsewhere; evaluates the judged line with it.
    `parts`: subexpressions of the right formula. `trusted`: `id`s of nodes that are right.
    `helpers`: `id`s of nodes in a helper's formula; the number says how much likelier a mistake there is.
    `around`: single numbers of the program that its functions may read: given ones, constants and lengths.
    `there`: by the same `id`s, the names that are bound where the node stands.
    `keys`: the entries of the old value that the line changes, if it changes only entries.
    `reasons`: prove a formula right for any values; None if no right formula can be written in these names.
    `unread`: names that nothing reads yet; a missing term or factor may well be one of these.
    `slopes`: pairs of a wrong local derivative and the right one it is confused with.
    `ingredients`: names in the step's chain rule; among equally small repairs the one made of these wins.
    `strangers`: derivatives that do not occur in it; inserting one of them is no small change."""

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
    parts: tuple[Expression, ...] = ()
    trusted: frozenset[int] = frozenset()
    helpers: Mapping[int, float] = field(default_factory=dict)
    there: Mapping[int, frozenset[str]] = field(default_factory=dict)
    keys: tuple[Expression, ...] = ()
    reasons: Reasons | None = None
    slopes: tuple[tuple[Expression, Expression], ...] = ()
    unread: frozenset[str] = frozenset()
    around: tuple[str, ...] = ()

    @property
    def has_arrays(self) -> bool:
        return any(shape_of(self.names[0][name]) for name in names(self.expression) if name in self.names[0])

    def worth(self, node: Expression) -> Any:
        """Return the value of an expression at the given point; None if it has none."""
        return value_of(node, self.names[0], self.meaning)

    def is_one(self, name: str) -> bool:
        """Whether a name is the number 1 at every point."""
        return all(not shape_of(held.get(name)) and held.get(name) == 1 for held in self.names)

    @property
    def zeros(self) -> frozenset[str]:
        """The names in the expression that are 0 at every point."""
        read = names(self.expression)
        return frozenset(name for name in read if all(name in held and is_zero(held[name]) for held in self.names))

    @property
    def terms_of_rule(self) -> frozenset[str]:
        """The texts of the summands of the chain rule, also of those that are certainly 0."""
        right = () if self.reasons is None else self.reasons.right
        return frozenset(map(text, (*self.terms, *(part for one in right for part in summands(one)))))

    def probe(self, whole: Expression) -> Probe | None:
        """Return a quick check of edits of `whole` at a probe point; at the given point (0) many wrong formulas happen
        to be right. None if the line adds up over several passes or the expression stands elsewhere."""
        point = min(1, len(self.passes) - 1)
        if self.outer is not None or (is_built(whole) and (self.keys or len(self.passes[point]) > 1)):
            return None
        right = entry_of(self.right[point], self.keys, self.names[point], self.meaning)
        if right is None:
            return None
        if isinstance(whole, Call) and is_built(whole) and len(whole.arguments) == 1:
            before = self.before[point] if self.before else None
            right = None if before is None else _addend(whole.operation, before, right)
            if right is None:
                return None
            whole = whole.arguments[0]
        return Probe(whole, self.names[point], right, self.measures[point], self.meaning)

    @property
    def names(self) -> tuple[Names, ...]:
        """Per point, the values of the names at the last run of the line."""
        return tuple(held[-1] for held in self.passes)

    def gives(self, expression: Expression, point: int) -> Any:
        """Return the value bound by the line with this expression, at a point; None if it has no value."""
        if self.outer is not None:
            return self.outer.gives(expression, point)
        return self.value(expression, self.passes[point], self.before[point] if self.before else None)

    def mends(self, expression: Expression) -> bool:
        """Whether the expression gives the right value at every point. The given point (0) comes last, as many wrong
        formulas happen to be right there."""
        order = (*range(1, len(self.passes)), 0)
        return all(is_right(self.gives(expression, k), self.right[k], self.measures[k]) for k in order)

    def holds(self, expression: Expression) -> Reason | None:
        """Return why the expression is right; "free" (right for any values) if there is no formula to compare with."""
        if self.reasons is None:
            return "free"
        if self.outer is not None:
            return self.outer.holds(expression, self.reasons)
        return self.reasons.hold(expression, self.meaning)

    def is_coincidence(self, edits: Sequence[Edit]) -> bool:
        """Whether edits without a reason (`holds` returned None) are right only by the numbers of this exercise: all
        right values are 0, a name of the expression is, or the edits insert a label."""
        if self.reasons is None:
            return False
        brought = bool(self.zeros) or any(self.reasons.brings_labels(edit.after, self.expression) for edit in edits)
        return brought or all(
            is_right(0.0 * right, right, by) for right, by in zip(self.right, self.measures, strict=True)
        )

    def reads_ahead(self, edit: Edit) -> bool:
        """Whether an edit puts into a helper what is bound further down."""
        known = self.there.get(id(edit.before))
        return known is not None and not names(edit.after) - names(edit.before) <= known

    def blanks(self, edit: Edit) -> bool:
        """Whether an edit makes a node directly around it 0 at every point, which was not 0 before. In
        `torch.tensor(1.0)` nothing is around the number, and a helper may be 0 as a whole: a sum begins with it. But a
        comparison that is nowhere true chooses nothing."""
        if self.outer is not None or is_built(edit.whole_after):
            return False
        parts = [part for part in walk(edit.whole_before) if not (isinstance(part, Call) and part.operation == "same")]
        outer = (part for part in parts if id(part) not in self.helpers)
        whole = {id(one) for part in outer for one in children(part) if id(one) in self.helpers}
        around = [
            part
            for part in parts
            if (id(part) not in whole or (isinstance(part, Call) and part.operation in ("eq", "ne")))
            and any(one is edit.before for one in children(part))
        ]
        pairs = [(part, replaced(part, edit.before, edit.after)) for part in around]
        return any(
            self._is_blank(after) and not self._is_blank(before) and self.terms_of_rule.isdisjoint(_either_way(after))
            for before, after in pairs
        )

    def adds_to_nothing(self, edit: Edit) -> bool:
        """Whether an edit adds a term to a line that is 0 at every point: that is no sum which lacks a term."""
        if edit.kind not in ("missing_term", "missing_product") or edit.before is not self.expression:
            return False
        given = (self.gives(edit.before, point) for point in range(len(self.right)))
        return all(
            shape_of(value) == shape_of(right) and is_right(value + right, right, by)
            for value, right, by in zip(given, self.right, self.measures, strict=True)
        )

    def _is_blank(self, part: Expression) -> bool:
        return all(is_zero(value_of(part, held, self.meaning)) for held in self.names)

    def value(self, expression: Expression, passes: Sequence[Names], before: Any) -> Any:
        """Evaluate the line with this expression, ignoring `outer`; `before` is the old value that `+=` adds to."""
        if self.keys:
            return _put(expression, self.keys, passes, before, self.meaning)
        if isinstance(expression, Call) and is_built(expression) and len(expression.arguments) == 1:
            return _accumulated(expression, passes, before, self.meaning)
        return value_of(expression, passes[-1], self.meaning)


class OneEntry:
    """A quick check of a line that adds to entries of an array, pass by pass: at the entry of its last pass, in those
    passes alone that change it."""

    def __init__(self, task: Task) -> None:
        self._task, self._point = task, min(1, len(task.passes) - 1)
        passes = task.passes[self._point] if task.outer is None and task.keys and len(task.passes[0]) > 1 else ()
        places = [[value_of(key, held, task.meaning) for key in task.keys] for held in passes]
        same = [held for held, place in zip(passes, places, strict=True) if _are_places(place) and place == places[-1]]
        self._passes = same if len(same) < len(passes) else []

    def rejects(self, expression: Expression) -> bool:
        """Whether the expression certainly leaves that entry wrong."""
        if not self._passes:
            return False
        task, point = self._task, self._point
        whole = _put(expression, task.keys, self._passes, task.before[point] if task.before else None, task.meaning)
        got, right = (entry_of(one, task.keys, self._passes[-1], task.meaning) for one in (whole, task.right[point]))
        return got is None or right is None or not near(got, right, task.measures[point])


def _are_places(keys: Sequence[Any]) -> bool:
    return all(isinstance(key, int) for key in keys)


def entry_of(array: Any, keys: Sequence[Expression], held: Names, meaning: StudentMeaning) -> Any:
    """Return the entry of an array at these keys, the array itself without any; None if it has no such entry."""
    places = tuple(value_of(key, held, meaning) for key in keys)
    if array is None or any(place is None for place in places):
        return None
    try:
        return array[places if len(places) > 1 else places[0]] if places else array
    except (IndexError, TypeError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Repair:
    """One or two edits; the last one's `whole_after` is right at every point. A smaller `cost` is a smaller change."""

    edits: tuple[Edit, ...]
    cost: float

    @property
    def result(self) -> Expression:
        return self.edits[-1].whole_after


def search(task: Task, seconds: float = SECONDS) -> tuple[Repair, ...]:
    """Return the smallest repairs, all of one cost; empty if none is found. Repairs that are right for a reason come
    first; of those right only at these points, a single edit smaller than a missing factor ends the search."""
    deadline = time.thread_time() + seconds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        probe = task.probe(task.expression)
        singles = sorted(_candidates(task, probe, deadline), key=lambda edit: _cost(task, edit))
        single = _smallest(task, ((edit,) for edit in singles), deadline)
        if single.reasoned:
            return single.reasoned
        if single.related and single.related[0].cost < COST["missing_factor"]:
            return single.related
        if single.related:
            part = _smallest(task, ((edit,) for edit in _parts(task, probe, deadline)), deadline)
            return part.reasoned or single.related
        # Two small edits explain a mistake better than a rewritten part, so they get the first 60% of the time.
        double = _smallest(task, _pairs(task, deadline - 0.4 * seconds), deadline - 0.4 * seconds)
        if double.reasoned:
            return double.reasoned
        part = _smallest(task, ((edit,) for edit in _parts(task, probe, deadline)), deadline)
        return part.reasoned or double.related or part.related


T = TypeVar("T")


def _until(deadline: float, many: Iterable[T]) -> Iterator[T]:
    """Yield items until the deadline; the clock is read at every 16th item."""
    for number, one in enumerate(many):
        if number % 16 == 0 and time.thread_time() > deadline:
            return
        yield one


def _cost(task: Task, edit: Edit) -> float:
    estranged = edit.kind == "operand" and isinstance(edit.after, Name) and edit.after.id in task.strangers
    cost = edit.cost + STRANGE if estranged or _strikes_out(task, edit) else edit.cost
    if (
        edit.kind == "operand"
        and isinstance(edit.before, Name)
        and (edit.before is edit.whole_before or edit.before.id in task.ingredients)
        and task.is_one(edit.before.id)
    ):
        cost += 1.1  # a factor is missing beside it, rather than in its place
    was_put = edit.kind == "accumulation" and isinstance(edit.before, Call) and edit.before.operation == SET
    if was_put and task.before and all(one is not None and is_zero(one) for one in task.before):
        cost += INTO_ZEROS
    within = task.helpers.get(id(edit.before))
    if within is None:
        return cost
    # The small extra cost breaks ties in favour of a change in the line itself.
    return cost - within + 0.001


def _strikes_out(task: Task, edit: Edit) -> bool:
    """Whether an edit only makes something vanish: by a factor or entry that is 0 everywhere, or by `x - x`, `x / x` or
    `x == x`. Such an edit explains nothing, unless the product is a term of the chain rule."""
    made = edit.after
    match edit.kind:
        case "operator" if isinstance(made, Call) and len(made.arguments) == 2:
            first, second = map(text, made.arguments)
            if made.operation in SAME_FOR_ONE and first == second:
                return True
            is_product = made.operation in ("mul", "matmul")
            vanishes = is_product and not names(made).isdisjoint(task.zeros)
            return vanishes and task.terms_of_rule.isdisjoint(_either_way(made))
        case "index":
            return all(is_zero(value_of(made, held, task.meaning)) for held in task.names)
        case "operand":
            around = (part for part in walk(edit.whole_before) if isinstance(part, Call))
            pairs = (part.arguments for part in around if part.operation in SAME_FOR_ONE)
            others = (other for pair in pairs if edit.before in pair for other in pair if other is not edit.before)
            return any(text(other) == text(made) for other in others)
        case "exchange":
            calls = (part for part in walk(made) if isinstance(part, Call) and part.operation in SAME_FOR_ONE)
            return any(len(one.arguments) == 2 and len(set(map(text, one.arguments))) == 1 for one in calls)
    return False


def _either_way(formula: Expression) -> frozenset[str]:
    """The texts of a formula, for a product with its factors in either order."""
    if isinstance(formula, Call) and formula.operation == "mul":
        return frozenset({text(formula), text(replace(formula, arguments=formula.arguments[::-1]))})
    return frozenset({text(formula)})


def _candidates(task: Task, probe: Probe | None, deadline: float) -> Iterator[Edit]:
    """Yield all single edits that pass the probe at one point. The deadline is checked on the unfiltered edits, since
    none of a hundred thousand may pass."""
    whole = task.expression
    divisors = {id(children(part)[1]) for part in walk(whole) if isinstance(part, Call) and part.operation == "div"}
    terms = () if id(whole) in task.trusted else task.terms  # few, and what no other edit brings
    for edit in _until(deadline, missing_products(whole, (), terms)):
        if probe is None or probe.passes(edit.before, edit.after):
            yield edit
    for edit in _until(deadline, single_edits(whole, task.swaps, (), task.counts, task.trusted)):
        if (probe is None or probe.passes(edit.before, edit.after)) and not (
            id(edit.before) in divisors and _is_one(task.worth(edit.after))
        ):  # `/ (N - 1)` where N is 2: the divisor is one too many
            yield edit
    for edit in _of_other_functions(task):
        if probe is None or probe.passes(edit.before, edit.after):
            yield edit
    yield from _missing(task, probe, deadline)
    for edit in _until(deadline, slopes(whole, task.slopes)):
        if probe is None or probe.passes(edit.before, edit.after):
            yield edit
    for edit in _until(deadline, exchanged(whole)):
        if probe is None or probe.passes(edit.before, edit.after):
            yield edit
    for edit in _until(deadline, scalings(whole, task.constants)):
        if probe is None or probe.passes(edit.before, edit.after):
            yield edit
    arrays = task.has_arrays
    for edit in _until(deadline, missing_products(whole, _paired(task), ())):
        if probe is None or probe.passes(edit.before, edit.after):
            yield edit
    yield from _reshaped(task)
    for edit in _counted_otherwise(task):
        if probe is None or probe.passes(edit.before, edit.after):
            yield edit
    if arrays:
        for node, rebuild in subtrees(whole):
            if isinstance(node, Name | Call) and id(node) not in task.trusted:
                axes = len(shape_of(value_of(node, task.names[0], task.meaning)))
                for kind, after in reductions(node, axes):
                    if probe is None or probe.passes(node, after):
                        yield Edit(kind, node, after, whole, rebuild)


def _of_other_functions(task: Task) -> Iterator[Edit]:
    """Yield edits that call another function of the student's with as many parameters: `dsigmoid(z)` for `dtanh(z)`."""
    functions = task.meaning.functions
    for node, rebuild in subtrees(task.expression):
        if isinstance(node, Call) and (own := node.operation.removesuffix("()")) in functions and not node.options:
            for name, function in functions.items():
                if name != own and len(function.parameters) == len(node.arguments):
                    after = replace(node, operation=f"{name}()")
                    yield Edit("function", node, after, task.expression, rebuild)


def _paired(task: Task) -> Sequence[str]:
    """Return the names whose products may be missing as a summand; beside arrays only those of a function, which are
    few and have no terms of the chain rule."""
    if task.has_arrays or any(shape_of(right) for right in task.right):
        return task.swaps[:MOST_PAIRED] if task.outer is not None else ()
    return task.swaps


MOST_PAIRED = 8
"""How many names of a function are paired, at most."""


def _reshaped(task: Task) -> Iterator[Edit]:
    """Yield the whole line reshaped to the shape of a name, if the line has the right size but the wrong shape."""
    value, right = task.gives(task.expression, 0), task.right[0]
    if is_built(task.expression) or not shape_of(right) or shape_of(value) == shape_of(right):
        return
    if getattr(value, "size", 0) == right.size:
        for name in task.swaps:
            if shape_of(task.names[0][name]) == shape_of(right):
                place = task.expression.place
                shape = Call("shape_of", (Name(name, place),), (), place)
                after = Call("reshape", (task.expression,), (("shape", shape),), place)
                yield Edit("reduction", task.expression, after, task.expression, lambda new: new)


def _counted_otherwise(task: Task) -> Iterator[Edit]:
    """Yield edits of a typed number, or a length, that the line divides by: to another length, or the size, of an array
    that the line reads. A name that holds the number would be written instead."""
    whole, held = task.expression, task.names[0]
    arrays = dict.fromkeys(part.id for part in walk(whole) if isinstance(part, Name) and shape_of(held.get(part.id)))
    sizes_of = {name: list(_sizes(Name(name, NOWHERE), shape_of(held[name]))) for name in arrays}
    sizes: dict[int, Expression] = {}
    for size, written in (one for each in sizes_of.values() for one in each):
        sizes.setdefault(size, written)
    named = {held[name] for name in task.swaps if type(held.get(name)) is int}
    divisors = {id(part.arguments[1]) for part in walk(whole) if isinstance(part, Call) and part.operation == "div"}
    for node, rebuild in subtrees(whole) if sizes else ():
        is_count = (isinstance(node, Number) and node.value > 2) or text(node) in task.counts
        if is_count and id(node) in divisors and id(node) not in task.trusted:
            own = {size: one for name in names(node) & arrays.keys() for size, one in sizes_of[name]}
            for size, written in (sizes | own).items():
                if size > 1 and size not in named and text(written) != text(node):
                    yield Edit("constant", node, written, whole, rebuild)


def _is_one(value: Any) -> bool:
    return not shape_of(value) and value == 1


def _sizes(array: Name, shape: tuple[int, ...]) -> Iterator[tuple[int, Expression]]:
    """Yield the length of an array, the number of its entries if it is a matrix, and the length of its second axis."""
    length = Call("length", (array,), (), NOWHERE)
    yield shape[0], length
    if len(shape) == 2:
        size = size_of_matrix(array)
        yield shape[0] * shape[1], size
        yield shape[1], size.arguments[1]


def _missing(task: Task, probe: Probe | None, deadline: float) -> Iterator[Edit]:
    """Yield edits that add a missing factor, summand or part of the right formula at each node."""
    whole = task.expression
    layouts = Layouts(task)
    picked_from = {id(part.base) for part in walk(whole) if isinstance(part, Index) and _entry_at(task, part)}
    for node, rebuild in subtrees(whole):
        if id(node) in picked_from:
            continue  # `dz[i, k] * eps[i, k]`, and not `(dz * eps)[i, k]`
        if not isinstance(node, Name | Number | Call | Index) or id(node) in task.trusted or is_built(node):
            continue
        if time.thread_time() > deadline:
            return
        for kind, after in _until(deadline, _grown(task, node, probe, layouts)):
            if probe is None or probe.passes(node, after):
                yield Edit(kind, node, after, whole, rebuild)


def _entry_bound(task: Task) -> ArrayEntry | None:
    """Return the entry that the line changes; None if it changes no single one."""
    entry = ArrayEntry(task.keys, shape_of(task.right[0]), task.worth)
    return entry if entry.is_known else None


def _entry_at(task: Task, node: Index) -> ArrayEntry | None:
    """Return the place of an entry that is read; None if the indices are no whole numbers."""
    shape = shape_of(task.worth(node.base))
    entry = ArrayEntry(node.keys, shape, task.worth)
    return entry if shape and isinstance(node.base, Name) and entry.is_known else None


class Layouts:
    """The factors of a task with axes added to broadcast against an array with more: a row mask as `mask[:, None]`."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._made: dict[tuple[int, ...], tuple[Expression, ...]] = {}

    def beside(self, shape: tuple[int, ...]) -> tuple[Expression, ...]:
        """Return the factors that broadcast against this shape only with axes of length 1 inserted."""
        if shape not in self._made:
            self._made[shape] = tuple(self._laid_out(shape)) if len(shape) > 1 else ()
        return self._made[shape]

    def _laid_out(self, shape: tuple[int, ...]) -> Iterator[Expression]:
        for factor in self._task.factors:
            own = shape_of(value_of(factor, self._task.names[0], self._task.meaning))
            if own and len(own) < len(shape):
                for axes in combinations(range(len(shape)), len(own)):
                    fits = tuple(shape[axis] for axis in axes) == own
                    if fits and axes != tuple(range(len(shape) - len(own), len(shape))):
                        yield Index(factor, _new_axes(axes), factor.place)


def _new_axes(axes: tuple[int, ...]) -> tuple[Expression, ...]:
    """Return the index keys (`:` and `None`) that place an array's axes at `axes`; trailing keys are left out."""
    keys: list[Expression] = []
    for axis in range(max(axes) + 1):
        keys.append(Slice(None, None, None, NOWHERE) if axis in axes else Flag(None, NOWHERE))
    return tuple(keys)


def _grown(task: Task, node: Expression, probe: Probe | None, layouts: Layouts) -> Iterator[tuple[Kind, Expression]]:
    one = isinstance(node, Number) and abs(node.value) == 1
    entry = _entry_at(task, node) if isinstance(node, Index) else _entry_bound(task) if isinstance(node, Call) else None
    if entry is not None:
        yield from _grown_by_entries(task, node, entry)
    if isinstance(node, Number) and one:
        yield from (("missing_one", less_one(node, term)) for term in task.factors)
    factors: Iterable[Expression] = task.factors if probe is None else probe.factors(node, task.factors)
    if entry is not None and isinstance(node, Index):  # beside an entry no array stands whole that has one there
        factors = [factor for factor in factors if entry.of(factor) in (None, factor)]
    for factor in factors:
        if not one:
            yield from with_factor(node, factor)
        if not one and task.outer is not None and task.has_arrays:
            yield from with_matrix(node, factor)  # without `outer`, `missing_products` has the terms of the chain rule
    for term in task.factors if probe is None else probe.summands(node, task.factors):
        yield from with_term(node, term)
    if probe is not None and (isinstance(node, Name | Index) or node is probe.whole):
        for term in probe.minuends(node, task.factors):
            yield "missing_term", Call("sub", (term, node), (), node.place)
    if probe is not None:
        for term in probe.summands(node, task.parts):
            yield from with_term(node, term, "missing_product")
        for factor in probe.factors(node, layouts.beside(shape_of(probe.value(node)))):
            yield from with_factor(node, factor)


def _grown_by_entries(task: Task, node: Expression, entry: ArrayEntry) -> Iterator[tuple[Kind, Expression]]:
    """Yield products and sums of a node and an entry of an array: `dz[i, k] * eps[i, k]`."""
    for factor in task.factors:
        beside = entry.of(factor)
        if beside is not None and beside is not factor and text(beside) != text(node):
            yield from with_factor(node, beside)
            yield from with_term(node, beside)


def _parts(task: Task, probe: Probe | None, deadline: float) -> Iterator[Edit]:
    """Yield edits that put a part of the right formula in place of a node, or as its factor; never all of it."""
    whole = task.expression
    whole_texts = set() if task.reasons is None else set(map(text, task.reasons.right))
    for node, rebuild in subtrees(whole):
        if probe is None or node is whole or is_built(node) or id(node) in task.trusted:
            continue
        if isinstance(node, Name | Call | Index):
            factors = (Call("mul", (node, factor), (), node.place) for factor in probe.factors(node, task.parts))
            for part in _until(deadline, (*task.parts, *factors)):
                if text(part) not in whole_texts and probe.passes(node, part):
                    yield Edit("part", node, part, whole, rebuild)


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest repairs that are right for a reason (`reasoned`), and the smallest of those found on the way that
    are right only at these points (`related`)."""

    reasoned: tuple[Repair, ...] = ()
    related: tuple[Repair, ...] = ()


def _smallest(task: Task, tries: Iterable[tuple[Edit, ...]], deadline: float) -> Smallest:
    """Return all repairs of the smallest cost among `tries`, which must come smallest first."""
    reasoned: list[Repair] = []
    related: list[Repair] = []
    one_entry = OneEntry(task)
    for edits in _until(deadline, tries):
        repair = Repair(edits, sum(_cost(task, edit) for edit in edits))
        if reasoned and repair.cost > min(one.cost for one in reasoned) + 1e-9:
            break
        if one_entry.rejects(repair.result):
            continue
        if any(map(task.reads_ahead, edits)) or not task.mends(repair.result) or any(map(task.blanks, edits)):
            continue
        if any(map(task.adds_to_nothing, edits)):
            continue
        reason = task.holds(repair.result)
        if reason is not None:
            reasoned.append(replace(repair, cost=repair.cost + REASONS[reason]))
        elif not (related and repair.cost > related[0].cost + 1e-9) and not task.is_coincidence(edits):
            related.append(repair)
    least = min((one.cost for one in reasoned), default=0.0)
    reasoned = [one for one in reasoned if one.cost <= least + 1e-9]
    return Smallest(_told_apart(task, reasoned), _told_apart(task, related))


def _told_apart(task: Task, found: Sequence[Repair]) -> tuple[Repair, ...]:
    exact = [repair for repair in found if shape_of(task.gives(repair.result, 0)) == shape_of(task.right[0])]
    return _distinct(task, exact or found)


def _addend(operation: str, before: Any, right: Any) -> Any:
    """Return the operand with which the augmented assignment turns `before` into `right`; None if undetermined."""
    try:
        match operation:
            case "again_add":
                return right - before
            case "again_sub":
                return before - right
            case "again_mul":
                return None if has_zero(before) else right / before
            case _:
                return None if has_zero(right) else before / right
    except (ArithmeticError, ValueError, TypeError):
        return None


def _accumulated(root: Call, passes: Sequence[Names], before: Any, meaning: StudentMeaning) -> Any:
    """Return the value of a name that held `before` after all passes of `x += e`."""
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


def _put(
    root: Expression, keys: Sequence[Expression], passes: Sequence[Names], before: Any, meaning: StudentMeaning
) -> Any:
    """Return the value of an array that held `before` after all passes of `x[keys] = e` or `x[keys] += e`."""
    if not shape_of(before):
        return None
    total = before.astype(float)
    adds = isinstance(root, Call) and root.operation in AGAIN
    if isinstance(root, Call) and root.operation == NOTHING:
        return total
    for held in passes:
        value = value_of(root.arguments[0] if isinstance(root, Call) and adds else root, held, meaning)
        places = [value_of(key, held, meaning) for key in keys]
        if value is None or any(place is None for place in places):
            return None
        key = tuple(places) if len(places) > 1 else places[0]
        try:
            if isinstance(root, Call) and adds:
                value = meaning.apply(root.operation.removeprefix("again_"), [total[key], value], {})
            total[key] = value
        except (ArithmeticError, ValueError, TypeError, IndexError):
            return None
    return total


def value_of(expression: Expression, held: Names, meaning: StudentMeaning) -> Any:
    """Return the value of an expression, None if it has none."""
    try:
        return evaluate(expression, Environment(dict(held)), meaning.among(held))
    except (EvaluationError, ArithmeticError, ValueError, TypeError, IndexError, KeyError, RecursionError):
        return None


def _distinct(task: Task, found: Sequence[Repair]) -> tuple[Repair, ...]:
    """Keep one repair of each resulting function: of `-(a * b)` and `a * (-b)` the shorter one."""
    if len(found) < 2:
        return tuple(found)
    kept: list[tuple[Repair, list[Any]]] = []
    elsewhere = _elsewhere(task)
    for repair in sorted(found, key=lambda one: len(text(one.result))):
        values = [task.value(repair.result, (held,), held[BEFORE]) for held in elsewhere]
        if not any(all(map(alike, values, others)) for _, others in kept):
            kept.append((repair, values))
    repairs = [repair for repair, _ in kept]
    alike_in_shape = [repair for repair in repairs if all(_keeps_shape(task, edit) for edit in repair.edits)]
    repairs = alike_in_shape or repairs
    forgotten = [repair for repair in repairs if any(_new_names(edit) & task.unread for edit in repair.edits)]
    if len(forgotten) == 1:
        return tuple(forgotten)
    made_of = [repair for repair in repairs if all(_new_names(edit) <= task.ingredients for edit in repair.edits)]
    return tuple(made_of if len(made_of) == 1 else repairs)


def _keeps_shape(task: Task, edit: Edit) -> bool:
    """Whether an edit that replaces one name with another keeps the shape; other edits do."""
    held = task.names[0]
    if edit.kind != "operand" or not isinstance(edit.before, Name) or not isinstance(edit.after, Name):
        return True
    return shape_of(held.get(edit.before.id)) == shape_of(held.get(edit.after.id))


def _elsewhere(task: Task) -> list[Names]:
    """Return two draws of independent random values for all names: expressions equal on both are taken as equal."""
    source = random.Random(0)
    held = {**task.names[0], BEFORE: task.before[0] if task.before else None}
    return [{name: redrawn(value, source) for name, value in sorted(held.items())} for _ in range(2)]


BEFORE = ""
"""The key among the names under which the old value of the bound name is kept."""


def _new_names(edit: Edit) -> frozenset[str]:
    return names(edit.after) - names(edit.before)


PAIRED = frozenset(
    {"operand", "sign", "power", "constant", "operator", "order", "extra_factor", "extra_term", "index", "brackets"}
)
"""Kinds of edit that are tried two at a time."""


def _pairs(task: Task, deadline: float) -> Iterator[tuple[Edit, ...]]:
    """Yield pairs of small edits, the second applied after the first, in order of total cost."""
    by_cost: dict[float, list[Edit]] = {}
    for edit in _until(deadline, single_edits(task.expression, task.swaps, (), task.counts, task.trusted)):
        if edit.kind in PAIRED:
            by_cost.setdefault(edit.cost, []).append(edit)
    costs = sorted(by_cost)
    after: dict[int, tuple[Probe | None, Mapping[float, Sequence[Edit]]]] = {}
    for first, second in sorted(((a, b) for a in costs for b in costs), key=lambda pair: sum(pair)):
        for edit in by_cost[first]:
            if id(edit) not in after:
                after[id(edit)] = task.probe(edit.whole_after), _seconds(task, edit, deadline)
            probe, seconds = after[id(edit)]
            for other in _until(deadline, seconds.get(second, ())):
                if probe is None or probe.passes(other.before, other.after):
                    yield edit, other
            if time.thread_time() > deadline:
                return


def _seconds(task: Task, edit: Edit, deadline: float) -> dict[float, list[Edit]]:
    """The edits that can be made after a first one, by cost."""
    trusted = task.trusted.union(_rebuilt(edit, task.trusted))
    found: dict[float, list[Edit]] = {}
    for other in _until(deadline, single_edits(edit.whole_after, task.swaps, (), frozenset(), trusted)):
        if other.kind in PAIRED and other.before is not edit.after:
            found.setdefault(other.cost, []).append(other)
    return found


def _rebuilt(edit: Edit, trusted: frozenset[int]) -> Iterator[int]:
    """What stands, after an edit, where trusted nodes around it stood, by `id`."""
    old, new = edit.whole_before, edit.whole_after
    while old is not edit.before and old is not new:
        if id(old) in trusted:
            yield id(new)
        pairs = zip(children(old), children(new), strict=True)
        old, new = next(((one, other) for one, other in pairs if one is not other), (new, new))
