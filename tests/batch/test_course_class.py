"""The class of a course: totals, and what is told where there is none."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from grader.batch import course_class
from grader.batch.course_class import CourseClass, CourseExercise, CourseRow, _dated, has_course, in_course
from grader.batch.student_row import LatePolicy, StudentRow, parse_due
from grader.cli.main import run

EXERCISES = (CourseExercise("chain", "A chain", 32.0, None), CourseExercise("sum", "A sum", 10.0, "2026-12-01"))


def row(student: str, points: tuple[float | None, float | None], open_: tuple[str, str] = ("", "")) -> CourseRow:
    one = StudentRow(
        student, student.title(), f"{student}.py", "graded", None, None, None, False, None, None, 1, 1, None, None, ()
    )
    return CourseRow(one, points, open_)


KNOWN = CourseClass(
    "calculus",
    "Calculus",
    EXERCISES,
    (
        row("cleo", (28.0, 10.0)),
        row("=anna", (32.0, None), ("", "the file is empty")),
        row("ben", (None, None), ("not handed in", "not handed in")),
    ),
)


@pytest.mark.parametrize(
    ("exercise", "counts", "shown"),
    [
        (EXERCISES[0], "2026-11-23 23:59", "2026-11-23 23:59"),
        (EXERCISES[1], "2026-11-23", "2026-11-23 23:59"),
        (EXERCISES[1], "2026-12-01", "2026-12-01"),
        (EXERCISES[1], None, "2026-12-01"),
    ],
)
def test_the_due_time_that_counts_is_shown(exercise: CourseExercise, counts: str | None, shown: str) -> None:
    policy = LatePolicy(due=None if counts is None else parse_due(counts))

    assert _dated(exercise, policy).due == shown


def test_without_a_score_in_every_exercise_there_is_no_total() -> None:
    assert [one.total for one in KNOWN.rows] == [38.0, None, None]
    assert (KNOWN.most, KNOWN.totals) == (42.0, [38.0])


@pytest.mark.parametrize(("score", "points"), [(14.0, 28.0), (0.0, 0.0), (None, None)])
def test_a_score_counts_in_the_course_by_its_share(score: float | None, points: float | None) -> None:
    assert in_course(EXERCISES[0], score, 16.0) == points


def test_the_table_has_empty_cells_for_what_is_not_graded_and_runs_no_formula() -> None:
    rows = list(csv.reader("".join(course_class.csv_lines(KNOWN)).splitlines()))

    assert rows == [
        ["student", "chain", "sum", "total"],
        ["'=anna", "32", "", ""],
        ["ben", "", "", ""],
        ["cleo", "28", "10", "38"],
    ]


def test_each_json_line_has_a_score_or_null_and_why() -> None:
    made = [json.loads(line) for line in course_class.json_lines(KNOWN)]

    assert [(one["student"], one["score"], one["max_score"]) for one in made] == [
        ("cleo", 38.0, 42.0), ("=anna", None, 42.0), ("ben", None, 42.0),
    ]  # fmt: skip
    assert made[1]["exercises"][1] == {
        "exercise": "sum", "score": None, "max_score": 10.0, "due": "2026-12-01", "open": "the file is empty",
    }  # fmt: skip


def test_the_overview_says_once_what_is_the_same_in_all_exercises() -> None:
    said = course_class.text(KNOWN, 80).plain

    assert "3 students, 1 with a score in every exercise: mean 38, median 38" in said
    assert "=Anna: sum: the file is empty" in said
    assert said.count("not handed in") == 1


def test_the_page_shows_every_student_and_exercise_with_names_escaped(tmp_path: Path) -> None:
    odd = row("<b>dan</b>", (1.0, 2.0))
    known = CourseClass("calculus", "Calculus", EXERCISES, (*KNOWN.rows, odd))

    page = course_class.html_page(known, tmp_path)

    assert "&lt;b&gt;dan&lt;/b&gt;" in page
    assert "<b>dan</b>" not in page
    assert 'data-key="38.0"' in page
    assert "A chain" in page


@pytest.mark.parametrize("option", [["--step", "dw"], ["--history"], ["--overrides", "by_hand.csv"]])
def test_what_is_about_one_exercise_is_refused_with_the_folders_to_name(
    tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    about = {
        "course": "calculus",
        "title": "Calculus",
        "exercises": [{"id": "chain", "title": "A chain", "worth": 32.0, "due": None}],
    }
    (tmp_path / "course.json").write_text(json.dumps(about))

    assert has_course(tmp_path)
    assert run(["results", str(tmp_path), *option]) == 2
    assert "is about the results of one exercise" in capsys.readouterr().err
