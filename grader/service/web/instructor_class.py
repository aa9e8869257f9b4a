"""The class at an assignment, live: statistics, mistakes, and a roster that is searched, filtered and sorted."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from grader.batch.class_statistics import UNEXPLAINED
from grader.batch.page import overview, title_of
from grader.batch.roster import Roster, roster_of
from grader.service.exercises import known_exercise
from grader.service.store.tables import Assignment, Attempt, Course
from grader.service.teaching.class_view import ClassView, WatchedClass, Wish, shown, version_of
from grader.service.teaching.people import People, Person
from grader.service.web.context import Service
from grader.service.web.instructor_here import Here, reading

LOG = logging.getLogger("grader.service")

KEPT = 8
"""How many classes are kept as they were last shown."""

MOST = 12
"""How many decisions are listed; the roster has all of them."""


def routes(base: str) -> list[Route]:
    return [
        Route(base, reading(class_page)),
        Route(f"{base}/version", reading(version)),
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
        numbers = session.scalars(newest.limit(KEPT)).all()
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
        while len(kept) > KEPT:
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
        decide=decide[:MOST],
        undecided=len(decide),
        without=faults[:MOST],
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
    for group in view.seen.same_lines[:MOST]:
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
