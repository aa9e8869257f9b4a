"""What monitoring reads: logs as lines of JSON, without secrets (what looks like a token is blanked wherever it
stands), and metrics for Prometheus, without names of students, files and courses."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grader.service.store.tables import Job, Push

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

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SECONDS_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

STATES = ("queued", "leased", "failed")
"""Of jobs and pushes, the states that are counted at each scrape: those of which there are few."""


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


class Metrics:
    """What this process counts, with the lengths of the queues, which it asks the database for at each scrape."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self.graded = Counter("grader_graded", "Files graded, by what came of it.", ["status"], registry=own)
        self.lost_leases = Counter("grader_lost_leases", "Results that came too late to count.", registry=own)
        self.host_deaths = Counter("grader_host_deaths", "Grading processes that ended at a file.", registry=own)
        self.sent = Counter("grader_scores_sent", "Answers of platforms to scores.", ["state"], registry=own)
        self.errors = Counter(
            "grader_worker_errors", "Errors of the database, or ours, in background work.", registry=own
        )
        self.waited = Histogram(
            "grader_waited_seconds", "From handing in to the result.", buckets=SECONDS_BUCKETS, registry=own
        )
        self.took = Histogram(
            "grader_grading_seconds", "What grading itself took.", buckets=SECONDS_BUCKETS, registry=own
        )
        self._jobs = Gauge("grader_jobs", "Jobs in the queue, by state.", ["state"], registry=own)
        self._pushes = Gauge("grader_pushes", "Scores on their way, by state.", ["state"], registry=own)
        self._oldest = Gauge(
            "grader_oldest_job_seconds", "How long the oldest unfinished job has waited.", registry=own
        )

    def exposition(self, session: Session, now: datetime) -> bytes:
        """Everything, as Prometheus reads it."""
        for gauge, table in ((self._jobs, Job), (self._pushes, Push)):
            counted = select(table.state, func.count()).where(table.state.in_(STATES)).group_by(table.state)
            found = {str(row[0]): int(row[1]) for row in session.execute(counted)}
            for state in STATES:
                gauge.labels(state).set(found.get(state, 0))
        self._oldest.set(oldest_wait(session, now))
        return generate_latest(self._registry)

    def values(self) -> Iterator[tuple[str, float]]:
        """Names with labels, and values; for tests and logs."""
        for metric in self._registry.collect():
            for sample in metric.samples:
                labels = ",".join(sample.labels.values())
                yield (f"{sample.name}{{{labels}}}" if labels else sample.name), sample.value


def oldest_wait(session: Session, now: datetime) -> float:
    """For how many seconds the oldest unfinished job has waited; 0 without one."""
    oldest = session.scalar(select(func.min(Job.queued_at)).where(Job.state.in_(("queued", "leased"))))
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
