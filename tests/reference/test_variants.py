"""Given numbers of a student's own: the same everywhere, other for each, and no mistake hides at them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.errors import ExerciseError
from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.model import Value
from grader.reference.autograd import build
from grader.reference.cache import reference_for
from grader.reference.points import draw_points
from grader.reference.variants import coincidences, for_student, variant_key, with_variant

CHAIN = """
exercise: chain
title: A chain
given: {h0: 0.5, w_h: 2.0, w_y: 40.0}
forward: |
  h1_raw = w_h * h0
  h1 = tanh(h1_raw)
  y = w_y * h1
steps:
  dh1: d(y)/d(h1)
  dh0: d(y)/d(h0)
  dw_h: d(y)/d(w_h)
  dy: d(y)/d(y)
"""
EXERCISE = loads(CHAIN + "variants: {h0: 'uniform(0.2, 0.9)', w_h: 'uniform(0.5, 2.5)'}\n")
STUDENTS = [f"s{number}" for number in range(40)]


def numbers(exercise: Exercise) -> dict[str, float]:
    return {name: value.numbers()[0] for name, value in draw_points(exercise)[0].inputs.items()}


def given(h0: float, w_h: float, w_y: float = 40.0) -> Exercise:
    values = {"h0": h0, "w_h": w_h, "w_y": w_y}
    return replace(EXERCISE, variant=tuple((name, Value.scalar(value)) for name, value in values.items()))


def complaints(exercise: Exercise) -> tuple[str, ...]:
    return coincidences(exercise, build(exercise))


def test_a_student_gets_numbers_from_the_ranges_with_few_decimals_and_the_others_as_they_are() -> None:
    for student in STUDENTS:
        found = numbers(for_student(EXERCISE, student))

        assert 0.2 <= found["h0"] <= 0.9
        assert 0.5 <= found["w_h"] <= 2.5
        assert found["w_y"] == 40.0
        assert found["h0"] == round(found["h0"], 3)


def test_the_key_alone_says_which_numbers_they_are() -> None:
    key = variant_key(EXERCISE, "s1", "secret")

    assert for_student(EXERCISE, "s1", "secret") == for_student(EXERCISE, None, key=key) == with_variant(EXERCISE, key)
    assert len(key) == 10


def test_students_secrets_and_exercises_draw_apart() -> None:
    other = loads(CHAIN.replace("exercise: chain", "exercise: other") + "variants: {h0: 'uniform(0.2, 0.9)'}\n")
    keys = {
        variant_key(EXERCISE, "s1"),
        variant_key(EXERCISE, "s2"),
        variant_key(EXERCISE, "s1", "secret"),
        variant_key(other, "s1"),
    }
    drawn = {tuple(numbers(for_student(EXERCISE, student)).values()) for student in STUDENTS}

    assert len(keys) == 4
    assert len(drawn) == len(STUDENTS)


def test_without_a_student_or_without_ranges_the_numbers_are_those_of_the_file() -> None:
    assert for_student(EXERCISE, None) == EXERCISE
    assert for_student(loads(CHAIN), "s1").variant == ()


def test_the_probes_are_the_same_for_all_students() -> None:
    probes = {tuple(draw_points(for_student(EXERCISE, student), "secret")[1].inputs.values()) for student in STUDENTS}

    assert probes == {tuple(draw_points(EXERCISE, "secret")[1].inputs.values())}


def test_the_reference_is_made_at_the_numbers_of_the_student() -> None:
    mine = for_student(EXERCISE, "s1")
    found = numbers(mine)

    reference = reference_for(mine)

    assert reference.values[0]["h1_raw"].numbers()[0] == pytest.approx(found["h0"] * found["w_h"], rel=1e-15)
    assert reference_for(EXERCISE).values[0]["h1_raw"].numbers()[0] == 1.0


@pytest.mark.parametrize(
    ("h0", "w_h", "w_y", "said"),
    [
        (0.5, 2.0, 40.0, "`h1_raw` is 1"),
        (0.5, 2.0, 40.0, "`h0` is 1 / `w_h`"),
        (0.0, 1.7, 40.0, "`h0` is 0"),
        (0.7, -1.0, 40.0, "`w_h` is -1"),
        (0.7, 0.7, 40.0, "`h0` and `w_h` have the same size"),
        (0.9, 9.0, 40.0, "`tanh` in `h1` is saturated"),
    ],
)
def test_numbers_at_which_mistakes_hide_are_named(h0: float, w_h: float, w_y: float, said: str) -> None:
    assert said in complaints(given(h0, w_h, w_y))


def test_what_is_so_at_all_numbers_is_no_coincidence() -> None:
    # dy is 1 and dh1 is w_y wherever one looks.
    assert complaints(given(0.37, 1.9, 33.0)) == ()


def test_no_student_gets_such_numbers() -> None:
    tight = loads(CHAIN + "variants: {h0: 'uniform(0, 1)', w_h: 'uniform(0.9, 1.1)'}\n")

    for student in STUDENTS:
        assert complaints(for_student(tight, student)) == ()


def test_ranges_that_hold_no_fit_numbers_are_refused_with_the_reason() -> None:
    flat = loads(CHAIN + "variants: {h0: 'uniform(20, 30)'}\n")

    with pytest.raises(ExerciseError, match=r"variants: found no fit numbers in 200 draws .*saturated"):
        for_student(flat, "s1")


def test_arrays_and_labels_can_be_drawn_too() -> None:
    exercise = loads(
        "exercise: rows\ntitle: Rows\ngiven:\n  x: [[0.1, 0.2], [0.3, 0.4]]\n  k: [0, 1]\n"
        "forward: y = sum(x[[0, 1], k])\nsteps: {dx: d(y)/d(x)}\nvariants: {x: normal, k: 'integers(0, 2)'}\n"
    )
    mine = dict(for_student(exercise, "s3").variant)

    assert mine["x"].shape == (2, 2)
    assert set(mine["k"].numbers()) <= {0.0, 1.0}
    assert mine["k"].dtype == "int64"
