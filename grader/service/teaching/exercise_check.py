"""An exercise as an instructor types it: read, and examined by `grader lint` in a process of its own, which has limits
and knows no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, lru_cache

from grader.errors import ExerciseError, Fault, UsageError
from grader.exercise.collection import MAX_BYTES, collection
from grader.exercise.load import load, loads
from grader.exercise.types import Exercise

SECONDS = 30.0
"""How long the examination may take."""

KEPT = ("PATH", "HOME", "PYTHONPATH", "LANG", "TMPDIR", "XDG_CACHE_HOME", "SYSTEMROOT", "VIRTUAL_ENV")
"""The environment variables that the process is given."""


@dataclass(frozen=True, slots=True)
class Note:
    """A finding: its line in the text (0: none), and what it says."""

    line: int
    column: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Checked:
    """`exercise` is None if the text cannot be used, for the reasons in `faults`. `warned` are mistakes that the
    numbers would hide. `unexamined` says why it could not be examined; "" if it was."""

    exercise: Exercise | None
    faults: tuple[Note, ...] = ()
    warned: tuple[Note, ...] = ()
    unexamined: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """An exercise of the collection."""

    name: str
    title: str
    chapter: str
    points: float
    steps: int
    text: str


@lru_cache(64)
def known_exercise(text: str) -> Exercise | None:
    """The exercise of an assignment; None if this version of the grader cannot read it."""
    try:
        return loads(text, "exercise")
    except ExerciseError:
        return None


@cache
def offered() -> tuple[Offered, ...]:
    """The shipped exercises in course order, without those that cannot be used."""
    found = []
    for path in collection():
        try:
            one = load(path)
        except ExerciseError:
            continue
        found.append(Offered(one.id, one.title, one.chapter or "", one.points, len(one.steps),
                             path.read_text("utf-8")))  # fmt: skip
    return tuple(found)


def text_of(name: str) -> str:
    """The text of an exercise of the collection. Raises `UsageError` if there is none of this name."""
    found = next((one.text for one in offered() if one.name == name), None)
    if found is None:
        raise UsageError(f"There is no exercise called {name!r} in the collection.")
    return found


def read(text: str) -> Checked:
    """Read an exercise, without examining it."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return Checked(None, (Note(0, 0, f"An exercise may have at most {MAX_BYTES // 1024} KiB."),))
    try:
        return Checked(loads(text, "exercise"))
    except ExerciseError as error:
        return Checked(None, tuple(map(_note, error.faults)))


def checked(text: str) -> Checked:
    """Read and examine an exercise."""
    found = read(text)
    if found.exercise is None:
        return found
    command = [sys.executable, "-m", "grader.service.teaching.examination"]
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=SECONDS, env=kept, check=False)
    except subprocess.TimeoutExpired:
        return Checked(None, (Note(0, 0, f"Evaluating it takes longer than {SECONDS:.0f} s."),))
    if done.returncode:
        return Checked(found.exercise, unexamined="Whether its numbers hide mistakes could not be examined here.")
    told = json.loads(done.stdout)
    refused, warned = (tuple(Note(*one) for one in told[kind]) for kind in ("refused", "warned"))
    return Checked(found.exercise if not refused else None, refused, warned)


def _note(fault: Fault) -> Note:
    return Note(fault.line, fault.column, fault.sentence)
