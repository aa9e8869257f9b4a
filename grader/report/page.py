"""Lay out lines for a terminal. All text passes through here before it is printed.

Everything added to a `Page` goes through `safe_text`; colour is added as style objects, never as markup in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.report.text import safe_text

NARROWEST = 40
WIDEST = 100
"""Maximum width of prose, however wide the terminal: longer lines are hard to read."""

_CODE = re.compile(r"`[^`]+`")


class Page:
    """Text built line by line, no line wider than `width` cells."""

    def __init__(self, width: int) -> None:
        self.width = max(width, NARROWEST)
        self._lines: list[Text] = []
        self._console = Console(width=self.width, color_system=None, force_jupyter=False)

    def blank(self) -> None:
        """Add an empty line, unless the last line is empty."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def prose(self, text: str, style: str = "", lead: str = "", lead_style: str = "", indent: int = 0) -> None:
        """Add a wrapped paragraph after `lead`, further lines aligned. Code in backticks is highlighted."""
        head = Text(" " * indent).append(safe_text(lead), lead_style)
        body = Text(safe_text(text), style)
        body.highlight_regex(_CODE, "bold")
        room = max(min(self.width, WIDEST) - head.cell_len, NARROWEST // 2)
        for number, line in enumerate(body.wrap(self._console, room, overflow="fold")):
            line.rstrip()
            start = head if number == 0 else Text(" " * head.cell_len)
            self._lines.append(Text.assemble(start, line))  # `+` would extend the lead's style over the whole line

    def pieces(self, *pieces: tuple[str, str]) -> None:
        """Add one line of styled pieces, not wrapped: the caller ensures that it fits."""
        line = Text()
        for text, style in pieces:
            line.append(safe_text(text), style)
        line.rstrip()
        self._lines.append(line)

    def table(self, rows: Sequence[Sequence[tuple[str, str]]], indent: int = 2, narrowed: bool = False) -> None:
        """Add rows of aligned cells, two spaces apart; the text of each cell must fit. A row with fewer cells is a
        heading. On a narrow page, lines are cut or, if `narrowed`, the last columns are dropped."""
        if narrowed:
            rows = self._narrowed(rows, self.width - indent)
        made = [[Text(safe_text(text), style) for text, style in row] for row in rows]
        columns = max(map(len, made), default=0)
        whole = [row for row in made if len(row) == columns]
        widths = [max(cell.cell_len for cell in column) for column in zip(*whole, strict=True)]
        for row in made:
            if len(row) < columns:
                self._lines.append(Text(" " * indent) + row[0])
                continue
            line = Text(" " * indent)
            for cell, size in zip(row, widths, strict=True):
                if size:
                    line.append_text(cell)
                    line.append(" " * (size - cell.cell_len + 2))
            line.rstrip()
            if line.cell_len > self.width:
                line.truncate(self.width - 3, overflow="crop")
                line.append("...")
            self._lines.append(line)

    def _narrowed(self, rows: Sequence[Sequence[tuple[str, str]]], room: int) -> Sequence[Sequence[tuple[str, str]]]:
        """Keep as many columns as fit, at least the first."""
        widths = [max(Text(safe_text(text)).cell_len for text, _ in column) for column in zip(*rows, strict=True)]
        while len(widths) > 1 and sum(widths) + 2 * (len(widths) - 1) > room:
            widths.pop()
        return [row[: len(widths)] for row in rows]

    def text(self) -> Text:
        """The whole text, with a final newline."""
        lines = self._lines[:-1] if self._lines and not self._lines[-1].plain else self._lines
        return Text("\n", end="").join([*lines, Text()])
