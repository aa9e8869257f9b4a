"""Which hints a student has seen, kept in a small file beside the submission."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.model import REVEAL_LEVELS, Reveal
from grader.whole_files import write_whole

SCHEMA = "grader.hints/1"

LARGEST = 64 * 1024
"""Maximum bytes of the file; a larger one is not ours."""


class ShownHints:
    """The highest level shown, per step of one exercise.

    A file that cannot be read counts as empty: at worst a hint is shown again from its lowest level."""

    def __init__(self, submission: str, exercise: str) -> None:
        folder, name = os.path.split(submission)
        self.path = Path(folder) / f".{name}.hints.json"
        self._exercise = exercise
        self._whole = _read(self.path)

    def level(self, step: str) -> Reveal | None:
        """The highest level shown for a step; None if nothing has been shown."""
        found = self._own().get(step)
        return next((level for level in REVEAL_LEVELS if level == found), None)

    def remember(self, step: str, level: Reveal) -> bool:
        """Write down that this level was shown. Returns whether that was possible."""
        shown = {**self._own(), step: level}
        self._whole = {"schema": SCHEMA, "shown": {**_mapping(self._whole.get("shown")), self._exercise: shown}}
        try:
            write_whole(self.path, (json.dumps(self._whole, indent=1) + "\n").encode())
        except UsageError:
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
