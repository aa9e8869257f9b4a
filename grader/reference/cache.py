"""Reference values on disk, so that checking a script without torch never imports torch.

A file is named by a digest of everything that could change a value: the exercise's text and inputs, the secret, this
code, the versions of torch and Python. What is read is believed only if it is a regular file of ours that nobody else
may write, carries the same key, matches its checksum and has exactly the names a reference must have, each with
numbers of one shape at all points.
Anything else is as good as no file. It is JSON: reading it can run nothing.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from grader.errors import EnvironmentProblem
from grader.exercise.types import Exercise
from grader.model import Value
from grader.reference.points import draw_points
from grader.reference.types import Reference

PLACE = "GRADER_CACHE"
"""Environment variable naming the folder of the cache; empty: no cache is used."""

_LARGEST = 256 * 1024 * 1024


def reference_for(exercise: Exercise, secret: str = "") -> Reference:
    """The reference of an exercise: from the cache, or built with torch and kept.

    Raises `ExerciseError` where it cannot be built and `EnvironmentProblem` where torch is missing."""
    path = _path(exercise, secret)
    if path is not None and (known := _read(path, exercise, secret)) is not None:
        return known
    try:
        from grader.reference.autograd import build
    except (ImportError, OSError) as error:
        raise EnvironmentProblem(
            f"the reference values of {exercise.id} need torch, which cannot be imported ({error}); "
            'install it with: pip install "torch>=2.6,<2.14"'
        ) from error
    made = build(exercise, secret)
    if path is not None:
        _write(path, made)
    return made


def _path(exercise: Exercise, secret: str) -> Path | None:
    chosen = os.environ.get(PLACE)
    if chosen == "":
        return None
    if chosen is None:
        from platformdirs import user_cache_dir

        chosen = user_cache_dir("grader", appauthor=False)
    return Path(chosen) / "reference" / f"{_key(exercise, secret)}.json"


def _key(exercise: Exercise, secret: str) -> str:
    # The inputs apart from the text: each student may have a variant of the given numbers.
    given = repr((exercise.inputs, exercise.probe_points))
    secret_digest = hashlib.sha256(secret.encode()).hexdigest()
    parts = (exercise.digest, exercise.id, given, secret_digest, _code(), sys.version)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _code() -> str:
    """A digest of torch's version and of the code that turns an exercise into values."""
    digest = hashlib.sha256()
    try:
        digest.update(metadata.version("torch").encode())
    except metadata.PackageNotFoundError:
        digest.update(b"no torch")
    house = Path(__file__).parents[1]
    for file in sorted((*house.glob("formula/*.py"), *house.glob("reference/*.py"), *house.glob("exercise/*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _read(path: Path, exercise: Exercise, secret: str) -> Reference | None:
    try:
        data = _ours(path)
        head, body = data.split(b"\n", 1)
        if head.decode() != f"{path.stem} {hashlib.sha256(body).hexdigest()}":
            return None
        return _reference(json.loads(body), exercise, secret)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _ours(path: Path) -> bytes:
    """The bytes of a regular file that only this user can have written. Raises `OSError` or `ValueError`."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LARGEST:
            raise ValueError("no cache file")
        if hasattr(os, "getuid") and (facts.st_uid != os.getuid() or facts.st_mode & 0o022):
            raise ValueError("someone else's cache file")
        return file.read()


def _reference(stored: dict[str, Any], exercise: Exercise, secret: str) -> Reference:
    attempt = stored["attempt"]
    if type(attempt) is not int:
        raise TypeError("no number of an attempt")
    points = draw_points(exercise, secret, attempt)
    expected = {step.name for step in (*exercise.forward_steps, *exercise.steps)}
    values = []
    for entry in stored["values"]:
        if set(entry) != expected:
            raise ValueError("other quantities")
        values.append({name: _value(*parts) for name, parts in entry.items()})
        if any(value.shape != values[0][name].shape for name, value in values[-1].items()):
            raise ValueError("other shapes")
    if len(values) != len(points):
        raise ValueError("other points")
    return Reference(points, tuple(values), attempt, str(stored["torch"]))


def _value(shape: list[int], data: str) -> Value:
    if any(type(size) is not int or size < 0 for size in shape):
        raise ValueError("no shape")
    value = Value(tuple(shape), base64.b64decode(data, validate=True))
    if len(value.data) != 8 * value.size:
        raise ValueError("a value of another size")
    return value


def _write(path: Path, reference: Reference) -> None:
    values = [
        {name: (value.shape, base64.b64encode(value.data).decode()) for name, value in at.items()}
        for at in reference.values
    ]
    body = json.dumps({"attempt": reference.attempt, "torch": reference.torch_version, "values": values}).encode()
    head = f"{path.stem} {hashlib.sha256(body).hexdigest()}\n".encode()
    # A cache that cannot be written (a full disk, a read-only home) only costs time.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(head + body)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise
