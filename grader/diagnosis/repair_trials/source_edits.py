"""All small changes of a statement's source text, for lines whose formula cannot be read, likely ones first.

Parts are removed, moved, negated or exchanged, and names, existing parts or lines inserted. The only new number is the
2 of a square's derivative.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from grader.diagnosis.lines.source_writer import SourceEdit, SourceWriter
from grader.diagnosis.repair_trials.expression_edits import only_reads_a_field, parts_changed, parts_missing
from grader.diagnosis.repair_trials.index_edits import assigned_otherwise
from grader.diagnosis.repair_trials.line_edits import lines_moved, lines_put_in
from grader.instrument.site import Position


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
        yield from _without_itself(statement, parts_missing(writer, statement, names))


def _moves_a_block(edit: SourceEdit) -> bool:
    return edit.place.end_line - edit.place.line > 1 and edit.text.count("\n") > 1


def _without_itself(statement: ast.stmt, edits: Iterator[SourceEdit]) -> Iterator[SourceEdit]:
    """Leave out edits that append a list to itself: NumPy takes seconds to refuse such a list."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "append" | "insert" | "extend"))):
            itself = re.compile(rf"\b{name}\b(?![\[.])")
            return (edit for edit in edits if not itself.search(edit.text))
    return edits
