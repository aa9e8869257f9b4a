"""The runs a submission is judged by: natural at every point, then forced, then those that show what was borrowed.

All natural runs come first: nothing has been revealed while the student's own values are taken. In a forced run a
value is handed over before its replacement is; only the first hand-over of a quantity counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.exercise.types import Exercise
from grader.judge.align import Alignment, Scene, align, answer_end, narrowed
from grader.judge.borrowing import Trials, borrowed
from grader.judge.compare import Measure, compare, largest, measure
from grader.judge.naming import Names, meanings
from grader.judge.teacher import Teacher, values_at
from grader.model import Observed, Value
from grader.reference.types import Reference
from grader.runner.session import Session
from grader.runner.spelling import input_of
from grader.runner.types import Key, Order, Sites, Trace


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was observed. `commits[k][q]` is what the student's code gave for quantity q at point k with
    every earlier quantity right; `borrowed` are the quantities that were taken from a differentiator, with the reason
    that says from which. `decisions` say which bindings give inputs their starting values."""

    scene: Scene
    alignment: Alignment
    forced: tuple[Trace, ...]
    commits: tuple[Mapping[str, Observed], ...]
    borrowed: Mapping[str, str]
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
    taken: Mapping[str, str] = {}
    if exercise.policy.by_hand:
        taken = borrowed(Trials(session, scene, alignment, decisions), tuple(forced), tuple(commits))
    return Evidence(scene, alignment, tuple(forced), tuple(commits), taken, decisions)


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
            commits.append(values_at(alignment, k))
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
    if first.ended != "finished" and not first.events:
        # Ended before it bound anything: at other numbers it would be no different, and take as long each time.
        return (first,) * len(reference.points), decisions
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
