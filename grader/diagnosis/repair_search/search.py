"""Searches the smallest change of a student's expression that makes it right at every point.

Tries every single edit, smallest first, then pairs of edits if no single one works. A repair is kept only if it
evaluates to autograd's value at all points, with the values that the names had in the forced run. All repairs of the
smallest cost are kept. At the deadline the search returns what it has found.
"""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.diagnosis.chain_rule.meaning import Names, value_of
from grader.diagnosis.chain_rule.numbers import alike, is_zero, redrawn, shape_of
from grader.diagnosis.repair_search.augmented_assignments import SET, put
from grader.diagnosis.repair_search.candidates import candidates, pairs, parts, until
from grader.diagnosis.repair_search.edit import COST, Edit
from grader.diagnosis.repair_search.pruning import near
from grader.diagnosis.repair_search.reasons import Reason
from grader.diagnosis.repair_search.task import Task, either_way, entry_of
from grader.formula.syntax import Call, Expression, Name, names, text, walk

SECONDS = 1.8
"""Search time of one step in seconds (CPU)."""

REASONS: Mapping[Reason, float] = {"free": 0.0, "stated": 0.3, "constant": 1.0}
"""Extra cost of a repair by why it is right: for any values of its names, only with the program's formulas for them, or
only because a derivative in it is 1 or 0."""

STRANGE = 2.0
"""Extra cost of replacing a name with a derivative that does not occur in the step's chain rule."""

SAME_FOR_ONE = frozenset({"sub", "div", "eq", "ne", "gt", "ge", "lt", "le"})
"""Operations that have the same result for all values, if both operands are the same."""

INTO_ZEROS = 0.05
"""Extra cost of adding to an array of zeros, or subtracting from it, where a value was put: `=` is what was meant."""


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
        whole = put(expression, task.keys, self._passes, task.before[point] if task.before else None, task.meaning)
        got, right = (entry_of(one, task.keys, self._passes[-1], task.meaning) for one in (whole, task.right[point]))
        return got is None or right is None or not near(got, right, task.measures[point])


def _are_places(keys: Sequence[object]) -> bool:
    return all(isinstance(key, int) for key in keys)


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
        singles = sorted(candidates(task, probe, deadline), key=lambda edit: _cost(task, edit))
        single = _smallest(task, ((edit,) for edit in singles), deadline)
        if single.reasoned:
            return single.reasoned
        if single.related and single.related[0].cost < COST["missing_factor"]:
            return single.related
        if single.related:
            part = _smallest(task, ((edit,) for edit in parts(task, probe, deadline)), deadline)
            return part.reasoned or single.related
        # Two small edits explain a mistake better than a rewritten part, so they get the first 60% of the time.
        double = _smallest(task, pairs(task, deadline - 0.4 * seconds), deadline - 0.4 * seconds)
        if double.reasoned:
            return double.reasoned
        part = _smallest(task, ((edit,) for edit in parts(task, probe, deadline)), deadline)
        return part.reasoned or double.related or part.related


def _cost(task: Task, edit: Edit) -> float:
    estranged = edit.kind == "operand" and isinstance(edit.after, Name) and edit.after.id in task.unrelated_names
    cost = edit.cost + STRANGE if estranged or _strikes_out(task, edit) else edit.cost
    if (
        edit.kind == "operand"
        and isinstance(edit.before, Name)
        and (edit.before is edit.whole_before or edit.before.id in task.rule_quantities)
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
            return vanishes and task.terms_of_rule.isdisjoint(either_way(made))
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
    for edits in until(deadline, tries):
        repair = Repair(edits, sum(_cost(task, edit) for edit in edits))
        if reasoned and repair.cost > min(one.cost for one in reasoned) + 1e-9:
            break
        if one_entry.rejects(repair.result):
            continue
        if (
            any(map(task.reads_later_names, edits))
            or not task.mends(repair.result)
            or any(map(task.makes_part_zero, edits))
        ):
            continue
        if any(map(task.adds_to_zero, edits)):
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
    made_of = [repair for repair in repairs if all(_new_names(edit) <= task.rule_quantities for edit in repair.edits)]
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
