"""Which statements of plain code (`submission.plain`) nothing reads: a loss, a printed check, a function for checks."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from grader.submission.shifted import Statement, Statements
from grader.syntax_trees import children_of, nodes_of

_PURE = frozenset(
    {"abs", "exp", "float", "item", "log", "log1p", "max", "mean", "min", "norm", "sqrt", "square", "sum"}
)
"""Functions and methods that return a result and change nothing, unless the code gives another meaning to the name."""

_PURE_OPTIONS = frozenset({"axis", "dim", "keepdims", "keepdim"})
_PURE_NODES = (
    *(ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.BinOp, ast.UnaryOp),
    *(ast.JoinedStr, ast.FormattedValue, ast.operator, ast.unaryop, ast.expr_context),
)
_SCOPES = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
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


def reached(statements: Statements, wanted: Collection[ast.stmt]) -> Statements:
    """The `statements` of plain code on which those in `wanted` can depend."""
    mentioned = {one.tree: _mentioned(one) for one in statements}
    binding, mentioning = defaultdict[str, list[ast.stmt]](list), defaultdict[str, list[ast.stmt]](list)
    for tree, mentions in mentioned.items():
        for name in _bound_by(tree):
            binding[name].append(tree)
        for name in mentions:
            mentioning[name].append(tree)
    changing = {name for name, by in binding.items() if not all(map(_is_fixed, by))}
    changing |= {name for one in statements for node in one.nodes for name in _written_into(node)}
    # A function that reads what changes may change it: then its calls matter too.
    growing = True
    while growing:
        size = len(changing)
        changing |= {name for name, by in binding.items() if any(not changing.isdisjoint(mentioned[one]) for one in by)}
        growing = len(changing) > size
    chosen = {one.tree for one in statements if one.tree in wanted}
    waiting = {name for tree in chosen for name in mentioned[tree]}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for tree in (*binding[name], *(mentioning[name] if name in changing else ())):
            chosen.add(tree)
            waiting |= mentioned[tree] - seen
    return [one for one in statements if one.tree in chosen]


def _bound_by(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement binds at the top level, and maybe others."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    found = {
        node.id for node in nodes_of(statement) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    named = (
        node for node in nodes_of(statement) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler)
    )
    imported = (node for node in nodes_of(statement) if isinstance(node, ast.alias))
    found.update(one.name for one in named if one.name)
    return found.union((one.asname or one.name).partition(".")[0] for one in imported)


def _is_fixed(statement: ast.stmt) -> bool:
    """Whether what a statement binds holds nothing that could change: a function, a library, a number."""
    match statement:
        case ast.FunctionDef(decorator_list=[], args=arguments):
            defaults = (*arguments.defaults, *arguments.kw_defaults)
            return all(one is None or isinstance(one, ast.Constant) for one in defaults)
        case ast.Import() | ast.ImportFrom() | ast.Assign(targets=[ast.Name()], value=ast.Constant()):
            return True
        case _:
            return False


def _written_into(node: ast.AST) -> Iterator[str]:
    """The name of an object of which an entry or an attribute is changed."""
    changes = isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
    while changes and isinstance(node, ast.Subscript | ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    if changes and isinstance(node, ast.Name):
        yield node.id


def _mentioned(statement: Statement) -> frozenset[str]:
    """The names that a top-level statement mentions; a function's own variables are none of them."""
    tree = statement.tree
    found = {node.id for node in statement.nodes if isinstance(node, ast.Name)}
    return frozenset((found - _own(tree) if isinstance(tree, ast.FunctionDef) else found) | _bound_by(tree))


def _own(function: ast.FunctionDef) -> set[str]:
    """The variables of a function, without those that only belong to a function or a comprehension inside it."""
    found = {node.arg for node in nodes_of(function.args) if isinstance(node, ast.arg)}
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, _SCOPES):
            waiting += children_of(node)
    return found


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
