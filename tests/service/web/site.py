"""A service in memory, with a course, and clients that are signed in to it."""

from __future__ import annotations

import itertools
import sqlite3
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool
from starlette.testclient import TestClient

from grader.service.settings import Settings
from grader.service.store.tables import Base, Course, Enrolment, User
from grader.service.web import sessions
from grader.service.web.security import csrf_token

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
URL = "http://testserver"
_NUMBERS = itertools.count(1)


def now() -> datetime:
    return datetime.now(UTC)


def settings(**changed: object) -> Settings:
    values = {"url": URL, "database": "sqlite://", "secret": "s" * 40, "data": Path("/nowhere")}
    return Settings(**(values | changed))  # type: ignore[arg-type]


def engine() -> Engine:
    """A database in memory with all tables: a copy of an empty one, as making the tables takes longer than most
    tests."""
    made = _in_memory()
    with _empty().connect() as source, made.connect() as copy:
        begun, new = source.connection.driver_connection, copy.connection.driver_connection
        assert isinstance(begun, sqlite3.Connection)
        assert isinstance(new, sqlite3.Connection)
        begun.backup(new)
    return made


@cache
def _empty() -> Engine:
    made = _in_memory()
    Base.metadata.create_all(made)
    return made


def _in_memory() -> Engine:
    return create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})


def maker(of: Engine) -> sessionmaker[Session]:
    return sessionmaker(of, expire_on_commit=False)


def course(session: Session, title: str = "Backpropagation") -> Course:
    made = Course(context_id=f"c{next(_NUMBERS)}", title=title, created_at=NOW)
    session.add(made)
    session.flush()
    return made


def user(session: Session, of: Course | None, role: str = "student", name: str = "Ada", **more: object) -> User:
    """A local user, who is in a course."""
    number = next(_NUMBERS)
    made = User(subject=f"u{number}", name=name, created_at=NOW, **more)
    session.add(made)
    session.flush()
    if of is not None:
        session.add(
            Enrolment(course_id=of.id, user_id=made.id, role=role, pseudonym=f"student-{number:04x}", created_at=NOW)
        )
    session.flush()
    return made


class Client(TestClient):
    """A browser: it sends the token of its session with each form."""

    token: str | None = None

    def send_form(self, path: str, data: dict[str, str] | None = None, **more: object):  # type: ignore[no-untyped-def]
        csrf = "" if self.token is None else csrf_token("s" * 40, self.token)
        return self.post(path, data={"csrf": csrf} | (data or {}), **more)  # type: ignore[arg-type]


def client(app: object, of: Engine, who: User | None, course: int | None = None) -> Client:
    """A browser in which `who` is signed in."""
    made = Client(app, URL, follow_redirects=False)  # type: ignore[arg-type]
    if who is not None:
        with maker(of).begin() as session:
            made.token = sessions.begin_session(session, who.id, course, None, datetime.now(UTC))
        made.cookies.set("grader" if course is None else f"grader-{course}", made.token)
    return made
