"""A grading host: the process between the server and the sandbox, run as `python -m grader.service.work.grading_host`.

It gets an exercise, its secret and the bytes of a file per JSON line, and answers each with a record. It never learns
where the database is, nor any secret of the service or of an LMS: they are neither in its environment nor among its
arguments, and it begins with an empty memory. Submissions run in child processes of this host.
"""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from grader.batch.secrets import Secrets
from grader.batch.worker import ExerciseGrader, Mark, main
from grader.exercise.load import loads
from grader.model import Result
from grader.runner.fork_servers import ForkServers
from grader.runner.protocols import Children
from grader.temp_folders import TempFolder

COMMAND = (sys.executable, "-P", "-m", "grader.service.work.grading_host")
"""-P keeps the current folder off `sys.path`."""

PREPARED = 32
"""How many exercises stay prepared."""

PREPARE = ""
"""Instead of a file's name: nothing is handed in, the exercise shall be prepared."""

LIBRARIES: tuple[tuple[str, ...], ...] = (("numpy",), ("torch",))
"""What many submissions import: fork servers with them are started when the first exercise is prepared. One without
libraries is started before anything else, so that a new host can grade at once."""

PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "TEMP", "TMP", "TMPDIR", "TZ", "XDG_CACHE_HOME")
"""The variables of the server's environment that a host gets."""


def environment() -> Mapping[str, str]:
    """The environment of a host."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


class Host:
    """Grades files with several exercises; those used last stay prepared."""

    def __init__(self, children: Children) -> None:
        self._children = children
        self._exercises: OrderedDict[str, ExerciseGrader] = OrderedDict()
        # Files that an exercise names are looked for beside it: there are none, and no others may be found.
        self._nowhere = TempFolder()

    def warm(self, *several: tuple[str, ...]) -> None:
        """Start fork servers for these sets of libraries."""
        if isinstance(self._children, ForkServers):
            for libraries in several:
                self._children.warm(libraries)

    def mark(self, job: Mapping[str, str], content: bytes) -> Result:
        """Grade the file of a job, or prepare its exercise by grading a file of ours. Raises `GraderError`."""
        exercise = self._exercise(job["exercise"], job["secret"])
        if job["file"] == PREPARE:
            exercise.prepare()
            result = exercise.mark("", "first.py", b"first = 1\n")
            self.warm(*LIBRARIES)
            return result
        return exercise.mark(job["student"], job["file"], content)

    def _exercise(self, text: str, secret: str) -> ExerciseGrader:
        key = hashlib.sha256(f"{secret}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
        known = self._exercises.get(key)
        if known is None:
            exercise = loads(text, os.path.join(self._nowhere.path, "exercise.yaml"))
            known = self._exercises[key] = ExerciseGrader(exercise, Secrets(secret, secret), self._children)
            if len(self._exercises) > PREPARED:
                self._exercises.popitem(last=False)
        self._exercises.move_to_end(key)
        return known


def begin(_: dict[str, Any], children: Children) -> Mark:
    """Set up a host: its first line names no exercise."""
    host = Host(children)
    host.warm(())
    return lambda job: host.mark(job, base64.b64decode(job["content"]))


if __name__ == "__main__":
    main(begin)
