"""Exit statuses."""

from __future__ import annotations

from grader.model import Result

ALL_RIGHT = 0
NOT_ALL_RIGHT = 1
UNREADABLE = 2
FAULT = 3
INTERRUPTED = 130


def of(result: Result) -> int:
    """What a graded submission exits with; one that could not be graded was not found wrong."""
    if result.score is None:
        return UNREADABLE
    return ALL_RIGHT if result.complete and result.first_error is None else NOT_ALL_RIGHT
