"""The verdicts as inlay hints, one after each line on which steps are bound."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol.types import InlayHint

from grader.editor.positions import position
from grader.editor.ranges import Checked, place_of
from grader.model import Outcome, Result, StepResult
from grader.report.table import outcome_words
from grader.report.text import safe_text
from grader.submission.wording import listed

_MARKS: dict[Outcome, str] = {"correct": "✓", "carried": "✓", "wrong": "✗", "compensated": "✗", "borrowed": "✗"}
_OPEN = "…"
"""The mark of a step without a verdict."""

NAMES = 3
"""Maximum number of steps named in one hint."""


def hints(checked: Checked) -> dict[str, list[InlayHint]]:
    """The hints of each text, by address, in the order of its lines."""
    lines: dict[tuple[str, int], list[StepResult]] = {}
    for step in shown(checked.result):
        if (place := place_of(checked, step.where)) is not None:
            lines.setdefault((place.part.uri, place.range.end.line), []).append(step)
    made: dict[str, list[InlayHint]] = {}
    for (uri, row), steps in sorted(lines.items(), key=lambda item: item[0]):
        part = checked.document.at(uri)
        if part is not None:
            end = position(part.lines, row + 1, len(part.lines[row].rstrip()) + 1, checked.encoding)
            made.setdefault(uri, []).append(InlayHint(end, label(steps), padding_left=True))
    return made


def shown(result: Result) -> tuple[StepResult, ...]:
    """What carries points, and forward values that are not right."""
    forward = [step for step in result.forward if step.max_points or step.outcome in ("wrong", "compensated")]
    return (*forward, *result.steps)


def label(steps: Sequence[StepResult]) -> str:
    """`✓ right`, or where a line binds several steps with several outcomes `✓ dh[2]: right, ✗ dh[1]: wrong`."""
    by_words: dict[str, list[str]] = {}
    for step in steps:
        mark = _MARKS.get(step.outcome, _OPEN)
        by_words.setdefault(f"{mark} {{}}{outcome_words(step, {})}", []).append(safe_text(step.name))
    if len(by_words) == 1:
        return next(iter(by_words)).format("")
    return ", ".join(words.format(f"{listed(names, NAMES)}: ") for words, names in by_words.items())
