"""The class at an assignment, live: statistics, mistakes, and a roster that is searched, filtered and sorted; and a
student of it: attempts and reports, points by hand, an extension, grading again, the scores sent."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from grader.batch.class_statistics import UNEXPLAINED
from grader.batch.page import overview, title_of
from grader.batch.roster import Roster, roster_of
from grader.errors import UsageError
from grader.html import report
from grader.report.hints import less
from grader.service.attempts import outcome_of, result_of
from grader.service.exercises import known_exercise, own_exercise, reference_of
from grader.service.scores import standing
from grader.service.store.tables import Assignment, Attempt, Course
from grader.service.teaching import regrading, student_record
from grader.service.teaching.assignments import read_time, zone_of
from grader.service.teaching.class_view import ClassView, WatchedClass, Wish, open_of, reason_of, shown, version_of
from grader.service.teaching.people import People, Person
from grader.service.web.context import Service
from grader.service.web.instructor_here import Here, attempt_of, reading, student_of, writing
from grader.service.work import pushes
from grader.service.work.pushes import queue_push

LOG = logging.getLogger("grader.service")

MAX_CLASSES = 8
"""How many classes are kept as they were last shown."""

MAX_DECISIONS = 12
"""How many decisions are listed; the roster has all of them."""


def routes(base: str, attempts: str) -> list[Route]:
    student = f"{base}/students/{{user:int}}"
    attempt = f"{attempts}/{{attempt:int}}"
    return [
        Route(base, reading(class_page)),
        Route(f"{base}/version", reading(version)),
        Route(student, reading(student_page)),
        Route(f"{student}/points", writing(give_points, student_page), methods=["POST"]),
        Route(f"{student}/withdraw", writing(withdraw_points, student_page), methods=["POST"]),
        Route(f"{student}/extension", writing(extend, student_page), methods=["POST"]),
        Route(f"{student}/regrade", writing(regrade, student_page), methods=["POST"]),
        Route(f"{student}/resend", writing(resend, student_page), methods=["POST"]),
        Route(attempt, reading(attempt_page)),
        Route(f"{attempt}/file", reading(attempt_file)),
    ]


@dataclass(frozen=True, slots=True)
class _Page:
    """What all views of a class share until something changes; and the class, for when it does."""

    version: str
    watched: WatchedClass
    view: ClassView
    table: Roster
    values: dict[str, Any]


Kept = OrderedDict[int, _Page]
"""By assignment, the classes that were looked at last."""


def kept_classes(app: Starlette) -> Kept:
    """Those of this process."""
    kept: Kept = app.state.__dict__.setdefault("classes", OrderedDict())
    return kept


def compute_ahead(app: Starlette) -> None:
    """Compute the classes that were handed in to last, before somebody waits for their pages."""
    service: Service = app.state.service
    newest = select(Attempt.assignment_id).group_by(Attempt.assignment_id).order_by(func.max(Attempt.id).desc())
    with service.sessions() as session:
        numbers = session.scalars(newest.limit(MAX_CLASSES)).all()
    for number in numbers:
        try:
            with service.sessions() as session:
                assignment = session.get_one(Assignment, number)
                people = People(session, session.get_one(Course, assignment.course_id))
                _shared(kept_classes(app), session, assignment, people)
        except Exception:  # whoever opens this page is told; nobody else is to do without a server
            LOG.exception("a class could not be computed ahead")


def _address(assignment: Assignment) -> str:
    return f"/courses/{assignment.course_id}/teach/assignments/{assignment.id}"


def _shared(kept: Kept, session: Session, assignment: Assignment, people: People) -> _Page:
    """The class as it is now, from what is kept if nothing has changed."""
    version = version_of(session, assignment)
    found = kept.get(assignment.id)
    if found is None or found.version != version:
        watched = WatchedClass() if found is None else found.watched
        view = watched.view(session, assignment, people, optional_steps(assignment))
        address = _address(assignment)
        links = {one.person.key: f"{address}/students/{one.person.user_id}" for one in view.members}
        exercise = known_exercise(assignment.exercise)
        values = overview(view.seen, view.items, exercise, partial(_link, address))
        found = kept[assignment.id] = _Page(version, watched, view, roster_of(view.cells, links), values)
        kept.move_to_end(assignment.id)
        while len(kept) > MAX_CLASSES:
            kept.popitem(last=False)
    return found


def class_page(here: Here) -> Response:
    """The class. With `live=1` only the part that changes."""
    assignment = here.assignment
    page = _shared(kept_classes(here.request.app), here.session, assignment, here.people)
    view, table = page.view, page.table
    wish = Wish.of(dict(here.request.query_params))
    address = _address(assignment)
    among = [one.made(wish.step, wish.mistake) for one in view.members] if wish.step else None
    live = here.request.query_params.get("live") == "1"
    decide = [(one, table.lines[number]) for number, one in enumerate(view.known) if one.final.open]
    faults = [(one, table.lines[number]) for number, one in enumerate(view.known)
              if one.row.status == "ungradable"]  # fmt: skip
    return here.page(
        "instructor_live.html" if live else "instructor_class.html",
        **page.values,
        assignment=assignment,
        address=address,
        roster=table,
        shown=shown(table, wish, among),
        wish=wish,
        mistake=title_of(wish.mistake) if wish.mistake else "",
        waiting=sum(one.standing.pending for one in view.members),
        decide=decide[:MAX_DECISIONS],
        undecided=len(decide),
        without=faults[:MAX_DECISIONS],
        many_without=len(faults),
        version=page.version,
        anonymous=here.course.anonymous,
        same=_same_lines(view, here.people),
        many_same=len(view.seen.same_lines),
    )


@dataclass(frozen=True, slots=True)
class _Same:
    """Students with the same wrong line at a step: the line, the title of the mistake, and who."""

    step: str
    line: str
    title: str
    query: str
    students: tuple[Person, ...]


def _same_lines(view: ClassView, people: People) -> list[_Same]:
    """The largest groups. Under anonymous marking the line shows nobody's name who is in the group."""
    known = {one.person.key: one.person for one in view.members}
    found = []
    for group in view.seen.same_lines[:MAX_DECISIONS]:
        students = tuple(known[key] for key, _ in group.students)
        line = reduce(lambda text, one: people.text(one.user_id, text), students, group.code)
        code = group.misconception or UNEXPLAINED
        found.append(_Same(group.step, line, title_of(code), Wish(step=group.step, mistake=code).query(), students))
    return found


def version(here: Here) -> Response:
    """What changes with the page, for the script that keeps it up to date."""
    return JSONResponse({"version": version_of(here.session, here.assignment)})


def optional_steps(assignment: Assignment) -> frozenset[str]:
    """The steps that may be left out."""
    exercise = known_exercise(assignment.exercise)
    return frozenset() if exercise is None else frozenset(one.name for one in exercise.steps if one.optional)


def _link(address: str, step: str, code: str) -> str:
    return f"{address}?{Wish(step=step, mistake=code).query()}#students"


def _user(here: Here) -> int:
    return student_of(here.session, here.who.course_id, here.number("user")).user_id


def student_page(here: Here, problem: str | None = None) -> Response:
    """All about one student at one assignment."""
    assignment, user = here.assignment, _user(here)
    own = standing(here.session, assignment, user)
    exercise = known_exercise(assignment.exercise)
    tries = student_record.attempts(
        here.session, assignment, user, here.people, None if own.counted is None else own.counted.id
    )
    steps = [] if exercise is None else [(one.name, one.points) for one in exercise.steps if one.points]
    return here.page(
        "instructor_student.html",
        problem,
        assignment=assignment,
        address=f"{here.base}/assignments/{assignment.id}",
        subject=here.people.of(user),
        own=own,
        after_hints=None if own.raw is None else less(own.raw, own.hints),
        why=reason_of(own, here.people),
        open=open_of(own),
        tries=tries,
        steps=steps,
        counted=next((one for one in tries if one.counts), None),
        given=student_record.history(here.session, assignment, user, here.people),
        by_hand={one.step: one.points for one in own.steps},
        extension=student_record.extension_of(here.session, assignment, user),
        hints=student_record.hints(here.session, assignment, user),
        sent=pushes.of_student(here.session, assignment, user, here.people),
        regrading=regrading.open_regrade(here.session, assignment),
        typed=here.fields(),
        anonymous=here.people.anonymous,
    )


def _back(here: Here, done: str) -> Response:
    return here.back(f"/assignments/{here.assignment.id}/students/{here.number('user')}", done)


def give_points(here: Here) -> Response:
    assignment, user = here.assignment, _user(here)
    step = here.form.get("step") or None
    exercise = known_exercise(assignment.exercise)
    if step is not None and exercise is not None and step not in {one.name for one in exercise.steps}:
        raise UsageError("The exercise has no such step.")
    what = (step, here.form.get("points"), here.form.get("reason"))
    student_record.given(here.session, here.actor, assignment, user, what)
    _push(here, user)
    return _back(here, "points")


def withdraw_points(here: Here) -> Response:
    assignment, user = here.assignment, _user(here)
    what = (here.form.get("step") or None, here.form.get("reason"))
    student_record.withdrawn(here.session, here.actor, assignment, user, what)
    _push(here, user)
    return _back(here, "withdrawn")


def extend(here: Here) -> Response:
    assignment, user = here.assignment, _user(here)
    if here.form.get("withdraw"):
        student_record.extension_withdrawn(here.session, here.actor, assignment, user)
        _push(here, user)
        return _back(here, "no-extension")
    zone = zone_of(here.form.get("zone"))
    if zone is None:
        raise UsageError("This is no time zone: write it as Europe/Berlin, or UTC.")
    until, fault = read_time(here.form.get("until"), zone)
    if until is None:
        raise UsageError(fault or "Say until when the extension lasts.")
    student_record.extended(here.session, here.actor, assignment, user, (until, here.form.get("reason")))
    _push(here, user)
    return _back(here, "extension")


def regrade(here: Here) -> Response:
    assignment, user = here.assignment, _user(here)
    made = regrading.started(here.session, here.actor, assignment, [user])
    return here.back(f"/regrades/{made.id}", "regrade")


def resend(here: Here) -> Response:
    pushes.resent(here.session, here.actor, here.assignment, _user(here))
    return _back(here, "resent")


def _push(here: Here, user: int) -> None:
    """Send the new score, where there is a column for it."""
    queue_push(here.session, here.assignment, user, here.actor.now)


def attempt_page(here: Here) -> Response:
    """The report of an attempt with everything in it."""
    attempt = attempt_of(here.session, here.who.course_id, here.number("attempt"))
    here.request.path_params["assignment"] = attempt.assignment_id
    assignment, user = here.assignment, student_of(here.session, here.who.course_id, attempt.user_id).user_id
    outcome = outcome_of(here.session, attempt)
    result = None if outcome is None else result_of(attempt, outcome)
    common: dict[str, Any] = {
        "assignment": assignment,
        "address": f"{here.base}/assignments/{assignment.id}",
        "subject": here.people.of(user),
        "attempt": attempt,
        "outcome": outcome,
        "said": here.people.text(user, "" if outcome is None else outcome.message or ""),
    }
    if result is None:
        return here.page("instructor_ungraded.html", **common)
    exercise = own_exercise(assignment, user)
    content: dict[str, Any] = report.content(
        here.people.result(user, result), exercise, reference_of(exercise, assignment)
    )
    return here.page("instructor_attempt.html", **(content | common))


def attempt_file(here: Here) -> Response:
    """The file of an attempt. It is saved, never shown as a page; under anonymous marking with the name covered."""
    attempt = attempt_of(here.session, here.who.course_id, here.number("attempt"))
    user = student_of(here.session, here.who.course_id, attempt.user_id).user_id
    name, content = here.people.file(user, attempt.file), here.people.source(user, attempt.content)
    return download(name, content, "application/octet-stream")


def download(name: str, content: bytes, kind: str) -> Response:
    """A file to be saved."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=kind, headers=headers)
