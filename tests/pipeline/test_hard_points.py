"""The points where judging is hard (design, section 2), each decided and held by a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

import grader
from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

pytestmark = pytest.mark.sampled(3)

GIVEN = "h0 = 0.5\nw_h = 2.0\nw_y = 40.0\n"
FORWARD = """\
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
"""
BACKWARD = """\
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
"""
WHOLE = f"import math\n{GIVEN}{FORWARD}{BACKWARD}"


def check(source: str, exercise: Any = "tanh-chain-reverse") -> Result:
    return grader.check(exercise, load_bytes(source.encode(), "mine.py"))


def notebook(*cells: str, counts: tuple[int, ...] = ()) -> Any:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    for cell, count in zip(made.cells, counts, strict=False):
        cell.execution_count = count
    return load_bytes(json.dumps(made).encode(), "mine.ipynb")


def outcomes(result: Result, *, but: str = "correct") -> dict[str, str]:
    """Every step with another outcome than `but`."""
    return {step.name: step.outcome for step in result.steps if step.outcome != but}


def problems(result: Result) -> list[str]:
    return [problem.kind for problem in result.problems]


# rebinding, and where the answer ends


def test_the_last_binding_within_the_answer_is_the_steps_value() -> None:
    assert outcomes(check(WHOLE.replace("dh1 = w_h", "dh1 = 0.0\ndh1 = w_h"))) == {}


def test_a_cell_that_uses_the_names_again_after_the_answer_is_not_run() -> None:
    result = grader.check(
        "tanh-chain-reverse", notebook(f"import math\n{GIVEN}{FORWARD}", BACKWARD, "dw_h = 0\nraise ValueError")
    )

    assert (outcomes(result), problems(result)) == ({}, [])


def test_a_step_that_raised_is_not_looked_for_in_a_training_loop_behind_the_answer() -> None:
    broken = WHOLE.replace("dh2 = w_y * dy2", "dh2 = w_y * undefined")
    training = "for _ in range(3):\n    dh2 = 3.0\n    dh2_raw = 4.0\n    dh1 = 5.0\n"
    result = warm.check("tanh-chain-reverse", notebook(broken, training))

    assert outcomes(result) == {"dh2": "wrong", **dict.fromkeys(("dh2_raw", "dh1", "dh1_raw", "dw_h"), "carried")}


def test_a_step_that_raised_counts_where_a_later_cell_derives_it_again() -> None:
    broken = WHOLE.replace("dw_h = h1 * dh2_raw", "dw_h = undefined * dh2_raw")
    again = "dw_h = h1 * dh2_raw + h0 * dh1_raw"

    assert outcomes(warm.check("tanh-chain-reverse", notebook(broken, again))) == {}


def test_a_script_is_split_at_its_cell_marks() -> None:
    assert outcomes(check(f"{WHOLE}# %%\nwhile True:\n    dw_h = 0\n")) == {}


def test_a_rebinding_after_the_reveal_does_not_count() -> None:
    # In the forced run dh1 is right after its last binding; copying it from there is too late for dh1 itself.
    source = WHOLE.replace("dh1 = w_h * dh2_raw", "dh1 = 7.0 * dh2_raw\nkept = dh1")

    assert outcomes(check(source))["dh1"] == "wrong"


def test_a_value_bound_right_first_and_wrong_at_last_is_wrong() -> None:
    assert outcomes(check(WHOLE.replace("dh1_raw =", "dh1 = dh1 * 3\ndh1_raw =")))["dh1"] == "wrong"


# inputs


def test_a_given_number_is_recognised_in_every_spelling_of_its_name() -> None:
    source = WHOLE.replace("w_h = 2.0", "W_h = 2\nw_h = W_h")

    assert outcomes(check(source)) == {}


def test_an_update_of_an_input_before_the_derivation_is_the_students_own() -> None:
    result = check(WHOLE.replace("w_y = 40.0\n", "w_y = 40.0\nw_h -= 0.5\n"))

    # h1_raw is computed from another w_h than the one given, and so is dh1.
    assert result.first_error == "h1_raw"
    assert outcomes(result)["dh1"] == "wrong"


def test_an_input_computed_from_another_is_left_alone() -> None:
    result = check(WHOLE.replace("w_y = 40.0", "w_y = 19 * w_h + 2"))

    assert {step.name: step.reason for step in result.forward if step.outcome == "wrong"} == {"y2": "given_point_only"}


def test_a_loop_variable_of_an_inputs_name_is_said_to_hide_it() -> None:
    result = check(WHOLE.replace("dh1 = w_h", "for w_h in range(5):\n    pass\ndh1 = w_h"))
    step = next(step for step in result.steps if step.name == "dh1")

    assert (step.outcome, step.remark) == (
        "wrong",
        "`w_h` is a loop variable here; it replaces the given `w_h`",
    )


def test_a_submission_that_expects_to_be_given_the_inputs_is_given_them() -> None:
    assert outcomes(check(f"import math\n{FORWARD}{BACKWARD}")) == {}


def test_an_input_whose_statement_raised_is_bound_from_the_exercise() -> None:
    result = check(WHOLE.replace("h0 = 0.5", "h0 = open('missing.txt').read()"))

    assert (outcomes(result), problems(result)) == ({}, ["raised"])


def test_a_finite_difference_of_the_students_own_is_computed_with_the_students_own_numbers() -> None:
    source = WHOLE + (
        "def y(w_h):\n    return w_y * math.tanh(w_h * math.tanh(w_h * h0))\n"
        "assert abs((y(w_h + 1e-6) - y(w_h - 1e-6)) / 2e-6 - dw_h) < 1e-4\n"
    )

    assert problems(check(source)) == []


def test_a_one_letter_name_is_not_the_input_of_the_other_case() -> None:
    exercise = loads(
        "exercise: cases\ntitle: T\ntext: t\ngiven: {T: 3.0, x: 0.5}\nforward: |\n  y = T * x**2\n"
        "steps:\n  dx: d(y)/d(x)\n"
    )

    assert outcomes(check("T = 3.0\nx = 0.5\nt = 0.25\ny = T * x**2\ndx = 2 * T * x * t / 0.25\n", exercise)) == {}


# values


@pytest.mark.parametrize(
    ("expression", "outcome", "reason"),
    [
        ("float('nan')", "wrong", "not_finite"),
        ("float('inf')", "wrong", "not_finite"),
        ("1 + 2j", "unjudged", "type"),
        ("'13.86'", "unjudged", "type"),
        ("10**400", "unjudged", "type"),
        ("[]", "unjudged", "type"),
        ("w_h", "wrong", "value"),
        ("...", "missing", "placeholder"),
        ("None", "missing", "placeholder"),
        ("[w_h * dh2_raw, 0.0]", "wrong", "shape"),
        ("-w_h * dh2_raw", "wrong", "value"),
        ("0.0", "wrong", "value"),
    ],
)
def test_what_stands_for_a_number_is_judged_as_what_it_is(expression: str, outcome: str, reason: str) -> None:
    result = check(WHOLE.replace("dh1 = w_h * dh2_raw", f"dh1 = {expression}"))
    step = next(step for step in result.steps if step.name == "dh1")

    assert (step.outcome, step.reason) == (outcome, reason)


def test_a_wrong_shape_is_told_beside_the_right_one() -> None:
    result = check(WHOLE.replace("dh1 = w_h * dh2_raw", "dh1 = [w_h * dh2_raw, 0.0]"))
    step = next(step for step in result.steps if step.name == "dh1")

    assert step.remark == "its shape is (2,); d(y2)/d(h1) is a single number"


@pytest.mark.parametrize("expression", ["[{}]", "[[{}]]"])
def test_axes_of_size_one_are_no_mistake_but_remarked(expression: str) -> None:
    result = check(WHOLE + f"dw_h = {expression.format('dw_h')}\n")
    step = next(step for step in result.steps if step.name == "dw_h")

    assert (step.outcome, step.reason) == ("correct", "squeezed")
    assert step.remark is not None
    assert step.remark.endswith("was read as ()")


def test_a_comma_at_the_end_of_a_line_costs_that_line_and_no_other() -> None:
    result = check(WHOLE.replace("dh2 = w_y * dy2", "dh2 = w_y * dy2,"))

    assert outcomes(result) == {"dh2": "wrong", **dict.fromkeys(("dh2_raw", "dh1", "dh1_raw", "dw_h"), "carried")}
    assert next(step.reason for step in result.steps if step.name == "dh2") == "tuple"


def test_the_comma_that_makes_a_tuple_is_marked_also_behind_letters_of_several_bytes() -> None:
    result = check(WHOLE.replace("dh2 = w_y * dy2", "é = 1\nn = 1\ndh2 = w_y * dy2 * é,"))
    step = next(step for step in result.steps if step.name == "dh2")

    assert step.where is not None
    assert (step.where.column, step.where.end_column) == (20, 21)
    assert step.diagnosis is not None
    assert step.diagnosis.fix == "dh2 = w_y * dy2 * é"


@pytest.mark.parametrize(
    "lines", ["a = w_y * dy2\ndh2 = a,", "a = w_y\ndh2 = a * dy2,", "dh2 = w_y * dy2\ndh2 = (dh2,)"]
)
def test_a_tuple_of_a_local_that_was_right_is_wrong(lines: str) -> None:
    assert outcomes(check(WHOLE.replace("dh2 = w_y * dy2", lines)))["dh2"] == "wrong"


def test_strict_shapes_make_axes_of_size_one_a_mistake() -> None:
    exercise = loads(
        "exercise: strict\ntitle: T\ntext: t\ngiven: {x: 0.5}\nforward: |\n  y = x**2\n"
        "steps:\n  dx: d(y)/d(x)\nshapes: strict\n"
    )

    assert outcomes(check("x = 0.5\ny = x**2\ndx = [2 * x]\n", exercise)) == {"dx": "wrong"}


@pytest.mark.parametrize("lie", ["__eq__", "__float__", "__array__", "__abs__", "__rsub__"])
def test_an_object_that_claims_to_equal_everything_equals_nothing(lie: str) -> None:
    body = {"__eq__": "True", "__float__": "13.0", "__array__": "13.0", "__abs__": "0", "__rsub__": "0"}[lie]
    evil = f"class Evil:\n    def {lie}(self, *a, **k):\n        return {body}\n"
    source = WHOLE.replace("dh1 = w_h * dh2_raw", f"{evil}dh1 = Evil()")

    assert outcomes(check(source))["dh1"] in ("wrong", "unjudged")


# what raises, ends or never ends


def test_a_step_whose_cell_was_deleted_is_not_bound_and_costs_those_that_need_it_nothing() -> None:
    result = check(WHOLE.replace("dh2_raw = (1 - h2**2) * dh2\n", ""))

    assert outcomes(result) == {
        "dh2_raw": "missing",
        "dh1": "carried",
        "dh1_raw": "carried",
        "dw_h": "carried",
    }


def test_an_accumulation_that_raised_is_wrong_where_it_raised() -> None:
    source = WHOLE.replace(
        "dw_h = h1 * dh2_raw + h0 * dh1_raw", "dw_h = 0.0\ndw_h += h1 * dh2_rwa\ndw_h += h0 * dh1_raw"
    )

    result = check(source)

    assert outcomes(result) == {"dw_h": "wrong"}
    assert next(step.reason for step in result.steps if step.name == "dw_h") == "raised"


@pytest.mark.parametrize(
    "accumulated",
    [
        "dw_h = h0 * dh1_raw\ndw_h += h1 * dh2_raw\n",
        "dw_h = 0.0\nfor h, d in [(h1, dh2_raw), (h0, dh1_raw)]:\n    dw_h += h * d\n",
        "dw_h = [0.0]\nfor h, d in [(h1, dh2_raw), (h0, dh1_raw)]:\n    dw_h[0] += h * d\n",
    ],
)
def test_an_accumulation_that_raised_for_want_of_an_earlier_step_is_judged_with_that_step_given(
    accumulated: str,
) -> None:
    source = WHOLE.replace("dh2 = w_y * dy2", "dh2 = w_y * undefined")
    source = source.replace("dw_h = h1 * dh2_raw + h0 * dh1_raw\n", accumulated)

    assert outcomes(check(source)) == {
        "dh2": "wrong",
        **dict.fromkeys(("dh2_raw", "dh1", "dh1_raw", "dw_h"), "carried"),
    }


def test_an_accumulation_that_raised_and_is_wrong_with_the_earlier_step_given_is_left_unjudged() -> None:
    source = WHOLE.replace("dh2 = w_y * dy2", "dh2 = w_y * undefined")
    source = source.replace("dw_h = h1 * dh2_raw +", "dw_h = h1 * dh2_raw\ndw_h -=")

    assert outcomes(check(source))["dw_h"] == "unjudged"


def test_a_problem_names_line_and_error() -> None:
    (problem,) = check(WHOLE + "print(undefined_thing)\n" + "dw_h = dw_h\n").problems

    assert problem.kind == "raised"
    assert "NameError: name 'undefined_thing' is not defined" in problem.message
    assert problem.where is not None
    assert problem.where.line == 17


def test_an_endless_loop_after_the_derivation_is_ended_and_the_steps_are_judged() -> None:
    exercise = loads(
        "exercise: endless\ntitle: T\ntext: t\ngiven: {x: 0.5}\nforward: |\n  y = x**2\n"
        "steps:\n  dx: d(y)/d(x)\n  dy: d(y)/d(y)\nlimits: {seconds: 0.3}\n"
    )
    result = check("x = 0.5\ny = x**2\ndx = 2 * x\nwhile True:\n    pass\n", exercise)

    assert {step.name: step.outcome for step in result.steps} == {"dx": "correct", "dy": "unjudged"}
    assert problems(result) == ["timeout"]


@pytest.mark.parametrize("leave", ["import sys; sys.exit(1)", "exit()", "raise SystemExit", "raise KeyboardInterrupt"])
def test_leaving_after_the_derivation_changes_nothing(leave: str) -> None:
    assert outcomes(check(f"{WHOLE}{leave}\n")) == {}


def test_a_crash_of_the_process_after_the_derivation_changes_nothing() -> None:
    assert outcomes(check(f"{WHOLE}import os\nos._exit(3)\n")) == {}


def test_input_is_not_waited_for() -> None:
    result = check(f"{WHOLE.replace('h0 = 0.5', 'name = input()' + chr(10) + 'h0 = 0.5')}")

    assert (outcomes(result), problems(result)) == ({}, ["raised"])


def test_a_submission_that_cannot_be_read_has_no_score_rather_than_zero() -> None:
    result = check("this is no python at all (\n")

    assert (result.score, problems(result)) == (None, ["syntax"])
    assert result.to_dict()["score"] is None


def test_an_empty_template_has_zero_points_not_none() -> None:
    result = check(
        f"import math\n{GIVEN}" + "".join(f"{line.split(' = ')[0]} = ...\n" for line in BACKWARD.splitlines())
    )

    assert (result.score, set(outcomes(result).values())) == (0.0, {"missing"})


# notebooks


def test_a_cell_that_is_no_python_is_left_out_and_the_rest_is_judged() -> None:
    result = grader.check(
        "tanh-chain-reverse", notebook("import math\n" + GIVEN, FORWARD, "for in range(3) print", BACKWARD)
    )

    assert (outcomes(result), problems(result)) == ({}, ["syntax"])
    assert result.problems[0].where is not None
    assert result.problems[0].where.cell == 3


def test_magics_and_shell_lines_do_not_stop_a_notebook() -> None:
    result = grader.check(
        "tanh-chain-reverse",
        notebook("%matplotlib inline\n!pip install x\nimport math", GIVEN + FORWARD, "%%time\n" + BACKWARD),
    )

    assert outcomes(result) == {}


def test_another_saved_order_of_the_cells_is_told() -> None:
    result = warm.check("tanh-chain-reverse", notebook("import math", GIVEN + FORWARD, BACKWARD, counts=(1, 5, 2)))

    assert (outcomes(result), problems(result)) == ({}, ["order"])


def test_a_wrong_step_is_placed_by_cell_and_line() -> None:
    result = grader.check(
        "tanh-chain-reverse",
        notebook("import math", GIVEN + FORWARD, BACKWARD.replace("(1 - h1**2) * dh1", "(1 - h1_raw**2) * dh1")),
    )
    step = next(step for step in result.steps if step.outcome == "wrong")

    assert step.where is not None
    assert (step.name, step.where.cell, step.where.line, step.where.column, step.where.end_column) == (
        "dh1_raw",
        3,
        6,
        16,
        22,
    )
    assert step.code == "dh1_raw = (1 - h1_raw**2) * dh1"


# by hand


def test_comparing_with_autograd_is_not_borrowing() -> None:
    source = WHOLE + (
        "import torch\nw = torch.tensor(w_h, requires_grad=True)\n"
        "(w_y * torch.tanh(w * torch.tanh(w * h0))).backward()\n"
        "print(w.grad, dw_h)\nassert abs(w.grad.item() - dw_h) < 1e-6\n"
    )

    assert (outcomes(check(source)), problems(check(source))) == ({}, [])


@pytest.mark.parametrize(
    "route",
    [
        "y.backward()\ndw_h = w.grad.item()",
        "dw_h = torch.autograd.grad(y, w)[0]",
        "dw_h = torch.func.grad(f)(w.detach())",
        "dw_h = torch.func.jvp(f, (w.detach(),), (torch.ones(()),))[1]",
        "dw_h = torch.autograd.functional.jacobian(f, w.detach())",
    ],
)
def test_a_step_that_depends_on_autograd_is_borrowed_by_whatever_route(route: str) -> None:
    source = WHOLE.replace("dw_h = h1 * dh2_raw + h0 * dh1_raw\n", "") + (
        "import torch\nw = torch.tensor(w_h, requires_grad=True)\n"
        "f = lambda v: w_y * torch.tanh(v * torch.tanh(v * h0))\ny = f(w)\n" + route + "\n"
    )

    assert outcomes(check(source)) == {"dw_h": "borrowed"}


def test_borrowing_is_allowed_where_the_exercise_says_so() -> None:
    exercise = loads(
        "exercise: free\ntitle: T\ntext: t\ngiven: {x: 0.5}\nforward: |\n  y = x**2\n"
        "steps:\n  dx: d(y)/d(x)\nby_hand: false\n"
    )
    source = "import torch\nx = torch.tensor(0.5, requires_grad=True)\ny = x**2\ny.backward()\ndx = x.grad\n"

    assert outcomes(check(source, exercise)) == {}


# the API


def test_the_result_says_what_it_was_made_with() -> None:
    made = check(WHOLE).to_dict()

    assert made["schema"] == "grader.result/1"
    assert made["isolation"] == "process"
    assert set(made["versions"]) == {"grader", "torch"}  # type: ignore[call-overload]


@pytest.mark.parametrize(("level", "hidden"), [("location", {"got", "expected", "hint"}), ("values", set())])
def test_the_reveal_level_leaves_fields_out(level: Any, hidden: set[str]) -> None:
    wrong = load_bytes(WHOLE.replace("dh1 = w_h", "dh1 = w_y").encode(), "mine.py")
    made = warm.check("tanh-chain-reverse", wrong, reveal=level).to_dict()
    (step,) = [step for step in made["steps"] if step["outcome"] == "wrong"]  # type: ignore[attr-defined]

    assert {"got", "expected", "hint"} - step.keys() == hidden


def test_another_secret_draws_other_probe_points_and_the_same_verdict(tmp_path: Path) -> None:
    assert outcomes(warm.check("tanh-chain-reverse", load_bytes(WHOLE.encode(), "mine.py"), secret="course")) == {}
