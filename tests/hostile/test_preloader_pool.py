"""Where fork servers come from: one preloader for each set of libraries, whichever process they grade for."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.errors import IsolationMissing
from grader.runner import preloader_pool as module
from grader.runner.child import preloaders
from grader.runner.fork_server_handle import ForkServerHandle, kill, pid_of
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation import modes
from grader.runner.isolation.readable_paths import places
from grader.runner.preloader_pool import PreloaderPool, SharedPreloaderPool
from grader.runner.protocols import Interrupted
from grader.submission.load import load_bytes
from tests.hostile.attacks import DERIVATION, HERE
from tests.hostile.test_attacks import EXERCISE
from tests.hostile.traces import Left, descendants, left, parents

RIGHT = load_bytes(DERIVATION.encode(), "mine.py")


@pytest.fixture
def preloader_pool(isolated: ForkServers) -> Iterator[PreloaderPool]:
    with PreloaderPool(isolated.preloader_pool.isolation) as own:
        yield own


def distant(preloader_pool: PreloaderPool) -> SharedPreloaderPool:
    shared = preloader_pool.shared()
    return SharedPreloaderPool.attached({**shared, "descriptor": os.dup(shared["descriptor"])})


def pool_process(preloader_pool: PreloaderPool) -> int:
    """The process that forks preloaders, which bubblewrap has as its only child's only child."""
    pid = preloader_pool._process.pid
    for _ in range(2 if preloader_pool._plan.bubblewrap else 0):
        (pid,) = (child for child, above in parents().items() if above == pid)
    return pid


def parent(fork_server: ForkServerHandle) -> int:
    return parents()[pid_of(fork_server.pidfd)]


def test_fork_servers_with_the_same_libraries_are_split_from_one_preloader(preloader_pool: PreloaderPool) -> None:
    one, other, third = (
        preloader_pool.fork_server(()),
        preloader_pool.fork_server(()),
        preloader_pool.fork_server(("numpy",)),
    )

    assert pid_of(one.pidfd) != pid_of(other.pidfd)
    assert parent(one) == parent(other) != parent(third)
    for fork_server in (one, other, third):
        fork_server.close()


def test_the_death_of_one_is_nothing_to_another(preloader_pool: PreloaderPool) -> None:
    one, other = preloader_pool.fork_server(()), preloader_pool.fork_server(())
    kill(one.pidfd)
    one.close()

    assert (one.alive, other.alive) == (False, True)
    assert other.selftest()[-1] == "done"
    other.close()


def test_where_the_preloader_has_died_there_is_another(preloader_pool: PreloaderPool) -> None:
    one = preloader_pool.fork_server(())
    preloader = parent(one)
    os.kill(preloader, signal.SIGKILL)
    one.close()
    while preloader in parents():
        time.sleep(0.01)
    other = preloader_pool.fork_server(())

    assert parent(other) != preloader
    other.close()


def test_where_the_pool_has_ended_there_is_another(preloader_pool: PreloaderPool) -> None:
    preloader_pool.fork_server(()).close()
    shared = distant(preloader_pool)
    os.kill(pool_process(preloader_pool), signal.SIGKILL)
    preloader_pool._process.wait()

    assert not shared.alive
    with pytest.raises(Interrupted, match="the batch ended"):
        shared.fork_server(())
    preloader_pool.fork_server(()).close()
    assert distant(preloader_pool).alive


def test_a_preloader_there_is_no_more_room_for_ends_with_the_last_of_its_fork_servers(
    preloader_pool: PreloaderPool,
) -> None:
    one, other = preloader_pool.fork_server(()), preloader_pool.fork_server(())
    preloader = parent(other)
    for library in ("csv", "json", "math", "uuid")[: preloaders.MAX_PRELOADERS]:
        preloader_pool.fork_server((library,)).close()
    one.close()

    assert (preloader in parents(), other.alive) == (True, True)
    assert other.selftest()[-1] == "done"
    other.close()
    patience = time.monotonic() + 5
    while preloader in parents() and time.monotonic() < patience:
        time.sleep(0.01)
    assert preloader not in parents()


def test_another_process_grades_with_fork_servers_it_is_handed(preloader_pool: PreloaderPool) -> None:
    with ForkServers(distant(preloader_pool)) as fork_servers:
        results = [grader.check(EXERCISE, RIGHT, children=fork_servers) for _ in range(3)]
        fork_server, another = fork_servers._fork_servers[frozenset()], preloader_pool.fork_server(())
        assert parent(fork_server) == parent(another)
        another.close()

    assert [(result.score, result.isolation) for result in results] == [(3.0, preloader_pool.isolation)] * 3
    assert not fork_server.alive


def test_a_fork_server_that_nobody_listens_to_any_more_leaves_without_a_word(preloader_pool: PreloaderPool) -> None:
    for _ in range(8):  # sooner or later there is something that it said and nobody has read
        with ForkServers(distant(preloader_pool)) as fork_servers:
            grader.check(EXERCISE, RIGHT, children=fork_servers)

    preloader_pool._log.seek(0)
    assert preloader_pool._log.read() == b""


def test_workers_share_copies_of_the_exercises_files(preloader_pool: PreloaderPool, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("emma\nolivia\n")
    exercise = tmp_path / "hostile.yaml"
    exercise.write_text((HERE / "exercise.yaml").read_text() + "files: [names.txt]\n")
    reading = load_bytes(("print(open('names.txt').read().split())\n" + DERIVATION).encode(), "mine.py")
    with ForkServers(distant(preloader_pool)) as one, ForkServers(distant(preloader_pool)) as other:
        results = [grader.check(exercise, reading, children=fork_servers) for fork_servers in (one, other)]

        assert [(result.score, result.output) for result in results] == [(3.0, "['emma', 'olivia']\n")] * 2
        assert len(os.listdir(preloader_pool.data)) == 1


def test_who_is_handed_none_is_told_why(isolated: ForkServers) -> None:
    broken = replace(modes.plan(isolated.preloader_pool.isolation), program=b"\0" * 8)  # no filter the kernel takes
    with (
        PreloaderPool(isolated.preloader_pool.isolation, made_of=broken) as preloader_pool,
        ForkServers(distant(preloader_pool)) as fork_servers,
    ):
        for _ in range(2):  # the line is still there
            with pytest.raises(IsolationMissing, match=rf"isolation {preloader_pool.isolation} cannot start: .*put on"):
                fork_servers.warm()


def test_a_pool_whose_preloaders_end_says_why(
    isolated: ForkServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = "import grader.runner.child.preloaders as ours; ours.standing = None; main()"
    monkeypatch.setattr(module, "_START", module._START.replace("main()", torn))
    with PreloaderPool(isolated.preloader_pool.isolation) as preloader_pool, pytest.raises(IsolationMissing) as refused:
        preloader_pool.fork_server(())

    assert "cannot start: TypeError: 'NoneType' object is not callable" in str(refused.value)


def test_a_fork_server_nobody_takes_ends(preloader_pool: PreloaderPool) -> None:
    preloader_pool.fork_server(()).close()
    without = descendants(os.getpid())
    line = distant(preloader_pool)
    line.prepare(())
    line.close()

    preloader_pool.fork_server(()).close()  # by now the other has been asked for
    deadline = time.monotonic() + 5
    while descendants(os.getpid()) != without and time.monotonic() < deadline:
        time.sleep(0.02)
    assert descendants(os.getpid()) == without


def test_who_asks_when_the_batch_is_over_is_interrupted(preloader_pool: PreloaderPool) -> None:
    line = distant(preloader_pool)
    preloader_pool.close()

    with pytest.raises(Interrupted, match="the batch ended"):
        line.fork_server(())
    line.close()


def test_leaving_does_not_wait_for_libraries_to_be_imported(
    isolated: ForkServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "endless.py").write_text("import time\ntime.sleep(60)\n")
    known, here = places(), (str(tmp_path / "below"),)
    there = replace(known, wanted=known.wanted + here, readable=known.readable + here, search=known.search + here)
    monkeypatch.setattr("grader.runner.preloader_pool.places", lambda: there)
    said: list[str] = []

    def ask(line: SharedPreloaderPool) -> None:
        with pytest.raises(Interrupted) as ended:
            line.fork_server(("endless",))
        said.append(str(ended.value))

    with PreloaderPool(isolated.preloader_pool.isolation) as preloader_pool:
        preloader_pool.fork_server(()).close()
        lines = [distant(preloader_pool), distant(preloader_pool)]
        asking = [threading.Thread(target=ask, args=(line,)) for line in lines]
        for thread in asking:
            thread.start()
        time.sleep(0.1)
        began = time.monotonic()
    took = time.monotonic() - began
    for thread in asking:
        thread.join(5)

    assert said == ["the batch ended"] * 2
    assert took < 1.5
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="there is no telling where a process runs")
def test_a_fork_server_stays_on_the_core_of_the_worker_it_is_for(preloader_pool: PreloaderPool) -> None:
    before = os.sched_getaffinity(0)
    line = distant(preloader_pool)
    preloader_pool.fork_server(()).close()
    try:
        os.sched_setaffinity(0, {max(before)})
        fork_server = line.fork_server(())
    finally:
        os.sched_setaffinity(0, before)

    assert os.sched_getaffinity(pid_of(fork_server.pidfd)) == {max(before)}
    fork_server.close()
    line.close()


def test_leaving_ends_every_process_and_removes_every_file(isolated: ForkServers) -> None:
    before = left()
    with (
        PreloaderPool(isolated.preloader_pool.isolation) as preloader_pool,
        ForkServers(distant(preloader_pool)) as fork_servers,
    ):
        fork_servers.warm()
        fork_servers.warm(("numpy",))
        folder = Path(preloader_pool.data)
        assert folder.exists()

    assert left() - before == Left()
    assert not folder.exists()
