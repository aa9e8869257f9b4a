"""A class graded on a cluster: the README's own command, and workers that die, are of another version or never come."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from grader.batch.cluster import BatchCluster
from grader.batch.cluster_worker import Bench, Parcel, parcel, unpacked
from grader.batch.jobs import grader_version
from grader.batch.secrets import Secrets
from grader.batch.store import BatchJob
from grader.batch.worker_pool import Orders
from grader.errors import EnvironmentProblem, UsageError
from grader.exercise.load import find, load
from tests.batch.classes import RIGHT, submission
from tests.batch.making import zip_bytes
from tests.batch.test_run import as_from_a_terminal, rows, scores, wait_for

NONE = Secrets("", "")
COUNT = 40
ROOT = Path(__file__).parents[2]
COMMAND = next(
    line.partition("  #")[0].strip()
    for line in (Path(__file__).parents[2] / "README.md").read_text("utf-8").splitlines()
    if "--cluster local:2" in line
)


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return [
        one for one in psutil.Process(process.pid).children() if any("spawn_main" in word for word in one.cmdline())
    ]


@pytest.mark.slow
def test_the_readmes_command_grades_a_class_and_a_worker_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    texts = {f"s{n:03}": submission(n, hostile=0.0) for n in range(COUNT)}
    (tmp_path / "submissions.zip").write_bytes(zip_bytes({f"{who}.py": text.encode() for who, text in texts.items()}))
    arguments = [sys.executable, "-m", *shlex.split(COMMAND)]

    process = subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    before = wait_for(tmp_path / "class", 3, process)
    workers = workers_of(process)
    os.kill(workers[0].pid, signal.SIGKILL)
    told, complaints = process.communicate(timeout=300)

    assert len(workers) == 2
    assert before < COUNT
    assert process.returncode == 0, complaints
    assert complaints == ""
    assert f"graded: {COUNT}" in told
    assert rows(tmp_path / "class", "SELECT COUNT(*), COUNT(DISTINCT work) FROM results") == [(COUNT, COUNT)]
    assert scores(tmp_path / "class") == {who: 16.0 if RIGHT in text else 15.0 for who, text in texts.items()}
    assert not any(one.is_running() for one in workers)


def test_an_exercise_is_laid_down_anew_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    sent = Parcel((("e.yaml", b"exercise: e"), ("data/names.txt", b"anna")), NONE, "process", grader_version())

    place = unpacked(sent, tmp_path / "there")

    assert place.read_bytes() == b"exercise: e"
    assert (place.parent / "data" / "names.txt").read_bytes() == b"anna"


def test_a_worker_of_another_version_grades_nothing() -> None:
    sent = parcel(load(find("tanh-chain")), NONE, "process")
    bench = Bench("bench", Parcel(sent.files, sent.secrets, sent.mode, "0.0.0+other"))

    bench.setup(None)
    record = bench.grade("work", "anna", "anna.py", RIGHT.encode())

    assert record.facts[0] == "fault"
    assert record.facts[5] == f"the worker has grader {grader_version()}, the batch is graded with 0.0.0+other"


@pytest.mark.parametrize(
    ("address", "fault", "told"),
    [
        ("tcp://127.0.0.1:9", EnvironmentProblem, "no cluster answers at tcp://127.0.0.1:9"),
        ("remote", UsageError, "'remote' is no address of a cluster: tcp://host:8786 is one, and local:2."),
    ],
)
def test_a_cluster_that_is_none_is_said_to_be_none(
    address: str, fault: type[Exception], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.batch.cluster.CONNECTING", 1)
    exercise = load(find("tanh-chain"))

    with pytest.raises(fault) as error:
        BatchCluster(address, exercise, Orders(exercise.path, NONE, "process"))

    assert str(error.value).startswith(told)


class DiesOnce(Bench):
    """The first worker that is set up dies of it."""

    def setup(self, worker: object) -> None:
        try:
            os.close(os.open(os.environ["GRADER_TEST_DIED"], os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            super().setup(worker)
        else:
            os._exit(1)


class DiesAlways(Bench):
    def setup(self, worker: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Fails(Bench):
    def setup(self, worker: object) -> None:
        self._parcel = Parcel((("../none/e.yaml", b""),), "", "process", grader_version())
        super().setup(worker)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for whatever is temporary, of workers too."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("GRADER_TEST_DIED", str(tmp_path / "died"))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def cluster() -> BatchCluster:
    exercise = load(find("tanh-chain"))
    return BatchCluster("local:1", exercise, Orders(exercise.path, NONE, "process"))


JOB = BatchJob("work", "anna", "anna.py", "digest")
SOLUTION = (ROOT / "solutions" / "tanh-chain.py").read_bytes()


@pytest.mark.slow
def test_a_worker_that_dies_while_it_is_set_up_is_replaced(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("grader.batch.cluster_worker.Bench", DiesOnce)

    with cluster() as made:
        records = list(made.results([JOB], lambda job: SOLUTION))

    assert (temporary / "died").exists()
    assert [record.facts[:2] for record in records] == [("graded", 16.0)]
    assert capfd.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bench", "told"),
    [
        (DiesAlways, "die while they are being set up, 3 times of 3: the last was ended by signal 9"),
        (Fails, "cannot grade: at "),
    ],
)
def test_the_cause_is_told_where_no_worker_can_be_set_up(
    bench: type[Bench], told: str, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.batch.cluster_worker.Bench", bench)

    with pytest.raises(EnvironmentProblem) as error:
        cluster()

    assert told in str(error.value)
    assert list(temporary.iterdir()) == []


@pytest.mark.slow
def test_no_process_of_it_answers_http_and_the_folders_of_a_killed_worker_go(temporary: Path) -> None:
    with cluster() as made:
        processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
        ports = {one.laddr.port for process in processes for one in process.net_connections() if one.status == "LISTEN"}
        answers = [port for port in ports if answers_http(port)]
        (worker,) = (one for one in processes if any("spawn_main" in word for word in one.cmdline()))
        worker.kill()
        worker.wait(10)
        records = list(made.results([JOB], lambda job: SOLUTION))

    assert ports
    assert answers == []
    assert [record.facts[:2] for record in records] == [("graded", 16.0)]
    assert list(temporary.iterdir()) == []


def answers_http(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line, contextlib.suppress(OSError):
        line.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        line.settimeout(2)
        return line.recv(5) == b"HTTP/"
    return False


@pytest.mark.slow
def test_interrupted_on_a_terminal_it_says_what_is_kept_and_workers_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "submissions.zip").write_bytes(
        zip_bytes({f"s{n}.py": submission(n, hostile=0.0).encode() for n in range(COUNT)})
    )
    arguments = [sys.executable, "-m", *shlex.split(COMMAND)]

    process = subprocess.Popen(
        arguments,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=as_from_a_terminal,
    )
    wait_for(tmp_path / "class", 3, process)
    workers = workers_of(process)
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does: every process in the foreground gets it
    _, complaints = process.communicate(timeout=60)
    kept = rows(tmp_path / "class", "SELECT COUNT(*) FROM results")[0][0]

    assert process.returncode == 130
    told = f"stopped: {kept} of {COUNT} results are kept in class; the same command goes on from there"
    assert complaints.strip() == told
    assert not any(one.is_running() for one in workers)
