"""Record what happens inside the program at one point: saturated functions, the sides of kinks that are used, and the
values that get no name."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from grader.formula.evaluate import composed
from grader.formula.syntax import Assign, Call, Place, walk
from grader.reference.operations import TorchMeaning

FLAT = 1e-3
"""A tanh or a sigmoid with a slope below this is saturated: whatever is multiplied by it hardly matters."""

_SLOPES = {"tanh": lambda y: 1 - y * y, "sigmoid": lambda y: y * (1 - y)}
_KINKED_AT_ZERO = frozenset({"relu", "leaky_relu", "abs"})
_OF_TWO = frozenset({"maximum", "minimum", "max", "min"})
_OF_SCORES = frozenset({"softmax", "log_softmax", "logsumexp", "cross_entropy"})
_COMPARISONS = frozenset({"gt", "ge", "lt", "le"})


@dataclass(frozen=True, slots=True)
class Saturation:
    """A tanh or a sigmoid, and the share of its entries that are saturated (0 to 1)."""

    place: Place
    operation: str
    share: float


@dataclass(frozen=True, slots=True)
class Sides:
    """An operation with a kink, and on which of its sides entries were."""

    place: Place
    operation: str
    below: bool
    above: bool


class ValueMonitor(TorchMeaning):
    """Like `TorchMeaning`, and records saturation and kinks. `statement` is the statement being evaluated."""

    def __init__(self) -> None:
        self.statement: Assign | None = None
        self.saturations: list[Saturation] = []
        self.sides: list[Sides] = []

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        result = super().apply(operation, operands, options)
        if self.statement is not None and isinstance(result, Tensor) and result.numel():
            self._note(operation, operands, result.detach())
        return result

    def _note(self, operation: str, operands: list[Any], result: Tensor) -> None:
        if operation in _SLOPES:
            share = (_SLOPES[operation](result) < FLAT).double().mean().item()
            self.saturations.append(Saturation(self._place(operation), operation, share))
            return
        # Only values that depend on the inputs: a constant mask can never be on the other side.
        if not any(isinstance(one, Tensor) and one.requires_grad for one in operands):
            return
        offset = _offset(operation, operands)
        if operation in _COMPARISONS:
            offset = result - 0.5
        if offset is not None:
            below, above = bool((offset < 0).any()), bool((offset > 0).any())
            self.sides.append(Sides(self._place(operation), operation, below, above))

    def _place(self, operation: str) -> Place:
        assert self.statement is not None
        calls = (node for node in walk(self.statement.value) if isinstance(node, Call) and node.operation == operation)
        return next((node.place for node in calls), self.statement.place)


class UnnamedValues(ValueMonitor):
    """Like `TorchMeaning`, and keeps every value that is computed on the way, `values`: also those inside an operation
    that is made of others, and those of a softmax from which the largest score is subtracted first."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[Tensor] = []

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        result = TorchMeaning.apply(self, operation, operands, options)
        if isinstance(result, Tensor) and result.is_floating_point():
            self.values.append(result.detach())
        with contextlib.suppress(Exception):  # such as options of a library's own: nothing is known of the inside
            if operation in _OF_SCORES:
                scores = operands[0].detach()
                classes = min(1, scores.dim() - 1) if operation == "cross_entropy" else -1
                self._shifted(scores, options.get("dim", classes))
            composed(operation, operands, options, self)
        return result

    def _shifted(self, scores: Tensor, axis: int) -> None:
        shifted = scores - scores.amax(axis, keepdim=True)
        for one in (scores, shifted):
            total = one.exp().sum(axis, keepdim=True)
            self.values += [one, one.exp(), total, one - total.log()]


def _offset(operation: str, operands: list[Any]) -> Tensor | None:
    """Distance of the entries from an operation's kink; None if it has no kink."""
    if operation in _KINKED_AT_ZERO:
        made: Tensor = operands[0].detach()
        return None if made.is_complex() else made
    if operation not in _OF_TWO or len(operands) < 2:
        return None
    # `maximum(x, 1e-8)` only guards against 0: the guard is not meant to be reached.
    if any(isinstance(one, int | float) and one != 0 for one in operands[:2]):
        return None
    left, right = (one.detach() if isinstance(one, Tensor) else one for one in operands[:2])
    difference: Tensor = left - right
    return difference
