"""Functions handed in: called with the point's inputs by the exercise, and judged at the statements inside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import grader
from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

LAYER = loads(
    """
exercise: layer
title: A layer
given:
  x: {shape: [4, 3], draw: normal}
  w: {shape: [3, 5], draw: normal}
  dout: {shape: [4, 5], draw: normal}
forward: |
  out = x @ w
steps:
  dx: d(sum(out * dout))/d(x)
  dw: d(sum(out * dout))/d(w)
answer: |
  out, cache = forward(x, w)
  dx, dw = backward(dout, cache)
"""
)

MASK = loads(
    """
exercise: mask
title: A mask
given:
  x: {shape: [4, 3], draw: normal}
  dout: {shape: [4, 3], draw: normal}
forward: |
  out = relu(x)
steps:
  dx: d(sum(out * dout))/d(x)
answer: dx = backward(dout, x)
"""
)

STEP = loads(
    """
exercise: step
title: A step
given:
  x: {shape: [4, 3], draw: normal}
  w: {shape: [3, 5], draw: normal}
  b: {shape: [5], draw: normal}
  dh: {shape: [4, 5], draw: normal}
forward: |
  h = tanh(x @ w + b)
steps:
  db: d(sum(h * dh))/d(b)
  dx: d(sum(h * dh))/d(x)
  dw: d(sum(h * dh))/d(w)
answer: |
  h, cache = forward(x, w, b)
  db, dx, dw = backward(dh, cache)
"""
)

PICKED = loads(
    """
exercise: picked
title: One entry of each row
given:
  n: 4
  x: {shape: [4, 3], draw: normal}
  y: {shape: [4], draw: "integers(0, 3)"}
forward: |
  loss = sum(x[arange(n), y] ** 2)
steps:
  dx: d(loss)/d(x)
answer: loss, dx = picked(x, y, n)
"""
)

FORWARD = "import numpy as np\ndef forward(x, w):\n    return x @ w, (x, w)\n"


def check(exercise: Exercise, source: str) -> Result:
    return grader.check(exercise, load_bytes(source.encode(), "mine.py"))


def found(result: Result) -> dict[str, tuple[str, str | None, int | None]]:
    """Outcome, reason and line of each step."""
    return {one.name: (one.outcome, one.reason, one.where.line if one.where else None) for one in result.steps}


def test_whole_inputs_are_whole_so_that_they_can_be_indices_and_counts() -> None:
    result = check(
        PICKED,
        "import numpy as np\n"
        "def picked(x, y, n):\n"
        "    dx = np.zeros_like(x)\n"
        "    for k in range(n):\n"
        "        dx[k, y[k]] = 2 * x[k, y[k]]\n"
        "    return np.sum(x[np.arange(n), y] ** 2), dx\n",
    )

    assert found(result)["dx"][0] == "correct"
    assert result.problems == ()


def test_what_a_function_binds_after_a_line_that_raised_is_judged() -> None:
    result = check(
        LAYER,
        FORWARD + "def backward(dout, cache):\n"
        "    x, w = cache\n"
        "    dx, dw = None, None\n"
        "    dx = dout @ w\n"
        "    dw = x.T @ dout\n"
        "    return dx, dw\n",
    )

    assert found(result) == {"dx": ("wrong", "raised", 7), "dw": ("correct", None, 8)}
    assert result.score == 1


def test_a_function_that_is_not_written_yet_leaves_its_steps_not_filled_in() -> None:
    result = check(
        LAYER, FORWARD + "def backward(dout, cache):\n    dx, dw = None, None\n    pass\n    return dx, dw\n"
    )

    assert {one.name: (one.outcome, one.reason) for one in result.steps} == {
        "dx": ("missing", "placeholder"),
        "dw": ("missing", "placeholder"),
    }


@pytest.mark.parametrize(
    ("changed", "outcome"), [("dx[x <= 0] = 0", "correct"), ("dx[dout <= 0] = 0", "wrong"), ("dx *= x > 1", "wrong")]
)
def test_an_array_changed_in_place_is_shown_where_it_was_changed_last(changed: str, outcome: str) -> None:
    result = check(
        MASK,
        "import numpy as np\n"
        "def backward(dout, cache):\n"
        "    dx, x = None, cache\n"
        "    dx = dout.copy()\n"
        f"    {changed}\n"
        "    return dx\n",
    )

    step = result.steps[0]
    assert (step.outcome, step.where.line if step.where else None) == (outcome, 5)


def test_a_forward_value_that_carries_points_is_earned_even_where_no_step_could_be_judged() -> None:
    worth = replace(LAYER, forward_steps=tuple(replace(one, points=2.0) for one in LAYER.forward_steps))

    result = check(worth, FORWARD + "def backward(dout, cache):\n    return dout @ cache\n")

    assert (result.score, result.max_score, result.complete) == (2.0, 4.0, False)


TRIED = """
def try_out():
    rng = np.random.default_rng(0)
    x, w, dout = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    for k in range(300):
        out, cache = forward(x, w)
        assert np.array_equal(out, x @ w)
        dx, dw = backward(dout, cache)
        assert np.array_equal(dw, x.T @ dout)

x = np.ones((2, 3))
assert forward(x, np.ones((3, 4)))[0].shape == (2, 4)
try_out()
"""


def test_functions_may_be_tried_out_on_other_numbers_before_and_are_judged_all_the_same() -> None:
    backward = """
def backward(dout, cache):
    x, w = cache
    dx = -dout @ w.T
    dw = x.T @ dout
    return dx, dw
"""

    result = check(LAYER, FORWARD + backward + TRIED)

    assert found(result) == {"dx": ("wrong", "value", 7), "dw": ("correct", None, 8)}
    assert result.problems == ()
    assert result.steps[0].diagnosis is not None
    assert result.steps[0].diagnosis.fix == "dx = dout @ w.T"


SAYS_WHAT_IT_GETS = """
import numpy as np
{torch}
def forward(x, w):
    return x @ w, (x, w)

def backward(dout, cache):
    x, w = cache
    return {written}
"""


@pytest.mark.parametrize("torch", ["import torch", ""])
@pytest.mark.parametrize("written", ["np.dot(dout, w.T), np.dot(np.swapaxes(x, 0, 1), dout)", "helper(dout, x, w)"])
def test_functions_in_numpy_get_arrays_although_torch_is_imported_to_compare(torch: str, written: str) -> None:
    helper = "def helper(dout, x, w):\n    return np.max([dout @ w.T], axis=0), (x.T @ dout).astype(float)\n"

    result = check(LAYER, SAYS_WHAT_IT_GETS.format(torch=torch, written=written) + helper)

    assert [one.outcome for one in result.steps] == ["correct", "correct"]


def test_functions_in_torch_get_tensors() -> None:
    source = SAYS_WHAT_IT_GETS.format(torch="import torch", written="torch.mm(dout, w.t()), torch.mm(x.t(), dout)")

    assert [one.outcome for one in check(LAYER, source).steps] == ["correct", "correct"]


def test_a_sum_left_out_costs_its_step_and_nothing_that_is_made_from_the_same_helper() -> None:
    result = check(
        STEP,
        "import numpy as np\n"
        "def forward(x, w, b):\n"
        "    h = np.tanh(x @ w + b)\n"
        "    return h, (x, w, h)\n"
        "def backward(dh, cache):\n"
        "    x, w, h = cache\n"
        "    da = (1 - h**2) * dh\n"
        "    dx = da @ w.T\n"
        "    dw = x.T @ da\n"
        "    db = da\n"
        "    return db, dx, dw\n",
    )

    assert found(result) == {
        "db": ("wrong", "shape", 10),
        "dx": ("correct", None, 8),
        "dw": ("correct", None, 9),
    }


def test_the_first_error_is_the_first_in_the_function_not_the_first_returned() -> None:
    steps = "    dw = x.T @ -dout\n    dx = -dout @ w.T\n"
    backward = f"def backward(dout, cache):\n    x, w = cache\n{steps}    return dx, dw\n"

    result = check(LAYER, FORWARD + backward)

    assert found(result) == {"dx": ("wrong", "value", 7), "dw": ("wrong", "value", 6)}
    assert result.first_error == "dw"


def test_a_value_divided_in_place_by_a_name_is_pointed_at() -> None:
    backward = "def backward(dout, x):\n    n = 2\n    dx = dout * (x > 0)\n    dx /= n\n    return dx\n"

    assert found(check(MASK, "import numpy as np\n" + backward)) == {"dx": ("wrong", "value", 5)}


def said(result: Result) -> list[str]:
    return [problem.message for problem in result.problems]


def test_a_function_that_is_not_there_is_said_to_be_not_there() -> None:
    result = check(LAYER, FORWARD)

    assert {one.name: (one.outcome, one.reason) for one in result.steps} == {
        "dx": ("missing", "not_bound"),
        "dw": ("missing", "not_bound"),
    }
    assert said(result) == ["the exercise calls `backward(dout, cache)`, and there is no function `backward` here"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("pass", "`backward(dout, cache)` gave None where `dx, dw` is to come: does it end in a `return`?"),
        ("raise NotImplementedError", "`backward(dout, cache)` raised NotImplementedError: it is not filled in yet"),
    ],
)
def test_an_empty_function_is_not_filled_in_yet(body: str, message: str) -> None:
    result = check(LAYER, FORWARD + f"def backward(dout, cache):\n    {body}\n")

    assert {one.name: (one.outcome, one.reason) for one in result.steps} == {
        "dx": ("missing", "placeholder"),
        "dw": ("missing", "placeholder"),
    }
    assert said(result) == [message]


def test_a_function_that_could_not_be_called_for_want_of_another_is_not_blamed() -> None:
    result = check(LAYER, "def forward(x, w):\n    pass\ndef backward(dout, cache):\n    return 1, 2\n")

    assert {one.name: (one.outcome, one.reason, one.remark) for one in result.steps} == dict.fromkeys(
        ("dx", "dw"),
        ("unjudged", "raised", "`backward(dout, cache)` could not be called, because there is no `cache` yet"),
    )
    assert said(result) == ["`forward(x, w)` gave None where `out, cache` is to come: does it end in a `return`?"]


def test_too_few_results_are_told_with_the_line_that_takes_them() -> None:
    result = check(LAYER, FORWARD + "def backward(dout, cache):\n    return (dout,)\n")

    assert result.steps[0].remark == (
        "the exercise's line `dx, dw = backward(dout, cache)` raised ValueError: "
        "not enough values to unpack (expected 2, got 1)"
    )
    assert said(result) == []


def test_a_local_spoilt_by_a_mistake_is_not_taken_for_another_step_with_its_right_value() -> None:
    """`dy2_dwh` and `dw_h` are one derivative: the right one says nothing of the other."""
    right = (Path(__file__).parents[1] / "cases" / "correct" / "generator.py").read_text("utf-8")
    source = right.replace("dh1 = w_h * dh2_raw", "dh1 = 2 * w_h * dh2_raw")

    result = warm.check("tanh-chain", load_bytes(source.encode(), "mine.py"))

    outcomes = {one.name: one.outcome for one in result.steps if one.outcome != "correct"}
    assert outcomes == {"dh1": "wrong", "dh1_raw": "carried", "dw_h": "carried"}


@pytest.mark.parametrize(
    "functions",
    [
        "def forward(x, w):\n    return x @ w, (x, w)\n\n\n"
        "def backward(dout, cache):\n    x, w = cache\n    return dout @ w.T, x.T @ dout\n",
        "def product(a, b):\n    return [[sum(p * q for p, q in zip(r, c)) for c in zip(*b)] for r in a]\n\n\n"
        "def forward(x, w):\n    return product(x, w), (x, w)\n\n\n"
        "def backward(dout, cache):\n    x, w = cache\n"
        "    return product(dout, list(zip(*w))), product(list(zip(*x)), dout)\n",
    ],
    ids=["arrays", "lists"],
)
def test_functions_that_import_nothing_are_called_with_what_they_compute_with(functions: str) -> None:
    result = warm.check(LAYER, load_bytes(functions.encode(), "mine.py"))

    assert {step.name: step.outcome for step in result.steps} == {"dx": "correct", "dw": "correct"}
