"""A process that grades what it is told to, one line of JSON in, one line out, until there is nothing more to read.

The first line says with which exercise; it holds the secrets of the batch, which therefore never stand among the
arguments of a process. Submissions run in processes of their own, below this one.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import os
import signal
import socket
import sys
import warnings
from typing import IO, Any

from grader.batch.exercise_grader import ExerciseGrader
from grader.batch.record import fault, record_of, to_line
from grader.batch.secrets import Secrets
from grader.errors import GraderError
from grader.model import Isolation
from grader.runner.fork_servers import ForkServers
from grader.runner.preloader_pool import RemotePreloaderPool
from grader.runner.process import Processes
from grader.runner.protocols import Children

GARBAGE = 100_000
"""Objects made before those that refer to each other in a circle are looked for: two or three submissions' worth, of
which next to nothing is garbage. Python's own 700 takes a fifteenth of the time a submission is judged in."""


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answers every request, in order."""
    first = json.loads(requests.readline())
    if first["core"] is not None:
        with contextlib.suppress(OSError):  # taken from us since: then wherever the system thinks best
            os.sched_setaffinity(0, {first["core"]})
    with ExerciseGrader(first["exercise"], Secrets(**first["secrets"]), _children(first)) as marker:
        for line in requests:
            job = json.loads(line)
            answers.write(_answer(marker, job))
            answers.flush()


def _children(first: dict[str, Any]) -> Children:
    """Those of the fork servers that the batch's preloader pool hands out."""
    mode: Isolation = first["mode"]
    if mode == "process":
        return Processes()
    return ForkServers(
        RemotePreloaderPool(socket.socket(fileno=first["preloader_pool"]), mode, first["data"]), many=True
    )


def _answer(marker: ExerciseGrader, job: dict[str, str]) -> bytes:
    try:
        result = marker.mark(job["student"], job["file"], base64.b64decode(job["content"]))
        return to_line(record_of(job["work"], result))
    except GraderError as error:
        return to_line(fault(job["work"], str(error)))
    except Exception as error:  # whatever it is, it is ours, and the next submission is not to suffer from it
        return to_line(fault(job["work"], f"{type(error).__name__}: {error}"))


def main() -> None:
    """The process. Interrupting is the worker pool's business; what a library prints must not get between the lines."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of everything that has to be put in order
    warnings.simplefilter("ignore")
    gc.set_threshold(GARBAGE)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(SystemExit):
        serve(sys.stdin.buffer, answers)
    os._exit(0)  # all is in order: to take the interpreter apart would be a tenth of a second at the end of a batch


if __name__ == "__main__":
    main()
