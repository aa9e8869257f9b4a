"""A job of a batch: a file with its companions, the key of all that its result depends on, and the result as database
rows.

The rows are built in the process that grades, so that the owner of the database only writes.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader import __version__
from grader.batch.secrets import Secrets
from grader.disk_cache import code_digest
from grader.errors import GraderError
from grader.exercise.types import Exercise
from grader.model import CompanionFile, Result, StepResult
from grader.reference.variants import variant_key
from grader.serialize import decode, encode
from grader.temp_folders import TempFolder

_MARK = b"grader: several files\n"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The `content` of the graded file, and the other files as pairs of relative name and content."""

    content: bytes
    beside: tuple[tuple[str, bytes], ...] = ()

    def packed(self) -> bytes:
        """The bundle as bytes; just the content if there are no companion files."""
        if not self.beside and not self.content.startswith(_MARK):
            return self.content
        sizes = [["", len(self.content)], *([name, len(data)] for name, data in self.beside)]
        return b"".join((_MARK, json.dumps(sizes).encode(), b"\n", self.content, *(data for _, data in self.beside)))


def unpacked(data: bytes) -> Bundle:
    """Unpack what `Bundle.packed` has packed."""
    if not data.startswith(_MARK):
        return Bundle(data)
    head, _, rest = data[len(_MARK) :].partition(b"\n")
    parts: list[tuple[str, bytes]] = []
    for name, size in json.loads(head):
        parts.append((name, rest[:size]))
        rest = rest[size:]
    return Bundle(parts[0][1], tuple(parts[1:]))


def laid_down(beside: Sequence[tuple[str, bytes]], scratch: TempFolder) -> tuple[CompanionFile, ...]:
    """Write the companion files under numbers: their own names are untrusted and used only by the child."""
    made = []
    for number, (name, data) in enumerate(beside):
        path = os.path.join(scratch.path, str(number))
        with open(path, "wb") as file:
            file.write(data)
        made.append(CompanionFile(name, path))
    return tuple(made)


_JUDGING = (
    "serialize",
    "reveal",
    "model",
    "exercise",
    "formula",
    "reference",
    "submission",
    "instrument",
    "runner",
    "judge",
    "diagnosis",
    "blame",
    "preparation",
    "assemble",
    "mistakes",
    "incidents",
    "grading",
)
"""All modules and packages of the grader that may affect a result."""


def grader_version() -> str:
    """The version of the grader, with a digest of its code to distinguish development versions."""
    return f"{__version__}+{code_digest(*_JUDGING)[:12]}"


@dataclass(frozen=True, slots=True)
class Works:
    """Computes the job key of a student's file. `content` is the digest of the exercise, `fresh` counts how often the
    batch was started over."""

    exercise: Exercise
    content: str
    secrets: Secrets
    fresh: str = "0"

    def __call__(self, student: str, digest: str, again: int) -> str:
        numbers = variant_key(self.exercise, student, self.secrets.numbers) if self.exercise.variants else ""
        hidden = _digest("secret", self.secrets.points)
        # Equal files share one key; only a student's individual regrade makes it differ.
        own = f"{student}\0{again}" if again else ""
        return _digest(digest, self.content, self.exercise.id, numbers, hidden, grader_version(), self.fresh, own)


def digest_of(exercise: Exercise) -> str:
    """A digest of an exercise: its file, and the files that submissions may read."""
    home = Path(exercise.path).parent
    data = [file.read_bytes() if (file := home / name).is_file() else b"" for name in exercise.policy.files]
    return _digest(exercise.digest, *(hashlib.sha256(one).hexdigest() for one in data)) if data else exercise.digest


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


Row = tuple[str | int | float | None, ...]
"""The columns of a row."""


@dataclass(frozen=True, slots=True)
class Record:
    """The outcome of a job. `facts` are the columns of table `results` from `status` on, except the time and the result
    itself, which is `packed`; `steps` are the rows of table `steps`."""

    work: str
    facts: Row
    packed: bytes | None
    steps: tuple[Row, ...]


def record_of(work: str, result: Result) -> Record:
    """Convert a result to a record."""
    status = "ungradable" if result.score is None else "graded"
    message = None if result.score is not None else _why_not(result)
    facts = (
        status, result.score, result.max_score, result.complete, result.first_error, message, result.seconds,
        result.isolation,
    )  # fmt: skip
    packed = zlib.compress(encode(replace(result, sources=())).encode(), 1)
    parts = [("forward", one) for one in result.forward] + [("step", one) for one in result.steps]
    rows = tuple(_step(work, number, part, step) for number, (part, step) in enumerate(parts))
    return Record(work, facts, packed, rows)


def fault(work: str, message: str) -> Record:
    """A record that says that grading failed through no fault of the student."""
    return Record(work, ("fault", None, None, False, None, message, None, None), None, ())


def record_or_fault(work: str, grade: Callable[[], Result]) -> Record:
    """The record of what `grade` returns; whatever it raises becomes a fault."""
    try:
        return record_of(work, grade())
    except GraderError as error:
        return fault(work, str(error))
    except Exception as error:  # any other error is a bug of the grader and must not affect the next submission
        return fault(work, f"{type(error).__name__}: {error}")


def to_line(record: Record) -> bytes:
    """Encode a record as one line of JSON."""
    return encode(record).encode() + b"\n"


def from_line(line: bytes) -> Record:
    """Decode a record from its line."""
    return decode(line, Record)


def _step(work: str, position: int, part: str, step: StepResult) -> Row:
    diagnosis, where = step.diagnosis, step.where
    return (
        work, position, part, step.name, step.outcome, step.reason, step.points, step.max_points,
        None if diagnosis is None else diagnosis.code, None if diagnosis is None else diagnosis.confidence,
        None if where is None else where.cell, None if where is None else where.line, step.code,
    )  # fmt: skip


def _why_not(result: Result) -> str:
    told = next((problem.message for problem in result.problems if problem.kind != "note"), None)
    return told or next((problem.message for problem in result.problems), "nothing in it could be judged")
