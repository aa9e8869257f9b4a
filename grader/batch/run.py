"""A batch run: read the download, choose files, store them, grade what has no result yet, report the outcome."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from grader.batch.file_choice import ANY, Chosen, Rule, choose
from grader.batch.intake.recognise import take_in
from grader.batch.intake.types import Intake
from grader.batch.job_key import Works, digest_of, grader_version
from grader.batch.late import Policy
from grader.batch.record import Record
from grader.batch.secrets import FILE, Secrets, secrets_for
from grader.batch.store import Job, Store, Taken
from grader.batch.worker_pool import Orders, WorkerPool
from grader.errors import UsageError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.grading import names_asked
from grader.model import Isolation
from grader.reference.cache import reference_for


class Grading(Protocol):
    """What grades jobs: worker processes on this machine, or a cluster."""

    def results(self, jobs: Sequence[Job], content: Callable[[Job], bytes]) -> Iterator[Record]:
        """Yield a record per job, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a batch. `paths` may be empty if the folder already holds submissions."""

    exercise: str
    paths: tuple[str, ...]
    folder: str
    layout: str | None = None
    rule: Rule = ANY
    secret: str = ""
    fresh: bool = False
    student: str | None = None
    workers: int = 0
    mode: Isolation = "process"
    cluster: str | None = None
    policy: Policy | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a run: what the download contained, how many jobs were `waiting`, how many are `graded` now and
    how many were graded before (`kept`), and which changes require regrading (`because`). `secret` is the file of the
    probe-point secret, if this run created it."""

    taken: Taken | None
    waiting: int
    graded: int
    kept: int
    because: tuple[str, ...]
    secret: Path | None = None


def look(options: Options) -> tuple[Intake, Iterator[Chosen], Rule]:
    """Read a download for a preview: nothing is stored or run."""
    exercise = named(options.exercise)
    rule = with_names(options.rule, exercise)
    intake = take_in(options.paths, exercise.id, options.layout)
    return intake, choose(intake.attempts, rule), rule


def with_names(rule: Rule, exercise: Exercise) -> Rule:
    """The rule with the names that show which file answers the exercise."""
    return replace(rule, names=names_asked(exercise))


def run(options: Options) -> Outcome:
    """Grade everything without a result. An interrupted batch, whatever the cause, resumes when run again."""
    exercise = named(options.exercise)
    own = Path(options.folder) / FILE
    with Store(Path(options.folder), writing=True) as store:
        new = None if options.secret or own.exists() else own
        secrets = secrets_for(Path(options.folder), options.secret)
        outcome = _run(options, exercise, store, _orders(options, exercise, secrets))
        return replace(outcome, secret=new)


def _run(options: Options, exercise: Exercise, store: Store, orders: Orders) -> Outcome:
    with _pool(options, orders) as pool:
        _same_exercise(store, exercise, options.folder)
        content = digest_of(exercise)
        because = _changes(store, content)
        taken = _take(store, options, exercise, pool)
        fresh = int(store.about("fresh", "0")) + options.fresh
        store.tell(
            exercise=exercise.id, title=exercise.title, path=str(Path(exercise.path).resolve()), fresh=str(fresh),
            digest=content, grader=grader_version(), points=repr(exercise.points),
        )  # fmt: skip
        if options.policy is not None:
            keep_policy(store, options.policy)
        if options.student is not None:
            store.again(options.student)
        store.assign(Works(exercise, content, orders.secrets, str(fresh)))
        jobs = store.pending()
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
        return Outcome(taken, len(jobs), graded, kept, because)


def _pool(options: Options, orders: Orders) -> AbstractContextManager[WorkerPool | None]:
    """The local worker pool; None if a cluster does the work."""
    if options.cluster is not None:
        return nullcontext()
    return WorkerPool(orders, options.workers or os.cpu_count() or 1)


def _orders(options: Options, exercise: Exercise, secrets: Secrets) -> Orders:
    return Orders(str(Path(exercise.path).resolve()), secrets, options.mode)


def _grade_on_cluster(store: Store, address: str, exercise: Exercise, orders: Orders, jobs: Sequence[Job]) -> int:
    from grader.batch.cluster import Cluster

    with Cluster(address, exercise, orders) as cluster:
        return _grade(store, cluster, jobs)


def _grade(store: Store, graders: Grading, jobs: Sequence[Job]) -> int:
    from grader.batch.progress import Tally  # imported only now: the workers are already starting

    graded = 0
    with Tally(len(jobs)) as tally:
        for record in graders.results(jobs, lambda job: store.bundle(job.digest)):
            store.put(record)
            tally.add(record)
            graded += 1
    return graded


def _take(store: Store, options: Options, exercise: Exercise, pool: WorkerPool | None) -> Taken | None:
    if options.fresh and options.paths:
        store.forget_submissions()
    known = bool(store.query("SELECT 1 FROM submissions LIMIT 1"))
    if not options.paths:
        if not known:
            raise UsageError("There is nothing to grade yet: name a folder, an archive or a download.")
        return None
    intake = take_in(options.paths, exercise.id, options.layout)
    store.tell(layout=intake.layout)
    chosen = choose(intake.attempts, with_names(options.rule, exercise))
    # If submissions are known, do not start workers in advance: files handed in again may need no grading.
    return store.take(chosen if known or pool is None else _expected(chosen, pool), intake.ignored)


def _expected(chosen: Iterator[Chosen], pool: WorkerPool) -> Iterator[Chosen]:
    """Pass the choices on, and let the worker pool prepare from the first one while the rest is read and stored."""
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


def keep_policy(store: Store, policy: Policy) -> None:
    """Store the lateness policy; results do not change."""
    due = "" if policy.due is None else policy.due.isoformat()
    store.tell(due=due, penalty=repr(policy.penalty), grace=repr(policy.grace))


def policy_of(store: Store) -> Policy:
    """The stored lateness policy."""
    due = store.about("due")
    return Policy(
        datetime.fromisoformat(due) if due else None,
        float(store.about("penalty", "0")),
        float(store.about("grace", "0")),
    )
