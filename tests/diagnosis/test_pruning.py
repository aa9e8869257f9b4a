"""The quick check of an edit at one point: what a part must be for the whole to be right."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy
import pytest

from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.meaning import ScalarMeaning
from grader.diagnosis.repair_search.pruning import Probe, near, undone
from grader.formula.parse import parse_expression
from grader.formula.syntax import Call, Expression, text, walk
from grader.judge.matching.compare import Measure

BY = Measure(1e-9, 1e-12)
NUMBERS = {"a": 2.0, "b": 3.0, "c": 4.0, "five": 5.0, "six": 6.0, "eight": 8.0}


def probe(source: str, right: Any, held: dict[str, Any] | None = None) -> Probe:
    meaning = ScalarMeaning() if held is None else NumpyMeaning()
    return Probe(parse_expression(source), held or NUMBERS, right, BY, meaning)


def part(one: Probe, source: str) -> Expression:
    return next(node for node in walk(one.whole) if text(node) == source)


@pytest.mark.parametrize(
    ("source", "right", "before", "after", "passes"),
    [
        ("a * b + c", 14, "b", "five", True),
        ("a * b + c", 14, "b", "six", False),
        ("a * b + c", 14, "c", "eight", True),
        ("a * b + c", 14, "a * b + c", "a * five + c", True),
        ("a * b + c", 14, "a * b", "six", False),
        ("c - a / b", 3.6, "b", "five", True),
        ("c - a / b", 3.6, "b", "six", False),
        ("exp(a - b) * c", 4.0, "b", "a", True),  # what `exp` is taken of follows from nothing: it is evaluated
        ("exp(a - b) * c", 4.0, "b", "c", False),
        ("a * b + c", 14, "b", "nothing", False),
    ],
)
def test_an_edit_passes_if_it_may_make_the_whole_right(
    source: str, right: float, before: str, after: str, passes: bool
) -> None:
    one = probe(source, right)

    assert one.passes(part(one, before), parse_expression(after)) is passes


def test_a_part_that_occurs_twice_is_not_judged_by_one_of_its_places() -> None:
    twice = parse_expression("a + b")
    whole = Call("mul", (twice, twice), (), twice.place)
    one = Probe(whole, NUMBERS, 49.0, BY, ScalarMeaning())

    assert one.passes(twice, parse_expression("six"))


def test_a_part_of_another_expression_may_be_anything() -> None:
    assert probe("a * b", 14).passes(parse_expression("a"), parse_expression("six"))


KNOWN = [parse_expression(one) for one in ("2", "-2", "8", "5 / 3", "3 / 5", "7")]


@pytest.mark.parametrize(
    ("looked_for", "found"), [("factors", ["5 / 3", "3 / 5"]), ("summands", ["2", "-2"]), ("minuends", ["8"])]
)
@pytest.mark.parametrize("rows", [(), (2,)], ids=["a number", "an array"])
def test_what_a_part_may_be_combined_with_to_be_right(looked_for: str, found: list[str], rows: tuple[int, ...]) -> None:
    """In `a * b + c` = 14, b = 3 has to be 5."""
    held = {name: numpy.full(rows, value) for name, value in NUMBERS.items()} if rows else None
    one = probe("a * b + c", numpy.full(rows, 14.0) if rows else 14.0, held)

    assert [text(each) for each in getattr(one, looked_for)(part(one, "b"), KNOWN)] == found


def test_any_factor_may_be_the_one_of_a_part_that_is_0() -> None:
    one = probe("a * b + c", 4.0)  # b has to be 0

    assert one.factors(part(one, "b"), KNOWN) == KNOWN


@pytest.mark.parametrize("looked_for", ["factors", "summands"])
def test_any_part_may_be_missing_where_the_right_value_is_unknown(looked_for: str) -> None:
    one = probe("tanh(a) * c", 1.0)

    assert getattr(one, looked_for)(part(one, "a"), KNOWN) == KNOWN


def test_nothing_is_subtracted_from_where_the_right_value_is_unknown() -> None:
    one = probe("tanh(a) * c", 1.0)

    assert list(one.minuends(part(one, "a"), KNOWN)) == []


AGAIN = {
    "again_add": lambda new, old: old + new,
    "again_sub": lambda new, old: old - new,
    "again_mul": lambda new, old: old * new,
    "again_div": lambda new, old: old / new,
}
BINARY = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, **AGAIN}


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(("operation", "function"), BINARY.items(), ids=BINARY)
@pytest.mark.parametrize("operands", [[6.0, 1.5], [numpy.array([6.0, 2.0]), numpy.array([1.5, -4.0])]], ids=type)
def test_an_operation_is_undone(
    operation: str, function: Callable[[Any, Any], Any], operands: list[Any], place: int
) -> None:
    wanted = function(*operands)

    assert numpy.allclose(undone(operation, wanted, operands, place), operands[place])


def test_an_operation_of_one_operand_is_undone() -> None:
    matrix = numpy.arange(6.0).reshape(2, 3)

    assert undone("neg", -6.0, [0.0], 0) == 6.0
    assert numpy.array_equal(undone("transpose_all", matrix.T, [matrix], 0), matrix)
    assert undone("exp", 1.0, [0.0], 0) is None


@pytest.mark.parametrize(
    ("operation", "wanted", "operands", "place"),
    [("mul", 3.0, [5.0, 0.0], 0), ("div", 0.0, [5.0, 2.0], 1), ("again_mul", 3.0, [5.0, 0.0], 0),
     ("again_div", 0.0, [2.0, 5.0], 0), ("mul", numpy.ones(2), [numpy.ones(2), numpy.array([1.0, 0.0])], 0)],
)  # fmt: skip
def test_what_any_number_or_none_would_give_is_not_undone(
    operation: str, wanted: Any, operands: list[Any], place: int
) -> None:
    assert undone(operation, wanted, operands, place) is None


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        (1.00005, 1.0, True),
        (1.0002, 1.0, False),
        (-1.0, 1.0, False),
        (0.0, 0.0, True),
        (1.0, numpy.ones((2, 3)), True),  # may be broadcast
        (numpy.ones(3), numpy.ones((2, 3)), False),
        (numpy.ones((2, 1)), numpy.ones((2, 3)), True),
        (numpy.ones((3, 2)), numpy.ones((2, 3)), False),
        (numpy.ones((1, 3)), numpy.ones(3), True),
        (numpy.array([1.0, 1.00005]), numpy.ones(2), True),
        (numpy.array([1.0, 1.0002]), numpy.ones(2), False),
        (numpy.array([1e-5, 100.0]), numpy.array([0.0, 100.0]), True),  # small beside the largest
        (numpy.zeros((0, 3)), numpy.zeros((0, 3)), True),
        ([1.0], numpy.ones(1), False),
        (1j, 1.0, False),
    ],
)
def test_what_is_near(value: Any, wanted: Any, expected: bool) -> None:
    assert near(value, wanted, BY) is expected
