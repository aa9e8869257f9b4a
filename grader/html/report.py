"""The report of a result as a page: the graph with the local derivative on each edge, pictures of the wrong steps, the
student's source with the explanations beside it, all quantities.

Nothing is shown that the reveal level hides: values, gradients and pictures from `values` on, rules and local
derivatives from `rule` on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import shape_of
from grader.diagnosis.chain_rule.rule import Rule, target_of, total_of
from grader.exercise.types import Exercise
from grader.formula.build import NOWHERE, ONE
from grader.formula.syntax import Assign, Derivative, Expression, Index, Name, Number, text
from grader.formula.vjp import jvp
from grader.html import mathml
from grader.html.drawing import (
    Drawing,
    DrawnEntry,
    Edge,
    Plot,
    Tangent,
    drawn,
    entries,
    extent,
    laid_out,
    plotted,
    shade,
    tangent,
)
from grader.html.rendering import fragment
from grader.html.rendering import render as render_template
from grader.judge.matching.compare import largest, measure
from grader.model import Cell, Outcome, Result, Span, StepResult, Value
from grader.reference.points import Reference
from grader.report import facts
from grader.report.account import Block, blocks
from grader.report.numbers import count, describe, number, shape
from grader.report.places import place, short_place
from grader.report.table import forward_line, meaning
from grader.submission.spans import lines_of

Part = tuple[str, int | None]
"""The file of a cell, and its number there."""


STYLE = ("style.css", "report.css")

PAGE_STYLE = ("math.css", *STYLE)
"""The style sheets of a whole page: with the font for formulas."""

LONGEST_LABEL = 18
"""Maximum number of characters of a local derivative that is written on its edge."""

MAX_NODES = 120
"""Maximum number of quantities that are drawn; a larger graph could not be read."""


@dataclass(frozen=True, slots=True)
class LinePiece:
    """A part of a line; `outcome` is that of the step it is marked for, None where it is not marked."""

    text: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line with its number, the steps bound on it, and the blocks whose marks end on it."""

    number: int
    pieces: tuple[LinePiece, ...]
    steps: tuple[StepResult, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class SourceCell:
    """A cell of a notebook, or a part of a script; `number` is None in a script. `file` is a module beside it, "" for
    the submission's own file."""

    file: str
    number: int | None
    lines: tuple[SourceLine, ...]


def marked_source(result: Result, blocks: Sequence[Block]) -> tuple[SourceCell, ...]:
    """Every cell as typed, in the order of the file. Blocks without a place in it are left out."""
    steps = [step for step in (*result.forward, *result.steps) if step.where is not None]
    return tuple(
        SourceCell(cell.file, cell.number, tuple(_lines(cell, cell.file or result.submission, steps, blocks)))
        for cell in result.sources
    )


def placed(cells: Sequence[SourceCell]) -> frozenset[Block]:
    """The blocks that stand beside a line."""
    return frozenset(block for cell in cells for line in cell.lines for block in line.blocks)


def _lines(cell: Cell, file: str, steps: Sequence[StepResult], blocks: Sequence[Block]) -> Iterator[SourceLine]:
    for at, line in enumerate(lines_of(cell.text), cell.first_line):
        text = line.rstrip("\r\n")
        part = file, cell.number
        here = tuple(one for one in steps if _starts(one.where, part, at))
        said = tuple(block for block in blocks if _ends(block.where, part, at))
        marks = [block.where for block in blocks if block.where is not None and _covers(block.where, part, at)]
        yield SourceLine(at, tuple(_pieces(text, at, marks)), here, said)


def _starts(where: Span | None, part: Part, number: int) -> bool:
    return where is not None and (where.file, where.cell) == part and where.line == number


def _ends(where: Span | None, part: Part, number: int) -> bool:
    return where is not None and (where.file, where.cell) == part and where.end_line == number


def _covers(where: Span, part: Part, number: int) -> bool:
    return (where.file, where.cell) == part and where.line <= number <= where.end_line


def _pieces(text: str, number: int, marks: Sequence[Span]) -> Iterator[LinePiece]:
    """The line cut at the marks; the whole of it where there is none. Marks that overlap are one."""
    marked = [False] * len(text)
    for mark in marks:
        start = mark.column - 1 if mark.line == number else len(text) - len(text.lstrip())
        end = mark.end_column - 1 if mark.end_line == number else len(text.rstrip())
        for column in range(max(start, 0), min(end, len(text))):
            marked[column] = True
    at = 0
    while at < len(text):
        end = next((place for place in range(at, len(text)) if marked[place] != marked[at]), len(text))
        yield LinePiece(text[at:end], "wrong" if marked[at] else None)
        at = end


def render(result: Result, exercise: Exercise, reference: Reference | None) -> str:
    """The page. `reference` gives values and rules; without one (torch is not there) they are left out."""
    values = content(result, exercise, reference)
    return render_template("report.html", style=PAGE_STYLE, script="report.js", graded=None, **values)


def render_fragment(result: Result, exercise: Exercise, reference: Reference | None, prefix: str, graded: str) -> str:
    """The content of the page as part of another one, without script. `prefix` begins its anchors; `graded` says which
    text was graded."""
    return fragment("notebook.html", STYLE, prefix, graded=graded, **content(result, exercise, reference))


def content(result: Result, exercise: Exercise | None, reference: Reference | None) -> dict[str, object]:
    """What the templates of a report show. Without `exercise` the graph and the quantities are left out."""
    told = blocks(result)
    cells = marked_source(result, told)
    in_place = placed(cells)
    first = next((block for block in told if block in in_place and block.tone != "note"), None)
    derivation = None if exercise is None or reference is None else _derivation(exercise, reference)
    quantities = () if exercise is None else quantities_of(result, exercise, derivation)
    below = {one.name: one.below for one in quantities}
    drawings = () if exercise is None else drawings_of(exercise, derivation, result, below)
    heats = {step.name: step.heat for one in quantities for step in one.steps if step.outcome == "wrong"}
    pictures = {} if exercise is None else {one.step: one for one in pictures_of(result, exercise, derivation)}
    return {
        "title": mathml.typeset(result.title or result.exercise),
        "plain_title": result.exercise,
        "file": result.submission,
        "student": result.student,
        "score": None if result.score is None else count(result.score),
        "most": count(result.max_score),
        "meaning": None if result.score is None else meaning(result),
        "first": first,
        "first_place": "" if first is None else short_place(first.where, result.submission),
        "above": [block for block in told if block not in in_place],
        "cells": cells,
        "drawings": drawings,
        "labelled": any(label for _, labels in drawings[:1] for label in labels.values()),
        "nodes": {one.name: one for one in quantities},
        "quantities": quantities,
        "anchor_of": lambda block: _anchor(block, first),
        "picture_of": lambda block: beside(block, pictures),
        "heat_of": lambda block: next(((one, heats[one]) for one in block.steps if heats.get(one)), None),
        "values": result.shows("expected"),
        "output": "" if exercise is None else exercise.output,
        "words": WORDS,
        "legend": [(one, WORDS[one]) for one in SEVERITY if any(step.outcome == one for step in result.steps)],
        "forward": forward_line(result),
        "notes": [
            f"{place(problem.where)}: {problem.message}" if problem.where is not None else problem.message
            for problem in result.problems
            if problem.kind == "note"
        ],
    }


def _anchor(block: Block, first: Block | None) -> str | None:
    """What a block is linked by: a mistake with its number, and what to look at first."""
    return f"mistake-{block.number}" if block.number else "first" if block == first else None


def _derivation(exercise: Exercise, reference: Reference) -> Derivation:
    measures = tuple(
        measure(exercise.policy.tolerance, False, largest(list(at.values())), frozenset()) for at in reference.values
    )
    return Derivation(exercise, reference, measures)


def drawings_of(
    exercise: Exercise, derivation: Derivation | None, result: Result, below: Mapping[str, Sequence[str]]
) -> tuple[tuple[Drawing, dict[Edge, str]], ...]:
    """The graph in both directions, and the local derivative on each edge. `below` are the lines below each name."""
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
    if not names or len(names) > MAX_NODES or len(known) < len(names):
        return ()
    layout = laid_out(names, list(edges))
    sizes = {edge: len(label) for edge, label in edges.items()}
    return tuple((drawn(layout, below, sizes, direction), edges) for direction in ("across", "down"))


def _local(statement: Assign, source: Expression, derivation: Derivation) -> str:
    """The local derivative as short text; "" for arrays, where it is no single factor."""
    if derivation.shape(target_of(statement)) or derivation.shape(source):
        return ""
    found = jvp(statement.value, target_of(statement), source, ONE)
    if found is None:
        return ""
    written = text(found)
    return written if len(written) <= LONGEST_LABEL else ""


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


def pictures_of(result: Result, exercise: Exercise, derivation: Derivation | None) -> Iterator[Picture]:
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


def _element_id(name: str) -> str:
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
                _element_id(name),
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
        _element_id(f"step {step.name}"),
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
    "carried": "caused by an earlier mistake",
}


def _verdict(step: StepResult) -> str:
    if facts.shares_mistake(step) and step.caused_by:
        return f"same mistake as {facts.names(step.caused_by)}"
    if step.outcome == "carried":
        return f"fed by {facts.names(step.caused_by)}" if step.caused_by else "fed by an earlier mistake"
    return "left out" if step.reason == "optional" else WORDS[step.outcome]


def _heat(got: Value, expected: Value | None) -> Heat | None:
    cells = entries(got, expected)
    if not cells:
        return None
    return Heat(*extent(cells), tuple((one, shade(one.level)) for one in cells))
