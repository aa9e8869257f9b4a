"""What torch's engine goes through on its way back: formulas of torch's own, and those that a student wrote.

A `torch.autograd.Function` of the student's is work by hand: what its `backward` returns is theirs, whoever calls it.
So not what goes into the engine is scaled, but what each formula of torch's own gives. A step is taken from autograd
where one of those lies on its way.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def scaled(torch: Any, outputs: Any, scale: float) -> Iterator[None]:
    """While the engine runs, multiplies all that torch's own formulas give."""

    def multiplied(given: Any, _: Any) -> Any:
        return tuple(None if one is None else one * scale for one in given)

    hooks = [] if scale == 1.0 else [node.register_hook(multiplied) for node in _of_torch(torch, outputs)]
    try:
        with _seeds_multiplied(outputs, multiplied) if hooks else contextlib.nullcontext():
            yield
    finally:
        for hook in hooks:
            hook.remove()


def _of_torch(torch: Any, outputs: Any) -> list[Any]:
    """The formulas of torch's own that are reached from `outputs`."""
    seen: dict[Any, None] = {}
    waiting = [node for one in outputs if (node := getattr(one, "grad_fn", None) or getattr(one, "node", None))]
    waiting = [_handed_to(torch, node) or node for node in waiting]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen[node] = None
            waiting += _next(node)
    return [node for node in seen if not _is_written(torch, node) and node.name() != _LEAF]


_LEAF = "torch::autograd::AccumulateGrad"
_HANDS_ON = frozenset({"SumBackward0", "MulBackward0", "DotBackward0"})


def _handed_to(torch: Any, node: Any) -> Any:
    """The student's function that a loss does nothing with but hand it what comes from above: `dy` of
    `(F.apply(x) * dy).sum().backward()`. None where it does more, or there is none."""
    while node.name() in _HANDS_ON and len(following := _next(node)) == 1:
        node = following[0]
    return node if _is_written(torch, node) else None


def _next(node: Any) -> list[Any]:
    return [one for one, _ in node.next_functions if one is not None]


def _is_written(torch: Any, node: Any) -> bool:
    """Whether the formula is that of a function of the student's."""
    if not isinstance(node, torch.autograd.function.BackwardCFunction):
        return False
    backward = getattr(getattr(node, "_forward_cls", None), "backward", None)
    return str(getattr(backward, "__module__", "torch")).partition(".")[0] != "torch"


@contextlib.contextmanager
def _seeds_multiplied(outputs: Any, multiplied: Any) -> Iterator[None]:
    """Multiplies what outputs keep as their own derivative as well: it is what goes in, and no formula gives it."""
    kept = [(one, one.grad) for one in outputs if getattr(one, "retains_grad", False)]
    yield
    for one, before in kept:
        if one.grad is not None:
            (given,) = multiplied((one.grad if before is None else one.grad - before,), None)
            one.grad = given if before is None else before + given
