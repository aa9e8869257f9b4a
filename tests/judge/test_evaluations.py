"""Code that evaluates nothing elsewhere on the way to a step is not run again to see whether it does."""

from __future__ import annotations

from pathlib import Path

import pytest

import grader
from grader.runner.session import Decide, Session
from grader.runner.types import Order, Trace
from tests import warm

SOLUTIONS = Path(grader.__file__).parents[1] / "solutions"


@pytest.mark.parametrize("exercise", ["lstm-cell", "logistic-regression", "softmax-cross-entropy-fused"])
def test_a_loss_and_a_numerical_check_cost_no_run(exercise: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Order] = []
    run = Session.run

    def counted(self: Session, order: Order, decide: Decide | None = None) -> Trace:
        runs.append(order)
        return run(self, order, decide)

    monkeypatch.setattr(Session, "run", counted)
    result = warm.check(exercise, SOLUTIONS / f"{exercise}.py")

    assert result.complete
    assert len(runs) == 4
