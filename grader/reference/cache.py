"""Reference values from files, so that checking a script without torch never imports torch: from the cache, or kept for
good, beside an exercise or in a folder that a package brings along; as bytes, one line of JSON, then the numbers.

The JSON says what the values were made for (`digest_of`), and which of the arrays stands for what; `arrays` lists
their shapes, in the order in which their numbers follow as little-endian float64. An array that occurs several times
is kept once. The numbers are compressed by zlib, with the first bytes of all of them before the second ones: signs
and exponents are alike, so that this is the smallest. Numbers come back bit by bit; reading them executes nothing
and needs no torch. The drawn inputs are kept too: another mathematical library draws numbers that differ in the last
bit, and the values belong to exactly these.

The shipped exercises have theirs in the folder `values` beside them, at the points that are drawn without a secret,
so that checking a submission that does not import torch never needs torch. A package that grades elsewhere may bring
the values at its secret points, in a folder named by `GRADER_VALUES`; the file does not hold the secret. A file that
does not belong to the exercise as it is now, or is damaged, counts as missing.

They are read from the values kept with the exercise (see `value_files`), otherwise from a cache on disk, and are
computed with torch and cached only where neither has them. A file of the cache is named by a digest of everything that
could change a value: the exercise's text and inputs, the secret, this code, the versions of torch and Python.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from grader.disk_cache import code_digest, path_of, read, write
from grader.errors import EnvironmentProblem, UsageError
from grader.exercise.types import Exercise
from grader.formula.syntax import text
from grader.model import Value
from grader.reference.points import Disturbance, Point, Reference, draw_points, given_inputs

PLACE = "GRADER_VALUES"
"""Environment variable that names a folder of values, which is looked into first."""

BESIDE = "values"
"""Name of the folder beside an exercise."""

MAX_CACHE_BYTES = 256 * 1024 * 1024

_FORMAT = "grader.values/1"

_PUBLIC, _SECRET = "public", "secret"
"""Whether the points were drawn from a secret."""


def digest_of(exercise: Exercise) -> str:
    """A digest of what the values of an exercise depend on: not of its text, its hints and its points."""
    inputs = [(one.name, one.shape, one.given, one.draw, one.probe, one.whole) for one in exercise.inputs]
    steps = [(one.name, text(one.quantity)) for one in exercise.steps]
    whole = (exercise.id, inputs, exercise.probe_points, exercise.variant, exercise.program_text, steps)
    return hashlib.sha256(repr(whole).encode("utf-8", "surrogatepass")).hexdigest()


def encode(exercise: Exercise, reference: Reference) -> bytes:
    """The values of an exercise as bytes."""
    arrays: dict[tuple[tuple[int, ...], bytes], int] = {}

    def number(value: Value) -> int:
        return arrays.setdefault((value.shape, value.data), len(arrays))

    def numbers(values: Mapping[str, Value]) -> dict[str, int]:
        return {name: number(value) for name, value in values.items()}

    drawn, names = _drawn(exercise), _names(exercise)
    whole = {
        "for": digest_of(exercise),
        "torch": reference.torch_version,
        "attempt": reference.attempt,
        "points": [[number(point.inputs[name]) for name in drawn] for point in reference.points[1:]],
        "values": [[number(at[name]) for name in names] for at in reference.values],
        "disturbed": [
            [one.step, one.point, one.level, numbers(one.values), numbers(one.goes_on)]
            for one in reference.disturbances
        ],
        "unnamed": [number(value) for value in reference.unnamed],
        "arrays": [shape for shape, _ in arrays],
    }
    packed = zlib.compress(_by_place(b"".join(data for _, data in arrays)))
    return json.dumps(whole, separators=(",", ":")).encode() + b"\n" + packed


def decode(body: bytes, exercise: Exercise) -> Reference | None:
    """The values in `body`; None if they do not belong to this exercise, or if it is not what `encode` returns."""
    try:
        head, packed = body.split(b"\n", 1)
        stored = json.loads(head)
        if stored["for"] != digest_of(exercise):
            return None
        return _reference(stored, _arrays(stored["arrays"], packed), exercise)
    except (zlib.error, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def _reference(stored: Mapping[str, Any], arrays: Sequence[Value], exercise: Exercise) -> Reference:
    attempt = _whole(stored["attempt"])
    if not len(stored["values"]) == len(stored["points"]) + 1 == exercise.probe_points + 1:
        raise ValueError("other points")
    names, given = _names(exercise), given_inputs(exercise)
    values = tuple(dict(zip(names, _chosen(arrays, at), strict=True)) for at in stored["values"])
    right = values[0]
    for at in values:
        _same_shapes(at, right)
    points = [Point(0, given)]
    for number, at in enumerate(stored["points"], 1):
        drawn = dict(zip(_drawn(exercise), _chosen(arrays, at), strict=True))
        _same_shapes(drawn, given)
        typed = {
            one.name: Value(drawn[one.name].shape, drawn[one.name].data, "int") if one.whole else drawn[one.name]
            for one in exercise.inputs
            if one.name in drawn
        }
        points.append(Point(number, {one.name: typed.get(one.name, given[one.name]) for one in exercise.inputs}))
    disturbed = tuple(_disturbance(arrays, right, *parts) for parts in stored["disturbed"])
    unnamed = tuple(_chosen(arrays, stored.get("unnamed", ())))
    return Reference(tuple(points), values, attempt, str(stored["torch"]), disturbed, unnamed)


def _disturbance(
    arrays: Sequence[Value], right: Mapping[str, Value], step: str, at: int, level: int, *told: Mapping[str, int]
) -> Disturbance:
    values, goes_on = (dict(zip(one, _chosen(arrays, one.values()), strict=True)) for one in told)
    _same_shapes(values, right)
    _same_shapes(goes_on, right)
    return Disturbance(step, _whole(at), _whole(level), values, goes_on)


def _arrays(shapes: Sequence[Iterable[object]], packed: bytes) -> list[Value]:
    """The arrays of these shapes, whose numbers follow one another in `packed`."""
    empty = [Value(tuple(map(_whole, shape)), b"") for shape in shapes]
    size = 8 * sum(one.size for one in empty)
    unpacked = zlib.decompressobj().decompress(packed, size + 1)  # never more than is needed, whatever the file says
    if len(unpacked) != size:
        raise ValueError("numbers of another size")
    numbers, made, at = _by_number(unpacked), list[Value](), 0
    for one in empty:
        made.append(Value(one.shape, numbers[at : at + 8 * one.size]))
        at += 8 * one.size
    return made


def _by_place(numbers: bytes) -> bytes:
    """The first bytes of all numbers of 8 bytes, then all second ones, and so on."""
    return b"".join(numbers[place::8] for place in range(8))


def _by_number(places: bytes) -> bytes:
    """What `_by_place` was given."""
    numbers, count = bytearray(len(places)), len(places) // 8
    for place in range(8):
        numbers[place::8] = places[place * count : (place + 1) * count]
    return bytes(numbers)


def _chosen(arrays: Sequence[Value], numbers: Iterable[object]) -> list[Value]:
    return [arrays[_whole(number)] for number in numbers]


def _whole(number: object) -> int:
    if type(number) is not int or number < 0:
        raise ValueError("no whole number from 0")
    return number


def _same_shapes(values: Mapping[str, Value], right: Mapping[str, Value]) -> None:
    if any(value.shape != right[name].shape for name, value in values.items()):
        raise ValueError("other shapes")


def _names(exercise: Exercise) -> list[str]:
    """Every quantity, in order."""
    return [step.name for step in (*exercise.forward_steps, *exercise.steps)]


def _drawn(exercise: Exercise) -> list[str]:
    """The inputs that are drawn anew at each probe."""
    return [one.name for one in exercise.inputs if one.probe is not None]


def kept(exercise: Exercise, secret: str = "") -> Reference | None:
    """The values kept for these points; None if there are none.

    Without a secret, values in the folder that `GRADER_VALUES` names count whatever their points are: a package that
    brings along values at secret points need not contain the secret."""
    brought = os.environ.get(PLACE)
    if brought:
        found = _read(Path(brought) / _name(exercise), exercise)
        if found is not None and (not secret or _at_points_of(exercise, secret, found[1])):
            return found[1]
    if secret:
        return None
    found = _read(folder_beside(exercise) / _name(exercise), exercise)
    return found[1] if found is not None and found[0] == _PUBLIC else None


def keep(exercise: Exercise, reference: Reference, folder: str | os.PathLike[str], secret: str = "") -> Path:
    """Write the values of an exercise at the points drawn from `secret` to a file in `folder`; return its path.

    Only the owner can read a file with values at secret points. Raises `UsageError` if it cannot be written."""
    path = Path(folder) / _name(exercise)
    body = encode(exercise, reference)
    head = f"{_FORMAT} {_SECRET if secret else _PUBLIC} {hashlib.sha256(body).hexdigest()}\n"
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(head.encode() + body)
        if not secret:
            new.chmod(0o644)
        new.replace(path)
    except OSError as error:
        raise UsageError(f"The values cannot be written to {str(path)!r}: {error.strerror}.") from error
    return path


def folder_beside(exercise: Exercise) -> Path:
    """The folder of values beside an exercise."""
    return Path(exercise.path).parent / BESIDE


def _name(exercise: Exercise) -> str:
    return f"{exercise.id}.values"


def _read(path: Path, exercise: Exercise) -> tuple[str, Reference] | None:
    """Which points the values in a file belong to, and the values; None if it holds none of this exercise."""
    try:
        with path.open("rb") as file:
            head, body = file.read(MAX_CACHE_BYTES).split(b"\n", 1)
        named, drawn, digest = head.decode().split(" ")
    except (OSError, ValueError):
        return None
    if named != _FORMAT or digest != hashlib.sha256(body).hexdigest():
        return None
    made = decode(body, exercise)
    return None if made is None else (drawn, made)


def _at_points_of(exercise: Exercise, secret: str, reference: Reference) -> bool:
    return draw_points(exercise, secret, reference.attempt) == reference.points


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
