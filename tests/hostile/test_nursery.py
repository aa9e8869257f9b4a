"""Where zygotes come from: one stem for all that have the same libraries, whichever process they grade for."""

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
from grader.runner import nursery as house
from grader.runner.contract import Interrupted
from grader.runner.isolation import modes
from grader.runner.nursery import Distant, Nursery
from grader.runner.zygote import Zygote, kill, pid_of
from grader.runner.zygotes import Zygotes
from grader.submission.load import load_bytes
from tests.hostile.attacks import DERIVATION, HERE
from tests.hostile.test_attacks import EXERCISE
from tests.hostile.traces import Left, descendants, left, parents

RIGHT = load_bytes(DERIVATION.encode(), "mine.py")


@pytest.fixture
def nursery(isolated: Zygotes) -> Iterator[Nursery]:
    with Nursery(isolated.nursery.isolation) as own:
        yield own


def distant(nursery: Nursery) -> Distant:
    return Distant(nursery.connect(), nursery.isolation, nursery.data)


def parent(zygote: Zygote) -> int:
    return parents()[pid_of(zygote.handle)]


def test_zygotes_with_the_same_libraries_are_split_from_one_stem(nursery: Nursery) -> None:
    one, other, third = nursery.zygote(()), nursery.zygote(()), nursery.zygote(("numpy",))

    assert pid_of(one.handle) != pid_of(other.handle)
    assert parent(one) == parent(other) != parent(third)
    for zygote in (one, other, third):
        zygote.close()


def test_the_death_of_one_is_nothing_to_another(nursery: Nursery) -> None:
    one, other = nursery.zygote(()), nursery.zygote(())
    kill(one.handle)
    one.close()

    assert (one.alive, other.alive) == (False, True)
    assert other.sung()[-1] == "done"
    other.close()


def test_where_the_stem_has_died_there_is_another(nursery: Nursery) -> None:
    stem: Any = nursery.start(())
    nursery.zygote(()).close()
    os.killpg(stem._process.pid, signal.SIGKILL)
    stem._process.wait()
    zygote = nursery.zygote(())

    assert nursery.start(()) is not stem
    assert zygote.alive
    zygote.close()


def test_a_stem_there_is_no_more_room_for_ends_with_the_last_of_its_zygotes(
    nursery: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house, "MOST", 1)
    stem: Any = nursery.start(())
    one, other = nursery.zygote(()), nursery.zygote(())
    nursery.zygote(("numpy",)).close()
    one.close()

    assert (stem.alive, other.alive) == (True, True)
    assert other.sung()[-1] == "done"
    other.close()
    assert stem._process.wait(5) == 0


def test_another_process_grades_with_zygotes_it_is_handed(nursery: Nursery) -> None:
    with Zygotes(distant(nursery)) as zygotes:
        results = [grader.check(EXERCISE, RIGHT, children=zygotes) for _ in range(3)]
        zygote, another = zygotes._zygotes[frozenset()].zygote, nursery.zygote(())
        assert parent(zygote) == parent(another)
        another.close()

    assert [(result.score, result.isolation) for result in results] == [(3.0, nursery.isolation)] * 3
    assert not zygote.alive


def test_a_zygote_that_nobody_listens_to_any_more_leaves_without_a_word(nursery: Nursery) -> None:
    stem: Any = nursery.start(())
    for _ in range(8):  # sooner or later there is something that it said and nobody has read
        with Zygotes(distant(nursery), many=True) as zygotes:
            grader.check(EXERCISE, RIGHT, children=zygotes)

    stem._log.seek(0)
    assert stem._log.read() == b""


def test_workers_share_copies_of_the_exercises_files(nursery: Nursery, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("emma\nolivia\n")
    exercise = tmp_path / "hostile.yaml"
    exercise.write_text((HERE / "exercise.yaml").read_text() + "files: [names.txt]\n")
    reading = load_bytes(("print(open('names.txt').read().split())\n" + DERIVATION).encode(), "mine.py")
    with Zygotes(distant(nursery)) as one, Zygotes(distant(nursery)) as other:
        results = [grader.check(exercise, reading, children=zygotes) for zygotes in (one, other)]

        assert [(result.score, result.output) for result in results] == [(3.0, "['emma', 'olivia']\n")] * 2
        assert len(os.listdir(nursery.data)) == 1


def test_who_is_handed_none_is_told_why(isolated: Zygotes) -> None:
    broken = replace(modes.plan(isolated.nursery.isolation), program=b"\0" * 8)  # no filter the kernel takes
    with Nursery(isolated.nursery.isolation, made_of=broken) as nursery, Zygotes(distant(nursery)) as zygotes:
        for _ in range(2):  # the line is still there
            with pytest.raises(IsolationMissing, match=rf"isolation {nursery.isolation} cannot start: .*put on"):
                zygotes.warm()


def test_a_zygote_nobody_takes_ends(nursery: Nursery) -> None:
    nursery.start(()).ready()
    without = descendants(os.getpid())
    line = distant(nursery)
    line._line.send(b"[]")
    line.close()

    nursery.zygote(()).close()  # by now the other has been asked for
    deadline = time.monotonic() + 5
    while descendants(os.getpid()) != without and time.monotonic() < deadline:
        time.sleep(0.02)
    assert descendants(os.getpid()) == without


def test_who_asks_when_the_batch_is_over_is_interrupted(nursery: Nursery) -> None:
    line = distant(nursery)
    line._line.shutdown(2)

    with pytest.raises(Interrupted, match="ended"):
        line.zygote(())
    line.close()


def test_leaving_does_not_wait_for_libraries_to_be_imported(isolated: Zygotes, capfd: Any) -> None:
    said: list[str] = []

    def ask(line: Distant) -> None:
        with pytest.raises(Interrupted) as ended:
            line.zygote(("torch",))
        said.append(str(ended.value))

    with Nursery(isolated.nursery.isolation) as nursery:
        lines = [distant(nursery), distant(nursery)]
        asking = [threading.Thread(target=ask, args=(line,)) for line in lines]
        for thread in asking:
            thread.start()
        stem: Any = nursery.start(("torch",))
        while not stem._lock.locked():
            time.sleep(0.01)
        began = time.monotonic()
    took = time.monotonic() - began
    for thread in asking:
        thread.join(5)

    assert said == ["the batch ended"] * 2
    assert took < 1.5
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="there is no telling where a process runs")
def test_a_zygote_stays_on_the_core_of_the_worker_it_is_for(nursery: Nursery) -> None:
    before = os.sched_getaffinity(0)
    line = distant(nursery)
    nursery.zygote(()).close()
    try:
        os.sched_setaffinity(0, {max(before)})
        zygote = line.zygote(())
    finally:
        os.sched_setaffinity(0, before)

    assert os.sched_getaffinity(pid_of(zygote.handle)) == {max(before)}
    zygote.close()
    line.close()


def test_leaving_ends_every_process_and_removes_every_file(isolated: Zygotes) -> None:
    before = left()
    with Nursery(isolated.nursery.isolation) as nursery, Zygotes(distant(nursery)) as zygotes:
        zygotes.warm()
        zygotes.warm(("numpy",))
        folder = Path(nursery.data)
        assert folder.exists()

    assert left() - before == Left()
    assert not folder.exists()
