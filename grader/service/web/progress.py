"""How grading an attempt gets on, told as it happens (server-sent events)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from grader.service.learning.attempts import AttemptProgress, own_attempt, progress_of
from grader.service.store.tables import Assignment
from grader.service.web.context import Service, service
from grader.service.web.sessions import signed_in

LONGEST = 55.0
"""Seconds after which a stream ends; the browser asks again."""

OPEN = 3
"""Streams of one user at a time: each is a connection."""

_open: dict[int, int] = {}


async def events(request: Request) -> Response:
    """A stream of `progress` events, until the attempt is graded."""
    user, attempt = await run_in_threadpool(_attempt, request)
    if _open.get(user, 0) >= OPEN:
        raise HTTPException(429, "Too many pages wait for results. Close some.")
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(service(request), user, attempt), media_type="text/event-stream", headers=headers)


def _attempt(request: Request) -> tuple[int, int]:
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
        while (age := asyncio.get_running_loop().time() - began) < LONGEST:
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
