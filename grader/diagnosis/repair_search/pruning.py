"""Quick check of an edit at one point: compares the new value of its subtree with the value required there.

The values of all parts of an expression are computed once. Where operations can be inverted, the value that each part
must have for the whole to be right is computed too, so that an edit is checked locally. This only rejects edits; those
that pass are still proven by evaluation at every point.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.diagnosis.chain_rule.meaning import Names, StudentMeaning
from grader.diagnosis.chain_rule.numbers import Numeric, has_zero, is_array, shape_of
from grader.formula.check import integer
from grader.formula.evaluate import Environment, evaluate
from grader.formula.syntax import Call, Expression, Index, Name, Number
from grader.judge.matching.compare import Measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNKNOWN = object()
"""Marks an expression without a value."""

NEAR = 1e-4
"""Tolerance relative to the largest number; it is coarse because inverting operations loses digits."""


class Probe:
    """An expression at one point, with the values `held` of its names and its `right` value."""

    def __init__(self, whole: Expression, held: Names, right: Numeric, by: Measure, meaning: StudentMeaning) -> None:
        self.whole = whole
        self._held, self._meaning, self._by = held, meaning.among(held), by
        self._values: dict[int, Any] = {}
        self._above: dict[int, tuple[Expression, int] | None] = {}
        self._wanted: dict[int, Numeric] = {}
        self._worths: dict[int, tuple[Expression, Any]] = {}
        self._tables: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[list[Expression], NDArray[Any]]] = {}
        self._look(whole, None)
        self._want(whole, right)

    def passes(self, before: Expression, after: Expression) -> bool:
        """Whether the whole may be right with `after` in place of `before`."""
        adds = isinstance(after, Call) and after.operation.startswith("again_")
        if adds or id(before) not in self._above:
            return True
        return self._fits(before, self.value(after))

    def value(self, node: Expression) -> Any:
        """Return the value of an expression; `UNKNOWN` if it has none."""
        known = self._values.get(id(node))
        if known is not None:
            return known
        try:
            return self._evaluated(node)
        except Exception:  # as in `evaluate`: an operation raises anything where its operands do not suit it
            return UNKNOWN

    def factors(self, node: Expression, known: Sequence[Expression]) -> Sequence[Expression]:
        """Return those of `known` by which a part may have to be multiplied or divided."""
        value, wanted = self._values.get(id(node), UNKNOWN), self._wanted.get(id(node))
        if wanted is None or value is UNKNOWN or shape_of(value) != shape_of(wanted):
            return known
        try:
            if has_zero(value) or has_zero(wanted):
                return known
            return self._fitting(known, wanted / value, value / wanted)
        except (ArithmeticError, ValueError, TypeError):
            return known

    def summands(self, node: Expression, known: Sequence[Expression]) -> Sequence[Expression]:
        """Return those of `known` that may have to be added to a part or subtracted."""
        value, wanted = self._values.get(id(node), UNKNOWN), self._wanted.get(id(node))
        if wanted is None or value is UNKNOWN or shape_of(value) != shape_of(wanted):
            return known
        try:
            return self._fitting(known, wanted - value, value - wanted)
        except (ArithmeticError, ValueError, TypeError):
            return known

    def minuends(self, node: Expression, known: Sequence[Expression]) -> Sequence[Expression]:
        """Return those of `known` that a part may have to be subtracted from; none if its right value is unknown."""
        value, wanted = self._values.get(id(node), UNKNOWN), self._wanted.get(id(node))
        if wanted is None or value is UNKNOWN or shape_of(value) != shape_of(wanted):
            return ()
        try:
            return self._fitting(known, wanted + value, wanted + value)
        except (ArithmeticError, ValueError, TypeError):
            return ()

    def _fitting(self, known: Sequence[Expression], one: Numeric, other: Numeric) -> list[Expression]:
        """Return those of `known` whose value is near `one` or `other`."""
        if not shape_of(one):
            worth = [(part, self._worth(part)) for part in known]
            return [
                part
                for part, value in worth
                if value is not UNKNOWN
                and not shape_of(value)
                and (near(value, one, self._by) or near(value, other, self._by))
            ]
        import numpy

        parts, table = self._table(known, shape_of(one))
        if not parts:
            return []
        fits = numpy.zeros(len(parts), dtype=bool)
        for wanted in (one, other):
            off = numpy.abs(table - numpy.ravel(wanted)).max(axis=1)
            fits |= off <= max(NEAR, 10 * self._by.rtol) * float(numpy.abs(wanted).max()) + 1e-9
        return [part for part, yes in zip(parts, fits, strict=True) if yes]

    def _worth(self, part: Expression) -> Any:
        if id(part) not in self._worths:
            self._worths[id(part)] = part, self.value(part)
        return self._worths[id(part)][1]

    def _table(self, known: Sequence[Expression], shape: tuple[int, ...]) -> tuple[list[Expression], NDArray[Any]]:
        """Return the known parts that broadcast to this shape, and an array with a row of numbers for each."""
        import numpy

        key = tuple(map(id, known)), shape
        if key not in self._tables:
            parts, rows = [], []
            for part in known:
                value = self._worth(part)
                try:
                    rows.append(numpy.broadcast_to(numpy.asarray(value, dtype=float), shape).ravel())
                    parts.append(part)
                except (ValueError, TypeError):
                    continue
            self._tables[key] = parts, numpy.array(rows)
        return self._tables[key]

    def _evaluated(self, node: Expression) -> Any:
        match node:
            case Number(value=value):
                return value
            case Name(id=name):
                return self._held[name]
            case Call(operation, arguments, options):
                operands = [self._known(one) for one in arguments]
                if all(isinstance(one, int) for one in operands):
                    numbers = tuple(Number(one, node.place) for one in operands)
                    whole = integer(Call(operation, numbers, (), node.place), {})
                    if whole is not None:
                        return whole
                given = {key: self._option(value) for key, value in options}
                return self._meaning.apply(operation, operands, given)
            case _:
                return evaluate(node, Environment(dict(self._held)), self._meaning)

    def _known(self, node: Expression) -> Any:
        value = self.value(node)
        if value is UNKNOWN:
            raise ValueError("a part has no value")
        return value

    def _option(self, node: Expression) -> Any:
        return evaluate(node, Environment(dict(self._held)), self._meaning)

    def _look(self, node: Expression, above: tuple[Expression, int] | None) -> None:
        """Record the value and the parent of every node, leaves first."""
        if id(node) in self._above:
            self._above[id(node)] = None  # the node occurs twice, so its parent is ambiguous
            return
        self._above[id(node)] = above
        match node:
            case Call(arguments=inner):
                for place, one in enumerate(inner):
                    self._look(one, (node, place))
            case Index(base=base):
                self._look(base, (node, 0))
        value = self.value(node)
        if value is not None:
            self._values[id(node)] = value

    def _want(self, node: Expression, wanted: Numeric) -> None:
        """Record the value that a part must have, and derive those of its own parts."""
        self._wanted[id(node)] = wanted
        if not isinstance(node, Call):
            return
        operands = [self._values.get(id(one), UNKNOWN) for one in node.arguments]
        shape = shape_of(self._values.get(id(node)))
        if any(one is UNKNOWN for one in operands) or shape_of(wanted) != shape:
            return
        for place, (one, operand) in enumerate(zip(node.arguments, operands, strict=True)):
            if self._above[id(one)] is None or (node.operation != "transpose_all" and shape_of(operand) != shape):
                continue
            try:
                inner = undone(node.operation, wanted, operands, place)
            except (ArithmeticError, ValueError, TypeError):
                continue
            if inner is not None:
                self._want(one, inner)

    def _fits(self, node: Expression, value: Any) -> bool:
        """Whether the whole may be right if `node` has this value: evaluate upwards to the first node whose required
        value is known."""
        while value is not UNKNOWN:
            if id(node) in self._wanted:
                return near(value, self._wanted[id(node)], self._by)
            above = self._above[id(node)]
            if above is None:
                return True
            parent, place = above
            value = self._with(parent, place, value)
            node = parent
        return False

    def _with(self, parent: Expression, place: int, value: Any) -> Any:
        try:
            match parent:
                case Call(operation, arguments, options):
                    operands = [value if n == place else self._known(one) for n, one in enumerate(arguments)]
                    given = {key: self._option(option) for key, option in options}
                    return self._meaning.apply(operation, operands, given)
                case Index(keys=keys):
                    parts = tuple(self._known(key) for key in keys)
                    return value[parts if len(parts) > 1 else parts[0]]
        except Exception:  # as in `evaluate`: an operation raises anything where its operands do not suit it
            return UNKNOWN
        return UNKNOWN


def undone(operation: str, wanted: Numeric, operands: Sequence[Numeric], place: int) -> Numeric | None:
    """Return the value that the operand at `place` must have for the operation to give `wanted`; None if it is not
    unique or unknown."""
    match operation:
        case "neg":
            return -wanted
        case "transpose_all":
            return wanted.T if is_array(wanted) else wanted
    if len(operands) != 2:
        return None
    other = operands[1 - place]
    match operation, place:
        case "add", _:
            return wanted - other
        case "sub", 0:
            return wanted + other
        case "sub", 1:
            return other - wanted
        case "mul", _:
            return None if has_zero(other) else wanted / other
        case "div", 0:
            return wanted * other
        case "div", 1:
            return None if has_zero(wanted) else other / wanted
        case "again_add", _:
            return wanted - other
        case "again_sub", 0:
            return other - wanted
        case "again_sub", 1:
            return wanted + other
        case "again_mul", _:
            return None if has_zero(other) else wanted / other
        case "again_div", 0:
            return None if has_zero(wanted) else other / wanted
        case "again_div", 1:
            return wanted * other
        case _:
            return None


def near(value: object, wanted: Numeric, by: Measure) -> bool:
    """Whether two values are equal within the coarse tolerance needed after inverting operations."""
    share, least = max(NEAR, 10 * by.rtol), max(1e-9, 10 * by.atol)
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return abs(value - wanted) <= share * abs(wanted) + least
    if isinstance(value, list | dict | str | slice | complex):
        return False
    import numpy

    if isinstance(value, complex) or isinstance(wanted, complex):
        return False
    have, want = numpy.asarray(value, dtype=float), numpy.asarray(wanted, dtype=float)
    if have.ndim in (0, want.ndim) and have.size < want.size:
        # A number, or a reduced value along its axis, may be broadcast by the surrounding expression.
        stretched = all(own in (1, other) for own, other in zip(have.shape, want.shape, strict=False))
        have = numpy.broadcast_to(have, want.shape) if stretched else have
    if have.size != want.size or (have.shape != want.shape and have.squeeze().shape != want.squeeze().shape):
        return False
    if not have.size:
        return True
    most = float(numpy.abs(want).max())
    return bool(numpy.abs(have.reshape(want.shape) - want).max() <= share * most + least)
