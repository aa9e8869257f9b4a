"""One mistake behind several wrong steps, shown without a repair.

A line repeated in the passes of a loop spoils a step in each of them. And where wrong steps are all made from a local
that is no quantity (`da` in `dW = x.T @ da; db = da.sum(0)`), the question is whether one value of it makes all of
them right, and leaves right what is: then their own lines are right, and the local is not. That value is found by
running (`judge/affine.py`), and they come out right with it in one more run. A step that any value would suit shows
nothing, and stays wrong; so does one with a mistake of its own.

As this gives points, it is shown by a process that has seen none of the right values of these steps: in these runs none
of them is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.judge.affine import Response, numbers, response
from grader.judge.align import answer_end
from grader.judge.compare import compare
from grader.judge.lineage import Lineage
from grader.judge.teacher import Teacher
from grader.judge.trial import Evidence
from grader.judge.verdicts import Verdict
from grader.model import Value
from grader.runner.session import Session
from grader.runner.site import Site
from grader.runner.types import Event, Key, Order

MOST_ENTRIES = 64
"""A local with more is not looked into: each asks for a run."""

MOST_RUNS = 800
"""Runs made for one submission."""

POINTS = 2
"""Points at which it is shown: the given one, and one probe."""

_MADE = ("assign", "again", "unpack", "item", "whole", "appended", "argument", "returned", "entry")
"""Kinds of sites at which a local gets its value."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One mistake: the `first` step it spoils bears it, the `others` are right but for it. `made` is the binding at
    which the wrong value is made."""

    first: str
    others: tuple[str, ...]
    made: Event


@dataclass(frozen=True, slots=True)
class _Local:
    """The passes of one site that wrong steps are made from."""

    site: int
    steps: tuple[str, ...]
    events: tuple[Event, ...]

    @property
    def is_start(self) -> bool:
        """Whether it is 0 throughout: what something is added to, or put into, later."""
        return not any(isinstance(event.value, Value) and any(event.value.numbers()) for event in self.events)

    @property
    def entries(self) -> int:
        return sum(event.value.size for event in self.events if isinstance(event.value, Value))


def repeated(evidence: Evidence, verdicts: Sequence[Verdict], mended: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """The wrong members of families whose own line has spoilt another member in an earlier pass of a loop, each with
    that member. `mended` says in which cell and line a step's repair is, where there is one: those of one line that are
    mended at two others have a mistake each. Steps that are no family share a mistake only where a repair shows it: a
    line that fills many of them with anything at all would cost one step otherwise."""
    first: dict[tuple[int, tuple[int, int] | None], Verdict] = {}
    found: dict[str, str] = {}
    for verdict in _wrong(verdicts):
        if verdict.site is None or verdict.step.family is None or verdict.reason not in _VALUES:
            continue
        elsewhere = _elsewhere(verdict.site, mended.get(verdict.step.name))
        leads = [one for (site, _), one in first.items() if site == verdict.site.number]
        lead = first.setdefault((verdict.site.number, elsewhere), verdict)
        if lead is verdict and verdict.step.name not in mended and leads:
            lead = leads[0]
        if lead is not verdict and lead.step.family == verdict.step.family:
            found[verdict.step.name] = lead.step.name
    return found


_VALUES = ("value", "given_point_only")
"""Reasons of steps that are wrong in their values, and follow what they are made from."""


def _elsewhere(site: Site, mended: tuple[int, int] | None) -> tuple[int, int] | None:
    """Where a step is mended, if that is not in its own statement."""
    within = mended is None or (mended[0] == site.cell and site.statement[0] <= mended[1] <= site.statement[2])
    return None if within else mended


def shared_locals(session: Session, evidence: Evidence, verdicts: Sequence[Verdict]) -> tuple[Shared, ...]:
    """The mistakes in locals that several wrong steps are made from, in the order of the first steps they spoil."""
    wrong = [one for one in _wrong(verdicts) if one.reason in _VALUES]
    if len(wrong) < 2 or len(evidence.scene.traces) < POINTS:
        return ()
    search = _Search(_Runs(session, evidence), _Family(evidence), wrong)
    return tuple(search.found())


def _wrong(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The wrong asked-for steps in the order in which they were made."""
    wrong = [one for one in verdicts if one.outcome == "wrong" and one.match is not None and one.event is not None]
    wrong = [one for one in wrong if one.reason != "cancelled"]  # their values are right
    return sorted(wrong, key=lambda one: one.order)


class _Family:
    """What each step was made from, in the forced run at the given point, back to the quantities."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        seen = (match.seen for match in evidence.alignment.matches.values())
        self.known = evidence.alignment.stops(0).union(*seen)
        self.lineage = Lineage(evidence.scene.sites, evidence.forced[0].events)

    def locals_of(self, verdict: Verdict) -> dict[Key, Event]:
        """The bindings, by their places."""
        if verdict.match is None or verdict.event is None:
            return {}
        own = (verdict.event.place, *verdict.match.origins, *verdict.match.seen)
        starts = [event for event in self.lineage.events if event.place in own]
        return self.lineage.locals_of(starts, self.known)

    def behind(self, local: _Local) -> frozenset[int]:
        """The sites of what a local was made from."""
        return frozenset(place[0] for place in self.lineage.locals_of(local.events, self.known))


@dataclass(slots=True)
class _Runs:
    """Makes the runs, all quantities but some right, the local as it is asked for."""

    session: Session
    evidence: Evidence
    left: int = MOST_RUNS
    until: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        scene = self.evidence.scene
        if not any(trace.raised for trace in scene.traces):
            self.until = answer_end(scene.exercise, scene.names, scene.sites, scene.traces[0])

    def at(self, point: int, local: _Local, held: Mapping[Key, Value]) -> tuple[dict[str, Value], dict[Key, Value]]:
        """What the quantities are where the local is what is `held`, at the places that are not its own value; and what
        it was by itself. The right values of the steps in question stay here."""
        evidence, own = self.evidence, {event.place for event in local.events}
        teacher = Teacher(evidence.scene, evidence.alignment, point, whole=evidence.misshapen, disturbed=True)
        found: dict[Key, Value] = {}

        def decide(event: Event) -> Value | None:
            if event.place in own and isinstance(event.value, Value):
                found[event.place] = event.value
                return held.get(event.place)
            right = teacher.decide(event)
            hidden = any(name in local.steps for name, _ in teacher.places.get(event.place, ()))
            return None if hidden else right

        self.left -= 1
        inputs = evidence.scene.reference.points[point].inputs
        stops = teacher.stops | own
        order = Order(inputs, evidence.decisions, stops, teacher.reshaped, teacher.supplied, self.until)
        self.session.run(order, decide)
        return {name: value for name, value in teacher.commits.items() if isinstance(value, Value)}, found


@dataclass(frozen=True, slots=True)
class _Shown:
    """A local and the steps that are right with one value of it."""

    local: _Local
    steps: tuple[str, ...]


@dataclass(slots=True)
class _Search:
    runs: _Runs
    family: _Family
    wrong: list[Verdict]
    tried: set[tuple[int, tuple[str, ...]]] = field(default_factory=set)

    def found(self) -> Iterator[Shared]:
        """The mistakes; each takes its steps out of the search."""
        if self._locals():
            self.runs.session.renew()
        while len(self.wrong) > 1 and (shown := self._nearest()) is not None:
            made = self._traced_back(shown).local.events[0]
            yield Shared(shown.steps[0], shown.steps[1:], made)
            self.wrong = [one for one in self.wrong if one.step.name not in shown.steps]

    def _nearest(self) -> _Shown | None:
        """The last local made whose one value explains several steps."""
        for local in sorted(self._locals(), key=lambda one: -one.events[-1].sequence):
            if (shown := self._explained(local)) is not None:
                return shown
        return None

    def _traced_back(self, shown: _Shown) -> _Shown:
        """The first local made that explains as much: each next one was made from it."""
        behind = self.family.behind(shown.local)
        earlier = (one for one in self._locals() if one.site in behind and not one.is_start)
        for local in sorted(earlier, key=lambda one: one.events[0].sequence):
            other = self._explained(local)
            if other is not None and set(shown.steps) <= set(other.steps):
                return other
        return shown

    def _locals(self) -> list[_Local]:
        """The locals that several of the wrong steps are made from."""
        users: dict[int, list[str]] = {}
        events: dict[int, dict[Key, Event]] = {}
        for verdict in self.wrong:
            made_from = self.family.locals_of(verdict)
            for site in {place[0] for place in made_from}:
                users.setdefault(site, []).append(verdict.step.name)
            for place, event in made_from.items():
                events.setdefault(place[0], {})[place] = event
        found = []
        for site, names in users.items():
            passes = tuple(sorted(events[site].values(), key=lambda one: one.sequence))
            local = _Local(site, tuple(names), passes)
            if len(names) > 1 and self._can_be_asked(local):
                found.append(local)
        return found

    def _can_be_asked(self, local: _Local) -> bool:
        site = self.runs.evidence.scene.sites[local.site]
        numeric = all(isinstance(one.value, Value) and _is_real(one.value) for one in local.events)
        own = all(one.role == "own" for one in local.events) and not site.literal and not site.copy
        return site.kind in _MADE and own and numeric and 0 < local.entries <= MOST_ENTRIES

    def _explained(self, local: _Local) -> _Shown | None:
        """The steps, two or more, that are right with one value of a local, and would not all be by chance."""
        if (local.site, local.steps) in self.tried:
            return None
        seen: list[Response] = []
        held: list[dict[Key, Value]] = []
        for point in range(POINTS):
            if (one := self._response(point, local)) is None:
                return None
            seen.append(one[0])
            held.append(one[1])
        steps = _agreeing(local.steps, seen)
        if len(steps) < 2 or not self._confirmed(local, steps, seen, held):
            return None
        return _Shown(local, steps)

    def _response(self, point: int, local: _Local) -> tuple[Response, dict[Key, Value]] | None:
        """How the quantities follow the local at a point, and what it holds there by itself."""
        scene = self.runs.evidence.scene
        base, held = self.runs.at(point, local, {})
        if self.runs.left < sum(value.size for value in held.values()) or not held:
            return None
        moved = [self.runs.at(point, local, one)[0] for one in _moved(held)]
        right = scene.reference.values[point]
        measures = {name: scene.measure(point, name) for name in right}
        found = response([base, *moved], right, measures)
        return (found, held) if all(name in found.base for name in local.steps) else None

    def _confirmed(
        self, local: _Local, steps: tuple[str, ...], seen: Sequence[Response], held: Sequence[dict[Key, Value]]
    ) -> bool:
        """Whether the steps come out right in runs with the value that they ask for, and nothing right goes wrong."""
        scene = self.runs.evidence.scene
        names = [*steps, *_settled(local.steps, seen)]
        for point in range(POINTS):
            change = seen[point].change_for(names)
            values = {} if change is None else _changed(held[point], change)
            found, _ = self.runs.at(point, local, values)
            right = scene.reference.values[point]
            if not all(
                name in found and compare(found[name], right[name], scene.measure(point, name)).right for name in names
            ):
                self.runs.session.renew()  # it has been shown what comes of the right values
                return False
        return True


def _is_real(value: Value) -> bool:
    return not value.dtype.startswith(("int", "uint", "bool", "complex"))


def _settled(steps: Sequence[str], seen: Sequence[Response]) -> list[str]:
    """What is right as it is, at every point, and has to stay so."""
    import numpy

    names = [name for name in seen[0].base if name not in steps and all(name in one.base for one in seen)]
    return [name for name in names if all(one.is_right(name, numpy.zeros(one.slopes[name].shape[1])) for one in seen)]


def _agreeing(steps: Sequence[str], seen: Sequence[Response]) -> tuple[str, ...]:
    """The steps that one value of the local makes right together, of each of which the others would show a mistake."""
    settled = _settled(steps, seen)
    following = [name for name in steps if all(one.follows(name) for one in seen)]
    for place in range(len(following) - 1):
        group: list[str] = []
        for name in following[place:]:
            names = [*group, name, *settled]
            if all(one.change_for(names) is not None for one in seen):
                group.append(name)
        held = frozenset(group).intersection(*(one.held([*group, *settled]) for one in seen))
        if len(held) > 1:
            return tuple(name for name in group if name in held)
    return ()


def _moved(held: Mapping[Key, Value]) -> Iterator[dict[Key, Value]]:
    """The local with 1 added to one of its entries, for each of them."""
    for place, value in held.items():
        for entry in range(value.size):
            changed = numbers(value).copy()
            changed[entry] += 1.0
            yield {**held, place: replace(value, data=changed.tobytes())}


def _changed(held: Mapping[Key, Value], change: Any) -> dict[Key, Value]:
    """The local with a change added, entry by entry."""
    found, start = {}, 0
    for place, value in held.items():
        found[place] = replace(value, data=(numbers(value) + change[start : start + value.size]).tobytes())
        start += value.size
    return found
