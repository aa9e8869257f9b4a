"""The processes of a cluster: the state of a worker (the exercise as it was sent, and fork servers that stay warm
between submissions), and a cluster on this machine that only this batch can connect to.

The exercise is sent as bytes, together with the files that submissions may read, and written to a folder of the worker.
The worker reads no path of the machine that started the batch.

A cluster on this machine uses temporary certificates, and none of its processes serves HTTP.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast

import dask
from distributed import LocalCluster, Nanny, Scheduler, Security, Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from grader.batch.isolation import children_for
from grader.batch.jobs import Record, fault, grader_version, record_or_fault, to_line
from grader.batch.secrets import Secrets
from grader.batch.worker import ExerciseGrader
from grader.errors import EnvironmentProblem, GraderError
from grader.exercise.types import Exercise
from grader.model import Isolation
from grader.temp_folders import TempFolder


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything a worker needs: files by name, the exercise file first; the secrets, the isolation mode, and the
    grader version that must produce the results."""

    files: tuple[tuple[str, bytes], ...]
    secrets: Secrets
    mode: Isolation
    version: str


def parcel(exercise: Exercise, secrets: Secrets, mode: Isolation) -> Parcel:
    """Pack an exercise. Raises `EnvironmentProblem` if one of its files is missing."""
    own = Path(exercise.path)
    try:
        files = [(name, (own.parent / name).read_bytes()) for name in (own.name, *exercise.policy.files)]
    except OSError as error:
        raise EnvironmentProblem(f"a file of the exercise cannot be read: {error.filename}: {error.strerror}") from None
    return Parcel(tuple(files), secrets, mode, grader_version())


class Bench(WorkerPlugin):
    """Worker plugin: set up on every worker, including those that join later, and removed after the batch."""

    def __init__(self, name: str, parcel: Parcel, own: bool = False) -> None:
        """`own`: the workers were started only for this batch, by a process that ends them when it is interrupted."""
        self.name = name
        self._parcel = parcel
        self._own = own
        self._folder: TempFolder | None = None
        self._marker: ExerciseGrader | None = None
        self._refused = ""

    def setup(self, worker: object) -> None:
        """Set up the worker. Never raises: dask would end the worker without reporting why."""
        if self._own and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._refused = version_refused(self._parcel.version)
        if self._refused:
            return
        try:
            self._folder = TempFolder()  # after a kill, the next process to make one removes it
            exercise = unpacked(self._parcel, Path(self._folder.path))
            self._marker = ExerciseGrader(str(exercise), self._parcel.secrets, children_for(self._parcel.mode))
        except (GraderError, OSError) as error:
            self._refused = str(error)
        except Exception as error:  # a bug of ours must not end the worker either
            self._refused = f"{type(error).__name__}: {error}"

    def teardown(self, worker: object) -> None:
        if self._marker is not None:
            self._marker.__exit__()
        if self._folder is not None:
            self._folder.close()

    @property
    def refused(self) -> str:
        """Why this worker cannot grade; "" if it can."""
        return self._refused

    def grade(self, work: str, student: str, file: str, content: bytes) -> Record:
        """Grade one job; always returns a record."""
        if self._marker is None:
            return fault(work, self._refused)
        marker = self._marker
        return record_or_fault(work, lambda: marker.mark(student, file, content))


def unpacked(sent: Parcel, folder: Path) -> Path:
    """Write the files to `folder`; return the path of the exercise file."""
    for name, content in sent.files:
        place = folder / PurePosixPath(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder / sent.files[0][0]


def version_refused(version: str) -> str:
    """Why this worker cannot grade for this grader version; "" if it can."""
    mine = grader_version()
    return "" if mine == version else f"the worker has grader {mine}, the batch is graded with {version}"


def set_up_refused(bench: str, dask_worker: Worker) -> str:
    """Runs on a worker: why it cannot grade; "" if it can or is still being set up."""
    found = dask_worker.plugins.get(bench)
    return found.refused if isinstance(found, Bench) else ""


def grade_there(bench: str, work: str, student: str, file: str, content: bytes) -> bytes:
    """Runs on a worker: grade a job and return its record as a line."""
    return to_line(cast(Bench, get_worker().plugins[bench]).grade(work, student, file, content))


class _Scheduler(Scheduler):
    def start_http_server(self, *_: object, **__: object) -> None:
        pass


class _Worker(Worker):
    def start_http_server(self, *_: object, **__: object) -> None:
        pass


class _Nanny(Nanny):
    """Starts a worker, and restarts it if it dies."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "worker_class": _Worker})
        self.exits: list[int] = []

    def _on_worker_exit_sync(self, exitcode: int) -> None:
        self.exits.append(exitcode)
        cast(Any, super())._on_worker_exit_sync(exitcode)


class ClusterHere(LocalCluster):
    """A cluster on this machine. Use as a context manager."""

    async def _start(self) -> None:
        self.scheduler_spec["cls"] = _Scheduler
        await cast(Any, super())._start()

    @property
    def last_words(self) -> str:
        """How a worker ended unexpectedly; "" if none did."""
        exits = [code for nanny in self.workers.values() for code in nanny.exits if code]
        if not exits:
            return ""
        return f"the last was ended by signal {-exits[-1]}" if exits[-1] < 0 else f"the last ended with {exits[-1]}"


def cluster_here(workers: int, folder: str) -> ClusterHere:
    """Create a cluster with this number of workers, which write only below `folder`."""
    for name in ("distributed", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # errors are reported once, by the grader itself
    # No other cluster uses this folder; lock files would recreate it after its removal.
    dask.config.set({"temporary-directory": folder, "distributed.worker.use-file-locking": False})
    made: ClusterHere = cast(Any, ClusterHere)(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        worker_class=_Nanny,
        security=cast(Any, Security).temporary(),
        memory_limit=0,
        silence_logs="CRITICAL",
    )
    return made


def end_workers() -> None:
    """Kill workers that were still starting when their cluster was closed."""
    for process in multiprocessing.active_children():
        process.kill()
        process.join(5)
