"""Changes for lines that cannot be read, found from clues in the source that may need several lines changed: a view of
an array that changes with it, or a quantity that is read nowhere.

Each is tried by running the submission, like the changes of one statement.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from textwrap import dedent

from grader.diagnosis.source_writer import SourceEdit
from grader.formula.syntax import Place
from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import nodes_of

UNREAD = 4
"""How many unread names are tried as a missing factor."""

PLACES = 4
"""How many operands are tried to which a factor may be missing."""

Change = tuple[ast.expr, str]
"""A node of the source, and the text that replaces it."""


def edits_across(source: str, tree: ast.Module, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield changes of a statement and of those that feed it, within their function; `names` may be inserted."""
    scope = _Scope(source, tree, statement)
    yield from _copied(scope)
    yield from _forgotten(scope, names)
    yield from _exchanged(scope)
    yield from _parts_exchanged(scope)


@dataclass(frozen=True)
class _Scope:
    """The function, class body or top level that contains `statement`."""

    source: str
    tree: ast.Module
    statement: ast.stmt

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return tuple(lines_of(self.source))

    @cached_property
    def around(self) -> ast.FunctionDef | ast.ClassDef | None:
        holding = (one for one in reversed(_scopes(self.tree)) if _holds(one, self.statement))
        return next((one for one in holding if one is not self.statement), None)

    @cached_property
    def operations(self) -> tuple[ast.BinOp | ast.Attribute, ...]:
        """All sums, products and attributes of the cell."""
        return tuple(node for node in nodes_of(self.tree) if isinstance(node, ast.BinOp | ast.Attribute))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return tuple(one.arg for one in self.around.args.args) if isinstance(self.around, ast.FunctionDef) else ()

    @cached_property
    def statements(self) -> tuple[ast.stmt, ...]:
        """The simple statements of this scope in source order, without those of nested functions."""
        body = (self.tree if self.around is None else self.around).body
        return tuple(_plain(body))

    @cached_property
    def feeding(self) -> tuple[ast.stmt, ...]:
        """The statement, and those that compute what it reads, directly or indirectly, in source order."""
        needed, found = _read(self.statement), {self.statement}
        while True:
            more = {one for one in self.statements if one not in found and _bound(one) & needed}
            if not more:
                return tuple(one for one in self.statements if one in found) or (self.statement,)
            found |= more
            needed = needed.union(*map(_read, more))

    def text(self, node: ast.expr | ast.stmt) -> str:
        return ast.get_source_segment(self.source, node) or ""

    def edit(self, changes: Sequence[Change], message: str) -> SourceEdit:
        """Return one edit of all lines from the first to the last changed statement; only changed ones are shown."""
        nodes = [node for node, _ in changes]
        changed = [one for one in self.statements if any(_is_in(node, one) for node in nodes)]
        first, last = changed[0], changed[-1]
        end_line = last.end_lineno or last.lineno
        start = character_column(self.lines[first.lineno - 1], first.col_offset)
        end = character_column(self.lines[end_line - 1], last.end_col_offset or 0)
        text = self._with(changes, first, last)
        shown = "\n".join(dedent(" " * one.col_offset + self._with(changes, one, one)) for one in changed)
        return SourceEdit(Place(first.lineno, start, end_line, end), text, message, shown)

    def _with(self, changes: Sequence[Change], first: ast.stmt, last: ast.stmt) -> str:
        """Return the text from one statement to another with the changes applied."""
        lines = [line.encode() for line in self.lines]
        end_line, end = last.end_lineno or last.lineno, last.end_col_offset or 0
        lines[end_line - 1] = lines[end_line - 1][:end]
        for node, new in sorted(changes, key=lambda one: (one[0].lineno, one[0].col_offset), reverse=True):
            if not (_is_in(node, first) or _is_in(node, last) or first.lineno < node.lineno < last.lineno):
                continue
            head, tail = lines[node.lineno - 1][: node.col_offset], lines[(node.end_lineno or 1) - 1]
            lines[node.lineno - 1 : node.end_lineno] = [head + new.encode() + tail[node.end_col_offset :]]
            end_line -= (node.end_lineno or 1) - node.lineno
        lines[first.lineno - 1] = lines[first.lineno - 1][first.col_offset :]
        return b"\n".join(lines[first.lineno - 1 : end_line]).decode()


def _scopes(tree: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def _holds(outer: ast.stmt, inner: ast.stmt) -> bool:
    return any(node is inner for node in ast.walk(outer))


def _plain(body: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    blocks = ast.stmt | ast.excepthandler | ast.match_case
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        inner = [one for one in ast.iter_child_nodes(node) if isinstance(one, blocks)]
        if inner:
            yield from _plain(inner)
        elif isinstance(node, ast.stmt):
            yield node


def _is_in(node: ast.expr, statement: ast.stmt) -> bool:
    return _begins(statement) <= _begins(node) and _ends(node) <= _ends(statement)


def _begins(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _ends(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _read(node: ast.stmt) -> set[str]:
    """Return the names a statement reads, including the target of an augmented assignment."""
    named = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    return named | (_bound(node) if isinstance(node, ast.AugAssign) else set())


def _bound(node: ast.stmt) -> set[str]:
    """Return the names a statement binds or whose value it changes."""
    match node:
        case ast.Assign(targets=targets):
            pass
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            targets = [target]
        case _:
            return set()
    found = set()
    for part in (part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])):
        while isinstance(part, ast.Subscript | ast.Attribute):
            part = part.value
        if isinstance(part, ast.Name):
            found.add(part.id)
    return found


def _copied(scope: _Scope) -> Iterator[SourceEdit]:
    """Yield `x = xs[i, :]` as a copy if a later statement changes entries of `xs`."""
    method = "clone" if re.search(r"\btorch\b", scope.source) and not re.search(r"\bnumpy\b", scope.source) else "copy"
    for made in scope.feeding:
        for name, value in _bindings(made):
            base = value.value if isinstance(value, ast.Subscript) else value
            if not isinstance(base, ast.Name) or not any(
                _changes_part(later, base.id) for later in scope.statements if later.lineno > made.lineno
            ):
                continue
            message = f"`{name}` is a part of `{base.id}` and changes with it: what follows needs it as it was, a copy."
            yield scope.edit([(value, f"{scope.text(value)}.{method}()")], message)


def _bindings(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            for target, value in zip(targets, values, strict=False):
                if isinstance(target, ast.Name):
                    yield target.id, value


def _changes_part(statement: ast.stmt, name: str) -> bool:
    """Whether a statement changes the value of a name in place."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AugAssign):
        targets = [statement.target]
        if isinstance(statement.target, ast.Name):
            return statement.target.id == name
    return any(isinstance(one, ast.Subscript) and _is_name(one.value, name) for one in targets)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _forgotten(scope: _Scope, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield edits that insert an unread name as a factor: of one operand in the statement, or of that operand at all
    its places in the statement and those that feed it."""
    places, unread = _factors(scope), _unread(scope, names)
    for everywhere in (False, True):
        for text, nodes in places.items():
            there = nodes if everywhere else [one for one in nodes if _is_in(one, scope.statement)]
            if len(there) != 1 if not everywhere else len(there) < 2:
                continue
            for name in unread:
                for factor in _entries(name, there[0]):
                    changes = [(node, _product(scope, node, f"{text} * {factor}")) for node in there]
                    many = f", at {len(there)} places" if everywhere else ""
                    message = f"A factor is missing{many}: `{text} * {factor}` is needed where `{text}` stands."
                    yield scope.edit(changes, message)


def _factors(scope: _Scope) -> dict[str, list[ast.expr]]:
    """Return the names and entries that the statement reads, with all their nodes there and in what feeds it."""
    found: dict[str, list[ast.expr]] = {}
    for one in scope.feeding:
        for node in _values(one):
            found.setdefault(scope.text(node), []).append(node)
    read = [text for text, nodes in found.items() if any(_is_in(node, scope.statement) for node in nodes)]
    return {text: found[text] for text in read[:PLACES]}


def _values(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the names and entries a statement computes with, except in indices and called functions."""
    waiting: list[ast.AST] = [value] if isinstance(value := getattr(statement, "value", None), ast.expr) else []
    while waiting:
        node = waiting.pop(0)
        match node:
            case ast.Name() | ast.Subscript(value=ast.Name()):
                yield node
            case ast.Call(args=arguments):
                waiting += arguments
                waiting += [node.func.value] if isinstance(node.func, ast.Attribute) else []
            case ast.BinOp() | ast.UnaryOp() | ast.Compare():
                waiting += list(ast.iter_child_nodes(node))


def _unread(scope: _Scope, names: Sequence[str]) -> list[str]:
    """Return those of `names` that the feeding statements neither read nor bind: parameters first, then in order of
    first binding."""
    known = set().union(*map(_read, scope.feeding), *map(_bound, scope.feeding))
    loops = (node.target for node in ast.walk(scope.tree) if isinstance(node, ast.For | ast.comprehension))
    known |= {part.id for target in loops for part in ast.walk(target) if isinstance(part, ast.Name)}
    first = {name: number for number, one in reversed(list(enumerate(scope.statements))) for name in _bound(one)}
    left = [name for name in names if name not in known]
    return sorted(left, key=lambda name: (name not in scope.parameters, first.get(name, -1)))[:UNREAD]


def _entries(name: str, beside: ast.expr) -> Iterator[str]:
    """Yield a name indexed with some of the keys of the operand `beside`, and the name itself last."""
    keys: list[str] = []
    if isinstance(beside, ast.Subscript):
        within = beside.slice.elts if isinstance(beside.slice, ast.Tuple) else [beside.slice]
        keys = [one.id for one in within if isinstance(one, ast.Name)]
    for many in range(len(keys), -1, -1):
        for some in combinations(keys, many):
            yield f"{name}[{', '.join(some)}]" if some else name


def _product(scope: _Scope, node: ast.expr, text: str) -> str:
    """Return the product `text` as it replaces `node`, in brackets if precedence requires them."""
    for part in scope.operations:
        match part:
            case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult(), right) if node in (left, right):
                return text
            case ast.BinOp(left, ast.Div(), _) if node is left:
                return text
            case ast.BinOp(left, _, right) if node in (left, right):
                return f"({text})"
            case ast.Attribute(owner) if owner is node:
                return f"({text})"
    return text


def _exchanged(scope: _Scope) -> Iterator[SourceEdit]:
    """Yield edits that replace a parameter with an unread one; then also with the replaced one as a factor of the
    result."""
    if not isinstance(scope.around, ast.FunctionDef):
        return
    read = {node.id for node in ast.walk(scope.around) if isinstance(node, ast.Name)}
    for unread in (one for one in scope.parameters if one not in read):
        for one in scope.feeding:
            nodes = [node for node in _values(one) if isinstance(node, ast.Name) and node.id in scope.parameters]
            for node in nodes:
                changes: list[Change] = [(node, unread)]
                said = f"`{unread}` is needed where `{node.id}` stands"
                yield scope.edit(changes, f"{said}.")
                whole = getattr(scope.statement, "value", None)
                if one is scope.statement or not isinstance(whole, ast.expr):
                    continue
                for text in _multiplied(scope, whole, node.id):
                    yield scope.edit([*changes, (whole, text)], f"{said}, and `{node.id}` is missing as a factor.")


def _parts_exchanged(scope: _Scope) -> Iterator[SourceEdit]:
    """Yield edits that exchange two targets: parts of an array, `da[:, :H] = d; da[:, H:] = e`, or names that are bound
    one after the other, `di = dc * i; dg = dc * g`."""
    named = _read(scope.statement) | _bound(scope.statement)
    parts: dict[str, list[ast.Subscript]] = {}
    for one in scope.statements:
        match one:
            case ast.Assign([ast.Subscript(ast.Name(array)) as target]) if array in named:
                parts.setdefault(array, []).append(target)
    pairs: list[tuple[ast.expr, ast.expr]] = [
        pair for targets in parts.values() for pair in combinations(targets[:PARTS], 2)
    ]
    for one, other in pairwise(scope.feeding):
        match one, other:
            case ast.Assign([ast.Name() as first]), ast.Assign([ast.Name() as second]):
                if other.lineno == (one.end_lineno or one.lineno) + 1 and first.id not in _read(other):
                    pairs.append((first, second))
    for left, right in pairs:
        here, there = scope.text(left), scope.text(right)
        if here != there:
            yield scope.edit([(left, there), (right, here)], f"`{here}` and `{there}` are exchanged.")


PARTS = 6
"""How many parts of an array are exchanged with one another, at most."""


def _multiplied(scope: _Scope, whole: ast.expr, name: str) -> Iterator[str]:
    text = scope.text(whole)
    inner = text if isinstance(whole, ast.Name | ast.Call | ast.Subscript | ast.Attribute) else f"({text})"
    dot = re.search(r"\b(np|numpy)\.dot\(", scope.source)
    if dot and "@" not in scope.source:
        yield f"{dot[1]}.dot({text}, {name})"
        yield f"{dot[1]}.dot({name}, {text})"
    else:
        yield f"{inner} @ {name}"
        yield f"{name} @ {inner}"
    yield f"{inner} * {name}"
