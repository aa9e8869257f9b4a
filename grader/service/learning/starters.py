"""Starter files of an assignment, with the student's own numbers."""

from __future__ import annotations

from typing import Literal

from grader.exercise.types import Exercise
from grader.handout.render import notebook, script
from grader.handout.starter import starter
from grader.reference.points import given_inputs

Form = Literal["py", "ipynb"]


def starter_file(exercise: Exercise, form: Form) -> tuple[str, bytes]:
    """The name and the content of the starter: a script or a notebook."""
    parts = starter(exercise, given_inputs(exercise))
    text = script(parts, None) if form == "py" else notebook(parts, None)
    return f"{exercise.id}.{form}", text.encode()


def starter_code(exercise: Exercise) -> str:
    """The starter as a script without the text of the exercise, for a page that shows that beside it."""
    _, *parts = starter(exercise, given_inputs(exercise))
    return script(parts, None).lstrip("\n")
