"""The feedback page of one student: the report of the result, with the score that counts."""

from __future__ import annotations

from dataclasses import dataclass

from grader.batch.late import Final
from grader.batch.student_row import StudentRow
from grader.exercise.types import Exercise
from grader.html import mathml, report
from grader.html.rendering import render
from grader.model import Outcome, Result
from grader.reference.types import Reference
from grader.report.account import wrong_groups
from grader.report.mathematics import plain
from grader.report.numbers import count
from grader.report.table import rows

Behind = tuple[Exercise | None, Reference | None]
"""The exercise with the student's numbers, and its right values at them; None for what is not known."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step in the table: its cells, and the number of the mistake that explains it."""

    outcome: Outcome
    cells: tuple[str, ...]
    mistake: int | None


def page(title: str, one: StudentRow, result: Result, known: Final, behind: Behind = (None, None)) -> str:
    """The page a student sees: no more than the reveal level of `result` allows."""
    head, *steps = rows(result)
    numbers = {step.name: number for number, group in enumerate(wrong_groups(result), 1) for step in group}
    values = report.content(result, *behind)
    values |= {
        "title": mathml.typeset(title),
        "plain_title": plain(title),
        "name": one.name,
        "file": one.file,
        "score": None if known.score is None else count(known.score),
        "praise": _praise(result) if result.complete else None,
        "graded": None if one.score is None else count(one.score),
        "before": None if known.score is None else count(known.score + known.lost),
        "lost": count(known.lost) if known.lost else None,
        "late": known.late,
        "given": one.comments or None,
        "head": [word for word, _ in head if word],
        "steps": [
            StepRow(step.outcome, tuple(text for text, _ in row), numbers.get(step.name))
            for step, row in zip(result.steps, steps, strict=True)
        ],
    }
    return render("feedback.html", style=report.PAGE_STYLE, script="report.js", **values)


def without_result(title: str, one: StudentRow, known: Final) -> str:
    """The page of a student without a graded submission, who may still have a score given by hand."""
    typeset = mathml.typeset(title)
    return render(
        "nothing.html",
        style=("math.css", "style.css") if "<math" in typeset else ("style.css",),
        title=typeset,
        plain_title=plain(title),
        name=one.name,
        score=None if known.score is None else count(known.score),
        most=count(one.max_score or 0.0),
        reason=one.why,
    )


def _praise(result: Result) -> str:
    """What is said at full marks."""
    several = min((step.points_checked for step in result.steps if step.outcome == "correct"), default=0)
    where = f"at your numbers and at {several - 1} others" if several > 2 else "at the numbers it was checked at"
    return f"Full marks. Every step of your derivation is right, {where}: well done!"
