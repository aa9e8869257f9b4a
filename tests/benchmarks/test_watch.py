"""How long a student waits after a save: from the save to the result of `grader check --watch`, whole.

    .venv/bin/pytest tests/benchmarks/test_watch.py --benchmark-only -s

Reach, on an idle machine: 150 ms for a plain script, 500 ms with torch. As saves are waited for by polling, about 30 ms
of it are waiting; what is left is one check in a process that is ready.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parents[1] / "cases"
IDLE = 3.0
"""Seconds between two saves: no student saves faster, and the next process can start."""


class Watching:
    """`grader check --watch` on a script whose every save shows another result."""

    def __init__(self, script: Path, source: str) -> None:
        self._script, self._source = script, source
        self._saves = 0
        self.save()
        command = [sys.executable, "-m", "grader", "check", "tanh-chain", str(script), "--watch"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)
        self.wait()

    def save(self) -> None:
        self._saves += 1
        other = self._script.with_suffix(".new")
        other.write_text(f"{self._source}\n# {self._saves}\n")
        os.replace(other, self._script)

    def wait(self) -> None:
        """Read up to the last line of a report: of the first one there is no comparison."""
        assert self.process.stdout is not None
        last = "points" if self._saves == 1 else "since the last check"
        for line in self.process.stdout:
            if last in line:
                return
        raise AssertionError("it ended")

    def saved_and_shown(self) -> None:
        self.save()
        self.wait()


@pytest.fixture
def watching(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watching]:
    made = Watching(tmp_path / "mine.py", (CASES / request.param).read_text())
    yield made
    made.process.send_signal(signal.SIGINT)
    made.process.wait(30)


@pytest.mark.parametrize(
    ("watching", "reach"),
    [
        ("correct/plain.py", 0.15),
        ("wrong/forum_plain.py", 0.15),
        ("correct/numpy_one_element.py", 0.15),
        ("correct/torch_compared_with_autograd.py", 0.5),
        ("wrong/forum_torch.py", 0.5),
    ],
    indirect=["watching"],
)
def test_from_a_save_to_the_result(benchmark: Any, watching: Watching, reach: float) -> None:
    benchmark.pedantic(watching.saved_and_shown, setup=lambda: time.sleep(IDLE), rounds=9, warmup_rounds=2)

    median = statistics.median(benchmark.stats.stats.data)
    print(f"\n{1000 * median:.0f} ms (reach {1000 * reach:.0f} ms)")
