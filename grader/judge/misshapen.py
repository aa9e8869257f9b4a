"""Values whose numbers are right and whose left-out axes of size 1 make a later line wrong.

`(n,)` where `(n, 1)` is meant passes as right by itself; but with another array of n rows it is broadcast to
`(n, n)`. The later line is then as it should be: one mistake, made where the axis was lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.judge.align import Alignment, Scene
from grader.judge.compare import compare
from grader.model import Observed, Value
from grader.runner.types import Trace

Commits = Sequence[Mapping[str, Observed]]
Runs = tuple[list[Trace], list[Mapping[str, Observed]]]


def misshapen(
    scene: Scene, alignment: Alignment, runs: Runs, rerun: Callable[[frozenset[str]], Runs]
) -> tuple[frozenset[str], Runs]:
    """The quantities whose lost axes are to blame, and the forced runs with these put in; none, and `runs`, where
    putting them in makes no fewer wrong. `rerun` makes the forced runs with the whole shapes of some quantities."""
    loose = [name for name in alignment.matches if _is_loose(scene, alignment, name)]
    if not loose or not (broken := _broken(scene, runs[1])):
        return frozenset(), runs
    suspects = frozenset(loose)
    found = rerun(suspects)
    left = _broken(scene, found[1])
    if not left < broken:
        return frozenset(), runs
    for name in loose:
        # Blamed one by one: who can be left as it is without harm is not to blame.
        if len(suspects) > 1:
            without = rerun(suspects - {name})
            if _broken(scene, without[1]) <= left:
                suspects, found = suspects - {name}, without
    return suspects, found


def _is_loose(scene: Scene, alignment: Alignment, name: str) -> bool:
    match = alignment.matches[name]
    if match.slot is not None or not scene.right(name, match.values()):
        return False
    event = match.events[0]
    right = scene.reference.values[0][name]
    return event is not None and isinstance(event.value, Value) and len(event.value.shape) < len(right.shape)


def _broken(scene: Scene, commits: Commits) -> frozenset[str]:
    """The quantities that are not right, or not there, with everything before them right."""
    return frozenset(
        step.name
        for step in scene.quantities
        if not all(
            (value := at.get(step.name)) is not None
            and compare(value, scene.reference.values[k][step.name], scene.measure(k, step.name)).right
            for k, at in enumerate(commits)
        )
    )
