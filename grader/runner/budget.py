"""Time budget for all runs of one submission together: seconds of CPU and seconds of wall time.

Time the grader spends between two frames is not charged to the submission. A run gets at most half of the wall time
that is left, so that a run which only waits leaves enough to be judged by. The last quarter of both totals is reserved
for the runs that show what was taken from a differentiator: a slow submission must not escape them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from grader.runner.types import Limits

WALL_PER_CPU = 5.0
"""Wall-clock limit of a run, as a multiple of its CPU limit."""

CPU_PER_WALL_WAITING = 0.05
"""Fraction of wall time that counts as spent where a run does not compute."""

RESERVED_FRACTION = 0.25
"""Fraction of both totals that is reserved for perturbed runs, which show what was taken from a differentiator."""

MIN_SECONDS = 0.1
"""Minimum seconds that must be left to start a run."""


Kind = Literal["ordinary", "perturbed"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one run may use."""

    cpu: float
    """Seconds of CPU time."""
    wall: float
    """Seconds of wall time."""


class Budget:
    """The budget that is left. Use one instance per submission."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._remaining = Allowance(limits.total, limits.wall)

    def remaining(self, kind: Kind) -> Allowance:
        """What is left for runs of this kind."""
        reserved = RESERVED_FRACTION if kind == "ordinary" else 0.0
        return Allowance(
            self._remaining.cpu - reserved * self._limits.total, self._remaining.wall - reserved * self._limits.wall
        )

    def used_up(self, kind: Kind) -> str | None:
        """The total that is used up, in the words of a report; None while some of both is left."""
        remaining = self.remaining(kind)
        if remaining.cpu <= MIN_SECONDS:
            return f"{self._limits.total:g} s of computing"
        return f"{self._limits.wall:g} s" if remaining.wall <= MIN_SECONDS else None

    def allowance(self, kind: Kind) -> Allowance:
        """What the next run may use."""
        remaining = self.remaining(kind)
        cpu = min(self._limits.seconds, remaining.cpu)
        return Allowance(cpu, min(WALL_PER_CPU * cpu, remaining.wall / 2))

    @property
    def spent(self) -> float:
        """Seconds of CPU that all runs have used, or a fraction (`CPU_PER_WALL_WAITING`) of the wall time where that is
        more: a run also waits while it sleeps or while the machine is busy."""
        return max(
            self._limits.total - self._remaining.cpu, CPU_PER_WALL_WAITING * (self._limits.wall - self._remaining.wall)
        )

    def spend(self, cpu: float, wall: float) -> None:
        self._remaining = Allowance(self._remaining.cpu - cpu, self._remaining.wall - wall)
