"""The parts of a formula that mistakes are known for: units of activation and statistics."""

from __future__ import annotations

import pytest

from grader.diagnosis.recognition.parts import (
    names_over_time,
    penalties,
    statistics,
    unit_of,
    without_penalty,
    without_statistics,
)
from grader.exercise.load import loads
from grader.formula.build import NOWHERE
from grader.formula.parse import parse_expression, parse_program
from grader.formula.syntax import Name, statements, text


def unit(program: str) -> tuple[str, str, str, str] | None:
    """The unit that the last line of a program is: kind, argument, scale and alpha."""
    lines = list(statements(parse_program(program)))
    found = unit_of(lines[-1], Name("y", NOWHERE), {one.name: one for one in lines})
    if found is None:
        return None
    return found.kind, text(found.argument), text(found.scale), text(found.alpha)


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("y = silu(x)", ("silu", "x", "1", "1")),
        ("y = x * sigmoid(x)", ("silu", "x", "1", "1")),
        ("y = sigmoid(x) * x", ("silu", "x", "1", "1")),
        ("s = sigmoid(x)\ny = x * s", ("silu", "x", "1", "1")),
        ("s = sigmoid(x)\ny = s * x", ("silu", "x", "1", "1")),
        ("y = x * sigmoid(z)", None),
        ("s = sigmoid(z)\ny = x * s", None),
        ("y = log(1 + exp(x))", ("softplus", "x", "1", "1")),
        ("y = log(exp(x) + 1)", ("softplus", "x", "1", "1")),
        ("y = log1p(exp(x))", ("softplus", "x", "1", "1")),
        ("y = log(2 + exp(x))", None),
        ("y = 0.5 * x * (1 + erf(x / sqrt(2)))", ("gelu", "x", "1", "1")),
        ("y = 0.5 * x * (1 + erf(z / sqrt(2)))", None),
        ("y = 0.5 * x", None),
        ("y = where(x > 0, x, exp(x) - 1)", ("elu", "x", "1", "1")),
        ("y = where(x > 0, x, a * expm1(x))", ("elu", "x", "1", "a")),
        ("y = where(x > 0, k * x, k * a * (exp(x) - 1))", ("elu", "x", "k", "a")),
        ("y = where(x > 0, x, exp(x))", None),
        ("y = where(x > 0, x, exp(z) - 1)", None),
        ("y = where(x > 0, x, exp(x) - 2)", None),
        ("y = where(x > 0, k * x, a * (exp(x) - 1))", None),
        ("y = where(x > 0, x, a * k * (exp(x) - 1))", None),
    ],
)
def test_which_unit_a_line_is(program: str, expected: tuple[str, str, str, str] | None) -> None:
    assert unit(program) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x - mean(x)", ["mean(x)"]),
        ("(x - mean(x)) / sqrt(var(x))", ["mean(x)", "sqrt(var(x))"]),
        ("x / norm(x)", ["norm(x)"]),
        ("x / sum(x)", []),
        ("sum(x) / n", ["sum(x) / n"]),
        ("tanh(x) * 2", []),
    ],
)
def test_the_statistics_in_a_formula(formula: str, expected: list[str]) -> None:
    assert [text(one) for one in statistics(parse_expression(formula))] == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("y = where(x >= 0, x, exp(x) - 1)", ("elu", "x", "1", "1")),
        ("y = where(x > 0, x * k, (exp(x) - 1) * a * k)", ("elu", "x", "k", "a")),
        ("y = where(x > 1, x, exp(x) - 1)", None),
        ("y = where(x < 0, x, exp(x) - 1)", None),
        ("y = where(x > 0, k * m * x, k * m * (exp(x) - 1))", None),  # two scales
        ("y = where(x > 0, x * x, exp(x) - 1)", None),  # no x to the first power
        ("y = where(x > 0, k, k * (exp(x) - 1))", None),
        ("y = where(x > 0, x, a * b * (exp(x) - 1))", None),  # two alphas
        ("y = where(x > 0, x, (exp(x) - 1) * (exp(x) - 1))", None),
        ("y = where(x > 0, k * x, exp(x) - 1)", None),  # the scale is above alone
        ("y = where(x > 0, x, expm1(z))", None),
        ("y = x * (1 + erf(x)) * erf(x)", None),
        ("y = x[0] * (1 + erf(x[0] / sqrt(2)))", ("gelu", "x[0]", "1", "1")),
        ("y = tanh(x) * (1 + erf(x))", None),
        ("y = z * x * (1 + erf(x / sqrt(2)))", None),
        ("s = tanh(x)\ny = x * s", None),
        ("y = x * s", None),
        ("y = log(1 + x)", None),
        ("y = log(1 + 2)", None),
        ("y = log1p(x)", None),
        ("y = log(exp(x) + exp(x))", None),
        ("y = gelu(z)", ("gelu", "z", "1", "1")),
        ("y = softplus(z)", ("softplus", "z", "1", "1")),
        ("y = tanh(x)", None),
    ],
)
def test_a_unit_is_told_from_what_looks_like_it(program: str, expected: tuple[str, str, str, str] | None) -> None:
    assert unit(program) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("x / std(x)", ["std(x)"]),
        ("var(x) + tanh(mean(x))", ["var(x)", "mean(x)"]),
        ("norm(mean(x))", ["norm(mean(x))"]),  # the outermost
        ("sum(x) / 4", ["sum(x) / 4"]),
        ("sum(x) / x[0]", ["sum(x) / x[0]"]),
        ("sum(x) / length(x)", ["sum(x) / length(x)"]),
        ("sum(x) / (n - 1)", ["sum(x) / (n - 1)"]),
        ("sum(x) / tanh(n)", []),
        ("x / n", []),
        ("n / sum(x)", []),
        ("rsqrt(var(x))", ["rsqrt(var(x))"]),
        ("sqrt(dot(x, x))", ["sqrt(dot(x, x))"]),
        ("sqrt(sum(x))", ["sqrt(sum(x))"]),
        ("sqrt(x)", []),
        ("tanh(sum(x))", []),
        ("(sum(x) + 1)**-0.5", ["(sum(x) + 1)**(-0.5)"]),
        ("sum(x)**2", []),
    ],
)
def test_a_statistic_is_a_mean_or_a_root_of_a_sum(formula: str, expected: list[str]) -> None:
    assert [text(one) for one in statistics(parse_expression(formula))] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("L = mean(x) + tanh(x)", "detach(mean(x)) + tanh(x)"),
        ("L = (x - mean(x)) / sqrt(var(x))", "(x - detach(mean(x))) / detach(sqrt(var(x)))"),
        ("L = mean(z) + x", "mean(z) + x"),  # of something else
        ("L = x[mean(z)]", "x[mean(z)]"),
    ],
)
def test_what_is_left_of_a_line_whose_statistics_are_constants(line: str, expected: str) -> None:
    (statement,) = statements(parse_program(line))

    assert text(without_statistics(statement, "x").value) == text(parse_expression(expected))


WEIGHTS = """\
exercise: weights
title: Weights
given: {w: [0.3, -0.7], v: [1.2, 0.4], lam: 0.3, mu: -0.2, n: 5}
forward: |
  e = tanh(w)
  L = FORMULA
steps: {dw: d(L)/d(w)}
"""


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("sum(e) + lam * sum(w**2)", ["lam * sum(w**2)"]),
        ("lam * sum(w**2) - sum(e)", ["lam * sum(w**2)"]),
        ("-(lam * sum(w**2)) + sum(e)", ["lam * sum(w**2)"]),
        ("sum(e) + lam * sum(w**2) + mu * sum(abs(v))", ["lam * sum(w**2)", "mu * sum(abs(v))"]),
        ("sum(e) + 0.5 * lam * norm(w)", ["0.5 * lam * norm(w)"]),
        ("sum(e) + lam * dot(w, w)", ["lam * dot(w, w)"]),
        ("sum(e) + lam * sum(w * w)", ["lam * sum(w * w)"]),
        ("sum(e) + lam * (w @ w)", ["lam * (w @ w)"]),
        ("sum(e) + lam * sum(square(w))", ["lam * sum(square(w))"]),
        ("sum(e) + lam * mu * sum(w**2)", ["lam * mu * sum(w**2)"]),
        ("lam * sum(w**2)", []),  # the only summand
        ("sum(e) + sum(w**2)", []),  # nothing weights it
        ("sum(e) + lam * sum(w**3)", []),
        ("sum(e) + lam * sum(w)", []),
        ("sum(e) + lam * dot(w, v)", []),
        ("sum(e) + lam * sum(e**2)", []),  # of no parameter
        ("sum(e) + n * sum(w**2)", []),  # a number of entries
        ("sum(e) + sum(v * w**2)", []),  # an array weights it
        ("sum(e) + lam * mu", []),
        ("sum(e) * (lam * sum(w**2))", []),
    ],
)
def test_a_penalty_is_a_number_times_a_norm_of_parameters_beside_other_summands(
    formula: str, expected: list[str]
) -> None:
    exercise = loads(WEIGHTS.replace("FORMULA", formula))
    *_, statement = statements(exercise.program)

    assert [text(one) for one in penalties(statement, exercise)] == [text(parse_expression(one)) for one in expected]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("sum(e) + lam * sum(w**2)", "sum(e) + detach(lam * sum(w**2))"),
        ("sum(e) - mu * sum(v**2) - lam * norm(w)", "sum(e) - detach(mu * sum(v**2)) - detach(lam * norm(w))"),
        ("lam * sum(w**2)", "detach(lam * sum(w**2))"),  # a line of its own
        ("sum(e) + sum(w**2)", "sum(e) + sum(w**2)"),
    ],
)
def test_what_is_left_of_a_line_whose_penalties_are_constants(formula: str, expected: str) -> None:
    exercise = loads(WEIGHTS.replace("FORMULA", formula))
    *_, statement = statements(exercise.program)

    assert text(without_penalty(statement, exercise).value) == text(parse_expression(expected))


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("for t in range(1, 4):\n  h[t] = tanh(w * h[t - 1] + x[t])\n", {"h", "x"}),
        ("for t in range(1, 4):\n  z[t] = w * h[t - 1]\n  h[t] = tanh(z[t])\n", {"h", "z"}),
        ("for i in range(2):\n  for t in range(1, 4):\n    h[t] = w * h[t - 1]\n", {"h"}),
        ("for t in range(1, 4):\n  h[t] = w[0] * h[t - 1]\n", {"h", "w"}),
        ("for t in range(1, 4):\n  h[t] = h[t - 1] * h[t - 1]\n", {"h"}),
        ("for t in range(1, 4):\n  h[t] = u[t] * v[t] + h[t - 1]\n", {"h", "u", "v"}),
        ("for t in range(1, 4):\n  h[t] = tanh(x[t])\n", set()),  # no state is carried on
        ("for t in range(1, 4):\n  h[t] = tanh(h[t])\n", set()),
        ("for l in range(1, 4):\n  h[l] = w[l] * h[l - 1]\n", set()),  # each layer has weights of its own
        ("for l in range(1, 4):\n  h[l] = h[l - 1] @ w[l]\n", set()),
        ("for l in range(1, 4):\n  h[l] = dot(w[l - 1], h[l - 1])\n", set()),
        ("h[0] = w\nh[1] = w * h[0]\n", set()),  # no loop
        ("for t in range(1, 4):\n  L = L + h[t]\n", set()),
    ],
)
def test_what_holds_one_value_per_time_step(program: str, expected: set[str]) -> None:
    assert names_over_time(parse_program(program)) == expected
