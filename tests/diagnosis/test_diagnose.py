"""What is said of a wrong step: the smallest range, a repair that is proven, and a name only where one is earned."""

from __future__ import annotations

from pathlib import Path

import pytest

import grader
from grader.errors import ExplanationFailed
from grader.exercise.load import loads
from grader.model import Diagnosis, StepResult
from grader.submission.load import load_bytes
from tests import warm

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
    result = warm.check("tanh-chain", CASES / "wrong" / f"{form}.py")
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
        ("dh1_raw = (1 - dh1**2) * h1", "dh1_raw = (1 - h1**2) * dh1"),
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


def test_what_no_small_change_repairs_is_written_as_its_chain_rule_says_and_gets_no_name() -> None:
    found = diagnosis("dh1 = math.sin(w_y) + 3 * h0**2 - h2_raw")

    assert (found.fix, found.code) == ("dh1 = w_h * dh2_raw", None)
    assert found.message == "I could not find the slip in this line."


ROW = """
exercise: row
title: A row of an array
given:
  x: {shape: [3, 4], draw: normal}
  w: {shape: [4], draw: normal}
forward: |
  a = w * x[1]
  L = sum(tanh(a))
steps: {da: d(L)/d(a), dw: d(L)/d(w)}
"""


@pytest.mark.parametrize(("known", "entry"), [("n = 3", "x[1]"), ("k = 1", "x[k]")])
def test_an_entry_in_a_chain_rule_is_written_as_the_student_writes_it(known: str, entry: str) -> None:
    source = f"""import numpy as np
x, w = np.random.randn(3, 4), np.random.randn(4)
{known}
a = w * {entry}
b = np.tanh(a)
L = np.sum(b)
da = 1 - b**2
dw = np.sqrt(np.abs(b)) + 3.0
"""
    result = warm.check(loads(ROW, "row.yaml"), load_bytes(source.encode(), "mine.py"))

    step = result.steps[1]
    assert step.diagnosis is not None
    assert step.diagnosis.fix == f"dw = {entry} * da"
    assert step.diagnosis.rule == "d(L)/d(w) = x[1] * d(L)/d(a)"


def test_what_neither_a_small_change_nor_a_chain_rule_repairs_is_left_unexplained() -> None:
    exercise = loads(
        "exercise: one\ntitle: T\ntext: t\ngiven: {x: 0.7, w: 1.2}\nforward: |\n  h = tanh(w * x)\n  y = h**2\n"
        "steps:\n  dz: d(y)/d(h) * (1 - h**2)\n"
    )
    source = "import math\nx = 0.7\nw = 1.2\nh = math.tanh(w * x)\ny = h**2\ndz = math.cos(x) + 3 * w**2 - h\n"
    (step,) = warm.check(exercise, load_bytes(source.encode(), "mine.py")).steps

    assert step.diagnosis is not None
    assert (step.diagnosis.confidence, step.diagnosis.fix, step.diagnosis.code) == ("unexplained", None, None)


def test_repairs_that_are_different_derivations_are_kept_apart() -> None:
    # dw_h's second summand is h0 * dh1_raw, which also is dh1_dwh * dh1 (dh1_dwh being (1 - h1**2) * h0).
    found = diagnosis("dw_h = h1 * dh2_raw + dh1_dwh * dh1_raw")

    assert found.fix == "dw_h = h1 * dh2_raw + h0 * dh1_raw"


def test_the_chain_rule_is_told_in_the_students_own_names() -> None:
    source = PLAIN.replace("h1_raw = w_h", "z1 = w_h").replace("(h1_raw)", "(z1)").replace("1 - h1**2", "1 - z1**2")
    source = source.replace("h1 =", "a1 =", 1).replace("w_h * h1\n", "w_h * a1\n").replace("= h1 ", "= a1 ")
    found = wrong(source)["dh1_raw"].diagnosis

    assert found is not None
    assert found.rule == "d(y2)/d(z1) = (1 - a1**2) * d(y2)/d(a1)"
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
    result = warm.check("tanh-chain", load_bytes(source.encode(), "mine.py"))
    (step,) = (one for one in result.steps if one.outcome == "wrong")
    others = {one.name for one in result.steps if one.reason == "same_mistake"}

    assert step.diagnosis is not None
    assert (step.name, step.where and step.where.line, step.diagnosis.fix) == ("dh1_dwh", 15, "slope = 1 - h**2")
    assert others == {"dh2_raw"}
    assert result.score == 15.0


def test_one_change_in_a_helper_is_preferred_to_a_change_of_each_call() -> None:
    source = (CASES / "correct" / "helper_function.py").read_text()
    source = source.replace("dtanh(h1)", "dtanh(h1_raw)").replace("dtanh(h2)", "dtanh(h2_raw)")
    result = warm.check("tanh-chain", load_bytes(source.encode(), "mine.py"))
    (step,) = (one for one in result.steps if one.outcome == "wrong")

    assert step.diagnosis is not None
    assert step.diagnosis.fix == "slope = 1 - math.tanh(h)**2"
    assert {one.name for one in result.steps if one.reason == "same_mistake"} == {"dh2_raw"}


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


def test_a_wrong_index_is_found_in_a_sum_over_a_loop() -> None:
    source = (CASES / "wrong" / "rnn_wrong_time_index.py").read_text()
    found = wrong(source, str(CASES / "exercises" / "small-rnn.yaml"))["dW"].diagnosis

    assert found is not None
    assert (found.code, found.fix) == ("time-index-off-by-one", "dW += np.outer(da[t], h[t - 1])")


def test_the_chain_rule_of_a_family_is_told_for_its_member() -> None:
    source = (CASES / "wrong" / "rnn_transpose_missing.py").read_text()
    found = wrong(source, str(CASES / "exercises" / "small-rnn.yaml"))["dh[2]"].diagnosis

    assert found is not None
    assert found.rule == "d(loss)/d(h[2]) = W.T @ d(loss)/d(a[3])"


def test_a_line_that_adds_what_is_there_already_is_to_go() -> None:
    source = (CASES / "wrong" / "contribution_counted_twice.py").read_text()
    step = wrong(source)["dw_h"]

    assert step.diagnosis is not None
    assert (step.diagnosis.code, step.diagnosis.replace_with) == ("contribution-counted-twice", "")
    assert step.code == "dw_h += h0 * dh1_raw"


@pytest.mark.parametrize(
    ("value", "fact"),
    [
        ("-h0 * dh1_raw - h1 * dh2_raw", "It is the right value with the opposite sign, at every point."),
        ("2 * (h0 * dh1_raw + h1 * dh2_raw)", "It is twice the right value, at every point."),
        ("3 * (h0 * dh1_raw + h1 * dh2_raw)", "It is 3 times the right value at every point."),
        ("h0 * dh1_raw", "It lacks exactly the part that goes through `h2_raw`."),
        ("h0 * dh1_raw + 2 * h1 * dh2_raw", "It has the part that goes through `h2_raw` twice."),
        ("h0 * dh1_raw - h1 * dh2_raw", "It has the part that goes through `h2_raw` with the opposite sign."),
        ("h2_raw", "It is the value of `h2_raw`."),
    ],
)
def test_a_value_shows_by_itself_what_it_is(value: str, fact: str) -> None:
    assert facts_of(value) == fact


def facts_of(value: str) -> str:
    """The fact alone, from the values at every point."""
    from grader.diagnosis.chain_rule.chain import Derivation
    from grader.diagnosis.recognition.value_patterns import described
    from grader.exercise.load import find, load
    from grader.judge.matching.compare import Measure
    from grader.reference.cache import reference_for

    exercise = load(find("tanh-chain"))
    reference = reference_for(exercise)
    derivation = Derivation(exercise, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))
    own = []
    for point, values in zip(reference.points, reference.values, strict=True):
        names = {name: one.numbers()[0] for name, one in (*point.inputs.items(), *values.items())}
        own.append(eval(value, {}, names))
    (step,) = (one for one in exercise.steps if one.name == "dw_h")
    return described(derivation, step, own) or ""


def test_a_mistake_the_course_knows_of_gets_the_courses_words(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "exercises" / "tanh-chain.yaml").read_text()
    known = """
misconceptions:
  - code: sheet-three
    step: dh1_raw
    wrong: (1 - h1) * dh1
    message: On sheet 3 the square was lost in print.
"""
    (tmp_path / "course.yaml").write_text(text + known)
    source = PLAIN.replace("dh1_raw = (1 - h1**2) * dh1", "dh1_raw = (1 - h1) * dh1")
    found = wrong(source, str(tmp_path / "course.yaml"))["dh1_raw"].diagnosis

    assert found is not None
    assert (found.code, found.message) == ("sheet-three", "On sheet 3 the square was lost in print.")
    assert found.fix == "dh1_raw = (1 - h1**2) * dh1"


def test_a_fault_in_an_explanation_leaves_the_verdict_and_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("grader.diagnosis.repair_searches.search", broken)
    monkeypatch.setattr("grader.diagnosis.repair_trials.statement_changes.suspects", lambda *_: [])
    with pytest.warns(ExplanationFailed, match="dh1"):
        step = wrong(PLAIN.replace("dh1 = w_h * dh2_raw", "dh1 = w_y * dh2_raw"))["dh1"]

    assert step.diagnosis is not None
    assert (step.diagnosis.confidence, step.diagnosis.fix) == ("unexplained", None)


@pytest.mark.parametrize(
    "lines",
    [
        'w = "%.2f" % w_h\ndh1 = float(w) * dh2_raw',
        'w = float("%.4f" % w_h)\ndh1 = dh2_raw * w',
        'w = [float("%.4f" % w_h)]\ndh1 = dh2_raw * w[0]',
    ],
)
def test_a_value_that_went_through_a_text_is_explained_like_others(lines: str) -> None:
    (step,) = wrong(PLAIN.replace("dh1 = w_h * dh2_raw", lines)).values()

    assert step.diagnosis is not None
    assert step.diagnosis.rule == "d(y2)/d(h1) = w_h * d(y2)/d(h2_raw)"
