"""Repairs of which something is told beforehand: parts that change with their array, quantities read nowhere."""

from __future__ import annotations

import ast

import pytest

from grader.diagnosis.repair_text import spliced
from grader.diagnosis.repair_trials.across import edits_across
from grader.exercise.load import loads
from grader.model import Diagnosis
from grader.submission.load import load_bytes
from tests import warm

UPDATED = """
given:
  rows: {shape: [4, 3], draw: normal}
  columns: {shape: [5, 3], draw: normal}
  rate: 0.3
forward: |
  loss = 0.5 * dot(rows[1], columns[2])**2
steps:
  row: rows[1] - rate * (d(loss)/d(rows))[1]
  column: columns[2] - rate * (d(loss)/d(columns))[2]
"""

SCALED = """
given:
  x: {shape: [3, 4], draw: normal}
  scale: {shape: [4], draw: normal}
  dout: {shape: [3, 4], draw: normal}
forward: |
  norm = sum(x**2, 1, keepdim=True)
  out = scale * x * norm
  L = sum(out * dout)
steps:
  dx: d(L)/d(x)
"""

SQUASHED = """
given:
  z: {shape: [4], draw: normal}
  da: {shape: [4], draw: normal}
forward: |
  a = softmax(z, 0)
  L = sum(da * a)
steps:
  dz: d(L)/d(z)
"""

MASKED = """
given:
  x: {shape: [6, 4], draw: normal}
  w: {shape: [4, 3], draw: normal}
  v: {shape: [3], draw: normal}
forward: |
  h = relu(x @ w)
  loss = sum(h @ v)
steps:
  dw: d(loss)/d(w)
"""

RAISED = """
given:
  x: {shape: [4], draw: "uniform(0.5, 2)"}
  base: 1.7
forward: |
  y = base**x
  L = sum(y)
steps:
  dx: d(L)/d(x)
"""


def diagnosed(text: str, source: str) -> Diagnosis:
    exercise = loads("exercise: own\ntitle: Own\n" + text, "own.yaml")
    result = warm.check(exercise, load_bytes(source.encode(), "mine.py"))
    (step,) = [step for step in result.steps if step.outcome == "wrong"]
    assert step.diagnosis is not None
    return step.diagnosis


def test_a_part_of_an_array_that_is_updated_before_it_is_read_is_copied() -> None:
    source = """import numpy as np
rows = np.linspace(-1, 1, 12).reshape(4, 3)
columns = np.linspace(0.3, -1.1, 15).reshape(5, 3)
rate = 0.3
r = rows[1]
c = columns[2]
step = rate * np.dot(r, c)
rows[1] -= step * c
columns[2] -= step * r
row = rows[1]
column = columns[2]
"""
    diagnosis = diagnosed(UPDATED, source)

    assert diagnosis.fix == "r = rows[1].copy()"
    assert "changes with it" in diagnosis.message


def test_a_factor_that_is_missing_in_two_lines_is_put_into_both() -> None:
    source = """import numpy as np
x, dout = np.ones((3, 4)) * [[0.3], [1.2], [-0.7]], np.linspace(-1, 1, 12).reshape(3, 4)
scale = np.array([0.5, -1.0, 2.0, 1.5])
def backward(dout, x, scale):
    dx = np.zeros_like(x)
    for n in range(3):
        norm = (x[n] ** 2).sum()
        dot = 0.0
        for c in range(4):
            dot += dout[n, c] * x[n, c]
        for c in range(4):
            dx[n, c] = dout[n, c] * norm + 2 * x[n, c] * dot
    return dx
dx = backward(dout, x, scale)
"""
    diagnosis = diagnosed(SCALED, source)

    assert diagnosis.replace_with == ""
    assert diagnosis.fix == (
        "dot += dout[n, c] * scale[c] * x[n, c]\n"
        "            dx[n, c] = dout[n, c] * scale[c] * norm + 2 * x[n, c] * dot"
    )


def test_what_arrives_in_the_place_of_what_went_in_is_exchanged_and_multiplied_with() -> None:
    source = """import numpy as np
z, da = np.array([0.3, -0.5, 1.2, 0.1]), np.array([1.0, -0.4, 0.2, 0.7])
def squash(z):
    return np.exp(z) / np.exp(z).sum()
def backward(da, z):
    s = squash(da).reshape(-1, 1)
    return np.diagflat(s) - s @ s.T
dz = backward(da, z)
"""
    diagnosis = diagnosed(SQUASHED, source)

    assert diagnosis.fix == "s = squash(z).reshape(-1, 1)\n    return (np.diagflat(s) - s @ s.T) @ da"


def test_a_mask_is_laid_out_along_the_axes_it_has() -> None:
    source = """import numpy as np
x, w, v = np.ones((6, 4)), np.ones((4, 3)), np.ones(3)
h = np.maximum(x @ w, 0)
dw = (x[:, :, None] * v).sum(0)
"""
    diagnosis = diagnosed(MASKED, source)

    assert diagnosis.fix == "dw = (x[:, :, None] * v * (h > 0)[:, None, :]).sum(0)"


@pytest.mark.parametrize("line", ["dx = base * x ** (base - 1)", "dx = x * base ** (x - 1)"])
@pytest.mark.parametrize(
    ("library", "fix"),
    [
        ("import numpy as np\nx = np.ones(4)", "dx = y * np.log(base)"),
        ("import torch\nx = torch.ones(4)", "dx = y * torch.log(torch.tensor(base))"),
        ("import math\nimport torch\nx = torch.ones(4)", "dx = y * math.log(base)"),
    ],
)
def test_the_power_rule_on_an_exponential_becomes_its_logarithm(line: str, library: str, fix: str) -> None:
    assert diagnosed(RAISED, f"{library}\nbase = 1.7\ny = base**x\n{line}\n").fix == fix


@pytest.mark.parametrize(
    "around",
    [
        "class Slopes:\n    half = 0.5\n    of = staticmethod(lambda h: 1 - h)",
        "match 1:\n    case 1:\n        of = lambda h: 1 - h",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    of = lambda h: 1 - h",
    ],
)
def test_lines_in_blocks_of_any_kind_are_changed_with_those_that_feed_them(around: str) -> None:
    tree = ast.parse(around)
    statement = next(
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and one.targets[0].id == "of"
    )

    edits = list(edits_across(around, tree, statement, ["scale"]))

    assert all(edit.place.line == statement.lineno for edit in edits)


TOLD = [
    ("y = f(a.sum(), b)\n", 1, ["u"], ["y = f((a * u).sum(), b)\n", "y = f(a.sum(), b * u)\n"]),
    ("r = rows[1]\nrows[1] -= r\ny = r\n", 3, [], ["r = rows[1].copy()\nrows[1] -= r\ny = r\n"]),
    ("r = rows[1]\nrows -= r\ny = r\n", 3, [], ["r = rows[1].copy()\nrows -= r\ny = r\n"]),
    ("r = rows\nrows[0] = 1\ny = r\n", 3, [], ["r = rows.copy()\nrows[0] = 1\ny = r\n"]),
    ("r = rows[1]\nother[1] -= r\ny = r\n", 3, [], []),
    ("rows[1] -= 1\nr = rows[1]\ny = r\n", 3, [], []),
    (
        "import torch\nr = rows[1]\nrows[1] -= r\ny = r\n",
        4,
        [],
        ["import torch\nr = rows[1].clone()\nrows[1] -= r\ny = r\n"],
    ),
    (
        "import torch, numpy\nr = rows[1]\nrows[1] -= r\ny = r\n",
        4,
        [],
        ["import torch, numpy\nr = rows[1].copy()\nrows[1] -= r\ny = r\n"],
    ),
    (
        "r, c = rows[1], cols[2]\nrows[1] -= c\ny = r + c\n",
        3,
        [],
        ["r, c = rows[1].copy(), cols[2]\nrows[1] -= c\ny = r + c\n"],
    ),
    ("r = f(rows)[1]\nrows[1] -= r\ny = r\n", 3, [], []),
    ("y = a + b\n", 1, ["u"], ["y = a * u + b\n", "y = a + b * u\n"]),
    ("y = a * a\n", 1, ["u"], ["y = a * u * a * u\n"]),
    (
        "t = a\ny = t * a\n",
        2,
        ["u"],
        ["t = a\ny = t * a * u\n", "t = a\ny = t * u * a\n", "t = a * u\ny = t * a * u\n"],
    ),
    (
        "y = a[i, j]\n",
        1,
        ["u"],
        ["y = a[i, j] * u\n", "y = a[i, j] * u[i, j]\n", "y = a[i, j] * u[i]\n", "y = a[i, j] * u[j]\n"],
    ),
    ("y = a / b\n", 1, ["u"], ["y = a * u / b\n", "y = a / (b * u)\n"]),
    ("y = a ** b\n", 1, ["u"], ["y = (a * u) ** b\n", "y = a ** (b * u)\n"]),
    ("y = a > b\n", 1, ["u"], ["y = a * u > b\n", "y = a > b * u\n"]),
    ("y = a[b] + c.d\n", 1, ["u"], ["y = a[b] * u + c.d\n", "y = a[b] * u[b] + c.d\n"]),
    (
        "y = a + b + c + d + e\n",
        1,
        ["u"],
        [
            "y = a * u + b + c + d + e\n",
            "y = a + b + c * u + d + e\n",
            "y = a + b + c + d * u + e\n",
            "y = a + b + c + d + e * u\n",
        ],
    ),
    ("for u in x:\n    y = a\n", 2, ["u", "v"], ["for u in x:\n    y = a * v\n"]),
    (
        "def g(v, w):\n    u = w\n    return a\n",
        3,
        ["u", "v", "w"],
        [
            "def g(v, w):\n    u = w\n    return a * u\n",
            "def g(v, w):\n    u = w\n    return a * v\n",
            "def g(v, w):\n    u = w\n    return a * w\n",
        ],
    ),
    ("y = a\nz = y\n", 2, ["y", "a"], []),
    ("y += a\n", 1, ["u"], ["y += a * u\n"]),
    (
        "def g(da, z):\n    s = f(da)\n    return s\n",
        3,
        [],
        [
            "def g(da, z):\n    s = f(z)\n    return da @ s\n",
            "def g(da, z):\n    s = f(z)\n    return s\n",
            "def g(da, z):\n    s = f(z)\n    return s * da\n",
            "def g(da, z):\n    s = f(z)\n    return s @ da\n",
        ],
    ),
    (
        "def g(da, z):\n    s = f(da)\n    return s * s\n",
        3,
        [],
        [
            "def g(da, z):\n    s = f(z)\n    return (s * s) * da\n",
            "def g(da, z):\n    s = f(z)\n    return (s * s) @ da\n",
            "def g(da, z):\n    s = f(z)\n    return da @ (s * s)\n",
            "def g(da, z):\n    s = f(z)\n    return s * s\n",
        ],
    ),
    (
        "import numpy as np\ndef g(da, z):\n    s = np.dot(da, da)\n    return s\n",
        4,
        [],
        [
            "import numpy as np\ndef g(da, z):\n    s = np.dot(da, z)\n    return np.dot(da, s)\n",
            "import numpy as np\ndef g(da, z):\n    s = np.dot(da, z)\n    return np.dot(s, da)\n",
            "import numpy as np\ndef g(da, z):\n    s = np.dot(da, z)\n    return s\n",
            "import numpy as np\ndef g(da, z):\n    s = np.dot(da, z)\n    return s * da\n",
            "import numpy as np\ndef g(da, z):\n    s = np.dot(z, da)\n    return np.dot(da, s)\n",
            "import numpy as np\ndef g(da, z):\n    s = np.dot(z, da)\n    return np.dot(s, da)\n",
            "import numpy as np\ndef g(da, z):\n    s = np.dot(z, da)\n    return s\n",
            "import numpy as np\ndef g(da, z):\n    s = np.dot(z, da)\n    return s * da\n",
        ],
    ),
    ("def g(da, z):\n    return f(da)\n", 2, [], ["def g(da, z):\n    return f(z)\n"]),
    ("def g(da):\n    s = f(da)\n    return s\n", 3, [], []),
    (
        "def g(da, z, x):\n    s = f(da)\n    return s\n",
        3,
        [],
        [
            "def g(da, z, x):\n    s = f(x)\n    return da @ s\n",
            "def g(da, z, x):\n    s = f(x)\n    return s\n",
            "def g(da, z, x):\n    s = f(x)\n    return s * da\n",
            "def g(da, z, x):\n    s = f(x)\n    return s @ da\n",
            "def g(da, z, x):\n    s = f(z)\n    return da @ s\n",
            "def g(da, z, x):\n    s = f(z)\n    return s\n",
            "def g(da, z, x):\n    s = f(z)\n    return s * da\n",
            "def g(da, z, x):\n    s = f(z)\n    return s @ da\n",
        ],
    ),
    ("di = c * i\ndg = c * g\ny = di + dg\n", 3, [], ["dg = c * i\ndi = c * g\ny = di + dg\n"]),
    ("di = c * i\n\ndg = c * g\ny = di + dg\n", 4, [], []),
    ("di = c * i\ndg = di * g\ny = di + dg\n", 3, [], []),
    ("da[:, :H] = d\nda[:, H:] = e\ny = da\n", 3, [], ["da[:, H:] = d\nda[:, :H] = e\ny = da\n"]),
    (
        "da[0] = d\nda[1] = e\nda[2] = k\n",
        2,
        [],
        ["da[0] = d\nda[2] = e\nda[1] = k\n", "da[1] = d\nda[0] = e\nda[2] = k\n", "da[2] = d\nda[1] = e\nda[0] = k\n"],
    ),
    ("da[0] = d\ndb[1] = e\ny = da + db\n", 3, [], []),
    ("di = (c *\n  i)\ndg = c * g\ny = di + dg\n", 4, [], ["dg = (c *\n  i)\ndi = c * g\ny = di + dg\n"]),
    ("class K:\n    a = 1\n    b = a\n", 3, ["u"], ["class K:\n    a = 1\n    b = a * u\n"]),
    ("if p:\n    t = a\nelse:\n    t = b\ny = t\n", 5, ["u"], ["if p:\n    t = a\nelse:\n    t = b\ny = t * u\n"]),
]
"""A program, the line that is looked at, the names that may be put in, and what becomes of the program."""


@pytest.mark.parametrize(("source", "line", "names", "expected"), TOLD)
def test_what_is_changed_in_a_line_and_in_those_that_feed_it(
    source: str, line: int, names: list[str], expected: list[str]
) -> None:
    tree = ast.parse(source)
    statement = next(node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno == line)
    edits = edits_across(source, tree, statement, names)

    assert sorted({spliced(source, one.place, one.text) for one in edits}) == expected
