"""The starter of an exercise as the cells of a notebook, for packages whose students work in one."""

from __future__ import annotations

import json
from dataclasses import dataclass

from grader.exercise.types import Exercise
from grader.handout.starter import starter
from grader.reference.points import given_inputs

Metadata = dict[str, object]


@dataclass(frozen=True, slots=True)
class StarterCell:
    """A cell: Markdown or code. `blanks`: it has what the student fills in."""

    text: str
    code: bool
    blanks: bool = False


def starter_cells(exercise: Exercise) -> tuple[StarterCell, ...]:
    """The text, the given numbers, the forward pass and the blanks, in order. Raises `UsageError` where the exercise
    cannot be written in any library."""
    cells = []
    for part in starter(exercise, given_inputs(exercise)):
        if part.text:
            cells.append(StarterCell(part.text, code=False))
        if part.code:
            cells.append(StarterCell("\n".join(part.code).strip("\n"), code=True, blanks=part.steps))
    return tuple(cells)


def code_cell(source: str, metadata: Metadata | None = None) -> dict[str, object]:
    """A code cell that has not been run, in Jupyter's format 4."""
    return {"cell_type": "code", "metadata": metadata or {}, "source": source, "execution_count": None, "outputs": []}


def text_cell(source: str, metadata: Metadata | None = None) -> dict[str, object]:
    """A Markdown cell."""
    return {"cell_type": "markdown", "metadata": metadata or {}, "source": source}


def notebook(cells: list[dict[str, object]]) -> bytes:
    """A notebook of these cells, which get ids by their place."""
    content = {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
