"""Which right steps were derived, and which were taken from a differentiator, or from values of a function."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from grader.judge.borrowed.borrowing import NOISES, NoiseLevel, _error, _is_exact, _moves, _sizes, _suspects
from grader.judge.borrowed.difference_quotients import (
    SLOPE_TOLERANCE,
    _grows,
    _is_kept,
    _is_level,
    copies,
    is_same,
    unbound,
)
from grader.judge.borrowed.evaluations import MOVE_TOLERANCE, agree, moves
from grader.model import Observed, Opaque, Value
from grader.runner.child.perturbed_slopes import coefficients
from tests.judge.runs import observed
from tests.judge.test_alignment import CHAIN, FORWARD
from tests.judge.test_judged import DA, DB, DW

LOSS = "def L(w):\n    a = w * x\n    b = a**2\n    return b**2 + w\n"
QUOTIENT = "(L(w + e) - L(w - e)) / (2 * e)"
TAPE = "import torch\nt = torch.tensor(w, requires_grad=True)\n((t * x)**4 + t).backward()\n"

NUMBERS = """\
class D:
    def __init__(self, v, e):
        self.v, self.e = v, e
    def __mul__(self, o):
        return D(self.v * o, self.e * o)
    def __pow__(self, n):
        return D(self.v**n, n * self.v**(n - 1) * self.e)
    def __add__(self, o):
        return D(self.v + o.v, self.e + o.e)
"""

DERIVED = {
    "by hand": DB + DA + DW,
    "by hand, and checked": f"{LOSS}{DB}{DA}{DW}e = 1e-5\nprint({QUOTIENT} - dw)\n",
    "by hand, after a quotient it is compared with": (
        f"{LOSS}{DB}{DA}e = 1e-5\nn = {QUOTIENT}\n{DW}assert abs(n - dw) < 1e-6\n"
    ),
    "by hand, and plotted": f"{LOSS}{DB}{DA}{DW}ys = [L(w + 0.1 * i) for i in range(5)]\n",
    "by hand, and the loss from a function": f"{LOSS}{DB}{DA}y = L(w)\n{DW}",
    "by rules of one's own": f"{DB}{DA}{NUMBERS}W = D(w, 1.0)\ndw = ((W * x)**4 + W).e\n",
    "by hand, and printed beside autograd": f"{TAPE}{DB}{DA}{DW}print(torch.allclose(t.grad, torch.tensor(dw)))\n",
    "by hand, and compared with autograd": f"{TAPE}{DB}{DA}{DW}assert abs(t.grad.item() - dw) < 1e-6\n",
    "a quotient that is wrong": f"{LOSS}{DB}{DA}e = 1e-5\ndw = (L(w + e) - L(w - e)) / (3 * e)\n",
}


@pytest.mark.parametrize("steps", DERIVED.values(), ids=DERIVED)
def test_what_was_derived_is_ones_own(steps: str) -> None:
    assert observed(CHAIN, FORWARD + steps).borrowed == {}


TAKEN = {
    "a central difference": (f"{LOSS}{DB}{DA}e = 1e-5\ndw = {QUOTIENT}\n", {"dw": "numerical"}),
    "a forward difference": (f"{LOSS}{DB}{DA}e = 1e-7\ndw = (L(w + e) - L(w)) / e\n", {"dw": "numerical"}),
    "under another name first": (f"{LOSS}{DB}{DA}e = 1e-5\nn = {QUOTIENT}\ndw = n\n", {"dw": "numerical"}),
    "rounded": (f"{LOSS}{DB}{DA}e = 1e-5\ndw = round({QUOTIENT}, 7)\n", {"dw": "numerical"}),
    "extrapolated": (
        f"{LOSS}{DB}{DA}def d(e):\n    return {QUOTIENT}\ndw = (4 * d(0.005) - d(0.01)) / 3\n",
        {"dw": "numerical"},
    ),
    "exact for a polynomial": (
        f"{DB}def q(a):\n    return a**4\nda = (q(a + 1) - q(a - 1)) / 2 - 4 * a\n{DW}",
        {"da": "numerical"},
    ),
    "without a function": (
        f"{DB}{DA}e = 1e-5\ndw = ((((w + e) * x)**4 + w + e) - (((w - e) * x)**4 + w - e)) / (2 * e)\n",
        {"dw": "numerical"},
    ),
    "of a lambda": (
        f"{DB}e = 1e-5\nq = lambda a: a**4\nda = (q(a + e) - q(a - e)) / (2 * e)\n{DW}",
        {"da": "numerical"},
    ),
    "of one step": (
        f"def q(b):\n    return b**2\ne = 1e-5\ndb = (q(b + e) - q(b - e)) / (2 * e)\n{DA}{DW}",
        {"db": "numerical"},
    ),
    "after a mistake": (
        f"{LOSS}db = 3 * b\nda = db * 2 * a\ne = 1e-5\ndw = {QUOTIENT}\n",
        {"dw": "numerical"},
    ),
    "which an error guards": (
        f"{LOSS}{DB}{DA}e = 1e-5\nq = {QUOTIENT}\n"
        "if abs(q - 4 * a * b * x - 1) > 1e-6:\n    raise ValueError\ndw = q\n",
        {"dw": "numerical"},
    ),
    "which an exact comparison guards": (
        f"{LOSS}{DB}{DA}e = 1e-3\nif L(w + e) != ((w + e) * x)**2 * ((w + e) * x)**2 + (w + e):\n"
        f"    raise ValueError\ndw = {QUOTIENT}\n",
        {"dw": "numerical"},
    ),
    "in float32": (
        "import numpy as np\nW, X = np.float32(w), np.float32(x)\ndef L(w):\n    return (w * X)**4 + w\n"
        f"{DB}{DA}e = np.float32(1e-2)\ndw = (L(W + e) - L(W - e)) / (2 * e)\n",
        {"dw": "numerical"},
    ),
    "from a grid": (
        f"import numpy as np\n{DB}{DA}g = np.linspace(w - 1e-4, w + 1e-4, 3)\ndw = np.gradient((g * x)**4 + g, g)[1]\n",
        {"dw": "numerical"},
    ),
    "a complex step": (f"import cmath\n{LOSS}{DB}{DA}dw = L(w + 1e-20j).imag / 1e-20\n", {"dw": "complex_step"}),
    "autograd": (f"{TAPE}{DB}{DA}dw = t.grad.item()\n", {"dw": "autograd"}),
    "made of what autograd gave": (f"{TAPE}{DB}da = (t.grad.item() - 1) / x\n{DW}", {"da": "autograd"}),
    "wrong, and of autograd": (f"{TAPE}{DB}{DA}dw = 2 * t.grad.item()\n", {"dw": "autograd"}),
    "autograd for the first step": (
        f"import torch\nu = torch.tensor(b, requires_grad=True)\ndb = torch.autograd.grad(u**2, u)[0].item()\n{DA}{DW}",
        {"db": "autograd"},
    ),
    "solved for, out of a number": (
        "dw = 3.0\nda = (dw - 1) / x\ndb = da / (2 * a)\n",
        {"da": "solved_back", "db": "solved_back"},
    ),
    "solved for, out of a blank": (
        "dw = ...\nda = (dw - 1) / x\ndb = da / (2 * a)\n",
        {"da": "solved_back", "db": "solved_back"},
    ),
}


@pytest.mark.parametrize(("steps", "reasons"), TAKEN.values(), ids=TAKEN)
def test_what_was_not_derived_is_told_with_where_it_is_from(steps: str, reasons: dict[str, str]) -> None:
    assert observed(CHAIN, FORWARD + steps).borrowed == reasons


def test_where_steps_need_not_be_by_hand_nothing_is_borrowed() -> None:
    free = CHAIN + "by_hand: false\n"

    assert observed(free, f"{FORWARD}{TAPE}{DB}{DA}dw = t.grad.item()\n").borrowed == {}


TWICE = CHAIN + "  dy_dw: d(y)/d(w)\n"


def test_a_copy_of_a_step_is_taken_from_where_that_is_from() -> None:
    assert observed(TWICE, f"{FORWARD}{TAPE}{DB}{DA}dw = t.grad.item()\ndy_dw = dw\n").borrowed == {
        "dw": "autograd",
        "dy_dw": "autograd",
    }
    assert observed(TWICE, f"{FORWARD}{TAPE}{DB}{DA}{DW}dy_dw = t.grad.item()\n").borrowed == {"dy_dw": "autograd"}


PERTURBED = """exercise: perturbed
title: A tanh
given: {x: 0.7, w: 1.3}
forward: |
  a = w * x
  h = tanh(a)
  y = h**2 * w
steps:
  dh: d(y)/d(h)
  da: d(y)/d(a)
  dw: d(y)/d(w)
"""
PERTURBED_FORWARD = """\
import math
import numpy as np
x = 0.7
w = 1.3
a = w * x
h = math.tanh(a)
y = h**2 * w
dh = 2 * h * w
"""
PERTURBED_DA, PERTURBED_DW = "da = dh * (1 - h**2)\n", "dw = da * x + h**2\n"
EXPONENTIAL = """\
def expm(A):
    r, t = np.eye(2), np.eye(2)
    for k in range(1, 40):
        t = t @ A / k
        r = r + t
    return r
p, q = expm(M), expm(-M)
"""

AROUND = {
    "values in a list": "e = 1e-5\nts = [math.tanh(v) for v in (a - e, a + e)]\nda = dh * (ts[1] - ts[0]) / (2 * e)\n",
    "values in an array": "g = np.linspace(a - 1e-4, a + 1e-4, 5)\nda = dh * np.gradient(np.tanh(g), g)[2]\n",
    "a polynomial through values": (
        "g = a + np.array([-2, -1, 0, 1, 2]) * 1e-3\nda = dh * np.polyfit(g - a, np.tanh(g), 4)[-2]\n"
    ),
    "values added up in a loop": (
        "s = 0.0\nfor k in (-1, 1):\n    s = s + k * math.tanh(a + k * 1e-5)\nda = dh * s / 2e-5\n"
    ),
    "values of a function of one's own": (
        "def t(z):\n    p, q = math.exp(z), math.exp(-z)\n    return (p - q) / (p + q)\n"
        "da = dh * (t(a + 1e-5) - t(a - 1e-5)) / 2e-5\n"
    ),
    "a function of a matrix": (
        f"M = np.array([[a, 1.0], [0.0, a]])\n{EXPONENTIAL}da = dh * ((p - q) @ np.linalg.inv(p + q))[0, 1]\n"
    ),
    "text that is evaluated": (
        "e = 1e-5\nu = eval('math.tanh(a + e)')\nv = eval('math.tanh(a - e)')\nda = dh * (u - v) / (2 * e)\n"
    ),
}


@pytest.mark.parametrize("made", AROUND.values(), ids=AROUND)
def test_a_slope_is_taken_from_values_however_these_were_made(made: str) -> None:
    assert observed(PERTURBED, PERTURBED_FORWARD + made + PERTURBED_DW).borrowed == {"da": "numerical"}


def test_values_at_another_given_number_are_elsewhere_too() -> None:
    made = "ws = [w + 1e-5, w - 1e-5]\nys = [math.tanh(q * x)**2 * q for q in ws]\ndw = (ys[0] - ys[1]) / 2e-5\n"

    assert observed(PERTURBED, PERTURBED_FORWARD + PERTURBED_DA + made).borrowed == {"dw": "numerical"}


RULES = {
    "by the function itself": PERTURBED_DA,
    "by the function again": "da = dh * (1 - math.tanh(a)**2)\n",
    "by another function": "da = dh / math.cosh(a)**2\n",
    "by the double angle": "t = math.tanh(a / 2)\nda = dh * (1 - (2 * t / (1 + t**2))**2)\n",
    "beside values at other numbers": f"ys = [math.tanh(v) for v in (0.1, 0.2)]\nprint(max(ys))\n{PERTURBED_DA}",
    "beside values around it": f"ys = [math.tanh(a + 0.1 * k) for k in range(3)]\nprint(ys)\n{PERTURBED_DA}",
}


@pytest.mark.parametrize("made", RULES.values(), ids=RULES)
def test_a_rule_is_a_derivation_whatever_functions_it_takes(made: str) -> None:
    assert observed(PERTURBED, PERTURBED_FORWARD + made + PERTURBED_DW).borrowed == {}


# how moves are told apart


def vector(*numbers: float) -> Value:
    return Value.of(list(numbers), (len(numbers),))


TEXT = Opaque("text", "str")
STEPS = frozenset({"dx"})


def scene(right: Value, largest: float = 1.0, points: int = 1) -> Any:
    reference = SimpleNamespace(values=[{"dx": right}] * points)
    return SimpleNamespace(reference=reference, largest=(largest,) * points, particular={})


@pytest.mark.parametrize(
    ("right", "largest", "size"),
    [
        (vector(2.0, -4.0), 1.0, 4.0),
        (vector(2.0, -4.0), 1000.0, 10.0),  # 1 % of the largest right value of the point
        (vector(0.0), 300.0, 3.0),
    ],
)
def test_differences_are_relative_to_a_value_or_to_a_share_of_the_largest_one(
    right: Value, largest: float, size: float
) -> None:
    assert _sizes(scene(right, largest), "dx") == [size]


@pytest.mark.parametrize(
    ("was", "now", "move"),
    [
        (vector(2.0, -4.0), vector(2.0, -3.0), {"dx": 0.25}),
        (vector(2.0, -4.0), vector(2.0, -4.0), {"dx": 0.0}),
        (vector(2.0, -4.0), Value.scalar(1.0), {}),
        (vector(2.0, -4.0), TEXT, {}),
        (TEXT, vector(2.0, -4.0), {}),
        (None, vector(2.0, -4.0), {}),
    ],
)
def test_how_far_a_step_moved(was: Observed | None, now: Observed, move: dict[str, float]) -> None:
    before = {} if was is None else {"dx": was}

    assert _moves(scene(vector(2.0, -4.0)), STEPS, 0, before, {"dx": now}) == move


@pytest.mark.parametrize(
    ("commits", "error"),
    [
        ([vector(2.0, -4.0), vector(2.0, -4.0)], 0.0),
        ([vector(2.0, -4.0), vector(2.0, -5.0)], 0.25),
        ([vector(2.0, -2.0), vector(2.0, -5.0)], 0.5),
        ([TEXT, Value.scalar(1.0)], 0.0),
    ],
)
def test_the_error_of_a_step_is_its_largest_at_any_point(commits: list[Observed], error: float) -> None:
    found = [{"dx": one} for one in commits]

    assert _error(scene(vector(2.0, -4.0), points=2), found, "dx") == error


@pytest.mark.parametrize(
    ("off", "exact"), [(0.0, True), (0.25, True), (0.5, True), (0.75, False)]
)  # of 4: within an eighth
def test_a_value_is_exact_if_it_is_at_every_point(off: float, exact: bool) -> None:
    right = scene(vector(2.0, -4.0), points=2)
    commits = [{"dx": vector(2.0, -4.0)}, {"dx": vector(2.0 + off, -4.0)}]

    assert _is_exact(right, commits, "dx", 0.125) is exact
    assert not _is_exact(right, [commits[0], {"dx": TEXT}], "dx", 0.125)
    assert not _is_exact(right, [commits[0], {}], "dx", 0.125)
    assert not _is_exact(right, [commits[0], {"dx": Value.scalar(2.0)}], "dx", 0.125)


@pytest.mark.parametrize(
    ("source", "noise", "errors", "suspects"),
    [
        ("dx = 2 * x\n", NOISES[0], {"dx": 1e-12}, {"dx"}),
        ("dx = 2 * x\n", NOISES[0], {"dx": 1e-13}, set()),  # exact to rounding: derived
        ("dx = (2j * x).imag\n", NOISES[0], {"dx": 0.0}, {"dx"}),  # a complex step is as exact
        ("import cmath\n", NOISES[0], {"dx": 0.0}, {"dx"}),
        ("dx = 2 * x\n", NoiseLevel("float32", 2e-6, 3e-6), {"dx": 1e-3}, set()),  # it was made in float64
    ],
)
def test_a_step_that_is_right_to_rounding_is_no_suspect(
    source: str, noise: NoiseLevel, errors: dict[str, float], suspects: set[str]
) -> None:
    trials: Any = SimpleNamespace(session=SimpleNamespace(sources=(source,)), scene=scene(vector(1.0)))

    assert _suspects(trials, errors, noise) == suspects


def test_steps_that_are_gone() -> None:
    number = Value.scalar(1.0)
    before: dict[str, Observed] = {"a": number, "b": number, "c": number, "d": TEXT}

    assert unbound("abcde", before, {"a": number, "b": TEXT}) == {"b", "c"}


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        (Value.scalar(0.5), Value.scalar(0.5), True),
        (Value.scalar(0.5), Value.scalar(math.nextafter(0.5, 1.0)), False),
        (TEXT, TEXT, False),
        (None, None, False),
        (Value.scalar(0.5), None, False),
    ],
)
def test_equal_to_the_last_digit(was: Observed | None, now: Observed | None, same: bool) -> None:
    assert is_same(was, now) is same


def test_a_step_grows_by_the_slopes_that_were_added() -> None:
    for argument in (0, 5):
        slopes = coefficients(7, argument, 12)
        assert _grows(slopes, 7)
        assert _grows([one * (1 + 0.9 * SLOPE_TOLERANCE) for one in slopes], 7)
        assert not _grows([one * (1 + 1.1 * SLOPE_TOLERANCE) for one in slopes], 7)
        assert _grows([slopes[0]] * 12, 7)  # of a function of a single number
        assert not _grows([*slopes[:11], 0.0], 7)
        assert not _grows(slopes, 8)
    assert not _grows(coefficients(7, 6, 12), 7)  # there are six arguments


@pytest.mark.parametrize(
    ("sloped", "flat", "curved", "kept"),
    [
        ([2.0, -4.0], None, None, True),
        ([2.0, -4.0], [0.0, 0.0], [0.0, 1.9], True),
        ([2.0, -4.0], [0.0, 0.0], [0.0, -2.0], False),  # half as far
        ([2.0, -4.0], [0.0, 4e-4], None, True),
        ([2.0, -4.0], [0.0, -5e-4], None, False),
    ],
)
def test_a_slope_is_kept_by_a_constant_and_nearly_by_a_parabola(
    sloped: list[float], flat: list[float] | None, curved: list[float] | None, kept: bool
) -> None:
    assert _is_kept(sloped, flat, curved) is kept
    if curved is None:
        assert _is_level(sloped, flat) is kept


def test_what_asks_for_the_same_derivative_was_copied_if_it_moves_too() -> None:
    texts = {"dw": "d(y)/d(w)", "dy_dw": "d(y) / d(w)", "dx": "d(y)/d(x)"}
    steps = [SimpleNamespace(name=name, text=text) for name, text in texts.items()]
    asked: Any = SimpleNamespace(exercise=SimpleNamespace(steps=steps))

    assert copies(asked, frozenset({"dw", "dy_dw", "dx", "other"}), frozenset({"dw"})) == {"dw", "dy_dw"}
    assert copies(asked, frozenset({"dx"}), frozenset({"dw"})) == frozenset()
    assert copies(asked, frozenset({"dw", "dy_dw"}), frozenset({"other"})) == frozenset()


def test_two_moves_agree_relatively_to_the_larger_entry() -> None:
    assert agree((100.0, 1.0), (100.0 + 99 * MOVE_TOLERANCE, 1.0))
    assert agree((100.0, 1.0), (100.0, 1.0 + 99 * MOVE_TOLERANCE))
    assert not agree((100.0, 1.0), (100.0, 1.0 + 101 * MOVE_TOLERANCE))


def test_what_is_not_bound_in_both_runs_has_not_moved() -> None:
    both = {"dx": vector(2.0, 4.0)}

    assert moves(STEPS, both, {"dx": vector(3.0, 4.0)}, 1.0) == {"dx": (1.0, 0.0)}
    assert moves(STEPS, both, {"dx": Value.scalar(3.0)}, 1.0) == {}
    assert moves(STEPS, both, {"dx": TEXT}, 1.0) == {}
    assert moves(STEPS, both, {}, 1.0) == {}
    assert moves(STEPS, {}, both, 1.0) == {}
    assert moves(frozenset(), both, {"dx": vector(3.0, 4.0)}, 1.0) == {}
