"""The state of a batch in one SQLite file: written incrementally and consistent after a kill at any moment.

A result is stored under its *work*: a digest of everything it depends on. A job is pending if its work has no result.
This one rule covers resuming, regrading what changed, and grading equal files once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from grader.batch.bundle import Bundle, unpacked
from grader.batch.entries import Ignored
from grader.batch.file_choice import Chosen
from grader.batch.lock import Lock
from grader.batch.record import Record
from grader.batch.student_row import STANDINGS, StudentRow, renamed, standing
from grader.errors import UsageError
from grader.model import Result
from grader.nearest import did_you_mean, near_files
from grader.serialize import decode
from grader.submission.load import load_bytes

FILE = "results.sqlite"
VERSION = "1"
_AT_ONCE = 200
_SCHEMA = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True, slots=True)
class Taken:
    """Numbers of students in a download, compared with the stored submissions."""

    new: int = 0
    changed: int = 0
    same: int = 0
    nothing: int = 0


@dataclass(frozen=True, slots=True)
class Job:
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
        path = folder / FILE
        if writing:
            _made(folder)
        elif not path.is_file():
            puts = f"`grader batch EXERCISE PATH -o {folder}` puts some there"
            raise UsageError(f"There are no results in {str(folder)!r}: {puts}.{near_files(str(folder))}")
        self._lock = Lock(folder) if writing else None
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA busy_timeout = 10000")
        try:
            if writing:
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = NORMAL")
                self._database.executescript(_SCHEMA.read_text("utf-8"))
            if self.about("version", VERSION) != VERSION:
                raise UsageError(f"The results in {str(folder)!r} were made by a grader of another kind.")
        except sqlite3.DatabaseError as error:
            self.close()
            raise UsageError(f"The file {str(path)!r} cannot be used as a store of results: {error}.") from None
        except UsageError:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()
        if self._lock is not None:
            self._lock.release()

    # Facts about the batch

    def about(self, key: str, default: str = "") -> str:
        found = self._database.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return default if found is None else str(found[0])

    def tell(self, **facts: str) -> None:
        """Store facts about the batch."""
        with self._transaction():
            self._database.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", facts.items())

    # Submissions

    def take(self, chosen: Iterable[Chosen], ignored: Iterable[Ignored]) -> Taken:
        """Store what is to be graded of each student; replaces what was stored before."""
        counts = {"new": 0, "changed": 0, "same": 0, "nothing": 0}
        position = self._database.execute("SELECT COALESCE(MAX(position), -1) FROM submissions").fetchone()[0]
        left = list(ignored)
        for part in _parts(chosen, _AT_ONCE):
            with self._transaction():
                for one in part:
                    position += 1
                    counts[self._take(one, position)] += 1
                    prefix = one.attempt.name or one.attempt.student
                    left += [Ignored(f"{prefix}: {file.path}", file.reason) for file in one.ignored]
        with self._transaction():
            self._database.execute("DELETE FROM ignored")
            self._database.executemany("INSERT INTO ignored VALUES (?, ?)", [(one.path, one.reason) for one in left])
        return Taken(**counts)

    def _take(self, one: Chosen, position: int) -> str:
        attempt = one.attempt
        whole = Bundle(one.content, one.beside).packed()
        digest = None if one.reason is not None else hashlib.sha256(whole).hexdigest()
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

    def forget_submissions(self) -> None:
        """Forget all submissions, to read them anew. Results and overrides stay."""
        with self._transaction():
            self._database.execute("DELETE FROM submissions")

    def again(self, student: str) -> None:
        """Request a regrade of one student by changing the work key. Raises `UsageError` for an unknown student."""
        with self._transaction():
            done = self._database.execute("UPDATE submissions SET again = again + 1 WHERE student = ?", (student,))
        if not done.rowcount:
            known = [str(row[0]) for row in self.query("SELECT DISTINCT student FROM submissions")]
            raise UsageError(f"There is no student {student!r} in these results.{did_you_mean(student, known)}")

    def assign(self, work_of: WorkOf) -> None:
        """Assign every submission its work key."""
        rows = self._database.execute(
            "SELECT student, digest, again, file FROM submissions WHERE digest IS NOT NULL"
        ).fetchall()
        now = _now()
        with self._transaction():
            for student, digest, again, file in rows:
                work = work_of(student, digest, again)
                self._database.execute("UPDATE submissions SET work = ? WHERE student = ?", (work, student))
                self._database.execute("INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?)", (student, work, file, now))

    # Jobs and results

    def pending(self) -> list[Job]:
        """One job per work key without a result; jobs that failed through a fault of the grader are tried again."""
        rows = self._database.execute(
            "SELECT s.work, MIN(s.position), s.student, s.file, s.digest FROM submissions s"
            " LEFT JOIN results r ON r.work = s.work AND r.status <> 'fault'"
            " WHERE s.work IS NOT NULL AND r.work IS NULL GROUP BY s.work ORDER BY MIN(s.position)"
        )
        return [Job(work, student, file, digest) for work, _, student, file, digest in rows]

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
        with self._transaction():
            self._database.execute(f"INSERT OR REPLACE INTO results VALUES ({', '.join('?' * 11)})", row)
            self._database.execute("DELETE FROM steps WHERE work = ?", (record.work,))
            self._database.executemany(f"INSERT INTO steps VALUES ({', '.join('?' * 13)})", record.steps)

    def result(self, of: StudentRow) -> Result | None:
        """The complete result of a student, with the student's own name, file name and source lines."""
        found = self._database.execute(
            "SELECT r.result, s.digest FROM results r JOIN submissions s ON s.work = r.work WHERE s.student = ?",
            (of.student,),
        ).fetchone()
        if found is None or found[0] is None:
            return None
        result = decode(zlib.decompress(found[0]), Result)
        submission = load_bytes(self.content(found[1]), of.file)
        named = renamed(result, of.file)
        return replace(named, student=of.student, sources=submission.cells)

    # Queries

    def standings(self) -> Iterator[StudentRow]:
        """Yield every student, in the order in which they were found."""
        yield from map(standing, self._database.execute(STANDINGS))

    def ignored(self) -> list[Ignored]:
        return [Ignored(*row) for row in self._database.execute("SELECT path, reason FROM ignored")]

    def query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of a query on the tables."""
        return self._database.execute(statement, values).fetchall()

    def override(self, student: str, score: float | None, reason: str) -> None:
        """Store a score given by hand."""
        with self._transaction():
            self._database.execute("INSERT OR REPLACE INTO overrides VALUES (?, ?, ?, ?)",
                                   (student, score, reason, _now()))  # fmt: skip

    def drop_override(self, student: str) -> None:
        with self._transaction():
            self._database.execute("DELETE FROM overrides WHERE student = ?", (student,))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def _parts(several: Iterable[Chosen], size: int) -> Iterator[list[Chosen]]:
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
