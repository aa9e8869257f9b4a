"""Tell the programs and expressions that consist of basic forms, which most do, from those to be rewritten first."""

from __future__ import annotations

import ast

_BASIC = (ast.Assign, ast.AugAssign, ast.For)
_FORMS = (ast.IfExp, ast.ListComp, ast.GeneratorExp, ast.BoolOp)


def is_basic(tree: ast.AST) -> bool:
    """Whether nothing in a program or an expression is to be rewritten."""
    return all(_is_basic(node) for node in ast.walk(tree))


def _is_basic(node: ast.AST) -> bool:
    match node:
        case ast.Assign(targets=[ast.Tuple() | ast.List()] | [_, _, *_]) | ast.Assign(value=ast.Lambda()):
            return False
        case ast.For(target=ast.Name(), iter=loop):
            return not any(isinstance(one, ast.Attribute | ast.Subscript) for one in ast.walk(loop)) and _is_range(loop)
        case ast.stmt():
            return isinstance(node, _BASIC) and not isinstance(node, ast.For)
        case _:
            return not isinstance(node, _FORMS)


def _is_range(loop: ast.expr) -> bool:
    match loop:
        case ast.Call(func=ast.Name(id="reversed"), args=[inner]):
            return _is_range(inner)
        case ast.Call(func=ast.Name(id="range"), args=ends):
            return not any(isinstance(one, ast.Call) for end in ends for one in ast.walk(end))
        case _:
            return False
