"""Opening a database: who may write when, who may read its file, and what is said where it cannot be opened."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.errors import EnvironmentProblem, UsageError
from grader.service.store import database
from grader.service.store.database import opened, sessions, sqlite_file
from grader.service.store.tables import Attempt, Course, User
from tests.service import making

Sessions = sessionmaker[OrmSession]


def test_what_is_written_is_read_with_its_time_zone(Session: Sessions) -> None:
    with Session.begin() as session:
        making.user(session)

    with Session() as session:
        assert session.query(User).one().created_at == making.NOON


def test_rows_of_a_removed_row_are_removed_with_it(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = making.course(session)
        making.attempt(session, making.assignment(session, taught), making.enrolled(session, taught))
    with Session.begin() as session:
        session.delete(session.get_one(Course, taught.id))

    with Session() as session:
        assert session.query(Attempt).all() == []


def test_a_row_that_refers_to_none_is_refused(Session: Sessions) -> None:
    with pytest.raises(IntegrityError), Session.begin() as session:
        session.execute(text("INSERT INTO deployments (platform_id, deployment_id) VALUES (77, 'x')"))


def test_writers_that_read_first_lose_no_update(Session: Sessions) -> None:
    """Each adds 1 to what it has read; on SQLite a writer is alone from its beginning, on PostgreSQL with a lock."""
    with Session.begin() as session:
        key = making.user(session, name="0").id

    def add() -> None:
        for _ in range(5):
            with Session.begin() as session:
                user = session.get_one(User, key, with_for_update=True)
                user.name = str(int(user.name) + 1)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    with Session() as session:
        assert session.get_one(User, key).name == "20"


def test_a_reader_waits_for_no_writer(Session: Sessions) -> None:
    with Session.begin() as writing:
        making.user(writing)
        with Session() as reading:
            assert reading.query(User).all() == []


def test_nobody_else_may_read_the_file(tmp_path: Path) -> None:
    engine = opened(f"sqlite:///{tmp_path / 'grader.db'}")
    with sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE t (x)"))

    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert sqlite_file(engine) == tmp_path / "grader.db"
    engine.dispose()


@pytest.mark.parametrize("url", ["grader.db", "mysql://host/name", "sqlite+aiosqlite:///x", "//"])
def test_what_is_no_url_of_a_database_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        opened(url)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"missing/grader.db' cannot be opened: No such file"):
        opened(f"sqlite:///{tmp_path / 'missing' / 'grader.db'}")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database, however long this text may be " * 50)

    with pytest.raises(EnvironmentProblem, match=r"notes.txt cannot be opened: file is not a database"):
        opened(f"sqlite:///{tmp_path / 'notes.txt'}")


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    pytest.importorskip("psycopg")

    with pytest.raises(EnvironmentProblem) as told:
        opened("postgresql://anna:geheim@127.0.0.1:1/grader?connect_timeout=2")

    assert "127.0.0.1" in str(told.value)
    assert "geheim" not in str(told.value)


def test_psycopg_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> Engine:
        raise ModuleNotFoundError("psycopg")

    monkeypatch.setattr(database, "create_engine", missing)

    with pytest.raises(EnvironmentProblem, match=r"grader\[postgresql\]"):
        opened("postgresql://host/grader")
