"""Tell the programs and expressions that consist of basic forms, which most do, from those to be rewritten first."""

from __future__ import annotations

import ast
from collections.abc import Collection

_BASIC = (ast.Assign, ast.AugAssign, ast.For)
_FORMS = (ast.IfExp, ast.ListComp, ast.GeneratorExp, ast.BoolOp)


def is_basic(tree: ast.AST, numbers: Collection[str]) -> bool:
    """Whether nothing in a program or an expression is to be rewritten; `numbers` are the fixed whole inputs."""
    return all(_is_basic(node, numbers) for node in ast.walk(tree))


def _is_basic(node: ast.AST, numbers: Collection[str]) -> bool:
    match node:
        case ast.Assign(targets=[ast.Tuple() | ast.List()] | [_, _, *_]) | ast.Assign(value=ast.Lambda() | ast.Dict()):
            return False
        case ast.For(target=ast.Name(), iter=ast.Call() as loop):
            read = {one.id for one in ast.walk(loop) if isinstance(one, ast.Name)}
            return read <= {"range", "reversed", *numbers}
        case ast.List(elts=[] | [ast.Constant(value=None)]):
            return False
        case ast.stmt():
            return isinstance(node, _BASIC) and not isinstance(node, ast.For)
        case _:
            return not isinstance(node, _FORMS)
