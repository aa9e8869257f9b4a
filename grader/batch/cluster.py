"""The same work on many machines: a dask.distributed cluster. Each of its workers keeps zygotes of its own.

Records come back as bytes and go into the one database here, as they arrive. A worker that dies takes nothing along:
the scheduler gives its work to another, and what killed workers more than once is tried here at the end, alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import astuple
from typing import Any

from grader.batch.crew import Content, Crew, Orders
from grader.batch.marker import Marker
from grader.batch.record import Record, fault, from_line, record_of, to_line
from grader.batch.store import Job
from grader.errors import EnvironmentProblem, GraderError
from grader.model import Isolation

CONNECTING = 15
"""Seconds the scheduler may take to answer."""

UNDER_WAY = 8
"""Pieces of work under way per worker: enough that none waits, few enough that memory stays flat."""


class Cluster:
    """Use as a context manager: leaving it drops whatever was not done."""

    def __init__(self, address: str, orders: Orders) -> None:
        try:
            import distributed
        except ImportError:
            raise EnvironmentProblem(
                "grading on a cluster needs dask.distributed: install it with pip install 'grader[cluster]'"
            ) from None
        try:
            self._library: Any = distributed
            self._client: Any = self._library.Client(address, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise EnvironmentProblem(f"no cluster answers at {address}: {error or type(error).__name__}") from None
        self._orders = orders

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close(timeout=5)

    def results(self, jobs: Sequence[Job], content: Content) -> Iterator[Record]:
        """A record per job, as they are done."""
        waiting = iter(jobs)
        running: dict[str, Job] = {}
        lost: list[Job] = []
        done = self._library.as_completed(loop=self._client.loop)

        def send() -> bool:
            job = next(waiting, None)
            if job is None:
                return False
            future = self._client.submit(
                grade_there, astuple(self._orders), astuple(job), content(job), pure=False, retries=2
            )
            running[future.key] = job
            done.add(future)
            return True

        while len(running) < self._room() and send():
            pass
        for future in done:
            job = running.pop(future.key)
            record = from_line(future.result()) if future.status == "finished" else None
            if record is None:
                lost.append(job)
            else:
                yield record
            future.release()
            while len(running) < self._room() and send():
                pass
        yield from self._alone(lost, content)

    def _room(self) -> int:
        """How much may be under way: workers come and go."""
        return UNDER_WAY * max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def _alone(self, lost: Sequence[Job], content: Content) -> Iterator[Record]:
        if not lost:
            return
        with Crew(self._orders, 1) as crew:
            yield from crew.results(lost, content)


_marking = threading.Lock()
_markers: dict[tuple[str, str, Isolation], Marker] = {}
_ending = ExitStack()


def grade_there(orders: tuple[str, str, Isolation], job: tuple[str, str, str, str], content: bytes) -> bytes:
    """Runs on a worker: the record of a job, as a line. The worker keeps its marker, and with it its zygotes."""
    work, student, file, _ = job
    try:
        with _marking:
            marker = _markers.get(orders)
            if marker is None:
                marker = _markers[orders] = _ending.enter_context(Marker(*orders))
        return to_line(record_of(work, marker.mark(student, file, content)))
    except GraderError as error:
        return to_line(fault(work, str(error)))
    except Exception as error:  # whatever it is, it is ours, and the next submission is not to suffer from it
        return to_line(fault(work, f"{type(error).__name__}: {error}"))


def dismiss() -> None:
    """Ends what a worker keeps."""
    with _marking:
        _markers.clear()
        _ending.close()
