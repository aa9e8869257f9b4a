"""Workers die, and nothing is lost by it: stand-ins for workers that die when told to."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.batch import worker_pool
from grader.batch.jobs import Record
from grader.batch.secrets import Secrets
from grader.batch.store import BatchJob
from grader.batch.worker import serve
from grader.batch.worker_pool import Orders, WorkerPool, core_of
from grader.exercise.load import find

NONE = Secrets("", "")
STAND_IN = """
import base64, json, os, sys, time
json.loads(sys.stdin.readline())
for line in sys.stdin:
    job = json.loads(line)
    kind, marks = base64.b64decode(job["content"]).decode().split(" ", 1)
    seen = os.path.join(marks, job["work"])
    before = os.path.exists(seen)
    open(seen, "a").write("x")
    if kind == "always" or (kind == "once" and not before):
        os._exit(9)
    if kind == "garbage":
        print("no record")
    if kind == "sleep":
        time.sleep(60)
    facts = ["graded", 1.0, 1.0, True, None, None, 0.0, "strict"]
    print(json.dumps({"work": job["work"], "facts": facts, "packed": None, "steps": []}), flush=True)
"""


@pytest.fixture
def graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(worker_pool, "COMMAND", (sys.executable, "-c", STAND_IN))
    marks = tmp_path / "marks"
    marks.mkdir()

    def grade(kinds: list[str], workers: int = 2) -> tuple[dict[str, str], dict[str, int]]:
        jobs = [BatchJob(f"{number}-{kind}", "s", "f.py", "d") for number, kind in enumerate(kinds)]
        with WorkerPool(Orders("e", NONE, "process"), workers) as several:
            records = list(several.results(jobs, lambda job: f"{job.work.split('-')[1]} {marks}".encode()))
        tries = {path.name: len(path.read_text()) for path in marks.iterdir()}
        assert len(records) == len({record.work for record in records})
        return {record.work: str(record.facts[0]) for record in records}, tries

    return grade


def test_every_job_has_one_record(graded: object) -> None:
    statuses, tries = graded(["fine"] * 20)  # type: ignore[operator]

    assert set(statuses.values()) == {"graded"}
    assert (len(statuses), set(tries.values())) == (20, {1})


def test_what_a_worker_died_at_is_tried_once_more_and_the_others_go_on(graded: object) -> None:
    statuses, tries = graded(["fine", "once", "fine", "fine", "fine"])  # type: ignore[operator]

    assert set(statuses.values()) == {"graded"}
    assert tries["1-once"] == 2


def test_what_kills_two_workers_is_a_fault_of_ours_and_the_others_are_graded(graded: object) -> None:
    statuses, tries = graded(["fine", "always", "fine", "garbage", "fine"])  # type: ignore[operator]

    assert statuses == {
        "0-fine": "graded", "1-always": "fault", "2-fine": "graded", "3-garbage": "fault", "4-fine": "graded"
    }  # fmt: skip
    assert tries["1-always"] == 2


@pytest.mark.parametrize(
    ("workers", "cores"),
    [(1, [None]), (2, [None, None]), (3, [0, 2, 5]), (4, [0, 2, 5, 0])],
)
def test_workers_stay_on_cores_of_their_own_where_no_core_is_left_without_one(
    workers: int, cores: list[int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {5, 0, 2}, raising=False)

    assert [core_of(number, workers) for number in range(workers)] == cores


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="there is no telling where a process runs")
def test_a_worker_stays_on_the_core_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[tuple[int, set[int]]] = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, cores: moved.append((process, cores)))
    first = {
        "exercise": str(find("tanh-chain")),
        "secrets": {"numbers": "", "points": ""},
        "mode": "process",
        "core": 1,
    }

    serve(io.BytesIO(json.dumps(first).encode() + b"\n"), io.BytesIO())

    assert moved == [(0, {1})]


def test_leaving_ends_workers_that_are_still_at_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "COMMAND", (sys.executable, "-c", STAND_IN))
    jobs = [BatchJob(f"{number}-x", "s", "f.py", "d") for number in range(4)]
    kinds = iter(["fine", "sleep", "sleep", "sleep"])
    got: list[Record] = []

    with WorkerPool(Orders("e", NONE, "process"), 1) as several:
        for record in several.results(jobs, lambda job: f"{next(kinds)} {tmp_path}".encode()):
            got.append(record)
            break
        workers = list(several._workers.values())

    assert len(got) == 1
    assert all(worker.poll() is not None for worker in workers)
    assert not [thread for thread in threading.enumerate() if thread in several._threads]


def test_workers_start_before_it_is_known_how_much_there_is_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_pool, "COMMAND", (sys.executable, "-c", STAND_IN))

    with WorkerPool(Orders("e", NONE, "process"), 2) as several:
        several.expect("f.py", b"x = 1")
        wait_until(lambda: len(several._workers) == 2)
        first = set(several._workers.values())
        records = list(several.results([BatchJob("0-x", "s", "f.py", "d")], lambda _: f"fine {tmp_path}".encode()))
        workers = set(several._workers.values())

    assert [record.facts[0] for record in records] == ["graded"]
    assert workers == first
    assert all(worker.poll() is not None for worker in workers)


@pytest.mark.parametrize("content", [b"x = '\xff'\n", b"x = 1\n" * 200_000], ids=["no UTF-8", "too long"])
def test_a_file_that_cannot_be_read_is_no_reason_not_to_begin(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "COMMAND", (sys.executable, "-c", STAND_IN))

    with WorkerPool(Orders("e", NONE, "portable"), 1) as several:
        several.expect("f.py", content)

        wait_until(lambda: len(several._workers) == 1)


def wait_until(there: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not there() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert there()
