"""Points by policy: full for correct, a share for carried and compensated, none for the rest."""

from __future__ import annotations

from grader.exercise.types import Policy
from grader.judge.verdicts import Verdict
from grader.model import Outcome


def points(verdict: Verdict, policy: Policy) -> float:
    """The points a verdict earns."""
    share: dict[Outcome, float] = {
        "correct": 1.0,
        "carried": policy.credit.carried,
        "compensated": policy.credit.compensated,
    }
    return verdict.step.points * share.get(verdict.outcome, 0.0)


def rounded(number: float) -> float:
    """Round a sum of shares to what one would write: 12, not 11.999999999999998."""
    return round(number, 9)
