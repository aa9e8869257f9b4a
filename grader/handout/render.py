"""Write a starter as a file, a script with its text in comments or a notebook, and read from one which exercise it
belongs to: its last lines say how to check it."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.handout.starter import StarterPart
from grader.report.exercise import reflowed

WIDTH = 100

MAX_FILE_BYTES = 20 * 1024 * 1024
"""Maximum bytes of a file that is searched."""

_COMMAND = re.compile(r"^[#\s]*(?:!.*\s-m\s+)?grader\s+check\s+(\S.*)$", re.M)


def script(parts: Iterable[StarterPart], command: str | None) -> str:
    """The text of a script. `command` is the shell command that checks it: `grader check tanh-chain tanh-chain.py`;
    None: it is handed in elsewhere."""
    lines: list[str] = []
    heading = ""
    for part in parts:
        if part.text:
            lines += ["", *_comment(part.text)] if lines else _comment(part.text)
        if part.code:
            if part.heading != heading:
                lines += ["", f"# %% {part.heading}"]
                heading = part.heading
            else:
                lines.append("")
            if part.code[0].startswith("def "):
                lines.append("")
            lines += [*part.code, *([""] if part.code[0].startswith("def ") else [])]
    if command is not None:
        lines += ["", "# %% Check", "# Save this file, and run in a terminal:", f"#     {command}"]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)) + "\n"


def notebook(parts: Iterable[StarterPart], arguments: Iterable[str] | None) -> str:
    """The text of a notebook, whose last cell checks the saved file. `arguments` are those of `grader`; None: there is
    no such cell, as it is handed in elsewhere."""
    cells: list[dict[str, object]] = []
    for part in parts:
        if part.text:
            cells.append(_cell("markdown", part.text, len(cells)))
        if part.code:
            code = "\n".join(part.code).strip("\n")
            cells.append(_cell("code", re.sub(r"\n{4,}", "\n\n\n", code), len(cells)))
    if arguments is not None:
        cells.append(_cell("code", _check(arguments), len(cells)))
    content = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def with_check(content: bytes, file: str, arguments: Sequence[str]) -> bytes:
    """The content of a script or notebook with an end that says how it is checked, unless it says so already. Other
    files are returned unchanged."""
    if markers_in(content, file):
        return content
    text = content.decode("utf-8")
    if file.lower().endswith(".py"):
        command = f"# Save this file, and run in a terminal:\n#     grader {shlex.join(arguments)}\n"
        return f"{text.rstrip()}\n\n{command}".encode()
    if not file.lower().endswith(".ipynb"):
        return content
    whole = json.loads(text)
    cell = _cell("code", _check(arguments), len(whole["cells"]))
    if not any("id" in one for one in whole["cells"]):  # the older format has none
        del cell["id"]
    whole["cells"].append(cell)
    return f"{json.dumps(whole, indent=1, ensure_ascii=False)}\n".encode()


def _check(arguments: Iterable[str]) -> str:
    # Use the notebook's own Python; the shell might find another `grader`.
    return (
        "# Save the notebook, then run this cell: it checks what is saved.\n"
        "import sys\n\n"
        f'!"{{sys.executable}}" -m grader {shlex.join(arguments)}'
    )


def _cell(kind: str, source: str, number: int) -> dict[str, object]:
    lines = source.splitlines(keepends=True)
    cell: dict[str, object] = {"cell_type": kind, "id": f"cell-{number + 1}", "metadata": {}, "source": lines}
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell


def _comment(markdown: str) -> list[str]:
    """Convert Markdown to comment lines: paragraphs wrapped, list indentation and formulas kept."""
    lines: list[str] = []
    fenced = False
    for line in reflowed(markdown):
        if line.startswith("```"):
            fenced = not fenced
            continue
        if fenced:
            wrapped = [f"    {line}".rstrip()]
        elif line.startswith("#"):
            wrapped = [line.lstrip("# ")]
        elif line.startswith(("$$", "|")) or not line.strip():
            wrapped = [line]
        else:
            indent = re.match(r"\s*(?:[-*]\s+|\d+[.)]\s+)?", line)
            hanging = " " * (indent.end() if indent else 0)
            wrapped = textwrap.wrap(line, WIDTH, subsequent_indent=hanging, break_long_words=False) or [""]
        lines += [_commented(one) for one in wrapped]
    return lines


def _commented(line: str) -> str:
    # `# %%` would start a cell.
    return f"#  {line}" if line.startswith("%%") else f"# {line}".rstrip()


@dataclass(frozen=True, slots=True)
class Marker:
    """What a starter says: the exercise, as an id or the name of a file, and the key of its given numbers, if any."""

    exercise: str
    variant: str | None = None


def markers_of(path: str) -> tuple[Marker, ...]:
    """The markers in a file, each once and in its order; none where the file cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return markers_in(file.read(MAX_FILE_BYTES), path)
    except (OSError, ValueError):
        return ()


def markers_in(content: bytes, file: str) -> tuple[Marker, ...]:
    """The markers in the content of a file with this name."""
    text = content.decode("utf-8-sig", "replace")
    if file.lower().endswith(".ipynb"):
        text = "\n".join(_sources(text))
    found = (_marker(command[1]) for command in _COMMAND.finditer(text))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _marker(arguments: str) -> Marker | None:
    try:
        words = shlex.split(arguments)
    except ValueError:
        return None
    # A marker names the exercise and the file: one word alone is a command without an exercise.
    if len(words) < 2 or words[0].startswith("-") or words[1].startswith("-"):
        return None
    after = words.index("--variant") + 1 if "--variant" in words else len(words)
    return Marker(words[0], words[after] if after < len(words) else None)


def _sources(text: str) -> Iterator[str]:
    """The sources of a notebook's cells. Of a notebook that is no JSON, nothing is known."""
    try:
        cells = json.loads(text)["cells"]
        for cell in cells:
            source = cell["source"]
            yield source if isinstance(source, str) else "".join(source)
    except (ValueError, KeyError, TypeError, RecursionError):
        return
