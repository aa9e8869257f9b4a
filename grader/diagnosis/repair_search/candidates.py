"""Generates the candidates of the repair search: the edits that may make the expression of a task right."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TypeVar

from grader.diagnosis.chain_rule.meaning import value_of
from grader.diagnosis.chain_rule.numbers import is_array, shape_of
from grader.diagnosis.repair_search.array_entries import ArrayEntry
from grader.diagnosis.repair_search.augmented_assignments import is_built
from grader.diagnosis.repair_search.edit import Edit, Kind
from grader.diagnosis.repair_search.line_edits import exchanged, missing_products, scalings, slopes
from grader.diagnosis.repair_search.pruning import Probe
from grader.diagnosis.repair_search.subtree_edits import (
    less_one,
    reductions,
    single_edits,
    with_factor,
    with_matrix,
    with_term,
)
from grader.diagnosis.repair_search.subtrees import subtrees
from grader.diagnosis.repair_search.task import Task
from grader.formula.build import NOWHERE, size_of_matrix
from grader.formula.syntax import Call, Expression, Flag, Index, Name, Number, Slice, children, names, text, walk

T = TypeVar("T")


def until(deadline: float, many: Iterable[T]) -> Iterator[T]:
    """Yield items until the deadline; the clock is read at every 16th item."""
    for number, one in enumerate(many):
        if number % 16 == 0 and time.thread_time() > deadline:
            return
        yield one


def _passing(probe: Probe | None, edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits that pass the probe; all without one."""
    return (edit for edit in edits if probe is None or probe.passes(edit.before, edit.after))


def candidates(task: Task, probe: Probe | None, deadline: float) -> Iterator[Edit]:
    """Yield all single edits that pass the probe at one point. The deadline is checked on the unfiltered edits, since
    none of a hundred thousand may pass."""
    whole = task.expression
    divisors = {id(children(part)[1]) for part in walk(whole) if isinstance(part, Call) and part.operation == "div"}
    terms = () if id(whole) in task.trusted else task.terms  # few, and what no other edit brings
    yield from _passing(probe, until(deadline, missing_products(whole, (), terms)))
    singles = until(deadline, single_edits(whole, task.swaps, (), task.counts, task.trusted))
    for edit in _passing(probe, singles):
        if not (id(edit.before) in divisors and _is_one(task.worth(edit.after))):
            yield edit  # unlike `/ (N - 1)` where N is 2: the divisor is one too many
    yield from _passing(probe, _of_other_functions(task))
    yield from _missing(task, probe, deadline)
    yield from _passing(probe, until(deadline, slopes(whole, task.slopes)))
    yield from _passing(probe, until(deadline, exchanged(whole)))
    yield from _passing(probe, until(deadline, scalings(whole, task.constants)))
    yield from _passing(probe, until(deadline, missing_products(whole, _paired(task), ())))
    yield from _reshaped(task)
    yield from _passing(probe, _counted_otherwise(task))
    if task.has_arrays:
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
    if is_built(task.expression) or not is_array(right) or shape_of(value) == right.shape:
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


def _is_one(value: object) -> bool:
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
        for kind, after in until(deadline, _grown(task, node, probe, layouts)):
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


def parts(task: Task, probe: Probe | None, deadline: float) -> Iterator[Edit]:
    """Yield edits that put a part of the right formula in place of a node, or as its factor; never all of it."""
    whole = task.expression
    whole_texts = set() if task.reasons is None else set(map(text, task.reasons.right))
    for node, rebuild in subtrees(whole):
        if probe is None or node is whole or is_built(node) or id(node) in task.trusted:
            continue
        if isinstance(node, Name | Call | Index):
            factors = (Call("mul", (node, factor), (), node.place) for factor in probe.factors(node, task.parts))
            for part in until(deadline, (*task.parts, *factors)):
                if text(part) not in whole_texts and probe.passes(node, part):
                    yield Edit("part", node, part, whole, rebuild)


PAIRED = frozenset(
    {"operand", "sign", "power", "constant", "operator", "order", "extra_factor", "extra_term", "index", "brackets"}
)
"""Kinds of edit that are tried two at a time."""


def pairs(task: Task, deadline: float) -> Iterator[tuple[Edit, ...]]:
    """Yield pairs of small edits, the second applied after the first, in order of total cost."""
    by_cost: dict[float, list[Edit]] = {}
    for edit in until(deadline, single_edits(task.expression, task.swaps, (), task.counts, task.trusted)):
        if edit.kind in PAIRED:
            by_cost.setdefault(edit.cost, []).append(edit)
    costs = sorted(by_cost)
    after: dict[int, tuple[Probe | None, Mapping[float, Sequence[Edit]]]] = {}
    for first, second in sorted(((a, b) for a in costs for b in costs), key=lambda pair: sum(pair)):
        for edit in by_cost[first]:
            if id(edit) not in after:
                after[id(edit)] = task.probe(edit.whole_after), _seconds(task, edit, deadline)
            probe, seconds = after[id(edit)]
            for other in until(deadline, seconds.get(second, ())):
                if probe is None or probe.passes(other.before, other.after):
                    yield edit, other
            if time.thread_time() > deadline:
                return


def _seconds(task: Task, edit: Edit, deadline: float) -> dict[float, list[Edit]]:
    """The edits that can be made after a first one, by cost."""
    trusted = task.trusted.union(_rebuilt(edit, task.trusted))
    found: dict[float, list[Edit]] = {}
    for other in until(deadline, single_edits(edit.whole_after, task.swaps, (), frozenset(), trusted)):
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
