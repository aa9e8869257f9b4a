"""Programs that end before their end, or never end: what ran is judged, and what ended them is said first."""

from __future__ import annotations

import time
from typing import Any

import pytest

import grader
from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.model import Problem, Result
from grader.report.account import blocks
from grader.submission.load import load_bytes
from tests import warm

FORWARD = "import math, os, sys\nx = 0.5\nw = 1.2\na = w * x\nh = math.tanh(a)\n"
FIRST = "dh = 1.0\nda = dh * (1 - h**2)\n"
SECOND = "dw = da * x\ndx = da * w\n"
WHOLE = FORWARD + FIRST + SECOND
HALF = {"dh": "correct", "da": "correct", "dw": "unjudged", "dx": "unjudged"}
ALL = dict.fromkeys(HALF, "correct")


def exercise(more: str = "limits: {seconds: 0.4}") -> Exercise:
    return loads(
        "exercise: ends\ntitle: T\ntext: t\nallow: [unseen]\ngiven: {x: 0.5, w: 1.2}\n"
        "forward: |\n  a = w * x\n  h = tanh(a)\n"
        f"steps: {{dh: d(h)/d(h), da: d(h)/d(a), dw: d(h)/d(w), dx: d(h)/d(x)}}\n{more}\n"
    )


FUNCTION = "def steps(x, w):\n    h = math.tanh(w * x)\n    da = 1 - h**2\n    return 1.0, da, da * x, da * w\n"
CALLED = "answer: dh, da, dw, dx = steps(x, w)\nlimits: {seconds: 0.4}"


def check(source: str, of: Exercise | None = None, **options: Any) -> Result:
    return warm.check(of or exercise(), load_bytes(source.encode(), "mine.py"), **options)


def outcomes(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps}


def told(problem: Problem) -> tuple[str, int | None]:
    return problem.kind, None if problem.where is None else problem.where.line


def indented(source: str) -> str:
    return "".join(f"    {line}\n" for line in source.splitlines())


# a check of the result


CHECKS = {
    "exit": "if abs(da - 0.711577762587) > 1e-6: exit('wrong')\n",
    "sys.exit": "if abs(da - 0.711577762587) > 1e-6:\n    print('wrong')\n    sys.exit(1)\n",
    "raise SystemExit": "if abs(da - 0.711577762587) > 1e-6: raise SystemExit('wrong')\n",
    "os._exit": "if abs(da - 0.711577762587) > 1e-6: os._exit(1)\n",
    "assert": "assert abs(da - 0.711577762587) < 1e-6\n",
    "by another name": "leave = sys.exit\nif abs(da - 0.711577762587) > 1e-6: leave('wrong')\n",
}


@pytest.mark.parametrize("way", CHECKS)
def test_an_end_that_comes_at_redrawn_numbers_only_is_passed_over(way: str) -> None:
    result = check(FORWARD + FIRST + CHECKS[way] + SECOND)

    assert (outcomes(result), result.problems) == (ALL, ())


@pytest.mark.parametrize("way", [way for way in CHECKS if way != "by another name"])
def test_it_is_passed_over_within_a_function_too(way: str) -> None:
    main = "def main():\n" + indented(FORWARD + FIRST + CHECKS[way] + SECOND)

    assert outcomes(check(f"{main}if __name__ == '__main__':\n    main()\n")) == ALL


def test_it_is_passed_over_with_the_truth_fed_in() -> None:
    wrong = FIRST.replace("1 - h**2", "1 - h")
    result = check(FORWARD + wrong + "if abs(da - 0.46295043) > 1e-5: exit('wrong')\n" + SECOND)

    assert outcomes(result) == {"dh": "correct", "da": "wrong", "dw": "carried", "dx": "carried"}


def test_an_end_that_is_caught_is_the_programs_own_affair() -> None:
    caught = "try:\n    if x != 0.5: sys.exit()\n    da = 0.0\nexcept SystemExit:\n    da = dh * (1 - h**2)\n"

    assert outcomes(check(FORWARD + "dh = 1.0\n" + caught + SECOND))["da"] == "wrong"


# an end at the student's own numbers


WAYS = ["sys.exit()", "exit('done')", "quit()", "raise SystemExit", "raise SystemExit(3)", "os._exit(0)"]


@pytest.mark.parametrize("way", WAYS)
def test_where_a_program_ends_what_ran_is_judged_and_the_line_is_said(way: str) -> None:
    result = check(f"{FORWARD}{FIRST}{way}\n{SECOND}")

    assert outcomes(result) == HALF
    assert [told(one) for one in result.problems] == [("ended", 8)]
    assert {step.reason for step in result.steps if step.outcome == "unjudged"} == {"not_reached"}


def test_the_line_that_ended_it_stands_above_all_else_in_a_report() -> None:
    wrong = FIRST.replace("1 - h**2", "1 - h")
    first, second, *_ = blocks(check(f"{FORWARD}{wrong}sys.exit()\n{SECOND}"))

    assert first.headline == "line 8 ends the program; nothing after it was run"
    assert "`da`" in second.headline


def test_a_program_that_ends_before_its_first_step_has_no_score() -> None:
    result = check("exit()\n" + WHOLE)

    assert (result.score, set(outcomes(result).values())) == (None, {"unjudged"})


def test_what_stands_nowhere_is_missing_wherever_the_program_ends() -> None:
    assert outcomes(check(f"{FORWARD}{FIRST}exit()\ndw = da * x\n"))["dx"] == "missing"


def test_leaving_at_the_end_is_nothing_to_speak_of() -> None:
    result = check(WHOLE + "sys.exit(0)\n")

    assert (outcomes(result), result.problems) == (ALL, ())


def test_options_that_are_wanted_and_not_given_are_named() -> None:
    wants = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', required=True)\na = p.parse_args()\n"
    )
    result = check(wants + WHOLE)

    assert result.problems[0].kind == "ended"
    assert "it wants command-line options" in result.problems[0].message


@pytest.mark.parametrize("way", ["sys.exit()", "os._exit(0)", "p.parse_args()", "while True:\n    pass"])
def test_functions_that_were_defined_before_are_called_all_the_same(way: str) -> None:
    options = "import argparse, math, os, sys\np = argparse.ArgumentParser()\np.add_argument('lr')\n"

    assert outcomes(check(f"{options}{FUNCTION}{way}\n", exercise(CALLED))) == ALL


def test_a_function_that_would_be_defined_after_it_is_not_missing() -> None:
    result = check(f"import math\nexit()\n{FUNCTION}", exercise(CALLED))

    assert set(outcomes(result).values()) == {"unjudged"}
    assert [told(one) for one in result.problems] == [("ended", 2)]


# programs that never end


LOOPS = {
    "while True:\n    pass\n": "line 8 `while True` never ends; everything before it was graded",
    "while x:\n    pass\n": "line 8 `while x` took more than 0.4 s and was stopped; everything before it was graded",
    "def wait():\n    for i in range(10**12):\n        i\nwait()\n": "line 9 `for i in range(10**12)` took more than "
    "0.4 s and was stopped; everything before it was graded",
    "sum(range(10**13))\n": "line 8 took more than 0.4 s and was stopped; everything before it was graded",
}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_that_never_ends_is_named_and_what_stands_before_it_judged(loop: str) -> None:
    result = check(FORWARD + FIRST + loop + SECOND)

    assert outcomes(result) == HALF
    assert [(one.kind, one.message) for one in result.problems] == [("timeout", LOOPS[loop])]


@pytest.mark.slow
def test_what_counts_may_be_bound_in_the_statement_that_never_ends() -> None:
    main = "def main():\n" + indented(FORWARD + FIRST + SECOND + "while True:\n    x\n")
    result = check(f"{main}main()\n", exercise("limits: {seconds: 1}"))

    assert (outcomes(result), [told(one) for one in result.problems]) == (ALL, [("timeout", 11)])


STUBBORN = {
    "catches all": "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n",
    "ignores signals": "from signal import *\nfor one in (14, 15, 24, 27): signal(one, SIG_IGN)\nwhile True: pass\n",
    "sleeps": "import time\ntime.sleep(1000)\n",
    "dies hard": "class Trap:\n    def __del__(self):\n        while True: pass\ntrap = Trap()\n",
    "aborts": "import os\nos.abort()\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["process", "portable"])
@pytest.mark.parametrize("way", STUBBORN)
def test_what_cannot_be_told_to_stop_is_ended_and_the_functions_before_it_called(way: str, mode: str) -> None:
    options: dict[str, Any] = {"isolation": mode}
    began = time.monotonic()
    result = grader.check(
        exercise(CALLED), load_bytes(f"import math\n{FUNCTION}{STUBBORN[way]}".encode(), "mine.py"), **options
    )

    assert outcomes(result) == ALL
    assert time.monotonic() - began < 30


# totals


@pytest.mark.slow
def test_a_statement_that_used_up_its_time_is_not_run_again_at_other_numbers() -> None:
    slow = "import time\nbegan = time.process_time()\nwhile time.process_time() - began < 60: pass\n"
    began = time.monotonic()
    result = check(f"import math\n{FUNCTION}{slow}", exercise(CALLED.replace("0.4", "3")))

    assert outcomes(result) == ALL
    assert time.monotonic() - began < 2 * 4 * 3.0  # what natural and forced runs at four points would take


def test_where_the_total_is_used_up_what_was_seen_is_judged_and_the_rest_is_not() -> None:
    slow = "import time\nbegan = time.process_time()\nwhile time.process_time() - began < 0.3: pass\n"
    result = check(slow + WHOLE.replace("da * w", "da"), exercise("limits: {seconds: 1, total: 0.7}"))

    assert "wrong" not in outcomes(result).values()
    assert any("took more than 0.7 s of computing" in one.message for one in result.problems)


def test_the_totals_have_room_for_three_runs_where_nothing_else_is_said() -> None:
    limits = exercise("limits: {seconds: 100}").policy.limits

    assert (limits.total, limits.wall) == (300.0, 600.0)
    assert (exercise().policy.limits.total, exercise().policy.limits.wall) == (30.0, 60.0)


@pytest.mark.slow
def test_what_was_taken_from_autograd_is_not_right_for_having_used_up_the_time() -> None:
    burns = "import time, torch\nbegan = time.process_time()\nwhile time.process_time() - began < {}: pass\n"
    taken = "a = torch.tensor(w * x, requires_grad=True)\nh = torch.tanh(a)\nh.backward()\n"
    source = burns + FORWARD.partition("a =")[0] + taken + "dh = 1.0\nda = float(a.grad)\n" + SECOND
    told = []
    for seconds in (0.0, 0.5):
        result = check(source.format(seconds), exercise("limits: {seconds: 1, total: 2}"))
        told.append({step.outcome for step in result.steps if step.name == "da"})

    assert told[0] == {"borrowed"}
    assert told[1] <= {"borrowed", "unjudged"}


SLOPES = {
    "written out": "u, v = w + 1e-4, w - 1e-4\ndw = (math.tanh(u * x) - math.tanh(v * x)) / 2e-4 + wait()\n",
    "nodes": "import numpy as np\nz = w + 0.2 * np.exp(2j * np.pi * np.arange(32) / 32)\n"
    "dw = (np.fft.fft(np.tanh(z * x))[1] / 32 / 0.2).real + wait()\n",
    "nodes no sum shows": "import numpy as np\nu = np.exp(2j * np.pi * np.arange(32) / 32)\n"
    "z = np.stack([np.ones(32), u], 1) @ [w, 0.2]\ndw = (np.fft.fft(np.tanh(z * x))[1] / 32 / 0.2).real + wait()\n",
}
SLOW = (
    "import time\ndef wait():\n    began = time.process_time()\n"
    "    while time.process_time() - began < {}: pass\n    return 0.0\n"
)


@pytest.mark.slow
@pytest.mark.parametrize("way", SLOPES)
def test_what_was_taken_from_function_values_is_not_right_for_having_used_up_the_time(way: str) -> None:
    for seconds in (0.15, 0.25):
        source = f"{SLOW.format(seconds)}{FORWARD}dh = 1.0\n{SLOPES[way]}"
        result = check(source, exercise("limits: {seconds: 1, total: 2}"))
        (step,) = (step for step in result.steps if step.name == "dw")
        assert (step.outcome, step.reason) in (
            ("borrowed", "numerical"),
            ("borrowed", "complex_step"),
            ("unjudged", "timeout"),
        )


def test_slow_work_that_evaluates_nothing_elsewhere_keeps_its_points_to_the_end_of_the_time() -> None:
    slow = WHOLE.replace("dx = da * w", "dx = da * w + wait()")
    result = check(f"{SLOW.format(0.1)}{slow}", exercise("limits: {seconds: 1, total: 0.7}"))

    assert outcomes(result) == ALL


def test_slow_work_with_a_quotient_beside_it_keeps_its_points_where_there_is_time_for_both() -> None:
    checked = "f = lambda w: math.tanh(w * x)\nprint((f(w + 1e-5) - f(w - 1e-5)) / 2e-5)\n"
    slow = WHOLE.replace("dw = da * x", f"{checked}dw = da * x + wait()")
    result = check(f"{SLOW.format(0.1)}{slow}", exercise("limits: {seconds: 1, total: 2}"))

    assert outcomes(result) == ALL


def test_a_check_of_numbers_of_ones_own_is_passed_over_where_others_are_put_in_their_place() -> None:
    drawn = loads(
        "exercise: drawn\ntitle: T\ngiven: {x: {shape: [3], draw: normal}}\nforward: |\n  y = sum(x**2)\n"
        "steps: {dx: d(y)/d(x), dy: d(y)/d(y)}\n"
    )
    forward = "import numpy as np\nx = np.array([1.0, 2.0, 3.0])\ny = (x**2).sum()\n"
    checked = f"{forward}dx = 2 * x\nif dx[0] != 2:\n    exit('wrong')\ndy = 1.0\n"

    result = warm.check(drawn, load_bytes(checked.encode(), "mine.py"))

    assert [step.outcome for step in result.steps] == ["correct", "correct"]
    assert result.problems == ()
