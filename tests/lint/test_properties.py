"""Whatever a valid exercise is like, its fitness can be told, and always as the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.diagnosis.recognition.worked_examples import OWN
from grader.errors import ExerciseError, Fault
from grader.exercise.load import collection, load, loads
from grader.exercise.yaml_reader import parse
from grader.lint import LintReport, examine
from grader.reference.autograd import build

from .making import text_of

TESTS = Path(__file__).parents[1]
USED = [*collection(), *sorted(OWN.glob("*.yaml")), *sorted(TESTS.glob("*/exercises/*.yaml"))[::2]]
"""Those that students see, and half of those of our own tests."""
FAST = ("tanh-chain", "logistic-regression", "cs231n-affine")


@pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.stem, marks=() if path.stem in FAST else pytest.mark.slow) for path in USED]
)
def test_every_exercise_we_use_is_fit(path: Path) -> None:
    exercise = load(path)

    assert examine(exercise, build(exercise), parse(path.read_text("utf-8"), str(path))).refused == ()


NUMBER = st.sampled_from(["0.0", "1.0", "-1.0", "0.5", "2.0", "1e-9", "30.0", "[0.3, 0.7]", "[[0.3]]", "[1.0]", "3"])
UNARY = st.sampled_from(["tanh", "relu", "abs", "exp", "sin", "sum", "softmax", "sigmoid", "square", "mean"])
BINARY = st.sampled_from(
    ["{} + {}", "{} * {}", "{} - {}", "maximum({}, {})", "{} / (2 + {}**2)", "where({} > 0, {}, 2.0)"]
)


@st.composite
def exercises(draw: st.DrawFn) -> str:
    """An exercise of three inputs and a few statements; not every one has a value."""
    names = ["a", "b", "c"]
    given_lines = "\n".join(f"{name}: {draw(NUMBER)}" for name in names)
    lines = []
    for number in range(draw(st.integers(1, 4))):
        pick = st.sampled_from(names)
        made = f"{draw(UNARY)}({draw(pick)})" if draw(st.booleans()) else draw(BINARY).format(draw(pick), draw(pick))
        lines.append(f"z{number} = {made}")
        names.append(f"z{number}")
    last = names[-1]
    lines.append(f"y = sum({last}) + sum(a)")
    steps = f"d1: d(y)/d({last})\nd2: d(y)/d(a)\nd3: partial({last})/partial({names[0]})"
    return text_of(given_lines, "\n".join(lines), "\n".join(steps.split("\n")[: draw(st.integers(1, 3))]))


def fitness_of(text: str) -> LintReport | None:
    try:
        exercise = loads(text)
        reference = build(exercise)
    except ExerciseError:
        return None
    return examine(exercise, reference, parse(text, "made.yaml"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(exercises())
def test_every_valid_exercise_can_be_judged(text: str) -> None:
    found = fitness_of(text)

    if found is None:
        return
    lines = text.split("\n")
    for fault in (*found.refused, *found.warned):
        assert isinstance(fault, Fault)
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1
    assert found == fitness_of(text)
