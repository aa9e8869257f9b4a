"""Determine what each top-level statement reads, binds and changes, as far as its text says.

Names stand for all objects they may refer to: changing an object by one name changes it for all its aliases, and
calling a function reads and changes what its body does. A statement that may do what no text shows (`exec`,
`globals()`) is `opaque`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.syntax_trees import tree_of

_UNSEEN = frozenset({"exec", "eval", "globals", "locals", "vars", "setattr", "delattr", "__import__"})
_HARMLESS = frozenset(dir(builtins)) - _UNSEEN
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NEW = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Constant, ast.JoinedStr)
"""Expressions that make a new object, which has no alias."""


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of one statement.

    `binds`: the names bound. `kills`: those of them that keep nothing of their old object. `changes`: the names of
    objects that may be changed in place. `calls`: whether it may call any function of the submission. `defines`:
    whether it does nothing but bind what it imports or defines."""

    reads: frozenset[str]
    binds: frozenset[str]
    kills: frozenset[str]
    changes: frozenset[str]
    calls: bool
    opaque: bool
    defines: bool

    @property
    def writes(self) -> frozenset[str]:
        return self.binds | self.changes


MAX_NAMES = 500_000
"""Names in the effects of all statements together, beyond which a statement is opaque: where thousands change what
thousands of names may alias, or call any of as many functions, there would be millions."""


def effects_of(sources: Sequence[str]) -> list[list[Effects]]:
    """Return, per cell, the effects of each top-level statement."""
    bodies = [tree_of(source).body for source in sources]
    modules = {name for body in bodies for statement in body for name in _imported(statement)}
    inside, functions = _inside(bodies, modules), _functions(bodies)
    known = _HARMLESS - _bound(bodies)
    aliases = _Aliases(functions | modules | known)
    found: list[list[Effects]] = []
    names = 0
    for body in bodies:
        found.append([])
        for statement in body:
            aliases.add(statement)
            one = _Reader(modules).of(statement)
            if names > MAX_NAMES:
                found[-1].append(replace(one, opaque=True))
                continue
            if one.calls or one.reads & functions:
                one = _together(one, inside)
            one = replace(one, reads=one.reads - known, changes=aliases.of(one.changes - known))
            names += len(one.reads) + len(one.changes)
            found[-1].append(one)
    return found


def _together(one: Effects, inside: Effects) -> Effects:
    return replace(
        one,
        reads=one.reads | inside.reads,
        binds=one.binds | inside.binds,
        changes=one.changes | inside.changes,
        opaque=one.opaque or inside.opaque,
    )


def _bound(bodies: Iterable[list[ast.stmt]]) -> set[str]:
    parts = [part for body in bodies for statement in body for part in ast.walk(statement)]
    named = {part.id for part in parts if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}
    return named | {part.name for part in parts if isinstance(part, _SCOPES)}


def _inside(bodies: Iterable[list[ast.stmt]], modules: set[str]) -> Effects:
    """What all functions and methods of a submission together may do to its top-level names."""
    reads, binds, changes, opaque = set[str](), set[str](), set[str](), False
    for body in bodies:
        for node in (part for statement in body for part in ast.walk(statement)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            reader = _Reader(modules)
            for part in node.body if isinstance(node.body, list) else [node.body]:
                reader.visit(part)
            arguments = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
            local = (reader.bound | arguments) - reader.shared
            reads |= reader.read - local
            binds |= reader.bound & reader.shared
            changes |= reader.changed - (local - arguments)
            opaque |= reader.opaque
    return Effects(frozenset(reads), frozenset(binds), frozenset(), frozenset(changes), True, opaque, False)


def _functions(bodies: Iterable[list[ast.stmt]]) -> frozenset[str]:
    parts = (part for body in bodies for statement in body for part in ast.walk(statement))
    return frozenset(part.name for part in parts if isinstance(part, _SCOPES))


def _imported(statement: ast.stmt) -> set[str]:
    """The names that imports anywhere in the statement bind: modules, and what comes from them."""
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in ast.walk(statement)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (*_SCOPES, ast.Lambda)):
        return
    yield node
    for part in ast.iter_child_nodes(node):
        yield from _outside_functions(part)


class _Reader(ast.NodeVisitor):
    def __init__(self, modules: set[str]) -> None:
        self.modules = modules
        self.read: set[str] = set()
        self.bound: set[str] = set()
        self.changed: set[str] = set()
        self.shared: set[str] = set()
        self.calls = self.opaque = False

    def of(self, statement: ast.stmt) -> Effects:
        self.visit(statement)
        defines = isinstance(statement, (ast.Import, ast.ImportFrom, *_SCOPES))
        if isinstance(statement, _SCOPES):
            self.calls = self.calls or bool(statement.decorator_list)
        kills: set[str] = set()
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            kills = {part.id for target in targets for part in _plain_targets(target)}
        kills -= self.changed
        return Effects(
            frozenset(self.read),
            frozenset(self.bound),
            frozenset(kills),
            frozenset(self.changed),
            self.calls,
            self.opaque,
            defines,
        )

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read.add(node.id)
        else:
            self.bound.add(node.id)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._scope(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._scope(node)

    def _scope(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bound.add(node.name)
        for part in (*node.decorator_list, node.args):
            self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bound.add(node.name)
        outer = set(self.bound)
        self.generic_visit(node)
        self.bound = outer

    def visit_Import(self, node: ast.Import) -> None:
        self.bound |= _imported(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.bound |= _imported(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.shared.update(node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._stored(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._stored(node)

    def _stored(self, node: ast.Subscript | ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.changed |= _roots(node)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.read |= _roots(node.target)
        self.changed |= _roots(node.target)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        # A call made for its effect may change any of its arguments.
        if isinstance(node.value, ast.Call) and not self._is_harmless(node.value.func):
            for one in (*node.value.args, *(keyword.value for keyword in node.value.keywords)):
                self.changed |= _roots(one) - self.modules
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute):
            roots = _roots(function.value)
            self.changed |= roots - self.modules
            self.calls |= not roots <= self.modules or not roots
        elif isinstance(function, ast.Name):
            self.opaque |= function.id in _UNSEEN
            self.calls |= not self._is_harmless(function) and function.id not in self.modules
        else:
            self.calls = True
        for keyword in node.keywords:
            if keyword.arg == "out":
                self.changed |= _roots(keyword.value) - self.modules
        self.generic_visit(node)

    @staticmethod
    def _is_harmless(function: ast.expr) -> bool:
        return isinstance(function, ast.Name) and function.id in _HARMLESS


def _plain_targets(target: ast.expr) -> list[ast.Name]:
    if isinstance(target, ast.Tuple | ast.List):
        return [name for part in target.elts for name in _plain_targets(part)]
    return [target] if isinstance(target, ast.Name) else []


def _roots(node: ast.expr) -> set[str]:
    """The names whose objects the expression's value may be, or be a part of."""
    if isinstance(node, _NEW):
        return set()
    if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        return _roots(node.value)
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


class _Aliases:
    """Classes of names that may refer to one object, since one name was made from another by an expression that may not
    copy. They grow statement by statement: what is bound later cannot have been changed before."""

    def __init__(self, apart: frozenset[str]) -> None:
        """`apart` are names that never share such objects: modules, functions."""
        self._apart = apart
        self._parent: dict[str, str] = {}
        self._members: dict[str, list[str]] = {}

    def add(self, statement: ast.stmt) -> None:
        for node in _outside_functions(statement):
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                self._link(node.value, *targets)
            elif isinstance(node, ast.For | ast.comprehension):
                self._link(node.iter, node.target)

    def _link(self, value: ast.expr, *targets: ast.expr) -> None:
        first = targets[0]
        if isinstance(value, ast.Tuple | ast.List) and isinstance(first, ast.Tuple | ast.List):
            for target, part in zip(first.elts, value.elts, strict=False):
                self._link(part, target)
            return
        read = _roots(value) - self._apart
        bound = set().union(*map(_roots, targets))
        if read and bound:
            # Each bound name may refer to an object of each name read, so all of them form one class.
            one, *others = (*read, *bound)
            for other in others:
                self._join(one, other)

    def _join(self, one: str, other: str) -> None:
        large, small = self._top(one), self._top(other)
        if large == small:
            return
        if len(self._members.get(large, ())) < len(self._members.get(small, ())):
            large, small = small, large
        self._parent[small] = large
        self._members.setdefault(large, [large]).extend(self._members.pop(small, [small]))

    def _top(self, name: str) -> str:
        while (above := self._parent.get(name, name)) != name:
            name = above
        return name

    def of(self, names: frozenset[str]) -> frozenset[str]:
        """These names and all their possible aliases."""
        return names.union(*(self._members.get(top, ()) for top in {self._top(name) for name in names}))
