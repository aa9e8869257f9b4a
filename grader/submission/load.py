"""Load a `Submission` from a path or bytes: decoded as an editor would, by byte order mark, coding cookie, UTF-8, and
only then by a guess; notebooks of any nbformat version, whose outputs are discarded unread; scripts split into cells,
at `# %%` lines and similar markers."""

from __future__ import annotations

import ast
import codecs
import hashlib
import json
import os
import re
import stat
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from grader.errors import SubmissionError
from grader.model import Cell, Problem, Submission
from grader.nearest import near_files
from grader.submission.piece import MAX_CELLS, ReadResult, joined, read_piece, read_pieces, unreadable
from grader.submission.spans import has_code, line_span, lines_of
from grader.submission.syntax import FENCED, check, foreign_ending, foreign_notebook
from grader.syntax_trees import tree_of

MAX_NOTEBOOK = 20 * 1024 * 1024
"""Maximum bytes of a notebook; most of them are usually pictures in outputs."""

MAX_SCRIPT = 256 * 1024
"""Maximum bytes of Python source."""

_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "a rich text document"),
    (b"\x80\x04", "pickled data"),
    (b"\x80\x05", "pickled data"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"<!doctype html", "a saved web page"),
    (b"<html", "a saved web page"),
)

_MARKER = re.compile(r"#\s?%%|# In\[[ \d*]*\]:|# <codecell>|# COMMAND -{5}")
"""Cell markers of editors and Jupytext, and of exports by nbconvert, IPython and Databricks."""

_LIGHT = re.compile(r"# [+-](?:$|\s)")

_SAYS_LIGHT = re.compile(r"^# *format_name: *light *$", re.MULTILINE)
"""Jupytext's light format, in which a cell may begin with `# +` and end with `# -`."""


def load(path: str | os.PathLike[str], *, name: str | None = None) -> Submission:
    """Load a script, a notebook or a Markdown file, shown as `name` (default: its base name), without running any of
    it.

    Raises `SubmissionError` if there is no such regular file, or it cannot be read, or it is too large."""
    full = os.path.abspath(os.fspath(path))
    data = _read(full, os.fspath(path))
    shown = os.path.basename(full) if name is None else name
    return _submission(data, shown, os.path.basename(full), os.path.dirname(full))


def load_bytes(data: bytes, name: str, directory: str | None = None) -> Submission:
    """Load a submission with this content; `name` is shown, and its ending decides how the content is read.

    Raises `SubmissionError` if the content is too large."""
    return _submission(data, name, name, directory)


def _submission(data: bytes, shown: str, file_name: str, directory: str | None) -> Submission:
    # A name that is not UTF-8 on disk must still be printable and fit into JSON.
    file = _printable(shown)
    is_notebook = _is_notebook(data, file_name)
    _refuse_large(len(data), is_notebook, file)
    foreign = _foreign(data, file_name)
    if foreign is not None:
        reading = unreadable(f"this is {foreign}, not Python; a .py or .ipynb file can be graded")
    elif is_notebook:
        reading = read_notebook(data, file)
    else:
        reading = _fences(data, file) if file_name.lower().endswith(FENCED) else read_script(data, file)
    return Submission(file, reading.cells, reading.problems, hashlib.sha256(data).hexdigest(), directory)


def _foreign(data: bytes, name: str) -> str | None:
    """What a file is if it is not Python, by its first bytes or its ending."""
    begins = data[:64].lstrip().lower()
    return next((what for mark, what in _FOREIGN if begins.startswith(mark.lower())), foreign_ending(name))


def _fences(data: bytes, file: str) -> ReadResult:
    from grader.submission.text_notebooks import read_fences  # few submissions are Markdown

    return read_fences(data, file)


def _is_notebook(data: bytes, name: str) -> bool:
    """Whether a file is a notebook, by its ending, or by its content if it was saved under another ending."""
    if name.lower().endswith(".ipynb"):
        return True
    return data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"cells"' in data


def _refuse_large(size: int, is_notebook: bool, shown: str) -> None:
    limit = MAX_NOTEBOOK if is_notebook else MAX_SCRIPT
    if size > limit:
        what = "a notebook" if is_notebook else "a script"
        bound = f"{limit // 1024 // 1024} MiB" if is_notebook else f"{limit // 1024} KiB"
        raise SubmissionError(f"{shown} is too large: {what} may have at most {bound}")


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)


def _read(path: str, given: str) -> bytes:
    """Read a regular file, at most one byte more than the largest notebook; messages name it as `given`."""
    shown = _printable(given)
    # Non-blocking, since opening a named pipe would otherwise wait forever for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        meant = near_files(shown, (".py", ".ipynb", *FENCED))
        raise SubmissionError(f"There is no file {shown!r}.{meant}") from None
    except (OSError, ValueError) as error:
        raise SubmissionError(f"{shown} cannot be opened: {getattr(error, 'strerror', None) or error}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
            raise SubmissionError(f"{shown} is {what}. Name the .py or .ipynb file to be graded.")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_NOTEBOOK + 1)
    except OSError as error:
        raise SubmissionError(f"{shown} cannot be read: {error.strerror or error}") from None
    finally:
        os.close(descriptor)


def read_script(data: bytes, file: str) -> ReadResult:
    """The cells of a script shown as `file`; never fails."""
    decoded = decode(data)
    notes = (Problem("note", decoded.note),) if decoded.note else ()
    text = decoded.text
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return unreadable(f"line {line} holds a NUL byte: the file is not text")
    if not text.strip():
        return unreadable("the file is empty")
    if not has_code(text):
        return unreadable("the file has no code, only comments", notes)
    if "import marimo" in text:
        from grader.submission.text_notebooks import is_marimo, read_marimo  # few submissions are marimo notebooks

        if is_marimo(text):
            return joined([read_marimo(text, file)], notes)
    parts = [Cell(part, part, None, first) for first, part in _with_code(split(text))]
    return joined([read_piece(part, file, _loss(part, len(parts)), len(parts)) for part in parts], notes)


def _loss(part: Cell, parts: int) -> str:
    if parts == 1:
        return "nothing of the file could be run"
    return f"the part from line {part.first_line} to line {part.first_line + len(lines_of(part.text)) - 1} was left out"


def split(text: str) -> list[tuple[int, str]]:
    """The parts between `# %%` lines, each with its first line. A marker within a statement does not count."""
    lines = lines_of(text)
    light = _SAYS_LIGHT.search(text) is not None
    marked = [n for n, line in enumerate(lines, 1) if n > 1 and (_MARKER.match(line) or (light and _LIGHT.match(line)))]
    inner = _inner_lines(text) if marked else frozenset()
    starts = [n for n in marked if n not in inner]
    bounds = [1, *starts, len(lines) + 1]
    return [(first, "\n".join(lines[first - 1 : end - 1])) for first, end in pairwise(bounds)]


def _with_code(parts: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The parts, each with those before it that are nothing but comments: what these say belongs to what follows."""
    waiting: list[tuple[int, str]] = []
    for part in parts:
        waiting.append(part)
        if has_code(part[1]):
            yield waiting[0][0], "\n".join(text for _, text in waiting)
            waiting = []


def _inner_lines(text: str) -> frozenset[int]:
    """Lines within a top-level statement, except its first; empty if the text is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = tree_of(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, SystemError):
        return frozenset()
    return frozenset(n for node in body for n in range(_first_line(node) + 1, (node.end_lineno or node.lineno) + 1))


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


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


_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#[^\r\n]*)?$")
_WIDE_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is a prefix of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with newline as the only line end; `note` tells the student what had to be assumed."""

    text: str
    note: str | None = None


def decode(data: bytes) -> Decoded:
    """Decode a file. Never fails: undecodable bytes become U+FFFD."""
    for mark, codec in _WIDE_MARKS:
        if data.startswith(mark):
            note = f"the file is saved as {codec.upper()}; it was read, but Python itself expects UTF-8"
            return Decoded(_with_newlines(data.decode(codec, "replace")), note)
    if _cookie(data) == "iso8859-1":
        return Decoded(_with_newlines(data.decode("latin-1")))
    try:
        return Decoded(_with_newlines(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        note = f"line {line} is not saved as UTF-8; the file was read as Windows-1252, so accents may look different"
        return Decoded(_with_newlines(data.decode("cp1252", "replace")), note)


def normalised(text: str) -> str:
    """`text` with newline as the only line end; lone surrogates, which cannot be encoded, become U+FFFD."""
    return _with_newlines(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _with_newlines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _cookie(data: bytes) -> str | None:
    """The codec named in the first two lines (PEP 263), under Python's name for it."""
    for line in data[:1000].replace(b"\r", b"\n").split(b"\n")[:2]:
        if found := _COOKIE.match(line):
            try:
                return codecs.lookup(found[1].decode("ascii")).name
            except (LookupError, ValueError):
                return None
        if not _BLANK.match(line):
            return None
    return None
