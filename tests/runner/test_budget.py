"""What all runs of a submission may take together."""

from __future__ import annotations

from grader.runner.budget import Allowance, Budget
from grader.runner.types import Limits

LIMITS = Limits(10.0, total=30.0, wall=60.0)


def test_a_run_may_take_its_own_limit_and_half_of_what_is_left_of_the_clock() -> None:
    budget = Budget(LIMITS)
    first = budget.allowance("perturbed")
    budget.spend(10.0, 30.0)

    assert (first, budget.allowance("perturbed")) == (Allowance(10.0, 30.0), Allowance(10.0, 15.0))


def test_a_quarter_of_both_is_kept_for_trials() -> None:
    budget = Budget(LIMITS)
    budget.spend(20.0, 25.0)

    assert budget.remaining("ordinary") == Allowance(2.5, 20.0)
    assert budget.remaining("perturbed") == Allowance(10.0, 35.0)


def test_a_total_that_is_used_up_is_named() -> None:
    computing, waiting, neither = Budget(LIMITS), Budget(LIMITS), Budget(LIMITS)
    computing.spend(25.0, 30.0)
    waiting.spend(1.0, 60.0)

    assert (computing.used_up("ordinary"), computing.used_up("perturbed")) == ("30 s of computing", None)
    assert waiting.used_up("perturbed") == "60 s"
    assert neither.used_up("ordinary") is None
