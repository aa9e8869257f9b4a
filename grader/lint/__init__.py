"""Check whether an exercise can distinguish each possible mistake from the right answer and from other mistakes."""

from __future__ import annotations

from grader.exercise.types import Exercise
from grader.exercise.yaml_nodes import Document
from grader.lint.distinguishability import examine_mistakes
from grader.lint.inputs import examine_numbers, examine_use
from grader.lint.notes import LintReport, Notes
from grader.lint.shapes import examine_shapes, examine_sides
from grader.reference.autograd import Graph
from grader.reference.point_selection import ValueMonitor
from grader.reference.points import Reference

__all__ = ["LintReport", "examine"]


def examine(exercise: Exercise, reference: Reference, document: Document) -> LintReport:
    """Check the fitness of an exercise; `document` is its file."""
    notes = Notes(exercise, document)
    examine_shapes(notes, reference)
    watches = []
    for point in reference.points:
        watches.append(ValueMonitor())
        Graph(exercise, point, watches[-1])
    examine_sides(notes, [side for watch in watches for side in watch.sides])
    examine_numbers(notes, reference, [watch.saturations for watch in watches])
    examine_mistakes(notes, reference)
    examine_use(notes, reference)
    return notes.result()
