"""The exercises of a server: those of assignments, read once for all pages, with their starters and their right values;
those of the collection; and those that an instructor types, read, and examined by `grader lint` in a process of its
own, which has limits and knows no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Literal

from grader.errors import EnvironmentProblem, ExerciseError, Fault, UsageError
from grader.exercise.load import MAX_FILE_BYTES, collection, load, loads
from grader.exercise.types import Exercise
from grader.handout.render import notebook, script
from grader.handout.starter import starter
from grader.reference.cache import known_reference, reference_for
from grader.reference.points import Point, Reference, given_inputs
from grader.reference.variants import for_student
from grader.service.store.tables import Assignment
from grader.service.work.task import student_key

MAX_IN_MEMORY = 64
"""How many exercises, and how many sets of right values, stay in memory."""

Form = Literal["py", "ipynb"]


_Key = tuple[str, str, str]

_COMPUTING = Lock()

_references: OrderedDict[_Key, Reference] = OrderedDict()

EXAMINATION_SECONDS = 30.0
"""How long the examination may take."""

ENVIRONMENT = ("PATH", "HOME", "PYTHONPATH", "LANG", "TMPDIR", "XDG_CACHE_HOME", "SYSTEMROOT", "VIRTUAL_ENV")
"""The environment variables that the process is given."""


@lru_cache(MAX_IN_MEMORY)
def exercise_of(text: str) -> Exercise:
    """The exercise in a YAML text. Raises `ExerciseError`."""
    return loads(text, "exercise.yaml")


def own_exercise(assignment: Assignment, user_id: int) -> Exercise:
    """The exercise with the numbers of a student, as it is graded. Raises `ExerciseError` and `EnvironmentProblem`."""
    exercise = exercise_of(assignment.exercise)
    if not exercise.variants:
        return exercise
    return for_student(exercise, student_key(user_id), assignment.secret)


def starter_file(exercise: Exercise, form: Form) -> tuple[str, bytes]:
    """The name and the content of the starter: a script or a notebook."""
    parts = starter(exercise, given_inputs(exercise))
    text = script(parts, None) if form == "py" else notebook(parts, None)
    return f"{exercise.id}.{form}", text.encode()


def starter_code(exercise: Exercise) -> str:
    """The starter as a script without the text of the exercise, for a page that shows that beside it."""
    _, *parts = starter(exercise, given_inputs(exercise))
    return script(parts, None).lstrip("\n")


def reference_of(exercise: Exercise, assignment: Assignment) -> Reference | None:
    """The right values, as grading has computed them, or computed here; None if they cannot be."""
    known = _known(exercise, assignment.secret)
    if known is None:
        with suppress(ExerciseError, EnvironmentProblem), _COMPUTING:
            known = _keep(exercise, assignment.secret, reference_for(exercise, assignment.secret))
    return known


def only_given(exercise: Exercise) -> Reference:
    """What is known before anything is computed, which is all that the drawing of a program needs."""
    return Reference((Point(0, given_inputs(exercise)),), ({},), 0, "")


def _known(exercise: Exercise, secret: str) -> Reference | None:
    found = _references.get(_key(exercise, secret))
    if found is None and (found := known_reference(exercise, secret)) is not None:
        _keep(exercise, secret, found)
    return found


def _keep(exercise: Exercise, secret: str, found: Reference) -> Reference:
    _references[_key(exercise, secret)] = found
    while len(_references) > MAX_IN_MEMORY:
        _references.popitem(last=False)
    return found


def _key(exercise: Exercise, secret: str) -> _Key:
    return exercise.digest, secret, repr(exercise.variant)


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
    if len(text.encode("utf-8", "surrogatepass")) > MAX_FILE_BYTES:
        return Checked(None, (Note(0, 0, f"An exercise may have at most {MAX_FILE_BYTES // 1024} KiB."),))
    try:
        return Checked(loads(text, "exercise"))
    except ExerciseError as error:
        return Checked(None, tuple(map(_note, error.faults)))


def checked(text: str) -> Checked:
    """Read and examine an exercise."""
    found = read(text)
    if found.exercise is None:
        return found
    command = [sys.executable, "-m", "grader.service.examination"]
    kept = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=EXAMINATION_SECONDS, env=kept, check=False
        )
    except subprocess.TimeoutExpired:
        return Checked(None, (Note(0, 0, f"Evaluating it takes longer than {EXAMINATION_SECONDS:.0f} s."),))
    if done.returncode:
        return Checked(found.exercise, unexamined="Whether its numbers hide mistakes could not be examined here.")
    told = json.loads(done.stdout)
    refused, warned = (tuple(Note(*one) for one in told[kind]) for kind in ("refused", "warned"))
    return Checked(found.exercise if not refused else None, refused, warned)


def _note(fault: Fault) -> Note:
    return Note(fault.line, fault.column, fault.sentence)
