"""The bindings of one watched run up to the hand-over of a wrong step, with everything before it right; and what they
show: the lines that made its entries wrong, or a right value that was changed before the step read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from grader.blame.known import KnownRight
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import Measure, compare, same
from grader.judge.matching.naming import held_by
from grader.judge.runs.teacher_forcing import Teacher
from grader.judge.verdicts import Verdict
from grader.model import Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order

Events = tuple[Event, ...]

MOST_COMPARED = 1024
"""Largest size of a value whose entries are compared one by one."""

_NEAR = 1e-7
"""How far the missing part may be from a multiple of what a line added, relative to its largest number."""

MOST_CHANGES = 4
"""Changes tried for one step, at most."""


@dataclass(frozen=True, slots=True)
class StepTrace:
    """The bindings up to the step's own, in order; the value the step had, the right one, and the indices, in C order,
    of the wrong entries. `wrong` is None where single entries cannot be compared."""

    events: Events
    own: Value
    right: Value
    wrong: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class InPlaceChange:
    """A binding that changed the value of a name: the binding before it, and both values."""

    event: Event
    name: str
    earlier: Event
    before: Value
    after: Value

    @property
    def entries(self) -> frozenset[int]:
        """The indices of the entries that changed."""
        pairs = zip(self.before.numbers(), self.after.numbers(), strict=True)
        return frozenset(place for place, (old, new) in enumerate(pairs) if old != new)


def step_traces(evidence: Evidence, runs: Sequence[Events], verdict: Verdict) -> tuple[StepTrace, ...]:
    """Return one trace per point; none if the step was not handed over as numbers at every point."""
    found = []
    for k, run in enumerate(runs):
        own = evidence.commits[k].get(verdict.step.name)
        if not isinstance(own, Value):
            return ()
        right = evidence.scene.reference.values[k][verdict.step.name]
        wrong = _wrong_entries(own, right, evidence.scene.measure(k, verdict.step.name))
        found.append(StepTrace(_before(run, verdict, own), own, right, wrong))
    return tuple(found)


def _before(run: Events, verdict: Verdict, own: Value) -> Events:
    """The bindings before the step's own, and the bindings that held the step's value before it was replaced."""
    match = verdict.match
    if match is None:
        return run
    places = {*match.held_at, *match.origins, *(event.place for event in match.events if event is not None)}
    stops = [event.sequence for event in run if event.place in places.difference(match.held_at) | {*match.origins}]
    end = min(stops, default=None)
    before = run if end is None else tuple(event for event in run if event.sequence < end)
    if match.slot is not None or end is None:
        return before
    held = (replace(event, value=own) for event in run if event.place in places and event.sequence >= end)
    return (*before, *held)


def _wrong_entries(own: Value, right: Value, by: Measure) -> frozenset[int] | None:
    if not 1 < own.size <= MOST_COMPARED or own.size != right.size:
        return None
    wanted = right.numbers()
    allowed = by.rtol * max(abs(number) for number in wanted) + by.atol
    pairs = zip(own.numbers(), wanted, strict=True)
    return frozenset(place for place, (number, other) in enumerate(pairs) if not abs(number - other) <= allowed)


def changes(evidence: Evidence, events: Sequence[Event]) -> Iterator[InPlaceChange]:
    """Yield the changes, name by name: an array filled entry by entry, something added, a name bound again."""
    held: dict[tuple[str, str, str], Event] = {}
    for event in events:
        site = evidence.scene.sites[event.site]
        if event.key is not None or site.kind in ("loop", "entry", "keyword", "returned", "argument", "appended"):
            continue
        name = event.label or (site.names[0] if site.names else "")
        key = (site.scope, held_by(event, site) if event.label else "", name)
        before = held.get(key)
        held[key] = event
        if site.kind == "parameter":
            continue  # a name of another call
        if before is None or not isinstance(before.value, Value) or not isinstance(event.value, Value):
            continue
        if before.value.shape == event.value.shape and before.value.data != event.value.data:
            yield InPlaceChange(event, name, before, before.value, event.value)


@dataclass(slots=True)
class Filling:
    """What one line did to arrays of the step's size: per point, the entries it changed and what it added to each."""

    site: Site
    entries: list[set[int]] = field(default_factory=list)
    added: list[list[float]] = field(default_factory=list)

    def note(self, point: int, change: InPlaceChange) -> None:
        """Record one change."""
        self.entries[point] |= change.entries
        pairs = zip(change.before.numbers(), change.after.numbers(), strict=True)
        self.added[point] = [sum(one) for one in zip(self.added[point], (b - a for a, b in pairs), strict=True)]


def fillings(evidence: Evidence, seen: Sequence[StepTrace], among: Set[int], own: bool) -> list[Filling]:
    """Return the lines, by site numbers in `among`, that changed arrays of the step's size, in the order of their first
    changes; if `own`, only changes of the array that became the step count."""
    found: dict[int, Filling] = {}
    for k, witness in enumerate(seen):
        made = [one for one in changes(evidence, witness.events) if one.after.size == witness.own.size]
        last = {_key(evidence, one): one.after for one in made}
        for change in made:
            site = evidence.scene.sites[change.event.site]
            if site.number not in among or (own and not same(last[_key(evidence, change)], witness.own)):
                continue
            empty = Filling(site, [set() for _ in seen], [[0.0] * one.own.size for one in seen])
            found.setdefault(site.number, empty).note(k, change)
    return list(found.values())


def beginnings(evidence: Evidence, seen: Sequence[StepTrace], among: Set[int]) -> list[Filling]:
    """Return the lines, by site numbers in `among`, that gave the array which became the step its first value, with
    that value as what they added."""
    found: dict[int, Filling] = {}
    for k, witness in enumerate(seen):
        first: dict[tuple[str, str, str], InPlaceChange] = {}
        last: dict[tuple[str, str, str], Value] = {}
        for change in changes(evidence, witness.events):
            name = _key(evidence, change)
            first.setdefault(name, change)
            last[name] = change.after
        for name, change in first.items():
            site = evidence.scene.sites[change.earlier.site]
            if site.number in among and change.before.size == witness.own.size and same(last[name], witness.own):
                empty = Filling(site, [set() for _ in seen], [[0.0] * one.own.size for one in seen])
                found.setdefault(site.number, empty).added[k] = list(change.before.numbers())
    return list(found.values())


def _key(evidence: Evidence, change: InPlaceChange) -> tuple[str, str, str]:
    """The variable that was changed, or the entry of a container: its scope, container and name."""
    site = evidence.scene.sites[change.event.site]
    return site.scope, held_by(change.event, site) if change.event.label else "", change.name


def by_entries(seen: Sequence[StepTrace], lines: Sequence[Filling]) -> Filling | None:
    """Return the line that changed all wrong entries, and fewer of the right ones than any other: that of the branch
    which ran for them. None if all entries are wrong, or no line stands out."""
    if any(one.wrong is None for one in seen) or not any(len(one.wrong or ()) < one.own.size for one in seen):
        return None
    spared = sum(one.own.size - len(one.wrong or ()) for one in seen)
    reaching = [
        (sum(len(entries - (one.wrong or set())) for entries, one in zip(line.entries, seen, strict=True)), line)
        for line in lines
        if all((one.wrong or set()) <= entries for entries, one in zip(line.entries, seen, strict=True))
    ]
    extra, line = min(reaching, key=lambda one: (one[0], -one[1].site.number), default=(spared, None))
    return line if extra < spared else None


def by_terms(seen: Sequence[StepTrace], lines: Sequence[Filling]) -> Site | None:
    """Of the lines that add to one sum, return the one whose terms, all multiplied by one number, are what is
    missing."""
    if len(lines) < 2:
        return None
    fitting = [line.site for line in lines if _accounts_for(line, seen)]
    return fitting[0] if len(fitting) == 1 else None


def _accounts_for(line: Filling, seen: Sequence[StepTrace]) -> bool:
    if any(one.own.size != one.right.size for one in seen):
        return False  # of another shape: no number says what is missing
    terms = [number for added in line.added for number in added]
    missing = [right - own for one in seen for own, right in zip(one.own.numbers(), one.right.numbers(), strict=True)]
    size = sum(number * number for number in terms)
    if not size or len(terms) != len(missing):
        return False
    times = sum(a * b for a, b in zip(terms, missing, strict=True)) / size
    allowed = _NEAR * max(map(abs, missing))
    return all(abs(lack - times * term) <= allowed for term, lack in zip(terms, missing, strict=True))


def unwritten(seen: Sequence[StepTrace], lines: Sequence[Filling]) -> bool:
    """Whether the wrong entries were left out: no line has changed them, so they still have the array's start value."""
    if not lines or any(one.wrong is None for one in seen):
        return False
    written = [set[int]().union(*(line.entries[k] for line in lines)) for k in range(len(seen))]
    return not any((one.wrong or set()) & entries for one, entries in zip(seen, written, strict=True))


def overwritten(seen: Sequence[StepTrace], line: Filling) -> bool:
    """Whether a line that is right elsewhere has changed entries that should have stayed 0."""
    wrong = [one.wrong or frozenset() for one in seen]
    elsewhere = any(entries - places for entries, places in zip(line.entries, wrong, strict=True))
    return elsewhere and all(_is_zero(one.right, places) for one, places in zip(seen, wrong, strict=True))


def _is_zero(value: Value, places: frozenset[int]) -> bool:
    numbers = value.numbers()
    return not any(numbers[place] for place in places)


@dataclass(frozen=True, slots=True)
class SpoilingLine:
    """The line that changed a right value, the name it was changed by, and the line that had made it."""

    site: Site
    name: str
    made: Site


@dataclass(frozen=True, slots=True)
class Restoring:
    """Runs in which the change that a line makes is undone."""

    session: Session
    evidence: Evidence
    known: KnownRight

    def spoilt(self, verdict: Verdict, seen: Sequence[StepTrace]) -> SpoilingLine | None:
        """Return the last change that makes the step right at every point if it is undone; None if there is none."""
        for change in self._suspects(verdict, seen[verdict.point].events, verdict.point):
            if all(self._mends(verdict, seen, change, k) for k in dict.fromkeys((verdict.point, *range(len(seen))))):
                sites = self.evidence.scene.sites
                return SpoilingLine(sites[change.event.site], change.name, sites[change.earlier.site])
        return None

    def _suspects(self, verdict: Verdict, events: Events, point: int) -> list[InPlaceChange]:
        """The changes of an input or a quantity to something that is neither: the first change of each line, the last
        line first."""
        matches = self.evidence.alignment.matches.items()
        judged = {event.place for name, match in matches if (event := match.events[point]) is not None}
        judged |= {place for _, match in matches for place in match.origins}
        found: dict[int, InPlaceChange] = {}
        for change in changes(self.evidence, events):
            fresh = change.event.place not in judged and change.event.site not in found
            was, became = (self.known.quantity(point, value) for value in (change.before, change.after))
            if fresh and was not in (None, verdict.step.name) and became is None:
                found[change.event.site] = change
        return list(found.values())[: -MOST_CHANGES - 1 : -1]

    def _mends(self, verdict: Verdict, seen: Sequence[StepTrace], change: InPlaceChange, point: int) -> bool:
        events = [event for event in seen[point].events if event.site == change.event.site]
        first = next((one for one in changes(self.evidence, seen[point].events) if one.event in events[:1]), None)
        if first is None:
            return verdict.point != point and compare_right(self.evidence, verdict, point, seen[point].own)
        back = {event.place: first.before for event in events}
        return compare_right(self.evidence, verdict, point, self._with(back, point, verdict.step.name))

    def _with(self, back: dict[Key, Value], point: int, step: str) -> Value | None:
        """The value of a step when these bindings are undone."""
        evidence = self.evidence
        teacher = Teacher(evidence.scene, evidence.alignment, point, whole=evidence.misshapen, differs_from_start=True)

        def decide(event: Event) -> Value | None:
            return back[event.place] if event.place in back else teacher.decide(event)

        inputs = evidence.scene.reference.points[point].inputs
        stops = teacher.stops | back.keys()
        self.session.run(Order(inputs, evidence.decisions, stops, teacher.reshaped, teacher.supplied), decide)
        value = teacher.commits.get(step)
        return value if isinstance(value, Value) else None


def compare_right(evidence: Evidence, verdict: Verdict, point: int, value: Value | None) -> bool:
    """Whether a value is the step's right one at a point."""
    name, scene = verdict.step.name, evidence.scene
    right = scene.reference.values[point][name]
    return value is not None and compare(value, right, scene.measure(point, name)).right
