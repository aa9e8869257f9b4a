"""All errors the grader raises, grouped by who has to fix them.

GraderError
├── ExerciseError        the author: one or more `Fault`s of an exercise file
├── SubmissionError      the student: the file cannot be read at all (everything less is a `Problem`)
├── UsageError           the caller: an unknown exercise, a bad option
├── EnvironmentProblem   the operator: torch is missing, no process can be started
│   └── IsolationMissing this machine does not support the requested isolation mode
└── InternalError        us: never costs a point, has an exit status of its own
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in an exercise file. `line` and `column` are 1-based, or 0 if no position is known."""

    file: str
    line: int
    column: int
    field: str
    found: str
    expected: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def sentence(self) -> str:
        """The message without the place."""
        return f"{self.field}: found {self.found}; expected {self.expected}"

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class GraderError(Exception):
    """Base class of every exception that this package raises on purpose."""


class ExerciseError(GraderError):
    """An exercise that cannot be used. Carries all faults found, in file order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class SubmissionError(GraderError):
    """A submission that cannot be read at all: no such file, a directory, too large."""


class UsageError(GraderError):
    """A call that cannot be carried out as given."""


class EnvironmentProblem(GraderError):
    """A requirement that the operator has to install or allow; the message names it."""


class IsolationMissing(EnvironmentProblem):
    """The requested isolation mode is not available here: the message names the missing layer and how to enable it."""


class InternalError(GraderError):
    """A bug in the grader itself."""


class ExplanationFailed(UserWarning):
    """An error in the grader while it explained a step: verdict and points stand, only the explanation is missing."""
