"""Child processes that have started, and imported their libraries, before a session asks for them.

They are plain children of isolation `process`, so a check gives in them what it gives without. Only the time in which
an interpreter starts and imports is spent before a check, and that in which a child is cleared away after it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.model import Isolation
from grader.runner import wire
from grader.runner.process import ChildProcess
from grader.runner.protocols import Child

READY_CHILDREN = 2
"""Number of children kept ready. Most checks need one; one that looks for the line behind several wrong steps needs
another."""


class PrestartedProcesses:
    """Use as a context manager: leaving it ends the children that no session has asked for."""

    isolation: Isolation = "process"

    def __init__(self, ahead: int = READY_CHILDREN) -> None:
        self._ahead = ahead
        self._ready: list[_Prestarted] = []
        self._to_clear: list[_Prestarted] = []
        self._libraries: tuple[str, ...] = ()
        self._warm = b""

    def __enter__(self) -> PrestartedProcesses:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for child in (*self._ready, *self._to_clear):
            child.clear()

    def child(self, libraries: Sequence[str]) -> Child:
        """A child that is ready and has these libraries, or a new one."""
        self._libraries = tuple(libraries)
        for child in self._ready:
            if child.libraries == self._libraries and child.alive:
                self._ready.remove(child)
                return child
        return _Prestarted(self, self._libraries)

    def prepare(self) -> None:
        """Start the next children, like the last one asked for, without waiting for them, and clear the earlier ones
        away.

        Raises `EnvironmentProblem`."""
        unfit = [one for one in self._ready if one.libraries != self._libraries or not one.alive]
        self._ready = [one for one in self._ready if one not in unfit]
        while self._warm and len(self._ready) < self._ahead:
            child = _Prestarted(self, self._libraries)
            self._ready.append(child)
            child.send(wire.WARM, self._warm)
        while self._to_clear or unfit:
            (self._to_clear or unfit).pop().clear()

    def clear_later(self, child: _Prestarted) -> None:
        """Clear this child away later."""
        self._to_clear.append(child)

    def expect(self, warm: bytes) -> None:
        """From now on, warm children with this frame."""
        self._warm = warm


class _Prestarted(ChildProcess):
    """A child that may have been warmed before a session gets it."""

    def __init__(self, source: PrestartedProcesses, libraries: tuple[str, ...]) -> None:
        super().__init__()
        self.libraries = libraries
        self._source = source
        self._warmed = False

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self.settle()
        if self.alive:
            self._process.terminate()
        self._source.clear_later(self)

    def clear(self) -> None:
        """Wait until the child and all its descendants have ended, and remove its files."""
        super().close()

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        """Send a frame. A child that is warm already gets no second WARM, which would be the same."""
        if kind == wire.WARM:
            if self._warmed:
                return
            self._warmed = True
            self._source.expect(body)
        super().send(kind, body, deadline)
