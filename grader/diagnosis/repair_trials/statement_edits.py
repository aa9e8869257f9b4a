"""All small changes of a statement's source text, for lines whose formula cannot be read, likely ones first; those of
whole lines among them; and those that the error of a line that raised suggests.

Parts are removed, moved, negated or exchanged, and names, existing parts or lines inserted. The only new number is the
2 of a square's derivative.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from grader.diagnosis.repair_trials.expression_edits import only_reads_a_field, parts_changed
from grader.diagnosis.repair_trials.index_edits import assigned_otherwise
from grader.diagnosis.repair_trials.insertions import insertions
from grader.diagnosis.repair_words import needed
from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.formula.python_trees import SIGN
from grader.formula.syntax import STRENGTH, Place
from grader.instrument.site import Position
from grader.judge.failures import missing_name
from grader.runner.types import Raised

MOST_FACTORS = 8
"""How many factors are tried in what one pass of a loop may have to hand to the next."""

MOST = 40
"""How many names are put in place of one that is not there, at most."""

_BUILT_IN = ("abs", "enumerate", "float", "len", "max", "min", "range", "reversed", "sum", "zip")

_OF_ARRAYS = ("T", "copy", "dot", "max", "mean", "min", "reshape", "shape", "size", "sum")
"""Attributes of arrays that derivations use."""

_ARRAY = re.compile(r"'(?:numpy\.ndarray|Tensor)' object")

_NO_ATTRIBUTE = re.compile(r"AttributeError: .* has no attribute '(\w+)'")

_NO_KEY = re.compile(r"KeyError: '(.*)'")


def lines_put_in(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield edits that insert a missing line after a statement, or assign what a line below computes and drops."""
    yield from _scaled_after(writer, statement, names)
    yield from _dropped(writer, statement)
    yield from _picked_forgotten(writer, statement)
    yield from _opposite_forgotten(writer, statement)
    yield from _handed_on(writer, statement, names)


def lines_moved(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits that swap a statement with a neighbour, or move a `return` from the end of a loop to after it."""
    earlier, later = writer.next_to(statement)
    for one, other in ((statement, later), (earlier, statement)):
        if one is not None and other is not None and one.end_lineno != other.lineno and not _replaces(one, other):
            start, end = writer.place(one), writer.place(other)
            text = f"{writer.text(other)}\n{writer.before(one)}{writer.text(one)}"
            message = f"`{writer.first_line(one)}` comes too early: the next line needs what was there before."
            lines = f"{writer.text(other)}\n{writer.text(one)}"
            both = Place(start.line, start.column, end.end_line, end.end_column)
            yield SourceEdit(both, text, message, lines, writer.place(statement))
    yield from _moved_into_a_loop(writer, statement)
    yield from _moved_out_of_a_loop(writer, statement)
    for loop in writer.loops(statement):
        last = loop.body[-1]
        if isinstance(last, ast.Return) and last.lineno > loop.lineno:
            end = writer.place(last)
            text = f"{writer.before(loop)}{writer.text(last)}"
            message = f"`{writer.text(last)}` stands inside the loop, so the loop ends after its first pass."
            lines = f"{writer.head(loop)}\n    ...\n{writer.text(last)}"
            yield SourceEdit(Place(end.line, 1, end.end_line, end.end_column), text, message, lines, end)


def _moved_out_of_a_loop(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits that take a line which adds to something out of a loop that it reads nothing of: the last line after
    the loop, another one before it."""
    loop = next(writer.loops(statement), None)
    if not isinstance(loop, ast.For) or loop.body == [statement] or statement not in loop.body:
        return
    counted = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    read = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    if isinstance(statement, ast.AugAssign) and counted.isdisjoint(read) and not writer.before(statement).strip():
        end, typed = writer.place(statement), writer.text(statement)
        message = f"`{typed}` stands inside the loop, so it runs once in each pass."
        place, text = Place(end.line, 1, end.end_line, end.end_column), f"{writer.before(loop)}{typed}"
        lines = f"{writer.head(loop)}\n    ...\n{typed}"
        if statement is not loop.body[-1]:
            above = "\n".join(writer.lines(loop.lineno, statement.lineno - 1))
            place, text = Place(loop.lineno, 1, end.end_line, end.end_column), f"{text}\n{above}"
            lines = f"{typed}\n{writer.head(loop)}\n    ..."
        yield SourceEdit(place, text, message, lines, end)


def _moved_into_a_loop(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits that indent a line which adds to something, and stands just after a loop whose body it belongs to."""
    loop, _ = writer.next_to(statement)
    if not isinstance(statement, ast.AugAssign) or statement.lineno != statement.end_lineno:
        return
    while isinstance(loop, ast.For):
        end, typed = writer.place(statement), writer.text(statement)
        indent = writer.before(loop.body[0])
        message = f"`{typed}` stands after the loop, so it runs only once."
        lines = f"{writer.head(loop)}\n    ...\n    {typed}"
        if not indent.strip() and not writer.before(statement).strip():
            before = writer.place(loop)
            place = Place(before.end_line, before.end_column, end.end_line, end.end_column)
            yield SourceEdit(place, f"\n{indent}{typed}", message, lines, end)
        loop = loop.body[-1]


def _replaces(statement: ast.stmt, later: ast.stmt) -> bool:
    """Whether a later statement sets an entry of an array that a statement adds to: not their order is at fault, but
    that it is set."""
    match later:
        case ast.Assign([ast.Subscript(ast.Name(array))]) if isinstance(statement, ast.Expr | ast.AugAssign):
            return any(isinstance(node, ast.Name) and node.id == array for node in ast.walk(statement))
        case _:
            return False


def _picked_forgotten(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield the line that was forgotten after `ds = P.copy()`, at the entries that are picked elsewhere: `ds[rows, y]
    -= 1` where the labels are taken off, `ds[rows, y] -= ds.sum(axis=1)` where the entry was taken off its row."""
    match statement:
        case ast.Assign([ast.Name(array)]) if not writer.loops_around(statement):
            pass
        case _:
            return
    axis = "dim" if writer.library == "torch" else "axis"
    sums = [f"{array}.sum({axis}=1)"] if writer.library is not None else []
    for picked in writer.picked if not writer.before(statement).strip() else ():
        for taken in ("1", *sums):
            yield _below(writer, statement, f"{array}[{picked}] -= {taken}")


def _opposite_forgotten(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield the line that was forgotten after `ds[i, j] += e` in a loop, where the program takes the entry that is
    picked in a row off the others: `ds[i, y[i]] -= e`."""
    match statement:
        case ast.AugAssign(ast.Subscript() as target, ast.Add() | ast.Sub() as operator, value):
            sign = "-=" if isinstance(operator, ast.Add) else "+="
        case _:
            return
    if not writer.before(statement).strip():
        for entry in _picked_in_row(writer, target):
            yield _below(writer, statement, f"{entry} {sign} {writer.text(value)}")


def _handed_on(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield the line that is missing where a pass of a loop reads what the pass before it should have handed on, `dh[t]
    = dy[t] + carry`, and no pass binds: another name of a line that nothing reads, or `carry = W.T @ da[t]` at the
    end."""
    loop = next(writer.loops(statement), None)
    if not isinstance(loop, ast.For) or writer.before(loop.body[-1]).strip():
        return
    inside = [node for node in ast.walk(loop) if isinstance(node, ast.Name)]
    bound = {node.id for node in inside if isinstance(node.ctx, ast.Store)}
    scope = list(ast.walk(writer.function_of(statement) or writer.tree))
    started = {node.id for node in scope if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    read = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    everywhere = {node.id for node in scope if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    made = [one for one in loop.body if isinstance(one, ast.Assign) and len(one.targets) == 1]
    handed = [name for name in names if name in (read & started) - bound and _is_begun(scope, loop, name)]
    for name in handed:
        for one in made:
            if isinstance(one.targets[0], ast.Name) and one.targets[0].id not in everywhere:
                message, line = needed(one.targets[0].id, name), f"{name} = {writer.text(one.value)}"
                yield SourceEdit(writer.place(one), line, message, line, writer.place(one))
        own = [writer.text(one.targets[0]) for one in made if isinstance(one.targets[0], ast.Name | ast.Subscript)]
        entries = (
            writer.text(node)
            for node in ast.walk(loop)
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
        )
        factors = dict.fromkeys((*[one for one in names if one not in bound | {name}][:MOST_FACTORS], *entries))
        for target in dict.fromkeys(reversed(own)):
            for factor in [one for one in factors if one != target][:MOST_FACTORS]:
                for product in (f"{factor}.T @ {target}", f"{target} @ {factor}.T", f"{factor} * {target}"):
                    yield _below(writer, loop.body[-1], f"{name} = {product}")


def _is_begun(scope: Sequence[ast.AST], loop: ast.For, name: str) -> bool:
    """Whether a name begins with zeros, or with 0, just before a loop."""
    for node in scope:
        match node:
            case ast.Assign([ast.Name(target)], value) if target == name and node.lineno < loop.lineno:
                made = value.func if isinstance(value, ast.Call) else value
                called = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
                return called.startswith("zeros") or (isinstance(value, ast.Constant) and value.value == 0)
    return False


def _picked_in_row(writer: SourceWriter, target: ast.Subscript) -> Iterator[str]:
    """Yield `d[i, y[i]]` or `d[i][y[i]]` for the target `d[i, j]` or `d[i][j]`, if such an entry of an array stands
    somewhere in the source."""
    for node in ast.walk(writer.tree):
        match target, node:
            case (
                ast.Subscript(array, ast.Tuple([row, own])),
                ast.Subscript(slice=ast.Tuple([other, ast.Subscript() as picked])),
            ) if writer.text(row) == writer.text(other) and writer.text(own) != writer.text(picked):
                yield f"{writer.text(array)}[{writer.text(row)}, {writer.text(picked)}]"
            case (
                ast.Subscript(ast.Subscript(array, row), own),
                ast.Subscript(ast.Subscript(slice=other), ast.Subscript() as picked),
            ) if writer.text(row) == writer.text(other) and writer.text(own) != writer.text(picked):
                yield f"{writer.text(array)}[{writer.text(row)}][{writer.text(picked)}]"


def _below(writer: SourceWriter, statement: ast.stmt, line: str) -> SourceEdit:
    """Return the edit that puts a line below a statement that begins its own line."""
    indent, typed = writer.before(statement), writer.text(statement)
    message, lines = f"`{line}` is missing after this line.", f"{typed}\n{line}"
    return SourceEdit(writer.place(statement), f"{typed}\n{indent}{line}", message, lines, missing="line")


def _dropped(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield the assignments for lines below that compute something from entries of the array a statement makes, and
    drop it."""
    match statement:
        case ast.Assign([ast.Name(array)]):
            for one in ast.walk(writer.function_of(statement) or writer.tree):
                if isinstance(one, ast.Expr) and one.lineno > statement.lineno:
                    yield from _assigned(writer, one, array)


def _assigned(writer: SourceWriter, statement: ast.Expr, array: str) -> Iterator[SourceEdit]:
    """Yield the assignment for a line that computes something from entries of an array and drops it: `ds[rows, y] -= 1`
    for `ds[rows, y] - 1`, and for `ds[rows, y]`; `dp[i] = e` for `dp[i] == e`."""
    match statement.value:
        case ast.Subscript(ast.Name(name)):
            target, sign, value = statement.value, "-=", "1"
        case ast.BinOp(ast.Subscript(ast.Name(name)) as target, operator, right):
            sign, value = f"{SIGN[type(operator)]}=", writer.text(right)
        case ast.Compare(ast.Subscript(ast.Name(name)) as target, [ast.Eq()], [right]):
            sign, value = "=", writer.text(right)
        case _:
            return
    if name == array:
        line = f"{writer.text(target)} {sign} {value}"
        message = f"`{writer.text(statement)}` alone changes nothing: `{sign}` is needed."
        yield SourceEdit(writer.place(statement), line, message, line)


def _scaled_after(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """After a line that changes entries of an array one that scales all of it: `dx /= n` after `dx[rows, y] -= 1`."""
    match statement:
        case (
            ast.AugAssign(target=ast.Subscript(ast.Name(array))) | ast.Assign(targets=[ast.Subscript(ast.Name(array))])
        ):
            pass
        case _:
            return
    if writer.before(statement).strip() or writer.loops_around(statement):
        return
    for name in names:
        for sign in ("*", "/") if name != array else ():
            yield _below(writer, statement, f"{array} {sign}= {name}")


def edits_by_error(writer: SourceWriter, statement: ast.stmt, raised: Raised) -> Iterator[SourceEdit]:
    """Yield the edits that may remove the error: another name, attribute or key for one that is not there; and for a
    number that is called, as in `p(1 - p)` or `h(t)`, the number, its entry or a product."""
    name, attribute, key = missing_name(raised), _NO_ATTRIBUTE.match(raised.error), _NO_KEY.match(raised.error)
    called = raised.error.startswith("TypeError: ") and raised.error.endswith("not callable")
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=found) if found == name:
                yield from (writer.instead(node, one, STRENGTH["x"]) for one in _alike(_names_in(writer.tree), found))
            case ast.Attribute(value=owner, attr=found) if attribute is not None and found == attribute[1]:
                of_arrays = _OF_ARRAYS if _ARRAY.search(raised.error) else ()
                for one in _alike((*of_arrays, *_attributes_in(writer.tree, owner)), found):
                    yield writer.instead(node, f"{writer.text(owner)}.{one}", STRENGTH["x"])
            case ast.Subscript(slice=ast.Constant(value=str(found)) as place) if key is not None and found == key[1]:
                for one in _alike(_keys_in(writer.tree), found):
                    yield writer.instead(place, json.dumps(one, ensure_ascii=False), STRENGTH["x"])
            case ast.Call(function, [argument], []) if called:
                yield writer.instead(node, writer.text(function), STRENGTH["x"])
                yield writer.instead(node, f"{writer.text(function)}[{writer.text(argument)}]", STRENGTH["x"])
                times = f"{writer.operand(function, '*')} * {writer.operand(argument, '*', True)}"
                yield writer.instead(node, times, STRENGTH["*"])


def _names_in(tree: ast.AST) -> Iterator[str]:
    """The names that a cell binds or reads, and the built-in ones that derivations use."""
    yield from _BUILT_IN
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _attributes_in(tree: ast.AST, owner: ast.expr) -> Iterator[str]:
    """The attributes that are read or set of what has the same text."""
    wanted = ast.dump(owner)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.dump(node.value) == wanted:
            yield node.attr


def _keys_in(tree: ast.AST) -> Iterator[str]:
    """The keys, written out, of all dictionaries."""
    for node in ast.walk(tree):
        parts = node.keys if isinstance(node, ast.Dict) else [node.slice] if isinstance(node, ast.Subscript) else ()
        yield from (one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _alike(names: Iterable[str], lacked: str) -> list[str]:
    """The names but the missing one, those first that are spelled most like it."""
    others = sorted(set(names) - {lacked})
    return sorted(others, key=lambda name: -SequenceMatcher(None, name.lower(), lacked.lower()).ratio())[:MOST]


def statement_at(tree: ast.Module, position: Position) -> ast.stmt | None:
    """Return the innermost statement that begins at a position; otherwise the innermost one that contains it."""
    begins: ast.stmt | None = None
    around: ast.stmt | None = None
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            start, end = (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)
            if start == position[:2]:
                begins = node
            if start <= position[:2] and position[2:] <= end:
                around = node
    return begins or around


def source_edits(source: str, tree: ast.Module, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield all small changes of a statement, without those inside its block; `names` may replace one another."""
    writer = SourceWriter(source, tree)
    yield from changes_of_what_is_there(writer, statement, names)
    yield from additions(writer, statement, names)


def changes_of_what_is_there(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield changes that remove, move, negate, reorder or exchange existing parts."""
    yield from assigned_otherwise(writer, statement)
    yield from (edit for edit in lines_moved(writer, statement) if not _moves_a_block(edit))
    yield from _without_itself(statement, parts_changed(writer, statement, names))


def additions(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield changes that insert something missing, and those that move a whole block, which is rarely meant."""
    yield from filter(_moves_a_block, lines_moved(writer, statement))
    if not only_reads_a_field(statement):
        yield from lines_put_in(writer, statement, names)
        yield from _without_itself(statement, insertions(writer, statement, names))


def _moves_a_block(edit: SourceEdit) -> bool:
    return edit.place.end_line - edit.place.line > 1 and edit.text.count("\n") > 1


def _without_itself(statement: ast.stmt, edits: Iterator[SourceEdit]) -> Iterator[SourceEdit]:
    """Leave out edits that append a list to itself: NumPy takes seconds to refuse such a list."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "append" | "insert" | "extend"))):
            itself = re.compile(rf"\b{name}\b(?![\[.])")
            return (edit for edit in edits if not itself.search(edit.text))
    return edits
