"""What each system is told of a result: the same points everywhere, and never a number where there is no score."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import pytest

from grader.model import Cell, Result, Span
from grader.packages.grade import worth
from grader.packages.targets import TARGETS, PackageSettings, Ungraded, target

NOBODY = Ungraded("It could not be graded.", "The reason.")


def rendered(name: str, outcome: Result | Ungraded, **settings: float) -> str:
    return target(name).render(outcome, PackageSettings(name, "fix", **settings))


def test_gradescope_gets_the_points_of_each_step_and_of_all(graded: dict[str, Result]) -> None:
    made = json.loads(rendered("gradescope", graded["wrong"]))
    assert made["score"] == 15 == sum(one["score"] for one in made["tests"])
    assert sum(one["max_score"] for one in made["tests"]) == 16
    wrong = [one for one in made["tests"] if one["status"] == "failed"]
    assert [one["name"] for one in wrong] == ["dh1_dwh, d(h1)/d(w_h)"]
    assert "<code>h1_raw</code>" in wrong[0]["output"]


def test_gradescope_gets_the_exercises_of_a_course_in_one_list(graded: dict[str, Result]) -> None:
    outcomes = (worth(graded["wrong"], 32), replace(graded["correct"], exercise="other"))
    made = json.loads(target("gradescope").render_course(outcomes, PackageSettings("gradescope", "fix")))
    assert made["score"] == 46 == sum(one["score"] for one in made["tests"])
    assert sum(one["max_score"] for one in made["tests"]) == 48
    assert (made["tests"][2]["number"], made["tests"][2]["name"]) == ("1.3", "tanh-chain: dh1_dwh, d(h1)/d(w_h)")
    assert {one["number"].split(".")[0] for one in made["tests"] if one["name"].startswith("other: ")} == {"2"}


@pytest.mark.parametrize("name", ["gradescope", "github"])
def test_a_course_with_an_exercise_that_could_not_be_graded_has_no_score(graded: dict[str, Result], name: str) -> None:
    made = target(name).render_course((graded["correct"], NOBODY), PackageSettings(name, "fix"))
    assert not re.search(r'"score": *[\d.]', made)
    assert "could not be graded" in made


def test_a_push_of_a_course_is_reported_exercise_by_exercise(graded: dict[str, Result]) -> None:
    outcomes = (graded["wrong"], replace(graded["correct"], exercise="other"))
    made = json.loads(target("github").render_course(outcomes, PackageSettings("github", "fix")))
    assert (made["score"], made["max_score"], made["complete"]) == (31, 32, False)
    assert [one["test-name"] for one in made["tests"] if not one["passed"]] == ["tanh-chain: dh1_dwh"]


@pytest.mark.parametrize(
    ("settings", "visibility"),
    [
        (PackageSettings("gradescope", "location", after_due="fix"), "after_due_date"),
        (PackageSettings("gradescope", "location", after_published="fix"), "after_published"),
    ],
)
def test_gradescope_keeps_the_repair_for_later(
    graded: dict[str, Result], settings: PackageSettings, visibility: str
) -> None:
    made = json.loads(target("gradescope").render(replace(graded["wrong"], reveal="location"), settings))
    now = [one for one in made["tests"] if one["visibility"] == "visible"]
    (later,) = [one for one in made["tests"] if one["visibility"] != "visible"]
    assert later["visibility"] == visibility
    assert (later["name"], later["number"]) == ("dh1_dwh, explained", "3")
    assert later.keys().isdisjoint({"score", "max_score", "status"})
    assert "(1 - h1**2) * dh1raw_dwh" in later["output"]
    assert "(1 - h1**2) * dh1raw_dwh" not in json.dumps(now)


def test_a_result_is_put_on_the_scale_of_the_course(graded: dict[str, Result]) -> None:
    made = worth(graded["wrong"], 8)
    assert (made.score, made.max_score) == (7.5, 8) == (
        sum(one.points for one in made.steps), sum(one.max_points for one in made.steps),
    )  # fmt: skip


def test_prairielearn_gets_a_share_of_the_points(graded: dict[str, Result]) -> None:
    made = json.loads(rendered("prairielearn", graded["wrong"]))
    assert (made["gradable"], made["score"]) == (True, 15 / 16)
    assert sum(one["points"] for one in made["tests"]) == 15


def test_coderunner_gets_a_fraction_and_a_table(graded: dict[str, Result]) -> None:
    made = json.loads(rendered("coderunner", graded["wrong"]))
    head, *rows = made["testresults"]
    assert made["fraction"] == 15 / 16
    assert head == ["iscorrect", "step", "points", "what to look at"]
    assert [row[1] for row in rows if row[0] < 1] == ["dh1_dwh = d(h1)/d(w_h)"]
    assert len(made["columnformats"]) == len(head) - 1


def test_xqueue_gets_a_score_and_five_words_per_step(graded: dict[str, Result]) -> None:
    made = json.loads(rendered("xqueue", graded["wrong"]))
    assert (made["correct"], made["score"]) == (False, 15 / 16)
    assert {len(one) for one in made["tests"]} == {5}
    assert json.loads(rendered("xqueue", graded["correct"]))["correct"] is True


def test_the_reporter_of_github_gets_base64_of_an_object_of_version_1(graded: dict[str, Result]) -> None:
    made = json.loads(rendered("github", graded["wrong"]))
    reporter = json.loads(base64.b64decode(made["reporter"]))
    assert (reporter["version"], reporter["status"], reporter["max_score"]) == (1, "fail", 16)
    assert sum(one["score"] for one in reporter["tests"]) == 15


@pytest.mark.parametrize(("lowest", "highest", "grade"), [(0, 16, "15"), (0, 100, "93.75"), (10, 20, "19.375")])
def test_the_grade_of_vpl_is_on_the_scale_of_the_activity(
    graded: dict[str, Result], lowest: float, highest: float, grade: str
) -> None:
    made = rendered("vpl", graded["wrong"], lowest=lowest, highest=highest)
    assert made.endswith(f"\nGrade :=>> {grade}\n")


def test_a_student_s_line_is_no_mark_of_vpl(graded: dict[str, Result]) -> None:
    text = "dh1_dwh = 7  # Grade :=>> 100 --|> <|-- Comment :=>> fine"
    where = Span("mine.py", None, 1, 1, 1, len(text) + 1)
    wrong = graded["wrong"]
    steps = tuple(replace(one, where=where, code=text) if one.name == "dh1_dwh" else one for one in wrong.steps)
    made = rendered("vpl", replace(wrong, steps=steps, sources=(Cell(text, text),)), lowest=0, highest=16)
    assert re.findall(r"^Grade :=>>(.*)$", made, re.M) == [" 15"]
    assert [line for line in made.splitlines() if re.search(r":=>>|<\|--|--\|>", line)] == [
        "<|--", "--|>", "Grade :=>> 15",
    ]  # fmt: skip


@pytest.mark.parametrize("one", TARGETS, ids=lambda one: one.name)
def test_what_could_not_be_graded_is_told_and_has_no_number(graded: dict[str, Result], one: object) -> None:
    name = one.name  # type: ignore[attr-defined]  # the type of a parameter
    for outcome in (NOBODY, replace(graded["wrong"], score=None)):
        made = rendered(name, outcome)
        assert not re.search(r'"(score|fraction)": *[\d.]|Grade :=>>', made)
    assert "could not be graded" in rendered(name, NOBODY)


@pytest.mark.parametrize("name", ["gradescope", "coderunner"])
def test_a_student_s_text_is_escaped_in_html(graded: dict[str, Result], name: str) -> None:
    text = "dh1_dwh = '<script>alert(1)</script>'"
    where = Span("mine.py", None, 1, 1, 1, len(text) + 1)
    wrong = graded["wrong"]
    steps = tuple(replace(one, where=where, code=text) if one.name == "dh1_dwh" else one for one in wrong.steps)
    made = json.loads(rendered(name, replace(wrong, steps=steps, sources=(Cell(text, text),))))
    shown = json.dumps(made.get("tests", made.get("testresults")))
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("one", TARGETS, ids=lambda one: one.name)
def test_no_repair_is_given_away_below_its_level(graded: dict[str, Result], one: object) -> None:
    name = one.name  # type: ignore[attr-defined]  # the type of a parameter
    made = target(name).render(replace(graded["wrong"], reveal="location"), PackageSettings(name, "location"))
    if name == "github":
        made += base64.b64decode(json.loads(made)["reporter"]).decode()
    assert "(1 - h1**2) * dh1raw_dwh" not in made
