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


LEFT_TO_TORCH = {
    "torch.erfinv(u)", "F.multilabel_margin_loss(x, h)", "F.pdist(x)", "F.interpolate(m, scale_factor=2)"
}  # fmt: skip
"""Operations that lines are run with, and not evaluated."""


@pytest.mark.parametrize("group", GROUPS)
def test_a_rarer_operation_on_arrays_is_torchs_or_is_not_evaluated(group: str) -> None:
    held = {name: value.numpy() if isinstance(value, torch.Tensor) else value for name, value in MORE_VALUES.items()}
    wrong, left = [], set()
    for source in GROUPS[group]:
        expression = parse_expression(source)
        try:
            mine = plain(evaluate(expression, Environment(dict(held)), DividingByOneLess()))
        except EvaluationError as error:
            if "is not evaluated here" not in str(error):
                wrong.append(f"{source}: {error}")
            left.add(source)
            continue
        theirs = plain(evaluate(expression, Environment(dict(MORE_VALUES)), TorchMeaning()))
        if mine.shape != theirs.shape or mine != pytest.approx(theirs, rel=1e-9, abs=1e-12):
            wrong.append(source)
    assert wrong == []
    assert left == LEFT_TO_TORCH & set(GROUPS[group])


WITH_OPTIONS = [
    "torch.polygamma(2, u)", "torch.polygamma(3, u)", "torch.polygamma(0, u)", "torch.digamma(u + 3)",
    "torch.any(x > 0, dim=1, keepdim=True) * x", "torch.all(x > -1, dim=1) * g", "torch.any(x > 9) * 2.0",
    "torch.any(x > 0, dim=0) * v", "torch.all(x > -9) * 2.0", "torch.argmin(x) * 1.0",
    "torch.argmin(x, dim=0, keepdim=True) * 1.0", "torch.median(x, dim=1).values",
    "torch.quantile(x, 0.25, dim=1, keepdim=True)", "torch.median(v)", "torch.cross(A, Q, dim=0)",
    "torch.linalg.cross(A, Q)", "torch.linalg.norm(A)", "torch.linalg.norm(A, 1)", "torch.linalg.norm(v, 3)",
    "torch.linalg.norm(A, 'nuc')", "torch.linalg.norm(A, keepdim=True)", "torch.cumprod(x, dim=1)",
    "torch.cumsum(x, dim=0)", "torch.logcumsumexp(x, dim=0)", "torch.sort(x).values",
    "torch.sort(x, dim=0, descending=True).values", "torch.argsort(x) * 1.0", "torch.argsort(x, dim=0) * 1.0",
    "torch.chunk(x, 3)[1]", "torch.chunk(x, 2, dim=1)[0]", "torch.chunk(x, 4)[3]", "torch.unbind(x, dim=1)[0]",
    "torch.repeat_interleave(x, 2)", "torch.repeat_interleave(x, 3, dim=0)", "torch.roll(x, 2)",
    "torch.roll(x, -1, dims=1)", "torch.diff(x)", "torch.diff(x, n=2, dim=0)", "torch.diagonal(A, offset=1)",
    "torch.diagonal(m, offset=-1, dim1=1, dim2=2)", "torch.diagonal(D, dim1=1, dim2=2)", "torch.tensordot(A, Q)",
    "torch.tensordot(x, A, 1)", "torch.tensordot(A, Q, dims=1)", "torch.rot90(x, 2)", "torch.rot90(x, 3, (1, 0))",
    "torch.rot90(m, 1, (2, 3))", "torch.vander(v)", "torch.vander(v, 2)", "torch.vander(v, increasing=True)",
    "torch.count_nonzero(x > 0, dim=1) * 1.0", "torch.topk(x, 1).values", "torch.topk(x, 2, largest=False).values",
    "torch.topk(x, 2, dim=0).indices * 1.0", "torch.topk(v, 2).values", "torch.split(x, 3)[0]",
    "torch.split(x, 1, dim=1)[2]", "torch.split(x, [1, 3])[1]", "torch.split(x, [2, 1, 1])[2]", "torch.split(x, 3)[1]",
    "F.cross_entropy(x, c, weight=u, reduction='sum')", "F.cross_entropy(x, c, weight=u, reduction='none')",
    "F.cross_entropy(x, c, label_smoothing=0.2, reduction='sum')", "F.cross_entropy(x, q, reduction='none')",
    "F.cross_entropy(x, q, reduction='sum')", "F.cross_entropy(v, u)", "F.cross_entropy(x, q, label_smoothing=0.3)",
    "F.cross_entropy(50 * x, c)", "torch.linalg.solve_triangular(torch.triu(A), B, upper=True)",
    "torch.linalg.solve_triangular(torch.tril(A), B, upper=False)",
    "torch.cholesky_solve(B, torch.linalg.cholesky(Q))", "torch.matrix_exp(A)", "torch.matrix_exp(0.0 * A)",
    "torch.linalg.matrix_rank(A) * 1.0", "torch.linalg.matrix_norm(A)", "torch.linalg.matrix_norm(A, 1)",
    "torch.linalg.matrix_norm(A, keepdim=True)", "torch.linalg.matrix_norm(W)", "torch.linalg.lstsq(x, y).solution",
    "torch.linalg.cond(A)", "torch.linalg.cond(A, 1)", "torch.logdet(Q)", "torch.linalg.svdvals(x)",
    "torch.linalg.multi_dot([x, A, B])", "torch.inner(x, y)", "torch.linalg.tensorinv(A.reshape(3, 3), ind=1)",
    "torch.linalg.tensorsolve(A, v)", "F.pad(m, (1, 0, 2, 1))", "F.pad(x, (0, 0, 1, 1), value=-1.0)",
    "torch.linspace(0.0, 1.0, 3) * v", "torch.real(torch.fft.fft(x, dim=0))", "torch.real(torch.fft.fft(v, n=5))",
    "torch.fft.irfft(torch.fft.rfft(v), n=3)", "torch.scatter(x, 0, i[:, :2], y[:, :2])",
    "torch.index_add(x, 0, j, y[:2], alpha=0.5)", "torch.index_add(x, 0, j, y[:2])", "torch.select(x, 0, 2)",
    "torch.narrow(x, 1, 1, 2)", "torch.narrow(x, 0, 0, 3)", "F.conv1d(t, l, stride=3)", "F.conv1d(t, l, padding=2)",
    "F.conv1d(t, l, v)", "F.conv2d(m, f, dilation=2)", "F.conv2d(m, f, stride=(2, 1))", "F.conv2d(m, f, v)",
    "F.conv2d(m, f[:2, :2], g[:2], groups=2)", "F.conv_transpose1d(t, torch.transpose(l, 0, 1), v, padding=1)",
    "F.conv_transpose1d(t, torch.transpose(l, 0, 1), stride=2, output_padding=1)",
    "F.conv_transpose1d(t, torch.transpose(l, 0, 1), dilation=2)",
    "F.conv_transpose2d(m, torch.transpose(f, 0, 1), stride=(2, 1), padding=(0, 1))",
    "F.conv_transpose2d(m, torch.transpose(f, 0, 1), v)", "F.max_pool1d(t, 2, stride=1)",
    "F.max_pool1d(t, 3, padding=1)", "F.max_pool1d(-t - 9, 3, padding=1)", "F.avg_pool1d(t, 3, stride=2, padding=1)",
    "F.avg_pool2d(m, 2, stride=1)", "F.adaptive_avg_pool1d(t, 3)", "F.adaptive_max_pool1d(t, 2)",
    "F.adaptive_avg_pool2d(m, (2, 4))", "F.adaptive_max_pool1d(t, 5)", "F.unfold(m, 2, stride=2)",
    "F.unfold(m, 2, padding=1)", "F.unfold(m, 2, dilation=2)", "F.unfold(m, (3, 2), stride=(1, 2), padding=(0, 1))",
    "F.fold(F.unfold(m, 2, padding=1), (5, 6), 2, padding=1)", "F.fold(F.unfold(m, 2, stride=2), (5, 6), 2, stride=2)",
    "F.fold(F.unfold(m, (2, 3), padding=(1, 0), stride=(1, 3)), (5, 6), (2, 3), padding=(1, 0), stride=(1, 3))",
    "t.unfold(2, 3, 1)", "t.unfold(1, 2, 2)", "torch.norm(x, p=float('inf'))", "torch.norm(x, 1)", "torch.norm(x, 0)",
    "torch.norm(x, p='fro')", "torch.norm(x, 2, dim=0)", "torch.norm(x, 3, dim=1, keepdim=True)",
    "torch.norm(v, -float('inf'))", "torch.logsumexp(x, dim=0, keepdim=True)", "torch.logsumexp(x, dim=(0, 1))",
    "torch.softmax(x, dim=0)", "F.log_softmax(x, dim=0)", "F.softmax(100 * x, dim=1)", "torch.squeeze(x[:, None], 1)",
    "torch.squeeze(x, 0)", "torch.squeeze(x[:, :1])", "F.one_hot(c) * 1.0", "F.one_hot(c, 5) * 1.0",
    "torch.triu(A, 1)", "torch.triu(A, diagonal=-1)", "torch.tril(A)", "torch.tril(A, -1)", "torch.transpose(x, 0, 1)",
    "torch.transpose(m, 1, 3)", "torch.clip(v, max=0.5)", "torch.clip(v, -0.5)", "torch.where(v > 0, u, k)",
    "torch.where(v > 0, 1.0, 0.0)", "torch.arange(3) * v", "torch.arange(1, 4) * v", "torch.arange(0, 6, 2) * v",
    "torch.stack([v, u])", "torch.cat([x, y])", "torch.max(v, u)", "torch.min(v, u)", "torch.min(x, dim=0).values",
    "torch.argmax(x, dim=0) * 1.0", "torch.argmax(x) * 1.0", "torch.argmax(x, dim=1, keepdim=True) * 1.0",
    "torch.prod(x, dim=1)", "torch.prod(x)", "torch.mean(x, dim=(0, 1))", "torch.sum(m, dim=(1, 3), keepdim=True)",
    "torch.amax(x, dim=0)", "torch.var(x, dim=1, unbiased=False)", "torch.std(x, correction=0)",
    "torch.var(x, dim=0, keepdim=True)", "torch.flip(x, (1,))", "torch.permute(m, (3, 0, 1, 2))", "torch.eye(3) @ A",
    "torch.full((3,), 2.5) * v", "torch.unsqueeze(x, 1)", "torch.flatten(x)", "torch.broadcast_to(v, (2, 3))",
    "torch.outer(v, u)", "torch.trace(A)", "v % 0.4", "v // 0.4", "(v > 0) & (u > 0.5)", "(v > 0) | (u > 0.5)",
    "(v >= 0.7) * 1.0", "(v <= 0.7) * 1.0", "(v == 0.7) * 1.0", "(v != 0.7) * 1.0", "torch.sign(v)", "torch.rsqrt(u)",
    "torch.reciprocal(v)", "torch.expm1(v)", "torch.log1p(u)", "torch.erf(v)", "torch.atan(v)", "torch.asinh(v)",
    "torch.sinh(v)", "torch.cosh(v)", "torch.tan(v)", "torch.ones_like(x) * s", "torch.zeros_like(x) + s",
    "torch.einsum('ij,kj->ik', x, y)",
]  # fmt: skip
"""Operations with and without each of their options."""


@pytest.mark.parametrize("source", WITH_OPTIONS)
def test_an_option_means_the_same_as_with_torch(source: str) -> None:
    held = {name: value.numpy() if isinstance(value, torch.Tensor) else value for name, value in MORE_VALUES.items()}
    expression = parse_expression(source)
    mine = plain(evaluate(expression, Environment(held), DividingByOneLess()))
    theirs = plain(evaluate(expression, Environment(dict(MORE_VALUES)), TorchMeaning()))

    assert mine.shape == theirs.shape
    assert mine == pytest.approx(theirs, rel=1e-11, abs=1e-12)
