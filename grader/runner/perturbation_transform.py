"""The code of runs that are to show what a step depends on: its operators and calls hand over what they give (see
`runner.child.noise`), or nothing in it asserts that the library's derivatives are what they were."""

from __future__ import annotations

import ast
from collections.abc import Set as AbstractSet

from grader.runner.site import NAME
from grader.runner.wire import CALL, OPERATOR


def disturbed(statement: ast.Module) -> ast.Module:
    """An instrumented statement whose operators and calls all hand over what they give. Changes it in place."""
    made = _Disturbed().visit(statement)
    assert isinstance(made, ast.Module)
    return ast.fix_missing_locations(made)


class _Disturbed(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._handed_over(OPERATOR, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == NAME:
            self.generic_visit(node)
            return node
        return self._handed_over(CALL, node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.body = [self.visit(statement) for statement in node.body]  # `case 1 + 2j` is no operation
        return node

    def _handed_over(self, kind: int, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        call = ast.Attribute(ast.Name(NAME, ast.Load()), "noisy", ast.Load())
        return ast.copy_location(ast.Call(call, [ast.Constant(kind), node], []), node)


def unchecked(statement: ast.Module) -> ast.Module:
    """An instrumented statement without assertions. Changes it in place."""
    made = _Unchecked().visit(statement)
    assert isinstance(made, ast.Module)
    return made


class _Unchecked(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        called = node.value.func if isinstance(node.value, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", ""))
        return ast.copy_location(ast.Pass(), node) if name.startswith("assert") else node


def bent(statement: ast.Module, places: AbstractSet[tuple[int, int]]) -> ast.Module:
    """An instrumented statement in which the functions defined, or called, at these places (line, column) are handed
    over before they are called (see `runner.child.bent`). Changes it in place."""
    made = _Bent(places).visit(statement)
    assert isinstance(made, ast.Module)
    return ast.fix_missing_locations(made)


class _Bent(ast.NodeTransformer):
    def __init__(self, places: AbstractSet[tuple[int, int]]) -> None:
        self._places = places

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        self.generic_visit(node)
        if self._is_meant(node):
            node.decorator_list.append(_OVER)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.generic_visit(node)
        return ast.copy_location(ast.Call(_OVER, [node], []), node) if self._is_meant(node) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        function = node.func
        ours = (
            isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == NAME
        )
        if self._is_meant(node) and not ours and isinstance(function, ast.Name | ast.Attribute):
            node.func = ast.copy_location(ast.Call(_OVER, [function], []), function)
        return node

    def _is_meant(self, node: ast.stmt | ast.expr) -> bool:
        return (node.lineno, node.col_offset) in self._places


_OVER = ast.Attribute(ast.Name(NAME, ast.Load()), "bent", ast.Load())
