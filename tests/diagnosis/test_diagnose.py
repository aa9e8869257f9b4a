"""What is said of a wrong step: the smallest range, a repair that is proven, and a name only where one is earned."""

from __future__ import annotations

from pathlib import Path

import pytest

import grader
from grader.model import Diagnosis, StepResult
from grader.submission.load import load_bytes

CASES = Path(__file__).parents[1] / "cases"
PLAIN = (CASES / "correct" / "plain.py").read_text()


def wrong(source: str, exercise: str = "tanh-chain") -> dict[str, StepResult]:
    result = grader.check(exercise, load_bytes(source.encode(), "mine.py"))
    return {step.name: step for step in result.steps if step.outcome == "wrong"}


def diagnosis(line: str, exercise: str = "tanh-chain") -> Diagnosis:
    """The diagnosis of the one step that `line` binds wrongly, all else being right."""
    name = line.split(" = ")[0]
    source = "\n".join(line if one.startswith(f"{name} =") else one for one in PLAIN.splitlines())
    found = wrong(source, exercise)[name].diagnosis
    assert found is not None
    return found


@pytest.mark.parametrize("form", ["forum_plain", "forum_numpy", "forum_torch"])
def test_the_forum_case_is_one_misconception_at_four_places(form: str) -> None:
    result = grader.check("tanh-chain", CASES / "wrong" / f"{form}.py")
    places = {}
    for step in result.steps:
        if step.outcome == "wrong" and step.where is not None and step.diagnosis is not None:
            line = (step.code or "").splitlines()[0]
            start = step.where.column - 1
            places[step.name] = (line[start : step.where.end_column - 1], step.diagnosis.replace_with)
            assert step.diagnosis.confidence == "certain"

    assert places == {
        "dh1_dwh": ("h1_raw", "h1"),
        "dh2_dwh": ("h2_raw", "h2"),
        "dh2_raw": ("h2_raw", "h2"),
        "dh1_raw": ("h1_raw", "h1"),
    }
    (use,) = result.misconceptions
    assert (use.code, set(use.steps)) == ("tanh-derivative-on-pre-activation", set(places))


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("dh1 = w_h + dh2_raw", "dh1 = w_h * dh2_raw"),
        ("dh1 = w_y * dh2_raw", "dh1 = w_h * dh2_raw"),
        ("dh1 = -w_h * dh2_raw", "dh1 = w_h * dh2_raw"),
        ("dh1 = dh2_raw", "dh1 = dh2_raw * w_h"),
        ("dh1_raw = (1 - h1) * dh1", "dh1_raw = (1 - h1**2) * dh1"),
        ("dh1_raw = (1 + h1**2) * dh1", "dh1_raw = (1 - h1**2) * dh1"),
        ("dh1_raw = h1**2 * dh1", "dh1_raw = (1 - h1**2) * dh1"),
        ("dw_h = h0 * dh1_raw", "dw_h = h0 * dh1_raw + h1 * dh2_raw"),
        ("dh2raw_dwh = w_h * dh1_dwh", "dh2raw_dwh = w_h * dh1_dwh + h1"),
        ("dw_h = (h1*dh2_raw   + w_y * dh1_raw)", "dw_h = (h1*dh2_raw   + h0 * dh1_raw)"),
    ],
)
def test_a_repair_leaves_what_was_typed_as_it_was_typed(line: str, fix: str) -> None:
    assert diagnosis(line).fix == fix


def test_a_fix_is_whole_where_the_line_has_letters_of_more_than_one_byte() -> None:
    line = "dh1_raw = (1 - ξ**2) * dh1"
    step = wrong(PLAIN.replace("dh1_raw = (1 - h1**2) * dh1", f"ξ = h1_raw\n{line}  # ü"))["dh1_raw"]

    assert step.diagnosis is not None
    assert (step.code, step.diagnosis.fix) == (line, "dh1_raw = (1 - h1**2) * dh1")


def test_two_mistakes_in_one_line_are_repaired_together() -> None:
    assert diagnosis("dh1_raw = (1 + h2**2) * dh1").fix == "dh1_raw = (1 - h1**2) * dh1"


def test_what_cannot_be_repaired_by_a_small_change_is_left_unexplained() -> None:
    found = diagnosis("dh1 = math.sin(w_y) + 3 * h0**2 - h2_raw")

    assert (found.confidence, found.fix, found.code) == ("unexplained", None, None)


def test_repairs_that_are_different_derivations_are_kept_apart() -> None:
    # dw_h's second summand is h0 * dh1_raw, which also is dh1_dwh * dh1 (dh1_dwh being (1 - h1**2) * h0).
    found = diagnosis("dw_h = h1 * dh2_raw + dh1_dwh * dh1_raw")

    assert found.fix == "dw_h = h1 * dh2_raw + h0 * dh1_raw"


def test_the_chain_rule_is_told_in_the_students_own_names() -> None:
    source = PLAIN.replace("h1_raw = w_h", "z1 = w_h").replace("(h1_raw)", "(z1)").replace("1 - h1**2", "1 - z1**2")
    source = source.replace("h1 =", "a1 =", 1).replace("w_h * h1\n", "w_h * a1\n").replace("= h1 ", "= a1 ")
    found = wrong(source)["dh1_raw"].diagnosis

    assert found is not None
    assert found.rule == "d(y2)/d(z1) = (1 - a1^2) * d(y2)/d(a1)"
    assert found.replace_with == "a1"


def test_a_wrong_argument_of_a_right_helper_is_found_in_the_call() -> None:
    source = (CASES / "wrong" / "helper_on_the_pre_activation.py").read_text()
    step = wrong(source)["dh1_dwh"]

    assert step.diagnosis is not None
    assert step.diagnosis.fix == "dh1_dwh = dtanh(h1) * dh1raw_dwh"


def test_a_helpers_parameter_does_not_hide_an_input_of_its_name() -> None:
    source = (CASES / "correct" / "helper_function.py").read_text()
    source = source.replace("def dtanh(h):", "def dtanh(w_h):").replace("1 - h**2", "1 - w_h**2")
    step = wrong(source.replace("dh1 = w_h * dh2_raw", "dh1 = w_y * dh2_raw"))["dh1"]

    assert step.diagnosis is not None
    assert step.diagnosis.fix == "dh1 = w_h * dh2_raw"


def test_a_wrong_helper_is_one_mistake_for_all_its_calls() -> None:
    source = (CASES / "correct" / "helper_function.py").read_text().replace("slope = 1 - h**2", "slope = 1 - h")
    result = grader.check("tanh-chain", load_bytes(source.encode(), "mine.py"))
    (step,) = (one for one in result.steps if one.outcome == "wrong")
    others = {one.name for one in result.steps if one.reason == "same_mistake"}

    assert step.diagnosis is not None
    assert (step.name, step.where and step.where.line, step.diagnosis.fix) == ("dh1_dwh", 15, "slope = 1 - h**2")
    assert others == {"dh2_raw"}
    assert result.score == 15.0


def test_a_missing_transpose_is_found_in_a_loop_over_time() -> None:
    source = (CASES / "wrong" / "rnn_transpose_missing.py").read_text()
    step = wrong(source, str(CASES / "exercises" / "small-rnn.yaml"))["dh[2]"]

    assert step.diagnosis is not None
    assert step.diagnosis.fix == "dh[t - 1] = W.T @ da[t]"


def test_every_fix_is_a_statement_that_can_be_put_in_the_place_of_the_students() -> None:
    source = PLAIN.replace("dh1_raw = (1 - h1**2) * dh1", "dh1_raw = (1 - h1_raw**2) * dh1")
    step = wrong(source)["dh1_raw"]
    assert step.diagnosis is not None
    assert step.code is not None
    assert step.diagnosis.fix is not None

    assert wrong(source.replace(step.code, step.diagnosis.fix)) == {}
