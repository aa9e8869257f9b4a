"""The state of a batch in one SQLite file: written incrementally, consistent after a kill at any moment, and readable
where the folder cannot be written.

A result is stored under its *work*: a digest of everything it depends on. A job is pending if its work has no result.
This one rule covers resuming, regrading what changed, and grading equal files once.

One process writes into a folder. The system releases its lock when the process ends, however it ends."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import unicodedata
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from grader.batch.entries import Ignored
from grader.batch.file_choice import ChosenFile
from grader.batch.jobs import Bundle, Record, unpacked
from grader.batch.student_row import STANDINGS, StudentRow, renamed, standing
from grader.errors import SubmissionError, UsageError
from grader.model import Result
from grader.nearest import did_you_mean, near_files, without_accents
from grader.serialize import decode
from grader.submission.load import load_bytes
from grader.temp_folders import TempFolder

try:
    import fcntl
except ImportError:  # Windows: SQLite itself still keeps two writers from interleaving
    fcntl = None  # type: ignore[assignment]  # checked before use

LOCK_FILE = "writing.lock"


class Lock:
    """A lock held from construction until `release`. Raises `UsageError` if another process holds it, or if
    the folder cannot be written."""

    def __init__(self, folder: Path) -> None:
        try:
            self._handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
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


FILE = "results.sqlite"
VERSION = "1"
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Numbers of students in a download, compared with the stored submissions."""

    new: int = 0
    changed: int = 0
    same: int = 0
    nothing: int = 0


@dataclass(frozen=True, slots=True)
class BatchJob:
    """One job: a file to grade, as handed in by one of the students who share it."""

    work: str
    student: str
    file: str
    digest: str


WorkOf = Callable[[str, str, int], str]
"""Computes the work key from the student, the digest of a file, and the number of regrades requested."""


class Store:
    """The database of an output folder. Use as a context manager. `writing` locks out all other writers."""

    def __init__(self, folder: Path, writing: bool = False) -> None:
        self._path = folder / FILE
        if writing:
            _made(folder)
        elif not self._path.is_file():
            puts = f"`grader batch EXERCISE PATH -o {folder}` puts some there"
            meant = "" if folder.is_dir() else near_files(str(folder))
            raise UsageError(f"There are no results in {str(folder)!r}: {puts}.{meant}")
        self._lock = Lock(folder) if writing else None
        self._depth = 0
        try:
            self._database = for_writing(self._path) if writing else for_reading(self._path)
        except (sqlite3.Error, OSError) as error:
            self._unlock()
            raise self._unusable(error) from None
        try:
            if not writing:
                add_missing_tables(self._database)
            if (version := self.about("version", VERSION)) != VERSION:
                raise UsageError(
                    f"The results in {str(folder)!r} were made by a newer grader (their form is {version}, this one "
                    f"reads {VERSION}): use that one, or name another folder with -o."
                )
        except sqlite3.Error as error:
            self.close()
            raise self._unusable(error) from None
        except UsageError:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close()
        if isinstance(error, sqlite3.Error):
            raise self._unusable(error) from None

    def close(self) -> None:
        self._database.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def _unusable(self, error: sqlite3.Error | OSError) -> UsageError:
        why = reason(error) if isinstance(error, sqlite3.Error) else error.strerror
        return UsageError(f"The file {str(self._path)!r} cannot be used as a store of results: {why}.")

    # Facts about the batch

    def about(self, key: str, default: str = "") -> str:
        found = self._database.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return default if found is None else str(found[0])

    def tell(self, **facts: str) -> None:
        """Store facts about the batch."""
        with self.all_or_nothing():
            self._database.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", facts.items())

    # Submissions

    def take(self, chosen: Iterable[ChosenFile], ignored: Iterable[Ignored]) -> TakenIn:
        """Store what is to be graded of each student; replaces what was stored before."""
        counts = {"new": 0, "changed": 0, "same": 0, "nothing": 0}
        position = self._database.execute("SELECT COALESCE(MAX(position), -1) FROM submissions").fetchone()[0]
        left = list(ignored)
        for part in _parts(chosen, _AT_ONCE):
            with self.all_or_nothing():
                for one in part:
                    position += 1
                    counts[self._take(one, position)] += 1
                    prefix = one.attempt.name or one.attempt.student
                    left += [Ignored(f"{prefix}: {file.path}", file.reason) for file in one.ignored]
        with self.all_or_nothing():
            self._database.execute("DELETE FROM ignored")
            self._database.executemany("INSERT INTO ignored VALUES (?, ?)", [(one.path, one.reason) for one in left])
        return TakenIn(**counts)

    def _take(self, one: ChosenFile, position: int) -> str:
        attempt = one.attempt
        whole = Bundle(one.content, one.beside).packed()
        digest = None if one.reason is not None else hashlib.sha256(whole).hexdigest()
        self._bring_back(attempt.student)
        if digest is not None:
            packed = zlib.compress(whole, 1)
            self._database.execute("INSERT OR IGNORE INTO files VALUES (?, ?)", (digest, packed))
        known = self._database.execute(
            "SELECT digest, position FROM submissions WHERE student = ?", (attempt.student,)
        ).fetchone()
        submitted = None if attempt.submitted is None else attempt.submitted.isoformat()
        self._database.execute(
            "INSERT INTO submissions (student, position, name, file, digest, reason, attempt, attempts, submitted,"
            " late, identities) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (student) DO UPDATE SET name = excluded.name, file = excluded.file,"
            " digest = excluded.digest, reason = excluded.reason, work = NULL, attempt = excluded.attempt,"
            " attempts = excluded.attempts, submitted = excluded.submitted, late = excluded.late,"
            " identities = excluded.identities",
            (attempt.student, position, attempt.name, one.file, digest, one.reason, one.number, one.attempts, submitted,
             attempt.late, json.dumps(attempt.identities)),
        )  # fmt: skip
        if digest is None:
            return "nothing"
        return "new" if known is None else "same" if known[0] == digest else "changed"

    def _bring_back(self, student: str) -> None:
        """Bring back the submission of a student who was set aside."""
        row = "SELECT * FROM set_aside WHERE student = ?"
        self._database.execute(f"INSERT OR IGNORE INTO submissions {row}", (student,))
        self._database.execute("DELETE FROM set_aside WHERE student = ?", (student,))

    def set_aside(self, present: Collection[str]) -> list[tuple[str, str]]:
        """Set the submissions of all students aside who are not `present`; return their keys and names. Results and
        overrides stay."""
        known = self._database.execute("SELECT student, name FROM submissions ORDER BY position").fetchall()
        gone = [(student, name) for student, name in known if student not in present]
        with self.all_or_nothing():
            for student, _ in gone:
                row = "SELECT * FROM submissions WHERE student = ?"
                self._database.execute(f"INSERT OR REPLACE INTO set_aside {row}", (student,))
                self._database.execute("DELETE FROM submissions WHERE student = ?", (student,))
        return gone

    def put_disputes(self, student: str, rows: Iterable[tuple[str, str, str, str, bytes]]) -> None:
        """Store what a student disputes (step, outcome, reason, file, content) in place of what was stored before."""
        with self.all_or_nothing():
            self._database.execute("DELETE FROM disputes WHERE student = ?", (student,))
            self._database.executemany(
                "INSERT INTO disputes VALUES (?, ?, ?, ?, ?, ?)", [(student, *row) for row in rows]
            )

    def forget_submissions(self) -> None:
        """Forget all submissions, to read them anew. Results and overrides stay."""
        with self.all_or_nothing():
            self._database.execute("DELETE FROM submissions")
            self._database.execute("DELETE FROM set_aside")

    def again(self, student: str) -> None:
        """Request a regrade of one student by changing the work key."""
        with self.all_or_nothing():
            self._database.execute("UPDATE submissions SET again = again + 1 WHERE student = ?", (student,))

    def assign(self, work_of: WorkOf) -> None:
        """Assign every submission its work key."""
        rows = self._database.execute(
            "SELECT student, digest, again, file FROM submissions WHERE digest IS NOT NULL"
        ).fetchall()
        now = _now()
        with self.all_or_nothing():
            for student, digest, again, file in rows:
                work = work_of(student, digest, again)
                self._database.execute("UPDATE submissions SET work = ? WHERE student = ?", (work, student))
                self._database.execute("INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?)", (student, work, file, now))

    # Jobs and results

    def pending(self) -> list[BatchJob]:
        """One job per work key without a result; jobs that failed through a fault of the grader are tried again."""
        rows = self._database.execute(
            "SELECT s.work, MIN(s.position), s.student, s.file, s.digest FROM submissions s"
            " LEFT JOIN results r ON r.work = s.work AND r.status <> 'fault'"
            " WHERE s.work IS NOT NULL AND r.work IS NULL GROUP BY s.work ORDER BY MIN(s.position)"
        )
        return [BatchJob(work, student, file, digest) for work, _, student, file, digest in rows]

    def waiting(self) -> int:
        """The number of students whose submission has no result: several may wait for one job."""
        row = self._database.execute(
            "SELECT COUNT(*) FROM submissions s LEFT JOIN results r ON r.work = s.work AND r.status <> 'fault'"
            " WHERE s.work IS NOT NULL AND r.work IS NULL"
        ).fetchone()
        return int(row[0])

    def count_works(self) -> int:
        """The number of distinct work keys: equal files count once."""
        return int(self._database.execute("SELECT COUNT(DISTINCT work) FROM submissions").fetchone()[0])

    def content(self, digest: str) -> bytes:
        """The content of a stored file."""
        return unpacked(self.bundle(digest)).content

    def bundle(self, digest: str) -> bytes:
        """The content of a stored file with its companion files, as a packed `Bundle`."""
        found = self._database.execute("SELECT content FROM files WHERE digest = ?", (digest,)).fetchone()
        return b"" if found is None else zlib.decompress(found[0])

    def put(self, record: Record) -> None:
        """Store a result in one transaction."""
        status, score, most, complete, first, message, seconds, isolation = record.facts
        row = (
            record.work, status, score, most, complete, first, message, seconds, _now(), isolation, record.packed,
        )  # fmt: skip
        with self.all_or_nothing():
            self._database.execute(f"INSERT OR REPLACE INTO results VALUES ({', '.join('?' * 11)})", row)
            self._database.execute("DELETE FROM steps WHERE work = ?", (record.work,))
            self._database.executemany(f"INSERT INTO steps VALUES ({', '.join('?' * 13)})", record.steps)

    def result(self, of: StudentRow) -> Result | None:
        """The complete result of a student, with the student's own name, file name and source lines; without lines, if
        the file is one that cannot be read, and None if there is no result, or a damaged one."""
        found = self._database.execute(
            "SELECT r.result, s.digest FROM results r JOIN submissions s ON s.work = r.work WHERE s.student = ?",
            (of.student,),
        ).fetchone()
        if found is None or found[0] is None:
            return None
        try:
            result = decode(zlib.decompress(found[0]), Result)
        except (zlib.error, ValueError, TypeError, KeyError):
            return None  # damaged: no reason to refuse what is known of everybody else
        try:
            cells = load_bytes(self.content(found[1]), of.file).cells
        except (SubmissionError, zlib.error):
            cells = ()
        return replace(renamed(result, of.file), student=of.student, sources=cells)

    # Queries

    def standings(self) -> Iterator[StudentRow]:
        """Yield every student, in the order in which they were found."""
        yield from map(standing, self._database.execute(STANDINGS))

    def ignored(self) -> list[Ignored]:
        return [Ignored(*row) for row in self._database.execute("SELECT path, reason FROM ignored")]

    def query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of a query on the tables."""
        return self._database.execute(statement, values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        """Change the tables."""
        self._database.execute(statement, values)

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is stored in this block is stored when it ends; an exception undoes all of it. Blocks may be nested."""
        if self._depth == 0:
            self._database.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0 and self._database.in_transaction:  # a full disk has undone it already
                self._database.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._database.execute("COMMIT")


def _parts(several: Iterable[ChosenFile], size: int) -> Iterator[list[ChosenFile]]:
    source = iter(several)
    while part := list(islice(source, size)):
        yield part


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {str(folder)!r} cannot be made: {error.strerror}.") from None


def key_of(store: Store, called: str) -> str:
    """The key of the student with this key or this name, in any order of its words, without regard to case and accents,
    or with this number or address.

    Raises `UsageError`, with the nearest keys and names, if there is none, and with the keys if there are several."""
    known = [(str(student), str(name)) for student, name in store.query("SELECT student, name FROM submissions")]
    if any(student == called for student, _ in known):
        return called
    for plain in (_words, _bare_words):
        found = [student for student, name in known if plain(called) in (plain(student), plain(name))]
        if found:
            break
    else:
        found = [str(row[0]) for row in store.query(_OF_IDENTITY, called)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"Several students are called {called!r}: {', '.join(found)}. Name one of these.")
    meant = did_you_mean(called, (one for pair in known for one in pair))
    raise UsageError(f"There is no student {called!r} in these results.{meant}")


_OF_IDENTITY = (
    "SELECT DISTINCT s.student FROM submissions s, json_each(s.identities) i"
    " WHERE json_extract(i.value, '$[1]') = ? COLLATE NOCASE"
)


def _words(name: str) -> list[str]:
    return sorted(unicodedata.normalize("NFC", name).casefold().replace(",", " ").split())


def _bare_words(name: str) -> list[str]:
    """The words of a name, of letters and digits alone, without accents."""
    return sorted(filter(None, (re.sub(r"[\W_]+", "", without_accents(word)) for word in _words(name))))
