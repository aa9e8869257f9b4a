"""The table of all steps, each with its outcome, points, line, and deviation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from grader.model import Result, StepResult
from grader.report import facts
from grader.report.account import wrong_groups
from grader.report.numbers import count, counted, difference
from grader.report.places import short_place
from grader.report.text import cut, safe_text
from grader.submission.wording import taken_from

NAME = 28
"""Maximum width of a name in the table, in cells."""

STYLES = {
    "correct": "green",
    "wrong": "bold red",
    "carried": "yellow",
    "compensated": "red",
    "missing": "yellow",
    "borrowed": "red",
    "unjudged": "magenta",
}
_WORDS = {
    "correct": "right",
    "compensated": "errors cancel",
    "missing": "missing",
    "borrowed": "not derived",
    "unjudged": "not graded",
}

Row = list[tuple[str, str]]


def all_right(result: Result) -> bool:
    return all(step.outcome == "correct" for step in result.steps) and result.score is not None


def meaning(result: Result) -> str:
    """What the score is made of, in a sentence."""
    if not all_right(result):
        return tally(result.steps)
    points = min((step.points_checked for step in result.steps), default=0)
    where = f", with the given numbers and with {points - 1} other sets of numbers" if points > 2 else ""
    total = len(result.steps)
    every = {1: "the step is", 2: "both steps are"}.get(total, f"all {total} steps are")
    return f"{every} right{where}"


def rows(result: Result) -> list[Row]:
    """The heading and one row per step, in the exercise's order. Cells are safe text with a style."""
    numbers = {step.name: n for n, group in enumerate(wrong_groups(result), 1) for step in group}
    heading = ["step", "outcome", "points", "where", "off by" if _shows_values(result) else ""]
    return [[(word, "dim") for word in heading], *(_row(result, step, numbers) for step in result.steps)]


def _shows_values(result: Result) -> bool:
    return result.shows("got") and result.shows("expected")


def _row(result: Result, step: StepResult, numbers: dict[str, int]) -> Row:
    values = _shows_values(result)
    style = STYLES[step.outcome]
    return [
        (_name(step), "bold red" if step.outcome == "wrong" else ""),
        (outcome_words(step, numbers), style),
        (f"{count(step.points)} / {count(step.max_points)}", ""),
        (short_place(step.where, result.submission), "dim"),
        (off_by(step) if values else "", style if step.outcome in ("wrong", "carried") else "dim"),
    ]


def _name(step: StepResult) -> str:
    """The name of a step, with the student's own name for it if different."""
    if step.bound_as is None or step.bound_as in (step.name, step.name.partition("[")[0]):
        return cut(step.name, NAME)
    return f"{cut(step.name, NAME)} (your {cut(step.bound_as, NAME)})"


def outcome_words(step: StepResult, numbers: Mapping[str, int]) -> str:
    """The outcome of a step in a few words; `numbers` are those of the errors that a report numbers, by step."""
    match step.outcome:
        case "wrong":
            return f"wrong, see {numbers[step.name]}" if step.name in numbers else "wrong"
        case "carried":
            causes = [cut(safe_text(name), NAME) for name in step.caused_by]
            if facts.shares_mistake(step) and causes:
                return f"same mistake as {causes[0]}"
            return f"fed by {', '.join(causes[:2])}{', ...' if len(causes) > 2 else ''}" if causes else "fed by another"
        case "missing" if step.reason == "optional":
            return "left out"
        case "correct" if step.reason == "merged":
            return "right, merged"
        case "borrowed":
            return _taken(step)
        case _:
            return _WORDS[step.outcome]


def _taken(step: StepResult) -> str:
    source = taken_from(step.reason)
    return f"from {source}" if source == "autograd" else f"by {source}"


def off_by(step: StepResult) -> str:
    """The largest deviation, like `0`, `1.11e-16`, `0.21`; "" if nothing can be compared."""
    if step.outcome == "unjudged" or step.got is None:
        return ""
    worst = difference(step.got, step.expected)
    if worst is None:
        return "other shape" if step.reason == "shape" else ""
    if step.outcome == "carried" and not math.isfinite(worst.largest):
        return ""  # computed without what is missing
    return format(worst.largest + 0.0, ".3g")


def forward_line(result: Result) -> str | None:
    """The forward quantities in one sentence."""
    if not result.forward:
        return None
    right = [step for step in result.forward if step.outcome == "correct"]
    if len(right) == len(result.forward):
        several = f"{'both' if len(right) == 2 else f'all {len(right)}'} values right"
        return f"forward: {several}" if len(right) > 1 else "forward: right"
    said = [f"{len(right)} of {len(result.forward)} right"] if right else []
    kinds: dict[str, list[StepResult]] = {}
    for step in result.forward:
        if step.outcome != "correct":
            kinds.setdefault(_kind(step), []).append(step)
    said += [f"{kind}: {facts.names(steps)}" for kind, steps in kinds.items()]
    return f"forward: {'; '.join(said)}"


def _kind(step: StepResult) -> str:
    if step.outcome == "wrong":
        return "typed in" if step.reason == "constant" else "wrong"
    if step.outcome == "carried":
        return "wrong by the mistake of a step" if facts.shares_mistake(step) else "fed by a wrong one"
    return "not in your code" if step.outcome == "missing" else _WORDS[step.outcome]


def tally(steps: Sequence[StepResult]) -> str:
    """Format "16 steps: 8 right, 4 wrong, 4 right but fed by a wrong one"."""
    sharing = [step for step in steps if facts.shares_mistake(step)]
    steps, number_of = [step for step in steps if step not in sharing], len(steps)
    carried = [step for step in steps if step.outcome == "carried"]
    known = all(step.caused_by for step in carried)
    sources = {_taken(step) for step in steps if step.outcome == "borrowed"}
    words = {
        "correct": "right",
        "wrong": "wrong",
        "carried": f"right but fed by {'a wrong one' if known else 'another'}",
        "compensated": "right only because errors cancel",
        "missing": "not there yet",
        "borrowed": sources.pop() if len(sources) == 1 else "not derived",
        "unjudged": "could not be graded",
    }
    parts = [(sum(step.outcome == outcome for step in steps), word) for outcome, word in words.items()]
    parts.insert(2, (len(sharing), "wrong by the same mistake"))
    said = ", ".join(f"{number} {word}" for number, word in parts if number)
    return f"{counted(number_of, 'step')}: {said}"
