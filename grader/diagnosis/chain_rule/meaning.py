"""Evaluates a student's formulas: by a table of operations and the student's own functions; with Python floats, without
importing NumPy, where every name holds one number.

Results with floats equal those of `arithmetic` (a test compares the two), and are several times as fast.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from grader.diagnosis.expressions import ENTRY, Function
from grader.formula.evaluate import Environment, EvaluationError, evaluate
from grader.formula.syntax import Expression

Names = Mapping[str, Any]
"""The values of a program's names."""

Operation = Callable[..., Any]
"""What is called with the operands and options of an operation."""

_WITHOUT_OPTIONS = frozenset({"gelu", "softplus"})
"""Operations whose entry in a table is for calls without options."""


_SAME_NAME_IN_MATH = "exp expm1 log log1p log2 log10 sqrt tanh sinh cosh sin cos tan atan atanh asinh erf atan2"


class StudentMeaning:
    """A `grader.formula.evaluate.Meaning` based on a table; `functions` are the student's own, by name."""

    table: Mapping[str, Operation] = {}
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

    def among(self, held: Names) -> StudentMeaning:
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

    def steps(self, function: Function, held: Names) -> dict[str, Any]:
        """Return the values of a function's names after it has run; its result is stored under ""."""
        names = {**self._around, **held}
        for part in function.parts:
            names[part.name] = evaluate(part.formula, Environment(names), self)
        return names

    def call(self, function: Operation, operands: list[Any], options: dict[str, Any]) -> Any:
        return function(*operands, **options)

    def pick(self, whole: Any, key: tuple[Any, ...]) -> Any:
        masks = [
            getattr(one, "dtype", None) == "float64" and one.ndim and not ((one != 0) & (one != 1)).any() for one in key
        ]
        keys = tuple(one != 0 if mask else one for one, mask in zip(key, masks, strict=True)) if any(masks) else key
        return whole[keys if len(keys) > 1 else keys[0]]

    def put(self, whole: Any, key: Any, part: Any) -> Any:
        raise ValueError("nothing is assigned in an expression")


def _sigmoid(x: float) -> float:
    return 0.5 * (1.0 + math.tanh(0.5 * x))


def _truth(function: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    return lambda a, b: float(function(a, b))


def _same(x: float, **_: object) -> float:
    return x


_TABLE: dict[str, Operation] = {
    **{name: getattr(math, name) for name in _SAME_NAME_IN_MATH.split()},
    "neg": operator.neg,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "pow": lambda a, b: float(a) ** b,
    "dot": operator.mul,
    "outer": operator.mul,
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "rsqrt": lambda x: 1.0 / math.sqrt(x),
    "abs": abs,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "sigmoid": _sigmoid,
    "logsigmoid": lambda x: math.log(_sigmoid(x)),
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x, negative_slope=0.01: x if x > 0 else negative_slope * x,
    "gelu": lambda x: x * math.erfc(-x / math.sqrt(2.0)) / 2.0,
    "silu": lambda x: x * _sigmoid(x),
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    "maximum": max,
    "minimum": min,
    "where": lambda c, a, b: a if c else b,
    "gt": _truth(operator.gt),
    "ge": _truth(operator.ge),
    "lt": _truth(operator.lt),
    "le": _truth(operator.le),
    "eq": _truth(operator.eq),
    "ne": _truth(operator.ne),
    "zeros_like": lambda x: 0.0,
    "ones_like": lambda x: 1.0,
    **dict.fromkeys(("same", "detach", "transpose_all", "matrix_transpose", "sum", "mean", "squeeze"), _same),
}


class ScalarMeaning(StudentMeaning):
    """Meaning of formulas over single numbers. Undefined values raise `ArithmeticError` or `ValueError`."""

    table: Mapping[str, Operation] = _TABLE


def value_of(expression: Expression, held: Names, meaning: StudentMeaning) -> Any:
    """Return the value of an expression, None if it has none."""
    try:
        return evaluate(expression, Environment(dict(held)), meaning.among(held))
    except (EvaluationError, ArithmeticError, ValueError, TypeError, IndexError, KeyError, RecursionError):
        return None
