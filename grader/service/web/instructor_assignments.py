"""Assignments: added from the collection or as YAML, their settings, their exercise with what examining it finds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from grader.errors import UsageError
from grader.model import REVEAL_LEVELS
from grader.service import exercises
from grader.service.exercises import Checked
from grader.service.teaching import assignments
from grader.service.web.context import service
from grader.service.web.forms import form
from grader.service.web.instructor_here import Endpoint, Here, Reader, reading, writing
from grader.service.web.pages import as_html
from grader.service.web.sessions import instructor
from grader.service.work.pushes import queue_pushes

WORDS = {
    "location": "where the first mistake is",
    "hint": "also what kind of mistake it is",
    "rule": "also the chain rule of the step",
    "fix": "also the corrected line",
    "values": "everything, with the right values",
}
"""What each reveal level shows."""

EXAMINED = 30
"""How many texts somebody may have examined per minute."""

BEGINNING = """\
exercise: my-exercise
title: One tanh step
text: |
  Derive $\\\\partial y / \\\\partial w$ by hand.
given:
  x: 0.5
  w: 1.7
forward: |
  h = w * x
  y = tanh(h)
steps:
  dy_dh: d(y)/d(h)
  dy_dw: d(y)/d(w)
"""
"""The exercise that the editor begins with."""


def routes(base: str, assignment: str) -> list[Route]:
    return [
        Route(f"{base}/add", reading(add_page)),
        Route(f"{base}/add", _examining(add, add_page), methods=["POST"]),
        Route(f"{base}/check", _examining(None, findings), methods=["POST"]),
        Route(f"{assignment}/settings", reading(settings_page)),
        Route(f"{assignment}/settings", writing(change_settings, settings_page), methods=["POST"]),
        Route(f"{assignment}/exercise", reading(exercise_page)),
        Route(f"{assignment}/exercise", _examining(change_exercise, exercise_page), methods=["POST"]),
        Route(f"{assignment}/archive", writing(archive, settings_page), methods=["POST"]),
    ]


def _examining(change: Reader | None, show: Callable[..., Response]) -> Endpoint:
    """An endpoint that examines the text of an exercise, which takes a second, and only then opens the database. If
    nothing is to be stored (`action` is `check`, or `change` is None), it shows what was found."""

    def endpoint(request: Request) -> Response:
        who = instructor(request)
        sent = form(request)
        text = sent.get("yaml").replace("\r\n", "\n")
        if not sent.get("name"):
            if not service(request).limits.allows(("examine", who.user_id), EXAMINED):
                raise HTTPException(429, "That were many checks within a minute. Wait a moment.")
            request.state.examined = exercises.checked(text)
        if change is None or sent.get("action") == "check":
            return reading(show)(request)
        return writing(change, show)(request)

    return endpoint


def _examined(here: Here) -> Checked | None:
    found: Checked | None = getattr(here.request.state, "examined", None)
    return found


def add_page(here: Here, problem: str | None = None) -> Response:
    """The collection, and an editor. `from`: an exercise of the collection to begin with."""
    name = here.request.query_params.get("from", "")
    typed = here.form.get("yaml")
    text = typed or (exercises.text_of(name) if name in {one.name for one in exercises.offered()} else "")
    found = _examined(here) or (exercises.checked(text) if text else None)
    return here.page(
        "instructor_add.html",
        problem,
        offered=exercises.offered(),
        there=assignments.names(here.session, here.course),
        text=text or BEGINNING.replace("\\\\", "\\"),
        begun=bool(text),
        **_preview(found),
    )


def add(here: Here) -> Response:
    name = here.form.get("name")
    text = exercises.text_of(name) if name else here.form.get("yaml").replace("\r\n", "\n")
    found = _examined(here) or exercises.read(text)
    made = assignments.added(here.session, here.actor, text, found)
    return here.back(f"/assignments/{made.id}/settings", "added")


def findings(here: Here) -> Response:
    """What examining a text finds, as a part of a page: for the script of the editor."""
    return here.page("instructor_findings.html", **_preview(_examined(here)))


def _preview(found: Checked | None) -> dict[str, Any]:
    exercise = None if found is None else found.exercise
    return {
        "checked": found,
        "exercise": exercise,
        "text_shown": "" if exercise is None else as_html(exercise.text),
    }


def settings_page(here: Here, problem: str | None = None) -> Response:
    """Dates, attempts, reveal and late policy."""
    assignment = here.assignment
    typed = here.fields()
    read = assignments.read_settings(typed) if problem else None
    return here.page(
        "instructor_settings.html",
        problem,
        assignment=assignment,
        address=f"{here.base}/assignments/{assignment.id}",
        values=typed if problem else shown_settings(assignment),
        faults=defaultdict(str, {} if read is None else read.faults),
        titles=assignments.TITLES,
        levels=[(level, WORDS[level]) for level in REVEAL_LEVELS],
        number=assignments.handed_in(here.session, assignment),
    )


def shown_settings(assignment: object) -> dict[str, str]:
    """The settings as the form shows them, times in UTC."""
    shown = {"zone": "UTC"}
    for name in assignments.TITLES:
        value = getattr(assignment, name)
        if name in assignments.DATES:
            shown[name] = "" if value is None else value.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M")
        elif isinstance(value, float):
            shown[name] = f"{value:g}"
        else:
            shown[name] = "" if value is None else str(value)
    return shown


def change_settings(here: Here) -> Response:
    assignment = here.assignment
    read = assignments.read_settings(here.fields())
    if read.faults:
        raise UsageError("Some fields make no sense yet: nothing was stored.")
    said = assignments.settings_changed(here.session, here.actor, assignment, read.values)
    if said:
        queue_pushes(here.session, assignment, here.actor.now)
    return here.back(f"/assignments/{assignment.id}/settings", "settings" if said else "unchanged")


def exercise_page(here: Here, problem: str | None = None) -> Response:
    """The exercise as YAML, with what examining it finds."""
    assignment = here.assignment
    typed = here.form.get("yaml").replace("\r\n", "\n")
    return here.page(
        "instructor_exercise.html",
        problem,
        assignment=assignment,
        address=f"{here.base}/assignments/{assignment.id}",
        text=typed or assignment.exercise,
        number=assignments.handed_in(here.session, assignment),
        **_preview(_examined(here) or exercises.read(assignment.exercise)),
    )


def change_exercise(here: Here) -> Response:
    assignment = here.assignment
    text = here.form.get("yaml").replace("\r\n", "\n")
    found = _examined(here) or exercises.read(text)
    made = assignments.exercise_changed(here.session, here.actor, assignment, text, found)
    if made is not None:
        return here.back(f"/regrades/{made.id}", "regrade")
    return here.back(f"/assignments/{assignment.id}/exercise", "exercise")


def archive(here: Here) -> Response:
    """Archive the assignment, or put it back: the form says which, so that one that is sent twice does it once."""
    if here.form.get("back"):
        assignments.restored(here.session, here.actor, here.assignment)
        return here.back("", "restored")
    assignments.archived(here.session, here.actor, here.assignment)
    return here.back("", f"archived&undo={here.assignment.id}")
