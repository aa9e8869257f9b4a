"""The report of a result as a page: the graph, the student's source with the explanations beside it, all quantities.

Nothing is shown that the reveal level hides: values, gradients and pictures from `values` on, rules and local
derivatives from `rule` on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.diagnosis.chain_rule.chain import Derivation
from grader.exercise.types import Exercise
from grader.html import mathml
from grader.html.pictures import beside, drawings_of, pictures_of
from grader.html.quantities import SEVERITY, WORDS, quantities_of
from grader.html.rendering import fragment
from grader.html.rendering import render as render_template
from grader.judge.matching.compare import largest, measure
from grader.model import Cell, Outcome, Result, Span, StepResult
from grader.reference.types import Reference
from grader.report.account import Block, blocks
from grader.report.numbers import count
from grader.report.places import place, short_place
from grader.report.table import forward_line, meaning
from grader.submission.spans import lines_of


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


Part = tuple[str, int | None]
"""The file of a cell, and its number there."""


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
    for number, line in enumerate(lines_of(cell.text), cell.first_line):
        text = line.rstrip("\r\n")
        part = file, cell.number
        here = tuple(one for one in steps if _starts(one.where, part, number))
        said = tuple(block for block in blocks if _ends(block.where, part, number))
        marks = [block.where for block in blocks if block.where is not None and _covers(block.where, part, number)]
        yield SourceLine(number, tuple(_pieces(text, number, marks)), here, said)


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


STYLE = ("style.css", "report.css")
PAGE_STYLE = ("math.css", *STYLE)
"""The style sheets of a whole page: with the font for formulas."""


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
