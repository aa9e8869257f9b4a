"""Many changed versions of a statement in one run: what is written to be run, and what it comes to."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from contextlib import suppress

import pytest

from grader.diagnosis.repair_trials.trials import (
    NAME,
    Asked,
    Trials,
    Version,
    _after_future,
    _Cell,
    _is_near,
    right_versions,
)
from grader.formula.syntax import Place
from grader.model import Submission, Value
from grader.submission.load import load_bytes


def submission(source: str) -> Submission:
    return load_bytes(source.encode(), "mine.py")


def results(source: str, versions: Sequence[Version], asked: Sequence[Asked], answer: str = "") -> list[Value]:
    """What the versions come to, run here."""
    trial = Trials(submission(source), answer, (1, 100)).of(versions, asked)
    assert trial is not None
    seen: list[list[float]] = []
    text = "\n".join([*(cell.source for cell in trial.submission.cells), trial.answer])
    taking = text.replace(f"{NAME} = next", "_grader_take(next").replace("s, [])", "s, []))")
    space = {"_grader_take": seen.append}
    for statement in ast.parse(taking).body:  # one by one, as a submission is run
        with suppress(AssertionError):
            exec(compile(ast.Module([statement], []), "mine.py", "exec"), space)
    return [Value.of(one, (len(one),)) for one in seen if one]


def version(line: int, column: int, width: int, text: str) -> Version:
    return Version(0, Place(line, column, line, column + width), text)


def asked(name: str, own: float | None, right: float) -> Asked:
    return Asked(name, (name,), None if own is None else Value.scalar(own), Value.scalar(right))


def test_the_version_that_gives_the_right_value_is_found() -> None:
    versions = [version(2, 5, 1, "4"), version(2, 5, 1, "3")]
    wanted = [asked("y", 10.0, 6.0)]

    assert right_versions(results("x = 2\ny = 5 * x\n", versions, wanted), wanted, "y") == ([1], [])


def test_a_list_that_was_filled_is_as_it_was_before_each_version() -> None:
    source = "filled = [1.0]\nfor k in range(2):\n    filled.append(5.0)\ntotal = sum(filled)\n"
    versions = [version(3, 19, 3, "7.0"), version(3, 19, 3, "2.0"), version(3, 19, 3, "3.0")]
    wanted = [asked("total", 11.0, 5.0)]

    assert right_versions(results(source, versions, wanted), wanted, "total") == ([1], [])


def test_a_change_in_a_function_is_seen_where_it_is_called() -> None:
    source = "def f(x):\n    return 5 * x\nx = 2.0\ny = f(x)\n"
    versions = [version(2, 12, 1, "3")]
    wanted = [asked("y", 10.0, 6.0)]

    assert right_versions(results(source, versions, wanted), wanted, "y") == ([0], [])


def test_versions_are_tried_after_a_check_that_fails() -> None:
    source = "def f(x):\n    return 5 * x\nassert f(1.0) == 3.0\ny = f(2.0)\n"
    versions = [version(2, 12, 1, "3")]
    wanted = [asked("y", 10.0, 6.0)]

    assert right_versions(results(source, versions, wanted), wanted, "y") == ([0], [])


def test_a_version_that_raises_is_not_right_and_ends_nothing() -> None:
    versions = [version(2, 5, 1, "z"), version(2, 5, 1, "3")]
    wanted = [asked("y", 10.0, 6.0)]

    assert right_versions(results("x = 2\ny = 5 * x\n", versions, wanted), wanted, "y") == ([1], [])


def test_a_version_that_cannot_be_read_is_left_out() -> None:
    wanted = [asked("y", 10.0, 6.0)]
    versions = [version(2, 5, 1, ")"), version(2, 5, 1, "3")]

    assert right_versions(results("x = 2\ny = 5 * x\n", versions, wanted), wanted, "y") == ([1], [])


def test_two_statements_of_one_line_are_changed_each_in_its_place() -> None:
    wanted = [asked("y", 10.0, 6.0), asked("z", 10.0, 7.0)]
    versions = [version(2, 16, 1, "y + 1"), version(2, 5, 1, "3"), version(2, 16, 1, "7")]

    assert right_versions(results("x = 2\ny = 5 * x; z = y\n", versions, wanted), wanted, "z") == ([], [2])


def test_a_version_that_never_ends_is_not_right_and_ends_nothing() -> None:
    source = "k = 0\nwhile k < 3:\n    k += 1\ny = 5 * k\n"
    versions = [version(3, 5, 6, "k -= 1"), version(4, 5, 1, "2")]
    wanted = [asked("y", 15.0, 6.0)]

    assert right_versions(results(source, versions, wanted), wanted, "y") == ([1], [])


def test_a_version_whose_list_contains_itself_is_not_right_and_ends_nothing() -> None:
    source = "g = [5.0]\ny = 2 * g[0]\ng[0] = y\n"
    versions = [version(2, 5, 8, "g"), version(2, 5, 1, "3")]
    wanted = [asked("y", 10.0, 15.0)]

    assert right_versions(results(source, versions, wanted), wanted, "y") == ([1], [])


def test_a_value_that_a_line_did_not_come_to_is_found_too() -> None:
    # A statement that raises is passed over where submissions are run; here a manager does that.
    source = "import contextlib\nstop = contextlib.suppress(NameError)\nwith stop:\n    y = nothing * 2\n"
    versions = [version(4, 9, 7, "3")]
    wanted = [asked("y", None, 6.0)]

    assert right_versions(results(source, versions, wanted), wanted, "y") == ([0], [])


def test_what_the_exercise_runs_is_run_for_each_version() -> None:
    source = "def f(x):\n    return 5 * x\n"
    versions = [version(2, 12, 1, "3")]
    wanted = [asked("y", 10.0, 6.0)]

    assert right_versions(results(source, versions, wanted, "y = f(2.0)"), wanted, "y") == ([0], [])


def test_a_version_with_which_all_comes_right_stands_before_one_that_mends_the_step_alone() -> None:
    source = "x = 2.0\na = 3 * x\nb = a + a\n"
    versions = [version(3, 5, 5, "4 * x"), version(2, 5, 1, "2")]
    wanted = [asked("b", 12.0, 8.0), asked("a", 6.0, 4.0)]

    assert right_versions(results(source, versions, wanted), wanted, "b") == ([1], [0])


def test_a_change_across_two_statements_is_left_out() -> None:
    change = Version(0, Place(1, 1, 2, 6), "b = 2\na = 1")

    assert Trials(submission("a = 1\nb = 2\n"), "", (0, 1)).of([change], [asked("a", 1.0, 2.0)]) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\n", "import y\nx = 1\n"),
        ("from __future__ import annotations\nx = 1\n", "from __future__ import annotations\nimport y\nx = 1\n"),
        ('"""Mine."""\nfrom __future__ import (\n    annotations,\n)\nx = 1\n',
         '"""Mine."""\nfrom __future__ import (\n    annotations,\n)\nimport y\nx = 1\n'),
        ("from numpy import ones\n", "import y\nfrom numpy import ones\n"),
        ("x = (\n", "import y\nx = (\n"),
    ],
)  # fmt: skip
def test_what_comes_first_comes_after_what_python_wants_first(source: str, expected: str) -> None:
    assert _after_future(source, "import y\n") == expected


@pytest.mark.parametrize(
    ("sent", "right", "expected"),
    [
        ([0, 2.0], Value.scalar(2.0), True),
        ([0, 2.0001], Value.scalar(2.0), True),
        ([0, 2.001], Value.scalar(2.0), False),
        ([0, 0.0], Value.scalar(0.0), True),
        ([1, 2, 1.0, 100.0], Value.of([1.005, 100.0], (2,)), True),
        ([1, 2, 1.0, 100.0], Value.of([1.02, 100.0], (2,)), False),
        ([2, 2, 1, 1.0, 2.0], Value.of([1.0, 2.0], (2,)), True),
        ([2, 1, 2, 1.0, 2.0], Value.of([1.0, 2.0], (2, 1)), True),
        ([2, 2, 2, 1.0, 2.0, 3.0, 4.0], Value.of([1.0, 2.0, 3.0, 4.0], (4,)), False),
        ([], Value.scalar(0.0), False),
    ],
)
def test_a_result_is_selected_if_it_is_near_the_right_one(sent: list[float], right: Value, expected: bool) -> None:
    assert _is_near(sent, right) is expected


CELL = """\
x = 1; é = (2 +
    3)  # a remark
@cached
def f(a):
    return a
y = f(x)"""


def test_a_cell_is_read_statement_by_statement() -> None:
    cell = _Cell(CELL)

    assert [cell.text(top) for top in range(4)] == [
        "x = 1",
        "é = (2 +\n    3)",
        "@cached\ndef f(a):\n    return a",
        "y = f(x)",
    ]
    assert cell.names[3] == {"y", "f", "x"}


@pytest.mark.parametrize(
    ("place", "top"),
    [
        (Place(1, 5, 1, 6), 0),
        (Place(1, 8, 1, 9), 1),
        (Place(1, 13, 2, 6), 1),
        (Place(3, 1, 3, 8), 2),
        (Place(6, 5, 6, 9), 3),
        (Place(1, 5, 1, 9), None),  # part of two
        (Place(2, 6, 2, 8), None),  # runs past the end
        (Place(2, 9, 2, 12), None),  # a remark
    ],
)
def test_a_place_belongs_to_the_statement_that_contains_it_whole(place: Place, top: int | None) -> None:
    assert _Cell(CELL).statement_at(place) == top


@pytest.mark.parametrize(("top", "expected"), [(1, "x = 1; z = 0; é"), (3, "return a\nz = 0\ny")])
def test_a_line_is_put_before_a_statement(top: int, expected: str) -> None:
    assert expected in _Cell(CELL).before(CELL, top, "z = 0")
