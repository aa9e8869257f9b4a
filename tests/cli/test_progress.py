"""What is said after a report: progress since the last check of a file, and the next exercise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.cli.progress import next_exercise, since_last_check
from grader.exercise.load import collection
from grader.model import Problem

from ..report.cases import correct_case, forum_case, unreadable_case


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path))


def test_the_first_check_and_an_equal_one_are_compared_with_nothing() -> None:
    assert [since_last_check(forum_case(), "mine.py") for _ in range(2)] == ["", ""]


def test_a_later_check_is_compared_with_the_one_before() -> None:
    since_last_check(forum_case(), "mine.py")
    said = since_last_check(correct_case(), "mine.py")

    assert said.startswith("since the last check: ")
    assert "`dh1_dwh`" in said
    assert since_last_check(forum_case(), "mine.py").endswith("are wrong now; 10 to 7")


def test_files_are_kept_apart() -> None:
    since_last_check(forum_case(), "mine.py")

    assert since_last_check(correct_case(), "other.py") == ""


def test_a_check_that_could_not_read_everything_is_not_compared() -> None:
    since_last_check(forum_case(), "mine.py")
    cut = replace(forum_case(), score=0.0, problems=(Problem("syntax", "cut"),))

    assert [since_last_check(one, "mine.py") for one in (cut, unreadable_case(), forum_case())] == ["", "", ""]


def test_without_a_cache_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_CACHE", "")
    since_last_check(forum_case(), "mine.py")

    assert since_last_check(correct_case(), "mine.py") == ""


def test_after_an_exercise_comes_the_next_of_the_collection() -> None:
    names = [path.stem for path in collection()]
    done = replace(correct_case(), exercise=names[0])

    assert [next_exercise(done) for _ in range(2)] == [f"next in the collection: `grader handout {names[1]}`"] * 2
    assert next_exercise(replace(done, exercise=names[-1])) == ""
    assert next_exercise(replace(done, exercise="one-of-a-course")) == ""


def test_only_when_all_is_right() -> None:
    assert next_exercise(forum_case()) == ""
