"""A result as database rows: built in the process that grades, so that the owner of the database only writes."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

from grader.model import Result, StepResult
from grader.serialize import decode, encode

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
