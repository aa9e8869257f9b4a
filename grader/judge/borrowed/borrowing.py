"""Find steps taken from a differentiator: those that move when it is perturbed, however the code spells it.

A library's derivatives are scaled, one library at a time. A difference quotient is detected by noise: it moves by that
noise divided by its step, which no sound derivation does. Since a derivation may still lose digits at some numbers, a
step has to move so at every point, and must not under smooth noise (`runner.child.noise`). Steps made in float32 are
tested with noise that float32 can show.

Each step is tested twice: with every step before it right (a step that is fed by a borrowed one is not borrowed
itself), and at its own last binding in the natural run (an earlier value that was only compared with the step is not
the step).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from grader.instrument.site import Site
from grader.judge.borrowed.around_known_values import around_known
from grader.judge.borrowed.difference_quotients import all_perturbed, copies, copies_in, is_same, quotients, unbound
from grader.judge.borrowed.evaluations import all_sloped, evaluated
from grader.judge.borrowed.solved_back import solved_back
from grader.judge.matching.compare import compare, distance, largest
from grader.judge.matching.types import Alignment, Scene, Statement
from grader.judge.runs.teacher_forcing import Teacher
from grader.model import Observed, Value
from grader.reference.cache import values_at
from grader.reference.points import draw_points
from grader.runner import wire
from grader.runner.session import Decide, Session
from grader.runner.types import Event, Key, Order, SlopePerturbation, Trace
from grader.runner.wire import FORMULAS
from grader.submission.plain import is_plain
from grader.submission.shifted import End, Statements, statements_until
from grader.submission.text_search import computes_elsewhere, may_hide_processes, within_reach, words

SCALE = 1.375
"""Factor on each of a library's derivatives, at least, to see which steps depend on them."""

SMALL_SCALE = 1.0 + 3e-6
"""The same where a submission does not reach its steps with `SCALE`: comparisons with autograd still pass, and code
that rounds it away has no right value to begin with."""

LEAST_SCALE = 1.0 + 2.0**-36
"""The same where it does not reach its steps with `SMALL_SCALE` either. A step that depends on the library then
changes, if only in its last digits."""

NOT_SHOWN = "not_shown"
"""In place of a library: it could not be shown whether the step depends on one, as it was not bound in these runs."""

REASONS = {"torch": "autograd"}
"""A verdict's reason by the library that was scaled, where the reason is not the library's name."""


@dataclass(frozen=True, slots=True)
class NoiseLevel:
    """Results of `dtype` are perturbed by `size`, relatively: far above rounding, far below any step's error. A step
    within `exact` of autograd at every point was derived, and needs no further run."""

    dtype: str
    size: float
    exact: float


NEVER = -1.0
"""In place of `NoiseLevel.exact`: no step counts as exact."""

NOISES = (NoiseLevel("float64", 1e-12, exact=1e-13),)
NO_NOISE = NoiseLevel("float64", 0.0, exact=0.0)
COARSE_NOISES = (*NOISES, NoiseLevel("float64", 1e-8, exact=NEVER), NoiseLevel("float32", 2e-6, exact=3e-6))
"""Noises for quantities made in less than float64. The second shows where a difference quotient was rounded."""

MAX_ROUNDING_ERROR = 1e-11
"""A larger error of a step made in float64 comes from rounding it (`round(dw, 8)`), or from what hides as such."""

MOVE_SHARE = 1e-9
"""A step has not moved if it differs by less, relatively, where it was converted from another point."""

NOISE_PER_ROUNDING_ERROR = 0.25
"""Noise relative to such an error: rounding turns it into moves of some times the noise, far fewer than
`MIN_AMPLIFICATION`."""

SECOND_NOISE_FACTOR = 1e-3
"""Factor on that noise for a second one: under the first, a difference quotient with a tiny step moves by more than
`MAX_MOVE`."""

FLOAT32_ROUNDING = 3e-7
"""A few roundings of float32: a smaller move may come from rounding to the other side."""

MIN_AMPLIFICATION = 30.0
"""How many times the noise a difference quotient moves at least; with a step of 1e-3 it is some hundreds."""

MAX_MOVE = 1e-2
"""A larger move does not come from the noise: a comparison of values that are no longer equal went the other way."""

MIN_RATIO_TO_SMOOTH = 10.0
"""How many times more a difference quotient moves under noise than under smooth noise."""

IMAGINARY = re.compile(r"\d[jJ]\b")
COMPLEX = words("complex", "complex64", "complex128", "complex256", "imag", "cmath")
"""Text that may take a derivative by a complex step, which is as exact as a derived one."""

MIN_SIZE = 1e-2
"""Differences are relative to a value's largest entry, or to this share of the point's largest: a true 0 has no
size."""

Values = Mapping[str, Observed]


@dataclass(frozen=True, slots=True)
class PerturbedRuns:
    """Makes further runs of a submission that has been aligned.

    `end` is the top-level statement that ends the answer, where it is known; `again` is the one to which runs go on
    although all steps were bound before, as some of them are bound again.

    A submission that may have kept its values where they last (`submission.plain.may_last`) is run `anew`: each time at
    a new point, of which the code has seen nothing. Its quantities are converted to the point that was asked for: the
    right value there, plus their difference from the right value at the new point. Natural runs with other slopes that
    are compared with each other have one new point; no right value is fed in there.

    One that may have kept them in its process is run in a new process each time."""

    session: Session
    scene: Scene
    alignment: Alignment
    decisions: Mapping[Key, str]
    end: Statement | None
    again: Statement | None = None
    anew: bool = False
    drawn: dict[tuple[int, int], Scene] = field(default_factory=dict)
    """The scenes with a new point that several runs have, by the point and the seed of their slopes."""
    unfed: frozenset[str] = frozenset()
    """The steps that are right, and not bound where right values are fed in, as these break the code: they count by
    their natural values."""
    with_other_values: list[Order] = field(default_factory=list)
    """The runs made with noise or with other slopes."""

    def forced(
        self,
        point: int,
        scales: Mapping[str, float] | None = None,
        noise: NoiseLevel = NO_NOISE,
        exact: bool = False,
        unchecked: bool = False,
        perturbation: SlopePerturbation | None = None,
    ) -> Values:
        """Return each quantity's value with every earlier one right."""
        scene = self._scene(point, None)
        teacher = Teacher(scene, self.alignment, point, exact, differs_from_start=True)
        order = Order(
            scene.reference.points[point].inputs,
            self.decisions,
            teacher.stops,
            until=self.again,
            supplied=teacher.supplied,
            scales=scales or {},
            noise=noise.size,
            noise_dtype=noise.dtype,
            unchecked=unchecked,
            perturbation=None if perturbation is None else self._at(scene, point, perturbation),
        )
        self._run(order, teacher.decide)
        found = self._told(scene, point, teacher.commits)
        counted = self.unfed - found.keys()
        if self._is_compared(scales, perturbation):
            counted |= {name for name, value in found.items() if self._has_moved(point, name, value)}
        if not counted:
            return found
        natural = self.natural(point, scales, noise, unchecked=unchecked, perturbation=perturbation)
        return {**found, **{name: value for name, value in natural.items() if name in counted}}

    def again_at(self, scene: Scene | None, point: int) -> Values:
        """Return what each quantity's own last binding holds where nothing is perturbed, in a scene in which there were
        natural runs; and where there is none, what `forced` gives."""
        if scene is None:
            return self.forced(point)
        order = Order(scene.reference.points[point].inputs, self.decisions, until=self.end)
        return self._told(scene, point, self._bound_in(self._run(order), point))

    def _has_moved(self, point: int, name: str, value: Observed) -> bool:
        """Whether a step that is right by itself is not right any more, be it by little."""
        scene, match = self.scene, self.alignment.matches.get(name)
        right = scene.reference.values[point].get(name)
        if match is None or right is None or not isinstance(value, Value) or value.size != right.size:
            return False
        moved = distance(value, right)[0] > MOVE_SHARE * largest([right])
        return moved and scene.right(name, match.values())

    def _is_compared(self, scales: Mapping[str, float] | None, perturbation: SlopePerturbation | None) -> bool:
        """Whether a run is compared with others in which the slopes are other."""
        return self.anew and perturbation is not None and not scales and perturbation.scale > LEAST_SCALE - 1.0

    def natural(
        self,
        point: int,
        scales: Mapping[str, float] | None = None,
        noise: NoiseLevel = NO_NOISE,
        smooth: bool = False,
        unchecked: bool = False,
        perturbation: SlopePerturbation | None = None,
    ) -> Values:
        """Return what each quantity's own last binding held."""
        scene = self._scene(point, perturbation if self._is_compared(scales, perturbation) else None)
        order = Order(
            scene.reference.points[point].inputs,
            self.decisions,
            until=self.end,
            scales=scales or {},
            noise=noise.size,
            noise_dtype=noise.dtype,
            smooth=smooth,
            unchecked=unchecked,
            perturbation=None if perturbation is None else self._at(scene, point, perturbation),
        )
        values = self._told(scene, point, self._bound_in(self._run(order), point))
        # No right value is shown at a point that further runs have.
        shown = self._scene(point, None) if self._is_compared(scales, perturbation) else scene
        order = replace(order, inputs=shown.reference.points[point].inputs)
        return {**values, **self._told(shown, point, self._fed(shown, point, order))}

    def _bound_in(self, trace: Trace, point: int) -> dict[str, Observed]:
        """What each quantity's own last binding held in a natural run."""
        found, values = {event.place: event for event in trace.events}, dict[str, Observed]()
        for name, match in self.alignment.matches.items():
            own = match.events[point]
            event = None if own is None else found.get(own.place)
            if event is not None:
                values[name] = event.value if match.slot is None else match.slot.of(event).value
        return values

    def before(self, point: int) -> Values:
        """Return what `natural` gives where nothing is perturbed."""
        matches = self.alignment.matches.items()
        values = {name: event.value for name, match in matches if (event := match.value_at(point)) is not None}
        order = Order(self.scene.reference.points[point].inputs, self.decisions)
        return {**values, **self._fed(self.scene, point, order)}

    def fed(self, values: Mapping[str, Value], asked: Iterable[str]) -> Values:
        """Return each quantity's value at the last point when everything before it is right, except that these have
        other `values`. Earlier bindings of the steps `asked` are not replaced."""
        scene, asked = self.scene, frozenset(asked)
        reference = scene.reference
        other = replace(reference, values=(*reference.values[:-1], {**reference.values[-1], **values}))
        matches = {
            name: replace(match, origins=()) if name in asked else match
            for name, match in self.alignment.matches.items()
        }
        last = len(reference.points) - 1
        teacher = Teacher(replace(scene, reference=other), Alignment(matches), last, differs_from_start=True)
        order = Order(
            reference.points[-1].inputs,
            self.decisions,
            teacher.stops,
            until=self._last_of(asked),
            supplied=teacher.supplied,
        )
        self._run(order, teacher.decide)
        return teacher.commits

    def _last_of(self, names: Iterable[str]) -> Statement | None:
        """The top-level statement that binds the last of the quantities; None if a function or a loop binds one, or
        none is known to."""
        matches = self.alignment.matches
        events = [matches[name].events[-1] if name in matches else None for name in names]
        sites = [None if event is None else self.scene.sites[event.site] for event in events]
        if any(site is None or site.scope or site.in_loop for site in sites):
            return None
        return max(((site.cell, site.top) for site in sites if site is not None), default=None)

    def _run(self, order: Order, decide: Decide | None = None) -> Trace:
        if order.noise or order.perturbation is not None:
            self.with_other_values.append(order)
        # A new process would have to run slow set-up that is left out.
        if not self.session.left_out and not is_plain(self.session.sources):
            self.session.renew()
        return self.session.run(order, decide)

    def _scene(self, point: int, perturbation: SlopePerturbation | None) -> Scene:
        """The scene, with new numbers at a point if `anew`."""
        if not self.anew:
            return self.scene
        if perturbation is None:
            return self._with_new(point)
        if (point, perturbation.seed) not in self.drawn:
            self.drawn[point, perturbation.seed] = self._with_new(point)
        return self.drawn[point, perturbation.seed]

    def _at(self, scene: Scene, point: int, perturbation: SlopePerturbation) -> SlopePerturbation:
        """The slopes around the known values of the scene."""
        if scene is self.scene or not perturbation.known:
            return perturbation
        values = scene.reference.values[point]
        forward = (values[step.name] for step in scene.exercise.forward_steps if step.name in values)
        return replace(perturbation, known=(*scene.reference.points[point].inputs.values(), *forward))

    def _with_new(self, point: int) -> Scene:
        import secrets  # imported here: few submissions keep anything

        reference = self.scene.reference
        drawn = draw_points(self.scene.exercise, secrets.token_hex())[point]
        points, values = list(reference.points), list(reference.values)
        points[point], values[point] = drawn, values_at(self.scene.exercise, drawn)
        return replace(self.scene, reference=replace(reference, points=tuple(points), values=tuple(values)))

    def _told(self, scene: Scene, point: int, found: Values) -> Values:
        if scene is self.scene:
            return found
        here, there = self.scene.reference.values[point], scene.reference.values[point]
        return {name: _differing(value, there[name], here[name]) for name, value in found.items()}

    def _fed(self, scene: Scene, point: int, order: Order) -> Values:
        """`natural` for steps that are wrong in the natural run, and can only be carried.

        Such a step counts by its value where right values are fed in, so its own last binding is read in a forced run.
        Its origins are not replaced, or the step would be made from its right value."""
        asked, matches = self.scene.exercise.steps, self.alignment.matches
        wrong = {one.name: matches[one.name] for one in asked if one.name in matches}
        wrong = {name: match for name, match in wrong.items() if not self.scene.right(name, match.values())}
        teacher, found = Teacher(scene, self.alignment, point, differs_from_start=True), dict[str, Observed]()

        def decide(event: Event) -> Value | None:
            right, own = teacher.decide(event), True
            for name, slot in teacher.places.get(event.place, ()):
                last = wrong[name].events[point] if name in wrong else event
                if last is not None and last.place == event.place:
                    found[name] = (event if slot is None else slot.of(event)).value
                else:
                    own = False
            return right if own else None

        if wrong:
            stops, supplied = teacher.stops, teacher.supplied
            self._run(replace(order, stops=stops, supplied=supplied, until=self.again), decide)
        return {name: value for name, value in found.items() if name in wrong}


def _differing(value: Observed, right: Value, other: Value) -> Observed:
    """Convert `value` to the one that differs from `other` as `value` differs from `right`."""
    if not isinstance(value, Value) or not value.size == right.size == other.size:
        return value
    numbers = zip(other.numbers(), value.numbers(), right.numbers(), strict=True)
    return replace(value, data=Value.of([one + now - was for one, now, was in numbers], value.shape).data)


def borrowed(runs: PerturbedRuns, forced: Sequence[Trace], commits: Sequence[Values]) -> Mapping[str, str]:
    """Return, by name, the reason for each quantity that was taken from a differentiator."""
    runs, commits = _with_unfed(runs, commits)
    used = {library for trace in (*runs.scene.traces, *forced) for library in trace.used}
    within = within_reach(runs.session.sources)
    found: dict[str, str] = {}
    libraries = [library for library in wire.DIFFERENTIATORS if library in used | within]
    formulas = (FORMULAS,) if within else ()
    alone = [(one, *formulas) if one == "torch" else (one,) for one in libraries]
    # One value of several is chosen by the others: so all are scaled at once as well.
    together = [(*libraries, *formulas)] if len(libraries) > 1 else []
    for scaled in (*alone, *together):
        for name, reason in _scaled(runs, commits[-1], scaled).items():
            found[name] = reason if found.get(name, NOT_SHOWN) == NOT_SHOWN else found[name]
    # In the other isolation modes no process can be started.
    hides = runs.session.isolation == "process" and may_hide_processes(runs.session.sources)
    if hides or wire.PROCESSES in used or computes_elsewhere(runs.session.sources):
        found = {**dict.fromkeys(_scaled(runs, commits[-1], (wire.PROCESSES,)), NOT_SHOWN), **found}
    right = frozenset(step.name for step in runs.scene.exercise.steps if _is_right(runs.scene, commits, step.name))
    statements = _answer(runs)
    numerical = quotients(runs, statements, right - found.keys(), commits[-1])
    found.update(dict.fromkeys(numerical.unshown, NOT_SHOWN))
    unshown: set[str] = set()
    if libraries:
        either, hidden = _by_either(runs, (*libraries, *formulas), statements, right - found.keys(), commits[-1])
        unshown |= hidden
        found.update(dict.fromkeys(either, REASONS.get(libraries[0], libraries[0])))
    for name in evaluated(runs, statements, right - found.keys(), commits[-1], numerical.any_moved, unshown):
        found[name] = "numerical"
    around = around_known(runs, statements, right - found.keys() - numerical.taken, commits[-1], unshown)
    is_complex = _is_complex(runs.session.sources)
    for name in numerical.taken | around:
        found[name] = _how(runs.scene, commits, name, NOISES[0]) if is_complex else "numerical"
    errors = {name: _error(runs.scene, commits, name) for name in right}
    for noise in _noises(runs.scene):
        suspects = _suspects(runs, errors, noise) - found.keys()
        if suspects:
            taken = _numerical(runs, suspects, noise)
            found.update((name, _how(runs.scene, commits, name, noise)) for name in taken)
    found.update(dict.fromkeys(_rounded_off(runs, errors, right - found.keys()), "numerical"))
    if runs.with_other_values and not is_plain(runs.session.sources):
        unshown |= _not_the_same_again(runs, right - found.keys(), commits[-1])
    unshown |= _named_after(runs.alignment, runs.scene, right - found.keys(), unshown)
    found = {**dict.fromkeys(unshown, NOT_SHOWN), **found}
    return {**solved_back(runs, commits, found), **found}


def _named_after(alignment: Alignment, scene: Scene, steps: frozenset[str], unshown: set[str]) -> frozenset[str]:
    """The steps whose line only gives a further name to a step of which it is not shown where it comes from:
    `dy2_dwh = dw_h`."""

    def site_of(name: str) -> Site | None:
        event = alignment.matches[name].value_at(0) if name in alignment.matches else None
        return None if event is None else scene.sites[event.site]

    sites = {name: site for name in (*steps, *unshown) if (site := site_of(name)) is not None}
    found = frozenset(unshown)
    while True:
        names = {name for step in found if step in sites for name in sites[step].names}
        more = frozenset(
            name for name in steps - found if name in sites and sites[name].copy and sites[name].reads & names
        )
        if not more:
            return found - unshown
        found |= more


def _with_unfed(runs: PerturbedRuns, commits: Sequence[Values]) -> tuple[PerturbedRuns, Sequence[Values]]:
    """The runs, and the steps' values in forced runs, with the natural values of right steps that these did not
    bind."""
    scene, matches = runs.scene, runs.alignment.matches
    lost = {one.name for one in scene.exercise.steps if not all(one.name in at for at in commits)}
    unfed = frozenset(name for name in lost & matches.keys() if scene.right(name, matches[name].values()))
    if not unfed:
        return runs, commits
    natural = [
        {name: event.value for name in unfed if (event := matches[name].value_at(point)) is not None}
        for point in range(len(commits))
    ]
    completed = [{**own, **at} for own, at in zip(natural, commits, strict=True)]
    return replace(runs, unfed=unfed), completed


def _not_the_same_again(runs: PerturbedRuns, steps: frozenset[str], last: Values) -> frozenset[str]:
    """The steps that are other after all these runs, although nothing is perturbed: code that can tell that it was run
    before could have hidden in these runs where they come from."""
    point = len(runs.scene.reference.points) - 1
    again = [runs.again_at(scene, point) for scene in (*runs.drawn.values(), None) if steps]
    return frozenset(
        name
        for name in steps
        for after in again
        if not (isinstance(value := after.get(name), Value) and isinstance(was := last.get(name), Value))
        or not compare(value, was, runs.scene.measure(point, name)).right
    )


def differentiated_although_wrong(runs: PerturbedRuns, names: frozenset[str], last: Values) -> frozenset[str]:
    """Return those of the steps, which are wrong, that were differentiated from function values at other inputs. `last`
    holds their values at the last point."""
    statements = _answer(runs)
    numerical = quotients(runs, statements, names, last)
    return numerical.taken | evaluated(runs, statements, names - numerical.taken, last, numerical.any_moved, set())


def _answer(runs: PerturbedRuns) -> Statements:
    """The statements that belong to the answer. Of plain code of which the grader calls functions, those on which these
    calls can depend: a check of the functions is none."""
    sources, scene = runs.session.sources, runs.scene
    statements = statements_until(sources, _end_of_answer(runs))
    if scene.exercise.answer is None or not is_plain(sources):
        return statements
    from grader.submission.plain import reached

    events = (event for match in runs.alignment.matches.values() for event in match.events if event is not None)
    sites = (scene.sites[event.site] for event in events)
    cells = {len(sources) - 1, *(site.cell for site in sites if not site.scope)}
    return reached(statements, [one.tree for one in statements if one.cell in cells])


def _end_of_answer(runs: PerturbedRuns) -> End:
    """The cell and the line where the answer ends. What stands below it is not run before the last step is bound."""
    last = runs.end
    lines = [site.statement[2] for site in runs.scene.sites.all if (site.cell, site.top) == last]
    return (math.inf, 0.0) if last is None or not lines else (last[0], max(lines))


def _rounded_off(runs: PerturbedRuns, errors: Mapping[str, float], steps: frozenset[str]) -> frozenset[str]:
    """The difference quotients among the steps that were rounded afterwards: rounding hides noise smaller than its own
    error, but no larger one."""
    found = {name: errors[name] for name in steps if MAX_ROUNDING_ERROR < errors[name] < MAX_MOVE}
    rounded = {name: error for name, error in found.items() if not _is_coarse(runs.scene, name)}
    if not rounded:
        return frozenset()
    size = NOISE_PER_ROUNDING_ERROR * max(rounded.values())
    sizes = [one for one in (size, SECOND_NOISE_FACTOR * size) if one > MAX_ROUNDING_ERROR]
    names = frozenset(rounded)
    return frozenset[str]().union(*(_numerical(runs, names, NoiseLevel("float64", one, NEVER)) for one in sizes))


def _error(scene: Scene, commits: Sequence[Values], name: str) -> float:
    """The largest error of a step at any point, relative to its size."""
    points = zip(commits, scene.reference.values, _sizes(scene, name), strict=True)
    errors = (
        distance(value, at[name])[0] / size
        for given, at, size in points
        if isinstance(value := given.get(name), Value) and value.size == at[name].size and size
    )
    return max(errors, default=0.0)


def _scaled(runs: PerturbedRuns, unscaled: Values, libraries: Sequence[str]) -> dict[str, str]:
    """Return the quantities that differ at the last point when the libraries' derivatives are scaled, and the steps for
    which this could not be shown."""
    last, scales, reason = len(runs.scene.reference.points) - 1, dict.fromkeys(libraries, SCALE), libraries[0]

    def moved(before: Values, after: Values) -> frozenset[str]:
        return frozenset(
            name
            for name, value in after.items()
            if isinstance(was := before.get(name), Value)
            and not compare(value, was, runs.scene.measure(last, name)).right
        )

    after = runs.forced(last, scales)
    found = moved(unscaled, after)
    open_ = _unbound_steps(runs.scene, unscaled, after)
    if open_:
        after = runs.forced(last, dict.fromkeys(libraries, SMALL_SCALE), unchecked=True)
        moves = _moves(runs.scene, open_, last, unscaled, after)
        found |= frozenset(name for name, move in moves.items() if move > (SMALL_SCALE - 1.0) / 10)
        open_ -= moves.keys()
    if open_:
        after = runs.forced(last, dict.fromkeys(libraries, LEAST_SCALE), unchecked=True)
        open_ = frozenset(name for name in open_ if not is_same(unscaled.get(name), after.get(name)))
    if open_:
        least = runs.natural(last, dict.fromkeys(libraries, LEAST_SCALE), unchecked=True)
        open_ |= copies_in(runs.scene, runs.before(last), least, open_)
    if found:
        before, after = runs.before(last), runs.natural(last, scales)
        moves_too = moved(before, after)
        found -= (before.keys() & after.keys()) - moves_too - open_
        if lost := unbound(found - open_, before, after):
            # It may have ended at a comparison with the library, of a step that was derived.
            least = runs.natural(last, dict.fromkeys(libraries, LEAST_SCALE), unchecked=True)
            found -= frozenset(name for name in lost if is_same(before.get(name), least.get(name)))
        found |= copies(runs.scene, moves_too, found)
    return {**dict.fromkeys(open_, NOT_SHOWN), **dict.fromkeys(found, REASONS.get(reason, reason))}


def _by_either(
    runs: PerturbedRuns, libraries: Sequence[str], statements: Statements, steps: frozenset[str], unscaled: Values
) -> tuple[frozenset[str], frozenset[str]]:
    """The steps taken from a library or from function values, whichever is not perturbed: those that change when both
    are, and by themselves otherwise than when only the functions are. And those that are not bound then, unless they
    stay the same when both are hardly perturbed."""
    last, scales = len(runs.scene.reference.points) - 1, dict.fromkeys(libraries, SCALE)

    def differing(one: Values, other: Values) -> frozenset[str]:
        return frozenset(
            name
            for name in steps
            if isinstance(was := one.get(name), Value)
            and isinstance(now := other.get(name), Value)
            and not compare(now, was, runs.scene.measure(last, name)).right
        )

    found, hidden = frozenset[str](), frozenset[str]()
    for perturbation in (all_perturbed(runs, statements, steps), all_sloped(runs, statements, steps)):
        both = None if perturbation is None else runs.forced(last, scales, perturbation=perturbation)
        if both is not None and perturbation is not None and (lost := unbound(steps, unscaled, both)):
            hardly = runs.forced(
                last,
                dict.fromkeys(libraries, LEAST_SCALE),
                unchecked=True,
                perturbation=replace(perturbation, scale=LEAST_SCALE - 1.0),
            )
            hidden |= frozenset(name for name in lost if not is_same(unscaled.get(name), hardly.get(name)))
        if both is not None and differing(unscaled, both):
            own = differing(
                runs.natural(last, perturbation=perturbation), runs.natural(last, scales, perturbation=perturbation)
            )
            found |= own & differing(unscaled, both)
    return found, hidden


def _unbound_steps(scene: Scene, unscaled: Values, after: Values) -> frozenset[str]:
    """The steps that were right, but not bound in the run that was to show where they come from."""
    last = len(scene.reference.points) - 1
    return frozenset(
        step.name
        for step in scene.exercise.steps
        if isinstance(value := unscaled.get(step.name), Value)
        and not isinstance(after.get(step.name), Value)
        and compare(value, scene.reference.values[last][step.name], scene.measure(last, step.name)).right
    )


def _noises(scene: Scene) -> tuple[NoiseLevel, ...]:
    """The noises that can show something: of float32, and of float64 if there is any."""
    if not scene.particular:
        return NOISES
    events = (event for trace in scene.traces for event in trace.events)
    doubles = any(_is_double(event) and not scene.sites[event.site].literal for event in events)
    return COARSE_NOISES if doubles else COARSE_NOISES[-1:]


def _is_double(event: Event) -> bool:
    return isinstance(event.value, Value) and event.value.dtype in ("float64", "float")


@lru_cache(maxsize=2)
def _is_complex(sources: tuple[str, ...]) -> bool:
    """Whether a text may compute with complex numbers."""
    return COMPLEX.is_in_any(sources) or any(map(IMAGINARY.search, sources))


def _suspects(runs: PerturbedRuns, errors: Mapping[str, float], noise: NoiseLevel) -> frozenset[str]:
    """The steps that are right, but not to rounding; `errors` are those of all right ones."""
    exact = NEVER if _is_complex(runs.session.sources) else noise.exact
    return frozenset(
        name for name, error in errors.items() if error > exact and (noise in NOISES or _is_coarse(runs.scene, name))
    )


def _is_right(scene: Scene, commits: Sequence[Values], name: str) -> bool:
    """Whether a step is right at every point, with everything before it right."""
    return scene.is_right(name, [at.get(name) for at in commits])


def _is_exact(scene: Scene, commits: Sequence[Values], name: str, exact: float) -> bool:
    """Whether a value is within `exact` of autograd at every point."""
    return all(
        isinstance(value := given.get(name), Value)
        and value.size == at[name].size
        and distance(value, at[name])[0] <= exact * size
        for given, at, size in zip(commits, scene.reference.values, _sizes(scene, name), strict=True)
    )


def _how(scene: Scene, commits: Sequence[Values], name: str, noise: NoiseLevel) -> str:
    """The reason; `complex_step` for exact values, since a complex step takes no difference and loses no digits."""
    return "complex_step" if noise in NOISES and _is_exact(scene, commits, name, noise.exact) else "numerical"


def _is_coarse(scene: Scene, name: str) -> bool:
    """Whether a quantity is made in less than float64."""
    return bool(scene.particular) and scene.measures_of(name) != scene.finest


def _numerical(runs: PerturbedRuns, suspects: frozenset[str], noise: NoiseLevel) -> frozenset[str]:
    """Return those of the suspects that noise moves as it moves difference quotients."""
    scene, asked = runs.scene, suspects
    least = {name: max(MIN_AMPLIFICATION * noise.size, FLOAT32_ROUNDING * _is_coarse(scene, name)) for name in asked}
    last = len(scene.reference.points) - 1
    for point in reversed(range(last + 1)):
        if not suspects:
            return suspects
        still = runs.forced(point, exact=True)
        moves = _moves(scene, suspects, point, still, runs.forced(point, noise=noise, exact=True))
        suspects = frozenset(name for name, move in moves.items() if least[name] < move < MAX_MOVE)
    if not suspects:
        return suspects
    before = runs.before(last)
    rough = _moves(scene, asked, last, before, runs.natural(last, noise=noise))
    smooth = _moves(scene, asked, last, before, runs.natural(last, noise=noise, smooth=True))
    moved = frozenset(
        name
        for name in rough.keys() & smooth.keys()
        if rough[name] > max(least[name], MIN_RATIO_TO_SMOOTH * smooth[name])
    )
    return moved & suspects | copies(scene, moved, moved & suspects)


def _moves(scene: Scene, names: frozenset[str], point: int, before: Values, after: Values) -> dict[str, float]:
    """How far each moved, relative to its size. Those that are not bound in both runs are left out."""
    found = {}
    for name in names:
        was, now, size = before.get(name), after.get(name), _sizes(scene, name)[point]
        if isinstance(was, Value) and isinstance(now, Value) and was.size == now.size and size:
            found[name] = distance(now, was)[0] / size
    return found


def _sizes(scene: Scene, name: str) -> list[float]:
    """Per point, the size that differences of a quantity are relative to."""
    points = zip(scene.reference.values, scene.largest, strict=True)
    return [max(largest([at[name]]), MIN_SIZE * most) for at, most in points]
