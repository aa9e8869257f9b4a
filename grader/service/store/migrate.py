"""Bring a database to the tables of this version, step by step; refuse what a newer version has made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from grader import __version__
from grader.errors import EnvironmentProblem

FOLDER = Path(__file__).with_name("migrations")

_LOCK = 7_304_118
"""PostgreSQL's advisory lock of servers that start at the same time."""


def upgrade(engine: Engine) -> str:
    """Bring the database to the newest version; return what was done, in a sentence, or "" if there was nothing to do.

    All steps are one transaction: a step that fails changes nothing. Raises `EnvironmentProblem`."""
    with _alone(engine) as connection:
        version = _version(connection)
        if version == newest():
            return ""
        _refuse(connection, version)
        script = _scripts()
        with EnvironmentContext(
            Config(), script, fn=lambda found, _: script._upgrade_revs("head", found), destination_rev="head"
        ) as environment:
            environment.configure(connection=connection)
            environment.run_migrations()
        return f"database: made new, version {newest()}" if version is None else (
            f"database: brought from version {version} to {newest()}"
        )  # fmt: skip


def newer_than_this(engine: Engine) -> str:
    """Why there is no way from this database to the newest version; "" if there is one. Changes nothing."""
    with engine.connect() as connection:
        try:
            _refuse(connection, _version(connection))
        except EnvironmentProblem as problem:
            return str(problem)
    return ""


def out_of_date(engine: Engine) -> str:
    """Why this version cannot work with the database as it is; "" if it can. Changes nothing."""
    if problem := newer_than_this(engine):
        return problem
    with engine.connect() as connection:
        version = _version(connection)
    if version == newest():
        return ""
    if version is None:
        return "the database is empty: grader serve makes its tables when it starts"
    return f"the database is of version {version}, this grader needs {newest()}: grader serve migrates it"


def newest() -> str:
    """The version of the database that this grader works with."""
    return _scripts().get_current_head() or ""


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER))


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse(connection: Connection, version: str | None) -> None:
    """Raise `EnvironmentProblem` if the database is of no version from which there is a way to the newest."""
    if version is None:
        if tables := inspect(connection).get_table_names():
            raise EnvironmentProblem(
                f"the database is not one of grader serve: it has a table {tables[0]!r}; name another one, or "
                "an empty one"
            )
        return
    known = {script.revision for script in _scripts().walk_revisions()}
    if version not in known:
        raise EnvironmentProblem(
            f"the database is of version {version}, which a grader newer than this one ({__version__}) has made: "
            "install that one, or restore a backup that was made before"
        )


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction during which no other server migrates the database."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection
