"""The types passed between stages: frozen, slotted and independent of every stage.

Places (`Span`) are 1-based and columns count characters, as an editor does; `end_column` is exclusive. Numbers
(`Value`) are float64 in C order, little-endian, whatever type the student used.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from grader.reveal import REVEAL_LEVELS as REVEAL_LEVELS
from grader.reveal import Kind, Revealed, Shown, fields_of, reaches
from grader.reveal import Reveal as Reveal

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

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

RIGHT: tuple[Outcome, ...] = ("correct", "carried")
"""Outcomes of a step that is right in itself."""

_NUMBERS = 'a number or nested lists; "nan", "inf" and "-inf" by name'


@dataclass(frozen=True, slots=True)
class Span(Revealed):
    """A range of a submission. `cell` is the 1-based number among all cells of a notebook, None in a script; lines
    count from the top of that cell, or of the script."""

    file: Annotated[str, Shown("location", "The file, as it was named.")]
    cell: Annotated[
        int | None, Shown("location", "The 1-based number among all cells of a notebook; null: a script.", minimum=1)
    ]
    line: Annotated[int, Shown("location", "1-based, of the cell or script.", minimum=1)]
    column: Annotated[int, Shown("location", "1-based, in characters.", minimum=1)]
    end_line: Annotated[int, Shown("location", "The line it ends on, inclusive.", minimum=1)]
    end_column: Annotated[int, Shown("location", "The column it ends before, exclusive.", minimum=1)]


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

    def plain(self) -> object:
        """As JSON: a number or nested lists. NaN and infinities become strings, since JSON has none."""
        return _nested([n if math.isfinite(n) else str(n) for n in self.numbers()], self.shape)


@dataclass(frozen=True, slots=True)
class Opaque:
    """The value of a name that is not a number. `kind` says what it is instead; "exception" means there is no value,
    because the statement that binds the name raised."""

    kind: Literal["placeholder", "text", "object", "too_large", "exception"]
    type_name: str

    def plain(self) -> None:
        """As JSON: null, as it is no number."""


Observed = Value | Opaque


@dataclass(frozen=True, slots=True)
class Problem(Revealed):
    """A fact about a submission that the student should know and that is not a verdict on a step."""

    kind: Annotated[ProblemKind, Shown("location", "What kind of thing it is; `note` costs nothing.")]
    message: Annotated[str, Shown("location", "What happened, in a sentence.")]
    where: Annotated[Span | None, Shown("location", "Where; null: the whole submission.")] = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a submission that is executed as a unit: a code cell, or a script (or its part between `# %%` lines).

    `source` is the code that runs: Python with the same lines as `text`, magics neutralised. `number` is the `cell` of
    its spans, `first_line` the line of the file (script) or cell (notebook: 1) on which it starts. In the file its
    lines are indented by `indent` more characters. `file` is the module beside the submission that it was taken
    from; "" for a cell of the submission's own file."""

    source: str
    text: str
    number: int | None = None
    first_line: int = 1
    execution_count: int | None = None
    indent: int = 0
    file: str = ""


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
class Limits:
    """Limits of a submission. Per run: `seconds` of CPU, `memory` in MiB beyond its imports, `output` in KiB of printed
    text kept. For all runs together: `total` seconds of CPU and `wall` seconds of elapsed time."""

    seconds: float = 10.0
    memory: int = 1024
    output: int = 64
    total: float = 30.0
    wall: float = 60.0


@dataclass(frozen=True, slots=True)
class GradingRequest:
    """What the caller says about a submission to grade: whose it is, the reveal level of the result (None: that of the
    exercise), and when the work began, in seconds of `time.perf_counter`."""

    student: str | None = None
    reveal: Reveal | None = None
    started: float = 0.0


@dataclass(frozen=True, slots=True)
class Diagnosis(Revealed):
    """Why a step is wrong and how to repair it, or, with confidence `unexplained`, only the facts."""

    message: Annotated[str, Shown("hint", "What is wrong, in a sentence. May be hidden.")]
    confidence: Annotated[Confidence, Shown("location", "How sure the rest is; `unexplained`: facts only.")] = (
        "unexplained"
    )
    code: Annotated[str | None, Shown("hint", "The misconception; null: none fits. May be hidden.")] = None
    rule: Annotated[str | None, Shown("rule", "The rule of calculus to apply; null: none. May be hidden.")] = None
    replace_with: Annotated[
        str | None, Shown("fix", "What to put in the range `where`; null: no repair. May be hidden.")
    ] = None
    fix: Annotated[str | None, Shown("fix", "The whole statement, mended; null: no repair. May be hidden.")] = None
    alternatives: Annotated[
        tuple[str, ...], Shown("fix", "one_of: the repairs that do equally well; else empty. May be hidden.")
    ] = ()

    @property
    def quotes_repair(self) -> bool:
        """Whether the message contains the repair itself, and not only what is wrong. No catalogued message does."""
        quoted = set(re.findall(r"`([^`]*)`", self.message))
        repairs = {self.replace_with, self.fix, *self.alternatives}
        return self.code is None and ("` is needed" in self.message or not quoted.isdisjoint(repairs))

    def shown_from(self, name: str) -> Reveal:
        """The lowest level that shows a field; a message that quotes the repair is shown from where the repair is."""
        return Revealed.shown_from(self, "fix" if name == "message" and self.quotes_repair else name)


@dataclass(frozen=True, slots=True)
class StepResult(Revealed):
    """The verdict on one quantity, ready for display.

    `got` and `expected` are taken at the given numbers or, if those agree and other numbers do not, at the first point
    that distinguishes them (`at`: the inputs of that point; None for the given numbers)."""

    name: Annotated[str, Shown("location", "What the student was to bind.")]
    quantity: Annotated[str, Shown("location", "What it stands for, as the exercise says it: `d(h1)/d(w_h)`.")]
    outcome: Annotated[
        Outcome,
        Shown(
            "location",
            "`correct`; `wrong` with everything before it right; `carried`: right in itself, fed by an error, "
            "or wrong by a mistake that another step is charged with (`same_mistake`); "
            "`compensated`: right only because errors cancel; `missing`; `borrowed`: taken, not derived; `unjudged`.",
        ),
    ]
    reason: Annotated[
        str | None,
        Shown(
            "location",
            "Why. wrong: value, shape, tuple (a comma at the end of the line), raised, not_finite, given_point_only, "
            "constant, cancelled (right only because terms cancel), switched_off (under a condition that is never "
            "true). missing: not_bound, placeholder, optional. "
            "unjudged: raised, timeout, killed, not_finite, type, not_reached, nameless, unreadable, not_shown "
            "(whether it is borrowed), package (one that is not installed). borrowed: autograd, sympy, jax, mpmath, "
            "numdifftools, numpy (of a polynomial), numerical (a difference quotient), complex_step, "
            "solved_back (the rule of a later step was solved for it). carried: raised, same_mistake (one "
            "behind several steps), or null. correct: squeezed, merged, or null. Null: the outcome says it all.",
        ),
    ] = None
    points: Annotated[float, Shown("location", "The points earned.", minimum=0)] = 0.0
    max_points: Annotated[
        float, Shown("location", "The points it is worth; 0 for most forward quantities.", minimum=0)
    ] = 0.0
    bound_as: Annotated[str | None, Shown("location", "The name in the student's code; null: none was found.")] = None
    where: Annotated[Span | None, Shown("location", "The smallest range to look at; null: no place can be named.")] = (
        None
    )
    code: Annotated[str | None, Shown("location", "The student's whole statement as typed; null: none was found.")] = (
        None
    )
    got: Annotated[
        Observed | None, Shown("values", f"The student's value: {_NUMBERS}. Null: none, or no number. May be hidden.")
    ] = None
    expected: Annotated[
        Value | None, Shown("values", f"autograd's value: {_NUMBERS}. Null: none was taken. May be hidden.")
    ] = None
    at: Annotated[
        tuple[tuple[str, Value], ...] | None,
        Shown(
            "values",
            "The inputs at which `got` and `expected` were taken; null: the numbers the student was given. May be "
            "hidden.",
        ),
    ] = None
    points_checked: Annotated[
        int, Shown("location", "At how many sets of inputs the step was compared.", minimum=0)
    ] = 0
    caused_by: Annotated[
        tuple[str, ...], Shown("location", "carried: the wrong quantities that feed it; else empty.")
    ] = ()
    hint: Annotated[str | None, Shown("hint", "The author's hint; null: there is none. May be hidden.")] = None
    remark: Annotated[str | None, Shown("location", "One further fact; null: there is none.")] = None
    diagnosis: Annotated[
        Diagnosis | None,
        Shown("location", "Why it is wrong and how to mend it; null: nothing is known beyond the facts."),
    ] = None


@dataclass(frozen=True, slots=True)
class MisconceptionUse(Revealed):
    """One misconception and all steps at which it was found. It is shown or hidden as a whole, by the result."""

    code: Annotated[str, Shown("location", "The misconception.")]
    steps: Annotated[tuple[str, ...], Shown("location", "The steps it was found at, in the order of the exercise.")]


@dataclass(frozen=True, slots=True)
class Result(Revealed):
    """One graded submission. `score` is None, never 0, if nothing could be judged.

    `complete` is True if every step earned all its points. `title`, `reveal`, `sources` and `output` are for
    renderers."""

    exercise: Annotated[str, Shown("location", "The id of the exercise.")]
    title: Annotated[str, Shown("location", None)]
    submission: Annotated[str, Shown("location", "The file that was graded, as it was named.")]
    student: Annotated[str | None, Shown("location", "Whose it is, as told by the caller; null where nobody said.")]
    score: Annotated[
        float | None,
        Shown(
            "location",
            "The sum of the steps' points, less what hints cost (a `note` says so). Null: nothing could be judged, see "
            "`problems`; this is not a zero.",
            minimum=0,
        ),
    ]
    max_score: Annotated[float, Shown("location", "The points that could be earned.", minimum=0)]
    complete: Annotated[bool, Shown("location", "Whether every step earned all its points.")]
    first_error: Annotated[
        str | None,
        Shown(
            "location",
            "The earliest `wrong` step or forward quantity in the order the code ran; null where none is.",
        ),
    ]
    steps: Annotated[
        tuple[StepResult, ...],
        Shown("location", "All that carries points: scored forward quantities, then what was asked for."),
    ]
    forward: Annotated[
        tuple[StepResult, ...],
        Shown("location", "The other forward quantities, in the order of the program, judged alike."),
    ]
    misconceptions: Annotated[
        tuple[MisconceptionUse, ...],
        Shown(
            "hint",
            "What the wrong steps have in common; empty where hidden by the reveal level.",
            hidden_as="empty",
        ),
    ]
    problems: Annotated[tuple[Problem, ...], Shown("location", "What else the student should know; no verdicts.")]
    isolation: Annotated[
        Isolation,
        Shown("location", "How the code was kept apart: a sandbox, a portable one, or a plain process with limits."),
    ]
    reveal: Annotated[Reveal, Shown("location", None)]
    seconds: Annotated[float, Shown("location", "How long grading took.", minimum=0)]
    versions: Annotated[
        tuple[tuple[str, str], ...],
        Shown("location", "Versions of what graded; `torch` is absent where it was not needed."),
    ]
    sources: Annotated[tuple[Cell, ...], Shown("location", None)] = ()
    output: Annotated[str, Shown("location", None)] = ""

    def shows(self, part: str) -> bool:
        """Whether the reveal level of this result lets the reader see `part`: a field of a step, `diagnosis.` and a
        field of its diagnosis, or `result.` and a field of the result. Raises `KeyError` for a field without a
        level."""
        owner, _, name = part.rpartition(".")
        kinds: dict[str, Kind] = {"": StepResult, "diagnosis": Diagnosis, "result": Result}
        return reaches(self.reveal, fields_of(kinds[owner])[name].shown.level)

    def shows_message(self, found: Diagnosis) -> bool:
        """Whether the reader may see a diagnosis's message: from `hint`, or from `fix` if it quotes the repair."""
        return reaches(self.reveal, found.shown_from("message"))

    def to_dict(self) -> dict[str, object]:
        """The JSON object of schema `grader.result/1`, without the parts that the reveal level hides. Everything that
        carries points is among the `steps`, forward quantities included."""
        scored = tuple(step for step in self.forward if step.max_points)
        unscored = tuple(step for step in self.forward if not step.max_points)
        arranged = replace(self, steps=scored + self.steps, forward=unscored)
        return {"schema": "grader.result/1", **arranged.visible(self.reveal)}


def _nested(flat: list[float | str], shape: tuple[int, ...]) -> object:
    if not shape:
        return flat[0]
    step = math.prod(shape[1:])
    return [_nested(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]
