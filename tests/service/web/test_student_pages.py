"""What students see and do: reading, handing in, the report at its level, hints, dates."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from grader.service.store.tables import Attempt, Extension, Job, Outcome, TakenHint
from tests.service.web import site
from tests.service.web.class_of_two import FIX, SOURCE, ClassOfTwo, result

HOUR = timedelta(hours=1)


def test_the_exercise_is_shown_with_formulas_and_its_starter(two: ClassOfTwo) -> None:
    ada = two.of(two.ada)
    page = ada.get(two.path).text
    script, notebook = ada.get(f"{two.path}/starter.py"), ada.get(f"{two.path}/starter.ipynb")

    assert "<math" in page
    assert "dh1raw_dwh = ..." in page
    assert "dh1raw_dwh = ..." in script.text
    assert "grader check" not in script.text
    assert json.loads(notebook.text)["nbformat"] == 4
    assert ada.get(f"{two.path}/starter.exe").status_code == 404


def test_the_graph_is_there_before_anything_was_graded_or_computed(two: ClassOfTwo) -> None:
    page = two.of(two.ada).get(two.path).text

    assert [name in page for name in ('class="graph across"', ">h2_raw</text>", "<title>w_h = 2")] == [True] * 3


def test_a_file_becomes_the_next_attempt_and_is_queued(two: ClassOfTwo) -> None:
    address = two.hand_in(two.ada)
    second = two.hand_in(two.ada, SOURCE + b"# more")

    assert address == f"{two.path}/attempts/1"
    assert second == f"{two.path}/attempts/2"
    assert two.woken == 2
    with two.begin() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 2
    assert "before yours" in two.of(two.ada).get(second).text


def test_what_is_written_on_the_page_is_handed_in_under_the_name_of_the_starter(two: ClassOfTwo) -> None:
    answer = two.of(two.ada).send_form(f"{two.path}/attempts", {"name": "tanh-chain.py", "code": "a = 1\r\nb = 2\r\n"})

    assert answer.status_code == 303
    with two.begin() as session:
        attempt = session.scalars(select(Attempt)).one()
        assert (attempt.file, attempt.content) == ("tanh-chain.py", b"a = 1\nb = 2\n")


def test_the_same_file_again_is_the_same_attempt(two: ClassOfTwo) -> None:
    assert two.hand_in(two.ada) == two.hand_in(two.ada)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [("mine.py", b"  \n", "is empty"), ("mine.pdf", b"%PDF", "a Python script"), ("", b"", "is empty")],
)
def test_what_cannot_be_graded_is_refused_on_the_page(two: ClassOfTwo, name: str, content: bytes, why: str) -> None:
    answer = two.of(two.ada).send_form(f"{two.path}/attempts", files={"file": (name, content)})

    assert answer.status_code == 400
    assert why in answer.text


def test_what_was_written_is_still_there_when_it_was_refused(two: ClassOfTwo) -> None:
    two.change(attempts=1)
    two.hand_in(two.ada)

    answer = two.of(two.ada).send_form(f"{two.path}/attempts", {"name": "a.py", "code": "something = 'else'"})

    assert answer.status_code == 400
    assert "used all your attempts" in answer.text


def test_a_failure_of_ours_uses_up_no_attempt(two: ClassOfTwo) -> None:
    two.change(attempts=1)
    two.hand_in(two.ada)
    two.grade(result())
    with two.begin() as session:
        session.scalars(select(Outcome)).one().status = "fault"

    assert two.hand_in(two.ada, SOURCE + b"# more").endswith("/attempts/2")


@pytest.mark.parametrize(
    ("dates", "extension", "taken"),
    [
        ({"opens_at": 1}, None, False),
        ({"opens_at": -1}, None, True),
        ({"due_at": -1}, None, True),
        ({"due_at": -2, "closes_at": -1}, None, False),
        ({"due_at": -2, "closes_at": -1}, 1, True),
    ],
)
def test_dates_say_what_is_taken(two: ClassOfTwo, dates: dict[str, int], extension: int | None, taken: bool) -> None:
    now = datetime.now(UTC)
    two.change(**{name: now + hours * HOUR for name, hours in dates.items()})
    if extension is not None:
        with two.begin() as session:
            session.add(Extension(assignment_id=two.assignment.id, user_id=two.ada.id, until=now + extension * HOUR))

    answer = two.of(two.ada).send_form(f"{two.path}/attempts", files={"file": ("a.py", SOURCE)})

    assert answer.status_code == (303 if taken else 400)


def test_nobody_reads_an_exercise_before_it_opens(two: ClassOfTwo) -> None:
    two.change(opens_at=datetime.now(UTC) + HOUR)
    ada, ines = two.of(two.ada), two.of(two.teacher)

    page = ada.get(two.path).text

    assert "not open yet" in page
    assert "recurrent network" not in page
    assert "dh1raw_dwh" not in page
    assert ada.get(f"{two.path}/starter.py").status_code == 403
    assert "recurrent network" in ines.get(two.path).text
    assert ines.get(f"{two.path}/starter.py").status_code == 200


def test_the_report_shows_what_its_level_allows_and_nothing_that_costs_points(two: ClassOfTwo) -> None:
    page_of = two.hand_in(two.ada)
    two.grade(result())

    page = two.of(two.ada).get(page_of).text

    assert "15 of 16 points" in page
    assert "the square is on the wrong quantity" in page
    assert FIX not in page
    assert "takes 0.5 points" in page


@pytest.mark.parametrize(("reveal", "shown"), [("location", False), ("hint", True)])
def test_the_level_of_the_assignment_counts(two: ClassOfTwo, reveal: str, shown: bool) -> None:
    two.change(reveal=reveal)
    page_of = two.hand_in(two.ada)
    two.grade(result())

    page = two.of(two.ada).get(page_of).text

    assert ("the square is on the wrong quantity" in page) == shown
    assert 'id="hints"' not in page


def test_after_the_due_date_everything_may_be_shown(two: ClassOfTwo) -> None:
    page_of = two.hand_in(two.ada)
    two.grade(result())
    two.change(due_at=datetime.now(UTC) - HOUR, reveal_after_due="fix")

    assert FIX in two.of(two.ada).get(page_of).text.replace("&#x27;", "'")


def test_hints_come_one_after_the_other_each_paid_once(two: ClassOfTwo) -> None:
    page_of = two.hand_in(two.ada)
    two.grade(result())
    ada = two.of(two.ada)

    for level in ("fix", "rule", "rule", "fix", "fix"):
        assert ada.send_form(f"{page_of}/hints", {"step": "dh1_dwh", "level": level}).status_code == 303

    with two.begin() as session:
        taken = [(one.step, one.level, one.cost) for one in session.scalars(select(TakenHint).order_by(TakenHint.id))]
    assert taken == [("dh1_dwh", "rule", 0.5), ("dh1_dwh", "fix", 0.5)]  # never more than the step is worth
    page = ada.get(page_of).text
    assert FIX in page
    assert "14 of 16 points" in page


def test_a_hint_for_a_right_step_or_of_somebody_else_is_not_sold(two: ClassOfTwo) -> None:
    page_of = two.hand_in(two.ada)
    two.grade(result())

    two.of(two.ada).send_form(f"{page_of}/hints", {"step": "dh0_dwh", "level": "rule"})
    answer = two.of(two.bob).send_form(f"{page_of}/hints", {"step": "dh1_dwh", "level": "rule"})

    assert answer.status_code == 404
    with two.begin() as session:
        assert session.scalar(select(func.count()).select_from(TakenHint)) == 0


def test_the_next_attempt_says_what_changed(two: ClassOfTwo) -> None:
    two.hand_in(two.ada)
    two.grade(result())
    second = two.hand_in(two.ada, SOURCE + b"# mended")
    two.grade(result("correct"), 2)

    page = two.of(two.ada).get(second).text

    assert "16 of 16 points" in page
    assert "<code>dh1_dwh</code> is right now; 15 to 16" in page
    assert "is right now; 15 to 16" in two.of(two.ada).get(two.path).text


def test_an_attempt_without_a_score_is_no_zero(two: ClassOfTwo) -> None:
    page_of = two.hand_in(two.ada)
    two.grade(result(score=None, steps=()))

    page = two.of(two.ada).get(page_of).text

    assert "could not be graded" in page
    assert "0 of 16" not in page


def test_the_editor_marks_what_the_report_says(two: ClassOfTwo) -> None:
    two.hand_in(two.ada)
    two.grade(result())

    page = two.of(two.ada).get(two.path).text

    assert "&quot;line&quot;: 2" in page
    assert "the square is on the wrong quantity" in page
    assert FIX not in page


def test_progress_is_told_as_events(two: ClassOfTwo) -> None:
    page_of = two.hand_in(two.ada)
    two.grade(result())

    told = two.of(two.ada).get(f"{page_of}/events")

    assert told.headers["content-type"].startswith("text/event-stream")
    assert told.text == 'event: progress\ndata: {"phase": "done", "ahead": 0}\n\n'


def test_a_course_lists_its_assignments_with_what_came_of_them(two: ClassOfTwo) -> None:
    two.hand_in(two.ada)
    two.grade(result())
    two.change(due_at=site.NOW + timedelta(days=365))

    page = two.of(two.ada).get(f"/courses/{two.course.id}").text

    assert "15 of 16" in page
    assert "UTC" in page


@pytest.mark.slow
def test_many_uploads_within_a_minute_are_slowed_down(two: ClassOfTwo) -> None:
    ada = two.of(two.ada)

    told = {ada.send_form(f"{two.path}/attempts", {"code": "x"}).status_code for _ in range(22)}

    assert 429 in told
