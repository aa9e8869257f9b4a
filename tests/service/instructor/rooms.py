"""A service in memory with a class in one course and a second course beside it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from starlette.applications import Starlette

from grader.model import Cell, Problem, Result, Span, StepResult
from grader.serialize import encode
from grader.service.store.tables import Attempt, Course, Job, Outcome, Regrade, User
from grader.service.teaching import regrading, student_record
from grader.service.web import account_routes, student_routes
from grader.service.web.serve import application, instructor_routes
from tests.service.instructor import classroom
from tests.service.web import site


@cache
def _filled() -> tuple[Engine, classroom.Room, classroom.Room]:
    """The courses, made once: every test has a copy."""
    engine = site.engine()
    with site.maker(engine).begin() as session:
        return engine, classroom.room(session, 4), classroom.room(session, 3)


def _driver(engine: Engine) -> sqlite3.Connection:
    connection = engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


class Rooms:
    """Two courses: `room` with four students, and `other`, whose instructor is `stranger`."""

    def __init__(self) -> None:
        self.engine: Engine = create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        filled, self.room, self.other = _filled()
        _driver(filled).backup(_driver(self.engine))
        with self.session() as session:
            self.stranger = session.get_one(User, self.other.instructor)
            self.teacher = session.get_one(User, self.room.instructor)
            self.helper = session.get_one(User, self.room.assistant)
            self.student = session.get_one(User, self.room.students[1])
        self._open = ExitStack()
        self._browsers: dict[int, site.Client] = {}
        parts = [account_routes.routes(), instructor_routes(), student_routes.routes()]
        self.app: Starlette = application(site.settings(), self.engine, parts)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with site.maker(self.engine).begin() as session:
            yield session

    def of(self, who: User) -> site.Client:
        """A browser in which somebody is signed in; always the same, as making one is slow."""
        if who.id not in self._browsers:
            made = site.client(self.app, self.engine, who)
            self._browsers[who.id] = self._open.enter_context(made)  # one event loop for all its requests
        return self._browsers[who.id]

    def close(self) -> None:
        self._open.close()
        self.engine.dispose()

    @property
    def base(self) -> str:
        return f"/courses/{self.room.course}/teach"

    @property
    def assignment(self) -> str:
        return f"{self.base}/assignments/{self.room.assignment}"

    def course(self, session: Session) -> Course:
        return session.get_one(Course, self.room.course)


def attempt_of(session: Session, user: int) -> Attempt:
    """The last attempt of a student."""
    return session.query(Attempt).filter_by(user_id=user).order_by(Attempt.number.desc()).limit(1).one()


def with_result(session: Session, user: int, source: str) -> Attempt:
    """The student's last attempt, with a result that quotes a line of this source, and names its file."""
    attempt = attempt_of(session, user)
    attempt.content = source.encode()
    outcome = session.query(Outcome).filter_by(attempt_id=attempt.id, current=True).one()
    where = Span(attempt.file, None, 1, 1, 1, 5)
    step = StepResult("dh1_dwh", "d(h1)/d(w_h)", "wrong", "value", 0.0, 1.0, "dh1_dwh", where, source.splitlines()[0])
    result = Result(
        "tanh-chain", "Tanh", attempt.file, None, 1.0, 16.0, False, "dh1_dwh", (step,), (), (),
        (Problem("note", f"about {source.splitlines()[0]}", where),), "process", "values", 0.1, (("grader", "0"),),
        (Cell(source, source),),
    )  # fmt: skip
    outcome.result = zlib.compress(encode(replace(result, sources=())).encode())
    session.flush()
    return attempt


def previewed(session: Session, room: classroom.Room, better: int, exercise: str | None = None) -> Regrade:
    """A regrade that is ready, in which one student's steps are all right, and everybody else's as they were."""
    assignment = session.get_one(classroom.Assignment, room.assignment)
    made = regrading.started(session, room.actor(), assignment, None, exercise)
    for job in session.query(Job).filter_by(regrade_id=made.id):
        old = session.query(Outcome).filter_by(attempt_id=job.attempt_id, current=True).one()
        steps = classroom.steps({}) if job.user_id == better else json.loads(old.steps)
        score = sum(float(one[3]) for one in steps)
        session.add(Outcome(attempt_id=job.attempt_id, current=False, regrade_id=made.id, status="graded", score=score,
                            max_score=16.0, complete=score == 16.0, steps=json.dumps(steps), version="1",
                            graded_at=classroom.NOW))  # fmt: skip
        job.state, job.done_at = "done", classroom.NOW
    made.state = "ready"
    session.flush()
    return made


def points(session: Session, room: classroom.Room, user: int, step: str | None = None, number: str = "3") -> None:
    """Points given by hand."""
    assignment = session.get_one(classroom.Assignment, room.assignment)
    student_record.given(session, room.actor(), assignment, user, (step, number, "as discussed"))
