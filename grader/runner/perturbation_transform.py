"""AST transforms for runs that show what a step depends on: operators and calls pass on their results (see
`runner.child.noise`) or get other slopes, or no assertion fails, as those about perturbed derivatives would."""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from grader.instrument.ast_build import LOAD, where_of
from grader.instrument.site import NAME
from grader.runner.child.sloped import OPERATORS
from grader.runner.wire import CALL, OPERATOR, POWER, QUOTIENT, ROOT
from grader.syntax_trees import nodes_of


def noisy(statement: ast.Module) -> ast.Module:
    """Transform an instrumented statement, in place, so that all its operators and calls pass their results to the
    noise."""
    made = _Noisy().visit(statement)
    assert isinstance(made, ast.Module)
    return ast.fix_missing_locations(made)


class _Noisy(ast.NodeTransformer):
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
        node.body = [self.visit(statement) for statement in node.body]  # `case 1 + 2j` is not an operation
        return node

    def _handed_over(self, kind: int, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        call = ast.Attribute(ast.Name(NAME, ast.Load()), "noisy", ast.Load())
        return ast.copy_location(ast.Call(call, [ast.Constant(kind), node], []), node)


def unchecked(statement: ast.Module) -> ast.Module:
    """Make the assertions of an instrumented statement, in place, such that none of them can fail."""
    if not any(map(asserts, nodes_of(statement))):
        return statement  # most statements
    made = _Unchecked().visit(statement)
    assert isinstance(made, ast.Module)
    return made


class _Unchecked(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        return _unfailing(node)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        return _unfailing(node) if asserts(node) else node


def _unfailing(node: ast.stmt) -> ast.stmt:
    """The statement, which may bind something, without the error that it may raise."""
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
    return ast.fix_missing_locations(ast.copy_location(ast.Try([node], [handler], [], []), node))


def asserts(node: ast.AST) -> bool:
    """Whether a statement, by itself, is an assertion."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name))):
            return name.startswith("assert")
        case _:
            return isinstance(node, ast.Assert)


def perturbed(statement: ast.Module, places: AbstractSet[tuple[int, int]]) -> ast.Module:
    """Transform an instrumented statement, in place, so that the functions defined or called at these places (line,
    column) get perturbed slopes before they are called (see `runner.child.perturbed_slopes`)."""
    made = _Perturbed(places).visit(statement)
    assert isinstance(made, ast.Module)
    return ast.fix_missing_locations(made)


class _Perturbed(ast.NodeTransformer):
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


_OVER = ast.Attribute(ast.Name(NAME, ast.Load()), "perturbed", ast.Load())


def is_near(statement: ast.stmt, lines: AbstractSet[int]) -> bool:
    """Whether one of these lines is one of the statement's, decorators included."""
    first = min(one.lineno for one in (statement, *getattr(statement, "decorator_list", ())))
    return any(first <= line <= (statement.end_lineno or 0) for line in lines)


def nonlinear(statement: ast.Module, ends: AbstractSet[tuple[int, int]]) -> ast.Module:
    """Transform an instrumented statement, in place, so that functions named in expressions that end at these places
    (line, column) get perturbed slopes (see `runner.child.nonlinear`)."""
    made = _Nonlinear(ends).visit(statement)
    assert isinstance(made, ast.Module)
    return made


class _Nonlinear(ast.NodeTransformer):
    def __init__(self, ends: AbstractSet[tuple[int, int]]) -> None:
        self._ends = ends
        self._lines = frozenset(line for line, _ in ends)

    def visit(self, node: ast.AST) -> Any:
        # In most statements there is no such place.
        return node if isinstance(node, ast.stmt) and not is_near(node, self._lines) else super().visit(node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._over(node, node.id) if isinstance(node.ctx, ast.Load) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == NAME:
            return node  # a function of ours, at the place of what it is called with
        self.generic_visit(node)
        return self._over(node, node.attr) if isinstance(node.ctx, ast.Load) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        has_no_name = isinstance(node.func, ast.Call | ast.Subscript)  # asked before it may become a call of ours
        self.generic_visit(node)
        if has_no_name:
            node.func = self._over(node.func)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):
            return self._power(node, node.left, node.right) or node
        is_quotient = isinstance(node.op, ast.Div)
        return (self._operator(QUOTIENT, node, [node.right, node.left]) if is_quotient else None) or node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        target = copy.deepcopy(node.target)
        target.ctx = ast.Load()
        made = self._power(node, target, node.value) if isinstance(node.op, ast.Pow) else None
        return node if made is None else ast.copy_location(ast.Assign([node.target], made), node)

    def _power(self, node: ast.expr | ast.stmt, base: ast.expr, exponent: ast.expr) -> ast.expr | None:
        if any(isinstance(one, ast.Name) for one in nodes_of(exponent)):
            return self._operator(POWER, node, [exponent, base])
        return self._operator(ROOT, node, [base, exponent])

    def _operator(self, name: str, node: ast.expr | ast.stmt, operands: list[ast.expr]) -> ast.expr | None:
        """The operator as a call of a function, where it is meant."""
        if (node.end_lineno, node.end_col_offset) not in self._ends:
            return None
        where = where_of(node)
        return ast.Call(_over(ast.Constant(name, **where), node), operands, [], **where)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def _over(self, node: ast.expr, name: str = "") -> ast.expr:
        meant = (node.end_lineno, node.end_col_offset) in self._ends
        return _over(node, node, name) if meant else node


def _over(function: ast.expr, place: ast.expr | ast.stmt, name: str = "") -> ast.expr:
    """The function with other slopes, as an expression at `place`; `name` is what it is called by in the text."""
    where = where_of(place)
    ours = ast.Attribute(ast.Name(NAME, LOAD, **where), "perturbed", LOAD, **where)
    return ast.Call(ours, [function, ast.Constant(name, **where)], [], **where)


def sloped(statement: ast.Module, bases: Mapping[tuple[int, int, int, int], int]) -> ast.Module:
    """Transform an instrumented statement, in place, so that `runner.child.sloped` carries out all its operators and
    calls; `bases` has, by position, those that shift an operand, and which operand."""
    made = _Sloped(bases).visit(statement)
    assert isinstance(made, ast.Module)
    return ast.fix_missing_locations(made)


class _Sloped(ast.NodeTransformer):
    def __init__(self, bases: Mapping[tuple[int, int, int, int], int]) -> None:
        self._bases = bases

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        name, base = type(node.op).__name__, self._base(node)
        if name not in OPERATORS:
            return node
        operands = [ast.Constant(name), node.left, node.right]
        if base is None:
            return ast.copy_location(ast.Call(_of_ours("operated"), [_place(node), *operands], []), node)
        operands.insert(1, ast.Constant(base))
        return ast.copy_location(ast.Call(_of_ours("shifted"), operands, []), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        if self._base(node) is None:
            return node
        target = copy.deepcopy(node.target)
        target.ctx = ast.Load()
        told = [ast.Constant(type(node.op).__name__), target, node.value]
        return ast.copy_location(ast.Assign([node.target], ast.Call(_of_ours("moved"), told, [])), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        function, base = node.func, self._base(node)
        ours = (
            isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == NAME
        )
        looks_around = isinstance(function, ast.Name) and function.id in _LOOKING_AROUND
        if (node.args or node.keywords) and not ours and not looks_around:
            over = (
                ast.Call(_of_ours("called"), [_place(node), function], [])
                if base is None
                else ast.Call(_of_ours("shifting"), [ast.Constant(base), function], [])
            )
            node.func = ast.copy_location(over, function)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def _base(self, node: ast.expr | ast.stmt) -> int | None:
        return self._bases.get((node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0))


_LOOKING_AROUND = frozenset({"super", "eval", "exec", "locals", "vars", "dir", "globals"})
"""Functions whose result depends on the frame that calls them."""


def _place(node: ast.expr) -> ast.Constant:
    return ast.Constant(f"{node.lineno}:{node.col_offset}")


def _of_ours(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name(NAME, ast.Load()), name, ast.Load())
