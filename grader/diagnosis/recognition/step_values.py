"""The values of one wrong step with the exercise: recognises misconceptions by values alone.

A *changed* program is the exercise's program with some statements replaced; its derivatives are what a student gets who
overlooks a part of the program. Derivatives that are steps keep their right values, as earlier steps are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from grader.diagnosis.chain_rule.chain import Derivation, expanded
from grader.diagnosis.chain_rule.meaning import Names
from grader.diagnosis.chain_rule.numbers import Numeric, is_right
from grader.diagnosis.chain_rule.rule import Rule, put_for, target_of, total_of
from grader.diagnosis.recognition.parts import ActivationUnit, unit_of
from grader.exercise.types import Step
from grader.formula.build import ONE
from grader.formula.syntax import Assign, Call, Derivative, Expression, Index, Name, text, walk
from grader.formula.vjp import SLOPES

LARGEST = 300
"""Maximum number of nodes of an expanded derivative; a longer one is not used."""

Change = Callable[[Assign], Assign]

Claim: TypeAlias = "Callable[[Numeric, Numeric, int], Numeric | None]"
"""What the student's value would be, from that value, the right one and the point; None if that is not known."""


def _at(values: Sequence[Numeric] | float, point: int) -> Numeric:
    return values if isinstance(values, int | float) else values[point]


@dataclass(frozen=True)
class StepValues:
    """A step's values at all points, the student's (`own`) and autograd's (`right`); `rule` is its chain rule, if there
    is one; `in_loop` says whether the line is in a loop."""

    derivation: Derivation
    step: Step
    own: Sequence[Numeric]
    right: Sequence[Numeric]
    rule: Rule | None = None
    in_loop: bool = False

    @property
    def points(self) -> range:
        return range(len(self.own))

    def everywhere(self, claim: Claim) -> bool:
        """Whether the student's values equal `claim(own, right, point)` at every point."""
        for k, (own, right) in enumerate(zip(self.own, self.right, strict=True)):
            try:
                claimed = claim(own, right, k)
            except (ValueError, TypeError, ArithmeticError, IndexError):
                return False
            if claimed is None or not is_right(own, claimed, self.derivation.measures[k]):
                return False
        return True

    def equals(self, values: Sequence[Numeric]) -> bool:
        """Whether the student's values are these, given per point."""
        return self.everywhere(lambda own, right, k: values[k])

    def equals_right_times(self, factor: Sequence[Numeric] | float) -> bool:
        """Whether the student's values are the right ones times a factor: one number, or a value per point."""
        return self.everywhere(lambda own, right, k: right * _at(factor, k))

    def equals_right_over(self, divisor: Sequence[Numeric] | float) -> bool:
        """Whether the student's values are the right ones divided by one number, or by a value per point."""
        return self.everywhere(lambda own, right, k: right / _at(divisor, k))

    def equals_right_plus(self, times: float, values: Sequence[Numeric]) -> bool:
        """Whether the student's values are the right ones and `times` the given ones, one per point."""
        return self.everywhere(lambda own, right, k: right + times * values[k])

    def is_worth(self, formula: Expression) -> bool:
        """Whether the student's values equal those of a formula over quantities and derivatives."""
        return self.everywhere(lambda own, right, k: self.derivation.value(formula, k))

    # the derivative

    @property
    def pair(self) -> tuple[Expression, Expression] | None:
        """The numerator and denominator (`of`, `by`) of a plain total derivative; None for other steps."""
        match self.step.quantity:
            case Derivative(of=Name() | Index() as of, by=Name() | Index() as by, via=None, partial=False):
                return of, by
            case _:
                return None

    @cached_property
    def written_out(self) -> Expression | None:
        """The chain rule, with every derivative in it that is no step expanded as well."""
        if self.rule is None or not self.rule.known:
            return None
        whole = expanded(self.derivation, self.rule.formula)
        return None if whole is None or sum(1 for _ in walk(whole)) > LARGEST else whole

    @cached_property
    def summands(self) -> tuple[tuple[Expression, int], ...]:
        """The summands of the derivative after multiplying out, each with its sign."""
        whole = self.written_out
        return () if whole is None else tuple(multiplied_out(whole))

    @cached_property
    def passed(self) -> tuple[Assign, ...]:
        """The statements on the paths from `by` to `of`, up to the first derivative on each path that is a step."""
        pair = self.pair
        if pair is None:
            return ()
        of, by = pair
        found: dict[str, Assign] = {}
        waiting = [text(by)]
        while waiting:
            name = waiting.pop()
            for one in self.derivation.statements:
                target = target_of(one)
                if text(target) in found or not any(text(part) == name for part in walk(one.value)):
                    continue
                if text(target) != text(of) and not self.derivation.depends(of, target):
                    continue
                found[text(target)] = one
                if not self.derivation.is_asked(of, target):
                    waiting.append(text(target))
        return tuple(found.values())

    @cached_property
    def slopes(self) -> tuple[tuple[str, Expression, Expression], ...]:
        """The unary functions in the statements of `passed`: operation, argument, result."""
        found = []
        for one in self.passed:
            for node in walk(one.value):
                if isinstance(node, Call) and node.operation in SLOPES and len(node.arguments) == 1:
                    found.append((node.operation, node.arguments[0], target_of(one) if node is one.value else node))
        return tuple(found)

    def with_slopes(self, operation: str, make: Callable[[Expression, Expression], Expression]) -> Iterator[Expression]:
        """Yield the derivative with `make(argument, result)` in place of the local derivative of an operation: once for
        each occurrence, and with all replaced."""
        whole = self.written_out
        if whole is None:
            return
        every = whole
        places = [(x, y) for one, x, y in self.slopes if one == operation]
        for x, y in places:
            right = text(SLOPES[operation](x, y))
            every = put_for(every, right, make(x, y))
            changed = put_for(whole, right, make(x, y))
            if changed is not whole:
                yield changed
        if len(places) > 1:
            yield every

    def units(self) -> Iterator[tuple[ActivationUnit, Expression]]:
        """Yield the ELU, GELU, SiLU and softplus units applied directly to `by`, each with its upstream derivative."""
        pair = self.pair
        program = {one.name: one for one in self.derivation.statements if not one.keys}
        for one in self.passed if pair is not None else ():
            unit = unit_of(one, target_of(one), program)
            if pair is not None and unit is not None and text(unit.argument) == text(pair[1]):
                same = text(unit.result) == text(pair[0])
                yield unit, ONE if same else total_of(pair[0], unit.result)

    def is_worth_in(self, change: Change) -> bool:
        """Whether the student's values equal the derivative of the changed program."""
        return self.changed(change, lambda value, k: value)

    def changed(self, change: Change, make: Callable[[Numeric, int], Numeric]) -> bool:
        """Whether the student's values equal `make(derivative, point)` for the derivative of the changed program."""
        pair = self.pair
        statements = tuple(change(one) for one in self.derivation.statements)
        if pair is None or all(a is b for a, b in zip(statements, self.derivation.statements, strict=True)):
            return False
        other = Changed(self.derivation.exercise, self.derivation.reference, self.derivation.measures, statements)
        for rule in (other.backwards(*pair), other.forwards(*pair)):
            if rule is not None and rule.known and self.everywhere(_made(other, rule, make)):
                return True
        return False

    def is_worth_with(self, values: Callable[[int], Names], formula: Expression) -> bool:
        """Whether the student's values equal those of a formula in which `values` overrides some quantities."""
        return self.everywhere(lambda own, right, k: self.derivation.value(formula, k, values(k)))


def _made(other: Derivation, rule: Rule, make: Callable[[Numeric, int], Numeric]) -> Claim:
    def claim(own: Numeric, right: Numeric, k: int) -> Numeric | None:
        value = other.sum(rule, k)
        return None if value is None else make(value, k)

    return claim


@dataclass(frozen=True)
class Changed(Derivation):
    """A derivation of a changed program with the exercise's values."""

    others: tuple[Assign, ...] = ()

    @cached_property
    def _statements(self) -> tuple[Assign, ...]:
        return self.others


def multiplied_out(node: Expression, sign: int = 1) -> Iterator[tuple[Expression, int]]:
    """Yield the summands of a formula after multiplying out, each with its sign."""
    match node:
        case Call("add", (left, right)):
            yield from multiplied_out(left, sign)
            yield from multiplied_out(right, sign)
        case Call("sub", (left, right)):
            yield from multiplied_out(left, sign)
            yield from multiplied_out(right, -sign)
        case Call("neg", (inner,)):
            yield from multiplied_out(inner, -sign)
        case Call("mul" | "matmul" as operation, (left, right)):
            firsts, seconds = tuple(multiplied_out(left, sign)), tuple(multiplied_out(right))
            for one, first in firsts:
                for other, second in seconds:
                    yield Call(operation, (one, other), node.options, node.place), first * second
        case Call("div" as operation, (left, right)):
            for one, first in multiplied_out(left, sign):
                yield Call(operation, (one, right), node.options, node.place), first
        case Call("sum" | "mean" | "transpose_all" | "unsqueeze" | "reshape" as operation, (inner,)):
            for one, first in multiplied_out(inner, sign):
                yield Call(operation, (one,), node.options, node.place), first
        case _:
            yield node, sign
