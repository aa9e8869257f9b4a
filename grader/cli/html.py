"""Write a report as a page for the browser."""

from __future__ import annotations

from grader.cli.output import write
from grader.errors import EnvironmentProblem
from grader.exercise.load import named
from grader.html.report import render
from grader.model import Result
from grader.reference.cache import reference_for
from grader.reference.variants import for_student


def write_page(result: Result, exercise: str, secret: str, variant: str | None, output: str | None) -> None:
    """Write the page of `result`. Without the reference values it is written without graph and values."""
    loaded = for_student(named(exercise), result.student, secret, variant)
    try:
        reference = reference_for(loaded, secret)
    except EnvironmentProblem:
        reference = None
    write(render(result, loaded, reference), output)
