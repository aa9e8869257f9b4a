"""Seconds the diagnosis of a wrong step takes: the search for its repair, the running of it, the words.

    .venv/bin/pytest tests/benchmarks/test_diagnosis.py --benchmark-only -s

Two mistakes of every kind of script, as `tests/quality` makes them. Reach: a median under 50 ms on numbers and under
300 ms on arrays, none over 3 s.
"""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from tests.quality.measure import Warm
from tests.quality.test_mutants import measured, on_arrays, on_numbers, sample


@pytest.mark.parametrize("scripts", [on_numbers, on_arrays], ids=["numbers", "arrays"])
def test_seconds_of_a_diagnosis(benchmark: Any, scripts: Any) -> None:
    cases = list(sample(scripts(), 2, 21))
    with Warm() as warm:
        table = benchmark.pedantic(measured, (warm, cases), rounds=1)

    median, most = 1000 * statistics.median(table.seconds), 1000 * max(table.seconds)
    print(f"\n{len(table.seconds)} wrong steps: median {median:.0f} ms, most {most:.0f} ms")
