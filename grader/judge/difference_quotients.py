"""Which steps were computed from values of a function at other inputs: by a difference quotient, however exact it is.

A function that may be evaluated elsewhere (`submission.elsewhere`) is bent: at the place where its derivative is
wanted it keeps its value and gets another slope, larger by a number drawn for it. Where a step grows by that number,
the function was differentiated: so do all formulas that find a slope from values, whatever their nodes and their
arithmetic. A step that is made from such a slope grows by a multiple: then it must in addition be left alone by a
constant that is added to the function, and nearly so by a parabola, as differentiation does and hardly any other use of
the values. What only looks at values at other inputs, for a plot or a check, leaves the steps as they are.

Where every value that a function gave is one of the exercise's, it was not evaluated elsewhere, and nothing is run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from grader.judge.align import Alignment, Scene
from grader.judge.compare import distance, largest
from grader.model import Observed, Value
from grader.runner.child.perturbed_slopes import coefficients
from grader.runner.session import Session
from grader.runner.types import Bending
from grader.submission.reevaluation import Evaluated, evaluated_elsewhere

SLIGHT = 2.0**-16
"""What the slopes are multiplied by where a submission did not get to its steps with whole ones: what compares values
of a function with what was derived is content with that."""

CLOSE = 1e-3
"""How closely, relatively, a step grows by a slope: quotients with large steps, or in float32, are not exact."""

STILL = 1e-6
"""How far, relatively to how far it moves by a slope, a step may move by a constant."""

MOST = 6
"""Functions that are tried."""

_EXACT_NUMBERS = re.compile(r"\b(Fraction|fractions|Decimal|decimal|mpmath|mpf|mp|longdouble|float128|gmpy2)\b")

Values = Mapping[str, Observed]


class Runs(Protocol):
    """What further runs of a submission give."""

    @property
    def session(self) -> Session: ...

    @property
    def scene(self) -> Scene: ...

    @property
    def alignment(self) -> Alignment: ...

    def forced(self, point: int, *, unchecked: bool = ..., bent: Bending | None = ...) -> Values: ...

    def natural(self, point: int, *, bent: Bending | None = ...) -> Values: ...

    def before(self, point: int) -> Values: ...


@dataclass(frozen=True, slots=True)
class Quotients:
    """The steps that were computed from values of a function at other inputs; `unshown`, of which that could not be
    shown, as they were not bound."""

    taken: frozenset[str]
    unshown: frozenset[str]


def quotients(runs: Runs, commits: Values, steps: frozenset[str]) -> Quotients:
    """Which of the steps, all of them right, are difference quotients; `commits` are their values at the last point."""
    found: set[str] = set()
    unshown: set[str] = set()
    for one in _evaluated(runs.session.sources, runs.scene)[:MOST]:
        left = steps - found
        if left:
            bending = _Bending(runs, one, left, commits, unshown)
            differentiated = bending.differentiated()
            found |= differentiated
            if differentiated:
                found |= _inside(runs, one, left)
    return Quotients(frozenset(found), frozenset(unshown - found))


def _inside(runs: Runs, one: Evaluated, steps: frozenset[str]) -> frozenset[str]:
    """The steps that no name leads to, and that were taken for values that the function had on its way elsewhere."""
    sites, matches = runs.scene.sites, runs.alignment.matches
    return frozenset(
        name
        for name in steps & matches.keys()
        if matches[name].how == "value"
        and (event := matches[name].events[0]) is not None
        and sites[event.site].scope.rpartition(".")[2] in one.within
    )


def _last(scene: Scene) -> int:
    return len(scene.reference.points) - 1


def _evaluated(sources: Sequence[str], scene: Scene) -> list[Evaluated]:
    """The functions that may be evaluated elsewhere, and gave something that is none of the exercise's values."""
    exact = any(map(_EXACT_NUMBERS.search, sources))
    return [one for one in evaluated_elsewhere(sources) if not one.scope or exact or _is_unexplained(scene, one.scope)]


def _is_unexplained(scene: Scene, scope: str) -> bool:
    point = _last(scene)
    known = [*scene.reference.points[point].inputs.values(), *scene.reference.values[point].values()]
    for event in scene.traces[point].events:
        if scene.sites[event.site].scope.rpartition(".")[2] != scope or scene.sites[event.site].kind == "parameter":
            continue
        if not (isinstance(event.value, Value) and any(_is(event.value, one) for one in known)):
            return True
    return False


def _is(value: Value, known: Value) -> bool:
    return value.size == known.size and distance(value, known)[0] <= 1e-13 * max(largest([known]), 1e-300)


Moves = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _Bending:
    """The runs with one function bent. What could not be shown is added to `unshown`."""

    runs: Runs
    function: Evaluated
    steps: frozenset[str]
    commits: Values
    unshown: set[str]
    # Nobody is to know them beforehand; a number of the student's own is a slope in one run at most.
    seeds: Sequence[int] = field(default_factory=lambda: random.SystemRandom().sample(range(10**6), 2))

    def differentiated(self) -> frozenset[str]:
        """The steps that were computed from the function's values."""
        return self._by(near=True) or self._by(near=False)

    def _by(self, near: bool) -> frozenset[str]:
        one, other = self.seeds
        first = self._moved(1, near, one)
        second = self._moved(1, near, other) if first else {}
        moved = first.keys() & second.keys()
        grown = {name for name in moved if _grows(first[name], one) and _grows(second[name], other)}
        if moved - grown or (moved and not near):
            flat, curved = self._moved(0, near, one), self._moved(2, near, one)
            kept = {name for name in moved - grown if _is_kept(first[name], flat.get(name), curved.get(name))}
            grown = kept | {name for name in grown if near or _is_level(first[name], flat.get(name))}
        if not grown:
            return frozenset()
        after = self.runs.natural(_last(self.runs.scene), bent=self._bent(1, near, one, 1.0))
        moves = frozenset(_moves(self.steps, self.runs.before(_last(self.runs.scene)), after))
        absent = frozenset(name for name in grown if not isinstance(after.get(name), Value))
        taken = frozenset(grown & moves) | absent
        return taken | copies(self.runs.scene, moves, taken)

    def _moved(self, power: int, near: bool, seed: int) -> Moves:
        """By how much steps have moved, for whole slopes."""
        point = _last(self.runs.scene)
        after = self.runs.forced(point, bent=self._bent(power, near, seed, 1.0))
        moves = _moves(self.steps, self.commits, after)
        missing = frozenset(name for name in self.steps if not isinstance(after.get(name), Value))
        if missing and power == 1:
            slightly = self.runs.forced(point, unchecked=True, bent=self._bent(power, near, seed, SLIGHT))
            for name, move in _moves(missing, self.commits, slightly).items():
                moves[name] = tuple(one / SLIGHT for one in move)
            self.unshown.update(name for name in missing if not isinstance(slightly.get(name), Value))
        return moves

    def _bent(self, power: int, near: bool, seed: int, scale: float) -> Bending:
        scene, point = self.runs.scene, _last(self.runs.scene)
        values = scene.reference.values[point]
        forward = (values[step.name] for step in scene.exercise.forward_steps if step.name in values)
        known = (*scene.reference.points[point].inputs.values(), *forward)
        return Bending(self.function.places, power, near, seed, known, scale)


def _moves(steps: frozenset[str], before: Values, after: Values) -> dict[str, tuple[float, ...]]:
    """By how much each entry of each step has moved; steps that have not are left out."""
    found = {}
    for name in steps:
        was, now = before.get(name), after.get(name)
        if not (isinstance(was, Value) and isinstance(now, Value) and was.size == now.size):
            continue
        move = tuple(new - old for new, old in zip(now.numbers(), was.numbers(), strict=True))
        if max(map(abs, move), default=0.0) > STILL * max(largest([was]), 1.0):
            found[name] = move
    return found


_ARGUMENTS = 6


def _grows(move: Sequence[float], seed: int) -> bool:
    """Whether every entry has grown by its slope."""
    for argument in range(_ARGUMENTS):
        slopes = coefficients(seed, argument, len(move))
        for meant in (slopes, slopes[:1] * len(move)):
            if all(abs(one - slope) <= CLOSE * slope for one, slope in zip(move, meant, strict=True)):
                return True
    return False


def _is_kept(sloped: Sequence[float], flat: Sequence[float] | None, curved: Sequence[float] | None) -> bool:
    """Whether a constant leaves a step alone, and a parabola nearly."""
    by_parabola = 0.0 if curved is None else max(map(abs, curved))
    return _is_level(sloped, flat) and by_parabola < 0.5 * max(map(abs, sloped))


def _is_level(sloped: Sequence[float], flat: Sequence[float] | None) -> bool:
    by_constant = 0.0 if flat is None else max(map(abs, flat))
    return by_constant <= 1e-4 * max(map(abs, sloped))


def copies(scene: Scene, moved: frozenset[str], found: frozenset[str]) -> frozenset[str]:
    """What moves as it runs and asks for the same derivative as one that was found: it was made from that one
    (`dy2_dwh = dw_h`)."""
    asked = {step.name: "".join(step.text.split()) for step in scene.exercise.steps}
    taken = {asked[name] for name in found & asked.keys()}
    return frozenset(name for name in moved & asked.keys() if asked[name] in taken)
