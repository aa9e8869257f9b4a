"""The catalogue: every rule says what it should, fires on its own example through the whole pipeline, and keeps quiet
at its near miss."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy
import pytest

import grader
from grader.diagnosis import messages, misconceptions
from grader.diagnosis.recognition import catalogue as catalogue_module
from grader.diagnosis.recognition.catalogue import Example, Misconception, by_code, catalogue
from grader.diagnosis.recognition.worked_examples import OWN, worked
from grader.diagnosis.repair_search.search import Repair
from grader.diagnosis.step.context import Context
from grader.exercise.load import find, load
from grader.exercise.types import Exercise, Input
from grader.model import Diagnosis, Submission
from grader.submission.load import load_bytes

pytestmark = pytest.mark.sampled(3)

RULES = {rule.code: rule for rule in catalogue()}

SOLUTIONS: dict[str, dict[str, str]] = {
    "tanh-chain": {
        "dh0_dwh": "0.0",
        "dh1raw_dwh": "h0",
        "dh1_dwh": "(1 - h1**2) * dh1raw_dwh",
        "dh2raw_dwh": "h1 + w_h * dh1_dwh",
        "dh2_dwh": "(1 - h2**2) * dh2raw_dwh",
        "dwy_dwh": "0.0",
        "dy2_dwh": "w_y * dh2_dwh",
        "dh2_dwy": "0.0",
        "dy2_dwy": "h2",
    },
    "tanh-chain-reverse": {
        "dy2": "1.0",
        "dw_y": "h2 * dy2",
        "dh2": "w_y * dy2",
        "dh2_raw": "(1 - h2**2) * dh2",
        "dh1": "w_h * dh2_raw",
        "dh1_raw": "(1 - h1**2) * dh1",
        "dw_h": "h0 * dh1_raw + h1 * dh2_raw",
    },
    "sigmoid-unit": {
        "dz_dw": "x",
        "ds_dw": "s * (1 - s) * dz_dw",
        "dy_dw": "v * ds_dw",
        "ds": "v",
        "dz": "s * (1 - s) * ds",
        "dw": "x * dz",
        "dx": "w * dz",
    },
    "elementary-chain": {
        "db": "-c / b**2",
        "dc": "1 / b",
        "dg": "3 * g**2 * dc",
        "dr": "v * dg",
        "dt": "dr / (2 * r)",
        "dl": "m * dt",
        "ds": "dl / s",
        "de": "ds",
        "dx": "e * de",
    },
    "quotient": {"df_dw": "f", "du_dw": "a * df_dw", "dg_dw": "1 - g**2", "dq_dw": "(du_dw * g - u * dg_dw) / g**2"},
    "square": {"dq": "v", "dh": "2 * h * dq", "dx": "(1 - h**2) * dh"},
    "branches": {
        "dr": "s",
        "ds": "r",
        "dp": "(1 - r**2) * dr",
        "dq": "(1 - s**2) * ds",
        "dh": "a * dp + b * dq",
        "dx": "(1 - h**2) * dh",
    },
    "mean-square": {"dP": "2 * (P - Y) / n", "dw": "X.T @ dP"},
    "two-layers": {
        "dE": "2 * E / n",
        "dP": "dE",
        "dY": "-dE",
        "dW2": "H.T @ dP",
        "dH": "dP @ W2.T",
        "dZ1": "dH * (1 - H**2)",
        "dW1": "X.T @ dZ1",
        "db1": "dZ1.sum(axis=0)",
    },
    "recurrent": {
        "dh2": "v",
        "dz2": "dh2 * (1 - h2**2)",
        "dh1": "u + W.T @ dz2",
        "dz1": "dh1 * (1 - h1**2)",
        "dh0": "W.T @ dz1",
        "dW": "np.outer(dz1, h0) + np.outer(dz2, h1)",
    },
    "attended": {"do": "g", "ds": "do @ v.T", "dz": "s * (ds - (ds * s).sum(axis=1, keepdims=True))"},
    "tangent": {"h_dw": "(1 - h**2) * u", "dz_dw": "A @ h_dw", "dy_dw": "(dz_dw * u).sum()"},
    "stretched": {
        "dp": "g",
        "dn": "(dp * c).sum(axis=1, keepdims=True)",
        "ds": "-dn / s**2",
        "dc": "dp * n + ds",
    },
    "scaled": {
        "dgamma": "(dy * x * r).sum(axis=0)",
        "dx": "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)",
    },
    "penalised": {"de": "2 * e / n", "dw": "X.T @ de + 2 * lam * w"},
    "gaussian": {"dmu": "-(x - mu) * p", "dlogvar": "0.5 - 0.5 * q * p"},
    "units": {
        "da": "c1 * np.where(a > 0, 1, alpha * np.exp(a))",
        "db": "c2 * (0.5 * (1 + erf(b / sqrt(2))) + b * np.exp(-b**2 / 2) / np.sqrt(2 * np.pi))",
        "dk": "c3 * (g + k * g * (1 - g))",
        "de": "c4 * sigmoid(e)",
    },
    "curvature": {
        "dh_dw": "(1 - h**2) * x",
        "dw": "2 * r * dh_dw",
        "d2w": "2 * dh_dw**2 - 4 * r * h * (1 - h**2) * x**2",
    },
    "windows": {
        "dw": "u[0] * xp[0:3] + u[1] * xp[2:5] + u[2] * xp[4:7]",
        "dxp": "zeros(7)\nfor i in range(3):\n    dxp[s * i : s * i + 3] += u[i] * w",
        "dx": "dxp[p : 5 + p]",
    },
    "growth": {"dy": "c", "dx": "y * log(a) * dy"},
    "factors": {"dp": "-e * q", "dq": "-e * p"},
    "lookup": {"de": "2 * u * e", "dC": "zeros((3, 2)); np.add.at(dC, ix, de)"},
    "listed": {"d2": "v * (1 - h2**2)", "d1": "w * d2 * (1 - h1**2)", "dw": "d1 * hs[0] + d2 * hs[1]"},
}
"""A right derivation for each exercise the examples are from."""
SOLUTIONS["tanh-chain"] |= SOLUTIONS["tanh-chain-reverse"]

HEAD = """\
from math import erf
import numpy as np
from numpy import concatenate as concat, dot, exp, log, mean, sqrt, sum, tanh, where, zeros

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def softmax(x, dim):
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)
"""
EXTRA = {"listed": "hs = np.array([h0, h1, h2, y])\n"}


@cache
def exercise_of(name: str) -> Exercise:
    own = OWN / f"{name}.yaml"
    return load(own if own.exists() else find(name))


def given(one: Input) -> str:
    if one.given is None:
        return f"{one.name} = np.ones({one.shape}, {'int' if one.whole else 'float'})"
    array = numpy.frombuffer(one.given.data, dtype="<f8").reshape(one.shape)
    return f"{one.name} = {int(array[()]) if one.whole else array.tolist()}"


def submission_of(name: str, step: str = "", formula: str = "", also: dict[str, str] | None = None) -> Submission:
    """A right derivation for an exercise, with `formula` at `step`, and what is `also` another one."""
    exercise = exercise_of(name)
    formulas = SOLUTIONS[name] | ({step: formula} if step else {}) | (also or {})
    lines = [HEAD, *map(given, exercise.inputs), exercise.program_text, EXTRA.get(name, "")]
    lines += [f"{one.name} = {formulas[one.name]}" for one in exercise.steps]
    return load_bytes("\n".join([*lines, ""]).encode(), "mine.py")


@pytest.mark.parametrize("name", SOLUTIONS)
def test_the_derivations_the_examples_are_put_into_are_right(name: str) -> None:
    result = grader.check(exercise_of(name), submission_of(name))

    assert [(one.name, one.outcome) for one in (*result.forward, *result.steps) if one.outcome != "correct"] == []
    assert result.problems == ()


def test_a_file_is_named_after_the_code_of_its_rule() -> None:
    files = [path.stem for path in Path(misconceptions.__path__[0]).glob("*.py") if path.stem != "__init__"]

    assert sorted(code.replace("-", "_") for code in RULES) == sorted(files)


def test_a_rule_is_found_by_its_code() -> None:
    assert by_code("sign-flipped") is RULES["sign-flipped"]
    assert by_code("no-such-rule") is None


def test_no_two_rules_say_the_same() -> None:
    for field in ("title", "what", "why"):
        texts = [getattr(rule, field) for rule in RULES.values()]

        assert len(set(texts)) == len(texts), field


BLAMING = re.compile(
    r"\b(illegal|invalid|stupid|careless|obvious\w*|simply|just|you forgot|your mistake|wrongly)\b", re.I
)
ADVISING = re.compile(r"\b(should|must|please|put|use|multiply|divide|replace|instead)\b", re.I)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_text_of_a_rule_is_plain_and_complete(rule: Misconception) -> None:
    for text in (rule.what, rule.why, rule.instead, rule.instructor):
        assert text.strip() == text
        assert text.endswith(".")
        assert text[0].isupper() or re.match(r"[\w']+\(|\(|[a-z0-9^]+[\[(' ^/]", text)
        assert not BLAMING.search(text)
        assert "  " not in text
    assert rule.title
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    for text in (rule.what, rule.instead, rule.title):
        assert "?" not in text
        assert len(text) <= 110
    assert not ADVISING.search(rule.what)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_examples_of_a_rule_stand_for_right_formulas_of_the_table(rule: Misconception) -> None:
    for example in (rule.hit, rule.miss):
        assert SOLUTIONS[example.exercise][example.step] == example.right
        assert example.wrong != example.right
    if rule.code not in ALSO:
        hit, miss = rule.hit, rule.miss
        assert (hit.exercise, hit.step, hit.wrong) != (miss.exercise, miss.step, miss.wrong)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Context, Repair]]:
    """Every repair that is looked at for a name, with its context."""
    kept: list[tuple[Context, Repair]] = []
    named = messages._named

    def spy(repair: Repair, context: Context) -> Misconception | None:
        kept.append((context, repair))
        return named(repair, context)

    monkeypatch.setattr(messages, "_named", spy)
    return kept


def codes_of(seen: list[tuple[Context, Repair]]) -> list[set[str]]:
    """The codes of the rules that recognise each edit."""
    rules = catalogue_module.catalogue()
    return [
        {rule.code for rule in rules if rule.recognises(edit, context)}
        for context, repair in seen
        for edit in repair.edits
    ]


ALSO = {"outputs-swapped": {"dp": "-e * p"}}
"""What else is wrong where it takes two steps to see a mistake."""


def said_of(example: Example, also: dict[str, str] | None = None) -> tuple[str, str | None, str, str]:
    submission = submission_of(example.exercise, example.step, example.wrong, also)
    result = grader.check(exercise_of(example.exercise), submission, reveal="values")
    step = next(one for one in result.steps if one.name == example.step)
    found = step.diagnosis or Diagnosis("")
    assert {one.name for one in result.steps if one.outcome == "wrong"} == {example.step, *(also or {})}
    return step.outcome, found.code, found.confidence, found.message


LONG = {
    "gauss-newton-term-dropped",
    "gelu-derivative-term-missing",
    "normalisation-gain-misplaced",
    "normalisation-gain-missing",
    "normalisation-gain-twice",
    "silu-derivative-term-missing",
    "statistic-held-fixed",
    "stride-forgotten",
}
IN_LINES = [
    pytest.param(rule, id=code, marks=[pytest.mark.slow] if code in LONG else []) for code, rule in RULES.items()
]


@pytest.mark.parametrize("rule", IN_LINES)
def test_a_rule_names_its_example_and_no_other_does(rule: Misconception, seen: list[tuple[Context, Repair]]) -> None:
    outcome, code, confidence, message = said_of(rule.hit, ALSO.get(rule.code))

    assert (outcome, code) == ("wrong", rule.code)
    assert message == rule.what or (code == "outputs-swapped" and "`dp`" in message)  # it says which other one
    assert confidence in ("certain", "likely")
    assert all(len(codes) < 2 for codes in codes_of(seen))


@pytest.mark.parametrize("rule", IN_LINES)
def test_a_rule_keeps_quiet_at_its_near_miss(rule: Misconception, seen: list[tuple[Context, Repair]]) -> None:
    outcome, code, _, _ = said_of(rule.miss)

    assert outcome == "wrong"
    assert code != rule.code
    assert all(rule.code not in codes and len(codes) < 2 for codes in codes_of(seen))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_example_of_a_rule_is_worked_out_at_numbers_that_tell_its_lines_apart(rule: Misconception) -> None:
    example = worked(rule.hit)

    # There is no rule to show for a second derivative, and for an array that is padded.
    if rule.code not in ("gauss-newton-term-dropped", "padding-forgotten"):
        assert example.rule is not None
        assert example.rule.startswith(example.asked.split(" = ")[1] + " = ")
    # A list of the student's own making, a loop, a tuple: nothing that is told without running it.
    if rule.code not in ("time-index-off-by-one", "loop-bound-off-by-one", "repeated-index-counted-once"):
        got, right = example.wrong_value, example.right_value
        assert got is not None
        assert got.shape != right.shape or not numpy.allclose(got.numbers(), right.numbers(), rtol=1e-3)
