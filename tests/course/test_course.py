"""A course in one file: read, checked, handed out, graded for a class."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import pytest

from grader.cli.batch import BatchCall
from grader.cli.course import calls
from grader.cli.main import run
from grader.course import is_course, load_course, marked, section_of
from grader.errors import ExerciseError
from grader.submission.load import load_bytes

PRODUCT = """
exercise: product
title: A product
given: {w: 1.5, x: 0.7}
forward: y = w * x
steps: {dw: d(y)/d(w), dx: d(y)/d(x)}
"""
SQUARE = PRODUCT.replace("product", "square").replace("y = w * x", "y = w * x**2")
COURSE = """
course: calculus
title: Calculus
exercises:
  - {exercise: product.yaml, weight: 2, due: 2026-11-23 23:59}
  - {exercise: square.yaml, points: 10}
"""
RIGHT = """# %% Exercise: product
w, x = 1.5, 0.7
y = w * x
dw = x
dx = w
# %% Exercise: square
w, x = 1.5, 0.7
y = w * x**2
dw = x**2
dx = 2 * w * x
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("product", PRODUCT), ("square", SQUARE), ("course", COURSE)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def test_a_course_has_its_exercises_with_weights_dates_and_points(home: Path) -> None:
    course = load_course(str(home / "course.yaml"))

    assert [(one.exercise.id, one.weight, one.points, one.due) for one in course.entries] == [
        ("product", 2.0, 2.0, "2026-11-23 23:59"),
        ("square", 1.0, 10.0, None),
    ]


def test_an_exercise_file_is_no_course(home: Path) -> None:
    assert is_course(str(home / "course.yaml"))
    assert not is_course(str(home / "product.yaml"))
    assert not is_course("tanh-chain")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("product.yaml", "produce.yaml", "produce.yaml"),
        ("weight: 2", "weight: -2", "'-2'; expected a number from 0 up"),
        ("2026-11-23 23:59", "next week", "a time such as"),
        ("weight", "wieght", "the unknown field `wieght`"),
        ("square.yaml", "product.yaml", "a second time"),
    ],
)
def test_faults_are_told_with_their_line(home: Path, old: str, new: str, told: str) -> None:
    (home / "course.yaml").write_text(COURSE.replace(old, new))

    with pytest.raises(ExerciseError, match=r"course.yaml:[56]:") as raised:
        load_course(str(home / "course.yaml"))

    assert told in str(raised.value)


def test_a_command_for_one_exercise_names_those_of_a_course(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["hint", "course.yaml", "all.py"]) == 2

    told = capsys.readouterr().err
    assert "found a course; expected one of its exercises (`product.yaml`, `square.yaml`)" in told
    assert told.count("expected") == 1


def test_a_course_is_shown_and_checked_with_its_exercises(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "course.yaml"]) == 0
    shown = capsys.readouterr().out
    assert run(["lint", "course.yaml"]) == 0
    checked = capsys.readouterr().out

    assert shown.index("product.yaml") < shown.index("square.yaml")
    assert "product.yaml: ok (" in checked
    assert "course.yaml: ok (2 exercises, 14 points)" in checked


def test_a_section_whose_mark_stands_alone_holds_the_cells_after_it() -> None:
    text = "# %% Exercise: product\n# %% Numbers\nw = 1.5\n# %% Exercise: square\n# %% Numbers\nw = 2.5\n"

    read = load_bytes(text.encode(), "all.py")

    assert marked(read) == ("product", "square")
    assert [cell.source.strip().splitlines()[-1] for cell in section_of(read, "square").cells] == ["w = 2.5"]


@pytest.mark.slow
def test_each_exercise_is_judged_on_its_own_section(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "all.py").write_text(RIGHT.replace("dx = w\n", "dx = x\n"))

    assert run(["check", "course.yaml", "all.py", "--format", "json"]) == 1

    made = json.loads(capsys.readouterr().out)
    assert [(one["exercise"], one["score"]) for one in made["exercises"]] == [("product", 2.0), ("square", 10.0)]
    assert (made["score"], made["max_score"]) == (12.0, 14.0)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["script", "notebook"])
def test_the_starter_of_a_course_has_a_section_per_exercise(
    home: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["handout", "course.yaml", "-o", ".", f"--{form}"]) == 0
    file = home / ("calculus.py" if form == "script" else "calculus.ipynb")
    text = file.read_text()
    for blank, formula in (("dw = ...", "dw = x"), ("dx = ...", "dx = w")):
        assert text.count(blank) == 2
        text = text.replace(blank, formula, 1)
    file.write_text(text)
    capsys.readouterr()

    run(["check", file.name, "--format", "json"])

    made = json.loads(capsys.readouterr().out)
    assert [one["score"] for one in made["exercises"]] == [4.0, 0.0]


@pytest.mark.slow
def test_a_class_is_graded_for_each_exercise_with_the_sum_in_one_table(home: Path) -> None:
    (home / "class").mkdir()
    (home / "class" / "anna.py").write_text(RIGHT)
    (home / "class" / "ben.py").write_text(RIGHT.replace("dx = 2 * w * x", "dx = w * x"))

    run(["batch", "course.yaml", "class", "-o", "out", "--isolation", "process", "--i-trust-these-files"])

    rows = list(csv.reader((home / "out" / "course.csv").open()))
    assert rows == [
        ["student", "product", "square", "total"],
        ["anna", "4", "10", "14"],
        ["ben", "4", "5", "9"],
    ]
    assert (home / "out" / "square").is_dir()


def late_call(home: Path, due: str | None = None, **more: object) -> list[tuple[str | None, float | None]]:
    fields: dict[str, object] = {field.name: None for field in dataclasses.fields(BatchCall)}
    given = BatchCall(**{**fields, "output": str(home / "out"), "late_penalty": 10.0, "due": due, **more})  # type: ignore[arg-type]  # of many types
    return [(one.due, one.late_penalty) for one in calls(load_course("course.yaml"), given)]


def test_what_lateness_costs_is_said_of_the_exercises_with_a_due_time(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert late_call(home) == [("2026-11-23 23:59", 10.0), (None, None)]
    assert capsys.readouterr().out == "nothing is late in square: the course has no due time for it\n"
    assert late_call(home, "2026-11-30 12:00") == [("2026-11-23 23:59", 10.0), ("2026-11-30 12:00", 10.0)]


def test_without_any_due_time_what_lateness_costs_is_refused_before_anything_is_graded(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "course.yaml").write_text(COURSE.replace(", due: 2026-11-23 23:59", ""))
    (home / "class").mkdir()
    (home / "class" / "anna.py").write_text(RIGHT)

    process = ["--isolation", "process", "--i-trust-these-files"]
    status = run(["batch", "course.yaml", "class", "-o", "out", "--late-penalty", "10", *process])

    assert status == 2
    assert "--late-penalty says nothing without --due" in capsys.readouterr().err
    assert not (home / "out" / "product").exists()


@pytest.mark.slow
def test_the_totals_of_a_course_go_into_a_gradebook(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "class").mkdir()
    (home / "class" / "anna.py").write_text(RIGHT.replace("dx = 2 * w * x", "dx = w * x"))
    (home / "class" / "ben.py").write_text("")
    run(["batch", "course.yaml", "class", "-o", "out", "--isolation", "process", "--i-trust-these-files"])
    (home / "book.csv").write_text("student,name,course\nanna,Anna,\nben,Ben,\n")

    assert run(["gradebook", "out", "--for", "csv", "--fill", "book.csv", "--column", "course", "-o", "new.csv"]) == 1

    assert (home / "new.csv").read_text() == "student,name,course\nanna,Anna,9\nben,Ben,\n"
    capsys.readouterr()
    assert run(["results", "out", "--student", "anna", "--format", "jsonl"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == 9.0


SCRIPT = b"""import math
# %% Exercise: first
import numpy as np
w = 2.0
def square(x):
    return x * x
# %%
dw = square(w)
# %% Exercise: second
w = 3.0
dw = 1.0
"""


def sources(exercise: str) -> list[str]:
    return [cell.source for cell in section_of(load_bytes(SCRIPT, "all.py"), exercise).cells]


def test_the_marks_name_the_exercises() -> None:
    assert marked(load_bytes(SCRIPT, "all.py")) == ("first", "second")


def test_a_section_has_its_own_cells_and_what_stands_before_all_sections() -> None:
    assert "import math" in sources("first")[0]
    assert any("dw = square(w)" in one for one in sources("first"))
    assert not any("w = 3.0" in one for one in sources("first"))


def test_of_other_sections_it_has_imports_and_functions_in_their_lines() -> None:
    before = next(one for one in sources("second") if "def square" in one)

    assert before.split("\n")[:5] == ["", "import numpy as np", "", "def square(x):", "    return x * x"]
    assert not any("dw = square" in one for one in sources("second"))


def test_without_marks_for_it_an_exercise_has_the_whole_file() -> None:
    read = load_bytes(SCRIPT, "all.py")

    assert section_of(read, "third") is read
