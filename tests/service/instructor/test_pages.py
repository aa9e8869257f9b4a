"""The pages of instructors, used as a browser without JavaScript uses them."""

from __future__ import annotations

import re

import html5lib
import pytest

from grader.errors import UsageError
from grader.service.store.tables import (
    Assignment,
    AuditEntry,
    Course,
    Enrolment,
    Extension,
    Job,
    Override,
    Push,
    Regrade,
    User,
)
from grader.service.teaching.enrolment import ListedMember
from grader.service.web.serve import application, instructor_routes
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms, attempt_of, points, previewed, with_result
from tests.service.web import site

PAGES = ("", "/people", "/settings", "/audit", "/add", "{a}", "{a}?q=x&group=late&sort=score&down=1", "{a}?live=1",
         "{a}?step=dh1_dwh&mistake=unexplained", "{a}/settings", "{a}/exercise", "{a}/regrades", "{a}/scores",
         "{a}/scores?state=sent", "{a}/export", "{a}/students/{s}", "{a}/students/{n}", "/people/{s}", "/attempts/{t}",
         "/attempts/{u}", "/regrades/{r}")  # fmt: skip


def text_of(page: str) -> str:
    root = html5lib.parse(page, namespaceHTMLElements=False)
    return " ".join(" ".join(root.itertext()).split())


@pytest.mark.slow
def test_no_text_of_students_or_instructors_is_markup(rooms: Rooms) -> None:
    bad = "<img src=x onerror=alert(1)>"
    with rooms.session() as session:
        student = rooms.room.students[1]
        session.get_one(User, student).name = bad
        rooms.course(session).title = bad
        session.get_one(Assignment, rooms.room.assignment).title = bad
        attempt = with_result(session, student, f"{bad} = 1\n")
        attempt.file = f"{bad}.py"
        points(session, rooms.room, student, None, "3")
        session.query(Override).one().reason = bad
        classroom.push(session, rooms.room, student, "failed", bad)
        ids = {"s": student, "n": rooms.room.students[2], "t": attempt.id,
               "u": attempt_of(session, rooms.room.students[0]).id,
               "r": previewed(session, rooms.room, student).id}  # fmt: skip

    client, address = rooms.of(rooms.teacher), f"/assignments/{rooms.room.assignment}"
    answers = {path: client.get(rooms.base + path.format(a=address, **ids)) for path in PAGES}

    assert {path for path, answer in answers.items() if answer.status_code != 200} == set()
    assert {path for path, answer in answers.items() if "<img" in answer.text} == set()
    assert {path for path, answer in answers.items() if " style=" in answer.text} == set(), "the policy allows none"


def test_points_are_given_and_the_page_says_so(rooms: Rooms) -> None:
    client, page = rooms.of(rooms.teacher), f"{rooms.assignment}/students/{rooms.room.students[1]}"

    answer = client.send_form(f"{page}/points", {"step": "dh1_dwh", "points": "1", "reason": "right on paper"})
    shown = text_of(client.get(answer.headers["location"]).text)

    assert answer.status_code == 303
    assert "The points count from now on." in shown
    assert "16 of 16 points" in shown
    assert "right on paper" in shown


def test_points_that_are_refused_stay_in_the_form(rooms: Rooms) -> None:
    client, page = rooms.of(rooms.teacher), f"{rooms.assignment}/students/{rooms.room.students[1]}"

    answer = client.send_form(f"{page}/points", {"step": "dh1_dwh", "points": "x", "reason": "right on paper"})

    assert answer.status_code == 422
    assert "is no number of points" in answer.text
    assert "right on paper" in answer.text
    with rooms.session() as session:
        assert session.query(Override).count() == 0


def test_a_step_that_the_exercise_lacks_gets_no_points(rooms: Rooms) -> None:
    page = f"{rooms.assignment}/students/{rooms.room.students[1]}/points"

    assert rooms.of(rooms.teacher).send_form(page, {"step": "no", "points": "1", "reason": "x"}).status_code == 422


def test_where_there_is_a_column_a_changed_score_is_sent(rooms: Rooms) -> None:
    with rooms.session() as session:
        session.get_one(Assignment, rooms.room.assignment).lineitem_url = "https://lms.example/1"
    page = f"{rooms.assignment}/students/{rooms.room.students[1]}/points"
    rooms.of(rooms.teacher).send_form(page, {"points": "7", "reason": "oral exam"})

    with rooms.session() as session:
        assert [(one.score, one.state) for one in session.query(Push)] == [(7.0, "queued")]


def test_settings_with_a_fault_are_shown_again_with_it(rooms: Rooms) -> None:
    form = {"title": "Tanh", "zone": "UTC", "counts": "best", "reveal": "hint", "attempts": "many"}

    answer = rooms.of(rooms.teacher).send_form(f"{rooms.assignment}/settings", form)

    assert answer.status_code == 422
    assert "This takes a whole number" in answer.text
    assert 'value="many"' in answer.text


def test_a_late_policy_that_changes_sends_the_scores_it_changes(rooms: Rooms) -> None:
    with rooms.session() as session:
        session.get_one(Assignment, rooms.room.assignment).lineitem_url = "https://lms.example/1"
    form = {"title": "Tanh", "zone": "UTC", "counts": "best", "reveal": "hint", "due_at": "2020-01-01",
            "late_penalty": "50", "late_cap": "50"}  # fmt: skip
    rooms.of(rooms.teacher).send_form(f"{rooms.assignment}/settings", form)

    with rooms.session() as session:
        assert session.query(Push).count() == 3


def test_an_extension_is_given_and_withdrawn(rooms: Rooms) -> None:
    client, page = rooms.of(rooms.teacher), f"{rooms.assignment}/students/{rooms.room.students[1]}"
    client.send_form(f"{page}/extension", {"until": "2026-11-28T12:00", "zone": "Asia/Tokyo", "reason": "ill"})
    given = client.get(page).text
    client.send_form(f"{page}/extension", {"withdraw": "yes"})

    assert '<time datetime="2026-11-28T03:00:00Z">' in given
    assert "extended until" not in client.get(page).text


def test_a_regrade_is_started_previewed_and_applied(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    started = client.send_form(f"{rooms.assignment}/regrades").headers["location"]
    waits = text_of(client.get(started).text)
    with rooms.session() as session:
        session.query(Regrade).one().state = "dropped"
        made = previewed(session, rooms.room, rooms.room.students[1]).id
    shown = text_of(client.get(f"{rooms.base}/regrades/{made}").text)
    applied = client.send_form(f"{rooms.base}/regrades/{made}/apply").headers["location"]

    assert "0 of 3 attempts graded" in waits
    assert "1 get more points" in shown
    assert "dh1_dwh wrong → correct" in shown
    assert "Its results count." in text_of(client.get(applied).text)


def test_a_class_is_exported_and_the_trail_says_so(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    answer = client.send_form(f"{rooms.assignment}/export.csv")

    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''tanh-chain-")
    assert answer.text.count("\n") == 5
    assert "exported results" in client.get(f"{rooms.base}/audit").text


def test_a_filled_gradebook_is_offered_for_download(rooms: Rooms) -> None:
    with rooms.session() as session:
        email = session.get_one(User, rooms.room.students[1]).email
    files = {"gradebook": ("mine.csv", f"email,score\n{email},\n".encode())}

    answer = rooms.of(rooms.teacher).send_form(f"{rooms.assignment}/gradebook", {}, files=files)

    assert answer.status_code == 200
    assert "1 score entered" in answer.text
    assert 'download="mine.csv"' in answer.text


def test_the_students_view_is_begun_and_ended(rooms: Rooms) -> None:
    client, course = rooms.of(rooms.teacher), f"/courses/{rooms.room.course}"
    begun = client.send_form(f"{rooms.base}/as-student").headers["location"]
    page = client.get(begun)
    refused = client.get(rooms.base)
    client.send_form(f"{rooms.base}/as-teacher")

    assert begun == course
    assert "You see this course as a student does" in page.text
    assert "Test student" in page.text
    assert refused.status_code == 403
    assert client.get(rooms.base).status_code == 200
    with rooms.session() as session:
        assert session.query(Enrolment).filter_by(course_id=rooms.room.course, role="test").count() == 1


def test_a_student_gets_no_other_view_by_ending_one(rooms: Rooms) -> None:
    client = rooms.of(rooms.student)
    client.send_form(f"{rooms.base}/as-teacher")

    assert client.get(rooms.base).status_code == 403


def test_what_is_stored_of_a_student_is_exported(rooms: Rooms) -> None:
    answer = rooms.of(rooms.teacher).send_form(f"{rooms.base}/people/{rooms.room.students[1]}/export")

    assert answer.headers["content-type"] == "application/zip"
    assert answer.content.startswith(b"PK")


def test_erasing_needs_the_box_to_be_ticked(rooms: Rooms) -> None:
    client, page = rooms.of(rooms.teacher), f"{rooms.base}/people/{rooms.room.students[1]}"
    refused = client.send_form(f"{page}/erase")
    done = client.send_form(f"{page}/erase", {"sure": "yes"})

    assert (refused.status_code, done.status_code) == (422, 303)
    assert client.get(page).status_code == 404


def test_anonymous_marking_is_switched_on(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    client.send_form(f"{rooms.base}/settings", {"anonymous": "yes", "retention_days": ""})

    assert "anonymous marking" in client.get(rooms.base).text
    assert client.send_form(f"{rooms.base}/settings", {"retention_days": "soon"}).status_code == 422


def test_an_exercise_of_the_collection_is_added(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    answer = client.send_form(f"{rooms.base}/add", {"name": "sigmoid"})

    assert "Set its dates and policies below." in client.get(answer.headers["location"]).text
    assert client.send_form(f"{rooms.base}/add", {"name": "no-such"}).status_code == 422


def test_an_assignment_is_archived_and_comes_back(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    archived = client.send_form(f"{rooms.assignment}/archive").headers["location"]
    back = client.send_form(f"{rooms.assignment}/archive", {"back": "yes"}).headers["location"]

    assert "students no longer see it" in client.get(archived).text
    assert "back on the students" in client.get(back).text


def test_the_version_is_what_the_page_has(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    version = client.get(f"{rooms.assignment}/version").json()["version"]

    assert f'data-version="{version}"' in client.get(rooms.assignment).text


@pytest.mark.parametrize(("refuses", "said"), [(False, "The roster is up to date."), (True, "The platform is away")])
def test_the_roster_is_fetched_by_the_callable_that_was_given(refuses: bool, said: str, rooms: Rooms) -> None:
    def roster(session: classroom.Session, course: Course) -> list[ListedMember]:
        if refuses:
            raise UsageError("The platform is away.")
        return [ListedMember("n", "student", "Nora New")]

    with rooms.session() as session:
        rooms.course(session).memberships_url = "https://lms.example/members"
    app = application(site.settings(), rooms.engine, [instructor_routes(roster)])
    client = site.client(app, rooms.engine, rooms.teacher)
    answer = client.send_form(f"{rooms.base}/people/fetch")
    page = answer.text if refuses else client.get(answer.headers["location"]).text

    assert said in page
    assert ("Nora New" in page) is not refuses


@pytest.mark.slow
def test_every_form_that_changes_something_has_the_token(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    for path in ("", "/people", "/settings", "/add", f"/assignments/{rooms.room.assignment}/settings",
                 f"/assignments/{rooms.room.assignment}/students/{rooms.room.students[1]}"):  # fmt: skip
        forms = re.findall(r'<form method="post".*?</form>', client.get(rooms.base + path).text, re.S)
        assert forms or path == "/people"
        assert all('name="csrf"' in one for one in forms)


ROWS = (Assignment, AuditEntry, Enrolment, Extension, Job, Override, Push, Regrade)

SENT_TWICE: dict[str, dict[str, str]] = {
    "{a}/archive": {},
    "{a}/students/{s}/points": {"step": "dh1_dwh", "points": "1", "reason": "right on paper"},
    "{a}/students/{s}/extension": {"until": "2026-12-24T12:00", "zone": "UTC", "reason": "ill"},
    "{a}/settings": {"title": "Another", "counts": "last", "reveal": "fix", "zone": "UTC"},
    "{a}/regrades": {},
    "{a}/students/{s}/regrade": {},
    "/add": {"name": "sigmoid"},
    "/settings": {"retention_days": "30"},
}
"""By address: what is sent when somebody presses a button again because the answer never came."""


@pytest.mark.parametrize("path", SENT_TWICE)
def test_a_form_that_is_sent_twice_does_once_what_it_does(path: str, rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    address = rooms.base + path.format(a=f"/assignments/{rooms.room.assignment}", s=rooms.room.students[1])

    def rows() -> list[int]:
        with rooms.session() as session:
            return [session.query(one).count() for one in ROWS]

    before = rows()
    first = client.send_form(address, SENT_TWICE[path])
    once = rows()
    client.send_form(address, SENT_TWICE[path])

    assert first.status_code == 303
    assert once != before
    assert rows() == once


def test_an_assignment_that_is_archived_twice_stays_archived(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    for _ in range(2):
        client.send_form(f"{rooms.assignment}/archive")

    with rooms.session() as session:
        assert session.get_one(Assignment, rooms.room.assignment).archived_at is not None
