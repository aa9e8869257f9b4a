"""How text that others wrote reaches a terminal: every character shown, none obeyed.

A student's line, a file name, an error message may hold escape sequences that repaint the screen, or marks that make
a line read backwards. Renderers put all text through `safe_text` at the last moment, their own included, so that
none is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

TAB = "    "
"""What a tab is shown as: the same everywhere in a line, so that places do not depend on what stands before it."""


def safe_text(text: str) -> str:
    """`text` with every character that could steer a terminal, or cannot be seen, written out: `\\x1b`, `\\u202e`."""
    return text if text.isascii() and text.isprintable() else "".join(map(_safe, text))


def _safe(character: str) -> str:
    if character.isprintable():
        return character
    if character == "\t":
        return TAB
    code = ord(character)
    if character in "\n\r":
        return "\\n" if character == "\n" else "\\r"
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
