"""Logs as lines of JSON, without secrets: what looks like a token is blanked wherever it stands."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = logging.getLogger("grader.service.requests")

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every record has; anything else was given as `extra`."""

_SECRETS = re.compile(
    r"eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?"  # a JSON Web Token
    r"|(?<=/enter/)[\w-]+"
    r"|(?i:bearer)\s+[\w.~+/=-]+"
    r"|(?i:(?<=[?&\s\"'])(?:csrf|password|secret|token|id_token|access_token|client_assertion|code|state|nonce)"
    r"[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;)}]+"
    r"|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"  # the password of a database URL
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.S,
)


def without_secrets(text: str) -> str:
    """The text with everything blanked that looks like a token, a password or a private key."""
    return _SECRETS.sub("[removed]", text)


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, what was added, and the traceback of a fault."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        for name, value in vars(record).items():
            if name not in _PLAIN and not name.startswith("_"):
                line[name] = value if isinstance(value, int | float | None) else without_secrets(str(value))
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def begin_logs(level: str) -> None:
    """Write logs of this level and above, of all libraries, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # They tell at `info` what our own lines tell: each request, and each statement.
    for name in ("httpx", "httpcore", "multipart", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class RequestLog:
    """Logs one line for each request: method, pattern, status, duration and the user's number. The address is logged as
    its pattern: it may hold a secret, such as a one-time link."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        state = scope.setdefault("state", {})

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            who = state.get("person")
            REQUESTS.info(
                "request",
                extra={
                    "method": scope["method"],
                    "route": getattr(scope.get("route"), "path", None),
                    "status": status,
                    "ms": round(1000 * (time.perf_counter() - began), 1),
                    "user": None if who is None else who.user_id,
                },
            )
