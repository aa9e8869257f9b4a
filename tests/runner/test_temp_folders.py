"""Folders for the moment: none outlives its use for longer than until the next one is made."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import temp_folders
from grader.temp_folders import MARK, PREFIX, TempFolder

posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no locks of this kind there")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files are made, looked through anew by the next folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    temp_folders._sweep_once.cache_clear()
    yield tmp_path
    temp_folders._sweep_once.cache_clear()


def killed(place: Path, code: str = "") -> Path:
    """The folder of a process that was killed."""
    program = (
        f"import os, signal, tempfile\nimport grader.temp_folders as t\ntempfile.tempdir = {str(place)!r}\n"
        f"one = t.TempFolder()\nopen(os.path.join(one.path, 'file'), 'w').close()\n{code}\nos.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == -signal.SIGKILL
    (left,) = place.iterdir()
    return left


def test_a_folder_is_gone_once_it_is_closed(place: Path) -> None:
    one = TempFolder()
    (Path(one.path) / "file").write_text("x")
    one.close()

    assert list(place.iterdir()) == []


def test_a_folder_nobody_closed_is_gone_when_its_process_ends(place: Path) -> None:
    program = (
        f"import tempfile; tempfile.tempdir = {str(place)!r}; import grader.temp_folders as t; one = t.TempFolder()"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

    assert list(place.iterdir()) == []


@posix
def test_what_a_killed_process_left_the_next_one_removes(place: Path) -> None:
    left = killed(place)
    TempFolder().close()

    assert not left.exists()


@posix
def test_a_folder_in_use_is_left_alone(place: Path) -> None:
    one = TempFolder()
    program = f"import tempfile; tempfile.tempdir = {str(place)!r}; import grader.temp_folders as t; t.TempFolder()"
    subprocess.run([sys.executable, "-c", program], check=True)

    assert Path(one.path).is_dir()
    one.close()


@posix
def test_a_fork_does_not_remove_the_folder_of_its_parent(place: Path) -> None:
    program = (
        f"import os, sys, tempfile\ntempfile.tempdir = {str(place)!r}\nimport grader.temp_folders as t\n"
        "one = t.TempFolder()\nif os.fork() == 0: sys.exit()\nos.wait()\nsys.exit(not os.path.isdir(one.path))"
    )

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


@posix
def test_nothing_without_our_mark_is_touched(place: Path) -> None:
    mine = place / f"{PREFIX}of-mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("x")
    linked = place / f"{PREFIX}link"
    linked.symlink_to(mine)
    (place / MARK).write_text("")
    TempFolder().close()

    assert (mine / "thesis.tex").read_text() == "x"
    assert linked.is_symlink()


@posix
def test_folders_whose_rights_were_taken_away_are_removed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    place = tempfile.mkdtemp()  # not below pytest's folders, into which only its own user may go
    monkeypatch.setattr(tempfile, "tempdir", place)
    user = os.geteuid()
    if user == 0:  # whom no rights hold up
        os.chown(place, 65533, -1)
        os.seteuid(65533)
    try:
        one = TempFolder()
        deep = Path(one.path) / "a" / "b"
        deep.mkdir(parents=True)
        (deep / "file").write_text("x")
        deep.chmod(0)
        deep.parent.chmod(0)
        one.close()
    finally:
        os.seteuid(user)

    os.rmdir(place)  # it is empty


@posix
def test_who_may_pass_through_a_folder_does_not_depend_on_the_umask(place: Path) -> None:
    before = os.umask(0o077)
    try:
        one, other = TempFolder(passable=True), TempFolder()
    finally:
        os.umask(before)

    assert [os.stat(path).st_mode & 0o777 for path in (one.path, other.path)] == [0o711, 0o700]
    one.close()
    other.close()
