"""Which steps were computed from what the forward program gives at other inputs, with no function around it.

A difference quotient may be written out, with a class of numbers of the student's own or from an array of nodes: there
is no function then that could be bent (`judge.quotients`). So everything is that is computed from what the text shifts
(`submission.shifted`): each operator and each call gets another slope there (`runner.child.sloped`). What was derived
comes out the same. A step that has moved was made from values at other inputs, and it was differentiated where it
moves by as much if the slope comes with a curve: whatever finds a slope from values finds that slope.

Where the text shifts nothing that is given, nothing is run.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from grader.judge.align import answer_end
from grader.judge.compare import largest
from grader.judge.difference_quotients import Runs, Values, copies
from grader.model import Value
from grader.runner.types import Bending
from grader.submission.shifted import Shift, shifts

SLIGHT = 2.0**-16
"""What the slopes are multiplied by: what is compared with values at other inputs is content with that."""

MOVED = 0.02
"""From which move on, relative to its size and to `SLIGHT`, a step has moved: a small constant under a root moves it
less."""

ALIKE = 0.03
"""How closely two moves agree by which a slope was found."""

SLOPE, CURVED = 1, 2

_NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:[eE][+-]?\d+)?")


def evaluated(runs: Runs, steps: frozenset[str], commits: Values, by_functions: bool) -> frozenset[str]:
    """Those of the steps, all of them right, that were differentiated from values at other inputs; `commits` are their
    values at the last point, and `by_functions` says whether any has moved where functions were bent."""
    constants = set(map(float, _NUMBER.findall(runs.scene.exercise.program_text)))
    shifted = shifts(runs.session.sources, _given(runs), constants, _end(runs)) if steps else ()
    if not any(by_functions or not one.for_function for one in shifted):
        return frozenset()
    slopes = _Slopes(runs, steps, shifted, random.SystemRandom().randrange(10**6))
    found = slopes.found_by(lambda bent: runs.forced(_last(runs), bent=bent), commits)
    if not found:
        return found
    # A value that was only compared with the step, and bound before it, is not the step.
    own = slopes.found_by(lambda bent: runs.natural(_last(runs), bent=bent), runs.before(_last(runs)))
    return found & own | copies(runs.scene, own, found & own)


@dataclass(frozen=True, slots=True)
class _Slopes:
    runs: Runs
    steps: frozenset[str]
    shifts: tuple[Shift, ...]
    seed: int

    def found_by(self, run: Callable[[Bending], Values], before: Values) -> frozenset[str]:
        """The steps that such runs show to be made from a slope, and that were `before` what they are otherwise."""
        sloped = _moves(self.steps, before, run(self._bent(SLOPE)))
        if not sloped:
            return frozenset()
        curved = _moves(self.steps, before, run(self._bent(CURVED)))
        return frozenset(name for name, move in sloped.items() if name in curved and _agree(move, curved[name]))

    def _bent(self, power: int) -> Bending:
        return Bending((), power, True, self.seed, (), SLIGHT, shifts=self.shifts)


def _last(runs: Runs) -> int:
    return len(runs.scene.reference.points) - 1


def _end(runs: Runs) -> tuple[float, float]:
    """The cell and the line with which the answer ends: what is shifted below it is a check."""
    scene = runs.scene
    last = answer_end(scene.exercise, scene.names, scene.sites, scene.traces[0])
    lines = [site.statement[2] for site in scene.sites.all if (site.cell, site.top) == last]
    return (math.inf, 0.0) if last is None or not lines else (last[0], max(lines))


def _given(runs: Runs) -> set[str]:
    """The names that hold inputs which are drawn anew for each point."""
    drawn = {one.name for one in runs.scene.exercise.inputs if not one.fixed}
    sites = runs.scene.sites
    return drawn | {name for place, given in runs.decisions.items() if given in drawn for name in sites[place[0]].names}


def _moves(steps: frozenset[str], before: Values, after: Values) -> dict[str, tuple[float, ...]]:
    """By how much each entry of each step has moved; steps that have not are left out."""
    found = {}
    for name in steps:
        was, now = before.get(name), after.get(name)
        if not (isinstance(was, Value) and isinstance(now, Value) and was.size == now.size):
            continue
        move = tuple(new - old for new, old in zip(now.numbers(), was.numbers(), strict=True))
        if max(map(abs, move), default=0.0) > MOVED * SLIGHT * largest([was]):
            found[name] = move
    return found


def _agree(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    apart = max(abs(left - right) for left, right in zip(one, other, strict=True))
    return apart <= ALIKE * max(map(abs, one))
