"""Grade many files with one exercise, for which everything they share is prepared once: by `ExerciseGrader`, or by a
worker process of a batch, which reads one JSON line per job and writes one JSON line per record, until its input ends.

The first line names the exercise and contains the secrets of the batch, which so never appear among a process's
arguments. Submissions run in child processes of this worker."""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache, partial
from typing import IO, Any

from grader.batch.jobs import laid_down, record_or_fault, to_line, unpacked
from grader.batch.secrets import Secrets
from grader.course import section_of
from grader.errors import SubmissionError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.grading import get_ready
from grader.model import Problem, Result, Submission
from grader.pipeline import check
from grader.preparation import PreparedExercise
from grader.reference.variants import for_student
from grader.runner.fork_servers import ForkServers
from grader.runner.preloader_pool import SharedPreloaderPool
from grader.runner.process import Processes
from grader.runner.protocols import Children
from grader.submission.load import load_bytes
from grader.temp_folders import TempFolder

MAX_VARIANTS = 8
"""For how many students an exercise with numbers of their own stays prepared: most hand in one file after another."""


class ExerciseGrader:
    """Grades files with one exercise. Use as a context manager: leaving it ends `children`."""

    def __init__(self, exercise: Exercise | str, secrets: Secrets, children: Children) -> None:
        self.exercise = named(exercise)
        get_ready()  # import now, while torch is being imported for the first child
        self._secrets = secrets
        self._children = children
        self._prepared = lru_cache(maxsize=MAX_VARIANTS)(self._prepared_for)

    def __enter__(self) -> ExerciseGrader:
        return self

    def __exit__(self, *_: object) -> None:
        self._children.close()

    def mark(self, student: str, file: str, content: bytes) -> Result:
        """Grade one file, which may be a packed `Bundle`. The result names no student: several may have handed in the
        same file.

        Raises `ExerciseError`, `EnvironmentProblem` and `InternalError`."""
        bundle = unpacked(content)
        try:
            submission = load_bytes(bundle.content, file)
        except SubmissionError as error:
            submission = Submission(file, (), (Problem("unreadable", str(error)),))
        submission = section_of(submission, self.exercise.id)
        prepared = self._prepared(student if self.exercise.variants else None)
        with ExitStack() as stack:
            if bundle.beside:
                scratch = TempFolder()
                stack.callback(scratch.close)
                submission = replace(submission, beside=laid_down(bundle.beside, scratch))
            return check(prepared, submission, reveal="values", children=self._children)

    def prepare(self) -> None:
        """Compute in advance what all students share: the right values, or, where each has numbers of their own, what
        computes them. Raises `ExerciseError` and `EnvironmentProblem`."""
        _ = self._prepared(None).reference

    def _prepared_for(self, student: str | None) -> PreparedExercise:
        return PreparedExercise(for_student(self.exercise, student, self._secrets.numbers), self._secrets.points)


READY = b"ready\n"
"""The first line of a worker that has been told to say when it is set up."""

Mark = Callable[[dict[str, str]], Result]
"""Grades the file of a job."""

Begin = Callable[[dict[str, Any], Children], Mark]
"""Sets a worker up by its first line."""

GARBAGE = 100_000
"""Threshold of the cyclic garbage collector, in allocations: two or three submissions' worth, hardly any of which is
cyclic garbage. Python's default of 700 costs a fifteenth of the time spent on a submission."""


def one_exercise(first: dict[str, Any], children: Children) -> Mark:
    """Grade every file with the exercise that the first line names."""
    marker = ExerciseGrader(first["exercise"], Secrets(**first["secrets"]), children)
    return lambda job: marker.mark(job["student"], job["file"], base64.b64decode(job["content"]))


def serve(requests: IO[bytes], answers: IO[bytes], begin: Begin = one_exercise) -> None:
    """Answer every request, in order. With `greets` in the first line, say first that it is set up."""
    first = json.loads(requests.readline())
    if first["core"] is not None:
        with contextlib.suppress(OSError):  # the core is no longer available to us: the system may choose
            os.sched_setaffinity(0, {first["core"]})
    pool = SharedPreloaderPool.attached(first["preloader_pool"]) if first["mode"] != "process" else None
    children = Processes() if pool is None else ForkServers(pool)
    with contextlib.closing(children):
        mark = begin(first, children)
        if first.get("greets"):
            answers.write(READY)
            answers.flush()
        for line in requests:
            job = json.loads(line)
            answer = to_line(record_or_fault(job["work"], partial(mark, job)))
            if pool is not None and not pool.alive:
                break  # the job is done again by a worker with another pool
            answers.write(answer)
            answers.flush()


def main(begin: Begin = one_exercise) -> None:
    """Run the worker. The pool handles Ctrl-C; stdout is redirected so that no library prints between records."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as an exception, so that all cleanup runs
    warnings.simplefilter("ignore")
    gc.set_threshold(GARBAGE)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(SystemExit):
        serve(sys.stdin.buffer, answers, begin)
    os._exit(0)  # cleanup is done: interpreter shutdown would add a tenth of a second at the end of a batch


if __name__ == "__main__":
    main()
