"""One file for each misconception; `grader.diagnosis.catalogue` finds them. Here: the words the rules are written in.

A *link* is one local step of the chain rule: a statement of the forward program, the quantity it is differentiated
by, and the derivative (`rest`) that local derivative is multiplied by. Forward mode links a quantity to what it is
computed from, reverse mode to what is computed from it. Derivatives are pairs of names: ("y2", "h1") is d(y2)/d(h1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from grader.diagnosis.context import Context
from grader.diagnosis.edits import Edit
from grader.exercise.types import Step
from grader.formula.build import NOWHERE
from grader.formula.syntax import (
    Assign,
    Call,
    Derivative,
    Expression,
    Index,
    Name,
    Number,
    children,
    names,
    statements,
    walk,
)

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """`rest` is None where it is 1: d(y)/d(y)."""

    mode: Literal["forward", "reverse"]
    statement: Assign
    argument: str
    rest: Pair | None

    @property
    def operation(self) -> str:
        """What the statement does with its argument, where it is a function of that alone; "" otherwise."""
        match self.statement.value:
            case Call(operation=operation, arguments=(Name(id=inner), *others)) if inner == self.argument:
                return operation if all(isinstance(one, Number) for one in others) else ""
        return ""

    @property
    def exponent(self) -> float | None:
        """k in `a**k`; None elsewhere."""
        match self.statement.value:
            case Call("pow", (Name(), Number(value=exponent))):
                return exponent
            case Call("square", (Name(),)):
                return 2
        return None

    @property
    def partners(self) -> frozenset[str]:
        """The names the argument is multiplied by in the statement."""
        found: set[str] = set()
        for node in walk(self.statement.value):
            if isinstance(node, Call) and node.operation in ("mul", "matmul"):
                factors = product(node)
                if any(isinstance(one, Name) and one.id == self.argument for one in factors):
                    found |= {one.id for one in factors if isinstance(one, Name)} - {self.argument}
        return frozenset(found)


def links(context: Context) -> tuple[Link, ...]:
    """The links of the step whose `rest` is 1, is asked for in the exercise or is there under some name, as a given
    `dout` is; none for families over time."""
    if "links" not in context.memory:
        context.memory["links"] = _links(context)
    found: tuple[Link, ...] = context.memory["links"]
    return found


def _links(context: Context) -> tuple[Link, ...]:
    pair = pair_of(context.step)
    if pair is None:
        return ()
    of, by = pair
    program = {one.name: one for one in statements(context.exercise.program) if not one.keys}
    asked = {pair_of(step) for step in context.exercise.steps}
    found: list[Link] = []

    def there(rest: Pair) -> bool:
        above, below = (Name(one, NOWHERE) for one in rest)
        return rest in asked or context.in_students_names(Derivative(above, below, None, False, NOWHERE)) is not None

    rest: Pair | None
    if of in program:
        for argument in sorted(names(program[of].value)):
            rest = None if argument == by else (argument, by)
            if rest is None or there(rest):
                found.append(Link("forward", program[of], argument, rest))
    for statement in program.values():
        rest = None if statement.name == of else (of, statement.name)
        if by in names(statement.value) and (rest is None or there(rest)):
            found.append(Link("reverse", statement, by, rest))
    return tuple(found)


def pair_of(step: Step) -> Pair | None:
    """The pair of a step that is a plain total derivative."""
    match step.quantity:
        case Derivative(of=Name(id=of), by=Name(id=by), via=None, partial=False):
            return of, by
        case _:
            return None


def derivative(node: Expression, context: Context) -> Pair | None:
    """The derivative a name holds."""
    quantity = context.holds(node)
    return next((pair_of(step) for step in context.exercise.steps if step.name == quantity), None)


def value(node: Expression, context: Context) -> str | None:
    """The input or forward quantity a name holds."""
    quantity = context.holds(node)
    known = {one.name for one in context.exercise.inputs} | {step.name for step in context.exercise.forward_steps}
    return quantity if quantity in known else None


def ancestors(edit: Edit) -> tuple[Expression, ...]:
    """What `edit.before` stands in, innermost first; that an entry of it is meant (`a[t]`) counts for nothing."""

    def down(node: Expression) -> tuple[Expression, ...] | None:
        if node is edit.before:
            return ()
        for child in children(node):
            inside = down(child)
            if inside is not None:
                return inside if isinstance(node, Index) else (*inside, node)
        return None

    return down(edit.whole_before) or ()


def product(node: Expression) -> tuple[Expression, ...]:
    """The factors of a product, however it is bracketed."""
    if isinstance(node, Call) and node.operation in ("mul", "matmul"):
        return (*product(node.arguments[0]), *product(node.arguments[1]))
    return (node,)


def summands(node: Expression) -> tuple[Expression, ...]:
    """The summands of a sum, however it is bracketed."""
    if isinstance(node, Call) and node.operation == "add":
        return (*summands(node.arguments[0]), *summands(node.arguments[1]))
    return (node,)


def is_number(node: Expression, number: float) -> bool:
    return isinstance(node, Number) and node.value == number


def squared(node: Expression) -> Expression | None:
    """x of `x**2`, `square(x)`; the first x of `x * x`."""
    match node:
        case Call("pow", (base, Number(value=2))) | Call("square", (base,)):
            return base
        case Call("mul", (Name() as left, Name())):
            return left
        case _:
            return None


def one_minus(node: Expression) -> Expression | None:
    """x of `1 - x`."""
    match node:
        case Call("sub", (one, other)) if is_number(one, 1):
            return other
        case _:
            return None


def output_of(node: Expression, operation: str, context: Context) -> bool:
    """Whether a name holds what `operation` gave."""
    return context.activations.get(value(node, context) or "", ("", ""))[0] == operation


def slope_of(node: Expression, context: Context) -> str | None:
    """The quantity whose local derivative this is: `1 - h**2` of a tanh, `s * (1 - s)` of a sigmoid."""
    inner = one_minus(node)
    base = None if inner is None else squared(inner)
    if base is not None and output_of(base, "tanh", context):
        return value(base, context)
    factors = product(node)
    if len(factors) == 2:
        for own, rest in (factors, factors[::-1]):
            other = one_minus(rest)
            if (
                other is not None
                and output_of(own, "sigmoid", context)
                and value(other, context) == value(own, context)
            ):
                return value(own, context)
    return None


def new_factor(edit: Edit) -> Expression | None:
    """What `before` is multiplied by."""
    match edit.after:
        case Call("mul", (left, right)) if edit.kind == "missing_factor":
            return right if left is edit.before else left
        case _:
            return None


def new_divisor(edit: Edit) -> Expression | None:
    """What `before` is divided by."""
    match edit.after:
        case Call("div", (left, right)) if edit.kind == "missing_factor" and left is edit.before:
            return right
        case _:
            return None


def dropped(edit: Edit) -> Expression | None:
    """The factor or summand that goes."""
    match edit.before:
        case Call(arguments=(left, right)) if edit.kind in ("extra_factor", "extra_term"):
            return right if edit.after is left else left
        case _:
            return None


def term_of(link: Link) -> frozenset[str | Pair]:
    """What a link adds to the chain rule of a linear step: the other factor and the derivative it goes with."""
    rest: set[str | Pair] = set() if link.rest is None else {link.rest}
    return frozenset(rest | link.partners)


def made_of(node: Expression, context: Context) -> frozenset[str | Pair] | None:
    """The quantities a product of names is made of; None where one of the factors is something else."""
    found: set[str | Pair] = set()
    for factor in product(node):
        if isinstance(factor, Call) and factor.operation == "transpose_all":
            factor = factor.arguments[0]
        held = value(factor, context) or derivative(factor, context)
        if held is None:
            return None
        found.add(held)
    return frozenset(found)


def same_role(first: str, second: str, context: Context) -> bool:
    """Whether two quantities are used alike in the program: both as the second factor of a product, for example."""
    roles = _roles(context)
    return first != second and bool(roles.get(first)) and roles.get(first) == roles.get(second)


def neighbours(first: str, second: str, context: Context) -> bool:
    """Whether one of two quantities is a function of the other alone."""
    table: Mapping[str, Pair] = context.activations
    return any(table.get(one, ("", ""))[1] == other for one, other in ((first, second), (second, first)))


def _roles(context: Context) -> dict[str, set[tuple[str, int]]]:
    found: dict[str, set[tuple[str, int]]] = {}
    for statement in statements(context.exercise.program):
        for operation, place, name in _uses(statement.value):
            found.setdefault(name, set()).add((operation, place))
    return found


def _uses(node: Expression) -> Iterator[tuple[str, int, str]]:
    for inner in walk(node):
        if isinstance(inner, Call):
            for place, argument in enumerate(inner.arguments):
                if isinstance(argument, Name):
                    yield inner.operation, place, argument.id


def flips_all(edit: Edit) -> bool:
    """Whether a change of sign of `before` is one of the whole line."""
    for inner, outer in zip((edit.before, *ancestors(edit)), ancestors(edit), strict=False):
        if not isinstance(outer, Call) or outer.operation not in (
            "mul",
            "div",
            "matmul",
            "neg",
            "transpose_all",
            "sum",
        ):
            return False
        if outer.operation == "mul" and slope_like(outer, inner):
            return False
    return True


def slope_like(whole: Call, part: Expression) -> bool:
    """Whether `part` is a name that also stands in a `1 - name` beside it: the sign is that of a local derivative."""
    others = [one_minus(one) for one in product(whole) if one is not part]
    return isinstance(part, Name) and any(isinstance(one, Name) and one.id == part.id for one in others)
