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
    """The names that matter to the child. `inputs` maps exact names, and unambiguous normal spellings, to the input;
    `quantities` are the exact names of quantities; `tracked` are all normal spellings of quantities; `asked` has, per
    step, the spellings any of which binds it; `families` are normal spellings of quantities indexed by time."""

    inputs: Mapping[str, str]
    quantities: frozenset[str]
    tracked: frozenset[str]
    asked: tuple[frozenset[str], ...]
    families: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """One observed binding. `label` is a name known only at run time, else "", and `owner` the path of the container it
    was found in (`grads.layer1`), where the site does not have it. `role` says whether the binding gave an input its
    starting value (and got that of the point) or changed an input."""

    sequence: int
    site: int
    occurrence: int
    key: int | None
    label: str
    value: Observed
    role: Role = "own"
    owner: str = ""
    place: Key = field(init=False, repr=False, compare=False)
    """Site and occurrence; precomputed, since it is read ten times as often as an event is made."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", (self.site, self.occurrence))


@dataclass(frozen=True, slots=True)
class Raised:
    """A top-level statement that raised (`statement` of cell `cell`, from 0); `line` of cell `at_cell` is the place in
    the student's own code."""

    cell: int
    statement: int
    at_cell: int
    line: int
    error: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the submission asked for that is not available here (a package that is not installed, an accelerator),
    and the first line that asked for it (`line` of cell `at_cell`)."""

    kind: Literal["package", "device"]
    at_cell: int
    line: int
    name: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One run. `ended` "enough": the answer was complete before the code was. `used` are the libraries of
    `wire.DIFFERENTIATORS` that took a derivative, and `wire.PROCESSES` where a process was started; `slow` the slow
    cells and top-level statements. `left` is the statement that ended the program early, or at which it was ended; its
    `error` says how."""

    events: tuple[Event, ...]
    raised: tuple[Raised, ...]
    ended: Ended
    used: frozenset[str] = frozenset()
    slow: frozenset[tuple[int, int]] = frozenset()
    left: Raised | None = None


@dataclass(frozen=True, slots=True)
class Bending:
    """Perturbed slopes for the functions at some places (cell, line, column; `child.perturbed_slopes`) or, where there
    are `shifts`, for everything computed from what is shifted (`child.sloped`). The perturbation grows with this
    `power` of the distance; its slopes are drawn from `seed` and multiplied by `scale`, separately for each function
    where they are `apart`; `near`: only around the values `known`, or elsewhere. With `around`, the places are the
    ends of the names of nonlinear functions (`child.nonlinear`), which are bent around that number or, if it is empty,
    around the known value that is the nearest: so are the calls with the numbers `texts` in each text that the
    submission executes, or (None) all of them."""

    places: tuple[tuple[int, int, int], ...]
    power: int
    near: bool
    seed: int
    known: tuple[Value, ...]
    scale: float = 1.0
    apart: bool = False
    shifts: tuple[Shift, ...] = ()
    around: tuple[float, ...] | None = None
    texts: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One run to make. `decisions` are the bindings that give inputs their starting values (None: find out). `stops`
    are the bindings to hand over; at those of them in `whole`, a replacement keeps its own shape, axes of size 1
    included, and does not take that of the replaced value. `supplied` has, by top-level statement, the values of names
    that hold from there on where nothing has bound them. The run ends with the top-level statement `until`, where that
    is known (a statement is its cell and its number in it, from 0). `scales` multiply the derivatives of a library.
    `noise` is the relative size of the perturbation of every result of the dtype `disturbed` (see
    `runner.child.noise`): of each independently, or `smooth`ly. In an `unchecked` run no assertion of the submission
    fails, a `bent` one gives functions other slopes. `observe` asks for parameters and loop variables too, and for all
    bindings of a forced run. A `prompt` run sends each binding at once, since the child may be gone the next
    moment."""

    inputs: Mapping[str, Value]
    decisions: Mapping[Key, str] | None = None
    stops: frozenset[Key] = frozenset()
    whole: frozenset[Key] = frozenset()
    supplied: Mapping[tuple[int, int], Mapping[str, Value]] = field(default_factory=dict)
    until: tuple[int, int] | None = None
    scales: Mapping[str, float] = field(default_factory=dict)
    noise: float = 0.0
    disturbed: str = "float64"
    smooth: bool = False
    unchecked: bool = False
    bent: Bending | None = None
    observe: bool = False
    prompt: bool = False

    @property
    def is_trial(self) -> bool:
        """Whether the run is to show what was taken from a differentiator."""
        return bool(self.scales or self.noise or self.bent or self.unchecked)


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
