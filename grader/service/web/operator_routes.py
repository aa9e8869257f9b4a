"""What is for the operator alone: health and metrics. Nothing that came through a proxy is answered with details."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from grader.service.clock import now
from grader.service.settings import Settings
from grader.service.store.database import sessions
from grader.service.work.background import Background
from grader.service.work.health import signs
from grader.service.work.metrics import CONTENT_TYPE

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
