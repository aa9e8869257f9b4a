"""The report of a result as a page: the graph, the student's source with the explanations beside it, all quantities.

Nothing is shown that the reveal level hides: values, gradients and pictures from `values` on, rules and local
derivatives from `rule` on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import shape_of
from grader.diagnosis.chain_rule.rule import Rule, target_of, total_of
from grader.exercise.types import Exercise
from grader.formula.build import NOWHERE, ONE
from grader.formula.syntax import Assign, Derivative, Expression, Index, Name, Number, text
from grader.formula.vjp import jvp
from grader.html import mathml
from grader.html.drawing import Drawing, Entry, Plot, drawn, entries, extent, plotted, shade
from grader.html.graph import Edge, laid_out
from grader.html.rendering import fragment
from grader.html.rendering import render as render_template
from grader.html.source import marked_source, placed
from grader.html.tangent import Tangent, tangent
from grader.judge.matching.compare import largest, measure
from grader.model import Outcome, Result, StepResult, Value
from grader.reference.types import Reference
from grader.report import facts
from grader.report.account import Block, blocks
from grader.report.numbers import count, describe, number, shape
from grader.report.places import place, short_place
from grader.report.table import forward_line, tally

LONGEST_LABEL = 18
"""Maximum number of characters of a local derivative that is written on its edge."""

MOST_NODES = 120
"""Maximum number of quantities that are drawn; a larger graph could not be read."""

SATURATED = 0.99
"""From this output on, a tanh is called saturated: its slope is below 0.02."""


@dataclass(frozen=True, slots=True)
class StepView:
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
class Heat:
    """The entries of an array: `columns` by `rows`, each with its class and title."""

    columns: int
    rows: int
    cells: tuple[tuple[Entry, str], ...]


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
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a wrong step, with what the script needs to move its point."""

    step: str
    of: str
    by: str
    plot: Plot
    true: str
    claimed: str
    numerical: str
    x: str
    data: str


STYLE = ("style.css", "report.css")


def render(result: Result, exercise: Exercise, reference: Reference | None) -> str:
    """The page. `reference` gives values and rules; without one (torch is not there) they are left out."""
    values = _values(result, exercise, reference)
    return render_template("report.html", style=("math.css", *STYLE), script="report.js", graded=None, **values)


def render_fragment(result: Result, exercise: Exercise, reference: Reference | None, prefix: str, graded: str) -> str:
    """The content of the page as part of another one, without script. `prefix` begins its anchors; `graded` says which
    text was graded."""
    return fragment("notebook.html", STYLE, prefix, graded=graded, **_values(result, exercise, reference))


def _values(result: Result, exercise: Exercise, reference: Reference | None) -> dict[str, object]:
    """What the template shows."""
    told = blocks(result)
    cells = marked_source(result, told)
    in_place = placed(cells)
    derivation = None if reference is None else _derivation(exercise, reference)
    drawings = _drawings(exercise, derivation, result)
    quantities = _quantities(result, exercise, derivation)
    pictures = {one.step: one for one in _pictures(result, exercise, derivation)}
    return {
        "title": mathml.typeset(result.title or result.exercise),
        "plain_title": result.exercise,
        "file": result.submission,
        "student": result.student,
        "score": None if result.score is None else count(result.score),
        "most": count(result.max_score),
        "tally": None if result.score is None else tally(result.steps),
        "above": [block for block in told if block not in in_place],
        "cells": cells,
        "drawings": drawings,
        "labelled": any(label for _, labels in drawings[:1] for label in labels.values()),
        "nodes": {one.name: one for one in quantities},
        "quantities": quantities,
        "picture_of": lambda block: beside(block, pictures),
        "values": result.shows("expected"),
        "rules": result.shows("diagnosis.rule"),
        "output": exercise.output,
        "words": WORDS,
        "legend": [(one, WORDS[one]) for one in _SEVERITY if any(step.outcome == one for step in result.steps)],
        "forward": forward_line(result),
        "notes": [
            f"{place(problem.where)}: {problem.message}" if problem.where is not None else problem.message
            for problem in result.problems
            if problem.kind == "note"
        ],
    }


def _derivation(exercise: Exercise, reference: Reference) -> Derivation:
    measures = tuple(
        measure(exercise.policy.tolerance, False, largest(list(at.values())), frozenset()) for at in reference.values
    )
    return Derivation(exercise, reference, measures)


def _anchor(name: str) -> str:
    return "q-" + re.sub(r"\W", "-", name)


# the quantities


def _statements(exercise: Exercise, derivation: Derivation | None) -> tuple[Assign, ...]:
    if derivation is not None:
        return derivation.statements
    return tuple(one for one in exercise.program if isinstance(one, Assign))


def _quantities(result: Result, exercise: Exercise, derivation: Derivation | None) -> tuple[Quantity, ...]:
    forward = {step.name: step for step in result.forward}
    views = {step.name: _step(result, exercise, step, derivation) for step in result.steps}
    by_quantity: dict[str, list[StepView]] = {}
    for step in exercise.steps:
        if step.name in views:
            by_quantity.setdefault(_about(step.quantity, exercise.output), []).append(views[step.name])
    made = []
    given = [one.name for one in exercise.inputs]
    formulas = {text(target_of(one)): one for one in _statements(exercise, derivation)}
    for name in (*given, *formulas):
        statement = formulas.get(name)
        node: Expression = Name(name, NOWHERE) if statement is None else target_of(statement)
        value = _value(result, name, forward, derivation)
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
                _gradient(result, exercise, node, derivation),
                _rule(result, exercise, node, derivation),
                _saturated(statement, value) if result.shows("expected") else "",
                steps,
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


_SEVERITY: tuple[Outcome, ...] = ("wrong", "compensated", "borrowed", "unjudged", "missing", "carried", "correct")


def _worst(outcomes: Sequence[Outcome]) -> Outcome | None:
    return min(outcomes, key=_SEVERITY.index, default=None)


def _value(result: Result, name: str, forward: Mapping[str, StepResult], derivation: Derivation | None) -> Value | None:
    """The right value at the given numbers; of an input what the student was given."""
    if derivation is None:
        return None
    given = derivation.reference.points[0].inputs
    if name in given:
        return given[name]
    return derivation.reference.values[0].get(name) if result.shows("expected") else None


def _brief(value: Value) -> str:
    return f"shape {shape(value.shape)}" if value.shape else describe(value)


def _gradient(result: Result, exercise: Exercise, node: Expression, derivation: Derivation | None) -> str:
    if derivation is None or not result.shows("expected"):
        return ""
    found = derivation.derivative(total_of(_named(exercise.output), node), 0)
    if found is None:
        return ""
    sizes = shape_of(found)
    return f"shape {shape(sizes)}" if sizes else number(float(found))


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


def _step(result: Result, exercise: Exercise, step: StepResult, derivation: Derivation | None) -> StepView:
    asked = next((one for one in exercise.steps if one.name == step.name), None)
    rule = None
    if derivation is not None and asked is not None and result.shows("diagnosis.rule"):
        found = derivation.rule(asked)
        rule = None if found is None else _typeset(found)
    heat = None
    if result.shows("got") and isinstance(step.got, Value):
        heat = _heat(step.got, step.expected if result.shows("expected") else None)
    return StepView(
        step.name,
        _anchor(f"step {step.name}"),
        step.outcome,
        Markup("") if asked is None else mathml.formula(asked.quantity),
        rule,
        short_place(step.where),
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


# the graph


def _drawings(
    exercise: Exercise, derivation: Derivation | None, result: Result
) -> tuple[tuple[Drawing, dict[Edge, str]], ...]:
    """The graph in both directions, and the local derivative on each edge."""
    if derivation is None:
        return ()
    statements = derivation.statements
    edges: dict[Edge, str] = {}
    whole = {one.name for one in statements if not one.keys}

    def node(statement: Assign) -> str:
        # An array that is filled entry by entry is one quantity.
        return statement.name if statement.name in whole else text(target_of(statement))

    for statement in statements:
        for source in derivation.sources(statement):
            edge = Edge(text(source), node(statement))
            if edge.source != edge.target:
                told = result.shows("diagnosis.rule") and not (statement.keys and statement.name in whole)
                edges[edge] = _local(statement, source, derivation) if told else ""
    read = {edge.source for edge in edges}
    names = [one.name for one in exercise.inputs if one.name in read]
    names += dict.fromkeys(map(node, statements))
    known = set(names)
    edges = {edge: label for edge, label in edges.items() if edge.source in known}
    if not names or len(names) > MOST_NODES or len(known) < len(names):
        return ()
    layout = laid_out(names, list(edges))
    labels = {name: len(name) for name in names}
    sizes = {edge: len(label) for edge, label in edges.items()}
    return tuple((drawn(layout, labels, sizes, direction), edges) for direction in ("across", "down"))


def _local(statement: Assign, source: Expression, derivation: Derivation) -> str:
    """The local derivative as short text; "" for arrays, where it is no single factor."""
    if derivation.shape(target_of(statement)) or derivation.shape(source):
        return ""
    found = jvp(statement.value, target_of(statement), source, ONE)
    if found is None:
        return ""
    written = text(found)
    return written if len(written) <= LONGEST_LABEL else ""


# the pictures


def _pictures(result: Result, exercise: Exercise, derivation: Derivation | None) -> Iterator[Picture]:
    if derivation is None or not (result.shows("got") and result.shows("expected")):
        return
    asked = {step.name: step.quantity for step in exercise.steps}
    for step in result.steps:
        if step.outcome != "wrong" or step.name not in asked:
            continue
        inputs = dict(step.at) if step.at else derivation.reference.points[0].inputs
        found = tangent(step, asked[step.name], derivation.statements, inputs)
        if found is not None:
            yield _picture(step.name, found)


def _picture(name: str, found: Tangent) -> Picture:
    samples = " ".join(f"{x:.6g},{y:.6g}" for x, y in found.curve)
    return Picture(
        name,
        text(found.of),
        text(found.by),
        plotted(found),
        number(found.true, 6),
        number(found.claimed, 6),
        number(found.numerical, 6),
        number(found.x, 6),
        samples,
    )


def beside(block: Block, pictures: Mapping[str, Picture]) -> Picture | None:
    """The picture that belongs to a block."""
    return next((pictures[name] for name in block.steps if name in pictures), None)
