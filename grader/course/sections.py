"""The sections of a submission to a course: which cells answer which exercise.

A section begins with the cell that has a line `# %% Exercise: tanh-chain`, as the starter of a course has one for each
exercise, and ends before the next. What stands before the first section belongs to all of them. Of the other sections,
a section sees imports, functions and classes alone: names that recur between exercises are kept apart, and a helper
that is defined once is there for all.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.model import Cell, Submission
from grader.submission.spans import has_code, lines_of
from grader.syntax_trees import tree_of

_MARK = re.compile(r"^#\s*%%[^\n]*?\bExercise:\s*([a-z0-9][a-z0-9-]*)\s*$", re.MULTILINE)


def mark(exercise: str) -> str:
    """The line that begins the section of an exercise."""
    return f"# %% Exercise: {exercise}"


def marked(submission: Submission) -> tuple[str, ...]:
    """The exercises that have a section, in their order."""
    found = (_MARK.search(cell.text) for cell in submission.cells)
    return tuple(dict.fromkeys(one[1] for one in found if one is not None))


def section_of(submission: Submission, exercise: str) -> Submission:
    """The part of a submission that answers one exercise; the whole of it where no section is marked for it."""
    if exercise not in marked(submission):
        return submission
    return replace(submission, cells=tuple(_cells(submission.cells, exercise)))


def _cells(cells: Sequence[Cell], exercise: str) -> Iterator[Cell]:
    current: str | None = None
    for cell in cells:
        found = _MARK.search(cell.text)
        current = current if found is None else found[1]
        if current in (None, exercise):
            yield cell
        elif (shared := definitions(cell)) is not None:
            yield shared


def definitions(cell: Cell) -> Cell | None:
    """A cell without its statements other than imports, functions and classes; None where it has none of these. The
    others become empty lines, so that all places stay where they are."""
    lines, kept = list(lines_of(cell.source)), [""] * len(lines_of(cell.source))
    for node in tree_of(cell.source).body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            for line in range(first, (node.end_lineno or node.lineno) + 1):
                kept[line - 1] = lines[line - 1]
    source = "\n".join(kept)
    return replace(cell, source=source) if has_code(source) else None
