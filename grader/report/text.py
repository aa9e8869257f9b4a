"""How text that others wrote reaches a terminal, a page, a table, an XML file: every character shown, none obeyed.

A student's line, a file name, an error message may hold escape sequences that repaint the screen, or marks that make
a line read backwards. Renderers put all text through `safe_text` at the last moment, their own included, so that
none is forgotten. `safe_html`, `safe_csv_cell` and `safe_xml` are the only ways into those formats.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from rich.cells import cell_len

TAB = "    "
"""What a tab is shown as: the same everywhere in a line, so that places do not depend on what stands before it."""


def safe_text(text: str) -> str:
    """`text` with every character that could steer a terminal, or cannot be seen, written out: `\\x1b`, `\\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return _PILE.sub(lambda pile: "".join(_piled(pile[0])), "".join(map(_safe, text)))


_PILED = 4
"""Marks on one letter that a language needs; a hundred of them cover the lines above."""

_PILE = re.compile(rf"[^\x00-\u02ff]{{{_PILED + 1},}}")


def _piled(run: str) -> list[str]:
    """A run of characters, where marks pile up with the rest of them written out."""
    shown, height = [], 0
    for character in run:
        height = height + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        shown.append(_written_out(character) if height > _PILED else character)
    return shown


def safe_html(text: str) -> str:
    """`text` for the inside of an element or of a quoted attribute of an HTML page; line ends stay line ends.

    Not for a `<script>`, a style or a URL: nothing that others wrote belongs there."""
    return "\n".join(html.escape(safe_text(line)) for line in _lines(text))


def safe_xml(text: str) -> str:
    """`text` for the inside of an element or of a quoted attribute of an XML file, which many characters may not even
    be escaped in; line ends stay line ends."""
    return "&#10;".join(html.escape(safe_text(line)) for line in _lines(text))


def safe_csv_cell(value: str | float | None) -> str:
    """What a cell of a table holds, to be quoted by `csv.writer`. Text never is a formula when it is opened in a
    spreadsheet: it then begins with an apostrophe. Numbers, which are ours, stay numbers; None is an empty cell."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    shown = safe_text(value)
    return f"'{shown}" if shown.lstrip()[:1] in _FORMULA or value.startswith(("\t", "\r", "\n")) else shown


_FORMULA = tuple("=+-@|%＝＋－＠")


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _safe(character: str) -> str:
    if character.isprintable():
        return character
    if character == "\t":
        return TAB
    if character in "\n\r":
        return "\\n" if character == "\n" else "\\r"
    return _written_out(character)


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str) -> str:
    """An author's paragraph as one: its line ends are those of the file, not of what it says."""
    return " ".join(text.split())


def width(text: str) -> int:
    """How many cells of a terminal `text` takes, once it is safe."""
    return cell_len(text)


def cut(text: str, cells: int) -> str:
    """Safe text, at most `cells` wide; where it was longer it ends in `...`."""
    shown = safe_text(text)
    if width(shown) <= cells:
        return shown
    kept = _fitting(shown, max(cells - 3, 0))
    return f"{kept}..."


def _fitting(text: str, cells: int) -> str:
    """The longest beginning of safe text that is at most `cells` wide."""
    # Few characters are wider than one cell, none is wider than two: start near the answer.
    kept = text[:cells]
    while width(kept) > cells:
        kept = kept[:-1]
    return kept


@dataclass(frozen=True, slots=True)
class Marked:
    """A line ready to be shown: `text` is safe and fits; cells `start` to `end` of it are to be marked."""

    text: str
    start: int
    end: int


def marked_line(line: str, start: int, end: int, cells: int) -> Marked:
    """`line` with its characters `start` to `end` (from 0, `end` exclusive) marked, at most `cells` wide.

    Of a longer line the part around the mark is shown, with `...` where something is left out."""
    before, inside = safe_text(line[:start]), safe_text(line[start:end])
    shown = before + inside + safe_text(line[end:])
    first, last = width(before), width(before + inside)
    if width(shown) <= cells:
        return Marked(shown, first, max(last, first + 1))
    if last <= cells - 3:
        return Marked(cut(shown, cells), first, max(last, first + 1))
    # Keep some of what stands before the mark, so that the reader knows where in the line this is.
    skip = _fitting(shown, max(first - cells // 3, 0))
    rest = cut(shown[len(skip) :], cells - 3)
    moved = 3 - width(skip)
    limit = 3 + width(rest)
    first = first + moved
    return Marked("..." + rest, first, min(max(last + moved, first + 1), max(limit, first + 1)))
