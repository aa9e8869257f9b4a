"""Keys of jobs: one digest of everything that a result depends on."""

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
    "reveal",
    "model",
    "exercise",
    "formula",
    "reference",
    "submission",
    "instrument",
    "runner",
    "judge",
    "diagnosis",
    "blame",
    "incidents",
    "cell_order",
    "preparation",
    "assemble",
    "explaining",
    "alternatives",
    "own_sizes",
    "grading",
)
"""All modules and packages of the grader that may affect a result."""


def grader_version() -> str:
    """The version of the grader, with a digest of its code to distinguish development versions."""
    return f"{__version__}+{code_digest(*_JUDGING)[:12]}"


@dataclass(frozen=True, slots=True)
class Works:
    """Computes the job key of a student's file. `content` is the digest of the exercise, `fresh` counts how often the
    batch was started over."""

    exercise: Exercise
    content: str
    secrets: Secrets
    fresh: str = "0"

    def __call__(self, student: str, digest: str, again: int) -> str:
        numbers = variant_key(self.exercise, student, self.secrets.numbers) if self.exercise.variants else ""
        hidden = _digest("secret", self.secrets.points)
        # Equal files share one key; only a student's individual regrade makes it differ.
        own = f"{student}\0{again}" if again else ""
        return _digest(digest, self.content, self.exercise.id, numbers, hidden, grader_version(), self.fresh, own)


def digest_of(exercise: Exercise) -> str:
    """A digest of an exercise: its file, and the files that submissions may read."""
    home = Path(exercise.path).parent
    data = [file.read_bytes() if (file := home / name).is_file() else b"" for name in exercise.policy.files]
    return _digest(exercise.digest, *(hashlib.sha256(one).hexdigest() for one in data)) if data else exercise.digest


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
