"""Write rendered output to a terminal, a pipe or a file, with the colours and links that it takes; and a report as a
page for the browser, or in a format for CI, where the CI system wants it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from grader.errors import EnvironmentProblem, UsageError
from grader.whole_files import write_whole

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from grader.model import Result


PALETTE = {
    "red": "#d7005f",
    "green": "#008700",
    "yellow": "#af5f00",
    "blue": "#0087af",
    "magenta": "#af5faf",
    "cyan": "#008787",
    "dim": "#767676",
}
"""The colour names renderers use, with their RGB values, all from the 256 colours on which terminals agree. They
contrast with white and with black. The 16 theme colours do not: yellow is unreadable on white, blue on black."""

_LINKING = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "mintty", "rio", "Tabby", "zed"})
_LINKING_TERMS = ("xterm-kitty", "foot", "alacritty", "wezterm", "xterm-ghostty", "contour")
_OLDEST_VTE = 5000


def wants_colours(stream: IO[str]) -> bool:
    """Whether a stream gets colours: NO_COLOR forbids them, FORCE_COLOR forces them, terminals get them by default."""
    if os.environ.get("NO_COLOR"):
        return False
    if forced := os.environ.get("FORCE_COLOR"):
        return forced not in ("0", "false")
    return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def shows_links() -> bool:
    """Whether the terminal at standard output supports links (OSC 8), judged by its environment variables. Other
    terminals would ignore links or print them as text."""
    if not (sys.stdout.isatty() and wants_colours(sys.stdout)):
        return False
    if (forced := os.environ.get("FORCE_HYPERLINK")) is not None:
        return forced not in ("", "0", "false")
    term = os.environ.get("TERM", "")
    if "TMUX" in os.environ or term.startswith(("screen", "tmux", "linux")):
        return False
    if os.environ.get("TERM_PROGRAM") in _LINKING or term.startswith(_LINKING_TERMS):
        return True
    vte = os.environ.get("VTE_VERSION", "")
    known = any(name in os.environ for name in ("WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "DOMTERM"))
    return known or (vte.isdigit() and int(vte) >= _OLDEST_VTE)


def console(stream: IO[str]) -> Console:
    """A console that writes colours to a stream, as many as the terminal supports."""
    from rich.console import Console
    from rich.style import Style
    from rich.theme import Theme

    styles = {name: Style(color=shown) for name, shown in PALETTE.items()}
    styles |= {f"bold {name}": Style(color=shown, bold=True) for name, shown in PALETTE.items()}
    many = "256" in os.environ.get("TERM", "") or bool(os.environ.get("COLORTERM")) or os.name == "nt"
    return Console(
        file=stream,
        theme=Theme(styles),
        color_system="256" if many else "standard",
        force_terminal=True,
        highlight=False,
        soft_wrap=True,
        legacy_windows=False,
    )


ELSEWHERE, NARROWEST, WIDEST = 100, 40, 200
"""Line width for files and pipes, and the minimum and the maximum for terminals, in columns."""


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
    """Write `content` to the file `output`, or to standard output, in colour if that takes colours.

    Raises `UsageError` if it cannot be written."""
    if output is not None:
        write_whole(output, _encoded(content if isinstance(content, str) else content.plain))
    elif not isinstance(content, str) and wants_colours(sys.stdout):
        shown = console(sys.stdout)
        _printed(lambda: shown.print(content, end=""))
    else:
        text = content if isinstance(content, str) else content.plain
        _printed(lambda: print(text, end="", flush=True))


def complain(message: str) -> None:
    """Print a message to standard error, each line made safe for a terminal, and wrapped there between words."""
    from grader.report.text import safe_text

    lines = "\n".join(_wrapped(safe_text(line)) for line in message.split("\n"))
    with contextlib.suppress(OSError):  # a terminal that was closed, a full disk: there is no other place to say it
        print(lines, file=sys.stderr, flush=True)


def _wrapped(line: str) -> str:
    """A sentence wrapped to the terminal at standard error; an indented line is a quotation and stays as it is."""
    if len(line) < NARROWEST or line.startswith(" ") or not sys.stderr.isatty():
        return line
    import re
    import textwrap

    whole = re.sub(r"`[^`]+`", lambda code: code[0].replace(" ", "\0"), line)  # a command stays on one line
    with contextlib.suppress(OSError):
        columns = max(os.get_terminal_size(sys.stderr.fileno()).columns, NARROWEST)
        return textwrap.fill(whole, columns, break_long_words=False, break_on_hyphens=False).replace("\0", " ")
    return line


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


def write_page(result: Result, exercise: str, secret: str, variant: str | None, output: str | None) -> None:
    """Write the page of `result`. Without the reference values it is written without graph and values."""
    from grader.exercise.load import named
    from grader.html.report import render
    from grader.reference.cache import reference_for
    from grader.reference.variants import for_student

    loaded = for_student(named(exercise), result.student, secret, variant)
    try:
        reference = reference_for(loaded, secret)
    except EnvironmentProblem:
        reference = None
    write(render(result, loaded, reference), output)


def write_for_ci(result: Result, form: str, submission: str, output: str | None) -> None:
    """Write `result` in the format `github`, `junit` or `sarif`. `submission` is its path as the caller gave it.

    For GitHub the summary is also appended to the file that `$GITHUB_STEP_SUMMARY` names."""
    path = _relative(submission)
    if form == "github":
        from grader.report import ci

        write(ci.github_annotations(result, path), output)
        _append_summary(ci.markdown_summary(result))
    elif form == "junit":
        from grader.report import ci

        write(ci.junit_xml(result, path), output)
    else:
        from grader.report import ci

        write(ci.sarif_log(result, path), output)


def _relative(path: str) -> str:
    """The path from the current folder, which in CI is that of the repository; as given if it lies elsewhere."""
    try:
        return Path(path).resolve().relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        return Path(path).as_posix()


def _append_summary(text: str) -> None:
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if not target:
        return
    try:
        with open(target, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        complain(f"grader: the summary cannot be written to {target}: {error.strerror}.")
