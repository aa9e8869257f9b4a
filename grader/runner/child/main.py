"""The main loop of a child: follow the grader's frames until there are no more.

Loads only the standard library and our child code, besides the student's own imports.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import os
import sys
from json import loads  # by name: a submission may put another function into the module
from typing import TYPE_CHECKING, Any, NoReturn

from grader.runner import wire
from grader.runner.child import fault, limits, subreaper, values
from grader.runner.child.channel import Channel
from grader.runner.child.executed_text import is_own
from grader.runner.child.libraries import Libraries, importing
from grader.runner.child.processes import Starts
from grader.runner.child.threads import run_threads_at_once
from grader.runner.child.worker import Worker

if TYPE_CHECKING:
    import socket

MAX_ORDER_BYTES = 65536
"""Maximum number of bytes of an order for another worker."""


def main(control: int | None) -> None:
    """Entry point in an interpreter of its own: the subreaper stays behind, and ends what the worker leaves.

    `control` is the descriptor of a socket from which the subreaper is told of further workers."""
    channel, libraries = Channel(), Libraries()
    if control is None:
        subreaper.fork_worker(channel.descriptors)
    else:
        subreaper.fork_worker(channel.descriptors, _Workers(control, channel, libraries))
        os.close(control)
    channel.keep_from_forks()
    starts = Starts()
    starts.watch()
    _replace_builtins()
    serve(channel, libraries, None, starts)


class _Workers:
    """The workers of one interpreter, one after the other: each has pipes and a folder of its own.

    What only the subreaper needs of the standard library is imported there: most workers are the last."""

    def __init__(self, control: int, channel: Channel, libraries: Libraries) -> None:
        self._control, self._channel, self._libraries = control, channel, libraries

    def asked_to_end(self) -> bool:
        from socket import MSG_DONTWAIT

        with contextlib.suppress(OSError), self._told() as told:
            return told.recv(MAX_ORDER_BYTES, MSG_DONTWAIT) == subreaper.END
        return False

    def another(self) -> tuple[int, ...]:
        """Import what the worker needs: the one after it then has that at once."""
        from socket import recv_fds

        try:
            with self._told() as told:
                told.send(subreaper.ENDED)
                body, pipes, _, _ = recv_fds(told, MAX_ORDER_BYTES, subreaper.PIPES)
        except OSError:
            body, pipes = b"", []
        if not body:
            os._exit(0)  # the grader is gone, or wants no other
        asked = loads(body)
        given, results, printing = pipes
        for stream in (1, 2):
            os.dup2(printing, stream)
        os.close(printing)
        os.chdir(asked["folder"])  # the folder before is gone, and a library of torch's is not found from there
        os.environ["TMPDIR"] = asked["folder"]
        if "tempfile" in sys.modules:
            vars(sys.modules["tempfile"])["tempdir"] = asked["folder"]
        warm({"libraries": asked["libraries"], "path": []}, self._libraries)
        self._channel.move(given, results)
        return given, results

    def _told(self) -> socket.socket:
        from socket import socket

        return socket(fileno=os.dup(self._control))


def standing() -> fault.IntegritySnapshot:
    """Snapshot what our code relies on. This touches thousands of objects, and in a forked child each would cost a copy
    of its page: a fork server takes the snapshot once for all its children."""
    _replace_builtins()
    return fault.IntegritySnapshot()


def _replace_builtins() -> None:
    builtins.input = _no_input
    run_threads_at_once(is_own)


def serve(channel: Channel, libraries: Libraries, snapshot: fault.IntegritySnapshot | None, starts: Starts) -> NoReturn:
    """Follow the grader's frames until there are no more. `snapshot` is None in a process that has imported nothing for
    the submission yet."""
    _, body = channel.receive()
    if warm(loads(body), libraries) or snapshot is None:
        snapshot = standing()

    def ready(setup: dict[str, Any]) -> Worker:
        worker = Worker(channel, setup, libraries, snapshot, starts)
        limits.limit_memory(setup["memory"])
        channel.send(wire.READY)
        return worker

    _, body = channel.receive()
    worker = ready(loads(body))
    try:
        while True:
            kind, body = channel.receive()
            if kind == wire.SETUP:
                worker = ready(loads(body))
            elif kind == wire.RUN:  # any other answers a question that nobody asks any more
                worker.run(loads(body))
    except BaseException as error:
        # Print nothing here: it would be taken for the student's own output.
        worker.blame(error)
        os._exit(1)


def warm(asked: dict[str, Any], libraries: Libraries) -> bool:
    """Import what the submission asks for, before it is known what to run and before any clock starts. Returns whether
    there was anything to import."""
    sys.path[:] = [*sys.path, *(entry for entry in asked["path"] if entry not in sys.path)]
    new = [library for library in asked["libraries"] if library not in sys.modules]
    with importing():
        for library in new:
            with contextlib.suppress(BaseException):
                importlib.import_module(library)
    values.prefer(set(asked["libraries"]))
    libraries.imported()
    return bool(new)


def _no_input(prompt: object = "") -> str:
    raise EOFError("input() was called, and there is nobody here to answer")
