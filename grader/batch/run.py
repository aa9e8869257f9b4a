"""A batch run: read the download, choose files, store them, grade what has no result yet, report the outcome."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from grader.batch.changes import take_snapshot
from grader.batch.database import FILE as LOCK
from grader.batch.file_choice import ChoiceRule, ChosenFile, choose
from grader.batch.intake.types import Intake
from grader.batch.jobs import Record, Works, digest_of, grader_version
from grader.batch.secrets import FILE, Secrets, secrets_for
from grader.batch.store import FILE as DATABASE
from grader.batch.store import BatchJob, Store, TakenIn, key_of
from grader.batch.student_row import LatePolicy
from grader.batch.taking import BatchOptions, FileOfSeveral, intake_of, take, with_names
from grader.batch.worker_pool import Orders, WorkerPool
from grader.errors import UsageError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.reference.cache import reference_for


class Grading(Protocol):
    """What grades jobs: worker processes on this machine, or a cluster."""

    def results(self, jobs: Sequence[BatchJob], content: Callable[[BatchJob], bytes]) -> Iterator[Record]:
        """Yield a record per job, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """The outcome of a run: what the download contained, how many students were `waiting`, how many jobs are `graded`
    now (equal files are one job) and how many were graded before (`kept`), and which changes require regrading
    (`because`). `secret` is the file of the probe-point secret, if this run created it. `notes` say what was read
    beside the download, `choices` which of a student's files is graded instead of which other, `gone` are the students
    who were set aside."""

    taken: TakenIn | None
    waiting: int
    graded: int
    kept: int
    because: tuple[str, ...]
    secret: Path | None = None
    notes: tuple[str, ...] = ()
    choices: tuple[FileOfSeveral, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()


def look(options: BatchOptions) -> tuple[Intake, Iterator[ChosenFile], ChoiceRule]:
    """Read a download for a preview: nothing is stored or run."""
    exercise = named(options.exercise)
    rule = with_names(options.rule, exercise)
    intake = intake_of(options, exercise)
    return intake, choose(intake.attempts, rule), rule


def run(options: BatchOptions) -> BatchOutcome:
    """Grade everything without a result. An interrupted batch, whatever the cause, resumes when run again."""
    exercise = named(options.exercise)
    check_policy(options)
    own = Path(options.folder) / FILE
    with _store(Path(options.folder)) as store:
        new = None if options.secret or own.exists() else own
        secrets = secrets_for(Path(options.folder), options.secret)
        outcome = _run(options, exercise, store, _orders(options, exercise, secrets))
        return replace(outcome, secret=new)


@contextlib.contextmanager
def _store(folder: Path) -> Iterator[Store]:
    """The store of a folder. One that this call has made is removed if the call is refused: nothing is in it."""
    existed, new, refused = folder.exists(), not (folder / DATABASE).exists(), False
    try:
        with Store(folder, writing=True) as store:
            try:
                yield store
            except BaseException:
                refused = new and not store.query("SELECT 1 FROM submissions LIMIT 1")
                raise
    finally:
        if refused:
            with contextlib.suppress(OSError):
                for name in (*(DATABASE + kind for kind in ("-wal", "-shm", "")), FILE, LOCK):
                    (folder / name).unlink(missing_ok=True)
                if not existed:
                    folder.rmdir()


def _run(options: BatchOptions, exercise: Exercise, store: Store, orders: Orders) -> BatchOutcome:
    with _pool(options, orders) as pool:
        _same_exercise(store, exercise, options.folder)
        content = digest_of(exercise)
        with store.all_or_nothing():  # a call that is refused on the way changes nothing
            because = _changes(store, content)
            read = take(store, options, exercise, lambda chosen: _expected(chosen, pool))
            fresh = int(store.about("fresh", "0")) + options.fresh
            store.tell(
                exercise=exercise.id, title=exercise.title, path=str(Path(exercise.path).resolve()), fresh=str(fresh),
                digest=content, grader=grader_version(), points=repr(exercise.points), isolation=options.mode,
            )  # fmt: skip
            if options.late:
                keep_policy(store, replace(policy_of(store), **options.late))  # type: ignore[arg-type]  # by their names
            if options.student is not None:
                store.again(key_of(store, options.student))
            store.assign(Works(exercise, content, orders.secrets, str(fresh)))
            notes = (*read.notes, *_beside(store, options))
        jobs, waiting = store.pending(), store.waiting()
        kept = store.count_works() - len(jobs)
        if options.paths:
            store.tell(download=", ".join(Path(path).name or path for path in options.paths))
        reference_for(exercise, orders.secrets.points)  # once, before several workers would all compute it
        if jobs and pool is not None:
            graded = _grade(store, pool, jobs)
        elif jobs:
            graded = _grade_on_cluster(store, options.cluster or "", exercise, orders, jobs)
        else:
            graded = 0
        take_snapshot(store, policy_of(store))
        return BatchOutcome(
            read.taken, waiting, graded, kept, because, notes=notes, choices=read.choices, gone=read.gone
        )


def _beside(store: Store, options: BatchOptions) -> tuple[str, ...]:
    """Read the times and extensions that an instructor named, and say what was read."""
    notes: list[str] = []
    from grader.batch.instructor_tables import take_extensions, take_times, times_known  # rarely needed

    if options.times is not None:
        notes.append(take_times(store, Path(options.times)))
    if options.extensions is not None:
        notes.append(take_extensions(store, Path(options.extensions)))
    if store.about("due"):
        notes.append(times_known(store))
    return tuple(notes)


def _pool(options: BatchOptions, orders: Orders) -> AbstractContextManager[WorkerPool | None]:
    """The local worker pool; None if a cluster does the work."""
    if options.cluster is not None:
        return nullcontext()
    return WorkerPool(orders, options.workers or os.cpu_count() or 1)


def _orders(options: BatchOptions, exercise: Exercise, secrets: Secrets) -> Orders:
    return Orders(str(Path(exercise.path).resolve()), secrets, options.mode)


def _grade_on_cluster(store: Store, address: str, exercise: Exercise, orders: Orders, jobs: Sequence[BatchJob]) -> int:
    from grader.batch.cluster import BatchCluster

    with BatchCluster(address, exercise, orders) as cluster:
        return _grade(store, cluster, jobs)


def _grade(store: Store, graders: Grading, jobs: Sequence[BatchJob]) -> int:
    from grader.batch.terminal import Tally  # imported only now: the workers are already starting

    graded = 0
    with Tally(len(jobs)) as tally:
        for record in graders.results(jobs, lambda job: store.bundle(job.digest)):
            store.put(record)
            tally.add(record)
            graded += 1
    return graded


def _expected(chosen: Iterator[ChosenFile], pool: WorkerPool | None) -> Iterator[ChosenFile]:
    """Pass the choices on, and let the worker pool prepare from the first one while the rest is read and stored."""
    if pool is None:
        yield from chosen
        return
    ready = False
    for one in chosen:
        if not ready and one.reason is None:
            pool.expect(one.file, one.content)
            ready = True
        yield one


def _same_exercise(store: Store, exercise: Exercise, folder: str) -> None:
    known = store.about("exercise", exercise.id)
    if known != exercise.id:
        raise UsageError(f"{folder!r} holds results of {known}; those of {exercise.id} need a folder of their own.")


def _changes(store: Store, content: str) -> tuple[str, ...]:
    """Changes, other than changed files, that invalidate earlier results."""
    changed = []
    if store.about("digest", content) != content:
        changed.append("the exercise has changed")
    if store.about("grader", grader_version()) != grader_version():
        changed.append("the grader has changed")
    return tuple(changed)


def has_due_time(folder: Path) -> bool:
    """Whether an earlier call named when the class in a folder had to hand in."""
    if not (folder / DATABASE).is_file():
        return False
    with Store(folder) as store:
        return bool(store.about("due"))


def check_policy(options: BatchOptions) -> None:
    """Raises `UsageError` if options contradict one another, or something depends on a time when it was due, and none
    was ever named."""
    if options.fresh and options.join == "add":
        raise UsageError("--add goes on with the class in the folder, and --fresh starts over: name one of them. "
                         "--fresh without a download grades again all who are in the class.")  # fmt: skip
    if not options.late or options.late.get("due") is not None or has_due_time(Path(options.folder)):
        return
    name = {"penalty": "--late-penalty", "grace": "--grace", "free": "--free-days", "cap": "--late-cap"}
    first = next((option for field, option in name.items() if field in options.late), "This")
    raise UsageError(f"{first} says nothing without --due: name the time when it was due.")


def keep_policy(store: Store, policy: LatePolicy) -> None:
    """Store the lateness policy; results do not change."""
    due = "" if policy.due is None else policy.due.isoformat()
    store.tell(
        due=due, penalty=repr(policy.penalty), grace=repr(policy.grace), free=repr(policy.free), cap=repr(policy.cap)
    )


def policy_of(store: Store) -> LatePolicy:
    """The stored lateness policy."""
    due = store.about("due")
    return LatePolicy(
        datetime.fromisoformat(due) if due else None,
        float(store.about("penalty", "0")),
        float(store.about("grace", "0")),
        int(store.about("free", "0")),
        float(store.about("cap", "100")),
    )
