"""Find steps computed from values of the forward program at other inputs, without a function around it.

A difference quotient may be written out inline, use a number class of the student's own, or evaluate an array of nodes:
then there is no function to perturb (`difference_quotients`). Instead, everything computed from values that the text
shifts (`submission.shifted`) is perturbed: there, each operator and each call gets another slope
(`runner.child.sloped`). Derived steps come out the same. A step that moves was made from values at other inputs; it was
differentiated if it moves by the same amount when the added term is curved: every method that finds a slope from values
finds that slope.

If the text shifts nothing given, no run is made.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from grader.judge.borrowed.difference_quotients import LEAST_SLOPE, Runs, Values, copies, depending, unbound
from grader.judge.matching.compare import largest
from grader.model import Value
from grader.runner.types import SlopePerturbation
from grader.submission.shifted import Shift, Statements, shifts

SMALL_SLOPE = 2.0**-16
"""Factor on the slopes: so small that the submission's own comparisons with values at other inputs still pass."""

MIN_SCALED_MOVE = 0.02
"""A step has moved if it changes by more than this, relative to its size and to that factor; a small constant under a
root reduces the move."""

MOVE_TOLERANCE = 0.03
"""How closely, relatively, the moves by the straight and the curved term agree if a slope was found."""

STRAIGHT, CURVED = 1, 2

_NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:[eE][+-]?\d+)?")


def evaluated(
    runs: Runs,
    statements: Statements,
    steps: frozenset[str],
    commits: Values,
    by_functions: bool,
    unshown: set[str],
) -> frozenset[str]:
    """Return those of the steps, all of them right, that were differentiated from values at other inputs. Those for
    which this could not be shown are added to `unshown`.

    `statements` are those up to the end of the answer, `commits` the steps' values at the last point; `by_functions`
    says whether any step moved when functions were perturbed."""
    shifted = shifts(statements, given_names(runs), constants_of(runs)) if steps else ()
    if not any(by_functions or not one.for_function for one in shifted):
        return frozenset()
    last = last_point(runs)
    slopes = _Slopes(runs, steps, shifted, random.SystemRandom().randrange(10**6))
    found, hidden = slopes.found_by(lambda one: runs.forced(last, perturbation=one), commits)
    unshown.update(depending(runs, hidden, slopes.perturbation(STRAIGHT, LEAST_SLOPE)))
    if not found:
        return found
    # An earlier value that was only compared with the step is not the step: its own last binding has to move too.
    own, hidden = slopes.found_by(lambda one: runs.natural(last, perturbation=one), runs.before(last))
    unshown.update(found & hidden)
    return found & own | copies(runs.scene, own, found & own)


def all_sloped(runs: Runs, statements: Statements, steps: frozenset[str]) -> SlopePerturbation | None:
    """Another slope for everything computed from values that the text shifts; None if there are none."""
    shifted = shifts(statements, given_names(runs), constants_of(runs)) if steps else ()
    seed = random.SystemRandom().randrange(10**6)
    return SlopePerturbation((), STRAIGHT, True, seed, (), shifts=shifted) if shifted else None


@dataclass(frozen=True, slots=True)
class _Slopes:
    runs: Runs
    steps: frozenset[str]
    shifts: tuple[Shift, ...]
    seed: int

    def found_by(
        self, run: Callable[[SlopePerturbation], Values], before: Values
    ) -> tuple[frozenset[str], frozenset[str]]:
        """The steps that `run` shows to be made from a slope, and those that it did not bind where it was to show that;
        `before` has their values in an unperturbed run."""
        after = run(self.perturbation(STRAIGHT))
        sloped, hidden = moves(self.steps, before, after), unbound(self.steps, before, after)
        if not sloped:
            return frozenset(), hidden
        after = run(self.perturbation(CURVED))
        curved = moves(self.steps, before, after)
        alike = frozenset(name for name, move in sloped.items() if name in curved and agree(move, curved[name]))
        return alike, hidden | unbound(sloped, before, after)

    def perturbation(self, power: int, scale: float = SMALL_SLOPE) -> SlopePerturbation:
        return SlopePerturbation((), power, True, self.seed, (), scale, shifts=self.shifts)


def constants_of(runs: Runs) -> frozenset[float]:
    """The numbers in the exercise's program, and those given that are the same at each point."""
    exercise = runs.scene.exercise
    given = (one.given for one in exercise.inputs if one.fixed and one.given is not None and not one.shape)
    return _numbers_in(exercise.program_text).union(*(value.numbers() for value in given))


@lru_cache(maxsize=8)
def _numbers_in(text: str) -> frozenset[float]:
    return frozenset(map(float, _NUMBER.findall(text)))


def last_point(runs: Runs) -> int:
    return len(runs.scene.reference.points) - 1


def given_names(runs: Runs) -> set[str]:
    """The names that hold inputs drawn anew for each point."""
    drawn = {one.name for one in runs.scene.exercise.inputs if not one.fixed}
    sites = runs.scene.sites
    return drawn | {name for place, given in runs.decisions.items() if given in drawn for name in sites[place[0]].names}


def moves(
    steps: frozenset[str], before: Values, after: Values, scale: float = SMALL_SLOPE
) -> dict[str, tuple[float, ...]]:
    """How far each entry of each step has moved by slopes of this `scale`; steps that have not moved are left out."""
    found = {}
    for name in steps:
        was, now = before.get(name), after.get(name)
        if not (isinstance(was, Value) and isinstance(now, Value) and was.size == now.size):
            continue
        move = tuple(new - old for new, old in zip(now.numbers(), was.numbers(), strict=True))
        if max(map(abs, move), default=0.0) > MIN_SCALED_MOVE * scale * largest([was]):
            found[name] = move
    return found


def agree(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    apart = max(abs(left - right) for left, right in zip(one, other, strict=True))
    return apart <= MOVE_TOLERANCE * max(map(abs, one))
