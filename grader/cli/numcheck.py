"""`grader numcheck`: a step beside its numerical slope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.cli import status
from grader.cli.chosen import Chosen
from grader.cli.commands import read_secret, warn_of_others
from grader.cli.meant import refuse_swapped
from grader.cli.output import width, write
from grader.errors import UsageError
from grader.nearest import did_you_mean
from grader.report.numbers import number, pair
from grader.report.page import Page
from grader.report.places import short_place

if TYPE_CHECKING:
    from grader.numcheck import Comparison


def numcheck_one(named: Chosen, step: str, student: str | None, secret_file: str | None) -> int:
    """Print the comparison; return 0 if the step agrees with the slope, 1 if not."""
    from grader.exercise.load import named as load
    from grader.numcheck import numcheck
    from grader.reference.variants import for_student

    refuse_swapped(named.exercise, (named.submission,), "numcheck")
    warn_of_others(named.submission, "process")
    secret = "" if secret_file is None else read_secret(secret_file)
    exercise = for_student(load(named.exercise), student, secret, named.variant)
    steps = [one.name for one in exercise.steps]
    if step not in steps:
        raise UsageError(f"{exercise.id} has no step {step[:80]!r}.{did_you_mean(step, steps)}")
    found = numcheck(exercise, named.submission, step)
    page = Page(width())
    for sentence, style in said(found):
        page.prose(sentence, style)
    write(page.text())
    return status.ALL_RIGHT if found.agrees else status.NOT_ALL_RIGHT


def said(found: Comparison) -> list[tuple[str, str]]:
    """The sentences, each with its style."""
    entry = f"[{', '.join(map(str, found.entry))}]" if found.entry else ""
    at = f", {short_place(found.where)}" if found.where is not None else ""
    own, slope = (number(found.own), number(found.slope)) if found.agrees else pair(found.own, found.slope)
    unlike = "" if found.unlike is None else f" (in yours, `{found.unlike}` is not right)"
    whose = "your own program" if found.program == "own" else f"the exercise's program{unlike}"
    parts = f"{'an entry of ' if found.entry else ''}`{found.by}`"
    lines = [
        (f"your `{found.step}{entry}`{at}: {own}", "bold"),
        (f"numerical slope in {whose}: {slope}", "bold"),
        (f"it is how much `{found.of}` changed when {parts} was shifted by {found.shift:.0e} up and down", "dim"),
    ]
    if found.agrees:
        lines.append(("they agree", "bold green"))
    elif found.size == 1:
        lines.append(("they differ", "bold red"))
    else:
        lines.append((f"they differ, here most; {found.differing} of {found.size} entries differ", "bold red"))
    return lines
