"""The value of a formula: every operation means what NumPy and torch mean by it, and every failure has its place."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from grader.formula.check import unrolled
from grader.formula.evaluate import Environment, EvaluationError, evaluate, execute
from grader.formula.operations import OPERATIONS
from grader.formula.parse import parse_expression, parse_program
from grader.formula.syntax import Call, Derivative, Place, walk
from grader.reference.operations import TABLE, TorchMeaning, to_tensor

MEANING = TorchMeaning()


def tensor(numbers: Any) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


VALUES = {
    "s": tensor(0.5),
    "v": tensor([1.0, -2.0, 3.0]),
    "u": tensor([2.0, 0.5, 1.0]),
    "A": tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    "B": tensor([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]),
    "Q": tensor([[1.0, 2.0], [3.0, 5.0]]),
    "ix": torch.tensor([2, 0, 2]),
    "n": 3,
}


def value_of(source: str) -> Any:
    return evaluate(parse_expression(source), Environment(dict(VALUES)), MEANING)


def numbers_of(source: str) -> Any:
    return to_tensor(value_of(source)).tolist()


def failure_of(source: str, elements: dict[str, dict[int, Any]] | None = None) -> EvaluationError:
    with pytest.raises(EvaluationError) as caught:
        evaluate(parse_expression(source), Environment(dict(VALUES), elements or {}), MEANING)
    return caught.value


SAMPLES: list[tuple[str, Any]] = [
    ("-v", [-1.0, 2.0, -3.0]),
    ("exp(s)", math.exp(0.5)),
    ("expm1(s)", math.expm1(0.5)),
    ("log(s)", math.log(0.5)),
    ("log1p(s)", math.log1p(0.5)),
    ("log2(s)", -1.0),
    ("log10(s)", math.log10(0.5)),
    ("sqrt(s)", math.sqrt(0.5)),
    ("rsqrt(s)", math.sqrt(2)),
    ("square(v)", [1.0, 4.0, 9.0]),
    ("reciprocal(s)", 2.0),
    ("abs(v)", [1.0, 2.0, 3.0]),
    ("sign(v)", [1.0, -1.0, 1.0]),
    ("tanh(s)", math.tanh(0.5)),
    ("sinh(s)", math.sinh(0.5)),
    ("cosh(s)", math.cosh(0.5)),
    ("sin(s)", math.sin(0.5)),
    ("cos(s)", math.cos(0.5)),
    ("tan(s)", math.tan(0.5)),
    ("atan(s)", math.atan(0.5)),
    ("atanh(s)", math.atanh(0.5)),
    ("asinh(s)", math.asinh(0.5)),
    ("sigmoid(s)", 1 / (1 + math.exp(-0.5))),
    ("logsigmoid(s)", -math.log1p(math.exp(-0.5))),
    ("relu(v)", [1.0, 0.0, 3.0]),
    ("gelu(s)", 0.25 * (1 + math.erf(0.5 / math.sqrt(2)))),
    ("silu(s)", 0.5 / (1 + math.exp(-0.5))),
    ("softplus(s)", math.log1p(math.exp(0.5))),
    ("erf(s)", math.erf(0.5)),
    ("isnan(s) + 0", 0.0),
    ("A.T", [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
    ("A.mT", [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
    ("v.t()", [1.0, -2.0, 3.0]),
    ("detach(v)", [1.0, -2.0, 3.0]),
    ("v.clone()", [1.0, -2.0, 3.0]),
    ("zeros_like(v)", [0.0, 0.0, 0.0]),
    ("ones_like(v)", [1.0, 1.0, 1.0]),
    ("A.shape", [2.0, 3.0]),
    ("len(A)", 2.0),
    ("diag(Q)", [1.0, 5.0]),
    ("trace(Q)", 6.0),
    ("v + u", [3.0, -1.5, 4.0]),
    ("v - u", [-1.0, -2.5, 2.0]),
    ("v * u", [2.0, -1.0, 3.0]),
    ("v / u", [0.5, -4.0, 3.0]),
    ("7 // 2", 3.0),
    ("7 % 4", 3.0),
    ("v // 2", [0.0, -1.0, 1.0]),
    ("v % 2", [1.0, 0.0, 1.0]),
    ("v ** 2", [1.0, 4.0, 9.0]),
    ("2 ** v", [2.0, 0.25, 8.0]),
    ("2 ** -1", 0.5),
    ("Q @ Q", [[7.0, 12.0], [18.0, 31.0]]),
    ("dot(v, u)", 4.0),
    ("dot(s, v)", [0.5, -1.0, 1.5]),
    ("inner(Q, Q)", [[5.0, 13.0], [13.0, 34.0]]),
    ("outer(u, s * u)", [[2.0, 0.5, 1.0], [0.5, 0.125, 0.25], [1.0, 0.25, 0.5]]),
    ("maximum(v, 0)", [1.0, 0.0, 3.0]),
    ("minimum(v, 0)", [0.0, -2.0, 0.0]),
    ("v > 1", [0.0, 0.0, 1.0]),
    ("v >= 1", [1.0, 0.0, 1.0]),
    ("v < 1", [0.0, 1.0, 0.0]),
    ("v <= 1", [1.0, 1.0, 0.0]),
    ("v == 1", [1.0, 0.0, 0.0]),
    ("v != 1", [0.0, 1.0, 1.0]),
    ("logical_and(v > 0, u > 1)", [1.0, 0.0, 0.0]),
    ("logical_or(v > 0, u > 1)", [1.0, 0.0, 1.0]),
    ("atan2(s, s)", math.pi / 4),
    ("sum(A)", 21.0),
    ("sum(A, axis=0)", [5.0, 7.0, 9.0]),
    ("sum(A, axis=(0, 1), keepdims=True)", [[21.0]]),
    ("sum(A, keepdims=True)", [[21.0]]),
    ("sum(s)", 0.5),
    ("mean(A, axis=1)", [2.0, 5.0]),
    ("mean(s)", 0.5),
    ("mean(ix)", 4 / 3),
    ("prod(u)", 1.0),
    ("prod(A, axis=0)", [4.0, 10.0, 18.0]),
    ("prod(Q, keepdims=True)", [[30.0]]),
    ("max(A)", 6.0),
    ("max(s)", 0.5),
    ("A.max(1)", [3.0, 6.0]),
    ("max(A, axis=(0, 1), keepdims=True)", [[6.0]]),
    ("max(A, keepdims=True)", [[6.0]]),
    ("max(v, 0)", [1.0, 0.0, 3.0]),
    ("min(v)", -2.0),
    ("min(v, 0)", [0.0, -2.0, 0.0]),
    ("torch.var(u)", 7 / 12),
    ("np.var(u)", 7 / 18),
    ("torch.std(u)", math.sqrt(7 / 12)),
    ("logsumexp(log(u))", math.log(3.5)),
    ("logsumexp(s)", 0.5),
    ("norm(v)", math.sqrt(14)),
    ("norm(v, 1)", 6.0),
    ("np.linalg.norm(A, axis=0)", [math.sqrt(17), math.sqrt(29), math.sqrt(45)]),
    ("argmax(A, axis=1)", [2, 2]),
    ("A.max(1).indices", [2, 2]),
    ("cumsum(v)", [1.0, -1.0, 2.0]),
    ("softmax(log(u))", [4 / 7, 1 / 7, 2 / 7]),
    ("exp(log_softmax(log(u)))", [4 / 7, 1 / 7, 2 / 7]),
    ("cross_entropy(log(u), 1)", math.log(7)),
    ("cross_entropy(log(u), softmax(0 * u))", math.log(3.5) - math.log(1.0) / 3),
    ("mse_loss(v, u)", (1 + 6.25 + 4) / 3),
    ("mse_loss(v, u, reduction='sum')", 11.25),
    ("reshape(A, 3, 2)", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    ("A.view(-1)", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    ("flatten(A)", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
    ("squeeze(u[None])", [2.0, 0.5, 1.0]),
    ("squeeze(u[:, None], 1)", [2.0, 0.5, 1.0]),
    ("unsqueeze(s, 0)", [0.5]),
    ("transpose(A, 0, 1)", [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
    ("np.transpose(A, (1, 0))", [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
    ("permute(A, 1, 0)", [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
    ("broadcast_to(s, (2,))", [0.5, 0.5]),
    ("clip(v, -1, 2)", [1.0, -1.0, 2.0]),
    ("leaky_relu(v)", [1.0, -0.02, 3.0]),
    ("leaky_relu(v, s)", [1.0, -1.0, 3.0]),
    ("where(v > 0, v, 10)", [1.0, 10.0, 3.0]),
    ("one_hot(ix, 3)", [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
    ("triu(Q)", [[1.0, 2.0], [0.0, 5.0]]),
    ("tril(Q)", [[1.0, 0.0], [3.0, 5.0]]),
    ("flip(v, 0)", [3.0, -2.0, 1.0]),
    ("conv1d(A[None], B[None, :2, :])", [[[0.1 + 0.4 + 1.2 + 2.0, 0.2 + 0.6 + 1.5 + 2.4]]]),
    ("einsum('ij,jk->ik', Q, Q)", [[7.0, 12.0], [18.0, 31.0]]),
    ("stack([v, u])", [[1.0, -2.0, 3.0], [2.0, 0.5, 1.0]]),
    ("concat([v, u], 0)", [1.0, -2.0, 3.0, 2.0, 0.5, 1.0]),
    ("zeros(2)", [0.0, 0.0]),
    ("ones((1, 2))", [[1.0, 1.0]]),
    ("full((2,), 1.5)", [1.5, 1.5]),
    ("eye(2)", [[1.0, 0.0], [0.0, 1.0]]),
    ("arange(n)", [0, 1, 2]),
    ("arange(1, 6, 2)", [1, 3, 5]),
]


@pytest.mark.parametrize(("source", "expected"), SAMPLES, ids=[source for source, _ in SAMPLES])
def test_the_meaning_of_each_operation(source: str, expected: Any) -> None:
    found = to_tensor(value_of(source))

    assert found.shape == torch.tensor(expected).shape
    torch.testing.assert_close(found.to(torch.float64), tensor(expected), rtol=1e-14, atol=1e-15)


def test_every_operation_has_a_meaning_and_nothing_else_has() -> None:
    # A power keeps a plain exponent as it is: `TorchMeaning.apply` means it.
    assert set(OPERATIONS) - {"pow"} == set(TABLE)


def test_every_operation_has_a_sample() -> None:
    sampled = {n.operation for source, _ in SAMPLES for n in walk(parse_expression(source)) if isinstance(n, Call)}

    assert set(OPERATIONS) - sampled == set()


@pytest.mark.parametrize(
    "source", ["exp(ix)", "ix / 3", "ix / ix", "ix ** 0.5", "arange(0.0, 1.0, 0.1)", "ix * 0.1", "mean(ix)", "ix @ v"]
)
def test_what_is_computed_from_whole_numbers_is_double_precision(source: str) -> None:
    assert value_of(source).dtype == torch.float64


def test_arithmetic_of_whole_numbers_stays_whole_and_can_index() -> None:
    assert value_of("n - 1") == 2
    assert numbers_of("v[n - 1]") == 3.0
    assert numbers_of("v[2 - ix]") == [1.0, 3.0, 1.0]
    assert numbers_of("v[maximum(ix, 1) - 1]") == [-2.0, 1.0, -2.0]


def test_whole_numbers_that_grow_without_measure_become_real() -> None:
    environment = Environment({"m": 2**40})
    for statement in parse_program("m = m * m\n" * 2):
        execute(statement, environment, MEANING)  # type: ignore[arg-type]

    assert environment.values["m"] == 2.0**160


# indices


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("v[0]", 1.0),
        ("v[-1]", 3.0),
        ("v[1:]", [-2.0, 3.0]),
        ("v[:-1]", [1.0, -2.0]),
        ("A[0, 1]", 2.0),
        ("A[:, 0]", [1.0, 4.0]),
        ("A[..., ::2]", [[1.0, 3.0], [4.0, 6.0]]),
        ("v[:, None]", [[1.0], [-2.0], [3.0]]),
        ("v[ix]", [3.0, 1.0, 3.0]),
        ("B[range(3), [0, 1, 0]]", [0.1, 0.4, 0.5]),
        ("A[0][1]", 2.0),
        ("(v + u)[0]", 3.0),
        ("A.shape[1]", 3.0),
        ("[[s, 1], [2, s]]", [[0.5, 1.0], [2.0, 0.5]]),
    ],
)
def test_indices_and_lists(source: str, expected: Any) -> None:
    torch.testing.assert_close(to_tensor(value_of(source)), tensor(expected), rtol=0, atol=0)


def test_lists_of_quantities_keep_their_derivatives() -> None:
    x = tensor(2.0).requires_grad_()

    made = evaluate(parse_expression("sum([[x, 1], [x * x, 0]])"), Environment({"x": x}), MEANING)

    assert torch.autograd.grad(made, x)[0] == 5.0


def test_a_constant_filled_in_keeps_its_derivative() -> None:
    x = tensor(2.0).requires_grad_()

    made = evaluate(parse_expression("sum(full((3,), x))"), Environment({"x": x}), MEANING)

    assert torch.autograd.grad(made, x)[0] == 3.0


# families

FAMILY = "h[0] = s\nfor t in range(1, 4):\n  h[t] = 2 * h[t-1]\ny = h[3]\nz = sum(h)\n"


def run(source: str) -> Environment:
    environment = Environment(dict(VALUES))
    for statement in unrolled(parse_program(source), {"n": 3}):
        execute(statement, environment, MEANING)
    return environment


def test_elements_assigned_one_by_one_are_nodes_of_their_own() -> None:
    environment = run(FAMILY)

    assert {index: float(value) for index, value in environment.elements["h"].items()} == {
        0: 0.5,
        1: 1.0,
        2: 2.0,
        3: 4.0,
    }
    assert environment.values["y"] is environment.elements["h"][3]
    assert float(environment.node("h", 2)) == 2.0


def test_a_family_read_as_a_whole_is_stacked_in_the_order_of_its_indices() -> None:
    assert float(run(FAMILY).values["z"]) == 7.5
    assert run("h[2] = 3\nh[1] = 1\ny = h * 1\n").values["y"].tolist() == [1.0, 3.0]


def test_elements_of_a_family_may_be_indexed_further() -> None:
    environment = run("h[0] = v\ny = h[0, 2]\nz = h[0][1:]\n")

    assert float(environment.values["y"]) == 3.0
    assert environment.values["z"].tolist() == [-2.0, 3.0]


def test_parts_of_a_whole_are_put_in_place() -> None:
    environment = run("y = zeros(2, 3)\ny[0, 1] = s\ny[1] = v\ny[1, ix] = 7\nz = y[1, 0]\n")

    assert environment.values["y"].tolist() == [[0.0, 0.5, 0.0], [7.0, -2.0, 7.0]]
    assert environment.elements == {}


# failures


@pytest.mark.parametrize(
    ("source", "place", "message"),
    [
        ("s + A @ A", (1, 5), "`A @ A` with `A` of shape 2 x 3 and `A` of shape 2 x 3"),
        ("s * (v + Q)", (1, 6), "`v + Q` with `v` of shape 3 and `Q` of shape 2 x 2"),
        ("1 + v[5]", (1, 5), "`v[5]` with `v` of shape 3"),
        ("v[s]", (1, 1), ""),
        ("s[0]", (1, 1), "`s[0]` of a single number"),
        ("n[0]", (1, 1), "not subscriptable"),
        ("2 * w", (1, 5), "`w` has no value here"),
        ("reshape(v, 2, 2)", (1, 1), "invalid for input of size 3"),
        ("tanh('a')", (1, 1), ""),
        ("einsum('ij,jk', v)", (1, 1), ""),
        ("sum(A, axis=7)", (1, 1), "`sum(A, dim=7)` with `A` of shape 2 x 3"),
        ("where(v > 0, None, v)", (1, 1), ""),
        ("concat([v, A])", (1, 1), ""),
        ("zeros(-1)", (1, 1), ""),
        ("[[1, 2], [3]] + 1", (1, 1), ""),
        ("d(s)/d(s)", (1, 1), "a derivative cannot stand here"),
    ],
)
def test_what_cannot_be_computed_has_its_place(source: str, place: tuple[int, int], message: str) -> None:
    failure = failure_of(source)

    assert (failure.place.line, failure.place.column) == place
    assert message in str(failure)


@pytest.mark.parametrize(
    ("source", "found", "expected"),
    [
        ("logaddexp(v, Q)", "`logaddexp(v, Q)` with `v` of shape 3 and `Q` of shape 2 x 2", "shapes that fit: from"),
        ("lerp(v, Q, 0.5)", "`lerp(v, Q, 0.5)` with `v` of shape 3 and `Q` of shape 2 x 2", "shapes that fit: from"),
        ("cumsum(A, dim=5)", "`cumsum(A, dim=5)` with `A` of shape 2 x 3", "an axis that it has"),
        ("softmax(s, dim=1)", "`softmax(s, dim=1)` with `s` a single number", "an axis that it has"),
        ("glu(s)", "`glu(s)` with `s` a single number: glu does not", "operands that it can be computed of"),
        ("cross_entropy(A, ix)", "`cross_entropy(A, ix)` with `A` of shape 2 x 3 and `ix` of", "operands that"),
        ("binary_cross_entropy(Q, v)", "`binary_cross_entropy(Q, v)` with `Q` of shape 2 x 2 and `v`", "operands that"),
    ],
)
def test_what_an_operation_was_given_is_told_where_it_cannot_be_computed(
    source: str, found: str, expected: str
) -> None:
    failure = failure_of(source)

    assert str(failure).startswith(found)
    assert failure.expected.startswith(expected)
    assert "\n" not in str(failure)


def test_an_element_that_was_never_assigned_has_its_place() -> None:
    failure = failure_of("1 + h[3]", {"h": {0: tensor(1.0)}})

    assert (failure.place, str(failure)) == (Place(1, 5, 1, 9), "`h[3]` has no value here")


def test_indexing_an_element_beyond_its_shape_has_its_place() -> None:
    assert failure_of("1 + h[0, 7]", {"h": {0: tensor([1.0])}}).place.column == 5


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ("stack(A)", "A"),
        ("stack(A, 1)", "A.T"),
        ("torch.stack(A, dim=1)", "A.T"),
        ("concatenate(A)", "flatten(A)"),
        ("maximum(v, float('-inf'))", "v"),
    ],
)
def test_a_list_with_a_name_is_an_array_already(source: str, same: str) -> None:
    assert torch.equal(*(evaluate(parse_expression(one), Environment(dict(VALUES)), MEANING) for one in (source, same)))


def test_a_family_of_different_shapes_cannot_be_read_as_a_whole() -> None:
    assert failure_of("sum(h)", {"h": {0: tensor(1.0), 1: tensor([1.0, 2.0])}}).place.column == 5


@pytest.mark.parametrize(
    "source",
    [
        "y[1.5] = s",
        "y = zeros(2)\ny[5] = s",
        "y = zeros(2)\ny[0] = v",
        "y = s\ny[0] = s",
        "h[0] = s\nh = v",
    ],
)
def test_assignments_that_cannot_be_carried_out_have_their_place(source: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        run(source)

    assert caught.value.place.line == len(source.splitlines())


def test_derivatives_are_handed_to_whoever_knows_them() -> None:
    def derivative(node: Derivative) -> Any:
        return tensor(10.0)

    value = evaluate(parse_expression("2 * d(y)/d(x) + s"), Environment(dict(VALUES)), MEANING, derivative)

    assert float(value) == 20.5
