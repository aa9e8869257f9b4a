"""A second download in the folder of a class: of the same class, of another, or added to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.entries import DownloadedAttempt, Intake
from grader.batch.intake import BatchOptions, apart, foreign, known_by, namesakes
from grader.batch.run import BatchOutcome, check_policy
from grader.batch.store import Store
from grader.batch.terminal import outcome_lines
from grader.errors import UsageError
from grader.report.page import Page
from tests.batch.making_results import HALF, RIGHT, filled, handed, work_of


def attempts(kind: str, **names: str) -> tuple[DownloadedAttempt, ...]:
    return tuple(
        DownloadedAttempt(key.lstrip("n"), name, (), identities=((kind, key.lstrip("n")),))
        for key, name in names.items()
    )


CANVAS = {one.student: known_by(one.student, one.name, one.identities)
          for one in attempts("canvas", n1="bellanna", n2="carrben", n3="dentcleo")}  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "came", "why"),
    [
        ("canvas", attempts("canvas", n1="bellanna", n2="carrben", n9="new"), None),
        ("canvas", attempts("canvas", n1="bellanna"), None),
        ("canvas", attempts("canvas", n8="new", n9="newer"), "of its 3 students 0 are among the 2 of this one"),
        ("canvas", attempts("canvas", n1="Else", n2="Other"), "of its 3 students 0 are among the 2 of this one"),
        ("moodle", attempts("moodle", n1="Anna"), "it holds a class from canvas, and this one is from moodle"),
    ],
)
def test_another_layout_or_course_is_told_from_a_later_download(
    layout: str, came: tuple[DownloadedAttempt, ...], why: str | None
) -> None:
    assert foreign(Intake(layout, came), "canvas", CANVAS) == why


def test_files_and_folders_may_follow_one_another() -> None:
    known = {"anna": known_by("anna", "anna", ())}

    assert foreign(Intake("folders", (DownloadedAttempt("anna", "Anna", ()),)), "files", known) is None


def test_the_number_of_somebody_elses_gets_a_key_of_its_own() -> None:
    both = (*attempts("canvas", n1="bellanna"), *attempts("moodle", n1="Bo Ek", n2="Cy Dee"))

    assert [one.student for one in apart(both, {})] == ["1", "1 (Bo Ek)", "2"]
    assert [one.student for one in apart(both[1:], CANVAS)] == ["1 (Bo Ek)", "2 (Cy Dee)"]


def test_a_user_name_is_the_same_persons_wherever_it_is_from() -> None:
    both = (
        DownloadedAttempt("abell", "abell", ()),
        DownloadedAttempt("abell", "Anna Bell", (), identities=(("username", "abell"),)),
    )

    assert [one.student for one in apart(both, {})] == ["abell", "abell"]


def test_who_is_gone_is_set_aside_and_comes_back_with_the_results(tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed("anna"), RIGHT), (handed("ben"), HALF)])

    with Store(folder, writing=True) as store:
        gone = store.set_aside({"anna", "cleo"})
        left = [one.student for one in store.standings()]
        store.take([handed("ben")], [])
        store.assign(work_of)
        back = {one.student: one.score for one in store.standings()}

    assert gone == [("ben", "ben")]
    assert left == ["anna"]
    assert back == {"anna": 2.0, "ben": 1.0}


def test_who_may_be_in_both_of_two_downloads_under_different_keys_is_told() -> None:
    known = CANVAS | {"anna": known_by("anna", "Bell Anna", ()), "carr": known_by("carr", "carr", ())}

    assert [*namesakes(known, {"anna", "carr"})] == [
        "bellanna is the name of 2 students (1, anna): whoever is in both downloads is listed twice"
    ]


def test_students_of_one_name_in_one_download_are_several() -> None:
    known = {key: known_by(key, "Anna Lee", ()) for key in ("a1", "a2")}

    assert [*namesakes(known, {"a1", "a2"})] == []


def test_starting_over_and_going_on_at_once_is_refused() -> None:
    both = BatchOptions("tanh-chain", ("hw.zip",), "class", fresh=True, join="add")

    with pytest.raises(UsageError, match="--add goes on with the class in the folder, and --fresh starts over"):
        check_policy(both)


def test_it_is_told_for_how_many_students_equal_files_were_graded() -> None:
    def told(waiting: int) -> str:
        page = Page(120)
        outcome_lines(page, BatchOutcome(None, waiting, 2, 0, ()))
        return page.text().plain

    assert told(2) == "graded: 2\n"
    assert told(3) == "graded: 2, for 3 students: equal files are graded once\n"
