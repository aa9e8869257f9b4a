"""What changed from one check of a submission to the next, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.model import RIGHT, Outcome, Result
from grader.report.block_text import scored
from grader.report.facts import names
from grader.report.numbers import count

MAX_STEPS = 6
"""Maximum number of steps listed for one kind of change."""

_NOW: Mapping[Outcome, tuple[str, str]] = {
    "correct": ("is right now", "are right now"),
    "wrong": ("is wrong now", "are wrong now"),
    "carried": ("is right now but for what feeds it", "are right now but for what feeds them"),
    "compensated": ("is right only because errors cancel now", "are right only because errors cancel now"),
    "borrowed": ("is no longer derived by hand", "are no longer derived by hand"),
    "missing": ("is missing now", "are missing now"),
    "unjudged": ("cannot be graded now", "cannot be graded now"),
}


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """What a check said, as far as the next one is compared with it. `outcomes` are those of the scored steps, by name;
    `score` is None where nothing could be judged."""

    score: float | None
    max_score: float
    outcomes: Mapping[str, Outcome]


def standing(result: Result) -> CheckStanding:
    """What `result` said."""
    return CheckStanding(result.score, result.max_score, {step.name: step.outcome for step in scored(result)})


def readable(result: Result) -> bool:
    """Whether a check says how far the submission has got: it has a score, and no line was left out as unreadable."""
    return result.score is not None and all(problem.kind not in ("syntax", "unreadable") for problem in result.problems)


def changed(before: CheckStanding, after: CheckStanding) -> str:
    """The steps that changed themselves, right ones first, and the score before and after; "" where nothing did.

    For example "`dh1_dwh` is right now; 12 to 14"."""
    groups: dict[Outcome, list[str]] = {outcome: [] for outcome in _NOW}
    for name, outcome in after.outcomes.items():
        was = before.outcomes.get(name, outcome)
        if was != outcome and not {was, outcome} <= {*RIGHT}:  # else it has not changed, only what feeds it
            groups[outcome].append(name)
    said = [f"{names(group, MAX_STEPS)} {_NOW[outcome][len(group) > 1]}" for outcome, group in groups.items() if group]
    if before.score is None or after.score is None:
        return ", ".join(said)
    if before.score != after.score:
        score = f"{count(before.score)} to {count(after.score)}"
    else:
        score = f"still {count(after.score)} of {count(after.max_score)}"
    return f"{', '.join(said)}; {score}" if said else score if before.score != after.score else ""
