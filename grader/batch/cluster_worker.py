"""State of a cluster worker: the exercise as it was sent, and fork servers that stay warm between submissions.

The exercise is sent as bytes, together with the files that submissions may read, and written to a folder of the worker.
The worker reads no path of the machine that started the batch.
"""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import cast

from distributed import Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from grader.batch.exercise_grader import ExerciseGrader
from grader.batch.isolation import children_for
from grader.batch.jobs import Record, fault, grader_version, record_of, to_line
from grader.batch.secrets import Secrets
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
        except Exception as error:
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
        try:
            return record_of(work, self._marker.mark(student, file, content))
        except GraderError as error:
            return fault(work, str(error))
        except Exception as error:  # any other error is a bug of the grader and must not affect the next submission
            return fault(work, f"{type(error).__name__}: {error}")


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
