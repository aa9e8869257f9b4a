"""Whether a formula is right for a reason, or only at the numbers of the exercise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy
import pytest

from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.meaning import ScalarMeaning
from grader.diagnosis.repair_search.reasons import Reason, Reasons, equal_names
from grader.formula.parse import parse_expression

NUMBERS = {"a": 0.7, "b": 1.0, "c": 0.7, "h": 0.49, "same": 0.7}
ARRAYS = {
    "x": numpy.arange(12.0).reshape(4, 3) / 7,
    "d": numpy.arange(12.0).reshape(4, 3) / 5 - 1,
    "w": numpy.ones((4, 1)),
    "v": numpy.array([[1.0, 2.0, 4.0]]),
    "labels": numpy.array([0, 2, 1, 1]),
    "others": numpy.array([0, 2, 1, 1]),
    "n": 4,
    "k": 3,
}


def reasons(right: str, held: Mapping[str, Any], stated: Mapping[str, str] | None = None, **options: Any) -> Reasons:
    formulas = {name: parse_expression(formula) for name, formula in (stated or {}).items()}
    fixed, computed = options.pop("fixed", frozenset()), options.pop("computed", frozenset())
    return Reasons(
        (parse_expression(right),), held, fixed, computed, lambda formula: formula, {}, formulas, **options
    )  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "right", "reason"),
    [
        ("a + a", "2 * a", "free"),
        ("a * b", "a", None),  # b is 1 at every point
        ("c", "a", None),  # has the value of a
        ("a**2", "h", "stated"),
        ("h", "a * a", "stated"),
        ("h * b", "a * a", None),
        ("log(a * b)", "log(a) + log(b)", "free"),  # where there are logarithms
        ("a / 0", "a / 0", None),  # nowhere is there a number to agree with
    ],
)
def test_of_numbers(formula: str, right: str, reason: Reason | None) -> None:
    known = reasons(right, NUMBERS, {"h": "a * a"})

    assert known.hold(parse_expression(formula), ScalarMeaning()) == reason


def test_what_is_the_same_at_every_point_is_a_constant_of_the_program() -> None:
    one = parse_expression("a * b")

    assert reasons("a", NUMBERS, fixed=frozenset({"b"})).hold(one, ScalarMeaning()) == "free"


def test_a_name_that_always_has_the_value_of_another_stands_for_it() -> None:
    one = parse_expression("same * b")

    assert reasons("a * b", NUMBERS, twins={"same": "a"}).hold(one, ScalarMeaning()) == "free"


@pytest.mark.parametrize(
    ("formula", "right", "reason"),
    [
        ("sum(d, dim=0)", "sum(d, dim=0)", "free"),
        ("sum(d, dim=0) / 4", "mean(d, dim=0)", "free"),
        ("sum(d, dim=0) / n", "mean(d, dim=0)", "free"),
        ("sum(d, dim=0) / length(x)", "mean(d, dim=0)", "free"),
        ("sum(d, dim=0) / 3", "mean(d, dim=1)", None),
        ("sum(d) / (n * k)", "mean(d)", "free"),
        ("sum(d) / (4 * 3)", "mean(d)", "free"),
        ("sum(sum(d, dim=1) / k) / n", "mean(d)", "free"),
        ("sum(d) / (n * n)", "mean(d)", None),
        ("transpose_all(x) @ d / 4", "transpose_all(x) @ d / 4", "free"),
        ("d * w", "d", None),  # a column of ones
        ("x**2", "x * x", "free"),
    ],
)
def test_of_arrays(formula: str, right: str, reason: Reason | None) -> None:
    assert reasons(right, ARRAYS).hold(parse_expression(formula), NumpyMeaning()) == reason


@pytest.mark.parametrize(("name", "reason"), [("w", "free"), ("v", None)])
def test_a_matrix_of_different_numbers_is_no_constant_even_if_it_never_changes(
    name: str, reason: Reason | None
) -> None:
    held = {**ARRAYS, "same": ARRAYS[name]}
    known = reasons(f"d * {name}", held, fixed=frozenset({name, "same"}))

    assert known.hold(parse_expression("d * same"), NumpyMeaning()) == reason


@pytest.mark.parametrize(
    ("formula", "before", "computed", "expected"),
    [
        ("x[others]", "x[labels]", (), True),
        ("x[labels]", "x[labels]", (), False),
        ("x[others] + x[labels]", "x[others]", (), False),
        ("x[others]", "x[labels]", ("others",), False),
        ("x * d", "x", (), False),
    ],
)
def test_labels_that_nothing_has_to_do_with_may_have_the_needed_values_by_chance(
    formula: str, before: str, computed: tuple[str, ...], expected: bool
) -> None:
    known = reasons("x[labels]", ARRAYS, computed=frozenset(computed))

    assert known.brings_labels(parse_expression(formula), parse_expression(before)) is expected


def test_twins_have_the_same_numbers_at_every_point() -> None:
    there = {"x": numpy.ones(2), "y": numpy.ones(2), "z": numpy.ones(2), "p": 0.5, "q": 0.5, "i": numpy.array([1])}
    elsewhere = {**there, "z": numpy.zeros(2), "j": numpy.array([1]), "p": 0.25, "q": 0.25}

    assert equal_names([{**there, "j": numpy.array([1])}, elsewhere]) == {"y": "x", "q": "p"}


HELD: dict[str, Any] = {
    "e": numpy.linspace(-1.1, 1.3, 15).reshape(5, 3),
    "g": numpy.linspace(0.2, 3.1, 15).reshape(5, 3),
    "m": numpy.linspace(-0.7, 0.9, 5).reshape(5, 1),
    "w": numpy.linspace(0.3, 1.7, 3),
    "n": 5,
    "k": 0.4,
    "h": 0.3,
    "z": 0.7,
    "d": 1.0,
    "f": 2.0,
    "x": 1.3,
    "q": 1.3,
}


@pytest.mark.parametrize(
    ("right", "formula", "reason"),
    [
        ("2 * e / n", "2 * e / n", "free"),
        ("2 * e / n", "e * 2 / n", "free"),
        ("2 * e / n", "2 * e / 5", "free"),
        ("2 * e / n", "2 * e / length(e)", "free"),
        ("2 * e / n", "2 * e / shape_of(e)[0]", "free"),
        ("2 * e / n", "2 * e / 3", None),
        ("2 * e / n", "2 * e / shape_of(e)[1]", None),
        ("2 * e / n", "0.4 * e", None),
        ("sum(e, dim=0) / n", "mean(e, dim=0)", "free"),
        ("mean(e)", "sum(e) / 5 / 3", "free"),
        ("mean(e, dim=1)", "sum(e, dim=1) / 3", "free"),
        ("mean(w)", "sum(w) / 3", "free"),
        ("mean(w)", "sum(w) / 5", None),
        ("1 - h**2", "1 - tanh(z)**2", "stated"),
        ("1 - h**2", "1 - z**2", None),
        ("h * x", "tanh(z) * x", "stated"),
        ("x", "x * d", "constant"),
        ("x", "x / d", "constant"),
        ("x", "d", None),
        ("d * x", "x", "free"),
        ("x", "x + d - 1", "constant"),
        ("x", "q", "free"),
        ("q * q", "x * x", "free"),
        ("x", "z", None),
        ("e * g", "e * (e > 0)", "free"),
        ("e * (e > 0)", "e * g", "free"),
        ("e * g", "e", None),
        ("f * x", "2 * x", "free"),
        ("2 * x", "f * x", "free"),
        ("x**3", "x**3", "free"),
        ("x**n", "x**5", None),
        ("m * e", "e * m", "free"),
        ("sum(e * m)", "sum(m * e)", "free"),
        ("e", "e[:, None]", "free"),
        ("m", "m[:, 0]", "free"),
        ("unknown", "x", None),
        ("x", "unknown", None),
        ("full([5, 3], fill_value=k)", "full([5, 3], fill_value=k)", "free"),
        ("full([5, 3], fill_value=k)", "full([5, 3], fill_value=x)", None),
        ("log(x)", "log(x)", "free"),
        ("sqrt(-x)", "x", None),
        ("x * (x > 0)", "x", None),
        ("abs(x)", "x", None),
    ],
)
def test_of_lengths_seeds_twins_and_formulas_that_are_known(right: str, formula: str, reason: Reason | None) -> None:
    """`n` is a length, `d` a derivative that is 1, `f` a constant, `q` always `x`, and `h` and `g` have formulas."""
    known = Reasons(
        (parse_expression(right),),
        HELD,
        frozenset({"d", "f"}),
        frozenset({"h", "e"}),
        lambda node: node,
        {"g": parse_expression("e > 0")},
        {"h": parse_expression("tanh(z)")},
        {"q": "x"},
        frozenset({"d"}),
    )

    assert known.hold(parse_expression(formula), NumpyMeaning()) == reason
