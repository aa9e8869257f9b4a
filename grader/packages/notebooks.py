"""Notebooks: the starter of an exercise as the cells of one, for packages whose students work in one, and a notebook
that brings its grader along, for JupyterHub, JupyterLab, Colab and Kaggle.

Its first cell unpacks the package and installs what is missing, never what the runtime has, so that its torch and
IPython stay as they are. Students can read all of it, so it holds values at public points."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from grader.exercise.types import Exercise
from grader.handout.starter import starter
from grader.notebook import INSTALLS
from grader.packages.contents import FOLDER, compressed_tar, contents, under
from grader.packages.scripts import filled
from grader.packages.targets import Outcome, PackageFile, PackageRequest, PackageSettings, whole_text
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


def text_cell(source: str) -> dict[str, object]:
    """A Markdown cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


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


_HIDDEN: dict[str, object] = {"jupyter": {"source_hidden": True}, "cellView": "form", "tags": ["hide-input"]}
"""The first cell is long and none of the student's concern: JupyterLab, Colab and Jupyter Book fold it."""


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """The notebook."""
    exercise = request.exercise
    packed = base64.b85encode(compressed_tar(under(FOLDER, contents(request)))).decode()
    install = filled("notebook_install.py.txt", mark=INSTALLS, name=exercise.id, package=packed).decode()
    cells = [code_cell(install, _HIDDEN)]
    for one in starter_cells(exercise):
        cells.append(code_cell(one.text) if one.code else text_cell(one.text))
    cells.append(text_cell("## Check\n\nRun the cells above first, then this one, as often as you like."))
    cells.append(code_cell("grader.check_here(EXERCISE)"))
    return (PackageFile("notebook.ipynb", notebook(cells)),)


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """The report as text: in the notebook the report is the page that `check_here` shows."""
    return whole_text(outcome)
