"""Tensors with labelled axes, and the effect of each operation on the axes of its operands: which are matched, removed
or new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
class LabelledTensor:
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
            elif isinstance(one, LabelledTensor):
                if any(isinstance(other, LabelledTensor) for other in keys[:position]):
                    # A second index array runs along the first.
                    self.kinds.unite([*one.axes[-1:], *made[-1:]])
                else:
                    made += one.axes
                left.pop(0)
            else:
                left.pop(0)
            named -= one is not None
        return (*made, *left)


def fitting(kinds: Kinds, result: Any, made: Axes | None, operands: Sequence[LabelledTensor]) -> Axes:
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


def spread(kinds: Kinds, operands: Sequence[LabelledTensor]) -> Axes:
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
    return value.value if isinstance(value, LabelledTensor) else value


@dataclass(frozen=True, slots=True)
class Applied:
    """An operation that was applied, and the shape of its result. `operands` are its tensor operands; `all_tensors`
    says that it had no others."""

    operation: str
    operands: Sequence[LabelledTensor]
    options: Mapping[str, Any]
    shape: tuple[int, ...]
    kinds: Kinds
    all_tensors: bool = True


Rule = Callable[[Applied], Axes | None]
"""Returns the axes of the result; None if the rule cannot determine them."""


def axes_of(applied: Applied) -> Axes | None:
    """The axes of the result of an operation; None if they cannot be determined."""
    needs_tensors = applied.operation in ("stack", "concat", "einsum", "conv1d", "cross_entropy")
    if needs_tensors and not applied.all_tensors:
        return None
    try:
        return RULES[applied.operation](applied)
    except (LookupError, TypeError, ValueError):
        # torch accepted a form that no rule here knows.
        return None


def _elementwise(it: Applied) -> Axes:
    return spread(it.kinds, it.operands)


def _reduced(it: Applied) -> Axes | None:
    if len(it.operands) != 1:
        axes = spread(it.kinds, it.operands)
        return axes if it.shape else ()
    dim, axes = it.options.get("dim"), it.operands[0].axes
    gone = set(range(len(axes))) if dim is None else _places(dim, len(axes))
    if it.options.get("keepdim"):
        return tuple(it.kinds.fresh() if n in gone else axis for n, axis in enumerate(axes))
    return tuple(axis for n, axis in enumerate(axes) if n not in gone)


def _matmul(it: Applied) -> Axes:
    if len(it.operands) != 2 or not all(one.axes for one in it.operands):
        return spread(it.kinds, it.operands)
    left, right = (one.axes for one in it.operands)
    it.kinds.unite([left[-1], right[-2] if len(right) > 1 else right[0]])
    batch = [LabelledTensor(one.value[..., 0, 0], one.axes[:-2], it.kinds) for one in it.operands if len(one.axes) > 2]
    return (*spread(it.kinds, batch), *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))


def _outer(it: Applied) -> Axes:
    return tuple(axis for one in it.operands for axis in one.axes)


def _turned(it: Applied) -> Axes:
    axes = it.operands[0].axes
    order = list(range(len(axes)))
    if it.operation == "permute":
        order = [int(d) for d in it.options["dims"]]
    elif it.operation == "transpose_all":
        order.reverse()
    elif len(order) > 1:
        swapped = (-2, -1) if it.operation == "matrix_transpose" else (0, 1)
        first, second = it.options.get("dim0", swapped[0]), it.options.get("dim1", swapped[1])
        order[first], order[second] = order[second], order[first]
    return tuple(axes[n] for n in order)


def _square(it: Applied) -> Axes | None:
    """The last two axes of a matrix with a diagonal are the same."""
    axes = it.operands[0].axes if it.operands else _new(it)
    it.kinds.unite(axes[-2:])
    return axes if len(axes) == len(it.shape) else axes[:1] if it.operation == "diag" else axes[:-2]


def _reshaped(it: Applied) -> Axes:
    """Axes at both ends that keep their size are kept."""
    (one,) = it.operands
    before, after = one.shape, it.shape
    shorter = min(len(before), len(after))
    front = _in_common(before[:shorter], after[:shorter])
    back = _in_common(before[::-1][: shorter - front], after[::-1][: shorter - front])
    middle = [it.kinds.fresh() for _ in range(len(after) - front - back)]
    return (*one.axes[:front], *middle, *one.axes[len(before) - back :])


def _in_common(left: Sequence[int], right: Sequence[int]) -> int:
    """The length of the common prefix."""
    return next((n for n, (a, b) in enumerate(zip(left, right, strict=True)) if a != b), len(left))


def _unsqueezed(it: Applied) -> Axes:
    axes = list(it.operands[0].axes)
    axes.insert(int(it.options["dim"]) % len(it.shape), it.kinds.fresh())
    return tuple(axes)


def _squeezed(it: Applied) -> Axes:
    (one,) = it.operands
    dim = it.options.get("dim")
    places = set(range(len(one.axes))) if dim is None else _places(dim, len(one.axes))
    sized = enumerate(zip(one.axes, one.shape, strict=True))
    return tuple(axis for n, (axis, size) in sized if size != 1 or n not in places)


def _stacked(it: Applied) -> Axes:
    axes = list(spread(it.kinds, it.operands))
    axes.insert(int(it.options.get("dim", 0)) % len(it.shape), it.kinds.fresh())
    return tuple(axes)


def _joined(it: Applied) -> Axes:
    along = int(it.options.get("dim", 0)) % len(it.shape)
    for n in range(len(it.shape)):
        if n != along:
            it.kinds.unite([one.axes[n] for one in it.operands])
    axes = it.operands[0].axes
    return (*axes[:along], it.kinds.fresh(), *axes[along + 1 :])


def _summed(it: Applied) -> Axes | None:
    """einsum: axes with the same letter are the same."""
    inside, arrow, outside = str(it.options["equation"]).replace(" ", "").partition("->")
    parts = inside.split(",")
    if not arrow or "." in inside or [len(part) for part in parts] != [len(one.axes) for one in it.operands]:
        return None
    letters: dict[str, int] = {}
    for part, one in zip(parts, it.operands, strict=True):
        for letter, axis in zip(part, one.axes, strict=True):
            it.kinds.unite([letters.setdefault(letter, axis), axis])
    return tuple(letters[letter] for letter in outside)


def _convolved(it: Applied) -> Axes:
    signal, filters, *bias = (one.axes for one in it.operands)
    it.kinds.unite([signal[-2], filters[1]])
    for one in bias:
        it.kinds.unite([one[0], filters[0]])
    return (*signal[:-2], filters[0], it.kinds.fresh())


def _classified(it: Applied) -> Axes:
    return (*it.operands[0].axes, it.kinds.fresh())


def _cross_entropy(it: Applied) -> Axes | None:
    logits, target = it.operands
    it.kinds.unite([logits.axes[0], target.axes[0]])
    return () if not it.shape else None


def _new(it: Applied) -> Axes:
    return tuple(it.kinds.fresh() for _ in it.shape)


def _unsaid(_: Applied) -> None:
    return None


def _places(dim: Any, axes: int) -> set[int]:
    return {int(one) % axes for one in (dim if isinstance(dim, list | tuple) else [dim])}


_REDUCTIONS = "sum mean prod max min var std logsumexp norm argmax mse_loss"

_ELEMENTWISE = """
    neg exp expm1 log log1p log2 log10 sqrt rsqrt square reciprocal abs sign tanh sinh cosh sin cos tan atan atanh asinh
    sigmoid logsigmoid relu gelu silu softplus leaky_relu erf isnan detach same zeros_like ones_like shape_of length
    add sub mul div floordiv mod pow maximum minimum gt ge lt le eq ne atan2 and_ or_ where clip cumsum softmax
    log_softmax flip
"""
"""Operations that leave the axes of their operands as they are."""

RULES: dict[str, Rule] = {
    **dict.fromkeys(_ELEMENTWISE.split(), _elementwise),
    **dict.fromkeys(_REDUCTIONS.split(), _reduced),
    **dict.fromkeys(("matmul", "dot"), _matmul),
    **dict.fromkeys(("transpose_all", "matrix_transpose", "transpose", "permute"), _turned),
    **dict.fromkeys(("tril", "triu", "diag", "trace", "eye"), _square),
    **dict.fromkeys(("reshape", "flatten"), _reshaped),
    **dict.fromkeys(("zeros", "ones", "full", "arange"), _new),
    **dict.fromkeys(("inner", "broadcast_to"), _unsaid),
    "outer": _outer,
    "unsqueeze": _unsqueezed,
    "squeeze": _squeezed,
    "stack": _stacked,
    "concat": _joined,
    "einsum": _summed,
    "conv1d": _convolved,
    "one_hot": _classified,
    "cross_entropy": _cross_entropy,
}
"""The rule of each operation. One without a rule has axes that cannot be determined."""
