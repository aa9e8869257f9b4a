"""Exit statuses of the command."""

from __future__ import annotations

from grader.model import Result

ALL_RIGHT = 0
NOT_ALL_RIGHT = 1
UNREADABLE = 2
FAULT = 3
INTERRUPTED = 130


def of(result: Result) -> int:
    """The exit status for a graded submission. A submission that could not be graded does not count as wrong."""
    if result.score is None:
        return UNREADABLE
    return ALL_RIGHT if result.complete and result.first_error is None else NOT_ALL_RIGHT
