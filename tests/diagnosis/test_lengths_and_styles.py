"""What a repair may bring into a line, and how the student writes it."""

from __future__ import annotations

import pytest

from grader.diagnosis.repair_text import Style, product_style, style
from grader.diagnosis.repair_trials.doubtful_changes import averages, brings_length
from grader.diagnosis.source_writer import SourceEdit
from grader.exercise.load import loads
from grader.formula.syntax import Place
from grader.submission.load import load_bytes
from tests import warm

EXERCISE = """
exercise: own
title: Own
given:
  x: {{shape: [4, 3], draw: normal}}
  w: {{shape: [3], draw: normal}}
forward: |
{forward}
steps: {{dw: d(L)/d(w)}}
"""


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        (["y = x @ w", "L = sum(y**2)"], False),
        (["y = x @ w", "L = mean(y**2)"], True),
        (["y = x @ w", "L = sum(y**2) / 4"], True),
        (["y = x @ w", "L = sum(y**2) / 2"], False),
        (["y = x @ w", "L = sum(y - var(w))"], True),
        (["s[0] = sum(w)", "for t in range(1, 3):", "    s[t] = mean(x[t] * w) + s[t-1]", "L = s[2]"], True),
        (["s[0] = sum(w)", "for t in range(1, 3):", "    s[t] = sum(x[t] * w) + s[t-1]", "L = s[2]"], False),
    ],
)
def test_an_exercise_may_divide_by_a_length(forward: list[str], expected: bool) -> None:
    text = EXERCISE.format(forward="\n".join(f"  {line}" for line in forward))

    assert averages(loads(text, "own.yaml")) is expected


SOURCE = """\
n, k = x.shape
m = len(x) - 1
b = x.shape[0]
size = x.size
p = 3
dw = x.T @ dy
du = dy / n
"""


@pytest.mark.parametrize(
    ("line", "text", "expected"),
    [
        (6, "x.T @ dy / n", True),
        (6, "x.T @ dy / k", True),
        (6, "x.T @ dy * m", True),
        (6, "x.T @ dy / b", True),
        (6, "x.T @ dy / size", True),
        (6, "x.T @ dy / len(x)", True),
        (6, "x.T @ dy / p", False),
        (6, "x.T @ dy / norm", False),  # begins like `n`
        (6, "x.T @ dy + n", False),
        (6, "x.T @ (dy - 1)", False),
        (7, "dx / n", False),  # stood there before
        (7, "dy / n / n", True),
    ],
)
def test_an_edit_may_bring_a_length_as_a_factor(line: int, text: str, expected: bool) -> None:
    assert brings_length(SOURCE, SourceEdit(Place(line, 6, line, 14), text, "")) is expected


@pytest.mark.parametrize(
    ("source", "own", "operation", "written"),
    [
        ("y = x.sum(0)", "x", "sum", "d.sum(0)"),
        ("y = x.sum(axis=0)", "x", "sum", "d.sum(axis=0)"),
        ("y = np.sum(x, axis=0)", "x", "sum", "np.sum(d, axis=0)"),
        ("y = np.sum(x, 0)", "x", "sum", "np.sum(d, 0)"),
        ("y = torch.sum(x, dim=0)", "x", "sum", "torch.sum(d, dim=0)"),
        ("y = x.mean(0)", "x", "sum", "d.sum(0)"),  # another reduction, if there is no sum
        ("y = x.mean(0)\nz = np.sum(x, axis=1)", "x", "sum", "np.sum(d, axis=0)"),
        ("y = np.sum(x, axis=1)", "x.sum(1)", "sum", "d.sum(0)"),  # the line's own style first
        ("y = x @ w", "x", "sum", "np.sum(d, axis=0)"),
        ("y = x.copy(0)", "x", "sum", "np.sum(d, axis=0)"),
    ],
)
def test_a_reduction_is_written_as_the_student_writes_them(source: str, own: str, operation: str, written: str) -> None:
    assert style(source, own, operation, Style("np.")).written(operation, "d", "0", []) == written


def test_an_axis_is_kept_as_the_student_keeps_it() -> None:
    assert style("y = x.sum(1, keepdim=True)", "x", "sum", Style()).keep == "keepdim"
    assert style("y = x.sum(1, keepdims=True)", "x", "sum", Style(keep="keepdim")).keep == "keepdims"
    assert style("y = x.sum(1)", "x", "sum", Style(keep="keepdim")).keep == "keepdim"
    assert Style().written("max", "d", None, ["keepdims=True"]) == "d.max(keepdims=True)"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("y = x @ w\nz = y.dot(w)\nu = y @ z", "@"),
        ("y = np.dot(x, w)\nz = np.dot(y, w)\nu = y @ z", "np.dot("),
        ("y = x.dot(w)", ".dot("),
        ("y = torch.matmul(x, w)", "torch.matmul("),
        ("@decorated\ndef f(x):\n    x @= 2", "@"),
        ("@a\n@b\ndef f(x):\n    return x.dot(x)", ".dot("),
        ("y = 1", "@"),
    ],
)
def test_products_are_written_as_most_of_them_are(code: str, expected: str) -> None:
    assert product_style(code) == expected


MEANS = """
exercise: own
title: Own
given:
  x: {{shape: [4, 3], draw: normal}}
forward: |
  m = mean(x, {axis})
  L = sum(m**2)
steps: {{dm: d(L)/d(m), dx: d(L)/d(x)}}
"""

WITHOUT_THE_LENGTH = """
import numpy as np
x = np.random.randn(4, 3)
m = x.mean(axis={axis})
L = (m**2).sum()
dm = 2 * m
dx = {dm} * np.ones_like(x)
"""


@pytest.mark.parametrize(
    ("axis", "dm", "length"), [(0, "dm", "len(x)"), (1, "dm[:, None]", "x.shape[1]")], ids=["rows", "columns"]
)
def test_the_length_of_an_axis_is_written_as_python_has_it(axis: int, dm: str, length: str) -> None:
    source = WITHOUT_THE_LENGTH.format(axis=axis, dm=dm)
    result = warm.check(loads(MEANS.format(axis=axis)), load_bytes(source.encode(), "mine.py"))

    assert [step.diagnosis and step.diagnosis.fix for step in result.steps if step.outcome == "wrong"] == [
        f"dx = {dm} * np.ones_like(x) / {length}"
    ]
