"""For the operator: health and metrics as pages, and `grader serve --check`, which tells what a server needs and what
of it is missing.

Health says whether the server can do its work. Monitoring asks for it, and so does an operator who looks for a fault.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from grader.batch.isolation import isolation_for
from grader.errors import GraderError
from grader.service.monitoring import CONTENT_TYPE, oldest_wait
from grader.service.settings import Settings
from grader.service.store.database import opened, out_of_date, sessions
from grader.service.store.tables import now
from grader.service.work.background import Background

LONGEST_WAIT = 300.0
"""Seconds that a job may wait before the server is said to be behind."""

LEAST_SPACE = 200 * 2**20
"""Bytes that have to be free."""


FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers by which a request that came through a proxy is known."""

State = Literal["ok", "warning", "missing"]

LEAST_SECRET = 32

LOOPBACK = ("127.0.0.1", "localhost", "::1")


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


@dataclass(frozen=True, slots=True)
class Health:
    """What was found about one need, in words, with what to do if it is not met."""

    what: str
    state: State
    words: str


def findings(settings: Settings) -> Iterator[Health]:
    """Every need, one after the other."""
    yield _https(settings)
    yield _secret(settings)
    yield _data(settings)
    yield _database(settings)
    yield _isolation(settings)
    yield _clock(settings)


def _https(settings: Settings) -> Health:
    parts = urlsplit(settings.url)
    if parts.scheme == "https":
        return Health("https", "ok", f"pages are at {settings.url}")
    if parts.hostname in LOOPBACK:
        return Health("https", "warning", f"{settings.url} can be reached from this machine only: fine to try it out")
    return Health("https", "missing", f"{settings.url} is not encrypted: put the server behind nginx or Caddy, and "
                   "set --url to the https address (`grader docs serve`)")  # fmt: skip


def _secret(settings: Settings) -> Health:
    if len(settings.secret) < LEAST_SECRET:
        return Health("secret", "missing", f"the secret has {len(settings.secret)} characters, {LEAST_SECRET} are "
                       "needed: write some from `openssl rand -hex 32` into the file that GRADER_SERVE_SECRET_FILE "
                       "names")  # fmt: skip
    return Health("secret", "ok", "long enough")


def _data(settings: Settings) -> Health:
    if not os.access(settings.data, os.W_OK):
        return Health("data", "missing", f"{settings.data} cannot be written: choose another folder with --data")
    mode = settings.data.stat().st_mode
    if mode & 0o077:
        return Health("data", "warning", f"others may look into {settings.data}: chmod 700 {settings.data}")
    return Health("data", "ok", f"{settings.data} is ours alone")


def _database(settings: Settings) -> Health:
    try:
        engine = opened(settings.database)
    except GraderError as error:
        return Health("database", "missing", str(error))
    try:
        shown = engine.url.render_as_string(hide_password=True)
        with engine.connect() as connection:
            if (why := out_of_date(engine)) and inspect(connection).get_table_names():
                return Health("database", "missing", why)
            if engine.dialect.name == "sqlite":
                return Health("database", "ok", shown)
            there = connection.execute(text("select now()")).scalar_one()
        apart = abs((there - datetime.now(UTC)).total_seconds())
        if apart > 5:
            return Health("database", "warning", f"its clock and ours are {apart:.0f} s apart: leases and due dates "
                           "need one time, as NTP gives it")  # fmt: skip
        return Health("database", "ok", shown)
    finally:
        engine.dispose()


def _isolation(settings: Settings) -> Health:
    if settings.isolation == "process":
        return Health("isolation", "missing", "students' code would run with the rights of this server: leave out "
                       "--isolation process")  # fmt: skip
    try:
        isolation_for(settings.isolation, False)
    except GraderError as error:
        return Health("isolation", "missing", str(error))
    if settings.isolation == "portable":
        return Health("isolation", "warning", "portable: weaker than strict (`grader docs security`)")
    return Health("isolation", "ok", settings.isolation)


def _clock(_: Settings, ask: Callable[[], str] | None = None) -> Health:
    synchronised = (ask or _timedatectl)().strip()
    if synchronised == "yes":
        return Health("clock", "ok", "synchronised")
    said = "not synchronised" if synchronised == "no" else "whether it is synchronised cannot be seen here"
    return Health("clock", "warning", f"{said}: launches of a platform fail if it is minutes off; run an NTP client")


def _timedatectl() -> str:
    try:
        asked = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
        return subprocess.run(asked, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
