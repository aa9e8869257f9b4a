"""The types passed between stages: frozen, slotted and independent of every stage.

Places (`Span`) are 1-based and columns count characters, as an editor does; `end_column` is exclusive. Numbers
(`Value`) are float64 in C order, little-endian, whatever type the student used.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from typing import Literal, get_args

Outcome = Literal["correct", "wrong", "carried", "compensated", "missing", "borrowed", "unjudged"]
Confidence = Literal["certain", "likely", "one_of", "unexplained"]
ProblemKind = Literal[
    "raised",
    "syntax",
    "timeout",
    "memory",
    "killed",
    "order",
    "output",
    "unreadable",
    "ended",
    "package",
    "device",
    "note",
]
Isolation = Literal["strict", "portable", "process"]
Reveal = Literal["location", "hint", "rule", "fix", "values"]

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
REVEAL_LEVELS: tuple[Reveal, ...] = get_args(Reveal)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a submission. `cell` is the 1-based number among all cells of a notebook, None in a script; lines
    count from the top of that cell, or of the script."""

    file: str
    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Value:
    """A number or an array of numbers: `shape`, and `data` as little-endian float64 in C order.

    `dtype` is the type in the student's code: "float32", "int", "float" for a Python float, "tuple" for a Python tuple
    of one, which a comma at the end of a line makes."""

    shape: tuple[int, ...]
    data: bytes
    dtype: str = "float64"

    @classmethod
    def scalar(cls, number: float, dtype: str = "float64") -> Value:
        return cls((), struct.pack("<d", number), dtype)

    @classmethod
    def of(cls, numbers: list[float], shape: tuple[int, ...], dtype: str = "float64") -> Value:
        return cls(shape, struct.pack(f"<{len(numbers)}d", *numbers), dtype)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def numbers(self) -> tuple[float, ...]:
        """All numbers in C order."""
        return struct.unpack(f"<{len(self.data) // 8}d", self.data)


@dataclass(frozen=True, slots=True)
class Opaque:
    """The value of a name that is not a number. `kind` says what it is instead; "exception" means there is no value,
    because the statement that binds the name raised."""

    kind: Literal["placeholder", "text", "object", "too_large", "exception"]
    type_name: str


Observed = Value | Opaque


@dataclass(frozen=True, slots=True)
class Problem:
    """A fact about a submission that the student should know and that is not a verdict on a step."""

    kind: ProblemKind
    message: str
    where: Span | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a submission that is executed as a unit: a code cell, or a script (or its part between `# %%` lines).

    `source` is the code that runs: Python with the same lines as `text`, magics neutralised. `number` is the `cell` of
    its spans, `first_line` the line of the file (script) or cell (notebook: 1) on which it starts. In the file its
    lines are indented by `indent` more characters."""

    source: str
    text: str
    number: int | None = None
    first_line: int = 1
    execution_count: int | None = None
    indent: int = 0


@dataclass(frozen=True, slots=True)
class CompanionFile:
    """A file handed in together with a submission: its name, relative to the submission, and its path."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission, read but not run. Code that does not parse is listed in `problems` instead of `cells`.

    `beside` are the files it may read; None: the files of its `directory` have not been searched yet."""

    file: str
    cells: tuple[Cell, ...]
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    directory: str | None = None
    beside: tuple[CompanionFile, ...] | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a step is wrong and how to repair it, or, with confidence `unexplained`, only the facts."""

    message: str
    confidence: Confidence = "unexplained"
    code: str | None = None
    rule: str | None = None
    replace_with: str | None = None
    fix: str | None = None
    alternatives: tuple[str, ...] = ()

    @property
    def quotes_repair(self) -> bool:
        """Whether the message contains the repair itself, and not only what is wrong. No catalogued message does."""
        quoted = set(re.findall(r"`([^`]*)`", self.message))
        repairs = {self.replace_with, self.fix, *self.alternatives}
        return self.code is None and ("` is needed" in self.message or not quoted.isdisjoint(repairs))


@dataclass(frozen=True, slots=True)
class StepResult:
    """The verdict on one quantity, ready for display.

    `got` and `expected` are taken at the given numbers or, if those agree and other numbers do not, at the first point
    that distinguishes them (`at`: the inputs of that point; None for the given numbers)."""

    name: str
    quantity: str
    outcome: Outcome
    reason: str | None = None
    points: float = 0.0
    max_points: float = 0.0
    bound_as: str | None = None
    where: Span | None = None
    code: str | None = None
    got: Observed | None = None
    expected: Value | None = None
    at: tuple[tuple[str, Value], ...] | None = None
    points_checked: int = 0
    caused_by: tuple[str, ...] = ()
    hint: str | None = None
    remark: str | None = None
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class MisconceptionUse:
    """One misconception and all steps at which it was found."""

    code: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One graded submission. `score` is None, never 0, if nothing could be judged.

    `complete` is True if every step earned all its points. `title` and `reveal` are for renderers."""

    exercise: str
    title: str
    submission: str
    student: str | None
    score: float | None
    max_score: float
    complete: bool
    first_error: str | None
    steps: tuple[StepResult, ...]
    forward: tuple[StepResult, ...]
    misconceptions: tuple[MisconceptionUse, ...]
    problems: tuple[Problem, ...]
    isolation: Isolation
    reveal: Reveal
    seconds: float
    versions: tuple[tuple[str, str], ...]
    sources: tuple[Cell, ...] = ()
    output: str = ""

    def shows(self, part: str) -> bool:
        """Whether the reveal level of this result lets the reader see `part`, a key of `REVEALED_FROM`."""
        return REVEAL_LEVELS.index(self.reveal) >= REVEAL_LEVELS.index(REVEALED_FROM[part])

    def shows_message(self, found: Diagnosis) -> bool:
        """Whether the reader may see a diagnosis's message: from `hint`, or from `fix` if it quotes the repair."""
        return self.shows("diagnosis.fix" if found.quotes_repair else "diagnosis.message")

    def to_dict(self) -> dict[str, object]:
        """The JSON object of schema `grader.result/1`, without the parts that the reveal level hides. Everything that
        carries points is among the `steps`, forward quantities included."""
        scored = [step for step in self.forward if step.max_points]
        unscored = [step for step in self.forward if not step.max_points]
        return {
            "schema": "grader.result/1",
            "exercise": self.exercise,
            "submission": self.submission,
            "student": self.student,
            "score": self.score,
            "max_score": self.max_score,
            "complete": self.complete,
            "first_error": self.first_error,
            "steps": [self._step(step) for step in (*scored, *self.steps)],
            "forward": [self._step(step) for step in unscored],
            "misconceptions": [{"code": use.code, "steps": list(use.steps)} for use in self.misconceptions]
            if self.shows("diagnosis.code")
            else [],
            "problems": [{"kind": p.kind, "where": _span(p.where), "message": p.message} for p in self.problems],
            "isolation": self.isolation,
            "seconds": self.seconds,
            "versions": dict(self.versions),
        }

    def _step(self, step: StepResult) -> dict[str, object]:
        entry: dict[str, object] = {
            "name": step.name,
            "quantity": step.quantity,
            "outcome": step.outcome,
            "reason": step.reason,
            "points": step.points,
            "max_points": step.max_points,
            "bound_as": step.bound_as,
            "where": _span(step.where),
            "code": step.code,
            "got": _observed(step.got),
            "expected": _observed(step.expected),
            "at": None if step.at is None else {name: _observed(v) for name, v in step.at},
            "points_checked": step.points_checked,
            "caused_by": list(step.caused_by),
            "hint": step.hint,
            "remark": step.remark,
            "diagnosis": None,
        }
        if step.diagnosis is not None:
            diagnosis: dict[str, object] = {
                "code": step.diagnosis.code,
                "confidence": step.diagnosis.confidence,
                "message": step.diagnosis.message,
                "rule": step.diagnosis.rule,
                "replace_with": step.diagnosis.replace_with,
                "fix": step.diagnosis.fix,
                "alternatives": list(step.diagnosis.alternatives),
            }
            entry["diagnosis"] = {
                key: value
                for key, value in diagnosis.items()
                if (self.shows_message(step.diagnosis) if key == "message" else self._shows_part(f"diagnosis.{key}"))
            }
        return {key: value for key, value in entry.items() if self._shows_part(key)}

    def _shows_part(self, part: str) -> bool:
        return part not in REVEALED_FROM or self.shows(part)


REVEALED_FROM: dict[str, Reveal] = {
    "hint": "hint",
    "diagnosis.code": "hint",
    "diagnosis.message": "hint",
    "diagnosis.rule": "rule",
    "diagnosis.replace_with": "fix",
    "diagnosis.fix": "fix",
    "diagnosis.alternatives": "fix",
    "got": "values",
    "expected": "values",
    "at": "values",
}
"""The lowest reveal level that shows each part of a result; parts not listed here are always shown."""


def _span(span: Span | None) -> dict[str, object] | None:
    if span is None:
        return None
    return {
        "file": span.file,
        "cell": span.cell,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _observed(value: Observed | None) -> object:
    """A value as JSON: a number, nested lists, or None. NaN and infinities become strings, since JSON has none."""
    if value is None or isinstance(value, Opaque):
        return None
    numbers = [n if math.isfinite(n) else str(n) for n in value.numbers()]
    return _nested(numbers, value.shape)


def _nested(flat: list[float | str], shape: tuple[int, ...]) -> object:
    if not shape:
        return flat[0]
    step = math.prod(shape[1:])
    return [_nested(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]
