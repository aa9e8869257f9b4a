"""The runs a submission is judged by: natural at every point, then forced, then those that show what was borrowed.

All natural runs come first: nothing has been revealed while the student's own values are taken. In a forced run a
value is handed over before its replacement is; only the first hand-over of a quantity counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.exercise.types import Exercise
from grader.judge.align import Alignment, Scene, align, answer_end, narrowed
from grader.judge.borrowing import Trials, borrowed
from grader.judge.compare import Measure, compare, largest, measure
from grader.judge.cut import dispensable, unchanged
from grader.judge.misshapen import misshapen
from grader.judge.naming import Names, meanings
from grader.judge.precision import with_precision
from grader.judge.readings import chosen, unbound, without_typed
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
    that says from which. `decisions` say which bindings give inputs their starting values. `misshapen` are quantities
    whose numbers are right and whose shape makes a later one wrong: their forced runs went on with the whole shape.
    `unbound` are the inputs that no name of the submission stands for: it gave the same at every point, wherever it
    uses them."""

    scene: Scene
    alignment: Alignment
    forced: tuple[Trace, ...]
    commits: tuple[Mapping[str, Observed], ...]
    borrowed: Mapping[str, str]
    decisions: Mapping[Key, str]
    misshapen: frozenset[str] = frozenset()
    unbound: frozenset[str] = frozenset()


def observe(
    session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites, watched: bool = True
) -> Evidence:
    """Makes all runs of one submission. `watched` forced runs report every binding, by which mistakes are explained."""
    naturals, decisions = _natural_runs(session, exercise, reference, names, sites)
    scene = _scene(exercise, reference, names, sites, naturals)
    alignment = align(scene)
    forced, commits = _forced_runs(session, scene, alignment, decisions, watched)
    mistakes = _mistakes(scene, alignment, commits)
    if mistakes > 1 and (narrower := narrowed(scene, alignment)) != alignment:
        # Which of two readings is meant shows in what it makes of the rest: the one with fewer mistakes is it.
        other = _forced_runs(session, scene, narrower, decisions, watched)
        if _mistakes(scene, narrower, other[1]) < mistakes:
            other = _anew(session, scene, narrower, decisions, watched)
            if _mistakes(scene, narrower, other[1]) < mistakes:
                alignment, (forced, commits) = narrower, other
    lost_axes, found = misshapen(
        scene,
        alignment,
        (forced, commits),
        lambda whole: _forced_runs(session, scene, alignment, decisions, watched, whole),
    )
    if lost_axes:
        again = _anew(session, scene, alignment, decisions, watched, lost_axes)
        if _mistakes(scene, alignment, again[1]) <= _mistakes(scene, alignment, found[1]):
            forced, commits = again
        else:
            lost_axes = frozenset()
    taken: Mapping[str, str] = {}
    if exercise.policy.by_hand:
        taken = borrowed(Trials(session, scene, alignment, decisions), tuple(forced), tuple(commits))
    nameless = unbound(exercise, session.sources, names, decisions)
    return Evidence(scene, alignment, tuple(forced), tuple(commits), taken, decisions, lost_axes, nameless)


def _forced_runs(
    session: Session,
    scene: Scene,
    alignment: Alignment,
    decisions: Mapping[Key, str],
    watched: bool,
    whole: frozenset[str] = frozenset(),
) -> tuple[list[Trace], list[Mapping[str, Observed]]]:
    """For each point the forced run, and what was handed over in it; the quantities `whole` go on in their right
    shape, also where their own passes as right."""
    forced: list[Trace] = []
    commits: list[Mapping[str, Observed]] = []
    for k, point in enumerate(scene.reference.points):
        teacher = Teacher(scene, alignment, k, whole=whole)
        if teacher.has_nothing_to_say():
            forced.append(scene.traces[k])
            commits.append(values_at(alignment, k))
            continue
        order = Order(point.inputs, decisions, teacher.stops, teacher.reshaped, observe=watched)
        forced.append(session.run(order, teacher.decide))
        commits.append(teacher.commits)
    return forced, commits


def _anew(
    session: Session,
    scene: Scene,
    alignment: Alignment,
    decisions: Mapping[Key, str],
    watched: bool,
    whole: frozenset[str] = frozenset(),
) -> tuple[list[Trace], list[Mapping[str, Observed]]]:
    """Forced runs that are to count, after others in which right values were shown: by a process that has seen none of
    them, and cannot answer from memory."""
    session.renew()
    return _forced_runs(session, scene, alignment, decisions, watched, whole)


def _mistakes(scene: Scene, alignment: Alignment, commits: Sequence[Mapping[str, Observed]]) -> int:
    """How many quantities are wrong with everything before them right. One that is right as the code stands counts
    more than all others: what was put in has spoilt it."""
    found = 0
    for name, match in alignment.matches.items():
        handed = [at.get(name) for at in commits]
        if any(value is None for value in handed):
            continue
        if not all(
            value is not None and compare(value, scene.reference.values[k][name], scene.measure(k, name)).right
            for k, value in enumerate(handed)
        ):
            found += len(alignment.matches) if scene.right(name, match.values()) else 1
    return found


def _natural_runs(
    session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites
) -> tuple[tuple[Trace, ...], dict[Key, str]]:
    """A trace per point, and which bindings give the inputs their starting values."""
    given = reference.points[0].inputs
    first = session.run(Order(given))
    everything, first = first.events, without_typed(first, sites)
    decisions = _decisions(first, sites, names)
    unnamed = _unnamed_inputs(exercise, given, first, sites, names, set(decisions.values()))
    decisions = {**decisions, **unnamed}
    cut = _without_slow_setup(session, exercise, reference, names, sites, first, decisions) if first.slow else None
    if cut is not None:
        first = cut
    elif unnamed:
        first = session.run(Order(given, decisions))
    if first.ended != "finished" and not first.events:
        # Ended before it bound anything: at other numbers it would be no different, and take as long each time.
        return (first,) * len(reference.points), decisions
    until = answer_end(exercise, names, sites, first)
    if first.ended in _CUT_SHORT and not _any_quantity(first, sites, names):
        # It would be cut short at every point, and there is nothing to be judged at any: once is enough.
        return (first,) * len(reference.points), decisions
    points = [point.inputs for point in reference.points]
    second = [session.run(Order(inputs, decisions, until=until)) for inputs in points[1:2]]
    if second:
        scene = _scene(exercise, reference, names, sites, (first, *second))
        added = chosen(scene, everything, decisions, lambda all_: session.run(Order(points[1], all_, until=until)))
        if added is not None:
            decisions = {**decisions, **added}
            return tuple(session.run(Order(inputs, decisions, until=until)) for inputs in points), decisions
    return (first, *second, *(session.run(Order(inputs, decisions, until=until)) for inputs in points[2:])), decisions


def _scene(exercise: Exercise, reference: Reference, names: Names, sites: Sites, traces: tuple[Trace, ...]) -> Scene:
    """What there is to see at the first points, as many as there are traces."""
    seen = replace(reference, points=reference.points[: len(traces)], values=reference.values[: len(traces)])
    sizes = tuple(largest(list(values.values())) for values in seen.values)
    return with_precision(Scene(exercise, seen, names, sites, _measures(exercise, sizes), traces, sizes))


def _without_slow_setup(
    session: Session,
    exercise: Exercise,
    reference: Reference,
    names: Names,
    sites: Sites,
    whole: Trace,
    decisions: Mapping[Key, str],
) -> Trace | None:
    """A run at the given point without the slow set-up, once it is known that nothing is lost by it: the runs that
    follow go without it too. None where everything has to be run every time."""
    scene = _scene(exercise, reference, names, sites, (whole,))
    counted = align(scene).stops(0)
    out = dispensable(session.sources, exercise.answer is not None, sites, whole, counted, decisions)
    if not out:
        return None
    session.leave_out(out)
    cut = session.run(Order(reference.points[0].inputs, decisions))
    if unchanged(whole, cut, sites, out, decisions):
        return cut
    session.leave_out(frozenset())
    return None


_CUT_SHORT = ("timeout", "killed", "output", "protocol")


def _any_quantity(trace: Trace, sites: Sites, names: Names) -> bool:
    """Whether anything was bound that has a name of the exercise's, or a value to be found by."""
    return any(
        event.role == "own" and (isinstance(event.value, Value) or meanings(names, event, sites[event.site]))
        for event in trace.events
    )


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


def _measures(exercise: Exercise, sizes: tuple[float, ...]) -> tuple[Measure, ...]:
    """Those of a submission in float64."""
    policy = exercise.policy
    return tuple(measure(policy.tolerance, policy.shapes == "strict", size, frozenset()) for size in sizes)
