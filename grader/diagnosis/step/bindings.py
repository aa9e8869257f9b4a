"""Determines which quantity each of the student's names holds, including entries of lists, arrays and dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from grader.diagnosis.chain_rule.meaning import Names
from grader.diagnosis.chain_rule.numbers import as_number, have_same_entries, is_right, shape_of
from grader.exercise.types import Exercise, Step
from grader.formula.build import NOWHERE
from grader.formula.check import integer
from grader.formula.syntax import Call, Expression, Index, Name, Number
from grader.judge.evidence import Evidence
from grader.model import Value


@dataclass(frozen=True)
class Bindings:
    """The values of the student's `names`, one mapping per point. `reads` are the names that the line reads, `around`
    those that the function around it reads."""

    evidence: Evidence
    names: tuple[Names, ...]
    reads: frozenset[str] = field(default=frozenset(), kw_only=True)
    around: frozenset[str] = field(default=frozenset(), kw_only=True)

    @property
    def exercise(self) -> Exercise:
        return self.evidence.scene.exercise

    @cached_property
    def quantities(self) -> Mapping[str, str]:
        """Map each of the student's names that holds an input, a forward quantity or a step to that quantity.

        Values are compared with inputs and forward quantities first, as d(y)/d(w) may equal an activation."""
        found = {
            match.bound_as: quantity
            for quantity, match in self.evidence.alignment.matches.items()
            if match.slot is None and match.bound_as in self.names[0]
        }
        for name in self.shared:
            if name not in found and (quantity := self.worth([held[name] for held in self.names])) is not None:
                found[name] = quantity
        # A name that holds a whole family stands for its last member, like a name that is rebound in a loop.
        found.update((name, self._members_of(family)[-1].name) for family, name in self._holders.items())
        return found

    def worth(self, values: Sequence[Any]) -> str | None:
        """Return the quantity that has these values, one per point; None if there is none."""
        for quantity, known in self._known.items():
            if all(self.same(*pair, k) for k, pair in enumerate(zip(values, known, strict=True))):
                return quantity
        return None

    @cached_property
    def _known(self) -> Mapping[str, list[Any]]:
        """The values of all inputs, forward quantities and steps, in this order; one value per point."""
        reference = self.evidence.scene.reference
        known = {
            one.name: [as_number(point.inputs[one.name]) for point in reference.points] for one in self.exercise.inputs
        }
        for step in (*self.exercise.forward_steps, *self.exercise.steps):
            known.setdefault(step.name, [as_number(at[step.name]) for at in reference.values])
        return known

    def is_misleading(self, name: str) -> bool:
        """Whether a name is that of a quantity, but holds other entries than the quantity at some point: a formula with
        it would say something that is not so."""
        known = self._known.get(name)
        return known is not None and not all(
            have_same_entries(held[name], right, self.evidence.scene.measures[k])
            for k, (held, right) in enumerate(zip(self.names, known, strict=True))
        )

    # families: quantities indexed by time

    @cached_property
    def members(self) -> Mapping[str, Expression]:
        """Map each member of a family that is stored under one name to its expression in this line: `h[t]`,
        `h[t - 1]`."""
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
        """The name that holds each family: the name it was matched under, or one that holds all its right values."""
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
        """Whether a name holds the members of a family, each with the right shape. A `named` one (matched to the
        family) may hold only some members yet, with wrong values; any other must hold all right values."""
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
        """The names that are bound at every point."""
        return tuple(name for name in self.names[0] if all(name in held for held in self.names))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The names whose last binding was a Python float or int. For inputs only the source shows this (see
        `expressions.typed_in`)."""
        dtypes: dict[str, str] = {}
        scene = self.evidence.scene
        for event in scene.traces[0].events:
            if isinstance(event.value, Value) and not event.value.shape:
                dtypes.update(dict.fromkeys(scene.sites[event.site].names, event.value.dtype))
        return frozenset(name for name, dtype in dtypes.items() if dtype in ("float", "int"))

    def same(self, value: Any, other: Any, point: int) -> bool:
        if isinstance(value, dict) or isinstance(other, dict):
            alike = isinstance(value, dict) and isinstance(other, dict) and value.keys() == other.keys()
            return alike and all(self.same(value[key], other[key], point) for key in value)
        return shape_of(value) == shape_of(other) and is_right(value, other, self.evidence.scene.measures[point])

    @cached_property
    def called(self) -> Mapping[str, str]:
        """The student's name for each quantity: of several, one that the line reads, else one that the function around
        it reads, else the first."""
        found: dict[str, str] = {}
        for name, quantity in sorted(self.quantities.items(), key=lambda one: self.distance(one[0])):
            found.setdefault(quantity, name)
        return found

    def distance(self, name: str) -> int:
        """Return how far from the line a name is in use: 0 in the line, 1 in the function around it, where all entries
        of a dictionary count that it reads, 2 elsewhere."""
        return 0 if name in self.reads else 1 if {name, name.split("[")[0]} & self.around else 2

    def count(self, number: int) -> Expression:
        """Return an integer as the student's line can write it: by the most recently bound name with that value, which
        is a loop counter; by a loop counter off by one; or as a number."""
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
        """Return the quantity that a name or one of its entries holds, or of which an entry is read; None for other
        expressions."""
        match expression:
            case Name(id=name):
                return self.quantities.get(name)
            case Index(base=Name(id=name), keys=keys):
                places = [[place_of(key, held) for key in keys] for held in self.names]
                parts = [entry(held.get(name), at[0]) for held, at in zip(self.names, places, strict=True)]
                known = len(keys) == 1 and not any(part is None for part in parts)
                of_whole = None if any(None in at for at in places) else self.quantities.get(name)
                return (self.worth(parts) if known else None) or of_whole
            case _:
                return None


def entry(whole: Any, place: int | None) -> Any:
    """Return the entry at a place, None if there is none. Negative places count from the end (not in dictionaries)."""
    if place is None or isinstance(whole, dict):
        return None if place is None else whole.get(place)
    length = (*shape_of(whole), 0)[0]
    return whole[place] if -length <= place < length else None


def place_of(key: Expression, held: Mapping[str, Any]) -> int | None:
    """Return the integer that an index key evaluates to with the values `held`; None if it is none."""
    return integer(key, {name: value for name, value in held.items() if type(value) is int})
