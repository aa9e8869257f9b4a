"""What comes back through a formula, and what goes on through it, is what autograd says."""

from __future__ import annotations

import re

import pytest
import torch

from grader.formula.array_rules import UnknownShapeError
from grader.formula.build import NOWHERE, ONE
from grader.formula.evaluate import Environment, evaluate
from grader.formula.parse import parse_expression
from grader.formula.syntax import Expression, Name, text
from grader.formula.vjp import jvp, vjp
from grader.reference.autograd import MEANING

SHAPES: dict[str, tuple[int, ...]] = {
    "s": (), "r": (), "h": (4,), "k": (4,), "b": (5,), "x": (3, 4), "z": (3, 4), "w": (4, 5), "q": (3, 1),
    "p": (2, 3, 4), "v": (2, 4, 5),
}  # fmt: skip

FORMULAS = [
    "-x", "exp(x)", "expm1(x)", "log(x)", "log1p(x)", "sqrt(x)", "rsqrt(x)", "square(x)", "reciprocal(x)", "abs(x)",
    "tanh(x)", "sigmoid(x)", "sinh(x)", "cosh(x)", "sin(x)", "cos(x)", "tan(x)", "arctan(x)", "arcsinh(x)",
    "relu(x - 1)",
    "softplus(x)", "erf(x)", "gelu(x)", "silu(x)", "log2(x)", "log10(x)", "exp2(x)", "logsigmoid(x)",
    "leaky_relu(x - 1)",     "arctanh(x / 2)", "arcsin(x / 2)", "arccos(x / 2)", "arccosh(x + 1)", "lgamma(x)",
    "digamma(x)", "erfc(x)",
    "ndtr(x)",     "erfinv(x / 2)", "relu6(7 * x)", "elu(x - 1)", "hardtanh(x)", "softsign(x)", "tanhshrink(x)",
    "x + z", "x + h", "x - h", "h - x", "x * z", "x * h", "x * s", "s * x", "x / z", "x / h", "h / x", "x / s", "x**3",
    "x**2", "x**s", "s**x", "x * q", "x - q", "q / x", "x / sum(x, dim=1, keepdim=True)",
    "x @ w", "x @ h", "h @ w", "h @ k", "p @ v", "dot(h, k)", "outer(h, b)", "x @ w + b", "tanh(x @ w + b)",
    "sum(x)", "sum(x * z)", "sum(x, dim=0)", "sum(x, dim=1)", "sum(x, dim=1, keepdim=True)", "mean(x)",
    "mean(x, dim=0)", "mean(square(x - z))", "sum(x * x)", "sum(x @ w)", "mean(sum(p, dim=0), dim=-1)",
    "softmax(x, dim=1)", "softmax(x, dim=-1)", "log_softmax(x, dim=1)", "x.T", "p.mT", "transpose(p, 0, 2)",
    "reshape(x, [2, 6])", "unsqueeze(h, 0)", "x - reshape(h, [1, 4])", "squeeze(q)", "flatten(x)", "where(x > 1, x, z)",
    "var(x, dim=0)", "var(x, dim=1, correction=0, keepdim=True)", "maximum(x, h)", "minimum(x, z)",
    "mse_loss(x, z)", "max(x, dim=1)", "cross_entropy(x, [1, 0, 3])", "log_softmax(x, dim=1)[arange(3), [1, 0, 3]]",
    "einsum('ij,jk->ik', x, w)", "einsum('ij,ij->j', x, z)", "einsum('bij,bjk->bik', p, v)", "x @ w / 2", "(x @ w).T",
    "s * r", "s / r", "s**2 + r * s", "tanh(s * r)", "sum(h) * s",
]  # fmt: skip


def values() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {name: torch.rand(shape, dtype=torch.float64) + 0.5 for name, shape in SHAPES.items()}


def computed(formula: Expression, held: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.as_tensor(evaluate(formula, Environment(dict(held)), MEANING), dtype=torch.float64)


CASES = [
    (source, name)
    for source in FORMULAS
    for name in sorted({part for part in SHAPES if part in set(re.findall(r"\b[a-z]\b", source))})
]


@pytest.mark.parametrize(("source", "wanted"), CASES)
def test_what_comes_back_is_the_vector_jacobian_product(source: str, wanted: str) -> None:
    held = values()
    formula = parse_expression(source)
    out = computed(formula, held)
    upstream = torch.rand(out.shape, dtype=torch.float64) + 0.5

    def shape_of(node: Expression) -> tuple[int, ...]:
        return tuple(computed(node, held).shape)

    parts = vjp(formula, Name("out", NOWHERE), Name(wanted, NOWHERE), Name("up", NOWHERE), upstream.shape, shape_of)
    assert parts, source
    total = sum(computed(part, {**held, "out": out, "up": upstream}) for part in parts)
    leaf = held[wanted].clone().requires_grad_()
    computed(formula, {**held, wanted: leaf}).backward(upstream)

    assert leaf.grad is not None
    assert isinstance(total, torch.Tensor)
    assert total.shape == leaf.shape
    torch.testing.assert_close(total, leaf.grad)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [case for case in CASES if not re.search("softmax|where|var|mum|mse|entropy|einsum|max", case[0])],
)
def test_what_goes_on_is_the_jacobian_vector_product(source: str, wanted: str) -> None:
    held = values()
    formula = parse_expression(source)
    tangent = torch.rand(held[wanted].shape, dtype=torch.float64) + 0.5
    out, expected = torch.func.jvp(lambda one: computed(formula, {**held, wanted: one}), (held[wanted],), (tangent,))
    forward = jvp(formula, Name("out", NOWHERE), Name(wanted, NOWHERE), Name("tangent", NOWHERE))

    assert forward is not None
    found = computed(forward, {**held, "out": out, "tangent": tangent})
    torch.testing.assert_close(found.expand(expected.shape), expected)


def test_factors_of_one_and_signs_are_not_written() -> None:
    (back,) = vjp(parse_expression("-(a * b)"), Name("y", NOWHERE), Name("a", NOWHERE), ONE, (), lambda _: ()) or ()

    assert text(back) == "-b"


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("x[x > 1]", "[flatten(x > 1)]"),
        ("x[c]", "[flatten(c != 0)]"),
        ("h[g]", "[g != 0]"),
        ("x[f]", "[f != 0]"),
        ("x[:, g]", "[g != 0]"),
        ("masked_select(h, g)", "[g != 0]"),
    ],
)
def test_a_condition_with_a_name_is_a_condition_in_the_formula_too(source: str, written: str) -> None:
    held = {
        **values(),
        "c": torch.eye(3, 4),
        "g": torch.tensor([1.0, 0.0, 1.0, 0.0]),
        "f": torch.tensor([0.0, 1.0, 1.0]),
    }
    formula = parse_expression(source)
    out = computed(formula, held)
    name = source.removeprefix("masked_select(")[0]
    leaf = held[name].clone().requires_grad_()

    (part,) = vjp(
        formula,
        Name("out", NOWHERE),
        Name(name, NOWHERE),
        Name("up", NOWHERE),
        tuple(out.shape),
        lambda node: tuple(computed(node, held).shape),
    ) or (ONE,)

    computed(formula, {**held, name: leaf}).backward(out)
    assert written in text(part)
    torch.testing.assert_close(computed(part, {**held, "up": out}), leaf.grad)


def test_a_shape_that_is_not_known_gives_no_formula() -> None:
    def shape_of(node: Expression) -> tuple[int, ...]:
        if isinstance(node, Name):
            return SHAPES[node.id]
        raise UnknownShapeError(text(node))

    parts = vjp(parse_expression("sum(i0(x) + h)"), Name("out", NOWHERE), Name("h", NOWHERE), ONE, (), shape_of)

    assert parts is None


def test_what_has_no_rule_gives_nothing() -> None:
    y, x = Name("y", NOWHERE), Name("x", NOWHERE)
    for source in ("x[..., ::2]", "i0(x)", "quantile(x, 0.5)"):
        assert vjp(parse_expression(source), y, x, ONE, (), lambda _: (3, 4)) is None
