"""What every endpoint needs: the settings, the database, the time, and how often something may be done (counted in this
process, forgotten when it ends).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session, sessionmaker
from starlette.requests import HTTPConnection

from grader.service.settings import Settings
from grader.service.store import tables

MAX_KEYS = 10_000
"""For how many keys times are kept; beyond that, the ones that have run out are dropped."""


class RateLimits:
    """Counts what was done per key, such as `("login", address)`, within the last `seconds`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[tuple[object, ...], deque[float]] = {}
        self._lock = Lock()

    def allows(self, key: tuple[object, ...], times: int, seconds: float = 60.0) -> bool:
        """Whether it may be done now, at most `times` within `seconds`; if so, it is counted."""
        now = self._clock()
        with self._lock:
            if len(self._times) > MAX_KEYS:
                self._times = {one: kept for one, kept in self._times.items() if kept and now - kept[-1] < 3600}
            done = self._times.setdefault(key, deque())
            while done and now - done[0] >= seconds:
                done.popleft()
            if len(done) >= times:
                return False
            done.append(now)
            return True


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
        return tables.now()


def service(request: HTTPConnection) -> Service:
    """The service that a request was sent to."""
    found: Service = request.app.state.service
    return found
