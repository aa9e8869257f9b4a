"""Rewrite expressions of an exercise into basic ones: functions put into the place of their calls, comprehensions
written out, choices that are fixed decided. A choice that depends on values stays, `a if condition else b`.

All trees are Python's. Rewritten nodes keep the places of what they were made of, so that faults name the author's
lines."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.formula.python_trees import (
    Evaluator,
    Known,
    NeedsValue,
    NotFixed,
    as_operations,
    located,
    mapped,
    replaced,
    unpacked,
)
from grader.formula.syntax import names_for

MAX_NODES = 200_000
"""How many nodes of the tree may be written out."""

MAX_PASSES = 20_000
"""How many passes one loop that is written out may make."""

MAX_CALLS = 30
"""How deep calls may be nested, so that a function that calls itself without end is refused."""

Names = Mapping[str, ast.expr]
"""What stands for names: the arguments of a function, its locals, the variables of loops that are written out."""

_FIXED_LOOPS = "`range(...)`, `reversed`, `enumerate` or `zip` of fixed length, a list, or an array that is given"


class CannotRewrite(Exception):
    """Raised where a statement cannot be rewritten; its fault has been recorded."""


class _Pass(ast.Pass):
    """The beginning of one pass of a loop; `names` are what its variables stand for."""

    names: dict[str, ast.expr]


@dataclass(frozen=True, slots=True)
class AuthorFunction:
    """A function of the author's."""

    name: str
    parameters: tuple[str, ...]
    defaults: Mapping[str, ast.expr]
    body: tuple[ast.stmt, ...]


Refuse = Callable[[ast.AST, str, str | None], object]
"""Records the fault of a node: what was expected, and what was found (None: its text)."""


def _has_starred(parts: list[ast.expr]) -> bool:
    return any(isinstance(one, ast.Starred) for one in parts)


class ExpressionInlining:
    """Rewrites expressions. `functions` are the author's own, by name."""

    def __init__(self, known: Known, refuse: Refuse) -> None:
        self.fixed = Evaluator(known)
        self.functions: dict[str, AuthorFunction] = {}
        self.grown: dict[str, int] = {}
        """How many elements the lists have that are appended to."""
        self.lists: dict[str, int] = {}
        """How many elements the other lists have that have a name."""
        self._refuse = refuse
        self._calls = 0
        self._nodes = 0

    def refused(self, node: ast.AST, expected: str, found: str | None = None) -> CannotRewrite:
        """Record a fault; the exception is to be raised."""
        self._refuse(node, expected, found)
        return CannotRewrite()

    # expressions

    def expression(self, node: ast.expr, names: Names) -> ast.expr:
        """The basic form of an expression. Raises `CannotRewrite` and `NeedsValue`."""
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) if _has_starred(parts):
                return self.expression(replaced(node, elts=self._unpacked(parts, names)), names)
            case ast.Call(args=parts) if _has_starred(parts):
                return self.expression(replaced(node, args=self._unpacked(parts, names)), names)
            case ast.Name(id=name):
                return self._counted(names[name], node) if name in names else node
            case ast.IfExp():
                return self._choice(node, names)
            case ast.ListComp(elt=item, generators=loops):
                return located(ast.List(self._written_out(item, loops, names)), node)
            case ast.Call(func=ast.Name(id="sum"), args=[ast.GeneratorExp() | ast.ListComp() as made], keywords=[]):
                return self._added(node, self._written_out(made.elt, made.generators, names))
            case ast.Call(func=ast.Name(id=name)) if name in self.functions and name not in names:
                return self._inlined(node, self.functions[name], names)
            case ast.Call(args=[ast.GeneratorExp(elt=item, generators=loops) as made], keywords=[]):
                items = located(ast.List(self._written_out(item, loops, names)), made)
                return replaced(node, func=self.expression(node.func, names), args=[items])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._sum(node, self.expression(left, names), self.expression(right, names))
            case (
                ast.BinOp(left=ast.List() as few, op=ast.Mult(), right=times)
                | ast.BinOp(left=times, op=ast.Mult(), right=ast.List() as few)
            ):
                return self._repeated(node, few, times, names)
            case ast.Subscript(value=base, slice=key):
                return self._item(node, self.expression(base, names), self.key(key, names))
            case _:
                return mapped(node, lambda child: self.expression(child, names))

    def _unpacked(self, parts: list[ast.expr], names: Names) -> list[ast.expr]:
        """Elements or arguments with the items of `*values` in its place."""
        return [
            item
            for part in parts
            for item in (self.items(part.value, names) if isinstance(part, ast.Starred) else (part,))
        ]

    def key(self, node: ast.expr, names: Names) -> ast.expr:
        """The key of an index, with whole-number arithmetic carried out where that does not lose a name of a given
        number."""
        if isinstance(node, ast.Tuple):
            return replaced(node, elts=[self.key(part, names) for part in node.elts])
        return self.number(self.expression(node, names))

    def number(self, node: ast.expr) -> ast.expr:
        """A whole number in the place of an expression that only the reader of the program can evaluate."""
        read = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        if isinstance(node, ast.Slice | ast.Constant) or (read and read <= {*self.fixed.given, *self.fixed.open}):
            return node
        try:
            return located(ast.Constant(self.fixed.whole(node)), node)
        except (NotFixed, NeedsValue):
            return node

    def truth(self, condition: ast.expr) -> bool | None:
        """Whether a fixed condition holds; None if it depends on values. Raises `NeedsValue`."""
        try:
            return bool(self.fixed.value(condition))
        except NotFixed:
            return None

    def choice(self, node: ast.AST, condition: ast.expr, one: ast.expr, other: ast.expr) -> ast.expr:
        return located(ast.IfExp(as_operations(condition), one, other), node)

    def _choice(self, node: ast.IfExp, names: Names) -> ast.expr:
        condition = self.expression(node.test, names)
        truth = self.truth(condition)
        if truth is not None:
            return self.expression(node.body if truth else node.orelse, names)
        one, other = self.expression(node.body, names), self.expression(node.orelse, names)
        return self.choice(node, condition, one, other)

    def _sum(self, node: ast.BinOp, left: ast.expr, right: ast.expr) -> ast.expr:
        """A sum; of two lists, one with the items of both."""
        items = [self._listed(one) for one in (left, right)]
        if items[0] is None or items[1] is None:
            return replaced(node, left=left, right=right)
        return located(ast.List([*items[0], *items[1]]), node)

    def _listed(self, node: ast.expr) -> list[ast.expr] | None:
        """The items of a list; None for anything else."""
        if isinstance(node, ast.List):
            return node.elts
        if isinstance(node, ast.Name) and (count := self.grown.get(node.id, self.lists.get(node.id))) is not None:
            return [located(ast.Subscript(node, located(ast.Constant(at), node)), node) for at in range(count)]
        return None

    def _repeated(self, node: ast.BinOp, few: ast.List, times: ast.expr, names: Names) -> ast.expr:
        """The list `[a] * 3`; of a list and a value that varies, the product of an array."""
        items = [self.expression(one, names) for one in few.elts]
        read = self.expression(times, names)
        try:
            count = self.fixed.whole(read)
        except (NotFixed, NeedsValue):
            made = located(ast.List(items), few)
            return replaced(node, left=made if node.left is few else read, right=read if node.left is few else made)
        return located(ast.List(items * count), node)

    def _item(self, node: ast.Subscript, base: ast.expr, key: ast.expr) -> ast.expr:
        if isinstance(base, ast.List | ast.Tuple):
            try:
                return base.elts[self.fixed.whole(key)]
            except (NotFixed, NeedsValue):
                pass
            except IndexError:
                raise self.refused(node, f"an index below {len(base.elts)}") from None
        if isinstance(base, ast.Name) and base.id in self.grown and isinstance(key, ast.UnaryOp | ast.Constant):
            if self.fixed.open:
                raise NeedsValue(self.fixed.open[-1])
            at = self.fixed.whole(key)
            key = located(ast.Constant(at + self.grown[base.id] * (at < 0)), node)
        return replaced(node, value=base, slice=key)

    def _added(self, node: ast.expr, items: list[ast.expr]) -> ast.expr:
        # Python's own `sum` adds the items: arrays entry by entry, where `sum` of an array adds its entries.
        total = items[0] if items else located(ast.Constant(0), node)
        for item in items[1:]:
            total = located(ast.BinOp(total, ast.Add(), item), node)
        return total

    def _counted(self, made: ast.expr, node: ast.AST) -> ast.expr:
        self._nodes += sum(1 for _ in ast.walk(made))
        if self._nodes > MAX_NODES:
            raise self.refused(
                node, "a shorter one", "a program that is too long when functions and loops are written out"
            )
        return made

    # loops

    def items(self, node: ast.expr, names: Names) -> list[ast.expr]:
        """What a loop goes through, one expression per pass."""
        match node:
            case ast.Call(func=ast.Name(id="range"), args=ends, keywords=[]) if 1 <= len(ends) <= 3:
                return self._range(node, ends, names)
            case ast.Call(func=ast.Name(id="reversed"), args=[one], keywords=[]):
                return self.items(one, names)[::-1]
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[one], keywords=[]):
                return self.items(one, names)
            case ast.Call(func=ast.Name(id="enumerate"), args=[one, *start], keywords=keywords):
                begin = start or [keyword.value for keyword in keywords]
                first = self._whole(begin[0], names) if begin else 0
                inside = self.items(one, names)
                return [
                    located(ast.Tuple([located(ast.Constant(at), node), item]), node)
                    for at, item in enumerate(inside, first)
                ]
            case ast.Call(func=ast.Name(id="zip"), args=parts):
                together = zip(*(self.items(part, names) for part in parts), strict=False)
                return [located(ast.Tuple(list(row)), node) for row in together]
            case _:
                return self._elements(self.expression(node, names))

    def _range(self, node: ast.expr, ends: list[ast.expr], names: Names) -> list[ast.expr]:
        bounds = [self._whole(end, names) for end in ends]
        if len(bounds) == 3 and bounds[2] == 0:
            raise self.refused(ends[2], "another step than 0")
        passes = range(*bounds)
        if passes[MAX_PASSES:]:
            raise self.refused(node, f"at most {MAX_PASSES} passes", "a loop of too many passes")
        return [located(ast.Constant(at), node) for at in passes]

    def _whole(self, node: ast.expr, names: Names) -> int:
        read = self.expression(node, names)
        try:
            return self.fixed.whole(read)
        except NotFixed:
            raise self.refused(node, "whole numbers, fixed whole inputs and lengths of inputs") from None

    def _elements(self, node: ast.expr) -> list[ast.expr]:
        if isinstance(node, ast.List | ast.Tuple):
            return node.elts
        try:
            numbers = self.fixed.value(node)
            if isinstance(numbers, tuple):
                whole = [one for one in numbers if isinstance(one, int)]
                if len(whole) == len(numbers):
                    return [located(ast.Constant(one), node) for one in whole]
        except NotFixed:
            pass
        try:
            length = self.fixed.length(node)
        except NotFixed:
            raise self.refused(node, _FIXED_LOOPS) from None
        return [located(ast.Subscript(node, located(ast.Constant(at), node)), node) for at in range(length)]

    def bound(self, target: ast.expr, item: ast.expr) -> dict[str, ast.expr]:
        """What the names of a target stand for, given the item that is assigned to it."""
        match target:
            case ast.Name(id=name):
                return {name: item}
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                made: dict[str, ast.expr] = {}
                for part, one in zip(parts, self.parts(item, len(parts), target), strict=True):
                    made |= self.bound(part.value if isinstance(part, ast.Starred) else part, one)
                return made
        raise self.refused(target, "a name, or names in brackets")

    def parts(self, value: ast.expr, count: int, target: ast.AST) -> list[ast.expr]:
        """The `count` parts of a value that is taken apart; for a target with a star, the list of what is left."""
        starred = [at for at, one in enumerate(getattr(target, "elts", ())) if isinstance(one, ast.Starred)]
        if starred:
            items, behind = self._elements(value), count - 1 - starred[0]
            if len(items) < count - 1:
                raise self.refused(target, f"at most {len(items)} names beside the one with a star", f"{count} names")
            middle = items[starred[0] : len(items) - behind]
            rest = located(ast.List(middle), target)
            return [*items[: starred[0]], rest, *items[len(items) - behind :]]
        if isinstance(value, ast.Constant):
            raise self.refused(target, "one name", f"{count} names for a number")
        try:
            there = self.fixed.length(value)
        except NotFixed:
            return [unpacked(value, at, count, target) for at in range(count)]
        if there != count:
            raise self.refused(target, names_for(there), f"{count} names")
        if isinstance(value, ast.List | ast.Tuple):
            return value.elts
        return [located(ast.Subscript(value, located(ast.Constant(at), value)), value) for at in range(count)]

    def _written_out(self, item: ast.expr, loops: list[ast.comprehension], names: Names) -> list[ast.expr]:
        if not loops:
            return [self.expression(item, names)]
        loop, made = loops[0], []
        for one in self.items(loop.iter, names):
            inner = {**names, **self.bound(loop.target, one)}
            if all(self._holds(condition, inner) for condition in loop.ifs):
                made += self._written_out(item, loops[1:], inner)
        return made

    def _holds(self, condition: ast.expr, names: Names) -> bool:
        truth = self.truth(self.expression(condition, names))
        if truth is None:
            raise self.refused(
                condition, "a condition on whole numbers that are fixed: the length of a list may not vary"
            )
        return truth

    # functions

    def define(self, node: ast.FunctionDef | ast.Lambda, name: str) -> None:
        """Take up a function of the author's."""
        if name in ("d", "partial"):
            raise self.refused(node, "another name", f"a function of the name `{name}`, which stands for derivatives")
        told = node.args
        if told.vararg or told.kwarg:
            raise self.refused(node, "parameters by name", "`*` or `**` in a function")
        parameters = [one.arg for one in (*told.posonlyargs, *told.args, *told.kwonlyargs)]
        positional = parameters[: len(told.posonlyargs) + len(told.args)]
        defaults = dict(zip(positional[::-1], told.defaults[::-1], strict=False))
        defaults |= {
            one.arg: value for one, value in zip(told.kwonlyargs, told.kw_defaults, strict=True) if value is not None
        }
        body = [located(ast.Return(node.body), node.body)] if isinstance(node, ast.Lambda) else node.body
        read = {key: self.expression(value, {}) for key, value in defaults.items()}
        self.functions[name] = AuthorFunction(name, tuple(parameters), read, tuple(body))

    def _inlined(self, call: ast.Call, function: AuthorFunction, names: Names) -> ast.expr:
        arguments = self._arguments(call, function, names)
        if self._calls >= MAX_CALLS:
            raise self.refused(
                call, "functions that do not call themselves", f"`{function.name}` within itself without end"
            )
        self._calls += 1
        try:
            made = self._run(list(function.body), arguments)
        finally:
            self._calls -= 1
        if made is None:
            raise self.refused(call, f"`return` with a value on each way through `{function.name}`")
        return self._counted(made, call)

    def _arguments(self, call: ast.Call, function: AuthorFunction, names: Names) -> dict[str, ast.expr]:
        given = dict(zip(function.parameters, call.args, strict=False))
        for keyword in call.keywords:
            if keyword.arg is None or keyword.arg not in function.parameters or keyword.arg in given:
                raise self.refused(keyword, f"the parameters of `{function.name}`, each once")
            given[keyword.arg] = keyword.value
        missing = [one for one in function.parameters if one not in given and one not in function.defaults]
        if (
            missing
            or len(call.args) > len(function.parameters)
            or any(isinstance(one, ast.Starred) for one in call.args)
        ):
            wanted = ", ".join(function.parameters)
            raise self.refused(call, f"`{function.name}({wanted})`")
        return {**function.defaults, **{name: self.expression(value, names) for name, value in given.items()}}

    def _run(self, body: list[ast.stmt], names: dict[str, ast.expr]) -> ast.expr | None:
        """The value that the body of a function returns, None if it returns none; `names` gets its locals."""
        while body:
            statement, body = body[0], body[1:]
            match statement:
                case _Pass():
                    names |= statement.names
                case ast.Return(value=ast.expr() as value):
                    return self.expression(value, names)
                case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
                    pass
                case ast.Assign(targets=targets, value=value):
                    made = self.expression(value, names)
                    for target in targets:
                        names |= self.bound(target, made)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    names[name] = self.expression(value, names)
                case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                    whole = located(ast.BinOp(target, op, value), statement)
                    names[name] = self.expression(whole, names)
                case ast.For(target=target, iter=loop, body=inside, orelse=[]):
                    body = [*self._passes(target, self.items(loop, names), inside), *body]
                case ast.If(test=test, body=then, orelse=other):
                    condition = self.expression(test, names)
                    truth = self.truth(condition)
                    if truth is not None:
                        body = [*(then if truth else other), *body]
                    elif any(isinstance(one, ast.Return) for part in (*then, *other) for one in ast.walk(part)):
                        return self._either(statement, condition, ([*then, *body], [*other, *body]), names)
                    else:
                        self._merge(statement, condition, names)
                case _:
                    raise self.refused(
                        statement, "assignments, `if`, `for` over fixed values and `return` in a function"
                    )
        return None

    def _passes(self, target: ast.expr, items: list[ast.expr], body: list[ast.stmt]) -> list[ast.stmt]:
        made: list[ast.stmt] = []
        for item in items:
            begun = located(_Pass(), target)
            begun.names = self.bound(target, item)
            made += [begun, *body]
        return made

    def _either(
        self,
        node: ast.AST,
        condition: ast.expr,
        ways: tuple[list[ast.stmt], list[ast.stmt]],
        names: Names,
    ) -> ast.expr | None:
        one, other = (self._run(way, dict(names)) for way in ways)
        return None if one is None or other is None else self.choice(node, condition, one, other)

    def _merge(self, node: ast.If, condition: ast.expr, names: dict[str, ast.expr]) -> None:
        """Run both branches, and let each name stand for what the branch that is taken makes of it."""
        one, other = dict(names), dict(names)
        self._run(node.body, one)
        self._run(node.orelse, other)
        for name in {**one, **other}:
            if name not in one or name not in other:
                names.pop(name, None)
            elif one[name] is not other[name]:
                names[name] = self.choice(node, condition, one[name], other[name])
