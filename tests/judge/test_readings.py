"""Which binding of a name is the quantity, where several are bound or a name is the student's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

LAYERS = loads(
    """exercise: readings
title: A masked product
given:
  x: {shape: [4, 3], draw: normal}
  w: {shape: [3, 2], draw: normal}
  t: {shape: [4, 2], draw: normal}
forward: |
  z = x @ w
  h = relu(z)
  loss = sum(t * h)
steps:
  dh: d(loss)/d(h)
  dz: d(loss)/d(z)
  dw: d(loss)/d(w)
  dx: d(loss)/d(x)
"""
)
GIVEN = """import numpy as np
rng = np.random.default_rng(0)
x, w, t = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
z = x @ w
h = np.maximum(z, 0)
"""


def check(code: str) -> Result:
    return warm.check(LAYERS, load_bytes((GIVEN + code).encode(), "mine.py"))


def outcomes(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


def line(result: Result, name: str) -> int | None:
    where = next(step.where for step in result.steps if step.name == name)
    return None if where is None else where.line


def test_a_step_changed_into_the_next_one_in_place_is_right() -> None:
    result = check("dh = t.copy()\ndh[z <= 0] = 0\ndz = dh\ndw = x.T @ dz\ndx = dz @ w.T\n")

    assert outcomes(result) == {}


def test_a_wrong_step_changed_into_the_next_one_in_place_is_wrong_where_it_was_made() -> None:
    result = check("dh = 2 * t\ndh[z <= 0] = 0\ndz = dh\ndw = x.T @ dz\ndx = dz @ w.T\n")

    assert outcomes(result) == {"dh": "wrong", "dz": "carried", "dw": "carried", "dx": "carried"}
    assert line(result, "dh") == GIVEN.count("\n") + 1


def test_what_a_loop_in_a_function_fills_is_put_right_for_what_is_made_of_it() -> None:
    fills = "    dz = np.zeros_like(z)\n    for i in range(4):\n        for j in range(2):\n"
    fills += "            dz[i, j] += -t[i, j] * (z[i, j] > 0)\n    dw = x.T @ dz\n    return t, dz, dw, dz @ w.T\n"

    result = check("def back():\n" + fills + "dh, dz, dw, dx = back()\n")

    assert outcomes(result) == {"dz": "wrong", "dw": "carried", "dx": "carried"}


def test_a_step_that_was_read_before_it_was_changed_is_right() -> None:
    result = check("dh = t.copy()\ndz = dh * (z > 0)\ndw = x.T @ dz\ndx = dz @ w.T\ndz *= 5\ndh += 1\n")

    assert outcomes(result) == {}


def test_the_line_that_changes_a_right_step_afterwards_is_told() -> None:
    result = check("dh = t.copy()\ndz = dh * (z > 0)\ndh *= 2\ndw = x.T @ dz\ndx = dz @ w.T\n")
    remarks = {step.name: step.remark for step in result.steps if step.remark is not None}

    assert remarks == {"dh": "it was right here; line 8 changes it afterwards"}


def test_a_step_that_was_right_and_is_added_to_once_too_often_is_wrong() -> None:
    result = check("dh = t.copy()\ndz = dh * (z > 0)\ndw = x.T @ dz\ndw += x.T @ dz\ndx = dz @ w.T\n")

    assert outcomes(result) == {"dw": "wrong"}


def test_what_a_step_was_before_it_was_changed_does_not_count_where_only_a_local_takes_its_value() -> None:
    result = check("dh = t.copy()\ndz = dh * (z > 0)\ndw = x.T @ dz\ndw += x.T @ dz\ntotal = dw\ndx = dz @ w.T\n")

    assert outcomes(result) == {"dw": "wrong"}


def test_a_wrong_mask_in_place_costs_the_step_it_makes_and_not_the_one_it_was_made_of() -> None:
    result = check("dh = t.copy()\ndh[z > 0] = 0\ndz = dh\ndw = x.T @ dz\ndx = dz @ w.T\n")

    assert outcomes(result)["dz"] == "wrong"
    assert "dh" not in outcomes(result)
    assert {outcomes(result)["dw"], outcomes(result)["dx"]} == {"carried"}


def test_what_a_loop_fills_is_right_if_only_the_condition_that_skips_passes_is_wrong() -> None:
    own = GIVEN.replace("h = np.maximum(z, 0)", "h = z * (z > 0.8)")
    loop = "dz = np.zeros_like(z)\nfor i in range(4):\n    for j in range(2):\n"
    loop += "        if h[i, j] == 0:\n            continue\n        dz[i, j] += dh[i, j]\n"
    code = f"{own}dh = t\n{loop}dw = x.T @ dz\ndx = dz @ w.T\n"

    result = warm.check(LAYERS, load_bytes(code.encode(), "mine.py"))

    assert outcomes(result) == {"dz": "carried", "dw": "carried", "dx": "carried"}


def test_entries_are_what_the_array_holds_however_often_each_branch_ran() -> None:
    loop = """dz = np.zeros((4, 2))
for i in range(4):
    for j in range(2):
        if z[i, j] <= 0:
            continue
        dz[i, j] = dh[i, j]
"""
    result = check(f"dh = t\n{loop}dw = x.T @ dz\ndx = dz @ w.T\n")

    assert outcomes(result) == {}


def test_a_local_of_a_function_with_the_name_of_a_forward_line_is_the_students_own() -> None:
    helper = "def masked(g):\n    h = z > 0\n    loss = g * h\n    return loss\n"
    result = check(f"{helper}dh = t\ndz = masked(dh)\ndw = x.T @ dz\ndx = dz @ w.T\n")

    assert outcomes(result) == {}
    assert result.first_error is None


def test_a_loop_variable_with_the_name_of_a_forward_line_is_the_students_own() -> None:
    result = check("dh = t\ndz = dh * (z > 0)\ndw, dx = x.T @ dz, dz @ w.T\nfor z in (1, 2):\n    h = z\n")

    assert outcomes(result) == {}
    assert result.first_error is None


def test_a_forward_line_that_is_wrong_is_still_named_where_it_spoils_a_step() -> None:
    result = warm.check(
        LAYERS,
        load_bytes(
            (
                GIVEN.replace("z = x @ w", "z = x @ w + 1")
                + "dh = t\ndz = dh * (z > 0)\ndw = x.T @ dz\ndx = dz @ w.T\n"
            ).encode(),
            "mine.py",
        ),
    )

    assert result.first_error == "z"
    assert set(outcomes(result).values()) == {"carried"}


def test_a_name_that_is_bound_nowhere_is_missing_and_costs_the_lines_that_read_it_nothing() -> None:
    result = check("dh = t\ndw = x.T @ dz\ndx = dz @ w.T\n")

    assert outcomes(result) == {"dz": "missing", "dw": "carried", "dx": "carried"}


@pytest.mark.parametrize("probes", [3, 0])
def test_what_a_function_binds_after_a_line_that_raised_is_judged(probes: int) -> None:
    function = """def backward():
    dh = t
    dz = dh @ (z > 0)
    dw = x.T @ dz
    dx = dz @ w.T
    return dh, dz, dw, dx
"""
    code = f"{GIVEN}{function}dh, dz, dw, dx = backward()\n"
    result = warm.check(replace(LAYERS, probe_points=probes), load_bytes(code.encode(), "mine.py"))

    assert outcomes(result) == {"dz": "wrong", "dw": "carried", "dx": "carried"}
    assert line(result, "dz") == 8


def test_two_forward_names_that_are_exchanged_stand_for_one_another_where_the_first_is_wrong() -> None:
    own = GIVEN.replace("z = x @ w\nh = np.maximum(z, 0)", "h = x @ w * 2\nz = np.maximum(h, 0)")
    code = f"{own}dh = t\ndz = dh * (h > 0)\ndw = x.T @ dz\ndx = dz @ w.T\n"

    result = warm.check(LAYERS, load_bytes(code.encode(), "mine.py"))

    assert "wrong" not in outcomes(result).values()
    assert [step.where and step.where.line for step in result.forward if step.outcome == "wrong"] == [4]


CALLED = """def backward(t):
    dh = t
    dz = dh * (z > 0)
    dw = x.T @ dz
    dx = dz @ w.T
    return dw, dx
"""


@pytest.mark.parametrize("calls", ["backward(t)\nbackward(t + 1e-6)\n", "backward(2 * t)\nbackward(t)\nbackward(-t)\n"])
def test_of_several_calls_the_one_with_the_most_right_values_is_the_answer(calls: str) -> None:
    assert outcomes(check(CALLED + calls)) == {}


def test_a_constant_that_was_made_for_something_else_is_not_where_a_step_is_made() -> None:
    exercise = loads(
        "exercise: ones\ntitle: T\ntext: t\ngiven:\n  x: {shape: [3], draw: normal}\nforward: |\n  y = x**2\n"
        "  s = sum(y)\nsteps:\n  dy: d(s)/d(y)\n  dx: d(s)/d(x)\n"
    )
    code = """import numpy as np
x = np.random.default_rng(0).normal(size=3)
mask = np.ones(3)
y = x**2
s = np.sum(y)
dy = np.ones_like(y)
dx = 2 * x * dy
"""
    result = warm.check(exercise, load_bytes(code.encode(), "mine.py"))

    assert outcomes(result) == {}
    assert line(result, "dy") == 6


def test_a_local_is_not_to_blame_for_a_name_that_another_line_binds_too_late() -> None:
    result = check("dh = t\nm = mask * 1.0\nmask = z > 0\ndz = dh * m\ndw = x.T @ dz\ndx = dz @ w.T\n")

    assert "wrong" not in outcomes(result).values()


NUMBERS = loads(
    """exercise: typed-in
title: A unit
given:
  x: 0.5
  w: 2.0
forward: |
  z = w * x
  y = tanh(z)
steps:
  dz: d(y)/d(z)
  dw: d(y)/d(w)
"""
)


@pytest.mark.parametrize(
    "before",
    ["total = 0.25 + 0.25\n", "def half():\n    part = 0.5\n    return part\nhalf()\n", "dw = 0.5\n"],
    ids=["a sum", "a local", "a step"],
)
def test_a_given_number_under_another_name_is_the_first_one_typed_in_at_the_top_level(before: str) -> None:
    code = f"import math\n{before}p = 0.5\nq = 2.0\nz = q * p\ny = math.tanh(z)\ndz = 1 - y**2\ndw = dz * p\n"

    assert outcomes(warm.check(NUMBERS, load_bytes(code.encode(), "mine.py"))) == {}
