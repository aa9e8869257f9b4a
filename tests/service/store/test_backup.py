"""A copy of the database is made while others write, and put back as it was."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from grader.errors import EnvironmentProblem, UsageError
from grader.service.store.database import back_up, opened, out_of_date, restore, sessions, upgrade
from grader.service.store.tables import User
from tests.service import making
from tests.service.databases import binaries

pytestmark = pytest.mark.slow


@pytest.fixture
def migrated(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    if url.startswith("postgresql") and (folder := binaries()) is not None:
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    engine = opened(url)
    upgrade(engine)
    yield engine
    engine.dispose()


def names(engine: Engine) -> list[str]:
    with sessions(engine)() as session:
        return list(session.scalars(select(User.name).order_by(User.id)))


def add(engine: Engine, name: str) -> None:
    with sessions(engine).begin() as session:
        making.user(session, name)


def test_what_was_copied_is_put_back(migrated: Engine, url: str, tmp_path: Path) -> None:
    add(migrated, "Anna")
    copy = tmp_path / "copy"
    told = back_up(migrated, copy)
    add(migrated, "Ben")
    if migrated.dialect.name == "postgresql":
        with migrated.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    migrated.dispose()
    restore(url, copy)

    assert told.startswith(f"backup: {copy}, ")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    again = opened(url)
    assert (names(again), out_of_date(again)) == (["Anna"], "")
    again.dispose()


@pytest.mark.slow
def test_a_copy_that_is_made_while_others_write_is_whole(tmp_path: Path) -> None:
    engine = opened(f"sqlite:///{tmp_path / 'grader.db'}")
    upgrade(engine)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with sessions(engine).begin() as session:
                making.user(session, f"{number}")
                making.user(session, f"{number}")

    writing = threading.Thread(target=write)
    writing.start()
    for number in range(3):
        back_up(engine, tmp_path / f"copy-{number}")
    stop.set()
    writing.join(10)

    for number in range(3):
        copy = opened(f"sqlite:///{tmp_path / f'copy-{number}'}")
        assert len(names(copy)) % 2 == 0
        copy.dispose()
    engine.dispose()


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """The file of a server that is not running."""
    file = tmp_path / "grader.db"
    engine = opened(f"sqlite:///{file}")
    upgrade(engine)
    add(engine, "Anna")
    back_up(engine, tmp_path / "copy")
    add(engine, "Ben")
    engine.dispose()
    return file


def test_what_was_there_before_is_kept(stopped: Path, tmp_path: Path) -> None:
    told = restore(f"sqlite:///{stopped}", tmp_path / "copy")

    kept = tmp_path / "grader.db.before-restore"
    assert str(kept) in told
    assert names(opened(f"sqlite:///{kept}")) == ["Anna", "Ben"]
    assert names(opened(f"sqlite:///{stopped}")) == ["Anna"]


def test_a_database_that_is_in_use_is_not_replaced(stopped: Path, tmp_path: Path) -> None:
    engine = opened(f"sqlite:///{stopped}")
    with engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM users"))
        with pytest.raises(UsageError, match="is in use: stop the server first"):
            restore(f"sqlite:///{stopped}", tmp_path / "copy")

    assert names(engine) == ["Anna", "Ben"]
    engine.dispose()


def test_a_copy_that_is_damaged_or_none_is_not_put_back(stopped: Path, tmp_path: Path) -> None:
    damaged, none = tmp_path / "damaged", tmp_path / "none"
    shutil.copy(tmp_path / "copy", damaged)
    with damaged.open("r+b") as file:
        file.truncate(damaged.stat().st_size // 2)
    none.write_text("no database " * 100)

    for copy in (damaged, none, tmp_path / "missing"):
        with pytest.raises(UsageError):
            restore(f"sqlite:///{stopped}", copy)
    assert names(opened(f"sqlite:///{stopped}")) == ["Anna", "Ben"]


def test_a_copy_that_a_newer_version_made_is_not_put_back(stopped: Path, tmp_path: Path) -> None:
    engine = opened(f"sqlite:///{tmp_path / 'copy'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    engine.dispose()

    with pytest.raises(EnvironmentProblem, match="a grader newer than this one"):
        restore(f"sqlite:///{stopped}", tmp_path / "copy")
    assert names(opened(f"sqlite:///{stopped}")) == ["Anna", "Ben"]


def test_a_file_that_is_there_is_not_written_over(stopped: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        back_up(opened(f"sqlite:///{stopped}"), tmp_path / "copy")


def test_an_empty_database_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to copy"):
        back_up(opened(f"sqlite:///{tmp_path / 'new.db'}"), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
