"""What a worker of a cluster keeps: the exercise as it was sent, and fork servers that stay warm between submissions.

The exercise travels as bytes, with the files it lets submissions read, and is laid down anew in a folder of the
worker's: nothing is looked for at a path of the machine that the batch was started on.
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
from grader.batch.job_key import grader_version
from grader.batch.record import Record, fault, record_of, to_line
from grader.batch.secrets import Secrets
from grader.errors import EnvironmentProblem, GraderError
from grader.exercise.types import Exercise
from grader.model import Isolation
from grader.temp_folders import TempFolder


@dataclass(frozen=True, slots=True)
class Parcel:
    """All a worker needs: files by their names, the exercise's own first; the secrets, the isolation, and the
    version of the grader that the results are to be of."""

    files: tuple[tuple[str, bytes], ...]
    secrets: Secrets
    mode: Isolation
    version: str


def parcel(exercise: Exercise, secrets: Secrets, mode: Isolation) -> Parcel:
    """Packs an exercise. Raises `EnvironmentProblem` where one of its files is not there."""
    own = Path(exercise.path)
    try:
        files = [(name, (own.parent / name).read_bytes()) for name in (own.name, *exercise.policy.files)]
    except OSError as error:
        raise EnvironmentProblem(f"a file of the exercise cannot be read: {error.filename}: {error.strerror}") from None
    return Parcel(tuple(files), secrets, mode, grader_version())


class Bench(WorkerPlugin):
    """Set up on every worker, those that join later included, and taken down when the batch is over."""

    def __init__(self, name: str, parcel: Parcel, own: bool = False) -> None:
        """`own` workers were started for this batch alone, by a process that ends them when it is interrupted."""
        self.name = name
        self._parcel = parcel
        self._own = own
        self._folder: TempFolder | None = None
        self._marker: ExerciseGrader | None = None
        self._refused = ""

    def setup(self, worker: object) -> None:
        """Never raises: the library would end the worker, and nobody would be told why."""
        if self._own and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._refused = version_refused(self._parcel.version)
        if self._refused:
            return
        try:
            self._folder = TempFolder()  # that of a worker that is killed goes with the next one's
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
        """Why this worker cannot grade; nothing where it can."""
        return self._refused

    def grade(self, work: str, student: str, file: str, content: bytes) -> Record:
        """The record of a job, whatever happens."""
        if self._marker is None:
            return fault(work, self._refused)
        try:
            return record_of(work, self._marker.mark(student, file, content))
        except GraderError as error:
            return fault(work, str(error))
        except Exception as error:  # whatever it is, it is ours, and the next submission is not to suffer from it
            return fault(work, f"{type(error).__name__}: {error}")


def unpacked(sent: Parcel, folder: Path) -> Path:
    """Lays the files down; the path of the exercise's."""
    for name, content in sent.files:
        place = folder / PurePosixPath(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder / sent.files[0][0]


def version_refused(version: str) -> str:
    """Why this worker cannot grade for that version; nothing where it can."""
    mine = grader_version()
    return "" if mine == version else f"the worker has grader {mine}, the batch is graded with {version}"


def set_up_refused(bench: str, dask_worker: Worker) -> str:
    """Runs on a worker: why it cannot grade; nothing where it can, or is only now being set up."""
    found = dask_worker.plugins.get(bench)
    return cast(Bench, found).refused if found is not None else ""


def grade_there(bench: str, work: str, student: str, file: str, content: bytes) -> bytes:
    """Runs on a worker: the record of a job, as a line."""
    return to_line(cast(Bench, get_worker().plugins[bench]).grade(work, student, file, content))
