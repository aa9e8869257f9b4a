"""Lines whose formula cannot be read: small changes as they are typed, proven by running them."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from time import thread_time
from types import SimpleNamespace
from typing import cast

import pytest

from grader.diagnosis.repair_trials import repair_by_running
from grader.diagnosis.repair_trials.statement_edits import source_edits
from grader.errors import ExplanationFailed
from grader.exercise.load import loads
from grader.exercise.types import Exercise, Step
from grader.formula.build import NOWHERE
from grader.formula.syntax import Name, Place
from grader.judge.verdicts import Verdict
from grader.model import StepResult, Submission, Value
from grader.submission.load import load_bytes
from tests import warm

SQUARES = """
given:
  A: {shape: [3, 3], draw: normal}
  b: {shape: [3], draw: normal}
forward: |
  r = A @ b
  loss = sum(r**2)
steps:
  db: d(loss)/d(b)
"""


def exercise(text: str) -> Exercise:
    return loads("exercise: own\ntitle: A sum of squares\n" + text, "own.yaml")


def wrong(text: str, source: str) -> StepResult:
    result = warm.check(exercise(text), load_bytes(source.encode(), "mine.py"))
    (step,) = [step for step in result.steps if step.outcome == "wrong"]
    assert step.diagnosis is not None
    return step


HEAD = """import numpy as np
A = np.array([[1.0, 0.5, -0.3], [0.2, -1.1, 0.7], [0.4, 0.9, 1.3]])
b = np.array([0.3, -0.8, 1.2])
r = A @ b
"""


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        (
            "db = np.apply_along_axis(np.sum, 0, 2 * A * r[:, None]) * (1.0 / 9)",
            "db = np.apply_along_axis(np.sum, 0, 2 * A * r[:, None])",
        ),
        ("db = np.linalg.multi_dot([A.T, r])", "db = 2 * np.linalg.multi_dot([A.T, r])"),
        ("db = np.linalg.multi_dot([A, 2 * r])", "db = np.linalg.multi_dot([A.T, 2 * r])"),
        ("db = np.inner(A.T, r + r + r)", "db = np.inner(A.T, r + r)"),
    ],
)
def test_calls_that_are_not_read_are_repaired_around(line: str, fix: str) -> None:
    diagnosis = wrong(SQUARES, f"{HEAD}{line}\n").diagnosis

    assert diagnosis is not None
    assert diagnosis.fix == fix


def test_a_return_that_ends_its_loop_is_told_to_move_out_of_it() -> None:
    source = f"""{HEAD}
def slope(A, r):
    total = np.zeros(3)
    for i in range(3):
        total += np.multiply(2 * r[i], A[i])
        return total

db = slope(A, r)
"""
    step = wrong(SQUARES, source)

    assert step.diagnosis is not None
    assert step.diagnosis.replace_with == ""
    assert step.diagnosis.fix == "for i in range(3):\n        ...\n    return total"
    assert "stands inside the loop" in step.diagnosis.message


def test_a_value_that_is_changed_too_early_is_told_to_change_later() -> None:
    source = f"""{HEAD}
def slopes(A, b, r):
    r = np.tanh(r)
    db = 2 * np.inner(A.T, r)
    return db

db = slopes(A, b, r)
"""
    step = wrong(SQUARES, source)

    assert step.diagnosis is not None
    assert step.diagnosis.fix == "db = 2 * np.inner(A.T, r)\n    r = np.tanh(r)"
    assert step.where is not None
    assert step.where.line == 7


def edits(source: str) -> list[str]:
    """What becomes of the last statement of a source, by each edit."""
    tree = ast.parse(source)
    return [edit.text for edit in source_edits(source, tree, tree.body[-1], ["a", "b", "c"])]


def test_an_array_may_have_to_be_scaled_after_its_entries_were_changed() -> None:
    assert "a[0] -= 1\na /= b" in edits("a[0] -= 1")


def test_an_array_that_a_loop_fills_is_not_scaled_in_each_pass() -> None:
    source = "for i in range(3):\n    a[i] -= 1"
    tree = ast.parse(source)
    loop = tree.body[0]
    assert isinstance(loop, ast.For)

    assert not any("/=" in one.text for one in source_edits(source, tree, loop.body[0], ["b"]))


def after(source: str) -> list[str]:
    """Each changed version of a source, whose last statement is changed."""
    tree = ast.parse(source)
    lines = source.split("\n")
    found = []
    statement = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)][-1]
    for edit in source_edits(source, tree, statement, ["a", "b"]):
        start, end = edit.place.line - 1, edit.place.end_line - 1
        joined = lines[start][: edit.place.column - 1] + edit.text + lines[end][edit.place.end_column - 1 :]
        found.append("\n".join([*lines[:start], joined, *lines[end + 1 :]]))
    return found


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("y = a * (b + c)", "b + a * c"),
        ("y = a * (b + c)", "a * b + c"),
        ("y = f(a + b)", "a + f(b)"),
        ("y = (a + b) * c", "a + b"),
        ("y = (a + b) * c / b", "(a + b)"),
        ("y = (a - b)[0]", "b - a"),
        ("y = a // b", "a / b"),
        ("y = a < b", "a > b"),
        ("y = a[0]", "a[0].copy()"),
        ("y = a ** -b", "b"),
    ],
)
def test_an_edit_has_the_brackets_it_needs_and_no_more(source: str, text: str) -> None:
    assert text in edits(source)


def test_nothing_is_bound_to_itself() -> None:
    assert "a = a" not in after("a = a - b")


def test_no_list_is_appended_to_itself() -> None:
    source = "rows.append(a * b)"
    tree = ast.parse(source)
    texts = {one.text for one in source_edits(source, tree, tree.body[0], ["a", "rows"])}

    assert "a" in texts
    assert "rows" not in texts


def test_every_changed_source_can_be_parsed() -> None:
    changed = after("for i in range(3):\n    y = -(a @ b) / 2 + f(a - b)[i] * a.T ** 2 + sum([a[k] for k in b])")

    assert len(changed) > 30
    for source in changed:
        ast.parse(source)


def test_a_failure_while_repairs_are_tried_costs_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("grader.diagnosis.repair_trials.statement_changes.suspects", failing)
    with pytest.warns(ExplanationFailed, match="a fault of ours"):
        step = wrong(SQUARES, f"{HEAD}db = np.apply_along_axis(np.sum, 0, 2 * A * r[:, None]) * (1.0 / 9)\n")

    assert step.outcome == "wrong"


def test_on_a_machine_of_half_the_speed_as_many_steps_are_one_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(__file__).parents[1] / "cases" / "wrong" / "sigmoid_dual_numbers_one_term.py"
    monkeypatch.setattr(repair_by_running.Running, "clock", property(lambda self: 2 * (self.spent() + thread_time())))

    result = warm.check("sigmoid", path)

    assert [step.name for step in result.steps if step.outcome == "wrong"] == ["de"]


@pytest.mark.parametrize(
    ("enough", "lead"),
    [({"1"}, "dx"), ({"2"}, "dw"), ({"1", "2"}, "dx"), (set(), "dx")],
    ids=["the first repair", "the second repair", "either", "only both"],
)
def test_a_step_made_right_by_other_repairs_shares_the_mistake_whose_repair_is_enough(
    enough: set[str], lead: str
) -> None:
    changes = (("dx", (0, Place(1, 5, 1, 6), "1")), ("dw", (0, Place(2, 5, 2, 6), "2")))
    step = Step("db", Name("db", NOWHERE), "db")
    mine = Verdict(step, "wrong", "value")

    def proven(changed: Submission) -> list[Verdict]:
        one = next(number for number in ("1", "2") if number in changed.cells[0].source)
        return [replace(mine, outcome="correct" if one in enough else "wrong")]

    running = cast(repair_by_running.Running, SimpleNamespace(at_every_point=proven))
    base = repair_by_running._Base(load_bytes(b"", "mine.py"), [], changes=changes)

    assert repair_by_running._leading(load_bytes(b"x = a\nw = a\n", "mine.py"), base, mine, running) == lead


ROWS = Value.of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (3, 2))


@pytest.mark.parametrize(
    ("own", "right", "said"),
    [
        (ROWS, ROWS, ""),
        (Value.of([0.0] * 6, (3, 2)), ROWS, "`db` was never written: it still holds 0. "),
        (Value.of([1.0, 2.0, 0.0, 0.0, 5.0, 6.0], (3, 2)), ROWS, "Only entry [1] of `db` was never written. "),
        (
            Value.of([0.0, 0.0, 3.0, 4.0, 0.0, 0.0], (3, 2)),
            ROWS,
            "Only the entries [0], [2] of `db` were never written. ",
        ),
        (Value.of([1.0, 2.0, 0.0, 4.0, 5.0, 6.0], (3, 2)), ROWS, ""),  # a row that was written, and is wrong
        (Value.of([9.0, 0.0, 9.0, 0.0, 9.0, 0.0], (3, 2)), ROWS, ""),  # all rows are wrong
        (Value.of([1.0, 2.0, 0.0, 0.0, 5.0, 7.0], (3, 2)), ROWS, ""),  # one was written, and is wrong
        (Value.of([1.0, 0.0], (2,)), Value.of([1.0, 2.0], (2,)), "Only entry [1] of `db` was never written. "),
        (Value.of([1.0, 2.0], (2,)), Value.of([1.0 + 1e-9, 2.0], (2,)), ""),
        (Value.of([1.0, 0.0], (2,)), ROWS, ""),
        (Value.scalar(0.0), Value.scalar(2.0), "`db` was never written: it still holds 0. "),
        (Value.scalar(1.0), Value.scalar(2.0), ""),
    ],
)
def test_entries_that_are_still_0_were_never_written(own: Value, right: Value, said: str) -> None:
    match = SimpleNamespace(value_at=lambda point: SimpleNamespace(value=own))
    verdict = cast(Verdict, SimpleNamespace(step=SimpleNamespace(name="db"), match=match))

    assert repair_by_running.entries_not_written(verdict, {"db": right}) == said
    assert repair_by_running.entries_not_written(verdict, {}) == ""
