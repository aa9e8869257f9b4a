"""What every instructor's page begins with: who teaches which course, a session of the database, who is called how, and
records of that course alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from grader.errors import UsageError
from grader.service.store.tables import Assignment, Attempt, Course, Enrolment, Push, Regrade
from grader.service.teaching.audit import Actor
from grader.service.teaching.class_view import course_of
from grader.service.teaching.people import People
from grader.service.web.context import service
from grader.service.web.forms import Form, form
from grader.service.web.pages import page
from grader.service.web.sessions import SignedIn, instructor

T = TypeVar("T")


class Missing(LookupError):
    """There is no such record in this course: one of another course counts as missing."""


def assignment_of(session: Session, course_id: int, assignment_id: int) -> Assignment:
    """Raises `Missing`."""
    found = session.scalar(select(Assignment).where(Assignment.id == assignment_id, Assignment.course_id == course_id))
    return _there(found)


def attempt_of(session: Session, course_id: int, attempt_id: int) -> Attempt:
    """Raises `Missing`."""
    found = session.scalar(
        select(Attempt).join(Assignment).where(Attempt.id == attempt_id, Assignment.course_id == course_id)
    )
    return _there(found)


def regrade_of(session: Session, course_id: int, regrade_id: int) -> Regrade:
    """Raises `Missing`."""
    found = session.scalar(
        select(Regrade).join(Assignment).where(Regrade.id == regrade_id, Assignment.course_id == course_id)
    )
    return _there(found)


def push_of(session: Session, course_id: int, push_id: int) -> Push:
    """Raises `Missing`."""
    found = session.scalar(select(Push).join(Assignment).where(Push.id == push_id, Assignment.course_id == course_id))
    return _there(found)


def student_of(session: Session, course_id: int, user_id: int) -> Enrolment:
    """The enrolment of a student, also of one who has left. Raises `Missing`."""
    found = session.get(Enrolment, (course_id, user_id))
    if found is not None and found.role != "student":
        found = None
    return _there(found)


def _there(found: T | None) -> T:
    if found is None:
        raise Missing
    return found


@dataclass
class Here:
    """A request of somebody who teaches the course of its path."""

    request: Request
    session: Session
    who: SignedIn

    @cached_property
    def course(self) -> Course:
        return course_of(self.session, self.who.course_id)

    @cached_property
    def people(self) -> People:
        return People(self.session, self.course)

    @cached_property
    def assignment(self) -> Assignment:
        """The assignment of the path. Raises `Missing`."""
        return assignment_of(self.session, self.who.course_id, self.number("assignment"))

    @property
    def actor(self) -> Actor:
        return Actor(self.who.course_id, self.who.user_id, service(self.request).now())

    @property
    def form(self) -> Form:
        return form(self.request)

    @property
    def base(self) -> str:
        """The address of the course's pages for instructors."""
        return f"/courses/{self.who.course_id}/teach"

    def number(self, name: str) -> int:
        """A number of the path; one that is larger than any id belongs to nothing. Raises `Missing`."""
        found: int = self.request.path_params[name]
        if found >= 2**31:
            raise Missing
        return found

    def fields(self) -> defaultdict[str, str]:
        """The form, with the first value of each field; "" for one that was not sent."""
        return defaultdict(str, {name: values[0] for name, values in self.form.fields.items()})

    def page(self, name: str, problem: str | None = None, **values: object) -> Response:
        """A page; `done` says what a form has done, `problem` why it has not (status 422)."""
        done = DONE.get(self.request.query_params.get("done", ""))
        common = {"base": self.base, "course": self.course, "done": done, "problem": problem}
        return page(self.request, name, 422 if problem else 200, **(common | values))

    def back(self, path: str, done: str) -> Response:
        """Go to a page of the course, which says what was done."""
        path, mark, anchor = path.partition("#")
        return RedirectResponse(f"{self.base}{path}?done={done}{mark}{anchor}", 303)


Reader = Callable[[Here], Response]
Endpoint = Callable[[Request], Response]
WithProblem = Callable[[Here, str], Response]

DONE = {
    "added": "The assignment is there. Set its dates and policies below.",
    "settings": "The settings are stored.",
    "unchanged": "Nothing was changed.",
    "exercise": "The exercise is changed.",
    "archived": "The assignment is archived: students no longer see it.",
    "restored": "The assignment is back on the students' list.",
    "points": "The points count from now on.",
    "withdrawn": "The points are withdrawn: what grading gave counts again.",
    "extension": "The extension is given.",
    "no-extension": "The extension is withdrawn.",
    "regrade": "Grading again has begun.",
    "applied": "The regrade is applied.",
    "dropped": "The regrade is dropped: everything is as it was.",
    "resent": "The score is on its way to the platform.",
    "roster": "The roster is up to date.",
    "course": "The settings of the course are stored.",
    "erased": "The student is erased, with all files and results.",
}
"""What a page says after a form was carried out. Only these sentences: nothing of an address is shown."""


def reading(show: Reader) -> Endpoint:
    """An endpoint that shows something of the course. What is not in the course is answered with 404."""

    @wraps(show)
    def endpoint(request: Request) -> Response:
        who = instructor(request)
        with service(request).sessions() as session:
            return _found(lambda: show(Here(request, session, who)))

    return endpoint


def writing(change: Reader, refused: WithProblem) -> Endpoint:
    """An endpoint that changes something: all of it, or, when that raises `UsageError`, nothing. Then `refused` shows
    the page again with the reason."""

    @wraps(change)
    def endpoint(request: Request) -> Response:
        who = instructor(request)
        here = service(request)
        try:
            with here.sessions.begin() as session:
                return _found(lambda: change(Here(request, session, who)))
        except UsageError as error:
            problem = str(error)
        with here.sessions() as session:
            return _found(lambda: refused(Here(request, session, who), problem))

    return endpoint


def only_instructors(here: Here) -> None:
    """What assistants may not do: change the course as a whole. Raises `HTTPException` 403."""
    if here.who.role != "instructor":
        raise HTTPException(403, "This is for the instructors of the course; assistants cannot do it.")


def _found(answer: Callable[[], Response]) -> Response:
    try:
        return answer()
    except Missing:
        raise HTTPException(404) from None
