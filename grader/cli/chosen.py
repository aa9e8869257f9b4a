"""Which exercise and which file a command is about: an exercise that is not named is read from the starter."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass

from grader.cli.meant import is_exercise
from grader.errors import UsageError
from grader.nearest import near_files


@dataclass(frozen=True, slots=True)
class Chosen:
    """The exercise, the file, and the key of the given numbers; None where these are a student's or the exercise's."""

    exercise: str
    submission: str
    variant: str | None = None


def chosen(
    first: str, second: str | None, command: str, variant: str | None = None, student: str | None = None
) -> Chosen:
    """What `grader COMMAND first second` is about; without `second`, `first` is the file. The key of the given numbers
    that a starter names counts if the command names neither a `variant` nor a `student`.

    Raises `UsageError` where the file does not name its exercise."""
    if second is not None:
        return Chosen(first, second, variant)
    if not os.path.exists(first):
        if is_exercise(first):
            raise UsageError(f"Name the file to be graded too: `{_call(command, first, 'FILE')}`.")
        raise UsageError(f"There is no file {first!r}.{near_files(first)}")
    from grader.handout.marker import markers_of

    found = markers_of(first)
    if not found:
        raise UsageError(
            f"{first} does not say which exercise it answers: `{_call(command, 'EXERCISE', first)}`. "
            "`grader list` shows the exercises."
        )
    if len(found) > 1:
        named = " and ".join(dict.fromkeys(one.exercise for one in found))
        raise UsageError(f"{first} names several exercises, {named}: say which, `{_call(command, 'EXERCISE', first)}`.")
    own = found[0].variant if student is None else None
    return Chosen(_place(found[0].exercise, first), first, variant or own)


def hints_file(submission: str) -> str:
    """The file beside a submission that keeps which hints have been shown."""
    folder, name = os.path.split(submission)
    return os.path.join(folder, f".{name}.hints.json")


def _call(*words: str) -> str:
    return shlex.join(["grader", *words])


def _place(exercise: str, submission: str) -> str:
    """The exercise as named, or the file of that name beside the submission."""
    beside = os.path.join(os.path.dirname(submission), exercise)
    return beside if not is_exercise(exercise) and os.path.isfile(beside) else exercise


def is_course(name: str) -> bool:
    """Whether this names a course file; those of the shipped exercises that have no path do not."""
    if not name.endswith((".yaml", ".yml")):
        return False
    from grader.course import course_file

    return course_file.is_course(name)
