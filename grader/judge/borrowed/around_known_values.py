"""Find steps made from values of the forward program around the given ones, however these other values were made.

Calls of nonlinear functions get another slope around the known value they are near, and keep their values there
(`runner.child.nonlinear`). A step that moves, and moves by the same amount with a strongly curved term, was
differentiated. What else is computed at other values moves by another amount.

What is computed with a matrix `[[w, 1], [0, w]]` or a polynomial `w + t` in place of `w`, and a series of the student's
own for such a function, shows the slope in the same way.

No run is made if all such calls are forward lines, or if the text has no number that a shift can be made of, and no
such matrix is bound.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace

from grader.judge.borrowed.difference_quotients import (
    LEAST_SLOPE,
    Moves,
    Runs,
    Values,
    copies,
    depending,
    read_by,
    unbound,
)
from grader.judge.borrowed.evaluations import (
    MOVE_TOLERANCE,
    SMALL_SLOPE,
    agree,
    constants_of,
    given_names,
    last_point,
    moves,
)
from grader.judge.matching.types import Match
from grader.model import Value
from grader.runner.child.algebras import MAX_ROWS
from grader.runner.child.nonlinear import CURVATURE
from grader.runner.types import Key, SlopePerturbation
from grader.submission.plain import is_plain
from grader.submission.reevaluation import (
    End,
    executes_text,
    may_shift,
    nonlinear_functions,
    nonlinear_operators,
    unexplained,
)
from grader.submission.shifted import Statements

TINY_SLOPE = 2.0**-24
"""Factor on the slopes in further runs, where float64 shows it: the curved term has to be small as well, which is far
larger where nodes are wide."""

MAX_TRIED_ALONE = 8
"""How many functions are perturbed one by one, at most."""

MAX_OPERATORS = 2
"""How many operators, of which a text has many."""

MAX_ESTIMATES = 3
"""How often the number around which a function was evaluated is estimated."""

DISTANT_NUMBER = 8.0
"""A slope moves by the same amount if the function is perturbed around a number so far away."""


def around_known(
    runs: Runs, statements: Statements, steps: frozenset[str], commits: Values, unshown: set[str]
) -> frozenset[str]:
    """Return those of the steps, all of them right, that were differentiated from values around known ones. Those for
    which this could not be shown are added to `unshown`.

    `statements` are those up to the end of the answer, `commits` the steps' values at the last point."""
    constants = constants_of(runs)
    with_direction = bool(steps) and _binds_matrix_with_direction(runs)
    if not steps or not (with_direction or may_shift((node for one in statements for node in one.nodes), constants)):
        return frozenset()
    explained, inputs = _explained(runs), given_names(runs)
    nodes = unexplained(statements, explained)
    if not with_direction and not may_shift((node for _, node in nodes), constants):
        return frozenset()
    if is_plain(runs.session.sources):
        statements = read_by(runs, statements, steps)
        nodes = unexplained(statements, explained)
    found = frozenset[str]()
    functions = nonlinear_functions(statements, nodes, inputs)
    if functions or executes_text(statements):
        texts = range(MAX_TRIED_ALONE if executes_text(statements) else 0)
        found = _around_known(_PerturbedAround(runs, functions, steps, steps, commits), texts, unshown)
    # Runs of other code take long: in a new process each, with all checks that it makes.
    operators = nonlinear_operators(statements, nodes, inputs) if is_plain(runs.session.sources) else ()
    if operators and steps - found:
        left = steps - found
        found |= _around_known(_PerturbedAround(runs, operators, left, left, commits, tried=MAX_OPERATORS), (), unshown)
    return found


def _around_known(together: _PerturbedAround, texts: Sequence[int], unshown: set[str]) -> frozenset[str]:
    """The same for some functions or operators, and for those with the numbers `texts` in executed texts."""
    scale = SMALL_SLOPE if together.runs.scene.particular else TINY_SLOPE
    moved, found = together.taken()
    found = together.confirmed(found) or replace(together, scale=scale).confirmed(found)
    left = moved - found
    if left:
        each = replace(together, steps=left, apart=True, scale=scale)
        found |= each.confirmed(each.taken()[1])
        left -= found
    # A single number tells less of the one around which it lies than an array does.
    part = replace(together, steps=left, scale=scale)
    single = [replace(part, ends=(end,), texts=()) for end in together.ends[: together.tried]]
    single += [replace(part, ends=(), texts=(number,)) for number in texts]
    found = found.union(*(one.taken_around_some() for one in single if left))
    unshown.update(replace(together, scale=LEAST_SLOPE).depending(together.hidden - found))
    return found


@dataclass(frozen=True, slots=True)
class _PerturbedAround:
    """The runs with some functions perturbed: `steps` are those to be judged, of all right ones."""

    runs: Runs
    ends: tuple[End, ...]
    steps: frozenset[str]
    right: frozenset[str]
    commits: Values
    # System randomness, so that code cannot predict it.
    seed: int = field(default_factory=lambda: random.SystemRandom().randrange(10**6))
    apart: bool = False
    """Whether each call of a place is perturbed around a number of its own."""
    scale: float = SMALL_SLOPE
    texts: tuple[int, ...] | None = None
    """The calls in executed texts that are perturbed: all if None."""
    tried: int = MAX_TRIED_ALONE
    """How many functions are perturbed one by one, and for how many steps the number around which they were evaluated
    is estimated, at most."""
    hidden: set[str] = field(default_factory=set)
    """The steps that were not bound in a run that was to show whether they move."""

    def taken(self, around: tuple[float, ...] = ()) -> tuple[frozenset[str], frozenset[str]]:
        """The steps that move, and those of them that were differentiated."""
        straight = self._moved(1, around)
        curved = self._moved(2, around, straight) if straight else {}
        alike = frozenset(name for name, move in straight.items() if name in curved and agree(move, curved[name]))
        if not alike:
            return frozenset(straight), alike
        # An earlier value that was only compared with the step is not the step: its own last binding has to move too.
        last = last_point(self.runs)
        before, after = self.runs.before(last), self.runs.natural(last, perturbation=self._perturbation(1, around))
        self.hidden.update(unbound(alike, before, after))
        own = frozenset(moves(self.right, before, after, self.scale))
        return frozenset(straight), alike & own | copies(self.runs.scene, own, alike & own)

    def confirmed(self, taken: frozenset[str]) -> frozenset[str]:
        """Those of the steps taken that move by the same amount with a term that is curved otherwise, and their
        copies: two terms may agree by chance, where a function is evaluated at one other value."""
        one, other = (self._moved(power, (), taken) if taken else {} for power in (1, 3))
        alike = frozenset(name for name in taken if name in one and name in other and agree(one[name], other[name]))
        return alike | (taken - one.keys()) if alike else alike

    def taken_around_some(self) -> frozenset[str]:
        """The steps that were differentiated around a number that is estimated, from how far each moves with the curved
        term."""
        straight = self._moved(1, (0.0,))
        aside: Moves = self._moved(1, (DISTANT_NUMBER,), straight) if straight else {}
        found = frozenset[str]()
        for name in sorted(straight.keys() & aside.keys())[: self.tried]:
            if name not in found:
                most = [abs(move) for move in straight[name]]
                place = most.index(max(most))
                apart = straight[name][place] - aside[name][place]
                # Moves that agree differ by no more than rounding.
                by_value = 0.0 if agree(straight[name], aside[name]) else apart / DISTANT_NUMBER
                found |= self._around_estimated(name, place, by_value)
        return found

    def _around_estimated(self, name: str, place: int, by_value: float) -> frozenset[str]:
        """`by_value` is how far the step moves for each 1 by which the straight term lifts the function.

        At a distance d from the number around which the function is perturbed, the straight term lifts it by d, and the
        curved one by d + CURVATURE * d**2, with a slope that is larger by 2 * CURVATURE * d. So the two moves differ by
        CURVATURE * d * (2 * straight - d * by_value). For a sum of values of the function there may be such a number as
        well, but with a term that is curved otherwise, it is another one."""
        for off in self._distances(name, place, by_value, 0.0):
            taken = self._around_near(name, place, by_value, off)
            if taken:
                return taken
        return frozenset()

    def _around_near(self, name: str, place: int, by_value: float, around: float) -> frozenset[str]:
        for _ in range(MAX_ESTIMATES):
            off, *_ = (*self._distances(name, place, by_value, around), math.inf)
            if math.isinf(off):
                return frozenset()
            around += off
            if abs(off) * CURVATURE < MOVE_TOLERANCE:
                break
        taken = self.taken((around,))[1]
        one, other = (self._moved(power, (around,), taken) if taken else {} for power in (1, 3))
        alike = frozenset(name for name in taken if name in other and agree(one[name], other[name]))
        if not alike and self._is_taken_at(name, place, around):
            alike = taken = frozenset({name})
        return alike | copies(self.runs.scene, taken, alike)

    def _is_taken_at(self, name: str, place: int, around: float) -> bool:
        """Whether one entry of a step was differentiated: others may have been so around other numbers."""
        last = last_point(self.runs)
        straight, *curved = (self._moved(power, (around,), (name,)).get(name) for power in (1, 2, 3))
        if straight is None or abs(straight[place]) < max(map(abs, straight)) / 8:
            return False
        if not all(one is not None and agree(straight[place : place + 1], one[place : place + 1]) for one in curved):
            return False
        after = self.runs.natural(last, perturbation=self._perturbation(1, (around,)))
        return name in moves(self.right, self.runs.before(last), after, self.scale)

    def _distances(self, name: str, place: int, by_value: float, around: float) -> tuple[float, ...]:
        """How far from `around` the number may be, the smaller distance first."""
        straight, curved = (self._moved(power, (around,), (name,)).get(name) for power in (1, 2))
        if straight is None or curved is None:
            return ()
        return _distances((curved[place] - straight[place]) / CURVATURE, straight[place], by_value)

    def _moved(self, power: int, around: tuple[float, ...], asked: Iterable[str] | None = None) -> Moves:
        """How far the steps move by a straight term (power 1), a curved one, or one that is curved otherwise (3). Those
        that are `asked` for, by default all, are hidden if they are not bound."""
        after = self.runs.forced(last_point(self.runs), perturbation=self._perturbation(power, around))
        self.hidden.update(unbound(self.steps if asked is None else asked, self.commits, after))
        return moves(self.steps, self.commits, after, self.scale)

    def depending(self, steps: Set[str]) -> frozenset[str]:
        """Those of the steps that are not shown to stay the same to the last digit."""
        return depending(self.runs, frozenset(steps), self._perturbation(1, ()))

    def _perturbation(self, power: int, around: tuple[float, ...]) -> SlopePerturbation:
        scene, point = self.runs.scene, last_point(self.runs)
        values = scene.reference.values[point]
        forward = (values[step.name] for step in scene.exercise.forward_steps if step.name in values)
        known = (*scene.reference.points[point].inputs.values(), *forward, *scene.reference.unnamed)
        return SlopePerturbation(
            self.ends, power, True, self.seed, known, self.scale, self.apart, around=around, texts=self.texts
        )


def _distances(apart: float, straight: float, by_value: float) -> tuple[float, ...]:
    """The numbers d for which `d * (2 * straight - d * by_value)` is `apart`, the smaller first."""
    inner = straight**2 - by_value * apart
    root = abs(straight) + math.sqrt(inner) if inner >= 0.0 else 0.0
    if not root:
        return ()
    smaller = math.copysign(apart / root, apart * straight)
    return (smaller, math.copysign(root, straight) / by_value) if by_value else (smaller,)


def _binds_matrix_with_direction(runs: Runs) -> bool:
    """Whether a matrix is bound that differs from a multiple of the unit matrix by one whose powers vanish, as
    `[[w, 1], [0, w]]` does, where that multiple is a known value."""
    scene, point = runs.scene, last_point(runs)
    known = (*scene.reference.points[point].inputs.values(), *scene.reference.values[point].values())
    numbers = {f"{one.numbers()[0]:.9e}" for one in known if one.size == 1}
    return any(
        isinstance(event.value, Value) and _has_direction(event.value, numbers) for event in scene.traces[point].events
    )


def _has_direction(value: Value, numbers: Set[str]) -> bool:
    shape = value.shape
    if len(shape) != 2 or not 1 < shape[0] == shape[1] <= MAX_ROWS:
        return False
    size, entries = shape[0], value.numbers()
    rows = [list(entries[size * row : size * (row + 1)]) for row in range(size)]
    mean = sum(rows[row][row] for row in range(size)) / size
    if f"{mean:.9e}" not in numbers:
        return False
    for row in range(size):
        rows[row][row] -= mean
    most, power = max(abs(one) for row in rows for one in row), rows
    for _ in range(size - 1):
        power = _product(power, rows)
    return most > 0.0 and max(abs(one) for row in power for one in row) <= 1e-9 * most**size


def _product(one: list[list[float]], other: list[list[float]]) -> list[list[float]]:
    columns = list(zip(*other, strict=True))
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in one]


def _explained(runs: Runs) -> frozenset[tuple[int, int]]:
    """The lines, each with its cell, that bind right forward quantities, or give inputs their values."""
    scene, matches = runs.scene, runs.alignment.matches
    forward = (matches[step.name] for step in scene.exercise.forward_steps if step.name in matches)
    right = {place for one in forward if scene.right(one.quantity, one.values()) for place in _origins(one)}
    sites = (scene.sites[number] for number, _ in (*right, *runs.decisions))
    return frozenset((site.cell, line) for site in sites for line in range(site.value[0], site.value[2] + 1))


def _origins(match: Match) -> tuple[Key, ...]:
    return (*match.origins, *(event.place for event in match.events[:1] if event is not None))
