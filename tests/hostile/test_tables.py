"""Tables and lists that attack whoever reads them: refused with the line, or read, within bounds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.batch.csv_text import read_table
from grader.batch.feedback import safe_name
from grader.batch.gradebooks.gradebook import read_sheet
from grader.batch.platforms.gradescope import read
from tests.batch.making import tree
from tests.hostile.apart import apart

SECONDS, MEBIBYTES = 5.0, 100
LONG = 4 << 20

TABLES = {
    "quotes that never end": b"ID,score\n" + b'"x,' * (LONG // 3),
    "quotes that end nowhere": b"ID,score\n" + b'"x"y,' * (LONG // 5),
    "nothing but quotes": b"ID,score\n" + b'"' * LONG,
    "a long cell": b'ID,score\n"' + b"x" * LONG + b'",1\n',
    "many columns": b"ID,score," + b"a," * 1_000_000,
    "many rows": b"ID,score\n" + b",\n" * 300_000,
    "blanks": b'ID,score\n"x"' + b" " * LONG + b"y,1\n",
    "a null character": b"ID,score\n\0,1\n",
    "no text": bytes(range(256)),
    "half of a mark": b"\xff\xfeI",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_or_refused_within_bounds(name: str, tmp_path: Path) -> None:
    """Attack 97."""
    path = tmp_path / "table.csv"
    path.write_bytes(TABLES[name])
    ways: tuple[Callable[[], object], ...] = (
        lambda: len(read_sheet(TABLES[name], "table.csv").rows),
        lambda: len(read_table(path, ("id", "score"))),
    )
    for way in ways:
        told, seconds, mebibytes = apart(way)

        assert told.isdecimal() or told.startswith("UsageError: "), told
        assert seconds < SECONDS
        assert mebibytes < MEBIBYTES


def test_metadata_that_refers_to_itself_a_million_times_names_nobody() -> None:
    """Attack 96."""
    bomb = "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"{c}: &{c} [{', '.join([f'*{p}'] * 8)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    people = bomb + "submission_1:\n  :submitters:\n  - :name: *i\n    :sid: *i\n"
    found = read(tree({"submission_metadata.yml": people.encode(), "submission_1/mine.py": b""}), "hostile")

    assert [(one.student, one.name) for one in found.attempts] == [("submission_1", "submission_1")]


@pytest.mark.parametrize(
    "student",
    ["../../root/.bashrc", "CON", "nul.txt", "", ".", "..", ".hidden", "x" * 65, "a/b", "a\\b", "ann\n", "\u202eann",
     "\ud800", "a b", "C:", "\0"],
)  # fmt: skip
def test_a_student_whose_key_is_no_harmless_name_gets_another(student: str) -> None:
    """Attack 99."""
    name = safe_name(student)

    assert name.startswith("student-")
    assert name.replace("-", "").isalnum()


def test_a_student_whose_key_is_harmless_keeps_it() -> None:
    assert [safe_name(key) for key in ("ann", "a.b-c_d@e+1", "x" * 64)] == ["ann", "a.b-c_d@e+1", "x" * 64]
