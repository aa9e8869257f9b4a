"""Code that evaluates nothing elsewhere on the way to a step is not run again to see whether it does."""

from __future__ import annotations

from pathlib import Path

import pytest

import grader
from grader.judge.borrowed.evaluations import MIN_SCALED_MOVE, moves
from grader.model import Value
from grader.runner.session import Decide, Session
from grader.runner.types import Order, Trace
from tests import warm

SOLUTIONS = Path(grader.__file__).parents[1] / "solutions"


@pytest.mark.parametrize(
    "exercise",
    [
        "lstm-cell",
        "logistic-regression",
        "softmax-cross-entropy-fused",
        "cs231n-layer-norm",
        "cs231n-rnn-step",
        "cs231n-softmax",
        "cs231n-relu",
        "tanh-mlp",
    ],
)
def test_a_loss_and_a_numerical_check_cost_no_run(exercise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _runs(exercise, monkeypatch) == 4


def _runs(exercise: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many runs the worked solution takes, which is right."""
    runs: list[Order] = []
    run = Session.run

    def counted(self: Session, order: Order, decide: Decide | None = None) -> Trace:
        runs.append(order)
        return run(self, order, decide)

    monkeypatch.setattr(Session, "run", counted)
    result = warm.check(exercise, SOLUTIONS / f"{exercise}.py")

    assert result.complete
    return len(runs)


@pytest.mark.parametrize("scale", [1e-3, 1e-6])
def test_the_smaller_the_slopes_the_smaller_the_moves_that_count(scale: float) -> None:
    before = {name: Value.of([2.0, -4.0], (2,)) for name in ("far", "near")}
    after = {
        name: Value.of([2.0, -4.0 + times * MIN_SCALED_MOVE * scale * 4.0], (2,))
        for name, times in NEAR_AND_FAR.items()
    }

    assert moves(frozenset(before), before, after, scale).keys() == {"far"}


NEAR_AND_FAR = {"far": 2.0, "near": 0.5}
