"""Small changes of a statement as it is typed, for lines whose formula cannot be read.

What is there is taken away, moved, turned round or exchanged; of numbers only the 2 of a square's derivative is put
in. What is likely comes first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent

from grader.formula.syntax import Place
from grader.runner.site import Position
from grader.submission.spans import character_column, lines_of


@dataclass(frozen=True, slots=True)
class SourceEdit:
    """`place` becomes `text`, with what is said of it. Where a statement is moved, or a name is changed at several
    places, `lines` has what stands there afterwards, in order. It is `shown` at the statement that is repaired, where
    that is not where `place` begins."""

    place: Place
    text: str
    message: str
    lines: str = ""
    shown: Place | None = None


def statement_at(tree: ast.Module, position: Position) -> ast.stmt | None:
    """The innermost statement that begins at a site."""
    found: ast.stmt | None = None
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno == position[0] and node.col_offset == position[1]:
            found = node
    return found


def source_edits(source: str, tree: ast.Module, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """All small changes of a statement of a source's tree; `names` are what may stand in one another's place."""
    writer = _Writer(source, tree)
    nodes = list(_expressions(statement))
    yield from _moved(writer, statement)
    yield from _taken_away(writer, statement, nodes)
    for node in nodes:
        yield from _regrouped(writer, node)
    yield from _doubled(writer, statement, nodes)
    yield from _exchanged(writer, statement, nodes, names)
    yield from _turned_round(writer, nodes)
    yield from _grown(writer, statement, nodes, names)


class _Writer:
    """Reads and writes parts of a source by the nodes of its tree."""

    def __init__(self, source: str, tree: ast.Module) -> None:
        self._source, self._lines = source, lines_of(source)
        self.tree = tree
        self._above = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def text(self, node: ast.expr | ast.stmt) -> str:
        return ast.get_source_segment(self._source, node) or ""

    def place(self, node: ast.expr | ast.stmt) -> Place:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        start = character_column(self._lines[node.lineno - 1], node.col_offset)
        return Place(node.lineno, start, end_line, character_column(self._lines[end_line - 1], end_column))

    def operand(self, node: ast.expr, sign: str, at_the_right: bool = False) -> str:
        """The text of an operand, in brackets where it would come apart."""
        return _bracketed(self.text(node), _strength(node), _STRENGTH[sign] + at_the_right)

    def instead(self, node: ast.expr, text: str, strength: int) -> SourceEdit:
        """Another expression, which binds as tightly as `strength` says, in the place of one."""
        return SourceEdit(self.place(node), self._fitting(node, text, strength), _needed(text, self.text(node)))

    def taken(self, node: ast.expr, kept: ast.expr, what: str) -> SourceEdit:
        text = self._fitting(node, self.text(kept), _strength(kept))
        return SourceEdit(self.place(node), text, f"There is {what} too many in `{self.text(node)}`.")

    def _fitting(self, node: ast.expr, text: str, strength: int) -> str:
        match self._above.get(node):
            case ast.BinOp(left, operator, _):
                least = _STRENGTH[_SIGN[type(operator)]] + (left is not node)
            case ast.UnaryOp():
                least = _STRENGTH["-x"]
            case ast.Attribute():
                least = _STRENGTH["x"]
            case ast.Subscript(value=value) if value is node:
                least = _STRENGTH["x"]
            case _:
                least = 0
        return _bracketed(text, strength, least)

    def before(self, statement: ast.stmt) -> str:
        """What stands on the line before a statement: its indentation, where it is the first."""
        return self._lines[statement.lineno - 1][: self.place(statement).column - 1]

    def lines(self, first: int, last: int) -> list[str]:
        return list(self._lines[first - 1 : last])

    def head(self, loop: ast.For | ast.While) -> str:
        """The line that begins a loop."""
        return self._lines[loop.lineno - 1].strip()

    def first_line(self, statement: ast.stmt) -> str:
        """The line that begins a statement, of which a message quotes no more."""
        return self.text(statement).split("\n")[0]

    def loops(self, statement: ast.stmt) -> Iterator[ast.For | ast.While]:
        """The loops a statement stands in, the inner ones first."""
        node: ast.AST | None = statement
        while node is not None:
            node = self._above.get(node)
            if isinstance(node, ast.For | ast.While):
                yield node

    @property
    def counters(self) -> frozenset[str]:
        """The names that loops count with: none of them stands for an array, nor an array for one."""
        loops = (node for node in ast.walk(self.tree) if isinstance(node, ast.For | ast.comprehension))
        counting = (one for one in loops if isinstance(one.iter, ast.Call) and _is_counting(one.iter.func))
        return frozenset(one.target.id for one in counting if isinstance(one.target, ast.Name))

    def next_to(self, statement: ast.stmt) -> tuple[ast.stmt | None, ast.stmt | None]:
        """The statements before and after one, in the same block."""
        above = self._above.get(statement)
        for block in (getattr(above, "body", []), getattr(above, "orelse", [])):
            if statement in block:
                at = block.index(statement)
                return (block[at - 1] if at else None), (block[at + 1] if at + 1 < len(block) else None)
        return None, None


_SIGN: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.MatMult: "@",
    ast.Pow: "**", ast.BitXor: "^", ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_STRENGTH = {
    "": 0, "<": 2, "|": 3, "^": 4, "&": 5, "<<": 6, ">>": 6, "+": 7, "-": 7, "*": 8, "/": 8, "//": 8, "%": 8, "@": 8,
    "-x": 9, "**": 10, "x": 12,
}  # fmt: skip
"""How tightly operators bind: `-x` is a sign, `x` what needs no brackets anywhere."""


def _is_counting(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id in ("range", "reversed")


def _strength(node: ast.expr) -> int:
    match node:
        case ast.BinOp(_, operator, _):
            return _STRENGTH[_SIGN[type(operator)]]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            return _STRENGTH["-x"]
        case ast.Compare():
            return _STRENGTH["<"]
        case ast.Constant() | ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call() | ast.List() | ast.Dict():
            return _STRENGTH["x"]
        case _:
            return _STRENGTH[""]


def _bracketed(text: str, strength: int, least: int) -> str:
    return text if strength >= least else f"({text})"


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions whose values the statement is made of, outer ones first; what it binds is none."""
    match statement:
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.Expr(value=value):
            yield from _within(value)
        case ast.Return(value=value) | ast.AnnAssign(value=value) if value is not None:
            yield from _within(value)
        case ast.If(test=test) | ast.While(test=test):
            yield from _within(test)


_READ = (ast.Load, type(None))
"""The contexts of what is read, and of what is neither bound nor read by itself."""


def _within(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions that have a value: a comprehension's target has none."""
    for part in ast.walk(node):
        read = isinstance(getattr(part, "ctx", None), _READ)
        if isinstance(part, ast.expr) and not isinstance(part, ast.Slice) and read:
            yield part


def _taken_away(writer: _Writer, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    for node in nodes:
        for kept, what in _kept(node):
            if not _binds_to_itself(writer, statement, node, kept):
                yield writer.taken(node, kept, what)


def _binds_to_itself(writer: _Writer, statement: ast.stmt, node: ast.expr, kept: ast.expr) -> bool:
    """Whether all that is left is `x = x`."""
    if not isinstance(statement, ast.Assign) or node is not statement.value:
        return False
    return any(writer.text(kept) == writer.text(target) for target in statement.targets)


def _moved(writer: _Writer, statement: ast.stmt) -> Iterator[SourceEdit]:
    """A statement after or before the one beside it, and a `return` after the loop it ends."""
    earlier, later = writer.next_to(statement)
    for one, other in ((statement, later), (earlier, statement)):
        if one is not None and other is not None and one.end_lineno != other.lineno:
            start, end = writer.place(one), writer.place(other)
            text = f"{writer.text(other)}\n{writer.before(one)}{writer.text(one)}"
            message = f"`{writer.first_line(one)}` comes too early: the next line needs what was there before."
            lines = f"{writer.text(other)}\n{writer.text(one)}"
            both = Place(start.line, start.column, end.end_line, end.end_column)
            yield SourceEdit(both, text, message, lines, writer.place(statement))
    for loop in writer.loops(statement):
        last = loop.body[-1]
        if isinstance(last, ast.Return) and last.lineno > loop.lineno:
            end = writer.place(last)
            text = f"{writer.before(loop)}{writer.text(last)}"
            message = f"`{writer.text(last)}` stands inside the loop, so the loop ends after its first pass."
            lines = f"{writer.head(loop)}\n    ...\n{writer.text(last)}"
            yield SourceEdit(Place(end.line, 1, end.end_line, end.end_column), text, message, lines)


def _kept(node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """What is left of an expression when a part goes, and what that part is."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.MatMult(), right):
            yield left, "a factor"
            yield right, "a factor"
        case ast.BinOp(left, ast.Div() | ast.FloorDiv(), _):
            yield left, "a divisor"
        case ast.BinOp(left, ast.Add(), right):
            yield left, "a summand"
            yield right, "a summand"
        case ast.BinOp(left, ast.Sub(), _):
            yield left, "a summand"
        case ast.UnaryOp(ast.USub(), operand):
            yield operand, "a sign"
        case ast.Attribute(value, "T"):
            yield value, "a transpose"
        case ast.Call(ast.Attribute(value, "mean" | "sum" | "transpose" | "detach"), _, _):
            yield value, "a call"
        case ast.Call(_, [argument], []):
            yield argument, "a call"


def _exchanged(
    writer: _Writer, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """One name for another: at one place, at all its places in the statement, in all of the loop around it."""
    read = _names_read(nodes)
    counters = writer.counters
    for node in read:
        for name in names:
            if name != node.id and (name in counters) == (node.id in counters):
                yield writer.instead(node, name, _STRENGTH["x"])
    around = next(writer.loops(statement), None)
    inside = [] if around is None else [one for one in ast.walk(around) if isinstance(one, ast.expr)]
    for within in (read, _names_read(inside)):
        for old in dict.fromkeys(node.id for node in read):
            everywhere = [node for node in within if node.id == old]
            for name in names if len(everywhere) > 1 else ():
                if name != old and (name in counters) == (old in counters):
                    yield _everywhere(writer, everywhere, name)


def _names_read(nodes: Sequence[ast.expr]) -> list[ast.Name]:
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    named = (node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return [node for node in named if node not in called]


def _everywhere(writer: _Writer, nodes: Sequence[ast.Name], name: str) -> SourceEdit:
    """Another name at all these places: the lines from the first to the last of them, written anew."""
    places = sorted(map(writer.place, nodes), key=lambda one: (one.line, one.column), reverse=True)
    first, last = places[-1].line, places[0].line
    lines = writer.lines(first, last)
    for place in places:
        line = lines[place.line - first]
        lines[place.line - first] = line[: place.column - 1] + name + line[place.end_column - 1 :]
    indent = len(lines[0]) - len(lines[0].lstrip())
    text = "\n".join(lines)
    message = f"`{nodes[0].id}` stands where `{name}` is needed, at all its places."
    end = len(writer.lines(last, last)[0])
    return SourceEdit(Place(first, indent + 1, last, end + 1), text[indent:], message, dedent(text))


_SIGNS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-", "*"),
    ast.Sub: ("+", "*"),
    ast.Mult: ("@", "/", "+", "-"),
    ast.MatMult: ("*",),
    ast.Div: ("*",),
    ast.FloorDiv: ("/",),
    ast.BitXor: ("**",),
    ast.Pow: ("*",),
}


_OPPOSITE: dict[type[ast.cmpop], str] = {ast.Lt: ">", ast.Gt: "<", ast.LtE: ">=", ast.GtE: "<="}


def _turned_round(writer: _Writer, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Signs, operators and orders."""
    for node in nodes:
        match node:
            case ast.BinOp(left, operator, right):
                for sign in _SIGNS.get(type(operator), ()):
                    yield _joined(writer, node, left, sign, right)
                if isinstance(operator, ast.Sub | ast.Div | ast.MatMult):
                    yield _joined(writer, node, right, _SIGN[type(operator)], left)
            case ast.Compare(left, [operator], [right]) if type(operator) in _OPPOSITE:
                text = f"{writer.text(left)} {_OPPOSITE[type(operator)]} {writer.text(right)}"
                yield writer.instead(node, text, _STRENGTH["<"])
    for node in nodes:
        if isinstance(node, ast.BinOp | ast.Name | ast.Attribute | ast.Subscript | ast.Call):
            text = f"-{_bracketed(writer.text(node), _strength(node), _STRENGTH['-x'])}"
            message = f"The sign of `{writer.text(node)}` is wrong."
            yield replace(writer.instead(node, text, _STRENGTH["-x"]), message=message)


def _joined(writer: _Writer, node: ast.expr, left: ast.expr, sign: str, right: ast.expr) -> SourceEdit:
    text = f"{writer.operand(left, sign)} {sign} {writer.operand(right, sign, True)}"
    return writer.instead(node, text, _STRENGTH[sign])


def _needed(after: str, before: str) -> str:
    return f"`{before}` stands where `{after}` is needed."


def _regrouped(writer: _Writer, node: ast.expr) -> Iterator[SourceEdit]:
    """`a * (b + c)` as `b + a * c` and `a * b + c`, `f(b + c)` as `b + f(c)` and `f(b) + c`: brackets that hold too
    much."""
    match node:
        case ast.BinOp(outer, ast.Mult(), ast.BinOp(left, ast.Add() | ast.Sub() as operator, right)) | ast.BinOp(
            ast.BinOp(left, ast.Add() | ast.Sub() as operator, right), ast.Mult(), outer
        ):
            texts = [f"{writer.operand(outer, '*')} * {writer.operand(one, '*', True)}" for one in (left, right)]
        case ast.Call(function, [ast.BinOp(left, ast.Add() | ast.Sub() as operator, right)], []):
            texts = [f"{writer.text(function)}({writer.text(one)})" for one in (left, right)]
        case _:
            return
    sign = _SIGN[type(operator)]
    yield writer.instead(node, f"{writer.operand(left, sign)} {sign} {texts[1]}", _STRENGTH[sign])
    yield writer.instead(node, f"{texts[0]} {sign} {writer.operand(right, sign, True)}", _STRENGTH[sign])


def _doubled(writer: _Writer, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """The factor of a square's slope."""
    if nodes and isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        yield writer.instead(nodes[0], f"2 * {writer.operand(nodes[0], '*')}", _STRENGTH["*"])


def _grown(
    writer: _Writer, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """A transpose, a copy, a factor or a summand that is missing."""
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            yield writer.instead(node, f"{writer.text(node)}.T", _STRENGTH["x"])
        if isinstance(node, ast.Subscript):
            yield writer.instead(node, f"{writer.text(node)}.copy()", _STRENGTH["x"])
    if not nodes or not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        return
    whole = nodes[0]
    for name in names:
        for sign in ("*", "/", "@"):
            yield writer.instead(whole, f"{writer.operand(whole, sign)} {sign} {name}", _STRENGTH[sign])
    summands = dict.fromkeys(writer.text(node) for node in _parts_near(writer, statement))
    for node in nodes:
        if isinstance(node, ast.Name | ast.Subscript) or _is_negative(node):
            inner, negative = (node.operand, True) if isinstance(node, ast.UnaryOp) else (node, False)
            for part in summands:
                text = writer.operand(inner, "-", True)
                yield writer.instead(node, f"{part} - {text}" if negative else f"{text} - {part}", _STRENGTH["-"])
                if not negative:
                    yield writer.instead(node, f"{text} + {part}", _STRENGTH["+"])


def _is_negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _parts_near(writer: _Writer, statement: ast.stmt) -> list[ast.expr]:
    """Entries of arrays that the loop around a statement reads: what a summand may be."""
    around = next(writer.loops(statement), None)
    if around is None:
        return []
    entries = (node for node in ast.walk(around) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load))
    return [node for node in entries if isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Name)]
