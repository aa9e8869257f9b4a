"""A batch in which fork servers die while submissions run: nobody loses a point; whoever is hit twice is set aside."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.cli.main import run
from grader.runner.fork_servers import ForkServers
from tests.hostile.attacks import DERIVATION, HERE
from tests.hostile.traces import descendants, parents

NAMED = "import ctypes, time\nctypes.CDLL(None).prctl(15, b'{name}', 0, 0, 0)\ntime.sleep(0.6)\n"
"""It gives its process a name, by which it is found from outside."""

WRONG = DERIVATION.replace("2 * h", "3 * h")


def fork_server_of(pid: int, above: dict[int, int]) -> int:
    return above[pid]


def pool_of(pid: int, above: dict[int, int]) -> int:
    """The uppermost process above it that runs our code for preloaders, and not bubblewrap."""
    runs = [pid]
    while b"preloaders import main" in Path(f"/proc/{above[runs[-1]]}/cmdline").read_bytes().partition(b"bwrap")[0]:
        runs.append(above[runs[-1]])
    return runs[-1]


class Killer(threading.Thread):
    """Kills the fork server (or what `whom` says) of whatever bears one of the names, as often as is allowed for it."""

    def __init__(self, allowed: dict[str, int], whom: Callable[[int, dict[int, int]], int] = fork_server_of) -> None:
        super().__init__(daemon=True)
        self._whom = whom
        self.killed: Counter[str] = Counter()
        self._allowed = allowed
        self._over = threading.Event()

    def run(self) -> None:
        seen: set[int] = set()
        while not self._over.wait(0.02):
            above = parents()
            for pid in descendants(os.getpid()) - seen:
                with contextlib.suppress(OSError, KeyError):
                    name = Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
                    if self.killed[name] < self._allowed.get(name, 0):
                        os.kill(self._whom(pid, above), signal.SIGKILL)
                        seen.add(pid)
                        self.killed[name] += 1

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def __enter__(self) -> Killer:
        self.start()
        return self


def command(*arguments: object) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        run([str(one) for one in arguments])
    return printed.getvalue()


@pytest.mark.slow
def test_fork_servers_that_die_under_a_batch_cost_nobody_a_point(isolated: ForkServers, tmp_path: Path) -> None:
    doomed, unlucky = f"doom{os.getpid()}", f"luck{os.getpid()}"
    handed = {f"n{number}": DERIVATION if number % 2 else WRONG for number in range(6)}
    handed |= {"doomed": NAMED.format(name=doomed) + DERIVATION, "unlucky": NAMED.format(name=unlucky) + DERIVATION}
    folder = tmp_path / "class"
    for student, code in handed.items():
        (folder / student).mkdir(parents=True)
        (folder / student / "mine.py").write_text(f"{code}\n# {student}\n")
    began = time.monotonic()
    with Killer({doomed: 2, unlucky: 1}) as killer:
        command("batch", HERE / "patient.yaml", folder, "-o", tmp_path / "out", "--workers", 2,
                "--isolation", isolated.isolation)  # fmt: skip
    told = {
        one["student"]: one
        for one in map(json.loads, command("results", tmp_path / "out", "--format", "jsonl").splitlines())
    }

    assert killer.killed == {doomed: 2, unlucky: 1}
    assert {student: told[student]["score"] for student in sorted(told)} == {
        **{f"n{number}": 3.0 if number % 2 else 2.0 for number in range(6)}, "doomed": None, "unlucky": 3.0,
    }  # fmt: skip
    assert "twice; nothing was decided about it" in told["doomed"]["batch"]["reason"]
    assert {step["outcome"] for step in told["doomed"]["steps"]} == {"unjudged"}
    assert {one["isolation"] for one in told.values()} == {isolated.isolation}
    assert time.monotonic() - began < 120


@pytest.mark.slow
def test_a_pool_that_dies_under_a_batch_costs_nobody_a_point(isolated: ForkServers, tmp_path: Path) -> None:
    unlucky = f"pool{os.getpid()}"
    for student in ("ada", "emmy", "grace"):
        (tmp_path / "class" / student).mkdir(parents=True)
        text = f"{NAMED.format(name=unlucky)}{DERIVATION}\n# {student}\n"
        (tmp_path / "class" / student / "mine.py").write_text(text)
    with Killer({unlucky: 1}, pool_of) as killer:
        command("batch", HERE / "patient.yaml", tmp_path / "class", "-o", tmp_path / "out", "--workers", 2,
                "--isolation", isolated.isolation)  # fmt: skip
    told = map(json.loads, command("results", tmp_path / "out", "--format", "jsonl").splitlines())

    assert killer.killed == {unlucky: 1}
    assert [one["score"] for one in told] == [3.0] * 3
