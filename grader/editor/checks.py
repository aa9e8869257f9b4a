"""Checks of what is open in the editor, by one thread in which everything is ready.

Code that is being typed is run at every pause. It runs in the strictest isolation that works here; where none does,
text that has not been saved is run only if it does nothing but compute."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grader.batch.isolation import children_for
from grader.editor.documents import OpenDocument
from grader.editor.settings import EditorSettings, answers, chosen
from grader.errors import EnvironmentProblem, IsolationMissing
from grader.exercise.load import find, load
from grader.grading import get_ready, names_asked
from grader.model import CompanionFile, Isolation, Result, Submission
from grader.pipeline import check
from grader.preparation import PreparedExercise
from grader.reference.variants import for_student
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation.modes import Confined
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.prestarted import PrestartedProcesses
from grader.runner.protocols import Child, ChildEnded, Children, Frame, Interrupted
from grader.runner.types import Limits
from grader.submission.plain import is_plain

_T = TypeVar("_T")


class Superseded(BaseException):
    """The check is of a text that has been edited since.

    No `Exception`, so that nothing takes it for a failed explanation and goes on."""


class StoppableChildren:
    """The children of one check. After `stop` it ends with `Superseded` as soon as it needs one of them."""

    def __init__(self, source: Children) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._running: list[_Stoppable] = []
        self.stopped = False

    @property
    def isolation(self) -> Isolation:
        return self._source.isolation

    def child(self, libraries: Sequence[str]) -> Child:
        self.refuse_if_stopped()
        made = _Stoppable(self, self._source.child(libraries))
        with self._lock:
            self._running.append(made)
        return made

    def close(self) -> None: ...

    def refuse_if_stopped(self) -> None:
        """Raise `Superseded` after `stop`."""
        if self.stopped:
            raise Superseded

    def stop(self) -> None:
        """From any thread: end what is running now."""
        with self._lock:
            self.stopped = True
            for child in self._running:
                child.inner.stop()

    def leave(self, child: _Stoppable) -> None:
        """Close a child: from now on it is not stopped any more."""
        with self._lock:
            self._running.remove(child)
        child.inner.close()


class _Stoppable:
    def __init__(self, source: StoppableChildren, inner: Child) -> None:
        self._source = source
        self._closed = False
        self.inner = inner

    @property
    def output(self) -> str:
        return self.inner.output

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        self._unless_stopped(lambda: self.inner.provide(files, limits))

    def begin(self, seconds: float) -> None:
        self._unless_stopped(lambda: self.inner.begin(seconds))

    def send(self, kind: int, body: bytes = b"", deadline: float = float("inf")) -> None:
        self._unless_stopped(lambda: self.inner.send(kind, body, deadline))

    def receive(self, deadline: float) -> Frame:
        return self._unless_stopped(lambda: self.inner.receive(deadline))

    def settle(self) -> None:
        self.inner.settle()

    def stop(self) -> None:
        self.inner.stop()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._source.leave(self)

    def _unless_stopped(self, act: Callable[[], _T]) -> _T:
        self._source.refuse_if_stopped()
        try:
            return act()
        except (ChildEnded, Interrupted):
            self._source.refuse_if_stopped()  # it has been ended by us
            raise


GARBAGE = 100_000
"""Threshold of the cyclic garbage collector, in allocations: a collection during a check would delay its result."""

MAX_EXERCISES = 8
"""Maximum number of exercises kept ready."""


@dataclass(frozen=True, slots=True)
class CheckTask:
    """A submission that is open in the editor."""

    document: OpenDocument
    submission: Submission
    exercise: PreparedExercise

    @property
    def is_whole(self) -> bool:
        """Whether all of it can be read; otherwise it is probably being typed."""
        problems = self.submission.problems
        return bool(self.submission.cells) and all(one.kind not in ("syntax", "unreadable") for one in problems)


class NotRun(Exception):
    """A submission that is not run now. The message says why, and is empty where it will be run when it is saved."""


class Checks:
    """To be used by one thread, but for `StoppableChildren.stop`. Use as a context manager: leaving it ends all its
    processes."""

    def __init__(self, not_own: Callable[[str], str]) -> None:
        """`not_own` says why a file may be somebody else's, as the rest of a sentence; "" if nothing suggests it."""
        self._not_own = not_own
        self._exercises: dict[tuple[str, int, int, str | None], PreparedExercise] = {}
        self._children: Children | None = None
        self._made_for: Isolation | None = None
        self._first = True

    def __enter__(self) -> Checks:
        return self

    def __exit__(self, *_: object) -> None:
        if self._children is not None:
            self._children.close()
            self._children = None

    def task(self, document: OpenDocument, settings: EditorSettings, roots: Sequence[str]) -> CheckTask | None:
        """The submission that a document is; None where it is none. Raises `ExerciseError`, `UsageError`,
        `SubmissionError` and `EnvironmentProblem`."""
        found = chosen(document, settings, roots)
        if found is None:
            return None
        exercise = self._exercise(found.exercise, found.variant)
        submission = document.submission()
        if found.doubtful and not answers(submission, names_asked(exercise.exercise)):
            return None
        return CheckTask(document, submission, exercise)

    def children(self, settings: EditorSettings) -> StoppableChildren:
        """The processes for one check. Raises `IsolationMissing`."""
        if self._children is None or self._made_for != settings.isolation:
            self.__exit__()
            self._children, self._made_for = _children(settings.isolation), settings.isolation
        return StoppableChildren(self._children)

    def check(self, task: CheckTask, settings: EditorSettings, children: StoppableChildren) -> Result:
        """Raises `NotRun`, `Superseded`, and what `grader.check` raises."""
        if children.isolation == "process":
            self._refuse(task)
        return check(task.exercise, task.submission, reveal=settings.reveal, children=children)

    def prepare(self) -> None:
        """Get ready for the next check while nothing else is to be done."""
        if isinstance(self._children, PrestartedProcesses):
            with contextlib.suppress(EnvironmentProblem):  # the next check reports it
                self._children.prepare()
        if self._first:
            get_ready()
            gc.freeze()
            gc.set_threshold(GARBAGE)
            self._first = False

    def _exercise(self, name: str, variant: str | None) -> PreparedExercise:
        path = find(name)
        with contextlib.suppress(OSError):
            facts = os.stat(path)
            key = (str(path), facts.st_mtime_ns, facts.st_size, variant)
            if key not in self._exercises:
                self._exercises[key] = PreparedExercise(for_student(load(path), None, key=variant))
                while len(self._exercises) > MAX_EXERCISES:
                    del self._exercises[next(iter(self._exercises))]
            return self._exercises[key]
        return PreparedExercise(for_student(load(path), None, key=variant))

    def _refuse(self, task: CheckTask) -> None:
        path, name = task.document.path, task.submission.file
        if path is not None and (why := self._not_own(path)):
            raise NotRun(f"{name} {why}. It is not run: nothing would keep it from your files here.")
        if not task.document.is_saved and not is_plain([cell.source for cell in task.submission.cells]):
            raise NotRun


def _children(wanted: Isolation | None) -> Children:
    if wanted is not None:
        return PrestartedProcesses() if wanted == "process" else children_for(wanted)
    for mode in _STRICTEST_FIRST:
        with contextlib.ExitStack() as stack, contextlib.suppress(IsolationMissing):
            servers = stack.enter_context(ForkServers(PreloaderPool(mode)))
            servers.warm()  # tests the isolation
            stack.pop_all()
            return servers
    return PrestartedProcesses()


_STRICTEST_FIRST: tuple[Confined, ...] = ("strict", "portable")
