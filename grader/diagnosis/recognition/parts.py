"""Recognises typical parts of a program: statistics of a normalisation, penalties, gains, activation units, loops that
compute each state from the previous one with shared weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.diagnosis.step.context import Context
from grader.exercise.types import Exercise
from grader.formula.build import ONE, call
from grader.formula.syntax import (
    Assign,
    Call,
    Expression,
    For,
    Index,
    Name,
    Number,
    Program,
    children,
    names,
    statements,
    text,
    walk,
)

_REDUCED = frozenset({"mean", "var", "std", "norm"})

_ROOTS = frozenset({"sqrt", "rsqrt"})


def statistics(node: Expression) -> Iterator[Expression]:
    """Yield the outermost means, variances and norms in a formula: values computed from many entries and shared."""
    if is_statistic(node):
        yield node
        return
    for child in children(node):
        yield from statistics(child)


def is_statistic(node: Expression) -> bool:
    match node:
        case Call(operation) if operation in _REDUCED:
            return True
        case Call("div", (Call("sum"), divisor)):
            return _is_count(divisor)
        case Call("pow", (base, Number(value=0.5 | -0.5))):
            return _has_sum(base)
        case Call(operation, (base,)) if operation in _ROOTS:
            return _has_sum(base)
        case _:
            return False


def _is_count(node: Expression) -> bool:
    """Whether a divisor consists only of numbers, names, entries and sizes."""
    return all(isinstance(part, Name | Number | Index) or _is_size(part) for part in walk(node))


def _is_size(node: Expression) -> bool:
    return isinstance(node, Call) and node.operation in ("length", "shape_of", "sub")


def _has_sum(node: Expression) -> bool:
    return any(isinstance(part, Call) and part.operation in ("sum", "mean", "var", "dot") for part in walk(node))


def mentions(node: Expression, name: str) -> bool:
    return any(text(part) == name for part in walk(node))


def without_statistics(statement: Assign, by: str) -> Assign:
    """Return the statement with the statistics computed from `by` detached, so that they count as constants."""
    value = statement.value
    for node in statistics(statement.value):
        if mentions(node, by):
            value = replaced(value, node, call("detach", node))
    return statement if value is statement.value else replace(statement, value=value)


def replaced(whole: Expression, old: Expression, new: Expression) -> Expression:
    """Return `whole` with the node `old`, compared by identity, replaced by `new`."""
    if whole is old:
        return new
    match whole:
        case Call(arguments=arguments):
            made = tuple(replaced(one, old, new) for one in arguments)
            return (
                whole if all(a is b for a, b in zip(made, arguments, strict=True)) else replace(whole, arguments=made)
            )
        case Index(base=base):
            inner = replaced(base, old, new)
            return whole if inner is base else replace(whole, base=inner)
        case _:
            return whole


# penalties


def penalties(statement: Assign, exercise: Exercise) -> Iterator[Expression]:
    """Yield the penalties among several summands of a statement: a number times a norm of parameters, such as
    `lam * sum(w**2)`."""
    parts = list(_summands(statement.value))
    for part in parts:
        if len(parts) > 1 and is_penalty(part, exercise):
            yield part


def is_penalty(node: Expression, exercise: Exercise) -> bool:
    """Whether a formula is a scalar input times squares, absolute values or norms of other inputs only."""
    inputs = {one.name: one for one in exercise.inputs}
    if not names(node) <= inputs.keys():
        return False
    weights = weights_of(node)
    return (
        weights < names(node) and bool(weights) and not any(inputs[one].shape or inputs[one].whole for one in weights)
    )


def weights_of(penalty: Expression) -> frozenset[str]:
    """Return the names by which a penalty is weighted: those it reads, and takes no norm of."""
    return names(penalty).difference(*map(_measured, walk(penalty)))


def _measured(node: Expression) -> frozenset[str]:
    """Return the name whose square, absolute value or norm a node is; empty for other nodes."""
    match node:
        case Call("square" | "abs" | "norm", (Name(id=name), *_)) | Call("pow", (Name(id=name), Number(value=2))):
            return frozenset({name})
        case Call("mul" | "dot" | "matmul", (Name(id=name), Name(id=other))) if name == other:
            return frozenset({name})
        case _:
            return frozenset()


def _summands(node: Expression) -> Iterator[Expression]:
    match node:
        case Call("add" | "sub", (left, right)):
            yield from _summands(left)
            yield from _summands(right)
        case Call("neg", (inner,)):
            yield from _summands(inner)
        case _:
            yield node


def without_penalty(statement: Assign, exercise: Exercise) -> Assign:
    """Return the statement with its penalties detached, so that they contribute no gradient."""
    whole = is_penalty(statement.value, exercise)
    value = call("detach", statement.value) if whole else statement.value
    for part in () if whole else penalties(statement, exercise):
        value = replaced(value, part, call("detach", part))
    return statement if value is statement.value else replace(statement, value=value)


# gains of normalisations


@dataclass(frozen=True, slots=True)
class Gain:
    """An input that multiplies a normalised quantity: the statement, and the node of the input in it."""

    statement: Assign
    node: Name


def gains(statements: tuple[Assign, ...], exercise: Exercise) -> Iterator[Gain]:
    """Yield the inputs that multiply normalised quantities."""
    program = {one.name: one for one in statements if not one.keys}
    inputs = {one.name for one in exercise.inputs}
    for statement in statements:
        for node in walk(statement.value):
            factors, divisors = _factors(node)
            for factor in factors:
                others = [*divisors, *(one for one in factors if one is not factor)]
                if isinstance(factor, Name) and factor.id in inputs and any(_is_normal(one, program) for one in others):
                    yield Gain(statement, factor)


def _factors(node: Expression) -> tuple[list[Expression], list[Expression]]:
    """Return the factors and divisors of a product or quotient; empty lists for other nodes."""
    match node:
        case Call("mul", (left, right)):
            (one, under), (other, below) = _factors_or_self(left), _factors_or_self(right)
            return [*one, *other], [*under, *below]
        case Call("div", (left, right)):
            factors, divisors = _factors_or_self(left)
            return factors, [*divisors, right]
        case _:
            return [], []


def _factors_or_self(node: Expression) -> tuple[list[Expression], list[Expression]]:
    factors, divisors = _factors(node)
    return (factors, divisors) if factors else ([node], [])


def _is_normal(node: Expression, program: dict[str, Assign], depth: int = 4) -> bool:
    """Whether a formula contains a statistic that normalises: a root of a statistic, a standard deviation or a norm,
    directly or through the program's quantities."""
    for part in walk(node):
        match part:
            case Call("pow", (base, Number(value=value) | Call("neg", (Number(value=value),)))) if abs(value) == 0.5:
                if _is_made_of_statistic(base, program):
                    return True
            case Call("rsqrt", (base,)) | Call("sqrt", (base,)):
                if _is_made_of_statistic(base, program):
                    return True
            case Call("std" | "norm"):
                return True
            case Name(id=name) if name in program and depth:
                if _is_normal(program[name].value, program, depth - 1):
                    return True
    return False


def _is_made_of_statistic(node: Expression, program: dict[str, Assign], depth: int = 3) -> bool:
    if any(is_statistic(part) for part in walk(node)):
        return True
    read = (program[name].value for name in names(node) if name in program)
    return bool(depth) and any(_is_made_of_statistic(one, program, depth - 1) for one in read)


# units


@dataclass(frozen=True, slots=True)
class ActivationUnit:
    """An activation unit (`kind`) of one quantity, built in or written out in the program; `scale` and `alpha` are the
    constants of ELU and SELU."""

    kind: str
    argument: Expression
    result: Expression
    scale: Expression = ONE
    alpha: Expression = ONE


def unit_of(statement: Assign, result: Expression, program: dict[str, Assign]) -> ActivationUnit | None:
    """Return the ELU, SELU, GELU, SiLU or softplus that a statement computes; None for others."""
    match statement.value:
        case Call("gelu" | "silu" | "softplus" as kind, (argument,)):
            return ActivationUnit(kind, argument, result)
        case Call("mul", (argument, Call("sigmoid", (inner,)))) | Call("mul", (Call("sigmoid", (inner,)), argument)):
            return ActivationUnit("silu", argument, result) if text(argument) == text(inner) else None
        case Call("mul", (Name() as one, Name() as other)):
            for argument, factor in ((one, other), (other, one)):
                match program.get(factor.id):
                    case Assign(value=Call("sigmoid", (inner,))) if text(inner) == text(argument):
                        return ActivationUnit("silu", argument, result)
            return None
        case Call("log", (Call("add", (one, other)),)):
            for first, second in ((one, other), (other, one)):
                match first, second:
                    case Number(value=1), Call("exp", (argument,)):
                        return ActivationUnit("softplus", argument, result)
            return None
        case Call("log1p", (Call("exp", (argument,)),)):
            return ActivationUnit("softplus", argument, result)
        case Call("where", (Call("gt" | "ge", (argument, Number(value=0))), above, below)):
            return _elu(argument, above, below, result)
        case value:
            return _gelu(value, result)


def _elu(argument: Expression, above: Expression, below: Expression, result: Expression) -> ActivationUnit | None:
    """Recognise an ELU: `x` or `lam * x` above 0, `alpha * (exp(x) - 1)` or `lam * alpha * (exp(x) - 1)` below."""
    scales = [one for one in factors_of(above) if text(one) != text(argument)]
    grown = [one for one in factors_of(below) if _is_exp_less_one(one, argument)]
    rest = [one for one in factors_of(below) if one not in grown]
    if len(scales) != len(factors_of(above)) - 1 or len(scales) > 1 or len(grown) != 1:
        return None
    alphas = [one for one in rest if text(one) not in map(text, scales)]
    if len(alphas) > 1 or len(rest) - len(alphas) != len(scales):
        return None
    return ActivationUnit("elu", argument, result, scales[0] if scales else ONE, alphas[0] if alphas else ONE)


def factors_of(node: Expression) -> list[Expression]:
    """Return the factors of a product, in any bracketing."""
    match node:
        case Call("mul", (left, right)):
            return [*factors_of(left), *factors_of(right)]
        case _:
            return [node]


def _is_exp_less_one(node: Expression, argument: Expression) -> bool:
    match node:
        case Call("sub", (Call("exp", (inner,)), Number(value=1))) | Call("expm1", (inner,)):
            return text(inner) == text(argument)
        case _:
            return False


def _gelu(value: Expression, result: Expression) -> ActivationUnit | None:
    """Recognise a GELU: `0.5 * x * (1 + erf(x / sqrt(2)))`."""
    factors = factors_of(value)
    inner = [part for one in factors for part in walk(one) if isinstance(part, Call) and part.operation == "erf"]
    if len(inner) != 1:
        return None
    own = next((one for one in factors if isinstance(one, Name | Index)), None)
    divided = inner[0].arguments[0]
    if own is None or not any(text(part) == text(own) for part in walk(divided)):
        return None
    return ActivationUnit("gelu", own, result)


def is_over_time(base: Expression, context: Context) -> bool:
    """Whether the indexed expression holds one value per time step."""
    if not isinstance(base, Name):
        return False
    known = names_over_time(context.exercise.program)
    quantity = context.quantities.get(base.id)
    for step in (*context.exercise.forward_steps, *context.exercise.steps):
        if step.name == quantity and step.family is not None:
            return step.family in known or bool(names(step.quantity) & known)
    return quantity in known


def are_neighbours_in_time(before: Expression, after: Expression, context: Context) -> bool:
    """Whether two entries are states of one sequence (`h1`, `h2`) that are computed with shared weights."""
    first, second = context.holds(before), context.holds(after)
    parts = [re.fullmatch(r"(.*?)(\d+)", one or "") for one in (first, second)]
    if parts[0] is None or parts[1] is None or parts[0][1] != parts[1][1]:
        return False
    made = [one for one in (first, second) if one is not None and _weights(one, context)]
    common = [_weights(one, context) for one in made]
    return len(made) < 2 or bool(common[0] & common[1])


def _weights(name: str, context: Context) -> frozenset[str]:
    """Return the inputs read by the program line of a quantity and by the lines it reads from."""
    program = {one.name: one for one in statements(context.exercise.program) if not one.keys}
    inputs = {one.name for one in context.exercise.inputs}
    read = names(program[name].value) if name in program else frozenset()
    return (read | {one for inner in read if inner in program for one in names(program[inner].value)}) & inputs


def names_over_time(program: Program) -> frozenset[str]:
    found: set[str] = set()
    for loop in _loops(program):
        body = [one for one in loop.body if isinstance(one, Assign)]
        made = {one.name: text(one.keys[0]) for one in body if len(one.keys) == 1}
        read = [part for one in body for part in _entries(one.value)]
        carried = any(made.get(_base(part), text(part.keys[0])) != text(part.keys[0]) for part in read)
        if carried and not any(_has_weights_of_its_own(one, loop.variable, frozenset(made)) for one in body):
            found |= made.keys() | {_base(part) for part in read}
    return frozenset(found)


def _loops(program: Program) -> Iterator[For]:
    for one in program:
        if isinstance(one, For):
            yield one
            yield from _loops(one.body)


def _entries(node: Expression) -> list[Index]:
    return [part for part in walk(node) if isinstance(part, Index) and part.keys]


def _base(node: Index) -> str:
    return text(node.base)


def _has_weights_of_its_own(statement: Assign, variable: str, made: frozenset[str]) -> bool:
    """Whether a state is multiplied by something indexed with the loop variable that is no state."""
    for node in walk(statement.value):
        match node:
            case Call("mul" | "matmul" | "dot", (Index() as left, Index() as right)):
                own = [one for one in (left, right) if _base(one) not in made and variable in names(one.keys[0])]
                states = [one for one in (left, right) if _base(one) in made]
                if own and states:
                    return True
    return False
