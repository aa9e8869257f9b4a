"""Recognises typical parts of a program: statistics of a normalisation, penalties, gains, activation units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.exercise.types import Exercise
from grader.formula.build import ONE, call
from grader.formula.syntax import Assign, Call, Expression, Index, Name, Number, children, names, text, walk

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
class Unit:
    """An activation unit (`kind`) of one quantity, built in or written out in the program; `scale` and `alpha` are the
    constants of ELU and SELU."""

    kind: str
    argument: Expression
    result: Expression
    scale: Expression = ONE
    alpha: Expression = ONE


def unit_of(statement: Assign, result: Expression, program: dict[str, Assign]) -> Unit | None:
    """Return the ELU, SELU, GELU, SiLU or softplus that a statement computes; None for others."""
    match statement.value:
        case Call("gelu" | "silu" | "softplus" as kind, (argument,)):
            return Unit(kind, argument, result)
        case Call("mul", (argument, Call("sigmoid", (inner,)))) | Call("mul", (Call("sigmoid", (inner,)), argument)):
            return Unit("silu", argument, result) if text(argument) == text(inner) else None
        case Call("mul", (Name() as one, Name() as other)):
            for argument, factor in ((one, other), (other, one)):
                match program.get(factor.id):
                    case Assign(value=Call("sigmoid", (inner,))) if text(inner) == text(argument):
                        return Unit("silu", argument, result)
            return None
        case Call("log", (Call("add", (one, other)),)):
            for first, second in ((one, other), (other, one)):
                match first, second:
                    case Number(value=1), Call("exp", (argument,)):
                        return Unit("softplus", argument, result)
            return None
        case Call("log1p", (Call("exp", (argument,)),)):
            return Unit("softplus", argument, result)
        case Call("where", (Call("gt" | "ge", (argument, Number(value=0))), above, below)):
            return _elu(argument, above, below, result)
        case value:
            return _gelu(value, result)


def _elu(argument: Expression, above: Expression, below: Expression, result: Expression) -> Unit | None:
    """Recognise an ELU: `x` or `lam * x` above 0, `alpha * (exp(x) - 1)` or `lam * alpha * (exp(x) - 1)` below."""
    scales = [one for one in factors_of(above) if text(one) != text(argument)]
    grown = [one for one in factors_of(below) if _is_exp_less_one(one, argument)]
    rest = [one for one in factors_of(below) if one not in grown]
    if len(scales) != len(factors_of(above)) - 1 or len(scales) > 1 or len(grown) != 1:
        return None
    alphas = [one for one in rest if text(one) not in map(text, scales)]
    if len(alphas) > 1 or len(rest) - len(alphas) != len(scales):
        return None
    return Unit("elu", argument, result, scales[0] if scales else ONE, alphas[0] if alphas else ONE)


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


def _gelu(value: Expression, result: Expression) -> Unit | None:
    """Recognise a GELU: `0.5 * x * (1 + erf(x / sqrt(2)))`."""
    factors = factors_of(value)
    inner = [part for one in factors for part in walk(one) if isinstance(part, Call) and part.operation == "erf"]
    if len(inner) != 1:
        return None
    own = next((one for one in factors if isinstance(one, Name | Index)), None)
    divided = inner[0].arguments[0]
    if own is None or not any(text(part) == text(own) for part in walk(divided)):
        return None
    return Unit("gelu", own, result)
