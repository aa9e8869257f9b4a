"""Load a `Submission` from a path or bytes; scripts are split into cells, at `# %%` lines and similar markers."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import stat
import warnings
from collections.abc import Iterator
from itertools import pairwise

from grader.errors import SubmissionError
from grader.model import Cell, Problem, Submission
from grader.nearest import near_files
from grader.submission.decode import decode
from grader.submission.notebook import read_notebook
from grader.submission.piece import ReadResult, joined, read_piece, unreadable
from grader.submission.spans import has_code, lines_of
from grader.submission.syntax import FENCED, foreign_ending
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
