"""Find which axes of an exercise stand for the same thing, by evaluating its program with labelled axes.

In `X @ W` the second axis of X and the first of W are the same; in `a + b` axes are the same pairwise; the two axes of
a recurrent weight are the same because its output becomes its input again. Axes that never meet are different things,
even if their sizes are equal. If an operation leaves this open, axes of equal size are taken to be the same, which
avoids false alarms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.exercise.types import Exercise
from grader.formula.check import unrolled
from grader.formula.evaluate import Environment, EvaluationError, composed, execute
from grader.lint.axis_classes import Kinds, Marked, fitting, plain, spread
from grader.lint.axis_rules import RULES, Applied, axes_of
from grader.reference.operations import TorchMeaning, to_tensor
from grader.reference.points import Point


class AxesMeaning:
    """An implementation of `grader.formula.evaluate.Meaning` on labelled tensors."""

    def __init__(self) -> None:
        self.kinds = Kinds()
        self.inner = TorchMeaning()

    def given(self, value: Any) -> Marked:
        return Marked(value, tuple(self.kinds.fresh() for _ in value.shape), self.kinds)

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        named = {name: plain(option) for name, option in options.items()}
        result = self.inner.apply(operation, [plain(operand) for operand in operands], named)
        marked = list(marked_in(operands))
        if isinstance(result, tuple):
            return tuple(Marked(one, fitting(self.kinds, one, None, marked), self.kinds) for one in result)
        if not hasattr(result, "dim"):
            return result
        if operation not in RULES:
            found = self._composed(operation, operands, options)
            if isinstance(found, Marked) and found.shape == tuple(result.shape):
                return Marked(result, found.axes, self.kinds)
        tensors = all(isinstance(one, Marked) for one in operands)
        made = axes_of(Applied(operation, marked, named, tuple(result.shape), self.kinds, tensors))
        return Marked(result, fitting(self.kinds, result, made, marked), self.kinds)

    def _composed(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        """The value of an operation by its definition, whose axes are those of its parts."""
        try:
            return composed(operation, operands, options, self)
        except EvaluationError:
            return None

    def pick(self, whole: Any, key: tuple[Any, ...]) -> Any:
        if not isinstance(whole, Marked):
            return whole[key if len(key) > 1 else key[0]]
        plainly = tuple(plain(one) for one in key)
        made = self.inner.pick(whole.value, plainly)
        if any(_is_mask(one) for one in plainly):
            return Marked(made, fitting(self.kinds, made, None, [whole]), self.kinds)
        return Marked(made, fitting(self.kinds, made, whole.taken(key), [whole]), self.kinds)

    def put(self, whole: Any, key: Any, part: Any) -> Any:
        changed = self.inner.put(plain(whole), tuple(plain(one) for one in key), plain(part))
        base = whole if isinstance(whole, Marked) else self.given(changed)
        if isinstance(part, Marked) and isinstance(picked := self.pick(base, key), Marked):
            spread(self.kinds, [picked, part])
        return Marked(changed, base.axes, self.kinds)


def _is_mask(key: Any) -> bool:
    return hasattr(key, "is_floating_point") and bool(key.is_floating_point())


def marked_in(values: Iterable[Any]) -> Iterable[Marked]:
    for value in values:
        if isinstance(value, Marked):
            yield value
        elif isinstance(value, list):
            yield from marked_in(value)


@dataclass(frozen=True, slots=True)
class Traced:
    """The labelled inputs and quantities of an exercise at a point. `kinds` says which axes are the same."""

    kinds: Kinds
    inputs: Mapping[str, Marked]
    quantities: Mapping[str, Marked]


def traced(exercise: Exercise, point: Point, called: Mapping[str, tuple[str | None, ...]]) -> Traced:
    """Evaluate the program at a point. Axes that the author gives the same name (`called`, by input) are the same.

    Raises `EvaluationError` if the program cannot be evaluated."""
    meaning, environment = AxesMeaning(), Environment()
    inputs: dict[str, Marked] = {}
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
    quantities = {n: v for n, v in environment.values.items() if isinstance(v, Marked) and n not in inputs}
    for name, members in environment.elements.items():
        quantities |= {f"{name}[{index}]": v for index, v in members.items() if isinstance(v, Marked)}
    return Traced(meaning.kinds, inputs, quantities)
