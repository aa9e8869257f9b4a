"""Which hints a student has seen, and what they cost, kept in a small file beside the submission."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.cli.chosen import hints_file
from grader.errors import UsageError
from grader.model import REVEAL_LEVELS, Reveal
from grader.report.hint_costs import Taken
from grader.whole_files import write_whole

SCHEMA = "grader.hints/1"

LARGEST = 64 * 1024
"""Maximum bytes of the file; a larger one is not ours."""


class ShownHints:
    """The highest level shown, per step of one exercise.

    A file that cannot be read counts as empty: at worst a hint is shown again from its lowest level."""

    def __init__(self, submission: str, exercise: str) -> None:
        self.path = Path(hints_file(submission))
        self._exercise = exercise
        self._whole = _read(self.path)

    def level(self, step: str) -> Reveal | None:
        """The highest level shown for a step; None if nothing has been shown."""
        found = self._own().get(step)
        return next((level for level in REVEAL_LEVELS if level == found), None)

    def taken(self) -> tuple[Taken, ...]:
        """The hints that cost something, each at the cost that was told."""
        costs = _mapping(_mapping(self._whole.get("costs")).get(self._exercise))
        return tuple(
            Taken(step, level, float(cost))
            for step, levels in costs.items()
            for level in REVEAL_LEVELS
            if isinstance(cost := _mapping(levels).get(level), int | float) and 0 < cost < math.inf
        )

    def remember(self, step: str, level: Reveal, cost: float = 0.0) -> bool:
        """Write down that this level was shown, at this cost. Returns whether that was possible."""
        before = self._whole
        shown, costs = _mapping(before.get("shown")), _mapping(before.get("costs"))
        self._whole = {"schema": SCHEMA, "shown": {**shown, self._exercise: {**self._own(), step: level}}}
        if cost:
            own = _mapping(costs.get(self._exercise))
            costs = {**costs, self._exercise: {**own, step: {**_mapping(own.get(step)), level: cost}}}
        if costs:
            self._whole = {**self._whole, "costs": costs}
        try:
            write_whole(self.path, (json.dumps(self._whole, indent=1) + "\n").encode())
        except UsageError:
            self._whole = before
            return False
        return True

    def _own(self) -> Mapping[str, Any]:
        return _mapping(_mapping(self._whole.get("shown")).get(self._exercise))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _read(path: Path) -> Mapping[str, Any]:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        if path.is_file() and path.stat().st_size <= LARGEST:
            whole = _mapping(json.loads(path.read_text("utf-8")))
            return whole if whole.get("schema") == SCHEMA else {}
    return {}
