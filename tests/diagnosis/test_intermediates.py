"""The values that a program computes without naming them."""

from __future__ import annotations

import pytest

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.intermediates import Intermediate, intermediates
from grader.exercise.load import loads
from grader.judge.matching.compare import Measure
from grader.reference.autograd import build
from grader.reference.cache import reference_for
from tests.reference.making import exercise

GIVEN: dict[str, object] = {name: 0.6 + 0.1 * place for place, name in enumerate("abcpqr")}


def found(forward: str) -> set[str]:
    one = exercise(GIVEN, forward, {"step": "d(L)/d(a)"})
    reference = build(one, "")
    derivation = Derivation(one, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))
    return {intermediate.name for intermediate in intermediates(derivation)}


def test_a_product_of_three_is_split_in_every_way() -> None:
    assert found("L = a * b * c\n") == {"a * b", "a * c", "b * c"}


def test_a_divisor_alone_is_what_one_is_divided_by_it() -> None:
    assert found("L = a * b / c\n") == {"a * b", "a / c", "b / c", "1 / c"}


def test_a_difference_keeps_the_signs_of_its_terms() -> None:
    assert found("L = a - b + c\n") == {"a + -b", "a + c", "-b + c", "-b"}


@pytest.mark.parametrize(
    ("product", "split"), [("a * b * c * p * q", True), ("a * b * c * p * q * r", False)], ids=["five", "six"]
)
def test_five_factors_are_split_in_every_way_and_six_only_as_they_are_written(product: str, split: bool) -> None:
    assert (f"a * {product[-1]}" in found(f"L = {product}\n")) is split
    assert "a * b" in found(f"L = {product}\n")


def of_arrays(given: dict[str, str], forward: str) -> tuple[Intermediate, ...]:
    drawn = "".join(f"  {name}: {one}\n" for name, one in given.items())
    lines = "".join(f"  {line}\n" for line in forward.splitlines())
    steps = "steps: {dz: d(L)/d(z)}"
    one = loads(f"exercise: own\ntitle: Own\ngiven:\n{drawn}forward: |\n{lines}{steps}\n")
    reference = reference_for(one)
    return intermediates(Derivation(one, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points)))


WRITTEN_OUT = [
    (
        "L = sum(u * sigmoid(z))",
        {"z": "{shape: [4, 3], draw: normal}", "u": "{shape: [4, 3], draw: normal}"},
        ["u * sigmoid(z)", "sigmoid(z)", "exp(-z)"],
    ),
    (
        "L = sum(u * relu(z))",
        {"z": "{shape: [4, 3], draw: normal}", "u": "{shape: [4, 3], draw: normal}"},
        ["u * relu(z)", "relu(z)", "z > 0"],
    ),
    (
        "L = sum(u * leaky_relu(z))",
        {"z": "{shape: [4, 3], draw: normal}", "u": "{shape: [4, 3], draw: normal}"},
        ["u * leaky_relu(z)", "leaky_relu(z)", "z > 0"],
    ),
    (
        "v = var(z, 0)\nL = sum(u * v)",
        {"z": "{shape: [4, 3], draw: normal}", "u": "{shape: [3], draw: normal}"},
        [
            "mean(z, dim=0, keepdim=True)",
            "z - mean(z, dim=0, keepdim=True)",
            "square(z - mean(z, dim=0, keepdim=True))",
            "sum(square(z - mean(z, dim=0, keepdim=True)), dim=0, keepdim=True)",
            "std(z, dim=0)",
            "u * v",
        ],
    ),
    (
        "L = std(z, correction=0)",
        {"z": "{shape: [4, 3], draw: normal}"},
        [
            "mean(z, keepdim=True)",
            "z - mean(z, keepdim=True)",
            "square(z - mean(z, keepdim=True))",
            "sum(square(z - mean(z, keepdim=True)), keepdim=True)",
            "var(z, correction=0)",
        ],
    ),
    (
        "L = var(z)",
        {"z": "{shape: [4, 3], draw: normal}"},
        [
            "mean(z, keepdim=True)",
            "z - mean(z, keepdim=True)",
            "square(z - mean(z, keepdim=True))",
            "sum(square(z - mean(z, keepdim=True)), keepdim=True)",
            "std(z)",
        ],
    ),
    (
        "L = sum(u * softmax(z, 1))",
        {"z": "{shape: [4, 3], draw: normal}", "u": "{shape: [4, 3], draw: normal}"},
        [
            "u * softmax(z, dim=1)",
            "softmax(z, dim=1)",
            "z - max(z, dim=1, keepdim=True)",
            "exp(z - max(z, dim=1, keepdim=True))",
            "sum(exp(z - max(z, dim=1, keepdim=True)), dim=1, keepdim=True)",
            "log(sum(exp(z - max(z, dim=1, keepdim=True)), dim=1, keepdim=True))",
            "exp(z)",
            "sum(exp(z), dim=1, keepdim=True)",
            "log(sum(exp(z), dim=1, keepdim=True))",
            "log_softmax(z, dim=1)",
        ],
    ),
    (
        "L = sum(u * log_softmax(z, 0))",
        {"z": "{shape: [4, 3], draw: normal}", "u": "{shape: [4, 3], draw: normal}"},
        [
            "u * log_softmax(z, dim=0)",
            "log_softmax(z, dim=0)",
            "z - max(z, dim=0, keepdim=True)",
            "exp(z - max(z, dim=0, keepdim=True))",
            "sum(exp(z - max(z, dim=0, keepdim=True)), dim=0, keepdim=True)",
            "log(sum(exp(z - max(z, dim=0, keepdim=True)), dim=0, keepdim=True))",
            "exp(z)",
            "sum(exp(z), dim=0, keepdim=True)",
            "log(sum(exp(z), dim=0, keepdim=True))",
            "softmax(z, dim=0)",
        ],
    ),
    (
        "L = sum(logsumexp(z, 1))",
        {"z": "{shape: [4, 3], draw: normal}"},
        [
            "logsumexp(z, dim=1)",
            "z - max(z, dim=1, keepdim=True)",
            "exp(z - max(z, dim=1, keepdim=True))",
            "sum(exp(z - max(z, dim=1, keepdim=True)), dim=1, keepdim=True)",
            "log(sum(exp(z - max(z, dim=1, keepdim=True)), dim=1, keepdim=True))",
            "exp(z)",
            "sum(exp(z), dim=1, keepdim=True)",
            "softmax(z, dim=1)",
            "log_softmax(z, dim=1)",
        ],
    ),
    (
        "L = mse_loss(z, u)",
        {"z": "{shape: [4, 3], draw: normal}", "u": "{shape: [4, 3], draw: normal}"},
        ["z - u", "square(z - u)"],
    ),
    (
        "L = sum(u * conv1d(z, w))",
        {
            "z": "{shape: [2, 1, 7], draw: normal}",
            "w": "{shape: [3, 1, 3], draw: normal}",
            "u": "{shape: [2, 3, 5], draw: normal}",
        },
        ["u * conv1d(z, w)", "conv1d(z, w)", "stack([z[:, :, 0:5], z[:, :, 1:6], z[:, :, 2:7]], dim=-1)"],
    ),
    (
        "L = sum(u * (w[0] * z[0:6] + w[1] * z[1:7]))",
        {"z": "{shape: [7], draw: normal}", "w": "{shape: [2], draw: normal}", "u": "{shape: [6], draw: normal}"},
        [
            "u * (w[0] * z[0:6] + w[1] * z[1:7])",
            "w[0] * z[0:6] + w[1] * z[1:7]",
            "w[0] * z[0:6]",
            "w[1] * z[1:7]",
            "stack([z[0:6], z[1:7]], dim=-1)",
            "w[0]",
            "z[0:6]",
            "w[1]",
            "z[1:7]",
        ],
    ),
    (
        "a = z * w\nL = sum(a) - sum(z)",
        {"z": "{shape: [7], draw: normal}", "w": "{shape: [7], draw: normal}"},
        ["sum(a)", "-sum(z)", "sum(z)"],
    ),
]


@pytest.mark.parametrize(("forward", "given", "expected"), WRITTEN_OUT)
def test_what_one_computes_who_writes_an_operation_out(
    forward: str, given: dict[str, str], expected: list[str]
) -> None:
    assert [one.name for one in of_arrays(given, forward)] == expected


@pytest.mark.parametrize(
    ("shape", "orders"),
    [
        ((3, 2, 4), [[1, 0, 2]]),
        ((4, 3, 2), [[2, 1, 0]]),
        ((6, 4), [[1, 0, 2]]),
        ((4, 6), [[2, 0, 1], [2, 1, 0]]),
        ((2, 12), [[0, 2, 1]]),
        ((8, 3), [[0, 2, 1], [2, 0, 1]]),
        ((3, 8), [[1, 0, 2], [1, 2, 0]]),
        ((2, 1, 12), [[0, 2, 1]]),
        ((2, 3, 4), []),
        ((5,), []),
        ((12,), []),
    ],
)
def test_the_axes_may_be_in_another_order_and_merged(shape: tuple[int, ...], orders: list[list[int]]) -> None:
    drawn = "{shape: [2, 3, 4], draw: normal}"
    one = of_arrays({"z": drawn, "u": drawn}, "L = sum(u * tanh(z))")[0]

    found = list(one.laid_out(shape))

    assert [made.name for made in found] == [f"permute({one.name}, dims={order})" for order in orders]
    assert all(value.shape == shape for made in found for value in made.values)
