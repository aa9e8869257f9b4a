"""The chain rule of a step, in the student's own names, with local derivatives written in terms they have."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.exercise.types import Exercise, Step
from grader.formula.syntax import Assign, Call, Derivative, Expression, Name, Number, names, statements, text


def chain_rule(exercise: Exercise, step: Step, called: Mapping[str, str]) -> str | None:
    """`d(h1)/d(w_h) = (1 - h1^2) * d(h1_raw)/d(w_h)`; None for quantities this has no words for.

    `called` gives the student's name for a quantity."""
    quantity = step.quantity
    if not isinstance(quantity, Derivative) or quantity.partial or quantity.via is not None:
        return None
    if not isinstance(quantity.of, Name) or not isinstance(quantity.by, Name) or quantity.of.id == quantity.by.id:
        return None
    program = {one.name: one for one in statements(exercise.program) if not one.keys}
    of, by = quantity.of.id, quantity.by.id
    inputs = {one.name for one in exercise.inputs}
    terms = _forwards(program, of, by) if by in inputs and of != exercise.output else _backwards(program, of, by)
    if not terms:
        return None
    rule = f"d({of})/d({by}) = " + " + ".join(map(_spoken, terms))
    return re.sub(r"[A-Za-z_]\w*", lambda name: called.get(name[0], name[0]), rule)


def ingredients(exercise: Exercise, step: Step) -> frozenset[str]:
    """The forward quantities, inputs and steps that stand in a step's chain rule, by name."""
    rule = chain_rule(exercise, step, {})
    if rule is None:
        return frozenset()
    right = rule.partition(" = ")[2]
    derivatives = {re.sub(r"\s", "", one) for one in re.findall(r"d\(\w+\)/d\(\w+\)", right)}
    steps = {other.name for other in exercise.steps if re.sub(r"\s", "", other.text) in derivatives}
    plain = re.sub(r"(?:d|partial)\(\w+\)/(?:d|partial)\(\w+\)", "", right)
    return frozenset(steps | set(re.findall(r"[A-Za-z_]\w*", plain)))


Term = tuple[str, str]
"""A local derivative and what it is multiplied by."""


def _forwards(program: Mapping[str, Assign], of: str, by: str) -> list[Term]:
    """Through the arguments of the last statement."""
    if of not in program:
        return []
    terms = []
    for argument in sorted(names(program[of].value)):
        local = local_derivative(program[of], argument)
        terms.append((local, "" if argument == by else f"d({argument})/d({by})"))
    return terms


def _backwards(program: Mapping[str, Assign], of: str, by: str) -> list[Term]:
    """Through everything computed from it."""
    return [
        (local_derivative(statement, by), "" if statement.name == of else f"d({of})/d({statement.name})")
        for statement in program.values()
        if by in names(statement.value)
    ]


def _spoken(term: Term) -> str:
    local, rest = term
    if not rest:
        return local
    return rest if local == "1" else f"{local} * {rest}"


_SLOPES = {
    "tanh": "(1 - {y}^2)",
    "sigmoid": "{y} * (1 - {y})",
    "exp": "{y}",
    "log": "1 / {x}",
    "sqrt": "1 / (2 * {y})",
    "square": "2 * {x}",
    "neg": "(-1)",
    "sin": "cos({x})",
    "cos": "(-sin({x}))",
    "relu": "({x} > 0)",
}


def local_derivative(statement: Assign, argument: str) -> str:
    """The partial derivative of a statement by one name it reads, as one would write it; `partial(a)/partial(b)` where
    the table has nothing shorter."""
    unknown = f"partial({statement.name})/partial({argument})"
    match statement.value:
        case Call(operation, (Name(id=inner),)) if operation in _SLOPES and inner == argument:
            return _SLOPES[operation].format(x=argument, y=statement.name)
        case Call("mul", (left, right)):
            if _is(left, argument) and not _reads(right, argument):
                return _factor(right)
            if _is(right, argument) and not _reads(left, argument):
                return _factor(left)
        case Call("add", (left, right)) if _is(left, argument) != _is(right, argument):
            if not (_reads(left, argument) and _reads(right, argument)):
                return "1"
        case Call("sub", (left, right)) if _is(left, argument) != _is(right, argument):
            if not (_reads(left, argument) and _reads(right, argument)):
                return "1" if _is(left, argument) else "(-1)"
        case Call("div", (left, right)) if _is(left, argument) and not _reads(right, argument):
            return f"(1 / {_factor(right)})"
        case Call("div", (left, right)) if _is(right, argument) and not _reads(left, argument):
            return f"(-{_factor(left)} / {argument}^2)"
        case Call("pow", (left, Number(value=power))) if _is(left, argument):
            return f"{power} * {argument}" if power == 2 else f"{power} * {argument}^{power - 1}"
        case Name(id=inner) if inner == argument:
            return "1"
    return unknown


def _is(node: Expression, name: str) -> bool:
    return isinstance(node, Name) and node.id == name


def _reads(node: Expression, name: str) -> bool:
    return name in names(node)


def _factor(node: Expression) -> str:
    written = text(node).replace("**", "^")
    return written if isinstance(node, Name | Number) else f"({written})"
