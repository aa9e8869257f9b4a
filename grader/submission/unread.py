"""Which statements of plain code (`submission.plain`) compute something that nothing reads: a loss, a printed check."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from grader.submission.shifted import Statement, Statements
from grader.syntax_trees import children_of

_PURE = frozenset(
    {"abs", "exp", "float", "item", "log", "log1p", "max", "mean", "min", "norm", "sqrt", "square", "sum"}
)
"""Functions and methods that return a result and change nothing, unless the code gives another meaning to the name."""

_PURE_OPTIONS = frozenset({"axis", "dim", "keepdims", "keepdim"})
_PURE_NODES = (
    *(ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.BinOp, ast.UnaryOp),
    *(ast.JoinedStr, ast.FormattedValue, ast.operator, ast.unaryop, ast.expr_context),
)
_NAMING = frozenset({ast.Name, ast.FunctionDef, ast.arg, ast.Attribute, ast.alias})


def without_unread(statements: Statements, wanted: Collection[ast.stmt]) -> Statements:
    """The `statements` of plain code, without those that bind plain names to a pure expression if
    nothing reads these names but others of this kind and `print`. Those in `wanted` are kept."""
    nodes = [node for statement in statements for node in statement.nodes]
    if any(isinstance(node, ast.ClassDef) for node in nodes):
        return statements  # its operators and attributes may do anything
    pure = _PURE.difference(_bound(nodes))
    kept = [one for one in statements if one.tree in wanted or not _is_pure_statement(one.tree, pure)]
    chosen = {one.tree for one in kept}
    binding: dict[str, list[Statement]] = {}
    for one in statements:
        for name in _names(one, ast.Store):
            binding.setdefault(name, []).append(one)
    waiting = kept
    while waiting:
        for name in _names(waiting.pop(), ast.Load):
            needed = [one for one in binding.pop(name, []) if one.tree not in chosen]
            waiting += needed
            chosen.update(one.tree for one in needed)
    return [one for one in statements if one.tree in chosen]


def _bound(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """All names that the code gives a meaning of its own."""
    for node in nodes:
        if type(node) not in _NAMING:
            continue
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=str(other)) if other != name:
                yield other


def _is_pure_statement(statement: ast.stmt, pure: Collection[str]) -> bool:
    match statement:
        case ast.Assign(targets=targets, value=value):
            return all(isinstance(one, ast.Name) for one in targets) and _is_pure(value, pure)
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=arguments, keywords=[])):
            return all(_is_pure(one, pure) for one in arguments)
        case _:
            return False


def _is_pure(node: ast.AST, pure: Collection[str]) -> bool:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        # A further argument may be the array to put the result into; a constant is an axis.
        own = all(isinstance(one, ast.Constant) for one in node.args[1:])
        options = all(one.arg in _PURE_OPTIONS for one in node.keywords)
        return name in pure and own and options and all(_is_pure(one, pure) for one in (*node.args, *_owner(node)))
    return isinstance(node, _PURE_NODES) and all(_is_pure(one, pure) for one in children_of(node))


def _owner(call: ast.Call) -> list[ast.expr]:
    return [call.func.value] if isinstance(call.func, ast.Attribute) else []


def _names(statement: Statement, context: type[ast.expr_context]) -> frozenset[str]:
    return frozenset(one.id for one in statement.nodes if isinstance(one, ast.Name) and isinstance(one.ctx, context))
