"""The chain rule of programs that build one name up in a loop."""

from __future__ import annotations

import pytest

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import as_number, is_right
from grader.diagnosis.recognition.worked_examples import OWN
from grader.exercise.load import find, load
from grader.exercise.types import Exercise
from grader.judge.matching.compare import Measure
from grader.reference.autograd import build
from grader.reference.cache import reference_for
from tests.reference.making import exercise


def told(forward: str, passes: int, of: str = "L", by: str = "x[1]") -> str | None:
    """The rule of d(of)/d(by) in a program over `passes` elements of x; None where there is none."""
    given = {"w": 0.7, "T": {"value": passes, "fixed": True}}
    one = exercise(given, forward, {"step": f"d({of})/d({by})"})
    reference = build(one, "")
    derivation = Derivation(one, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))
    rule = derivation.rule(one.steps[0])
    return None if rule is None else rule.as_text({})


SUM = "x[0] = w\nL = 0\nfor t in range(1, T+1):\n    x[t] = w * x[t-1]\n    L = L + x[t]**2\n"


def test_what_a_loop_adds_up_has_every_summand_in_its_rule() -> None:
    assert told(SUM, 2) == "d(L)/d(x[1]) = 2 * x[1] + 2 * x[2] * d(x[2])/d(x[1])"


@pytest.mark.parametrize(
    "forward",
    [
        "x[0] = w\nL = 0\nfor t in range(1, T+1):\n    x[t] = w * x[t-1] + L\n    L = L + x[t]**2\n",
        "x[0] = w\nx[1] = w**2\nL = x[1]\nfor t in range(1, T+1):\n    L = L * L\n",
    ],
    ids=["read on the way", "doubled in every pass"],
)
def test_a_name_that_is_several_quantities_has_no_rule(forward: str) -> None:
    assert told(forward, 2) is None


def test_a_sum_of_hundreds_is_too_deep_a_formula() -> None:
    assert told(SUM, 200) is None


def test_the_rule_of_a_derivatives_derivative_differentiates_the_first_ones() -> None:
    forward = "h = tanh(w * x)\nL = h**2\n"
    steps: dict[str, object] = {
        "dh": "d(L)/d(h)",
        "hw": "d(h)/d(w)",
        "again": "d(d(L)/d(h))/d(w)",
        "dw": "d(d(L)/d(w))/d(w)",
    }
    one = exercise({"w": 0.7, "x": 1.2}, forward, steps)
    reference = build(one, "")
    derivation = Derivation(one, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))
    rules = [derivation.rule(step) for step in one.steps[2:]]

    assert [rule is not None and rule.known for rule in rules] == [True, True]
    assert rules[0] is not None
    assert rules[0].as_text({}) == "d(d(L)/d(h))/d(w) = 2 * d(h)/d(w)"


def derivation_of(one: Exercise) -> Derivation:
    reference = reference_for(one)
    return Derivation(one, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))


def named(name: str) -> Exercise:
    own = OWN / f"{name}.yaml"
    return load(own if own.exists() else find(name))


RULES = {
    "attended": [
        "d(y)/d(o) = g",
        "d(y)/d(s) = d(y)/d(o) @ v.T",
        "d(y)/d(z) = s * (d(y)/d(s) - sum(d(y)/d(s) * s, dim=1, keepdim=True))",
    ],
    "branches": [
        "d(y)/d(r) = s",
        "d(y)/d(s) = r",
        "d(y)/d(p) = (1 - r**2) * d(y)/d(r)",
        "d(y)/d(q) = (1 - s**2) * d(y)/d(s)",
        "d(y)/d(h) = a * d(y)/d(p) + b * d(y)/d(q)",
        "d(y)/d(x) = (1 - h**2) * d(y)/d(h)",
    ],
    "curvature": [
        "d(h)/d(w) = (1 - h**2) * d(a)/d(w)",
        "d(loss)/d(w) = 2 * r * d(r)/d(w)",
        "d(d(loss)/d(w))/d(w) = -(2 * h * d(h)/d(w) * (2 * r) * x) + x * ((1 - h**2) * (2 * d(r)/d(w)))",
    ],
    "elementary-chain": [
        "d(y)/d(b) = -(c / b**2)",
        "d(y)/d(c) = 1 / b",
        "d(y)/d(g) = 3 * g**2 * d(y)/d(c)",
        "d(y)/d(r) = v * d(y)/d(g)",
        "d(y)/d(t) = d(y)/d(r) / (2 * r)",
        "d(y)/d(l) = m * d(y)/d(t)",
        "d(y)/d(s) = d(y)/d(l) / s",
        "d(y)/d(e) = d(y)/d(s)",
        "d(y)/d(x) = e * d(y)/d(e)",
    ],
    "factors": [
        "d(loss)/d(p) = e * d(e)/d(p)",
        "d(loss)/d(q) = e * d(e)/d(q)",
    ],
    "gaussian": [
        "d(y)/d(mu) = 0.5 * (p * d(q)/d(mu))",
        "d(y)/d(logvar) = 0.5 + 0.5 * (q * d(p)/d(logvar))",
    ],
    "growth": [
        "d(z)/d(y) = c",
        "d(z)/d(x) = y * log(a) * d(z)/d(y)",
    ],
    "listed": [
        "d(y)/d(a2) = v * d(h2)/d(a2)",
        "d(y)/d(a1) = v * d(h2)/d(a1)",
        "d(y)/d(w) = h0 * d(y)/d(a1) + h1 * d(y)/d(a2)",
    ],
    "lookup": [
        "d(y)/d(e) = 2 * e * u",
        "d(y)/d(C) = transpose_all(one_hot(ix, classes=3)) @ d(y)/d(e)",
    ],
    "mean-square": [
        "d(loss)/d(P) = 2 * (P - Y) / n",
        "d(loss)/d(w) = X.T @ d(loss)/d(P)",
    ],
    "penalised": [
        "d(loss)/d(e) = 2 * e / n",
        "d(loss)/d(w) = X.T @ d(loss)/d(e) + 2 * w * lam",
    ],
    "quotient": [
        "d(f)/d(w) = f",
        "d(u)/d(w) = a * d(f)/d(w)",
        "d(g)/d(w) = 1 - g**2",
        "d(q)/d(w) = d(u)/d(w) / g - (u / g**2 * d(g)/d(w))",
    ],
    "recurrent": [
        "d(y)/d(h2) = v",
        "d(y)/d(z2) = (1 - h2**2) * d(y)/d(h2)",
        "d(y)/d(h1) = W.T @ d(y)/d(z2) + u",
        "d(y)/d(z1) = (1 - h1**2) * d(y)/d(h1)",
        "d(y)/d(h0) = W.T @ d(y)/d(z1)",
        "d(y)/d(W) = outer(d(y)/d(z1), h0) + outer(d(y)/d(z2), h1)",
    ],
    "scaled": [
        "d(y)/d(gamma) = sum(x * (r * d(y)/d(z)), dim=0)",
    ],
    "sigmoid-unit": [
        "d(z)/d(w) = x",
        "d(s)/d(w) = s * (1 - s) * d(z)/d(w)",
        "d(y)/d(w) = v * d(s)/d(w)",
        "d(y)/d(s) = v",
        "d(y)/d(z) = s * (1 - s) * d(y)/d(s)",
        "d(y)/d(w) = x * d(y)/d(z)",
        "d(y)/d(x) = w * d(y)/d(z)",
    ],
    "square": [
        "d(y)/d(q) = v",
        "d(y)/d(h) = 2 * h * d(y)/d(q)",
        "d(y)/d(x) = (1 - h**2) * d(y)/d(h)",
    ],
    "stretched": [
        "d(y)/d(p) = g",
        "d(y)/d(n) = sum(c * d(y)/d(p), dim=1, keepdim=True)",
        "d(y)/d(s) = -(d(y)/d(n) / s**2)",
        "d(y)/d(c) = d(y)/d(s) * ones_like(c) + n * d(y)/d(p)",
    ],
    "tangent": [
        "d(h)/d(w) = (1 - h**2) * u",
        "d(z)/d(w) = A @ d(h)/d(w)",
        "d(y)/d(w) = sum(u * d(z)/d(w))",
    ],
    "two-layers": [
        "d(loss)/d(E) = 2 * E * d(loss)/d(S)",
        "d(loss)/d(P) = d(loss)/d(E)",
        "d(loss)/d(Y) = -(d(loss)/d(E))",
        "d(loss)/d(W2) = H.T @ d(loss)/d(P)",
        "d(loss)/d(H) = d(loss)/d(P) @ W2.T",
        "d(loss)/d(Z1) = (1 - H**2) * d(loss)/d(H)",
        "d(loss)/d(W1) = X.T @ d(loss)/d(Z1)",
        "d(loss)/d(b1) = sum(d(loss)/d(Z1), dim=0)",
    ],
    "units": [
        "d(y)/d(a) = c1 * d(y1)/d(a)",
        "d(y)/d(b) = c2 * d(y2)/d(b)",
        "d(y)/d(k) = c3 * d(y3)/d(k)",
        "d(y)/d(e) = c4 * d(y4)/d(e)",
    ],
    "windows": [
        "d(z)/d(w) = u[0] * d(y0)/d(w) + u[1] * d(y1)/d(w) + u[2] * d(y2)/d(w)",
        "d(z)/d(xp) = u[0] * d(y0)/d(xp) + u[1] * d(y1)/d(xp) + u[2] * d(y2)/d(xp)",
        "d(z)/d(x) = (d(z)/d(xp))[1:6]",
    ],
    "hinge-loss": [
        "d(loss)/d(margins) = ones_like(margins) / 5",
        "d(loss)/d(diff) = (diff > 0) * ((1 - one_hot(y, classes=3)) * d(loss)/d(margins))",
        "d(loss)/d(right) = -sum(d(loss)/d(diff), dim=1)",
        "d(loss)/d(scores) = one_hot(y, classes=3) * d(loss)/d(right)[:, None] + d(loss)/d(diff)",
        "d(loss)/d(W) = X.T @ d(loss)/d(scores) + 2 * W * lam",
        "d(loss)/d(b) = sum(d(loss)/d(scores), dim=0)",
        "d(loss)/d(X) = d(loss)/d(scores) @ W.T",
    ],
    "triplet-loss": [
        "d(loss)/d(hinge) = ones_like(hinge) / 5",
        "d(loss)/d(near) = (near - far + margin > 0) * d(loss)/d(hinge)",
        "d(loss)/d(far) = -((near - far + margin > 0) * d(loss)/d(hinge))",
        "d(loss)/d(a) = 2 * (a - p) * d(loss)/d(near)[:, None] + 2 * (a - n) * d(loss)/d(far)[:, None]",
        "d(loss)/d(p) = -(2 * (a - p) * d(loss)/d(near)[:, None])",
        "d(loss)/d(n) = -(2 * (a - n) * d(loss)/d(far)[:, None])",
        "d(loss)/d(W) = xa.T @ d(loss)/d(a) + xp.T @ d(loss)/d(p) + xn.T @ d(loss)/d(n)",
    ],
    "batch-norm": [
        "d(loss)/d(gamma) = sum(raw * d(loss)/d(out), dim=0)",
        "d(loss)/d(beta) = sum(d(loss)/d(out), dim=0)",
        "d(loss)/d(raw) = gamma * d(loss)/d(out)",
        "d(loss)/d(inv) = sum(diff * d(loss)/d(raw), dim=0, keepdim=True)",
        "d(loss)/d(var) = -0.5 * (var + 1e-5)**(-1.5) * d(loss)/d(inv)",
        "d(loss)/d(diff2) = d(loss)/d(var) / (length(x) - 1) * ones_like(diff2)",
        "d(loss)/d(diff) = 2 * diff * d(loss)/d(diff2) + inv * d(loss)/d(raw)",
        "d(loss)/d(mean) = -sum(d(loss)/d(diff), dim=0, keepdim=True)",
        "d(loss)/d(x) = d(loss)/d(mean) / 5 * ones_like(x) + d(loss)/d(diff)",
    ],
    "shared-weight": [
        "d(loss)/d(e) = e",
        "d(loss)/d(r) = d(loss)/d(e)",
        "d(loss)/d(c) = w * d(loss)/d(r)",
        "d(loss)/d(a) = (1 - c**2) * d(loss)/d(c)",
        "d(loss)/d(w) = x * d(loss)/d(a) + c * d(loss)/d(r)",
        "d(loss)/d(x) = w * d(loss)/d(a) - (d(loss)/d(e))",
    ],
    "product-quotient-exp-log": [
        "d(f)/d(g) = 1 / r",
        "d(f)/d(r) = -(g / r**2)",
        "d(f)/d(c) = d(f)/d(g) / c + d(f)/d(r) / (2 * r)",
        "d(f)/d(z) = d(f)/d(c)",
        "d(f)/d(b) = d(f)/d(c)",
        "d(f)/d(a) = -(b * d(f)/d(b))",
        "d(f)/d(x) = y * d(f)/d(a)",
        "d(f)/d(y) = x * d(f)/d(a)",
    ],
    "kalman-step": [
        "d(loss)/d(mean) = mean - state",
        "d(loss)/d(K) = outer(d(loss)/d(mean), v)",
        "d(loss)/d(v) = K.T @ d(loss)/d(mean)",
        "d(loss)/d(J) = H @ Pp.T @ d(loss)/d(K)",
        "d(loss)/d(S) = -(J.mT @ d(loss)/d(J) @ J.mT)",
        "d(loss)/d(r) = diag(d(loss)/d(S))",
        "d(loss)/d(Pp) = H.T @ (d(loss)/d(S) @ H) + d(loss)/d(K) @ J.T @ H",
        "d(loss)/d(mp) = H.T @ -(d(loss)/d(v)) + d(loss)/d(mean)",
        "d(loss)/d(q) = diag(d(loss)/d(Pp))",
        "d(loss)/d(m) = A.T @ d(loss)/d(mp)",
    ],
    "rnn": [
        "d(L)/d(h[4]) = h[4] - y[4]",
        "d(L)/d(h[3]) = W.T @ d(L)/d(a[4]) + h[3] - y[3]",
        "d(L)/d(h[2]) = W.T @ d(L)/d(a[3]) + h[2] - y[2]",
        "d(L)/d(h[1]) = W.T @ d(L)/d(a[2]) + h[1] - y[1]",
        "d(L)/d(a[4]) = (1 - h[4]**2) * d(L)/d(h[4])",
        "d(L)/d(a[3]) = (1 - h[3]**2) * d(L)/d(h[3])",
        "d(L)/d(a[2]) = (1 - h[2]**2) * d(L)/d(h[2])",
        "d(L)/d(a[1]) = (1 - h[1]**2) * d(L)/d(h[1])",
        "d(L)/d(b) = d(L)/d(a[1]) + d(L)/d(a[2]) + d(L)/d(a[3]) + d(L)/d(a[4])",
        "d(L)/d(h0) = d(L)/d(h[0])",
    ],
    "layer-norm": [
        "d(loss)/d(beta) = sum(d(loss)/d(out), dim=0)",
        "d(loss)/d(gamma) = sum(xhat * d(loss)/d(out), dim=0)",
        "d(loss)/d(xhat) = gamma * d(loss)/d(out)",
        "d(loss)/d(rstd) = sum(diff * d(loss)/d(xhat), dim=1, keepdim=True)",
        "d(loss)/d(var) = -0.5 * (var + 1e-5)**(-1.5) * d(loss)/d(rstd)",
        "d(loss)/d(diff) = 2 * diff * (d(loss)/d(var) / 6) + rstd * d(loss)/d(xhat)",
        "d(loss)/d(mean) = -sum(d(loss)/d(diff), dim=1, keepdim=True)",
        "d(loss)/d(x) = d(loss)/d(mean) / 6 * ones_like(x) + d(loss)/d(diff)",
    ],
    "vae-loss": [
        "d(loss)/d(xhat) = d(recon)/d(xhat)",
        "d(loss)/d(Wdec) = z.T @ d(loss)/d(xhat)",
        "d(loss)/d(b) = sum(d(loss)/d(xhat), dim=0)",
        "d(loss)/d(z) = d(loss)/d(xhat) @ Wdec.T",
        "d(loss)/d(sigma) = eps * d(loss)/d(z)",
        "d(loss)/d(mu) = d(loss)/d(z) + mu * d(loss)/d(kl) / 5",
        "d(loss)/d(Wmu) = x.T @ d(loss)/d(mu)",
        "d(loss)/d(Wlogvar) = x.T @ d(loss)/d(logvar)",
    ],
    "newton-step": [
        "d(loss)/d(r) = 2 * r",
        "d(loss)/d(a) = 2 * r * d(r)/d(a)",
        "d(loss)/d(w) = x * d(loss)/d(a)",
        "d(h)/d(w) = (1 - h**2) * d(a)/d(w)",
        "d(d(loss)/d(r))/d(w) = 2 * d(r)/d(w)",
        "d(d(loss)/d(a))/d(w) = (1 - h**2) * (d(d(loss)/d(r))/d(w)) - (2 * h * d(h)/d(w) * d(loss)/d(r))",
        "d(d(loss)/d(w))/d(w) = x * (d(d(loss)/d(a))/d(w))",
    ],
}


@pytest.mark.parametrize(("name", "expected"), RULES.items(), ids=RULES)
def test_the_rule_of_each_step_of_an_example(name: str, expected: list[str]) -> None:
    one = named(name)
    derivation = derivation_of(one)
    found = [derivation.rule(step) for step in one.steps]
    told = [rule.as_text({}) for rule in found if rule is not None and rule.known]

    assert [one for one in told if len(one) < LONGEST] == expected


LONGEST = 105


NAMES = [
    "attention", "batch-norm", "batch-norm-fused", "conv1d", "cs231n-affine", "cs231n-lstm-step",
    "gaussian-likelihood", "gelu-mlp", "gru-cell", "hinge-loss", "kalman-step", "layer-norm", "logistic-regression",
    "lstm-cell", "newton-step", "product-quotient-exp-log", "relu-mlp", "rms-norm", "rnn", "shared-weight",
    "softmax-cross-entropy", "tanh-mlp", "transformer-block", "triplet-loss", "vae-loss",
]  # fmt: skip


@pytest.mark.parametrize("name", sorted({*RULES, *NAMES}))
def test_a_rule_is_worth_what_autograd_says(name: str) -> None:
    one = named(name)
    derivation = derivation_of(one)
    wrong = [
        step.name
        for step in one.steps
        if (rule := derivation.rule(step)) is not None and rule.known
        for k, values in enumerate(derivation.reference.values)
        if not is_right(derivation.value(rule.formula, k), as_number(values[step.name]), derivation.measures[k])
    ]

    assert wrong == []
