"""The chain rule of a step, as formulas, and the values of its parts.

Forward mode sums over what `of` is computed from, reverse mode over what is computed from `by`. A step is explained in
the mode whose derivatives the exercise asks for. A rule is used only if it evaluates to autograd's value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from grader.diagnosis.chain_rule.meaning import ScalarMeaning, StudentMeaning
from grader.diagnosis.chain_rule.numbers import alike, as_number, is_right, is_zero, shape_of
from grader.diagnosis.chain_rule.rule import Rule, Term, put_for, put_names_for_derivatives, target_of, total_of
from grader.exercise.types import Exercise, Step
from grader.formula.array_rules import Shape, UnknownShapeError
from grader.formula.build import NOWHERE, ONE, added, times
from grader.formula.check import integer, unrolled
from grader.formula.evaluate import Environment, EvaluationError, evaluate
from grader.formula.syntax import Assign, Call, Derivative, Expression, Index, Name, Number, statements, text, walk
from grader.formula.vjp import FLAT, jvp, vjp
from grader.judge.matching.compare import Measure
from grader.model import Value
from grader.reference.points import Reference

MERGED = 50
"""How many rebindings may be merged into earlier formulas, at most: a formula can become that deep."""


@dataclass(frozen=True)
class Derivation:
    """An exercise with the values of its quantities at every point."""

    exercise: Exercise
    reference: Reference
    measures: tuple[Measure, ...]

    # rules

    def rule(self, step: Step, read: frozenset[str] = frozenset()) -> Rule | None:
        """Return the chain rule of a step that is a plain total derivative, otherwise None. `read` are the quantities
        that the student's line reads; they help to choose between forward and reverse mode."""
        if (step.name, read) not in self._rules:
            self._rules[step.name, read] = self._rule(step, read)
        return self._rules[step.name, read]

    def _rule(self, step: Step, read: frozenset[str]) -> Rule | None:
        match step.quantity:
            case Derivative(of=Name() | Index() as of, by=Name() | Index() as by, via=None, partial=False):
                rules: tuple[Rule | None, ...] = (self.forwards(of, by), self.backwards(of, by))
            case Derivative(of=Derivative(via=None, partial=False) as of, by=Name() | Index() as by, via=None):
                rules = (self.forwards_again(of, by),)
            case _:
                return None
        found = [one for one in rules if one is not None and (not one.known or self._holds(one, step))]
        return max(found, key=lambda one: self._fits(one, step, read), default=None)

    def rule_of(self, derivative: Derivative) -> Rule | None:
        """Return the reverse-mode rule of a derivative; of a derivative's derivative, the forward-mode one."""
        of, by = derivative.of, derivative.by
        return self.forwards_again(of, by) if isinstance(of, Derivative) else self.backwards(of, by)

    def forwards(self, of: Expression, by: Expression) -> Rule | None:
        """Return the forward-mode rule of d(of)/d(by): a sum over the quantities that `of` is computed from."""
        statement = self._by_target.get(text(of))
        if statement is None or text(of) == text(by):
            return None
        terms = []
        for argument in self._read_by(statement):
            if text(argument) != text(by) and not self.depends(argument, by):
                continue
            rest = None if text(argument) == text(by) else total_of(argument, by)
            terms.append(self._term(statement, argument, argument, rest, forward=True))
        return self._ruled(of, by, terms)

    def forwards_again(self, of: Derivative, by: Expression) -> Rule | None:
        """Return the forward-mode rule of a derivative's derivative: the chain rule of `of` is differentiated as if it
        were a line of the program."""
        first = self.backwards(of.of, of.by)
        written = None if first is None or not first.known else expanded(self, first.formula)
        if written is None:
            return None
        formula, read = put_names_for_derivatives(written)
        line = Assign(text(of), (), formula, NOWHERE)
        terms = []
        for name, quantity in read.items():
            rest = None if name == text(by) else total_of(quantity, by)
            if rest is not None and not self._moves(quantity, rest):
                continue
            pushes = jvp(formula, Name(line.name, NOWHERE), Name(name, NOWHERE), ONE if rest is None else rest)
            if pushes is None:
                return None
            for other, derivative in read.items():
                pushes = put_for(pushes, other, derivative)
            terms.append(Term(quantity, pushes, rest, line, asked=rest is None or self.is_asked(rest.of, rest.by)))
        return self._ruled(of, by, terms)

    def _moves(self, quantity: Expression, rate: Derivative) -> bool:
        """Whether a quantity depends on what its derivative `rate` is taken by."""
        if not isinstance(quantity, Derivative):
            return self.depends(quantity, rate.by)
        values = [self.derivative(rate, k) for k in range(len(self.reference.points))]
        return not all(value is not None and is_zero(value) for value in values)

    def backwards(self, of: Expression, by: Expression) -> Rule | None:
        """Return the reverse-mode rule of d(of)/d(by): a sum over what is computed from `by` and leads to `of`."""
        if text(of) == text(by):
            return None
        terms = []
        for statement in self._statements:
            through = target_of(statement)
            if any(text(one) == text(by) for one in self._read_by(statement)) and (
                text(through) == text(of) or self.depends(of, through)
            ):
                rest = None if text(through) == text(of) else total_of(of, through)
                terms.append(self._term(statement, by, through, rest, forward=False))
        return self._ruled(of, by, terms)

    def _ruled(self, of: Expression, by: Expression, terms: Sequence[Term]) -> Rule | None:
        given = any(one.name == text(by) for one in self.exercise.inputs)
        return Rule(of, by, tuple(terms), given) if terms else None

    def _term(
        self, statement: Assign, argument: Expression, through: Expression, rest: Derivative | None, forward: bool
    ) -> Term:
        result = target_of(statement)
        upstream: Expression = ONE if rest is None else rest
        if forward:
            parts: Sequence[Expression | None] = (jvp(statement.value, result, argument, upstream),)
        else:
            shape = () if rest is None else self.shape(through)
            found = (
                None if shape is None else vjp(statement.value, result, argument, upstream, shape, self._known_shape)
            )
            parts = found or (None,)
        known = tuple(part for part in parts if part is not None)
        if len(known) == len(parts):
            asked = rest is None or self.is_asked(rest.of, rest.by)
            return Term(through, added(known), rest, statement, asked=asked, summed_up=self.is_summed_up(through))
        local = Derivative(result, argument, None, True, NOWHERE)
        return Term(through, times(local, upstream), rest, statement, known=False)

    def with_seeds(self, rule: Rule) -> tuple[Rule, ...]:
        """Return the rule with the derivatives that are certainly 1 or 0 written out, as far as they are steps: in
        reverse mode `w_y * d(y2)/d(y2)`, in forward mode `h0 * d(w_h)/d(w_h) + w_h * d(h0)/d(w_h)`."""
        of, by = rule.of, rule.by
        statement = self._by_target.get(text(of))
        if statement is None:
            return ()
        found = []
        if self.is_asked(of, of):
            seed = total_of(of, of)
            terms = [
                self._term(one.statement, by, of, seed, forward=False) if one.upstream is None else one
                for one in rule.terms
            ]
            found.append(replace(rule, terms=tuple(terms)))
        if all(one.statement is statement for one in rule.terms):
            read = [one for one in self._read_by(statement) if self.is_asked(one, by)]
            certain = [one for one in read if text(one) == text(by) or not self.depends(one, by)]
            kept = [one for one in rule.terms if one.upstream is not None or not self.is_asked(by, by)]
            made = [self._term(statement, one, one, total_of(one, by), forward=True) for one in certain]
            found.append(replace(rule, terms=(*kept, *made)))
        return tuple(one for one in found if one.upstreams != rule.upstreams)

    def _fits(self, rule: Rule, step: Step, read: frozenset[str]) -> tuple[bool, bool, bool, int, int]:
        """Return a sort key of how well a rule suits a step, in this order: its formula is known; all its upstream
        derivatives are steps; these come before this step; the student's line reads them; they are near."""
        steps = self.exercise.steps
        here = next((place for place, other in enumerate(steps) if other.name == step.name), 0)
        needed = [self._places.get(one) for one in rule.upstreams]
        asked = [place for place in needed if place is not None]
        reading = sum(self.exercise.steps[place].name in read for place in asked)
        last = max(asked, default=-1)
        return rule.known, len(asked) == len(needed), last < here, reading, last

    def is_asked(self, of: Expression, by: Expression) -> bool:
        """Whether a step is this derivative."""
        return text(total_of(of, by)) in self._places

    def program(self, quantity: Expression) -> Expression | None:
        """The formula by which the program computes a quantity."""
        statement = self._by_target.get(text(quantity))
        return None if statement is None else statement.value

    def plainly(self, formula: Expression) -> Expression:
        """Return a formula as a book writes it: `P` for `inv(Sigma)`, if that is how the program computes P, `.T` for
        the transpose of a matrix."""
        match formula:
            case Call(arguments=arguments):
                if (quantity := self.quantity_of(formula)) is not None:
                    return quantity
                inner = tuple(map(self.plainly, arguments))
                operation = self.is_matrix_transposed(formula) and "transpose_all"
                return replace(formula, operation=operation or formula.operation, arguments=inner)
            case Index(base=base):
                return replace(formula, base=self.plainly(base))
            case _:
                return formula

    def is_matrix_transposed(self, formula: Call) -> bool:
        """Whether a formula is the transpose of a matrix: all of its axes are turned round."""
        return formula.operation == "matrix_transpose" and len(self.shape(formula.arguments[0]) or ()) == 2

    def quantity_of(self, formula: Expression) -> Expression | None:
        """Return the quantity that the program computes by this very call of a function; None if there is none."""
        return self._by_call.get(text(formula)) if isinstance(formula, Call) else None

    @cached_property
    def _by_call(self) -> Mapping[str, Expression]:
        made = ((one.value, target_of(one)) for one in self._statements)
        return {text(value): target for value, target in made if isinstance(value, Call) and _is_function(value)}

    def is_summed_up(self, quantity: Expression) -> bool:
        """Whether a quantity is a single number that only single numbers are computed from: a term of a loss is, a mean
        that is subtracted from an array is not."""
        readers = (one for one in self.statements if any(text(part) == text(quantity) for part in walk(one.value)))
        shapes = map(self.shape, (quantity, *map(target_of, readers)))
        return all(shape is not None and math.prod(shape) == 1 for shape in shapes)

    # values

    def value(self, expression: Expression, point: int, others: Mapping[str, Any] | None = None) -> Any:
        """Return the value of a formula over quantities and derivatives at a point; None if it has none. `others`
        overrides the values of some quantities."""
        missing = False

        def derivative(node: Derivative) -> Any:
            nonlocal missing
            known = self.derivative(node, point)
            missing = missing or known is None
            return 0.0 if known is None else known

        try:
            environment = self._environments[point]
            if others:
                environment = Environment({**environment.values, **others}, environment.elements)
            result = evaluate(expression, environment, self._meaning, derivative)
        except (EvaluationError, ArithmeticError, ValueError, TypeError, IndexError, KeyError, RecursionError):
            return None
        return None if missing or isinstance(result, complex) else result

    def derivative(self, node: Derivative, point: int) -> Any:
        """Return the value of a derivative at a point: autograd's if it is a step, otherwise by the chain rule."""
        if node.partial or node.via is not None:
            return None
        key = text(node), point
        if key not in self._derivatives:
            self._derivatives[key] = None  # stops a cyclic derivation (which should not occur)
            self._derivatives[key] = self._computed(node, point)
        return self._derivatives[key]

    def _computed(self, node: Derivative, point: int) -> Any:
        place = self._places.get(text(node))
        if place is not None:
            return as_number(self.reference.values[point][self.exercise.steps[place].name])
        if text(node.of) == text(node.by):
            return 1.0
        rule = self.rule_of(node)
        return None if rule is None or not rule.known else self.sum(rule, point)

    def sum(self, rule: Rule, point: int) -> Any:
        """Return the value of the rule's right-hand side; None if a term has none."""
        total: Any = None
        for term in rule.terms:
            value = self.value(term.value, point)
            if value is None:
                return None
            total = value if total is None else total + value
        return total

    def constant(self, expression: Expression) -> float | None:
        """Return the number a formula has at every point; None if it varies, is an array, or is a plain quantity."""
        if not isinstance(expression, Call | Number):
            return None
        values = [self.value(expression, k) for k in range(len(self.reference.points))]
        if any(value is None or shape_of(value) for value in values):
            return None
        first = float(values[0])
        return first if all(alike(float(value), first) for value in values) else None

    def shape(self, expression: Expression) -> Shape | None:
        """Return the shape of a formula over quantities, which is the same at every point; None if it is not known, as
        that of an operation that only torch computes, or of several arrays."""
        value = self.value(expression, 0)
        return None if value is None or isinstance(value, tuple | list) else shape_of(value)

    def _known_shape(self, expression: Expression) -> Shape:
        shape = self.shape(expression)
        if shape is None:
            raise UnknownShapeError(text(expression))
        return shape

    def _holds(self, rule: Rule, step: Step) -> bool:
        """Whether a rule gives autograd's value at every point."""
        for k, by in enumerate(self.measures):
            total = self.sum(rule, k)
            if total is None or not is_right(total, as_number(self.reference.values[k][step.name]), by):
                return False
        return True

    # the program

    @property
    def statements(self) -> tuple[Assign, ...]:
        """The program's assignments with loops unrolled; as written if the unrolled ones cannot be merged into one
        binding per name."""
        return self._statements or tuple(statements(self.exercise.program))

    @cached_property
    def _statements(self) -> tuple[Assign, ...]:
        made = [
            replace(one, value=_with_whole_keys(one.value, self._constants))
            for one in unrolled(self.exercise.program, self._constants)
        ]
        return _each_once(made)

    @property
    def _constants(self) -> dict[str, int]:
        given = self.reference.points[0].inputs
        whole = (one.name for one in self.exercise.inputs if one.whole and one.fixed and not one.shape)
        return {name: int(given[name].numbers()[0]) for name in whole}

    @cached_property
    def _by_target(self) -> Mapping[str, Assign]:
        return {text(target_of(one)): one for one in self._statements}

    def sources(self, statement: Assign) -> tuple[Expression, ...]:
        """The quantities that a statement reads, each once; whole numbers of the exercise such as T are none."""
        return self._read_by(statement)

    def _read_by(self, statement: Assign) -> tuple[Expression, ...]:
        """Return the quantities a statement reads, each once."""
        found: dict[str, Expression] = {}
        for part in _quantities_in(statement.value, self._families):
            found.setdefault(text(part), part)
        return tuple(part for part in found.values() if text(part) not in self._constants)

    @cached_property
    def _families(self) -> frozenset[str]:
        return frozenset(one.name for one in self._statements if one.keys)

    def depends(self, of: Expression, on: Expression) -> bool:
        """Whether quantity `of` is computed from quantity `on`, directly or indirectly."""
        return text(on) in self._ancestors[text(of)] if text(of) in self._ancestors else False

    @cached_property
    def _ancestors(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for statement in self._statements:
            above: set[str] = set()
            for part in self._read_by(statement):
                above |= {text(part)} | found.get(text(part), frozenset())
            found[text(target_of(statement))] = frozenset(above)
        return found

    @cached_property
    def _places(self) -> Mapping[str, int]:
        """The index of the step that asks for a quantity; the last one of several."""
        return {text(step.quantity): place for place, step in enumerate(self.exercise.steps)}

    @cached_property
    def _rules(self) -> dict[tuple[str, frozenset[str]], Rule | None]:
        return {}

    # numbers

    @cached_property
    def _is_scalar(self) -> bool:
        values = (*self.reference.points[0].inputs.values(), *self.reference.values[0].values())
        return not any(value.shape for value in values)

    @cached_property
    def _meaning(self) -> StudentMeaning:
        if self._is_scalar:
            return ScalarMeaning()
        from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning

        meaning = NumpyMeaning()
        meaning.correction = 1  # the exercise language's variance is torch's
        return meaning

    @cached_property
    def _environments(self) -> tuple[Environment, ...]:
        return tuple(
            _environment(self.exercise, point.inputs, values)
            for point, values in zip(self.reference.points, self.reference.values, strict=True)
        )

    @cached_property
    def _derivatives(self) -> dict[tuple[str, int], Any]:
        return {}


def _is_function(node: Call) -> bool:
    """Whether a call is written as one, with a name: no sum, product, sign or transpose."""
    return node.operation not in (*SIGNS, "neg", "same", "square", "transpose_all", "matrix_transpose")


SIGNS = ("add", "sub", "mul", "div", "floordiv", "mod", "matmul", "pow", "gt", "ge", "lt", "le", "eq", "ne")
"""Operations that are written between their operands."""


def expanded(derivation: Derivation, node: Expression, asked: bool = True, depth: int = 12) -> Expression | None:
    """Return a formula with its derivatives expanded; with `asked`, those that are steps stay. None if one has no
    formula."""
    match node:
        case Derivative(of=of, by=by) if text(of) == text(by):
            return ONE
        case Derivative(of=of, by=by) if not (asked and derivation.is_asked(of, by)):
            rule = derivation.rule_of(node)
            known = rule is not None and rule.known and depth
            return expanded(derivation, rule.formula, asked, depth - 1) if rule is not None and known else None
        case Call(arguments=arguments):
            inner = [expanded(derivation, one, asked, depth) for one in arguments]
            written = tuple(one for one in inner if one is not None)
            return replace(node, arguments=written) if len(written) == len(inner) else None
        case Index(base=base):
            whole = expanded(derivation, base, asked, depth)
            return None if whole is None else replace(node, base=whole)
        case _:
            return node


_last: Derivation | None = None


def derivation_of(exercise: Exercise, reference: Reference, measures: tuple[Measure, ...]) -> Derivation:
    """Return the derivation. The last one is kept with its caches, as the next submission mostly is of the same
    exercise."""
    global _last
    if (
        _last is None
        or _last.exercise is not exercise
        or _last.reference.points is not reference.points
        or _last.reference.values is not reference.values
        or _last.measures != measures
    ):
        _last = Derivation(exercise, reference, measures)
    return _last


def _environment(exercise: Exercise, inputs: Mapping[str, Value], values: Mapping[str, Value]) -> Environment:
    environment = Environment({name: as_number(value) for name, value in inputs.items()})
    for step in exercise.forward_steps:
        value = as_number(values[step.name])
        if step.family is not None and step.index is not None:
            environment.elements.setdefault(step.family, {})[step.index] = value
        else:
            environment.values[step.name] = value
    return environment


def _quantities_in(node: Expression, families: frozenset[str]) -> Iterator[Expression]:
    match node:
        case Index(base=Name(id=name), keys=(Number(value=int()),)) if name in families:
            yield node
        case Name():
            yield node
        case Call(operation) if operation in FLAT:
            return
        case _:
            for child in _children(node):
                yield from _quantities_in(child, families)


def _children(node: Expression) -> Iterator[Expression]:
    match node:
        case Call(arguments=arguments):
            yield from arguments
        case Index(base=base, keys=keys):
            yield base
            yield from keys


def _each_once(assignments: Sequence[Assign]) -> tuple[Assign, ...]:
    """Merge assignments so that every name is bound once: `L = 0`, `L = L + e1`, `L = L + e2` as `L = 0 + e1 + e2`.

    Return nothing if a name is read between its bindings, as it then stands for several quantities, or if a rebinding
    reads its old value more than once, as the formula would double with every pass."""
    made: dict[str, Assign] = {}
    read: set[str] = set()
    merged = 0
    for one in assignments:
        target = text(target_of(one))
        inner = [text(part) for part in walk(one.value) if isinstance(part, Name | Index)]
        if target in made:
            merged += 1
            if target in read or inner.count(target) != 1 or one.keys or merged > MERGED:
                return ()
            one = replace(one, value=_with(one.value, one.name, made.pop(target).value))
        read.update(name for name in inner if name != target)
        made[target] = one
    return tuple(made.values())


def _with(node: Expression, name: str, value: Expression) -> Expression:
    """Return `node` with `value` in place of every read of `name`."""
    match node:
        case Name(id=one) if one == name:
            return value
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(_with(part, name, value) for part in arguments))
        case Index(base=base):
            return replace(node, base=_with(base, name, value))
        case _:
            return node


def _with_whole_keys(node: Expression, constants: Mapping[str, int]) -> Expression:
    """Return `node` with constant index keys evaluated: `h[T]` as `h[3]`."""
    match node:
        case Index(base, keys):
            known = [integer(key, constants) for key in keys]
            pairs = zip(keys, known, strict=True)
            made = tuple(key if value is None else Number(value, key.place) for key, value in pairs)
            return replace(node, base=_with_whole_keys(base, constants), keys=made)
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(_with_whole_keys(one, constants) for one in arguments))
        case _:
            return node
