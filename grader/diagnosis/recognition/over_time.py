"""Determines which quantities are indexed by time: those of a loop that computes each state from the previous one with
shared weights. Layers, which have their own weights, and table entries are not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.diagnosis.step.context import Context
from grader.formula.syntax import Assign, Call, Expression, For, Index, Name, Program, names, statements, text, walk


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
