"""When a file counts as saved. The file and the clock are faked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader.cli.watch import POLL, QUIET_WHEN_CUT, Saves, Stamp, stamp


class Disk:
    """A file whose states follow one another, one per look; the last one stays."""

    def __init__(self, states: Sequence[Stamp | None], cut: Sequence[Stamp] = ()) -> None:
        self._states: Iterator[Stamp | None] = iter(states)
        self._cut = cut
        self.now: Stamp | None = None
        self.time = 0.0

    def look(self, _: str) -> Stamp | None:
        self.now = next(self._states, self.now)
        return self.now

    def is_cut(self, _: str) -> bool:
        return self.now in self._cut

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        assert self.time < 10, "it waits for ever"

    def saves(self) -> Saves:
        return Saves("mine.py", self.is_cut, self.look, lambda: self.time, self.sleep)


OLD, NEW = Stamp(1, 100, 7), Stamp(2, 100, 7)


def test_a_file_that_is_there_is_judged_at_once() -> None:
    disk = Disk([OLD])
    disk.saves().wait()

    assert disk.time <= 2 * POLL


def test_a_file_that_does_not_exist_yet_is_waited_for() -> None:
    disk = Disk([None] * 20 + [OLD])
    disk.saves().wait()

    assert (disk.now, disk.time >= 18 * POLL) == (OLD, True)


@pytest.mark.parametrize(
    "after",
    [Stamp(2, 100, 7), Stamp(1, 101, 7), Stamp(1, 100, 8)],
    ids=["written in place", "of another length in the same instant", "renamed to its name"],
)
def test_each_kind_of_save_is_seen(after: Stamp) -> None:
    disk = Disk([OLD] * 10 + [after])
    saves = disk.saves()
    saves.wait()
    saves.wait()

    assert disk.now == after


def test_a_file_that_is_still_growing_is_not_judged() -> None:
    growing = [Stamp(number, number, 7) for number in range(10)]
    disk = Disk(growing)
    disk.saves().wait()

    assert disk.now == growing[-1]


def test_a_file_that_vanishes_while_it_is_replaced_is_waited_for() -> None:
    disk = Disk([OLD] * 10 + [None] * 3 + [NEW])
    saves = disk.saves()
    saves.wait()
    saves.wait()

    assert disk.now == NEW


def test_what_looks_half_written_gets_more_time() -> None:
    disk = Disk([OLD] * 5 + [NEW], cut=[OLD])
    disk.saves().wait()

    assert disk.now == NEW


def test_what_looks_half_written_and_stays_so_is_judged() -> None:
    disk = Disk([OLD], cut=[OLD])
    disk.saves().wait()

    assert QUIET_WHEN_CUT <= disk.time <= QUIET_WHEN_CUT + 2 * POLL


class Folder:
    """Files with stamps, which change at given times."""

    def __init__(self, **changes: dict[float, Stamp | None]) -> None:
        self._changes = {f"{name}.py": times for name, times in changes.items()}
        self.time = 0.0

    def look(self, path: str) -> Stamp | None:
        times = self._changes.get(path, {})
        return next((times[at] for at in sorted(times, reverse=True) if at <= self.time), None)

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        assert self.time < 10, "it waits for ever"

    def saves(self, cut: Sequence[Stamp] = ()) -> Saves:
        return Saves("mine.py", lambda path: self.look(path) in cut, self.look, lambda: self.time, self.sleep)


@pytest.mark.parametrize("after", [NEW, None], ids=["saved", "deleted"])
def test_a_change_of_a_file_that_is_followed_is_a_save(after: Stamp | None) -> None:
    folder = Folder(mine={0: OLD}, helper={0: OLD, 1: after})
    saves = folder.saves()
    saves.wait()
    saves.follow(["helper.py"])
    saves.wait()

    assert 1 <= folder.time < 1.1


def test_a_file_that_is_no_longer_used_is_not_followed() -> None:
    folder = Folder(mine={0: OLD, 2: NEW}, helper={0: OLD, 1: NEW})
    saves = folder.saves()
    saves.wait()
    saves.follow(["helper.py"])
    saves.follow([])
    saves.wait()

    assert folder.time >= 2


def test_a_helper_that_looks_half_written_gets_more_time() -> None:
    cut = Stamp(2, 1, 7)
    folder = Folder(mine={0: OLD}, helper={0: OLD, 1: cut, 1.1: NEW})
    saves = folder.saves(cut=[cut])
    saves.wait()
    saves.follow(["helper.py"])
    saves.wait()

    assert folder.time >= 1.1


def test_a_stamp_tells_a_file_from_another_of_its_name(tmp_path: Path) -> None:
    file, other = tmp_path / "mine.py", tmp_path / "other"
    file.write_text("a = 1")
    before = stamp(str(file))
    other.write_text("a = 2")
    other.replace(file)

    assert before is not None
    assert stamp(str(file)) != before
    assert stamp(str(tmp_path)) is None
