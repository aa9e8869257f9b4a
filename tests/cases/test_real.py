"""Notebooks as learners leave them: cells out of order, half finished, with training loops, plots, missing files and
packages, `input()`, magics, endless loops, network calls. Each is judged as the marks on its lines say, and what was
in the way is named in the problems (`# problems: KIND ...`, none if left out).

`# seconds:` is the limit of a run, `# score: null` says that nothing can be judged, and `# %% [4]` is a cell that was
run as the fourth.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import nbformat
import pytest

import grader
from grader.exercise.load import find, load
from grader.model import Result
from tests.cases.marks import expectations

LONG = {"endless_loop_before", "makemore_from_scratch"}
FILES = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if path.stem in LONG else [])
    for path in sorted((Path(__file__).parent / "real").glob("*.txt"))
]
MARKER = re.compile(r"^# %%(?: \[(\d+)\])?\n", re.M)


def notebook(text: str, path: Path) -> Path:
    _, *parts = MARKER.split(text)
    made = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    for count, source in zip(parts[::2], parts[1::2], strict=True):
        cell = nbformat.v4.new_code_cell(source.rstrip("\n"))  # type: ignore[no-untyped-call]
        cell.execution_count = None if count is None else int(count)
        made.cells.append(cell)
    nbformat.write(made, path)  # type: ignore[no-untyped-call]
    return path


def checked(file: Path, folder: Path) -> Result:
    text = file.read_text()
    named = re.search(r"^# exercise: (\S+)$", text, re.M)
    exercise = load(find(named[1] if named else "tanh-chain-reverse"))
    if seconds := re.search(r"^# seconds: (\d+)$", text, re.M):
        limits = dataclasses.replace(exercise.policy.limits, seconds=float(seconds[1]))
        exercise = dataclasses.replace(exercise, policy=dataclasses.replace(exercise.policy, limits=limits))
    return grader.check(exercise, notebook(text, folder / f"{file.stem}.ipynb"))


@pytest.mark.parametrize("file", FILES)
def test_each_notebook_is_judged_as_its_lines_say_and_what_was_in_the_way_is_named(file: Path, tmp_path: Path) -> None:
    text = file.read_text()
    expected, first = expectations(text)
    result = checked(file, tmp_path)
    told = re.search(r"^# problems: (.*)$", text, re.M)

    outcomes = {step.name: step.outcome for step in result.steps}
    assert outcomes == {name: expected[name].outcome if name in expected else "correct" for name in outcomes}
    assert result.first_error == first
    assert (result.score is None) == ("\n# score: null\n" in text)
    assert {one.kind for one in result.problems} - {"note"} == set(told[1].split() if told else ())
    assert all(one.message for one in result.problems)
    for step in result.steps:
        if (one := expected.get(step.name)) is not None:
            assert one.reason in (None, step.reason)
