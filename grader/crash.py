"""Report a crash of the grader itself: one sentence for the user, and a file with the details for its developers."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import tempfile
import traceback

from grader import __version__


def sentence(error: BaseException, arguments: list[str]) -> str:
    """Write the details to a file and return the sentence for the user."""
    path = _write(_details(error, arguments))
    where = f"; please send us the report in {path}" if path else f" ({type(error).__name__}: {error})"
    return f"grader: this is a fault of the grader, not of the submission, and costs no points{where}"


def _details(error: BaseException, arguments: list[str]) -> str:
    trace = "".join(traceback.format_exception(error))
    return (
        f"grader {__version__}, Python {sys.version}, {platform.platform()}\n"
        f"arguments: {arguments!r}\n\n{trace}"
        "\nThis file names files and may quote lines of the submission; read it before you pass it on.\n"
    )


def _write(text: str) -> str | None:
    # A full disk must not turn this into a second failure.
    with contextlib.suppress(OSError):
        handle, path = tempfile.mkstemp(prefix="grader-bug-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return path
    return None
