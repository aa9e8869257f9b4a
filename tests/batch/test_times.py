"""Times that a download does not have: from a worksheet, from a table, from files; and extensions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from grader.batch.entries import folder
from grader.batch.file_choice import ChoiceRule, choose
from grader.batch.instructor_tables import moodle_time, take_extensions, take_times, times_known
from grader.batch.intake import read_tree
from grader.batch.run import keep_policy
from grader.batch.store import Store
from grader.batch.student_row import Final, LatePolicy, final
from grader.errors import UsageError
from tests.batch.making import write, zipped
from tests.batch.making_results import HALF, RIGHT, filled, handed
from tests.batch.test_gradebooks import MOODLE


@pytest.fixture
def store(tmp_path: Path) -> Store:
    people = [(handed("2", name="Stu Dent", identities=(("moodle", "2"),)), RIGHT),
              (handed("3", name="Stu Dent", identities=(("moodle", "3"),)), HALF),
              (handed("4", None, name="Ann Ek"), None)]  # fmt: skip
    return Store(filled(tmp_path / "r", people), writing=True)


def table(folder: Path, text: str) -> Path:
    (folder / "table.csv").write_text(text, encoding="utf-8")
    return folder / "table.csv"


@pytest.mark.parametrize(
    "text",
    ["Monday, 23 November 2026, 4:42 AM", "Montag, 23. November 2026, 04:42", "lundi 23 novembre 2026, 04:42",
     "lunes, 23 de noviembre de 2026, 04:42", "maandag, 23 november 2026, 04:42", "lunedì, 23 novembre 2026, 04:42"],
)  # fmt: skip
def test_times_of_a_worksheet_are_read_in_several_languages(text: str) -> None:
    assert moodle_time(text) == datetime(2026, 11, 23, 4, 42)


@pytest.mark.parametrize(
    ("text", "hour"), [("3 March 2026, 12:05 AM", 0), ("3. März 2026, 12:05", 12), ("3 mai 2026, 11:05 PM", 23)]
)
def test_midnight_and_noon_are_told_apart(text: str, hour: int) -> None:
    assert getattr(moodle_time(text), "hour", None) == hour


@pytest.mark.parametrize("text", ["-", "", "31 February 2026, 4:42 AM", "soon"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert moodle_time(text) is None


@pytest.mark.parametrize("head", ["Last modified (submission)", "Ostatnio modyfikowane"])
def test_moodles_worksheet_says_when_its_participants_handed_in(head: str, store: Store, tmp_path: Path) -> None:
    path = table(tmp_path, MOODLE.replace("Last modified (submission)", head))

    with store:
        assert take_times(store, path) == "times of submissions: 1 taken from table.csv"
        assert [one.submitted for one in store.standings()] == [datetime(2026, 11, 23, 4, 42), None, None]
        assert times_known(store).startswith("times: 1 of 2 submissions have one; the others count as in time")


def test_a_table_of_times_names_students_by_any_key_of_theirs(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path, "student,submitted\n3,2026-11-24\nAnn Ek,-\n")

    with store:
        take_times(store, path)
        assert next(one for one in store.standings() if one.student == "3").submitted == datetime(
            2026, 11, 24, 23, 59, 59
        )
        with pytest.raises(UsageError, match="line 2: there is no student 'zoe'"):
            take_times(store, table(tmp_path, "student,submitted\nzoe,2026-11-24\n"))


@pytest.mark.parametrize("packed", [False, True])
def test_times_of_files_count_where_the_platform_has_none_and_only_on_request(packed: bool, tmp_path: Path) -> None:
    files = {"anna/hw.py": b"x = 1\n", "ben/hw.py": b"x = 2\n"}
    found = zipped(tmp_path, files) if packed else folder(write(tmp_path / "d", files))
    known = read_tree(found, "t").attempts

    asked = [one.attempt.submitted for one in choose(known, ChoiceRule(frozenset(), times="file"))]

    assert all(at is not None and abs((datetime.now() - at).total_seconds()) < 3600 for at in asked)
    assert [one.attempt.submitted for one in choose(known, ChoiceRule(frozenset()))] == [None, None]


def test_extensions_move_the_day_for_those_who_have_one(store: Store, tmp_path: Path) -> None:
    path = table(tmp_path, "student;until\n2;2026-11-25\n3;2026-11-20 12:00\nzoe;2026-12-01\n")
    times = "student,submitted\n2,2026-11-24 12:00\n3,2026-11-24 12:00\n"

    with store:
        said = take_extensions(store, path)
        take_times(store, table(tmp_path, times))
        keep_policy(store, LatePolicy(datetime(2026, 11, 23, 23, 59), 50))
        found = {one.student: final(one, LatePolicy(datetime(2026, 11, 23, 23, 59), 50)) for one in store.standings()}

    assert said == "3 extensions taken from table.csv; nobody here is called 'zoe' (line 4)"
    assert found["2"] == Final(2.0)
    assert found["3"] == Final(0.0, 1.0, "after the extension: late by 12 h 1 min")


def test_a_fault_among_extensions_names_its_line(store: Store, tmp_path: Path) -> None:
    with store, pytest.raises(UsageError, match="line 3: 'soon' is no time"):
        take_extensions(store, table(tmp_path, "student,until\n2,2026-11-25\n3,soon\n"))


@pytest.mark.parametrize("take", [take_extensions, take_times])
def test_a_name_that_several_have_is_given_to_none_of_them(take: Callable[[Store, Path], str], tmp_path: Path) -> None:
    column = "until" if take is take_extensions else "submitted"
    path = table(tmp_path, f"student,{column}\nBen Carr,2026-11-25 12:00\n")
    folder = filled(tmp_path, [(handed(key, name="Ben Carr"), RIGHT) for key in ("102", "103")])

    with Store(folder, writing=True) as store:
        try:
            said = take(store, path)
        except UsageError as refused:
            said = str(refused)

    assert "several are called" in said
    assert "name one of 102, 103" in said
    assert "nobody" not in said
