"""Open the SQLite file of a results folder, also where the folder cannot be written, and word what SQLite refuses.

One process writes into a folder. The system releases its lock when the process ends, however it ends.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from pathlib import Path

from grader.errors import UsageError
from grader.temp_folders import TempFolder

try:
    import fcntl
except ImportError:  # Windows: SQLite itself still keeps two writers from interleaving
    fcntl = None  # type: ignore[assignment]  # checked before use

FILE = "writing.lock"


class Lock:
    """A lock held from construction until `release`. Raises `UsageError` if another process holds it, or if
    the folder cannot be written."""

    def __init__(self, folder: Path) -> None:
        try:
            self._handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise UsageError(f"Nothing can be written into {str(folder)!r}: {error.strerror}.") from None
        if fcntl is None:
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise UsageError(f"Another `grader batch` is writing into {str(folder)!r} right now.") from None

    def release(self) -> None:
        os.close(self._handle)


_SCHEMA = Path(__file__).with_name("schema.sql")
_WAITING = "PRAGMA busy_timeout = 10000"


class Database(sqlite3.Connection):
    """A connection; `copied` is the folder of a temporary copy that it reads, if it reads one."""

    copied: TempFolder | None = None

    def close(self) -> None:
        super().close()
        if self.copied is not None:
            self.copied.close()


def for_writing(path: Path) -> Database:
    """Open or create a database with all tables. Raises `sqlite3.Error`."""
    database = _connected(str(path))
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_SCHEMA.read_text("utf-8"))
    except BaseException:
        database.close()
        raise
    return database


def for_reading(path: Path) -> Database:
    """Open a database. Raises `sqlite3.Error`, and `OSError` if a copy was needed and cannot be made."""
    try:
        return _read(_connected(str(path)))
    except sqlite3.OperationalError as error:
        if _primary(error) not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
        return _unwritten(path)


def add_missing_tables(database: Database) -> None:
    """Add in memory the tables that a folder written by an earlier version lacks: they are empty."""
    known = {str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.execute("PRAGMA temp_store = MEMORY")
    schema = _SCHEMA.read_text("utf-8").replace(" WITHOUT ROWID", "")
    for name, columns in re.findall(r"CREATE TABLE IF NOT EXISTS (\w+) (\(.*?\));", schema, re.S):
        if name not in known:
            database.execute(f"CREATE TEMP TABLE {name} {columns}")


def _read(database: Database) -> Database:
    """A database of which something has been read: only then SQLite opens the file, and makes those beside it."""
    try:
        database.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except BaseException:
        database.close()
        raise
    return database


def _unwritten(path: Path) -> Database:
    """Open a database whose folder cannot be written: readers coordinate with a writer by files in that folder, so
    SQLite opens it only if told that nobody writes. What a batch that was killed left in the log is read in a copy."""
    log = path.with_name(f"{path.name}-wal")
    if not log.is_file() or not log.stat().st_size:
        return _connected(f"{path.resolve().as_uri()}?mode=ro&immutable=1")
    folder = TempFolder()
    for one in (path, log):
        shutil.copyfile(one, os.path.join(folder.path, one.name))
    database = _connected(os.path.join(folder.path, path.name))
    database.copied = folder
    return database


def _connected(name: str) -> Database:
    database = sqlite3.connect(name, isolation_level=None, factory=Database, uri=name.startswith("file:"))
    database.execute(_WAITING)
    return database


def _primary(error: sqlite3.Error) -> int:
    """The kind of an error, without its details."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def reason(error: sqlite3.Error) -> str:
    """What is wrong with the database, and what to do, in a sentence without a full stop."""
    return _REASONS.get(_primary(error), str(error))


_DAMAGED = "it is damaged; restore a copy of it, or grade into a new folder"
_CLOSED = "this folder, or the file in it, cannot be opened or written"
_FULL = "the disk is full; what was stored before is kept, and with more room the same command goes on"
_REASONS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_READONLY: _CLOSED,
    sqlite3.SQLITE_CANTOPEN: _CLOSED,
    sqlite3.SQLITE_PERM: _CLOSED,
    sqlite3.SQLITE_BUSY: "another program keeps it locked",
    sqlite3.SQLITE_IOERR: "the disk reports an error, or is full",
}
