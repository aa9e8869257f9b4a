"""117: every route of the service, with whom it is for. A route that is not here fails the test: whoever adds one says
for whom it is, and everybody else is tried on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import pytest
from sqlalchemy import Engine
from starlette.routing import BaseRoute, Route

from grader.service.lti.tool import tool
from grader.service.store.tables import Enrolment, User
from grader.service.web import operator_routes, pages, serve
from grader.service.web.serve import application
from tests.service.web import site
from tests.service.web.class_of_two import ClassOfTwo, result

For = Literal["everybody", "signed in", "who has the link", "a platform", "the operator", "the course", "who teaches",
              "instructors", "the way back"]  # fmt: skip
"""`the course`: everybody in it, and of what is a student's own only that student. `a platform`: checked by what it
carries. `the way back`: from the student's view, in which somebody who teaches is a student."""

COURSE = "/courses/{course:int}"
TEACH = f"{COURSE}/teach"
ASSIGNMENT = f"{TEACH}/assignments/{{assignment:int}}"
STUDENT = f"{ASSIGNMENT}/students/{{user:int}}"
OWN = f"{COURSE}/assignments/{{assignment:int}}"
ATTEMPT = f"{OWN}/attempts/{{number:int}}"

ROUTES: dict[str, dict[str, For]] = {
    "/static/{version}/{name}": {"GET": "everybody"},
    "/health/live": {"GET": "everybody"},
    "/health/ready": {"GET": "everybody"},
    "/metrics": {"GET": "the operator"},
    "/": {"GET": "everybody"},
    "/privacy": {"GET": "everybody"},
    "/sign-in": {"GET": "everybody", "POST": "everybody"},
    "/sign-out": {"POST": "everybody"},
    f"{COURSE}/sign-out": {"POST": "everybody"},
    "/enter/{token:str}": {"GET": "who has the link", "POST": "who has the link"},
    "/account": {"GET": "signed in", "POST": "signed in"},
    "/lti": {"GET": "everybody"},
    "/lti/jwks": {"GET": "everybody"},
    "/lti/canvas.json": {"GET": "everybody"},
    "/lti/login": {"GET": "a platform", "POST": "a platform"},
    "/lti/launch": {"GET": "a platform", "POST": "a platform"},
    "/lti/register/{token}": {"GET": "who has the link"},
    COURSE: {"GET": "the course"},
    OWN: {"GET": "the course"},
    f"{OWN}/starter.{{form:str}}": {"GET": "the course"},
    f"{OWN}/attempts": {"POST": "the course"},
    ATTEMPT: {"GET": "the course"},
    f"{ATTEMPT}/file": {"GET": "the course"},
    f"{ATTEMPT}/events": {"GET": "the course"},
    f"{ATTEMPT}/hints": {"POST": "the course"},
    f"{COURSE}/choose": {"POST": "who teaches"},
    f"{COURSE}/set-up": {"POST": "who teaches"},
    TEACH: {"GET": "who teaches"},
    f"{TEACH}/people": {"GET": "who teaches"},
    f"{TEACH}/people/fetch": {"POST": "who teaches"},
    f"{TEACH}/people/{{user:int}}": {"GET": "who teaches"},
    f"{TEACH}/people/{{user:int}}/export": {"POST": "instructors"},
    f"{TEACH}/people/{{user:int}}/erase": {"POST": "instructors"},
    f"{TEACH}/settings": {"GET": "who teaches", "POST": "instructors"},
    f"{TEACH}/audit": {"GET": "who teaches"},
    f"{TEACH}/as-student": {"POST": "who teaches"},
    f"{TEACH}/as-teacher": {"POST": "the way back"},
    f"{TEACH}/add": {"GET": "who teaches", "POST": "who teaches"},
    f"{TEACH}/check": {"POST": "who teaches"},
    f"{TEACH}/export.csv": {"POST": "who teaches"},
    f"{TEACH}/attempts/{{attempt:int}}": {"GET": "who teaches"},
    f"{TEACH}/attempts/{{attempt:int}}/file": {"GET": "who teaches"},
    f"{TEACH}/regrades/{{regrade:int}}": {"GET": "who teaches"},
    f"{TEACH}/regrades/{{regrade:int}}/apply": {"POST": "who teaches"},
    f"{TEACH}/regrades/{{regrade:int}}/drop": {"POST": "who teaches"},
    f"{TEACH}/scores/{{push:int}}/resend": {"POST": "who teaches"},
    ASSIGNMENT: {"GET": "who teaches"},
    f"{ASSIGNMENT}/version": {"GET": "who teaches"},
    f"{ASSIGNMENT}/settings": {"GET": "who teaches", "POST": "who teaches"},
    f"{ASSIGNMENT}/exercise": {"GET": "who teaches", "POST": "who teaches"},
    f"{ASSIGNMENT}/archive": {"POST": "who teaches"},
    f"{ASSIGNMENT}/regrades": {"GET": "who teaches", "POST": "who teaches"},
    f"{ASSIGNMENT}/scores": {"GET": "who teaches"},
    f"{ASSIGNMENT}/export": {"GET": "who teaches"},
    f"{ASSIGNMENT}/export.csv": {"POST": "who teaches"},
    f"{ASSIGNMENT}/gradebook": {"POST": "who teaches"},
    STUDENT: {"GET": "who teaches"},
    f"{STUDENT}/points": {"POST": "who teaches"},
    f"{STUDENT}/withdraw": {"POST": "who teaches"},
    f"{STUDENT}/extension": {"POST": "who teaches"},
    f"{STUDENT}/regrade": {"POST": "who teaches"},
    f"{STUDENT}/resend": {"POST": "who teaches"},
}

IDS = ("assignment", "user", "attempt", "regrade", "push", "number")
"""What stands in a path besides the course: an object of it."""


def routes_of(engine: Engine) -> Sequence[BaseRoute]:
    """All that a server serves, as `serve.running` puts it together."""
    of_operators = operator_routes.routes(site.settings(), engine, None)  # type: ignore[arg-type]  # it asks later
    parts = serve.parts(tool(site.settings()), engine)
    return [*pages.file_routes(), *of_operators, *(route for part in parts for route in part)]


@dataclass
class Tried:
    """The service, with somebody of each kind; `helper` is an assistant, `former` a student who has left."""

    two: ClassOfTwo
    helper: User
    former: User


@pytest.fixture(scope="module")
def tried() -> Iterator[Tried]:
    two = ClassOfTwo()
    two.hand_in(two.bob)
    two.grade(result(), who=two.bob)
    with two.begin() as session:
        helper = site.user(session, two.course, "assistant", "Tom")
        former = site.user(session, two.course, name="Left")
        session.get_one(Enrolment, (two.course.id, former.id)).active = False
    two.app = application(site.settings(), two.engine, [routes_of(two.engine)])
    yield Tried(two, helper, former)
    two.engine.dispose()


def test_every_route_is_here_and_no_other() -> None:
    served: dict[str, set[str]] = {}
    for route in routes_of(site.engine()):
        assert isinstance(route, Route), "a mount hides its routes from this test"
        served.setdefault(route.path, set()).update((route.methods or set()) - {"HEAD"})

    assert served == {path: set(methods) for path, methods in ROUTES.items()}


def test_what_has_a_course_in_its_path_is_for_people_of_the_course() -> None:
    for path, methods in ROUTES.items():
        for one in methods.values():
            of_course = one in ("the course", "who teaches", "instructors", "the way back")
            assert of_course == ("{course:int}" in path and not path.endswith("/sign-out"))
            assert of_course or not any(f"{{{name}:" in path for name in IDS)


def refusals(tried: Tried, whom: For) -> dict[str, tuple[User | None, int]]:
    """Who is to be refused on such a route, and how."""
    two = tried.two
    outside = {"nobody": (None, 401), "somebody else": (two.stranger, 404), "who has left": (tried.former, 404)}
    found: dict[str, tuple[User | None, int]] = {}
    if whom == "signed in":
        found = {"nobody": (None, 401)}
    elif whom in ("the course", "the way back"):
        found = outside
    elif whom in ("who teaches", "instructors"):
        found = outside | {"a student": (two.ada, 403)}
        found |= {"an assistant": (tried.helper, 403)} if whom == "instructors" else {}
    elif whom in ("a platform", "who has the link", "the operator"):
        found = {"nobody": (None, 400)}
    return found


@pytest.mark.slow
def test_everybody_whom_a_route_is_not_for_is_refused(tried: Tried) -> None:
    two = tried.two
    ids = {"course": two.course.id, "assignment": two.assignment.id, "user": two.bob.id, "form": "py"}
    browsers = {who: two.of(who) for who in (None, two.stranger, tried.former, two.ada, tried.helper)}
    wrong = []
    for path, methods in ROUTES.items():
        address = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(ids.get(found[1], 1)), path)
        for method, whom in methods.items():
            for name, (who, status) in refusals(tried, whom).items():
                browser = browsers[who]
                answer = browser.get(address) if method == "GET" else browser.send_form(address)
                refused = 400 <= answer.status_code < 500 if status == 400 else answer.status_code == status
                if not refused:
                    wrong.append((method, path, name, answer.status_code))

    assert wrong == []


@pytest.mark.slow
def test_of_what_is_a_students_own_nothing_is_another_students(tried: Tried) -> None:
    two = tried.two
    for path, methods in ROUTES.items():
        if "{number:int}" in path:
            address = path.replace("{course:int}", str(two.course.id)).replace("{number:int}", "1")
            address = address.replace("{assignment:int}", str(two.assignment.id))
            for method in methods:
                ada = two.of(two.ada)
                answer = ada.get(address) if method == "GET" else ada.send_form(address)
                assert answer.status_code == 404, path
