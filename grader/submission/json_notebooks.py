"""Read the code cells of a Jupyter notebook of any nbformat version; outputs are discarded unread."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

from grader.model import Cell, Problem
from grader.submission.decoding import decode, normalised
from grader.submission.piece import MAX_CELLS, ReadResult, read_pieces, unreadable
from grader.submission.spans import has_code, line_span
from grader.submission.syntax import check, foreign_notebook

MAX_CODE = 1_000_000
"""Maximum characters of code in one notebook; more is pasted data."""

MAX_CELL = 256 * 1024
"""Maximum characters of one cell, the same as for a script."""

_CONFLICT = re.compile(r"^<{7}(?: |$)", re.MULTILINE)


class _Broken(Exception):
    """A file that is not a notebook; the message tells the student why."""


def read_notebook(data: bytes, file: str) -> ReadResult:
    """The code cells of a notebook shown as `file`; never fails. Cell numbers count all cells."""
    decoded = decode(data)
    notes = [Problem("note", decoded.note)] if decoded.note else []
    try:
        content = _parsed(decoded.text)
        version, entries = _cells_of(content)
    except _Broken as broken:
        return unreadable(str(broken), notes)
    language = foreign_notebook(content.get("metadata"))
    if language is not None:
        return unreadable(f"the notebook is written in {language}; only Python can be graded", notes)
    if version < 4:
        notes.append(Problem("note", f"the notebook is saved in the old format {version}; it was read as format 4"))
    candidates, problems = _code_cells(entries)
    if not candidates and not problems:
        return unreadable("the notebook has no code", notes)
    told = (*notes, *problems, *_order(candidates, file))
    return read_pieces(candidates, file, "this cell was left out", told)


def _parsed(text: str) -> dict[str, Any]:
    if not text.strip():
        raise _Broken("the file is empty")
    try:
        content = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise _Broken(_why_broken(text, error)) from None
    except (RecursionError, MemoryError, ValueError):
        raise _Broken("the file is JSON, but nested too deeply or with too long a number for a notebook") from None
    if not isinstance(content, dict):
        raise _Broken("the file is JSON, but not a notebook")
    return content


def _why_broken(text: str, error: json.JSONDecodeError) -> str:
    message = f"the notebook cannot be opened: its JSON breaks off at line {error.lineno}, column {error.colno}"
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        return f"{message}; it holds git conflict markers from line {line} on, which a merge left there"
    if error.msg.startswith("Unterminated string") or not text[error.pos :].strip():
        return f"{message}; the file looks cut short, as after a download that was not finished"
    return f"{message}; opening and saving it once in Jupyter shows whether it can be mended"


def _cells_of(content: dict[str, Any]) -> tuple[int, list[object]]:
    """The format version, and the cells in format 4. A missing version is inferred from the structure."""
    major = content.get("nbformat")
    if not isinstance(major, int) or isinstance(major, bool) or major < 1:
        major = 3 if "worksheets" in content else 4
    if major >= 4 and "worksheets" not in content:
        cells = content.get("cells")
        if not isinstance(cells, list):
            raise _Broken("the file is JSON, but not a notebook: it has no list of cells")
        return major, cells
    major = min(major, 3)
    return major, _upgraded(content, major)


def _upgraded(content: dict[str, Any], major: int) -> list[object]:
    import logging
    import warnings

    from nbformat import converter, versions

    # nbformat would log complaints to the terminal; problems are reported by the grader itself.
    complaints = logging.getLogger("traitlets")
    heard = complaints.disabled
    complaints.disabled = True
    bare = {**content, "nbformat": major, "nbformat_minor": 0, "metadata": {}}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for sheet in bare.get("worksheets", [bare]):
                sheet["cells"] = [{**cell, "outputs": []} for cell in sheet["cells"]]
            old = versions[major].to_notebook_json(bare, minor=0)
            new = converter.convert(old, 4)  # type: ignore[no-untyped-call]  # the library has no annotations
        return list(new["cells"])
    except Exception:  # nbformat's converters trust their input, and raise anything for a bad key
        raise _Broken(f"the notebook is saved in the old format {major}, and parts of that are missing") from None
    finally:
        complaints.disabled = heard


def _code_cells(entries: list[object]) -> tuple[list[Cell], list[Problem]]:
    cells: list[Cell] = []
    problems: list[Problem] = []
    budget = MAX_CODE
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict) or entry.get("cell_type") != "code":
            continue
        text = _source(entry.get("source"))
        if text is None:
            problems.append(Problem("unreadable", f"cell {number} holds no text and was left out"))
        elif len(cells) == MAX_CELLS:
            message = f"there are more than {MAX_CELLS} cells with code; those from cell {number} on were left out"
            return cells, [*problems, Problem("unreadable", message)]
        elif len(text) > min(MAX_CELL, budget):
            message = f"cell {number} has {len(text)} characters, too many to read, and was left out"
            problems.append(Problem("unreadable", message))
        elif has_code(text):
            budget -= len(text)
            count = entry.get("execution_count")
            whole = isinstance(count, int) and not isinstance(count, bool)
            cells.append(Cell(text, text, number, 1, count if whole else None))
    return cells, problems


def _source(source: object) -> str | None:
    """The text of a cell without common indentation, which IPython also removes before it runs a cell."""
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    text = normalised(source)
    if text.lstrip("\n")[:1] in (" ", "\t"):
        dedented = textwrap.dedent(text)
        return dedented if check(text) is not None else text
    return text


def _order(cells: list[Cell], file: str) -> list[Problem]:
    """A problem that names the first two cells whose saved execution counts run backwards, if any do."""
    highest: Cell | None = None
    for cell in cells:
        if cell.execution_count is None:
            continue
        if highest is not None and cell.execution_count < (highest.execution_count or 0):
            message = (
                f"cell {cell.number} was last run before cell {highest.number} (saved counts {cell.execution_count} "
                f"and {highest.execution_count}); the notebook is graded top to bottom"
            )
            return [Problem("order", message, line_span(cell, file, 1))]
        if highest is None or cell.execution_count > (highest.execution_count or 0):
            highest = cell
    return []
