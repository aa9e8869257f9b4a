"""Children that can be stopped from another thread, when what they run has been edited."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from grader.model import CompanionFile, Isolation
from grader.runner.protocols import Child, Children, Ended, Frame, Interrupted
from grader.runner.types import Limits

_T = TypeVar("_T")


class Superseded(BaseException):
    """The check is of a text that has been edited since.

    No `Exception`, so that nothing takes it for a failed explanation and goes on."""


class StoppableChildren:
    """The children of one check. After `stop` it ends with `Superseded` as soon as it needs one of them."""

    def __init__(self, source: Children) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._running: list[_Stoppable] = []
        self.stopped = False

    @property
    def isolation(self) -> Isolation:
        return self._source.isolation

    def child(self, libraries: Sequence[str]) -> Child:
        self.refuse_if_stopped()
        made = _Stoppable(self, self._source.child(libraries))
        with self._lock:
            self._running.append(made)
        return made

    def close(self) -> None: ...

    def refuse_if_stopped(self) -> None:
        """Raise `Superseded` after `stop`."""
        if self.stopped:
            raise Superseded

    def stop(self) -> None:
        """From any thread: end what is running now."""
        with self._lock:
            self.stopped = True
            for child in self._running:
                child.inner.stop()

    def leave(self, child: _Stoppable) -> None:
        """Close a child: from now on it is not stopped any more."""
        with self._lock:
            self._running.remove(child)
        child.inner.close()


class _Stoppable:
    def __init__(self, source: StoppableChildren, inner: Child) -> None:
        self._source = source
        self._closed = False
        self.inner = inner

    @property
    def output(self) -> str:
        return self.inner.output

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        self._unless_stopped(lambda: self.inner.provide(files, limits))

    def begin(self, seconds: float) -> None:
        self._unless_stopped(lambda: self.inner.begin(seconds))

    def send(self, kind: int, body: bytes = b"", deadline: float = float("inf")) -> None:
        self._unless_stopped(lambda: self.inner.send(kind, body, deadline))

    def receive(self, deadline: float) -> Frame:
        return self._unless_stopped(lambda: self.inner.receive(deadline))

    def settle(self) -> None:
        self.inner.settle()

    def stop(self) -> None:
        self.inner.stop()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._source.leave(self)

    def _unless_stopped(self, act: Callable[[], _T]) -> _T:
        self._source.refuse_if_stopped()
        try:
            return act()
        except (Ended, Interrupted):
            self._source.refuse_if_stopped()  # it has been ended by us
            raise
