"""exercises/README.md and the page on the language: every exercise in them can be used as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.exercise.load import loads
from grader.exercise.schema import template
from grader.reference.autograd import build
from grader.reference.variants import for_student

ROOT = Path(__file__).parents[2]
README = (ROOT / "exercises" / "README.md").read_text("utf-8")
LANGUAGE = (ROOT / "grader" / "docs" / "language.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", README + LANGUAGE, re.M | re.S)


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split("\n")[0])
def test_each_example_is_an_exercise_that_can_be_evaluated(text: str) -> None:
    exercise = loads(text)

    assert len(build(for_student(exercise, "s1")).points) == 4


def test_the_steps_it_says_are_derived_are_derived() -> None:
    (example,) = (text for text in EXAMPLES if "derive:" in text)

    assert ", ".join(step.name for step in loads(example).steps) in README


def test_it_is_one_page() -> None:
    assert len(README.split("\n")) <= 100
    assert max(map(len, README.split("\n"))) <= 120


def test_a_new_exercise_can_be_evaluated_as_it_stands() -> None:
    exercise = loads(template("my-own"))

    assert (exercise.id, len(exercise.steps)) == ("my-own", 4)
    assert [at["dw"].shape for at in build(exercise).values] == [()] * 4


def test_what_a_new_exercise_leaves_out_is_what_holds_then() -> None:
    text = template("my-own")
    defaults = ("probe", "tolerance", "shapes", "credit", "reveal", "by_hand", "limits")
    commented = [line for line in text.split("\n") if re.match(rf"# ({'|'.join(defaults)}):", line)]
    filled_in = text + "\n".join(line.removeprefix("# ") for line in commented) + "\n"

    assert len(commented) == len(defaults)
    assert loads(filled_in).policy == loads(text).policy
    assert loads(filled_in).probe_points == loads(text).probe_points
