"""A report in small parts: about the first thing to fix, one reveal level after the other; and what they cost.

A hint costs what the exercise's `hint_costs` says, but never more than the points of its step that hints have left.
Who records the hints a student has taken decides what is deducted: `grader hint` remembers them beside the submission,
a file that its owner may change, so the grading of a class deducts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest

from grader.exercise.types import Policy
from grader.model import REVEAL_LEVELS, Problem, Result, Reveal
from grader.report.account import Block, blocks
from grader.report.block_text import text
from grader.report.numbers import count, counted

SHOWS: Mapping[Reveal, str] = {
    "hint": "what kind of mistake it is, or how to begin",
    "rule": "the chain rule of this step",
    "fix": "the line as it has to be",
}
"""What each level adds, for the student who decides whether to ask for it."""


@dataclass(frozen=True, slots=True)
class PaidHint:
    """A hint that a student has taken, and the points it cost."""

    step: str
    level: Reveal
    cost: float


def price(policy: Policy, result: Result, step: str, level: Reveal, taken: Iterable[PaidHint]) -> float:
    """What this level costs for this step, after the hints that were taken before."""
    worth = sum(one.max_points for one in (*result.steps, *result.forward) if one.name == step)
    left = worth - sum(one.cost for one in taken if one.step == step)
    return max(0.0, min(dict(policy.hint_costs).get(level, 0.0), left))


def deducted(result: Result, taken: Iterable[PaidHint]) -> Result:
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


LEVELS = REVEAL_LEVELS[: REVEAL_LEVELS.index("fix") + 1]
"""The levels of hints. What `values` adds, the right number, helps nobody to derive it."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What one level shows about the first thing to fix. `step` is the step it is about; None for a problem, such as an
    unreadable line. `following` is the next level that shows more, None if there is none."""

    level: Reveal
    block: Block
    step: str | None
    following: Reveal | None


def hints(result: Result) -> tuple[Hint, ...]:
    """The hints for the first thing to fix, from the lowest level to that of `result`; levels that add nothing are left
    out. Empty if there is nothing to fix."""
    told = list(_levels(result))
    following = [level for level, _ in told[1:]]
    return tuple(
        Hint(level, block, block.steps[0] if block.steps else None, after)
        for (level, block), after in zip_longest(told, following)
    )


def next_hint(found: tuple[Hint, ...], shown: Reveal | None) -> Hint:
    """The first hint above the level that has been `shown`, or the last one if there is none."""
    last = -1 if shown is None else REVEAL_LEVELS.index(shown)
    return next((one for one in found if REVEAL_LEVELS.index(one.level) > last), found[-1])


def _levels(result: Result) -> Iterator[tuple[Reveal, Block]]:
    before = ""
    for level in LEVELS[: REVEAL_LEVELS.index(result.reveal) + 1]:
        first = next((one for one in blocks(replace(result, reveal=level)) if one.tone != "note"), None)
        if first is not None and text(first) != before:
            yield level, first
            before = text(first)
