"""Read code blocks of Markdown: MyST, R Markdown, Quarto, marimo's and plain. Each block is a cell with its file line.

Jupytext reads these formats too, but its cells do not have the line in the file, which every verdict needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import Cell, Problem
from grader.submission.dataflow import in_order
from grader.submission.decode import decode
from grader.submission.language import foreign_name
from grader.submission.piece import Reading, cut, read_pieces, unreadable
from grader.submission.spans import has_code, lines_of

_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$")
_PYTHON = frozenset({"py", "py3", "python", "python3", "ipython", "ipython3"})
_OTHERS = frozenset({"r", "julia", "octave", "matlab", "scala", "javascript", "js", "ojs"})
_OPTION = re.compile(r":[\w-]+:")
_KERNEL = re.compile(r"^[ \t]+language:[ \t]*(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FencedBlock:
    """A code block: its language in lower case, the info string of its fence, and its lines, the first of which is line
    `first` of the file. `margin` is the indentation of the fence."""

    language: str
    info: str
    first: int
    lines: tuple[str, ...]
    margin: int


def read_fences(data: bytes, file: str) -> Reading:
    """Read the Python blocks of a Markdown file shown as `file`; never fails."""
    decoded = decode(data)
    notes = (Problem("note", decoded.note),) if decoded.note else ()
    found = [block for block in blocks(decoded.text) if has_code("\n".join(block.lines))]
    mine = [block for block in found if block.language in _PYTHON]
    if not mine:
        others = [shown for block in found if block.language in _OTHERS and (shown := foreign_name(block.language))]
        if others:
            return unreadable(f"its code is written in {others[0]}; only Python can be graded", notes)
        return unreadable("the file has no Python code; a block of it begins with ```python", notes)
    reading = read_pieces([_cell(block) for block in mine], file, "this code block was left out", notes)
    reactive = any("marimo" in block.info for block in mine)
    return Reading(in_order(reading.cells), reading.problems) if reactive else reading


def has_python(data: bytes) -> bool:
    """Whether a Markdown file has Python code blocks."""
    return any(block.language in _PYTHON for block in blocks(decode(data).text))


def blocks(text: str) -> Iterator[FencedBlock]:
    """The code blocks of a text. An unclosed block ends at the next fence, or at the end of the text."""
    lines = lines_of(text)
    usual = _usual_language(lines)
    number = 0
    while number < len(lines):
        opened = _FENCE.match(lines[number])
        number += 1
        if opened is None:
            continue
        first = number
        while number < len(lines) and not _ends(lines[number], opened[2]):
            number += 1
        yield FencedBlock(
            _language(opened[3].strip(), usual), opened[3], first + 1, lines[first:number], len(opened[1])
        )
        if number < len(lines) and not _FENCE.sub(r"\3", lines[number]).strip():
            number += 1


def _ends(line: str, fence: str) -> bool:
    """Whether a block opened by `fence` ends at this line: it is closed there, or another block is opened."""
    found = _FENCE.match(line)
    return found is not None and found[2].startswith(fence)


def _language(info: str, usual: str) -> str:
    """The language in a fence's info string: `python`, `{python, echo=FALSE}`, `{code-cell} ipython3`, `{.python
    .input}`."""
    words: list[str] = re.findall(r"[\w+-]+", info.lower())
    if not words or info.startswith(("{code-block", "{code}")):
        return ""
    if words[0] == "code-cell":
        return words[1] if len(words) > 1 else usual
    return words[0]


def _usual_language(lines: tuple[str, ...]) -> str:
    """The language of the file's kernel, from its front matter; Python by default."""
    if lines[0].strip() != "---":
        return "python"
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() in ("---", "...")), 1)
    found = _KERNEL.search("\n".join(lines[1:end]))
    return found[1].lower() if found else "python"


def _cell(block: FencedBlock) -> Cell:
    text = cut(block.lines, block.margin)
    lines = list(lines_of(text))
    lines[: _options(lines)] = [""] * _options(lines)
    return Cell("\n".join(lines), text, None, block.first, None, block.margin)


def _options(lines: list[str]) -> int:
    """The number of option lines at the start of a block: MyST's options, as YAML between dashes or line by line."""
    if lines[0].strip() == "---":
        return next((number for number, line in enumerate(lines[1:], 2) if line.strip() == "---"), 0)
    return next((number for number, line in enumerate(lines) if not _OPTION.match(line)), len(lines))
