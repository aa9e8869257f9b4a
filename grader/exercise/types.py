"""An exercise as the rest of the house sees it: checked, families written out, nothing left to look up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from grader.formula.syntax import Expression, Place, Program
from grader.model import Reveal, Value

Allowance = Literal["size-one", "square", "one-sided", "unseen"]
"""What `grader lint` refuses because it hides mistakes, unless the exercise says that it is meant."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How an input is drawn: `normal`, `uniform(low, high)`, `integers(low, high)` (high exclusive),
    or `like` (near the given number: same sign, magnitude uniform in [0.4, 1.6])."""

    kind: Literal["normal", "uniform", "integers", "like"]
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class Input:
    """A given quantity. `given` is None when it is drawn at the given point too (by `draw`).

    `probe` is how it is drawn at the probe points; None when it is never redrawn (`fixed`)."""

    name: str
    shape: tuple[int, ...]
    given: Value | None
    draw: Draw
    probe: Draw | None
    whole: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def fixed(self) -> bool:
        return self.probe is None


@dataclass(frozen=True, slots=True)
class Step:
    """One asked-for quantity (or, in `Exercise.forward_steps`, one forward quantity).

    `name` is what the student binds: "dh1_dwh", or "dh[3]" for a member of the family "dh".
    `text` is the quantity as the author wrote it, `quantity` its tree."""

    name: str
    quantity: Expression
    text: str
    points: float = 1.0
    aliases: tuple[str, ...] = ()
    hint: str | None = None
    optional: bool = False
    family: str | None = None
    index: int | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`rtol` is relative to the largest entry of the right value; `atol` (None: by precision) is absolute."""

    rtol: float = 1e-6
    atol: float | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """The share of a step's points that an outcome other than `correct` still earns."""

    carried: float = 1.0
    compensated: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of CPU for one run of the submission, `memory` in MiB beyond what its imports take,
    `output` in KiB of printed text kept; for all runs together `total` seconds of CPU and `wall` of a clock."""

    seconds: float = 10.0
    memory: int = 1024
    output: int = 64
    total: float = 30.0
    wall: float = 60.0


@dataclass(frozen=True, slots=True)
class CourseMisconception:
    """A wrong expression the course knows of: where `step` has the value of `wrong`, say `message`."""

    code: str
    step: str
    wrong: Expression
    message: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How an exercise is marked and shown."""

    tolerance: Tolerance = Tolerance()
    shapes: Literal["lenient", "strict"] = "lenient"
    credit: Credit = Credit()
    reveal: Reveal = "values"
    by_hand: bool = True
    limits: Limits = Limits()
    files: tuple[str, ...] = ()
    misconceptions: tuple[CourseMisconception, ...] = ()


@dataclass(frozen=True, slots=True)
class Exercise:
    """`forward_steps` are all forward quantities in program order; `steps` what is asked for, in order.

    `output` is the quantity the reverse mode starts from. `answer` is Python run after the submission.
    `variants` are the ranges given numbers are drawn from per student, `variant` one student's numbers: they take the
    place of those of the file. `starter` is the library a handout is written for (None: the plainest that will do).
    `chapter` is the part of a course it stands in, with its number: `2. Neurons`.
    `digest` changes with anything in the file. `path` is the YAML file, for messages.
    `allow` is what hides mistakes and is meant to."""

    id: str
    title: str
    text: str
    inputs: tuple[Input, ...]
    program: Program
    forward_steps: tuple[Step, ...]
    steps: tuple[Step, ...]
    output: str
    policy: Policy
    path: str
    digest: str
    probe_points: int = 3
    answer: str | None = None
    variants: tuple[tuple[str, Draw], ...] = ()
    chapter: str | None = None
    prerequisites: tuple[str, ...] = ()
    allow: tuple[Allowance, ...] = ()
    program_text: str = field(default="", repr=False)
    starter: Literal["python", "numpy", "torch"] | None = None
    variant: tuple[tuple[str, Value], ...] = ()

    @property
    def points(self) -> float:
        """What there is to earn: the points of the steps, and of forward quantities that carry some."""
        return sum(step.points for step in (*self.forward_steps, *self.steps))

    def input(self, name: str) -> Input:
        return next(given for given in self.inputs if given.name == name)
