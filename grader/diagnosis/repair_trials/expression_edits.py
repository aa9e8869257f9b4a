"""Small changes of what stands in the expressions of a statement: parts removed, doubled, negated or exchanged."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.diagnosis.expressions import takes_entry
from grader.diagnosis.repair_trials.index_edits import index_edits
from grader.diagnosis.repair_trials.name_edits import (
    called_otherwise,
    entries_exchanged,
    fields_exchanged,
    kept_otherwise,
    names_exchanged,
    of_other_objects,
)
from grader.diagnosis.repair_trials.operator_edits import counting, regrouped, taken_into_a_call, turned_round
from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.formula.syntax import STRENGTH


def parts_changed(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield changes of a statement's expressions that remove, move, negate, reorder or exchange existing parts."""
    nodes = list(expressions(statement))
    if only_reads_a_field(statement):
        yield from names_exchanged(writer, statement, nodes, names)
        yield from fields_exchanged(writer, statement, nodes)
        yield from of_other_objects(writer, statement)
        return
    yield from _taken_away(writer, statement, nodes)
    for node in nodes:
        yield from regrouped(writer, node)
        yield from taken_into_a_call(writer, node)
    yield from _counted_otherwise(writer, nodes)
    yield from _begun_otherwise(writer, statement)
    yield from _doubled(writer, statement, nodes)
    yield from turned_round(writer, nodes)
    yield from names_exchanged(writer, statement, nodes, names)
    yield from entries_exchanged(writer, statement, nodes, names)
    yield from fields_exchanged(writer, statement, nodes)
    yield from kept_otherwise(writer, statement)
    yield from called_otherwise(writer, nodes)
    yield from index_edits(writer, statement)


def only_reads_a_field(statement: ast.stmt) -> bool:
    """Whether a statement takes a field as it is, `dw = weight.grad`: only another field can be meant here."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(value, ast.Attribute) and takes_entry(value)


def expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions that a statement evaluates, outer ones first; of its targets only the indices."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            yield from _within(value)
            for target in targets:
                yield from _indices(target)
        case ast.AugAssign(target=target, value=value):
            yield from _within(value)
            yield from _indices(target)
        case ast.Expr(value=value):
            yield from _within(value)
        case ast.Return(value=value) | ast.AnnAssign(value=value) if value is not None:
            yield from _within(value)
        case ast.If(test=test) | ast.While(test=test):
            yield from _within(test)
        case ast.For(iter=over):
            yield from _within(over)


def _indices(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Subscript):
        yield from _within(target.slice)


_READ = (ast.Load, type(None))
"""The `ctx` of nodes that are read; None for nodes without a `ctx`."""


def _within(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the subexpressions that have a value; slices and targets of comprehensions have none."""
    for part in ast.walk(node):
        read = isinstance(getattr(part, "ctx", None), _READ)
        if isinstance(part, ast.expr) and not isinstance(part, ast.Slice) and read:
            yield part


def _taken_away(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    counts = counting(nodes)
    for node in nodes:
        if isinstance(node, ast.UnaryOp) and node in counts:
            continue
        for kept, what in _kept(node):
            if not _binds_to_itself(writer, statement, node, kept):
                yield writer.taken(node, kept, what)
        match node:
            case ast.BinOp(ast.Name() | ast.Subscript() | ast.Attribute() as left, ast.Div(), _):
                yield writer.instead(left, "1", STRENGTH["x"])
            case ast.BinOp(ast.UnaryOp(ast.USub(), ast.Constant()), ast.Mult(), right):  # `-P` for `-0.5 * P`
                yield writer.instead(node, f"-{writer.operand(right, '-x')}", STRENGTH["-x"])
    yield from _left_out_of_a_list(writer, nodes)


def _left_out_of_a_list(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that leave an element out of a list or tuple in which it stands twice: the later one first."""
    for node in nodes:
        if not isinstance(node, ast.List | ast.Tuple) or not 3 <= len(node.elts) <= _LONGEST:
            continue
        texts = list(map(writer.text, node.elts))
        left, right = "()" if writer.text(node).startswith("(") else "[]" if isinstance(node, ast.List) else ("", "")
        for number in reversed(range(len(texts))):
            if texts.count(texts[number]) > 1:
                kept = f"{left}{', '.join(texts[:number] + texts[number + 1 :])}{right}"
                message = f"`{texts[number]}` stands twice in `{writer.text(node)}`."
                yield SourceEdit(writer.place(node), kept, message)


_LONGEST = 12
"""Of how many elements a list may be from which one is left out."""


def _binds_to_itself(writer: SourceWriter, statement: ast.stmt, node: ast.expr, kept: ast.expr) -> bool:
    """Whether the change would leave `x = x`."""
    if not isinstance(statement, ast.Assign) or node is not statement.value:
        return False
    return any(writer.text(kept) == writer.text(target) for target in statement.targets)


def _kept(node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """Yield what remains of an expression when a part is removed, with the word for that part."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.MatMult(), right):
            yield left, "a factor"
            yield right, "a factor"
        case ast.BinOp(left, ast.Div() | ast.FloorDiv(), _):
            yield left, "a divisor"
        case ast.BinOp(left, ast.Add(), right):
            yield left, "a term"
            yield right, "a term"
        case ast.BinOp(left, ast.Sub(), _):
            yield left, "a term"
        case ast.UnaryOp(ast.USub(), operand):
            yield operand, "a sign"
        case ast.Attribute(value, "T"):
            yield value, "a transpose"
        case ast.Call(ast.Attribute(value, "mean" | "sum" | "transpose" | "detach"), _, _):
            yield value, "a call"
        case ast.Call(_, [argument], []):
            yield argument, "a call"


def _counted_otherwise(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield the number of rows, and that of columns, in place of that of all entries."""
    for node in nodes:
        match node:
            case ast.Attribute(value=array, attr="size") | ast.Call(ast.Attribute(array, "numel" | "nelement"), [], []):
                yield writer.instead(node, f"len({writer.text(array)})", STRENGTH["x"])
                yield writer.instead(node, f"{writer.operand(array, 'x')}.shape[1]", STRENGTH["x"])


def _begun_otherwise(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield 1 in place of a 0 that is assigned, and the reverse: a seed that does not start, a sum that begins at 1."""
    match statement:
        case ast.Assign(value=ast.Constant(value=int() | float() as number) as node) if number in (0, 1):
            other = type(number)(1 - number)
            yield writer.instead(node, repr(other), STRENGTH["x"])


def _doubled(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield the missing factor 2 of a square's derivative, of the whole or of a summand that is computed here, and that
    of a root's below a line: `g / (2 * s)` for `g / s`."""
    if not nodes or not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        return
    sums = [node for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)]
    for one in (nodes[0], *(part for whole in sums for part in (whole.left, whole.right))):
        if one is nodes[0] or isinstance(one, ast.BinOp):
            yield writer.instead(one, f"2 * {writer.operand(one, '*')}", STRENGTH["*"])
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Div(), ast.Name() | ast.Attribute() | ast.Subscript() as below):
                text = f"{writer.text(left)} / (2 * {writer.text(below)})"
                yield writer.instead(node, text, STRENGTH["/"])
