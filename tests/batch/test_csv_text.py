"""Tables as Excel and others save them."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from grader.batch.csv_text import decoded, read_table
from grader.batch.gradebooks.gradebook import read_sheet

TABLE = 'student,score,reason\r\n101,"1,5",für Zoë\r\n102,2,\r\n'
SEMICOLONS = "student;score;reason\r\n101;1,5;für Zoë\r\n102;2;\r\n"
SAVED = {
    "UTF-8": TABLE.encode(),
    "CSV UTF-8": codecs.BOM_UTF8 + TABLE.encode(),
    "ANSI": TABLE.encode("cp1252"),
    "ANSI with semicolons": SEMICOLONS.encode("cp1252"),
    "UTF-8 with semicolons": SEMICOLONS.encode(),
    "told its delimiter": f"sep=;\r\n{SEMICOLONS}".encode(),
    "Unicode text": codecs.BOM_UTF16_LE + SEMICOLONS.replace(";", "\t").encode("utf-16-le"),
    "UTF-16, big end first": codecs.BOM_UTF16_BE + SEMICOLONS.encode("utf-16-be"),
    "UTF-16 without a mark": SEMICOLONS.encode("utf-16-le"),
}


@pytest.mark.parametrize("data", SAVED.values(), ids=SAVED)
def test_a_table_is_read_however_it_was_saved(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "table.csv").write_bytes(data)

    rows = [row for _, row in read_table(tmp_path / "table.csv", ("student", "score"))]

    assert [(row["student"], row["score"], row["reason"]) for row in rows] == [
        ("101", "1,5", "für Zoë"), ("102", "2", "")
    ]  # fmt: skip


@pytest.mark.parametrize("data", SAVED.values(), ids=SAVED)
def test_a_gradebook_is_written_as_it_was_saved(data: bytes) -> None:
    sheet = read_sheet(data, "book.csv")

    assert (sheet.head, sheet.cell(1, 2)) == (["student", "score", "reason"], "für Zoë")
    assert sheet.bytes() == data
    sheet.set_number(2, 1, 3.0)
    changed = sheet.bytes()
    assert len(changed) == len(data)
    assert read_sheet(changed, "book.csv").cell(2, 1) == "3"


def test_a_character_that_the_encoding_lacks_becomes_an_entity() -> None:
    sheet = read_sheet(SAVED["ANSI"], "book.csv")
    sheet.set(1, 2, "x → y")

    assert b"x &#8594; y" in sheet.bytes()


@pytest.mark.parametrize("data", [b"\x00\x00\x00\x01", b"PK\x03\x04\x00\x00\x81", b"a,b\n\0\0,1\n"])
def test_what_is_no_text_is_no_table(data: bytes) -> None:
    assert decoded(data) is None
