"""Formulas that are simplified as one writes them."""

from __future__ import annotations

import pytest

from grader.formula.build import cancelled
from grader.formula.parse import parse_expression
from grader.formula.syntax import text


@pytest.mark.parametrize(
    ("formula", "simple"),
    [
        ("4 - (4 - k)", "k"),
        ("x / 2 / n", "x / (2 * n)"),
        ("2 * W * (r / 2)", "W * r"),
        ("(r**3)**1", "r**3"),
        ("(r**2)**3", "r**6"),
        ("sum(eye(4) * D)", "trace(D)"),
        ("sum(-d)", "-sum(d)"),
    ],
)
def test_a_formula_is_simplified(formula: str, simple: str) -> None:
    assert text(cancelled(parse_expression(formula))) == simple


@pytest.mark.parametrize("formula", ["4 - (k - 4)", "x / n / 2", "r**a", "sum(A * D)", "x - (y - z)"])
def test_a_formula_that_is_simple_stays_the_same_object(formula: str) -> None:
    parsed = parse_expression(formula)

    assert cancelled(parsed) is parsed
