"""The floats a submission asks for: it runs where it runs on the student's machine, and is judged as closely as they
allow, each quantity by what it is made in."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

ROWS = loads(
    """
exercise: rows
title: Rows of a table
given:
  C: {shape: [5, 3], draw: normal}
  k: {shape: [4], draw: "integers(0, 5)"}
  w: {shape: [3, 2], draw: normal}
forward: |
  e = C[k]
  z = e @ w
  loss = sum(z**2)
steps:
  dz: d(loss)/d(z)
  de: d(loss)/d(e)
  dw: d(loss)/d(w)
  dC: d(loss)/d(C)
"""
)

CALLED = loads(
    """
exercise: rows-called
title: Rows of a table, in a function
given:
  C: {shape: [5, 3], draw: normal}
  k: {shape: [4], draw: "integers(0, 5)"}
  de: {shape: [4, 3], draw: normal}
forward: |
  e = C[k]
steps:
  dC: d(sum(e * de))/d(C)
answer: dC = backward(de, C, k)
"""
)

IMPORTS = "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
GIVEN = "C = torch.randn(5, 3); w = torch.randn(3, 2); k = torch.tensor([1, 4, 1, 0])\n"
STEPS = "e = C[k]\nz = e @ w\nloss = (z**2).sum()\ndz = 2 * z\nde = dz @ w.T\ndw = e.T @ dz\n"
ONE_HOT = "dC = F.one_hot(k, 5).to(de.dtype).T @ de\n"


def check(source: str) -> Result:
    return warm.check(ROWS, load_bytes(source.encode(), "mine.py"))


def not_right(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


@pytest.mark.parametrize(
    "last",
    [
        "dC = F.one_hot(k, 5).float().T @ de",
        "dC = nn.functional.one_hot(k, 5).type(torch.float32).T @ de",
        "dC = F.one_hot(k, 5).type(torch.FloatTensor).T @ de",
        "dC = F.one_hot(k, 5).to(torch.float).T @ de",
        "dC = F.one_hot(k, num_classes=5).to(dtype=torch.float32).T.mm(de)",
        "dC = torch.einsum('nv,nd->vd', F.one_hot(k, 5).float(), de)",
        "dC = torch.eye(5)[k].T @ de",
        "dC = torch.eye(5, dtype=torch.float32)[k].T @ de",
        "dC = (torch.arange(5.)[:, None] == k).float() @ de",
        "dC = torch.FloatTensor(np.eye(5))[k].T @ de",
        "dC = torch.tensor(np.eye(5), dtype=torch.float32)[k].T @ de",
        "dC = torch.from_numpy(np.eye(5, dtype=np.float32)[k.numpy()]).T @ de",
        "dC = torch.from_numpy(np.eye(5)[k.numpy()]).float().T @ de",
        "dC = torch.zeros(5, 3, dtype=torch.float32).index_add(0, k, de)",
        "dC = torch.zeros(5, 3, dtype=torch.float32)\ndC.index_add_(0, k, de)",
        "dC = torch.zeros(5, 3, dtype=torch.float32)\ndC.index_put_((k,), de, accumulate=True)",
        "dC = torch.zeros(5, 3).float()\ndC.scatter_add_(0, k[:, None].expand(4, 3), de)",
        "dC = torch.zeros(5, 3, dtype=torch.float32)\nfor i in range(4):\n    dC[k[i]] += de[i]",
        "hot = torch.zeros(4, 5, dtype=torch.float32)\nhot[torch.arange(4), k] = torch.ones(4)\ndC = hot.T @ de",
        "hot = F.one_hot(k, 5).float()\nassert hot.dtype == de.dtype\ndC = hot.T @ de",
        "hot = F.one_hot(k, 5).float()\nassert torch.allclose(hot @ C, e)\ndC = hot.T @ de",
        "dC = np.zeros((5, 3), dtype=np.float32)\nnp.add.at(dC, k.numpy(), de.numpy())",
    ],
)
def test_a_float32_beside_what_has_no_dtype_runs_as_on_the_students_machine(last: str) -> None:
    assert not_right(check(f"{IMPORTS}{GIVEN}{STEPS}{last}\n")) == {}


@pytest.mark.parametrize(
    "given",
    [
        "torch.set_default_dtype(torch.float32)\n" + GIVEN,
        "torch.set_default_dtype(torch.float64)\n" + GIVEN,
        "torch.set_default_tensor_type(torch.FloatTensor)\n" + GIVEN,
        "C = torch.randn(5, 3)\ntorch.set_default_dtype(torch.float32)\nw = torch.randn(3, 2)\n"
        "k = torch.tensor([1, 4, 1, 0])\n",
        "C = torch.randn(5, 3, dtype=torch.float32); w = torch.randn(3, 2); k = torch.tensor([1, 4, 1, 0])\n",
        "C = torch.randn(5, 3).double(); w = torch.randn(3, 2).double(); k = torch.tensor([1, 4, 1, 0])\n",
        "C = torch.randn(5, 3); C = C.float(); w = torch.randn(3, 2); k = torch.tensor([1, 4, 1, 0])\n",
        "C = torch.from_numpy(np.random.randn(5, 3).astype(np.float32)); w = torch.randn(3, 2)\n"
        "k = torch.tensor([1, 4, 1, 0])\n",
        "C = torch.from_numpy(np.random.randn(5, 3)).float(); w = torch.randn(3, 2)\n"
        "k = torch.LongTensor([1, 4, 1, 0])\n",
        "C = torch.FloatTensor(5, 3).normal_(); w = torch.randn(3, 2); k = torch.tensor([1, 4, 1, 0])\n",
        "C = torch.Tensor(np.random.randn(5, 3)); w = torch.randn(3, 2).float(); k = torch.tensor([1, 4, 1, 0])\n",
        "C = nn.Embedding(5, 3).weight.data; w = nn.Linear(2, 3).weight.data; k = torch.tensor([1, 4, 1, 0])\n",
        "C = torch.randn(5, 3).half(); w = torch.randn(3, 2).half(); k = torch.tensor([1, 4, 1, 0])\n",
        "C = torch.randn(5, 3, dtype=torch.bfloat16); w = torch.randn(3, 2, dtype=torch.bfloat16)\n"
        "k = torch.tensor([1, 4, 1, 0])\n",
        "torch.set_default_dtype(torch.bfloat16)\n" + GIVEN,
    ],
)
def test_given_numbers_may_be_held_in_any_float(given: str) -> None:
    assert not_right(check(IMPORTS + given + STEPS + ONE_HOT)) == {}


@pytest.mark.parametrize("dtype", ["np.float64", "np.float32", "np.float16", "'f4'", "'half'"])
def test_arrays_of_numpy_may_be_of_any_float(dtype: str) -> None:
    source = (
        f"import numpy as np\nC = np.random.randn(5, 3).astype({dtype}); w = np.random.randn(3, 2).astype({dtype})\n"
        f"k = np.array([1, 4, 1, 0])\n{STEPS}dC = np.eye(5, dtype={dtype})[k].T @ de\n"
    )

    assert not_right(check(source)) == {}


@pytest.mark.parametrize(
    "body",
    [
        "    return F.one_hot(k, 5).float().T @ de",
        "    dC = torch.zeros(5, 3, dtype=torch.float32)\n    dC.index_add_(0, k, de)\n    return dC",
        "    dC = torch.zeros_like(C)\n    for i in range(4):\n        dC[k[i]] += de[i].float()\n    return dC",
        "    dC = np.zeros(C.shape, dtype=np.float32)\n    np.add.at(dC, k, de)\n    return dC",
    ],
)
def test_a_function_that_asks_for_float32_is_called_with_what_it_takes(body: str) -> None:
    source = f"{IMPORTS}def backward(de, C, k):\n{body}\n"

    assert not_right(warm.check(CALLED, load_bytes(source.encode(), "mine.py"))) == {}


# how closely

GIVENS = (("h0", 0.5), ("w_h", 2.0), ("w_y", 40.0))
FORWARD = "h1_raw = w_h * h0\nh1 = h1_raw.tanh()\nh2_raw = w_h * h1\nh2 = h2_raw.tanh()\ny2 = w_y * h2\n"
CHAIN = """
import numpy as np
import torch
from math import tanh
h0 = {held}(0.5)
w_h = {held}(2.0)
w_y = {held}(40.0)
h1_raw = w_h * h0
h1 = {tanh}(h1_raw)
h2_raw = w_h * h1
h2 = {tanh}(h2_raw)
y2 = w_y * h2
"""
PLAIN = CHAIN.format(held="float", tanh="tanh")
SINGLE = CHAIN.format(held="np.float32", tanh="np.tanh")
A_LITTLE_OFF = "dh2 = w_y * 1.00003\n"


def outcomes(source: str, *steps: str) -> dict[str, tuple[str, str | None]]:
    result = warm.check("tanh-chain", load_bytes(source.encode(), "mine.py"))
    return {step.name: (step.outcome, step.reason) for step in result.steps if step.name in steps}


@pytest.mark.parametrize(
    ("given", "outcome"), [(PLAIN, ("wrong", "value")), (SINGLE, ("correct", None))], ids=["float64", "float32"]
)
def test_what_is_made_in_float32_is_met_within_1e_4(given: str, outcome: tuple[str, str | None]) -> None:
    assert outcomes(given + A_LITTLE_OFF, "dh2") == {"dh2": outcome}


@pytest.mark.parametrize(
    "unrelated",
    [
        "unrelated = np.float32(1.0)\n",
        "unrelated = torch.zeros(1, dtype=torch.float32)\n",
        "unrelated = torch.zeros(1, dtype=torch.bfloat16)\n",
        "unrelated = np.zeros(3, dtype=np.float16)\n",
        "def show(x):\n    print(np.float32(x))\nshow(h2)\nnothing = 0\n",
        "dw_y = np.float32(h2)\n",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_float32_that_is_unrelated_to_a_step_loosens_nothing(unrelated: str, first: bool) -> None:
    steps = unrelated + A_LITTLE_OFF if first else A_LITTLE_OFF + unrelated

    assert outcomes(PLAIN + steps, "dh2") == {"dh2": ("wrong", "value")}


@pytest.mark.parametrize(
    "steps",
    [
        "dh2 = np.float32(w_y) * 1.00003\n",
        "half = np.float32(w_y)\ndh2 = float(half) * 1.00003\n",
        "def scaled(x):\n    x = np.float32(x)\n    return float(x * 1.00003)\ndh2 = scaled(w_y)\n",
        "values = {'w': np.float32(w_y)}\ndh2 = float(values['w']) * 1.00003\n",
    ],
)
def test_a_step_made_from_a_float32_is_met_within_1e_4(steps: str) -> None:
    assert outcomes(PLAIN + steps, "dh2") == {"dh2": ("correct", None)}


@pytest.mark.parametrize("dtype", ["torch.bfloat16", "torch.float16"])
@pytest.mark.parametrize(
    "steps",
    [
        "unrelated = torch.zeros(1, dtype={dtype})\ndh2 = w_y * 0.99\n",
        "dh2 = torch.tensor(w_y * 0.99, dtype={dtype})\n",
        "dh2 = (torch.tensor(w_y * 0.99).to({dtype})).double()\n",
        "up = torch.tensor(1.0, dtype={dtype})\ndh2 = w_y * up * 0.99\n",
        "h2 = torch.tensor(h2, dtype={dtype})\ny2 = w_y * h2\ndh2 = w_y * 0.99 * h2 / h2\n",
    ],
)
def test_a_detour_through_a_half_float_loosens_nothing(steps: str, dtype: str) -> None:
    assert outcomes(PLAIN + steps.format(dtype=dtype), "dh2") == {"dh2": ("wrong", "value")}


@pytest.mark.parametrize(
    "steps",
    [
        "half = np.array(w_y).astype('half')\ndh2 = half * 0.99\n",
        "half = np.array(w_y).astype('e')\ndh2 = w_y * 0.99 + 0 * half\n",
        "half = np.asarray(h0, dtype='f2')\ndh2 = w_y * 0.99 + 0 * half\n",
        "half = torch.tensor(w_y).type('torch.BFloat16Tensor')\ndh2 = half * 0.97\n",
        "w_y = np.array(w_y).astype('half')\ndh2 = w_y * 0.99\n",
    ],
)
def test_a_copy_of_a_given_number_in_a_half_float_loosens_nothing(steps: str) -> None:
    assert outcomes(PLAIN + steps, "dh2") == {"dh2": ("wrong", "value")}


@pytest.mark.parametrize(
    "last",
    [
        "dC = F.one_hot(k, 5).float().T @ e",
        "dC = torch.eye(5, dtype=torch.float32)[k].T @ (2 * de)",
        "dC = torch.zeros(5, 3, dtype=torch.float32)\ndC[k] = de",
    ],
)
def test_a_mistake_is_found_where_all_runs_in_float32(last: str) -> None:
    assert not_right(check(f"{IMPORTS}{GIVEN}{STEPS}{last}\n")) == {"dC": "wrong"}


def test_an_error_that_is_not_of_floats_alone_is_told_as_it_is_in_float64() -> None:
    result = check(f"{IMPORTS}{GIVEN}{STEPS}dC = F.one_hot(k, 5).float() @ de\n")

    assert [problem.message for problem in result.problems if problem.kind == "raised"] != []
    assert not_right(result) == {"dC": "wrong"}


# taken from a difference

QUOTIENT = "f = lambda w: w_y * tanh(w * tanh(w * h0))\ne = 1e-6\ndw_h = (f(w_h + e) - f(w_h - e)) / (2 * e)\n"


@pytest.mark.parametrize(
    "steps",
    [
        QUOTIENT,
        f"unrelated = np.float32(1.0)\n{QUOTIENT}",
        f"{QUOTIENT}dw_h = np.float32(dw_h)\n",
        f"{QUOTIENT.replace('1e-6', '1e-4')}dw_h = np.float32(dw_h)\n",
    ],
)
def test_a_step_taken_from_a_difference_quotient_is_borrowed(steps: str) -> None:
    assert outcomes(PLAIN + steps, "dw_h") == {"dw_h": ("borrowed", "numerical")}


@pytest.mark.parametrize(
    "steps",
    [
        "import cmath\nf = lambda w: w_y * cmath.tanh(w * cmath.tanh(w * h0))\ndw_h = f(w_h + 1e-20j).imag / 1e-20\n",
        "f = lambda w: w_y * np.tanh(w * np.tanh(w * h0))\ndw_h = np.imag(f(w_h + 1e-12j)) / 1e-12\n",
        "f = lambda w: w_y * np.tanh(w * np.tanh(w * h0))\ndw_h = f(np.array([w_h + 1e-30j])).imag[0] / 1e-30\n",
        "f = lambda w: w_y * torch.tanh(w * torch.tanh(w * h0))\n"
        "dw_h = (f(torch.complex(torch.tensor(w_h), torch.tensor(1e-12))).imag / 1e-12).item()\n",
    ],
)
def test_a_step_taken_from_a_complex_step_is_borrowed_though_it_is_exact(steps: str) -> None:
    assert outcomes(PLAIN + steps, "dw_h") == {"dw_h": ("borrowed", "complex_step")}


def test_a_difference_quotient_in_float32_is_borrowed() -> None:
    steps = "f = lambda w: w_y * np.tanh(w * np.tanh(w * h0))\ne = np.float32(4e-3)\n"
    steps += "dw_h = (8 * (f(w_h + e) - f(w_h - e)) - (f(w_h + 2 * e) - f(w_h - 2 * e))) / (12 * e)\n"

    assert outcomes(SINGLE + steps, "dw_h") == {"dw_h": ("borrowed", "numerical")}


def test_what_is_copied_from_a_borrowed_step_of_the_same_derivative_is_borrowed() -> None:
    assert outcomes(f"{PLAIN}{QUOTIENT}dy2_dwh = dw_h * 1\n", "dy2_dwh") == {"dy2_dwh": ("borrowed", "numerical")}


@pytest.mark.parametrize("written", ["np.float32", "np.float64", "float"])
def test_a_derivation_is_not_taken_for_a_difference_quotient_whatever_it_is_made_in(written: str) -> None:
    chain = CHAIN.format(held=written, tanh="np.tanh")
    steps = "dh2 = w_y\ndh2_raw = dh2 * (1 - h2**2)\ndh1 = dh2_raw * w_h\ndh1_raw = dh1 * (1 - h1**2)\n"
    steps += "imag = 0\ndw_h = dh2_raw * h1 + dh1_raw * h0\n"

    assert outcomes(chain + steps, "dw_h") == {"dw_h": ("correct", None)}


# half floats


@pytest.mark.parametrize("dtype", ["torch.float16", "torch.half", "torch.bfloat16"])
def test_a_mistake_of_four_percent_is_found_where_all_is_in_half_floats(dtype: str) -> None:
    given = "".join(f"{name} = torch.tensor({number}, dtype={dtype})\n" for name, number in GIVENS)
    steps = "dy2 = torch.tensor(1.03, dtype=DTYPE)\ndw_y = h2 * 1.04\ndh2 = w_y * 0.96\n".replace("DTYPE", dtype)

    assert outcomes(f"import torch\n{given}{FORWARD}{steps}", "dy2", "dw_y", "dh2") == dict.fromkeys(
        ("dy2", "dw_y", "dh2"), ("wrong", "value")
    )


@pytest.mark.parametrize("dtype", ["torch.float16", "torch.bfloat16"])
def test_a_derivation_in_half_floats_is_judged_as_one_in_wider_ones(dtype: str) -> None:
    given = "".join(f"{name} = torch.tensor({number}, dtype={dtype})\n" for name, number in GIVENS)
    steps = "dh2 = w_y\ndh2_raw = dh2 * (1 - h2**2)\ndh1 = dh2_raw * w_h\ndh1_raw = dh1 * (1 - h1**2)\n"
    checks = f"assert dh2_raw.dtype == {dtype}\nhalved = dh1.half() + dh1.bfloat16()\n"

    assert outcomes(f"import torch\n{given}{FORWARD}{steps}{checks}", "dh2_raw", "dh1_raw") == dict.fromkeys(
        ("dh2_raw", "dh1_raw"), ("correct", None)
    )


@pytest.mark.parametrize(
    "last",
    [
        "dC = F.one_hot(k, 5).half().T @ de.half()",
        "dC = (F.one_hot(k, 5).to(torch.bfloat16).T @ de.bfloat16()).float()",
        "dC = (F.one_hot(k, 5).half().float().T @ de)",
        "hot = torch.from_numpy(np.eye(5, dtype='float16'))[k]\ndC = hot.T.float() @ de",
        "dC = torch.zeros(5, 3, dtype=torch.half)\ndC.index_add_(0, k, de.half())",
    ],
)
def test_a_detour_through_a_half_float_that_rounds_is_no_mistake(last: str) -> None:
    assert not_right(check(f"{IMPORTS}{GIVEN}{STEPS}{last}\n")) == {}
