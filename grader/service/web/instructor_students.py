"""A student at an assignment: attempts and reports, points by hand, an extension, grading again, the scores sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from grader.errors import UsageError
from grader.html import report
from grader.report.hints import less
from grader.service.attempts import outcome_of, result_of
from grader.service.exercises import known_exercise, own_exercise, reference_of
from grader.service.scores import standing
from grader.service.teaching import regrading, student_record
from grader.service.teaching.assignments import read_time, zone_of
from grader.service.teaching.class_view import open_of, reason_of
from grader.service.web.instructor_here import Here, attempt_of, reading, student_of, writing
from grader.service.work import pushes
from grader.service.work.pushes import queue_push


def routes(base: str, attempts: str) -> list[Route]:
    student = f"{base}/students/{{user:int}}"
    attempt = f"{attempts}/{{attempt:int}}"
    return [
        Route(student, reading(student_page)),
        Route(f"{student}/points", writing(give_points, student_page), methods=["POST"]),
        Route(f"{student}/withdraw", writing(withdraw_points, student_page), methods=["POST"]),
        Route(f"{student}/extension", writing(extend, student_page), methods=["POST"]),
        Route(f"{student}/regrade", writing(regrade, student_page), methods=["POST"]),
        Route(f"{student}/resend", writing(resend, student_page), methods=["POST"]),
        Route(attempt, reading(attempt_page)),
        Route(f"{attempt}/file", reading(attempt_file)),
    ]


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
