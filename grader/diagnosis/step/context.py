"""The context of a wrong step: what the exercise says about it, written in the student's own names."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation, expanded
from grader.diagnosis.chain_rule.numbers import is_zero, shape_of
from grader.diagnosis.chain_rule.rule import Rule, target_of
from grader.diagnosis.repair_search.subtrees import with_formulas
from grader.diagnosis.step.bindings import Bindings
from grader.exercise.types import Step
from grader.formula.build import NOWHERE, ONE, call, cancelled, number, size_of_matrix
from grader.formula.syntax import Call, Derivative, Expression, Index, Name, Number, names, text, walk
from grader.formula.vjp import SLOPES

PARTS = 40
"""How many parts of the right formulas are collected, at most."""

DEEPEST = 6
"""How often quantities without a name are replaced by their formulas, at most."""

LONGEST = 120
"""Names, numbers and operations of a term with such formulas, at most: a longer one helps nobody."""

MIXED_UP: dict[str, Callable[[Expression], Expression]] = {
    "tanh": lambda out: call("sub", ONE, call("pow", out, number(2))),
    "sigmoid": lambda out: call("mul", out, call("sub", ONE, out)),
}
"""Derivatives of activations that are written in terms of the output, and therefore confused with one another."""


@dataclass(frozen=True)
class Context(Bindings):
    """One wrong step, with the values of the student's names just before it was bound. `right` are the step's right
    values, one per point."""

    derivation: Derivation
    step: Step
    right: tuple[Any, ...] = field(default=())

    @cached_property
    def memory(self) -> dict[str, Any]:
        """A cache for results of the misconception rules, by name."""
        return {}

    @cached_property
    def swaps(self) -> tuple[str, ...]:
        """Names that may replace one another: one per distinct value, quantities before the student's own helpers,
        without names that already hold the right value of this step, and without misleading ones."""
        order = sorted(
            self.shared,
            key=lambda name: (
                self._is_foreign(name),
                self.distance(name) if name in self.quantities else 3,
                self.quantities.get(name) not in self.rule_quantities,
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
            if quantity is None and name not in self.reads and self.is_misleading(name):
                continue
            # A name that is 0 would make every product vanish and explain nothing.
            if quantity not in self.rule_quantities and all(is_zero(held[name]) for held in self.names):
                continue
            if not any(self._are_one(name, other) for other in kept):
                kept.append(name)
        return tuple(kept)

    @cached_property
    def single_numbers(self) -> tuple[str, ...]:
        """The names of single numbers that are given, such as a rate beside arrays, or the same at every point: what a
        function may read that is not handed it."""
        arrays = any(one.shape for one in self.exercise.inputs)
        given = {one.name for one in self.exercise.inputs if arrays and not one.shape}
        return tuple(
            name
            for name in self.swaps
            if all(isinstance(held[name], int | float) for held in self.names)
            and (self.quantities.get(name) in given or len({held[name] for held in self.names}) == 1)
        )

    def _is_foreign(self, name: str) -> bool:
        """Whether a name is a plain identifier although the line reads only names like `self.w` or `v['w']`."""
        owners = {re.split(r"[.\[]", one)[0] for one in self.reads if not one.isidentifier()}
        return bool(owners) and name.isidentifier() and not any(one.isidentifier() for one in self.reads - owners)

    def _are_one(self, name: str, other: str) -> bool:
        return all(self.same(held[name], held[other], k) for k, held in enumerate(self.names))

    @cached_property
    def rule(self) -> Rule | None:
        """The chain rule of this step."""
        return self.derivation.rule(self.step, frozenset(self.quantities.get(name, "") for name in self.reads))

    @cached_property
    def rule_quantities(self) -> frozenset[str]:
        """The quantities in the chain rule of this step, with the steps that are certainly 1 or 0."""
        if self.rule is None:
            return frozenset()
        upstreams = self.rule.upstreams.union(*(one.upstreams for one in self._seeded))
        return self.rule.names | {step.name for step in self.exercise.steps if text(step.quantity) in upstreams}

    @cached_property
    def _seeded(self) -> tuple[Rule, ...]:
        """The chain rule with the derivatives that are certainly 1 or 0, as far as they are steps."""
        return () if self.rule is None else self.derivation.with_seeds(self.rule)

    @cached_property
    def seeds(self) -> frozenset[str]:
        """The names that hold a step which is certainly 1 or 0: d(y)/d(y), d(x)/d(w)."""
        certain = {
            step.name
            for step in self.exercise.steps
            if isinstance(step.quantity, Derivative)
            and step.quantity.via is None
            and not step.quantity.partial
            and not isinstance(step.quantity.of, Derivative)
            and (
                text(step.quantity.of) == text(step.quantity.by)
                or not self.derivation.depends(step.quantity.of, step.quantity.by)
            )
        }
        return frozenset(name for name, quantity in self.quantities.items() if quantity in certain)

    @cached_property
    def _ground(self) -> frozenset[str]:
        """Inputs and forward quantities: a step may read these even if its right value happens to equal one of them."""
        return frozenset((*(one.name for one in self.exercise.inputs), *(s.name for s in self.exercise.forward_steps)))

    @cached_property
    def stated(self) -> Mapping[str, Expression]:
        """For each name that holds a forward quantity, the formula by which the program computes it."""
        program = {step.name: self.derivation.program(step.quantity) for step in self.exercise.forward_steps}
        own = ((name, program.get(quantity)) for name, quantity in self.quantities.items())
        written = ((name, self._written_out(formula)) for name, formula in own if formula is not None)
        said = {name: formula for name, formula in written if formula is not None and name not in names(formula)}
        return {**said, **dict(self._named_numbers.values())}

    @cached_property
    def computed(self) -> frozenset[str]:
        """The names that hold a forward quantity or a step, which are computed from the inputs."""
        inputs = {one.name for one in self.exercise.inputs}
        return frozenset(name for name, quantity in self.quantities.items() if quantity not in inputs)

    @cached_property
    def forward(self) -> frozenset[str]:
        """The forward quantities, without the step itself."""
        return frozenset(one.name for one in self.exercise.forward_steps) - {self.step.name}

    def _is_right(self, name: str) -> bool:
        pairs = enumerate(zip(self.names, self.right, strict=True))
        return all(self.same(held[name], right, k) for k, (held, right) in pairs)

    @property
    def unrelated_names(self) -> frozenset[str]:
        """Names of steps that do not occur in the chain rule of this step; empty if there is no such rule."""
        if not self.rule_quantities:
            return frozenset()
        others = (name for name, quantity in self.quantities.items() if quantity not in self.rule_quantities)
        return frozenset(name for name in others if self._is_step(name) and name not in self.defined)

    @cached_property
    def defined(self) -> Mapping[str, Expression]:
        """For each name that holds a step which the exercise defines by a formula, that formula: `mask` is `Z1 > 0`."""
        asked = {step.name: step.quantity for step in self.exercise.steps if not isinstance(step.quantity, Derivative)}
        own = ((name, asked[quantity]) for name, quantity in self.quantities.items() if quantity in asked)
        written = ((name, self.in_students_names(formula)) for name, formula in own)
        return {name: formula for name, formula in written if formula is not None and names(formula)}

    def _is_step(self, name: str) -> bool:
        return any(step.name == self.quantities.get(name) for step in self.exercise.steps)

    @cached_property
    def activations(self) -> Mapping[str, tuple[str, str]]:
        """Forward quantities that are a function of one other: `h1` -> ("tanh", "h1_raw"); also entries as `h[2]`."""
        found = {}
        for statement in self.derivation.statements:
            match statement.value:
                case Call(operation=operation, arguments=(Name() | Index() as inner,)):
                    found[text(target_of(statement))] = (operation, text(inner))
        return found

    def output_of(self, name: str) -> str:
        """Return the activation whose output a name holds, such as "tanh"; "" if it holds none."""
        quantity = self.quantities.get(name)
        return self._unnamed_outputs.get(name, "") if quantity is None else self.activations.get(quantity, ("",))[0]

    @cached_property
    def _unnamed_outputs(self) -> Mapping[str, str]:
        """The names that hold the output of an activation to which the exercise gives no name, as a gate in a formula,
        each with the activation."""
        found: dict[str, str] = {}
        for statement in self.derivation.statements:
            for part in walk(statement.value):
                if isinstance(part, Call) and part.operation in MIXED_UP and part is not statement.value:
                    worth = [self.derivation.value(part, k) for k in range(len(self.names))]
                    for name in self.shared if all(one is not None for one in worth) else ():
                        if all(
                            self.same(held[name], one, k)
                            for k, (held, one) in enumerate(zip(self.names, worth, strict=True))
                        ):
                            found.setdefault(name, part.operation)
        return found

    @property
    def factors(self) -> tuple[Expression, ...]:
        """Expressions that may be missing as a factor or summand: names, and local derivatives of activations."""
        entries = (written for one, written in self.members.items() if one in self.rule_quantities)
        return (*(Name(name, NOWHERE) for name in self.swaps), *entries, *self._slopes())

    def _slopes(self) -> Sequence[Expression]:
        names = {own: Name(name, NOWHERE) for name in self.swaps if (own := self.quantities.get(name)) is not None}
        here = {one: written for one, written in self.members.items() if one in self.rule_quantities}
        found: list[Expression] = []
        for own, written in {**{one: name for one, name in names.items() if one not in self.members}, **here}.items():
            operation, inner = self._applied.get(own, ("", ONE))
            if operation in SLOPES and operation != "same":
                if operation == "sigmoid":
                    found.append(Call("sub", (ONE, written), (), NOWHERE))
                local = self.in_students_names(_slope(operation, inner, Name(own, NOWHERE)))
                if local is not None and not isinstance(local, Name | Index):
                    found.append(local)
        return found

    @cached_property
    def _applied(self) -> Mapping[str, tuple[str, Expression]]:
        """Forward quantities that are a function of one argument: the function, and the argument (any expression)."""
        found = {}
        for statement in self.derivation.statements:
            match statement.value:
                case Call(operation=operation, arguments=(inner,)):
                    found[text(target_of(statement))] = operation, inner
        return found

    @property
    def terms(self) -> tuple[Expression, ...]:
        """The summands of the chain rule that can be written in the student's names."""
        terms = () if self.rule is None or not self.rule.known else self.rule.terms
        written = (self.in_students_names(term.value) for term in terms)
        return tuple(one for one in written if one is not None)

    @property
    def spelled_terms(self) -> tuple[Expression, ...]:
        """The other summands of the chain rule, with the formulas of what has no name in the student's code."""
        terms = () if self.rule is None or not self.rule.known else self.rule.terms
        unnamed = (term.value for term in terms if self.in_students_names(term.value) is None)
        return tuple(one for one in map(self._spelled_out, unnamed) if one is not None)

    def _spelled_out(self, formula: Expression) -> Expression | None:
        """Return a formula in the student's own names, with their formulas for derivatives and quantities that have no
        name there; None if one has no formula."""
        whole = expanded(self.derivation, formula)
        for _ in range(DEEPEST):
            unnamed = {} if whole is None else self._unnamed(whole)
            if whole is None or not unnamed:
                break
            whole = with_formulas(whole, unnamed)
            if sum(1 for _ in walk(whole)) > LONGEST:
                return None
        return None if whole is None else self.in_students_names(whole)

    def _unnamed(self, formula: Expression) -> dict[str, Expression]:
        """Return the program's formulas for the quantities in a formula that have no name in the student's code."""
        read = (part for part in walk(formula) if isinstance(part, Name) and self._written(part.id) is None)
        programs = {part.id: self.derivation.program(part) for part in read}
        return {name: program for name, program in programs.items() if program is not None}

    @cached_property
    def whole(self) -> Expression | None:
        """The right formula in the student's own names; None if a part of it has no name there."""
        written = (self._written_out(one) for one in self._formulas)
        return next((one for one in written if one is not None), None)

    @property
    def seeded(self) -> Iterator[Expression]:
        """The right formula with the derivatives that are certainly 1 or 0, as far as they have names, in the student's
        own names."""
        known = frozenset[str]() if self.rule is None else self.rule.upstreams
        for one in self._seeded:
            certain = one.upstreams - known
            named = all(self._written(step.name) for step in self.exercise.steps if text(step.quantity) in certain)
            if one.known and named and (written := self._written_out(one.formula)) is not None:
                yield written

    @cached_property
    def parts(self) -> tuple[Expression, ...]:
        """The subexpressions of the right formulas, in the student's own names."""
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
        """The right formula of the step: the chain rule of a derivative, the program's formula of a forward quantity,
        or the formula the step asks for. Empty if unknown."""
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
        """Constant factors a line may be off by: those in the chain rule, and array lengths; without 0, 1, 2, 1/2."""
        found: dict[float, Expression] = {}
        for term in () if self.rule is None else self.rule.terms:
            for part in walk(term.value):
                value = self.derivation.constant(part)
                named = self._named.get(text(part)) or self._named.get(text(call("div", ONE, part)))
                written = Name(named, NOWHERE) if named is not None else self.in_students_names(part)
                if value is not None and written is not None:
                    found.setdefault(value, self._divisor(written))
        for size in (
            *shape_of(self.right[0] if self.right else 0.0),
            *(n for one in self.exercise.inputs for n in one.shape),
        ):
            found.setdefault(float(size), self._length(size))
        for value, written in found.items():
            if isinstance(written, Number) and (size_of := self._size(value)) is not None:
                found[value] = size_of
        return tuple(one for value, one in found.items() if abs(value) not in (0.0, 1.0, 2.0, 0.5))

    def _size(self, size: float) -> Expression | None:
        """Return the number of entries of a matrix that the line reads, if it is this number."""
        for name in sorted(self.reads.intersection(self.swaps)):
            shape = shape_of(self.names[0][name])
            if len(shape) == 2 and shape[0] * shape[1] == size:
                return size_of_matrix(Name(name, NOWHERE))
        return None

    def _length(self, size: int) -> Expression:
        """Return the length of an axis as this student would write it: a name that holds it, else the length of an
        array that the line reads or that is an input, else the number."""
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
        """Return a formula over quantities and derivatives in the student's own names; None if one has no name."""
        written = self._in_students_names(formula)
        return None if written is None else cancelled(written)

    def _written_out(self, formula: Expression) -> Expression | None:
        """Return the formula of a quantity in the student's own names, but not that quantity's name."""
        written = self._in_its_parts(formula)
        return None if written is None else cancelled(written)

    def _in_students_names(self, formula: Expression) -> Expression | None:
        named = self._by_its_name(formula) if isinstance(formula, Call) else None
        return self._in_its_parts(formula) if named is None else named

    def _in_its_parts(self, formula: Expression) -> Expression | None:
        match formula:
            case Derivative():
                asked = (step.name for step in self.exercise.steps if text(step.quantity) == text(formula))
                written = next((one for one in map(self._written, asked) if one is not None), None)
                return self._holder(formula) if written is None else written
            case Name():
                return self._written(text(formula))
            case Number() if (named := self._named.get(text(formula))) is not None:
                return Name(named, NOWHERE)
            case Call("div", (Number() as above, Number() as below)):
                return replace(formula, arguments=(self._divisor(above), self._divisor(below)))
            case Call("div", (above, Number() | Call("pow", (Number(), _)) as below)):
                whole = self._in_students_names(above)
                if whole is None:
                    return None
                factor = self._named.get(text(call("div", ONE, below)))
                if factor is not None:
                    return Call("mul", (whole, Name(factor, NOWHERE)), (), formula.place)
                return replace(formula, arguments=(whole, self._divisor(below)))
            case Index() if (written := self._written(text(formula))) is not None:
                return written
            case Call("length") | Index(base=Call("shape_of")):
                size = self.derivation.value(formula, 0)
                return None if size is None else self._length(int(size))
            case Call(arguments=arguments):
                inner = [self._in_students_names(argument) for argument in arguments]
                found = tuple(one for one in inner if one is not None)
                if len(found) < len(inner):
                    return None
                if self.derivation.is_matrix_transposed(formula):
                    return Call("transpose_all", found, (), formula.place)
                return replace(formula, arguments=found)
            case Index(base=base, keys=keys):
                whole = self._in_students_names(base)
                within = [self._key(one) for one in keys]
                known = tuple(one for one in within if one is not None)
                return replace(formula, base=whole, keys=known) if whole and len(known) == len(keys) else None
            case _:
                return formula

    def _by_its_name(self, formula: Call) -> Expression | None:
        """Return the student's name for another quantity that the program computes by this call: `P` for
        `inv(Sigma)`."""
        quantity = self.derivation.quantity_of(formula)
        if quantity is None or text(quantity) == text(self.step.quantity):
            return None
        return self._written(text(quantity))

    def _divisor(self, node: Expression) -> Expression:
        """Return a divisor as the student would write it, if it has a name, or is a length or a power of one."""
        if (named := self._named.get(text(node))) is not None:
            return Name(named, NOWHERE)
        match node:
            case Number(value=int(size)) if size > 2 and any(
                size in shape_of(value) for value in self.names[0].values()
            ):
                return self._length(size)
            case Call("pow", (base, exponent)):
                return replace(node, arguments=(self._divisor(base), exponent))
            case _:
                return node

    @cached_property
    def _named(self) -> Mapping[str, str]:
        """The student's names for the numbers in the right formulas, whole numbers excluded, and for their inverses, by
        their texts: `scale` for `1 / 3**0.5`."""
        return {formula: name for formula, (name, _) in self._named_numbers.items()}

    @cached_property
    def _named_numbers(self) -> Mapping[str, tuple[str, Expression]]:
        found = {}
        for part in (part for formula in self._formulas for part in walk(formula)):
            # 1e-5 has the name that holds it; 0.5 may be held by chance.
            told = isinstance(part, Call) or (isinstance(part, Number) and not float(8 * part.value).is_integer())
            value = self.derivation.constant(part) if told and not names(part) else None
            for held_number, formula in () if not value else ((value, part), (1 / value, call("div", ONE, part))):
                held = (name for name in self.shared if all(_is_number(one[name], held_number) for one in self.names))
                nearest = min(held, key=self.distance, default=None)
                if nearest is not None and not float(held_number).is_integer():
                    found[text(formula)] = nearest, formula
        return found

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
        """Return a name or an array entry that holds the value of a derivative which is no step: `dout`, `g[t]`."""
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
            rows = all(
                len(shape_of(value)) == len(shape_of(right)) + 1 for value, right in zip(held, worth, strict=True)
            )
            if rows and held[0].dtype.kind not in "iu":
                # A mask may choose another number of entries at each point.
                for place in range(min(shape_of(value)[0] for value in held)):
                    if fits([value[place] for value in held]):
                        return Index(Name(name, NOWHERE), (self.count(place),), NOWHERE)
        return None


def _is_number(value: Any, number: float) -> bool:
    return not shape_of(value) and isinstance(value, float) and math.isclose(value, number, rel_tol=1e-9)


def _slope(operation: str, inner: Expression, out: Expression) -> Expression:
    """Return the local derivative of a function of one argument; for a ReLU of an unnamed argument, by its output."""
    unnamed = operation == "relu" and not isinstance(inner, Name | Index)
    return SLOPES[operation](out if unnamed else inner, out)
