"""What a class page says about itself: of when it is, of which download, and by which rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from grader.batch.late import Policy
from grader.batch.run import policy_of
from grader.batch.store import Store
from grader.report.numbers import count, counted

_ISOLATION = {
    "strict": "strict: each submission in a sandbox of its own",
    "portable": "portable: each submission in a sandbox without bubblewrap",
    "process": "process: as a plain process, because the files were said to be trusted",
}


def about(store: Store, at: datetime) -> Iterator[tuple[str, str]]:
    """Yield the facts about a page made at a time, with its zone: what each is about, and the fact."""
    yield "page made", _moment(at)
    graded = store.query(
        "SELECT MIN(graded_at), MAX(graded_at) FROM results JOIN submissions USING (work) WHERE status <> 'fault'"
    )[0]
    if graded[0] is not None:
        first, last = (_moment(datetime.fromisoformat(str(one)).astimezone(at.tzinfo)) for one in graded)
        yield "graded", last if first == last else f"from {first} to {last}"
    if store.about("layout"):
        named = store.about("download")
        yield "download", f"{named}, read as {store.about('layout')}" if named else f"read as {store.about('layout')}"
    if ignored := len(store.ignored()):
        yield "left out", f"{counted(ignored, 'file')} of the download; `grader batch --dry-run` lists them with the " \
            "reasons"  # fmt: skip
    kinds = [str(row[0]) for row in store.query(
        "SELECT DISTINCT isolation FROM results JOIN submissions USING (work) WHERE isolation IS NOT NULL ORDER BY 1"
    )]  # fmt: skip
    if kinds:
        yield "isolation", "; ".join(_ISOLATION.get(kind, kind) for kind in kinds)
    yield "late policy", policy_words(policy_of(store))
    if store.about("grader"):
        yield "grader", store.about("grader").partition("+")[0]


def policy_words(policy: Policy) -> str:
    """The lateness policy in a sentence."""
    if policy.due is None:
        if policy.penalty:
            return f"{count(policy.penalty)} % of all points for each day begun, but no due date is set: nothing is " \
                "taken off"  # fmt: skip
        return "none: nothing is taken off for lateness"
    said = f"due {_moment(policy.due)}"
    if not policy.penalty:
        return f"{said}; nothing is taken off for lateness"
    said += f"; each day begun after that costs {count(policy.penalty)} % of all points"
    said += f", but the first {counted(policy.free, 'day')} nothing" if policy.free else ""
    said += f", at most {count(policy.cap)} % in all" if policy.cap < 100 else ""
    return f"{said}, the first {counted(policy.grace, 'minute')} nothing" if policy.grace else said


def waiting(store: Store) -> Iterator[str]:
    """Yield why the page is not complete yet: submissions without a result, and faults of the grader."""
    counts = Counter(one.status for one in store.standings())
    whole = sum(counts.values())
    if number := counts["pending"]:
        yield f"{number} of {counted(whole, 'student')} {'is' if number == 1 else 'are'} still waiting to be graded. " \
            "The same `grader batch` command goes on where it stopped."  # fmt: skip
    if number := counts["fault"]:
        yield f"{counted(number, 'submission')} could not be graded through a fault of the grader, not of the " \
            "student; the next `grader batch` tries again."  # fmt: skip


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M %Z").strip()
