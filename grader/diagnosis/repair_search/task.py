"""The task of the repair search: an expression, its right values, and whether a change of it is right and sensible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from grader.diagnosis.chain_rule.meaning import Names, ScalarMeaning, StudentMeaning, value_of
from grader.diagnosis.chain_rule.numbers import Numeric, is_right, is_zero, shape_of
from grader.diagnosis.repair_search.augmented_assignments import accumulated, addend, is_built, put
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_search.pruning import Probe
from grader.diagnosis.repair_search.reasons import Reason, Reasons
from grader.diagnosis.repair_search.subtrees import replaced
from grader.formula.build import summands
from grader.formula.syntax import Call, Expression, children, names, text, walk
from grader.judge.matching.compare import Measure


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
    `rule_quantities`: names in the step's chain rule; among equally small repairs the one made of these wins.
    `unrelated_names`: derivatives that do not occur in it; inserting one of them is no small change."""

    expression: Expression
    passes: tuple[tuple[Names, ...], ...]
    right: tuple[Numeric, ...]
    measures: tuple[Measure, ...]
    swaps: tuple[str, ...]
    factors: tuple[Expression, ...]
    terms: tuple[Expression, ...] = ()
    constants: tuple[Expression, ...] = ()
    counts: frozenset[str] = frozenset()
    before: tuple[Numeric | None, ...] = ()
    rule_quantities: frozenset[str] = frozenset()
    unrelated_names: frozenset[str] = frozenset()
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
            right = None if before is None else addend(whole.operation, before, right)
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

    def reads_later_names(self, edit: Edit) -> bool:
        """Whether an edit puts into a helper what is bound further down."""
        known = self.there.get(id(edit.before))
        return known is not None and not names(edit.after) - names(edit.before) <= known

    def makes_part_zero(self, edit: Edit) -> bool:
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
            self._is_always_zero(after)
            and not self._is_always_zero(before)
            and self.terms_of_rule.isdisjoint(either_way(after))
            for before, after in pairs
        )

    def adds_to_zero(self, edit: Edit) -> bool:
        """Whether an edit adds a term to a line that is 0 at every point: that is no sum which lacks a term."""
        if edit.kind not in ("missing_term", "missing_product") or edit.before is not self.expression:
            return False
        given = (self.gives(edit.before, point) for point in range(len(self.right)))
        return all(
            shape_of(value) == shape_of(right) and is_right(value + right, right, by)
            for value, right, by in zip(given, self.right, self.measures, strict=True)
        )

    def _is_always_zero(self, part: Expression) -> bool:
        return all(is_zero(value_of(part, held, self.meaning)) for held in self.names)

    def value(self, expression: Expression, passes: Sequence[Names], before: Numeric | None) -> Any:
        """Evaluate the line with this expression, ignoring `outer`; `before` is the old value that `+=` adds to."""
        if self.keys:
            return put(expression, self.keys, passes, before, self.meaning)
        if isinstance(expression, Call) and is_built(expression) and len(expression.arguments) == 1:
            return accumulated(expression, passes, before, self.meaning)
        return value_of(expression, passes[-1], self.meaning)


def entry_of(array: Any, keys: Sequence[Expression], held: Names, meaning: StudentMeaning) -> Any:
    """Return the entry of an array at these keys, the array itself without any; None if it has no such entry."""
    places = tuple(value_of(key, held, meaning) for key in keys)
    if array is None or any(place is None for place in places):
        return None
    try:
        return array[places if len(places) > 1 else places[0]] if places else array
    except (IndexError, TypeError, ValueError):
        return None


def either_way(formula: Expression) -> frozenset[str]:
    """The texts of a formula, for a product with its factors in either order."""
    if isinstance(formula, Call) and formula.operation == "mul":
        return frozenset({text(formula), text(replace(formula, arguments=formula.arguments[::-1]))})
    return frozenset({text(formula)})
