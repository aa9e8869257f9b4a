"""The server: the pages of all parts behind what guards every request, the database and the workers in one process,
from its start to a graceful stop."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.errors import EnvironmentProblem
from grader.service.exercises import offered
from grader.service.lti.tool import Tool, tool
from grader.service.monitoring import RequestLog
from grader.service.platform_calls import roster_of, sender
from grader.service.settings import Settings
from grader.service.store.database import opened, sessions, upgrade
from grader.service.web import (
    account_routes,
    instructor_assignments,
    instructor_class,
    instructor_course,
    instructor_scores,
    lti_routes,
    operator_routes,
    pages,
    student_routes,
)
from grader.service.web.context import RateLimits, Service
from grader.service.web.forms import FormGuard
from grader.service.web.instructor_class import compute_ahead
from grader.service.web.instructor_course import RosterSource
from grader.service.web.pages import compile_pages, error_page
from grader.service.web.security import SecurityHeaders
from grader.service.work.background import Background


def instructor_routes(roster: RosterSource | None = None) -> list[Route]:
    """All pages of those who teach a course. `roster` asks the platform of a course who is in it; None: no platform can
    be asked."""
    base = "/courses/{course:int}/teach"
    assignment = f"{base}/assignments/{{assignment:int}}"
    return [
        *instructor_course.routes(base, roster),
        *instructor_assignments.routes(base, assignment),
        *instructor_class.routes(assignment, f"{base}/attempts"),
        *instructor_scores.routes(base, assignment),
    ]


def application(
    settings: Settings,
    engine: Engine,
    routes: Sequence[Sequence[BaseRoute]],
    wake: Callable[[], None] = lambda: None,
) -> Starlette:
    """The application with the routes of its parts (`student_routes.routes()` and the like), which are asked in order.
    `wake` tells the workers of this process that something has been queued."""
    app = Starlette(
        routes=[*pages.file_routes(), *(route for part in routes for route in part)],
        middleware=[
            Middleware(RequestLog),
            Middleware(SecurityHeaders, https=settings.url.startswith("https:")),
            Middleware(FaultPages),
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


class FaultPages:
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
        except Exception:  # a bug of ours, or the database is away: the browser must get a page
            if scope["type"] != "http" or begun:
                raise
            logging.getLogger("grader.service").exception("a page failed")
            await error_page(Request(scope), 500)(scope, receive, send)


STOPPING = 8
"""Seconds for requests that are being answered when the server is stopped."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """What a server consists of."""

    engine: Engine
    background: Background
    app: Starlette


@contextmanager
def running(settings: Settings) -> Iterator[RunningServer]:
    """The database, opened and up to date, with workers that grade until the end of the context."""
    engine = opened(settings.database)
    try:
        upgrade(engine)
        lti = tool(settings)
        background = Background(settings, engine, sender(lti, sessions(engine)))
        background.start()
        try:
            of_operators = operator_routes.routes(settings, engine, background)
            app = application(settings, engine, (*parts(lti, engine), of_operators), background.wake)
            yield RunningServer(engine, background, app)
        finally:
            background.stop()
    finally:
        engine.dispose()


BACKLOG = 2048
"""Connections that may wait to be accepted, as many as uvicorn allows."""


def parts(of: Tool, engine: Engine) -> Sequence[Sequence[BaseRoute]]:
    """The routes of all parts that people and platforms use."""
    return (
        account_routes.routes(),
        instructor_routes(roster_of(of, sessions(engine))),
        student_routes.routes(),
        lti_routes.routes(of),
    )


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises `EnvironmentProblem`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(BACKLOG)  # before the address is told to anybody
    except OSError as error:
        made.close()
        raise EnvironmentProblem(
            f"{host}:{port} cannot be listened on: {error.strerror}. Choose another one with --port."
        ) from None
    made.set_inheritable(True)
    return made


def warm_up(app: Starlette) -> None:
    """Read the templates, the exercises and the latest classes now, so that nobody waits for them at the first page.

    Then exclude what has been read from garbage collection, and collect less often: the page of a class of 2,000 makes
    100,000 objects, and collecting in between would take as long as the page itself."""
    compile_pages()
    offered()
    compute_ahead(app)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def serve(settings: Settings, at: socket.socket, ready: Callable[[RunningServer], None]) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM): then what is being answered and graded is finished.
    `ready` is called once everything runs."""
    with running(settings) as server:
        config = uvicorn.Config(
            server.app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=STOPPING,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=64 * 1024,
        )
        warm_up(server.app)
        ready(server)
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[at])
