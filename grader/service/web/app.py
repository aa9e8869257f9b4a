"""The web application: routes of all parts, behind what guards every request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.service.settings import Settings
from grader.service.store.database import sessions
from grader.service.web import static
from grader.service.web.context import RateLimits, Service
from grader.service.web.forms import FormGuard
from grader.service.web.logs import RequestLog
from grader.service.web.pages import error_page
from grader.service.web.security import SecurityHeaders


def application(
    settings: Settings,
    engine: Engine,
    routes: Sequence[Sequence[BaseRoute]],
    wake: Callable[[], None] = lambda: None,
) -> Starlette:
    """The application with the routes of its parts (`student_routes.routes()` and alike), which are asked in order.
    `wake` tells the workers of this process that something has been queued."""
    app = Starlette(
        routes=[*static.routes(), *(route for part in routes for route in part)],
        middleware=[
            Middleware(RequestLog),
            Middleware(SecurityHeaders, https=settings.url.startswith("https:")),
            Middleware(Faults),
            Middleware(FormGuard, settings=settings),
        ],
        exception_handlers={HTTPException: _told},
    )
    app.state.service = Service(settings, sessions(engine), RateLimits(), wake)
    return app


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # Starlette puts the name of the status where nothing was said.
    said = None if error.detail == HTTPException(error.status_code).detail else error.detail
    response = error_page(request, error.status_code, said)
    response.headers.update(error.headers or {})
    return response


class Faults:
    """Answers with a page where an endpoint raises: the traceback is logged, and nothing of it is shown."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def seen(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, seen)
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            logging.getLogger("grader.service").exception("a page failed")
            await error_page(Request(scope), 500)(scope, receive, send)
