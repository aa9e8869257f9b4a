"""Whose score changed between two runs, and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader.batch.instructor_tables import GivenScore, override
from grader.batch.jobs import record_of
from grader.batch.run import difference, difference_lines, take_snapshot
from grader.batch.store import Store
from grader.batch.student_row import LatePolicy
from grader.report.page import Page
from tests.batch.making_results import HALF, RIGHT, filled, handed, work_of

DUE = datetime(2026, 1, 1)
LATE = datetime(2026, 1, 1, 12)


def lines(store: Store) -> str:
    page = Page(100)
    difference_lines(page, difference(store))
    return page.text().plain


def test_every_change_of_a_score_has_its_reason(tmp_path: Path) -> None:
    several = [(handed("late", submitted=LATE), RIGHT), (handed("again"), HALF), (handed("given"), HALF),
               (handed("same"), RIGHT), (handed("gone"), RIGHT)]  # fmt: skip
    with Store(filled(tmp_path, several), writing=True) as store:
        take_snapshot(store, LatePolicy())
        first = difference(store)
        store.take([handed("again", b"# better\n"), handed("new")], [])
        store.assign(work_of)
        for one in store.standings():
            if one.student in ("again", "new") and one.work is not None:
                store.put(record_of(one.work, RIGHT))
        override(store, GivenScore("given", "", 1.5, "spoke to me", "me"))
        store.set_aside({"late", "again", "given", "same", "new"})
        take_snapshot(store, LatePolicy(DUE, 25))
        told = lines(store)
        take_snapshot(store, LatePolicy(DUE, 25))
        unchanged = lines(store)

    assert first is None
    assert [" ".join(line.split()) for line in told.splitlines()[1:]] == [
        "again again 1 -> 2 handed in again",
        "given given 1 -> 1.5 given by hand",
        "late late 2 -> 1.5 deducted for lateness: 0 -> 0.5",
        "new new none -> 2 new in the class",
        "gone gone 2 -> none not in the class any more",
    ]
    assert unchanged == told  # a run that changes nothing leaves the last change in sight


def test_before_a_second_run_there_is_nothing_to_tell(tmp_path: Path) -> None:
    with Store(filled(tmp_path, [(handed("a"), RIGHT)]), writing=True) as store:
        take_snapshot(store, LatePolicy())

        assert "no run before this one" in lines(store)
