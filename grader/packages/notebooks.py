"""A notebook that brings its grader along: for JupyterHub, JupyterLab, Colab and Kaggle.

Its first cell unpacks the package and installs what is missing, never what the runtime has, so that its torch and
IPython stay as they are. Students can read all of it, so it holds values at public points."""

from __future__ import annotations

import base64
import io
import tarfile

from grader.notebook import INSTALLS
from grader.packages.contents import FOLDER, contents, under
from grader.packages.report_parts import whole_text
from grader.packages.scripts import filled
from grader.packages.starter_cells import code_cell, notebook, starter_cells, text_cell
from grader.packages.targets import Outcome, PackageFile, PackageRequest, PackageSettings

_HIDDEN: dict[str, object] = {"jupyter": {"source_hidden": True}, "cellView": "form", "tags": ["hide-input"]}
"""The first cell is long and none of the student's concern: JupyterLab, Colab and Jupyter Book fold it."""


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """The notebook."""
    exercise = request.exercise
    packed = base64.b85encode(_tar(under(FOLDER, contents(request)))).decode()
    install = filled("notebook_install.py.txt", mark=INSTALLS, name=exercise.id, package=packed).decode()
    cells = [code_cell(install, _HIDDEN)]
    for one in starter_cells(exercise):
        cells.append(code_cell(one.text) if one.code else text_cell(one.text))
    cells.append(text_cell("## Check\n\nRun the cells above first, then this one, as often as you like."))
    cells.append(code_cell("grader.check_here(EXERCISE)"))
    return (PackageFile("notebook.ipynb", notebook(cells)),)


def _tar(files: tuple[PackageFile, ...]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:xz", preset=9) as archive:
        for file in files:
            member = tarfile.TarInfo(file.path)
            member.size, member.mode = len(file.data), 0o600
            archive.addfile(member, io.BytesIO(file.data))
    return made.getvalue()


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """The report as text: in the notebook the report is the page that `check_here` shows."""
    return whole_text(outcome)
