"""Grade the notebook one works in: `%load_ext grader`, then `%grade tanh-chain`, or `grader.check_here("tanh-chain")`.

What is graded is the saved file, if all of its code cells have been run as they stand there; otherwise the cells as
they were run in this session, numbered as their prompts are. The report says which.
"""

from __future__ import annotations

import itertools
import json
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from grader import crash
from grader.errors import EnvironmentProblem, GraderError, InternalError, UsageError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.model import Result, Reveal, Submission
from grader.pipeline import check
from grader.reference.cache import reference_for
from grader.submission.load import load, load_bytes

SESSION = "this-notebook.ipynb"
"""The name under which the cells of a session are shown."""

INSTALLS = "# This cell installs the grader."
"""The line that marks a cell of `grader package notebook` that is none of the student's."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ShownResult:
    """A graded notebook as its output shows it: a page in HTML, the report of the terminal as plain text.

    `exercise`: what it was graded with. `graded` says which text was graded."""

    result: Result
    exercise: Exercise
    graded: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            return self._shown()
        except Exception as error:  # a bug of ours: IPython would show its traceback
            return {"text/plain": crash.sentence(error, ["grade", self.exercise.id])}

    def _shown(self) -> dict[str, str]:
        from grader.html.report import render_fragment
        from grader.report import ci

        try:
            reference = reference_for(self.exercise)
        except EnvironmentProblem:
            reference = None
        page = render_fragment(self.result, self.exercise, reference, f"g{next(_numbers)}-", self.graded)
        return {
            "text/plain": repr(self),
            "text/html": page,
            "text/markdown": f"{ci.markdown_summary(self.result)}\n{_escaped(self.graded)}\n",
        }

    def __repr__(self) -> str:
        from grader.report.terminal import render

        return f"{render(self.result, 100, 'first').plain}({self.graded})"


def check_here(exercise: str, *, reveal: Reveal | None = None) -> ShownResult:
    """Grade the notebook this is called in. `reveal` overrides the exercise's level.

    Raises `UsageError` outside a notebook, `ExerciseError` and the other errors of `grader.check`."""
    shell = _shell()
    if shell is not None:
        submission, graded = _own(shell)
    else:
        submission, graded = _marimo(sys._getframe(1).f_globals)
    loaded = named(exercise)
    return ShownResult(check(loaded, submission, reveal=reveal), loaded, graded)


def load_ipython_extension(shell: Any) -> None:
    """Register `%grade` and `%%grade`."""
    shell.register_magic_function(_grade, "line_cell", "grade")


def _grade(line: str, cell: str | None = None) -> ShownResult | None:
    """`%grade EXERCISE [--reveal LEVEL]` grades this notebook; `%%grade EXERCISE` runs the rest of its cell before."""
    shell = _shell()
    try:
        exercise, reveal = _arguments(line)
        if cell is not None and shell is not None and not shell.run_cell(cell).success:
            return None
        return check_here(exercise, reveal=reveal)
    except Exception as error:  # a bug of ours, or what the user has to mend: IPython would show its traceback
        ours = not isinstance(error, GraderError) or isinstance(error, InternalError)
        print(crash.sentence(error, ["%grade", line]) if ours else error, file=sys.stderr)
        return None


def _arguments(line: str) -> tuple[str, Reveal | None]:
    words = shlex.split(line)
    reveal = None
    if "--reveal" in words:
        at = words.index("--reveal")
        levels = get_args(Reveal)
        reveal = next((level for level in levels if words[at + 1 : at + 2] == [level]), None)
        if reveal is None:
            raise UsageError(f"--reveal is one of {', '.join(levels)}")
        del words[at : at + 2]
    if len(words) != 1:
        raise UsageError("write `%grade EXERCISE`, as in `%grade tanh-chain`; `!grader list` lists all exercises")
    return words[0], reveal


def _shell() -> Any:
    """The running IPython, None outside of one."""
    module = sys.modules.get("IPython")
    return None if module is None else module.get_ipython()


def _own(shell: Any) -> tuple[Submission, str]:
    """The notebook of this session: its file if that is what was run, otherwise the cells as run."""
    run = [_without_grading(source) for source in shell.history_manager.input_hist_raw[1:]]
    path = _file(shell)
    if path is not None:
        sources = _sources(path)
        if sources and set(map(str.strip, sources)) - {""} <= set(map(str.strip, run)):
            return load(path), f"graded as saved in {path.name}"
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in run]
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()
    folder = str(path.parent) if path is not None else os.getcwd()
    return load_bytes(content, SESSION, folder), "graded as run in this session; cell 3 is In [3]"


def _without_grading(source: str) -> str:
    """A cell without the lines that grade; a cell that is graded by `%%grade` keeps its body. Nothing is left of a cell
    that gets a grader ready which the notebook brings along."""
    if INSTALLS in source:
        return ""
    lines = source.split("\n")
    return "\n".join("" if _grades(line) else line for line in lines)


def _grades(line: str) -> bool:
    return line.strip().startswith(("%grade", "%%grade", "%load_ext grader", "%reload_ext grader"))


def _file(shell: Any) -> Path | None:
    """The file of the notebook, if the front end tells: VS Code by a variable, Jupyter by the environment."""
    told = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    path = Path(str(told)) if told else None
    return path if path is not None and path.suffix == ".ipynb" and path.is_file() else None


def _sources(path: Path) -> list[str]:
    """The code cells of a saved notebook without the lines that grade; none if it cannot be read."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [_without_grading(source) for source in sources]


def _marimo(names: dict[str, Any]) -> tuple[Submission, str]:
    """The notebook file of marimo, which has no IPython."""
    file = names.get("__file__")
    if "marimo" not in sys.modules or not file:
        raise UsageError("check_here grades the notebook it is called in; for a file there is `grader.check`")
    return load(Path(file)), f"graded as saved in {Path(file).name}"


def _escaped(words: str) -> str:
    from grader.report.text import safe_html

    return safe_html(words)
