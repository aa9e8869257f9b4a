"""Builders of the nodes that instrumentation adds; each gets the source position of the student's node it observes."""

from __future__ import annotations

import ast
from typing import TypedDict

from grader.instrument.nodes import parts_of, position_of
from grader.instrument.site import NAME
from grader.syntax_trees import tree_of

LOAD = ast.Load()


class Where(TypedDict):
    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


def call(at: ast.AST, method: str, *arguments: ast.expr | int | None) -> ast.Call:
    """Build `__grader__.method(...)` at the source position of `at`."""
    where = where_of(at)
    made = [one if isinstance(one, ast.expr) else ast.Constant(one, **where) for one in arguments]
    function = ast.Attribute(ast.Name(NAME, LOAD, **where), method, LOAD, **where)
    return ast.Call(function, made, [], **where)


def where_of(node: ast.AST) -> Where:
    line, column, end, end_column = position_of(node)
    return {"lineno": line, "col_offset": column, "end_lineno": end, "end_col_offset": end_column}


def load(node: ast.expr) -> ast.expr:
    """A copy of an assignment target, in load context."""
    copy = tree_of(ast.unparse(node), mode="eval").body
    for part in parts_of(copy):
        if hasattr(part, "lineno"):
            ast.copy_location(part, node)
    return copy


def guard(
    body: list[ast.stmt], target: ast.expr, number: int, held: ast.expr | None, member: ast.For | None
) -> ast.stmt:
    """Wrap `body`, which binds `target`, in a `try`: where it raises, the target gets the grader's value if there is
    one; otherwise the error is raised again. A body that only goes on building what is `held` is passed over from then
    on, unless it is the `member` of a family that gets a value (`as_member`)."""
    where = where_of(body[0])
    instead = _or_else(member, _given_or(target, number, held, [ast.Raise(**where)], where))
    handler = ast.ExceptHandler(ast.Name("Exception", LOAD, **where), None, [instead], **where)
    return _while_it_goes_on(ast.Try(body, [handler], [], [], **where), number, held)


def filled(
    body: list[ast.stmt], target: ast.expr, number: int, held: ast.expr | None, member: ast.For | None
) -> ast.stmt:
    """As `guard`, for a `body` that is a blank: it is not tried first."""
    given = _or_else(member, _given_or(target, number, held, body, where_of(body[0])))
    return _while_it_goes_on(given, number, held)


def as_member(target: ast.expr, number: int, after: list[ast.stmt]) -> ast.For:
    """Give an element of a container the grader's value, if it is a member of a family: `for dh[t] in
    __grader__.member(1): break`. The statements in `after` observe the element."""
    where = where_of(target)
    return ast.For(target, call(target, "member", number), [*after, ast.Break(**where)], [], **where)


def _or_else(member: ast.For | None, otherwise: ast.stmt) -> ast.stmt:
    if member is not None:
        member.orelse = [otherwise]
    return member or otherwise


def _given_or(
    target: ast.expr, number: int, held: ast.expr | None, otherwise: list[ast.stmt], where: Where
) -> ast.stmt:
    given = call(otherwise[0], "instead", number, *([] if held is None else [held]))
    return ast.For(target, given, [ast.Break(**where)], otherwise, **where)


def _while_it_goes_on(tried: ast.stmt, number: int, held: ast.expr | None) -> ast.stmt:
    return tried if held is None else ast.If(call(tried, "goes_on", number), [tried], [], **where_of(tried))


def store(target: ast.expr) -> ast.expr:
    """A copy of an assignment target, in store context."""
    copy = tree_of(f"{ast.unparse(target)} = 0").body[0]
    assert isinstance(copy, ast.Assign)
    for part in parts_of(copy.targets[0]):
        if hasattr(part, "lineno"):
            ast.copy_location(part, target)
    return copy.targets[0]
