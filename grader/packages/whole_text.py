"""A whole report as plain text, for systems that show one text per submission."""

from __future__ import annotations

from grader.model import Result
from grader.packages.types import Outcome, Ungraded
from grader.report import terminal
from grader.report.numbers import count

WIDTH = 80
"""Columns; the narrow columns in which these systems show text break longer lines."""


def whole_text(outcome: Outcome) -> str:
    """The report as the terminal shows it, without colours."""
    if isinstance(outcome, Ungraded):
        return "\n".join(one for one in (outcome.student, outcome.reason) if one) + "\n"
    return terminal.render(outcome, WIDTH).plain


def score_line(result: Result) -> str:
    """`12 / 15 points`."""
    if result.score is None:
        return "could not be graded"
    return f"{count(result.score)} / {count(result.max_score)} points"


def fraction(result: Result) -> float | None:
    """The score as a share of the points; None if there is no score."""
    return None if result.score is None else result.score / result.max_score
