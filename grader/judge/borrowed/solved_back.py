"""Find steps that were solved for, out of a later step that was not derived.

`dh1_raw = (dw_h - h1 * dh2_raw) / h0` turns the rule of `dw_h` around. Whatever stands in `dw_h`, `dh1_raw` comes out
right once `dw_h` is right, so a number typed in for the last step would earn all steps before it.

Several later steps that were not derived are given other values one by one, and then at once: what most of them agree
on may have been chosen.

A step comes later if its derivative is made of the other's by the chain rule: by an input further up the program, or of
a result further down. Whether a step depends on a later one is seen in a forced run in which that has another value. A
later step that was derived may be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.exercise.types import Exercise
from grader.formula.check import reads
from grader.formula.syntax import Derivative, Program, names, walk
from grader.judge.borrowed.difference_quotients import Values
from grader.judge.matching.compare import compare, same
from grader.judge.matching.types import Alignment, Scene
from grader.model import Value

SOLVED = "solved_back"
"""The reason of such a step's verdict."""


class FedRuns(Protocol):
    """Makes further runs of a submission."""

    @property
    def scene(self) -> Scene: ...

    @property
    def alignment(self) -> Alignment: ...

    def fed(self, values: Mapping[str, Value], asked: Iterable[str]) -> Values: ...


def solved_back(runs: FedRuns, commits: Sequence[Values], taken: Mapping[str, str]) -> Mapping[str, str]:
    """Return the steps that are right with everything before them right, but were solved for; `taken` are those that
    were taken from a differentiator."""
    asked = runs.scene.exercise.steps
    waiting = [step.name for step in asked if step.name in taken or not _is_derived(runs, commits, step.name)]
    if not waiting:
        return {}
    search = _Search(runs, commits, _Order.of(runs.scene.exercise))
    found: set[str] = set()
    for group in search.groups(waiting):
        found |= search.made_from(group) - taken.keys()
    waiting += found
    while waiting:
        solved = search.made_from(frozenset([waiting.pop()])) - found - taken.keys()
        waiting += solved
        found |= solved
    return dict.fromkeys(found, SOLVED)


def _is_derived(runs: FedRuns, commits: Sequence[Values], name: str) -> bool:
    """Whether a step is right by itself, or with everything before it right."""
    match = runs.alignment.matches.get(name)
    by_itself = match is not None and runs.scene.right(name, match.values())
    return by_itself or runs.scene.is_right(name, [at.get(name) for at in commits])


@dataclass(frozen=True, slots=True)
class _Order:
    """Which steps come before which: `parts` are the names in what is derived, and by what; `needed` are, for each
    forward name, all that it is computed from."""

    parts: Mapping[str, tuple[frozenset[str], frozenset[str]]]
    needed: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, exercise: Exercise) -> _Order:
        told = {step.name: step.quantity for step in exercise.steps}
        plain = {name: one for name, one in told.items() if isinstance(one, Derivative) and not _is_second(one)}
        parts = {name: (names(one.of), names(one.by)) for name, one in plain.items()}
        return cls(parts, _needed(exercise.program))

    def is_before(self, step: str, later: str) -> bool:
        """Whether the chain rule makes `later` from `step`."""
        if not (step in self.parts and later in self.parts):
            return False
        (of, by), (of_later, by_later) = self.parts[step], self.parts[later]
        return (of == of_later and self._is_after(by, by_later)) or (by == by_later and self._is_after(of_later, of))

    def _is_after(self, these: frozenset[str], those: frozenset[str]) -> bool:
        """Whether these are computed from those, and not, as in a loop over time, those from these as well."""
        return self._needs(these, those) and not self._needs(those, these)

    def _needs(self, these: frozenset[str], those: frozenset[str]) -> bool:
        return any(name not in those and not those.isdisjoint(self.needed.get(name, ())) for name in these)


def _is_second(derivative: Derivative) -> bool:
    return any(isinstance(part, Derivative) for side in (derivative.of, derivative.by) for part in walk(side))


def _needed(program: Program) -> Mapping[str, frozenset[str]]:
    direct = reads(program)
    found: dict[str, frozenset[str]] = {}
    for start in direct:
        seen, waiting = set[str](), [start]
        while waiting:
            new = direct.get(waiting.pop(), frozenset()) - seen
            seen |= new
            waiting += new
        found[start] = frozenset(seen)
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    runs: FedRuns
    commits: Sequence[Values]
    order: _Order

    def groups(self, later: Iterable[str]) -> frozenset[frozenset[str]]:
        """Those of the later steps, two or more, that one earlier step may be made from."""
        asked, later = self.runs.scene.exercise.steps, [*later]
        made = (frozenset(one for one in later if self._may_be_made(step.name, one)) for step in asked)
        return frozenset(group for group in made if len(group) > 1)

    def made_from(self, later: frozenset[str]) -> frozenset[str]:
        """The earlier steps that are right, and have another value if all of `later` have one."""
        scene = self.runs.scene
        asked = (step.name for step in scene.exercise.steps)
        earlier = [name for name in asked if all(self._may_be_made(name, one) for one in later)]
        if not earlier:
            return frozenset()
        right, last = scene.reference.values[-1], len(scene.reference.values) - 1
        after = self.runs.fed({name: _other(right[name]) for name in later}, earlier)
        return frozenset(
            name
            for name in earlier
            if isinstance(value := after.get(name), Value)
            and not compare(value, right[name], scene.measure(last, name)).right
        )

    def _may_be_made(self, name: str, later: str) -> bool:
        scene, matches = self.runs.scene, self.runs.alignment.matches
        own, other = (matches[one].events[-1] if one in matches else None for one in (name, later))
        if own and other and other.sequence > own.sequence:
            return False  # the usual order
        if not self.order.is_before(name, later):
            return False
        # `dz = db`, where a bias is added: neither is made from the other.
        if all(same(at[name], at[later]) for at in scene.reference.values):
            return False
        right = scene.is_right(name, [at.get(name) for at in self.commits])
        return right and (bool(own and other) or self._reads(name, later))

    def _reads(self, name: str, later: str) -> bool:
        """Whether a line for a step reads the name of another, which may not have been bound."""
        sites, means = self.runs.scene.sites.all, self.runs.scene.names.means

        def is_any(these: Iterable[str], quantity: str) -> bool:
            return any((found := means(one)) is not None and found.quantity == quantity for one in these)

        return any(is_any(site.names, name) and is_any(site.reads, later) for site in sites)


def _other(value: Value) -> Value:
    largest = max(map(abs, value.numbers()), default=0.0) or 1.0
    return Value.of([1.25 * number + 0.125 * largest for number in value.numbers()], value.shape)
