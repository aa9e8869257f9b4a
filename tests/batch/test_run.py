"""Whole batches, by the command: graded, gone on with after every kind of end, and only what changed graded again."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.batch import worker_pool
from grader.batch.intake import BatchOptions
from grader.batch.run import run
from tests.batch.classes import RIGHT, WRONG, submission
from tests.batch.making import write, zip_bytes

TRUSTED = ("--isolation", "process", "--i-trust-these-files")
SIGN = RIGHT.replace(*WRONG["sign-flipped"])


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "grader", *map(str, arguments)]


def grader(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=300)


def batch(download: Path, out: Path, *more: object) -> subprocess.CompletedProcess[str]:
    return grader("batch", "tanh-chain", download, "-o", out, *TRUSTED, *more)


def scores(out: Path) -> dict[str, float | None]:
    lines = grader("results", out, "--format", "jsonl").stdout.splitlines()
    return {one["student"]: one["batch"]["final_score"] for one in map(json.loads, lines)}


def rows(out: Path, question: str) -> Sequence[tuple[object, ...]]:
    return sqlite3.connect(out / "results.sqlite").execute(question).fetchall()


CANVAS = {
    "bellanna_101_9001_hw.py": RIGHT.encode(),
    "carrben_LATE_102_9002_hw.py": SIGN.encode(),
    "dentcleo_103_9003_hw.py": RIGHT.encode(),
    "ekdora_104_9004_hw.py": b"x = (",
    "fox_105_9005_essay.pdf": b"%PDF",
}


@pytest.mark.slow
@pytest.mark.torch
def test_a_canvas_download_is_graded_and_of_a_changed_one_what_changed(tmp_path: Path) -> None:
    download, out = tmp_path / "hw_submissions.zip", tmp_path / "out"
    download.write_bytes(zip_bytes(CANVAS))

    first = batch(download, out)

    assert first.returncode == 1, first.stderr
    assert "students: 4 new, 1 without a file to grade" in first.stdout
    assert "graded: 3" in first.stdout  # two are the same file
    assert scores(out) == {"101": 16.0, "102": 15.0, "103": 16.0, "104": None, "105": None}
    assert "fox: `essay.pdf`: it is neither a script nor a notebook" in first.stdout

    again = batch(download, out)

    assert "graded: 0; 3 results of before kept" in again.stdout
    download.write_bytes(zip_bytes({**CANVAS, "carrben_LATE_102_9007_hw-1.py": RIGHT.encode() + b"# now right\n"}))
    changed = batch(download, out)
    assert "students: 1 changed, 3 as before, 1 without a file to grade" in changed.stdout
    assert "graded: 1; 2 results of before kept" in changed.stdout
    assert scores(out)["102"] == 16.0
    assert rows(out, "SELECT COUNT(*) FROM results") == [(4,)]

    one = grader("batch", "tanh-chain", "-o", out, *TRUSTED, "--student", "101")
    assert "graded: 1; 3 results of before kept" in one.stdout  # its twin's file is no longer its own
    fresh = batch(download, out, "--fresh")
    assert "graded: 3" in fresh.stdout
    assert "kept" not in fresh.stdout


@pytest.mark.torch
def test_all_graded_is_status_0_and_another_exercise_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "in", {"anna.py": RIGHT.encode()})

    done = batch(tmp_path / "in", tmp_path / "out")
    other = grader("batch", "sigmoid", tmp_path / "in", "-o", tmp_path / "out", *TRUSTED)

    assert done.returncode == 0, done.stderr
    assert other.returncode == 2
    assert "holds results of tanh-chain; those of sigmoid need a folder of their own" in other.stderr


def test_process_needs_the_risk_to_be_taken_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"anna.py": RIGHT.encode()})

    done = grader("batch", "tanh-chain", tmp_path, "-o", tmp_path / "out", "--isolation", "process")

    assert done.returncode == 2
    assert "say so with --i-trust-these-files" in done.stderr


def test_a_preview_shows_who_and_what_is_left_out_and_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "hw.zip").write_bytes(zip_bytes(CANVAS))

    done = grader("batch", "tanh-chain", tmp_path / "hw.zip", "--dry-run")

    assert done.returncode == 0, done.stderr
    assert "layout: canvas" in done.stdout
    assert "5 students, 4 with a file to grade" in done.stdout
    assert "fox: essay.pdf: it is neither a script nor a notebook" in done.stdout
    assert next(line for line in done.stdout.splitlines() if "carrben" in line).endswith("late")


def class_of(folder: Path, count: int) -> Path:
    return write(folder, {f"s{n:04}.py": submission(n, hostile=0.0).encode() for n in range(count)})


def wait_for(out: Path, results: int, process: subprocess.Popen[str]) -> int:
    """Waits until there are so many results; how many there are."""
    until = time.monotonic() + 600
    while time.monotonic() < until and process.poll() is None:
        try:
            found = rows(out, "SELECT COUNT(*) FROM results")[0][0]
        except sqlite3.OperationalError:
            found = 0
        if isinstance(found, int) and found >= results:
            return found
        time.sleep(0.01)
    raise AssertionError(process.communicate())


def as_from_a_terminal() -> None:
    """What a shell starts in the background inherits that it is not to be interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(download: Path, out: Path) -> subprocess.Popen[str]:
    arguments = command("batch", "tanh-chain", download, "-o", out, "--workers", 2, *TRUSTED)
    return subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=as_from_a_terminal,
    )


@pytest.mark.torch
@pytest.mark.parametrize(
    "how",
    [
        pytest.param(signal.SIGKILL, id="killed", marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, id="interrupted", marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, id="ended", marks=pytest.mark.slow),
    ],
)
def test_after_every_kind_of_end_it_goes_on_where_it_was(how: signal.Signals, tmp_path: Path) -> None:
    download, out = class_of(tmp_path / "in", 60), tmp_path / "out"
    process = started(download, out)
    before = wait_for(out, 4, process)
    os.kill(process.pid, how)
    _, complaints = process.communicate(timeout=60)

    kept = rows(out, "SELECT COUNT(*) FROM results")[0][0]
    done = batch(download, out)

    assert process.returncode == (-signal.SIGKILL if how is signal.SIGKILL else 128 + how)
    if how is not signal.SIGKILL:
        assert (
            complaints.strip()
            == f"stopped: {kept} of 60 results are kept in {out}; the same command goes on from there"
        )
    assert isinstance(kept, int)
    assert before <= kept < 60
    assert f"graded: {60 - kept}; {kept} results of before kept" in done.stdout
    assert rows(out, "SELECT COUNT(*) FROM results") == [(60,)]
    expected = {f"s{n:04}": 16.0 if RIGHT in submission(n, hostile=0.0) else 15.0 for n in range(60)}
    assert scores(out) == expected


def test_where_nothing_is_left_to_do_no_worker_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    download, out = tmp_path / "hw_submissions.zip", tmp_path / "out"
    download.write_bytes(zip_bytes(CANVAS))
    batch(download, out)
    started: list[int] = []
    monkeypatch.setattr(worker_pool.WorkerPool, "_started", lambda self, number: started.append(number))

    outcome = run(BatchOptions("tanh-chain", (str(download),), str(out)))

    assert (outcome.waiting, outcome.graded, outcome.kept, started) == (0, 0, 3, [])
