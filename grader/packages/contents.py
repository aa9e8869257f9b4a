"""What every package contains: the grader's own code, the exercise, its reference values, pinned requirements. And how
files become a package of one file; the same files give the same bytes.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path

from grader.errors import EnvironmentProblem, UsageError
from grader.exercise.types import Exercise
from grader.packages.targets import PackageFile, PackageRequest, Target
from grader.reference.cache import write_values
from grader.temp_folders import TempFolder

FOLDER = "grader_package"
"""The folder of these files in a package."""

EXERCISE = "exercise.yaml"
PARTS = "parts.json"
"""Where each exercise is, and what it is worth: `[{"folder": ".", "points": 16.0}]`."""
SETTINGS = "settings.json"
SECRET = "secret"

_ROOT = Path(__file__).resolve().parents[1]
_LEFT_OUT = frozenset({"__pycache__", "docs", "_exercises"})
_LARGE = frozenset({"torch"})
"""Required packages that are installed only where submissions import them."""

_LAUNCHER = '''"""Grade what was handed in: `python -I grade.py FOLDER-OR-FILE [-o FILE]`."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Read by the libraries when they are first imported. More threads than cores make small arrays slow, and some systems
# count every thread as a process.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ["GRADER_VALUES"] = os.path.join(HERE, "values")
sys.path.insert(0, HERE)

from grader.packages.grade import main

main(HERE, sys.argv[1:])
'''


def contents(request: PackageRequest) -> tuple[PackageFile, ...]:
    """The files of the folder `grader_package`, with paths inside it.

    Raises `EnvironmentProblem` where torch is missing, and `UsageError` for an exercise that needs it each time."""
    exercises = [part.exercise for part in request.parts]
    drawn = [exercise for exercise in exercises if exercise.variants]
    if drawn and not request.torch:
        raise UsageError(
            f"Every student has other numbers in {drawn[0].id}, so their right values cannot be in the package: say "
            "with --torch which torch it installs, such as --torch 'torch>=2.6'."
        )
    alone = len(exercises) == 1
    folders = ["." if alone else f"exercises/{exercise.id}" for exercise in exercises]
    parts = [{"folder": folder, "points": part.points} for folder, part in zip(folders, request.parts, strict=True)]
    made = [
        PackageFile("grade.py", _LAUNCHER.encode()),
        PackageFile(PARTS, _json(parts)),
        PackageFile(SETTINGS, _json(asdict(request.settings))),
        PackageFile("requirements.txt", _lines(f"{name}=={version}" for name, version in requirements())),
        *code(),
    ]
    for folder, exercise in zip(folders, exercises, strict=True):
        made += _exercise(exercise) if alone else under(folder, tuple(_exercise(exercise)))
        if not exercise.variants:
            made.append(_values(exercise, request.secret))
    if request.torch:
        made.append(PackageFile("requirements-torch.txt", _lines(request.torch.splitlines())))
    if drawn:
        made.append(PackageFile(SECRET, request.secret.encode()))
    return tuple(made)


def under(folder: str, files: tuple[PackageFile, ...]) -> tuple[PackageFile, ...]:
    """The files with their paths below a folder."""
    return tuple(replace(file, path=f"{folder}/{file.path}") for file in files)


def code() -> Iterator[PackageFile]:
    """The grader's own files, without its documentation and its collection of exercises."""
    for path in sorted(_ROOT.rglob("*")):
        inside = path.relative_to(_ROOT)
        if path.is_file() and _LEFT_OUT.isdisjoint(inside.parts) and path.suffix != ".md":
            yield PackageFile(f"grader/{inside.as_posix()}", path.read_bytes())


def _exercise(exercise: Exercise) -> Iterator[PackageFile]:
    """The exercise, and the files that submissions may read, from beside it."""
    yield PackageFile(EXERCISE, Path(exercise.path).read_bytes())
    for name in exercise.policy.files:
        yield PackageFile(name, (Path(exercise.path).parent / name).read_bytes())


def _values(exercise: Exercise, secret: str) -> PackageFile:
    """The right values, so that no torch is needed. They are those of `exercise.yaml`, whose text is the same."""
    scratch = TempFolder()
    try:
        path = write_values(exercise, scratch.path, secret)
        return PackageFile(f"values/{path.name}", path.read_bytes())
    finally:
        scratch.close()


def requirements() -> tuple[tuple[str, str], ...]:
    """Name and version of everything that the grader is installed with here, without torch and what only torch needs.

    A requirement that another system has and this one does not is left to pip. Raises `EnvironmentProblem` where the
    grader was not installed by pip."""
    found: dict[str, str] = {}
    waiting = ["grader"]
    while waiting:
        name = _normal(waiting.pop())
        if name in found or name in _LARGE:
            continue
        try:
            one = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name == "grader":
                raise EnvironmentProblem(
                    "a package pins the versions that are installed here, and the grader was not installed with pip"
                ) from None
            continue
        found[name] = one.version
        waiting += [named[0] for text in one.requires or () if "extra ==" not in text and (named := _NAME.match(text))]
    del found["grader"]
    return tuple(sorted(found.items()))


_NAME = re.compile(r"[A-Za-z0-9._-]+")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _lines(texts: Iterator[str] | list[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can say; that of the files here would make every package another."""


def zipped(files: Sequence[PackageFile]) -> bytes:
    """The zip of these files. Programs are marked as such for systems that keep the permissions of a zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(files, key=lambda one: one.path):
            info = zipfile.ZipInfo(file.path, _EPOCH)
            info.create_system = 3  # Unix, in whose terms the next line is
            info.external_attr = (0o100755 if file.executable else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.data)
    return made.getvalue()


def compressed_tar(files: Sequence[PackageFile]) -> bytes:
    """A tar of them, compressed by xz."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:xz") as archive:
        for file in files:
            member = tarfile.TarInfo(file.path)
            member.size, member.mode = len(file.data), 0o600
            archive.addfile(member, io.BytesIO(file.data))
    return made.getvalue()


def built(target: Target, request: PackageRequest) -> tuple[str, bytes]:
    """The name of the file and its content: a zip, or the single file that the target takes.

    Raises `EnvironmentProblem` and `UsageError`."""
    if len(request.parts) > 1 and target.course is None:
        commands = "\n".join(f"    grader package {target.name} {part.name}" for part in request.parts)
        raise UsageError(
            f"A package for {target.name} grades one exercise. Make one for each of {request.id}:\n{commands}"
        )
    files = target.files(request)
    if target.single:
        (only,) = files
        return f"{request.id}-{only.path}", only.data
    return f"{request.id}-{target.name}.zip", zipped(files)
