"""A repair holds for a reason, in the student's hand: what an expert would write, not what happens to be right here."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import StepResult
from grader.submission.load import load_bytes
from tests import warm

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
            "inv = (var + 1e-05) ** -0.5",
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
