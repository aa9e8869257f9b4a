"""Write an entry of a formula over arrays with the entries of its parts: `mu[i, k] / n` for `(mu / n)[i, k]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.diagnosis.chain_rule.numbers import shape_of
from grader.formula.build import NOWHERE, cancelled
from grader.formula.syntax import Call, Expression, Flag, Index, Name, Number, Slice

ELEMENTWISE = frozenset(
    ["add", "sub", "mul", "div", "pow", "neg", "exp", "log", "sqrt", "square", "tanh", "sigmoid", "relu"]
) | {"gt", "ge", "lt", "le"}
"""Operations whose result has, at each place, what they make of the operands' entries there."""


@dataclass(frozen=True, slots=True)
class ArrayEntry:
    """The entry at `keys` of arrays that broadcast to `shape`; fewer keys than axes give a part. `value` evaluates a
    formula."""

    keys: tuple[Expression, ...]
    shape: tuple[int, ...]
    value: Callable[[Expression], Any]

    @property
    def is_known(self) -> bool:
        """Whether the keys are whole numbers, one for each axis at most."""
        numbers = (self.value(key) for key in self.keys)
        return 0 < len(self.keys) <= len(self.shape) and all(_is_integer(one) for one in numbers)

    def of(self, node: Expression) -> Expression | None:
        """Return the entry of a formula; None if its value has another shape, and does not broadcast to it."""
        own = shape_of(self.value(node))
        if not own:
            return node
        if len(own) > len(self.shape):
            return None
        offset = len(self.shape) - len(own)
        if any(size not in (1, whole) for size, whole in zip(own, self.shape[offset:], strict=True)):
            return None
        match node:
            case Call("ones_like"):
                return Number(1, NOWHERE)
            case Call(operation, parts, ()) if operation in ELEMENTWISE:
                inner = tuple(map(self.of, parts))
                known = tuple(one for one in inner if one is not None)
                return cancelled(replace(node, arguments=known)) if len(known) == len(inner) else None
            case Call("unsqueeze", (inner,), (("dim", Number(value=axis)),)):
                return self._without_axis(int(axis) % len(own) + len(self.shape) - len(own), inner)
            case Index(base=Name() as base, keys=inner) if all(map(_is_laid_out, inner)):
                return self._laid_out(base, inner, own)
            case Call("sum" | "mean", (inner,), options) if part := self._summed_over(inner, own, dict(options)):
                return replace(node, arguments=(part,), options=())
            case Call("transpose_all", (inner,)) if len(own) == len(self.keys) == 2:
                return replace(self, keys=self.keys[::-1], shape=self.shape[::-1]).of(inner)
            case _:
                return self._indexed(node, own)

    def _without_axis(self, axis: int, node: Expression) -> Expression | None:
        """Return the entry of an array that has no such axis."""
        keys = tuple(key for place, key in enumerate(self.keys) if place != axis)
        shape = tuple(size for place, size in enumerate(self.shape) if place != axis)
        return replace(self, keys=keys, shape=shape).of(node) if keys else node

    def _summed_over(
        self, inner: Expression, own: Sequence[int], options: Mapping[str, Expression]
    ) -> Expression | None:
        """Return the row or column of `inner` whose sum is the entry of a sum over one axis, whose shape is `own`; None
        if that is no single row or column."""
        within, axis, offset = shape_of(self.value(inner)), options.get("dim"), len(self.shape) - len(own)
        if not isinstance(axis, Number) or not within:
            return None
        place = int(axis.value) % len(within)
        kept = len(own) == len(within)
        left = len(self.shape) - len(self.keys)
        if left > 1 or (left and not (kept and place == len(own) - 1)):
            return None  # of `x[i]` more is left than the one axis that is summed over
        keys, shape = [*self.keys[offset:]], [*self.shape[offset:]]
        keys[place : place + kept] = [Slice(None, None, None, NOWHERE)]
        shape[place : place + kept] = [within[place]]
        if keys[-1:] == [keys[place]]:
            keys.pop()
        return replace(self, keys=tuple(keys), shape=tuple(shape)).of(inner) if keys else inner

    def _laid_out(self, base: Name, layout: Sequence[Expression], own: Sequence[int]) -> Expression:
        """Return the entry of an array to which `layout` gives axes of length 1: `dnear[i]` for `dnear[:, None][i]`."""
        offset = len(self.shape) - len(own)
        at = dict(enumerate(self.keys))
        layout = [*layout, *[Slice(None, None, None, NOWHERE)] * (len(own) - len(layout))]
        axes = [axis for axis, one in enumerate(layout, offset) if isinstance(one, Slice)]
        keys = tuple(at[axis] for axis in axes if axis in at)
        return Index(base, keys, base.place) if keys else base

    def _indexed(self, node: Expression, own: Sequence[int]) -> Expression:
        offset = len(self.shape) - len(own)
        keys = tuple(
            Number(0, NOWHERE) if own[axis - offset] < self.shape[axis] else key
            for axis, key in enumerate(self.keys)
            if axis >= offset
        )
        return Index(node, keys, node.place) if keys else node


def _is_laid_out(key: Expression) -> bool:
    """Whether this is `:` or `None`."""
    match key:
        case Slice(None, None, None) | Flag(None):
            return True
        case _:
            return False


def _is_integer(value: object) -> bool:
    return not shape_of(value) and not isinstance(value, bool) and hasattr(value, "__index__")
