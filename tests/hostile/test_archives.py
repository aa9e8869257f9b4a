"""Archives of strangers, as a student hands them in: what is in them is refused by name, within bounds of time and
memory, and nothing of it reaches a disk."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from grader.batch.file_choice import ANY, choose
from grader.batch.intake import take_in
from tests.hostile.apart import apart
from tests.hostile.archives import ARCHIVES, MINE, Archive

SECONDS, MEBIBYTES = 5.0, 300


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize(
    "archive",
    [pytest.param(one, marks=[pytest.mark.slow] * one.slow, id=f"{one.number}-{one.name}") for one in ARCHIVES],
)
def test_an_archive(archive: Archive, tmp_path: Path) -> None:
    """Attacks 70, 85, 86, 87, 88, 89."""
    download = tmp_path / "class.zip"
    with zipfile.ZipFile(download, "w") as made:
        made.writestr(f"ann/{archive.name}", archive.made())
        made.writestr("ben/mine.py", MINE)

    def taken() -> list[tuple[str, str, str, list[str]]]:
        intake = take_in((str(download),), "hostile")
        return [
            (one.attempt.student, one.file, str(one.reason), [left.reason for left in one.ignored])
            for one in choose(intake.attempts, ANY)
        ]

    told, seconds, mebibytes = apart(taken)

    ann, _, ben = told.partition("('ben', ")
    assert ben.startswith("'mine.py', 'None'"), told
    assert archive.said in ann
    assert (f"{archive.name}/{archive.taken}'" in ann) if archive.taken else ("'', '" in ann)
    assert seconds < SECONDS
    assert mebibytes < MEBIBYTES
    assert [path.name for path in tmp_path.iterdir()] == ["class.zip"]
