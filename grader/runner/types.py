"""What a run is asked to do and what it showed: plain data, on the grader's side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from grader.model import CompanionFile, Observed, Value
from grader.runner.site import Site
from grader.runner.sites import Instrumented

Key = tuple[int, int]
"""A binding, run after run: the number of its site, and which occurrence of it."""

Ended = Literal["finished", "enough", "timeout", "killed", "output", "processes", "protocol"]
Role = Literal["own", "input", "update"]


@dataclass(frozen=True, slots=True)
class Labels:
    """The names that matter to the child. `inputs` leads from exact names, and unambiguous normal spellings, to the
    input; `quantities` are the exact names of quantities; `tracked` are all normal spellings a quantity may go by;
    `asked` has, per step, those any of which binds it; `families` are normal spellings of what is indexed by time."""

    inputs: Mapping[str, str]
    quantities: frozenset[str]
    tracked: frozenset[str]
    asked: tuple[frozenset[str], ...]
    families: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of CPU per run, `memory` in MiB beyond the imports, `output` in KiB of printed text kept; `total`
    seconds of CPU, and `wall` of a clock, for all runs of a submission."""

    seconds: float = 10.0
    memory: int = 1024
    output: int = 64
    total: float = 30.0
    wall: float = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """One binding that was seen. `label` is a name only known when the code ran, else "", and `owner` the path of the
    container it was found in (`grads.layer1`), where its site does not say it. `role` says whether it gave an input its
    starting value (and got the point's) or changed one."""

    sequence: int
    site: int
    occurrence: int
    key: int | None
    label: str
    value: Observed
    role: Role = "own"
    owner: str = ""
    place: Key = field(init=False, repr=False, compare=False)
    """Site and occurrence: kept, since it is asked for ten times as often as an event is made."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", (self.site, self.occurrence))


@dataclass(frozen=True, slots=True)
class Raised:
    """A top-level statement (`statement` of cell `cell`, from 0) raised; `line` of cell `at_cell` is where, in the
    student's own code."""

    cell: int
    statement: int
    at_cell: int
    line: int
    error: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something of the student's world that is not here, and the line (`line` of cell `at_cell`) that asked for it
    first: a package that is not installed, an accelerator."""

    kind: Literal["package", "device"]
    at_cell: int
    line: int
    name: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One run. `ended` "enough": the answer was complete before the code was. `used` are the libraries of
    `wire.DIFFERENTIATORS` that took a derivative; `slow` the cells and top-level statements that took their time.
    `left` is the statement that ended the program before its end, or at which it was ended; its `error` says how."""

    events: tuple[Event, ...]
    raised: tuple[Raised, ...]
    ended: Ended
    used: frozenset[str] = frozenset()
    slow: frozenset[tuple[int, int]] = frozenset()
    left: Raised | None = None


@dataclass(frozen=True, slots=True)
class Bending:
    """How the functions at some places (cell, line, column) are bent (`child.bent`): by which power of the distance,
    with slopes drawn by a seed and multiplied by `scale`; `near` the values `known` only, or elsewhere."""

    places: tuple[tuple[int, int, int], ...]
    power: int
    near: bool
    seed: int
    known: tuple[Value, ...]
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """One run to make. `decisions` say which bindings give inputs their starting values (None: find out); `stops` are
    the bindings to be handed over, `whole` those of them at which a replacement comes in its own shape, axes of size 1
    included, and not in that of what it replaces; `supplied` says, by top-level statement, what the names are to hold
    from there on that nothing has bound; the run ends with the top-level statement `until`, where that is known (a
    statement is its cell and its number in it, from 0); `scales` multiply the derivatives of a library; `noise` is how
    far, relatively, every result of the dtype `disturbed` is (see `runner.child.noise`): each by itself, or `smooth`ly;
    an `unchecked` one goes without the submission's assertions, one with `bent` has some functions bent;
    `observe` asks for parameters and loop variables too, and for all bindings of a forced run; a `prompt` one sends
    each binding at once, for a child that may be gone the next moment."""

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
        """Whether it is to show what was taken from a differentiator."""
        return bool(self.scales or self.noise or self.bent)


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that stays the same from run to run. `sources` and `names` are of the cells that run, in order."""

    file: str
    sources: tuple[str, ...]
    names: tuple[str, ...]
    labels: Labels
    given: Mapping[str, Value]
    ends_when_asked: bool
    limits: Limits = Limits()
    files: tuple[str, ...] = ()
    beside: tuple[CompanionFile, ...] = ()
    """Files that were handed in with the submission."""
    filled: Mapping[str, int] = field(default_factory=dict)
    """Per name (in normal spelling) the last cell in which what it was bound to before is filled further."""
    rebound: Mapping[str, int] = field(default_factory=dict)
    """Per name the last cell that binds it, where several do."""
    instrumented: tuple[Instrumented, ...] = ()
    """The sources, instrumented; empty: not yet."""
    packages: tuple[str, ...] = ()
    """Packages that something may stand in for where they are not installed (`child.standins`)."""
    accelerators: bool = False
    """Whether the sources speak of a device that there is none of in the child (`child.devices`)."""


@dataclass(frozen=True, slots=True)
class Sites:
    """All sites of a submission by number, and the sources of its cells (the last one may be what is asked of it)."""

    all: tuple[Site, ...] = field(default=())
    sources: tuple[str, ...] = field(default=(), repr=False)

    def __getitem__(self, number: int) -> Site:
        return self.all[number]
