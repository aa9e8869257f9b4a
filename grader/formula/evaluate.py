"""Evaluate a formula in one walk over its tree; the meaning of each operation comes from a table.

The table decides what numbers are (torch tensors for the reference). Elements assigned one by one (`h[t] = ...`) are
stored separately, each a node of its own, so that `d(loss)/d(h[3])` has a node to refer to.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from grader.formula.check import integer
from grader.formula.syntax import (
    Assign,
    Call,
    Derivative,
    Everything,
    Expression,
    Flag,
    Index,
    Name,
    Number,
    Place,
    Sequence,
    Slice,
    Text,
    is_branch,
)


class EvaluationError(Exception):
    """Raised if an operation cannot be carried out: has the place in the formula and the message of the number
    library."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


class Meaning(Protocol):
    """The meaning of operations. The walk treats all values as opaque."""

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any: ...
    def pick(self, whole: Any, key: tuple[Any, ...]) -> Any: ...
    def put(self, whole: Any, key: Any, part: Any) -> Any: ...


@dataclass(slots=True)
class Environment:
    """Values by name; `elements` are the families assigned element by element."""

    values: dict[str, Any] = field(default_factory=dict)
    elements: dict[str, dict[int, Any]] = field(default_factory=dict)

    def node(self, name: str, index: int | None) -> Any:
        return self.values[name] if index is None else self.elements[name][index]


def element(statement: Assign, environment: Environment) -> int | None:
    """Which element of a family `statement` assigns; None where it assigns, or changes, a whole quantity."""
    match statement.keys:
        case (Number(value=int() as index),) if statement.name not in environment.values:
            return index
        case _:
            return None


def execute(statement: Assign, environment: Environment, meaning: Meaning) -> None:
    """Execute one assignment of an unrolled program."""
    value = evaluate(statement.value, environment, meaning)
    name, keys = statement.name, statement.keys
    index = element(statement, environment)
    if not keys and name in environment.elements:
        raise EvaluationError(statement.place, f"`{name}` is assigned element by element")
    if not keys:
        environment.values[name] = value
    elif index is not None:
        environment.elements.setdefault(name, {})[index] = value
    elif name in environment.values:
        key = tuple(evaluate(part, environment, meaning) for part in keys)
        try:
            environment.values[name] = meaning.put(environment.values[name], key, value)
        except Exception as error:
            raise EvaluationError(statement.place, str(error)) from error
    else:
        raise EvaluationError(statement.place, f"`{name}` has no shape yet: assign the whole of it first")


def evaluate(
    expression: Expression,
    environment: Environment,
    meaning: Meaning,
    derivative: Callable[[Derivative], Any] | None = None,
) -> Any:
    """Return the value of an expression; `derivative` computes each `d(a)/d(b)` in it.

    Raises `EvaluationError`."""

    def value(node: Expression) -> Any:
        match node:
            case Number() | Text() | Flag():
                return node.value
            case Name(id=name):
                return _lookup(node, name)
            case Sequence(items=items):
                return [value(item) for item in items]
            case Slice(start, stop, step):
                return slice(*(None if end is None else value(end) for end in (start, stop, step)))
            case Everything():
                return Ellipsis
            case Index(base, keys):
                return _item(node, base, keys)
            case Call():
                return _call(node)
            case Derivative():
                if derivative is None:
                    raise EvaluationError(node.place, "a derivative cannot stand here")
                return derivative(node)

    def _lookup(node: Expression, name: str) -> Any:
        if name in environment.values:
            return environment.values[name]
        if name in environment.elements:
            members = environment.elements[name]
            return _tried(node, lambda: meaning.apply("stack", [members[index] for index in sorted(members)], {}))
        raise EvaluationError(node.place, f"`{name}` has no value here")

    def _item(node: Expression, base: Expression, keys: tuple[Expression, ...]) -> Any:
        parts = tuple(value(key) for key in keys)
        if isinstance(base, Name) and base.id in environment.elements and isinstance(parts[0], int):
            members = environment.elements[base.id]
            if parts[0] not in members:
                raise EvaluationError(node.place, f"`{base.id}[{parts[0]}]` has no value here")
            whole, parts = members[parts[0]], parts[1:]
            if not parts:
                return whole
        else:
            whole = value(base)
        return _tried(node, lambda: meaning.pick(whole, parts))

    def _branch(node: Call) -> Any:
        condition, one, other = node.arguments
        holds = value(condition)
        if math.prod(getattr(holds, "shape", ())) != 1:
            raise EvaluationError(
                node.place, "the condition of an `if` is an array here: `where(condition, a, b)` chooses entry by entry"
            )
        return value(one if _tried(node, lambda: bool(holds)) else other)

    def _call(node: Call) -> Any:
        if is_branch(node):
            return _branch(node)
        operands = [value(argument) for argument in node.arguments]
        options = {key: value(option) for key, option in node.options}
        if all(isinstance(operand, int) for operand in operands) and (whole := _whole(node, operands)) is not None:
            return whole
        return _tried(node, lambda: meaning.apply(node.operation, operands, options))

    return value(expression)


def _tried(node: Expression, work: Callable[[], Any]) -> Any:
    """Return the result of `work`; whatever it raises becomes an `EvaluationError` at `node`."""
    try:
        return work()
    except Exception as error:
        raise EvaluationError(node.place, str(error).splitlines()[0] if str(error) else repr(error)) from error


def _whole(node: Call, operands: list[int]) -> int | None:
    """Compute with whole numbers, so that indices and shapes stay whole: `h[t - 1]`."""
    place = node.place
    return integer(Call(node.operation, tuple(Number(operand, place) for operand in operands), (), place), {})


def composed(operation: str, operands: list[Any], options: dict[str, Any], meaning: Meaning) -> Any:
    """Return the value of an operation by its definition; None if there is none for this call."""
    from grader.formula.compositions import defined

    given = tuple(one is not None for one in operands)
    try:
        definition = defined(operation, given, options)
    except LookupError:
        return None
    if definition is None:
        return None
    here = [one for one in operands if one is not None]
    environment = Environment({**dict(zip(definition.operands, here, strict=True)), **options})
    for name, formula in definition.lines:
        environment.values[name] = evaluate(formula, environment, meaning)
    return evaluate(definition.result, environment, meaning)
