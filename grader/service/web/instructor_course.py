"""A course: its assignments, its people, what is stored of whom, its settings, its audit trail, the student's view."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from grader.errors import UsageError
from grader.service import retention
from grader.service.store.tables import Course, WebSession
from grader.service.teaching import assignments, audit, class_view
from grader.service.teaching.enrolment import ListedMember, merged, test_student_of
from grader.service.web.context import service
from grader.service.web.instructor_class import download
from grader.service.web.instructor_here import Here, only_instructors, reading, student_of, writing
from grader.service.web.sessions import digest_of, instructor, signed_in

RosterSource = Callable[[Session, Course], Sequence[ListedMember]]
"""Asks the platform of a course for its roster. Raises `UsageError`, in words for instructors."""

PER_PAGE = 100


def routes(base: str, roster: RosterSource | None) -> list[Route]:
    """`roster` None: no platform can be asked."""
    person = f"{base}/people/{{user:int}}"

    def people(here: Here, problem: str | None = None) -> Response:
        return people_page(here, roster is not None, problem)

    return [
        Route(base, reading(course_page)),
        Route(f"{base}/people", reading(people)),
        Route(f"{base}/people/fetch", _fetching(roster, people), methods=["POST"]),
        Route(person, reading(person_page)),
        Route(f"{person}/export", writing(export_person, person_page), methods=["POST"]),
        Route(f"{person}/erase", writing(erase_person, person_page), methods=["POST"]),
        Route(f"{base}/settings", reading(settings_page)),
        Route(f"{base}/settings", writing(change_settings, settings_page), methods=["POST"]),
        Route(f"{base}/audit", reading(audit_page)),
        Route(f"{base}/as-student", writing(view_as_student, course_page), methods=["POST"]),
        Route(f"{base}/as-teacher", view_as_teacher, methods=["POST"]),
    ]


def course_page(here: Here, problem: str | None = None) -> Response:
    """All assignments."""
    listed = class_view.assignments(here.session, here.course)
    undo = here.request.query_params.get("undo", "")
    return here.page(
        "instructor_course.html",
        problem,
        current=[one for one in listed if not one.archived],
        archived=[one for one in listed if one.archived],
        undo=next((one.id for one in listed if one.archived and str(one.id) == undo), None),
        students=class_view.students(here.session, here.course),
        now=here.actor.now,
    )


def people_page(here: Here, fetches: bool, problem: str | None = None) -> Response:
    """Everybody in the course, a page at a time."""
    wanted = here.request.query_params.get("q", "")[:200].strip()
    words = wanted.casefold().split()
    found = [
        one
        for one in [*here.people.staff(), *here.people.students()]
        if all(word in f"{one.name} {one.key}".casefold() for word in words)
    ]
    pages = max(1, -(-len(found) // PER_PAGE))
    page = min(page_number(here), pages)
    return here.page(
        "instructor_people.html",
        problem,
        found=len(found),
        shown=found[PER_PAGE * (page - 1) : PER_PAGE * page],
        pages=pages,
        number=page,
        wanted=wanted,
        everybody=len(here.people.students()),
        fetches=fetches and here.course.memberships_url is not None,
        anonymous=here.people.anonymous,
    )


def page_number(here: Here) -> int:
    """The page that the address asks for, from 1 on."""
    text = here.request.query_params.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def _fetching(roster: RosterSource | None, refused: Callable[[Here, str], Response]) -> Callable[[Request], Response]:
    """Asks the platform before anything is locked, then merges what it says."""

    def fetch(request: Request) -> Response:
        who = instructor(request)
        sessions = service(request).sessions
        try:
            with sessions() as session:
                course = class_view.course_of(session, who.course_id)
                if roster is None or course.memberships_url is None:
                    raise UsageError("The platform of this course offers no roster.")
                members = roster(session, course)
            with sessions.begin() as session:
                here = Here(request, session, who)
                merged(session, here.actor, here.course, members)
                return here.back("/people", "roster")
        except UsageError as error:
            with sessions() as session:
                return refused(Here(request, session, who), str(error))

    return fetch


def person_page(here: Here, problem: str | None = None) -> Response:
    """What is stored of a student."""
    user = student_of(here.session, here.who.course_id, here.number("user")).user_id
    return here.page(
        "instructor_person.html",
        problem,
        subject=here.people.of(user),
        stored=retention.stored(here.session, here.course, user),
        assignments=class_view.assignments(here.session, here.course),
        anonymous=here.people.anonymous,
    )


def export_person(here: Here) -> Response:
    only_instructors(here)
    user = student_of(here.session, here.who.course_id, here.number("user")).user_id
    content = retention.exported_from_course(here.session, here.actor, here.course, user)
    return download(f"student-{user}.zip", content, "application/zip")


def erase_person(here: Here) -> Response:
    only_instructors(here)
    user = student_of(here.session, here.who.course_id, here.number("user")).user_id
    if here.form.get("sure") != "yes":
        raise UsageError("Nothing was erased: tick the box that says you are sure.")
    retention.erased_from_course(here.session, here.actor, here.course, user)
    return here.back("/people", "erased")


def settings_page(here: Here, problem: str | None = None) -> Response:
    """Anonymous marking, and how long things are kept."""
    return here.page("instructor_course_settings.html", problem, typed=here.fields())


def change_settings(here: Here) -> Response:
    only_instructors(here)
    said = assignments.course_changed(
        here.session, here.actor, here.course, here.form.get("anonymous") == "yes", here.form.get("retention_days")
    )
    return here.back("/settings", "course" if said else "unchanged")


def audit_page(here: Here) -> Response:
    """Who changed what."""
    page = page_number(here)
    entries, number = audit.trail(here.session, here.course, here.people, page)
    pages = max(1, -(-number // audit.PER_PAGE))
    return here.page("instructor_audit.html", entries=entries, found=number, number=page, pages=pages)


def view_as_student(here: Here) -> Response:
    """Look at the course as a student does, in this browser, until it is ended."""
    user = test_student_of(here.session, here.actor, here.course)
    own = here.session.get_one(WebSession, digest_of(here.who.token))
    own.viewing_as = user
    return RedirectResponse(f"/courses/{here.who.course_id}", 303)


def view_as_teacher(request: Request) -> Response:
    """End the student's view. Whoever asks is somebody with a session of this course."""
    who = signed_in(request)
    with service(request).sessions.begin() as session:
        own = session.get(WebSession, digest_of(who.token))
        if own is not None:
            own.viewing_as = None
    return RedirectResponse(f"/courses/{who.course_id}/teach", 303)
