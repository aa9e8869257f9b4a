"""How often something may be done: counted in this process, forgotten when it ends."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

KEPT = 10_000
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
            if len(self._times) > KEPT:
                self._times = {one: kept for one, kept in self._times.items() if kept and now - kept[-1] < 3600}
            done = self._times.setdefault(key, deque())
            while done and now - done[0] >= seconds:
                done.popleft()
            if len(done) >= times:
                return False
            done.append(now)
            return True
