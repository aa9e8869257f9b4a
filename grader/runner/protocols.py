"""The interface between a session and the process that runs a submission, whatever the isolation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from grader.errors import EnvironmentProblem
from grader.model import CompanionFile, Isolation
from grader.runner.types import Ended, Limits

Frame = tuple[int, int, bytes]
"""Kind, flags and body, as in `wire`."""

START_SECONDS = 180.0
"""Seconds a process may take to start and import its libraries: torch is slow to load from a slow disk, or on a busy
machine."""

KEPT_OUTPUT_BYTES = 64 * 1024
"""Bytes of printed text kept by default."""

OUTPUT_LIMIT_FACTOR = 16
"""Output limit that ends a run, as a multiple of the text kept."""

FRAME_OVERHEAD_BYTES = 1024
"""Approximate overhead of keeping a frame, in bytes."""


CHILD_ENVIRONMENT = {
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""Environment of every process that runs submissions: no screen, one thread, no accelerator, no bytecode files."""


class ChildEnded(Exception):
    """The child will send nothing more. `how`: "killed", "timeout", "output", "processes" or "protocol"."""

    def __init__(self, how: Ended) -> None:
        super().__init__(how)
        self.how = how


class Interrupted(EnvironmentProblem):
    """The grader or the machine cut a run short (a fork server that died, no memory left, no free processor).

    This says nothing about the submission, which must be graded once more, alone."""


class Child(Protocol):
    """A process that exchanges the frames of `wire`, from WARM to END."""

    @property
    def output(self) -> str:
        """The printed text so far, up to the limit."""

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        """Put files into the working folder of the code, and set its limits. Before SETUP, once or more often."""

    def begin(self, seconds: float) -> None:
        """Start a run of this many seconds of CPU: reset the counts of what it sends, prints and uses."""

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        """Send a frame to the child. Raises `ChildEnded`, also where the child has not read it by the deadline."""

    def receive(self, deadline: float) -> Frame:
        """The child's next frame; `deadline` in seconds of `time.monotonic`. Raises `ChildEnded` and `Interrupted`."""

    def settle(self) -> None:
        """Wait until `output` has everything that was printed before the last frame."""

    def stop(self) -> None:
        """End the code from another thread, before `close`: whoever waits for a frame gets `ChildEnded` or
        `Interrupted`."""

    def close(self) -> None:
        """End the child and all its descendants."""


class Children(Protocol):
    """Where sessions get their children from."""

    @property
    def isolation(self) -> Isolation:
        """The mode in which the children actually run."""

    def child(self, libraries: Sequence[str]) -> Child:
        """A child that has imported, or will import, these libraries. Raises `EnvironmentProblem`."""

    def close(self) -> None:
        """End all processes that are kept for further children."""
