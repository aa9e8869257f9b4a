"""Small changes of what an expression reads: another name, entry, field or function in place of one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import permutations
from textwrap import dedent
from typing import TypeGuard

from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.formula.syntax import STRENGTH, Place


def names_exchanged(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that replace a name with another: once, everywhere in the statement, or everywhere in its loop."""
    read = _names_read(nodes)
    counters = writer.counters
    matched = {part for node in nodes if _is_match(node) for part in ast.walk(node)}
    for node in (one for one in read if one not in matched):
        for name in names:
            number = name in writer.lengths and node.id in writer.indexed and writer.is_of_something(node)
            if name != node.id and (name in counters) == (node.id in counters) and not number:
                yield writer.instead(node, name, STRENGTH["x"])
    around = next(writer.loops(statement), None)
    inside = [] if around is None else [one for one in ast.walk(around) if isinstance(one, ast.expr)]
    functions = [node.name for node in writer.tree.body if isinstance(node, ast.FunctionDef)]
    for one in nodes:
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in functions:
            for name in functions:
                if name != one.func.id:
                    yield writer.instead(one.func, name, STRENGTH["x"])
    for within in (read, _names_read(inside)):
        for old in dict.fromkeys(node.id for node in read):
            everywhere = [node for node in within if node.id == old]
            for name in names if len(everywhere) > 1 else ():
                if name != old and (name in counters) == (old in counters):
                    yield _everywhere(writer, everywhere, name)


def entries_exchanged(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that read an entry of another array, at other counters: `w[d, m]` for `x[n, d]`."""
    counters = writer.counters_of(statement)
    arrays = [name for name in names if name not in {*writer.counters, *writer.lengths, *counters}][:_MOST_ARRAYS]
    for node in nodes:
        match node:
            case ast.Subscript(ast.Name(own), ast.Tuple([ast.Name(first), ast.Name(second)])):
                way = "{}[{}, {}]"
            case ast.Subscript(ast.Subscript(ast.Name(own), ast.Name(first)), ast.Name(second)):
                way = "{}[{}][{}]"
            case _:
                continue
        if {first, second} <= {*counters}:
            for array in (one for one in arrays if one != own):
                for keys in permutations(counters, 2):
                    yield writer.instead(node, way.format(array, *keys), STRENGTH["x"])


_MOST_ARRAYS = 6
"""How many arrays are tried in place of one of which an entry is read."""


def _is_match(node: ast.expr) -> bool:
    """Whether this compares with `==`: with another array there, it is nowhere true, and what it chooses is 0."""
    return isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)


def fields_exchanged(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits of a method that read another field, `self.v` for `self.d` in `__mul__` of dual numbers, or what the
    method is handed in place of a field, `self.x = x` for `self.x = self.W`, and the reverse."""
    own = function = outer = writer.function_of(statement)
    while outer is not None:
        function, outer = outer, writer.function_of(outer)
    if own is None or function is None:
        return
    around = writer.class_of(function) or function
    within = [node for node in ast.walk(around) if isinstance(node, ast.Attribute)]
    within = [one for one in within if not (isinstance(one.value, ast.Name) and one.value.id == writer.library)]
    owners = list(dict.fromkeys(one.value.id for one in within if isinstance(one.value, ast.Name)))[:_MOST_OBJECTS]
    kept = [one for one in within if isinstance(one.ctx, ast.Store)]  # maybe nothing reads it yet
    read = {one.attr for one in within if isinstance(one.ctx, ast.Load)}
    unread = [one for one in kept if one.attr not in read and one.lineno < own.lineno]
    names = list(dict.fromkeys(one.attr for one in (*unread, *fields(within), *kept)))[:MOST_FIELDS]
    handed = [one.arg for one in own.args.args[1:]]
    for node in fields(nodes):
        for text in (f"{owner}.{name}" for owner in owners for name in names):
            if text != writer.text(node):
                yield writer.instead(node, text, STRENGTH["x"])
        for name in handed:
            yield writer.instead(node, name, STRENGTH["x"])
    for read_name in (one for one in _names_read(nodes) if one.id in handed and one.id not in owners):
        for name in names:
            yield writer.instead(read_name, f"{own.args.args[0].arg}.{name}", STRENGTH["x"])


def kept_otherwise(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits of a field that keeps what a method returns, not what it was handed: `self.y = np.tanh(x)` for
    `self.y = x`."""
    match statement:
        case ast.Assign([ast.Attribute()], ast.Name() as value) if (
            function := writer.function_of(statement)
        ) is not None:
            for one in function.body:
                if isinstance(one, ast.Return) and isinstance(one.value, ast.Call | ast.BinOp):
                    yield writer.instead(value, writer.text(one.value), STRENGTH["x"])


def called_otherwise(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that call another variable that is called or read nowhere: `back2(d)` for `back1(d)`."""
    named = [node for node in ast.walk(writer.tree) if isinstance(node, ast.Name)]
    bound = dict.fromkeys(node.id for node in named if isinstance(node.ctx, ast.Store))
    read = {node.id for node in named if isinstance(node.ctx, ast.Load)}
    calls = (node.func for node in ast.walk(writer.tree) if isinstance(node, ast.Call))
    called = {node.id for node in calls if isinstance(node, ast.Name)}
    others = [name for name in bound if name not in read] + [name for name in bound if name in called]
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in bound:
            for name in others[:_MOST_CALLED]:
                if name != node.func.id:
                    yield writer.instead(node.func, name, STRENGTH["x"])


_MOST_CALLED = 6
"""How many other functions are tried in a call."""


def of_other_objects(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits that add the same field of another object: `one.dw + two.dw` for `two.dw`."""
    match statement:
        case ast.Assign(value=ast.Attribute(ast.Name(own), field) as value):
            pass
        case _:
            return
    others = (
        node.value.id for node in ast.walk(writer.tree) if isinstance(node, ast.Attribute) and _is_object(node.value)
    )
    for name in [one for one in dict.fromkeys(others) if one not in (own, writer.library, "self")][:_MOST_OBJECTS]:
        yield writer.instead(value, f"{writer.text(value)} + {name}.{field}", STRENGTH["+"])


def _is_object(node: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


_MOST_OBJECTS = 3


MOST_FIELDS = 4
"""How many objects of a method, and how many fields of each, are tried."""


def fields(nodes: Sequence[ast.AST]) -> list[ast.Attribute]:
    """The fields of objects that are read, without methods that are called."""
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    read = (node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load))
    return [node for node in read if node not in called and isinstance(node.value, ast.Name)]


def _names_read(nodes: Sequence[ast.expr]) -> list[ast.Name]:
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    named = (node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return [node for node in named if node not in called]


def _everywhere(writer: SourceWriter, nodes: Sequence[ast.Name], name: str) -> SourceEdit:
    """Return one edit that puts another name at all these nodes; it rewrites the lines from the first to the last."""
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
