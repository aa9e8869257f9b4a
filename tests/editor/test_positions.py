"""Positions in the code units of an editor."""

from __future__ import annotations

import pytest

pytest.importorskip("lsprotocol")

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lsprotocol.types import (
    Position,
    Range,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
)

from grader.editor.documents import changed, characters, lines_of, offset, position, units, whole_line

LINE = "é😀δ_1 = 2"
"""Its first three characters take 2, 4 and 2 bytes, and 1, 2 and 1 units of UTF-16."""


@pytest.mark.parametrize(("encoding", "length"), [("utf-8", 14), ("utf-16", 10), ("utf-32", 9)])
def test_the_length_of_a_line_is_that_of_its_encoding(encoding: str, length: int) -> None:
    assert units(LINE, encoding) == length


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 8), ("utf-16", 4), ("utf-32", 3)])
def test_a_column_in_characters_becomes_one_in_units_and_back(encoding: str, character: int) -> None:
    assert position((LINE,), 1, 4, encoding) == Position(0, character)
    assert characters(LINE, character, encoding) == 3


def test_a_position_within_a_character_is_before_it() -> None:
    assert characters("a😀b", 2, "utf-16") == 1


@pytest.mark.parametrize(("line", "column"), [(0, 0), (3, 1), (2, 99)])
def test_a_place_outside_of_the_text_is_clipped_to_it(line: int, column: int) -> None:
    found = position(("one", "three"), line, column, "utf-16")

    assert (found.line, found.character) in ((0, 0), (1, 0), (1, 5))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_only_line_ends_of_the_protocol_end_a_line(end: str) -> None:
    assert lines_of(f"a\x0cb{end}c\u2028d") == ("a\x0cb", "c\u2028d")


def test_a_line_is_underlined_without_its_indentation() -> None:
    assert whole_line(("    a = 1  ",), 0, "utf-16") == Range(Position(0, 4), Position(0, 9))


def test_edits_are_applied_one_after_the_other() -> None:
    first = TextDocumentContentChangePartial(range=Range(Position(1, 2), Position(1, 3)), text="δ")
    second = TextDocumentContentChangePartial(range=Range(Position(0, 1), Position(1, 0)), text="")

    assert changed("a\r\n😀b\n", [first, second], "utf-16") == "a😀δ\n"


def test_an_edit_without_a_range_is_the_whole_text() -> None:
    assert changed("a", [TextDocumentContentChangeWholeDocument("b")], "utf-16") == "b"


@given(st.text(alphabet="a\n\r😀é\x0c", max_size=12), st.integers(0, 12))
@example("\r\n", 1)
@settings(max_examples=60)
def test_an_offset_is_that_of_the_position_of_its_line_and_column(text: str, at: int) -> None:
    at = min(at, len(text))
    if text[at - 1 : at + 1] == "\r\n":
        return  # no position is between the two
    before = lines_of(text[:at])
    place = position(before, len(before), len(before[-1]) + 1, "utf-16")

    assert offset(text, place, "utf-16") == at
