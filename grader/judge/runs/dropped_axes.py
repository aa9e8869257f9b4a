"""Find values whose numbers are right and whose missing axes of size 1 make a later line wrong.

`(n,)` instead of `(n, 1)` passes as right by itself; but with another array of n rows it is broadcast to `(n, n)`. The
later line is correct then: there is one mistake, made where the axis was lost.
"""

from __future__ import annotations

from grader.judge.matching.types import Alignment, Scene
from grader.judge.runs.forced import Commits, Forced, ForcedRuns, faults
from grader.model import Value


def with_whole_shapes(runs: ForcedRuns, forced: Forced) -> Forced:
    """Return the forced runs in which the quantities whose lost axes are to blame went on in their right shape; the
    same runs if that makes no fewer quantities wrong."""
    scene, alignment = runs.scene, forced.alignment
    loose = [name for name in alignment.matches if _is_loose(scene, alignment, name)]
    if not loose or not (broken := _broken(scene, forced.commits)):
        return forced
    found = runs.of(alignment, frozenset(loose))
    left = _broken(scene, found.commits)
    if not left < broken:
        return forced
    for name in loose:
        # Try each quantity alone: one that can keep its shape without harm is not to blame.
        if len(found.whole) > 1:
            without = runs.of(alignment, found.whole - {name})
            if _broken(scene, without.commits) <= left:
                found = without
    again = runs.anew(alignment, found.whole)
    return forced if faults(scene, found) < faults(scene, again) else again


def _is_loose(scene: Scene, alignment: Alignment, name: str) -> bool:
    match = alignment.matches[name]
    event = match.events[0]
    right = scene.reference.values[0][name]
    if match.slot is not None or event is None or not isinstance(event.value, Value):
        return False
    return len(event.value.shape) < len(right.shape) and scene.right(name, match.values())


def _broken(scene: Scene, commits: Commits) -> frozenset[str]:
    """The quantities that are wrong, or not bound, with everything before them right."""
    return frozenset(
        step.name for step in scene.quantities if not scene.is_right(step.name, [at.get(step.name) for at in commits])
    )
