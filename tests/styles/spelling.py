"""Styles of spelling: the same lines with other names and other ways to bind them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from tests.styles.derivations import (
    Body,
    Derivation,
    DoesNotFit,
    expression,
    fresh,
    is_step,
    names_bound,
    names_read,
    parsed,
    renamed,
    written,
)
from tests.styles.programs import instead_of


def _renamed_steps(one: Derivation, spelling: Callable[[str], str]) -> Derivation:
    """Gradients of a variable under another of the usual spellings."""
    known = {step.name.partition("[")[0] for step in one.loaded.forward_steps} | set(one.inputs)
    made = {name: spelling(name[1:]) for name in one.asked if name[:1] == "d" and name[1:] in known}
    taken = names_bound([*one.before, *one.forward, *one.backward]) | set(one.inputs)
    made = {name: new for name, new in made.items() if new not in taken}
    if not made:
        raise DoesNotFit
    return replace(one, backward=renamed(one.backward, made), kept=made)


def grad_before(one: Derivation) -> Derivation:
    """`grad_h1` for dh1."""
    return _renamed_steps(one, lambda name: f"grad_{name}")


def grad_behind(one: Derivation) -> Derivation:
    """`h1_grad` for dh1."""
    return _renamed_steps(one, lambda name: f"{name}_grad")


def d_apart(one: Derivation) -> Derivation:
    """`d_h1` for dh1."""
    return _renamed_steps(one, lambda name: f"d_{name}")


def loss_by_name(one: Derivation) -> Derivation:
    """`dL_dh1` for dh1, with the exercise's own name of the loss."""
    last = one.loss
    return _renamed_steps(one, lambda name: f"d{last}_d{name}")


def capitals(one: Derivation) -> Derivation:
    """`dH1_dWh` for dh1_dwh, where no two names become one."""
    made = {name: name[0] + name[1:].swapcase() for name in one.asked}
    others = names_bound([*one.before, *one.forward, *one.backward]) | set(one.inputs)
    folded = [name.lower().replace("_", "") for name in others | set(one.asked)]
    if len(set(folded)) < len(folded) or set(made.values()) & others:
        raise DoesNotFit
    return replace(one, backward=renamed(one.backward, made), kept=made)


def two_in_a_line(one: Derivation) -> Derivation:
    """`dw, dh = h * dy, w * dy` where the second does not read the first."""
    backward: Body = []
    for statement in fresh(one.backward):
        pair = _pair(backward[-1], statement, one) if backward else None
        backward = [*backward[:-1], pair] if pair else [*backward, statement]
    return _changed(one, backward)


def _pair(first: ast.stmt, second: ast.stmt, one: Derivation) -> ast.stmt | None:
    match first, second:
        case ast.Assign(targets=[ast.Name(id=name)], value=value), ast.Assign(
            targets=[ast.Name(id=other)], value=after
        ):
            if name not in names_read(after) and name != other and {name, other} & set(one.asked):
                return parsed(f"{name}, {other} = ({ast.unparse(value)}, {ast.unparse(after)})")[0]
    return None


def chained(one: Derivation) -> Derivation:
    """`dh2 = upstream = w * dy`: a second name for each step."""
    backward: Body = []
    for statement in fresh(one.backward):
        name = is_step(statement, one.asked)
        if name and isinstance(statement, ast.Assign):
            statement = parsed(f"{name} = upstream = {ast.unparse(statement.value)}")[0]
        backward.append(statement)
    return _changed(one, backward)


def second_name_first(one: Derivation) -> Derivation:
    """`upstream = dh2 = w * dy`."""
    backward: Body = []
    for statement in fresh(one.backward):
        name = is_step(statement, one.asked)
        if name and isinstance(statement, ast.Assign):
            statement = parsed(f"upstream = {name} = {ast.unparse(statement.value)}")[0]
        backward.append(statement)
    return _changed(one, backward)


def walrus(one: Derivation) -> Derivation:
    """`dh1 = w * (dh2 := v * dy)`: a step bound inside of the next line that reads it once."""
    backward: Body = []
    for statement in fresh(one.backward):
        before = is_step(backward[-1], one.asked) if backward else None
        after = is_step(statement, one.asked)
        if before and after and ":=" not in ast.unparse(backward[-1]) and _reads_once(statement, before):
            assert isinstance(backward[-1], ast.Assign)
            inside = f"({before} := {ast.unparse(backward[-1].value)})"
            backward[-1] = _Put(before, inside).visit(statement)
        else:
            backward.append(statement)
    return _changed(one, backward)


def _reads_once(statement: ast.stmt, name: str) -> bool:
    names = [part for part in ast.walk(statement) if isinstance(part, ast.Name) and part.id == name]
    return len(names) == 1


class _Put(ast.NodeTransformer):
    def __init__(self, name: str, inside: str) -> None:
        self.name, self.inside = name, inside

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return expression(self.inside) if node.id == self.name and isinstance(node.ctx, ast.Load) else node


def annotated(one: Derivation) -> Derivation:
    """`dh2: object = w * dy`."""
    backward: Body = []
    for statement in fresh(one.backward):
        name = is_step(statement, one.asked)
        if name and isinstance(statement, ast.Assign) and name not in written(backward):
            statement = parsed(f"{name}: 'Array' = {ast.unparse(statement.value)}")[0]
        backward.append(statement)
    return _changed(one, backward)


def through_globals(one: Derivation) -> Derivation:
    """`globals()["dh2"] = w * dy`."""
    if one.functions:
        raise DoesNotFit
    backward: Body = []
    for statement in fresh(one.backward):
        name = is_step(statement, one.asked)
        if name and isinstance(statement, ast.Assign):
            statement = parsed(f"globals()[{name!r}] = {ast.unparse(statement.value)}")[0]
        backward.append(statement)
    return _changed(one, backward)


def through_exec(one: Derivation) -> Derivation:
    """`exec("dh2 = w * dy")`."""
    if one.functions:
        raise DoesNotFit
    backward: Body = []
    for statement in fresh(one.backward):
        name = is_step(statement, one.asked)
        backward += parsed(f"exec({ast.unparse(statement)!r})") if name else [statement]
    return _changed(one, backward)


def in_two_statements(one: Derivation) -> Derivation:
    """`local = 1 - h2**2; dh2_raw = local * dh2`: the first factor or term in a name used again and again."""
    backward: Body = []
    for statement in fresh(one.backward):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=left, op=op, right=right)) if (
                not isinstance(left, ast.Name | ast.Constant) and name in one.asked
            ):
                rest = ast.unparse(ast.BinOp(expression("local"), op, right))
                backward += instead_of(statement, f"local = {ast.unparse(left)}\n{name} = {rest}")
            case _:
                backward.append(statement)
    return _changed(one, backward)


def locals_named_like_givens(one: Derivation) -> Derivation:
    """The same, the factor kept in a name of a given number that nothing reads any more."""
    backward: Body = []
    body = fresh(one.backward)
    for place, statement in enumerate(body):
        later = names_read(body[place:])
        free = [name for name in one.inputs if name not in later]
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.BinOp(left=left, op=op, right=right)) if (
                free and not isinstance(left, ast.Name | ast.Constant) and name in one.asked
            ):
                rest = ast.unparse(ast.BinOp(expression(free[0]), op, right))
                backward += instead_of(statement, f"{free[0]} = {ast.unparse(left)}\n{name} = {rest}")
            case _:
                backward.append(statement)
    return _changed(one, backward)


def _changed(one: Derivation, backward: Body) -> Derivation:
    if written(backward) == written(one.backward):
        raise DoesNotFit
    return replace(one, backward=backward)


STYLES = (
    grad_before,
    grad_behind,
    d_apart,
    loss_by_name,
    capitals,
    two_in_a_line,
    chained,
    second_name_first,
    walrus,
    annotated,
    through_globals,
    through_exec,
    in_two_statements,
    locals_named_like_givens,
)
