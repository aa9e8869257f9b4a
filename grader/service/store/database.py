"""The database, SQLite in a file or PostgreSQL by URL: opened, brought to the tables of this version step by step (what
a newer version has made is refused), copied while the server runs, and put back.

    engine = opened("sqlite:///grader.db")
    Session = sessions(engine)
    with Session.begin() as session: ...   # reads and writes; committed at its end
    with Session() as session: ...         # reads only

On SQLite there is one writer at a time: `Session.begin()` waits for its turn at once (`BEGIN IMMEDIATE`), so that
what it reads first still holds when it writes. `Session()` reads a consistent state and waits for nobody.

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session, SessionTransactionOrigin, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from grader import __version__
from grader.errors import EnvironmentProblem, UsageError

BUSY_SECONDS = 20.0
"""Seconds that a writer waits for the other writers of SQLite."""

CONNECTIONS = 60
"""At most as many connections at a time: the threads of Starlette, the workers, and some to spare."""

_READS = "grader_reads"
"""Execution option of connections that only read."""

READY = 'install it with pip install "grader[postgresql]"'


FOLDER = Path(__file__).with_name("migrations")

_LOCK = 7_304_118
"""PostgreSQL's advisory lock of servers that start at the same time."""

PAGES_PER_STEP = 2000
"""Pages copied at a time, between which others may write."""


def opened(url: str) -> Engine:
    """The engine of the database at a SQLAlchemy URL. Makes the file of a SQLite database, for its owner alone.

    Raises `UsageError` for what is no such URL, and `EnvironmentProblem` if the database cannot be opened."""
    place = _read(url)
    engine = _sqlite(place) if place.get_backend_name() == "sqlite" else _postgresql(place)
    try:
        with engine.connect():
            pass
    except (DBAPIError, sqlite3.Error) as error:
        engine.dispose()
        cause = str(getattr(error, "orig", None) or error).strip()
        raise EnvironmentProblem(f"the database {_shown(place)} cannot be opened: {cause}") from None
    return engine


class _Session(Session):
    """Begins a transaction that may write only if it was begun as one (see the top of this module)."""

    def get_bind(self, *arguments: Any, **options: Any) -> Engine | Connection:
        bind = super().get_bind(*arguments, **options)
        transaction = self.get_transaction()
        if isinstance(bind, Connection) or (
            transaction is not None and transaction.origin is not SessionTransactionOrigin.AUTOBEGIN
        ):
            return bind
        return bind.execution_options(**{_READS: True})


def sessions(engine: Engine) -> sessionmaker[Session]:
    """What makes sessions; objects stay readable after a commit."""
    return sessionmaker(engine, class_=_Session, expire_on_commit=False)


def sqlite_file(engine: Engine) -> Path | None:
    """The file of a SQLite database; None for one in memory, and for PostgreSQL."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name not in (None, "", ":memory:") and name else None


def _read(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError:
        raise UsageError(
            f"No database URL begins with {url.partition('://')[0]!r}. Write one such as sqlite:///grader.db or "
            "postgresql+psycopg://user@host/database."
        ) from None
    if place.drivername in ("postgresql", "postgres"):
        place = place.set(drivername="postgresql+psycopg")
    if place.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise UsageError(f"databases of kind {place.drivername!r} are not supported: SQLite and PostgreSQL are.")
    return place


def _shown(place: URL) -> str:
    """The URL without its password."""
    return place.render_as_string(hide_password=True)


def _sqlite(place: URL) -> Engine:
    name = place.database or ":memory:"
    if name == ":memory:":
        engine = create_engine(place, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        _make(Path(name))
        engine = create_engine(
            place,
            pool_size=CONNECTIONS,
            max_overflow=0,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _make(file: Path) -> None:
    """Create a file that nobody else may read. SQLite gives the files beside it the same permissions."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise EnvironmentProblem(f"the database {str(file)!r} cannot be opened: {error.strerror}") from None


def _set_up(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # `_begin` begins transactions, the driver none
    for pragma in (
        "journal_mode = WAL",
        "foreign_keys = ON",
        "synchronous = FULL",  # what was accepted survives a power failure
        "secure_delete = ON",  # what was deleted is overwritten in the file
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgresql(place: URL) -> Engine:
    make: Callable[..., Engine] = create_engine
    try:
        return make(place, pool_pre_ping=True, pool_size=10, max_overflow=CONNECTIONS - 10)
    except ModuleNotFoundError:
        raise EnvironmentProblem(f"PostgreSQL needs psycopg: {READY}") from None


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
        source.backup(target, pages=PAGES_PER_STEP)
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
        _only_user(file)
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


def _only_user(file: Path) -> None:
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
