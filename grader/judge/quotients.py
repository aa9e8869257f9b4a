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

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from grader.judge.align import Alignment, Scene
from grader.judge.compare import distance, largest
from grader.model import Observed, Value
from grader.runner.child.bent import coefficients
from grader.runner.session import Session
from grader.runner.types import Bending
from grader.submission.elsewhere import Evaluated, evaluated_elsewhere

SEEDS = (11, 29)
"""What slopes are drawn from, in two runs: a number of the student's own that is one of the first slopes is none of the
second ones."""

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

    def forced(self, point: int, *, exact: bool = ..., bent: Bending | None = ...) -> Values: ...

    def natural(self, point: int, *, bent: Bending | None = ...) -> Values: ...

    def before(self, point: int) -> Values: ...


def quotients(runs: Runs, steps: frozenset[str]) -> frozenset[str]:
    """Those of the steps, all of them right, that were computed from values of a function at other inputs."""
    found: set[str] = set()
    still: Values | None = None
    for one in _evaluated(runs.session.sources, runs.scene)[:MOST]:
        left = steps - found
        if not left:
            break
        if still is None:
            still = runs.forced(_last(runs.scene), exact=True)
        differentiated = _differentiated(runs, one, left, still)
        found |= differentiated
        if differentiated:
            found |= _inside(runs, one, left)
    return frozenset(found)


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


def _differentiated(runs: Runs, one: Evaluated, steps: frozenset[str], still: Values) -> frozenset[str]:
    point = _last(runs.scene)
    inputs, values = runs.scene.reference.points[point].inputs, runs.scene.reference.values[point]
    forward = (values[step.name] for step in runs.scene.exercise.forward_steps if step.name in values)
    known = (*inputs.values(), *forward)

    def moved(power: int, near: bool, seed: int) -> dict[str, tuple[float, ...]]:
        after = runs.forced(point, exact=True, bent=Bending(one.places, power, near, seed, known))
        return _moves(steps, still, after)

    for near in (True, False):
        first = moved(1, near, SEEDS[0])
        if not first:
            continue
        second = moved(1, near, SEEDS[1])
        grown = {
            name
            for name in first.keys() & second.keys()
            if _grows(first[name], SEEDS[0]) and _grows(second[name], SEEDS[1])
        }
        others = first.keys() & second.keys() - grown
        if others or not near:
            flat, curved = moved(0, near, SEEDS[0]), moved(2, near, SEEDS[0])
            kept = {name for name in first if _is_kept(first[name], flat.get(name), curved.get(name))}
            level = {name for name in grown if _is_level(first[name], flat.get(name))}
            grown = (grown if near else level) | (others & kept)
        if grown:
            before, after = runs.before(point), runs.natural(point, bent=Bending(one.places, 1, near, SEEDS[0], known))
            moves = frozenset(_moves(steps, before, after))
            taken = frozenset(grown & moves)
            return taken | copies(runs.scene, moves, taken)
    return frozenset()


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
