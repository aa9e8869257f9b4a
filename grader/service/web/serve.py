"""The server: the database, the workers and the pages in one process, from its start to a graceful stop."""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from grader.errors import EnvironmentProblem
from grader.service.lti.tool import Tool, tool
from grader.service.platform_calls import roster_of, sender
from grader.service.settings import Settings
from grader.service.store.database import opened, sessions
from grader.service.store.migrate import upgrade
from grader.service.teaching.exercise_check import offered
from grader.service.web import account_routes, instructor_routes, lti_routes, operator_routes, student_routes
from grader.service.web.app import application
from grader.service.web.instructor_class import compute_ahead
from grader.service.web.pages import compile_pages
from grader.service.work.background import Background

STOPPING = 8
"""Seconds for requests that are being answered when the server is stopped."""


@dataclass(frozen=True, slots=True)
class Running:
    """What a server consists of."""

    engine: Engine
    background: Background
    app: Starlette


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
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
            yield Running(engine, background, app)
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
        instructor_routes.routes(roster_of(of, sessions(engine))),
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


def serve(settings: Settings, at: socket.socket, ready: Callable[[Running], None]) -> None:
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
