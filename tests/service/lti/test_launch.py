"""Logins and launches: the good one, and what is refused. What an attacker sends stands in `tests/service/attacks`."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from grader.service.lti import claims as names
from grader.service.store.tables import Assignment, Course, Deployment, Enrolment, User
from tests.service.lti.site import PLATFORM, TOOL, Both
from tests.service.platform_simulator.platform import ADMINISTRATOR, INSTRUCTOR, MEMBERSHIP


def test_a_login_sends_the_browser_to_the_platform_with_a_state_and_a_nonce(both: Both) -> None:
    asked, _ = both.begin()

    wanted = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
    own = {"redirect_uri": f"{TOOL}/lti/launch", "client_id": "client-1", "login_hint": "3"}
    assert wanted.items() | own.items() <= asked.items()
    assert len(asked["state"]) > 40
    assert len(asked["nonce"]) > 40


def test_a_login_by_post_is_a_login_too(both: Both) -> None:
    answer = both.tool_client.post("/lti/login", data=both.platform.initiation("3", "1"))

    assert answer.headers["location"].startswith(f"{PLATFORM}/auth?")


def test_repost_is_moodles_own_word_and_never_sent(both: Both) -> None:
    asked, _ = both.begin()

    assert "repost" not in asked


@pytest.mark.parametrize(
    "changed",
    [{"iss": ""}, {"login_hint": ""}, {"iss": "https://other.example"}, {"client_id": "other"},
     {"login_hint": "x" * 9999}],
    ids=["no issuer", "no hint", "unknown issuer", "unknown client", "too long"],
)  # fmt: skip
def test_a_login_that_is_not_of_a_registered_platform_is_refused(both: Both, changed: dict[str, str]) -> None:
    answer = both.tool_client.get("/lti/login", params=both.platform.initiation("3", "1") | changed)

    assert answer.status_code in (400, 401)


def test_an_issuer_with_two_registrations_is_told_by_its_deployment(both: Both) -> None:
    both.register(client_id="client-2", deployments=("7",))
    given = both.platform.initiation("3", "1")
    del given["client_id"]

    answer = both.tool_client.get("/lti/login", params=given | {"lti_deployment_id": "7"})
    unclear = both.tool_client.get("/lti/login", params=given | {"lti_deployment_id": "9"})

    assert "client_id=client-2" in answer.headers["location"]
    assert unclear.status_code == 401


def test_a_launch_leads_to_the_assignment_with_a_session(both: Both) -> None:
    answer = both.launch()

    assert answer.status_code == 303
    assert answer.headers["location"] == f"{TOOL}/courses/1/assignments/1"
    cookies = answer.headers.get_list("set-cookie")
    assert any(one.startswith("__Host-grader-1=") and "Partitioned" in one for one in cookies)
    with both.sessions() as session:
        assert session.scalars(select(User)).one().name == "Anna Bell"
        assert session.scalars(select(Course)).one().memberships_url == f"{PLATFORM}/nrps/2"
        assert session.scalars(select(Enrolment)).one().role == "student"
        assignment = session.scalars(select(Assignment)).one()
    assert assignment.name == "tanh-chain"
    assert assignment.lineitem_url == both.platform.item_url(1)


def test_who_teaches_is_led_to_the_class(both: Both) -> None:
    assert both.launch(user="2").headers["location"] == f"{TOOL}/courses/1/teach/assignments/1"


def test_a_review_leads_to_the_students_work(both: Both) -> None:
    both.launch()
    both.platform.claims = {f"{names.LTI}message_type": names.REVIEW, f"{names.LTI}for_user": {"user_id": "3"}}

    assert both.launch(user="2").headers["location"] == f"{TOOL}/courses/1/teach/assignments/1/students/1"
    assert both.launch(user="4").headers["location"] == f"{TOOL}/courses/1/assignments/1"  # no business of theirs


def test_the_same_person_in_the_same_course_is_stored_once(both: Both) -> None:
    both.launch()
    before = both.stored()
    both.launch()

    assert both.stored() == before + 1  # one more session


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({f"{names.LTI}version": "1.1"}, "version"),
        ({f"{names.LTI}message_type": "LtiStartProctoring"}, "message"),
        ({f"{names.LTI}resource_link": None}, "link"),
        ({f"{names.LTI}resource_link": {"id": 7}}, "link that is no text"),
        ({f"{names.LTI}target_link_uri": None}, "no target"),
        ({"sub": None}, "anonymous"),
        ({"sub": ["3"]}, "sub is a list"),
        ({"sub": "x" * 300}, "sub too long"),
        ({f"{names.LTI}roles": "Learner"}, "roles are no list"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_launch_that_lacks_something_is_refused_and_stores_nothing(
    both: Both, claims: dict[str, Any], reason: str
) -> None:
    both.platform.claims = claims

    assert both.launch().status_code == 401
    assert both.stored() == 0


def test_an_empty_list_of_roles_is_a_student(both: Both) -> None:
    both.platform.claims = {f"{names.LTI}roles": []}
    both.launch()

    with both.sessions() as session:
        assert session.scalars(select(Enrolment)).one().role == "student"


def test_a_platforms_error_is_told_in_words(both: Both) -> None:
    asked, _ = both.begin()
    answer = both.tool_client.post("/lti/launch", data={"error": "login_required", "state": asked["state"]})

    assert answer.status_code == 401
    assert "no longer signed in at your learning platform" in answer.text


def test_opening_the_launch_address_by_itself_says_where_to_go(both: Both) -> None:
    answer = both.tool_client.get("/lti/launch")

    assert answer.status_code == 400
    assert "opened from a course" in answer.text


def test_the_first_deployment_of_a_platform_registered_without_one_is_taken_and_no_other(both: Both) -> None:
    with both.sessions.begin() as session:
        session.delete(session.scalars(select(Deployment)).one())

    assert both.launch().status_code == 303
    both.platform.deployment_id = "2"
    assert both.launch().status_code == 401


def test_variables_that_the_platform_left_unexpanded_are_no_values(both: Both) -> None:
    both.platform.add_link("By hand", exercise="$Exercise.name")

    assert "Not set up yet" in both.launch(link="2").text


def test_a_link_added_by_hand_tells_a_student_that_it_is_not_set_up(both: Both) -> None:
    both.platform.add_link("By hand")
    answer = both.launch(link="2")

    assert answer.status_code == 200
    assert "Not set up yet" in answer.text


def test_a_link_added_by_hand_lets_the_instructor_choose_its_exercise(both: Both) -> None:
    both.platform.add_link("By hand")
    page = both.launch(user="2", link="2")
    chosen = _chosen(both, page, "exercise:rnn")

    assert chosen.headers["location"] == f"{TOOL}/courses/1/teach/assignments/1"
    with both.sessions() as session:
        made = session.scalars(select(Assignment)).one()
    assert (made.name, made.resource_link, made.lineitem_url) == ("rnn", "2", both.platform.item_url(2))
    assert both.launch(link="2").headers["location"] == f"{TOOL}/courses/1/assignments/1"


def test_a_student_cannot_choose_the_exercise_of_a_link(both: Both) -> None:
    both.platform.add_link("By hand")
    page = both.launch(user="2", link="2")
    both.tool_client.cookies.clear()
    both.launch(user="3", link="1")

    assert _chosen(both, page, "exercise:rnn").status_code == 403


def test_a_link_without_a_column_gets_one(both: Both) -> None:
    both.platform.add_link("No column", column=False, exercise="rnn")
    both.launch(link="2")

    made = both.platform.items[2]
    assert (made.label, made.maximum, made.link, made.resource) == (
        "A recurrent network through T steps", 12.0, "2", "assignment-1",
    )  # fmt: skip
    with both.sessions() as session:
        assert session.scalars(select(Assignment)).one().lineitem_url == both.platform.item_url(2)


def test_a_column_that_is_there_already_is_used(both: Both) -> None:
    both.platform.add_link("No column", column=False, exercise="rnn")
    for number in range(5):  # the list has pages
        both.platform.add_item(f"Quiz {number}", 10.0)
    there = both.platform.add_item("rnn", 12.0, link="2", resource="assignment-1", tag="grade")
    both.launch(link="2")

    assert len(both.platform.items) == 7
    with both.sessions() as session:
        assert session.scalars(select(Assignment)).one().lineitem_url == both.platform.item_url(there.id)


def test_a_copied_course_gets_an_assignment_of_its_own(both: Both) -> None:
    both.launch()
    with both.sessions.begin() as session:
        original = session.scalars(select(Assignment)).one()
        original.attempts, original.due_at = 3, original.created_at
    from grader.service.lti.deep_linking import custom

    both.platform.add_link("Copy", **custom(both.settings.secret, original.id, original.name))
    both.platform.claims = {f"{names.LTI}context": {"id": "9", "title": "Next year"}}
    both.launch(link="2")

    with both.sessions() as session:
        copy = session.scalars(select(Assignment).where(Assignment.course_id == 2)).one()
    assert (copy.name, copy.attempts, copy.due_at, copy.resource_link) == ("tanh-chain", 3, None, "2")
    assert copy.secret != original.secret


def test_parameters_with_another_assignments_number_reach_nothing(both: Both) -> None:
    both.launch()
    both.platform.add_link("Forged", assignment="1-" + "0" * 32)

    assert "Not set up yet" in both.launch(link="2").text


@pytest.mark.parametrize(
    ("given", "role"),
    [
        ([f"{MEMBERSHIP}#Learner"], "student"),
        (["Learner"], "student"),
        (["urn:lti:role:ims/lis/Learner"], "student"),
        ([INSTRUCTOR], "instructor"),
        (["Instructor"], "instructor"),
        ([f"{MEMBERSHIP}#ContentDeveloper"], "instructor"),
        ([f"{MEMBERSHIP}#Administrator"], "instructor"),
        (["urn:lti:role:ims/lis/Instructor"], "instructor"),
        ([ADMINISTRATOR, INSTRUCTOR], "instructor"),
        ([ADMINISTRATOR], "instructor"),
        ([ADMINISTRATOR, f"{MEMBERSHIP}#Learner"], "student"),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], "student"),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor", "Learner"], "student"),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant", INSTRUCTOR], "assistant"),
        (["urn:lti:role:ims/lis/TeachingAssistant"], "assistant"),
        ([f"{MEMBERSHIP}#Mentor"], "student"),
        (["http://purl.imsglobal.org/vocab/lti/system/person#TestUser", f"{MEMBERSHIP}#Learner"], "test"),
        ([], "student"),
        (["https://evil.example/#Instructor"], "student"),
        (["http://purl.imsglobal.org/vocab/lis/v2/membership#InstructorX"], "student"),
    ],
)
def test_roles(given: list[str], role: str) -> None:
    from grader.service.lti.claims import role as of

    assert of(given) == role


def _chosen(both: Both, page: Any, *chosen: str) -> Any:
    """Send the choice that a page shows."""
    from tests.service.platform_simulator.visitor import forms

    form = next(one for one in forms(page.text) if one.action.startswith(f"{TOOL}/courses/"))
    data = dict(form.fields) | {"chosen": list(chosen)}
    return both.tool_client.post(form.action, data=data, headers={"origin": TOOL})
