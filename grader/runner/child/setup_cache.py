"""Slow set-up that is run once and then skipped, and what later runs need to know of it."""

from __future__ import annotations

import contextlib
import random
import sys
from typing import Any

SLOW_SECONDS = (0.05, 1.0)
"""Seconds of CPU time, or of wall time, from which a top-level statement is reported as slow, and may be skipped in
later runs. Wall time is for a statement that waits: on a busy machine every statement takes long by it."""

_PLAIN = (bool, int, float)


class SetupCache:
    """What the first run left behind: later runs continue with its random state, give inputs the types they had, and
    report its errors again. `slow` says whether there was any slow statement."""

    def __init__(self) -> None:
        self.slow = False
        self._random: dict[tuple[int, int], tuple[Any, Any, Any]] = {}
        self._raised: dict[tuple[int, int], bytes] = {}
        self.own_inputs: dict[int, Any] = {}
        """The values inputs were bound to, by site, before the values of the point replaced them."""

    def ended(self, cell: int, top: int, taken: tuple[float, float], raised: bytes | None) -> bool:
        """Record that a statement has been run and has `taken` seconds of CPU and wall time; returns if it was slow."""
        slow = any(one >= most for one, most in zip(taken, SLOW_SECONDS, strict=True))
        self.slow = self.slow or slow
        if self.slow:
            self._random[cell, top] = _random_numbers()
            if raised is not None:
                self._raised[cell, top] = raised
        return slow

    def own_input(self, site: int) -> Any:
        """A value of the type that an input was bound to at this site; None where that is no plain number or array."""
        value = self.own_inputs.get(site)
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if numpy is not None and isinstance(value, numpy.generic):
            return value
        kinds = (*_PLAIN, *((torch.Tensor,) if torch else ()), *((numpy.ndarray,) if numpy else ()))
        return value if type(value) in kinds else None

    def raised(self, cell: int, top: int) -> bytes | None:
        return self._raised.get((cell, top))

    def go_on(self, cell: int, top: int) -> None:
        """Restore the random state from after this statement."""
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
