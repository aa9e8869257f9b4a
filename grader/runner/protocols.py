"""What a session asks of the process it runs a submission in, whatever the isolation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from grader.errors import EnvironmentProblem
from grader.model import CompanionFile, Isolation
from grader.runner.types import Limits

Frame = tuple[int, int, bytes]
"""Kind, flags and body, as in `wire`."""

KEPT = 64 * 1024
"""Bytes of printed text kept where nothing else is said."""

FLOOD = 16
"""How many times the text kept may be printed before the run is ended."""

FRAME_COSTS = 1024
"""What keeping a frame takes beside its bytes, about."""


ALIKE = {
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""The environment of every process that runs submissions: no screen, one thread, no accelerator, nothing written."""


class Ended(Exception):
    """The child will send nothing more: "killed", "timeout", "output", "processes" or "protocol"."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Interrupted(EnvironmentProblem):
    """A run was cut short by us or by the machine (a fork server that died, no memory left, no processor to be had).

    It says nothing about the submission: what was being graded is to be graded once more, alone."""


class Child(Protocol):
    """A process that speaks the frames of `wire`, from WARM to END."""

    @property
    def output(self) -> str:
        """What was printed so far, as much of it as is kept."""

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        """Puts files into the folder the code runs in, and says what it may use. Before SETUP, once or more."""

    def begin(self, seconds: float) -> None:
        """A run of so many seconds of CPU begins: what it may send, print and use is counted anew."""

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        """Hands the child a frame. Raises `Ended`, also where the child has not read it by the deadline."""

    def receive(self, deadline: float) -> Frame:
        """The child's next frame; `deadline` in seconds of `time.monotonic`. Raises `Ended` and `Interrupted`."""

    def settle(self) -> None:
        """Waits until `output` has all that was printed before the last frame."""

    def close(self) -> None:
        """Ends the child and every descendant of it."""


class Children(Protocol):
    """Where sessions get their children from."""

    @property
    def isolation(self) -> Isolation:
        """The mode children really run in."""

    def child(self, libraries: Sequence[str]) -> Child:
        """A child that has, or will import, these libraries. Raises `EnvironmentProblem`."""
