"""How fast a class is graded, as ratios taken in one run on one machine.

    .venv/bin/pytest tests/benchmarks/test_batch.py --benchmark-only -s

A thousand different submissions to the tanh chain, one in five wrong and diagnosed, one in fifty hostile. The floor is
what no grader that isolates can do without: a process that imports the libraries once, and for each submission that
runs to its end a fork of it, with the code in it as often as it is graded by. (A plain process: our fork servers
have huge pages, and forking one takes half as long. That is part of what is measured.) Each is timed as a command, from
its start to its end. Reach: 2 times the floor on one worker, 1.8 times as much on two cores as on one, 50 times as much
as an interpreter per submission that imports torch; and memory that does not grow. A machine that others share may be
twice as fast at one moment as at another, or on one core as on another: everything is timed in several rounds, the one
core is another in each, the ratios are of times next to one another, and the figures are the medians. What the machine
gives from its second core is told by two floors side by side, each with half of the class. `GRADER_BENCHMARK=100` makes
the class smaller, `GRADER_ROUNDS=1` is quicker.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pytest

from grader.exercise.load import find
from tests.batch.classes import HOSTILE, RIGHT, submission, write_class

COUNT = int(os.environ.get("GRADER_BENCHMARK", "1000"))
ROUNDS = int(os.environ.get("GRADER_ROUNDS", "3"))
RUNS = {"right": 4, "wrong": 10}
"""How often a submission is run: at four points; a wrong one also with the truth fed in, and mended."""

TORCH = "import torch\n" + RIGHT.replace("w_h = 2.0", "w_h = torch.tensor(2.0)").replace(
    "math.tanh(h1_raw)", "torch.tanh(h1_raw)"
).replace("math.tanh(h2_raw)", "torch.tanh(h2_raw)")

FLOOR = """
import os, sys
import {library}
codes = [(compile(open(name).read(), name, "exec"), int(runs)) for name, runs in zip(sys.argv[1::2], sys.argv[2::2])]
for code, runs in codes:
    child = os.fork()
    if not child:
        for _ in range(runs):
            exec(code, {{"__name__": "__main__"}})
        os._exit(0)
    os.waitpid(child, 0)
"""


MEASURED = """
import resource, subprocess, sys, time
started = time.perf_counter()
ended = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(ended not in (0, 1))
"""
"""In a process of its own, since the most memory a command had is never less than what started it had."""


class Round(NamedTuple):
    """Seconds for the floor, for two floors side by side with half of the class each, on one worker, on one worker kept
    to one core, on two workers, for one interpreter; and KiB."""

    floor: float
    floors: float
    one: float
    core: float
    two: float
    interpreter: float
    memory: int


def batch_seconds(folder: Path, exercise: Path, out: Path, workers: int, core: int | None = None) -> tuple[float, int]:
    """How long a batch takes, and the most memory its own process had, in KiB; with all its processes kept to one
    `core`, the first being 0 (None: as it comes)."""
    command = [sys.executable, "-m", "grader", "batch", str(exercise), str(folder), "-o", str(out)]
    with contextlib.nullcontext() if core is None else kept_to(core):
        ran = subprocess.run(
            [sys.executable, "-c", MEASURED, *command, "--workers", str(workers)], capture_output=True, text=True
        )
    assert ran.returncode == 0, ran.stderr
    took, memory = ran.stdout.split()
    return float(took), int(memory)


@contextlib.contextmanager
def kept_to(core: int) -> Iterator[None]:
    """What starts in here runs on one core, counted over those there are as often as it takes."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[core % len(before)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def floor_seconds(folder: Path, library: str, source: str, processes: int = 1) -> float:
    """With each of so many `processes` taking its part of the class."""
    told: list[list[str]] = []
    for number in range(COUNT):
        text = submission(number, source=source)
        if not any(text.endswith(hostile) for hostile in HOSTILE):
            runs = RUNS["right" if source in text else "wrong"]
            told.append([str(folder / f"s{number:05}.py"), str(runs)])
    command = [sys.executable, "-c", FLOOR.format(library=library)]
    started = time.perf_counter()
    parts = [subprocess.Popen([*command, *chain(*told[part::processes])]) for part in range(processes)]
    ended = [part.wait() for part in parts]
    assert not any(ended)
    return time.perf_counter() - started


@pytest.mark.parametrize(("library", "source"), [("math", RIGHT), ("torch", TORCH)], ids=["plain", "torch"])
def test_a_class(benchmark: Any, library: str, source: str, tmp_path: Path, capsys: Any) -> None:
    exercise = tmp_path / "tanh-chain.yaml"
    # An endless loop is given a second, so that the figures are about grading and not about waiting for loops.
    exercise.write_text(find("tanh-chain").read_text("utf-8") + "\nlimits: {seconds: 1}\n", "utf-8")
    write_class(tmp_path / "class", COUNT, source=source)
    write_class(tmp_path / "friendly", COUNT, hostile=0.0, source=source)
    batch_seconds(tmp_path / "class", exercise, tmp_path / "warm", 2)

    def once(number: int) -> Round:
        def friendly(workers: int, core: int | None = None) -> tuple[float, int]:
            out = tmp_path / f"{number}-{workers}-{core}"
            return batch_seconds(tmp_path / "friendly", exercise, out, workers, core)

        floor = floor_seconds(tmp_path / "class", library, source)
        (core, _), (two, _) = friendly(1, core=number), friendly(2)
        floors = floor_seconds(tmp_path / "class", library, source, processes=2)
        one, memory = friendly(1)
        interpreter = min(_interpreter(library, tmp_path / "friendly" / "s00000.py") for _ in range(3))
        return Round(floor, floors, one, core, two, interpreter, memory)

    rounds = benchmark.pedantic(lambda: [once(number) for number in range(ROUNDS)], rounds=1)
    mixed, _ = batch_seconds(tmp_path / "class", exercise, tmp_path / "mixed", 2)

    def middle(figure: Callable[[Round], float]) -> float:
        return median(map(figure, rounds))

    figures = {
        "per second on one worker": middle(lambda one: COUNT / one.one),
        "per second on one worker kept to one core": middle(lambda one: COUNT / one.core),
        "per second on two": middle(lambda one: COUNT / one.two),
        "per second on two, with hostile ones": COUNT / mixed,
        "times the floor on one worker": middle(lambda one: one.one / one.floor),
        "times as much on two workers": middle(lambda one: one.one / one.two),
        "times as much on two cores": middle(lambda one: one.core / one.two),
        "times as much two floors side by side": middle(lambda one: one.floor / one.floors),
        "times as much as an interpreter each": middle(lambda one: one.interpreter * COUNT / one.one),
        "MiB at most in the process that keeps the results": middle(lambda one: one.memory / 1024),
    }
    several = ", ".join(f"{one.core / one.two:.2f} ({one.floor / one.floors:.2f})" for one in rounds)
    benchmark.extra_info.update({name: round(value, 2) for name, value in figures.items()})
    with capsys.disabled():
        print(
            f"\n{COUNT} submissions, {library}:",
            *(f"  {value:8.2f} {name}" for name, value in figures.items()),
            f"  {several} times as much on two cores (two floors), by rounds",
            sep="\n",
        )


def _interpreter(library: str, script: Path) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {library}; exec(open({str(script)!r}).read())"], check=True)
    return time.perf_counter() - started
