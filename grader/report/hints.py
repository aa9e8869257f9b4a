"""A report in small parts: about the first thing to fix, one reveal level after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from grader.model import REVEAL_LEVELS, Result, Reveal
from grader.report.account import Block, blocks
from grader.report.block_text import text

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
