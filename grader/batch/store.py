"""What a batch knows, in one SQLite file: written as it comes, whole after a kill at any moment.

A result is found by its *work*: a digest of everything it depends on. What is to be done is what has no result yet, so
that going on, grading anew what changed and grading equal files once are one thing.
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
from grader.serialize import decode
from grader.submission.load import load_bytes

FILE = "results.sqlite"
VERSION = "1"
_AT_ONCE = 200
_SCHEMA = Path(__file__).with_name("schema.sql")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a download brought, compared with what was known: numbers of students."""

    new: int = 0
    changed: int = 0
    same: int = 0
    nothing: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work: a file to be graded, as one of the students' who handed it in."""

    work: str
    student: str
    file: str
    digest: str


WorkOf = Callable[[str, str, int], str]
"""The work of a student, the digest of a file, and how often it was asked to be graded again."""


class Store:
    """The database of an output folder. Use as a context manager. `writing` keeps every other writer out."""

    def __init__(self, folder: Path, writing: bool = False) -> None:
        path = folder / FILE
        if writing:
            _made(folder)
        elif not path.is_file():
            raise UsageError(f"There are no results in {str(folder)!r}: `grader batch ... -o` with it makes some.")
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

    # What is known of the whole

    def about(self, key: str, default: str = "") -> str:
        found = self._database.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
        return default if found is None else str(found[0])

    def tell(self, **facts: str) -> None:
        """Keeps facts about the batch."""
        with self._transaction():
            self._database.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", facts.items())

    # What was handed in

    def take(self, chosen: Iterable[Chosen], ignored: Iterable[Ignored]) -> Taken:
        """Keeps what is to be graded of each student, in place of what was before."""
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
        """Starts over: what was handed in is to be taken in anew. Results and overrides stay."""
        with self._transaction():
            self._database.execute("DELETE FROM submissions")

    def again(self, student: str) -> None:
        """From now on this student's work is another than it was. Raises `UsageError` where there is none."""
        with self._transaction():
            done = self._database.execute("UPDATE submissions SET again = again + 1 WHERE student = ?", (student,))
        if not done.rowcount:
            raise UsageError(f"There is no student {student!r} in these results.")

    def assign(self, work_of: WorkOf) -> None:
        """Says of every submission which work it is."""
        rows = self._database.execute(
            "SELECT student, digest, again, file FROM submissions WHERE digest IS NOT NULL"
        ).fetchall()
        now = _now()
        with self._transaction():
            for student, digest, again, file in rows:
                work = work_of(student, digest, again)
                self._database.execute("UPDATE submissions SET work = ? WHERE student = ?", (work, student))
                self._database.execute("INSERT OR IGNORE INTO history VALUES (?, ?, ?, ?)", (student, work, file, now))

    # What is to be done, and what was

    def pending(self) -> list[Job]:
        """One job per piece of work without a result; faults of ours are tried again."""
        rows = self._database.execute(
            "SELECT s.work, MIN(s.position), s.student, s.file, s.digest FROM submissions s"
            " LEFT JOIN results r ON r.work = s.work AND r.status <> 'fault'"
            " WHERE s.work IS NOT NULL AND r.work IS NULL GROUP BY s.work ORDER BY MIN(s.position)"
        )
        return [Job(work, student, file, digest) for work, _, student, file, digest in rows]

    def count_works(self) -> int:
        """How many pieces of work there are, equal files counted once."""
        return int(self._database.execute("SELECT COUNT(DISTINCT work) FROM submissions").fetchone()[0])

    def content(self, digest: str) -> bytes:
        """The bytes of a file that was handed in."""
        return unpacked(self.bundle(digest)).content

    def bundle(self, digest: str) -> bytes:
        """The same with the files beside it, as a `Bundle` is packed."""
        found = self._database.execute("SELECT content FROM files WHERE digest = ?", (digest,)).fetchone()
        return b"" if found is None else zlib.decompress(found[0])

    def put(self, record: Record) -> None:
        """Keeps a result: from here on it is done, whatever happens."""
        status, score, most, complete, first, message, seconds, isolation = record.facts
        row = (
            record.work, status, score, most, complete, first, message, seconds, _now(), isolation, record.packed,
        )  # fmt: skip
        with self._transaction():
            self._database.execute(f"INSERT OR REPLACE INTO results VALUES ({', '.join('?' * 11)})", row)
            self._database.execute("DELETE FROM steps WHERE work = ?", (record.work,))
            self._database.executemany(f"INSERT INTO steps VALUES ({', '.join('?' * 13)})", record.steps)

    def result(self, of: StudentRow) -> Result | None:
        """The whole result of a student, with their name, their file's name and their lines in it."""
        found = self._database.execute(
            "SELECT r.result, s.digest FROM results r JOIN submissions s ON s.work = r.work WHERE s.student = ?",
            (of.student,),
        ).fetchone()
        if found is None or found[0] is None:
            return None
        result = decode(zlib.decompress(found[0]).decode())
        submission = load_bytes(self.content(found[1]), of.file)
        named = renamed(result, of.file)
        return replace(named, student=of.student, sources=submission.cells)

    # Questions

    def standings(self) -> Iterator[StudentRow]:
        """Every student, in the order in which they were found."""
        yield from map(standing, self._database.execute(STANDINGS))

    def ignored(self) -> list[Ignored]:
        return [Ignored(*row) for row in self._database.execute("SELECT path, reason FROM ignored")]

    def query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of a question of ours about the tables."""
        return self._database.execute(statement, values).fetchall()

    def override(self, student: str, score: float | None, reason: str) -> None:
        """Keeps what an instructor decided by hand."""
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
