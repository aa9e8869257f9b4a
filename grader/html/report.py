"""The report of a result as a page: the graph, the student's source with the explanations beside it, all quantities.

Nothing is shown that the reveal level hides: values, gradients and pictures from `values` on, rules and local
derivatives from `rule` on.
"""

from __future__ import annotations

from grader.diagnosis.chain_rule.chain import Derivation
from grader.exercise.types import Exercise
from grader.html import mathml
from grader.html.pictures import beside, pictures_of
from grader.html.program_graph import drawings_of
from grader.html.quantities import SEVERITY, WORDS, quantities_of
from grader.html.rendering import fragment
from grader.html.rendering import render as render_template
from grader.html.source import marked_source, placed
from grader.judge.matching.compare import largest, measure
from grader.model import Result
from grader.reference.types import Reference
from grader.report.account import blocks
from grader.report.numbers import count
from grader.report.places import place
from grader.report.table import forward_line, tally

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
    derivation = None if exercise is None or reference is None else _derivation(exercise, reference)
    drawings = () if exercise is None else drawings_of(exercise, derivation, result)
    quantities = () if exercise is None else quantities_of(result, exercise, derivation)
    pictures = {} if exercise is None else {one.step: one for one in pictures_of(result, exercise, derivation)}
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


def _derivation(exercise: Exercise, reference: Reference) -> Derivation:
    measures = tuple(
        measure(exercise.policy.tolerance, False, largest(list(at.values())), frozenset()) for at in reference.values
    )
    return Derivation(exercise, reference, measures)
