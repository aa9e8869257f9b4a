"""Everything that can go wrong, by who has to mend it.

GraderError
├── ExerciseError        the author: one or more `Fault`s of an exercise file
├── SubmissionError      the student: the file cannot be read at all (everything less is a `Problem`)
├── UsageError           the caller: an unknown exercise, a bad option
├── EnvironmentProblem   the operator: torch is missing, no process can be started
│   └── IsolationMissing a mode of isolation was asked for that cannot be had here
└── InternalError        us: never costs a point, has an exit status of its own
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in an exercise file. `line` and `column` are 1-based; 0 where there is no place to name."""

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
        """All of it but the place."""
        return f"{self.field}: found {self.found}; expected {self.expected}"

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class GraderError(Exception):
    """The root: catching it catches whatever this package raises on purpose."""


class ExerciseError(GraderError):
    """An exercise that cannot be used. Carries every fault found, in the order of the file."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class SubmissionError(GraderError):
    """A submission of which nothing can be read: no such file, a directory, too large."""


class UsageError(GraderError):
    """The call itself cannot be carried out as given."""


class EnvironmentProblem(GraderError):
    """Something the operator has to install or allow; the message says what."""


class IsolationMissing(EnvironmentProblem):
    """A mode was asked for that cannot be had here: the message says which layer is missing, and how to mend that."""


class InternalError(GraderError):
    """A fault of the grader itself."""


class ExplanationFailed(UserWarning):
    """A fault of the grader's while it explained a step: the verdict and the points stand, the facts are told alone."""
