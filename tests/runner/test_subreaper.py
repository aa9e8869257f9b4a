"""What a submission starts is counted and ended, all of it, however it was started. Every program here forks a few
dozen times at most, and is told of a limit of twenty."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

import grader
from grader.runner.child import subreaper
from grader.submission.load import load_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux is there a subreaper")

ROOT = Path(__file__).parents[2]
START = """
import ctypes, os, sys, threading, time
from grader.runner.child import subreaper
subreaper.MAX_PROCESSES = 20
if "user" in sys.argv and os.getuid() == 0:
    os.setgroups([])
    os.setresuid(65534, 65534, 65534)
subreaper.fork_worker(())
"""
CHAIN = "for _ in range(60):\n    if os.fork():\n        break\n"
FORKS = {
    "a chain": CHAIN,
    "a chain of sessions": "for _ in range(60):\n    if os.fork():\n        break\n    os.setsid()\n",
    "a chain of groups": "for _ in range(60):\n    if os.fork():\n        break\n    os.setpgid(0, 0)\n",
    "doubling": "for _ in range(6):\n    os.fork()\n",
    "one process": "for _ in range(60):\n    if not os.fork():\n        break\n",
    "a thread": "def start():\n    for _ in range(60):\n        if not os.fork():\n            time.sleep(60)\n"
    "threading.Thread(target=start).start()\n",
    "ended and not waited for": "for _ in range(60):\n    if not os.fork():\n        os._exit(0)\n",
}


def started(program: str, mark: str, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", START + program, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MARK": mark},
        start_new_session=True,
    )


def marked(mark: str) -> set[int]:
    found = set()
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if mark.encode() in Path(f"/proc/{entry}/environ").read_bytes():
                found.add(int(entry))
    return found


@pytest.fixture
def mark() -> str:
    return f"mark-{uuid.uuid4().hex}"


@pytest.mark.parametrize("whose", ["root", "user"])
@pytest.mark.parametrize("way", FORKS)
def test_more_than_the_most_are_all_ended(way: str, whose: str, mark: str) -> None:
    process = started(FORKS[way] + "time.sleep(60)\n", mark, whose)

    assert process.wait(20) == subreaper.TOO_MANY_STATUS
    assert marked(mark) == set()


@pytest.mark.parametrize(
    "program",
    [
        "many = [threading.Thread(target=time.sleep, args=(0.3,)) for _ in range(60)]\n"
        "[one.start() for one in many]\n[one.join() for one in many]\n",
        "for _ in range(19):\n    if not os.fork():\n        time.sleep(0.2)\n        os._exit(0)\ntime.sleep(0.3)\n",
        "for _ in range(60):\n    child = os.fork()\n    child or os._exit(0)\n    os.waitpid(child, 0)\n",
    ],
    ids=["threads", "as many as there may be", "one after the other"],
)
def test_what_stays_below_the_most_is_left_alone(program: str, mark: str, tmp_path: Path) -> None:
    done = tmp_path / "done"
    process = started(f"{program}open({str(done)!r}, 'w').close()\n", mark)

    assert process.wait(20) == 0
    assert done.exists()
    assert marked(mark) == set()


@pytest.mark.parametrize("way", ["a chain", "a chain of sessions", "one process"])
def test_told_to_end_it_ends_everything(way: str, mark: str) -> None:
    process = started(FORKS[way].replace("60", "15") + "time.sleep(60)\n", mark)
    patience = time.monotonic() + 10
    while len(marked(mark)) < 15 and time.monotonic() < patience:
        time.sleep(0.05)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    assert time.monotonic() - began < 5
    assert marked(mark) == set()


def test_where_the_kernel_lists_no_children_they_are_found_by_their_parents(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["sleep", "30"])
    try:
        listed = set(subreaper.descendants())
        monkeypatch.setattr(os.path, "exists", lambda path: False)
        assert child.pid in listed
        assert set(subreaper.descendants()) == listed
    finally:
        child.kill()
        child.wait()


RUNS = 2
"""How often such a program is run: its loop binds a number, so that it is looked at once more at other inputs."""

SOLUTION = (ROOT / "solutions" / "tanh-chain.py").read_text(encoding="utf-8")


def test_a_process_that_a_submission_forks_does_not_speak_in_its_place() -> None:
    source = "import os\nfor _ in range(3):\n    os.fork()\n" + SOLUTION

    result = grader.check("tanh-chain", load_bytes(source.encode(), "mine.py"))

    assert result.score == result.max_score
    assert result.problems == ()


@pytest.mark.slow
def test_what_was_started_without_a_subreaper_left_is_ended(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A subreaper that is killed from outside takes its worker along; what that has started is found by its session."""
    monkeypatch.setenv("LANG", mark)
    kills = "import os, signal, time\nif os.fork():\n    os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)\n"

    result = grader.check("tanh-chain", load_bytes((kills + SOLUTION).encode(), "mine.py"))

    assert result.score is None
    assert marked(mark) - {os.getpid()} == set()


@pytest.mark.slow
def test_forks_in_a_loop_are_ended_within_five_seconds_and_the_line_is_named(
    mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", mark)
    forks = "import os, time\nfor _ in range(9):\n    os.fork()\ntime.sleep(60)\n"
    began = time.monotonic()

    result = grader.check("tanh-chain", load_bytes((forks + SOLUTION).encode(), "mine.py"))

    assert time.monotonic() - began < 5 * RUNS
    assert marked(mark) - {os.getpid()} == set()
    assert [problem.kind for problem in result.problems] == ["killed"]
    assert "more than 256 processes" in result.problems[0].message
    assert result.score is None
