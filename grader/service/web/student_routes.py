"""The pages of students: their assignments, an assignment, an attempt with its report and hints, and how grading it
gets on, told as it happens (server-sent events)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from grader.errors import GraderError, UsageError
from grader.exercise.types import Exercise
from grader.html import report
from grader.model import Result, StepResult
from grader.report.hints import PaidHint
from grader.report.places import place
from grader.service.attempts import (
    AttemptProgress,
    NotTaken,
    Rules,
    attempt_lines,
    file_name,
    handed_in,
    offers,
    outcome_of,
    own_attempt,
    progress_of,
    result_of,
    rules_of,
    take,
    taken_hints,
)
from grader.service.exercises import Form, only_given, own_exercise, reference_of, starter_code, starter_file
from grader.service.scores import standing
from grader.service.store.tables import Assignment, Attempt
from grader.service.web.context import Service, service
from grader.service.web.forms import form
from grader.service.web.pages import as_html, page
from grader.service.web.sessions import SignedIn, signed_in
from grader.service.work.pushes import queue_push
from grader.service.work.queue import TooManyWaiting

UPLOADS = 20
"""How many files somebody may hand in per minute."""

STREAM_SECONDS = 55.0
"""Seconds after which a stream ends; the browser asks again."""

MAX_STREAMS = 3
"""Streams of one user at a time: each is a connection."""

_open: dict[int, int] = {}


def routes() -> list[Route]:
    base = "/courses/{course:int}/assignments/{assignment:int}"
    attempt = f"{base}/attempts/{{number:int}}"
    return [
        Route("/courses/{course:int}", course),
        Route(base, assignment),
        Route(f"{base}/starter.{{form:str}}", starter),
        Route(f"{base}/attempts", hand_in, methods=["POST"]),
        Route(attempt, shown_attempt),
        Route(f"{attempt}/file", own_file),
        Route(f"{attempt}/events", events),
        Route(f"{attempt}/hints", take_hint, methods=["POST"]),
    ]


def course(request: Request) -> Response:
    """The assignments of a course."""
    who = signed_in(request)
    if who.teaches:
        return RedirectResponse(f"/courses/{who.course_id}/teach", 303)
    here = service(request)
    with here.sessions() as session:
        found = session.scalars(
            select(Assignment)
            .where(Assignment.course_id == who.course_id, Assignment.archived_at.is_(None))
            .order_by(Assignment.due_at.is_(None), Assignment.due_at, Assignment.id)
        ).all()
        lines = [
            {
                "assignment": one,
                "rules": rules_of(session, one, _exercise(one, who.user_id), who.user_id, here.now()),
                "standing": standing(session, one, who.user_id),
            }
            for one in found
        ]
    return page(request, "course.html", lines=lines)


def assignment(request: Request) -> Response:
    """An assignment: its text, its starter, the upload and the editor, the attempts."""
    with service(request).sessions() as session:
        return _assignment_page(request, session)


def _assignment_page(request: Request, session: Session, refused: str | None = None, typed: str = "") -> Response:
    who = signed_in(request)
    found = _assignment(session, request, who)
    exercise = _exercise(found, who.user_id)
    now = service(request).now()
    rules = rules_of(session, found, exercise, who.user_id, now)
    lines = attempt_lines(session, found, who.user_id)
    given = _starter_text(exercise)
    start, marks = given, "[]"
    latest = own_attempt(session, found, who.user_id, lines[0].number) if lines else None
    if latest is not None and not latest.file.endswith(".ipynb"):
        start = latest.content.decode("utf-8", "replace")
        marks = _marks(session, latest, rules)
    return page(
        request,
        "assignment.html",
        400 if refused else 200,
        assignment=found,
        exercise=exercise,
        text=as_html(exercise.text),
        rules=rules,
        standing=standing(session, found, who.user_id),
        lines=lines,
        **_graph(exercise),
        starter_text=given,
        start=typed or start,
        marks="[]" if typed else marks,
        refused=refused,
        limit=service(request).settings.upload_limit,
        costs=[(level, cost) for level, cost in exercise.policy.hint_costs if cost > 0],
    )


def starter(request: Request) -> Response:
    """The starter as a file."""
    who = signed_in(request)
    form = request.path_params["form"]
    if form not in ("py", "ipynb"):
        raise HTTPException(404)
    with service(request).sessions() as session:
        found = _assignment(session, request, who)
        exercise = _exercise(found, who.user_id)
        rules = rules_of(session, found, exercise, who.user_id, service(request).now())
    if rules.state == "soon" and not who.teaches:
        raise HTTPException(403, "This assignment is not open yet.")
    kind: Form = form
    name, content = starter_file(exercise, kind)
    return _download(name, content)


def hand_in(request: Request) -> Response:
    """Take a file, or what was written in the editor, as the next attempt."""
    who = signed_in(request)
    here = service(request)
    sent = form(request)
    upload = sent.files.get("file")
    if upload is not None and (upload.name or upload.content):
        file = upload.name or "submission.py", upload.content
    else:
        file = file_name(sent.get("name") or "submission.py"), sent.get("code").replace("\r\n", "\n").encode()
    if not here.limits.allows(("upload", who.user_id), UPLOADS):
        raise HTTPException(429, "That were many files within a minute. Wait a moment, then hand in again.")
    try:
        number = _stored(request, who, file)
    except (NotTaken, TooManyWaiting) as refused:
        with here.sessions() as session:
            typed = "" if upload is not None and upload.name else sent.get("code")
            return _assignment_page(request, session, str(refused), typed)
    here.wake()
    return RedirectResponse(f"{_address(request)}/attempts/{number}", 303)


def _stored(request: Request, who: SignedIn, file: tuple[str, bytes]) -> int:
    here = service(request)
    for last_time in (False, True):
        try:
            with here.sessions.begin() as session:
                found = _assignment(session, request, who)
                rules = rules_of(session, found, _exercise(found, who.user_id), who.user_id, here.now())
                return handed_in(session, found, rules, who.user_id, file, here.now()).number
        except IntegrityError:  # two at once: the other one has the number
            if last_time:
                raise
    raise AssertionError


def shown_attempt(request: Request) -> Response:
    """The report of an attempt, or how far grading has got."""
    who = signed_in(request)
    here = service(request)
    with here.sessions() as session:
        found = _assignment(session, request, who)
        attempt = _attempt(session, request, found, who)
        outcome = outcome_of(session, attempt)
        if outcome is None:
            progress = progress_of(session, attempt.id)
            return page(request, "waiting.html", assignment=found, attempt=attempt, progress=progress)
        exercise = _exercise(found, who.user_id)
        rules = rules_of(session, found, exercise, who.user_id, here.now())
        lines = attempt_lines(session, found, who.user_id)
        own = standing(session, found, who.user_id)
        taken = taken_hints(session, found, who.user_id)
    line = next(one for one in lines if one.number == attempt.number)
    common: dict[str, Any] = {"assignment": found, "attempt": attempt, "line": line, "standing": own, "rules": rules,
              "latest": lines[0].number, "outcome": outcome}  # fmt: skip
    result = result_of(attempt, outcome)
    if result is None:
        return page(request, "ungraded.html", **common)
    content: dict[str, Any] = report.content(
        replace(result, reveal=rules.free), exercise, reference_of(exercise, found)
    )
    hints = offers(result, exercise.policy, rules, taken) if attempt.number == lines[0].number else []
    return page(request, "attempt.html", **{**content, **common}, hints=hints, taken=_paid(taken))


def own_file(request: Request) -> Response:
    """The file of an attempt, as it was handed in. It is never shown as a page."""
    who = signed_in(request)
    with service(request).sessions() as session:
        attempt = _attempt(session, request, _assignment(session, request, who), who)
    return _download(attempt.file, attempt.content)


def take_hint(request: Request) -> Response:
    """Take the next hint for a step, at the price that was shown."""
    who = signed_in(request)
    here = service(request)
    step = form(request).get("step")
    with here.sessions.begin() as session:
        found = _assignment(session, request, who)
        attempt = _attempt(session, request, found, who)
        outcome = outcome_of(session, attempt)
        result = None if outcome is None else result_of(attempt, outcome)
        exercise = _exercise(found, who.user_id)
        rules = rules_of(session, found, exercise, who.user_id, here.now())
        taken = taken_hints(session, found, who.user_id)
        made = [] if result is None else offers(result, exercise.policy, rules, taken)
        offer = next((one for one in made if one.step == step), None)
        # The level is sent along, so that a form that was sent twice pays for one hint.
        if offer is not None and offer.level is not None and offer.level == form(request).get("level"):
            take(session, found, who.user_id, offer, here.now())
            queue_push(session, found, who.user_id, here.now())
    return RedirectResponse(f"{_address(request)}/attempts/{attempt.number}#hints", 303)


def _assignment(session: Session, request: Request, who: SignedIn) -> Assignment:
    found = session.scalar(
        select(Assignment).where(
            Assignment.id == request.path_params["assignment"], Assignment.course_id == who.course_id
        )
    )
    if found is None or (found.archived_at is not None and not who.teaches):
        raise HTTPException(404)
    return found


def _attempt(session: Session, request: Request, of: Assignment, who: SignedIn) -> Attempt:
    found = own_attempt(session, of, who.user_id, request.path_params["number"])
    if found is None:
        raise HTTPException(404)
    return found


def _exercise(of: Assignment, user_id: int) -> Exercise:
    try:
        return own_exercise(of, user_id)
    except GraderError as error:
        raise HTTPException(503, "This exercise cannot be shown now. Tell your instructor.") from error


def _address(request: Request) -> str:
    return f"/courses/{request.path_params['course']}/assignments/{request.path_params['assignment']}"


def _download(name: str, content: bytes) -> Response:
    # Always saved, never shown: it is the student's file, and may hold anything.
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _starter_text(exercise: Exercise) -> str:
    try:
        return starter_code(exercise)
    except UsageError:  # the program cannot be written in the author's library
        return ""


def _graph(exercise: Exercise) -> dict[str, object]:
    """What the drawing of the program needs."""
    content = report.content(_nothing_yet(exercise), exercise, only_given(exercise))
    return {name: content[name] for name in ("drawings", "nodes", "words")}


def _nothing_yet(exercise: Exercise) -> Result:
    """A result in which no step is there yet, for the graph beside the text."""
    steps = tuple(StepResult(one.name, one.text, "missing", max_points=one.points) for one in exercise.steps)
    return Result(
        exercise.id, exercise.title, "", None, None, exercise.points, False, None, steps, (), (), (), "process",
        "location", 0.0, (), output=exercise.output,
    )  # fmt: skip


def _marks(session: Session, attempt: Attempt, rules: Rules) -> str:
    """JSON for the editor: where the last attempt is wrong, as far as its report says so."""
    outcome = outcome_of(session, attempt)
    result = None if outcome is None else result_of(attempt, outcome)
    if result is None:
        return "[]"
    shown = replace(result, reveal=rules.free)
    told = [
        {
            "line": one.where.line,
            "column": one.where.column,
            "end_line": one.where.end_line,
            "end_column": one.where.end_column,
            "message": _told(shown, one),
        }
        for one in (*shown.forward, *shown.steps)
        if one.outcome == "wrong"
        and one.where is not None
        and (one.where.file, one.where.cell) == (shown.submission, None)
    ]
    return json.dumps(told)


def _told(result: Result, one: StepResult) -> str:
    if one.diagnosis is not None and result.shows_message(one.diagnosis):
        return f"{one.name}: {one.diagnosis.message}"
    return f"{one.name} is wrong" + ("" if one.where is None else f" ({place(one.where)})")


def _paid(taken: list[PaidHint]) -> float:
    return sum(one.cost for one in taken)


async def events(request: Request) -> Response:
    """A stream of `progress` events, until the attempt is graded."""
    user, attempt = await run_in_threadpool(_watched, request)
    if _open.get(user, 0) >= MAX_STREAMS:
        raise HTTPException(429, "Too many pages wait for results. Close some.")
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(service(request), user, attempt), media_type="text/event-stream", headers=headers)


def _watched(request: Request) -> tuple[int, int]:
    who = signed_in(request)
    with service(request).sessions() as session:
        found = session.get(Assignment, request.path_params["assignment"])
        if found is None or found.course_id != who.course_id:
            raise HTTPException(404)
        attempt = own_attempt(session, found, who.user_id, request.path_params["number"])
        if attempt is None:
            raise HTTPException(404)
        return who.user_id, attempt.id


async def _stream(here: Service, user: int, attempt: int) -> AsyncIterator[str]:
    _open[user] = _open.get(user, 0) + 1
    try:
        told: AttemptProgress | None = None
        began = asyncio.get_running_loop().time()
        while (age := asyncio.get_running_loop().time() - began) < STREAM_SECONDS:
            now = await run_in_threadpool(_progress, here, attempt)
            if now != told:
                told = now
                yield f"event: progress\ndata: {json.dumps({'phase': now.phase, 'ahead': now.ahead})}\n\n"
            if now.phase == "done":
                return
            await asyncio.sleep(0.1 if age < 2 else 0.5 if age < 10 else 1.5)
    finally:
        _open[user] -= 1
        if not _open[user]:
            del _open[user]


def _progress(here: Service, attempt: int) -> AttemptProgress:
    with here.sessions() as session:
        return progress_of(session, attempt)
