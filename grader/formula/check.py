"""Check formulas without computing them: names, loops unrolled, what depends on what."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from grader.formula.syntax import (
    Assign,
    Call,
    Derivative,
    Expression,
    For,
    FormulaError,
    FormulaFault,
    Index,
    Name,
    Number,
    Program,
    Sequence,
    Slice,
    Statement,
    names,
    statements,
    text,
    walk,
)

MAX_SUGGESTIONS = 20
"""How many unknown names get suggestions, and how many known names are listed if none is near."""

MAX_STATEMENTS = 20_000
"""How many assignments a program may have once its loops are unrolled, and how many passes the loops may make."""

_MIN_UNBOUNDED = 2**63
"""Whole numbers from here on are no constants: repeated squaring would make them grow without bound."""

_INTEGER: dict[str, Callable[[int, int], int | None]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "floordiv": lambda a, b: a // b if b else None,
    "mod": lambda a, b: a % b if b else None,
}


def check_program(program: Program, inputs: frozenset[str]) -> tuple[FormulaFault, ...]:
    """Report names read before they exist, given names that are assigned, and names assigned twice without building on
    themselves."""
    first: dict[str, Assign] = {}
    for statement in statements(program):
        first.setdefault(statement.name, statement)
    faults = _check_block(program, inputs, first, set(inputs), frozenset())
    return (*(_in_order(fault, first) for fault in faults), *_ambiguous(program))


def _in_order(fault: FormulaFault, first: Mapping[str, Assign]) -> FormulaFault:
    """A name that is assigned, but only later, is not unknown."""
    name = fault.found.removeprefix("the unknown name `").removesuffix("`")
    if fault.found != f"the unknown name `{name}`" or name not in first:
        return fault
    where = first[name].place.line
    if where == fault.place.line:
        return FormulaFault(fault.place, f"`{name}` in the line that defines it", f"`{name}` to be defined before")
    found = f"`{name}` in line {fault.place.line}, before its definition in line {where}"
    return FormulaFault(fault.place, found, f"line {where} before line {fault.place.line}")


def _ambiguous(program: Program) -> Iterator[FormulaFault]:
    for statement in statements(program):
        yield from ambiguous(statement.value)


def ambiguous(expression: Expression) -> Iterator[FormulaFault]:
    """Report calls that Python, NumPy and torch give different meanings."""
    for part in walk(expression):
        match part:
            case Call("max" | "min" as name, (first, Number(value=int() as value))) if not isinstance(first, Number):
                longer = f"{name}imum"
                found = f"`{text(part)}`, which compares in Python, and is along an axis in NumPy and torch"
                expected = f"`{longer}({text(first)}, {value})` to compare, or `{name}({text(first)}, dim={value})`"
                yield FormulaFault(part.place, found, expected)
            case Index(Call("max" | "min" | "median" as name, options=options) as call, (Number(value=0 | 1),)) if (
                options
            ):
                yield _picked(part, call)
            case Index(Call("sort") as call, (Number(value=0 | 1),)):
                yield _picked(part, call)


def _picked(part: Index, call: Call) -> FormulaFault:
    found = f"`{text(part)}`, which is an entry in NumPy, and the values or the indices in torch"
    return FormulaFault(part.place, found, f"`{text(call)}.values`, or the entry of a name for `{text(call)}`")


def _check_block(
    block: Program, inputs: frozenset[str], first: Mapping[str, Assign], known: set[str], loops: frozenset[str]
) -> Iterator[FormulaFault]:
    for statement in block:
        if isinstance(statement, For):
            for end in (statement.start, statement.stop, statement.step):
                yield from unknown_names(end, frozenset(known) | loops)
            if statement.variable in known | loops:
                yield FormulaFault(
                    statement.place, f"the loop variable `{statement.variable}` a second time", "a new name"
                )
            inner = loops | {statement.variable}
            # A later pass reads what an earlier one assigned: `h[t-1]` in the loop that assigns `h[t]`.
            indexed = {inside.name for inside in statements(statement.body) if inside.keys}
            known |= indexed
            yield from _check_block(statement.body, inputs, first, known, inner)
            continue
        yield from unknown_names(statement.value, frozenset(known) | loops)
        for key in statement.keys:
            yield from unknown_names(key, frozenset(known) | loops)
        yield from _check_target(statement, inputs, first, known, loops)
        known.add(statement.name)


def _check_target(
    statement: Assign, inputs: frozenset[str], first: Mapping[str, Assign], known: set[str], loops: frozenset[str]
) -> Iterator[FormulaFault]:
    name = statement.name
    if name in inputs:
        yield FormulaFault(statement.place, f"an assignment to the given quantity `{name}`", "a new name")
    elif name in loops:
        yield FormulaFault(statement.place, f"an assignment to the loop variable `{name}`", "a new name")
    elif first[name].keys and not statement.keys:
        expected = f"a new name: `{name}` is assigned element by element"
        yield FormulaFault(statement.place, f"an assignment to the whole of `{name}`", expected)
    elif (
        name in known
        and not statement.keys
        and name not in names(statement.value)
        # The same line again is a later pass of a loop that was written out.
        and statement.place != first[name].place
    ):
        expected = "each quantity to be assigned once (in a loop: `h[t] = ...`)"
        yield FormulaFault(statement.place, f"a second assignment to `{name}`", expected)
    elif any(isinstance(part, Derivative) for part in walk(statement.value)):
        yield FormulaFault(statement.place, "a derivative in the forward program", "derivatives in `steps`")


def check_expression(expression: Expression, known: frozenset[str]) -> tuple[FormulaFault, ...]:
    """Report unknown names, and derivatives by something that is no quantity."""
    faults = [*_differentials(expression, known), *ambiguous(expression)] or list(unknown_names(expression, known))
    for part in walk(expression):
        if isinstance(part, Derivative) and not isinstance(part.by, Name | Index):
            faults.append(FormulaFault(part.place, f"a derivative by `{text(part.by)}`", "a derivative by a quantity"))
        elif isinstance(part, Derivative) and part.partial and not isinstance(part.of, Name | Index):
            faults.append(FormulaFault(part.place, f"a partial of `{text(part.of)}`", "the partial of one quantity"))
    return tuple(faults)


_DIFFERENTIAL = re.compile(r"(?:d|∂|partial_?)_?(\w+)")


def _differentials(expression: Expression, known: frozenset[str]) -> Iterator[FormulaFault]:
    """Report derivatives written as `dy/dx` or `dy_dx`, where these are no quantities."""
    for part in walk(expression):
        pair = None
        match part:
            case Call("div", (Name(id=of), Name(id=by))) if not {of, by} & known:
                pair = of, by
            case Name(id=name) if name not in known and name.startswith("d") and "_d" in name:
                of, _, by = name.partition("_d")
                pair = of, f"d{by}"
        names_read = [found[1] for one in pair or () if (found := _DIFFERENTIAL.fullmatch(one))]
        if len(names_read) == 2 and all(one in known for one in names_read):
            yield FormulaFault(
                part.place, f"`{text(part).replace(' ', '')}`", f"`d({names_read[0]})/d({names_read[1]})`"
            )


def unknown_names(expression: Expression, known: frozenset[str]) -> Iterator[FormulaFault]:
    unknown = [part for part in walk(expression) if isinstance(part, Name) and part.id not in known]
    for number, part in enumerate(unknown):
        # The search for near names is slow, and a text with thousands of unknown names has another problem.
        near = _similar(part.id, known) if number < MAX_SUGGESTIONS else []
        listed = ", ".join(f"`{name}`" for name in near or sorted(known)[:MAX_SUGGESTIONS])
        yield FormulaFault(part.place, f"the unknown name `{part.id}`", listed or "a quantity given before")


def _similar(name: str, known: frozenset[str]) -> list[str]:
    """The known names that differ in capitals alone, or else those of a similar spelling."""
    same = sorted(one for one in known if one.casefold() == name.casefold())
    return same or difflib.get_close_matches(name, known, n=3)


def integer(expression: Expression, constants: Mapping[str, int]) -> int | None:
    """The whole number that an expression over whole constants stands for; None if it is not one."""
    match expression:
        case Number(value=int() as value):
            return value
        case Name(id=name):
            return constants.get(name)
        case Call("neg", (operand,)):
            inner = integer(operand, constants)
            return None if inner is None else -inner
        case Call(operation, (left, right)) if operation in _INTEGER:
            a, b = integer(left, constants), integer(right, constants)
            made = None if a is None or b is None else _INTEGER[operation](a, b)
            return None if made is None or abs(made) >= _MIN_UNBOUNDED else made
        case _:
            return None


def integers(
    start: Expression, stop: Expression, step: Expression, backwards: bool, constants: Mapping[str, int]
) -> tuple[int, ...]:
    """Return the values a loop variable takes, in order. Raise `FormulaError` if a bound is not a whole constant."""
    ends = []
    for end in (start, stop, step):
        value = integer(end, constants)
        if value is None or (end is step and value == 0):
            fault = FormulaFault(end.place, f"the loop bound `{text(end)}`", "whole numbers and fixed whole inputs")
            raise FormulaError((fault,))
        ends.append(value)
    passes = range(*ends)
    if passes[MAX_STATEMENTS:]:
        raise FormulaError((FormulaFault(stop.place, "a loop of too many passes", f"at most {MAX_STATEMENTS}"),))
    return tuple(reversed(passes)) if backwards else tuple(passes)


def unrolled(program: Program, constants: Mapping[str, int]) -> tuple[Assign, ...]:
    """Return every assignment in execution order, with loop variables replaced by numbers."""
    made: list[Assign] = []
    _unroll(program, constants, {}, made, itertools.count(1))
    return tuple(made)


def _unroll(
    block: Program, constants: Mapping[str, int], loops: dict[str, int], made: list[Assign], passes: Iterator[int]
) -> None:
    statement: Statement
    for statement in block:
        if isinstance(statement, For):
            bounds = (statement.start, statement.stop, statement.step)
            for value in integers(*bounds, statement.backwards, {**constants, **loops}):
                # Nested empty loops assign nothing, but still take time.
                if next(passes) > MAX_STATEMENTS:
                    fault = FormulaFault(statement.place, "loops of too many passes", f"at most {MAX_STATEMENTS}")
                    raise FormulaError((fault,))
                _unroll(statement.body, constants, {**loops, statement.variable: value}, made, passes)
            continue
        if len(made) >= MAX_STATEMENTS:
            fault = FormulaFault(statement.place, "a longer program", f"at most {MAX_STATEMENTS} assignments")
            raise FormulaError((fault,))
        keys = tuple(_folded(substitute(key, loops), constants) for key in statement.keys)
        made.append(replace(statement, keys=keys, value=substitute(statement.value, loops)))


def _folded(key: Expression, constants: Mapping[str, int]) -> Expression:
    value = integer(key, constants)
    return key if value is None else Number(value, key.place)


def quantities(program: Program, constants: Mapping[str, int]) -> tuple[tuple[str, int | None], ...]:
    """The forward quantities in program order: `("h1", None)`, or `("h", 3)` for the element `h[3]`."""
    found: dict[tuple[str, int | None], None] = {}
    whole: set[str] = set()
    for statement in unrolled(program, constants):
        match statement.keys:
            case ():
                whole.add(statement.name)
                found.setdefault((statement.name, None))
            case (Number(value=int() as index),) if statement.name not in whole:
                found.setdefault((statement.name, index))
            case _:
                found.setdefault((statement.name, None))
    return tuple(found)


def with_arrays(program: Program, constants: Mapping[str, int]) -> Program:
    """The program with an array of zeros, large enough, before what is only assigned by several indices at once:
    `h[i, j] = ...`."""
    try:
        assigned = unrolled(program, constants)
    except FormulaError:
        # What is wrong with a loop is told where the program is checked.
        return program
    keys: dict[str, list[tuple[Expression, ...]]] = {}
    for one in assigned:
        keys.setdefault(one.name, []).append(one.keys)
    made = list(program)
    for name, found in keys.items():
        sizes = _sizes(found)
        if sizes is None:
            continue
        at = next(at for at, one in enumerate(made) if any(inner.name == name for inner in statements((one,))))
        place = next(statements((made[at],))).place
        shape = Sequence(tuple(Number(size, place) for size in sizes), place)
        made.insert(at, Assign(name, (), Call("zeros", (), (("shape", shape),), place), place))
    return tuple(made)


def _sizes(found: list[tuple[Expression, ...]]) -> tuple[int, ...] | None:
    """The length of each axis, if all keys are several whole numbers from 0 on."""
    rows = [
        tuple(key.value for key in keys if isinstance(key, Number) and isinstance(key.value, int)) for keys in found
    ]
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2 or any(len(k) != len(rows[0]) for k in found):
        return None
    if any(key < 0 for row in rows for key in row):
        return None
    return tuple(1 + max(axis) for axis in zip(*rows, strict=True))


def reads(program: Program) -> dict[str, frozenset[str]]:
    """For each forward name, the names that its statements read."""
    found: dict[str, frozenset[str]] = {}
    for statement in statements(program):
        inside = names(statement.value).union(*(names(key) for key in statement.keys))
        found[statement.name] = found.get(statement.name, frozenset()) | inside
    return found


def substitute(expression: Expression, values: Mapping[str, int | float] | Mapping[str, Expression]) -> Expression:
    """`expression` with names replaced by numbers or formulas, and whole-number arithmetic in indices carried out."""
    if not values:
        return expression
    match expression:
        case Name(id=name) if name in values:
            value = values[name]
            return Number(value, expression.place) if isinstance(value, int | float) else value
        case Sequence(items=items):
            return replace(expression, items=tuple(substitute(item, values) for item in items))
        case Slice():
            parts = (expression.start, expression.stop, expression.step)
            start, stop, step = (None if part is None else substitute(part, values) for part in parts)
            return Slice(start, stop, step, expression.place)
        case Index(base, keys):
            new = tuple(_folded(substitute(key, values), {}) for key in keys)
            return replace(expression, base=substitute(base, values), keys=new)
        case Call(arguments=arguments, options=options):
            return replace(
                expression,
                arguments=tuple(substitute(argument, values) for argument in arguments),
                options=tuple((key, substitute(value, values)) for key, value in options),
            )
        case Derivative(of, by, via):
            through = None if via is None else substitute(via, values)
            return replace(expression, of=substitute(of, values), by=substitute(by, values), via=through)
        case _:
            return expression
