"""Whether a step that is 0 only because terms cancel was derived: by what its line does when other values arrive.

In one further run, at the last point, the steps are fed what they were if the output were another one
(`reference/cancelled.py`). A line that follows what it is fed must then give what autograd gives for that output. One
that follows none of it may rest on forward values alone; it is a typed 0 only where it is the same number at all points
and with other forward values too.

A step that goes on from such a step is tried as well: it may have been right only as long as that was 0. Whoever leaves
the term out, knowing it to be 0, or has a formula for the whole, is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from grader.judge.align import Alignment
from grader.judge.borrowing import Trials
from grader.judge.compare import compare, same
from grader.judge.forced import Commits
from grader.judge.teacher_forcing import Teacher
from grader.model import Observed, Value
from grader.reference.types import Disturbance
from grader.runner.types import Order


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Runs of one submission; `commits` are what it gave with everything before it right."""

    trials: Trials
    commits: Commits

    def not_derived(self, but: Iterable[str]) -> frozenset[str]:
        """The steps that are right only because terms cancel, of those that are right; without those in `but`."""
        reference = self.trials.scene.reference
        disturbances = [one for one in reference.disturbances if one.point == len(reference.points) - 1]
        found: set[str] = set()
        for step in dict.fromkeys(one.step for one in disturbances):
            asked = [one for one in disturbances if one.step == step]
            known = (name for name in (step, *asked[0].goes_on) if self._is_right(name) and self._is_seen(name))
            right = {*known} - {*but}
            if right:
                found |= self._of(asked, right)
        return frozenset(found)

    def _of(self, disturbances: list[Disturbance], asked: set[str]) -> set[str]:
        """Those of the steps `asked` about that are not derived; the disturbances are of one step, nearest first."""
        found: set[str] = set()
        step, followed = disturbances[0].step, 0
        for number, one in enumerate(disturbances):
            if followed and one.level > followed:
                return found
            given = self._given(one.values, asked)
            if number == 0:
                found |= {name for name in asked - {step} if self._is_other(one, name, given.get(name))}
            if step not in asked or (value := given.get(step)) is None:
                return found
            if not self._follows_nothing(step, value):
                followed = one.level
                if not self._is_close(step, value, one.values[step]):
                    return {*found, step}
        if followed:
            return found
        return {*found, step} if self._is_typed(step) else found

    def _is_right(self, name: str) -> bool:
        scene = self.trials.scene
        return name in self.trials.alignment.matches and all(
            name in at and compare(at[name], scene.reference.values[k][name], scene.measure(k, name)).right
            for k, at in enumerate(self.commits)
        )

    def _is_seen(self, name: str) -> bool:
        """Whether a step is bound by a line of its own. What `exec` binds is found afterwards: nothing can be fed to
        the next one in there."""
        events = self.trials.alignment.matches[name].events
        return not any(one is not None and self.trials.scene.sites[one.site].kind == "swept" for one in events)

    def _follows_nothing(self, name: str, value: Observed) -> bool:
        return self._is_close(name, value, self.trials.scene.reference.values[-1][name])

    def _is_other(self, one: Disturbance, name: str, value: Observed | None) -> bool:
        """Whether a step that goes on from the cancelled one does something else with it than it should."""
        if value is None:
            return False
        whole, without, right = one.values[name], one.goes_on[name], self.trials.scene.reference.values[-1][name]
        # It may have a formula of its own, with the term or without it.
        own = _sum(right, whole, without)
        return not any(self._is_close(name, value, good) for good in (whole, without, right, own))

    def _is_close(self, name: str, value: Observed, right: Value) -> bool:
        scene = self.trials.scene
        return compare(value, right, scene.measure(len(scene.reference.points) - 1, name)).right

    def _is_typed(self, step: str) -> bool:
        """Whether a step is one number, whatever comes before it."""
        scene = self.trials.scene
        values = [at[step] for at in self.commits]
        if not all(same(values[0], value) for value in values[1:]):
            return False
        forward = [one.name for one in scene.exercise.forward_steps]
        values_there = scene.reference.values[-1]
        other = {name: _times(values_there[name], 1.25 + number / 16) for number, name in enumerate(forward)}
        given = self._given(other, {step}).get(step)
        return given is not None and same(values[0], given)

    def _given(self, values: Mapping[str, Value], asked: set[str]) -> Mapping[str, Observed]:
        """What each of the steps `asked` about is at the last point where everything before it has these values."""
        trials, scene = self.trials, self.trials.scene
        reference = scene.reference
        disturbed = replace(reference, values=(*reference.values[:-1], {**reference.values[-1], **values}))
        matches = {
            name: replace(match, origins=()) if name in asked else match
            for name, match in trials.alignment.matches.items()
        }
        teacher = Teacher(
            replace(scene, reference=disturbed), Alignment(matches), len(reference.points) - 1, disturbed=True
        )
        inputs = reference.points[-1].inputs
        trials.session.run(Order(inputs, trials.decisions, teacher.stops, supplied=teacher.supplied), teacher.decide)
        return teacher.commits


def _times(value: Value, factor: float) -> Value:
    return Value.of([factor * number for number in value.numbers()], value.shape)


def _sum(value: Value, added: Value, taken: Value) -> Value:
    numbers = zip(value.numbers(), added.numbers(), taken.numbers(), strict=True)
    return Value.of([one + more - less for one, more, less in numbers], value.shape)
