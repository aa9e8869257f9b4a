"""Whose score changed between two runs, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.batch.store import Store
from grader.batch.student_row import LatePolicy, final
from grader.report.numbers import count
from grader.report.page import Page
from grader.report.text import cut


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
