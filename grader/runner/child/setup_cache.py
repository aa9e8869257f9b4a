"""What is run once and then left out: slow set-up, and what later runs need to know of it."""

from __future__ import annotations

import contextlib
import random
import sys
import time
from typing import Any, NamedTuple

try:
    import resource
except ImportError:  # where the system has no such thing
    resource = None  # type: ignore[assignment]

SLOW = 0.05
"""Seconds from which on a top-level statement is reported, and may be left out of later runs."""

_PLAIN = (bool, int, float)


class Clocks(NamedTuple):
    """Seconds of wall and of CPU time, and how often this process has waited for anything but a processor."""

    wall: float
    cpu: float
    waits: int

    @classmethod
    def now(cls) -> Clocks:
        waits = 0 if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
        return cls(time.perf_counter(), time.process_time(), waits)

    def since(self) -> float:
        """Seconds taken since then, pauses included. Those in which a busy machine had no processor to give are none
        of the statement's."""
        now = Clocks.now()
        wall = now.wall - self.wall
        paused = resource is None or now.waits > self.waits
        return wall if paused else min(wall, now.cpu - self.cpu)


class SetupCache:
    """What the first run left behind: random numbers go on as they did then, inputs keep the type they had, and what
    was raised is reported again. `slow` says whether there was any statement worth it."""

    def __init__(self) -> None:
        self.slow = False
        self._random: dict[tuple[int, int], tuple[Any, Any, Any]] = {}
        self._raised: dict[tuple[int, int], bytes] = {}
        self.worn: dict[int, Any] = {}
        """What inputs were bound to, by site, before they got the point's values."""

    def ended(self, cell: int, top: int, seconds: float, raised: bytes | None) -> bool:
        """A statement has been run. Whether it was slow."""
        self.slow = self.slow or seconds >= SLOW
        if self.slow:
            self._random[cell, top] = _random_numbers()
            if raised is not None:
                self._raised[cell, top] = raised
        return seconds >= SLOW

    def worn_like(self, site: int) -> Any:
        """Something of the type an input was bound to at this site; None where that is no plain number or array."""
        value = self.worn.get(site)
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if numpy is not None and isinstance(value, numpy.generic):
            return value
        kinds = (*_PLAIN, *((torch.Tensor,) if torch else ()), *((numpy.ndarray,) if numpy else ()))
        return value if type(value) in kinds else None

    def raised(self, cell: int, top: int) -> bytes | None:
        return self._raised.get((cell, top))

    def go_on(self, cell: int, top: int) -> None:
        """Random numbers go on as they did after this statement."""
        states = self._random.get((cell, top))
        if states is None:
            return
        with contextlib.suppress(Exception):
            random.setstate(states[0])
            if states[1] is not None:
                sys.modules["numpy"].random.set_state(states[1])
            if states[2] is not None:
                sys.modules["torch"].set_rng_state(states[2])


def _random_numbers() -> tuple[Any, Any, Any]:
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    states: list[Any] = [random.getstate(), None, None]
    with contextlib.suppress(Exception):
        states[1] = None if numpy is None else numpy.random.get_state()
        states[2] = None if torch is None else torch.get_rng_state()
    return states[0], states[1], states[2]
