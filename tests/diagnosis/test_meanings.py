"""A student's formula means the same in Python's floats, in NumPy and in torch."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
import torch

from grader.diagnosis.chain_rule.arithmetic import TABLE as ARRAYS
from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.meaning import ScalarMeaning
from grader.formula.evaluate import Environment, EvaluationError, evaluate
from grader.formula.parse import parse_expression
from grader.reference.operations import TABLE as TORCH
from grader.reference.operations import TorchMeaning
from tests.formula.operation_samples import GROUPS
from tests.formula.operation_samples import VALUES as MORE_VALUES
from tests.formula.test_evaluate import SAMPLES, VALUES


class DividingByOneLess(NumpyMeaning):
    """torch's `var` and `std` divide by N - 1 where they do not say otherwise."""

    correction = 1


UNARY = [
    name
    for name in ScalarMeaning.table
    if name not in ("transpose_all", "add", "sub", "mul", "div", "floordiv", "mod", "pow")
]


def plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        value = value.detach().numpy()
    return numpy.asarray(value, dtype=float)


@pytest.mark.parametrize("name", sorted(set(UNARY) & TORCH.keys()))
def test_an_operation_on_one_number_is_torchs(name: str) -> None:
    operands = (
        [0.3, 0.7]
        if name in ("dot", "outer", "maximum", "minimum", "atan2", "gt", "ge", "lt", "le", "eq", "ne")
        else [0.3]
    )
    operands = [0.0, 0.3, 0.7] if name == "where" else operands
    if name == "outer":
        pytest.skip("torch has no outer product of two numbers")

    mine = ScalarMeaning().apply(name, list(operands), {})
    theirs = TorchMeaning().apply(name, list(operands), {})

    assert float(mine) == pytest.approx(float(theirs), rel=1e-12)


@pytest.mark.parametrize("source", [source for source, _ in SAMPLES])
def test_an_operation_on_arrays_is_torchs(source: str) -> None:
    expression = parse_expression(source)
    held = {name: value.numpy() if isinstance(value, torch.Tensor) else value for name, value in VALUES.items()}
    theirs = evaluate(expression, Environment(dict(VALUES)), TorchMeaning())
    try:
        mine = evaluate(expression, Environment(held), DividingByOneLess())
    except Exception as error:
        if "is not evaluated here" in str(error):
            pytest.skip("read as an operation, evaluated by torch alone")
        raise

    assert plain(mine).shape == plain(theirs).shape
    assert plain(mine) == pytest.approx(plain(theirs), rel=1e-9, abs=1e-12)


def test_most_of_the_vocabulary_can_be_repaired() -> None:
    assert len(ARRAYS.keys() & TORCH.keys()) >= 0.9 * len(TORCH)


def test_what_has_no_value_is_no_number() -> None:
    with pytest.raises(ArithmeticError):
        ScalarMeaning().apply("div", [1.0, 0.0], {})
    assert math.isclose(ScalarMeaning().apply("sigmoid", [0.0], {}), 0.5)


@pytest.mark.parametrize("group", GROUPS)
def test_a_rarer_operation_on_arrays_is_torchs_or_is_not_evaluated(group: str) -> None:
    held = {name: value.numpy() if isinstance(value, torch.Tensor) else value for name, value in MORE_VALUES.items()}
    wrong, evaluated = [], 0
    for source in GROUPS[group]:
        expression = parse_expression(source)
        try:
            mine = plain(evaluate(expression, Environment(dict(held)), DividingByOneLess()))
        except EvaluationError as error:
            if "is not evaluated here" not in str(error):
                wrong.append(f"{source}: {error}")
            continue
        evaluated += 1
        theirs = plain(evaluate(expression, Environment(dict(MORE_VALUES)), TorchMeaning()))
        if mine.shape != theirs.shape or mine != pytest.approx(theirs, rel=1e-9, abs=1e-12):
            wrong.append(source)
    assert wrong == []
    assert evaluated >= len(GROUPS[group]) / 3
