"""Translate a call as written to one of the vocabulary: one spelling, operands apart from options, options by name."""

from __future__ import annotations

import difflib

from grader.formula.faults import FormulaFault
from grader.formula.operations import (
    BY_SPELLING,
    MANY,
    NUMPY_PREFIXES,
    OPERATIONS,
    PARAMETER_SPELLINGS,
    Operation,
)
from grader.formula.syntax import Call, Expression, Flag, Number, Place, Sequence, Text

Options = tuple[tuple[str, Expression], ...]


def translate_call(
    spelling: str, arguments: tuple[Expression, ...], options: Options, place: Place, module: str | None = ""
) -> Call | FormulaFault:
    """Return the call of an operation, or the fault of the call; in a fault, an empty `found` stands for the call as
    written.

    `module` is what stood before the dot: "" if nothing did, None for a method."""
    operation = BY_SPELLING.get(spelling)
    if operation is None:
        near = difflib.get_close_matches(spelling, BY_SPELLING, n=3)
        known = ", ".join(f"`{name}`" for name in near) or "one of the known operations, such as `tanh` or `sum`"
        return FormulaFault(place, f"the unknown operation `{spelling}`", known)
    if spelling == "einsum":
        if not arguments or not isinstance(arguments[0], Text):
            return FormulaFault(place, "", "`einsum` with its equation first: `einsum('ij,jk->ik', a, b)`")
        arguments, options = arguments[1:], (("equation", arguments[0]), *options)
    if operation.most == MANY and arguments and isinstance(arguments[0], Sequence):
        arguments = (*arguments[0].items, *arguments[1:]) if operation.name == "einsum" else arguments
        return _with_list(operation, arguments, options, place)
    operands, rest = arguments[: operation.most], arguments[operation.most :]
    # `np.max(x, 0)` and `x.max(0)` reduce along an axis; Python's own `max(x, 0)` compares.
    if operation.name in ("max", "min") and module != "" and len(operands) == 2 and _is_axis(operands[1]):
        operands, rest = operands[:1], operands[1:] + rest
    if operation.name in ("var", "std") and module in NUMPY_PREFIXES and not _has(options, "correction"):
        options = (*options, ("correction", Number(0, place)))
    if operation.name == "transpose":
        operation = _transposition(rest, options)
    if len(operands) < operation.least:
        return FormulaFault(place, "", f"`{operation.name}` of {_count(operation)}")
    return _with_parameters(operation, operands, rest, options, place)


def _with_list(
    operation: Operation, arguments: tuple[Expression, ...], options: Options, place: Place
) -> Call | FormulaFault:
    first = arguments[0]
    items = first.items if isinstance(first, Sequence) else arguments
    rest = arguments[1:] if isinstance(first, Sequence) else ()
    if not items:
        return FormulaFault(place, "", f"`{operation.name}` of {_count(operation)}")
    return _with_parameters(operation, items, rest, options, place)


def _with_parameters(
    operation: Operation,
    operands: tuple[Expression, ...],
    rest: tuple[Expression, ...],
    options: Options,
    place: Place,
) -> Call | FormulaFault:
    named: dict[str, Expression] = {}
    if operation.spread and rest:
        whole = rest[0] if len(rest) == 1 and isinstance(rest[0], Sequence) else Sequence(rest, place)
        named[operation.spread] = whole
    else:
        named.update(zip(_positional(operation, rest), rest, strict=False))
        if len(rest) > len(operation.parameters):
            return FormulaFault(place, "", f"`{operation.name}` with at most {len(operation.parameters)} options")
    for spelling, value in options:
        key = PARAMETER_SPELLINGS.get(spelling, spelling)
        if key == "dim" and "dims" in operation.parameters:
            key = "dims"
        if key not in operation.parameters:
            allowed = ", ".join(f"`{p}`" for p in operation.parameters) or "no options"
            return FormulaFault(place, f"the option `{spelling}` of `{operation.name}`", allowed)
        if key in named:
            return FormulaFault(place, f"the option `{key}` of `{operation.name}` twice", "each option once")
        named[key] = _as_correction(value) if spelling == "unbiased" else value
    return Call(operation.name, operands, tuple(sorted(named.items())), place)


def _transposition(rest: tuple[Expression, ...], options: Options) -> Operation:
    """Choose the operation for `transpose`: NumPy's reorders all axes, torch's swaps two."""
    if not rest and not options:
        return OPERATIONS["transpose_all"]
    all_axes = len(rest) > 2 or any(isinstance(part, Sequence) for part in rest) or _has(options, "dims")
    return OPERATIONS["permute" if all_axes else "transpose"]


def _has(options: Options, key: str) -> bool:
    return any(PARAMETER_SPELLINGS.get(spelling, spelling) == key for spelling, _ in options)


def _positional(operation: Operation, rest: tuple[Expression, ...]) -> tuple[str, ...]:
    # `arange(n)` is `arange(0, n)`, as in NumPy and torch.
    if operation.name == "arange" and len(rest) == 1:
        return ("stop",)
    return operation.parameters


def _as_correction(value: Expression) -> Expression:
    return Number(int(bool(value.value)), value.place) if isinstance(value, Flag) else value


def _is_axis(node: Expression) -> bool:
    return isinstance(node, Number) and isinstance(node.value, int)


def _count(operation: Operation) -> str:
    return "1 operand" if operation.least == 1 else f"{operation.least} operands"
