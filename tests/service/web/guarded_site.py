"""Small pages behind all guards, and people to try them with."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from grader.service.store.tables import Course, User
from grader.service.web import sessions
from grader.service.web.forms import form
from grader.service.web.pages import page
from grader.service.web.serve import application
from tests.service.web import site


def learner(request: Request) -> Response:
    return PlainTextResponse(sessions.signed_in(request).role)


def teacher(request: Request) -> Response:
    return PlainTextResponse(sessions.instructor(request).role)


def sent(request: Request) -> Response:
    found = form(request)
    return PlainTextResponse(f"{found.get('word')} {[(one.name, len(one.content)) for one in found.files.values()]}")


def broken(request: Request) -> Response:
    raise RuntimeError("a secret")


def shown(request: Request) -> Response:
    sessions.signed_in(request)
    return page(request, "error.html", title="<b>", why="<script>alert(1)</script>")


ROUTES = [
    Route("/courses/{course:int}", learner),
    Route("/courses/{course:int}/teach", teacher),
    Route("/courses/{course:int}/shown", shown),
    Route("/courses/{course:int}/send", sent, methods=["POST"]),
    Route("/send", sent, methods=["POST"]),
    Route("/lti/send", sent, methods=["POST"]),
    Route("/broken", broken),
]


class GuardedSite:
    """Two courses, with a student in the first."""

    def __init__(self) -> None:
        self.engine = site.engine()
        self.app = application(site.settings(upload_limit=2000), self.engine, [ROUTES])
        with site.maker(self.engine).begin() as session:
            self.course: Course = site.course(session)
            self.other: Course = site.course(session)
            self.student: User = site.user(session, self.course)
            self.teacher: User = site.user(session, self.course, "instructor")

    def of(self, who: User | None, course: int | None = None) -> site.Client:
        return site.client(self.app, self.engine, who, course)
