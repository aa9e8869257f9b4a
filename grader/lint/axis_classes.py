"""Tensors with labelled axes, and a union-find over these labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Axes = tuple[int, ...]


class Kinds:
    """Axes by number, in equivalence classes of axes that stand for the same thing."""

    def __init__(self) -> None:
        self.parents: list[int] = []
        self.stretched: set[int] = set()
        """Axes of size 1 that were broadcast along a longer one."""

    def fresh(self) -> int:
        self.parents.append(len(self.parents))
        return self.parents[-1]

    def kind(self, axis: int) -> int:
        """The representative of the class of an axis."""
        while self.parents[axis] != axis:
            axis = self.parents[axis]
        return axis

    def unite(self, axes: Iterable[int]) -> None:
        kinds = [self.kind(axis) for axis in axes]
        for other in kinds[1:]:
            self.parents[self.kind(other)] = self.kind(kinds[0])

    def is_stretched(self, axis: int) -> bool:
        return self.kind(axis) in {self.kind(one) for one in self.stretched}


@dataclass(frozen=True, slots=True)
class Marked:
    """A tensor with a number for each axis."""

    value: Any
    axes: Axes
    kinds: Kinds

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)

    def __len__(self) -> int:
        return len(self.value)

    def taken(self, keys: Sequence[Any]) -> Axes | None:
        """The axes that are left after indexing."""
        left, made = list(self.axes), []
        named = sum(one is not None and one is not Ellipsis for one in keys)
        for position, one in enumerate(keys):
            if one is None:
                made.append(self.kinds.fresh())
            elif one is Ellipsis:
                made += [left.pop(0) for _ in range(len(left) - named)]
                continue
            elif isinstance(one, slice):
                axis = left.pop(0)
                made.append(axis if one == slice(None) else self.kinds.fresh())
            elif isinstance(one, Marked):
                if any(isinstance(other, Marked) for other in keys[:position]):
                    # A second index array runs along the first.
                    self.kinds.unite([*one.axes[-1:], *made[-1:]])
                else:
                    made += one.axes
                left.pop(0)
            else:
                left.pop(0)
            named -= one is not None
        return (*made, *left)


def fitting(kinds: Kinds, result: Any, made: Axes | None, operands: Sequence[Marked]) -> Axes:
    """The axes that a rule returned; if they do not fit, new axes united with those of the operands by size."""
    shape = tuple(result.shape)
    if made is not None and len(made) == len(shape):
        return made
    axes = tuple(kinds.fresh() for _ in shape)
    for size in set(shape) - {1}:
        sized = [axis for axis, length in zip(axes, shape, strict=True) if length == size]
        others = [a for one in operands for a, length in zip(one.axes, one.shape, strict=True) if length == size]
        if others:
            kinds.unite([*sized, *others])
    return axes


def spread(kinds: Kinds, operands: Sequence[Marked]) -> Axes:
    """The axes of operands broadcast together."""
    longest = max((len(one.axes) for one in operands), default=0)
    made: list[int] = []
    for back in range(longest, 0, -1):
        met = [(one.axes[-back], one.shape[-back]) for one in operands if len(one.axes) >= back]
        long = [axis for axis, size in met if size != 1]
        if long:
            kinds.stretched.update(axis for axis, size in met if size == 1)
        kinds.unite(long or [axis for axis, _ in met])
        made.append((long or [axis for axis, _ in met])[0])
    return tuple(made)


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.value if isinstance(value, Marked) else value
