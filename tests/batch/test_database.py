"""The database of a results folder when the disk is full, nothing may be written, or its content is damaged."""

from __future__ import annotations

import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from grader.batch import store as database
from grader.batch.store import FILE, Store
from grader.errors import UsageError
from tests.batch.making_results import RIGHT, filled, handed


def scores(store: Store) -> list[float | None]:
    return [one.score for one in store.standings()]


@pytest.mark.parametrize("damage", [lambda data: b"no database" + data[11:], lambda data: data[: len(data) // 2]])
def test_a_damaged_database_is_told_in_a_sentence(tmp_path: Path, damage: object) -> None:
    path = filled(tmp_path, [(handed("a"), RIGHT)]) / FILE
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]

    with pytest.raises(UsageError, match="it is damaged; restore a copy of it"), Store(tmp_path) as store:
        list(store.standings())


def test_a_full_disk_keeps_what_was_stored_before(tmp_path: Path) -> None:
    filled(tmp_path, [(handed("a"), RIGHT)])

    with pytest.raises(UsageError, match="the disk is full; what was stored before is kept"):
        take_what_does_not_fit(tmp_path)

    with Store(tmp_path) as store:
        assert [one.student for one in store.standings()] == ["a"]


def take_what_does_not_fit(folder: Path) -> None:
    with Store(folder, writing=True) as store:
        pages = store.query("PRAGMA page_count")[0][0]
        store.query(f"PRAGMA max_page_count = {pages}")
        store.take([handed("b", random.Random(1).randbytes(100_000))], [])


def test_a_folder_that_cannot_be_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, [(handed("a"), RIGHT)])
    refuse_files_beside(monkeypatch)

    with Store(tmp_path) as store:
        assert scores(store) == [2.0]
    assert sorted(one.name for one in tmp_path.iterdir()) == [FILE, "writing.lock"]


def test_what_a_killed_batch_left_in_the_log_is_read_there_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(tmp_path / "running", writing=True) as store:
        store.take([handed("a")], [])
        shutil.copytree(tmp_path / "running", tmp_path / "killed")
    refuse_files_beside(monkeypatch)

    with Store(tmp_path / "killed") as store:
        assert [one.student for one in store.standings()] == ["a"]


def refuse_files_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite refuse the first connection as it does in a folder in which it can make no file."""
    connect, first = database._connected, iter([True])

    def connected(name: str) -> database.Database:
        if next(first, False):
            refused = sqlite3.OperationalError("unable to open database file")
            refused.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise refused
        return connect(name)

    monkeypatch.setattr(database, "_connected", connected)


def change_and_refuse(store: Store) -> None:
    with store.all_or_nothing():
        store.forget_submissions()
        store.tell(title="another")
        raise UsageError("refused")


def test_an_exception_undoes_the_whole_block_and_what_is_nested_in_it(tmp_path: Path) -> None:
    filled(tmp_path, [(handed("a"), RIGHT)])

    with Store(tmp_path, writing=True) as store:
        with pytest.raises(UsageError):
            change_and_refuse(store)

        assert (scores(store), store.about("title")) == ([2.0], "A chain")
