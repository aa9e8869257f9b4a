"""Write a report as a file: as a page for the browser, or in a format for CI, where the CI system wants it."""

from __future__ import annotations

import os
from pathlib import Path

from grader.cli.output import complain, write
from grader.errors import EnvironmentProblem
from grader.model import Result


def write_page(result: Result, exercise: str, secret: str, variant: str | None, output: str | None) -> None:
    """Write the page of `result`. Without the reference values it is written without graph and values."""
    from grader.exercise.load import named
    from grader.html.report import render
    from grader.reference.cache import reference_for
    from grader.reference.variants import for_student

    loaded = for_student(named(exercise), result.student, secret, variant)
    try:
        reference = reference_for(loaded, secret)
    except EnvironmentProblem:
        reference = None
    write(render(result, loaded, reference), output)


def write_for_ci(result: Result, form: str, submission: str, output: str | None) -> None:
    """Write `result` in the format `github`, `junit` or `sarif`. `submission` is its path as the caller gave it.

    For GitHub the summary is also appended to the file that `$GITHUB_STEP_SUMMARY` names."""
    path = _relative(submission)
    if form == "github":
        from grader.report import github

        write(github.render(result, path), output)
        _append_summary(github.summary(result))
    elif form == "junit":
        from grader.report import junit

        write(junit.render(result, path), output)
    else:
        from grader.report import sarif

        write(sarif.render(result, path), output)


def _relative(path: str) -> str:
    """The path from the current folder, which in CI is that of the repository; as given if it lies elsewhere."""
    try:
        return Path(path).resolve().relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        return Path(path).as_posix()


def _append_summary(text: str) -> None:
    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if not target:
        return
    try:
        with open(target, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        complain(f"grader: the summary cannot be written to {target}: {error.strerror}.")
