"""Containers keyed by forward names: whether these are the forward quantities, or something of each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import Result
from tests import warm

GIVEN = "import math\nh0, w_h, w_y = 0.5, 2.0, 40.0\n"

FORWARD = """
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
"""

BACKWARD = """
dh0_dwh = 0.0
dh1raw_dwh = h0
dh1_dwh = (1 - h1**2) * dh1raw_dwh
dh2raw_dwh = h1 + w_h * dh1_dwh
dh2_dwh = (1 - h2**2) * dh2raw_dwh
dwy_dwh = 0.0
dy2_dwh = w_y * dh2_dwh
dh2_dwy = 0.0
dy2_dwy = h2
dy2 = 1.0
dw_y = dy2 * h2
dh2 = dy2 * w_y
dh2_raw = dh2 * (1 - h2**2)
dh1 = dh2_raw * w_h
dh1_raw = dh1 * (1 - h1**2)
dw_h = dh1_raw * h0 + dh2_raw * h1
"""


def graded(source: str, folder: Path, exercise: str = "tanh-chain") -> Result:
    (folder / "mine.py").write_text(source)
    return warm.check(exercise, str(folder / "mine.py"))


def not_right(result: Result) -> dict[str, str]:
    return {one.name: one.outcome for one in (*result.forward, *result.steps) if one.outcome != "correct"}


def with_slopes(begins: str, name: str) -> str:
    """Slopes kept under the names of what they are slopes of."""
    backward = BACKWARD
    slopes = begins
    for one in ("h1", "h2"):
        slopes += f"{name.format(one)} = 1 - {one}**2\n"
        backward = backward.replace(f"(1 - {one}**2)", name.format(one))
    return GIVEN + FORWARD + slopes + backward


SLOPES = {
    "a dictionary": ("slope = {}\n", "slope['{}']"),
    "an object": ("class Slopes: pass\nderiv = Slopes()\n", "deriv.{}"),
    "a computed key": ("slope = {}\n", "slope[str('{}')]"),
}


@pytest.mark.parametrize("kind", SLOPES)
def test_a_slope_is_not_the_quantity_it_is_kept_under(kind: str, tmp_path: Path) -> None:
    assert not_right(graded(with_slopes(*SLOPES[kind]), tmp_path)) == {}


@pytest.mark.parametrize("kind", SLOPES)
def test_a_slope_is_left_as_it_is_where_something_else_is_wrong(kind: str, tmp_path: Path) -> None:
    source = with_slopes(*SLOPES[kind]).replace("dh2 = dy2 * w_y", "dh2 = dy2 * h2")

    assert not_right(graded(source, tmp_path)) == {
        "dh2": "wrong",
        "dh2_raw": "carried",
        "dh1": "carried",
        "dh1_raw": "carried",
        "dw_h": "carried",
    }


def in_an_object(source: str) -> str:
    for name in ("h1_raw", "h2_raw", "h1", "h2"):
        source = source.replace(f" {name} ", f" net.{name} ").replace(f"({name})", f"(net.{name})")
        source = source.replace(f"\n{name} ", f"\nnet.{name} ").replace(f"{name}**", f"net.{name}**")
        source = source.replace(f" {name}\n", f" net.{name}\n")
    return source


HELD = GIVEN + "class Net: pass\nnet = Net()\n" + in_an_object(FORWARD + BACKWARD)


def test_a_forward_pass_in_an_object_is_found(tmp_path: Path) -> None:
    assert not_right(graded(HELD, tmp_path)) == {}


@pytest.mark.parametrize(
    ("line", "mistake", "name"),
    [
        ("net.h1_raw = w_h * h0", "net.h1_raw = w_h + h0", "h1_raw"),
        ("net.h2 = math.tanh(net.h2_raw)", "net.h2 = math.sin(net.h2_raw)", "h2"),
    ],
)
def test_a_mistake_in_a_forward_pass_in_an_object_is_named(line: str, mistake: str, name: str, tmp_path: Path) -> None:
    assert line in HELD
    found = not_right(graded(HELD.replace(line, mistake), tmp_path))

    assert {one for one, outcome in found.items() if outcome != "carried"} == {name}
    assert found[name] == "wrong"


def test_a_container_under_the_names_of_inputs_is_no_change_of_them(tmp_path: Path) -> None:
    kept = BACKWARD.replace("dw_y =", "partial['w_y'] =").replace("dw_h =", "partial['w_h'] =")

    assert not_right(graded(GIVEN + FORWARD + "partial = {}\n" + kept, tmp_path)) == {}


LAYERS = """
import numpy as np
rng = np.random.default_rng(3)
X, y = rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
W1, b1 = rng.uniform(-1, 1, (3, 4)), rng.uniform(-0.5, 0.5, 4)
W2, b2 = rng.uniform(-1, 1, (4, 2)), rng.uniform(-0.5, 0.5, 2)
reg = 0.1
Z = X @ W1 + b1
H = np.tanh(Z)
logits = H @ W2 + b2
P = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
nll = -np.log(P[range(5), y]).mean()
decay = reg / 2 * ((W1**2).sum() + (W2**2).sum())
loss = nll + decay
grads = {name: {} for name in ("layerFIRST", "layerSECOND")}
dlogits = (P - np.eye(2)[y]) / 5
grads["layerSECOND"]["W"] = H.T @ dlogits + reg * W2
grads["layerSECOND"]["b"] = dlogits.sum(0)
dH = dlogits @ W2.T
dZ = dH * (1 - H**2)
grads["layerFIRST"]["W"] = X.T @ dZ + reg * W1
grads["layerFIRST"]["b"] = dZ.sum(0)
dX = dZ @ W1.T
"""


def layers(first: int) -> str:
    return LAYERS.replace("FIRST", str(first)).replace("SECOND", str(first + 1))


@pytest.mark.parametrize("first", [0, 1])
def test_layers_may_be_counted_from_0_or_from_1(first: int, tmp_path: Path) -> None:
    assert not_right(graded(layers(first), tmp_path, "tanh-mlp")) == {}


def test_a_mistake_in_a_numbered_layer_is_named(tmp_path: Path) -> None:
    source = layers(1).replace("X.T @ dZ + reg * W1", "X.T @ dZ + W1")

    assert not_right(graded(source, tmp_path, "tanh-mlp")) == {"dW1": "wrong"}


def test_where_layers_are_counted_from_0_no_layer_is_accused_of_another_ones_mistake(tmp_path: Path) -> None:
    source = layers(0).replace("X.T @ dZ + reg * W1", "X.T @ dZ + W1")

    assert not_right(graded(source, tmp_path, "tanh-mlp")) == {"dW1": "missing"}


GUESSES = [f"{form} {name}**2" for form in ("1 -", "1 +", "2 *", "3 *") for name in ("h0", "h1_raw", "h2_raw", "w_h")]


def test_one_right_entry_among_many_containers_is_a_guess(tmp_path: Path) -> None:
    guesses = [*GUESSES[:8], "1 - h1**2", *GUESSES[8:]]
    lines = [f"guess{n} = dict(dh1_dwh=({one}) * h0)\n" for n, one in enumerate(guesses)]
    result = graded(GIVEN + FORWARD + "".join(lines), tmp_path)

    assert {one.name: one.outcome for one in result.steps}["dh1_dwh"] == "wrong"


def test_entries_that_a_loop_logs_afterwards_are_no_guesses(tmp_path: Path) -> None:
    derived = BACKWARD.replace("dw_h = dh1_raw * h0 + dh2_raw * h1", "grads = {'dw_h': dh1_raw * h0 + dh2_raw * h1}")
    logged = "log = []\nfor n in range(1, 30):\n    log.append({'dw_h': n * h0 * w_h})\n"

    assert not_right(graded(GIVEN + FORWARD + derived + logged, tmp_path)) == {}


def test_a_wrong_field_of_an_object_is_shown_at_its_argument(tmp_path: Path) -> None:
    steps = BACKWARD.replace("dh1_raw = dh1 * (1 - h1**2)\n", "").replace("dh1_raw * h0", "dh1 * (1 - h1**2) * h0")
    source = f"""from dataclasses import dataclass
{GIVEN}

@dataclass
class Grads:
    dh1: float
    dh1_raw: float

{FORWARD}{steps}
grads = Grads(dh1, math.sin(dh1 + 3))
"""
    result = graded(source, tmp_path)
    step = next(one for one in result.steps if one.name == "dh1_raw")
    written = source.splitlines()[-1]

    assert step.outcome == "wrong"
    assert step.where is not None
    assert written[step.where.column - 1 : step.where.end_column - 1] == "math.sin(dh1 + 3)"
