"""What isolation costs a submission: `strict`, as a ratio to a bare fork of the same fork server.

    .venv/bin/pytest tests/benchmarks/test_isolation.py --benchmark-only -s

Subject and floor are the same session over the same pipes, from fork to end, taking turns in one run: once with
bubblewrap, Landlock, the filter and limits, once with none of them. The median of the ratios counts. Reach: 2 for
plain Python and NumPy, 1.5 for torch.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from grader.errors import IsolationMissing
from grader.model import Value
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation.modes import plan
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.session import Session
from grader.runner.types import Labels, Order, Setup

CODE = {
    "plain": "import math\nh = math.tanh(w * 0.7)\ndw = (1 - h**2) * 0.7\n",
    "numpy": "import numpy as np\nh = np.tanh(np.ones((4, 3)) @ np.ones(3) * w)\ndw = ((1 - h**2) * 3).sum()\n",
    "torch": "import torch\nt = torch.ones(4, requires_grad=True)\n(t.tanh() * w).sum().backward()\ndw = t.grad\n",
}
GIVEN = {"w": Value.scalar(1.2)}
ROUNDS = 60


@contextmanager
def both(library: str) -> Iterator[tuple[ForkServers, ForkServers]]:
    try:
        strict = plan("strict")
        bare = replace(strict, layers=(), bubblewrap=None, uid=None)
        with ExitStack() as stack:
            made = [ForkServers(PreloaderPool("strict", made_of=one, selftest=one is strict)) for one in (strict, bare)]
            for one in made:
                stack.enter_context(one)
                one.warm(() if library == "plain" else (library,))
            yield made[0], made[1]
    except IsolationMissing as error:
        pytest.skip(str(error))


def seconds(children: ForkServers, library: str) -> float:
    labels = Labels({"w": "w"}, frozenset({"h", "dw"}), frozenset({"h", "dw"}), ())
    setup = Setup("mine.py", (CODE[library],), ("mine.py#0",), labels, GIVEN, False)
    started = time.perf_counter()
    with Session(setup, () if library == "plain" else (library,), children=children) as session:
        trace = session.run(Order(GIVEN))
    assert trace.ended == "finished"
    assert not trace.raised
    return time.perf_counter() - started


@pytest.mark.parametrize(("library", "reach"), [("plain", 2.0), ("numpy", 2.0), ("torch", 1.5)])
def test_strict_over_a_bare_fork(benchmark: Any, library: str, reach: float) -> None:
    with both(library) as (strict, bare):
        for children in (strict, bare):
            seconds(children, library)
        floors: list[float] = []
        benchmark.pedantic(
            seconds, (strict, library), setup=lambda: floors.append(seconds(bare, library)), rounds=ROUNDS
        )
    ratios = [took / least for took, least in zip(benchmark.stats.stats.data, floors, strict=True)]
    ratio, floor = statistics.median(ratios), statistics.median(floors)
    benchmark.extra_info["ratio"] = round(ratio, 2)
    print(f"\n{library}: {ratio:.2f} times a bare fork of {1000 * floor:.1f} ms (reach {reach})")
    assert ratio < reach
