"""What a wrong step is compared with: what the exercise says of it, in the student's own names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.diagnosis.bindings import Bindings
from grader.diagnosis.chain import Derivation
from grader.diagnosis.numbers import is_zero, shape_of
from grader.diagnosis.rule import Rule, target_of
from grader.exercise.types import Step
from grader.formula.build import NOWHERE, ONE, call, cancelled, number
from grader.formula.syntax import Call, Derivative, Expression, Index, Name, Number, names, text, walk
from grader.formula.vjp import SLOPES

PARTS = 40
"""How many parts of a right formula are looked at."""

MIXED_UP: dict[str, Callable[[Expression], Expression]] = {
    "tanh": lambda out: call("sub", ONE, call("pow", out, number(2))),
    "sigmoid": lambda out: call("mul", out, call("sub", ONE, out)),
}
"""Slopes that are written with the output, which is what they have in common."""


@dataclass(frozen=True)
class Context(Bindings):
    """One wrong step, and what the student's names held just before it was bound; `right` is what it is worth at every
    point, `reads` are the names that its line reads."""

    derivation: Derivation
    step: Step
    right: tuple[Any, ...] = field(default=())
    reads: frozenset[str] = frozenset()

    @cached_property
    def memory(self) -> dict[str, Any]:
        """What rules have worked out once, by name."""
        return {}

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
        """Whether a name is a bare one where all that the line speaks of is like `self.w`, or like `v['w']`."""
        owners = {re.split(r"[.\[]", one)[0] for one in self.reads if not one.isidentifier()}
        return bool(owners) and name.isidentifier() and not any(one.isidentifier() for one in self.reads - owners)

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
    def _ground(self) -> frozenset[str]:
        """Inputs and forward quantities: what a step may be made of, also where it happens to equal one of them."""
        return frozenset((*(one.name for one in self.exercise.inputs), *(s.name for s in self.exercise.forward_steps)))

    @cached_property
    def stated(self) -> Mapping[str, Expression]:
        """The formula by which the program computes what a name holds, for forward quantities."""
        program = {step.name: self.derivation.program(step.quantity) for step in self.exercise.forward_steps}
        own = ((name, program.get(quantity)) for name, quantity in self.quantities.items())
        written = ((name, self.in_students_names(formula)) for name, formula in own if formula is not None)
        return {name: formula for name, formula in written if formula is not None and name not in names(formula)}

    @cached_property
    def computed(self) -> frozenset[str]:
        """The names that hold what is computed from the inputs: forward quantities and steps."""
        inputs = {one.name for one in self.exercise.inputs}
        return frozenset(name for name, quantity in self.quantities.items() if quantity not in inputs)

    def _is_right(self, name: str) -> bool:
        pairs = enumerate(zip(self.names, self.right, strict=True))
        return all(self.same(held[name], right, k) for k, (held, right) in pairs)

    @property
    def strangers(self) -> frozenset[str]:
        """Names of steps the chain rule of this one does not mention; none where there is no such rule."""
        if not self.ingredients:
            return frozenset()
        others = (name for name, quantity in self.quantities.items() if quantity not in self.ingredients)
        return frozenset(name for name in others if self._is_step(name) and name not in self.defined)

    @cached_property
    def defined(self) -> Mapping[str, Expression]:
        """The formula of each name that holds a step that is asked for by a formula: `mask` is `Z1 > 0`."""
        asked = {step.name: step.quantity for step in self.exercise.steps if not isinstance(step.quantity, Derivative)}
        own = ((name, asked[quantity]) for name, quantity in self.quantities.items() if quantity in asked)
        written = ((name, self.in_students_names(formula)) for name, formula in own)
        return {name: formula for name, formula in written if formula is not None and names(formula)}

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
    def exchanged_slopes(self) -> tuple[tuple[Expression, Expression], ...]:
        """The slope of a sigmoid and that of a tanh, at what the other one gave, each with the right one."""
        found = []
        for name in self.swaps:
            operation, _ = self.activations.get(self.quantities.get(name, ""), ("", ""))
            if operation in MIXED_UP:
                own = Name(name, NOWHERE)
                right, wrong = (MIXED_UP[one](own) for one in (operation, *(set(MIXED_UP) - {operation})))
                found.append((wrong, right))
        return tuple(found)

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
                written = self.in_students_names(self._divisor(part)) if value is not None else None
                if value is not None and written is not None:
                    found.setdefault(value, written)
        for size in (
            *shape_of(self.right[0] if self.right else 0.0),
            *(n for one in self.exercise.inputs for n in one.shape),
        ):
            found.setdefault(float(size), self._length(size))
        return tuple(one for value, one in found.items() if abs(value) not in (0.0, 1.0, 2.0, 0.5))

    def _length(self, size: int) -> Expression:
        """The length of an axis as this student would write it: a name that holds it, the length of an array the line
        reads or starts from; the number, where there is none of these."""
        named = [
            name for name in self.shared if all(type(held[name]) is int and held[name] == size for held in self.names)
        ]
        if named:
            return Name(named[0], NOWHERE)
        inputs = {one.name for one in self.exercise.inputs}
        arrays = [name for name in self.swaps if name in self.reads or self.quantities.get(name) in inputs]
        for axis in (0, 1):
            for name in sorted(arrays, key=lambda one: (one not in self.reads, self._is_foreign(one))):
                if len(shape_of(self.names[0][name])) > axis and shape_of(self.names[0][name])[axis] == size:
                    array = Name(name, NOWHERE)
                    if axis == 0:
                        return Call("length", (array,), (), NOWHERE)
                    return Index(Call("shape_of", (array,), (), NOWHERE), (Number(axis, NOWHERE),), NOWHERE)
        return Number(size, NOWHERE)

    def in_students_names(self, formula: Expression) -> Expression | None:
        """A formula over quantities and derivatives in the student's own names; None where one is not there."""
        written = self._in_students_names(formula)
        return None if written is None else cancelled(written)

    def _in_students_names(self, formula: Expression) -> Expression | None:
        match formula:
            case Derivative():
                asked = (step.name for step in self.exercise.steps if text(step.quantity) == text(formula))
                written = next((one for one in map(self._written, asked) if one is not None), None)
                return self._holder(formula) if written is None else written
            case Name():
                return self._written(text(formula))
            case Call("div", (above, Number() | Call("pow", (Number(), _)) as below)):
                whole = self._in_students_names(above)
                return None if whole is None else replace(formula, arguments=(whole, self._divisor(below)))
            case Index() if (written := self._written(text(formula))) is not None:
                return written
            case Call(arguments=arguments):
                inner = [self._in_students_names(argument) for argument in arguments]
                found = tuple(one for one in inner if one is not None)
                return replace(formula, arguments=found) if len(found) == len(inner) else None
            case Index(base=base, keys=keys):
                whole = self._in_students_names(base)
                within = [self._key(one) for one in keys]
                known = tuple(one for one in within if one is not None)
                return replace(formula, base=whole, keys=known) if whole and len(known) == len(keys) else None
            case _:
                return formula

    def _divisor(self, node: Expression) -> Expression:
        """What a formula divides by as the student would write it, where it is a length or a power of one."""
        match node:
            case Number(value=int(size)) if size > 2 and any(
                size in shape_of(value) for value in self.names[0].values()
            ):
                return self._length(size)
            case Call("pow", (base, exponent)):
                return replace(node, arguments=(self._divisor(base), exponent))
            case _:
                return node

    def _key(self, key: Expression) -> Expression | None:
        match key:
            case Number(value=int(place)):
                return self.count(place)
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
        if all(not shape_of(value) and value == 1 for value in worth):
            return ONE

        def fits(held: Sequence[Any]) -> bool:
            return all(self.same(value, right, k) for k, (value, right) in enumerate(zip(held, worth, strict=True)))

        for name in self.shared:
            held = [names[name] for names in self.names]
            if fits(held):
                return Name(name, NOWHERE)
            if len(shape_of(held[0])) == len(shape_of(worth[0])) + 1 and held[0].dtype.kind not in "iu":
                for place in range(shape_of(held[0])[0]):
                    if fits([value[place] for value in held]):
                        return Index(Name(name, NOWHERE), (self.count(place),), NOWHERE)
        return None
