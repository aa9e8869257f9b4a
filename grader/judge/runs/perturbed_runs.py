"""Check whether code does the same in a forced run as in a natural run: steps that depend on being forced earn nothing.

A nudged run stops where the forced run of its point stops, and its answers look alike; but a wrong derivative is
replaced by its own value, moved a little. For code that only computes, everything comes out as in the natural run,
moved about as little. A step that comes out differently was not made from what was fed in: its natural value is used
instead of the forced one.

No right value is fed in, so none is revealed. The nudged run is made before the forced run of a random point: neither
the number of runs before it nor the inputs tell the code which of the two it is in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.judge.matching.compare import compare, distance, largest, magnitude
from grader.judge.matching.types import Alignment, Scene
from grader.judge.runs.teacher_forcing import Teacher, lost, values_at
from grader.model import Observed, Opaque, Value
from grader.runner.session import Session
from grader.runner.types import Event, Order
from grader.submission.plain import is_plain

LITTLE = 2.0**-17
"""By how much a value is moved, relatively: more than float32 rounding."""

JUMP = 1e-2
"""A difference above this, relative to a value's largest entry, makes it another value; below, it has only moved."""

FLOOR = 1e-2
"""Differences are relative to at least this share of the point's largest right value."""


def turn(scene: Scene, alignment: Alignment, sources: Sequence[str]) -> int | None:
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


def otherwise(session: Session, order: Order, teacher: Teacher) -> frozenset[str]:
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
        floor = FLOOR * scene.largest[point]
        return Value.of([number + LITTLE * (number or floor) for number in was.numbers()], was.shape)


def _jumps(scene: Scene, point: int, before: Mapping[str, Observed], after: Mapping[str, Observed]) -> frozenset[str]:
    """The wrong steps that are not what they were in the natural run."""
    right, floor = scene.reference.values[point], FLOOR * scene.largest[point]
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
    return distance(now, was)[0] > JUMP * max(largest([was]), floor)
