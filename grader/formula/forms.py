"""Rewrite the statements of an exercise into basic ones: assignments to one name and `for` over `range`.

What is fixed (loop variables, whole inputs that never change, lengths of inputs) is decided here: loops over lists are
written out, of an `if` on fixed numbers one branch remains. An `if` on values assigns `a if condition else b` to each
name that its branches assign; that expression evaluates the chosen side only, at each point. A loop over a `range`
stays a loop, unless something in it depends on the value of its variable."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from grader.formula.inlining import CannotRewrite, ExpressionInlining, Names, Refuse
from grader.formula.python_trees import Known, NeedsValue, NotFixed, base_of, located, reads, replaced, substituted
from grader.formula.syntax import FormulaFault


class Forms:
    """Rewrites the statements of one program; `faults` is where `refuse` records faults."""

    def __init__(self, known: Known, refuse: Refuse, faults: list[FormulaFault]) -> None:
        self.inlining = ExpressionInlining(known, refuse)
        self.fixed = self.inlining.fixed
        self.refused = self.inlining.refused
        self.faults = faults
        self.defined = set(known.shapes)
        self.branches = 0
        self.grown = self.inlining.grown

    def program(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The basic statements for a program."""
        listed = {
            target.id
            for statement in body
            for node in ast.walk(statement)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.List)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for statement in body:
            for node in ast.walk(statement):
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend"), args=[_]):
                        self.grown.setdefault(name, 0)
                    case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=ast.List()) if name in listed:
                        self.grown.setdefault(name, 0)
        return self.block(body, {})

    def block(self, body: list[ast.stmt], names: Names) -> list[ast.stmt]:
        """The basic statements for some statements. Raises `NeedsValue`."""
        made: list[ast.stmt] = []
        for statement in body:
            try:
                made += self._statement(statement, names)
            except CannotRewrite:
                continue
        return made

    def _statement(self, node: ast.stmt, names: Names) -> list[ast.stmt]:
        match node:
            case ast.FunctionDef(name=name):
                self.inlining.define(node, name)
                return []
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
                self.inlining.define(function, name)
                return []
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=items)) if name in self.grown:
                return [one for item in items for one in self._appended(node, name, item, names)]
            case ast.Expr(ast.Call(func=ast.Attribute(ast.Name(id=name), "append"), args=[item])):
                return self._appended(node, name, item, names)
            case (
                ast.Expr(ast.Call(func=ast.Attribute(ast.Name(id=name), "extend"), args=[more]))
                | ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=more)
            ) if name in self.grown:
                return [
                    one for item in self.inlining.items(more, names) for one in self._appended(node, name, item, {})
                ]
            case ast.Assign(targets=[ast.Name()], value=value) if _is_empty(value):
                return []  # its elements are assigned later
            case ast.Assign(targets=targets, value=value):
                return self._assigned(node, targets, self.inlining.expression(value, names), names)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._assigned(node, [target], self.inlining.expression(value, names), names)
            case ast.AugAssign(target=target, value=value):
                self._forget({base_of(target)})
                read = self.inlining.expression(value, names)
                return [replaced(node, target=self._target(target, names), value=read)]
            case ast.For(target=target, iter=loop, body=body, orelse=[]):
                return self._loop(node, _Loop(target, loop, body), names)
            case ast.If():
                return self._if(node, names)
            case ast.Pass() | ast.AnnAssign() | ast.Expr(value=ast.Constant()):
                return []
            case _:
                return [node]

    # assignments

    def _assigned(self, node: ast.stmt, targets: list[ast.expr], value: ast.expr, names: Names) -> list[ast.stmt]:
        pairs = list(self._pairs(targets[0], value, names))
        made = self._in_order(node, list(pairs))
        for target in targets[1:]:
            # `a = b = value`: the second name is the first one again.
            again = pairs[0][0] if len(pairs) == 1 else value
            made += self._in_order(node, list(self._pairs(target, again, names)))
        return made

    def _pairs(self, target: ast.expr, value: ast.expr, names: Names) -> Iterator[tuple[ast.expr, ast.expr]]:
        if isinstance(target, ast.Tuple | ast.List):
            for part, one in zip(target.elts, self.inlining.parts(value, len(target.elts), target), strict=True):
                yield from self._pairs(part.value if isinstance(part, ast.Starred) else part, one, names)
        else:
            yield self._target(target, names), value

    def _target(self, target: ast.expr, names: Names) -> ast.expr:
        if isinstance(target, ast.Subscript):
            return replaced(target, slice=self.inlining.key(target.slice, names))
        return target

    def _in_order(self, node: ast.stmt, pairs: list[tuple[ast.expr, ast.expr]]) -> list[ast.stmt]:
        """Assign several values at once: a name that other values read is assigned after them."""
        made: list[ast.stmt] = []
        while pairs:
            free = next(
                (
                    at
                    for at, (target, _) in enumerate(pairs)
                    if not any(reads(value, target) for to, (_, value) in enumerate(pairs) if to != at)
                ),
                None,
            )
            if free is None:
                raise self.refused(node, "one assignment after the other, with names of their own for the new values")
            target, value = pairs.pop(free)
            self._note(target, value)
            made.append(located(ast.Assign([target], value), node))
        return made

    def _note(self, target: ast.expr, value: ast.expr) -> None:
        """Keep what is known of a name: that it exists, its number if that is fixed, its length if it is a list."""
        first = not self._exists(target)
        self._forget({base_of(target)})
        self.defined.add(ast.unparse(target))
        if isinstance(target, ast.Name) and isinstance(value, ast.List) and not self.branches:
            self.inlining.lists[target.id] = len(value.elts)
        if not isinstance(target, ast.Name) or not first:
            return
        if isinstance(value, ast.List | ast.Tuple):
            self.fixed.shapes[target.id] = (len(value.elts),)
        with contextlib.suppress(NotFixed, NeedsValue):
            self.fixed.numbers[target.id] = self.fixed.whole(value)

    def _forget(self, names: set[str]) -> None:
        for name in names - self.fixed.inputs:
            self.fixed.numbers.pop(name, None)
            self.fixed.shapes.pop(name, None)
            self.inlining.lists.pop(name, None)

    def _appended(self, node: ast.stmt, name: str, item: ast.expr, names: Names) -> list[ast.stmt]:
        """The assignment of the next element of a list: which it is must be known."""
        if self.fixed.open:
            raise NeedsValue(self.fixed.open[-1])
        if self.branches:
            raise self.refused(node, "elements by their index: the length of a list may not depend on values")
        value = self.inlining.expression(item, names)
        target = ast.Subscript(located(ast.Name(name), node), located(ast.Constant(self.grown[name]), node))
        self.grown[name] += 1
        self.fixed.shapes[name] = (self.grown[name],)
        self.defined.add(name)
        return [located(ast.Assign([located(target, node)], value), node)]

    # loops

    def _loop(self, node: ast.For, loop: _Loop, names: Names) -> list[ast.stmt]:
        short = self._over_range(node, loop)
        if short is None or self.branches:
            return self._written_out(loop, names)
        variable, passes, also = short
        recorded, defined, functions = len(self.faults), set(self.defined), dict(self.inlining.functions)
        self._forget({base_of(target) for inner in loop.body for target in _targets(inner)})
        self.fixed.open.append(variable)
        hidden = {name: value for name, value in names.items() if name != variable}
        try:
            body = self.block(loop.body, {**hidden, **also})
        except NeedsValue as needed:
            del self.faults[recorded:]
            self.defined, self.inlining.functions = defined, functions
            if needed.variable != variable:
                raise
        else:
            return [replaced(node, target=located(ast.Name(variable), node), iter=self._ends(passes, names), body=body)]
        finally:
            self.fixed.open.pop()
        return self._written_out(loop, names)

    def _over_range(self, node: ast.For, loop: _Loop) -> tuple[str, ast.expr, dict[str, ast.expr]] | None:
        """The variable and the `range` of a loop that can stay one, and what the other names of its target stand for;
        None for a loop that is to be written out."""
        match loop.target, loop.over:
            case ast.Name(id=variable), over if _ranges(over):
                return variable, over, {}
            case ast.Tuple(elts=[ast.Name(id=variable), ast.Name(id=item)]), ast.Call(
                func=ast.Name(id="enumerate"), args=[ast.Name(id=over) as array], keywords=[]
            ) if over in self.fixed.inputs and over not in self.fixed.lists:
                ends: list[ast.expr] = (
                    [located(ast.Constant(self.fixed.shapes[over][0]), array)] if self.fixed.shapes[over] else []
                )
                passes = located(ast.Call(located(ast.Name("range"), array), [*ends], []), array)
                return variable, passes, {item: located(ast.Subscript(array, loop.target.elts[0]), node)}
            case _:
                return None

    def _ends(self, passes: ast.expr, names: Names) -> ast.expr:
        """A `range` whose ends the reader of the program can evaluate."""
        assert isinstance(passes, ast.Call)
        if isinstance(passes.func, ast.Name) and passes.func.id == "reversed":
            return replaced(passes, args=[self._ends(passes.args[0], names)])
        ends = [self.inlining.number(self.inlining.expression(end, names)) for end in passes.args]
        return replaced(passes, args=ends)

    def _written_out(self, loop: _Loop, names: Names) -> list[ast.stmt]:
        for part in ast.walk(loop.target):
            if isinstance(part, ast.Name) and part.id in self.defined:
                raise self.refused(part, "a new name", f"the loop variable `{part.id}` a second time")
        made: list[ast.stmt] = []
        for item in self.inlining.items(loop.over, names):
            made += self.block(loop.body, {**names, **self.inlining.bound(loop.target, item)})
        return made

    # branches

    def _if(self, node: ast.If, names: Names) -> list[ast.stmt]:
        condition = self.inlining.expression(node.test, names)
        truth = self.inlining.truth(condition)
        if truth is not None:
            return self.block(node.body if truth else node.orelse, names)
        recorded = len(self.faults)
        one, other = (self._branch(body, names) for body in (node.body, node.orelse))
        if self.faults[recorded:]:
            raise CannotRewrite
        self._forget({base_of(target) for target, _ in (*one, *other)})
        return self._merged(node, condition, (one, other))

    def _branch(self, body: list[ast.stmt], names: Names) -> _Way:
        before = set(self.defined)
        self.branches += 1
        try:
            return [self._single(one) for one in self.block(body, names)]
        finally:
            self.branches -= 1
            self.defined = before

    def _single(self, node: ast.stmt) -> tuple[ast.expr, ast.expr]:
        match node:
            case ast.Assign(targets=[target], value=value):
                return target, value
            case ast.AugAssign(target=target, op=op, value=value):
                return target, located(ast.BinOp(target, op, value), node)
        raise self.refused(node, "assignments only, where the condition depends on values")

    def _merged(self, node: ast.If, condition: ast.expr, ways: tuple[_Way, _Way]) -> list[ast.stmt]:
        """One assignment for each name that both branches assign, or that has a value before.

        What a branch assigns for its own use only is put into what reads it. What both branches assign for the first
        time is a quantity of its own, which later lines read by its name."""
        keys = [[ast.unparse(target) for target, _ in way] for way in ways]
        new = {key for key in keys[0] if keys[0].count(key) == keys[1].count(key) == 1} - self.defined
        one, other = (self._values(way, new) for way in ways)
        made: list[tuple[ast.expr, ast.expr]] = []
        for key in dict.fromkeys((*one, *other)):
            target = (one.get(key) or other[key])[0]
            if (key in one and key in other) or self._exists(target):
                sides = (side[key][1] if key in side else target for side in (one, other))
                made.append((target, self.inlining.choice(node, condition, *sides)))
            elif not any(reads(value, target) for way in ways for _, value in way):
                raise self.refused(target, f"a value of `{key}` where the condition does not hold as well: `else:`")
        for at, (_, value) in enumerate(made):
            changed = [(to, target) for to, (target, _) in enumerate(made) if to != at and reads(value, target)]
            if any((to < at) is not (ast.unparse(target) in new) for to, target in changed):
                raise self.refused(
                    node, "branches that assign in the same order, and change nothing that they still read"
                )
        self.defined |= {ast.unparse(target) for target, _ in made}
        return [located(ast.Assign([target], value), target) for target, value in made]

    def _exists(self, target: ast.expr) -> bool:
        return bool({base_of(target), ast.unparse(target)} & self.defined)

    def _values(self, way: _Way, new: set[str]) -> dict[str, tuple[ast.expr, ast.expr]]:
        """The target and the value of each name at the end of a branch, over the names from before it and `new`."""
        made: dict[str, tuple[ast.expr, ast.expr]] = {}
        for target, value in way:
            held = {key: one for key, (_, one) in made.items() if key not in new}
            rest = substituted(value, dict.fromkeys(held, ast.Constant(0)))
            if any(reads(rest, made[key][0]) for key in held):
                raise self.refused(value, "what the lines above it in the branch do not change in part")
            made[ast.unparse(target)] = target, substituted(value, held)
        return made


_Way = list[tuple[ast.expr, ast.expr]]
"""What a branch assigns: targets and values."""


@dataclass(frozen=True, slots=True)
class _Loop:
    target: ast.expr
    over: ast.expr
    body: list[ast.stmt]


def _targets(node: ast.stmt) -> Iterator[ast.expr]:
    """Every target assigned anywhere in a statement."""
    for inner in ast.walk(node):
        match inner:
            case ast.Assign(targets=targets):
                yield from (part for target in targets for part in ast.walk(target) if isinstance(part, ast.expr))
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                yield target


def _is_empty(value: ast.expr) -> bool:
    """Whether a value only declares what is assigned element by element: `{}`, `[]`, `[None] * n`."""
    match value:
        case ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.BinOp(left=ast.List(elts=[ast.Constant(value=None)]), op=ast.Mult()):
            return True
        case _:
            return False


def _ranges(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="reversed"), args=[inner], keywords=[]):
            return _ranges(inner)
        case ast.Call(func=ast.Name(id="range"), args=[_, *_], keywords=[]):
            return True
        case _:
            return False
