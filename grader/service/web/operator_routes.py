"""Health and metrics, for the operator. Requests that came through a proxy get no details.

Health says whether the server can do its work. Monitoring asks for it, and so does an operator who looks for a fault.
"""

from __future__ import annotations

import ipaddress
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from grader.service.clock import now
from grader.service.settings import Settings
from grader.service.store.database import out_of_date, sessions
from grader.service.work.background import Background
from grader.service.work.metrics import CONTENT_TYPE, oldest_wait

LONGEST_WAIT = 300.0
"""Seconds that a job may wait before the server is said to be behind."""

LEAST_SPACE = 200 * 2**20
"""Bytes that have to be free."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of health: `words` say what is wrong, or what was seen."""

    name: str
    well: bool
    words: str


def signs(engine: Engine, background: Background, data: Path, now: datetime) -> Iterator[Sign]:
    """Every sign; with the database away there are none about the queue."""
    try:
        problem = out_of_date(engine)
        yield Sign("database", not problem, problem or "answers")
        with Session(engine) as session:
            waits = oldest_wait(session, now)
        yield Sign("queue", waits < LONGEST_WAIT, f"the oldest job has waited {waits:.0f} s")
    except DBAPIError as error:
        yield Sign("database", False, f"does not answer ({type(error.orig).__name__})")
    yield Sign("threads", background.alive, "all live" if background.alive else "some have ended: start it again")
    free = shutil.disk_usage(data).free
    yield Sign("disk", free > LEAST_SPACE, f"{free // 2**20} MiB are free")


FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers by which a request that came through a proxy is known."""


def routes(settings: Settings, engine: Engine, background: Background) -> Sequence[BaseRoute]:
    """`/health/live` and `/health/ready` for everyone; reasons, and `/metrics`, for this machine and its network."""

    def live(_: Request) -> Response:
        return PlainTextResponse("alive\n")

    def ready(request: Request) -> Response:
        found = list(signs(engine, background, settings.data, now()))
        well = all(sign.well for sign in found)
        told = {sign.name: sign.words for sign in found} if _is_near(request) else {}
        return JSONResponse({"ready": well, **told}, 200 if well else 503)

    def metrics(request: Request) -> Response:
        if not _is_near(request):
            raise HTTPException(404)
        with sessions(engine)() as session:
            return Response(background.metrics.exposition(session, now()), media_type=CONTENT_TYPE)

    return (Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics))


def _is_near(request: Request) -> bool:
    """Whether the request comes from this machine or a private network, and through no proxy."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
