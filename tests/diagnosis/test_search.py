"""The search for the smallest repair of an expression: which of two repairs is the smaller change."""

from __future__ import annotations

from grader.diagnosis.repair_search.search import STRANGE, Repair, search
from grader.diagnosis.repair_search.task import Task
from grader.formula.parse import parse_expression
from grader.formula.syntax import text
from grader.judge.matching.compare import Measure

POINTS = ({"a": 2.0, "b": 3.0, "c": 5.0}, {"a": 7.0, "b": 1.5, "c": -4.0})


def repairs(wrong: str, right: str) -> tuple[Repair, ...]:
    values = tuple(float(eval(right, {}, dict(at))) for at in POINTS)
    by = Measure(1e-9, 1e-12)
    return search(Task(parse_expression(wrong), tuple((at,) for at in POINTS), values, (by, by), (), ()))


def test_two_names_that_change_places_in_a_difference_are_a_small_change() -> None:
    (found,) = repairs("(a - c) * b", "(a - b) * c")

    assert text(found.result) == "(a - b) * c"
    assert found.cost < STRANGE


def test_two_names_that_change_places_so_that_a_difference_is_0_are_none() -> None:
    assert all(found.cost >= STRANGE for found in repairs("(a - b) * a", "0"))
