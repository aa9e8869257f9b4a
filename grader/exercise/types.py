"""The types of a loaded exercise: checked, families expanded, all names resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from grader.formula.syntax import Expression, Place, Program
from grader.model import REVEAL_LEVELS, Reveal, Value
from grader.model import Limits as Limits

Allowance = Literal["size-one", "square", "one-sided", "unseen"]
"""Properties that `grader lint` refuses because they hide mistakes, unless the exercise allows them."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How an input is drawn: `normal` (`low` is the mean, `high` the deviation), `uniform(low, high)`,
    `integers(low, high)` (high exclusive), or `like` (near the given number: same sign, magnitude uniform in
    [0.4, 1.6])."""

    kind: Literal["normal", "uniform", "integers", "like"]
    low: float = 0.0
    high: float = 0.0


NORMAL = Draw("normal", 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Input:
    """A given quantity. `given` is None if the given point is drawn too (by `draw`). `probe` is how the input is drawn
    at the probe points; None if it is never redrawn (`fixed`)."""

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
    """One requested quantity (or, in `Exercise.forward_steps`, one forward quantity).

    `name` is the name the student binds: "dh1_dwh", or "dh[3]" for a member of the family "dh". `text` is the quantity
    as the author wrote it, `quantity` its syntax tree."""

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
class CourseMisconception:
    """A wrong expression known to the course: if `step` has the value of `wrong`, the report shows `message`."""

    code: str
    step: str
    wrong: Expression
    message: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How an exercise is graded and shown. `hint_costs` are the points that a hint of each level takes."""

    tolerance: Tolerance = Tolerance()
    shapes: Literal["lenient", "strict"] = "lenient"
    credit: Credit = Credit()
    reveal: Reveal = "values"
    hint_costs: tuple[tuple[Reveal, float], ...] = ()
    by_hand: bool = True
    limits: Limits = field(default_factory=Limits)
    files: tuple[str, ...] = ()
    misconceptions: tuple[CourseMisconception, ...] = ()

    @property
    def shown(self) -> Reveal:
        """How much a report gives away: up to `reveal`, and nothing that a hint costs points for."""
        paid = [REVEAL_LEVELS.index(level) for level, cost in self.hint_costs if cost > 0]
        return REVEAL_LEVELS[min([REVEAL_LEVELS.index(self.reveal), *(level - 1 for level in paid)])]


@dataclass(frozen=True, slots=True)
class Exercise:
    """A loaded exercise.

    `forward_steps` are all forward quantities in program order; `steps` are the requested ones, in order. `output` is
    the quantity from which reverse mode starts. `answer` is Python run after the submission; `answers` are all ways in
    which it may be run, if there are several, `answer` first. `sizes` are the inputs whose numbers a submission may
    choose, lengths of axes; then `source` is the text of the file. `variants` are the ranges
    from which each student's given numbers are drawn, `variant` is one student's numbers, which replace those of the
    file. `starter` is the library of handouts (None: the simplest that suffices). `chapter` is the part of a course,
    with its number: `2. Neurons`. `digest` changes with any change of the file. `path` is the YAML file, for messages.
    `allow` lists the properties that hide mistakes but are intended."""

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
    answers: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    source: str = field(default="", repr=False)

    @property
    def points(self) -> float:
        """The maximum score: the points of the steps, and of forward quantities that carry some."""
        return sum(step.points for step in (*self.forward_steps, *self.steps))

    def input(self, name: str) -> Input:
        return next(given for given in self.inputs if given.name == name)
