"""A pool of worker processes over all cores, each of which answers one JSON line with one JSON line, over its standard
streams: it gets one job at a time and is replaced if it dies.

A job at which a worker died is tried once more, alone, at the end. If the worker dies again, the record is a fault of
the grader, and the student loses nothing. All database access happens in the caller's thread."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, cast

from grader.batch.jobs import Record, fault, from_line
from grader.batch.secrets import Secrets
from grader.batch.store import BatchJob
from grader.errors import SubmissionError
from grader.model import Isolation
from grader.runner.fork_servers import served_by
from grader.runner.preloader_pool import PreloaderPool
from grader.submission.imports import libraries_needed
from grader.submission.load import load_bytes

COMMAND = (sys.executable, "-P", "-m", "grader.batch.worker")
"""-P keeps the current folder off `sys.path`: no file there may shadow a library."""

Content = Callable[[BatchJob], bytes]


@dataclass(frozen=True, slots=True)
class Orders:
    """What every worker receives first: the path of the exercise file, the secrets, and the isolation mode."""

    exercise: str
    secrets: Secrets
    mode: Isolation


@dataclass(frozen=True, slots=True)
class _Died:
    job: BatchJob


class WorkerPool:
    """The worker pool. Use as a context manager: leaving it ends every worker, immediately if jobs are unfinished."""

    def __init__(self, orders: Orders, workers: int) -> None:
        self._orders = orders
        self._count = workers
        self._todo: queue.Queue[tuple[BatchJob, bytes] | None] = queue.Queue(maxsize=2 * workers)
        self._done: queue.SimpleQueue[Record | _Died | BaseException] = queue.SimpleQueue()
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._stopped = False
        self._threads: list[threading.Thread] = []
        self._preloader_pool = None if orders.mode == "process" else PreloaderPool(orders.mode)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._stopped = True
        workers = list(self._workers.values())
        for worker in workers:
            worker.terminate()
        for worker in workers:
            await_worker(worker)
        with contextlib.suppress(queue.Empty):
            while True:
                self._todo.get_nowait()
        for _thread in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join(10)
        if self._preloader_pool is not None:
            self._preloader_pool.close()

    def expect(self, file: str, content: bytes) -> None:
        """Prepare for submissions like this one before the number of jobs is known."""
        if self._preloader_pool is not None:
            with contextlib.suppress(SubmissionError, OSError):  # the error is reported when the file is graded
                self._preloader_pool.prepare(served_by(libraries_needed(load_bytes(content, file))))
        self._begin(self._count)

    def _begin(self, workers: int) -> None:
        if not self._threads:
            self._count = workers
            self._threads = [threading.Thread(target=self._work, args=(one,), daemon=True) for one in range(workers)]
            for thread in self._threads:
                thread.start()

    def results(self, jobs: Sequence[BatchJob], content: Content) -> Iterator[Record]:
        """Yield a record per job in order of completion. `content` is called in the caller's thread."""
        again: list[BatchJob] = []
        self._begin(min(self._count, len(jobs)))
        yield from self._rounds(jobs, content, again)
        for job in again:
            lost: list[BatchJob] = []
            yield from self._rounds([job], content, lost)
            if lost:
                yield fault(job.work, "the process that graded it ended, twice")

    def _rounds(self, jobs: Sequence[BatchJob], content: Content, died: list[BatchJob]) -> Iterator[Record]:
        waiting, busy = iter(jobs), 0
        while True:
            while busy < 2 * self._count and (job := next(waiting, None)) is not None:
                self._todo.put((job, content(job)))
                busy += 1
            if not busy:
                return
            answer = self._done.get()
            busy -= 1
            if isinstance(answer, _Died):
                died.append(answer.job)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                yield answer

    def _work(self, number: int) -> None:
        """Thread that serves one worker process: it sends jobs and collects records."""
        try:
            worker = self._started(number)
            while worker is not None and (item := self._todo.get()) is not None:
                job, content = item
                told = {"work": job.work, "student": job.student, "file": job.file}
                record = asked(worker, told, content)
                if record is None:
                    end_worker(worker)
                    worker = self._started(number)
                self._done.put(_Died(job) if record is None else record)
        except BaseException as error:  # re-raised in `_rounds`, in the caller's thread
            self._done.put(error)

    def _started(self, number: int) -> subprocess.Popen[bytes] | None:
        """Start a worker; None if the pool is being closed."""
        with self._lock:
            if self._stopped:
                return None
            worker = self._workers[number] = _start(self._orders, core_of(number, self._count), self._preloader_pool)
            return worker


def core_of(number: int, workers: int) -> int | None:
    """The core to pin a worker to; None if pinning would leave cores idle.

    A worker and its child processes wait for each other constantly. A process that wakes on the core where the other
    has just run finds its data in that core's caches, and disturbs no other worker."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    cores = sorted(os.sched_getaffinity(0))
    return cores[number % len(cores)] if workers >= len(cores) else None


def _start(orders: Orders, core: int | None, preloader_pool: PreloaderPool | None) -> subprocess.Popen[bytes]:
    shared = None if preloader_pool is None else preloader_pool.shared()
    first: dict[str, object] = {**asdict(orders), "core": core, "preloader_pool": shared}
    worker = start_worker(COMMAND, () if shared is None else (shared["descriptor"],))
    set_up_worker(worker, first)
    return worker


_ROOT = str(Path(__file__).parents[2])


def start_worker(
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


def set_up_worker(worker: subprocess.Popen[bytes], first: Mapping[str, object]) -> None:
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


def end_worker(worker: subprocess.Popen[bytes]) -> None:
    """End a process; its child processes end when their connection closes."""
    worker.terminate()
    await_worker(worker)


def await_worker(worker: subprocess.Popen[bytes]) -> None:
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
