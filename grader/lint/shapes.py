"""Find shapes and kinks that hide mistakes at any numbers: axes of size 1, equal sizes, one side of a relu."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from grader.exercise.types import Input
from grader.exercise.yaml_nodes import Listing, Scalar
from grader.formula.evaluate import EvaluationError
from grader.formula.syntax import Call, Name, statements, walk
from grader.lint.axes import Traced, traced
from grader.lint.axis_classes import Marked
from grader.lint.notes import Notes
from grader.model import Value
from grader.reference.types import Reference
from grader.reference.value_monitor import Sides

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


def _written(one: Marked) -> str:
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
