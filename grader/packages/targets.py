"""The systems that packages are made for."""

from __future__ import annotations

from functools import cache

from grader.errors import UsageError
from grader.nearest import did_you_mean
from grader.packages import gradescope
from grader.packages.types import Target


@cache
def targets() -> tuple[Target, ...]:
    """All of them, in the order in which they are listed."""
    return (
        Target(
            "gradescope",
            "Gradescope, and Codio through its wrapper for Gradescope's autograders",
            "a programming assignment; building the image installs from pip, grading needs no network",
            "points and a formatted text per step, the whole result in extra_data",
            "no page with pictures: Gradescope removes them",
            gradescope.files,
            gradescope.render,
        ),
    )


def target(name: str) -> Target:
    """The target of this name. Raises `UsageError`."""
    for one in targets():
        if one.name == name:
            return one
    known = [one.name for one in targets()]
    raise UsageError(f"There are no packages for {name!r}.{did_you_mean(name, known)} `grader package --list` names all.")
