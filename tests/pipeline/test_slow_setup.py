"""Slow set-up on which nothing asked for depends is run once, whatever the number of points; all else is run always.

Each submission counts its runs in a file. `slow()` takes longer than what is taken for slow.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

import grader
from grader.model import Result

pytestmark = pytest.mark.slow

SLOW = """
import time, random, math
import numpy as np
def slow():
    with open({count!r}, "a") as file:
        file.write("x")
    began = time.process_time()
    while time.process_time() < began + 0.08:
        pass
    return 3
"""
GIVEN = "h0 = 0.5\nw_h = 2.0\nw_y = 40.0\n"
FORWARD = """
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
"""
BACKWARD = """
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
"""
WRONG = BACKWARD.replace("(1 - h1**2)", "(1 - h1_raw**2)")


def graded(tmp_path: Path, *parts: str, exercise: str = "tanh-chain-reverse") -> tuple[Result, int]:
    """The result, and how often the slow part was run."""
    count = tmp_path / "count"
    file = tmp_path / "mine.py"
    file.write_text("".join((SLOW.format(count=str(count)), *parts)))
    result = grader.check(exercise, file)
    return result, len(count.read_text())


def outcomes(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


ONCE = {
    "a data set before the derivation": ("data = [slow() for _ in range(2)]\ntotal = sum(data)\n", 2),
    "a training loop with names of the derivation": (
        "h1, loss = 0.0, 1.0\nfor step in range(3):\n    slow()\n    h1 += 0.1\n    dh1 = 2 * h1\n    loss -= dh1\n"
        "print(loss, dh1)\n",
        3,
    ),
    "a model that is an object": (
        "class Model:\n    def __init__(self):\n        self.w = np.zeros(3)\n    def train(self):\n        slow()\n"
        "        self.w += np.random.randn(3)\nmodel = Model()\nmodel.train()\nprint(model.w[0])\n",
        1,
    ),
    "something that raises in the end": (
        "import urllib.request\nif slow():\n    urllib.request.urlopen('http://127.0.0.1:9/x')\n",
        1,
    ),
    "a helper the derivation uses too": (
        "def tanh(x):\n    t = math.tanh(x)\n    return t\n"
        "slowly = slow()\nfor k in range(3):\n    tanh(k)\n    slow()\n",
        4,
    ),
    "a pause": ("slow()\n", 1),
}


@pytest.mark.parametrize("manner", ONCE)
def test_set_up_is_run_once_and_a_mistake_is_found_as_ever(manner: str, tmp_path: Path) -> None:
    setup, times = ONCE[manner]
    result, runs = graded(tmp_path, setup, GIVEN, FORWARD, WRONG)

    assert outcomes(result) == {"dh1_raw": "wrong", "dw_h": "carried"}
    assert runs == times


def test_set_up_between_the_numbers_and_the_derivation_is_run_once(tmp_path: Path) -> None:
    result, runs = graded(tmp_path, GIVEN, FORWARD, "table = slow()\nrows = table + 1\n", BACKWARD)

    assert (outcomes(result), runs) == ({}, 1)


def test_what_is_raised_in_set_up_is_still_told(tmp_path: Path) -> None:
    result, runs = graded(tmp_path, "if slow():\n    missing()\n", GIVEN, FORWARD, BACKWARD)

    assert [problem.kind for problem in result.problems] == ["raised"]
    assert (outcomes(result), runs) == ({}, 1)


def test_inputs_taken_from_a_data_set_are_bound_from_the_exercise(tmp_path: Path) -> None:
    setup = "data = [0.5, slow(), 40.0]\nh0, w_h, w_y = np.float64(data[0]), np.float64(2.0), np.float64(data[2])\n"
    result, runs = graded(tmp_path, setup, FORWARD, BACKWARD)

    assert (outcomes(result), runs) == ({}, 1)


NEEDED = {
    "the value itself": "factor = slow() / 3\n",
    "through an object changed in place": "box = {'factor': 0}\nbox['factor'] = slow() / 3\nfactor = box['factor']\n",
    "through another name of the object": "box = [0.0]\nother = box\nother[0] = slow() / 3\nfactor = box[0]\n",
    "through a function that changes a global": (
        "factor = 0.0\ndef prepare():\n    global factor\n    factor = slow() / 3\nprepare()\n"
    ),
    "through exec": "exec('factor = slow() / 3')\n",
    "through a module": "np.factor = slow() / 3\nfactor = np.factor\n",
}


@pytest.mark.parametrize("manner", NEEDED)
def test_set_up_that_a_step_needs_is_run_every_time(manner: str, tmp_path: Path) -> None:
    result, runs = graded(tmp_path, NEEDED[manner], GIVEN, FORWARD, BACKWARD.replace("dy2 = 1.0", "dy2 = 1.0 * factor"))

    assert outcomes(result) == {}
    assert runs >= 4


def test_random_numbers_go_on_as_if_nothing_had_been_left_out(tmp_path: Path) -> None:
    # Which of two right formulas is taken is drawn after the set-up: another draw would take the wrong one.
    setup = "slow()\nnoise = [np.random.rand() for _ in range(7)] + [random.random()]\nslow()\n"
    chosen = "lucky = np.random.rand() == {number!r}\ndy2 = 1.0 if lucky else 0.5\n"
    import numpy

    numpy.random.seed(0)
    number = [float(numpy.random.rand()) for _ in range(8)][-1]
    result, runs = graded(
        tmp_path, setup, GIVEN, FORWARD, BACKWARD.replace("dy2 = 1.0\n", chosen.format(number=number))
    )

    assert (outcomes(result), runs) == ({}, 2)


def test_set_up_that_changes_what_only_other_points_show_is_run_every_time(tmp_path: Path) -> None:
    setup = "limit = []\nlimit.append(slow())\n"
    chosen = "dy2 = 1.0 if h0 == 0.5 else len(limit) * 1.0\n"
    result, runs = graded(tmp_path, setup, GIVEN, FORWARD, BACKWARD.replace("dy2 = 1.0\n", chosen))

    assert outcomes(result) == {}
    assert runs >= 4


def test_functions_that_are_called_by_the_exercise_keep_what_they_need(tmp_path: Path) -> None:
    functions = """
scale = slow() / 3
slow()
def relu_forward(x):
    return np.maximum(0, x) * scale, x
def relu_backward(dout, cache):
    dx = dout * (cache > 0) * scale
    return dx
"""
    result, runs = graded(tmp_path, functions, exercise="cs231n-relu")

    assert outcomes(result) == {}
    assert runs >= 4


def test_a_slow_function_that_binds_the_steps_is_run_every_time(tmp_path: Path) -> None:
    names = "dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h"
    body = "".join(f"    {line}\n" for line in BACKWARD.strip().splitlines())
    result, runs = graded(tmp_path, GIVEN, FORWARD, f"def main():\n    global {names}\n{body}    slow()\nmain()\n")

    assert outcomes(result) == {}
    assert runs >= 4


RAISING = {
    "a comma at the end": ("dh2 = w_y * dy2\n", "dh2 = w_y * dy2,\n"),
    "a comparison for an assignment": ("dh2 = w_y * dy2\n", "dh2 == w_y * dy2\n"),
    "a name that is bound nowhere": ("dh1 = w_h * dh2_raw\n", "dh1 = w_h * dh2raw_\n"),
}


@pytest.mark.parametrize(
    "line", ["dh1", *(pytest.param(one, marks=pytest.mark.slow) for one in ("dh2_raw", "dh1_raw", "dw_h"))]
)
@pytest.mark.parametrize("manner", RAISING)
def test_a_slow_line_that_raised_is_run_with_the_right_values(manner: str, line: str, tmp_path: Path) -> None:
    lines = BACKWARD.replace(*RAISING[manner]).replace(f"\n{line} = ", f"\n{line} = slow() / 3 * ")

    result, runs = graded(tmp_path, GIVEN, FORWARD, lines)

    assert result.score == 6
    assert runs >= 4


def test_lines_that_raised_after_a_slow_one_are_run_with_the_right_values(tmp_path: Path) -> None:
    lines = BACKWARD.replace("dh2 = w_y * dy2\n", "dh2 = w_y * dy2,\nhalf = slow() / 6 * dh2\n")
    lines = lines.replace("* dh2\ndh1", "* 2 * half\ndh1")

    result, runs = graded(tmp_path, GIVEN, FORWARD, lines)

    assert result.score == 6
    assert runs >= 4


METHOD = """
class Net:
    def __init__(self):
        self.history = []
    def backward(self, h0, w_h, w_y):
{body}
        self.history.append(slow())
net = Net()
net.backward(h0, w_h, w_y)
"""


METHODS = {
    "all is right": ("dh2 = w_y * dy2", "dh2 = w_y * dy2", 7),
    "the last step is missing": ("dw_h = ", "unnamed = 0 * ", 6),
    "a line raises on a wrong value": ("dh2 = w_y * dy2", "dh2 = w_y * dy2,", 6),
    "a line raises by itself": ("dh2 = w_y * dy2", "dh2 = w_y * None", 6),
}


@pytest.mark.parametrize("manner", METHODS)
def test_a_slow_method_in_which_steps_are_bound_is_run_every_time(manner: str, tmp_path: Path) -> None:
    right, line, kept = METHODS[manner]
    body = (FORWARD + "early = slow()\n" + BACKWARD).replace(right, line)

    result, runs = graded(tmp_path, GIVEN, METHOD.format(body=indent(body, 8 * " ")))

    assert result.score == kept
    assert runs >= 4


SLOPE = "def slope(t):\n    return 1 - t\n"
TWICE = BACKWARD.replace("(1 - h2**2)", "slope(h2)").replace("(1 - h1**2)", "slope(h1)")


def test_one_mistake_behind_two_steps_costs_one_of_them_after_slow_setup_too(tmp_path: Path) -> None:
    result, runs = graded(tmp_path, "data = slow()\n", GIVEN, FORWARD, SLOPE, TWICE)

    assert outcomes(result) == {"dh2_raw": "wrong", "dh1": "carried", "dh1_raw": "carried", "dw_h": "carried"}
    assert runs <= 2
