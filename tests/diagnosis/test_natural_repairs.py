"""A repair holds for a reason, in the student's hand: what an expert would write, not what happens to be right here."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import StepResult
from grader.submission.load import load_bytes
from tests import warm

pytestmark = pytest.mark.sampled(3)

SOLUTIONS = Path(__file__).parents[2] / "solutions"


def wrong(exercise: str, right: str, line: str) -> dict[str, StepResult]:
    """The wrong steps of a worked solution in which `line` stands for `right`."""
    source = (SOLUTIONS / f"{exercise}.py").read_text()
    assert right in source
    result = warm.check(exercise, load_bytes(source.replace(right, line, 1).encode(), "mine.py"))
    return {step.name: step for step in (*result.forward, *result.steps) if step.outcome == "wrong"}


def fix_of(step: StepResult) -> str | None:
    return None if step.diagnosis is None else step.diagnosis.fix


@pytest.mark.parametrize(
    ("exercise", "right", "line", "fix"),
    [
        pytest.param(
            "tanh-mlp",
            'grads["W2"] = self.H.T @ grads["logits"] + self.reg * self.W2',
            'grads["W2"] = self.H.T @ grads["logits"]',
            'grads["W2"] = self.H.T @ grads["logits"] + self.W2 * self.reg',
            id="no label that is 1 as a factor",
        ),
        pytest.param(
            "relu-mlp",
            "self.dE = 2 * self.E / len(self.X)",
            "self.dE = 2 * self.E",
            "self.dE = 2 * self.E / len(self.E)",
            id="a length by its name, and not 0.5 for 2 / 4",
        ),
        pytest.param(
            "relu-mlp",
            "self.dE = 2 * self.E / len(self.X)",
            "self.dE = self.E / len(self.X)",
            "self.dE = 2 * self.E / len(self.X)",
            id="no other length that is 2",
        ),
        pytest.param(
            "relu-mlp",
            "self.dZ1 = self.dH * self.mask",
            "self.dZ1 = self.dH * self.H",
            "self.dZ1 = self.dH * self.mask",
            id="the mask, not H / Z1",
        ),
        pytest.param(
            "batch-norm",
            "dbeta = dout.sum(0)",
            "dbeta = (dout * raw).sum(0)",
            "dbeta = dout.sum(0)",
            id="no summand whose sum is 0",
        ),
        pytest.param(
            "batch-norm",
            "dgamma = (dout * raw).sum(0)",
            "dgamma = dout.sum(0)",
            "dgamma = (dout * raw).sum(0)",
            id="brackets before a method",
        ),
        pytest.param(
            "batch-norm",
            "dinv = (diff * draw).sum(0, keepdim=True)",
            "dinv = (diff * draw + draw).sum(0, keepdim=True)",
            "dinv = (diff * draw).sum(0, keepdim=True)",
            id="brackets that are still needed",
        ),
        pytest.param(
            "batch-norm",
            "inv = (var + 1e-5) ** -0.5",
            "inv = (var + 1e-8) ** -0.5",
            "inv = (var + 1e-5) ** -0.5",
            id="a constant is replaced, not added to",
        ),
        pytest.param(
            "softmax-cross-entropy",
            "dlogit_maxes = -dnorm_logits.sum(axis=1, keepdims=True)",
            "dlogit_maxes = dnorm_logits.max(axis=1, keepdims=True)",
            "dlogit_maxes = -dnorm_logits.sum(axis=1, keepdims=True)",
            id="where all is 0, what the chain rule says",
        ),
        pytest.param(
            "softmax-cross-entropy",
            "dlogprobs[rows, y] = -1 / n",
            "dlogprobs[rows, y] = -1 // n",
            "dlogprobs[rows, y] = -1 / n",
            id="a division that cuts to whole numbers",
        ),
        pytest.param(
            "softmax-cross-entropy",
            "dlogprobs[rows, y] = -1 / n",
            "dlogprobs[rows, y] = -1.0",
            "dlogprobs[rows, y] = -1.0 / n",
            id="n, not 5",
        ),
        pytest.param(
            "lstm-cell",
            "da_g = (1 - g**2) * dg",
            "da_g = dg * g * (1 - g)",
            "da_g = dg * (1 - g**2)",
            id="the slope of tanh as a whole",
        ),
        pytest.param(
            "lstm-cell",
            "da_f = f * (1 - f) * df",
            "da_f = (1 - f**2) * df",
            "da_f = f * (1 - f) * df",
            id="the slope of a sigmoid as a whole",
        ),
        pytest.param(
            "attention",
            "dq = dscores @ k * scale",
            "d_k = q.shape[1]\ndq = dscores @ k / d_k",
            "d_k = q.shape[1]**0.5",
            id="the root of a length",
        ),
        pytest.param(
            "cs231n-affine",
            "dx = (dout @ w.T).reshape(x.shape)",
            "dx = dout.dot(w.T)",
            "dx = dout.dot(w.T).reshape(x.shape)",
            id="the shape of a name, not its numbers",
        ),
        pytest.param(
            "cs231n-layer-norm",
            "dx = (g - common_shift - x_hat * stretch) / std",
            "dx = (g - common_shift + x_hat * stretch) / std",
            "dx = (g - common_shift - x_hat * stretch) / std",
            id="the line itself, not a helper of it",
        ),
        pytest.param(
            "gelu-mlp",
            "dout = 2 * (out - y) / out.size",
            "dout = 2 * (out - y) / len(out)",
            "dout = 2 * (out - y) / out.size",
            id="all entries, not the rows",
        ),
        pytest.param(
            "relu-mlp",
            "self.dE = 2 * self.E / len(self.X)",
            "self.dE = 2 * self.E / self.E.size",
            "self.dE = 2 * self.E / len(self.E)",
            id="the rows, not all entries",
        ),
        pytest.param(
            "conv1d",
            "db = dout.sum(axis=(0, 2))",
            "db = dout[0].sum(axis=1)",
            "db = dout.sum(axis=(0, 2))",
            id="one sum over every axis but one",
        ),
        pytest.param(
            "lstm-cell",
            "dx = dq[:, 4:]",
            "dx = dq[:, :5]",
            "dx = dq[:, -5:]",
            id="the other end of an array",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "vae-loss",
            "(np.exp(logvar) - 1) / (2 * N)",
            "(np.exp(logvar) - logvar) / (2 * N)",
            "dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / (2 * N)",
            id="1, not x / x",
        ),
        pytest.param(
            "attention",
            "dk = dscores.T @ q * scale",
            "dk = dscores.T @ q",
            "dk = dscores.T @ q * scale",
            id="a constant that has a name, outside the product",
        ),
        pytest.param(
            "gaussian-likelihood",
            "dP = -0.5 * r.T @ r",
            "dP = -0.5 * r @ r.T",
            "dP = -0.5 * r.T @ r",
            id="the transpose on the other factor, and the number in front",
        ),
        pytest.param(
            "softmax-cross-entropy",
            "dlogits = dnorm_logits + won * dlogit_maxes",
            "dlogits = dnorm_logits + won",
            "dlogits = dnorm_logits + won * dlogit_maxes",
            id="no comparison that is nowhere true",
        ),
        pytest.param(
            "gaussian-likelihood",
            " - N / 2 * P.T",
            "",
            "dSigma = -P.T @ dP @ P.T - N / 2 * P.T",
            id="names for a length and for an inverse that the program names",
        ),
        pytest.param(
            "gaussian-likelihood",
            "ds = np.trace(dSigma)",
            "ds = dSigma.sum()",
            "ds = np.trace(dSigma)",
            id="a trace, not a sum of a product with the identity",
        ),
        pytest.param(
            "gaussian-likelihood", "dr = -r @ P", "dr = -0.5 * r @ P", "dr = -r @ P", id="what holds by a symmetry"
        ),
        pytest.param(
            "kalman-step",
            "dS = -J.T @ dJ @ J.T",
            "dS = -dJ @ J.T",
            "dS = -J.T @ dJ @ J.T",
            id="no brackets after a sign",
        ),
        pytest.param(
            "kalman-step",
            "dPp @ A @ P.T + dPp.T @ A @ P",
            "dPp.T @ A @ P",
            "dA = np.outer(dmp, m) + dPp.T @ A @ P + dPp @ A @ P.T",
            id="a term that holds for matrices that are not symmetric",
        ),
        pytest.param(
            "kalman-step",
            "dmp = dmean - H.T @ dv",
            "dmp = H.T @ dv",
            "dmp = dmean - H.T @ dv",
            id="what a product has to be subtracted from",
        ),
        pytest.param(
            "vae-loss",
            "(np.exp(logvar) - 1) / (2 * N)",
            "(np.exp(logvar) - 1) / 2",
            "dlogvar = dsigma * sigma / 2 + (np.exp(logvar) - 1) / (2 * N)",
            id="one divisor where a number divides already",
        ),
        pytest.param("rms-norm", "r**3 * dr", "r**1 * dr", "dms = -0.5 * r**3 * dr", id="no power of a power"),
        pytest.param(
            "cs231n-relu", "dout * (x > 0)", "dout * (-x > 0)", "dx = dout * (x > 0)", id="a sign in a comparison"
        ),
        pytest.param(
            "lstm-cell",
            "dc = u_c + (1 - s**2) * ds",
            "dc = u_c + (s**2 - 1) * ds",
            "dc = u_c + (1 - s**2) * ds",
            id="a slope the other way round",
        ),
        pytest.param(
            "conv2d-pool",
            "db = da.sum(axis=(0, 2, 3))",
            "db = da",
            "db = da.sum(axis=(0, 2, 3))",
            id="a sum over three of four axes",
        ),
        pytest.param(
            "cs231n-batch-norm",
            "dx = dcentred + dmean / n",
            "dx = dcentred + dmean",
            "dx = dcentred + dmean / n",
            id="a divisor in the line at fault, no mean in an earlier one",
        ),
        pytest.param(
            "cs231n-batch-norm",
            "+ 2 * centred / n * dvar",
            "+ centred / n * dvar",
            "dcentred = dx_hat * inverse_std + 2 * centred / n * dvar",
            id="a 2 in the summand at fault",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "cs231n-batch-norm",
            "dx = dcentred + dmean / n",
            "dx = dcentred",
            "dx = dcentred + dmean / n",
            id="what was computed and is read nowhere",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "cs231n-batch-norm",
            "dinverse_std = (dx_hat * centred).sum(axis=0)",
            "dinverse_std = (dx_hat * centred).sum(axis=1)",
            "dinverse_std = (dx_hat * centred).sum(axis=0)",
            id="an axis because of which a later line raises",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "lstm-cell",
            "dq = da_o @ W_o.T + da_f @ W_f.T",
            "dq = da_f @ W_o.T + da_o @ W_f.T",
            "dq = da_o @ W_o.T + da_f @ W_f.T + da_i @ W_i.T + da_g @ W_g.T",
            id="two names exchanged with one another",
        ),
        pytest.param(
            "conv1d",
            "dw[f] += dout[i, f, t] * xpad[i, :, t : t + K]",
            "dw[f] += dout[i, f, t] * xpad[i, :, :K]",
            "dw[f] += dout[i, f, t] * xpad[i, :, t : t + K]",
            id="a slice that has to move with a counter",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "gelu-mlp",
            "(1 + 3 * 0.044715 * a**2)",
            "(1 + 0.044715 * a**2)",
            "da = dh * 0.5 * (1 + t) + du * c * (1 + 3 * 0.044715 * a**2)",
            id="the 3 of a cube",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_repair_is_what_an_expert_would_write(exercise: str, right: str, line: str, fix: str) -> None:
    (step,) = wrong(exercise, right, line).values()

    assert fix_of(step) == fix


@pytest.mark.parametrize(
    ("exercise", "right", "line", "fix"),
    [
        pytest.param(
            "newton-step",
            "dda_dw = ddr_dw * (1 - h**2) - dr * 2 * h * dh_dw",
            "dda_dw = ddr_dw * (1 - h**2) - dr * 2 * h",
            "dda_dw = ddr_dw * (1 - h**2) - dr * 2 * h * dh_dw",
            id="a factor of a second derivative",
        ),
        pytest.param("tanh-chain", "dy2_dwy = h2", "dy2_dwy = dh1raw_dwh", "dy2_dwy = h2", id="another name alone"),
        pytest.param(
            "batch-norm",
            "ddiff2 = torch.ones_like(diff2) / (n - 1) * dvar",
            "ddiff2 = torch.ones_like(diff2) * dvar / n - 1",
            "ddiff2 = torch.ones_like(diff2) * dvar / (n - 1)",
            id="brackets left out of a divisor",
        ),
        pytest.param(
            "batch-norm",
            "dvar = -0.5 * (var + 1e-5) ** -1.5 * dinv",
            "dvar = dinv * -2 * (var + 1e-5) ** -1.5",
            "dvar = dinv * -0.5 * (var + 1e-5) ** -1.5",
            id="another number rather than a negative divisor",
        ),
        pytest.param(
            "relu-mlp",
            "self.dE = 2 * self.E / len(self.X)",
            "N = len(self.X); self.dE = 2 * self.E / self.E.size",
            "self.dE = 2 * self.E / N",
            id="no power of a number",
        ),
        pytest.param(
            "relu-mlp",
            "self.mask = self.Z1 > 0",
            "self.mask = np.where(self.Z1 > 0, self.Z1, 0)",
            "self.mask = np.where(self.Z1 > 0, 1, 0)",
            id="1 for the value in a branch",
        ),
        pytest.param(
            "hinge-loss",
            "dscores[rows, y] += dright",
            "dscores[rows, y] -= dright",
            "dscores[rows, y] += dright",
            id="added where it is subtracted, not put in place",
        ),
        pytest.param("shared-weight", "c = math.tanh(a)", "c = a", "c = math.tanh(a)", id="imported in another cell"),
        pytest.param(
            "shared-weight",
            'dx_encoded = grads["da"] * w',
            'dx_encoded = grads["da"] + w',
            'dx_encoded = grads["da"] * w',
            id="a local that fills a dict",
        ),
    ],
)
def test_a_proven_repair_of_a_small_mistake_is_not_lost(exercise: str, right: str, line: str, fix: str) -> None:
    (step,) = wrong(exercise, right, line).values()

    assert fix_of(step) == fix


def test_sums_that_begin_with_another_number_begin_with_0() -> None:
    source = (SOLUTIONS.parent / "tests/quality/right/graph_accumulated.py").read_text()
    exercise = SOLUTIONS.parent / "tests/quality/exercises/retold-graph.yaml"
    begun = source.replace("da = db = dc = dk = 0.0", "da = db = dc = dk = 4.0")
    result = warm.check(str(exercise), load_bytes(begun.encode(), "mine.py"))

    (step,) = [one for one in result.steps if one.outcome == "wrong"]
    assert fix_of(step) == "da = db = dc = dk = 0"


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("dh1_raw = (h1**2 - 1) * dh1", "dh1_raw = (1 - h1**2) * dh1"),
        ("dh1_raw = (1 - h1**2) * -dh1", "dh1_raw = (1 - h1**2) * dh1"),
        ("dh1_raw = 2 * ((1 - h1**2) * dh1)", "dh1_raw = (1 - h1**2) * dh1"),
        ("dh1_raw = (1) * dh1", "dh1_raw = (1 - h1**2) * dh1"),
        ("dh1_raw = (-h1**2) * dh1", "dh1_raw = (1 - h1**2) * dh1"),
        ("dh1_raw = (1 - h1**2) * dh1 * dh1", "dh1_raw = (1 - h1**2) * dh1"),
    ],
)
def test_what_is_taken_away_or_turned_round_comes_before_what_is_added(line: str, fix: str) -> None:
    (step,) = wrong("tanh-chain", "dh1_raw = (1 - h1**2) * dh1", line).values()

    assert fix_of(step) == fix


@pytest.mark.parametrize(
    ("exercise", "right", "line", "fix"),
    [
        pytest.param(
            "attention",
            "dk = dscores.T @ q * scale",
            "dk = dscores.T @ q",
            "dk = dscores.T @ q * scale",
            id="a constant by the name it has",
        ),
        pytest.param(
            "cs231n-relu",
            "dx = dout * (x > 0)",
            "dx = dout * x",
            "dx = dout * (x > 0)",
            id="of two names the line's own",
        ),
        pytest.param(
            "relu-mlp",
            "self.dW1 = self.X.T @ self.dZ1",
            "self.dW1 = self.dZ1.T @ self.X",
            "self.dW1 = self.X.T @ self.dZ1",
            id="a transposed product the other way round",
        ),
        pytest.param(
            "rnn",
            "dW += np.outer(da[t], h[t - 1])",
            "dW += np.outer(h[t - 1], da[t])",
            "dW += np.outer(da[t], h[t - 1])",
            id="an outer product the other way round",
        ),
        pytest.param(
            "relu-mlp",
            "self.mask = self.Z1 > 0",
            "self.mask = self.Z1 < 0",
            "self.mask = self.Z1 > 0",
            id="a mask inverted",
        ),
        pytest.param(
            "conv1d",
            "db = dout.sum(axis=(0, 2))",
            "db = dout.sum(axis=0)",
            "db = dout.sum(axis=(0, 2))",
            id="several axes as a tuple",
        ),
        pytest.param(
            "batch-norm", "dx = ddiff + dmean / n", "dx = ddiff + dmean / (n - 1)", "dx = ddiff + dmean / n", id="n"
        ),
        pytest.param(
            "batch-norm",
            "ddiff2 = torch.ones_like(diff2) / (n - 1) * dvar",
            "ddiff2 = torch.ones_like(diff2) / n * dvar",
            "ddiff2 = torch.ones_like(diff2) / (n - 1) * dvar",
            id="n - 1",
        ),
        pytest.param(
            "cs231n-layer-norm",
            "common_shift = g.mean(axis=1, keepdims=True)",
            "common_shift = g.sum(axis=1, keepdims=True)",
            "common_shift = g.mean(axis=1, keepdims=True)",
            id="no brackets around a name",
        ),
        pytest.param(
            "layer-norm", "d = x.shape[1]", "d = x.shape[0]", "d = x.shape[1]", id="another axis, not another array"
        ),
        pytest.param(
            "softmax-jacobian",
            "e[:, None] / s**2",
            "e[None, :] / s**2",
            "dp_de = np.eye(len(z)) / s - e[:, None] / s**2",
            id="a column for a row",
        ),
        pytest.param(
            "softmax-jacobian",
            "dz = p * (u - (u * p).sum())",
            "dz = p * (u - (v * p).sum())",
            "dz = p * (u - (u * p).sum())",
            id="no number for an array",
        ),
        pytest.param(
            "softmax-cross-entropy-fused",
            "dlogits[np.arange(len(y)), y] -= 1",
            "dlogits[np.arange(len(y)), y] = -1",
            "dlogits[np.arange(len(y)), y] -= 1",
            id="subtracted, not added with a minus",
        ),
        pytest.param(
            "logistic-regression",
            "dp = dnll * (-y / p + (1 - y) / (1 - p))",
            "dp = dnll * (-y / p - (1 - y) / (1 - p))",
            "dp = dnll * (-y / p + (1 - y) / (1 - p))",
            id="the sign between two summands",
        ),
        pytest.param(
            "cs231n-lstm-step",
            "dc = dnext_c + o * (1 - squashed**2) * dnext_h",
            "dc = dnext_c * o * (1 - squashed**2) * dnext_h",
            "dc = dnext_c + o * (1 - squashed**2) * dnext_h",
            id="a sum that was written as a product",
        ),
    ],
)
def test_a_repair_has_the_names_and_the_form_of_the_lines_around(
    exercise: str, right: str, line: str, fix: str
) -> None:
    (step,) = wrong(exercise, right, line).values()

    assert fix_of(step) == fix


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("dh1_dwh = 1 - h1**2 * dh1raw_dwh", "dh1_dwh = (1 - h1**2) * dh1raw_dwh"),
        ("dh1_dwh = (1 - h1)**2 * dh1raw_dwh", "dh1_dwh = (1 - h1**2) * dh1raw_dwh"),
        ("dh1_dwh = 1 - math.tanh(h1)**2 * dh1raw_dwh", "dh1_dwh = (1 - math.tanh(h1_raw)**2) * dh1raw_dwh"),
        ("dh1_dwh = (1 - h1*2) * dh1raw_dwh", "dh1_dwh = (1 - h1**2) * dh1raw_dwh"),
    ],
)
def test_brackets_and_powers_stay_what_the_student_wrote_them_for(line: str, fix: str) -> None:
    (step,) = wrong("tanh-chain", "dh1_dwh = (1 - h1**2) * dh1raw_dwh", line).values()

    assert fix_of(step) == fix


@pytest.mark.parametrize(
    ("exercise", "right", "spoilt"),
    [
        ("relu-mlp", "self.dH = self.dO @ self.W2.T", "self.dH *= 0.5"),
        ("attention", "dv = weights.T @ dout", "dv /= 4"),
        ("tanh-chain", "dh2 = w_y * dy2", "dh2 = dh2 * 2"),
    ],
)
def test_a_line_that_only_spoils_a_right_value_is_left_out(exercise: str, right: str, spoilt: str) -> None:
    indent = "        " if right.startswith("self.") else ""
    (step,) = wrong(exercise, right, f"{right}\n{indent}{spoilt}").values()

    assert fix_of(step) == ""
    assert step.code == spoilt
    assert step.diagnosis is not None
    assert step.diagnosis.message == "The value is right before this line changes it."


def test_a_value_that_nothing_reads_is_missing_where_its_partner_is_copied() -> None:
    found = wrong("shared-weight", 'grads["dx"] = dx_target + dx_encoded', 'grads["dx"] = dx_encoded')

    assert [fix_of(step) for step in found.values()] == ['grads["dx"] = dx_encoded + dx_target']


def test_a_forgotten_weight_decay_has_its_own_name() -> None:
    (step,) = wrong("tanh-mlp", " + self.reg * self.W1", "").values()

    assert step.diagnosis is not None
    assert step.diagnosis.code == "regularisation-missing"


@pytest.mark.slow
def test_a_line_that_cannot_be_read_is_repaired_beside_another_mistake() -> None:
    script = Path(__file__).parents[1] / "quality" / "reach" / "rnn_append.py"
    source = script.read_text().replace("h[t] - y[t] + carry", "h[t] - y[t]").replace("sum(da[1:])", "sum(dh[1:])")
    result = warm.check("rnn", load_bytes(source.encode(), "mine.py"))
    fixes = [fix_of(step) for step in result.steps if step.outcome == "wrong"]

    assert fixes == ["dh.append(h[t] - y[t] + carry)", "db = sum(da[1:])"]


def test_a_right_value_that_is_divided_afterwards_is_not_said_to_be_counted_twice() -> None:
    right = "self.dZ1 = self.dH * self.mask"
    (step,) = wrong("relu-mlp", right, f"{right}\n        self.dZ1 /= len(self.X)").values()

    assert step.diagnosis is not None
    assert step.diagnosis.code == "extra-one-over-n"
