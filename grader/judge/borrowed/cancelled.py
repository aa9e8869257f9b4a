"""Check whether a step that is 0 only because terms cancel was derived, by how its line reacts to other values.

In one further run, at the last point, the steps are fed the values they would have for another output (`disturbances`
of `reference/autograd.py`). A line that depends on what it is fed must then give what autograd gives for that output. A
line that depends on none of it may rest on forward values alone; it is a typed-in 0 only if it is the same number at
all points and with other forward values too.

A step that continues from such a step is tested as well: it may have been right only as long as that was 0. Leaving the
term out, knowing it to be 0, or using a formula for the whole, is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.judge.borrowed.borrowing import PerturbedRuns
from grader.judge.matching.compare import compare, same
from grader.judge.runs.forced import Commits
from grader.model import Observed, Value
from grader.reference.points import Disturbance

ROUNDING_SHARE = 1e-21
"""Terms that cancel leave more than this, relative to the largest value, or nothing."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Further runs of one submission; `commits` are its values with everything before them right."""

    runs: PerturbedRuns
    commits: Commits

    def not_derived(self, but: Iterable[str]) -> frozenset[str]:
        """Return, of the right steps without those in `but`, those that are right only because terms cancel."""
        reference = self.runs.scene.reference
        disturbances = [one for one in reference.disturbances if one.point == len(reference.points) - 1]
        found: set[str] = set()
        for step in dict.fromkeys(one.step for one in disturbances):
            asked = [one for one in disturbances if one.step == step]
            known = (name for name in (step, *asked[0].goes_on) if self._is_right(name))
            right = {name for name in known if self._is_shown(name, asked[0])} - {*but}
            if right:
                found |= self._of(asked, right)
        return frozenset(found)

    def _of(self, disturbances: list[Disturbance], asked: set[str]) -> set[str]:
        """Return those of the steps `asked` that are not derived; the disturbances are of one step, nearest first."""
        found: set[str] = set()
        step, followed = disturbances[0].step, 0
        for number, one in enumerate(disturbances):
            if followed and one.level > followed:
                return found
            given = self.runs.fed(one.values, asked)
            asked = {name for name in asked if not self._is_cut_off(name, one, given)}
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
        scene = self.runs.scene
        return name in self.runs.alignment.matches and all(
            name in at and compare(at[name], scene.reference.values[k][name], scene.measure(k, name)).right
            for k, at in enumerate(self.commits)
        )

    def _is_shown(self, name: str, one: Disturbance) -> bool:
        """Whether a run can show what a step makes of other values. What `exec` binds is found only after its
        statement, so later code of that statement cannot be fed other values."""
        here = self._swept(name)
        before = self.runs.alignment.matches.keys() & one.values.keys() - {name}
        return not here or all(here.isdisjoint(self._swept(other)) for other in before)

    def _swept(self, name: str) -> frozenset[tuple[int, int]]:
        """The statements after which a quantity was found in the namespace."""
        events = self.runs.alignment.matches[name].events
        sites = (self.runs.scene.sites[one.site] for one in events if one is not None)
        return frozenset((site.cell, site.top) for site in sites if site.kind == "swept")

    def _is_cut_off(self, name: str, one: Disturbance, given: Mapping[str, Observed]) -> bool:
        """Whether the other values do not reach a step: it is made in the passes of one loop together with a step that
        is fed only when the loop is over, and that was not made from them either. A typed-in number is made of
        nothing."""
        place = self._loop(name)
        return place is not None and any(
            other in given and self._loop(other) == place and not self._is_close(other, given[other], one.values[other])
            for other in self.runs.alignment.matches.keys() & one.values.keys() - {name}
        )

    def _loop(self, name: str) -> tuple[int, int, str] | None:
        """The statement whose passes make a quantity bit by bit; None if it is not made in this way."""
        match = self.runs.alignment.matches.get(name)
        event = None if match is None else match.events[-1]
        site = None if event is None else self.runs.scene.sites[event.site]
        return None if site is None or not site.in_loop or site.literal else (site.cell, site.top, site.scope)

    def _follows_nothing(self, name: str, value: Observed) -> bool:
        return self._is_close(name, value, self.runs.scene.reference.values[-1][name])

    def _is_other(self, one: Disturbance, name: str, value: Observed | None) -> bool:
        """Whether a step that continues from the cancelled one uses it other than it should."""
        if value is None:
            return False
        whole, without, right = one.values[name], one.goes_on[name], self.runs.scene.reference.values[-1][name]
        # The step may have a formula of its own, with the term or without it.
        own = _sum(right, whole, without)
        return not any(self._is_close(name, value, good) for good in (whole, without, right, own))

    def _is_close(self, name: str, value: Observed, right: Value) -> bool:
        scene = self.runs.scene
        return compare(value, right, scene.measure(len(scene.reference.points) - 1, name)).right

    def _is_typed(self, step: str) -> bool:
        """Whether a step is one number, whatever comes before it. What is smaller than any rounding is a 0 as well."""
        scene = self.runs.scene
        values = [_without_rounding(at[step], most) for at, most in zip(self.commits, scene.largest, strict=True)]
        if not all(same(values[0], value) for value in values[1:]):
            return False
        forward = [one.name for one in scene.exercise.forward_steps]
        values_there = scene.reference.values[-1]
        other = {name: _times(values_there[name], 1.25 + number / 16) for number, name in enumerate(forward)}
        given = self.runs.fed(other, {step}).get(step)
        return given is not None and same(values[0], _without_rounding(given, scene.largest[-1]))


def _without_rounding(value: Observed, most: float) -> Observed:
    if not isinstance(value, Value):
        return value
    return Value.of([0.0 if abs(one) < ROUNDING_SHARE * most else one for one in value.numbers()], value.shape)


def _times(value: Value, factor: float) -> Value:
    return Value.of([factor * number for number in value.numbers()], value.shape)


def _sum(value: Value, added: Value, taken: Value) -> Value:
    numbers = zip(value.numbers(), added.numbers(), taken.numbers(), strict=True)
    return Value.of([one + more - less for one, more, less in numbers], value.shape)
