"""Regrades with their preview, scores sent to the platform, exports."""

from __future__ import annotations

import base64
from datetime import datetime

from starlette.responses import Response
from starlette.routing import Route

from grader.batch.gradebooks.fill import BOOKS
from grader.batch.gradebooks.matching import RowMatch
from grader.batch.student_row import StudentRow
from grader.errors import UsageError
from grader.service.exercises import known_exercise
from grader.service.store.tables import Assignment
from grader.service.teaching import regrading
from grader.service.teaching.audit import noted
from grader.service.teaching.class_view import (
    ClassView,
    Upload,
    class_table,
    class_view,
    course_table,
    filled_gradebook,
)
from grader.service.web.instructor_class import download, optional_steps
from grader.service.web.instructor_course import course_page, page_number
from grader.service.web.instructor_here import Here, assignment_of, push_of, reading, regrade_of, writing
from grader.service.work import pushes
from grader.service.work.pushes import queue_pushes

MAX_CHANGES = 200
"""Changes of a regrade that are listed on a page."""


def routes(base: str, assignment: str) -> list[Route]:
    regrade = f"{base}/regrades/{{regrade:int}}"
    return [
        Route(f"{assignment}/regrades", reading(regrades_page)),
        Route(f"{assignment}/regrades", writing(start, regrades_page), methods=["POST"]),
        Route(regrade, reading(regrade_page)),
        Route(f"{regrade}/apply", writing(apply, regrade_page), methods=["POST"]),
        Route(f"{regrade}/drop", writing(drop, regrade_page), methods=["POST"]),
        Route(f"{assignment}/scores", reading(pushes_page)),
        Route(f"{base}/scores/{{push:int}}/resend", writing(resend, _resent_page), methods=["POST"]),
        Route(f"{assignment}/export", reading(export_page)),
        Route(f"{assignment}/export.csv", writing(export_table, export_page), methods=["POST"]),
        Route(f"{assignment}/gradebook", writing(fill_gradebook, export_page), methods=["POST"]),
        Route(f"{base}/export.csv", writing(export_course, course_page), methods=["POST"]),
    ]


def _address(here: Here, assignment: Assignment) -> str:
    return f"{here.base}/assignments/{assignment.id}"


def regrades_page(here: Here, problem: str | None = None) -> Response:
    """All regrades of an assignment, and the form that starts one."""
    assignment = here.assignment
    return here.page(
        "instructor_regrades.html",
        problem,
        assignment=assignment,
        address=_address(here, assignment),
        listed=regrading.listed(here.session, assignment, here.people),
        open=regrading.open_regrade(here.session, assignment),
    )


def start(here: Here) -> Response:
    made = regrading.started(here.session, here.actor, here.assignment, None)
    return here.back(f"/regrades/{made.id}", "regrade")


def regrade_page(here: Here, problem: str | None = None) -> Response:
    """What a regrade would change, or how far it has got."""
    regrade = regrade_of(here.session, here.who.course_id, here.number("regrade"))
    assignment = assignment_of(here.session, here.who.course_id, regrade.assignment_id)
    closed = regrade.state not in regrading.OPEN
    found = None if closed else regrading.preview(here.session, regrade, here.people)
    live = here.request.query_params.get("live") == "1"
    return here.page(
        "instructor_regrade_live.html" if live else "instructor_regrade.html",
        problem,
        regrade=regrade,
        assignment=assignment,
        address=_address(here, assignment),
        preview=found,
        changes=[] if found is None else found.changes[:MAX_CHANGES],
        other=regrade.exercise != assignment.exercise,
        by=here.people.name(regrade.by),
    )


def apply(here: Here) -> Response:
    regrade = regrade_of(here.session, here.who.course_id, here.number("regrade"))
    regrading.applied(here.session, here.actor, regrade)
    assignment = assignment_of(here.session, here.who.course_id, regrade.assignment_id)
    queue_pushes(here.session, assignment, here.actor.now)
    return here.back(f"/regrades/{regrade.id}", "applied")


def drop(here: Here) -> Response:
    regrade = regrade_of(here.session, here.who.course_id, here.number("regrade"))
    regrading.dropped(here.session, here.actor, regrade)
    return here.back(f"/assignments/{regrade.assignment_id}/regrades", "dropped")


def pushes_page(here: Here, problem: str | None = None) -> Response:
    """The scores sent to the platform, with its answers."""
    return _pushes_page(here, here.assignment, problem)


def _resent_page(here: Here, problem: str) -> Response:
    push = push_of(here.session, here.who.course_id, here.number("push"))
    return _pushes_page(here, assignment_of(here.session, here.who.course_id, push.assignment_id), problem)


def _pushes_page(here: Here, assignment: Assignment, problem: str | None) -> Response:
    state = here.request.query_params.get("state", "")
    page = page_number(here)
    rows, counts = pushes.log(here.session, assignment, here.people, state, page)
    found = counts.get(state, 0) if state in pushes.STATES else sum(counts.values())
    return here.page(
        "instructor_scores.html",
        problem,
        assignment=assignment,
        address=_address(here, assignment),
        rows=rows,
        counts=[(name, word, counts[name]) for name, word in pushes.STATES.items() if counts.get(name)],
        state=state if state in pushes.STATES else "",
        number=page,
        pages=max(1, -(-found // pushes.PER_PAGE)),
    )


def resend(here: Here) -> Response:
    push = push_of(here.session, here.who.course_id, here.number("push"))
    assignment = assignment_of(here.session, here.who.course_id, push.assignment_id)
    pushes.resent(here.session, here.actor, assignment, push.user_id)
    return here.back(f"/assignments/{assignment.id}/scores", "resent")


def export_page(here: Here, problem: str | None = None, **filled: object) -> Response:
    """Tables to download, and gradebooks to fill."""
    assignment = here.assignment
    nothing = {"filled": None, "file": None, "file_name": "", "matched": ()}
    return here.page(
        "instructor_export.html",
        problem,
        assignment=assignment,
        address=_address(here, assignment),
        books=[(name, book.title) for name, book in BOOKS.items()],
        anonymous=here.people.anonymous,
        typed=here.fields(),
        **(nothing | filled),
    )


def _view(here: Here) -> ClassView:
    return class_view(here.session, here.assignment, here.people, optional_steps(here.assignment))


def export_table(here: Here) -> Response:
    view = _view(here)
    exercise = known_exercise(here.assignment.exercise)
    steps = [one.name for one in view.seen.steps] if exercise is None else [one.name for one in exercise.steps]
    content = "".join(class_table(view, steps, here.people))
    noted(here.session, here.actor, "exported", assignment=here.assignment.id, what="the table of the class")
    return _csv(f"{here.assignment.name}-{_day(here.actor.now)}.csv", content)


def export_course(here: Here) -> Response:
    content = "".join(course_table(here.session, here.course, here.people))
    noted(here.session, here.actor, "exported", what="the table of the course")
    return _csv(f"course-{_day(here.actor.now)}.csv", content)


def fill_gradebook(here: Here) -> Response:
    sent = here.form.files.get("gradebook")
    if sent is None or not sent.content:
        raise UsageError("Choose the file that your platform's gradebook exports.")
    upload = Upload(sent.content, sent.name, here.form.get("kind"), here.form.get("column").strip())
    filled, content = filled_gradebook(_view(here), here.assignment, here.people, upload)
    noted(here.session, here.actor, "exported", assignment=here.assignment.id, what=f"into {filled.title}")
    return export_page(
        here,
        filled=filled,
        file=base64.b64encode(content).decode(),
        file_name=sent.name,
        matched=[_matched(match) for match, _ in filled.entered[:10]],
    )


def _matched(match: RowMatch[StudentRow]) -> tuple[str, str, str]:
    return match.standing.name, match.person.shown, match.by


def _csv(name: str, content: str) -> Response:
    return download(name, content.encode(), "text/csv; charset=utf-8")


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")
