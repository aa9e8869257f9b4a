"""The edits of one line as a formula: which there are, and which of two costs less."""

from __future__ import annotations

import pytest

from grader.diagnosis.repair_search.subtree_edits import single_edits
from grader.formula.parse import parse_expression
from grader.formula.syntax import text


def costs(line: str) -> dict[tuple[str, str], float]:
    """What the edits of a line cost, by kind and by the line that is made: the cheapest of those that make the same."""
    edits = sorted(single_edits(parse_expression(line), [], []), key=lambda one: -one.cost)
    return {(one.kind, text(one.whole_after)): one.cost for one in edits}


@pytest.mark.parametrize(
    ("line", "kind", "made"),
    [
        ("x**3", "power", ["x", "x**2", "x**4", "x**(-3)", "x**6", "x**1.5"]),
        ("sum(x)", "axis", ["sum(x, dim=0)", "sum(x, dim=0, keepdim=True)", "sum(x, dim=1)"]),
        ("(a * b)[0]", "operator", ["(a + b)[0]", "(a - b)[0]", "(a / b)[0]"]),
    ],
)
def test_what_a_line_may_have_been_meant_as(line: str, kind: str, made: list[str]) -> None:
    assert [one for one in made if (kind, one) not in costs(line)] == []


COSTS = {
    "a factor twice, not one of two": ("a * b * a", ("extra_factor", "a * b"), ("extra_factor", "a")),
    "a term twice, not a wrong sign": ("a + b + b", ("extra_term", "a + b"), ("sign", "-a + b + b")),
    "another entry, not another function": ("exp(a)[0]", ("index", "exp(a)[1]"), ("function", "log(a)[0]")),
    "a function put in, not changed under an index": (
        "exp(a)[0]",
        ("function", "tanh(exp(a)[0])"),
        ("function", "tanh(a)[0]"),
    ),
    "a function left out that stands twice": ("exp(exp(a))", ("function", "exp(a)"), ("sign", "-exp(exp(a))")),
}


@pytest.mark.parametrize(("line", "cheaper", "dearer"), COSTS.values(), ids=COSTS)
def test_of_two_changes_the_likelier_costs_less(line: str, cheaper: tuple[str, str], dearer: tuple[str, str]) -> None:
    of = costs(line)

    assert of[cheaper] < of[dearer]
