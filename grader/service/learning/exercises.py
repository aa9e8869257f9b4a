"""The exercises of assignments, read once for all pages, with their starters and their right values."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from functools import lru_cache
from threading import Lock
from typing import Literal

from grader.errors import EnvironmentProblem, ExerciseError
from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.handout.render import notebook, script
from grader.handout.starter import starter
from grader.reference.cache import known_reference, reference_for
from grader.reference.points import Point, given_inputs
from grader.reference.types import Reference
from grader.reference.variants import for_student
from grader.service.store.tables import Assignment
from grader.service.work.task import student_key

KEPT = 64
"""How many exercises, and how many sets of right values, stay in memory."""

Form = Literal["py", "ipynb"]


@lru_cache(KEPT)
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


_Key = tuple[str, str, str]
_COMPUTING = Lock()
_references: OrderedDict[_Key, Reference] = OrderedDict()


def _known(exercise: Exercise, secret: str) -> Reference | None:
    found = _references.get(_key(exercise, secret))
    if found is None and (found := known_reference(exercise, secret)) is not None:
        _keep(exercise, secret, found)
    return found


def _keep(exercise: Exercise, secret: str, found: Reference) -> Reference:
    _references[_key(exercise, secret)] = found
    while len(_references) > KEPT:
        _references.popitem(last=False)
    return found


def _key(exercise: Exercise, secret: str) -> _Key:
    return exercise.digest, secret, repr(exercise.variant)
