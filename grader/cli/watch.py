"""`grader check --watch`: check a file again at each save, in a process in which everything is ready."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from grader.cli import exits
from grader.cli.arguments import refuse_swapped
from grader.cli.commands import CheckCall, link_to, warn_of_others, with_hint_costs
from grader.cli.output import complain, width, write
from grader.errors import EnvironmentProblem, GraderError, InternalError, SubmissionError
from grader.model import Isolation, Result, Submission
from grader.report.changes import CheckStanding, changed, readable, standing

if TYPE_CHECKING:
    from grader.exercise.types import Exercise
    from grader.runner.protocols import Children


POLL = 0.02
"""Seconds between two looks at the file: a `stat` takes some microseconds."""

QUIET = 0.02
"""Seconds without a change after which a file counts as saved."""

QUIET_WHEN_CUT = 0.25
"""The same for a file that looks as if it were still being written."""


class Stamp(NamedTuple):
    """What changes when a file is saved, in place or by renaming another file to its name."""

    modified: int
    size: int
    inode: int


def stamp(path: str) -> Stamp | None:
    """The stamp of a regular file; None where there is none."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return None
    return Stamp(facts.st_mtime_ns, facts.st_size, facts.st_ino) if os.path.isfile(path) else None


class Saves:
    """The saves of one file and of those it uses, one after the other."""

    def __init__(
        self,
        path: str,
        cut: Callable[[str], bool],
        look: Callable[[str], Stamp | None] = stamp,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`cut` says whether the content of a file looks incomplete."""
        self._path, self._cut = path, cut
        self._look, self._clock, self._sleep = look, clock, sleep
        self._paths: tuple[str, ...] = (path,)
        self._last: dict[str, Stamp | None] = {}

    def follow(self, used: Iterable[str]) -> None:
        """From now on, wait for saves of these files too: those that the file uses as it was last read."""
        self._paths = tuple(dict.fromkeys((self._path, *used)))
        self._last = {path: self._last[path] if path in self._last else self._look(path) for path in self._paths}

    def wait(self) -> None:
        """Return when the file is there, it or one it uses differs from what it was when this last returned, and none
        of them is still being written."""
        seen, since = self._now(), self._clock()
        cut: bool | None = None
        while True:
            now = self._now()
            if now != seen:
                seen, since, cut = now, self._clock(), None
            quiet = self._clock() - since
            if seen[self._path] is not None and seen != self._last and quiet >= QUIET:
                # Looked at once per state of the files: reading them costs more than a `stat`.
                cut = self._is_cut(seen) if cut is None else cut
                if (not cut or quiet >= QUIET_WHEN_CUT) and self._now() == seen:
                    self._last = seen
                    return
            self._sleep(POLL)

    def _now(self) -> dict[str, Stamp | None]:
        return {path: self._look(path) for path in self._paths}

    def _is_cut(self, seen: Mapping[str, Stamp | None]) -> bool:
        """Whether one of the files that changed looks incomplete: of those it uses, only Python can be told."""
        changed = (path for path in self._paths if seen[path] is not None and seen[path] != self._last.get(path))
        return any(self._cut(path) for path in changed if path == self._path or path.endswith(".py"))


_CLEARED = "\x1b[2J\x1b[H"
"""Clears the screen, and goes to its top. What was scrolled out of it stays."""

GARBAGE = 100_000
"""Threshold of the cyclic garbage collector, in allocations: a collection during a check would delay its result."""


def watch(watched: CheckCall) -> int:
    """Check the file at each save until Ctrl-C; return the exit status of the last check.

    Raises `ExerciseError` and `UsageError`."""
    code = exits.INTERRUPTED
    refuse_swapped(watched.exercise, (watched.submission,), "check")
    warn_of_others(watched.submission, watched.isolation)
    with contextlib.suppress(KeyboardInterrupt), contextlib.closing(_children(watched.isolation)) as children:
        checks = _Checks(watched, children)
        from grader.submission.companion_files import followed

        screen, saves = _Screen(watched), Saves(watched.submission, is_cut)
        if stamp(watched.submission) is None:
            complain(f"waiting for {watched.submission}")
        good: CheckStanding | None = None
        while True:
            saves.wait()
            screen.begin()
            try:
                submission = checks.load()
                saves.follow(followed(submission))
                result = checks.check(submission)
            except (SubmissionError, EnvironmentProblem, InternalError) as error:
                code = exits.UNREADABLE if isinstance(error, SubmissionError) else exits.FAULT
                screen.show_error(error)
            else:
                code = exits.status_of(result)
                screen.show(result, good)
                good = standing(result) if readable(result) else good
            checks.prepare()
    return code


def is_cut(path: str) -> bool:
    """Whether a file looks as if it were still being written: empty, or with code that cannot be read."""
    from grader.submission.load import load

    try:
        submission = load(path)
    except SubmissionError:
        return True
    return not submission.cells or any(one.kind in ("syntax", "unreadable") for one in submission.problems)


class _Checks:
    """The checks of one file: what they share is loaded once."""

    def __init__(self, watched: CheckCall, children: Children) -> None:
        from grader.exercise.load import named
        from grader.reference.variants import for_student

        self._watched, self._children = watched, children
        self._secret = watched.secret
        self._exercise: Exercise = for_student(named(watched.exercise), watched.student, self._secret, watched.variant)
        self._first = True

    def load(self) -> Submission:
        """The file as it is now, with the files beside it that it uses. Raises `SubmissionError`."""
        from grader.grading import names_asked
        from grader.submission.companion_files import with_files
        from grader.submission.load import load

        return with_files(load(self._watched.submission), names_asked(self._exercise))

    def check(self, submission: Submission) -> Result:
        """Check what was loaded. Raises as `grader.pipeline.check`."""
        from grader.pipeline import check

        level = self._watched.reveal
        # The exercise has the student's numbers already: loaded anew, it would need its reference anew.
        found = check(self._exercise, submission, reveal=level, secret=self._secret, children=self._children)
        return with_hint_costs(replace(found, student=self._watched.student), self._watched.submission)

    def prepare(self) -> None:
        """Get ready for the next check while nothing else is to be done."""
        from grader.runner.prestarted import PrestartedProcesses

        if isinstance(self._children, PrestartedProcesses):
            with contextlib.suppress(EnvironmentProblem):  # the next check reports it
                self._children.prepare()
        if self._first:
            from grader.grading import get_ready

            get_ready()
            gc.freeze()
            gc.set_threshold(GARBAGE)
            self._first = False


def _children(isolation: Isolation) -> Children:
    if isolation == "process":
        from grader.runner.prestarted import PrestartedProcesses

        return PrestartedProcesses()
    from grader.batch.isolation import children_for

    return children_for(isolation)


class _Screen:
    """Shows one result after the other: on a terminal in place of the one before, elsewhere below it."""

    def __init__(self, watched: CheckCall) -> None:
        self._watched = watched
        self._redraws = sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
        self._drawn = False

    def begin(self) -> None:
        """Say that a check has begun: it takes long where the code never ends."""
        if self._redraws:
            write("checking ...\r")

    def show(self, result: Result, before: CheckStanding | None) -> None:
        """Show a result, and what changed since the last one that could be read."""
        from grader.report import terminal
        from grader.report.page import Page

        text = terminal.render(result, width(), self._watched.detail, link_to(self._watched.submission))
        if before is not None:
            page = Page(width())
            page.prose(compared(before, result), "bold cyan")
            text.append_text(page.text())
        self._begin_anew()
        write(text)
        self._say_how_to_end()

    def show_error(self, error: GraderError) -> None:
        """Show why nothing could be graded."""
        self._begin_anew()
        complain(f"grader: {error}")
        self._say_how_to_end()

    def _begin_anew(self) -> None:
        if self._redraws and self._drawn:
            write(_CLEARED)
        elif self._redraws:
            self._drawn = True  # what was said before the first report, as a warning, is not cleared away
        else:
            write(f"-- {self._watched.submission}, {time.strftime('%H:%M:%S')} --\n")

    def _say_how_to_end(self) -> None:
        if self._redraws:
            write(f"\nchecked at {time.strftime('%H:%M:%S')}, and again at each save; Ctrl-C ends this\n")


def compared(before: CheckStanding, result: Result) -> str:
    """What changed from the last check that could be read to this one."""
    if readable(result):
        return changed(before, standing(result)) or "nothing changed since the last check"
    from grader.report.numbers import count

    score = "not graded" if before.score is None else f"{count(before.score)} of {count(before.max_score)}"
    return f"the last check that could read it: {score}"
