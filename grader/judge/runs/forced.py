"""Make forced runs: the submission's own code with right values fed in, at every point, under one reading of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.judge.matching.types import Alignment, Scene, Statement
from grader.judge.runs.perturbed_runs import otherwise, turn
from grader.judge.runs.teacher_forcing import Teacher, nothing_to_replace, values_at
from grader.model import Observed
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order, Trace

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
        point = turn(self.scene, alignment, self.session.sources)
        if point is None:
            return self.of(alignment, whole)
        teacher = Teacher(self.scene, alignment, point, whole=whole)
        made = [self._at(k, alignment, whole) for k in range(point)]
        differs_when_forced = otherwise(self.session, self._order(teacher), teacher)
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
