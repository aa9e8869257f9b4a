"""The nodes of torch's backward pass: formulas of torch's own, and formulas that a student wrote.

A `torch.autograd.Function` of the student's is derived by hand: what its `backward` returns is theirs, whoever calls
it. So the engine's inputs are not scaled, but the result of each of torch's own formulas is, every entry by a factor of
its own: a common factor would cancel in a quotient of two derivatives. A step counts as taken from autograd where one
of torch's formulas lies on its path.
"""

from __future__ import annotations

import contextlib
import importlib
import random
from collections.abc import Iterator, Sequence
from typing import Any


class Factors:
    """Generates random factors, a new one for each use: each lies between `scale` and twice as far from 1."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self._random = random.Random()

    def next(self) -> float:
        return 1.0 if self.scale == 1.0 else 1.0 + (self.scale - 1.0) * (1.0 + self._random.random())

    def like(self, shape: tuple[int, ...]) -> Any:
        """Factors for an array of this shape, as a numpy array; one number for a scalar."""
        if not shape:
            return self.next()
        drawn = importlib.import_module("numpy").random.default_rng(self._random.getrandbits(62)).random(shape)
        return 1.0 + (self.scale - 1.0) * (1.0 + drawn)

    def times(self, torch: Any, value: Any) -> Any:
        """A tensor with each entry multiplied by a factor of its own; anything else unchanged."""
        if self.scale == 1.0 or not isinstance(value, torch.Tensor):
            return value
        if not (value.is_floating_point() or value.is_complex()) or value.layout != torch.strided:
            return value
        if value.dim() == 0:
            return value * self.next()
        # Not drawn by torch, whose random functions do not work inside its vmap.
        return value * torch.from_numpy(self.like(tuple(value.shape))).to(value.real.dtype)


@contextlib.contextmanager
def scaled(torch: Any, outputs: Sequence[Any], factors: Factors) -> Iterator[None]:
    """Context in which the results of torch's own formulas are multiplied while the engine runs."""

    def multiplied(given: Any, _: Any) -> Any:
        with torch._C.DisableTorchFunction():
            return tuple(factors.times(torch, one) for one in given)

    of_torch = [] if factors.scale == 1.0 else _of_torch(torch, outputs)
    hooks = [_first(node.register_hook(multiplied)) for node in of_torch]
    try:
        with _seeds_multiplied(outputs, multiplied) if hooks else contextlib.nullcontext():
            yield
    finally:
        for hook in hooks:
            hook.remove()


def _first(hook: Any) -> Any:
    """The hook, moved before those that the student has registered on its node: what these see is multiplied."""
    hooks = hook.hooks_dict_ref()
    for number in [number for number in hooks if number != hook.id]:
        hooks[number] = hooks.pop(number)
    return hook


def _of_torch(torch: Any, outputs: Sequence[Any]) -> list[Any]:
    """The nodes with formulas of torch's own that are reached from `outputs`."""
    seen: dict[Any, None] = {}
    with torch._C.DisableTorchFunction():
        waiting = [node for one in outputs if (node := getattr(one, "grad_fn", None) or getattr(one, "node", None))]
    waiting = [one for node in waiting for one in _handed_to(torch, node) or [node]]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen[node] = None
            waiting += _next(node)
    return [node for node in seen if not is_written(torch, node) and node.name() != _LEAF]


_LEAF = "torch::autograd::AccumulateGrad"
_HANDS_ON = frozenset({"SumBackward0", "MulBackward0", "DotBackward0"})


def _handed_to(torch: Any, node: Any) -> list[Any]:
    """The student's functions, where the loss only passes upstream derivatives on to them: `dy` in `(F.apply(x) *
    dy).sum().backward()`, also as one of the terms of a sum. Empty where the loss does more, or there is no such
    function."""
    while node.name() in _HANDS_ON and len(following := _next(node)) == 1:
        node = following[0]
    if is_written(torch, node):
        return [node]
    terms = [_handed_to(torch, one) for one in _next(node)] if node.name() == "AddBackward0" else []
    return [one for term in terms for one in term] if all(terms) else []


def _next(node: Any) -> list[Any]:
    return [one for one, _ in node.next_functions if one is not None]


def is_written(torch: Any, node: Any) -> bool:
    """Whether the formula was written in a function of the student's."""
    if not isinstance(node, torch.autograd.function.BackwardCFunction):
        return False
    backward = getattr(getattr(node, "_forward_cls", None), "backward", None)
    return str(getattr(backward, "__module__", "torch")).partition(".")[0] != "torch"


@contextlib.contextmanager
def _seeds_multiplied(outputs: Any, multiplied: Any) -> Iterator[None]:
    """Multiply the gradients that outputs retain for themselves too: these are the seeds, which no formula produces."""
    kept = [(one, one.grad) for one in outputs if getattr(one, "retains_grad", False)]
    yield
    for one, before in kept:
        if one.grad is not None:
            (given,) = multiplied((one.grad if before is None else one.grad - before,), None)
            one.grad = given if before is None else before + given
