"""What a piece of work is: everything a result depends on, in one digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from grader import __version__
from grader.batch.secrets import Secrets
from grader.disk_cache import code_digest
from grader.exercise.types import Exercise
from grader.reference.variants import variant_key

_JUDGING = (
    "serialize",
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
    "blame",
    "incidents",
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
    """Says which work a student's file is. `content` is the exercise's digest, `fresh` counts how often the batch was
    started over."""

    exercise: Exercise
    content: str
    secrets: Secrets
    fresh: str = "0"

    def __call__(self, student: str, digest: str, again: int) -> str:
        numbers = variant_key(self.exercise, student, self.secrets.numbers) if self.exercise.variants else ""
        hidden = _digest("secret", self.secrets.points)
        # Only a student's own regrade makes equal files different work.
        own = f"{student}\0{again}" if again else ""
        return _digest(digest, self.content, self.exercise.id, numbers, hidden, grader_version(), self.fresh, own)


def digest_of(exercise: Exercise) -> str:
    """What changes with an exercise: its file, and the files it lets submissions read."""
    home = Path(exercise.path).parent
    data = [file.read_bytes() if (file := home / name).is_file() else b"" for name in exercise.policy.files]
    return _digest(exercise.digest, *(hashlib.sha256(one).hexdigest() for one in data)) if data else exercise.digest


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
