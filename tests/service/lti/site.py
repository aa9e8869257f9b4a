"""The service in memory beside a platform in memory, which reach each other without a network."""

from __future__ import annotations

import atexit
import sqlite3
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool
from starlette.applications import Starlette
from starlette.testclient import TestClient

from grader.service.lti.outbound import Outbound
from grader.service.lti.registration import Details, stored
from grader.service.lti.tool import Client, Tool, client, tool
from grader.service.store.tables import Course, User, WebSession
from grader.service.web.lti_routes import routes
from grader.service.web.serve import application
from tests.service.platform_simulator.platform import Kind, Platform
from tests.service.platform_simulator.visitor import Visitor
from tests.service.web.site import engine, maker, settings

TOOL = "https://tool.example"
PLATFORM = "https://lms.school.example"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@cache
def _empty() -> bytes:
    """A database with all tables: making them takes longer than most tests."""
    with engine().connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        return raw.serialize()


def _engine() -> Engine:
    def connected() -> sqlite3.Connection:
        made = sqlite3.connect(":memory:", check_same_thread=False)
        made.deserialize(_empty())
        return made

    return create_engine("sqlite://", poolclass=StaticPool, creator=connected)


_PORTALS = ExitStack()
atexit.register(_PORTALS.close)


@cache
def _portal() -> BlockingPortal:
    """One event loop for all requests: Starlette's client would start a thread for each."""
    return _PORTALS.enter_context(start_blocking_portal())


def browser(app: Starlette, url: str) -> TestClient:
    """A browser that knows the application and follows no redirects."""
    made = TestClient(app, url, follow_redirects=False)
    made.portal = _portal()
    return made


class Both:
    """The two sides. `tool_client` is a browser that only knows the tool."""

    def __init__(self, kind: Kind = "moodle", url: str = TOOL) -> None:
        self.settings = settings(url=url, registration="let-me-in")
        self.engine = _engine()
        self.sessions: sessionmaker[Session] = maker(self.engine)
        self.platform = Platform(PLATFORM, url, self._tool_keys, kind)
        self.outbound = Outbound("public", lambda host, port: ["93.184.216.34"], httpx.MockTransport(self._to_platform))
        self.tool: Tool = tool(self.settings, self.outbound)
        self.app: Starlette = application(self.settings, self.engine, [routes(self.tool)])
        self.tool_client = browser(self.app, url)

    def register(self, **changed: object) -> int:
        """Register the platform here; return its row's id."""
        values: dict[str, object] = {
            "issuer": self.platform.issuer, "client_id": self.platform.client_id, "auth_url": f"{PLATFORM}/auth",
            "token_url": f"{PLATFORM}/token", "jwks_url": f"{PLATFORM}/jwks", "name": "School",
            "product": self.platform.kind, "deployments": (self.platform.deployment_id,),
        }  # fmt: skip
        with self.sessions.begin() as session:
            return stored(session, Details(**(values | changed)), NOW).id  # type: ignore[arg-type]

    def client(self, platform_id: int = 1) -> Client:
        with self.sessions.begin() as session:
            return client(session, self.tool, platform_id, datetime.now(UTC))

    def begin(self, user: str = "3", link: str = "1") -> tuple[dict[str, str], dict[str, str]]:
        """Begin a login; return what was asked of the platform, and the form with which a launch would come back."""
        answer = self.tool_client.get("/lti/login", params=self.platform.initiation(user, link))
        assert answer.status_code == 302, answer.text
        asked = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
        return asked, {"id_token": self.platform.id_token(user, link, asked["nonce"]), "state": asked["state"]}

    def launch(self, user: str = "3", link: str = "1", **changed: str) -> Any:
        """Begin a login and bring its launch, with `changed` in its form."""
        _, form = self.begin(user, link)
        return self.tool_client.post("/lti/launch", data=form | changed)

    def stored(self) -> int:
        """How many people and courses have been stored."""
        with self.sessions() as session:
            return sum(session.scalar(select(func.count()).select_from(one)) or 0 for one in (User, Course, WebSession))

    def visitor(self) -> Visitor:
        """A browser that knows both sides."""
        return Visitor(httpx.Client(transport=httpx.MockTransport(self._to_either)))

    def _to_either(self, request: httpx.Request) -> httpx.Response:
        if str(request.url).startswith(PLATFORM):
            return self._to_platform(request)
        sent = [(name, value) for name, value in request.headers.items() if name not in ("host", "cookie")]
        bare = browser(self.app, self.settings.url)
        cookie = {"cookie": request.headers["cookie"]} if "cookie" in request.headers else {}
        answer = bare.request(
            request.method, str(request.url), content=request.content, headers=dict(sent) | cookie
        )  # fmt: skip
        return httpx.Response(answer.status_code, headers=answer.headers.multi_items(), content=answer.content)

    def _to_platform(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        found = self.platform.handle(request.method, request.url.raw_path.decode(), headers, request.content)
        return httpx.Response(found.status, headers=dict(found.headers), stream=httpx.ByteStream(found.body))

    def _tool_keys(self, url: str) -> bytes:
        return self.tool_client.get(url).content
