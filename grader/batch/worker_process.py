"""A process that answers one JSON line with one JSON line, over its standard streams."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

from grader.batch.jobs import Record, from_line

_ROOT = str(Path(__file__).parents[2])


def run(
    command: Sequence[str], descriptors: Sequence[int] = (), environment: Mapping[str, str] = os.environ
) -> subprocess.Popen[bytes]:
    """Start a process that imports this grader, and gets these file descriptors and no other."""
    paths = [_ROOT, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**environment, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))},
        pass_fds=descriptors,
        start_new_session=True,
    )


def begin(worker: subprocess.Popen[bytes], first: Mapping[str, object]) -> None:
    """Send the first line. A process that has ended already is noticed when it is asked."""
    with contextlib.suppress(OSError):
        _say(worker, first)


def greeted(worker: subprocess.Popen[bytes], greeting: bytes) -> bool:
    """Wait for the line with which a process says that it is set up; False if it died before."""
    return cast(IO[bytes], worker.stdout).readline() == greeting


def asked(worker: subprocess.Popen[bytes], job: Mapping[str, object], content: bytes) -> Record | None:
    """Send a job, named by its `work`, with the file to grade; return its record, None if the process died."""
    try:
        _say(worker, {**job, "content": base64.b64encode(content).decode()})
        line = cast(IO[bytes], worker.stdout).readline()
        record = from_line(line) if line.endswith(b"\n") else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):  # the last four: no record
        return None
    return record if record is not None and record.work == job["work"] else None


def end(worker: subprocess.Popen[bytes]) -> None:
    """End a process; its child processes end when their connection closes."""
    worker.terminate()
    await_end(worker)


def await_end(worker: subprocess.Popen[bytes]) -> None:
    """Wait for a process after SIGTERM; a second signal would interrupt its cleanup."""
    try:
        worker.wait(5)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    for stream in (worker.stdin, worker.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _say(worker: subprocess.Popen[bytes], message: Mapping[str, object]) -> None:
    stream = cast(IO[bytes], worker.stdin)
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()
