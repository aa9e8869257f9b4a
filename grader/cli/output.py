"""Write rendered output to a terminal, a pipe or a file."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from grader.cli import colours
from grader.errors import UsageError
from grader.whole_files import write_whole

if TYPE_CHECKING:
    from rich.text import Text

ELSEWHERE, WIDEST = 100, 200
"""Line width for files and pipes, and the maximum for terminals, in columns."""


def width(to_file: bool = False) -> int:
    """The maximum line width. Files and pipes always get the same width, so their text is the same on every machine."""
    if to_file or not sys.stdout.isatty():
        return ELSEWHERE
    return min(shutil.get_terminal_size((ELSEWHERE, 24)).columns, WIDEST)


def write_lines(lines: Iterable[str], output: str | None = None) -> None:
    """Write lines as they are made to the file `output`, or to standard output: never all of them are in memory."""
    if output is not None:
        write_whole(output, (_encoded(line) for line in lines))
    else:
        _printed(lambda: sys.stdout.writelines(lines))


def write(content: Text | str, output: str | None = None) -> None:
    """Write `content` to the file `output`, or to standard output, in colour if `colours.wanted`.

    Raises `UsageError` if it cannot be written."""
    if output is not None:
        write_whole(output, _encoded(content if isinstance(content, str) else content.plain))
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
    with contextlib.suppress(OSError):  # a terminal that was closed, a full disk: there is no other place to say it
        print(lines, file=sys.stderr, flush=True)


def encode_anything() -> None:
    """From now on, write characters that the terminal's encoding lacks as escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _printed(action: Callable[[], None]) -> None:
    """Run `action`, ignoring a closed pipe (`| head`): the exit status remains that of the verdict. Raises `UsageError`
    if what the output goes to is full or gone."""
    try:
        action()
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_the_rest()
    except OSError as error:
        _drop_the_rest()
        raise UsageError(f"The output cannot be written: {error.strerror or error}.") from None


def _drop_the_rest() -> None:
    """Python flushes standard output once more at exit; that must not fail again."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
