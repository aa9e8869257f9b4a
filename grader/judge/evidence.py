"""Make the runs a submission is judged by: natural at every point, then forced, then those that detect borrowed steps.

All natural runs come first: no right value has been revealed while the student's own values are taken. In a forced run
a value is handed over before its replacement is revealed; only the first hand-over of a quantity counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.exercise.types import Exercise
from grader.instrument.name_matching import input_of
from grader.instrument.site import Position
from grader.judge.borrowed.borrowing import PerturbedRuns, borrowed
from grader.judge.matching.align import align, answer_end
from grader.judge.matching.compare import Measure, compare, largest, measure
from grader.judge.matching.containers import with_doubted_names
from grader.judge.matching.layout import as_kept, squares_turned
from grader.judge.matching.literal_inputs import (
    LITERAL_TOLERANCE,
    literal_inputs,
    may_stand_for_given,
    unbound,
    without_typed,
)
from grader.judge.matching.naming import Names, input_given, meanings
from grader.judge.matching.precision import with_precision
from grader.judge.matching.types import Alignment, Guarded, Scene, Statement
from grader.judge.runs.dropped_axes import with_whole_shapes
from grader.judge.runs.forced import Commits, ForcedRuns
from grader.judge.runs.guarded import BLANK, guarded_in, raised_for_want_of, reached_by, stopped_in, unknown
from grader.judge.runs.readings import chosen
from grader.model import Value
from grader.reference.points import Reference
from grader.runner.session import Session
from grader.runner.types import CUT_SHORT, Key, Order, Sites, Trace
from grader.submission.plain import is_plain, may_last
from grader.submission.text_search import within_reach


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything observed about one submission."""

    scene: Scene
    """The exercise, its right values, and the natural runs."""
    alignment: Alignment
    """Which bindings are which quantity, in the reading that counts."""
    forced: tuple[Trace, ...]
    """The forced run at each point."""
    commits: Commits
    """`commits[k][q]`: what the student's code gave for quantity q at point k with every earlier quantity right."""
    borrowed: Mapping[str, str]
    """The quantities taken from a differentiator or from function values, each with the reason of its verdict."""
    decisions: Mapping[Key, str]
    """The bindings that give inputs their starting values, each with the input."""
    misshapen: frozenset[str] = frozenset()
    """The quantities whose numbers are right and whose shape makes a later one wrong; their forced runs went on with
    the full shape."""
    unbound: frozenset[str] = frozenset()
    """The inputs that no name of the submission stands for; wherever the submission uses them, it gave the same at
    every point."""
    cancelled: frozenset[str] = frozenset()
    """The steps that are 0, or right, only because terms cancel."""
    differs_when_forced: frozenset[str] = frozenset()
    """The steps whose value differs in a run that looks like a forced one; no repair shows that they share a
    mistake."""
    end: Statement | None = None
    """The statement that ends the answer, where it is known."""
    again: Statement | None = None
    """The statement to which runs go on, where a later cell derives wrong steps anew."""
    until: Statement | None = None
    """The statement at which further runs with right values end; None: at the end of the code."""


def observe(
    session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites, watched: bool = True
) -> Evidence:
    """Make all runs of one submission. If `watched`, forced runs report every binding, to help explain mistakes."""
    naturals, decisions, later = _natural_runs(session, exercise, reference, names, sites)
    scene = _scene(exercise, reference, names, sites, naturals)
    if (turned := squares_turned(scene)) is not None:
        again, decided, until_then = _natural_runs(session, exercise, turned, names, sites)
        other = _scene(exercise, turned, names, sites, again)
        if _right_in(other) > _right_in(scene):
            naturals, decisions, later, scene, reference = again, decided, until_then, other, turned
    end = later or answer_end(exercise, names, sites, scene.traces[0])
    scene = _with_guarded(session, scene, decisions, later)
    # After an error, later quantities may be bound only once right values are fed in: do not end these runs early.
    raised = bool(scene.raised) or any(trace.raised for trace in scene.traces)
    until = later or (None if raised else end)
    runs = ForcedRuns(session, scene, decisions, until, watched)
    forced = with_whole_shapes(runs, chosen(runs, align(scene)))
    taken: Mapping[str, str] = {}
    cancelled = frozenset[str]()
    if exercise.policy.by_hand:
        # Values kept from earlier runs would hide what a step is taken from.
        reached = bool(within_reach(session.sources)) or any(trace.used for trace in (*naturals, *forced.traces))
        if reached and session.left_out and not is_plain(session.sources):
            session.renew()
        # In the other isolation modes there is no file that the submission could write.
        anew = session.isolation == "process" and exercise.probe_points > 0 and may_last(session.sources)
        perturbed = PerturbedRuns(session, scene, forced.alignment, decisions, end, later, anew)
        taken = borrowed(perturbed, forced.traces, forced.commits)
        if reference.disturbances:
            from grader.judge.borrowed.cancelled import Cancelled  # imported here: few exercises have such steps

            cancelled = Cancelled(perturbed, forced.commits).not_derived(but=taken)
    nameless = unbound(scene, forced.alignment, decisions)
    return Evidence(
        scene,
        forced.alignment,
        forced.traces,
        forced.commits,
        taken,
        decisions,
        forced.whole,
        nameless,
        cancelled,
        forced.differs_when_forced,
        end,
        later,
        until,
    )


def _with_guarded(session: Session, scene: Scene, decisions: Mapping[Key, str], until: Statement | None) -> Scene:
    """The scene with what is bound after statements in functions and loops that raised: as far as the natural runs
    get with values in their place that are no numbers, and with blanks in the place of locals."""
    return _gone_on(session, scene, decisions, until, stopped_in) or _gone_on(session, scene, decisions, until) or scene


def _gone_on(
    session: Session,
    scene: Scene,
    decisions: Mapping[Key, str],
    until: Statement | None,
    locals_in: Callable[[Scene, Sequence[str]], tuple[Guarded, ...]] = lambda *_: (),
) -> Scene | None:
    """The scene with what is bound after what raised; `locals_in` says which locals are blanks there. None if the runs
    do not get further for these."""
    guarded, stopped = dict[str, Guarded](), tuple[Guarded, ...]()
    while True:
        new, lost = guarded_in(scene, session.sources), locals_in(scene, session.sources)
        if not new and not lost:
            return _unless_blanks_are_read(session, scene)
        guarded, stopped = guarded | new, stopped + lost
        filled = unknown(guarded, stopped, scene.reference.values[0])
        session.guard(_statements((*guarded.values(), *stopped)), filled)
        points = scene.reference.points
        traces = tuple(session.run(Order(point.inputs, decisions, until=until)) for point in points)
        reached = reached_by(traces[0]) >= {one.site.number for one in new.values()}
        # A value of another size than was meant would raise in the lines after it.
        fits = all(one.continues for one in new.values()) or not raised_for_want_of(
            traces[0].raised, [one.site for one in (*guarded.values(), *stopped)], scene.sites
        )
        if not reached or not fits or traces[0].ended in CUT_SHORT:
            session.guard(frozenset() if stopped else _statements(guarded.values()), {})
            return None if stopped else replace(scene, guarded=guarded)
        again = _scene(scene.exercise, scene.reference, scene.names, scene.sites, traces)
        scene = replace(again, guarded=guarded, stopped=stopped)


def _statements(guarded: Iterable[Guarded]) -> frozenset[tuple[int, Position]]:
    return frozenset((one.site.cell, one.site.statement) for one in guarded)


def _unless_blanks_are_read(session: Session, scene: Scene) -> Scene | None:
    """The scene, if nothing is left that raised for want of a local in whose place a blank stands."""
    if not scene.stopped or not any(BLANK in one.error for one in scene.traces[0].raised):
        return scene
    session.guard(frozenset(), {})
    return None


def glimpse(session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites) -> Evidence:
    """Make the runs of the first reading only, without other readings and without the runs for borrowed steps: for
    trying many changes of a submission. Nothing is decided by them."""
    naturals, decisions, later = _natural_runs(session, exercise, reference, names, sites)
    scene = _scene(exercise, reference, names, sites, naturals)
    forced = ForcedRuns(session, scene, decisions, later, False).of(align(scene))
    return Evidence(scene, forced.alignment, forced.traces, forced.commits, {}, decisions)


def rightness(
    session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites
) -> tuple[int, int]:
    """How many of the steps, and of the forward quantities, are right in natural runs, which reveal nothing."""
    naturals, *_ = _natural_runs(session, exercise, reference, names, sites)
    scene = _scene(exercise, reference, names, sites, naturals)
    found = align(scene).matches
    right = {name for name, match in found.items() if scene.right(match.quantity, match.values())}
    return (
        sum(step.name in right for step in exercise.steps),
        sum(step.name in right for step in exercise.forward_steps),
    )


def _right_in(scene: Scene) -> int:
    """How many quantities are right in natural runs."""
    return sum(scene.right(match.quantity, match.values()) for match in align(scene).matches.values())


def _natural_runs(
    session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites
) -> tuple[tuple[Trace, ...], dict[Key, str], Statement | None]:
    """Return the natural trace per point, which bindings give the inputs their starting values, and the statement up to
    which all runs go, where a later cell derives wrong steps anew."""
    given = reference.points[0].inputs
    first = session.run(Order(given))
    everything, first = first.events, without_typed(first, sites)
    decisions = _decisions(first, sites, names)
    unnamed = _unnamed_inputs(exercise, given, first, sites, names, set(decisions.values()))
    decisions = {**decisions, **unnamed}

    def at_given(trace: Trace) -> Scene:
        return _scene(exercise, reference, names, sites, (trace,))

    cut = _without_slow_setup(session, at_given, first, decisions) if first.slow else None
    if cut is not None:
        first = cut
    elif unnamed:
        first = session.run(Order(given, decisions))
    if first.ended != "finished" and not first.events:
        # It ended before it bound anything; other numbers would not change that, and each run would take as long.
        return (first,) * len(reference.points), decisions, None
    until, later = answer_end(exercise, names, sites, first), _last_attempt(at_given, first, sites, names)
    if later is not None:
        whole = session.run(Order(given, decisions, until=later))
        if whole.ended not in CUT_SHORT and _right_in(at_given(whole)) > _right_in(at_given(first)):
            first, until = whole, later
        else:
            later = None
    if first.ended in CUT_SHORT and not _any_quantity(first, sites, names):
        # It would be cut short at every point, with nothing to judge at any: one run is enough.
        return (first,) * len(reference.points), decisions, None
    points = [point.inputs for point in reference.points]
    second = [session.run(Order(inputs, decisions, until=until)) for inputs in points[1:2]]
    if second and may_stand_for_given(given, everything, sites, decisions):
        scene = _scene(exercise, reference, names, sites, (first, *second))
        added = literal_inputs(
            scene, everything, decisions, lambda point, all_: session.run(Order(points[point], all_, until=until))
        )
        if added is not None:
            decisions = {**decisions, **added}
            return tuple(session.run(Order(inputs, decisions, until=until)) for inputs in points), decisions, later
    return (
        (first, *second, *(session.run(Order(inputs, decisions, until=until)) for inputs in points[2:])),
        decisions,
        later,
    )


def _last_attempt(at_given: Callable[[Trace], Scene], trace: Trace, sites: Sites, names: Names) -> Statement | None:
    """The statement that is the last to bind a step that is wrong so far, in a cell that was not run since all steps
    were bound before; None if there is none."""
    reached = max((sites[event.site].cell for event in trace.events if not sites[event.site].scope), default=0)
    later = [site for site in sites.all if site.cell > reached and site.kind == "assign"]
    again = {
        meant.quantity: (site.cell, site.top)
        for site in later
        if not site.scope and not site.in_loop
        for name in site.names
        if (meant := names.means(name)) is not None
    }
    if not again:
        return None
    scene = at_given(trace)
    found = align(scene).matches
    right = {name for name, match in found.items() if scene.right(match.quantity, match.values())}
    wrong = [step.name for step in scene.exercise.steps if step.name not in right]
    return max((again[name] for name in wrong if name in again), default=None)


def _scene(exercise: Exercise, reference: Reference, names: Names, sites: Sites, traces: tuple[Trace, ...]) -> Scene:
    """The scene at the first points, as many as there are traces."""
    seen = replace(reference, points=reference.points[: len(traces)], values=reference.values[: len(traces)])
    sizes = tuple(largest(list(values.values())) for values in seen.values)
    scene = Scene(exercise, seen, names, sites, _measures(exercise, sizes), traces, sizes)
    return with_doubted_names(with_precision(as_kept(scene)))


def _without_slow_setup(
    session: Session, at_given: Callable[[Trace], Scene], whole: Trace, decisions: Mapping[Key, str]
) -> Trace | None:
    """Run at the given point without the slow set-up. If nothing is lost, return that trace; later runs then skip the
    set-up too. None if every run has to execute everything. `whole` is the trace with the set-up, `at_given` makes the
    scene of a trace."""
    from grader.judge.runs.skipped_setup import awaited, dispensable, shows_the_same, unchanged

    scene = at_given(whole)
    sites, found = scene.sites, align(scene)
    wanted = awaited(scene, found)
    out = dispensable(session.sources, scene.exercise.answer is not None, sites, whole, wanted, decisions)
    if not out:
        return None
    session.leave_out(out)
    cut = session.run(Order(scene.reference.points[0].inputs, decisions))
    same = unchanged(whole, cut, sites, out, decisions, found.stops(0))
    if same and shows_the_same(found, align(at_given(cut))):
        return cut
    session.leave_out(frozenset())
    return None


def _any_quantity(trace: Trace, sites: Sites, names: Names) -> bool:
    """Whether any binding has a name of the exercise's, or a value by which it can be matched."""
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
        name = input_given(names, event, site)
        if name is not None:
            found[event.place] = name
    return found


def _unnamed_inputs(
    exercise: Exercise, given: Mapping[str, Value], trace: Trace, sites: Sites, names: Names, bound: set[str]
) -> dict[Key, str]:
    """The inputs under the student's own names: the first top-level number typed in that equals the given one.

    Only for inputs that are bound under no name we know."""
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
            if compare(event.value, given[one.name], LITERAL_TOLERANCE).right:
                found[event.place] = one.name
                break
    return found


def _measures(exercise: Exercise, sizes: tuple[float, ...]) -> tuple[Measure, ...]:
    """The measures of a submission in float64."""
    policy = exercise.policy
    return tuple(measure(policy.tolerance, policy.shapes == "strict", size, frozenset()) for size in sizes)
