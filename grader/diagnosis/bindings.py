"""Which quantity each of the student's names holds, and each entry of a list, an array or a dictionary over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grader.diagnosis.entries import entry, place_of
from grader.diagnosis.numbers import as_number, is_right, shape_of
from grader.diagnosis.search import Names
from grader.exercise.types import Exercise, Step
from grader.formula.build import NOWHERE
from grader.formula.syntax import Call, Expression, Index, Name, Number
from grader.judge.evidence import Evidence


@dataclass(frozen=True)
class Bindings:
    """What the student's `names` held at every point."""

    evidence: Evidence
    names: tuple[Names, ...]

    @property
    def exercise(self) -> Exercise:
        return self.evidence.scene.exercise

    @cached_property
    def quantities(self) -> Mapping[str, str]:
        """Each of the student's names that holds an input, a forward quantity or a step: which one.

        Inputs and forward quantities first: d(y)/d(w) may well be worth an activation."""
        found = {
            match.bound_as: quantity
            for quantity, match in self.evidence.alignment.matches.items()
            if match.slot is None and match.bound_as in self.names[0]
        }
        for name in self.shared:
            if name not in found and (quantity := self.worth([held[name] for held in self.names])) is not None:
                found[name] = quantity
        # A name that holds a whole family stands for one of its members, as a name that is bound anew does.
        found.update((name, self._members_of(family)[-1].name) for family, name in self._holders.items())
        return found

    def worth(self, values: Sequence[Any]) -> str | None:
        """The quantity that has these values, one per point."""
        for quantity, known in self._known.items():
            if all(self.same(*pair, k) for k, pair in enumerate(zip(values, known, strict=True))):
                return quantity
        return None

    @cached_property
    def _known(self) -> Mapping[str, list[Any]]:
        """What every input, forward quantity and step is worth, in this order."""
        reference = self.evidence.scene.reference
        known = {
            one.name: [as_number(point.inputs[one.name]) for point in reference.points] for one in self.exercise.inputs
        }
        for step in (*self.exercise.forward_steps, *self.exercise.steps):
            known.setdefault(step.name, [as_number(at[step.name]) for at in reference.values])
        return known

    # what is indexed by time

    @cached_property
    def members(self) -> Mapping[str, Expression]:
        """Each member of a family that one name holds as a whole, as this line can say it: `h[t]`, `h[t - 1]`."""
        return {
            step.name: Index(Name(name, NOWHERE), (self.count(step.index),), NOWHERE)
            for family, name in self._holders.items()
            for step in self._members_of(family)
            if step.index is not None and all(entry(held[name], step.index) is not None for held in self.names)
        }

    def _members_of(self, family: str) -> list[Step]:
        return [one for one in (*self.exercise.forward_steps, *self.exercise.steps) if one.family == family]

    @cached_property
    def _holders(self) -> Mapping[str, str]:
        """The name that holds a family: the one it was found under, or one that holds all its right values."""
        found: dict[str, str] = {}
        families = {one.family: None for one in (*self.exercise.forward_steps, *self.exercise.steps) if one.family}
        for family in families:
            members = self._members_of(family)
            matches = [self.evidence.alignment.matches.get(one.name) for one in members]
            named = [one.bound_as for one in matches if one is not None]
            others = (name for name in self.shared if name not in named)
            name = next((one for one in (*named, *others) if self._holds_family(one, members, one in named)), None)
            if name is not None:
                found[family] = name
        return found

    def _holds_family(self, name: str, members: Sequence[Step], named: bool) -> bool:
        """Whether a name holds something for the members, as far as they are there yet; for all of them, and the right
        thing, unless it is `named` so."""
        for k, held in enumerate(self.names):
            rights = [as_number(self.evidence.scene.reference.values[k][one.name]) for one in members]
            parts = [entry(held.get(name), one.index) for one in members]
            there = [(part, right) for part, right in zip(parts, rights, strict=True) if part is not None]
            if not there or any(shape_of(part) != shape_of(right) for part, right in there):
                return False
            if not named and (len(there) < len(members) or not all(self.same(*pair, k) for pair in there)):
                return False
        return True

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """The names that hold numbers at every point."""
        return tuple(name for name in self.names[0] if all(name in held for held in self.names))

    def same(self, value: Any, other: Any, point: int) -> bool:
        if isinstance(value, dict) or isinstance(other, dict):
            alike = isinstance(value, dict) and isinstance(other, dict) and value.keys() == other.keys()
            return alike and all(self.same(value[key], other[key], point) for key in value)
        return shape_of(value) == shape_of(other) and is_right(value, other, self.evidence.scene.measures[point])

    @cached_property
    def called(self) -> Mapping[str, str]:
        """The student's name for each quantity."""
        found: dict[str, str] = {}
        for name, quantity in self.quantities.items():
            found.setdefault(quantity, name)
        return found

    def count(self, number: int) -> Expression:
        """A whole number as the student's line can have it: by the name bound last, which is the loop's."""
        loops = {name for site in self.evidence.scene.sites.all if site.kind == "loop" for name in site.names}
        for off, operation in ((0, ""), (1, "sub"), (-1, "add")):
            for name in reversed(self.shared):
                if all(type(held[name]) is int and held[name] == number + off for held in self.names):
                    if not off:
                        return Name(name, NOWHERE)
                    if name in loops:
                        return Call(operation, (Name(name, NOWHERE), Number(1, NOWHERE)), (), NOWHERE)
        return Number(number, NOWHERE)

    def holds(self, expression: Expression) -> str | None:
        """The quantity a name, or an entry of what it holds, is; None for anything else."""
        match expression:
            case Name(id=name):
                return self.quantities.get(name)
            case Index(base=Name(id=name), keys=(key,)):
                parts = [entry(held.get(name), place_of(key, held)) for held in self.names]
                return None if any(part is None for part in parts) else self.worth(parts)
            case _:
                return None
