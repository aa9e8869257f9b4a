"""What code does because a run is a forced one counts for nothing; what it computes from what it is fed does."""

from __future__ import annotations

import math

import pytest

from grader.exercise.load import load
from grader.judge.runs.forced import MIN_SIZE, _is_another
from grader.model import Observed, Opaque, Result, Value
from grader.runner.session import Decide, Session
from grader.runner.types import Order, Trace
from grader.submission.load import load_bytes
from tests import warm
from tests.hostile.attacks import HERE

EXERCISE = load(HERE / "exercise.yaml")
START = "import math\nx = 0.7\nw = 1.2\nh = math.tanh(w * x)\ny = h**2\n"
FORCED = 'import sys\nforced = bool(sys._getframe(1).f_locals["run"].plan.stops)\n'


def check(code: str) -> Result:
    return warm.check(EXERCISE, load_bytes((START + code).encode(), "mine.py"))


def outcomes(result: Result) -> list[str]:
    return [step.outcome for step in result.steps]


def test_what_is_fed_by_a_mistake_is_carried_whatever_else_the_code_looks_at() -> None:
    result = check(
        "import sys, time\nprint(sys.argv, time.time())\ndh = 3 * h\ndw = dh * (1 - h**2) * x\ndx = dw / x * w\n"
    )

    assert outcomes(result) == ["wrong", "carried", "carried"]


def test_a_right_formula_that_is_used_in_forced_runs_only_is_wrong() -> None:
    result = check(FORCED + "dh = 3 * h\ndw = dh * (1 - h**2) * x if forced else 0.3 * x\ndx = dh * (1 - h**2) * w\n")

    assert outcomes(result) == ["wrong", "wrong", "carried"]


def test_a_step_fed_by_a_random_number_is_carried() -> None:
    """What a placeholder is in one run it is not in the next; the step follows it all the same."""
    code = "import random, sys\ndh = random.random()\ndw = dh * (1 - h**2) * x\ndx = dh * (1 - h**2) * w\n"

    assert outcomes(check(code)) == ["wrong", "carried", "carried"]


def test_a_step_without_any_entry_is_wrong() -> None:
    code = "import sys\nimport numpy as np\ndh = np.zeros(0)\ndw = dh * (1 - h**2) * x\ndx = dh * (1 - h**2) * w\n"

    assert outcomes(check(code)) == ["wrong", "carried", "carried"]


def test_a_mask_that_compares_a_wrong_value_with_itself_stays() -> None:
    code = "import sys\ndh = 3 * h\nsame = dh == 3 * h\ndw = dh * (1 - h**2) * x\ndx = dh * (1 - h**2) * w\n"

    assert outcomes(check(code)) == ["wrong", "carried", "carried"]


def test_plain_code_is_run_no_more_often_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Order] = []
    run = Session.run

    def counted(self: Session, order: Order, decide: Decide | None = None) -> Trace:
        runs.append(order)
        return run(self, order, decide)

    monkeypatch.setattr(Session, "run", counted)
    steps = "dh = 3 * h\ndw = dh * (1 - h**2) * x\ndx = dh * (1 - h**2) * w\n"
    check(steps)
    plain = sum(bool(order.stops) for order in runs)
    runs.clear()
    check("import sys\n" + steps)

    assert sum(bool(order.stops) for order in runs) == plain + 1


NONE = Opaque("object", "NoneType")


@pytest.mark.parametrize(
    ("was", "now", "another"),
    [
        (Value.scalar(4.0), Value.scalar(4.03125), False),  # moved by less than 1 %
        (Value.scalar(4.0), Value.scalar(4.0625), True),
        (Value.of([0.0, 4.0], (2,)), Value.of([0.03125, 4.0], (2,)), False),  # relative to the largest entry
        (Value.scalar(0.0), Value.scalar(0.01), False),  # or to 1 % of the largest value of the point, which is 128
        (Value.scalar(0.0), Value.scalar(0.02), True),
        (Value.scalar(1.0), Value.of([1.0, 1.0], (2,)), True),
        (Value.of([], (0,)), Value.of([], (0,)), False),
        (Value.scalar(math.inf), Value.scalar(math.inf), False),
        (Value.scalar(math.inf), Value.scalar(4.0), True),
        (Value.scalar(4.0), NONE, True),
        (Value.scalar(4.0), None, True),
        (NONE, NONE, False),
        (NONE, Value.scalar(4.0), True),
    ],
)
def test_what_is_another_value_and_not_one_that_has_moved(was: Observed, now: Observed | None, another: bool) -> None:
    assert _is_another(was, now, MIN_SIZE * 128) is another
