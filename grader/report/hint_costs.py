"""What hints cost: told before one is taken, and deducted from the score afterwards.

A hint costs what the exercise's `hint_costs` says, but never more than the points of its step that hints have left.
Who records the hints a student has taken decides what is deducted: `grader hint` remembers them beside the submission,
a file that its owner may change, so the grading of a class deducts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from grader.exercise.types import Policy
from grader.model import Problem, Result, Reveal
from grader.report.numbers import count, counted

SHOWS: Mapping[Reveal, str] = {
    "hint": "what kind of mistake it is, or how to begin",
    "rule": "the chain rule of this step",
    "fix": "the line as it has to be",
}
"""What each level adds, for the student who decides whether to ask for it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A hint that a student has taken, and the points it cost."""

    step: str
    level: Reveal
    cost: float


def price(policy: Policy, result: Result, step: str, level: Reveal, taken: Iterable[Taken]) -> float:
    """What this level costs for this step, after the hints that were taken before."""
    worth = sum(one.max_points for one in (*result.steps, *result.forward) if one.name == step)
    left = worth - sum(one.cost for one in taken if one.step == step)
    return max(0.0, min(dict(policy.hint_costs).get(level, 0.0), left))


def deducted(result: Result, taken: Iterable[Taken]) -> Result:
    """The result with the hints that cost something deducted from its score, and a note that says so."""
    paid = [one for one in taken if one.cost > 0]
    if result.score is None or not paid:
        return result
    score = less(result.score, sum(one.cost for one in paid))
    hints = ", ".join(f"the {one.level} of `{one.step}` ({counted(one.cost, 'point')})" for one in paid)
    told = f"hints were taken: {hints}; that leaves {count(score)} of {count(result.max_score)} points"
    return replace(result, score=score, problems=(*result.problems, Problem("note", told)))


def less(score: float, cost: float) -> float:
    """What is left of a score."""
    return max(0.0, score - cost)


def costs_told(policy: Policy) -> str:
    """What the exercise's hints cost, as a sentence; "" if all are free."""
    paid = [f"`{level}` ({SHOWS[level]}) {counted(cost, 'point')}" for level, cost in policy.hint_costs if cost > 0]
    return f"What `grader hint` shows of a step has a price, told before: {', '.join(paid)}." if paid else ""
