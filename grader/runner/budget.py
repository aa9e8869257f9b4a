"""What all runs of one submission may take together: seconds of CPU, and seconds of a clock.

What the grader does between two frames is not the submission's time. A run may take no more than half of what is left
of the clock, so that one that waits for nothing leaves enough to be judged by. The last quarter of both is kept for the
runs that show what was taken from a differentiator: nobody is to be judged without them for having been slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.runner.types import Limits

BACKSTOP = 5.0
"""Seconds of a clock that a run may take, in multiples of its CPU limit."""

KEPT = 0.25
"""The part of both totals that is kept for trials."""

LEAST = 0.1
"""Seconds with which a run is not begun."""


Kind = Literal["run", "trial"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one run may take: seconds of CPU, and of a clock."""

    cpu: float
    wall: float


class Budget:
    """What is left. Use it for one submission."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = Allowance(limits.total, limits.wall)

    def left(self, kind: Kind) -> Allowance:
        """What is left for runs of a kind."""
        kept = KEPT if kind == "run" else 0.0
        return Allowance(self._left.cpu - kept * self._limits.total, self._left.wall - kept * self._limits.wall)

    @property
    def spent(self) -> float:
        """Seconds of CPU that runs have taken."""
        return self._limits.total - self._left.cpu

    def used_up(self, kind: Kind) -> str | None:
        """Which total is used up, in the words of a report; None while there is something left of both."""
        left = self.left(kind)
        if left.cpu <= LEAST:
            return f"{self._limits.total:g} s of computing"
        return f"{self._limits.wall:g} s" if left.wall <= LEAST else None

    def allowance(self, kind: Kind) -> Allowance:
        """What the next run may take."""
        left = self.left(kind)
        cpu = min(self._limits.seconds, left.cpu)
        return Allowance(cpu, min(BACKSTOP * cpu, left.wall / 2))

    def spend(self, cpu: float, wall: float) -> None:
        self._left = Allowance(self._left.cpu - cpu, self._left.wall - wall)
