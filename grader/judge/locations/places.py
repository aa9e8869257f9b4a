"""Convert sites to what a student sees: spans, and the statement as they wrote it."""

from __future__ import annotations

import ast

from grader.instrument.nodes import label_of, position_of
from grader.instrument.site import Position, Site
from grader.model import Cell, Span, Submission
from grader.submission.spans import character_column, lines_of, place
from grader.syntax_trees import shared_tree


def span_of(submission: Submission, cell_number: int, position: Position) -> Span | None:
    """The span of a position in the cell numbered from 0; None for code that is not the student's (`answer`)."""
    if cell_number >= len(submission.cells):
        return None
    cell = submission.cells[cell_number]
    line, column, end_line, end_column = position
    return place(
        cell, submission.file, line, _column(cell, line, column), end_line, _column(cell, end_line, end_column)
    )


def code_of(submission: Submission, site: Site) -> str | None:
    """The whole statement of a site, as typed."""
    if site.cell >= len(submission.cells):
        return None
    cell = submission.cells[site.cell]
    line, column, end_line, end_column = site.statement
    lines = list(lines_of(cell.text)[line - 1 : end_line])
    if not lines:
        return None
    if site.kind == "parameter":
        return lines[0].strip()
    lines[-1] = lines[-1][: _column(cell, end_line, end_column) - 1]
    lines[0] = lines[0][_column(cell, line, column) - 1 :]
    return "\n".join(lines)


def argument_of(submission: Submission, site: Site, name: str) -> Position | None:
    """The position of the expression that a call of a class takes as its field `name`: `sigma=dz * eps` in a long
    `grads = Grads(...)`. None if the site binds no such call, or the field is given as a plain name."""
    trees = [shared_tree(cell.source) for cell in submission.cells]
    calls = (one for one in ast.walk(trees[site.cell]) if isinstance(one, ast.Call) and position_of(one) == site.value)
    if (call := next(calls, None)) is None:
        return None
    classes = (one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.ClassDef))
    made = next((one for one in classes if one.name == label_of(call.func)), None)
    fields = [label_of(one.target) for one in made.body if isinstance(one, ast.AnnAssign)] if made else []
    given = [*zip(fields, call.args, strict=False), *((one.arg, one.value) for one in call.keywords)]
    found = next((value for field, value in given if field == name), None)
    return None if found is None or isinstance(found, ast.Name) else position_of(found)


def _column(cell: Cell, line: int, offset: int) -> int:
    lines = lines_of(cell.source)
    return character_column(lines[line - 1], offset) if 1 <= line <= len(lines) else 1
