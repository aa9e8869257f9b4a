"""Formulas that are simplified as one writes them."""

from __future__ import annotations

import pytest

from grader.formula.build import cancelled, signs_first
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


@pytest.mark.parametrize(
    ("formula", "simple"),
    [
        ("x * -y", "-(x * y)"),
        ("x / -y", "-(x / y)"),
        ("-x * -y", "x * y"),
        ("2 * x * (-0.5 * y)", "-(x * y)"),
        ("2 * x * (0.5 * (1 / s) * -y)", "-(x * y / s)"),
        ("a - x * (b * -y)", "a - -(x * b * y)"),
        ("-(-x)", "x"),
    ],
)
def test_the_signs_of_factors_stand_in_front(formula: str, simple: str) -> None:
    assert text(signs_first(parse_expression(formula))) == simple


@pytest.mark.parametrize("formula", ["-x * y", "-(x * y)", "2 * x * y", "x - y", "-(a - b) / n"])
def test_a_formula_with_its_sign_in_front_stays_as_it_is(formula: str) -> None:
    parsed = parse_expression(formula)

    assert signs_first(parsed) is parsed
