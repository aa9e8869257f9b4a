"""The values that a program computes without naming them."""

from __future__ import annotations

import pytest

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.intermediates import intermediates
from grader.judge.matching.compare import Measure
from grader.reference.autograd import build
from tests.reference.making import exercise

GIVEN: dict[str, object] = {name: 0.6 + 0.1 * place for place, name in enumerate("abcpqr")}


def found(forward: str) -> set[str]:
    one = exercise(GIVEN, forward, {"step": "d(L)/d(a)"})
    reference = build(one, "")
    derivation = Derivation(one, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))
    return {intermediate.name for intermediate in intermediates(derivation)}


def test_a_product_of_three_is_split_in_every_way() -> None:
    assert found("L = a * b * c\n") == {"a * b", "a * c", "b * c"}


def test_a_divisor_alone_is_what_one_is_divided_by_it() -> None:
    assert found("L = a * b / c\n") == {"a * b", "a / c", "b / c", "1 / c"}


def test_a_difference_keeps_the_signs_of_its_terms() -> None:
    assert found("L = a - b + c\n") == {"a + -b", "a + c", "-b + c", "-b"}


@pytest.mark.parametrize(
    ("product", "split"), [("a * b * c * p * q", True), ("a * b * c * p * q * r", False)], ids=["five", "six"]
)
def test_five_factors_are_split_in_every_way_and_six_only_as_they_are_written(product: str, split: bool) -> None:
    assert (f"a * {product[-1]}" in found(f"L = {product}\n")) is split
    assert "a * b" in found(f"L = {product}\n")
