"""asyncio without sockets: an event loop that may open none wakes itself through a pipe.

An event loop opens a pair of sockets before it runs anything. In the isolation modes without sockets, code that awaits
nothing from outside would fail for that alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Coroutine
from typing import Any


class _End:
    """One end of a pipe, with those methods of a socket that an event loop calls."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        return self._descriptor

    def recv(self, size: int) -> bytes:
        return os.read(self._descriptor, size)

    def send(self, data: bytes) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        os.close(self._descriptor)


def use_pipes(selector_events: Any) -> None:
    """Make the loops of `asyncio.selector_events` use a pipe where sockets are refused; a second call does nothing."""
    loops = selector_events.BaseSelectorEventLoop
    with_sockets = loops._make_self_pipe
    if with_sockets.__module__ == __name__:
        return

    def made(loop: Any) -> None:
        try:
            with_sockets(loop)
        except PermissionError:
            loop._ssock, loop._csock = map(_End, os.pipe())
            loop._internal_fds += 1
            loop._add_reader(loop._ssock.fileno(), loop._read_from_self)

    loops._make_self_pipe = made


def result_of(awaitable: Any) -> Any:
    """The result of what is awaited outside functions, as in a notebook."""
    import asyncio.selector_events

    use_pipes(asyncio.selector_events)

    async def waiting() -> Any:
        return await awaitable

    coroutine: Coroutine[Any, Any, Any] = waiting()
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(coroutine)
