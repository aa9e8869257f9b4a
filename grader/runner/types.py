"""What a run is asked to do and what it showed: plain data, on the grader's side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from grader.instrument.site import Site
from grader.instrument.sites import Instrumented
from grader.model import CompanionFile, Observed, Value
from grader.model import Limits as Limits
from grader.submission.shifted import Shift

Key = tuple[int, int]
"""Identifies a binding across runs: the number of its site, and which occurrence of it."""

Unknown = Mapping[int, tuple[str, Value | None]]
"""By the site of a guarded statement, the label and value that it binds where it raises; None for a blank, `...`."""

Ended = Literal["finished", "enough", "timeout", "killed", "output", "processes", "protocol"]
CUT_SHORT: frozenset[Ended] = frozenset({"timeout", "killed", "output", "processes", "protocol"})
Role = Literal["own", "input", "update"]


@dataclass(frozen=True, slots=True)
class Labels:
    """The names that matter to the child."""

    inputs: Mapping[str, str]
    """By exact name, and by unambiguous normal spelling: the input."""
    quantities: frozenset[str]
    """The exact names of quantities."""
    tracked: frozenset[str]
    """All names of quantities, in normal spelling."""
    asked: tuple[frozenset[str], ...]
    """Per step, the names any of which binds it, in normal spelling."""
    families: frozenset[str] = frozenset()
    """The names of quantities indexed by time, in normal spelling."""


@dataclass(frozen=True, slots=True)
class Event:
    """One observed binding."""

    sequence: int
    """Its place in the order of all bindings of the run."""
    site: int
    """The number of the site that binds it."""
    occurrence: int
    """How often the site was bound before in this run, or a number with a meaning of its own (`wire.Binding`)."""
    key: int | None
    """The index of an element (`h[3]`); None where there is none."""
    label: str
    """A name known only at run time; "" where the site has the name."""
    value: Observed
    """What was bound; in a forced run, what replaced it."""
    role: Role = "own"
    """"input": it gave an input its starting value, and got that of the point; "update": it changed an input."""
    owner: str = ""
    """The path of the container it was found in (`grads.layer1`), where the site does not have it."""
    place: Key = field(init=False, repr=False, compare=False)
    """Site and occurrence; precomputed, since it is read ten times as often as an event is made."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", (self.site, self.occurrence))


@dataclass(frozen=True, slots=True)
class Raised:
    """A top-level statement that raised."""

    cell: int
    """Its cell, from 0."""
    statement: int
    """Its number among the top-level statements of the cell, from 0."""
    at_cell: int
    """The cell of the line of the student's own code that raised, from 0."""
    line: int
    """That line, from 1; 0 where there is none."""
    error: str
    """The type of the error, and its text, if any, after ": "."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the submission asked for that is not available here."""

    kind: Literal["package", "device"]
    """A package that is not installed, or an accelerator."""
    at_cell: int
    """The cell that first asked for it, from 0."""
    line: int
    """The line of that cell, from 1."""
    name: str
    """What was asked for: `transformers`, `cuda`."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One run."""

    events: tuple[Event, ...]
    """The bindings, in order."""
    raised: tuple[Raised, ...]
    """The top-level statements that raised, in order; the run went on after each."""
    ended: Ended
    """How it ended; "enough": the answer was complete before the code was."""
    used: frozenset[str] = frozenset()
    """The libraries of `wire.DIFFERENTIATORS` that took a derivative, and `wire.PROCESSES` where a process was
    started."""
    slow: frozenset[tuple[int, int]] = frozenset()
    """The slow top-level statements, each as its cell and its number in it, from 0."""
    left: Raised | None = None
    """The statement that ended the program early, or at which it was ended; its `error` says how."""


@dataclass(frozen=True, slots=True)
class SlopePerturbation:
    """Other slopes for functions in a run: what is added to their results is zero at one point x0, and its derivative
    there is not. What is perturbed is named by the first that applies: `shifts`, else `around`, else `places`."""

    places: tuple[tuple[int, int, int], ...]
    """The functions: where each is defined or called, or with `around` where its name ends; as cell (from 0), line
    (from 1), column (from 0)."""
    power: int
    """How the added term grows with the distance d from x0: 1 as c * d; 2 or 3 with a curved part as well (or alone, at
    `places`: c * d**2); 0 (at `places` only) adds a constant. Each slope c is drawn."""
    near: bool
    """At `places`: whether x0 is the value of `known` near the argument, and only arguments near one count; if not, x0
    is taken from the first arguments."""
    seed: int
    """From which the slopes are drawn: 0 or larger."""
    known: tuple[Value, ...]
    """Values at which derivations evaluate functions: the inputs and the right forward values at the point."""
    scale: float = 1.0
    """Factor on the added term: 1 to show by how much a step moves, a small power of 2 to show only that it does."""
    apart: bool = False
    """Whether each function of `places` has slopes of its own; with `around`, whether each call has an x0 of its
    own."""
    shifts: tuple[Shift, ...] = ()
    """The shifted values: everything computed from them is perturbed (`child.sloped`), x0 being the value before."""
    around: tuple[float, ...] | None = None
    """Not None: the functions are nonlinear ones called at `places` (`child.nonlinear`); x0 is this number or, if
    there is none, the value of `known` nearest to the argument."""
    texts: tuple[int, ...] | None = None
    """With `around`, the calls perturbed in each text that the submission executes, numbered from 0 within the text;
    None for all."""


@dataclass(frozen=True, slots=True)
class Order:
    """One run to make. A statement is its cell and its number among the top-level statements of it, both from 0."""

    inputs: Mapping[str, Value]
    """The values of the inputs at the point."""
    decisions: Mapping[Key, str] | None = None
    """The bindings that give inputs their starting values, each with the input; None: the child is to find out."""
    stops: frozenset[Key] = frozenset()
    """The bindings to hand over: the child sends the value, and waits for whether to replace it."""
    whole: frozenset[Key] = frozenset()
    """Those of `stops` at which a replacement keeps its own shape, axes of size 1 included, and does not take that of
    the replaced value."""
    supplied: Mapping[tuple[int, int], Mapping[str, Value]] = field(default_factory=dict)
    """By statement, the values of names that hold from there on where nothing has bound them."""
    until: tuple[int, int] | None = None
    """The statement with which the run ends; None: not known yet."""
    scales: Mapping[str, float] = field(default_factory=dict)
    """By library (of `wire.DIFFERENTIATORS`), the factor on the derivatives that it takes; with `wire.PROCESSES`, no
    process can be started."""
    noise: float = 0.0
    """The relative size of the perturbation of every result (`child.noise`); 0 for none."""
    noise_dtype: str = "float64"
    """The dtype of the results that `noise` perturbs."""
    smooth: bool = False
    """Whether `noise` perturbs library calls only, and equal results equally; otherwise each result independently."""
    unchecked: bool = False
    """Whether no assertion of the submission fails."""
    perturbation: SlopePerturbation | None = None
    """Other slopes for functions."""
    observe: bool = False
    """Whether to send parameters and loop variables too, and all bindings of a forced run."""
    prompt: bool = False
    """Whether to send each binding at once, since the child may be gone the next moment."""

    @property
    def is_perturbed(self) -> bool:
        """Whether the run, or one it is compared with, is perturbed to show what was taken from a differentiator."""
        return bool(self.scales or self.noise or self.perturbation or self.unchecked)


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that stays the same from run to run. `sources` and `names` are those of the cells to run, in order."""

    file: str
    sources: tuple[str, ...]
    names: tuple[str, ...]
    labels: Labels
    given: Mapping[str, Value]
    ends_when_asked: bool
    limits: Limits = field(default_factory=Limits)
    files: tuple[str, ...] = ()
    beside: tuple[CompanionFile, ...] = ()
    """Files that were handed in with the submission."""
    filled: Mapping[str, int] = field(default_factory=dict)
    """Per name (in normal spelling) the last cell in which the object bound to it earlier gets further entries."""
    rebound: Mapping[str, int] = field(default_factory=dict)
    """Per name the last cell that binds it, where several do."""
    instrumented: tuple[Instrumented, ...] = ()
    """The instrumented sources; empty where not made yet."""
    unknown: Unknown = field(default_factory=dict)
    """What guarded statements bind where they raise, unless the grader supplies a value."""
    packages: tuple[str, ...] = ()
    """Packages that may be replaced by a stub where they are not installed (`child.package_stubs`)."""
    accelerators: bool = False
    """Whether the sources mention a device that the child does not have (`child.devices`)."""


@dataclass(frozen=True, slots=True)
class Sites:
    """All sites of a submission by number, and the sources of its cells (the last may be the exercise's own cell)."""

    all: tuple[Site, ...] = field(default=())
    sources: tuple[str, ...] = field(default=(), repr=False)

    def __getitem__(self, number: int) -> Site:
        return self.all[number]
