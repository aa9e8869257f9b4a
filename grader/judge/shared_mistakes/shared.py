"""Find one mistake behind several wrong steps, without a repair.

Where wrong steps are all made from a local that is no quantity (`da` in `dW = x.T @ da; db = da.sum(0)`), the question
is whether one value of the local makes all of them right, and keeps right what is right: then their own lines are
right, and the local is wrong. That value is found by running (`affine.py`) and confirmed in one more run. A step that
would be right with any value is no evidence, and stays wrong; so does a step with a mistake of its own.

As this gives points, it is shown in a process that has seen none of the right values of these steps: these runs replace
none of them.

Where several lines build up the local (`da = upstream.copy(); da += more; da *= slope`), one of them made it wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.instrument.site import BUILDS, CHANGES, Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import compare
from grader.judge.matching.provenance import Provenance
from grader.judge.runs.teacher_forcing import Teacher
from grader.judge.score import BY_VALUE, wrong_in_order
from grader.judge.shared_mistakes.affine import Response, numbers, response
from grader.judge.verdicts import Verdict
from grader.model import Observed, Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order

MAX_RUNS = 800
"""Runs made for one submission, at most."""


@dataclass(frozen=True, slots=True)
class Local:
    """The passes of one site that wrong steps are made from: `events` at the given point, `places` at every point where
    the local is examined."""

    site: Site
    steps: tuple[str, ...]
    events: tuple[Event, ...]
    places: tuple[frozenset[Key], ...]

    @property
    def name(self) -> tuple[str, str]:
        """The scope of the local, and its name there."""
        return self.site.scope, self.events[0].label or next(iter(self.site.names), "")

    @property
    def is_start(self) -> bool:
        """Whether it is 0 throughout: a start value that something is added to, or put into, later."""
        return not any(isinstance(event.value, Value) and any(event.value.numbers()) for event in self.events)

    @property
    def entries(self) -> int:
        values = {event.place: event.value for event in self.events if isinstance(event.value, Value)}
        return sum(map(len, self.free(values).values()))

    def free(self, held: Mapping[Key, Value]) -> dict[Key, list[int]]:
        """The entries to change, pass by pass; of an array that is built up, only those that the pass has changed."""
        found: dict[Key, list[int]] = {}
        before: Value | None = None
        for place, value in held.items():
            found[place] = list(range(value.size))
            if self.site.kind in CHANGES and before is not None and before.shape == value.shape:
                pairs = zip(numbers(before), numbers(value), strict=True)
                found[place] = [entry for entry, (old, new) in enumerate(pairs) if old != new]
            before = value
        return found

    def spread(self, held: Mapping[Key, Value], change: Any) -> dict[Key, Any]:
        """Distribute a change of all these entries over the passes."""
        import numpy

        found, start = {}, 0
        for place, entries in self.free(held).items():
            found[place] = numpy.zeros(held[place].size)
            found[place][entries] = change[start : start + len(entries)]
            start += len(entries)
        return found


@dataclass(slots=True)
class LocalRuns:
    """Makes the runs: all quantities except the steps in question are right, and the local is changed as asked."""

    session: Session
    evidence: Evidence
    left: int = MAX_RUNS

    def at(self, point: int, local: Local, added: Mapping[Key, Any]) -> tuple[dict[str, Value], dict[Key, Value]]:
        """Return the quantities when `added` is added to the local, and the local's own values. The right values of the
        steps in question stay in the grader."""
        evidence, own = self.evidence, local.places[point]
        teacher = Teacher(evidence.scene, evidence.alignment, point, whole=evidence.misshapen, differs_from_start=True)
        found: dict[Key, Value] = {}

        def decide(event: Event) -> Value | None:
            if event.place in own and isinstance(event.value, Value):
                found[event.place] = event.value
                change = added.get(event.place)
                if change is None or len(change) != event.value.size:  # its size differs from run to run
                    return None
                return replace(event.value, data=(numbers(event.value) + change).tobytes())
            right = teacher.decide(event)
            hidden = any(name in local.steps for name, _ in teacher.places.get(event.place, ()))
            return None if hidden else right

        self.left -= 1
        inputs = evidence.scene.reference.points[point].inputs
        stops = teacher.stops | own
        order = Order(inputs, evidence.decisions, stops, teacher.reshaped, teacher.supplied, evidence.until)
        self.session.run(order, decide)
        return {name: value for name, value in teacher.commits.items() if isinstance(value, Value)}, found


def moved(held: Mapping[Key, Value], free: Mapping[Key, Sequence[int]]) -> Iterator[dict[Key, Any]]:
    """Yield, for each entry of the local, the change that adds 1 to it."""
    import numpy

    for place, entries in free.items():
        for entry in entries:
            added = numpy.zeros(held[place].size)
            added[entry] = 1.0
            yield {place: added}


MAX_ENTRIES = 64
"""Locals with more entries are not examined: each entry costs a run."""

MULTIPLE_RTOL = 1e-7
"""How far the missing part may be from a multiple of what a line added, relative to its largest number."""

POINT_COUNT = 2
"""Points at which a shared mistake is shown: the given one, and one probe."""

_MADE = frozenset({"assign", "unpack", "item", "appended", "argument", "returned", "entry", *BUILDS})
"""Kinds of sites at which a local gets its value."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One mistake: the `first` step it spoils is charged with it, the `others` are right except for it. `made` is the
    binding at which the wrong value is made."""

    first: str
    others: tuple[str, ...]
    made: Event


def shared_locals(session: Session, evidence: Evidence, verdicts: Sequence[Verdict]) -> tuple[Shared, ...]:
    """Return the mistakes in locals that several wrong steps are made from, in order of the first step each spoils."""
    wrong = [one for one in wrong_in_order(verdicts) if one.reason in BY_VALUE]
    if len(wrong) < 2 or len(evidence.scene.traces) < POINT_COUNT:
        return ()
    return tuple(_search(session, evidence, wrong, 2).found())


def single_locals(
    session: Session, evidence: Evidence, verdicts: Sequence[Verdict], right: Sequence[Verdict]
) -> tuple[Shared, ...]:
    """Return the mistakes in locals of which one value makes all entries of a single wrong step right, where the step
    has more entries than the local. A local that one of the `right` steps is made from is no mistake."""
    if len(evidence.scene.traces) < POINT_COUNT:
        return ()
    wrong = [one for one in wrong_in_order(verdicts) if one.reason in BY_VALUE]
    return tuple(found for one in wrong for found in _search(session, evidence, [one], 1, right).found())


class _Ancestry:
    """What each step was made from, in the forced run at one point, back to the quantities."""

    def __init__(self, evidence: Evidence, point: int) -> None:
        self.point = point
        held_at = (match.held_at for match in evidence.alignment.matches.values())
        self.known = evidence.alignment.stops(point).union(*held_at)
        self.lineage = Provenance(evidence.scene.sites, evidence.forced[point].events)

    def locals_of(self, verdict: Verdict) -> dict[Key, Event]:
        """The bindings of the locals that a step is made from, by their places."""
        event = None if verdict.match is None else verdict.match.events[self.point]
        if verdict.match is None or event is None:
            return {}
        own = (event.place, *verdict.match.origins, *verdict.match.held_at)
        starts = [event for event in self.lineage.events if event.place in own]
        return self.lineage.locals_of(starts, self.known)

    def passes(self, verdicts: Sequence[Verdict]) -> dict[int, tuple[dict[str, None], list[Event]]]:
        """Per site, the steps that are made from it and its passes. Of passes that continue to build a value that
        nothing has read yet, only the last is kept."""
        users: dict[int, dict[str, None]] = {}
        events: dict[int, dict[Key, Event]] = {}
        for verdict in verdicts:
            for place, event in self.locals_of(verdict).items():
                users.setdefault(place[0], {})[verdict.step.name] = None
                events.setdefault(place[0], {})[place] = event
        ordered = {site: sorted(found.values(), key=lambda one: one.sequence) for site, found in events.items()}
        return {site: (users[site], self.lineage.read_states(found)) for site, found in ordered.items()}

    def behind(self, local: Local) -> frozenset[int]:
        """The sites of the locals that a local was made from."""
        return frozenset(place[0] for place in self.lineage.locals_of(local.events, self.known))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A local, and the steps that are right with one value of it. Per point, `held` is the local's own value and
    `change` what has to be added to make the steps right."""

    local: Local
    steps: tuple[str, ...]
    held: tuple[dict[Key, Value], ...]
    change: tuple[Any, ...]


def _search(
    session: Session, evidence: Evidence, wrong: list[Verdict], least: int, right: Sequence[Verdict] = ()
) -> _SharedLocals:
    families = tuple(_Ancestry(evidence, point) for point in range(POINT_COUNT))
    used = {(one.site, one.value) for verdict in right for one in families[0].locals_of(verdict).values()}
    return _SharedLocals(LocalRuns(session, evidence), families, wrong, least, frozenset(used))


@dataclass(slots=True)
class _SharedLocals:
    runs: LocalRuns
    families: tuple[_Ancestry, ...]
    wrong: list[Verdict]
    least: int
    """How many wrong steps have to be made from a local, at least."""
    used: frozenset[tuple[int, Observed]] = frozenset()
    """The sites of locals that right steps are made from, each with its value there: these are right."""
    tried: dict[tuple[int, tuple[str, ...]], _Shown | None] = field(default_factory=dict)

    def found(self) -> Iterator[Shared]:
        """Yield the mistakes; each removes its steps from the search."""
        if self._locals():
            self.runs.session.renew()
        while len(self.wrong) >= self.least and (shown := self._nearest()) is not None:
            shown = self._traced_back(shown)
            yield Shared(shown.steps[0], shown.steps[1:], self._part_of(shown).events[0])
            self.wrong = [one for one in self.wrong if one.step.name not in shown.steps]

    def _nearest(self) -> _Shown | None:
        """The local made last of which one value explains several steps."""
        for local in sorted(self._locals(), key=lambda one: -one.events[-1].sequence):
            if (shown := self._explained(local)) is not None:
                return shown
        return None

    def _traced_back(self, shown: _Shown) -> _Shown:
        """The local made first that explains as many steps: each later one was made from it."""
        behind = self.families[0].behind(shown.local)
        earlier = (one for one in self._locals() if one.site.number in behind and not one.is_start)
        for local in sorted(earlier, key=lambda one: one.events[0].sequence):
            other = self._explained(local)
            if other is not None and set(shown.steps) <= set(other.steps):
                return other
        return shown

    def _part_of(self, shown: _Shown) -> Local:
        """Of the lines that build the value up, the one that makes it wrong: each later one explains as many steps."""
        chain = [shown]
        later = (one for one in self._locals() if one.name == shown.local.name and _follows(one, chain[-1].local))
        for local in sorted(later, key=lambda one: one.events[0].sequence):
            other = self._explained(local) if local.site.kind in CHANGES else None
            if other is None or not set(shown.steps) <= set(other.steps):
                break
            chain.append(other)
        states = [
            [numbers(value) for one in chain for value in one.held[point].values()] for point in range(POINT_COUNT)
        ]
        if any(len(one.local.events) > 1 for one in chain) or len({part.size for each in states for part in each}) > 1:
            return shown.local
        right = [all(self._is_known(k, one.held[k]) for k in range(POINT_COUNT)) for one in chain]
        return chain[guilty_part(states, chain[-1].change, right)].local

    def _is_known(self, point: int, held: Mapping[Key, Value]) -> bool:
        """Whether a local holds an input or a quantity."""
        scene = self.runs.evidence.scene
        known = (*scene.reference.points[point].inputs.values(), *scene.reference.values[point].values())
        return any(compare(value, right, scene.measures[point]).right for value in held.values() for right in known)

    def _locals(self) -> list[Local]:
        """The locals that at least `least` of the wrong steps are made from."""
        given, *others = (family.passes(self.wrong) for family in self.families)
        found = []
        for site, (names, passes) in given.items():
            if len(names) < self.least or not all(site in one for one in others):
                continue
            everywhere = (passes, *(one[site][1] for one in others))
            places = tuple(frozenset(event.place for event in events) for events in everywhere)
            local = Local(self.runs.evidence.scene.sites[site], tuple(names), tuple(passes), places)
            if self._can_be_asked(local):
                found.append(local)
        return found

    def _can_be_asked(self, local: Local) -> bool:
        site = local.site
        numeric = all(isinstance(one.value, Value) and _is_real(one.value) for one in local.events)
        own = all(one.role == "own" for one in local.events) and not site.literal
        if any((one.site, one.value) in self.used for one in local.events):
            return False
        return site.kind in _MADE and own and numeric and 0 < local.entries <= MAX_ENTRIES

    def _explained(self, local: Local) -> _Shown | None:
        """The steps that are right with one value of a local, and not all by chance."""
        place = local.site.number, local.steps
        if place not in self.tried:
            self.tried[place] = self._asked(local)
        return self.tried[place]

    def _asked(self, local: Local) -> _Shown | None:
        seen: list[Response] = []
        held: list[dict[Key, Value]] = []
        for point in range(POINT_COUNT):
            if (one := self._response(point, local)) is None:
                return None
            seen.append(one[0])
            held.append(one[1])
        steps = _agreeing(local.steps, seen, self.least)
        if not steps or (change := self._confirmed(local, steps, seen, held)) is None:
            return None
        return _Shown(local, steps, tuple(held), change)

    def _response(self, point: int, local: Local) -> tuple[Response, dict[Key, Value]] | None:
        """How the quantities depend on the local at a point, and the local's own value there."""
        scene = self.runs.evidence.scene
        base, held = self.runs.at(point, local, {})
        free = local.free(held)
        if self.runs.left < sum(map(len, free.values())) or not held:
            return None
        others = [self.runs.at(point, local, one)[0] for one in moved(held, free)]
        right = scene.reference.values[point]
        measures = {name: scene.measure(point, name) for name in right}
        found = response([base, *others], right, measures)
        return (found, held) if all(name in found.base for name in local.steps) else None

    def _confirmed(
        self, local: Local, steps: tuple[str, ...], seen: Sequence[Response], held: Sequence[dict[Key, Value]]
    ) -> tuple[Any, ...] | None:
        """The change, per point, that makes the steps right in one more run, while nothing right goes wrong; None if
        there is none."""
        scene = self.runs.evidence.scene
        names = [*steps, *_settled(local.steps, seen)]
        changes = []
        for point in range(POINT_COUNT):
            changes.append(seen[point].change_for(names))
            if changes[-1] is None:
                return None
            found, _ = self.runs.at(point, local, local.spread(held[point], changes[-1]))
            right = scene.reference.values[point]
            if not all(
                name in found and compare(found[name], right[name], scene.measure(point, name)).right for name in names
            ):
                self.runs.session.renew()  # the process has seen what follows from right values
                return None
        return tuple(changes)


def _follows(one: Local, other: Local) -> bool:
    return one.events[0].sequence > other.events[-1].sequence


def _is_real(value: Value) -> bool:
    return not value.dtype.startswith(("int", "uint", "bool", "complex"))


def _settled(steps: Sequence[str], seen: Sequence[Response]) -> list[str]:
    """The quantities that are right as they are, at every point, and have to stay right."""
    import numpy

    names = [name for name in seen[0].base if name not in steps and all(name in one.base for one in seen)]
    return [name for name in names if all(one.is_right(name, numpy.zeros(one.slopes[name].shape[1])) for one in seen)]


def _agreeing(steps: Sequence[str], seen: Sequence[Response], least: int) -> tuple[str, ...]:
    """The steps, `least` at least, that one value of the local makes right together. In each of them the others, or its
    own other entries, would reveal a mistake."""
    settled = _settled(steps, seen)
    following = [name for name in steps if all(one.follows(name) for one in seen)]
    for place in range(len(following) - least + 1):
        group: list[str] = []
        for name in following[place:]:
            names = [*group, name, *settled]
            if all(one.change_for(names) is not None for one in seen):
                group.append(name)
        if not group:
            continue
        held = frozenset(group).intersection(*(one.held([*group, *settled]) for one in seen))
        if len(held) >= least:
            return tuple(name for name in group if name in held)
    return ()


def guilty_part(states: Sequence[Sequence[Any]], missing: Sequence[Any], right: Sequence[bool]) -> int:
    """Return the index of the guilty line.

    `states`: per point, the value after each line. `missing`: per point, what the last value lacks to be right.
    `right`: after which lines the value was a quantity.

    If the missing part is a multiple of what exactly one line added, as where its sign is wrong, it is that line;
    otherwise the first line after the last right value."""
    import numpy

    first = max((place for place, known in enumerate(right) if known), default=-1) + 1
    if first == len(right):
        return len(right) - 1
    lacking = numpy.concatenate(list(missing))
    fitting = [
        place for place in range(first, len(right)) if _is_multiple(lacking, [_added(one, place) for one in states])
    ]
    return fitting[0] if len(fitting) == 1 else first


def _added(states: Sequence[Any], place: int) -> Any:
    return states[place] - states[place - 1] if place else states[place]


def _is_multiple(lacking: Any, terms: Sequence[Any]) -> bool:
    import numpy

    term = numpy.concatenate(list(terms))
    size = float(term @ term)
    if not size:
        return False
    return bool(numpy.abs(lacking - (lacking @ term) / size * term).max() <= MULTIPLE_RTOL * numpy.abs(lacking).max())
