"""Which edits of a line show a misconception, where the catalogue's two examples leave a way open."""

from __future__ import annotations

from dataclasses import replace as with_fields
from typing import cast

import pytest

from grader.diagnosis.misconceptions import quotient_rule_with_plus, wrong_axis
from grader.diagnosis.repair_search.edits import Edit, Kind, replaced
from grader.diagnosis.step.context import Context
from grader.formula.parse import parse_expression
from grader.formula.syntax import Call, text, walk


def edit(kind: Kind, whole: str, before: str, after: str) -> Edit:
    """The change of a part of a line."""
    root = parse_expression(whole)
    part = next(node for node in walk(root) if text(node) == before)
    return Edit(kind, part, parse_expression(after), root, lambda new: replaced(root, part, new))


NO_CONTEXT = cast(Context, None)
"""Where the line itself shows the quotient rule, nothing else is looked at."""


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("operator", "du * g + u * dg", "du * g - u * dg", True),
        ("sign", "u * dg", "-(u * dg)", True),
        ("sign", "du * g + u * dg", "-(du * g + u * dg)", False),
        ("operator", "du * g + u * dg", "(du * g) * (u * dg)", False),
        ("operator", "u * dg", "u / dg", False),
        ("function", "u * dg", "-(u * dg)", False),
        ("sign", "g**2", "-(g**2)", False),
    ],
)
def test_a_quotient_rule_with_plus_gets_a_minus_between_its_terms(
    kind: Kind, before: str, after: str, expected: bool
) -> None:
    one = edit(kind, "(du * g + u * dg) / g**2", before, after)

    assert quotient_rule_with_plus.recognises(one, NO_CONTEXT) is expected


@pytest.mark.parametrize("whole", ["du * g + u * dg", "(du * g + u * dg) * g**2", "x / (du * g + u * dg)"])
def test_a_sum_that_is_over_nothing_is_no_quotient_rule(whole: str) -> None:
    one = edit("operator", whole, "du * g + u * dg", "du * g - u * dg")

    assert not quotient_rule_with_plus.recognises(one, NO_CONTEXT)


@pytest.mark.parametrize(
    ("operation", "options", "expected"),
    [
        ("sum", "dim=0", True),
        ("sum", "", False),  # an axis too few
        ("mean", "dim=0", False),
        ("sum", "dim=1", False),  # as it was
    ],
)
def test_a_sum_over_another_axis_has_the_wrong_one(operation: str, options: str, expected: bool) -> None:
    root, other = (
        parse_expression("sum(x, dim=1)"),
        parse_expression(f"{operation}(y, {options})" if options else "sum(y)"),
    )
    assert isinstance(root, Call)
    assert isinstance(other, Call)
    after = with_fields(root, operation=operation, options=root.options if options == "dim=1" else other.options)

    assert wrong_axis.recognises(Edit("axis", root, after, root, lambda new: new), NO_CONTEXT) is expected


@pytest.mark.parametrize(("inner", "expected"), [("sum(x, dim=0)", True), ("sum(x)", False), ("mean(x, dim=0)", False)])
def test_a_sum_that_is_summed_again_has_an_axis_too_many(inner: str, expected: bool) -> None:
    root = parse_expression(f"sum({inner}, dim=0)")
    assert isinstance(root, Call)

    assert wrong_axis.recognises(Edit("axis", root, root.arguments[0], root, lambda new: new), NO_CONTEXT) is expected
