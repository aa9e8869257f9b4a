"""What a piece of work is: everything a result depends on, in one digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from grader import __version__
from grader.exercise.types import Exercise
from grader.reference.variants import variant_key
from grader.storage import code_digest

_JUDGING = (
    "coding",
    "model",
    "exercise",
    "formula",
    "reference",
    "submission",
    "runner",
    "runner/child",
    "judge",
    "diagnosis",
    "diagnosis/misconceptions",
    "preparation",
    "assemble",
    "grading",
)
"""All code of ours that may change a result."""


def grader_version() -> str:
    """The version of the grader, and which code that is while it is being worked on."""
    return f"{__version__}+{code_digest(*_JUDGING)[:12]}"


@dataclass(frozen=True, slots=True)
class Works:
    """Says which work a student's file is. `fresh` counts how often the batch was started over."""

    exercise: Exercise
    secret: str
    fresh: str = "0"

    def __call__(self, student: str, digest: str, again: int) -> str:
        numbers = variant_key(self.exercise, student, self.secret) if self.exercise.variants else ""
        hidden = _digest("secret", self.secret)
        # Only a student's own regrade makes equal files different work.
        own = f"{student}\0{again}" if again else ""
        return _digest(
            digest, self.exercise.digest, self.exercise.id, numbers, hidden, grader_version(), self.fresh, own
        )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
