"""Load a `Submission` from a path or bytes, by what kind of file it is, without running any of it."""

from __future__ import annotations

import hashlib
import os
import stat

from grader.errors import SubmissionError
from grader.model import Submission
from grader.nearest import near_files
from grader.submission.json_notebooks import read_notebook
from grader.submission.piece import ReadResult, unreadable
from grader.submission.script import read_script
from grader.submission.syntax import FENCED, foreign_ending

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
