"""Formulas written out: what is written, run as it stands, is what the reference says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from grader.errors import UsageError
from grader.formula.compositions import is_composed
from grader.formula.evaluate import Environment, evaluate
from grader.formula.operations import OPERATIONS
from grader.formula.parse import parse_expression, parse_program
from grader.formula.rare_operations import HOMES, RARE_OPERATIONS
from grader.formula.spelling import LIBRARIES, NUMPY, PYTHON, TABLES, TORCH, WRITTEN_OUT, Library
from grader.formula.syntax import Call, walk
from grader.handout.writing import CodeWriter
from grader.reference.operations import TorchMeaning, to_tensor
from tests.formula.test_evaluate import SAMPLES, VALUES

NO_MATRIX = "v.t()"
"""torch leaves a vector as it is; written out is what holds for matrices."""

MORE = [
    "-(v + u)**2",
    "(v + u) * (v - u) / u",
    "v - (u - v)",
    "2**-s",
    "(-s)**2",
    "s**s**s",
    "(v > 0) + (u > 0)",
    "where(v * u, v, u)",
    "where((v > 0) * (u > 1), v, 0)",
    "v[ix] + B[:, 0][ix]",
    "A[..., ::2][0]",
    "v[::-2] * v[-1::-2]",
    "A[::-1, 2:0:-1]",
    "v[:-3:-1] + v[1::-1]",
    "A[0, 1:] @ Q",
    "v[[0, 2]]",
    "[[s, 1.0], [2.0, s]] @ Q",
    "[1, 2, 3] * v",
    "v[:, None] * u[None, :]",
    "sqrt(A.shape[1]) * v",
    "tanh(n / 2) * v",
    "maximum(n, v)",
    "zeros(shape=A.shape) + A",
    "reshape(A, n, 2)",
    "reshape(A, 6)",
    "logsumexp(A, dim=1, keepdim=True)",
    "logsumexp(A)",
    "softmax(A, dim=0)",
    "log_softmax(A)",
    "cross_entropy(B, [1, 0, 1], reduction='sum')",
    "cross_entropy(B, ix // 2, reduction='none')",
    "cross_entropy(B, softmax(B))",
    "mse_loss(v, u, reduction='none')",
    "mse_loss(v, u, reduction='sum')",
    "flatten(A[None], 1)",
    "flatten(A[None], 0, 1)",
    "conv1d(A[None], B[None, :2, :], s[None], stride=2, padding=1)",
    "conv1d(A, B[None, :2, :])",
    "max(v, keepdim=True)",
    "var(A, dim=0)",
    "A.sum()",
    "norm(A, 3, dim=1)",
    "norm(A, dim=(0, 1), keepdim=True)",
    "cumsum(A, dim=1)",
    "triu(Q, 1)",
    "flip(A, (0, 1))",
    "clip(v, min=0)",
    "broadcast_to(v, (2, 3))",
    "leaky_relu(v, 0.2)",
    "permute(A[None], 2, 0, 1)",
    "one_hot(ix)",
    "full(3, 2) * v",
    "gelu(v) + silu(v) + softplus(v) + logsigmoid(v)",
]


def run(library: Library, lines: list[str], writer: CodeWriter, values: dict[str, Any]) -> dict[str, Any]:
    """The names after the lines have run, with the values as the library holds them."""
    torch.set_default_dtype(torch.float64)
    names: dict[str, Any] = {"np": np, "torch": torch, "F": functional, "math": math}
    for name, value in values.items():
        if not isinstance(value, torch.Tensor) or library == "torch":
            names[name] = value
        else:
            names[name] = value.tolist() if library == "python" else value.numpy()
    try:
        exec("\n".join([*writer.helpers.values(), *lines]), names)
    finally:
        torch.set_default_dtype(torch.float32)
    return names


def written(library: Library, source: str) -> Any:
    writer = CodeWriter(library, plain={"n"}, whole=frozenset({"ix"}))
    return run(library, [f"result = {writer.expression(parse_expression(source))}"], writer, VALUES)["result"]


def agrees(found: Any, source: str) -> None:
    right = to_tensor(evaluate(parse_expression(source), Environment(dict(VALUES)), TorchMeaning()))
    made = torch.tensor(found.tolist() if hasattr(found, "tolist") else found, dtype=torch.float64)
    assert made.shape == right.shape
    torch.testing.assert_close(made, right.to(torch.float64), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("source", [*(source for source, _ in SAMPLES if source != NO_MATRIX), *MORE])
def test_what_is_written_means_the_same(library: Library, source: str) -> None:
    agrees(written(library, source), source)


SCALARS = [source for source, _ in SAMPLES if "s" in source] + [
    "2 * s**2 - s / 3",
    "where(s > 0, 1 - s, s)",
    "where(s < 0, 1.0, 2.0) * s",
    "leaky_relu(-s, 0.1)",
    "clip(s, 0.6, 1) + clip(s, max=0.2)",
    "sign(-s) + sign(s - s)",
    "maximum(s, 1) + minimum(s, 1)",
    "asin(s) + acos(s) + acosh(s + 1) + erfc(s) + lgamma(s)",
    "floor(s) + ceil(s) + trunc(3 * s) + isinf(s) + isfinite(s)",
    "logical_xor(s > 0, s > 1) + ~(s > 1)",
    "s.clone() * detach(s)",
    "sum(s) * mean(s) - prod(s)",
    "abs(-s) + square(s) + relu(-s)",
    "logical_and(s > 0, s > 1) + logical_or(s > 0, s > 1)",
]


def _is_scalar(source: str) -> bool:
    tree = parse_expression(source)
    operations = {part.operation for part in walk(tree) if isinstance(part, Call)}
    known = {key.split("/")[0] for key in PYTHON} | WRITTEN_OUT - {"matmul"}
    value = to_tensor(evaluate(tree, Environment(dict(VALUES)), TorchMeaning()))
    reads = {part.id for part in walk(tree) if hasattr(part, "id")}
    return operations <= known and reads <= {"s", "n"} and value.shape == ()


@pytest.mark.parametrize("source", [source for source in SCALARS if _is_scalar(source)])
def test_scalars_can_be_written_in_plain_python(source: str) -> None:
    agrees(written("python", source), source)


def test_every_operation_has_a_spelling_in_numpy_and_in_torch() -> None:
    for table in (NUMPY, TORCH):
        spelled = {key.split("/")[0].rstrip("+") for key in table}

        of_torch = " ".join(HOMES.values()).split() if table is TORCH else []
        assert [
            one for one in sorted(set(OPERATIONS) - spelled - WRITTEN_OUT - set(of_torch)) if not is_composed(one)
        ] == []
        assert sorted(spelled - set(OPERATIONS) - set(RARE_OPERATIONS)) == []


def test_every_operation_of_plain_python_has_been_tried() -> None:
    tried = {
        part.operation
        for source in SCALARS
        if _is_scalar(source)
        for part in walk(parse_expression(source))
        if isinstance(part, Call)
    }

    assert sorted({key.split("/")[0] for key in PYTHON} - tried - {"max", "min"}) == []


@pytest.mark.parametrize("source", ["cumsum(v)", "Q @ Q", "[1, 2]", "zeros(2)", "stack([s, s])"])
def test_what_needs_arrays_is_refused_in_plain_python(source: str) -> None:
    with pytest.raises(UsageError, match="cannot be written in plain Python"):
        written("python", source)


@pytest.mark.parametrize(("library", "module"), [("numpy", "np"), ("torch", "torch")])
def test_a_range_is_written_with_the_ends_that_were_given(library: Library, module: str) -> None:
    assert CodeWriter(library).expression(parse_expression("range(n)")) == f"{module}.arange(n)"
    assert CodeWriter(library).expression(parse_expression("arange(1, n)")) == f"{module}.arange(1, n, 1)"


@pytest.mark.parametrize(
    ("library", "text"),
    [
        ("numpy", "np.tanh(x) * (1 - y**2) / np.sum(z, axis=0, keepdims=True)"),
        ("torch", "torch.tanh(x) * (1 - y**2) / torch.sum(z, dim=0, keepdim=True)"),
    ],
)
def test_what_is_written_reads_like_what_a_student_would_write(library: Library, text: str) -> None:
    source = "tanh(x) * (1 - y**2) / sum(z, axis=0, keepdims=True)"

    assert CodeWriter(library).expression(parse_expression(source)) == text


PROGRAM = """
h[0] = h0
for t in range(1, n+1):
    a[t] = W @ h[t-1] + x[t]
    h[t] = tanh(a[t])
z = zeros(2)
for i in reversed(range(2)):
    z[i] = sum(h[1] * v[i])
loss = sum(h[n]) + sum(h) + sum(z)
"""


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_loops_families_and_changes_in_place_are_written_as_they_are(library: Library) -> None:
    values = {
        "n": 2,
        "h0": torch.tensor([0.1, 0.2], dtype=torch.float64),
        "W": torch.tensor([[0.3, -0.4], [0.5, 0.6]], dtype=torch.float64),
        "x": torch.tensor([[0.0, 0.0], [1.0, 2.0], [0.5, -0.5]], dtype=torch.float64),
        "v": torch.tensor([1.5, 2.5], dtype=torch.float64),
    }
    writer = CodeWriter(library, plain={"n"})
    lines = [line for _, line in writer.program(parse_program(PROGRAM))]
    names = run(library, lines, writer, values)
    h1 = torch.tanh(values["W"] @ values["h0"] + values["x"][1])
    h2 = torch.tanh(values["W"] @ h1 + values["x"][2])

    assert "for t in range(1, n + 1):" in lines
    assert "    h[t] = " + ("np" if library == "numpy" else "torch") + ".tanh(a[t])" in lines
    expected = h2.sum() + values["h0"].sum() + h1.sum() + h2.sum() + h1.sum() * values["v"].sum()
    assert float(names["loss"]) == pytest.approx(float(expected), rel=1e-14)


def test_a_helper_gives_way_to_a_quantity_of_its_name() -> None:
    writer = CodeWriter("numpy", taken={"sigmoid"})

    assert writer.expression(parse_expression("sigmoid(x)")) == "sigmoid_(x)"
    assert writer.helpers["sigmoid_"].startswith("def sigmoid_(x):")


def test_the_tables_are_those_of_all_libraries() -> None:
    assert tuple(TABLES) == LIBRARIES
