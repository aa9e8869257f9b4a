"""Copies of the database: made while the server runs, checked, and put back.

SQLite is copied by its online backup, which sees one consistent state. PostgreSQL is dumped by its own `pg_dump` and
read back by `pg_restore`. A copy holds everything but the server's secret, which key pairs and cookies need: that is
kept elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, inspect

from grader.errors import EnvironmentProblem, UsageError
from grader.service.store.database import newer_than_this, opened, sqlite_file

PAGES = 2000
"""Pages copied at a time, between which others may write."""


def back_up(engine: Engine, path: Path) -> str:
    """Write a copy to `path`, readable for its owner alone; return what was done, in a sentence.

    Raises `UsageError` if the file is there already, and `EnvironmentProblem`."""
    if path.exists():
        raise UsageError(f"{str(path)!r} is there already: name a new file.")
    if not inspect(engine).has_table("alembic_version"):
        shown = engine.url.render_as_string(hide_password=True)
        raise UsageError(f"the database {shown} is empty, or none of grader serve: there is nothing to copy.")
    beside = path.with_name(f".{path.name}.part")
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        if engine.dialect.name == "sqlite":
            _copy(engine, beside)
        else:
            _run(["pg_dump", "--format=custom", "--no-owner", f"--file={beside}", *_connection(engine)], engine)
        os.replace(beside, path)
    except OSError as error:
        raise EnvironmentProblem(f"the backup {str(path)!r} cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    return f"backup: {path}, {path.stat().st_size / 2**20:.1f} MiB"


def restore(url: str, path: Path) -> str:
    """Put a copy in place of the database at `url`; return what was done, in a sentence. No server may be running.

    What the database held before is kept beside it (SQLite), or has to be removed first (PostgreSQL). Raises
    `UsageError` if the copy is none, and `EnvironmentProblem`."""
    if not path.is_file():
        raise UsageError(f"{str(path)!r} is no file.")
    engine = opened(url)
    try:
        if engine.dialect.name == "sqlite":
            file = sqlite_file(engine)
            if file is None:
                raise UsageError("a database in memory cannot be restored")
            engine.dispose()
            return _put_back(path, file)
        if tables := inspect(engine).get_table_names():
            raise UsageError(
                f"the database holds {len(tables)} tables: restore into an empty one (createdb grader2), and name that "
                "one to the server."
            )
        _run(["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", *_connection(engine), str(path)],
             engine)  # fmt: skip
        if problem := newer_than_this(engine):
            raise EnvironmentProblem(problem)
        return f"restored from {path}"
    finally:
        engine.dispose()


def _copy(engine: Engine, path: Path) -> None:
    connection = engine.raw_connection()
    target = sqlite3.connect(path)
    try:
        source = connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(target, pages=PAGES)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        _check(target, path)
    finally:
        target.close()
        connection.close()


def _put_back(path: Path, file: Path) -> str:
    """Put a copy in the place of a SQLite file, in one step, after it has been checked."""
    beside = file.with_name(f"{file.name}.restored")
    with contextlib.suppress(OSError):
        beside.unlink()
    shutil.copyfile(path, beside)
    os.chmod(beside, 0o600)
    try:
        with contextlib.closing(sqlite3.connect(beside)) as copied:
            _check(copied, path)
        copy = opened(f"sqlite:///{beside}")
        try:
            problem = newer_than_this(copy)
        finally:
            copy.dispose()
        if problem:
            raise EnvironmentProblem(problem)
        _alone(file)
        kept = ""
        if file.stat().st_size:
            before = file.with_name(f"{file.name}.before-restore")
            os.replace(file, before)
            kept = f"; what was there before is {before}"
        os.replace(beside, file)
    finally:
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(f"{beside}{ending}").unlink()
    return f"restored from {path}{kept}"


def _alone(file: Path) -> None:
    """Write what the log holds into the file, and see that nobody else has it open. Raises `UsageError`."""
    database = sqlite3.connect(file, timeout=2)
    try:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        mode = database.execute("PRAGMA journal_mode = DELETE").fetchone()[0]  # only whoever is alone can do that
    except sqlite3.OperationalError:
        mode = "in use"
    finally:
        database.close()
    if mode != "delete":
        raise UsageError(f"{str(file)!r} is in use: stop the server first (systemctl stop grader).")


def _check(database: sqlite3.Connection, path: Path) -> None:
    try:
        [found, *_] = database.execute("PRAGMA quick_check").fetchone()
        known = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{str(path)!r} is no backup that can be read: {error}.") from None
    if found != "ok":
        raise UsageError(f"{str(path)!r} is damaged: {found}.")
    if known is None:
        raise UsageError(f"{str(path)!r} is no backup of grader serve.")


def _connection(engine: Engine) -> Sequence[str]:
    """Where the database is, for the programs of PostgreSQL; the password is passed by `_run`."""
    url = engine.url
    host = url.host or url.query.get("host")
    options = {"host": host, "port": url.port, "username": url.username, "dbname": url.database}
    return [f"--{name}={value}" for name, value in options.items() if value]


def _run(command: Sequence[str], engine: Engine) -> None:
    password = {"PGPASSWORD": str(engine.url.password)} if engine.url.password else {}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **password})
    except FileNotFoundError:
        raise EnvironmentProblem(
            f"PostgreSQL's own {command[0]} is not installed here: apt install postgresql-client"
        ) from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no word"]
        raise EnvironmentProblem(f"{command[0]} has failed: {said[0]}")
