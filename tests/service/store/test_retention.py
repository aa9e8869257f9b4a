"""What is kept of a student, for how long, and that nothing is left of who is deleted."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.batch.jobs import record_of
from grader.service.attempts import kept_result
from grader.service.retention import erased, expired, exported, left, swept
from grader.service.store.tables import (
    Assignment,
    Attempt,
    Course,
    Enrolment,
    Extension,
    LoginLink,
    Outcome,
    Push,
    TakenHint,
    User,
    WebSession,
)
from grader.service.work import queue
from tests.batch.making_results import HALF
from tests.service import making
from tests.service.making import DAY, NOON

pytestmark = pytest.mark.slow

Sessions = sessionmaker[OrmSession]


def full(session: OrmSession, course: Course | None = None, user: User | None = None) -> tuple[Assignment, User]:
    """A student with a row in every table."""
    course = course or making.course(session)
    user = user or making.enrolled(session, course, "Zaphod")
    asked = making.assignment(session, course, reveal="location")
    attempt = making.attempt(session, asked, user, content=b"# by Zaphod\n", file="zaphod.py")
    packed = record_of("w", HALF).packed
    session.add(making.graded(5.0, attempt_id=attempt.id, result=packed))
    queue.queued(session, attempt, NOON)
    making.override(session, attempt, "dw", 1.0, reason="Zaphod asked", at=NOON)
    own = {"assignment_id": asked.id, "user_id": user.id}
    session.add(TakenHint(**own, step="dw", level="hint", cost=0.0, at=NOON))
    session.add(Extension(**own, until=NOON, reason="Zaphod was ill"))
    session.add(Push(**own, score=1, max_score=2, comment="for Zaphod", next_try_at=NOON, created_at=NOON))
    session.add(WebSession(digest=f"d{asked.id}", user_id=user.id, course_id=course.id, created_at=NOON,
                           expires_at=NOON + DAY))  # fmt: skip
    session.flush()
    return asked, user


def contents(engine: Engine) -> str:
    """Everything in the database, as text."""
    with engine.connect() as connection:
        return "".join(
            str([bytes(value) if isinstance(value, memoryview) else value for value in row])
            for table in inspect(connection).get_table_names()
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        )


def test_nothing_is_left_of_a_user_who_is_erased_and_others_stay(Session: Sessions, engine: Engine) -> None:
    with Session.begin() as session:
        asked, user = full(session)
        other = making.enrolled(session, session.get_one(Course, asked.course_id), "Trillian")
        making.with_score(session, making.attempt(session, asked, other), 3.0)
    assert "zaphod" in contents(engine).lower()
    with Session.begin() as session:
        erased(session, session.get_one(User, user.id))

    assert "zaphod" not in contents(engine).lower()
    assert user.subject not in contents(engine)
    with Session() as session:
        assert session.scalars(select(Attempt.user_id)).all() == [other.id]


def test_on_sqlite_the_file_holds_nothing_of_them_after_a_checkpoint(
    Session: Sessions, engine: Engine, tmp_path: Path
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("it is about SQLite's file")
    with Session.begin() as session:
        _, user = full(session)
    with Session.begin() as session:
        erased(session, session.get_one(User, user.id))
    with engine.connect() as connection:
        connection.rollback()
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    assert b"aphod" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_who_leaves_one_course_keeps_what_is_in_the_other(Session: Sessions) -> None:
    with Session.begin() as session:
        first, user = full(session)
        course = making.course(session)
        session.add(Enrolment(course_id=course.id, user_id=user.id, role="student", pseudonym="p", created_at=NOON))
        second, _ = full(session, course, user)
        left(session, user, first.course_id)

        assert session.scalars(select(Attempt.assignment_id)).all() == [second.id]
        assert session.scalars(select(Push.assignment_id)).all() == [second.id]

        left(session, session.get_one(User, user.id), second.course_id)
        assert session.scalars(select(User.id)).all() == []


def test_an_export_holds_files_rows_and_results_at_the_level_of_the_student(Session: Sessions) -> None:
    with Session.begin() as session:
        _, user = full(session)
        user.password = "scrypt"
        session.flush()
        packed = exported(session, user)

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        [file] = [name for name in archive.namelist() if name.startswith("files/")]
        about = json.loads(archive.read("about.json"))
        assert archive.read(file) == b"# by Zaphod\n"

    assert {"users", "enrolments", "attempts", "results", "overrides", "taken_hints", "extensions", "pushes"} <= set(
        about
    )
    assert about["users"][0]["name"] == "Zaphod"
    assert about["results"][0]["score"] == 5.0
    assert about["results"][0]["result"]["schema"] == "grader.result/1"
    steps = about["results"][0]["result"]["steps"]
    assert steps
    assert all("expected" not in step for step in steps)
    assert "scrypt" not in json.dumps(about)
    assert "digest" not in json.dumps(about["sessions"])


def test_an_export_leaves_out_a_result_that_cannot_be_read(Session: Sessions) -> None:
    with Session.begin() as session:
        _, user = full(session)
        outcome = session.scalars(select(Outcome)).one()
        outcome.result = b"of another version"

        with zipfile.ZipFile(io.BytesIO(exported(session, user))) as archive:
            (told,) = json.loads(archive.read("about.json"))["results"]
        assert kept_result(outcome) is None

    assert (told["status"], told["score"], "result" in told) == ("graded", 5.0, False)


def test_an_export_of_one_course_holds_nothing_of_another(Session: Sessions) -> None:
    with Session.begin() as session:
        first, user = full(session)
        course = making.course(session)
        full(session, course, user)
        packed = exported(session, user, first.course_id)

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        about = json.loads(archive.read("about.json"))
    for name in ("attempts", "pushes", "results"):
        assert [row["assignment_id"] for row in about[name]] == [first.id]


def test_what_is_older_than_its_course_keeps_it_is_deleted(Session: Sessions) -> None:
    with Session.begin() as session:
        kept = [full(session, making.course(session, retention_days=days)) for days in (None, 30, 10)]

        assert expired(session, NOON + 20 * DAY) == 1
        assert sorted(session.scalars(select(Attempt.assignment_id))) == [asked.id for asked, _ in kept[:2]]
        assert len(session.scalars(select(Outcome.id)).all()) == 2
        assert sorted(session.scalars(select(Push.assignment_id))) == [asked.id for asked, _ in kept[:2]]


def test_what_has_run_out_is_swept(Session: Sessions) -> None:
    with Session.begin() as session:
        _, user = full(session)
        for digest, expires in (("old", NOON), ("new", NOON + 9 * DAY)):
            session.add(LoginLink(digest=digest, user_id=user.id, expires_at=expires))
        session.flush()
        swept(session, NOON + 2 * DAY + timedelta(seconds=1))

        assert session.scalars(select(LoginLink.digest)).all() == ["new"]
        assert session.scalars(select(WebSession.digest)).all() == []
