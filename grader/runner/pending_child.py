"""A child that has been requested: the grader's ends of its three pipes and, once it is forked, the pidfd to kill it
by."""

from __future__ import annotations

import contextlib
import os

from grader.runner.fork_server import Born, Exit, ForkServer, kill
from grader.runner.protocols import Interrupted

TOTAL = 3600
"""Kernel limit on the CPU seconds of a child over all its runs, in case the grader's own limit is not enforced."""


class PendingChild:
    """A child, requested on construction. The grader writes to `input`, and reads the child's answers from `output` and
    its printed text from `printed`."""

    def __init__(self, fork_server: ForkServer, folder: str, memory: int) -> None:
        """`folder` is the name of the folder it may read, `memory` is in MiB. Raises `Interrupted`."""
        self.folder, self.memory = folder, memory
        self._fork_server = fork_server
        self._born: Born | None = None
        self._exit: Exit | None = None
        (theirs_in, self.input), (self.output, theirs_out), (self.printed, theirs_err) = os.pipe(), os.pipe(), os.pipe()
        try:
            self._number = fork_server.ask((theirs_in, theirs_out, theirs_err), folder, TOTAL, memory)
        except BaseException:
            self._close()
            raise
        finally:
            for descriptor in (theirs_in, theirs_out, theirs_err):
                os.close(descriptor)
        for descriptor in (self.input, self.output, self.printed):
            os.set_blocking(descriptor, False)

    def born(self) -> Born:
        """Wait until the child is forked. Raises `Interrupted`."""
        if self._born is None:
            self._born = self._fork_server.born(self._number)
        return self._born

    def ended(self, patience: float) -> Exit | None:
        """How the child ended; None where no answer comes within `patience` seconds."""
        if self._exit is None:
            self._exit = self._fork_server.exit_of(self._number, patience)
        return self._exit

    def end(self) -> None:
        """Kill the child, without waiting until it is gone."""
        with contextlib.suppress(Interrupted):
            handle = self.born().handle
            kill(handle)
            os.close(handle)
        self._close()

    def _close(self) -> None:
        for descriptor in (self.input, self.output, self.printed):
            os.close(descriptor)
