"""Stores with results in them, without running anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from grader.batch.entries import DownloadedAttempt
from grader.batch.file_choice import ChosenFile
from grader.batch.jobs import record_of
from grader.batch.store import Store
from grader.model import Diagnosis, Outcome, Problem, Result, Span, StepResult

Identities = tuple[tuple[str, str], ...]


def handed(
    student: str,
    content: bytes | None = b"",
    name: str | None = None,
    identities: Identities = (),
    submitted: datetime | None = None,
    late: bool | None = None,
    file: str = "mine.py",
) -> ChosenFile:
    """What a student handed in: without `content` nothing that could be graded."""
    attempt = DownloadedAttempt(student, name or student, (), submitted, late, identities)
    if content is None:
        return ChosenFile(attempt, 1, 1, "", b"", "nothing was handed in as a file")
    return ChosenFile(attempt, 1, 1, file, content or f"# {student}\n".encode())


def step(name: str, outcome: Outcome = "correct", code: str | None = None, line: str = "") -> StepResult:
    diagnosis = Diagnosis("it is wrong", "certain" if code else "unexplained", code) if outcome == "wrong" else None
    return StepResult(
        name, f"d(y)/d({name})", outcome, points=0.0 if outcome == "wrong" else 1.0, max_points=1.0,
        where=Span("mine.py", None, 3, 1, 3, 5), code=line or f"{name} = 1", diagnosis=diagnosis,
    )  # fmt: skip


def result(*steps: StepResult, problem: str | None = None) -> Result:
    """A result with these steps; with a `problem` one without a score."""
    score = None if problem else sum(one.points for one in steps)
    first = next((one.name for one in steps if one.outcome == "wrong"), None)
    most = sum(one.max_points for one in steps)
    return Result(
        exercise="chain", title="A chain", submission="mine.py", student=None, score=score, max_score=most,
        complete=score == most, first_error=first, steps=steps, forward=(), misconceptions=(),
        problems=(Problem("timeout", problem),) if problem else (), isolation="strict", reveal="values", seconds=0.01,
        versions=(("grader", "0"),),
    )  # fmt: skip


RIGHT = result(step("da"), step("db"))
HALF = result(step("da", "wrong", "sign-flipped", "da = -x"), step("db"))


def work_of(student: str, digest: str, again: int) -> str:
    return f"{digest[:16]}{again or ''}"


def filled(folder: Path, several: Iterable[tuple[ChosenFile, Result | None]]) -> Path:
    """An output folder with these students and results."""
    rows = list(several)
    with Store(folder, writing=True) as store:
        store.take([chosen for chosen, _ in rows], [])
        store.assign(work_of)
        points = max((made.max_score for _, made in rows if made is not None), default=0.0)
        store.tell(exercise="chain", title="A chain", points=repr(points), path="")
        by_student = {chosen.attempt.student: made for chosen, made in rows}
        for one in store.standings():
            made = by_student[one.student]
            if made is not None and one.work is not None:
                store.put(record_of(one.work, replace(made)))
    return folder
