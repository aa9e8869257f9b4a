"""A mistake in a local of a forward function costs one quantity, also where a cache takes it to the gradients."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from grader.model import Result
from tests import warm

NORMALISED = """
def batchnorm_backward(dout, cache):
    xhat, std, gamma = cache
    N = len(dout)
    dgamma = (dout * xhat).sum(0)
    dbeta = dout.sum(0)
    return gamma / (N * std) * (N * dout - dbeta - xhat * dgamma), dgamma, dbeta
"""

ROWS = """
def layernorm_backward(dout, cache):
    xhat, std, gamma = cache["xhat"], cache["std"], cache["gamma"]
    d = dout * gamma
    dx = (d - d.mean(1, keepdims=True) - xhat * (d * xhat).mean(1, keepdims=True)) / std
    return dx, (dout * xhat).sum(0), dout.sum(0)
"""

DROPOUT = """
exercise: dropout
title: Dropout
text: Write dropout_forward(x, u, keep) and dropout_backward(dout, cache).
given:
  x: {shape: [4, 3], draw: normal}
  u: {shape: [4, 3], draw: "uniform(0, 1)"}
  dout: {shape: [4, 3], draw: normal}
forward: |
  out = x * (u < 0.6) / 0.6
  L = sum(out * dout)
output: L
steps: {dx: d(L)/d(x)}
answer: |
  out, cache = dropout_forward(x, u, 0.6)
  dx = dropout_backward(dout, cache)
"""

LAYER = """
exercise: swish-layer
title: Swish after an affine layer
text: Write a class Layer with forward(x) and backward(dout).
given:
  x: {shape: [4, 3], draw: normal}
  W: {shape: [3, 5], draw: normal}
  b: {shape: [5], draw: normal}
  dout: {shape: [4, 5], draw: normal}
forward: |
  out = (x @ W + b) * sigmoid(x @ W + b)
  L = sum(out * dout)
output: L
steps: {dW: d(L)/d(W), db: d(L)/d(b), dx: d(L)/d(x)}
answer: |
  layer = Layer(W, b)
  out = layer.forward(x)
  dx = layer.backward(dout)
  dW, db = layer.dW, layer.db
"""

CONVOLUTION = """
exercise: convolution
title: A convolution
text: Write conv_forward(x, w, b) and conv_backward(dout, cache).
given:
  x: {shape: [2, 8], draw: normal}
  w: {shape: [3], draw: normal}
  b: {shape: [1], draw: normal}
  dout: {shape: [2, 6], draw: normal}
forward: |
  out = w[0] * x[:, 0:6] + w[1] * x[:, 1:7] + w[2] * x[:, 2:8] + b
  L = sum(out * dout)
output: L
steps: {dx: d(L)/d(x), dw: d(L)/d(w), db: d(L)/d(b)}
answer: |
  out, cache = conv_forward(x, w, b)
  dx, dw, db = conv_backward(dout, cache)
"""

ONE_ROW = """
exercise: one-row
title: Normalising one row
text: Write forward(x, g) and backward(dout, cache).
given:
  x: [0.3, -1.2, 0.8, 1.9]
  g: 1.7
  dout: [0.2, -0.4, 1.1, 0.6]
forward: |
  y = g * (x - mean(x)) / sqrt(var(x, 0, correction=0) + 0.001)
  L = sum(y * dout)
output: L
steps: {dg: d(L)/d(g), dx: d(L)/d(x)}
answer: |
  y, cache = forward(x, g)
  dx, dg = backward(dout, cache)
"""


def graded(exercise: str, source: str, folder: Path) -> tuple[Result, dict[str, tuple[str, ...]]]:
    """The grade, and what is not right with what is behind it; L, which nobody asks for, left out."""
    if "\n" in exercise:
        (folder / "exercise.yaml").write_text(exercise.lstrip())
        exercise = str(folder / "exercise.yaml")
    (folder / "mine.py").write_text("import numpy as np\n" + dedent(source).strip("\n") + "\n")
    result = warm.check(exercise, str(folder / "mine.py"))
    steps = (*result.forward, *result.steps)
    found = {one.name: (one.outcome, *one.caused_by) for one in steps if one.outcome != "correct" and one.name != "L"}
    return result, found


def line_of(result: Result, name: str) -> str:
    """What stands on the line that is pointed at."""
    where = next(one.where for one in (*result.forward, *result.steps) if one.name == name)
    assert where is not None
    return "\n".join(cell.text for cell in result.sources).split("\n")[where.line - 1].strip()


def spoils(output: str, *carried: str) -> dict[str, tuple[str, ...]]:
    return {output: ("wrong",), **dict.fromkeys(carried, ("carried", output))}


def batch_norm(body: str, folder: Path, backward: str = NORMALISED) -> tuple[Result, dict[str, tuple[str, ...]]]:
    forward = "def batchnorm_forward(x, gamma, beta, bn_param):\n" + indent(dedent(body).strip(), "    ")
    return graded("cs231n-batch-norm", f"{forward}\n{backward}", folder)


def test_a_variance_that_divides_by_one_less_costs_the_output(tmp_path: Path) -> None:
    body = """
        mu = x.mean(0)
        v = x.var(0, ddof=1)
        std = np.sqrt(v + bn_param["eps"])
        xhat = (x - mu) / std
        return gamma * xhat + beta, (xhat, std, gamma)
    """
    result, found = batch_norm(body, tmp_path)

    assert found == spoils("out", "dx", "dgamma")
    assert line_of(result, "out") == "v = x.var(0, ddof=1)"
    assert result.forward[0].diagnosis is not None
    assert result.forward[0].diagnosis.fix == "v = x.var(0)"
    assert result.first_error == "out"


@pytest.mark.slow
def test_two_wrong_statistics_cost_the_output_once(tmp_path: Path) -> None:
    body = """
        keep = bn_param["momentum"]
        mu = (1 - keep) * x.mean(0)
        v = (1 - keep) * x.var(0)
        std = np.sqrt(v + bn_param["eps"])
        xhat = (x - mu) / std
        return gamma * xhat + beta, (xhat, std, gamma)
    """
    result, found = batch_norm(body, tmp_path)

    assert found == spoils("out", "dx", "dgamma")
    # One change mends both: of the line that both are made with.
    assert line_of(result, "out") == 'keep = bn_param["momentum"]'


@pytest.mark.slow
def test_statistics_along_the_other_axis_cost_the_output_once(tmp_path: Path) -> None:
    source = """
def layernorm_forward(x, gamma, beta, ln_param):
    mean = x.mean(0)
    var = x.var(0)
    std = np.sqrt(var + ln_param["eps"])
    xhat = (x - mean) / std
    return xhat * gamma + beta, {"xhat": xhat, "std": std, "gamma": gamma}
"""
    result, found = graded("cs231n-layer-norm", source + ROWS, tmp_path)

    assert found == spoils("out", "dx", "dgamma")
    assert line_of(result, "out") == "mean = x.mean(0)"


def test_the_wrong_local_multiplied_in_is_the_forward_functions_mistake(tmp_path: Path) -> None:
    body = """
        mu = x.mean(0)
        var = x.var(0)
        std = np.sqrt(var + bn_param["eps"])
        inv = 1 / std
        xhat = (x - mu) * var
        return gamma * xhat + beta, (xhat, inv, gamma)
    """
    backward = NORMALISED.replace("xhat, std, gamma", "xhat, inv, gamma").replace(
        "gamma / (N * std) * (N * dout - dbeta - xhat * dgamma)",
        "gamma * inv / N * (N * dout - dbeta - xhat * dgamma)",
    )
    result, found = batch_norm(body, tmp_path, backward)

    assert found == spoils("out", "dx", "dgamma")
    assert result.forward[0].diagnosis is not None
    assert result.forward[0].diagnosis.fix == "xhat = (x - mu) * inv"


def test_a_wrong_mask_in_the_cache_costs_the_output(tmp_path: Path) -> None:
    source = """
        def relu_forward(x):
            mask = (x > 1).astype(float)
            return x * mask, mask

        def relu_backward(dout, mask):
            return dout * mask
    """
    result, found = graded("cs231n-relu", source, tmp_path)

    assert found == spoils("out", "dx")
    assert line_of(result, "out") == "mask = (x > 1).astype(float)"


def test_a_dropout_mask_turned_round_costs_the_output(tmp_path: Path) -> None:
    source = """
        def dropout_forward(x, u, keep):
            kept = (u > keep) / keep
            return x * kept, kept

        def dropout_backward(dout, cache):
            return dout * cache
    """
    result, found = graded(DROPOUT, source, tmp_path)

    assert found == spoils("out", "dx")
    assert line_of(result, "out") == "kept = (u > keep) / keep"


def test_probabilities_normalised_over_everything_cost_the_loss(tmp_path: Path) -> None:
    source = """
        def softmax_loss(x, y):
            N = len(x)
            e = np.exp(x - x.max(axis=1, keepdims=True))
            p = e / e.sum()
            loss = -np.log(p[np.arange(N), y]).mean()
            dx = p.copy()
            dx[np.arange(N), y] -= 1
            return loss, dx / N
    """
    result, found = graded("cs231n-softmax", source, tmp_path)

    assert found == spoils("loss", "dx")
    assert result.forward[0].diagnosis is not None
    assert result.forward[0].diagnosis.fix == "p = e / e.sum(axis=1, keepdims=True)"


@pytest.mark.slow
def test_a_gate_with_the_wrong_slice_costs_the_state_it_makes(tmp_path: Path) -> None:
    source = """
        def sigmoid(z):
            return 1 / (1 + np.exp(-z))

        def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
            a = x @ Wx + prev_h @ Wh + b
            pieces = np.split(a, 4, axis=1)
            i, f, o = (sigmoid(one) for one in pieces[:3])
            g = np.tanh(pieces[2])
            next_c = f * prev_c + i * g
            next_h = o * np.tanh(next_c)
            return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)

        def lstm_step_backward(dnext_h, dnext_c, cache):
            x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
            t = np.tanh(next_c)
            dc = dnext_c + dnext_h * o * (1 - t ** 2)
            da = np.hstack(
                [dc * g * i * (1 - i), dc * prev_c * f * (1 - f), dnext_h * t * o * (1 - o), dc * i * (1 - g ** 2)]
            )
            return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, prev_h.T @ da, da.sum(0)
    """
    result, found = graded("cs231n-lstm-step", source, tmp_path)

    assert {name for name, outcome in found.items() if outcome == ("wrong",)} == {"next_c"}
    assert {name for name, outcome in found.items() if "next_c" in outcome} >= {"dx", "dprev_h", "dWx", "dWh", "db"}
    assert line_of(result, "next_c") == "g = np.tanh(pieces[2])"


@pytest.mark.slow
@pytest.mark.parametrize("slope", ["self.s * (1 - self.s)", "self.s * (1 + self.s)"])
def test_an_attribute_of_a_layer_costs_the_output_and_a_second_mistake_costs_its_own(
    slope: str, tmp_path: Path
) -> None:
    source = f"""
        class Layer:
            def __init__(self, W, b):
                self.W, self.b = W, b

            def forward(self, x):
                self.x = x
                self.z = x @ self.W + self.b
                self.s = np.where(self.z > 0, 1 / (1 + np.exp(self.z)), 0.5)
                return self.z * self.s

            def backward(self, dout):
                dz = dout * (self.s + self.z * {slope})
                self.dW = self.x.T @ dz
                self.db = dz.sum(axis=0)
                return dz @ self.W.T
    """
    result, found = graded(LAYER, source, tmp_path)

    second = "+" in slope
    assert found["out"] == ("wrong",)
    assert line_of(result, "out").startswith("self.s = np.where(")
    first = ("wrong",) if second else ("carried", "out")
    assert found == {"out": ("wrong",), "dW": first, **dict.fromkeys(("db", "dx"), found["db"])}
    assert found["db"] == (("carried", "dW") if second else ("carried", "out"))


@pytest.mark.slow
def test_windows_in_the_wrong_order_cost_the_output(tmp_path: Path) -> None:
    source = """
        def conv_forward(x, w, b):
            k, n = len(w), x.shape[1] - len(w) + 1
            windows = np.stack([x[:, k - 1 - i:k - 1 - i + n] for i in range(k)], axis=2)
            return windows @ w + b, (x, w, windows)

        def conv_backward(dout, cache):
            x, w, windows = cache
            dx = np.zeros_like(x)
            for t in range(dout.shape[1]):
                dx[:, t:t + len(w)] += dout[:, t:t + 1] * w
            return dx, np.einsum("nt,ntk->k", dout, windows), np.array([dout.sum()])
    """
    result, found = graded(CONVOLUTION, source, tmp_path)

    assert found == spoils("out", "dw")
    assert line_of(result, "out").startswith("windows = ")


@pytest.mark.slow
def test_rows_laid_out_the_other_way_cost_the_output(tmp_path: Path) -> None:
    source = """
        def affine_forward(x, w, b):
            columns = np.stack([one.T.ravel() for one in x], axis=1)
            return (w.T @ columns).T + b, (x.shape, columns, w)

        def affine_backward(dout, cache):
            shape, columns, w = cache
            return (dout @ w.T).reshape(shape), columns @ dout, dout.sum(axis=0)
    """
    result, found = graded("cs231n-affine", source, tmp_path)

    assert found == spoils("out", "dw")
    assert line_of(result, "out").startswith("columns = ")


@pytest.mark.slow
def test_lists_of_numbers_are_no_different(tmp_path: Path) -> None:
    source = """
        def forward(x, g):
            n = len(x)
            m = sum(x) / n
            v = sum((a - m) ** 2 for a in x) / (n - 1)
            s = (v + 0.001) ** 0.5
            xhat = [(a - m) / s for a in x]
            return [g * a for a in xhat], (xhat, s, g)

        def backward(dout, cache):
            xhat, s, g = cache
            n = len(xhat)
            m1 = sum(g * d for d in dout) / n
            m2 = sum(g * d * a for d, a in zip(dout, xhat)) / n
            return [(g * d - m1 - a * m2) / s for d, a in zip(dout, xhat)], sum(d * a for d, a in zip(dout, xhat))
    """
    result, found = graded(ONE_ROW, source, tmp_path)

    assert found == spoils("y", "dg", "dx")
    assert line_of(result, "y").startswith("v = sum(")


def test_a_mistake_in_the_output_alone_costs_the_output_alone(tmp_path: Path) -> None:
    body = """
        std = np.sqrt(x.var(0) + bn_param["eps"])
        xhat = (x - x.mean(0)) / std
        return gamma * xhat - beta, (xhat, std, gamma)
    """
    _, found = batch_norm(body, tmp_path)

    assert found == spoils("out")


def test_statistics_computed_anew_in_the_backward_function_cost_its_first_result(tmp_path: Path) -> None:
    body = """
        return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) + beta, (x, gamma)
    """
    backward = NORMALISED.replace(
        "    xhat, std, gamma = cache\n",
        "    x, gamma = cache\n    std = np.where(x.var(0) > 0, x.var(0), 1e-5)\n    xhat = (x - x.mean(0)) / std\n",
    )
    result, found = batch_norm(body, tmp_path, backward)

    assert found == {"dgamma": ("wrong",), "dx": ("carried", "dgamma")}
    # `std` holds the variance, which is right as such: the line that takes it for the root is shown.
    assert line_of(result, "dgamma") == "xhat = (x - x.mean(0)) / std"


@pytest.mark.slow
def test_gradients_of_autograd_are_not_carried_by_a_local(tmp_path: Path) -> None:
    source = """
        import torch

        def batchnorm_forward(x, gamma, beta, bn_param):
            x, gamma, beta = (torch.tensor(np.asarray(one), requires_grad=True) for one in (x, gamma, beta))
            v = x.var(0)
            out = gamma * (x - x.mean(0)) / torch.sqrt(v + 1e-5) + beta
            return out, (out, x, gamma, beta)

        def batchnorm_backward(dout, cache):
            out, *leaves = cache
            return torch.autograd.grad(out, leaves, torch.tensor(np.asarray(dout)))
    """
    _, found = graded("cs231n-batch-norm", source, tmp_path)

    assert found["out"] == ("wrong",)
    assert found["dx"][0] in ("wrong", "borrowed")
