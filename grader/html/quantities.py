"""The table of all quantities of a report: each with its formula, value, gradient, chain-rule sum and steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import shape_of
from grader.diagnosis.chain_rule.rule import Rule, target_of, total_of
from grader.exercise.types import Exercise
from grader.formula.build import NOWHERE
from grader.formula.syntax import Assign, Derivative, Expression, Index, Name, Number, text
from grader.html import mathml
from grader.html.drawing import DrawnEntry, entries, extent, shade
from grader.model import Outcome, Result, StepResult, Value
from grader.report import facts
from grader.report.numbers import count, describe, number, shape
from grader.report.places import short_place

SATURATED = 0.99
"""From this output on, a tanh is called saturated: its slope is below 0.02."""


@dataclass(frozen=True, slots=True)
class Heat:
    """The entries of an array: `columns` by `rows`, each with its class and title."""

    columns: int
    rows: int
    cells: tuple[tuple[DrawnEntry, str], ...]


@dataclass(frozen=True, slots=True)
class QuantityStep:
    """A step in the table: `said` is its verdict in words."""

    name: str
    anchor: str
    outcome: Outcome
    quantity: Markup
    rule: Markup | None
    where: str
    points: str
    said: str
    heat: Heat | None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A row of the trace: a node of the graph with its formula, its value, its gradient and its chain-rule sum."""

    name: str
    anchor: str
    kind: str
    outcome: Outcome | None
    formula: Markup
    value: str
    gradient: str
    rule: Markup | None
    remark: str
    steps: tuple[QuantityStep, ...]
    below: tuple[str, ...] = ()
    """What stands below its name in the graph."""


def _anchor(name: str) -> str:
    return "q-" + re.sub(r"\W", "-", name)


def _statements(exercise: Exercise, derivation: Derivation | None) -> tuple[Assign, ...]:
    if derivation is not None:
        return derivation.statements
    return tuple(one for one in exercise.program if isinstance(one, Assign))


def quantities_of(result: Result, exercise: Exercise, derivation: Derivation | None) -> tuple[Quantity, ...]:
    forward = {step.name: step for step in result.forward}
    views = {step.name: _step(result, exercise, step, derivation) for step in result.steps}
    by_quantity: dict[str, list[QuantityStep]] = {}
    for step in exercise.steps:
        if step.name in views:
            by_quantity.setdefault(_about(step.quantity, exercise.output), []).append(views[step.name])
    made = []
    given = [one.name for one in exercise.inputs]
    formulas = {text(target_of(one)): one for one in _statements(exercise, derivation)}
    for name in (*given, *formulas):
        statement = formulas.get(name)
        node: Expression = Name(name, NOWHERE) if statement is None else target_of(statement)
        value = _value(result, name, derivation)
        gradient = _gradient(result, exercise, node, derivation)
        steps = tuple(by_quantity.pop(name, ()))
        outcome = _worst([step.outcome for step in steps] + ([forward[name].outcome] if name in forward else []))
        made.append(
            Quantity(
                name,
                _anchor(name),
                "given" if statement is None else "output" if name == exercise.output else "forward",
                outcome,
                mathml.formula(node) if statement is None else mathml.equation(node, statement.value),
                "" if value is None else _brief(value),
                _brief_gradient(gradient),
                _rule(result, exercise, node, derivation),
                _saturated(statement, value) if result.shows("expected") else "",
                steps,
                _below(value, gradient),
            )
        )
    left = tuple(view for views_left in by_quantity.values() for view in views_left)
    if left:
        made.append(
            Quantity("other", "q-other", "other", _worst([one.outcome for one in left]), Markup("other steps"), "", "",
                     None, "", left)
        )  # fmt: skip
    return tuple(made)


def _about(quantity: Expression, output: str) -> str:
    """The node a step belongs to: `by` of a derivative of the output, else `of`."""
    match quantity:
        case Derivative(of, by):
            return text(by) if text(of) == output else text(of)
        case _:
            return text(quantity)


SEVERITY: tuple[Outcome, ...] = ("wrong", "compensated", "borrowed", "unjudged", "missing", "carried", "correct")


def _worst(outcomes: Sequence[Outcome]) -> Outcome | None:
    return min(outcomes, key=SEVERITY.index, default=None)


def _value(result: Result, name: str, derivation: Derivation | None) -> Value | None:
    """The right value at the given numbers; of an input what the student was given."""
    if derivation is None:
        return None
    given = derivation.reference.points[0].inputs
    if name in given:
        return given[name]
    return derivation.reference.values[0].get(name) if result.shows("expected") else None


def _brief(value: Value) -> str:
    return f"shape {shape(value.shape)}" if value.shape else describe(value)


def _below(value: Value | None, gradient: Any) -> tuple[str, ...]:
    """The value and the gradient of a number in few digits; the shape of an array."""
    if value is None:
        return ()
    if value.shape:
        return (shape(value.shape),)
    slope = () if gradient is None else (f"grad {number(float(gradient), 3)}",)
    return (number(value.numbers()[0], 3), *slope)


def _gradient(result: Result, exercise: Exercise, node: Expression, derivation: Derivation | None) -> Any:
    """The gradient at the given numbers, a number or an array; None where it is not shown."""
    if derivation is None or not result.shows("expected"):
        return None
    return derivation.derivative(total_of(_named(exercise.output), node), 0)


def _brief_gradient(gradient: Any) -> str:
    if gradient is None:
        return ""
    sizes = shape_of(gradient)
    return f"shape {shape(sizes)}" if sizes else number(float(gradient))


def _rule(result: Result, exercise: Exercise, node: Expression, derivation: Derivation | None) -> Markup | None:
    """The chain-rule sum over everything computed from the quantity."""
    if derivation is None or not result.shows("diagnosis.rule"):
        return None
    rule = derivation.backwards(_named(exercise.output), node)
    return None if rule is None else _typeset(rule)


def _typeset(rule: Rule) -> Markup | None:
    return mathml.equation(total_of(rule.of, rule.by), rule.formula) if rule.known else None


def _named(name: str) -> Expression:
    base, bracket, rest = name.partition("[")
    if not bracket:
        return Name(name, NOWHERE)
    return Index(Name(base, NOWHERE), (Number(int(rest.removesuffix("]")), NOWHERE),), NOWHERE)


def _saturated(statement: Assign | None, value: Value | None) -> str:
    """A remark on a tanh whose slope has all but vanished."""
    if statement is None or value is None or getattr(statement.value, "operation", "") != "tanh":
        return ""
    numbers = value.numbers()
    full = sum(abs(one) >= SATURATED for one in numbers)
    if not full:
        return ""
    if value.shape == ():
        return f"saturated: the slope 1 - {text(target_of(statement))}**2 is {number(1 - numbers[0] ** 2, 3)}"
    return f"{full} of {len(numbers)} entries are saturated: their slope is below 0.02"


def _step(result: Result, exercise: Exercise, step: StepResult, derivation: Derivation | None) -> QuantityStep:
    asked = next((one for one in exercise.steps if one.name == step.name), None)
    rule = None
    if derivation is not None and asked is not None and result.shows("diagnosis.rule"):
        found = derivation.rule(asked)
        rule = None if found is None else _typeset(found)
    heat = None
    if result.shows("got") and isinstance(step.got, Value):
        heat = _heat(step.got, step.expected if result.shows("expected") else None)
    return QuantityStep(
        step.name,
        _anchor(f"step {step.name}"),
        step.outcome,
        Markup("") if asked is None else mathml.formula(asked.quantity),
        rule,
        short_place(step.where, result.submission),
        f"{count(step.points)} / {count(step.max_points)}",
        _verdict(step),
        heat,
    )


WORDS: dict[Outcome, str] = {
    "correct": "right",
    "wrong": "wrong",
    "compensated": "right only because errors cancel",
    "borrowed": "not derived",
    "unjudged": "could not be graded",
    "missing": "not there yet",
    "carried": "right in itself, fed by an earlier mistake",
}


def _verdict(step: StepResult) -> str:
    if step.outcome == "carried":
        return f"fed by {facts.names(step.caused_by)}" if step.caused_by else "fed by an earlier mistake"
    return "left out" if step.reason == "optional" else WORDS[step.outcome]


def _heat(got: Value, expected: Value | None) -> Heat | None:
    cells = entries(got, expected)
    if not cells:
        return None
    return Heat(*extent(cells), tuple((one, shade(one.level)) for one in cells))
