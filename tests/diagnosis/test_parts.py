"""The parts of a formula that mistakes are known for: units of activation and statistics."""

from __future__ import annotations

import pytest

from grader.diagnosis.recognition.parts import statistics, unit_of
from grader.formula.build import NOWHERE
from grader.formula.parse import parse_expression, parse_program
from grader.formula.syntax import Name, statements, text


def unit(program: str) -> tuple[str, str, str, str] | None:
    """The unit that the last line of a program is: kind, argument, scale and alpha."""
    lines = list(statements(parse_program(program)))
    found = unit_of(lines[-1], Name("y", NOWHERE), {one.name: one for one in lines})
    return found and (found.kind, text(found.argument), text(found.scale), text(found.alpha))


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
