"""Build a package as one file."""

from __future__ import annotations

from grader.errors import UsageError
from grader.packages.archive import zipped
from grader.packages.types import Request, Target


def built(target: Target, request: Request) -> tuple[str, bytes]:
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
