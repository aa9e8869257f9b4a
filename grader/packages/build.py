"""Build a package as one file."""

from __future__ import annotations

from grader.packages.archive import zipped
from grader.packages.types import Request, Target


def built(target: Target, request: Request) -> tuple[str, bytes]:
    """The name of the file and its content: a zip, or the single file that the target takes.

    Raises `EnvironmentProblem` and `UsageError`."""
    files = target.files(request)
    if target.single:
        (only,) = files
        return f"{request.exercise.id}-{only.path}", only.data
    return f"{request.exercise.id}-{target.name}.zip", zipped(files)
