"""Find shapes and kinks that hide mistakes at any numbers: axes of size 1, equal sizes, one side of a relu.

Which axes stand for the same thing is found by evaluating the program with labelled axes. In `X @ W` the second axis of
X and the first of W are the same; in `a + b` axes are the same pairwise; the two axes of a recurrent weight are the
same because its output becomes its input again. Axes that never meet are different things, even if their sizes are
equal. If an operation leaves this open, axes of equal size are taken to be the same, which avoids false alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from grader.exercise.types import Exercise, Input
from grader.exercise.yaml_nodes import Listing, Scalar
from grader.formula.check import unrolled
from grader.formula.evaluate import Environment, EvaluationError, composed, execute
from grader.formula.syntax import Call, Name, statements, walk
from grader.lint.axis_rules import RULES, Applied, Kinds, LabelledTensor, axes_of, fitting, plain, spread
from grader.lint.notes import Notes
from grader.model import Value
from grader.reference.operations import TorchMeaning, to_tensor
from grader.reference.point_selection import Sides
from grader.reference.points import Point, Reference


class AxesMeaning:
    """An implementation of `grader.formula.evaluate.Meaning` on labelled tensors."""

    def __init__(self) -> None:
        self.kinds = Kinds()
        self.inner = TorchMeaning()

    def given(self, value: Any) -> LabelledTensor:
        return LabelledTensor(value, tuple(self.kinds.fresh() for _ in value.shape), self.kinds)

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        named = {name: plain(option) for name, option in options.items()}
        result = self.inner.apply(operation, [plain(operand) for operand in operands], named)
        marked = list(marked_in(operands))
        if isinstance(result, tuple):
            return tuple(LabelledTensor(one, fitting(self.kinds, one, None, marked), self.kinds) for one in result)
        if not hasattr(result, "dim"):
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

    def put(self, whole: Any, key: Any, part: Any) -> Any:
        changed = self.inner.put(plain(whole), tuple(plain(one) for one in key), plain(part))
        base = whole if isinstance(whole, LabelledTensor) else self.given(changed)
        if isinstance(part, LabelledTensor) and isinstance(picked := self.pick(base, key), LabelledTensor):
            spread(self.kinds, [picked, part])
        return LabelledTensor(changed, base.axes, self.kinds)


def _is_mask(key: Any) -> bool:
    return hasattr(key, "is_floating_point") and bool(key.is_floating_point())


def marked_in(values: Iterable[Any]) -> Iterable[LabelledTensor]:
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
