"""A condition that keeps a derivation from running is one mistake; a second attempt that never runs earns nothing."""

from __future__ import annotations

from grader.model import Result
from grader.report.terminal import render
from grader.submission.load import load_bytes
from tests import warm

FORWARD = """
from math import tanh
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h*h0
h1 = tanh(h1_raw)
h2_raw = w_h*h1
h2 = tanh(h2_raw)
y2 = w_y*h2
training = 0
"""
FIRST = ("dy2 = 1.0", "dw_y = h2*dy2", "dh2 = w_y*dy2")
SECOND = ("dh2_raw = (1 - h2**2)*dh2", "dh1 = w_h*dh2_raw", "dh1_raw = (1 - h1**2)*dh1")
LAST = ("dw_h = h1*dh2_raw + h0*dh1_raw",)
RIGHT = (*FIRST, *SECOND, *LAST)
WRONG = tuple(line.replace("h2**2", "h2_raw**2").replace("h1**2", "h1_raw**2") for line in RIGHT)


def under(condition: str, lines: tuple[str, ...]) -> str:
    return "".join([f"if {condition}:\n", *(f"    {line}\n" for line in lines)])


def graded(text: str) -> Result:
    return warm.check("tanh-chain-reverse", load_bytes((FORWARD + text).encode(), "mine.py"))


def outcomes(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps}


def test_a_wrong_flag_costs_one_step_at_the_condition() -> None:
    result = graded(under("training == 1", RIGHT))

    assert list(outcomes(result).values()) == ["wrong", *["carried"] * 6]
    lead = result.steps[0]
    assert (lead.reason, lead.where and lead.where.line, lead.code) == ("switched_off", 12, "if training == 1")
    assert "this condition is never true" in render(result)


def test_steps_before_it_stay_right() -> None:
    result = graded("\n".join(FIRST) + "\n" + under("False", (*SECOND, *LAST)))

    assert list(outcomes(result).values()) == [*["correct"] * 3, "wrong", *["carried"] * 3]


def test_a_mistake_under_it_costs_a_step_as_well() -> None:
    wrong = tuple(line.replace("h1**2", "h1_raw**2") for line in RIGHT)

    assert [name for name, one in outcomes(graded(under("y2 < -1e9", wrong))).items() if one == "wrong"] == [
        "dy2",
        "dh1_raw",
    ]


def test_where_another_derivation_ran_that_one_counts() -> None:
    ran = "else:\n" + "".join(f"    {line}\n" for line in WRONG)

    assert outcomes(graded(under("training == 1", RIGHT) + ran)) == outcomes(graded("\n".join(WRONG)))


def test_zeros_are_not_replaced_by_what_never_ran() -> None:
    zeros = "dy2 = dw_y = dh2 = dh2_raw = dh1 = dh1_raw = dw_h = 0.0\n"

    assert graded(zeros + under("training == 1", RIGHT)).score == 0.0


def test_of_two_attempts_that_never_ran_none_is_chosen() -> None:
    assert graded(under("training == 1", RIGHT) + under("training == 2", WRONG)).score == 0.0
