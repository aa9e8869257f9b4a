"""Reference values on disk, so that checking a script without torch never imports torch.

A file is named by everything that could change a value: the exercise's text and inputs, the secret, this code, the
versions of torch and Python. What is in it is believed only if it has exactly the names a reference must have, each
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
    """The reference of an exercise: from the cache, or built with torch and kept.

    Raises `ExerciseError` where it cannot be built and `EnvironmentProblem` where torch is missing."""
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


_last: tuple[Exercise, str, Reference] | None = None


def remembered(exercise: Exercise, secret: str = "") -> Reference:
    """The same, of the exercise asked for last: who grades many with one asks for it again and again."""
    global _last
    if _last is None or _last[0] is not exercise or _last[1] != secret:
        _last = exercise, secret, reference_for(exercise, secret)
    return _last[2]


def cache_path(exercise: Exercise, secret: str = "") -> Path | None:
    """Where the reference of an exercise is kept; None where nothing is."""
    code = code_digest("exercise", "formula", "reference", "model")
    hidden = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    # The inputs apart from the text: a student's variant of an exercise has the same text and other numbers.
    given = repr((exercise.inputs, exercise.probe_points, exercise.variant))
    return path_of("reference", exercise.digest, exercise.id, given, hidden, code, _torch_here())


def _torch_here() -> str:
    """Which torch this is, without importing it, or what knows of packages: each takes longer than reading a cache."""
    with contextlib.suppress(OSError, ValueError):  # none, or none that says so: building the reference tells
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
    """The reference in `text`, None where it is not one of this exercise."""
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
