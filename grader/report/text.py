"""Escape untrusted text for a terminal, a page, a table, Markdown or an XML file: every character is shown, none takes
effect.

A student's line, a file name or an error message may contain escape sequences that rewrite the screen, or characters
that reverse the reading direction. Renderers pass all text through `safe_text` last, including their own, so that none
is missed. `safe_html`, `safe_csv_cell`, `safe_xml`, `inline` and `code_block` are the only ways into these formats.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from rich.cells import cell_len

TAB = "    "
"""The replacement of a tab: the same width everywhere, so that positions do not depend on the text before it."""


def safe_text(text: str) -> str:
    """Escape every character of `text` that could control a terminal or is invisible: `\\x1b`, `\\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return _PILE.sub(lambda pile: "".join(_piled(pile[0])), "".join(map(_safe, text)))


_PILED = 4
"""Maximum number of combining marks per letter, enough for any language; a hundred would cover the lines above."""

_PILE = re.compile(rf"[^\x00-\u02ff]{{{_PILED + 1},}}")


def _piled(run: str) -> list[str]:
    """A run of characters with excess combining marks escaped."""
    shown, height = [], 0
    for character in run:
        height = height + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        shown.append(_written_out(character) if height > _PILED else character)
    return shown


def safe_html(text: str) -> str:
    """Escape `text` for an HTML element or a quoted attribute; line ends are kept.

    Not for a `<script>`, a style or a URL, where untrusted text must never be used."""
    return "\n".join(html.escape(safe_text(line)) for line in _lines(text))


def safe_xml(text: str) -> str:
    """Escape `text` for an XML element or a quoted attribute; line ends are kept. XML forbids many characters even in
    escaped form, so these are written out."""
    return "&#10;".join(html.escape(safe_text(line)) for line in _lines(text))


def safe_csv_cell(value: str | float | None) -> str:
    """The content of a table cell, still to be quoted by `csv.writer`. Text gets an apostrophe where a spreadsheet
    would otherwise evaluate it as a formula. Numbers, which the grader computes, stay numbers; None is an empty cell.
    """
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
    """Join an author's paragraph into one line: its line ends have no meaning."""
    return " ".join(text.split())


def width(text: str) -> int:
    """The width of `text` in terminal cells, once it is safe."""
    return cell_len(text)


def cut(text: str, cells: int) -> str:
    """Safe text, at most `cells` wide; a longer text ends in `...`."""
    shown = safe_text(text)
    if width(shown) <= cells:
        return shown
    kept = _fitting(shown, max(cells - 3, 0))
    return f"{kept}..."


def _fitting(text: str, cells: int) -> str:
    """The longest prefix of safe text that is at most `cells` wide."""
    # Most characters are one cell wide and none is wider than two, so start near the answer.
    kept = text[:cells]
    while width(kept) > cells:
        kept = kept[:-1]
    return kept


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line ready for display: `text` is safe and fits; its cells `start` to `end` are to be marked."""

    text: str
    start: int
    end: int


def marked_line(line: str, start: int, end: int, cells: int) -> MarkedLine:
    """Mark characters `start` to `end` (from 0, `end` exclusive) of `line`, shown at most `cells` wide.

    Of a longer line the part around the mark is shown, with `...` where something is omitted."""
    before, inside = safe_text(line[:start]), safe_text(line[start:end])
    shown = before + inside + safe_text(line[end:])
    first, last = width(before), width(before + inside)
    if width(shown) <= cells:
        return MarkedLine(shown, first, max(last, first + 1))
    if last <= cells - 3:
        return MarkedLine(cut(shown, cells), first, max(last, first + 1))
    # Keep some text before the mark, so that the reader can locate it in the line.
    skip = _fitting(shown, max(first - cells // 3, 0))
    rest = cut(shown[len(skip) :], cells - 3)
    moved = 3 - width(skip)
    limit = 3 + width(rest)
    first = first + moved
    return MarkedLine("..." + rest, first, min(max(last + moved, first + 1), max(limit, first + 1)))


def code_block(content: str, language: str = "text") -> str:
    """A fenced block; the fence is longer than any row of backticks inside."""
    longest = run = 0
    for character in content:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{safe_lines(content)}\n{fence}"


_MARKDOWN = str.maketrans({one: f"\\{one}" for one in "\\*_{}[]<>()#+-.!|~&@"})


def inline(words: str) -> str:
    """Text in Markdown: what is in backticks becomes code, in which only `|` has a meaning to a table."""
    quoted = words.split("`")
    if len(quoted) % 2 == 0:
        return safe_text(words).translate(_MARKDOWN).replace("`", "\\`")
    made = [
        f"`{safe_text(piece)}`".replace("|", "\\|") if number % 2 and piece else safe_text(piece).translate(_MARKDOWN)
        for number, piece in enumerate(quoted)
    ]
    return "".join(made)


def safe_lines(words: str) -> str:
    """Text of several lines, each safe in itself."""
    return "\n".join(safe_text(line) for line in words.split("\n"))
