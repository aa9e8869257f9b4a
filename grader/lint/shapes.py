"""Find shapes and kinks that hide mistakes at any numbers: axes of size 1, equal sizes, one side of a relu.

Which axes stand for the same thing is found by evaluating the program with labelled axes, by the effect of each
operation on the axes of its operands. In `X @ W` the second axis of X and the first of W are the same; in `a + b` axes
are the same pairwise; the two axes of a recurrent weight are the same because its output becomes its input again. Axes
that never meet are different things, even if their sizes are equal. If an operation leaves this open, axes of equal
size are taken to be the same, which avoids false alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from grader.exercise.types import Exercise, Input
from grader.exercise.yaml_nodes import Listing, Scalar
from grader.formula.check import unrolled
from grader.formula.evaluate import Environment, EvaluationError, composed, execute
from grader.formula.syntax import Call, Name, statements, walk
from grader.lint.notes import Notes
from grader.model import Value
from grader.reference.operations import Tensor, TorchMeaning, to_tensor
from grader.reference.point_selection import Sides
from grader.reference.points import Point, Reference

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

    value: Tensor
    axes: Axes
    kinds: Kinds

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)

    def __len__(self) -> int:
        return len(self.value)

    def taken(self, keys: Sequence[object]) -> Axes | None:
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


def fitting(kinds: Kinds, result: Tensor, made: Axes | None, operands: Sequence[LabelledTensor]) -> Axes:
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


def _places(dim: float | list[int] | tuple[int, ...], axes: int) -> set[int]:
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


class AxesMeaning:
    """An implementation of `grader.formula.evaluate.OperationMeaning` on labelled tensors."""

    def __init__(self) -> None:
        self.kinds = Kinds()
        self.inner = TorchMeaning()

    def given(self, value: Tensor) -> LabelledTensor:
        return LabelledTensor(value, tuple(self.kinds.fresh() for _ in value.shape), self.kinds)

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        named = {name: plain(option) for name, option in options.items()}
        result = self.inner.apply(operation, [plain(operand) for operand in operands], named)
        marked = list(marked_in(operands))
        if isinstance(result, tuple):
            return tuple(LabelledTensor(one, fitting(self.kinds, one, None, marked), self.kinds) for one in result)
        if not isinstance(result, Tensor):
            return result
        if operation not in RULES:
            found = self._composed(operation, operands, options)
            if isinstance(found, LabelledTensor) and found.shape == tuple(result.shape):
                return LabelledTensor(result, found.axes, self.kinds)
        tensors = all(isinstance(one, LabelledTensor) for one in operands)
        made = axes_of(Applied(operation, marked, named, tuple(result.shape), self.kinds, tensors))
        return LabelledTensor(result, fitting(self.kinds, result, made, marked), self.kinds)

    def _composed(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        """The value of an operation by its definition, whose axes are those of its parts."""
        try:
            return composed(operation, operands, options, self)
        except EvaluationError:
            return None

    def pick(self, whole: Any, key: tuple[Any, ...]) -> Any:
        if not isinstance(whole, LabelledTensor):
            return whole[key if len(key) > 1 else key[0]]
        plainly = tuple(plain(one) for one in key)
        made = self.inner.pick(whole.value, plainly)
        if any(_is_mask(one) for one in plainly):
            return LabelledTensor(made, fitting(self.kinds, made, None, [whole]), self.kinds)
        return LabelledTensor(made, fitting(self.kinds, made, whole.taken(key), [whole]), self.kinds)

    def put(self, whole: Any, key: tuple[Any, ...], part: Any) -> Any:
        changed = self.inner.put(plain(whole), tuple(plain(one) for one in key), plain(part))
        base = whole if isinstance(whole, LabelledTensor) else self.given(changed)
        if isinstance(part, LabelledTensor) and isinstance(picked := self.pick(base, key), LabelledTensor):
            spread(self.kinds, [picked, part])
        return LabelledTensor(changed, base.axes, self.kinds)


def _is_mask(key: object) -> bool:
    return isinstance(key, Tensor) and key.is_floating_point()


def marked_in(values: Iterable[object]) -> Iterable[LabelledTensor]:
    for value in values:
        if isinstance(value, LabelledTensor):
            yield value
        elif isinstance(value, list):
            yield from marked_in(value)


@dataclass(frozen=True, slots=True)
class Traced:
    """The labelled inputs and quantities of an exercise at a point. `kinds` says which axes are the same."""

    kinds: Kinds
    inputs: Mapping[str, LabelledTensor]
    quantities: Mapping[str, LabelledTensor]


def traced(exercise: Exercise, point: Point, called: Mapping[str, tuple[str | None, ...]]) -> Traced:
    """Evaluate the program at a point. Axes that the author gives the same name (`called`, by input) are the same.

    Raises `EvaluationError` if the program cannot be evaluated."""
    meaning, environment = AxesMeaning(), Environment()
    inputs: dict[str, LabelledTensor] = {}
    constants: dict[str, int] = {}
    for one in exercise.inputs:
        numbers = point.inputs[one.name].numbers()
        if one.whole and not one.shape:
            environment.values[one.name] = constants[one.name] = int(numbers[0])
            continue
        tensor = to_tensor(list(numbers)).reshape(one.shape)
        inputs[one.name] = environment.values[one.name] = meaning.given(tensor.long() if one.whole else tensor)
    by_name: dict[str, list[int]] = {}
    for input_name, words in called.items():
        for word, axis in zip(words, inputs[input_name].axes, strict=True):
            if word is not None:
                by_name.setdefault(word, []).append(axis)
    for axes in by_name.values():
        meaning.kinds.unite(axes)
    for statement in unrolled(exercise.program, constants):
        execute(statement, environment, meaning)
    quantities = {n: v for n, v in environment.values.items() if isinstance(v, LabelledTensor) and n not in inputs}
    for name, members in environment.elements.items():
        quantities |= {f"{name}[{index}]": v for index, v in members.items() if isinstance(v, LabelledTensor)}
    return Traced(meaning.kinds, inputs, quantities)


TO_SUM_OVER = "a size above 1: over one entry a sum, a mean and a transpose change nothing"
TWO_SIZES = (
    "different sizes: at equal ones a transpose that is missing, or too many, does not show in the shape; or, if they "
    "are one thing, one name, as in `shape: [H, H]`"
)


def examine_shapes(notes: Notes, reference: Reference) -> None:
    """Refuse axes of size 1 that are never broadcast, different axes of equal size, and symmetric matrices."""
    _counts_of_one(notes)
    try:
        found = traced(notes.exercise, reference.points[0], _called(notes))
        _of_size_one(notes, found)
        _of_equal_size(notes, found)
    except EvaluationError:
        # An index form that torch accepts and labelled tensors do not: the axes cannot be checked.
        pass
    for one in notes.exercise.inputs:
        if all(_is_symmetric(point.inputs[one.name]) for point in reference.points):
            words = f"`{one.name}`, which is its own transpose at every point"
            notes.refuse("square", *notes.of_quantity(one.name), words, "a matrix that differs from its transpose")


def _called(notes: Notes) -> dict[str, tuple[str | None, ...]]:
    """The author's names of the input sizes: `shape: [N, 3]`."""
    made = {}
    for one in notes.exercise.inputs:
        listed = notes.document.at(("given", one.name, "shape"))
        if isinstance(listed, Listing):
            sizes = [item.value if isinstance(item, Scalar) else None for item in listed.items]
            made[one.name] = tuple(size if isinstance(size, str) else None for size in sizes)
    return made


def _of_size_one(notes: Notes, found: Traced) -> None:
    seen: set[int] = set()
    for name, one in found.inputs.items():
        for number, (axis, size) in enumerate(zip(one.axes, one.shape, strict=True)):
            kind = found.kinds.kind(axis)
            if size == 1 and kind not in seen and not found.kinds.is_stretched(axis):
                seen.add(kind)
                words = f"axis {number} of `{name}` of size 1"
                notes.refuse("size-one", *notes.of_quantity(name), words, TO_SUM_OVER)


def _counts_of_one(notes: Notes) -> None:
    """Refuse counts that are 1, such as a number of examples: dividing by them has no effect."""
    read = set()
    for statement in statements(notes.exercise.program):
        for node in walk(statement.value):
            if isinstance(node, Call) and node.operation in ("mul", "div"):
                read |= {part.id for part in node.arguments if isinstance(part, Name)}
    for one in notes.exercise.inputs:
        if one.name in read and _is_one(one):
            words = f"the number 1 for `{one.name}`, which the program multiplies or divides by"
            notes.refuse("size-one", *notes.of_quantity(one.name), words, "a number above 1")


def _is_one(one: Input) -> bool:
    return one.whole and one.fixed and one.given is not None and not one.shape and one.given.numbers() == (1.0,)


def _of_equal_size(notes: Notes, found: Traced) -> None:
    seen: set[frozenset[int]] = set()
    for name, one in (*found.inputs.items(), *found.quantities.items()):
        for (n, first), (m, second) in combinations(enumerate(one.axes), 2):
            pair = frozenset((found.kinds.kind(first), found.kinds.kind(second)))
            if one.shape[n] == one.shape[m] > 1 and len(pair) == 2 and pair not in seen:
                seen.add(pair)
                words = f"`{name}` of shape {_written(one)}, whose axes {n} and {m} are different things of equal size"
                notes.refuse("square", *notes.of_quantity(name), words, TWO_SIZES)


def _written(one: LabelledTensor) -> str:
    return " x ".join(map(str, one.shape))


def _is_symmetric(value: Value) -> bool:
    if len(value.shape) != 2 or value.shape[0] != value.shape[1] or value.shape[0] == 1:
        return False
    size, numbers = value.shape[0], value.numbers()
    return all(numbers[i * size + j] == numbers[j * size + i] for i in range(size) for j in range(i))


def examine_sides(notes: Notes, sides: Iterable[Sides]) -> None:
    """Refuse kinks of which only one side is used at all points together."""
    by_place: dict[object, list[Sides]] = {}
    for side in sides:
        by_place.setdefault(side.place, []).append(side)
    for seen in by_place.values():
        below, above = any(one.below for one in seen), any(one.above for one in seen)
        if below and above:
            continue
        words = f"`{seen[0].operation}` that is on one side of its kink at every point"
        expected = "numbers on both sides, as with `probe: normal` for the inputs"
        notes.refuse("one-sided", seen[0].place, "forward", words, expected)
