"""A batch run: read the download, choose files, store them, grade what has no result yet, report the outcome, and whose
score changed since the run before, and why."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from grader.batch.entries import Intake
from grader.batch.file_choice import ChoiceRule, ChosenFile, choose
from grader.batch.intake import BatchOptions, FileOfSeveral, intake_of, take, with_names
from grader.batch.jobs import Record, Works, digest_of, grader_version
from grader.batch.secrets import FILE, Secrets, secrets_for
from grader.batch.store import FILE as DATABASE
from grader.batch.store import LOCK_FILE, BatchJob, Store, TakenIn, key_of
from grader.batch.student_row import LatePolicy, final
from grader.batch.worker_pool import Orders, WorkerPool
from grader.errors import UsageError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.reference.cache import reference_for
from grader.report.numbers import count
from grader.report.page import Page
from grader.report.text import cut


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
                for name in (*(DATABASE + kind for kind in ("-wal", "-shm", "")), FILE, LOCK_FILE):
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


@dataclass(frozen=True, slots=True)
class SavedScores:
    """A student's scores after a run, and the digest of the file that was graded. `score` is the one that counts."""

    name: str
    raw: float | None
    deducted: float
    overridden: float | None
    score: float | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class ScoreChanges:
    """The students whose score differs between the run at `before` and the one at `after`: their scores then and now,
    None where they were not in the class."""

    before: str
    after: str
    students: tuple[tuple[str, SavedScores | None, SavedScores | None], ...]


def take_snapshot(store: Store, policy: LatePolicy) -> None:
    """Keep the scores as they are now, if one of them has changed since the last snapshot."""
    digests = {str(student): digest for student, digest in store.query("SELECT student, digest FROM submissions")}
    now = {}
    for one in store.standings():
        known, digest = final(one, policy), digests[one.student]
        by_hand = one.by_hand
        now[one.student] = SavedScores(
            one.name, one.score, known.lost, by_hand, known.score, None if digest is None else str(digest)
        )
    last = _runs(store)[-1:]
    if last and _scores(store, last[0][0]) == now:
        return
    run, at = (last[0][0] + 1 if last else 1), datetime.now(UTC).isoformat(timespec="seconds")
    with store.all_or_nothing():
        for student, scores in now.items():
            store.execute(
                "INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                run, at, student, scores.name, scores.raw, scores.deducted, scores.overridden, scores.score,
                scores.digest,
            )  # fmt: skip


def difference(store: Store) -> ScoreChanges | None:
    """What the last run that changed a score changed; None if there was no run before it."""
    runs = _runs(store)[-2:]
    if len(runs) < 2:
        return None
    (first, before), (second, after) = runs
    was, now = _scores(store, first), _scores(store, second)
    changed = [
        (student, was.get(student), now.get(student))
        for student in dict.fromkeys((*now, *was))
        if _counts(was.get(student)) != _counts(now.get(student))
    ]
    return ScoreChanges(before, after, tuple(changed))


def difference_lines(page: Page, found: ScoreChanges | None) -> None:
    """Print whose score changed, from what to what, and why."""
    if found is None:
        page.prose("no run before this one: whose score changes is told from the next run on")
        return
    page.prose(f"scores changed between {_spoken(found.before)} and {_spoken(found.after)}: "
               f"{len(found.students) or 'none'}", "bold")  # fmt: skip
    rows = [
        [(cut(student, 28), "bold"), (cut((now or was or _NOBODY).name, 28), ""),
         (f"{_shown(was)} -> {_shown(now)}", ""), (", ".join(_why(was, now)), "dim")]
        for student, was, now in found.students
    ]  # fmt: skip
    if rows:
        page.table(rows)


_NOBODY = SavedScores("", None, 0.0, None, None, None)


def _counts(one: SavedScores | None) -> tuple[bool, float | None]:
    return one is not None, None if one is None else one.score


def _why(was: SavedScores | None, now: SavedScores | None) -> Iterator[str]:
    if was is None or now is None:
        yield "new in the class" if was is None else "not in the class any more"
        return
    if was.digest != now.digest:
        yield "handed in again"
    elif was.raw != now.raw:
        yield "graded otherwise"
    if was.deducted != now.deducted:
        yield f"deducted for lateness: {count(was.deducted)} -> {count(now.deducted)}"
    if was.overridden != now.overridden:
        yield "given by hand" if now.overridden is not None else "override taken back"


def _shown(one: SavedScores | None) -> str:
    return "none" if one is None or one.score is None else count(one.score)


def _spoken(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}"


def _runs(store: Store) -> list[tuple[int, str]]:
    rows = store.query("SELECT run, MIN(at) FROM snapshots GROUP BY run ORDER BY run")
    return [(int(str(run)), str(at)) for run, at in rows]


def _scores(store: Store, run: int) -> dict[str, SavedScores]:
    rows = store.query(
        "SELECT student, name, raw, deducted, overridden, score, digest FROM snapshots WHERE run = ?", run
    )
    return {str(student): SavedScores(*facts) for student, *facts in rows}  # type: ignore[arg-type]  # columns' types
