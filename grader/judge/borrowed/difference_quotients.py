"""Find steps computed from values of a function at other inputs: by a difference quotient, however exact it is.

A function that may be evaluated elsewhere (`submission.reevaluation`) is perturbed: where its derivative is wanted, it
keeps its value and gets another slope, larger by a random number. If a step grows by that number, the function was
differentiated: every formula that finds a slope from values does this, whatever its nodes and its arithmetic. A step
made from such a slope grows by a multiple of the number. Then, in addition, a constant added to the function has to
leave the step unchanged, and a parabola nearly so: differentiation does this, and hardly any other use of the values.
Code that only looks at values at other inputs, for a plot or a check, leaves the steps unchanged.

No run is made if every value that a function gave is one of the exercise's, as it was not evaluated elsewhere, nor for
what stands below the answer or is read by nothing, such as a loss.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from grader.judge.matching.compare import distance, largest
from grader.judge.matching.types import Alignment, Scene
from grader.model import Observed, Value
from grader.runner.child.perturbed_slopes import coefficients
from grader.runner.session import Session
from grader.runner.types import Key, SlopePerturbation
from grader.submission.plain import is_plain
from grader.submission.reevaluation import Evaluated, evaluated_elsewhere
from grader.submission.shifted import Statements
from grader.submission.text_search import words

SMALL_SLOPE = 2.0**-16
"""Factor on the slopes where a submission does not reach its steps with full slopes: so small that its comparisons of
function values with derived ones still pass."""

LEAST_SLOPE = 2.0**-36
"""The same where it does not reach its steps with `SMALL_SLOPE` either. A step made from the function's values then
changes, if only in its last digits; by how much is lost in rounding."""

SLOPE_TOLERANCE = 1e-3
"""How closely, relatively, a step's growth matches a slope: quotients with large steps, or in float32, are inexact."""

MIN_MOVE = 1e-6
"""A step has moved if it changes by more than this, relative to its size, or to 1 if it is smaller."""

MAX_FUNCTIONS = 24
"""Functions perturbed one by one, at most, of those that move any step when all are perturbed at once."""

MAX_UNSPLIT_FUNCTIONS = 4
"""Up to this many functions, each is tried if perturbing them together moves a step."""

_EXACT_NUMBERS = words(
    *("Fraction", "fractions", "Decimal", "decimal", "mpmath", "mpf", "mp", "longdouble", "float128", "gmpy2"),
    "sympy",
)

Values = Mapping[str, Observed]


class Runs(Protocol):
    """Makes further runs of a submission."""

    @property
    def session(self) -> Session: ...

    @property
    def scene(self) -> Scene: ...

    @property
    def alignment(self) -> Alignment: ...

    @property
    def decisions(self) -> Mapping[Key, str]: ...

    def forced(
        self, point: int, *, exact: bool = ..., unchecked: bool = ..., perturbation: SlopePerturbation | None = ...
    ) -> Values: ...

    def natural(self, point: int, *, unchecked: bool = ..., perturbation: SlopePerturbation | None = ...) -> Values: ...

    def before(self, point: int) -> Values: ...


@dataclass(frozen=True, slots=True)
class Quotients:
    """`taken`: the steps computed from values of a function at other inputs. `unshown`: the steps for which this could
    not be shown, as they were not bound. `any_moved`: whether any step changed when a function was perturbed."""

    taken: frozenset[str]
    unshown: frozenset[str]
    any_moved: bool


def quotients(runs: Runs, statements: Statements, steps: frozenset[str], commits: Values) -> Quotients:
    """Return which of the `steps`, all right, are difference quotients. `statements` are those up to the end of the
    answer, `commits` the steps' values at the last point."""
    found: set[str] = set()
    unshown: set[str] = set()
    any_moved = False
    for one in _moving(runs, _evaluated(runs, statements, steps), steps, commits)[:MAX_FUNCTIONS]:
        left = steps - found
        if left:
            perturbed = _PerturbedFunction(runs, one, left, commits, unshown)
            differentiated = perturbed.differentiated()
            any_moved = any_moved or bool(perturbed.moved)
            found |= differentiated
            if differentiated:
                found |= _inside(runs, one, left)
    return Quotients(frozenset(found), frozenset(unshown - found), any_moved)


def all_perturbed(runs: Runs, statements: Statements, steps: frozenset[str]) -> SlopePerturbation | None:
    """All functions that may be evaluated elsewhere, each with a slope of its own; None if there are none."""
    functions = _evaluated(runs, statements, steps) if steps else ()
    places = tuple(place for one in functions for place in one.places)
    perturbed = _PerturbedFunction(runs, Evaluated("", places), steps, {}, set(), apart=True)
    return perturbed.at_once() if places else None


def _inside(runs: Runs, one: Evaluated, steps: frozenset[str]) -> frozenset[str]:
    """The steps matched by value alone, to an intermediate value of the function while it was evaluated elsewhere."""
    sites, matches = runs.scene.sites, runs.alignment.matches
    return frozenset(
        name
        for name in steps & matches.keys()
        if matches[name].how == "value"
        and (event := matches[name].events[0]) is not None
        and sites[event.site].scope.rpartition(".")[2] in one.within
    )


def _moving(runs: Runs, functions: Sequence[Evaluated], steps: frozenset[str], commits: Values) -> Sequence[Evaluated]:
    """The functions by which any step may have moved. Of a few that move a step together, all are kept; more are split
    in halves. A group that moves no step when perturbed at once is dropped."""
    if len(functions) < 2 or not steps:
        return functions
    places = tuple(place for one in functions for place in one.places)
    together = _PerturbedFunction(runs, Evaluated("", places), steps, commits, set(), apart=True)
    if not (together.moves_anything(near=True) or together.moves_anything(near=False)):
        return []
    half = len(functions) // 2
    if len(functions) <= MAX_UNSPLIT_FUNCTIONS:
        return functions
    return [*_moving(runs, functions[:half], steps, commits), *_moving(runs, functions[half:], steps, commits)]


def _last(scene: Scene) -> int:
    return len(scene.reference.points) - 1


def _evaluated(runs: Runs, statements: Statements, steps: frozenset[str]) -> Sequence[Evaluated]:
    """The functions that may be evaluated elsewhere, in what some step may read, and gave a value that is none of the
    exercise's."""
    sources = runs.session.sources
    exact = _EXACT_NUMBERS.is_in_any(sources)
    unexplained = frozenset[str]() if exact else _unexplained_scopes(runs.scene)

    def is_meant(scope: str) -> bool:
        return exact or scope in unexplained

    found = evaluated_elsewhere(statements, is_meant)
    if found and is_plain(sources):
        found = evaluated_elsewhere(read_by(runs, statements, steps), is_meant)
    return found


def read_by(runs: Runs, statements: Statements, steps: frozenset[str]) -> Statements:
    """The statements of plain code without those that no step can depend on."""
    from grader.submission.plain import without_unread

    return without_unread(statements, _binding(runs, statements, steps))


def _binding(runs: Runs, statements: Statements, steps: frozenset[str]) -> list[ast.stmt]:
    """The statements in which the steps are bound."""
    matches = (match for name, match in runs.alignment.matches.items() if name in steps)
    places = {place for match in matches for place in (*match.origins, *(one.place for one in match.events if one))}
    bound = [runs.scene.sites[number] for number, _ in places]
    lines = {(site.cell, site.statement[0]) for site in bound if not site.scope}
    return [one.tree for one in statements if (one.cell, one.tree.lineno) in lines]


def _unexplained_scopes(scene: Scene) -> frozenset[str]:
    """The functions, by name, that bound a value which is none of the exercise's."""
    point = _last(scene)
    known = [*scene.reference.points[point].inputs.values(), *scene.reference.values[point].values()]
    found = set[str]()
    for event in scene.traces[point].events:
        site = scene.sites[event.site]
        name = site.scope.rpartition(".")[2]
        if not name or name in found or site.kind == "parameter":
            continue
        if not (isinstance(event.value, Value) and any(_is(event.value, one) for one in known)):
            found.add(name)
    return frozenset(found)


def _is(value: Value, known: Value) -> bool:
    return value.size == known.size and distance(value, known)[0] <= 1e-13 * max(largest([known]), 1e-300)


Moves = Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class _PerturbedFunction:
    """The runs with one function perturbed. Steps for which nothing could be shown are added to `unshown`."""

    runs: Runs
    function: Evaluated
    steps: frozenset[str]
    commits: Values
    unshown: set[str]
    # System randomness, so that code cannot predict them; a constant in the code is a slope in one run at most.
    seeds: Sequence[int] = field(default_factory=lambda: random.SystemRandom().sample(range(10**6), 2))
    apart: bool = False
    moved: set[str] = field(default_factory=set)

    def moves_anything(self, near: bool) -> bool:
        """Whether a step changes, or is not shown to stay the same."""
        after = self.runs.forced(_last(self.runs.scene), perturbation=self._perturbation(1, near, self.seeds[0], 1.0))
        there = frozenset(name for name in self.steps if isinstance(after.get(name), Value))
        return bool(_moves(self.runs.scene, there, self.commits, after)) or bool(
            self._depending(near, self.steps - there)
        )

    def at_once(self) -> SlopePerturbation:
        return self._perturbation(1, True, self.seeds[0], 1.0)

    def differentiated(self) -> frozenset[str]:
        """The steps computed from the function's values."""
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
        after = self.runs.natural(_last(self.runs.scene), perturbation=self._perturbation(1, near, one, 1.0))
        before = self.runs.before(_last(self.runs.scene))
        moves = frozenset(_moves(self.runs.scene, self.steps, before, after))
        absent = frozenset(name for name in grown if not isinstance(after.get(name), Value))
        if absent:
            least = self.runs.natural(
                _last(self.runs.scene), unchecked=True, perturbation=self._perturbation(1, near, one, LEAST_SLOPE)
            )
            absent = frozenset(name for name in absent if not is_same(before.get(name), least.get(name)))
        taken = frozenset(grown & moves) | absent
        return taken | copies(self.runs.scene, moves, taken)

    def _moved(self, power: int, near: bool, seed: int) -> Moves:
        """How far steps have moved, scaled to full slopes."""
        point = _last(self.runs.scene)
        after = self.runs.forced(point, perturbation=self._perturbation(power, near, seed, 1.0))
        moves = _moves(self.runs.scene, self.steps, self.commits, after)
        missing = frozenset(name for name in self.steps if not isinstance(after.get(name), Value))
        if missing and power == 1:
            slightly = self.runs.forced(
                point, unchecked=True, perturbation=self._perturbation(power, near, seed, SMALL_SLOPE)
            )
            for name, move in _moves(self.runs.scene, missing, self.commits, slightly).items():
                moves[name] = tuple(one / SMALL_SLOPE for one in move)
            missing = frozenset(name for name in missing if not isinstance(slightly.get(name), Value))
            self.unshown.update(self._depending(near, missing))
        self.moved.update(moves)
        return moves

    def _depending(self, near: bool, steps: frozenset[str]) -> frozenset[str]:
        """The steps that change when the function changes in its last digits only."""
        if not steps:
            return steps
        return depending(self.runs, steps, self._perturbation(1, near, self.seeds[0], LEAST_SLOPE))

    def _perturbation(self, power: int, near: bool, seed: int, scale: float) -> SlopePerturbation:
        scene, point = self.runs.scene, _last(self.runs.scene)
        values = scene.reference.values[point]
        forward = (values[step.name] for step in scene.exercise.forward_steps if step.name in values)
        known = (*scene.reference.points[point].inputs.values(), *forward)
        return SlopePerturbation(self.function.places, power, near, seed, known, scale, self.apart)


def _moves(scene: Scene, steps: frozenset[str], before: Values, after: Values) -> dict[str, tuple[float, ...]]:
    """How far each entry of each step has moved; steps that have not moved are left out. An argument rounded to float32
    lies near a known value, not at it."""
    found = {}
    for name in steps:
        was, now = before.get(name), after.get(name)
        if not (isinstance(was, Value) and isinstance(now, Value) and was.size == now.size):
            continue
        move = tuple(new - old for new, old in zip(now.numbers(), was.numbers(), strict=True))
        still = max(MIN_MOVE, scene.measure(_last(scene), name).rtol)
        if max(map(abs, move), default=0.0) > still * max(largest([was]), 1.0):
            found[name] = move
    return found


def unbound(steps: Iterable[str], before: Values, after: Values) -> frozenset[str]:
    """The steps that an unperturbed run bound, and a perturbed one did not: it raised, ended, or was stopped."""
    return frozenset(
        name for name in steps if isinstance(before.get(name), Value) and not isinstance(after.get(name), Value)
    )


def depending(runs: Runs, steps: frozenset[str], least: SlopePerturbation) -> frozenset[str]:
    """The steps that are not shown to stay the same to the last digit under slopes that hardly differ (`LEAST_SLOPE`).
    Code that ends where it finds slopes perturbed does not find these; code without time left is not run."""
    if not steps:
        return steps
    # Exactly the right values are fed in: a forward value that changes in its last digits would change every step.
    before = runs.forced(_last(runs.scene), exact=True, unchecked=True)
    after = runs.forced(_last(runs.scene), exact=True, unchecked=True, perturbation=least)
    found = frozenset(name for name in steps if not is_same(before.get(name), after.get(name)))
    return found | copies(runs.scene, steps, found)


def is_same(was: Observed | None, now: Observed | None) -> bool:
    """Whether two values are equal to the last digit."""
    return isinstance(was, Value) and isinstance(now, Value) and was.data == now.data


_ARGUMENTS = 6


def _grows(move: Sequence[float], seed: int) -> bool:
    """Whether every entry has grown by its slope."""
    for argument in range(_ARGUMENTS):
        slopes = coefficients(seed, argument, len(move))
        for meant in (slopes, slopes[:1] * len(move)):
            if all(abs(one - slope) <= SLOPE_TOLERANCE * slope for one, slope in zip(move, meant, strict=True)):
                return True
    return False


def _is_kept(sloped: Sequence[float], flat: Sequence[float] | None, curved: Sequence[float] | None) -> bool:
    """Whether a constant leaves a step unchanged, and a parabola nearly so."""
    by_parabola = 0.0 if curved is None else max(map(abs, curved))
    return _is_level(sloped, flat) and by_parabola < 0.5 * max(map(abs, sloped))


def _is_level(sloped: Sequence[float], flat: Sequence[float] | None) -> bool:
    by_constant = 0.0 if flat is None else max(map(abs, flat))
    return by_constant <= 1e-4 * max(map(abs, sloped))


def copies_in(scene: Scene, before: Values, after: Values, found: frozenset[str]) -> frozenset[str]:
    """The `copies` of the steps `found` that are not the same to the last digit in a natural run."""
    return copies(scene, frozenset(name for name, was in before.items() if not is_same(was, after.get(name))), found)


def copies(scene: Scene, moved: frozenset[str], found: frozenset[str]) -> frozenset[str]:
    """The steps that move in natural runs and ask for the same derivative as a step in `found`: they were made from
    that one (`dy2_dwh = dw_h`)."""
    asked = {step.name: "".join(step.text.split()) for step in scene.exercise.steps}
    taken = {asked[name] for name in found & asked.keys()}
    return frozenset(name for name in moved & asked.keys() if asked[name] in taken)
