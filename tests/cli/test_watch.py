"""`grader check --watch`, as a student runs it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from grader.cli.main import run
from grader.cli.watch import compared, is_cut
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
