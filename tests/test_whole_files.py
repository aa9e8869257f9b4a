"""Files that are written whole: the old content or the new, whatever happens."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.whole_files import create_whole, replacing, write_whole

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text("old")

    write_whole(tmp_path / "book.csv", (part for part in (b"ne", b"w")))

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("book.csv", "new")]


def end_within(path: Path, end: BaseException | type[BaseException]) -> None:
    with replacing(path) as stream:
        stream.write(b"a part")
        raise end


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, OSError(28, "No space left on device"), ValueError])
def test_what_ends_the_writing_leaves_the_old_content(tmp_path: Path, end: BaseException | type[BaseException]) -> None:
    (tmp_path / "book.csv").write_text("old")

    with pytest.raises((type(end) if isinstance(end, BaseException) else end, UsageError)):
        end_within(tmp_path / "book.csv", end)

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("book.csv", "old")]


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"book.csv' cannot be written: No space left on device\."):
        end_within(tmp_path / "book.csv", OSError(28, "No space left on device"))


@pytest.mark.parametrize("name", ["missing/book.csv", "folder", "\0"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(UsageError):
        write_whole(tmp_path / name, b"")


@POSIX
def test_permissions_and_links_stay(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text("old")
    (tmp_path / "book.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to("book.csv")

    write_whole(tmp_path / "link.csv", b"new")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "book.csv").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "book.csv").stat().st_mode) == 0o640


@POSIX
def test_what_is_no_file_is_written_directly() -> None:
    write_whole(os.devnull, b"gone")

    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


def test_a_file_that_is_there_is_not_created_again(tmp_path: Path) -> None:
    create_whole(tmp_path / "mine.py", b"first")

    with pytest.raises(UsageError, match="already; it was left as it is"):
        create_whole(tmp_path / "mine.py", b"second")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("mine.py", "first")]
