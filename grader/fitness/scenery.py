"""An exercise as a student who has got everything right so far sees it: every name, and what it holds at each point."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from grader.diagnosis import chain
from grader.diagnosis.context import Context
from grader.diagnosis.meaning import StudentMeaning
from grader.diagnosis.numbers import as_number, is_right, is_zero, shape_of
from grader.diagnosis.scalars import ScalarMeaning
from grader.diagnosis.search import value_of
from grader.errors import ExerciseError
from grader.exercise.given import constants
from grader.exercise.names import split
from grader.exercise.types import Draw, Exercise, Step
from grader.fitness.derivation import Derivation, Underivable
from grader.formula.check import integer, unrolled
from grader.formula.evaluate import EvaluationError
from grader.formula.making import NOWHERE
from grader.formula.syntax import Assign, Call, Derivative, Expression, Index, Name, Number
from grader.formula.syntax import Sequence as Items
from grader.judge.align import Alignment, Match, Scene
from grader.judge.compare import Measure, largest, measure
from grader.judge.naming import names_of
from grader.judge.trial import Evidence
from grader.model import Value
from grader.reference.autograd import Graph, to_value, values_at
from grader.reference.points import Point, draw_points
from grader.reference.types import Reference
from grader.runner.types import Sites

Pair = tuple[str, str]

ELSEWHERE = (Draw("uniform", -2.0, 2.0), Draw("uniform", 0.3, 2.0), Draw("normal"))
"""How inputs are drawn to see whether two formulas are one: beyond the ranges of the exercise, which may be what
hides a mistake."""

MOST = 20_000
"""How many numbers a derivative that is not asked for may have."""


class Stage:
    """One point: what every name holds there."""

    def __init__(self, exercise: Exercise, point: Point, values: Mapping[str, Value]) -> None:
        self.exercise = exercise
        self.point = point
        whole = {one.name for one in exercise.inputs if one.whole}
        self.held: dict[str, Any] = {name: as_number(value) for name, value in values.items()}
        for name, value in point.inputs.items():
            self.held[name] = as_number(replace(value, dtype="int") if name in whole else value)

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.exercise, self.point)

    def value(self, formula: Expression) -> Value:
        """The value of a formula over quantities and derivatives. Raises `EvaluationError`."""
        return to_value(self.graph.value(formula))


class Scenery:
    """`stages` are the points of the reference. `program`: what each forward quantity is computed by, loops written
    out and elements named (`h[2]`). `parts`: the steps that are plain derivatives, of what and by what."""

    def __init__(self, exercise: Exercise, reference: Reference) -> None:
        self.exercise = exercise
        self.reference = reference
        self.program = _program(exercise)
        self.parts = {step.name: pair for step in exercise.steps if (pair := pair_of(step)) is not None}
        self.asked = {pair: name for name, pair in reversed(self.parts.items())}
        points = zip(reference.points, reference.values, strict=True)
        self.stages = [Stage(exercise, point, values) for point, values in points]
        self.own: dict[str, Pair] = {}

    @cached_property
    def meaning(self) -> StudentMeaning:
        if not any(shape_of(value) for value in self.stages[0].held.values()):
            return ScalarMeaning()
        from grader.diagnosis.arithmetic import NumpyMeaning

        return NumpyMeaning()

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        tolerance = self.exercise.policy.tolerance
        return tuple(measure(tolerance, False, largest([*at.values()]), frozenset()) for at in self.reference.values)

    @cached_property
    def elsewhere(self) -> tuple[Mapping[str, Any], ...]:
        """What the names hold at further points, drawn from other ranges; at those only where everything is finite."""
        made = []
        for draw in ELSEWHERE:
            inputs = tuple(one if one.fixed or one.whole else replace(one, probe=draw) for one in self.exercise.inputs)
            wider = replace(self.exercise, inputs=inputs)
            for point in draw_points(wider, "elsewhere")[1:]:
                try:
                    stage = Stage(self.exercise, point, values_at(wider, point))
                    self._derive(stage)
                except (ExerciseError, EvaluationError, RuntimeError, ValueError):
                    continue
                if all(map(is_finite, stage.held.values())):
                    made.append(stage.held)
        return tuple(made)

    def _derive(self, stage: Stage) -> None:
        for name, (of, by) in self.own.items():
            if name not in stage.held:
                node = Derivative(_quantity(of), _quantity(by), None, False, NOWHERE)
                stage.held[name] = as_number(stage.value(node))

    def value(self, formula: Expression, held: Mapping[str, Any]) -> Any:
        """The value of a formula with the names holding what they hold; None where it has none."""
        return value_of(formula, held, self.meaning)

    def values(self, formula: Expression) -> tuple[Any, ...]:
        """The value of a formula at every point."""
        return tuple(self.value(formula, stage.held) for stage in self.stages)

    def shape(self, formula: Expression) -> tuple[int, ...] | None:
        value = self.value(formula, self.stages[0].held)
        return None if value is None else shape_of(value)

    def derivative(self, of: str, by: str) -> str | None:
        """The name of d(of)/d(by): the step that asks for it, or one of our own; None where it is 0.

        Raises `Underivable` where it is too large to be written down."""
        if (of, by) in self.asked:
            return self.asked[of, by]
        name = f"d({of})/d({by})"
        if name not in self.own:
            sizes = [math.prod(shape_of(self.stages[0].held.get(one, 0.0))) for one in (of, by)]
            if min(sizes) > 1 or max(sizes) > MOST:
                raise Underivable
            self.own[name] = of, by
            for stage in self.stages:
                self._derive(stage)
        return None if all(is_zero(stage.held[name]) for stage in self.stages) else name

    def right_formula(self, step: Step) -> Expression | None:
        """A formula for a step that has its value at every point; None where there is none we can write."""
        pair = self.parts.get(step.name)
        if pair is None or pair[0] == pair[1]:
            return None
        given = {one.name for one in self.exercise.inputs}
        derivation = Derivation(self.program, self.shape, self.derivative)
        ways = [derivation.backwards, derivation.forwards]
        if pair[1] in given and pair[0] != self.exercise.output:
            ways.reverse()
        for way in ways:
            try:
                made = way(*pair)
            except (Underivable, EvaluationError, RuntimeError):
                continue
            if all(map(is_right, self.values(made), self._right(step), self.measures)):
                return made
        return None

    def _right(self, step: Step) -> tuple[Any, ...]:
        return tuple(stage.held[step.name] for stage in self.stages)

    def context(self, step: Step) -> Context:
        """What diagnosis would know of this step, all names those of the exercise."""
        names = tuple({n: v for n, v in stage.held.items() if n != step.name} for stage in self.stages)
        matches = {n: Match(n, n, "name", ()) for n in names[0] if n not in self.own}
        scene = Scene(self.exercise, self.reference, names_of(self.exercise), Sites(()), self.measures, ())
        evidence = Evidence(scene, Alignment(matches), (), (), frozenset(), {})
        return Context(
            evidence, chain.Derivation(self.exercise, self.reference, self.measures), step, names, self._right(step)
        )


def pair_of(step: Step) -> Pair | None:
    """Of what and by what a step is the total derivative."""
    match step.quantity:
        case Derivative(of=of, by=by, via=None, partial=False):
            names = _spelled(of), _spelled(by)
            return (names[0], names[1]) if names[0] is not None and names[1] is not None else None
    return None


def _spelled(node: Expression) -> str | None:
    match node:
        case Name(id=name):
            return name
        case Index(Name(id=name), (Number(value=int() as index),)):
            return f"{name}[{index}]"
    return None


def _quantity(name: str) -> Expression:
    base, index = split(name)
    read = Name(base, NOWHERE)
    return read if index is None else Index(read, (Number(int(index), NOWHERE),), NOWHERE)


def _program(exercise: Exercise) -> dict[str, Assign]:
    elements = {step.name for step in exercise.forward_steps if step.family is not None}
    whole = constants(exercise.inputs)
    made: dict[str, Assign] = {}
    for statement in unrolled(exercise.program, whole):
        target = statement.name
        if statement.keys:
            index = getattr(statement.keys[0], "value", None)
            target = f"{statement.name}[{index}]"
        # What is assigned in parts, or twice, has no one formula: its derivatives will not come out right, and go.
        value = _elements_named(statement.value, elements, whole)
        made[target] = replace(statement, name=target, keys=(), value=value)
    return made


def _elements_named(node: Expression, elements: set[str], whole: Mapping[str, int]) -> Expression:
    """`node` with `h[T]` as the one name `h[3]`."""

    def named(part: Expression) -> Expression:
        return _elements_named(part, elements, whole)

    match node:
        case Index(base=base, keys=(key, *others)):
            index = integer(key, whole)
            spelled = None if index is None or others else _spelled(replace(node, keys=(Number(index, key.place),)))
            return Name(str(spelled), node.place) if spelled in elements else replace(node, base=named(base))
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(map(named, arguments)))
        case Items(items=items):
            return replace(node, items=tuple(map(named, items)))
    return node


def is_finite(value: Any) -> bool:
    """Whether all of a number or an array is finite."""
    if hasattr(value, "size"):
        import numpy

        return bool(numpy.isfinite(value).all())
    return math.isfinite(value)
