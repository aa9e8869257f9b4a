"""The runs a submission is judged by: natural at every point, then forced, then once with autograd scaled.

All natural runs come first: nothing has been revealed while the student's own values are taken. In a forced run a
value is handed over before its replacement is; only the first hand-over of a quantity counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.exercise.types import Exercise
from grader.judge.align import Alignment, Scene, align, answer_end, narrowed
from grader.judge.compare import Measure, compare, largest, measure
from grader.judge.families import Slot
from grader.judge.naming import Names, meanings
from grader.model import Observed, Opaque, Value
from grader.reference.types import Reference
from grader.runner.session import Session
from grader.runner.sites import Site
from grader.runner.spelling import input_of
from grader.runner.types import Event, Key, Order, Sites, Trace
from grader.runner.wire import AFTER

RAISED = "error"
"""What the child hands over in the place of a value whose statement raised."""

SCALE = 1.375
"""What autograd's gradients are multiplied by to see which steps depend on them: exact in binary, far from 1 and 2."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was observed. `commits[k][q]` is what the student's code gave for quantity q at point k with
    every earlier quantity right; `moved` are the quantities whose value followed a scaled autograd. `decisions` say
    which bindings give inputs their starting values."""

    scene: Scene
    alignment: Alignment
    forced: tuple[Trace, ...]
    commits: tuple[Mapping[str, Observed], ...]
    moved: frozenset[str]
    decisions: Mapping[Key, str]


def observe(session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites) -> Evidence:
    """Makes all runs of one submission."""
    naturals, decisions = _natural_runs(session, exercise, reference, names, sites)
    scene = Scene(exercise, reference, names, sites, _measures(exercise, reference, naturals), naturals)
    alignment = align(scene)
    forced, commits = _forced_runs(session, scene, alignment, decisions)
    spoilt = _spoilt(scene, alignment, commits)
    if spoilt and (narrower := narrowed(scene, alignment)) != alignment:
        other = _forced_runs(session, scene, narrower, decisions)
        if len(_spoilt(scene, narrower, other[1])) < len(spoilt):
            alignment, (forced, commits) = narrower, other
    moved: frozenset[str] = frozenset()
    if exercise.policy.by_hand and any(trace.used_autograd for trace in (*naturals, *forced)):
        moved = _moved(session, scene, alignment, decisions, commits[-1])
    return Evidence(scene, alignment, tuple(forced), tuple(commits), moved, decisions)


def _forced_runs(
    session: Session, scene: Scene, alignment: Alignment, decisions: Mapping[Key, str]
) -> tuple[list[Trace], list[Mapping[str, Observed]]]:
    """For each point the forced run, and what was handed over in it."""
    forced: list[Trace] = []
    commits: list[Mapping[str, Observed]] = []
    for k, point in enumerate(scene.reference.points):
        teacher = Teacher(scene, alignment, k)
        if teacher.has_nothing_to_say():
            forced.append(scene.traces[k])
            commits.append(_values_at(alignment, k))
            continue
        forced.append(session.run(Order(point.inputs, decisions, teacher.stops), teacher.decide))
        commits.append(teacher.commits)
    return forced, commits


def _spoilt(scene: Scene, alignment: Alignment, commits: Sequence[Mapping[str, Observed]]) -> set[str]:
    """Quantities that are right as the code stands, and wrong with what the forced run puts in."""
    found = set()
    for name, match in alignment.matches.items():
        handed = [at.get(name) for at in commits]
        if any(value is None for value in handed) or not scene.right(name, match.values()):
            continue
        if not all(
            value is not None and compare(value, scene.reference.values[k][name], scene.measures[k]).right
            for k, value in enumerate(handed)
        ):
            found.add(name)
    return found


def _values_at(alignment: Alignment, point: int) -> dict[str, Observed]:
    """What each quantity was in the natural run of a point."""
    found = {name: match.value_at(point) for name, match in alignment.matches.items()}
    return {name: event.value for name, event in found.items() if event is not None}


def _natural_runs(
    session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites
) -> tuple[tuple[Trace, ...], dict[Key, str]]:
    """A trace per point, and which bindings give the inputs their starting values."""
    given = reference.points[0].inputs
    first = session.run(Order(given))
    decisions = _decisions(first, sites, names)
    unnamed = _unnamed_inputs(exercise, given, first, sites, names, set(decisions.values()))
    if unnamed:
        decisions = {**decisions, **unnamed}
        first = session.run(Order(given, decisions))
    until = answer_end(exercise, names, sites, first)
    later = [session.run(Order(point.inputs, decisions, until=until)) for point in reference.points[1:]]
    return (first, *later), decisions


def _decisions(trace: Trace, sites: Sites, names: Names) -> dict[Key, str]:
    found = {}
    for event in trace.events:
        site = sites[event.site]
        if event.role != "input" or site.kind == "parameter":
            continue
        for label in (event.label,) if event.label else site.names:
            name = input_of(label, names.labels.inputs, names.exact)
            if name is not None:
                found[event.place] = name
                break
    return found


def _unnamed_inputs(
    exercise: Exercise, given: Mapping[str, Value], trace: Trace, sites: Sites, names: Names, bound: set[str]
) -> dict[Key, str]:
    """Inputs under names of the student's own: a number typed in at the top that is the given one.

    Only where an input is bound under no name we know, and its number is typed in at one place first."""
    spelled = {
        name
        for site in sites.all
        for label in site.names
        if (name := input_of(label, names.labels.inputs, names.exact)) is not None
    }
    found: dict[Key, str] = {}
    for one in exercise.inputs:
        if one.fixed or one.name in bound or one.name in spelled:
            continue
        for event in trace.events:
            site = sites[event.site]
            named = meanings(names, event, site)
            if not site.literal or site.scope or named or event.role != "own" or event.place in found:
                continue
            exact = Measure(1e-6, 0.0)
            if compare(event.value, given[one.name], exact).right:
                found[event.place] = one.name
                break
    return found


def _measures(exercise: Exercise, reference: Reference, traces: tuple[Trace, ...]) -> tuple[Measure, ...]:
    policy = exercise.policy
    dtypes = frozenset(
        event.value.dtype for trace in traces for event in trace.events if isinstance(event.value, Value)
    )
    return tuple(
        measure(policy.tolerance, policy.shapes == "strict", largest(list(values.values())), dtypes)
        for values in reference.values
    )


@dataclass(slots=True)
class Teacher:
    """Answers one forced run: says which values to keep, and remembers what each quantity's was before it said so."""

    scene: Scene
    alignment: Alignment
    point: int
    commits: dict[str, Observed] = field(default_factory=dict)
    places: dict[Key, list[tuple[str, Slot | None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unreached = lost(self.scene, self.alignment, self.point)
        for name, match in self.alignment.matches.items():
            # What it held when a later statement was to go on building it is no value of its own.
            if name in unreached:
                continue
            for place in match.origins:
                self.places.setdefault(place, []).append((name, None))
            if (event := match.events[self.point]) is not None:
                self.places.setdefault(event.place, []).append((name, match.slot))
        for name, place in unreached.items():
            self.places.setdefault(place, []).append((name, None))

    @property
    def stops(self) -> frozenset[Key]:
        return frozenset(self.places)

    def has_nothing_to_say(self) -> bool:
        """Whether the natural run was right in all it bound: with nothing to replace, a forced run is that run."""
        values = _values_at(self.alignment, self.point)
        return not lost(self.scene, self.alignment, self.point) and all(
            compare(value, self.scene.reference.values[self.point][name], self.scene.measures[self.point]).right
            for name, value in values.items()
        )

    def decide(self, event: Event) -> Value | None:
        """The right value where the student's is wrong, None where it is to be kept."""
        replacement: Value | None = None
        raised = isinstance(event.value, Opaque) and event.value.type_name == RAISED
        for name, slot in self.places.get(event.place, ()):
            right = self.scene.reference.values[self.point][name]
            own = event.value if slot is None else slot.of(event).value
            if not raised:
                self.commits.setdefault(name, own)
            if compare(own, right, self.scene.measures[self.point]).right:
                continue
            if slot is None:
                replacement = right
            elif isinstance(event.value, Value):
                replacement = slot.put(event.value if replacement is None else replacement, right)
        return replacement


def lost(scene: Scene, alignment: Alignment, point: int) -> dict[str, Key]:
    """Per quantity the place where it would have got its value, had its statement not raised: the first that raised,
    or the last of those that build on what that one gives.

    What raised at the given numbers counts at every point: later runs end with the last binding that was seen."""
    found: dict[str, Key] = {}
    closed: set[str] = set()
    raised = {(one.cell, one.statement) for k in {0, point} for one in scene.traces[k].raised}
    quantities = {step.name for step in scene.quantities}
    for site in scene.sites.all:
        if (site.cell, site.top) not in raised or site.scope or site.kind not in _BUILDING:
            continue
        for label in site.names:
            meaning = scene.names.means(label)
            if meaning is None or meaning[0] not in quantities:
                continue
            match = alignment.matches.get(meaning[0])
            event = None if match is None else match.events[point]
            if event is not None and not _later(site, scene.sites[event.site]):
                continue
            anew = site.kind in ("assign", "unpack")
            if meaning[0] in closed or (anew and meaning[0] in found):
                # Somebody's next use of the name: a training loop, a shorter formula.
                closed.add(meaning[0])
                continue
            # In a loop, or where it adds to what is there, nobody knows beforehand which time is the last.
            found[meaning[0]] = (site.number, 0 if anew and not site.in_loop else AFTER)
    return found


_BUILDING = ("assign", "unpack", "again", "whole")
"""What gives a name a value, or builds on it. A call that raised (`compare(dh, h)`) may have meant only to read."""


def _later(site: Site, other: Site) -> bool:
    return (site.cell, site.top) > (other.cell, other.top)


def _moved(
    session: Session,
    scene: Scene,
    alignment: Alignment,
    decisions: Mapping[Key, str],
    unscaled: Mapping[str, Observed],
) -> frozenset[str]:
    """Quantities that differ, at the last point, from what they were once autograd's gradients are scaled."""
    last = len(scene.reference.points) - 1
    teacher = Teacher(scene, alignment, last)
    inputs = scene.reference.points[last].inputs
    session.run(Order(inputs, decisions, teacher.stops, scale=SCALE), teacher.decide)
    by = scene.measures[last]
    return frozenset(
        name
        for name, value in teacher.commits.items()
        if isinstance(before := unscaled.get(name), Value) and not compare(value, before, by).right
    )
