"""What a wrong step is compared with: which quantity each name holds, and what the exercise says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.diagnosis.chain import Derivation
from grader.diagnosis.entries import entry, place_of
from grader.diagnosis.numbers import as_number, is_right, is_zero, shape_of
from grader.diagnosis.rule import Rule, target_of
from grader.diagnosis.search import Names
from grader.exercise.types import Exercise, Step
from grader.formula.making import NOWHERE, ONE
from grader.formula.syntax import Call, Derivative, Expression, Index, Name, Number, names, text, walk
from grader.formula.vjp import SLOPES
from grader.judge.trial import Evidence

PARTS = 40
"""How many parts of a right formula are looked at."""


@dataclass(frozen=True)
class Context:
    """One wrong step. `names` are what the student's names held at every point, just before the step was bound;
    `reads` those of them that its line reads."""

    evidence: Evidence
    derivation: Derivation
    step: Step
    names: tuple[Names, ...]
    right: tuple[Any, ...] = field(default=())
    reads: frozenset[str] = frozenset()

    @cached_property
    def memory(self) -> dict[str, Any]:
        """What rules have worked out once, by name."""
        return {}

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
            if name not in found and (quantity := self._worth([held[name] for held in self.names])) is not None:
                found[name] = quantity
        # A name that holds a whole family stands for one of its members, as a name that is bound anew does.
        found.update((name, self._members_of(family)[-1].name) for family, name in self._holders.items())
        return found

    def _worth(self, values: Sequence[Any]) -> str | None:
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
            step.name: Index(Name(name, NOWHERE), (self._count(step.index),), NOWHERE)
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
    def swaps(self) -> tuple[str, ...]:
        """Names that may stand for one another: one for each value, quantities before the student's own helpers, and
        none that already holds the right value of this step."""
        order = sorted(
            self.shared,
            key=lambda name: (
                self._is_foreign(name),
                name not in self.quantities,
                self.quantities.get(name) not in self.ingredients,
                self._is_step(name),
                name != self.quantities.get(name),
                len(name),
                name,
            ),
        )
        kept: list[str] = []
        for name in order:
            quantity = self.quantities.get(name)
            if quantity not in self._ground and self._is_right(name):
                continue
            # A name that holds 0 would strike out whatever it is multiplied with, and explain nothing.
            if quantity not in self.ingredients and all(is_zero(held[name]) for held in self.names):
                continue
            if not any(self._are_one(name, other) for other in kept):
                kept.append(name)
        return tuple(kept)

    def _is_foreign(self, name: str) -> bool:
        """Whether a name is a bare one where the line speaks of `self.w`."""
        owned = any("." in one for one in self.reads)
        return owned and "." not in name and "[" not in name

    def _are_one(self, name: str, other: str) -> bool:
        return all(self.same(held[name], held[other], k) for k, held in enumerate(self.names))

    @cached_property
    def rule(self) -> Rule | None:
        """The chain rule of this step."""
        return self.derivation.rule(self.step, frozenset(self.quantities.get(name, "") for name in self.reads))

    @cached_property
    def ingredients(self) -> frozenset[str]:
        """The quantities the chain rule of this step is made of."""
        if self.rule is None:
            return frozenset()
        upstreams = self.rule.upstreams
        return self.rule.names | {step.name for step in self.exercise.steps if text(step.quantity) in upstreams}

    @cached_property
    def called(self) -> Mapping[str, str]:
        """The student's name for each quantity."""
        found: dict[str, str] = {}
        for name, quantity in self.quantities.items():
            found.setdefault(quantity, name)
        return found

    @cached_property
    def _ground(self) -> frozenset[str]:
        """Inputs and forward quantities: what a step may be made of, also where it happens to equal one of them."""
        return frozenset((*(one.name for one in self.exercise.inputs), *(s.name for s in self.exercise.forward_steps)))

    def _is_right(self, name: str) -> bool:
        pairs = enumerate(zip(self.names, self.right, strict=True))
        return all(self.same(held[name], right, k) for k, (held, right) in pairs)

    @property
    def strangers(self) -> frozenset[str]:
        """Names of steps the chain rule of this one does not mention; none where there is no such rule."""
        if not self.ingredients:
            return frozenset()
        others = (name for name, quantity in self.quantities.items() if quantity not in self.ingredients)
        return frozenset(name for name in others if self._is_step(name))

    def _is_step(self, name: str) -> bool:
        return any(step.name == self.quantities.get(name) for step in self.exercise.steps)

    @cached_property
    def activations(self) -> Mapping[str, tuple[str, str]]:
        """Forward quantities that are a function of one other: `h1` -> ("tanh", "h1_raw"), `h[2]` too."""
        found = {}
        for statement in self.derivation.statements:
            match statement.value:
                case Call(operation=operation, arguments=(Name() | Index() as inner,)):
                    found[text(target_of(statement))] = (operation, text(inner))
        return found

    @property
    def factors(self) -> tuple[Expression, ...]:
        """What may be missing as a factor or a summand: the names, and the local derivatives of the activations."""
        entries = (written for one, written in self.members.items() if one in self.ingredients)
        return (*(Name(name, NOWHERE) for name in self.swaps), *entries, *self._slopes())

    def _slopes(self) -> Sequence[Expression]:
        names = {own: Name(name, NOWHERE) for name in self.swaps if (own := self.quantities.get(name)) is not None}
        here = {one: written for one, written in self.members.items() if one in self.ingredients}
        found: list[Expression] = []
        for own, written in {**{one: name for one, name in names.items() if one not in self.members}, **here}.items():
            operation, inner = self.activations.get(own, ("", ""))
            if operation in SLOPES and operation != "same":
                if operation == "sigmoid":
                    found.append(Call("sub", (ONE, written), (), NOWHERE))
                local = self.in_students_names(SLOPES[operation](Name(inner, NOWHERE), Name(own, NOWHERE)))
                if local is not None and not isinstance(local, Name | Index):
                    found.append(local)
        return found

    @property
    def terms(self) -> tuple[Expression, ...]:
        """The summands of the chain rule, as far as the student has names for all that is in them."""
        terms = () if self.rule is None or not self.rule.known else self.rule.terms
        written = (self.in_students_names(term.value) for term in terms)
        return tuple(one for one in written if one is not None)

    @cached_property
    def whole(self) -> Expression | None:
        """The right formula in the student's own names; None where they have none for a part of it."""
        written = (self.in_students_names(one) for one in self._formulas)
        return next((one for one in written if one is not None), None)

    @cached_property
    def parts(self) -> tuple[Expression, ...]:
        """What the right formulas are made of, in the student's own names."""
        found: dict[str, Expression] = {}
        for formula in self._formulas:
            for part in walk(formula):
                if isinstance(part, Call) and part.operation not in ("shape_of", "length") and len(found) < PARTS:
                    written = self.in_students_names(part)
                    if written is not None and names(written):
                        found.setdefault(text(written), written)
        return tuple(found.values())

    @cached_property
    def _formulas(self) -> tuple[Expression, ...]:
        """The chain rule of a derivative, the statement that computes a forward quantity, or what is asked for."""
        match self.step.quantity:
            case Derivative():
                return () if self.rule is None or not self.rule.known else (self.rule.formula,)
            case Name() | Index():
                formula = self.derivation.program(self.step.quantity)
                return () if formula is None else (formula,)
            case asked:
                return (asked,)

    @property
    def constants(self) -> tuple[Expression, ...]:
        """Numbers a line may be off by: those in the chain rule, and the sizes of the arrays."""
        found: dict[float, Expression] = {}
        for term in () if self.rule is None else self.rule.terms:
            for part in walk(term.value):
                value = self.derivation.constant(part)
                written = self.in_students_names(part) if value is not None else None
                if value is not None and written is not None:
                    found.setdefault(value, written)
        for size in (
            *shape_of(self.right[0] if self.right else 0.0),
            *(n for one in self.exercise.inputs for n in one.shape),
        ):
            found.setdefault(float(size), Number(size, NOWHERE))
        return tuple(one for value, one in found.items() if abs(value) not in (0.0, 1.0, 2.0, 0.5))

    def in_students_names(self, formula: Expression) -> Expression | None:
        """A formula over quantities and derivatives in the student's own names; None where one is not there."""
        match formula:
            case Derivative():
                asked = (step.name for step in self.exercise.steps if text(step.quantity) == text(formula))
                written = next((one for one in map(self._written, asked) if one is not None), None)
                return self._holder(formula) if written is None else written
            case Name():
                return self._written(text(formula))
            case Index() if (written := self._written(text(formula))) is not None:
                return written
            case Call(arguments=arguments):
                inner = [self.in_students_names(argument) for argument in arguments]
                found = tuple(one for one in inner if one is not None)
                return replace(formula, arguments=found) if len(found) == len(inner) else None
            case Index(base=base, keys=keys):
                whole = self.in_students_names(base)
                within = [self._key(one) for one in keys]
                known = tuple(one for one in within if one is not None)
                return replace(formula, base=whole, keys=known) if whole and len(known) == len(keys) else None
            case _:
                return formula

    def _key(self, key: Expression) -> Expression | None:
        match key:
            case Number(value=int(place)):
                return self._count(place)
            case _:
                return self.in_students_names(key)

    def _written(self, quantity: str) -> Expression | None:
        if quantity in self.members:
            return self.members[quantity]
        name = self.called.get(quantity)
        return None if name is None else Name(name, NOWHERE)

    def _holder(self, formula: Derivative) -> Expression | None:
        """A name, or an entry of an array, with the value of a derivative that is not asked for: `dout`, `g[t]`."""
        worth = [self.derivation.derivative(formula, k) for k in range(len(self.names))]
        if any(value is None for value in worth):
            return None

        def fits(held: Sequence[Any]) -> bool:
            return all(self.same(value, right, k) for k, (value, right) in enumerate(zip(held, worth, strict=True)))

        for name in self.shared:
            held = [names[name] for names in self.names]
            if fits(held):
                return Name(name, NOWHERE)
            if len(shape_of(held[0])) == len(shape_of(worth[0])) + 1:
                for place in range(shape_of(held[0])[0]):
                    if fits([value[place] for value in held]):
                        return Index(Name(name, NOWHERE), (self._count(place),), NOWHERE)
        return None

    def _count(self, number: int) -> Expression:
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
                return None if any(part is None for part in parts) else self._worth(parts)
            case _:
                return None
