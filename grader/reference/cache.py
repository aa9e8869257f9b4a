"""Reference values cached on disk, so that checking a script without torch never imports torch.

A file is named by a digest of everything that could change a value: the exercise's text and inputs, the secret, this
code, the versions of torch and Python. Its content is accepted only if it has exactly the names of a reference, each
with numbers of one shape at all the points this exercise draws.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from grader.disk_cache import code_digest, path_of, read, write
from grader.errors import EnvironmentProblem
from grader.exercise.types import Exercise
from grader.model import Value
from grader.reference.points import draw_points
from grader.reference.types import Disturbance, Reference


def reference_for(exercise: Exercise, secret: str = "") -> Reference:
    """The reference of an exercise: from the cache, or built with torch and cached.

    Raises `ExerciseError` if it cannot be built and `EnvironmentProblem` if torch is missing."""
    path = cache_path(exercise, secret)
    stored = read(path)
    if stored is not None and (known := _reference(stored, exercise, secret)) is not None:
        return known
    try:
        from grader.reference.autograd import build
    except (ImportError, OSError) as error:
        raise EnvironmentProblem(
            f"the reference values of {exercise.id} need torch, which cannot be imported ({error}); "
            'install it with: pip install "torch>=2.6,<2.14"'
        ) from error
    made = build(exercise, secret)
    write(path, _stored(made))
    return made


def cache_path(exercise: Exercise, secret: str = "") -> Path | None:
    """Path of an exercise's cached reference; None if caching is off."""
    code = code_digest("exercise", "formula", "reference", "model")
    hidden = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    # The inputs are hashed separately: a student's variant has the same text but other numbers.
    given = repr((exercise.inputs, exercise.probe_points, exercise.variant))
    return path_of("reference", exercise.digest, exercise.id, given, hidden, code, _torch_here())


def _torch_here() -> str:
    """The version of the installed torch, without importing torch or package metadata: either takes longer than reading
    a cache file."""
    with contextlib.suppress(OSError, ValueError):  # no torch, or no version file: building the reference reports it
        found = find_spec("torch")
        if found is not None and found.origin is not None:
            return Path(found.origin).with_name("version.py").read_text("utf-8")
    return "none"


def _stored(reference: Reference) -> bytes:
    values = [_entry(at) for at in reference.values]
    disturbed = [(one.step, one.point, _entry(one.values), _entry(one.goes_on)) for one in reference.disturbances]
    whole = {"attempt": reference.attempt, "torch": reference.torch_version, "values": values, "disturbed": disturbed}
    return json.dumps(whole).encode()


def _entry(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: (value.shape, base64.b64encode(value.data).decode()) for name, value in values.items()}


def _reference(text: bytes, exercise: Exercise, secret: str) -> Reference | None:
    """Decode the reference in `text`; None if it does not belong to this exercise."""
    try:
        stored = json.loads(text)
        attempt = stored["attempt"]
        if type(attempt) is not int:
            raise TypeError("no number of an attempt")
        points = draw_points(exercise, secret, attempt)
        values = tuple(_values(entry, exercise) for entry in stored["values"])
        if any(value.shape != values[0][name].shape for at in values for name, value in at.items()):
            raise ValueError("other shapes")
        disturbed = tuple(_disturbance(values[-1], *parts) for parts in stored["disturbed"])
        known = Reference(points, values, attempt, str(stored["torch"]), disturbed)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return known if len(values) == len(points) else None


def _values(entry: dict[str, Any], exercise: Exercise) -> dict[str, Value]:
    if set(entry) != {step.name for step in (*exercise.forward_steps, *exercise.steps)}:
        raise ValueError("other quantities")
    return {name: _value(*parts) for name, parts in entry.items()}


def _disturbance(right: Mapping[str, Value], step: str, at: int, level: int, values: Any, goes_on: Any) -> Disturbance:
    parts = [{name: _value(*stored) for name, stored in one.items()} for one in (values, goes_on)]
    if any(one.shape != right[name].shape for part in parts for name, one in part.items()):
        raise ValueError("other shapes")
    return Disturbance(step, at, level, parts[0], parts[1])


def _value(shape: list[int], data: str) -> Value:
    if any(type(size) is not int or size < 0 for size in shape):
        raise ValueError("no shape")
    value = Value(tuple(shape), base64.b64decode(data, validate=True))
    if len(value.data) != 8 * value.size:
        raise ValueError("a value of another size")
    return value
