"""Foreign text is shown, not obeyed, and the mark stands under what it means."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.report.text import cut, marked_line, safe_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("a\tb", "a    b"),
        ("a\r\nb", "a\\r\\nb"),
        ("x\u200by\ufeff", "x\\u200by\\ufeff"),
        ("größe 漢字 é", "größe 漢字 é"),
        ("[bold]x[/bold] :smile:", "[bold]x[/bold] :smile:"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert shown == safe_text(text)


def test_every_single_character_is_made_printable() -> None:
    assert all(safe_text(chr(code)).isprintable() for code in range(sys.maxunicode + 1))


@given(st.text(max_size=40), st.integers(0, 45), st.integers(0, 45), st.integers(20, 60))
def test_a_marked_line_fits_and_its_mark_is_in_it(line: str, start: int, size: int, cells: int) -> None:
    start = min(start, len(line))
    shown = marked_line(line, start, min(start + size, len(line)), cells)

    assert cell_len(shown.text) <= cells
    assert 0 <= shown.start < shown.end <= cells + 1


@pytest.mark.parametrize(
    ("line", "marked", "start", "end"),
    [
        ("\tdh = 2", "2", 9, 10),
        ("漢 = oops", "oops", 5, 9),
        ("a\x1b = oops", "oops", 8, 12),
    ],
)
def test_the_mark_stands_under_the_cells_it_means(line: str, marked: str, start: int, end: int) -> None:
    at = line.index(marked)
    shown = marked_line(line, at, at + len(marked), 80)

    assert (start, end) == (shown.start, shown.end)


def test_of_a_long_line_the_part_around_the_mark_is_shown() -> None:
    line = "x" * 300 + "oops" + "y" * 300
    shown = marked_line(line, 300, 304, 60)

    assert shown.text[shown.start : shown.end] == "oops"
    assert shown.text.startswith("...")
    assert shown.text.endswith("...")


def test_cut_text_says_that_it_was_cut() -> None:
    assert cut("abcdefghijkl", 10) == "abcdefg..."
    assert cut("漢漢漢漢漢漢", 10) == "漢漢漢..."
