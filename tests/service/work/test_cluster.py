"""Workers of a cluster grade what is handed in, and one that dies costs nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.exercise.load import find
from grader.service.monitoring import Metrics
from grader.service.work import host_process as clusters
from grader.service.work.background import Crew, WorkerThreads
from tests.service.work.test_worker import WRONG, Taught, counted

pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.torch]


def test_files_are_graded_on_a_cluster_and_one_whose_worker_is_killed_too(Session: sessionmaker[OrmSession]) -> None:
    taught = Taught(Session, exercise=Path(find("tanh-chain")).read_text())
    with clusters.Cluster("local:1", "portable") as cluster:
        hosts = [clusters.ClusterHost(cluster)]
        workers = WorkerThreads(Session, Crew(1, "portable", poll=0.05), Metrics(), hosts)
        workers.start()
        try:
            first = taught.hands_in(WRONG)
            taught.await_state(first, "done")
            second = taught.hands_in(b"import time\nwhile time.process_time() < 1: pass\n" + WRONG)
            taught.await_state(second, "leased")
            [process] = cluster.client.run(os.getpid).values()
            os.kill(process, signal.SIGKILL)
            taught.await_state(second, "done", "failed", seconds=120)
            assert counted(workers, "grader_lost_leases_total") == 0
        finally:
            workers.stop()

    assert [(status, score) for _, status, score in taught.outcomes()] == [("graded", 1.0), ("graded", 1.0)]


def test_a_worker_of_another_version_grades_nothing() -> None:
    told = {"work": "1", "version": "0", "mode": "portable"}

    assert b"a machine that grades has grader" in clusters.grade_there(told, b"")
