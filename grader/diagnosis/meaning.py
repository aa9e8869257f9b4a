"""What a student's formulas mean: a table of operations, and the student's own functions among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.diagnosis.expressions import ENTRY, Function
from grader.formula.evaluate import Environment, evaluate


class StudentMeaning:
    """`grader.formula.evaluate.Meaning` by a table; `functions` are a student's own, by name."""

    table: Mapping[str, Callable[..., Any]] = {}

    def __init__(self, functions: Mapping[str, Function] | None = None) -> None:
        self.functions = functions or {}

    def with_function(self, name: str, function: Function) -> StudentMeaning:
        """The same meaning with one function another."""
        return type(self)({**self.functions, name: function})

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        if operation.endswith("()"):
            function = self.functions[operation[:-2]]
            held = dict(zip(function.parameters, operands, strict=True))
            return self.steps(function, held)[""]
        if operation.startswith("again_"):
            return self._built(operation.removeprefix("again_"), operands)
        if operation.startswith(ENTRY):
            return operands[0][int(operation.removeprefix(ENTRY))]
        if operation not in self.table:
            raise ValueError(f"`{operation}` is not evaluated here")
        return self.call(self.table[operation], operands, options)

    def _built(self, operation: str, operands: list[Any]) -> Any:
        """What a statement makes of what is there: of e and x that `x += e`, of i too that `x[i] += e`."""
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
        """What a function's names hold when it is done, its result under ""."""
        names = dict(held)
        for part in function.parts:
            names[part.name] = evaluate(part.formula, Environment(names), self)
        return names

    def call(self, function: Callable[..., Any], operands: list[Any], options: dict[str, Any]) -> Any:
        return function(*operands, **options)

    def put(self, whole: Any, key: Any, part: Any) -> Any:
        raise ValueError("nothing is assigned in an expression")
