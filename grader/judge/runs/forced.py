"""Make forced runs: the submission's own code with right values fed in, at every point, under one reading of it; and
check whether code does the same in a forced run as in a natural run: steps that depend on being forced earn nothing.

A nudged run stops where the forced run of its point stops, and its answers look alike; but a wrong derivative is
replaced by its own value, moved a little. For code that only computes, everything comes out as in the natural run,
moved about as little. A step that comes out differently was not made from what was fed in: its natural value is used
instead of the forced one.

No right value is fed in, so none is revealed. The nudged run is made before the forced run of a random point: neither
the number of runs before it nor the inputs tell the code which of the two it is in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.judge.matching.compare import compare, distance, largest, magnitude
from grader.judge.matching.types import Alignment, Scene, Statement
from grader.judge.runs.teacher_forcing import Teacher, lost, nothing_to_replace, values_at
from grader.model import Observed, Opaque, Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order, Trace
from grader.submission.plain import is_plain

NUDGE = 2.0**-17
"""By how much a value is moved, relatively: more than float32 rounding."""

MAX_MOVE = 1e-2
"""A difference above this, relative to a value's largest entry, makes it another value; below, it has only moved."""

MIN_SIZE = 1e-2
"""Differences are relative to at least this share of the point's largest right value."""


def nudged_point(scene: Scene, alignment: Alignment, sources: Sequence[str]) -> int | None:
    """Return the point before whose forced run a nudged run is made; None if no step is wrong, or if nothing in the
    code can tell one run from another."""
    matches = (alignment.matches.get(step.name) for step in scene.exercise.steps)
    if all(match is None or scene.right(match.quantity, match.values()) for match in matches):
        return None
    if is_plain(sources):
        return None
    import secrets

    points = len(scene.traces)
    return 1 + secrets.randbelow(points - 1) if points > 1 else 0


def differing_when_nudged(session: Session, order: Order, teacher: Teacher) -> frozenset[str]:
    """Return the steps that come out differently in a nudged run than in the natural one. `order` and `teacher` are
    those of the forced run that follows."""
    scene, point = teacher.scene, teacher.point
    nudging = _Nudging(teacher)
    ended = session.run(replace(order, supplied={}), nudging.decide).ended
    if ended == "timeout":
        return frozenset()
    # What raised in the natural run raises again, unless the code reacts to the run. What it left behind is no value of
    # its own.
    raised, right = lost(scene, teacher.alignment, point), scene.reference.values[point]
    before = {name: value for name, value in nudging.natural.items() if name not in raised}
    found = ((name, nudging.commits.get(name)) for name in raised)
    mended = {name for name, now in found if now and compare(now, right[name], scene.measure(point, name)).right}
    return _jumps(scene, point, before, nudging.commits) | mended


class _Nudging:
    """Answers a nudged run as `teacher` answers a forced one, except for the values put in."""

    def __init__(self, teacher: Teacher) -> None:
        self.natural = values_at(teacher.alignment, teacher.point)
        self.commits: dict[str, Observed] = {}
        self._teacher = teacher
        # Forward values are not moved: a comparison of two of them might come out differently.
        self._moving = frozenset(step.name for step in teacher.scene.exercise.steps)

    def decide(self, event: Event) -> Value | None:
        made: Value | None = None
        for name, slot in self._teacher.places.get(event.place, ()):
            own = (slot.of(event) if slot else event).value
            self.commits.setdefault(name, own)
            new = self._instead(name, own)
            if new is not None and slot is None and isinstance(event.value, Opaque):
                made = new
            elif new is not None and isinstance(event.value, Value):
                made = new if slot is None else slot.put(made or event.value, new)
        return made

    def _instead(self, name: str, own: Observed) -> Value | None:
        """The natural value of a wrong quantity, moved; also where the quantity differs from run to run."""
        scene, point, was = self._teacher.scene, self._teacher.point, self.natural.get(name)
        if name in scene.guarded and isinstance(own, Opaque) and isinstance(was, Value):
            return was  # its statement raised again
        if not isinstance(was, Value) or not isinstance(own, Value) or was.shape != own.shape:
            return None
        if compare(was, scene.reference.values[point][name], scene.measure(point, name)).right:
            return None
        if name not in self._moving:
            return None if was.data == own.data else was
        floor = MIN_SIZE * scene.largest[point]
        return Value.of([number + NUDGE * (number or floor) for number in was.numbers()], was.shape)


def _jumps(scene: Scene, point: int, before: Mapping[str, Observed], after: Mapping[str, Observed]) -> frozenset[str]:
    """The wrong steps that are not what they were in the natural run."""
    right, floor = scene.reference.values[point], MIN_SIZE * scene.largest[point]
    return frozenset(
        step.name
        for step in scene.exercise.steps
        if (was := before.get(step.name)) is not None
        and not compare(was, right[step.name], scene.measure(point, step.name)).right
        and _is_another(was, after.get(step.name), floor)
    )


def _is_another(was: Observed, now: Observed | None, floor: float) -> bool:
    if isinstance(was, Opaque) or not isinstance(now, Value):
        return type(was) is not type(now)
    if was.size != now.size or not was.size:
        return was.size != now.size
    size = magnitude(was)
    if size == float("inf"):  # an entry is not finite
        return magnitude(now) != size
    return distance(now, was)[0] > MAX_MOVE * max(largest([was]), floor)


Commits = tuple[Mapping[str, Observed], ...]
"""Per point, the value of each quantity with everything before it right."""


@dataclass(frozen=True, slots=True)
class Forced:
    """The forced runs of one reading. The quantities in `whole` went on in their right shape, even where the student's
    shape passes as right. The steps `differs_when_forced` have another value in a run that looks like a forced one."""

    alignment: Alignment
    traces: tuple[Trace, ...]
    commits: Commits
    whole: frozenset[str] = frozenset()
    differs_when_forced: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ForcedRuns:
    """Makes forced runs. If `watched`, they report every binding, which helps to explain mistakes; they end with the
    statement `until`, where that is known."""

    session: Session
    scene: Scene
    decisions: Mapping[Key, str]
    until: Statement | None
    watched: bool

    def of(self, alignment: Alignment, whole: frozenset[str] = frozenset()) -> Forced:
        """Make the forced runs of a reading."""
        made = [self._at(k, alignment, whole) for k in range(len(self.scene.traces))]
        return Forced(alignment, tuple(one for one, _ in made), tuple(one for _, one in made), whole)

    def counted(self, alignment: Alignment, whole: frozenset[str] = frozenset()) -> Forced:
        """Make the forced runs of a reading that may count: a step that behaves differently because a run is forced
        gets its value from the natural run."""
        points = range(len(self.scene.traces))
        if not whole and all(nothing_to_replace(self.scene, alignment, k) for k in points):
            return Forced(alignment, self.scene.traces, tuple(values_at(alignment, k) for k in points), whole)
        point = nudged_point(self.scene, alignment, self.session.sources)
        if point is None:
            return self.of(alignment, whole)
        teacher = Teacher(self.scene, alignment, point, whole=whole)
        made = [self._at(k, alignment, whole) for k in range(point)]
        differs_when_forced = differing_when_nudged(self.session, self._order(teacher), teacher)
        made += [self._at(k, alignment, whole) for k in range(point, len(self.scene.traces))]
        commits = [
            {name: value for name, value in one.items() if name not in differs_when_forced}
            | {name: value for name, value in values_at(alignment, k).items() if name in differs_when_forced}
            for k, (_, one) in enumerate(made)
        ]
        return Forced(alignment, tuple(one for one, _ in made), tuple(commits), whole, differs_when_forced)

    def _at(self, point: int, alignment: Alignment, whole: frozenset[str]) -> tuple[Trace, Mapping[str, Observed]]:
        if not whole and nothing_to_replace(self.scene, alignment, point):
            return self.scene.traces[point], values_at(alignment, point)
        teacher = Teacher(self.scene, alignment, point, whole=whole)
        trace = self.session.run(self._order(teacher), teacher.decide)
        return trace, teacher.commits

    def anew(self, alignment: Alignment, whole: frozenset[str] = frozenset()) -> Forced:
        """Make forced runs that count, after others in which right values were revealed: in a new process that has seen
        none of them, and cannot answer from memory."""
        self.session.renew()
        return self.counted(alignment, whole)

    def observed(self) -> list[tuple[Event, ...]]:
        """All that the natural run at each point binds, also what functions are called with."""
        points = self.scene.reference.points[: len(self.scene.traces)]
        orders = (Order(point.inputs, self.decisions, until=self.until, observe=True) for point in points)
        return [self.session.run(order).events for order in orders]

    def _order(self, teacher: Teacher) -> Order:
        return Order(
            self.scene.reference.points[teacher.point].inputs,
            self.decisions,
            teacher.stops,
            teacher.reshaped,
            teacher.supplied,
            self.until,
            observe=self.watched,
        )


@dataclass(frozen=True, slots=True, order=True)
class Faults:
    """How much a reading leaves wrong; the reading with the least is chosen.

    `spoilt`: quantities that were right, or bound, until right values were fed in under this reading. `steps`:
    asked-for steps that are wrong with everything before them right. `forward`: forward quantities that are so."""

    spoilt: int
    steps: int
    forward: int

    @property
    def any(self) -> bool:
        return bool(self.spoilt or self.steps or self.forward)


def faults(scene: Scene, forced: Forced) -> Faults:
    """Count what the forced runs of a reading have shown to be wrong."""
    spoilt = steps = forward = 0
    asked = {step.name for step in scene.exercise.steps}
    for name, match in forced.alignment.matches.items():
        values = [at.get(name) for at in forced.commits]
        if scene.is_right(name, values):
            continue
        unreached = any(value is None for value in values) and None not in match.events
        if unreached or scene.right(name, match.values()):
            spoilt += 1
        elif name in asked:
            steps += 1
        else:
            forward += 1
    return Faults(spoilt, steps, forward)


def is_wrong(forced: Forced, scene: Scene, name: str) -> bool:
    """Whether a quantity is bound, and wrong with everything before it right."""
    values = [at.get(name) for at in forced.commits]
    return None not in values and not scene.is_right(name, values)
