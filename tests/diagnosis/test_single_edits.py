"""The edits of one line as a formula: which there are, and which of two costs less."""

from __future__ import annotations

from itertools import pairwise

import pytest

from grader.diagnosis.repair_search.subtree_edits import single_edits
from grader.formula.parse import parse_expression
from grader.formula.syntax import text


def costs(line: str, *names: str) -> dict[tuple[str, str], float]:
    """What the edits of a line cost, by kind and by the line that is made: the cheapest of those that make the same."""
    edits = sorted(single_edits(parse_expression(line), names, []), key=lambda one: -one.cost)
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


@pytest.mark.parametrize(("line", "cheaper", "costlier"), COSTS.values(), ids=COSTS)
def test_of_two_changes_the_likelier_costs_less(line: str, cheaper: tuple[str, str], costlier: tuple[str, str]) -> None:
    of = costs(line)

    assert of[cheaper] < of[costlier]


EVERY: dict[str, dict[str, list[str]]] = {
    "operand": {
        "a": ["b"],
        "full([2, 3], fill_value=a)": ["full(fill_value=b, shape=[2, 3])"],
    },
    "function": {
        "a": ["exp(a)", "log(a)", "relu(a)", "sigmoid(a)", "sqrt(a)", "square(a)", "tanh(a)"],
        "-a": [
            "-exp(a)",
            "-log(a)",
            "-relu(a)",
            "-sigmoid(a)",
            "-sqrt(a)",
            "-square(a)",
            "-tanh(a)",
            "exp(-a)",
            "log(-a)",
            "relu(-a)",
            "sigmoid(-a)",
            "sqrt(-a)",
            "square(-a)",
            "tanh(-a)",
        ],
        "a[1]": [
            "exp(a)[1]",
            "exp(a[1])",
            "log(a)[1]",
            "log(a[1])",
            "relu(a)[1]",
            "relu(a[1])",
            "sigmoid(a)[1]",
            "sigmoid(a[1])",
            "sqrt(a)[1]",
            "sqrt(a[1])",
            "square(a)[1]",
            "square(a[1])",
            "tanh(a)[1]",
            "tanh(a[1])",
        ],
        "var(a)": [
            "a",
            "cos(a)",
            "cosh(a)",
            "exp(a)",
            "log(a)",
            "sigmoid(a)",
            "sin(a)",
            "sinh(a)",
            "sqrt(a)",
            "tanh(a)",
            "var(a, correction=0)",
            "var(a, correction=1)",
            "var(exp(a))",
            "var(log(a))",
            "var(relu(a))",
            "var(sigmoid(a))",
            "var(sqrt(a))",
            "var(square(a))",
            "var(tanh(a))",
        ],
        "tanh(a)": [
            "a",
            "cos(a)",
            "cosh(a)",
            "exp(a)",
            "log(a)",
            "sigmoid(a)",
            "sin(a)",
            "sinh(a)",
            "sqrt(a)",
            "tanh(exp(a))",
            "tanh(log(a))",
            "tanh(relu(a))",
            "tanh(sigmoid(a))",
            "tanh(sqrt(a))",
            "tanh(square(a))",
            "tanh(tanh(a))",
        ],
        "same(a)": [
            "same(exp(a))",
            "same(log(a))",
            "same(relu(a))",
            "same(sigmoid(a))",
            "same(sqrt(a))",
            "same(square(a))",
            "same(tanh(a))",
        ],
        "norm(a, dim=0)": [
            "a",
            "norm(exp(a), dim=0)",
            "norm(log(a), dim=0)",
            "norm(relu(a), dim=0)",
            "norm(sigmoid(a), dim=0)",
            "norm(sqrt(a), dim=0)",
            "norm(square(a), dim=0)",
            "norm(tanh(a), dim=0)",
        ],
    },
    "expression": {
        "a": ["a > 0"],
        "2": ["n"],
        "length(a)": ["length(a > 0)", "n"],
    },
    "power": {
        "a": ["a**2", "a**3"],
        "2": [],
        "a**b": ["(a**2)**b", "(a**3)**b", "(a**b)**2", "a", "a**b**2", "a**b**3"],
        "a**(1/2)": [
            "(a**(1 / 2))**2",
            "(a**2)**(1 / 2)",
            "(a**3)**(1 / 2)",
            "a",
            "a**(-1 / 2)",
            "a**(1 / 2)**2",
            "a**(3 / 2)",
        ],
        "a**(-1/2)": [
            "(a**(-1 / 2))**2",
            "(a**2)**(-1 / 2)",
            "(a**3)**(-1 / 2)",
            "a",
            "a**(-1 / 2)**2",
            "a**(-3 / 2)",
            "a**(1 / 2)",
        ],
        "a**(b/2)": [
            "(a**(b / 2))**2",
            "(a**2)**(b / 2)",
            "(a**3)**(b / 2)",
            "a",
            "a**(b / 2)**2",
            "a**(b**2 / 2)",
            "a**(b**3 / 2)",
        ],
        "a**-0.5": [
            "(a**(-0.5))**2",
            "(a**2)**(-0.5)",
            "(a**3)**(-0.5)",
            "a",
            "a**(-0.25)",
            "a**(-1.0)",
            "a**(-1.5)",
            "a**0.5",
        ],
    },
    "sign": {
        "a": ["-a"],
        "-a": ["--a", "a"],
        "1": [],
    },
    "inverse": {
        "a": ["1 / a"],
        "a / b": ["1 / (a / b)", "1 / a / b", "a / (1 / b)", "b"],
    },
    "complement": {
        "a": ["1 - a"],
    },
    "missing_one": {
        "a": ["1 + a", "a - 1"],
        "-a": ["-(1 + a)", "-(a - 1)", "-a - 1", "1 + -a", "1 - a"],
        "3": ["1 + 3", "3 - 1"],
    },
    "constant": {
        "2": ["-0.5", "-1", "-2", "0", "0.5", "1", "3", "4"],
        "-1": ["-0.5", "-2", "0", "0.5", "1", "2", "3", "4"],
        "shape_of(a)[0]": ["shape_of(a)[1]"],
        "shape_of(a)[1]": ["shape_of(a)[0]", "shape_of(a)[2]"],
        "-0.5 * a": ["-1 * a", "-2 * a", "-a", "0 * a", "0.5 * a", "1 * a", "2 * a", "3 * a", "4 * a"],
        "0.5 * a": ["-0.5 * a", "-1 * a", "-2 * a", "0 * a", "1 * a", "2 * a", "3 * a", "4 * a"],
    },
    "missing_factor": {
        "1": [],
    },
    "index": {
        "a[0]": ["a[-1]", "a[1]"],
        "shape_of(a)[0]": [],
        "a[t]": ["a[t + 1]", "a[t - 1]"],
        "a[t + 1]": ["a[t + 1 + 1]", "a[t + 1 - 1]", "a[t]"],
        "a[t * 2]": ["a[t * 2 + 1]", "a[t * 2 - 1]"],
        "a[t + s]": ["a[t + s + 1]", "a[t + s - 1]"],
        "a[:, None]": ["a[None, :]"],
        "a[:, 0]": [],
        "a[1:]": [],
        "a[:, None, None]": [],
    },
    "operator": {
        "a + b": ["a * b", "a - b", "a / b"],
        "a - b": ["a * b", "a + b", "a / b"],
        "a * b": ["a + b", "a - b", "a / b", "a @ b"],
        "a / b": ["a * b", "a + b", "a - b"],
        "a // b": ["a / b"],
        "a @ b": ["a * b"],
        "a**b": ["a * b"],
        "a**2": ["2 * a"],
        "a * 2": ["a + 2", "a - 2", "a / 2", "a @ 2", "a**2"],
        "2 * a": ["2 + a", "2 - a", "2 / a", "2 @ a"],
        "a - 1": ["a + 1"],
        "a + 1": ["a - 1"],
        "a * 1": ["a + 1", "a - 1", "a @ 1", "a**1"],
        "a * b * c * d": [
            "(a * b + c) * d",
            "(a * b - c) * d",
            "(a + b * c) * d",
            "(a + b) * c * d",
            "(a - b * c) * d",
            "(a - b) * c * d",
            "a * b * c + d",
            "a * b * c - d",
            "a * b * c / d",
            "a * b * c @ d",
            "a * b + c * d",
            "a * b - c * d",
            "a * b / c * d",
            "a * b @ c * d",
            "a + b * c * d",
            "a - b * c * d",
            "a / b * c * d",
            "a @ b * c * d",
        ],
        "a > b": ["a < b"],
        "a >= b": ["a <= b", "a > b"],
        "a < b": ["a > b"],
        "a <= b": ["a < b", "a >= b"],
    },
    "order": {
        "a - b": ["b - a"],
        "a + b": [],
        "a * b": [],
        "a / b": ["b / a"],
        "-a / b": ["-b / a"],
        "a @ b": ["b @ a"],
        "-a @ b": ["-b @ a"],
        "a**b": ["b**a"],
        "where(a > 0, b, c)": ["where(a > 0, c, b)"],
    },
    "branch": {
        "where(a > 0, b, 0)": ["where(a > 0, 0, 0)", "where(a > 0, 1, 0)", "where(a > 0, b, 1)"],
        "where(a > 0, 1, c)": ["where(a > 0, 0, c)", "where(a > 0, 1, 0)", "where(a > 0, 1, 1)"],
    },
    "extra_factor": {
        "a * b": ["a", "b"],
        "a / b": ["a"],
        "a @ b": ["a", "b"],
    },
    "extra_term": {
        "a + b": ["a", "b"],
        "a - b": ["a", "b"],
        "a * b": [],
    },
    "transpose": {
        "a @ b": [
            "a @ transpose_all(b)",
            "transpose_all(a) @ b",
            "transpose_all(a) @ transpose_all(b)",
            "transpose_all(b) @ a",
        ],
        "-a @ b": [
            "-a @ transpose_all(b)",
            "-transpose_all(a) @ b",
            "-transpose_all(a) @ transpose_all(b)",
            "transpose_all(b) @ -a",
        ],
        "(2 * a) @ b": [
            "2 * a @ transpose_all(b)",
            "2 * transpose_all(a) @ b",
            "2 * transpose_all(a) @ transpose_all(b)",
            "transpose_all(b) @ (2 * a)",
        ],
        "a.T @ b": [
            "a @ b",
            "a @ transpose_all(b)",
            "transpose_all(a) @ transpose_all(b)",
            "transpose_all(b) @ transpose_all(a)",
        ],
        "a.T": ["a"],
    },
    "brackets": {
        "1 - h**2 * d": ["(1 - h**2) * d"],
        "a - b * c": ["(a - b) * c"],
        "a * b - c": ["a * (b - c)"],
        "a / b + c": ["a / (b + c)"],
        "1 / sqrt(v) + e": ["1 / (sqrt(v) + e)", "1 / sqrt(v + e)"],
        "a * v**2 - c": ["a * (v - c)**2", "a * (v**2 - c)"],
        "(a + b) * c": ["a + b * c"],
        "(a - b) / c": ["a - b / c"],
        "(a + b)**2": ["a + b**2"],
        "(a * b)**2": ["a * b**2"],
        "a / b * c": ["a / (b * c)"],
        "a * (b + c)": ["a * b + c"],
        "a / (b * c)": ["a / b * c"],
        "a / (b + c)": [],
        "a - b**2": ["(a - b)**2"],
        "a * b * c": [],
        "a + b + c": [],
        "a**2 * (b + c)": ["a**2 * b + c"],
    },
    "reduction": {
        "sum(a)": ["a", "mean(a)"],
        "mean(a)": ["a", "sum(a)"],
        "max(a)": ["a", "mean(a)", "sum(a)"],
        "tanh(a)": [],
    },
    "kept_axis": {
        "sum(a, dim=0)": ["sum(a, dim=0, keepdim=True)"],
        "sum(a, dim=0, keepdim=True)": ["sum(a, dim=0)"],
        "sum(a)": [],
    },
    "axis": {
        "sum(a, dim=0)": [
            "sum(a)",
            "sum(a, dim=1)",
            "sum(a, dim=2)",
            "sum(a, dim=3)",
            "sum(a, dim=[0, 1, 2])",
            "sum(a, dim=[0, 1, 3])",
            "sum(a, dim=[0, 1])",
            "sum(a, dim=[0, 2, 3])",
            "sum(a, dim=[0, 2])",
            "sum(a, dim=[0, 3])",
            "sum(a, dim=[1, 2, 3])",
            "sum(a, dim=[1, 2])",
            "sum(a, dim=[1, 3])",
            "sum(a, dim=[2, 3])",
        ],
        "sum(a, dim=0, keepdim=True)": [
            "sum(a, dim=1, keepdim=True)",
            "sum(a, dim=2, keepdim=True)",
            "sum(a, dim=3, keepdim=True)",
            "sum(a, dim=[0, 1, 2], keepdim=True)",
            "sum(a, dim=[0, 1, 3], keepdim=True)",
            "sum(a, dim=[0, 1], keepdim=True)",
            "sum(a, dim=[0, 2, 3], keepdim=True)",
            "sum(a, dim=[0, 2], keepdim=True)",
            "sum(a, dim=[0, 3], keepdim=True)",
            "sum(a, dim=[1, 2, 3], keepdim=True)",
            "sum(a, dim=[1, 2], keepdim=True)",
            "sum(a, dim=[1, 3], keepdim=True)",
            "sum(a, dim=[2, 3], keepdim=True)",
            "sum(a, keepdim=True)",
        ],
    },
}
"""All changes of a kind, where `a` may be `b` and a number may be `a`."""


@pytest.mark.parametrize(
    ("kind", "line", "expected"), [(kind, *one) for kind, lines in EVERY.items() for one in lines.items()]
)
def test_every_change_of_a_kind(kind: str, line: str, expected: list[str]) -> None:
    names = {"operand": ["a", "b"], "expression": ["n"]}.get(kind, [])
    found = {text(one.whole_after) for one in single_edits(parse_expression(line), names, []) if one.kind == kind}

    assert sorted(found) == expected


CHEAPER = [
    ("-a * b", ("sign", "a * b"), ("sign", "-a * -b")),
    ("a / b", ("sign", "-a / b"), ("sign", "a / -b")),
    ("a / length(x)", ("operand", "b / length(x)"), ("operand", "a / length(b)")),
    ("a * (b > c)", ("operator", "a * (b < c)"), ("sign", "-a * (b > c)")),
    ("a * (-b > c)", ("sign", "a * (b > c)"), ("operator", "a * (-b < c)")),
    ("a + b", ("operator", "a - b"), ("sign", "a + -b")),
    ("x * -2", ("constant", "x * -0.5"), ("operator", "x / -2")),
    ("2 * x", ("missing_factor", "3 * (2 * x)"), ("operator", "2 + x")),
    ("1 * x", ("operator", "1 + x"), ("missing_factor", "2 * (1 * x)")),
    ("h**2 - 1", ("order", "1 - h**2"), ("sign", "-(h**2 - 1)")),
    ("c + (a - b)", ("operator", "c - (a - b)"), ("order", "c + (b - a)")),
    ("a - b", ("order", "b - a"), ("sign", "-(a - b)")),
    ("2 * a", ("extra_factor", "a"), ("constant", "3 * a")),
    ("2 * a", ("constant", "3 * a"), ("constant", "1 * a")),
    ("-a", ("missing_one", "1 - a"), ("missing_factor", "-(2 * a)")),
    ("n * x - mean(x)", ("reduction", "n * x - sum(x)"), ("brackets", "n * (x - mean(x))")),
    ("n * x - tanh(x)", ("brackets", "n * (x - tanh(x))"), ("sign", "-(n * x - tanh(x))")),
    ("2 * e / length(x)", ("expression", "2 * e / b"), ("extra_factor", "2 * e")),
    ("h - 1", ("extra_term", "h"), ("constant", "h - 2")),
    ("h - b", ("sign", "h - -b"), ("extra_term", "h")),
    ("a * b", ("extra_factor", "a"), ("missing_factor", "2 * (a * b)")),
    ("x[0] - 1", ("extra_term", "x[0]"), ("constant", "x[0] - 2")),
    ("exp(a) - 1", ("constant", "exp(a) - 2"), ("extra_term", "exp(a)")),
    ("sum(x, dim=1)", ("axis", "sum(x, dim=0)"), ("axis", "sum(x)")),
    ("a * b - c * b", ("operator", "a * b + c * b"), ("extra_term", "a * b")),
    ("a * b / b", ("extra_factor", "a * b"), ("sign", "a * b / -b")),
    ("a - b - b", ("extra_term", "a - b"), ("operator", "a - b + b")),
    ("exp(tanh(a))", ("sign", "-exp(tanh(a))"), ("function", "exp(a)")),
    ("a**2", ("sign", "-a**2"), ("power", "a")),
    ("a * a", ("extra_factor", "a"), ("sign", "-a * a")),
    ("a @ b", ("transpose", "transpose_all(a) @ b"), ("order", "b @ a")),
]
"""Of two changes of a line the first is likelier: a sign is left out rather than put in, an order turned round rather
than a whole line's sign, a second factor left out rather than one of two."""


@pytest.mark.parametrize(("line", "cheaper", "costlier"), CHEAPER)
def test_the_likelier_change_costs_less(line: str, cheaper: tuple[str, str], costlier: tuple[str, str]) -> None:
    of = costs(line, "b")

    assert of[cheaper] < of[costlier]


ORDER = {
    "h - 1": "order accumulation power extra_term constant inverse expression complement missing_factor missing_one",
    "2 * a": "accumulation power extra_factor constant inverse expression complement missing_factor missing_one",
    "-a * b": "sign accumulation power extra_factor expression complement missing_one missing_factor",
    "a / b": "accumulation power order extra_factor expression complement missing_factor missing_one",
    "a + b": "operator accumulation power extra_term expression complement missing_factor missing_one",
    "a - b": "order accumulation power extra_term expression complement missing_factor missing_one",
    "a * b": "accumulation power extra_factor expression complement missing_factor missing_one",
    "a**2": "accumulation power constant inverse expression complement missing_factor missing_one",
    "a**3 * b": "accumulation power constant extra_factor expression complement missing_factor missing_one",
    "h**2 - 1": " ".join(
        ("brackets order accumulation power constant", "extra_term expression complement missing_factor missing_one")
    ),
    "c + (a - b)": "operator accumulation order power extra_term expression complement missing_factor missing_one",
    "x * -2": "accumulation power extra_factor constant inverse expression complement missing_factor missing_one",
    "exp(a)": "accumulation power inverse expression complement missing_factor missing_one",
    "exp(exp(a))": "function accumulation power inverse expression complement missing_factor missing_one",
    "exp(a)[0]": "accumulation power inverse expression complement missing_factor missing_one",
    "sum(x, dim=1)": "accumulation axis inverse expression complement missing_factor missing_one",
    "mean(x)": "accumulation axis inverse expression complement missing_factor missing_one",
    "n * x - mean(x)": "order accumulation axis extra_factor brackets expression complement missing_factor missing_one",
    "2 * e / length(x)": "accumulation expression extra_factor constant inverse complement missing_factor missing_one",
    "a @ b": "accumulation power transpose order extra_factor expression complement missing_factor missing_one",
    "where(a > 0, b, 0)": "operator accumulation power branch inverse expression complement missing_factor missing_one",
    "a * (b > c)": "operator accumulation power extra_factor expression complement missing_factor missing_one",
    "a * (-b > c)": "sign accumulation power extra_factor expression complement missing_one missing_factor",
    "1 - a": "order accumulation power extra_term constant inverse expression complement missing_factor missing_one",
    "a - b - b": "extra_term order accumulation power inverse expression complement missing_factor missing_one",
    "a * b / b": "extra_factor accumulation power order inverse expression complement missing_factor missing_one",
    "1 * x": "accumulation power extra_factor constant inverse expression complement missing_factor missing_one",
    "x[0] + 1": " ".join(
        ("operator accumulation power extra_term constant", "inverse expression complement missing_factor missing_one")
    ),
    "-a": "sign accumulation power inverse expression complement missing_one missing_factor",
}
"""For each line kinds of changes, the likelier first; of kinds that cost the same one is listed."""


@pytest.mark.parametrize(("line", "kinds"), ORDER.items(), ids=ORDER)
def test_the_cheapest_changes_of_each_kind_in_order(line: str, kinds: str) -> None:
    least: dict[str, float] = {}
    for (kind, _), cost in costs(line, "b" if "length" in line else "other").items():
        least[kind] = min(cost, least.get(kind, cost))
    found = [least[kind] for kind in kinds.split()]

    assert all(one < other for one, other in pairwise(found))
