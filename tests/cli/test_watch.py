"""`grader check --watch`, as a student runs it; when a file counts as saved (the file and the clock are faked)."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader.cli.main import run
from grader.cli.watch import POLL, QUIET_WHEN_CUT, Saves, Stamp, compared, is_cut, stamp
from grader.report.changes import standing

from ..report.cases import correct_case, forum_case, unreadable_case

CASES = Path(__file__).parents[1] / "cases"
RIGHT, WRONG = ((CASES / name).read_text() for name in ("correct/plain.py", "wrong/forum_plain.py"))
PATIENCE = 60.0
"""Seconds: machines that run tests are busy."""


class Watching:
    """The command in a process of its own, and what it has printed."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        command = (sys.executable, "-m", "grader", "check", *arguments, "--watch")
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, text: str) -> str:
        """What is printed up to a line with this text."""
        said, deadline = "", time.monotonic() + PATIENCE
        while text not in said:
            try:
                said += self._lines.get(timeout=max(0.1, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"{text!r} was not printed, only: {said}")
        return said

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


def save(file: Path, text: str) -> None:
    """Save as many editors do: write another file, and rename it."""
    other = file.with_name("other")
    other.write_text(text)
    os.replace(other, file)


@pytest.mark.slow
def test_from_a_file_that_is_not_there_to_one_that_is_right(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    watching = Watching("tanh-chain", "mine.py", folder=tmp_path)
    try:
        watching.until("waiting for mine.py")
        mine.write_text(WRONG)
        watching.until("12 / 16: start with")
        save(mine, WRONG.replace("dh1_dwh = (1 - h1_raw", "dh1_dwh = (1 - h1"))
        watching.until("`dh1_dwh` is right now; 12 to 13")
        mine.write_text("dh1_dwh = (1 - ")
        watching.until("the last check that could read it: 13 of 16")
        mine.write_text(RIGHT)
        assert "are right now; 13 to 16" in watching.until("13 to 16")
        assert watching.stop() == 0
    finally:
        watching.process.kill()


HELPER = "def dtanh(out):\n    return 1 - out**{power}\n"


@pytest.mark.slow
def test_a_save_of_a_helper_that_the_file_imports_is_a_save(tmp_path: Path) -> None:
    helper = tmp_path / "helper.py"
    helper.write_text(HELPER.format(power=3))
    right = "dh1_dwh = (1 - h1**2)"
    assert right in RIGHT
    (tmp_path / "mine.py").write_text(f"from helper import dtanh\n{RIGHT.replace(right, 'dh1_dwh = dtanh(h1)')}")
    watching = Watching("tanh-chain", "mine.py", folder=tmp_path)
    try:
        watching.until("15 / 16: start with")
        save(helper, HELPER.format(power=2))
        watching.until("`dh1_dwh` is right now; 15 to 16")
        assert watching.stop() == 0
    finally:
        watching.process.kill()


@pytest.mark.slow
def test_a_helper_that_is_deleted_or_written_later_is_followed(tmp_path: Path) -> None:
    helper = tmp_path / "helper.py"
    right = "dh1_dwh = (1 - h1**2)"
    (tmp_path / "mine.py").write_text(f"from helper import dtanh\n{RIGHT.replace(right, 'dh1_dwh = dtanh(h1)')}")
    watching = Watching("tanh-chain", "mine.py", folder=tmp_path)
    try:
        watching.until("`helper` is not installed here, and no file of that name was handed in")
        helper.write_text(HELPER.format(power=2))
        watching.until("all 16 steps are right")
        helper.unlink()
        watching.until("no file of that name was handed in")
        helper.write_text(HELPER.format(power=2))
        watching.until("all 16 steps are right")
        assert watching.stop() == 0
    finally:
        watching.process.kill()


@pytest.mark.slow
def test_ctrl_c_ends_with_the_status_of_the_last_check(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"{WRONG}\n# grader check tanh-chain mine.py\n")
    watching = Watching("mine.py", folder=tmp_path)
    try:
        watching.until("start with")
        assert watching.stop() == 1
    finally:
        watching.process.kill()


@pytest.mark.parametrize("options", [("--format", "json"), ("-o", "report.txt")])
def test_it_writes_no_other_reports(options: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "tanh-chain", "mine.py", "--watch", *options]) == 2
    assert "leave out --format and -o" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "cut"), [("", True), ("a = (1 - ", True), ("a = 1\n", False)])
def test_what_looks_half_written(text: str, cut: bool, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)

    assert is_cut(str(file)) == cut


def test_what_is_said_of_a_check() -> None:
    before = standing(forum_case())

    assert compared(before, forum_case()) == "nothing changed since the last check"
    assert "are right now; " in compared(before, correct_case())
    assert compared(before, unreadable_case()).startswith("the last check that could read it: ")


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
