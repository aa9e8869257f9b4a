"""A step that is 0 only because terms cancel is judged by what its line makes of other values."""

from __future__ import annotations

import pytest

from grader.exercise.load import find, load, loads
from grader.reference.autograd import build
from grader.runner.session import Decide, Session
from grader.runner.types import Order, Trace
from grader.submission.load import load_bytes
from tests import warm

SOFTMAX = load(find("softmax-cross-entropy"))
START = """import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 4))
W = rng.uniform(-1, 1, (4, 3))
b = rng.uniform(-1, 1, 3)
y = np.array([0, 2, 1, 1, 0])
n = len(y)
logits = x @ W + b
logit_maxes = logits.max(1, keepdims=True)
norm_logits = logits - logit_maxes
counts = np.exp(norm_logits)
counts_sum = counts.sum(1, keepdims=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = np.log(probs)
loss = -logprobs[range(n), y].mean()
dlogprobs = np.zeros_like(logprobs)
dlogprobs[range(n), y] = -1.0 / n
dprobs = dlogprobs / probs
dcounts_sum_inv = (dprobs * counts).sum(1, keepdims=True)
dcounts_sum = -counts_sum**-2 * dcounts_sum_inv
dcounts = counts_sum_inv * dprobs + np.ones_like(counts) * dcounts_sum
dnorm_logits = counts * dcounts
"""
MAXES = "dlogit_maxes = -dnorm_logits.sum(1, keepdims=True)\n"
LOGITS = "dlogits = dnorm_logits.copy()\ndlogits[range(n), logits.argmax(1)] += dlogit_maxes[:, 0]\n"
END = "dW = x.T @ dlogits\ndb = dlogits.sum(0)\ndx = dlogits @ W.T\n"
ONE_HOT = "np.eye(3)[logits.argmax(1)]"

WRONG_MAXES = {
    "typed": "dlogit_maxes = np.zeros((5, 1))\n",
    "typed as a number": "dlogit_maxes = np.zeros((n, 1)) + 0.0\n",
    "typed into another's shape": "dlogit_maxes = np.zeros_like(logit_maxes)\n",
    "typed under another name": "nothing = np.zeros((n, 1))\ndlogit_maxes = nothing\n",
    "typed in a function": "def shift(d):\n    return np.zeros((n, 1))\ndlogit_maxes = shift(dnorm_logits)\n",
    "a product with 0": "dlogit_maxes = 0 * dnorm_logits.sum(1, keepdims=True)\n",
    "a difference of equals": "dlogit_maxes = logit_maxes - logit_maxes\n",
    "without the sign": "dlogit_maxes = dnorm_logits.sum(1, keepdims=True)\n",
    "without the sign, through a helper": "t = dnorm_logits.sum(1, keepdims=True)\ndlogit_maxes = t\n",
    "without the sign, in parts": "dlogit_maxes = (counts * dcounts).sum(1, keepdims=True)\n",
    "the mean": "dlogit_maxes = -dnorm_logits.mean(1, keepdims=True)\n",
    "twice": "dlogit_maxes = -2 * dnorm_logits.sum(1, keepdims=True)\n",
    "squared": "dlogit_maxes = -dnorm_logits.sum(1, keepdims=True)**2\n",
    "a sum over everything": "dlogit_maxes = -dnorm_logits.sum() * np.ones((n, 1))\n",
    "a small constant": "dlogit_maxes = np.full((n, 1), 1e-17)\n",
    "in a loop": "dlogit_maxes = np.zeros((n, 1))\nfor i in range(n):\n    for j in range(3):\n"
    "        dlogit_maxes[i, 0] += dnorm_logits[i, j]\n",
    "typed in a text": "exec('dlogit_maxes = np.zeros((n, 1))')\n",
    "without the sign in a text": "exec('dlogit_maxes = dnorm_logits.sum(1, keepdims=True)')\n",
}
WRONG_LOGITS = {
    "at another index": "dlogits = dnorm_logits.copy()\ndlogits[range(n), y] += dlogit_maxes[:, 0]\n",
    "subtracted": f"dlogits = dnorm_logits - {ONE_HOT} * dlogit_maxes\n",
    "to all entries": "dlogits = dnorm_logits + dlogit_maxes\n",
    "twice": f"dlogits = dnorm_logits + 2 * {ONE_HOT} * dlogit_maxes\n",
    "at the smallest": "dlogits = dnorm_logits + np.eye(3)[logits.argmin(1)] * dlogit_maxes\n",
}
RIGHT = {
    "as it is": MAXES + LOGITS,
    "by a one-hot matrix": MAXES + f"dlogits = dnorm_logits + {ONE_HOT} * dlogit_maxes\n",
    "through a helper": "t = dnorm_logits.sum(1, keepdims=True)\ndlogit_maxes = -t\n" + LOGITS,
    "in parts": "dlogit_maxes = -(counts * dcounts).sum(1, keepdims=True)\n" + LOGITS,
    "from further up": "dlogit_maxes = -(counts * (counts_sum_inv * dprobs + dcounts_sum)).sum(1, keepdims=True)\n"
    + LOGITS,
    "from the probabilities": "dlogit_maxes = -((probs - np.eye(3)[y]) / n).sum(1, keepdims=True)\n" + LOGITS,
    "in a function": "def shift(d):\n    return -d.sum(1, keepdims=True)\ndlogit_maxes = shift(dnorm_logits)\n"
    + LOGITS,
    "by a product with ones": "dlogit_maxes = -(dnorm_logits @ np.ones((3, 1)))\n" + LOGITS,
    "in a loop": "dlogit_maxes = np.zeros((n, 1))\nfor i in range(n):\n    for j in range(3):\n"
    "        dlogit_maxes[i, 0] -= dnorm_logits[i, j]\n" + LOGITS,
    "row by row": "dlogit_maxes = np.array([[-row.sum()] for row in dnorm_logits])\n" + LOGITS,
    "known to be 0 and left out": MAXES + "dlogits = dnorm_logits\n",
    "known to be 0 and left out of a copy": MAXES + "dlogits = dnorm_logits.copy()\n",
    "the whole in one formula": MAXES + "dlogits = (probs - np.eye(3)[y]) / n\n",
    "the whole in one formula, and the term": MAXES
    + f"dlogits = (probs - np.eye(3)[y]) / n + {ONE_HOT} * dlogit_maxes\n",
    "both in one line": MAXES + f"dlogits = dnorm_logits - {ONE_HOT} * dnorm_logits.sum(1, keepdims=True)\n",
    "shown to be small": MAXES + "assert abs(dlogit_maxes).max() < 1e-9\n" + LOGITS,
    "in a dict": "g = {}\ng['dlogit_maxes'] = -dnorm_logits.sum(1, keepdims=True)\ndlogit_maxes = g['dlogit_maxes']\n"
    + LOGITS,
    "all by exec": "exec('dlogit_maxes = -dnorm_logits.sum(1, keepdims=True); dlogits = dnorm_logits.copy(); '\n"
    "'dlogits[range(n), logits.argmax(1)] += dlogit_maxes[:, 0]')\n",
    "by exec": "exec('dlogit_maxes = -dnorm_logits.sum(1, keepdims=True)')\n" + LOGITS,
    "in float32": "dlogit_maxes = -dnorm_logits.astype(np.float32).sum(1, keepdims=True)\n" + LOGITS,
}  # fmt: skip


def outcomes(code: str, start: str = START) -> dict[str, str | None]:
    result = warm.check(SOFTMAX, load_bytes((start + code + END).encode(), "mine.py"))
    return {step.name: step.reason for step in result.steps if step.outcome not in ("correct", "carried")}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("how", WRONG_MAXES)
def test_a_0_that_no_sum_leads_to_is_wrong(how: str) -> None:
    assert outcomes(WRONG_MAXES[how] + LOGITS) == {"dlogit_maxes": "cancelled"}


def test_a_0_typed_beside_a_formula_that_rests_on_forward_values_is_wrong() -> None:
    both = "dlogit_maxes, dlogits = np.zeros((n, 1)), (probs - np.eye(3)[y]) / n\n"

    assert outcomes(both) == {"dlogit_maxes": "cancelled"}


@pytest.mark.parametrize("how", WRONG_LOGITS)
def test_what_is_right_only_as_long_as_the_step_before_is_0_is_wrong(how: str) -> None:
    assert outcomes(MAXES + WRONG_LOGITS[how]) == {"dlogits": "cancelled"}


@pytest.mark.parametrize("how", RIGHT)
def test_a_derivation_is_right_in_whatever_way_it_is_written(how: str) -> None:
    assert outcomes(RIGHT[how]) == {}


def test_a_mistake_further_up_costs_its_own_step_alone() -> None:
    start = START.replace("dcounts_sum = -counts_sum", "dcounts_sum = counts_sum")

    assert outcomes(MAXES + LOGITS, start) == {"dcounts_sum": "value"}
    assert outcomes(WRONG_MAXES["without the sign"] + LOGITS, start) == {
        "dcounts_sum": "value",
        "dlogit_maxes": "cancelled",
    }


def cancelled(forward: str, steps: str) -> set[str]:
    text = (
        "exercise: e\ntitle: t\ngiven:\n  x: {shape: [4, 3], draw: normal}\n  b: {shape: [3], draw: normal}\n"
        "  k: 0.7\nforward: |\n" + "".join(f"  {line}\n" for line in forward.split("; ")) + "steps:\n"
        + "".join(f"  {line}\n" for line in steps.split("; "))
    )  # fmt: skip
    return {one.step for one in build(loads(text)).disturbances}


def test_the_run_that_shows_it_ends_with_the_last_step_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[tuple[int, int] | None] = []
    run = Session.run

    def noted(self: Session, order: Order, decide: Decide | None = None) -> Trace:
        ends.append(order.until)
        return run(self, order, decide)

    monkeypatch.setattr(Session, "run", noted)
    source = START + MAXES + LOGITS + END

    assert warm.check("softmax-cross-entropy", load_bytes(source.encode(), "mine.py")).complete
    assert ends[-1] == (0, source.splitlines().index(LOGITS.splitlines()[1]))


def test_a_bias_before_centring_cancels() -> None:
    assert cancelled("z = x + b; c = z - mean(z, 0); out = sum(c**3)", "dz: d(out)/d(z); db: d(out)/d(b)") == {"db"}


def test_what_no_path_reaches_does_not_cancel() -> None:
    assert (
        cancelled("z = x + b; u = k * 2; out = sum(z**3)", "dk: d(out)/d(k); du: d(out)/d(u); dz: d(out)/d(z)") == set()
    )


def test_a_seed_and_a_slope_of_0_do_not_cancel() -> None:
    assert cancelled("z = x * b; r = relu(z * 0 - 1); out = sum(r) + k", "s: d(out)/d(out); dz: d(out)/d(z)") == set()
