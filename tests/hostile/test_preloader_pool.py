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
from grader.runner import preloader_pool as house
from grader.runner.fork_server import ForkServer, kill, pid_of
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation import modes
from grader.runner.preloader_pool import PreloaderPool, RemotePreloaderPool
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


def distant(preloader_pool: PreloaderPool) -> RemotePreloaderPool:
    return RemotePreloaderPool(preloader_pool.connect(), preloader_pool.isolation, preloader_pool.data)


def parent(fork_server: ForkServer) -> int:
    return parents()[pid_of(fork_server.handle)]


def test_fork_servers_with_the_same_libraries_are_split_from_one_preloader(preloader_pool: PreloaderPool) -> None:
    one, other, third = (
        preloader_pool.fork_server(()),
        preloader_pool.fork_server(()),
        preloader_pool.fork_server(("numpy",)),
    )

    assert pid_of(one.handle) != pid_of(other.handle)
    assert parent(one) == parent(other) != parent(third)
    for fork_server in (one, other, third):
        fork_server.close()


def test_the_death_of_one_is_nothing_to_another(preloader_pool: PreloaderPool) -> None:
    one, other = preloader_pool.fork_server(()), preloader_pool.fork_server(())
    kill(one.handle)
    one.close()

    assert (one.alive, other.alive) == (False, True)
    assert other.sung()[-1] == "done"
    other.close()


def test_where_the_preloader_has_died_there_is_another(preloader_pool: PreloaderPool) -> None:
    preloader: Any = preloader_pool.start(())
    preloader_pool.fork_server(()).close()
    os.killpg(preloader._process.pid, signal.SIGKILL)
    preloader._process.wait()
    fork_server = preloader_pool.fork_server(())

    assert preloader_pool.start(()) is not preloader
    assert fork_server.alive
    fork_server.close()


def test_a_preloader_there_is_no_more_room_for_ends_with_the_last_of_its_fork_servers(
    preloader_pool: PreloaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "MOST", 1)
    preloader: Any = preloader_pool.start(())
    one, other = preloader_pool.fork_server(()), preloader_pool.fork_server(())
    preloader_pool.fork_server(("numpy",)).close()
    one.close()

    assert (preloader.alive, other.alive) == (True, True)
    assert other.sung()[-1] == "done"
    other.close()
    assert preloader._process.wait(5) == 0


def test_another_process_grades_with_fork_servers_it_is_handed(preloader_pool: PreloaderPool) -> None:
    with ForkServers(distant(preloader_pool)) as fork_servers:
        results = [grader.check(EXERCISE, RIGHT, children=fork_servers) for _ in range(3)]
        fork_server, another = fork_servers._fork_servers[frozenset()].fork_server, preloader_pool.fork_server(())
        assert parent(fork_server) == parent(another)
        another.close()

    assert [(result.score, result.isolation) for result in results] == [(3.0, preloader_pool.isolation)] * 3
    assert not fork_server.alive


def test_a_fork_server_that_nobody_listens_to_any_more_leaves_without_a_word(preloader_pool: PreloaderPool) -> None:
    preloader: Any = preloader_pool.start(())
    for _ in range(8):  # sooner or later there is something that it said and nobody has read
        with ForkServers(distant(preloader_pool), many=True) as fork_servers:
            grader.check(EXERCISE, RIGHT, children=fork_servers)

    preloader._log.seek(0)
    assert preloader._log.read() == b""


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


def test_a_fork_server_nobody_takes_ends(preloader_pool: PreloaderPool) -> None:
    preloader_pool.start(()).ready()
    without = descendants(os.getpid())
    line = distant(preloader_pool)
    line._line.send(b"[]")
    line.close()

    preloader_pool.fork_server(()).close()  # by now the other has been asked for
    deadline = time.monotonic() + 5
    while descendants(os.getpid()) != without and time.monotonic() < deadline:
        time.sleep(0.02)
    assert descendants(os.getpid()) == without


def test_who_asks_when_the_batch_is_over_is_interrupted(preloader_pool: PreloaderPool) -> None:
    line = distant(preloader_pool)
    line._line.shutdown(2)

    with pytest.raises(Interrupted, match="ended"):
        line.fork_server(())
    line.close()


def test_leaving_does_not_wait_for_libraries_to_be_imported(isolated: ForkServers, capfd: Any) -> None:
    said: list[str] = []

    def ask(line: RemotePreloaderPool) -> None:
        with pytest.raises(Interrupted) as ended:
            line.fork_server(("torch",))
        said.append(str(ended.value))

    with PreloaderPool(isolated.preloader_pool.isolation) as preloader_pool:
        lines = [distant(preloader_pool), distant(preloader_pool)]
        asking = [threading.Thread(target=ask, args=(line,)) for line in lines]
        for thread in asking:
            thread.start()
        preloader: Any = preloader_pool.start(("torch",))
        while not preloader._lock.locked():
            time.sleep(0.01)
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

    assert os.sched_getaffinity(pid_of(fork_server.handle)) == {max(before)}
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
