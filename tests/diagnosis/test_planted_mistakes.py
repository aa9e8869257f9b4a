"""One mistake planted in a worked solution costs one step, and is named and repaired where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.submission.load import load_bytes
from tests import warm

pytestmark = pytest.mark.sampled(3)

SOLUTIONS = Path(__file__).parents[2] / "solutions"

PLANTED = [
    ("rnn", "dW += np.outer(da[t], h[t - 1])", "dW += np.outer(da[t], h[t])", "dW", "time-index-off-by-one", None),
    (
        "rnn",
        "dW += np.outer(da[t], h[t - 1])",
        "dW = np.outer(da[t], h[t - 1])",
        "dW",
        "contribution-overwritten",
        None,
    ),
    (
        "rnn",
        "dW += np.outer(da[t], h[t - 1])",
        "dW += np.outer(h[t - 1], da[t])",
        "dW",
        "`h[t - 1]` and `da[t]` are in the wrong order.",
        None,
    ),
    ("rnn", "dU += np.outer(da[t], x[t])", "dU += np.outer(da[t], x[t - 1])", "dU", "time-index-off-by-one", None),
    (
        "rnn",
        "dU += np.outer(da[t], x[t])",
        "dU -= np.outer(da[t], x[t])",
        "dU",
        "`-=` stands where `+=` is needed.",
        None,
    ),
    ("rnn", "db += da[t]", "db += dh[t]", "db", "`dh` stands where `da` is needed.", None),
    ("rnn", "db += da[t]", "db += da[t] / T", "db", "extra-one-over-n", None),
    ("rnn", "from_the_future = W.T @ da[t]", "from_the_future = W @ da[t]", "dh[3]", "transpose-missing", None),
    (
        "rnn",
        "from_the_future = W.T @ da[t]",
        "from_the_future = W.T @ dh[t]",
        "dh[3]",
        "`dh` stands where `da` is needed.",
        None,
    ),
    (
        "rnn",
        "dh[t] = (h[t] - y[t]) + from_the_future",
        "dh[t] = 2 * (h[t] - y[t]) + from_the_future",
        "dh[4]",
        "There is one factor too many in `2 * (h[t] - y[t])`.",
        "dh[t] = h[t] - y[t] + from_the_future",
    ),
    (
        "rnn",
        "da[t] = (1 - h[t] ** 2) * dh[t]",
        "da[t] = (1 - a[t] ** 2) * dh[t]",
        "da[4]",
        "tanh-derivative-on-pre-activation",
        None,
    ),
    (
        "lstm-cell",
        "dc = u_c + (1 - s**2) * ds",
        "dc = (1 - s**2) * ds",
        "dc",
        "branch-contribution-missing",
        "dc = (1 - s**2) * ds + u_c",
    ),
    ("lstm-cell", "dc = u_c + (1 - s**2) * ds", "dc = u_c + (1 - h**2) * ds", "dc", "other-layers-quantity", None),
    (
        "lstm-cell",
        "da_g = (1 - g**2) * dg",
        "da_g = g * (1 - g) * dg",
        "da_g",
        "sigmoid-derivative-for-tanh",
        "da_g = dg * (1 - g**2)",
    ),
    (
        "lstm-cell",
        "dq = da_o @ W_o.T + da_f @ W_f.T + da_i @ W_i.T + da_g @ W_g.T",
        "dq = da_o @ W_o.T + da_f @ W_f.T + da_i @ W_i.T",
        "dq",
        "branch-contribution-missing",
        None,
    ),
    ("lstm-cell", "dh_prev = dq[:, :4]", "dh_prev = dq[:, 4:]", "dh_prev", "`4:` stands where `:4` is needed.", None),
    ("lstm-cell", "dh_prev = dq[:, :4]", "dh_prev = dq[:, :5]", "dh_prev", "`5` stands where `4` is needed.", None),
    ("lstm-cell", "dx = dq[:, 4:]", "dx = dq[:, 5:]", "dx", "`5` stands where `4` is needed.", None),
    ("lstm-cell", "db_o = da_o.sum(axis=0)", "db_o = da_o.sum(axis=1)", "db_o", "wrong-axis", None),
    ("lstm-cell", "dW_f = q.T @ da_f", "dW_f = q.T @ da_i", "dW_f", "other-layers-quantity", None),
    ("lstm-cell", "df = c_prev * dc", "df = c * dc", "df", "`c` stands where `c_prev` is needed.", None),
    (
        "tanh-mlp",
        'grads["logits"] = (self.P - right) / len(y)',
        'grads["logits"] = self.P - right',
        "dlogits",
        "missing-one-over-n",
        'grads["logits"] = (self.P - right) / len(self.P)',
    ),
    (
        "tanh-mlp",
        'grads["logits"] = (self.P - right) / len(y)',
        'grads["logits"] = (right - self.P) / len(y)',
        "dlogits",
        "sign-flipped",
        None,
    ),
    (
        "tanh-mlp",
        'grads["W1"] = X.T @ grads["Z"] + self.reg * self.W1',
        'grads["W1"] = X.T @ grads["Z"] + 2 * self.reg * self.W1',
        "dW1",
        "There is one factor too many in `2 * self.reg`.",
        None,
    ),
    (
        "tanh-mlp",
        'grads["X"] = grads["Z"] @ self.W1.T',
        'grads["X"] = grads["H"] @ self.W1.T',
        "dX",
        "gradient-not-passed-through-activation",
        None,
    ),
    (
        "tanh-mlp",
        'grads["Z"] = grads["H"] * (1 - self.H**2)',
        'grads["Z"] = grads["H"] * (1 - self.Z**2)',
        "dZ",
        "tanh-derivative-on-pre-activation",
        None,
    ),
    ("relu-mlp", "self.mask = self.Z1 > 0", "self.mask = self.Z1 < 0", "mask", "`<` stands where `>` is needed.", None),
    (
        "relu-mlp",
        "self.db2 = self.dO.sum(axis=0)",
        "self.db2 = self.dO.sum(0, keepdims=True) * 2",
        "db2",
        "There is one factor too many in `self.dO.sum(0, keepdims=True) * 2`.",
        "self.db2 = self.dO.sum(0, keepdims=True)",
    ),
    (
        "relu-mlp",
        "self.dE = 2 * self.E / len(self.X)",
        "self.dE = 2 * self.E / self.E.size",
        "dE",
        "`self.E.size` stands where `len(self.E)` is needed.",
        "self.dE = 2 * self.E / len(self.E)",
    ),
    (
        "relu-mlp",
        "self.dE = 2 * self.E / len(self.X)",
        "self.dE = 2 * self.E",
        "dE",
        "missing-one-over-n",
        "self.dE = 2 * self.E / len(self.E)",
    ),
    ("relu-mlp", "self.dW1 = self.X.T @ self.dZ1", "self.dW1 = self.dZ1.T @ self.X", "dW1", "result-transposed", None),
    (
        "batch-norm",
        "dinv = (diff * draw).sum(0, keepdim=True)",
        "dinv = (diff * draw).sum(1, keepdim=True)",
        "dinv",
        "wrong-axis",
        None,
    ),
    (
        "batch-norm",
        "dvar = -0.5 * (var + 1e-5) ** -1.5 * dinv",
        "dvar = -0.5 * (var + 1e-5) ** -0.5 * dinv",
        "dvar",
        "power-rule-exponent-kept",
        None,
    ),
    (
        "batch-norm",
        "dvar = -0.5 * (var + 1e-5) ** -1.5 * dinv",
        "dvar = 0.5 * (var + 1e-5) ** -1.5 * dinv",
        "dvar",
        "sign-flipped",
        None,
    ),
    (
        "batch-norm",
        "ddiff2 = torch.ones_like(diff2) / (n - 1) * dvar",
        "ddiff2 = torch.ones_like(diff2) / n * dvar",
        "ddiff2",
        "`n` stands where `n - 1` is needed.",
        None,
    ),
    (
        "batch-norm",
        "ddiff = ddiff_from_raw + 2 * diff * ddiff2",
        "ddiff = ddiff_from_raw + diff * ddiff2",
        "ddiff",
        "power-rule-factor-missing",
        None,
    ),
    (
        "batch-norm",
        "ddiff = ddiff_from_raw + 2 * diff * ddiff2",
        "ddiff = 2 * diff * ddiff2",
        "ddiff",
        "branch-contribution-missing",
        "ddiff = 2 * diff * ddiff2 + ddiff_from_raw",
    ),
    ("batch-norm", "dx = ddiff + dmean / n", "dx = ddiff + dmean", "dx", "A factor is missing beside `dmean`.", None),
    ("batch-norm", "dx = ddiff + dmean / n", "dx = ddiff", "dx", "shared-weight-contribution-missing", None),
    ("batch-norm", "draw = gamma * dout", "draw = beta * dout", "draw", "`beta` stands where `gamma` is needed.", None),
    (
        "shared-weight",
        'grads["dx"] = dx_target + dx_encoded',
        'grads["dx"] = dx_encoded',
        "dx",
        "shared-weight-contribution-missing",
        'grads["dx"] = dx_encoded + dx_target',
    ),
    (
        "shared-weight",
        'dx_target = -grads["de"]',
        'dx_target = grads["de"]',
        "dx",
        "The sign of `dx_target` is wrong.",
        'grads["dx"] = -dx_target + dx_encoded',
    ),
    (
        "shared-weight",
        'grads["da"] = grads["dc"] * (1 - c**2)',
        'grads["da"] = grads["dc"] * (1 - a**2)',
        "da",
        "tanh-derivative-on-pre-activation",
        None,
    ),
    (
        "conv1d",
        "dw[f] += dout[i, f, t] * xpad[i, :, t : t + K]",
        "dw[f] = dout[i, f, t] * xpad[i, :, t : t + K]",
        "dw",
        "contribution-overwritten",
        None,
    ),
    (
        "conv1d",
        "dw[f] += dout[i, f, t] * xpad[i, :, t : t + K]",
        "dw[f] += dout[i, f, t] * xpad[i, :, t + 1 : t + K + 1]",
        "dw",
        "`t + 1 : t + K + 1` stands where `t : t + K` is needed.",
        None,
    ),
    (
        "conv1d",
        "dxpad[i, :, t : t + K] += dout[i, f, t] * w[f]",
        "dxpad[i, :, t : t + K] = dout[i, f, t] * w[f]",
        "dxpad",
        "contribution-overwritten",
        None,
    ),
    ("conv1d", "dx = dxpad[:, :, 1:-1]", "dx = dxpad[:, :, :-2]", "dx", "padding-forgotten", None),
    ("conv1d", "db = dout.sum(axis=(0, 2))", "db = dout.sum(axis=(0, 1))", "db", "wrong-axis", None),
    ("conv1d", "db = dout.sum(axis=(0, 2))", "db = dout.sum(axis=0)", "db", "sum-missing", None),
    (
        "attention",
        "dscores = weights * (dweights - mean_of_row)",
        "dscores = weights * dweights",
        "dscores",
        "softmax-sum-missing",
        None,
    ),
    (
        "attention",
        "dk = dscores.T @ q * scale",
        "dk = dscores.T @ q",
        "dk",
        "A factor is missing in `dscores.T @ q`.",
        None,
    ),
    ("attention", "dk = dscores.T @ q * scale", "dk = dscores @ q * scale", "dk", "transpose-missing", None),
    (
        "attention",
        "dmemory = dk @ Wk.T + dv @ Wv.T",
        "dmemory = dv @ Wv.T",
        "dmemory",
        "shared-weight-contribution-missing",
        "dmemory = dv @ Wv.T + dk @ Wk.T",
    ),
    (
        "attention",
        "mean_of_row = (dweights * weights).sum(1, keepdim=True)",
        "mean_of_row = (dweights * weights).mean(1, keepdim=True)",
        "dscores",
        "mean-for-sum",
        None,
    ),
    ("triplet-loss", "dn = -by_far", "dn = by_far", "dn", "sign-flipped", None),
    ("triplet-loss", "dfar = -dhinge * (hinge > 0)", "dfar = dhinge * (hinge > 0)", "dfar", "sign-flipped", None),
    (
        "triplet-loss",
        "by_near = 2 * dnear[:, None] * (a - p)",
        "by_near = dnear[:, None] * (a - p)",
        "da",
        "summand-constant-wrong",
        None,
    ),
    (
        "triplet-loss",
        "dW = xa.T @ da + xp.T @ dp + xn.T @ dn",
        "dW = xa.T @ da + xp.T @ dp - xn.T @ dn",
        "dW",
        "contribution-subtracted",
        None,
    ),
    (
        "triplet-loss",
        "dhinge = np.full(N, 1 / N)",
        "dhinge = np.full(N, 1.0)",
        "dhinge",
        "missing-one-over-n",
        "dhinge = np.full(N, 1.0) / N",
    ),
    (
        "vae-loss",
        "dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / (2 * N)",
        "dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / N",
        "dlogvar",
        "summand-constant-wrong",
        "dlogvar = dsigma * sigma / 2 + 0.5 * (np.exp(logvar) - 1) / N",
    ),
    (
        "vae-loss",
        "dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / (2 * N)",
        "dlogvar = dsigma * sigma + (np.exp(logvar) - 1) / (2 * N)",
        "dlogvar",
        "summand-constant-wrong",
        "dlogvar = 0.5 * dsigma * sigma + (np.exp(logvar) - 1) / (2 * N)",
    ),
    ("vae-loss", "dmu = dz + mu / N", "dmu = dz", "dmu", "branch-contribution-missing", None),
    ("vae-loss", "dsigma = dz * eps", "dsigma = dz", "dsigma", "weight-factor-missing", None),
    (
        "logistic-regression",
        "dnll = np.full(N, 1 / N)",
        "dnll = np.ones(N)",
        "dnll",
        "missing-one-over-n",
        "dnll = np.ones(N) / N",
    ),
    (
        "logistic-regression",
        "dp = dnll * (-y / p + (1 - y) / (1 - p))",
        "dp = dnll * (y / p + (1 - y) / (1 - p))",
        "dp",
        "The sign of `y / p` is wrong.",
        None,
    ),
    ("logistic-regression", "dz = dp * p * (1 - p)", "dz = dp * p", "dz", "sigmoid-derivative-factor-missing", None),
    ("logistic-regression", "db = dz.sum()", "db = dz.mean()", "db", "mean-for-sum", None),
    (
        "hinge-loss",
        "dscores[rows, y] += dright",
        "dscores[:, y] += dright",
        "dscores",
        "`:` stands where `np.arange(len(y))` is needed.",
        "dscores[np.arange(len(y)), y] += dright",
    ),
    (
        "hinge-loss",
        "dscores[rows, y] += dright",
        "dscores[rows, y] -= dright",
        "dscores",
        "contribution-subtracted",
        None,
    ),
    ("hinge-loss", "dright = -ddiff.sum(axis=1)", "dright = -ddiff.sum(axis=0)", "dright", "wrong-axis", None),
    (
        "hinge-loss",
        "ddiff = dmargins * (margins > 0)",
        "ddiff = dmargins * margins",
        "ddiff",
        "hinge-itself-for-its-slope",
        None,
    ),
    (
        "hinge-loss",
        "dW = X.T @ dscores + 2 * lam * W",
        "dW = X.T @ dscores + lam * W",
        "dW",
        "summand-constant-wrong",
        None,
    ),
    (
        "rnn",
        "dU += np.outer(da[t], x[t])",
        "dU += np.array([[p * q for p in da[t]] for q in x[t]])",
        "dU",
        "The loops over `p` and `q` are exchanged.",
        "dU += np.array([[p * q for q in x[t]] for p in da[t]])",
    ),
    (
        "triplet-loss",
        "dhinge = np.full(N, 1 / N)",
        "dhinge = np.array([1 / (N - 1) for _ in range(N)])",
        "dhinge",
        "`N - 1` stands where `N` is needed.",
        "dhinge = np.array([1 / N for _ in range(N)])",
    ),
    (
        "triplet-loss",
        "dp = -by_near",
        "dp = np.array([[one for one in row] for row in by_near])",
        "dp",
        "sign-flipped",
        "dp = np.array([[-one for one in row] for row in by_near])",
    ),
    (
        "logistic-regression",
        "dz = dp * p * (1 - p)",
        "dz = np.array([a * b * (1 + b) for a, b in zip(dp, p)])",
        "dz",
        "sigmoid-derivative-with-plus",
        "dz = np.array([a * b * (1 - b) for a, b in zip(dp, p)])",
    ),
    (
        "logistic-regression",
        "db = dz.sum()",
        "db = sum(one for one in dz[1:])",
        "db",
        "`1` stands where `0` is needed.",
        "db = sum(one for one in dz[0:])",
    ),
    (
        "logistic-regression",
        "dw = X.T @ dz",
        "dw = np.array([sum(X[i, j] * dz[j] for i in range(5)) for j in range(3)])",
        "dw",
        "`j` stands where `i` is needed.",
        "dw = np.array([sum(X[i, j] * dz[i] for i in range(5)) for j in range(3)])",
    ),
    (
        "shared-weight",
        'grads["da"] = grads["dc"] * (1 - c**2)',
        'grads["da"] = sum([grads["dc"], c**2 * grads["dc"]])',
        "da",
        "tanh-derivative-with-plus",
        'grads["da"] = sum([grads["dc"], -c**2 * grads["dc"]])',
    ),
    (
        "conv1d",
        "dx = dxpad[:, :, 1:-1]",
        "dx = np.array([[row[2:] for row in one] for one in dxpad])",
        "dx",
        "padding-forgotten",
        "dx = np.array([[row[1:-1] for row in one] for one in dxpad])",
    ),
    (
        "conv1d",
        "db = dout.sum(axis=(0, 2))",
        "db = np.array([dout[:, f].sum(axis=0) for f in range(F)])",
        "db",
        "After `np.array([dout[:, f].sum(axis=0) for f in range(F)])`, `.sum(axis=1)` is needed.",
        "db = np.array([dout[:, f].sum(axis=0) for f in range(F)]).sum(axis=1)",
    ),
    (
        "hinge-loss",
        "dright = -ddiff.sum(axis=1)",
        "dright = np.array([sum(row) for row in ddiff])",
        "dright",
        "sign-flipped",
        "dright = np.array([-sum(row) for row in ddiff])",
    ),
    (
        "vae-loss",
        "dmu = dz + mu / N",
        "dmu = np.array([p - q / N for p, q in zip(dz, mu)])",
        "dmu",
        "contribution-subtracted",
        "dmu = np.array([p + q / N for p, q in zip(dz, mu)])",
    ),
    (
        "lstm-cell",
        "da_g = (1 - g**2) * dg",
        "da_g = np.array([[(1 - p) * q for p, q in zip(*both)] for both in zip(g, dg)])",
        "da_g",
        "tanh-derivative-square-missing",
        "da_g = np.array([[(1 - p**2) * q for p, q in zip(*both)] for both in zip(g, dg)])",
    ),
    (
        "relu-mlp",
        "self.db2 = self.dO.sum(axis=0)",
        "self.db2 = np.array([sum(row) for row in self.dO])",
        "db2",
        "This loop goes over the rows of `self.dO`; its columns are needed.",
        "self.db2 = np.array([sum(row) for row in zip(*self.dO)])",
    ),
]
"""Exercise, right and wrong line, the step that it costs, the code of the misconception or the message, and the
repaired line if it is not the right one as it stood there."""


@pytest.mark.parametrize(("exercise", "right", "wrong", "name", "said", "fix"), PLANTED)
def test_a_planted_mistake_costs_one_step(
    exercise: str, right: str, wrong: str, name: str, said: str, fix: str | None
) -> None:
    source = (SOLUTIONS / f"{exercise}.py").read_text()
    assert right in source
    changed = source.replace(right, wrong, 1)
    result = warm.check(exercise, load_bytes(changed.encode(), "mine.py"))
    found = [step for step in (*result.forward, *result.steps) if step.outcome == "wrong"]

    assert [step.name for step in found] == [name]
    (step,) = found
    assert step.diagnosis is not None
    assert step.where is not None
    assert (step.diagnosis.code or step.diagnosis.message, step.diagnosis.fix) == (said, fix or right)
    assert step.where.line == source[: source.index(right)].count("\n") + 1 or fix is not None
    assert {step.outcome for step in (*result.forward, *result.steps)} <= {"correct", "carried", "wrong"}


PAIRS = [
    ("logistic-regression", "dp = dnll * (y / p", "X[i, j] * dz[j]"),
    ("logistic-regression", "dz = dp * p", "X[i, j] * dz[j]"),
    ("vae-loss", "dsigma = dz", "p - q / N"),
    ("vae-loss", "dmu = dz", "dsigma = dz"),
    ("triplet-loss", "dfar = dhinge", "for one in row"),
    ("hinge-loss", "dmargins * margins", "sum(row)"),
    ("relu-mlp", "self.dE = 2 * self.E", "self.dZ1.T @ self.X"),
    ("conv1d", "axis=(0, 1)", "row[2:]"),
]
"""Parts of two wrong lines of `PLANTED`."""


@pytest.mark.parametrize(("exercise", "first", "second"), PAIRS)
def test_two_planted_mistakes_cost_two_steps_and_are_repaired_as_if_each_were_alone(
    exercise: str, first: str, second: str
) -> None:
    rows = [next(one for one in PLANTED if one[0] == exercise and part in one[2]) for part in (first, second)]
    source = (SOLUTIONS / f"{exercise}.py").read_text()
    for _, right, wrong, *_ in rows:
        source = source.replace(right, wrong, 1)
    result = warm.check(exercise, load_bytes(source.encode(), "mine.py"))

    assert {
        step.name: step.diagnosis and (step.diagnosis.code or step.diagnosis.message, step.diagnosis.fix)
        for step in (*result.forward, *result.steps)
        if step.outcome == "wrong"
    } == {name: (said, fix or right) for _, right, _, name, said, fix in rows}
