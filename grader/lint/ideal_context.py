"""The names and values that a student without any mistake so far would have at each point."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.meaning import ScalarMeaning, StudentMeaning
from grader.diagnosis.chain_rule.numbers import as_number, is_right, shape_of
from grader.diagnosis.repair_search.search import value_of
from grader.diagnosis.step.context import Context
from grader.errors import ExerciseError
from grader.exercise.types import NORMAL, Draw, Exercise, Step
from grader.formula.build import NOWHERE
from grader.formula.evaluate import EvaluationError
from grader.formula.syntax import Call, Derivative, Expression, Index, Name, names, statements, text
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import Measure, largest, measure
from grader.judge.matching.naming import names_of
from grader.judge.matching.types import Alignment, Match, Scene
from grader.model import Value
from grader.reference.autograd import Graph, to_value, values_at
from grader.reference.points import Point, draw_points
from grader.reference.types import Reference
from grader.runner.types import Sites

Pair = tuple[str, str]

ELSEWHERE = (Draw("uniform", -2.0, 2.0), Draw("uniform", 0.3, 2.0), NORMAL)
"""Ranges for deciding whether two formulas are equal: beyond those of the exercise, which may hide the difference."""

MOST = 20_000
"""Maximum number of entries of a derivative that is not asked for."""


class Stage:
    """One point: the values of all names there."""

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


class IdealContext:
    """The context of all steps. `stages` are the points of the reference. `parts`: for each step that is a plain
    derivative, its two quantities; `own`: derivatives that are not asked for but needed in a right formula, by a
    generated name."""

    def __init__(self, exercise: Exercise, reference: Reference) -> None:
        self.exercise = exercise
        self.reference = reference
        self.parts = {step.name: pair for step in exercise.steps if (pair := pair_of(step)) is not None}
        self.asked = {pair: name for name, pair in reversed(self.parts.items())}
        points = zip(reference.points, reference.values, strict=True)
        self.stages = [Stage(exercise, point, values) for point, values in points]
        self.own: dict[str, Derivative] = {}

    @cached_property
    def derivation(self) -> Derivation:
        return Derivation(self.exercise, self.reference, self.measures)

    @cached_property
    def together(self) -> tuple[frozenset[str], ...]:
        """The names in each statement, including the assigned one."""
        return tuple(frozenset({one.name, *names(one.value)}) for one in statements(self.exercise.program))

    @cached_property
    def meaning(self) -> StudentMeaning:
        if not any(shape_of(value) for value in self.stages[0].held.values()):
            return ScalarMeaning()
        from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning

        return NumpyMeaning()

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        tolerance = self.exercise.policy.tolerance
        return tuple(measure(tolerance, False, largest([*at.values()]), frozenset()) for at in self.reference.values)

    @cached_property
    def elsewhere(self) -> tuple[Mapping[str, Any], ...]:
        """The values of the names at further points from other ranges; only points where everything is finite."""
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
        for name, node in self.own.items():
            if name not in stage.held:
                stage.held[name] = as_number(stage.value(node))

    def value(self, formula: Expression, held: Mapping[str, Any]) -> Any:
        """The value of a formula for the given values of the names; None if it has none."""
        return value_of(formula, held, self.meaning)

    def values(self, formula: Expression) -> tuple[Any, ...]:
        """The value of a formula at every point."""
        return tuple(self.value(formula, stage.held) for stage in self.stages)

    def shape(self, formula: Expression) -> tuple[int, ...] | None:
        value = self.value(formula, self.stages[0].held)
        return None if value is None else shape_of(value)

    def derivative(self, of: Expression, by: Expression) -> str:
        """The name of d(of)/d(by): that of a step, or a generated one. Raises `ValueError` if it is too large."""
        pair = text(of), text(by)
        if pair in self.asked:
            return self.asked[pair]
        name = f"d({pair[0]})/d({pair[1]})"
        if name not in self.own:
            sizes = [math.prod(shape_of(self.stages[0].held.get(one, 0.0))) for one in pair]
            if min(sizes) > 1 or max(sizes) > MOST:
                raise ValueError("too large")
            self.own[name] = Derivative(of, by, None, False, NOWHERE)
            for stage in self.stages:
                self._derive(stage)
        return name

    def right_formula(self, step: Step) -> Expression | None:
        """A formula over names that has the step's value at every point; None if no such formula can be written."""
        rule = self.derivation.rule(step)
        if rule is None or not rule.known:
            return None
        try:
            whole, *others = [self._in_names(term.value) for term in rule.terms]
        except (EvaluationError, RuntimeError, ValueError):
            return None
        for other in others:
            whole = Call("add", (whole, other), (), NOWHERE)
        return whole if all(map(is_right, self.values(whole), self._right(step), self.measures)) else None

    def _in_names(self, node: Expression) -> Expression:
        """The same formula with derivatives and elements replaced by names, and every node a separate object: edits are
        distinguished by identity."""
        match node:
            case Derivative(of=of, by=by):
                return Name(self.derivative(of, by), NOWHERE)
            case Index() if text(node) in self.stages[0].held:
                return Name(text(node), NOWHERE)
            case Index(base=base):
                return replace(node, base=self._in_names(base))
            case Call(arguments=arguments):
                return replace(node, arguments=tuple(map(self._in_names, arguments)), place=NOWHERE)
            case _:
                return replace(node, place=NOWHERE)

    def _right(self, step: Step) -> tuple[Any, ...]:
        return tuple(stage.held[step.name] for stage in self.stages)

    def context(self, step: Step) -> Context:
        """The diagnosis context of this step, in which all names are those of the exercise."""
        held = tuple({n: v for n, v in stage.held.items() if n != step.name} for stage in self.stages)
        matches = {n: Match(n, n, "name", ()) for n in held[0] if n not in self.own}
        scene = Scene(self.exercise, self.reference, names_of(self.exercise), Sites(()), self.measures, ())
        evidence = Evidence(scene, Alignment(matches), (), (), {}, {})
        return Context(evidence, held, self.derivation, step, self._right(step))


def pair_of(step: Step) -> Pair | None:
    """The two quantities of a step that is a total derivative; None for other steps."""
    match step.quantity:
        case Derivative(of=Name() | Index() as of, by=Name() | Index() as by, via=None, partial=False):
            return text(of), text(by)
    return None


def is_finite(value: Any) -> bool:
    """Whether a number, or every entry of an array, is finite."""
    if hasattr(value, "size"):
        import numpy

        return bool(numpy.isfinite(value).all())
    return math.isfinite(value)
