"""Fork servers: how children end, what is whose fault, and what is done about it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.errors import IsolationMissing
from grader.model import Result
from grader.runner.fork_server_handle import ForkedProcess, ForkServerHandle, State, kill, pid_of
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation import modes, seccomp
from grader.runner.preloader_pool import PreloaderPool
from grader.submission.load import load_bytes
from tests.hostile.attacks import DERIVATION
from tests.hostile.test_attacks import EXERCISE
from tests.hostile.traces import Left, left, parents

RIGHT = load_bytes(DERIVATION.encode(), "mine.py")
SLOW = load_bytes(("import time\ntime.sleep(0.4)\n" + DERIVATION).encode(), "slow.py")


@pytest.fixture
def fork_servers(isolated: ForkServers) -> Iterator[ForkServers]:
    with ForkServers(PreloaderPool(isolated.isolation)) as own:
        own.warm()
        yield own


def the_one(fork_servers: ForkServers) -> Any:
    return fork_servers._fork_servers[frozenset()]


def soon(act: Callable[[], object], seconds: float = 0.15) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def test_a_fork_server_that_dies_costs_nobody_anything(fork_servers: ForkServers) -> None:
    fork_server = the_one(fork_servers)
    timer = soon(lambda: kill(fork_server.pidfd))
    result = grader.check(EXERCISE, SLOW, children=fork_servers)
    timer.join()

    assert (result.score, result.problems) == (3.0, ())
    assert grader.check(EXERCISE, RIGHT, children=fork_servers).score == 3.0
    assert the_one(fork_servers) is not fork_server


def test_a_child_ended_from_outside_is_graded_once_more(
    fork_servers: ForkServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    forked = []
    made = ForkedProcess._forked

    def watched(self: ForkedProcess, server: ForkServerHandle) -> None:
        made(self, server)
        forked.append(self)
        if len(forked) == 1:
            soon(lambda: kill(self.pidfd))

    monkeypatch.setattr(ForkedProcess, "_forked", watched)
    result = grader.check(EXERCISE, SLOW, children=fork_servers)

    assert (result.score, result.problems) == (3.0, ())
    assert len(forked) > 1


def test_a_submission_that_is_ended_from_outside_twice_is_set_aside(
    fork_servers: ForkServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ForkedProcess._forked

    def watched(self: ForkedProcess, server: ForkServerHandle) -> None:
        made(self, server)
        soon(lambda: kill(self.pidfd), 0.05)

    monkeypatch.setattr(ForkedProcess, "_forked", watched)
    result: Result = grader.check(EXERCISE, SLOW, children=fork_servers)

    assert result.score is None
    assert [problem.kind for problem in result.problems] == ["killed"]
    assert "twice" in result.problems[0].message


def test_whoever_kills_a_child_that_has_ended_meets_no_other(fork_servers: ForkServers) -> None:
    """Attack 41."""
    first: Any = fork_servers.child(())
    first.provide((), EXERCISE.policy.limits)
    handle = os.dup(first._process.pidfd)
    first.close()
    second: Any = fork_servers.child(())
    second.provide((), EXERCISE.policy.limits)
    for _ in range(3):
        kill(handle)
    os.close(handle)

    assert not second._process.reaped(0.2)
    assert Path(f"/proc/{pid_of(second._process.pidfd)}").exists()
    second.close()


def test_submissions_that_end_their_child_wear_out_no_fork_server(isolated: ForkServers) -> None:
    leaving = load_bytes(b"import os\nos._exit(3)\n", "leaving.py")
    with ForkServers(PreloaderPool(isolated.isolation)) as fork_servers:
        fork_servers.warm()
        fork_server = the_one(fork_servers)
        for _ in range(4):
            grader.check(EXERCISE, leaving, children=fork_servers)

        assert the_one(fork_servers) is fork_server


def test_descriptors_do_not_pile_up(fork_servers: ForkServers) -> None:
    opened = len(os.listdir("/proc/self/fd"))
    server = f"/proc/{pid_of(the_one(fork_servers).pidfd)}/fd"
    there = len(os.listdir(server))
    for _ in range(5):
        assert grader.check(EXERCISE, RIGHT, children=fork_servers).score == 3.0

    # A server closes what belonged to a child once it has seen that child end, on a busy machine a little later.
    ends = time.monotonic() + 30
    while len(os.listdir(server)) > there and time.monotonic() < ends:
        time.sleep(0.05)
    assert len(os.listdir("/proc/self/fd")) <= opened
    assert len(os.listdir(server)) <= there


def test_a_fork_server_is_split_from_its_preloader_while_another_ends(isolated: ForkServers) -> None:
    with PreloaderPool(isolated.preloader_pool.isolation) as preloader_pool:
        fork_server, ended = preloader_pool.fork_server(()), 0
        preloader = parents()[pid_of(fork_server.pidfd)]
        for _ in range(40):
            kill(fork_server.pidfd)
            fork_server.close()
            fork_server = preloader_pool.fork_server(())  # by the same preloader, which is told at once
            ended += not fork_server.alive

        assert ended == 0
        assert parents()[pid_of(fork_server.pidfd)] == preloader


def test_a_fork_server_asks_for_huge_pages_from_the_start(fork_servers: ForkServers) -> None:
    switch = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not switch.exists() or "[madvise]" not in switch.read_text("ascii"):
        pytest.skip("this kernel has none, or gives them to everybody")
    sections = Path(f"/proc/{pid_of(the_one(fork_servers).pidfd)}/smaps").read_text("ascii").split("VmFlags:")
    heaps = [flags for section, flags in pairwise(sections) if "[heap]" in section]

    assert any("hg" in flags.partition("\n")[0].split() for flags in heaps)


@pytest.mark.torch
def test_several_threads_may_use_the_same_fork_servers(fork_servers: ForkServers) -> None:
    scores: list[float | None] = []

    def work() -> None:
        scores.extend(grader.check(EXERCISE, RIGHT, children=fork_servers).score for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert scores == [3.0] * 40


@pytest.mark.torch
def test_a_slow_machine_is_nobodys_fault(fork_servers: ForkServers) -> None:
    """A run within its CPU time is no timeout, whatever else the machine has to do."""
    busy = "import time\nbegan = time.process_time()\nwhile time.process_time() - began < 0.15: pass\n"
    submission = load_bytes((busy + DERIVATION).encode(), "busy.py")
    results: list[Result] = []
    threads = [
        threading.Thread(target=lambda: results.append(grader.check(EXERCISE, submission, children=fork_servers)))
        for _ in range(4 * (os.cpu_count() or 1))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {result.score for result in results} == {3.0}


def test_leaving_ends_every_process_and_removes_every_file(isolated: ForkServers) -> None:
    before = left()
    with ForkServers(PreloaderPool(isolated.isolation)) as fork_servers:
        grader.check(EXERCISE, RIGHT, children=fork_servers)
        child: Any = fork_servers.child(())
        child.provide((), EXERCISE.policy.limits)
        pid = pid_of(child._process.pidfd)
        assert Path(f"/proc/{pid}").exists()
        child.close()

    assert left() - before == Left()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("missing", ["bubblewrap", "libseccomp", "Landlock"])
def test_strict_does_not_start_without_a_layer_and_says_what_to_do(
    missing: str, isolated: ForkServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> Any:
        if missing == "libseccomp":
            raise seccomp.Unavailable("there is no libseccomp.so.2")
        return 0 if missing == "Landlock" else None

    place = {"bubblewrap": "shutil.which", "libseccomp": "seccomp.program", "Landlock": "landlock.version"}[missing]
    monkeypatch.setattr(f"grader.runner.isolation.modes.{place}", none)
    modes.plan.cache_clear()
    try:
        with pytest.raises(IsolationMissing, match=rf"strict needs {missing}.*--isolation"):
            ForkServers(PreloaderPool("strict"))
    finally:
        monkeypatch.undo()
        modes.plan.cache_clear()


REFUSALS = {
    "bwrap: setting up uid map: Permission denied": "allow user namespaces (Ubuntu 24.04: an AppArmor profile",
    "bwrap: No permissions to create new namespace": "--security-opt seccomp=unconfined",
    "Killed": "isolation strict cannot start: Killed",
}


@pytest.mark.parametrize("said", REFUSALS)
def test_strict_does_not_start_where_bubblewrap_does_not(said: str, isolated: ForkServers, tmp_path: Path) -> None:
    wrapper = tmp_path / "bwrap"
    wrapper.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    wrapper.chmod(0o755)
    broken = replace(modes.plan("strict"), bubblewrap=str(wrapper))

    with (
        ForkServers(PreloaderPool("strict", made_of=broken)) as fork_servers,
        pytest.raises(IsolationMissing) as refused,
    ):
        fork_servers.warm()
    assert REFUSALS[said] in str(refused.value)
    assert said in str(refused.value)


def test_a_layer_that_cannot_be_put_on_runs_nothing(isolated: ForkServers) -> None:
    broken = replace(modes.plan(isolated.isolation), program=b"\0" * 8)  # no filter the kernel takes

    with (
        PreloaderPool("strict", made_of=broken) as preloader_pool,
        pytest.raises(IsolationMissing, match="cannot be put on"),
    ):
        preloader_pool.fork_server(())


def test_the_command_refuses_with_status_2(isolated: ForkServers, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from grader.cli.main import run

    monkeypatch.setattr("grader.runner.isolation.modes.shutil.which", lambda name: None)
    modes.plan.cache_clear()
    try:
        status = run(["check", "tanh-chain", "tests/cases/correct/plain.py", "--isolation", "strict"])
    finally:
        monkeypatch.undo()
        modes.plan.cache_clear()

    assert status == 2
    assert "install the package bubblewrap" in capsys.readouterr().err


def test_limits_are_kept_to(isolated: ForkServers) -> None:
    """A loop in C is ended soon after its CPU time (0.3 s), and not before."""
    began = time.monotonic()
    loop = load_bytes(b"x = 0.7\nsum(range(10**14))\n", "loop.py")
    result = grader.check(EXERCISE, loop, children=isolated)

    assert {problem.kind for problem in result.problems} == {"timeout"}
    assert 0.3 <= time.monotonic() - began < 30


def test_by_the_time_a_child_is_closed_it_is_gone(fork_servers: ForkServers) -> None:
    for _ in range(10):
        child: Any = fork_servers.child(())
        child.provide((), EXERCISE.policy.limits)
        pid = pid_of(child._process.pidfd)
        child.close()

        assert child._process.state == State.REAPED
        assert pid not in parents()


def test_a_child_that_nobody_holds_any_more_is_killed(fork_servers: ForkServers) -> None:
    child: Any = fork_servers.child(())
    child.provide((), EXERCISE.policy.limits)
    pid = pid_of(child._process.pidfd)
    child._process.close()

    patience = time.monotonic() + 5
    while pid in parents() and time.monotonic() < patience:
        time.sleep(0.01)
    assert pid not in parents()
    assert the_one(fork_servers).alive
