"""What the worker is told about a run: the names that matter, what to do with their bindings, and where the program may
end early: at the given numbers anywhere, at others only where it ended at the given ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from grader.instrument.name_matching import holds_gradients, input_of, joined, normal, numbered_in, parted, spelled_in
from grader.instrument.site import Site
from grader.runner.wire import NUMBERS, Wired


class Reading(NamedTuple):
    """What a binding's name may stand for: whether it may be a quantity (`tracked`); all names it may go by, in normal
    spelling (`labels`); for each bound name the most certain one, or itself if it is no name of the exercise's
    (`surest`); and whether any of them is one (`matters`)."""

    tracked: bool
    labels: frozenset[str]
    surest: tuple[str, ...]
    matters: bool


MAX_CACHED_NAMES = 4096
"""Maximum number of cached names, since keys are created while the code runs."""


class LastCells(NamedTuple):
    """By name, in normal spelling: the last cell in which the bound object gets entries (`filled`), and the last cell
    that binds the name, where several cells do (`rebound`)."""

    filled: Mapping[str, int]
    rebound: Mapping[str, int]


class Vocabulary:
    """The names that matter, and what they mean at each site: the same in all runs of a submission."""

    def __init__(
        self,
        inputs: Mapping[str, str],
        quantities: frozenset[str],
        tracked: frozenset[str],
        asked: tuple[frozenset[str], ...],
        families: frozenset[str],
        last: LastCells,
    ) -> None:
        """`inputs` maps to the input's name, `quantities` are the exact names of quantities; `tracked` are all names of
        quantities, `asked` has, per step, those any of which binds it, `families` those of quantities indexed by time
        (all in normal spelling)."""
        self.tracked, self.asked, self.families = tracked, asked, families
        self.filled, self._rebound = last
        self._inputs, self._quantities = inputs, quantities
        self._goes_by: dict[tuple[int, str], Reading] = {}
        self._wanted: dict[tuple[str, str], bool] = {}
        self._changes: dict[tuple[int, str], bool] = {}
        self._places: dict[str, int] | None = None
        self._all_places: dict[str, int] | None = None

    def input_of(self, name: str) -> str | None:
        return input_of(name, self._inputs, self._quantities)

    def goes_by(self, site: Site, label: str) -> Reading:
        """What a binding may stand for; with a `label`, under that name."""
        known = self._goes_by.get((site.number, label))
        if known is None:
            if len(self._goes_by) >= MAX_CACHED_NAMES:
                self._goes_by.clear()
            known = self._goes_by[site.number, label] = self._reading(site, label)
        return known

    def _reading(self, site: Site, label: str) -> Reading:
        owner, names = held_by(site, label), names_of(site, label)
        labels = {normal(way) for name in names for way in spelled_in(owner, name)} | {
            normal(way) for way in spelled_in(site.within, site.owner)
        }
        perhaps = labels.union(normal(way) for name in names for way in numbered_in(owner, name))
        tracked = not self.tracked.isdisjoint(perhaps) and site.kind not in ("loop", "parameter")
        meant = [next(filter(self._means_something, spelled_in(owner, name)), "") for name in names]
        surest = tuple(one or joined(owner, name) for one, name in zip(meant, names, strict=True))
        return Reading(tracked, frozenset(labels), surest, tracked or any(meant))

    def _means_something(self, name: str) -> bool:
        return normal(name) in self.tracked or self.input_of(name) is not None

    def wants(self, owner: str, label: str) -> bool:
        """Whether an entry of a container under this name may be a quantity or an input."""
        known = self._wanted.get((owner, label))
        if known is None:
            if len(self._wanted) >= MAX_CACHED_NAMES:
                self._wanted.clear()
            names = (*spelled_in(owner, label), *numbered_in(owner, label))
            known = self._wanted[owner, label] = any(map(self._means_something, names))
        return known

    def names_family(self, site: Site) -> bool:
        """Whether the names at a site may stand for a quantity indexed by time."""
        return any(normal(name) in self.families for name in site.names)

    def bound_for_good(self, site: Site, labels: frozenset[str], wired: Wired) -> frozenset[str]:
        """The names at a site that this value binds finally: without those that a later cell binds again, if the value
        is 0 or no number."""
        if not self._rebound or (wired.form == NUMBERS and any(wired.data)):
            return labels
        return frozenset(label for label in labels if self._rebound.get(label, 0) <= site.cell)

    def places(self, sites: Mapping[int, Site]) -> Mapping[str, int]:
        """The names that a submission binds and that may be quantities, numbered."""
        if self._places is None:
            self._places = {name: place for name, place in self.all_places(sites).items() if self._is_tracked(name)}
        return self._places

    def all_places(self, sites: Mapping[int, Site]) -> Mapping[str, int]:
        """All names that a submission binds, numbered; those that may be quantities come first."""
        if self._all_places is None:
            bound = {name for site in sites.values() for name in site.names}
            ordered = sorted(bound, key=lambda name: (not self._is_tracked(name), name))
            self._all_places = {name: place for place, name in enumerate(ordered[:MAX_CACHED_NAMES])}
        return self._all_places

    def _is_tracked(self, name: str) -> bool:
        return normal(name) in self.tracked

    def changes_input(self, site: Site, label: str) -> bool:
        """Whether a binding that does not give a starting value may change an input, going by its names."""
        known = self._changes.get((site.number, label))
        if known is None:
            outer = not site.scope and not holds_gradients(held_by(site, label))
            names = self.goes_by(site, label).surest
            known = self._changes[site.number, label] = outer and any(map(self.input_of, names))
        return known


def held_by(site: Site, label: str) -> str:
    """The path of the container that a name belongs to; "" for a plain name."""
    return parted(label)[0] or site.owner


def names_of(site: Site, label: str) -> tuple[str, ...]:
    """The names that a site binds; with a `label`, only that one."""
    return (parted(label)[1],) if label else site.names


class Plan(NamedTuple):
    """One run. A binding is the number of its site and its occurrence there, a statement its cell and its number among
    the top-level statements of the cell; both from 0."""

    point: Mapping[str, Wired]
    """The inputs at the point of the run."""
    given: Mapping[str, Wired]
    """The inputs at the given point."""
    decisions: Mapping[tuple[int, int], str] | None
    """The bindings that give inputs their starting values, each with the input; None: still to be found out."""
    stops: frozenset[tuple[int, int]]
    """The bindings to hand over."""
    whole: frozenset[tuple[int, int]]
    """Those of `stops` at which a replacement keeps its own shape."""
    until: tuple[int, int] | None
    """The statement to end with; None: not known."""
    ends_when_asked: bool
    """Whether the run may end once all that the exercise asks for is bound."""
    observe: bool
    """Whether to report parameters and loop variables, and all bindings of a forced run."""
    supplied: Mapping[tuple[int, int], Mapping[str, Wired]]
    """By statement, the values of names that hold from there on where nothing has bound them."""
    unknown: Mapping[int, tuple[str, Wired]]
    """By the site of a guarded statement, the label and value that it binds where it raises, unless that is a stop."""


class Ends:
    """`known` are the cells and lines at which it ended, or raised an error, at the given numbers; None before that is
    known. `stopped` are statements that have used up their time, and are not run again. A process that the submission
    has forked ends wherever it says so."""

    def __init__(
        self,
        known: Sequence[tuple[int, int]] | None,
        stopped: Sequence[tuple[int, int]],
        is_forked: Callable[[], bool],
    ) -> None:
        self._is_forked = is_forked
        self._known = None if known is None else frozenset(map(tuple, known))
        self.renumbered = False
        """Whether an input has got a number other than the program's own, which the student saw."""
        self.stopped = frozenset(map(tuple, stopped))

    def may_come(self, cell: int, line: int) -> bool:
        """Whether the program may end here. Where it ends only at other numbers, that end is a check of the result, and
        is skipped."""
        return self._known is None or (cell, line) in self._known or self._is_forked()

    def may_come_if(self, cell: int, line: int) -> bool:
        """The same for an end under a condition, which may compare with the program's own numbers."""
        return self.may_come(cell, line) and not (self._known is None and self.renumbered)
