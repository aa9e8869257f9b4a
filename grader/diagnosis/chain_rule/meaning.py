"""Evaluates a student's formulas: by a table of operations and the student's own functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from grader.diagnosis.lines.expressions import ENTRY, Function
from grader.formula.evaluate import Environment, evaluate

_WITHOUT_OPTIONS = frozenset({"gelu", "softplus"})
"""Operations whose entry in a table is for calls without options."""


class StudentMeaning:
    """A `grader.formula.evaluate.Meaning` based on a table; `functions` are the student's own, by name."""

    table: Mapping[str, Callable[..., Any]] = {}
    _around: Mapping[str, Any] = {}

    def __init__(self, functions: Mapping[str, Function] | None = None) -> None:
        self.functions = functions or {}
        self.free = frozenset[str]().union(*(one.free for one in self.functions.values()))
        """The names of the program that the functions read."""

    def with_function(self, name: str, function: Function) -> StudentMeaning:
        """Return the same meaning with one function replaced."""
        made = copy(self)
        made.functions, made.free = {**self.functions, name: function}, self.free | function.free
        return made

    def among(self, held: Mapping[str, Any]) -> StudentMeaning:
        """Return the same meaning where the names of the program have the values `held`."""
        if not self.free:
            return self
        made = copy(self)
        made._around = {name: held[name] for name in self.free if name in held}
        return made

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        if operation.endswith("()"):
            function = self.functions[operation[:-2]]
            held = dict(zip(function.parameters, operands, strict=True))
            return self.steps(function, held)[""]
        if operation.startswith("again_"):
            return self._built(operation.removeprefix("again_"), operands)
        if operation.startswith(ENTRY):
            return operands[0][int(operation.removeprefix(ENTRY))]
        if operation not in self.table or (options and operation in _WITHOUT_OPTIONS):
            return self._composed(operation, operands, options)
        return self.call(self.table[operation], operands, options)

    def _composed(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        """The value of an operation by its definition."""
        from grader.formula.evaluate import composed

        made = composed(operation, operands, options, self)
        if made is None:
            raise ValueError(f"`{operation}` is not evaluated here")
        return made

    def _built(self, operation: str, operands: list[Any]) -> Any:
        """Return the value after an augmented or item assignment. Operands are e and the old x for `x += e`, then also
        i for `x[i] += e`."""
        value, before, *keys = operands
        if operation == "nothing":
            return before
        if not keys:
            return self.apply(operation, [before, value], {})
        key = tuple(keys) if len(keys) > 1 else keys[0]
        whole = before.astype(float)
        whole[key] = value if operation == "set" else self.apply(operation, [whole[key], value], {})
        return whole

    def steps(self, function: Function, held: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a function's names after it has run; its result is stored under ""."""
        names = {**self._around, **held}
        for part in function.parts:
            names[part.name] = evaluate(part.formula, Environment(names), self)
        return names

    def call(self, function: Callable[..., Any], operands: list[Any], options: dict[str, Any]) -> Any:
        return function(*operands, **options)

    def pick(self, whole: Any, key: tuple[Any, ...]) -> Any:
        masks = [
            getattr(one, "dtype", None) == "float64" and one.ndim and not ((one != 0) & (one != 1)).any() for one in key
        ]
        keys = tuple(one != 0 if mask else one for one, mask in zip(key, masks, strict=True)) if any(masks) else key
        return whole[keys if len(keys) > 1 else keys[0]]

    def put(self, whole: Any, key: Any, part: Any) -> Any:
        raise ValueError("nothing is assigned in an expression")
