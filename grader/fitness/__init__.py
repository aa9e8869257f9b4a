"""Whether an exercise can do its work: tell every mistake that can be made in it from the truth and from the others."""

from __future__ import annotations

from grader.exercise.types import Exercise
from grader.exercise.yaml_marks import Document
from grader.fitness.notes import Fitness, Notes
from grader.fitness.numbers import examine_numbers
from grader.fitness.separation import examine_mistakes
from grader.fitness.shapes import examine_shapes, examine_sides
from grader.reference.autograd import Graph
from grader.reference.types import Reference
from grader.reference.watch import Watch

__all__ = ["Fitness", "examine"]


def examine(exercise: Exercise, reference: Reference, document: Document) -> Fitness:
    """All that is to be said about the fitness of an exercise; `document` is its file."""
    notes = Notes(exercise, document)
    examine_shapes(notes, reference)
    watches = []
    for point in reference.points:
        watches.append(Watch())
        Graph(exercise, point, watches[-1])
    examine_sides(notes, [side for watch in watches for side in watch.sides])
    examine_numbers(notes, reference, [watch.saturations for watch in watches])
    examine_mistakes(notes, reference)
    return notes.result()
