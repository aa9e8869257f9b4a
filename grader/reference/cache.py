"""Reference values from a file, so that checking a script without torch never imports torch.

They are read from the values kept with the exercise (see `value_files`), otherwise from a cache on disk, and are
computed with torch and cached only where neither has them. A file of the cache is named by a digest of everything that
could change a value: the exercise's text and inputs, the secret, this code, the versions of torch and Python.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from grader.disk_cache import code_digest, path_of, read, write
from grader.errors import EnvironmentProblem
from grader.exercise.types import Exercise
from grader.model import Value
from grader.reference.points import Point
from grader.reference.types import Reference
from grader.reference.value_files import decode, encode, keep, kept


def reference_for(exercise: Exercise, secret: str = "") -> Reference:
    """The reference of an exercise: as it is kept or cached, or built with torch and cached.

    Raises `ExerciseError` if it cannot be built and `EnvironmentProblem` if torch is missing."""
    if (known := known_reference(exercise, secret)) is not None:
        return known
    made = built(exercise, secret)
    write(cache_path(exercise, secret), encode(exercise, made))
    return made


def known_reference(exercise: Exercise, secret: str = "") -> Reference | None:
    """The reference of an exercise as it is kept or cached; None if it would have to be built."""
    if (known := kept(exercise, secret)) is not None:
        return known
    stored = read(cache_path(exercise, secret))
    return None if stored is None else decode(stored, exercise)


def built(exercise: Exercise, secret: str = "") -> Reference:
    """The reference of an exercise, computed with torch. Raises the same errors as `reference_for`."""
    return _autograd(exercise).build(exercise, secret)


def values_at(exercise: Exercise, point: Point) -> Mapping[str, Value]:
    """The right values at any point, computed with torch. Raises the same errors as `reference_for`."""
    return _autograd(exercise).values_at(exercise, point)


class _Autograd(Protocol):
    """What is used of `grader.reference.autograd`."""

    def build(self, exercise: Exercise, secret: str = "") -> Reference: ...

    def values_at(self, exercise: Exercise, point: Point) -> dict[str, Value]: ...


def _autograd(exercise: Exercise) -> _Autograd:
    try:
        import grader.reference.autograd as autograd
    except (ImportError, OSError) as error:
        raise EnvironmentProblem(
            f"the reference values of {exercise.id} need torch, which cannot be imported ({error}); "
            'install it with: pip install "torch>=2.6"'
        ) from error
    return autograd


def write_values(exercise: Exercise, folder: str | os.PathLike[str], secret: str = "") -> Path:
    """Compute the reference values of an exercise with torch, write them to a file in `folder`, which is made if it
    does not exist, and return its path.

    They are those at the points drawn from `secret`; without one, at the public points. With `GRADER_VALUES` naming
    that folder, the grader needs no torch where the submission needs none. Raises the errors of `reference_for`, and
    `UsageError` if the file cannot be written."""
    return keep(exercise, built(exercise, secret), folder, secret)


def cache_path(exercise: Exercise, secret: str = "") -> Path | None:
    """Path of an exercise's cached reference; None if caching is off."""
    code = code_digest("exercise", "formula", "reference", "model")
    hidden = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    # The inputs are hashed separately: a student's variant has the same text but other numbers.
    given = repr((exercise.inputs, exercise.probe_points, exercise.variant))
    path = path_of("reference", exercise.digest, exercise.id, given, hidden, code, _torch_here())
    return None if path is None else path.with_suffix(".values")


def _torch_here() -> str:
    """The version of the installed torch, without importing torch or package metadata: either takes longer than reading
    a cache file."""
    with contextlib.suppress(OSError, ValueError):  # no torch, or no version file: building the reference reports it
        found = find_spec("torch")
        if found is not None and found.origin is not None:
            return Path(found.origin).with_name("version.py").read_text("utf-8")
    return "none"
