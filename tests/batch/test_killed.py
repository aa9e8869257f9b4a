"""A batch killed with -9 at ten random moments gives what an undisturbed one gives: each result, once.

`GRADER_KILLED=10000` makes the class as large as the promise is (five minutes on two cores)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from grader.exercise.load import find
from tests.batch.classes import write_class
from tests.batch.test_run import command, grader, rows, wait_for

COUNT = int(os.environ.get("GRADER_KILLED", "1000"))
KILLS = 10
LIMITS = "\nlimits: {seconds: 1, memory: 64}\n"
"""So that an endless loop ends soon, and what eats memory has had its fill long before: of two limits reached at about
the same time now the one and now the other would be told."""


def started(exercise: Path, download: Path, out: Path) -> subprocess.Popen[str]:
    arguments = command("batch", exercise, download, "-o", out, "--workers", 2)
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def results(out: Path) -> list[dict[str, Any]]:
    """Everything that is told of everybody, but for how long it took."""
    lines = grader("results", out, "--format", "jsonl").stdout.splitlines()
    return [{key: value for key, value in json.loads(line).items() if key != "seconds"} for line in lines]


@pytest.mark.slow
def test_killed_at_ten_random_moments_every_result_is_there_once_and_as_if_undisturbed(tmp_path: Path) -> None:
    exercise = tmp_path / "tanh-chain.yaml"
    exercise.write_text(find("tanh-chain").read_text("utf-8") + LIMITS, "utf-8")
    write_class(tmp_path / "class", COUNT)
    drawn = random.Random(COUNT)
    kept = []

    for moment in sorted(drawn.sample(range(1, COUNT - 20), KILLS)):
        process = started(exercise, tmp_path / "class", tmp_path / "killed")
        wait_for(tmp_path / "killed", moment, process)
        time.sleep(drawn.uniform(0, 0.1))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        kept.append(rows(tmp_path / "killed", "SELECT COUNT(*) FROM results")[0][0])
    last = started(exercise, tmp_path / "class", tmp_path / "killed").communicate(timeout=7200)[0]
    undisturbed = started(exercise, tmp_path / "class", tmp_path / "undisturbed").communicate(timeout=7200)[0]

    assert f"graded: {COUNT}" in undisturbed
    assert f"graded: {COUNT - int(str(kept[-1]))}; {kept[-1]} results of before kept" in last
    assert rows(tmp_path / "killed", "SELECT COUNT(*), COUNT(DISTINCT work) FROM results") == [(COUNT, COUNT)]
    assert len(results(tmp_path / "killed")) == COUNT
    assert results(tmp_path / "killed") == results(tmp_path / "undisturbed")
