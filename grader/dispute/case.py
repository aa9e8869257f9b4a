"""The file of a dispute: all that a verdict depends on, as JSON that its sender can read before passing it on."""

from __future__ import annotations

import json
from dataclasses import dataclass

from grader.errors import UsageError
from grader.serialize import decode, encode
from grader.submission.companion_files import is_plain

SCHEMA = "grader.dispute/1"
LARGEST = 32 * 1024 * 1024
"""Maximum bytes of the file."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of the step. `cell` and `line` are 1-based; None without a place."""

    outcome: str
    reason: str | None
    points: float
    max_points: float
    cell: int | None
    line: int | None


@dataclass(frozen=True, slots=True)
class File:
    """A file by its name, relative to the submission or the exercise, and its content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class TextFile:
    """The same of a text, which stays readable in the bundle."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A disputed verdict on one step. `variant` is the key of the given numbers; `because` is what the student says;
    `kept` names what could not be made anonymous."""

    schema: str
    step: str
    because: str
    verdict: Verdict
    exercise: str
    exercise_text: str
    exercise_files: tuple[File, ...]
    variant: str | None
    submission: TextFile
    beside: tuple[File, ...]
    versions: tuple[tuple[str, str], ...]
    kept: tuple[str, ...]

    def text(self) -> str:
        """The dispute as JSON."""
        return json.dumps(json.loads(encode(self)), indent=1) + "\n"


def read(content: bytes, name: str) -> Dispute:
    """Read a dispute from untrusted content. Raises `UsageError`."""
    try:
        if len(content) > LARGEST:
            raise ValueError("too large")
        found = decode(content, Dispute)
        names = [found.submission.name, *(one.name for one in (*found.beside, *found.exercise_files))]
        if found.schema != SCHEMA or not all(map(is_plain, names)):
            raise ValueError("of another kind")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{name} is no dispute that `grader dispute` has written.") from None
    return found
