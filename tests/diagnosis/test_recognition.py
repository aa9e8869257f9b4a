"""Which edits of a line show a misconception, where the catalogue's two examples leave a way open."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace as with_fields
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast

import numpy
import pytest

from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.meaning import ScalarMeaning
from grader.diagnosis.chain_rule.rule import Rule, Term
from grader.diagnosis.misconceptions import (
    Link,
    exp_derivative_is_argument,
    loop_bound_off_by_one,
    quotient_rule_with_plus,
    sigmoid_derivative_on_pre_activation,
    sqrt_derivative_half_missing,
    sqrt_derivative_not_inverted,
    sqrt_derivative_root_missing,
    transpose_extra,
    transpose_missing,
    wrong_axis,
)
from grader.diagnosis.recognition.parts import gains, is_statistic
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit, Kind
from grader.diagnosis.repair_search.line_edits import exchanged
from grader.diagnosis.repair_search.subtree_edits import single_edits
from grader.diagnosis.repair_search.subtrees import replaced
from grader.diagnosis.step.context import Context
from grader.exercise.types import Exercise
from grader.formula.build import NOWHERE
from grader.formula.evaluate import Environment, evaluate
from grader.formula.parse import parse_expression, parse_program
from grader.formula.syntax import Call, Expression, Name, statements, text, walk


def edit(kind: Kind, whole: str, before: str, after: str) -> Edit:
    """The change of a part of a line."""
    root = parse_expression(whole)
    part = next(node for node in walk(root) if text(node) == before)
    return Edit(kind, part, parse_expression(after), root, lambda new: replaced(root, part, new))


slope_at_upstream = import_module("grader.diagnosis.misconceptions.slope_at_upstream")
"""The module: its package has a function of that name."""

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


@pytest.mark.parametrize(
    ("whole", "before", "after", "operation", "expected"),
    [
        ("d / s", "d", "d * 0.5", "sqrt", True),
        ("d / s", "d", "0.5 * d", "sqrt", True),
        ("d / s", "s", "2 * s", "sqrt", True),
        ("d / s", "d", "2 * d", "sqrt", False),  # the 2 belongs below
        ("d / s", "d", "d * 3", "sqrt", False),
        ("d / s", "d", "d + 0.5", "sqrt", False),
        ("d / s", "d", "d * 0.5", "tanh", False),
    ],
)
def test_the_half_of_a_root_is_a_half_above_or_a_2_below(
    whole: str, before: str, after: str, operation: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqrt_derivative_half_missing, "links", lambda _: [SimpleNamespace(operation=operation)])
    one = edit("missing_factor", whole, before, after)

    assert sqrt_derivative_half_missing.recognises(one, NO_CONTEXT) is expected


@pytest.mark.parametrize(
    ("kind", "whole", "before", "after", "expected"),
    [
        ("operator", "d * r", "d * r", "d / r", True),
        ("inverse", "d * r", "r", "1 / r", True),
        ("operator", "d * q", "d * q", "d / q", False),  # q is no root
        ("operator", "d * r", "d * r", "d + r", False),
        ("sign", "d * r", "r", "-r", False),
    ],
)
def test_a_root_that_is_multiplied_by_instead_of_divided_by_is_not_inverted(
    kind: Kind, whole: str, before: str, after: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = SimpleNamespace(operation="sqrt", statement=SimpleNamespace(name="r"))
    monkeypatch.setattr(sqrt_derivative_not_inverted, "links", lambda _: [root])
    monkeypatch.setattr(sqrt_derivative_not_inverted, "value", lambda node, _: text(node))

    assert sqrt_derivative_not_inverted.recognises(edit(kind, whole, before, after), NO_CONTEXT) is expected


@pytest.mark.parametrize(
    ("value", "argument", "expected"),
    [
        ("w * x + b", "w", {"x"}),
        ("w * x + b", "b", set()),
        ("v * w * x", "w", {"v", "x"}),
        ("x @ w + c * d", "w", {"x"}),
        ("tanh(w)", "w", set()),
    ],
)
def test_the_partners_of_a_factor_are_what_it_is_multiplied_by(value: str, argument: str, expected: set[str]) -> None:
    (statement,) = statements(parse_program(f"z = {value}\n"))

    assert Link("reverse", statement, argument, None).partners == expected


UP, OUT, SLOPE = 0.3, math.tanh(0.3), 1 - math.tanh(0.3) ** 2
GATE = 1 / (1 + math.exp(-0.3))


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("tanh", [SLOPE, SLOPE * UP, 1 - UP**2, (1 - UP**2) * UP]),
        ("sigmoid", [GATE * (1 - GATE), GATE * (1 - GATE) * UP, UP * (1 - UP), UP * (1 - UP) * UP]),
        ("relu", [UP, 1.0]),
        ("exp", []),
    ],
)
def test_what_a_slope_at_the_upstream_gradient_comes_to(operation: str, expected: list[float]) -> None:
    up, value = Name("up", NOWHERE), parse_expression(f"{operation}(z)")
    term = SimpleNamespace(upstream=up, activation=(operation, value, value), statement=SimpleNamespace(value=value))

    found = [
        evaluate(formula, Environment({"up": UP}), ScalarMeaning())
        for formula in slope_at_upstream._wrong(cast(Term, term))
    ]

    assert found == pytest.approx(expected)


@pytest.mark.parametrize(("upstream", "expected"), [("up", 0.2 * (1 - 0.2) * UP), (None, 0.2 * (1 - 0.2))])
def test_a_sigmoids_slope_at_its_argument_is_multiplied_by_what_arrives(upstream: str | None, expected: float) -> None:
    z = Name("z", NOWHERE)
    up = None if upstream is None else Name(upstream, NOWHERE)
    rule = SimpleNamespace(terms=[SimpleNamespace(activation=("sigmoid", z, z), upstream=up)])

    (formula,) = sigmoid_derivative_on_pre_activation.predicts(cast(Rule, rule))

    assert evaluate(formula, Environment({"z": 0.2, "up": UP}), ScalarMeaning()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("whole", "expected"),
    [("transpose_all(W) @ dh", True), ("dh @ transpose_all(W)", True), ("transpose_all(W) * dh", False)],
)
def test_a_transpose_too_many_is_one_within_a_product_of_matrices(whole: str, expected: bool) -> None:
    root = parse_expression(whole)
    turned = next(node for node in walk(root) if isinstance(node, Call) and node.operation == "transpose_all")
    one = Edit("transpose", turned, turned.arguments[0], root, lambda new: replaced(root, turned, new))

    assert transpose_extra.recognises(one, NO_CONTEXT) is expected


@pytest.mark.parametrize(("side", "expected"), [(0, True), (1, True), (2, False)])
def test_a_transpose_may_be_too_many_on_either_side(side: int, expected: bool) -> None:
    root = parse_expression("W @ dh")
    assert isinstance(root, Call)
    sides = list(root.arguments)
    turned = [Call("transpose_all", (one,), (), NOWHERE) if side in (n, 2) else one for n, one in enumerate(sides)]
    before = with_fields(root, arguments=tuple(turned))

    assert transpose_extra.recognises(Edit("transpose", before, root, before, lambda new: new), NO_CONTEXT) is expected


@pytest.mark.parametrize(("side", "expected"), [(0, True), (1, True), (2, False)])
def test_a_transpose_may_be_missing_on_either_side(side: int, expected: bool) -> None:
    root = parse_expression("W @ dh")
    assert isinstance(root, Call)
    sides = list(root.arguments)
    turned = [Call("transpose_all", (one,), (), NOWHERE) if side in (n, 2) else one for n, one in enumerate(sides)]
    after = with_fields(root, arguments=tuple(turned))

    assert transpose_missing.recognises(Edit("transpose", root, after, root, lambda new: new), NO_CONTEXT) is expected


@pytest.mark.parametrize(
    ("rows", "in_loop", "expected"),
    [((1, 4), True, True), ((0, 3), True, True), ((0, 4), True, False), ((2, 4), True, False), ((1, 4), False, False)],
    ids=["without the first", "without the last", "all", "without the first two", "not in a loop"],
)
def test_a_loop_is_a_pass_short_if_the_sum_lacks_its_first_or_last_row(
    rows: tuple[int, int], in_loop: bool, expected: bool
) -> None:
    d = numpy.array([[1.0, 2.0], [4.0, 8.0], [16.0, 32.0], [64.0, 128.0]])
    own = d[slice(*rows)].sum(axis=0)

    def is_worth_with(values: Callable[[int], dict[str, Any]], formula: Expression) -> bool:
        return bool(numpy.array_equal(evaluate(formula, Environment(values(0)), NumpyMeaning()), own))

    step_values = SimpleNamespace(
        in_loop=in_loop,
        rule=None,
        written_out=parse_expression("sum(d, dim=0)"),
        derivation=SimpleNamespace(
            exercise=SimpleNamespace(inputs=[SimpleNamespace(shape=(4, 2)), SimpleNamespace(shape=(2,))]),
            value=lambda node, k: d,
        ),
        right=[d.sum(axis=0)],
        is_worth_with=is_worth_with,
    )

    assert loop_bound_off_by_one.fits_values(cast(StepValues, step_values)) is expected


def test_a_sum_along_an_axis_is_a_likelier_repair_than_a_sum_over_everything() -> None:
    root = parse_expression("sum(x, dim=1)")
    along, over_all = (
        Edit("axis", root, parse_expression(after), root, lambda new: new) for after in ("sum(x, dim=0)", "sum(x)")
    )

    assert along.cost < over_all.cost


def test_two_names_are_exchanged_unless_they_are_the_operands_of_one_operation() -> None:
    found = {text(one.whole_after) for one in exchanged(parse_expression("a - b * c"))}

    assert found == {text(parse_expression(one)) for one in ("b - a * c", "c - b * a")}


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ("var(x)", {"var(x, correction=0)", "var(x, correction=1)"}),
        ("var(x, correction=0)", {"var(x)", "var(x, correction=1)"}),
        ("std(x, correction=1)", {"std(x)", "std(x, correction=0)"}),
    ],
)
def test_a_variance_may_have_any_other_divisor_and_not_its_own(whole: str, expected: set[str]) -> None:
    root = parse_expression(whole)
    assert isinstance(root, Call)
    found = [one.after for one in single_edits(root, [], []) if one.kind == "function"]

    assert {text(one) for one in found if isinstance(one, Call) and one.operation == root.operation} == {
        text(parse_expression(one)) for one in expected
    }


@pytest.mark.parametrize(
    ("kind", "after", "expected"),
    [("operand", "e", True), ("operand", "q", False), ("operand", "2 * e", False), ("function", "e", False)],
)
def test_what_goes_into_an_exponential_is_told_from_what_comes_out(
    kind: Kind, after: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = SimpleNamespace(operation="exp", argument="a", statement=SimpleNamespace(name="e"))
    monkeypatch.setattr(exp_derivative_is_argument, "links", lambda _: [link])
    monkeypatch.setattr(
        exp_derivative_is_argument, "value", lambda node, _: node.id if isinstance(node, Name) else None
    )

    assert exp_derivative_is_argument.recognises(edit(kind, "d * a", "a", after), NO_CONTEXT) is expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("mean(x, dim=0)", True),
        ("sum(x) / n", True),
        ("sqrt(sum(x**2))", True),
        ("sum(x**2)**0.5", True),
        ("sum(x**2)**-0.5", True),
        ("sum(x**2)**1.5", False),
        ("sum(x**2)**-1.5", False),
        ("x**0.5", False),
        ("sum(x) / exp(x)", False),
    ],
)
def test_a_statistic_is_a_mean_or_the_root_of_a_sum(formula: str, expected: bool) -> None:
    assert is_statistic(parse_expression(formula)) is expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("h = 2 * x\nz = gamma * (h / sqrt(mean(h**2)))", ["gamma"]),
        ("h = 2 * x\nz = gamma * h * rsqrt(mean(h**2))", ["gamma"]),
        ("h = 2 * x\nz = gamma * h * mean(h**2)**-0.5", ["gamma"]),
        ("h = 2 * x\nz = gamma * h / mean(h**2)**0.5", ["gamma"]),
        ("h = 2 * x\nz = gamma * h / std(h)", ["gamma"]),
        ("h = 2 * x\nn = h / std(h)\nz = gamma * n", ["gamma"]),
        ("h = 2 * x\nv = mean(h**2)\nz = gamma * h * v**-0.5", ["gamma"]),
        ("h = 2 * x\nz = gamma * h * h**-0.5", []),
        ("h = 2 * x\nz = gamma * h / sqrt(h)", []),
        ("h = 2 * x\nz = gamma * h / mean(h**2)**2", []),
    ],
)
def test_a_gain_multiplies_what_is_divided_by_the_root_of_a_statistic(program: str, expected: list[str]) -> None:
    exercise = cast(Exercise, SimpleNamespace(inputs=[SimpleNamespace(name="x"), SimpleNamespace(name="gamma")]))

    assert [one.node.id for one in gains(tuple(statements(parse_program(program))), exercise)] == expected


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("operand", "a", "r", True),
        ("function", "a", "sqrt(a)", True),
        ("operand", "q", "r", False),
        ("operand", "a", "q", False),
        ("function", "q", "sqrt(q)", False),
        ("sign", "a", "r", False),
    ],
)
def test_what_a_root_is_taken_of_is_told_from_the_root(
    kind: Kind, before: str, after: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = SimpleNamespace(operation="sqrt", argument="a", statement=SimpleNamespace(name="r"))
    monkeypatch.setattr(sqrt_derivative_root_missing, "links", lambda _: [root])
    monkeypatch.setattr(sqrt_derivative_root_missing, "value", lambda node, _: text(node))
    part = parse_expression(before)
    changed = Call("sqrt", (part,), (), NOWHERE) if after.startswith("sqrt") else parse_expression(after)
    one = Edit(kind, part, changed, part, lambda new: new)

    assert sqrt_derivative_root_missing.recognises(one, NO_CONTEXT) is expected


@pytest.mark.parametrize(("product", "expected"), [("-0.5 * r", True), ("0.5 * r", False), ("h * r", False)])
def test_of_a_negative_multiple_the_sign_alone_may_be_left(product: str, expected: bool) -> None:
    made = [text(one.after) for one in single_edits(parse_expression(product), [], []) if one.kind == "constant"]

    assert (text(parse_expression("-r")) in made) is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("e[None, :]", {"e[:, None]"}),
        ("e[:, None]", {"e[None, :]"}),
        ("e[:, None, :]", set()),  # the other way round it is the same
        ("e[0, :]", set()),
        ("e[2]", {"e[1]", "e[3]"}),
        ("e[t]", {"e[t - 1]", "e[t + 1]"}),
        ("e[t - 1]", {"e[t - 1 - 1]", "e[t - 1 + 1]", "e[t]"}),
        ("shape_of(e)[0]", set()),
    ],
)
def test_an_index_may_be_off_by_one_or_a_new_axis_stand_on_the_other_side(written: str, expected: set[str]) -> None:
    made = [text(one.after) for one in single_edits(parse_expression(written), [], []) if one.kind == "index"]

    assert set(made) == {text(parse_expression(one)) for one in expected}
