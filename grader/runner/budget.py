"""What all runs of one submission may take together: seconds of CPU, and seconds of a clock.

What the grader does between two frames is not the submission's time. A run may take no more than half of what is left
of the clock, so that one that waits for nothing leaves enough to be judged by.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.runner.types import Limits

BACKSTOP = 5.0
"""Seconds of a clock that a run may take, in multiples of its CPU limit."""

LEAST = 0.1
"""Seconds with which a run is not begun."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one run may take: seconds of CPU, and of a clock."""

    cpu: float
    wall: float


class Budget:
    """What is left. Use it for one submission."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cpu, self._wall = limits.total, limits.wall

    @property
    def used_up(self) -> str | None:
        """Which total is used up, in the words of a report; None while there is something left of both."""
        if self._cpu <= LEAST:
            return f"{self._limits.total:g} s of computing"
        return f"{self._limits.wall:g} s" if self._wall <= LEAST else None

    def allowance(self) -> Allowance:
        """What the next run may take."""
        cpu = min(self._limits.seconds, self._cpu)
        return Allowance(cpu, min(BACKSTOP * cpu, max(self._wall / 2, LEAST)))

    def spend(self, cpu: float, wall: float) -> None:
        self._cpu -= cpu
        self._wall -= wall
