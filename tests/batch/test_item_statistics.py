"""Difficulty and discrimination of steps, against their formulas."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.class_statistics import StepTaken, item, items, point_biserial, upper_lower
from grader.batch.store import Store
from tests.batch.making_results import RIGHT, filled, handed, result, step

students = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=40).map(
    lambda rows: [StepTaken(solved, float(others), others + float(solved)) for solved, others in rows]
)


@given(students)
def test_the_point_biserial_is_the_correlation_with_the_points_of_the_other_steps(taken: list[StepTaken]) -> None:
    found = point_biserial(Counter(taken))
    solved, others = [one.solved for one in taken], [one.others for one in taken]

    if len(set(solved)) < 2 or len(set(others)) < 2:
        assert found is None
    else:
        assert found == pytest.approx(np.corrcoef(solved, others)[0, 1])


def test_the_upper_and_the_lower_27_percent_are_compared() -> None:
    # Of 100 with points 0 to 99 the lowest 27 fail it, of the highest 27 all but two solve it.
    taken = [StepTaken(27 <= n < 98, float(n), float(n)) for n in range(100)]

    assert upper_lower(Counter(taken)) == pytest.approx(25 / 27)


def test_students_with_equal_points_at_the_limit_count_in_part() -> None:
    # The lower group of 2.7: one with 0 points, and of the four with 1 point, of whom two solved it, 1.7.
    low = [StepTaken(False, 0, 0), *(StepTaken(solved, 1, 1) for solved in (True, True, False, False))]
    high = [StepTaken(True, 5, 5)] * 5

    assert upper_lower(Counter(low + high)) == pytest.approx(1 - (1.7 / 2) / 2.7)


@given(students, st.randoms())
def test_the_order_of_the_students_does_not_matter(taken: list[StepTaken], drawn: object) -> None:
    mixed = list(taken)
    drawn.shuffle(mixed)  # type: ignore[attr-defined]

    assert upper_lower(Counter(mixed)) == pytest.approx(upper_lower(Counter(taken)))


def test_of_few_students_only_the_share_is_told() -> None:
    found = item("da", Counter(StepTaken(n % 2 == 0, n, n) for n in range(9)))

    assert found.solved == pytest.approx(5 / 9)
    assert (found.point_biserial, found.upper_lower) == (None, None)


def test_a_step_fed_by_an_error_is_solved_and_one_that_was_not_judged_does_not_count(tmp_path: Path) -> None:
    fed = result(step("da", "wrong", "sign-flipped"), step("db", "carried"))
    dark = result(step("da"), step("db", "unjudged"))
    rows = [(handed(f"s{n}"), made) for n, made in enumerate([RIGHT, fed, dark])]

    with Store(filled(tmp_path, rows)) as store:
        found = [(one.name, one.students, one.solved) for one in items(store)]

    assert found == [("da", 3, pytest.approx(2 / 3)), ("db", 2, 1.0)]
