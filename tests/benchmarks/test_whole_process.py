"""How long a student waits: a whole `grader check`, as a ratio to importing the library alone.

    .venv/bin/pytest tests/benchmarks --benchmark-only -s

Subject and floor take turns in one run, so that a machine that slows down slows both; the median of the ratios counts.
Reach: at most 4 times `import numpy` without torch, at most 1.3 times `import torch` with it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parents[1] / "cases"


def seconds(*command: str) -> float:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *command], capture_output=True, env=os.environ)
    assert done.returncode in (0, 1), done.stderr
    return time.perf_counter() - started


@pytest.mark.parametrize(
    ("library", "submission", "reach"),
    [
        ("numpy", "correct/plain.py", 4.0),
        ("numpy", "wrong/forum_plain.py", 4.0),
        ("numpy", "correct/numpy_one_element.py", 4.0),
        ("torch", "wrong/forum_torch.py", 1.3),
        ("torch", "correct/torch_compared_with_autograd.py", 1.3),
    ],
)
def test_a_check_with_a_warm_cache(
    benchmark: Any, library: str, submission: str, reach: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path))
    check = ("-m", "grader", "check", "tanh-chain", str(CASES / submission))
    floor = ("-c", f"import {library}")
    seconds(*check), seconds(*floor)  # fills the cache and the file system's
    floors: list[float] = []

    def prepare() -> None:
        floors.append(seconds(*floor))

    benchmark.pedantic(seconds, check, setup=prepare, rounds=7)
    ratios = [took / least for took, least in zip(benchmark.stats.stats.data, floors, strict=True)]
    benchmark.extra_info["ratio"] = round(statistics.median(ratios), 2)
    print(f"\n{submission}: {statistics.median(ratios):.2f} times `import {library}` (reach {reach})")
