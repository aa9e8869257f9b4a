"""Write rendered output to a terminal, a pipe or a file."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import colours
from grader.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text

ELSEWHERE, WIDEST = 100, 200
"""Line width for files and pipes, and the maximum for terminals, in columns."""


def width(to_file: bool = False) -> int:
    """The maximum line width. Files and pipes always get the same width, so their text is the same on every machine."""
    if to_file or not sys.stdout.isatty():
        return ELSEWHERE
    return min(shutil.get_terminal_size((ELSEWHERE, 24)).columns, WIDEST)


def write(content: Text | str, output: str | None = None) -> None:
    """Write `content` to the file `output`, or to standard output, in colour if `colours.wanted`."""
    if output is not None:
        _to_file(content if isinstance(content, str) else content.plain, output)
    elif not isinstance(content, str) and colours.wanted(sys.stdout):
        console = colours.console(sys.stdout)
        _printed(lambda: console.print(content, end=""))
    else:
        text = content if isinstance(content, str) else content.plain
        _printed(lambda: print(text, end="", flush=True))


def complain(message: str) -> None:
    """Print a message to standard error, each line made safe for a terminal."""
    from grader.report.text import safe_text

    lines = "\n".join(safe_text(line) for line in message.split("\n"))
    with contextlib.suppress(BrokenPipeError):
        print(lines, file=sys.stderr, flush=True)


def encode_anything() -> None:
    """From now on, write characters that the terminal's encoding lacks as escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _to_file(text: str, output: str) -> None:
    try:
        Path(output).write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"The report cannot be written to {output!r}: {reason}.") from error


def _printed(action: Callable[[], None]) -> None:
    """Run `action`, ignoring a closed pipe (`| head`): the exit status remains that of the verdict."""
    try:
        action()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit; that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
