"""What every endpoint needs: the settings, the database, the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker
from starlette.requests import HTTPConnection

from grader.service import clock
from grader.service.settings import Settings
from grader.service.web.rate_limits import RateLimits


@dataclass(frozen=True, slots=True)
class Service:
    """`sessions` makes sessions of the database; `limits` counts what people do; `wake` is called when something has
    been queued, and committed."""

    settings: Settings
    sessions: sessionmaker[Session]
    limits: RateLimits
    wake: Callable[[], None]

    def now(self) -> datetime:
        """The time, in UTC."""
        return clock.now()


def service(request: HTTPConnection) -> Service:
    """The service that a request was sent to."""
    found: Service = request.app.state.service
    return found
