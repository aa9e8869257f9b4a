"""Evaluate a formula in one walk over its tree; the meaning of each operation comes from a table.

The table decides what numbers are (torch tensors for the reference). Elements assigned one by one (`h[t] = ...`) are
stored separately, each a node of its own, so that `d(loss)/d(h[3])` has a node to refer to.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from grader.formula.check import integer
from grader.formula.operations import TRUTHS
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
    names_for,
    text,
)


class EvaluationError(Exception):
    """Raised if an operation cannot be carried out: has the place in the formula, what stands there, and what was
    expected."""

    def __init__(self, place: Place, message: str, expected: str = "a value that can be computed") -> None:
        super().__init__(message)
        self.place, self.expected = place, expected


class UnsuitedOperands(ValueError):
    """Raised by a meaning of its own accord: its message says by itself what stands there."""


class OperationMeaning(Protocol):
    """The meaning of operations. The walk treats all values as opaque.

    What a meaning raises is not known: torch and NumPy raise whatever their code meets. So every error of one becomes
    an `EvaluationError` here."""

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any: ...
    def pick(self, whole: Any, key: tuple[Any, ...]) -> Any: ...
    def put(self, whole: Any, key: tuple[Any, ...], part: Any) -> Any: ...


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


def execute(statement: Assign, environment: Environment, meaning: OperationMeaning) -> None:
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
        except Exception as error:  # whatever the meaning raises
            raise EvaluationError(statement.place, str(error)) from error
    else:
        raise EvaluationError(statement.place, f"`{name}` has no shape yet: assign the whole of it first")


def evaluate(
    expression: Expression,
    environment: Environment,
    meaning: OperationMeaning,
    derivative: Callable[[Derivative], Any] | None = None,
) -> Any:
    """Return the value of an expression; `derivative` computes each `d(a)/d(b)` in it.

    Raises `EvaluationError`."""
    return _Walk(environment, meaning, derivative).value(expression)


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk over the tree of an expression."""

    environment: Environment
    meaning: OperationMeaning
    derivative: Callable[[Derivative], Any] | None

    def value(self, node: Expression) -> Any:
        match node:
            case Number() | Text() | Flag():
                return node.value
            case Name(id=name):
                return self.lookup(node, name)
            case Sequence(items=items):
                return [self.value(item) for item in items]
            case Slice(start, stop, step):
                return slice(*(None if end is None else self.value(end) for end in (start, stop, step)))
            case Everything():
                return Ellipsis
            case Index(base, keys):
                return self.item(node, base, keys)
            case Call():
                return self.call(node)
            case Derivative():
                if self.derivative is None:
                    raise EvaluationError(node.place, "a derivative cannot stand here")
                return self.derivative(node)

    def lookup(self, node: Expression, name: str) -> Any:
        if name in self.environment.values:
            return self.environment.values[name]
        if name in self.environment.elements:
            members = self.environment.elements[name]
            try:
                return self.meaning.apply("stack", [members[index] for index in sorted(members)], {})
            except Exception as error:  # whatever the meaning raises
                found = f"`{name}` as a whole, whose entries differ in shape"
                raise EvaluationError(node.place, found, f"one of its entries: `{name}[t]`") from error
        raise EvaluationError(node.place, f"`{name}` has no value here")

    def item(self, node: Index, base: Expression, keys: tuple[Expression, ...]) -> Any:
        parts = tuple(self.value(key) for key in keys)
        if isinstance(base, Name) and base.id in self.environment.elements and isinstance(parts[0], int):
            members = self.environment.elements[base.id]
            _same_number(node, len(members))
            if parts[0] not in members:
                raise EvaluationError(node.place, f"`{base.id}[{parts[0]}]` has no value here")
            whole, parts = members[parts[0]], parts[1:]
            if not parts:
                return whole
        else:
            whole = self.value(base)
            if node.unpacked is not None:
                shape = getattr(whole, "shape", None)
                _same_number(node, len(whole) if shape is None else shape[0] if shape else 1)
        try:
            return self.meaning.pick(whole, parts)
        except Exception as error:  # whatever the meaning raises
            raise _failed(node, [whole], [base], error) from error

    def branch(self, node: Call) -> Any:
        condition, one, other = node.arguments
        holds = self.value(condition)
        if math.prod(getattr(holds, "shape", ())) != 1:
            raise EvaluationError(
                node.place, "the condition of an `if` is an array here: `where(condition, a, b)` chooses entry by entry"
            )
        try:
            chosen = one if holds else other
        except (RuntimeError, TypeError, ValueError) as error:  # of `bool`: no truth value
            raise EvaluationError(node.place, _said(error)) from error
        return self.value(chosen)

    def call(self, node: Call) -> Any:
        if is_branch(node):
            return self.branch(node)
        operands = [self.value(argument) for argument in node.arguments]
        options = {key: self.value(option) for key, option in node.options}
        if all(isinstance(operand, int) for operand in operands) and (whole := _whole(node, operands)) is not None:
            return whole
        try:
            return self.meaning.apply(node.operation, operands, options)
        except Exception as error:  # whatever the meaning raises
            raise _failed(node, operands, list(node.arguments), error) from error


def _same_number(node: Index, values: int) -> None:
    """Raise if a value that is assigned to several names has another number of values."""
    names = node.unpacked
    if names is not None and names.count != values:
        found = f"{names.count} names for `{_short(node.base)}`"
        raise EvaluationError(names.place, found, names_for(values))


def _failed(node: Expression, values: list[object], written: list[Expression], error: Exception) -> EvaluationError:
    """Why the operation at `node` has no value: what it was given, why it failed, and what would fit, if that is
    known."""
    pairs = zip(written, values, strict=True)
    operands = [(one, tuple(value.shape)) for one, value in pairs if hasattr(value, "shape")]
    told = [f"`{_short(one)}` of shape {' x '.join(map(str, shape))}" for one, shape in operands if shape]
    told += [f"`{_short(one)}` a single number" for one, shape in operands if not shape]
    found = f"`{_short(node)}` with {' and '.join(told)}"
    shapes = [shape for _, shape in operands]
    said = _said(error)
    if isinstance(node, Call) and len(shapes) == 2 and all(shapes):
        if node.operation == "matmul" and shapes[0][-1] != shapes[1][-2:][0]:
            inner = "the last axis of the first operand as long as the axis of the second that it runs along"
            return EvaluationError(node.place, found, f"shapes that fit: {inner}")
        if node.operation in _ENTRY_BY_ENTRY and not _fit(*shapes):
            return EvaluationError(node.place, found, _FITTING)
    if told and _SIZES_DIFFER in said and not all(itertools.starmap(_fit, itertools.combinations(shapes, 2))):
        return EvaluationError(node.place, found, _FITTING)
    if isinstance(node, Index) and isinstance(error, IndexError):
        if not any(shapes):
            return EvaluationError(node.place, f"`{_short(node)}` of a single number", "an array before the index")
        return EvaluationError(node.place, found, "an index within the shape")
    if not told or isinstance(error, UnsuitedOperands):
        return EvaluationError(node.place, said)
    if "dimension" in said.lower() and isinstance(error, IndexError):
        return EvaluationError(node.place, found, "an axis that it has")
    expected = getattr(error, "expected", "operands that it can be computed of")
    return EvaluationError(node.place, f"{found}: {said}", expected)


def _short(node: Expression) -> str:
    written = text(node)
    return written if len(written) <= 60 else f"{written[:57]}..."


_ENTRY_BY_ENTRY = frozenset(
    ["add", "sub", "mul", "div", "floordiv", "mod", "pow", "maximum", "minimum", "max", "min", "atan2", *TRUTHS]
)


_FITTING = "shapes that fit: from the last axis on, equal sizes or a 1"
_SIZES_DIFFER = "must match the size of tensor"
"""What torch says of arrays that cannot be combined entry by entry, whatever the operation."""


def _fit(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether arrays of these shapes can be combined entry by entry."""
    return all(a == b or 1 in (a, b) for a, b in zip(one[::-1], other[::-1], strict=False))


def _said(error: Exception) -> str:
    """What an error says first."""
    return str(error).splitlines()[0] if str(error) else repr(error)


def _whole(node: Call, operands: list[int]) -> int | None:
    """Compute with whole numbers, so that indices and shapes stay whole: `h[t - 1]`."""
    place = node.place
    return integer(Call(node.operation, tuple(Number(operand, place) for operand in operands), (), place), {})


def composed(operation: str, operands: list[Any], options: dict[str, Any], meaning: OperationMeaning) -> Any:
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
