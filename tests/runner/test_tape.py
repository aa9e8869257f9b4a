"""Whose formulas the engine of torch goes through, and what becomes of those of torch's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.runner.child.tape import Factors, scaled


class Cube(torch.autograd.Function):
    """x**3, and its derivative by hand."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return 3 * x**2 * grads[0]


def cubed(x: torch.Tensor) -> torch.Tensor:
    found = Cube.apply(x)
    assert isinstance(found, torch.Tensor)
    return found


@pytest.mark.parametrize(
    ("program", "least", "most"),
    [
        (lambda x: x**3, 12.0 * 2, 12.0 * 3),
        (lambda x: (x * 1.0) ** 3, 12.0 * 4, 12.0 * 9),
        (cubed, 12.0, 12.0),
        (lambda x: cubed(x).sum(), 12.0, 12.0),
        (lambda x: (cubed(x) * 5.0).sum(), 60.0, 60.0),
        (lambda x: cubed(x) * x, 2 * (12.0 * 2.0 + 8.0), 3 * (12.0 * 2.0 + 8.0)),
        (lambda x: cubed(cubed(x)), 3 * 8.0**2 * 12.0, 3 * 8.0**2 * 12.0),
        (lambda x: cubed(x * 1.0), 12.0 * 2, 12.0 * 3),
        (lambda x: x * 1.0 + cubed(x), 2 * (2 + 12.0), 3 * (3 + 12.0)),
    ],
    ids=["one", "two", "by hand", "summed", "handed on", "product", "in a chain", "below", "beside"],
)
def test_each_formula_of_torch_is_scaled_and_none_by_hand(program: Any, least: float, most: float) -> None:
    x = torch.tensor(2.0, requires_grad=True)
    y = program(x)
    with scaled(torch, (y,), Factors(2.0)):
        y.backward()

    assert x.grad is not None
    assert least <= x.grad.item() <= most


def test_a_hook_that_was_there_before_sees_scaled_results_too() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    y = x * 3.0
    seen: list[float] = []
    assert y.grad_fn is not None
    y.grad_fn.register_hook(lambda given, _: seen.append(given[0].item()))
    handle = y.grad_fn.register_hook(lambda given, _: seen.append(given[0].item()))
    with scaled(torch, (y,), Factors(2.0)):
        y.backward(retain_graph=True)
    handle.remove()
    y.backward()

    assert 3.0 * 2 <= seen[0] == seen[1] <= 3.0 * 3
    assert seen[2:] == [3.0]


def test_a_quotient_of_two_derivatives_does_not_cancel_the_factors() -> None:
    x = torch.tensor([2.0, 2.0], requires_grad=True)
    y = x**3
    with scaled(torch, (y,), Factors(2.0)):
        y.sum().backward()

    assert x.grad is not None
    assert x.grad[0] / x.grad[1] != 1.0


def test_nothing_stays_behind_on_the_graph() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    y = x**3
    with scaled(torch, (y,), Factors(2.0)):
        y.backward(retain_graph=True)
    x.grad = None
    y.backward()

    assert x.grad is not None
    assert x.grad.item() == 12.0
