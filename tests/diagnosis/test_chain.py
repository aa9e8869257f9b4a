"""The chain rule of programs that build one name up in a loop."""

from __future__ import annotations

import pytest

from grader.diagnosis.chain_rule.chain import Derivation
from grader.judge.matching.compare import Measure
from grader.reference.autograd import build
from tests.reference.making import exercise


def told(forward: str, passes: int, of: str = "L", by: str = "x[1]") -> str | None:
    """The rule of d(of)/d(by) in a program over `passes` elements of x; None where there is none."""
    given = {"w": 0.7, "T": {"value": passes, "fixed": True}}
    one = exercise(given, forward, {"step": f"d({of})/d({by})"})
    reference = build(one, "")
    derivation = Derivation(one, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))
    rule = derivation.rule(one.steps[0])
    return None if rule is None else rule.told({})


SUM = "x[0] = w\nL = 0\nfor t in range(1, T+1):\n    x[t] = w * x[t-1]\n    L = L + x[t]**2\n"


def test_what_a_loop_adds_up_has_every_summand_in_its_rule() -> None:
    assert told(SUM, 2) == "d(L)/d(x[1]) = 2 * x[1] + 2 * x[2] * d(x[2])/d(x[1])"


@pytest.mark.parametrize(
    "forward",
    [
        "x[0] = w\nL = 0\nfor t in range(1, T+1):\n    x[t] = w * x[t-1] + L\n    L = L + x[t]**2\n",
        "x[0] = w\nx[1] = w**2\nL = x[1]\nfor t in range(1, T+1):\n    L = L * L\n",
    ],
    ids=["read on the way", "doubled in every pass"],
)
def test_a_name_that_is_several_quantities_has_no_rule(forward: str) -> None:
    assert told(forward, 2) is None


def test_a_sum_of_hundreds_is_too_deep_a_formula() -> None:
    assert told(SUM, 200) is None


def test_the_rule_of_a_derivatives_derivative_differentiates_the_first_ones() -> None:
    forward = "h = tanh(w * x)\nL = h**2\n"
    steps: dict[str, object] = {
        "dh": "d(L)/d(h)",
        "hw": "d(h)/d(w)",
        "again": "d(d(L)/d(h))/d(w)",
        "dw": "d(d(L)/d(w))/d(w)",
    }
    one = exercise({"w": 0.7, "x": 1.2}, forward, steps)
    reference = build(one, "")
    derivation = Derivation(one, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))
    rules = [derivation.rule(step) for step in one.steps[2:]]

    assert [rule is not None and rule.known for rule in rules] == [True, True]
    assert rules[0] is not None
    assert rules[0].told({}) == "d(d(L)/d(h))/d(w) = 2 * d(h)/d(w)"
