"""The syntax tree of the formula language, for exercises and for students' right-hand sides; and the faults of a
formula, as data.

Every node carries the `Place` it was read from, so that each complaint, and later each repair, can name a range.
Operators are calls of named operations ("add", "matmul", "neg"), so that there is one table of meanings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

BRANCH = "branch"
"""The option of a `where` that stands for `a if condition else b`: one condition for the whole, and only the chosen
side is evaluated."""


COMPARISONS: Mapping[str, str] = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
"""Comparisons give 0 or 1 in formulas, so starters have them as `(a > b) * 1.0`."""

ARITHMETIC: Mapping[str, str] = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "mod": "%", "matmul": "@", "pow": "**",
}  # fmt: skip

SIGNS: Mapping[str, str] = {**ARITHMETIC, **COMPARISONS}
"""The operations that are written between their two operands."""

STRENGTH: Mapping[str, int] = {
    "": 0, **dict.fromkeys(COMPARISONS.values(), 2), "|": 3, "^": 4, "&": 5, "<<": 6, ">>": 6, "+": 7, "-": 7, "*": 8,
    "/": 8, "//": 8, "%": 8, "@": 8, "-x": 9, "**": 10, "x": 12,
}  # fmt: skip
"""Python's precedence, in formulas and in all libraries: "-x" is a unary sign, "x" an expression that never needs
brackets, "" one that always does within another."""


@dataclass(frozen=True, slots=True)
class Place:
    """A range of the text a formula was read from: 1-based lines and character columns, `end_column` exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Number:
    value: float | int
    place: Place


@dataclass(frozen=True, slots=True)
class Name:
    id: str
    place: Place


@dataclass(frozen=True, slots=True)
class Text:
    """A string, allowed only as an option such as `reduction='sum'`."""

    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class Flag:
    """`True`, `False` or `None`: an option, or a new axis in an index."""

    value: bool | None
    place: Place


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple or list display: axes, shapes, the parts of a `stack`, a literal vector."""

    items: tuple[Expression, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Slice:
    start: Expression | None
    stop: Expression | None
    step: Expression | None
    place: Place


@dataclass(frozen=True, slots=True)
class Everything:
    """`...` in an index."""

    place: Place


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The names that a value is assigned to in one statement: how many there are, and where they stand."""

    count: int
    place: Place


@dataclass(frozen=True, slots=True)
class Index:
    """`base[key, ...]`. One that an assignment to several names is made of knows these, so that whoever evaluates it
    can compare the number of values."""

    base: Expression
    keys: tuple[Expression, ...]
    place: Place
    unpacked: Unpacked | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """An operation of the vocabulary applied to its operands; the receiver of a method comes first."""

    operation: str
    arguments: tuple[Expression, ...]
    options: tuple[tuple[str, Expression], ...]
    place: Place
    written: str = field(default="", init=False, repr=False, compare=False)
    """Cache of `text`, "" until it is asked for: parts of formulas are compared by their texts."""


@dataclass(frozen=True, slots=True)
class Derivative:
    """`d(of)/d(by)`: through every path, or only those through `via`; `partial` holds all other arguments constant."""

    of: Expression
    by: Expression
    via: Expression | None
    partial: bool
    place: Place


Expression = Number | Name | Text | Flag | Sequence | Slice | Everything | Index | Call | Derivative


@dataclass(frozen=True, slots=True)
class Assign:
    """`name = value`, or `name[keys] = value`."""

    name: str
    keys: tuple[Expression, ...]
    value: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class For:
    """`for variable in range(...)` (or `reversed(range(...))`, `backwards`)."""

    variable: str
    start: Expression
    stop: Expression
    step: Expression
    backwards: bool
    body: tuple[Statement, ...]
    place: Place


Statement = Assign | For

Program = tuple[Statement, ...]


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside `node`."""
    match node:
        case Sequence(items=items):
            return items
        case Slice(start, stop, step):
            return tuple(part for part in (start, stop, step) if part is not None)
        case Index(base, keys):
            return (base, *keys)
        case Call(arguments=arguments, options=options):
            return (*arguments, *(value for _, value in options))
        case Derivative(of, by, via):
            return (of, by) if via is None else (of, by, via)
        case _:
            return ()


def walk(node: Expression) -> Iterator[Expression]:
    """`node` and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Expression) -> frozenset[str]:
    """Every name read in `node`."""
    return frozenset(part.id for part in walk(node) if isinstance(part, Name))


def statements(program: Program) -> Iterator[Assign]:
    """Every assignment of a program, those inside loops included, in the order of the text."""
    for statement in program:
        if isinstance(statement, For):
            yield from statements(statement.body)
        else:
            yield statement


def text(node: Expression) -> str:
    """The source text of `node`; used in messages and as the `quantity` of a result."""
    match node:
        case Number(value=value):
            return repr(value).replace("e-0", "e-")  # 1e-5, as it is typed
        case Name(id=id):
            return id
        case Text(value=value):
            return repr(value)
        case Flag(value=flag):
            return repr(flag)
        case Sequence(items=items):
            return "[" + ", ".join(map(text, items)) + "]"
        case Slice(start, stop, step):
            ends = ":".join("" if part is None else text(part) for part in (start, stop))
            return ends if step is None else f"{ends}:{text(step)}"
        case Everything():
            return "..."
        case Index(base, keys):
            return f"{_wrapped(base, STRENGTH['x'])}[{', '.join(map(text, keys))}]"
        case Derivative(of, by, via, partial):
            inner = text(of) if via is None else f"{text(of)}, via={text(via)}"
            word = "partial" if partial else "d"
            return f"{word}({inner})/{word}({text(by)})"
        case Call():
            if not node.written:
                object.__setattr__(node, "written", _call_text(node))
            return node.written


def is_branch(node: Expression) -> bool:
    """Whether an expression is `a if condition else b`."""
    return isinstance(node, Call) and node.operation == "where" and any(key == BRANCH for key, _ in node.options)


def _strength(node: Expression) -> int:
    if is_branch(node):
        return STRENGTH[""]
    if isinstance(node, Call) and node.operation in SIGNS and len(node.arguments) == 2:
        return STRENGTH[SIGNS[node.operation]]
    if isinstance(node, Call) and node.operation == "neg":
        return STRENGTH["-x"]
    if isinstance(node, Derivative):
        return STRENGTH["/"]
    if isinstance(node, Number) and math.copysign(1, node.value) < 0:
        return STRENGTH["-x"]
    return STRENGTH["x"]


def _wrapped(node: Expression, at_least: int) -> str:
    return text(node) if _strength(node) >= at_least else f"({text(node)})"


def _call_text(node: Call) -> str:
    if node.operation in SIGNS and len(node.arguments) == 2 and not node.options:
        sign = SIGNS[node.operation]
        strength = STRENGTH[sign]
        left, right = node.arguments
        if sign == "**":
            return f"{_wrapped(left, strength + 1)}{sign}{_wrapped(right, strength)}"
        # `a < b < c` would be a chain of comparisons.
        at_left = strength + 1 if node.operation in COMPARISONS else strength
        return f"{_wrapped(left, at_left)} {sign} {_wrapped(right, strength + 1)}"
    if node.operation == "neg":
        return f"-{_wrapped(node.arguments[0], STRENGTH['-x'])}"
    if is_branch(node):
        condition, one, other = node.arguments
        return f"{_wrapped(one, 1)} if {_wrapped(condition, 1)} else {text(other)}"
    if (call := _call_in_order(node)) is not None:
        return call
    parts = [text(argument) for argument in node.arguments]
    options = list(node.options)
    if node.operation in ("stack", "concat"):
        parts = [f"[{', '.join(parts)}]"]
    elif node.operation == "einsum":
        parts = [text(value) for key, value in options if key == "equation"] + parts
        options = [(key, value) for key, value in options if key != "equation"]
    parts += [f"{key}={text(value)}" for key, value in options]
    return f"{node.operation}({', '.join(parts)})"


def _call_in_order(node: Call) -> str | None:
    """The text of a call whose operands may be left out, or follow a parameter; None for the others."""
    from grader.formula.operations import arranged, named

    try:
        operation = named(node.operation)
    except LookupError:
        return None
    if not operation.order or (len(node.arguments) == 1 and operation.order[0] not in operation.parameters):
        return None
    operands = [None if isinstance(one, Flag) and one.value is None else one for one in node.arguments]
    placed, kept = arranged(operation, operands, dict(node.options))
    return f"{node.operation}({', '.join([*map(text, placed), *(f'{key}={text(one)}' for key, one in kept.items())])})"


@dataclass(frozen=True, slots=True)
class FormulaFault:
    """`found` describes what is at `place` in the formula's own text, `expected` what could be there."""

    place: Place
    found: str
    expected: str


def names_for(values: int) -> str:
    """What was expected where another number of names stands for `values` values."""
    return "one name, as there is one value" if values == 1 else f"{values} names, as there are {values} values"


class FormulaError(Exception):
    """Raised for a text that is no formula of the language; has all faults found, in the order of the text."""

    def __init__(self, faults: tuple[FormulaFault, ...]) -> None:
        super().__init__("; ".join(f"line {f.place.line}: found {f.found}, expected {f.expected}" for f in faults))
        self.faults = faults
