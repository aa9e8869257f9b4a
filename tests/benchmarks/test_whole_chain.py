"""What watching costs, on the 26-step chain: in all, and beside the bare arithmetic.

    .venv/bin/pytest tests/benchmarks/test_whole_chain.py --benchmark-only -s

A whole `grader check`, all points, natural and forced, report included, against running the submission plainly
(`python mine.py`) as often as the check does. Reach: 2.

Its runs alone, against the same code executed as often and unwatched in a process that has torch loaded already, on
one thread and in float64: that is what the watching itself costs. The right submission is run at four points and once
more with autograd scaled, the wrong one also with the truth fed in.

Subject and floor take turns; the median of the ratios counts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.exercise.load import find, load
from grader.judge.evidence import observe
from grader.judge.matching.naming import names_of
from grader.preparation import prepare
from grader.reference.cache import reference_for
from grader.runner.session import Session
from grader.submission.load import load_bytes
from tests.benchmarks.test_whole_process import seconds

SOLUTION = Path(__file__).parents[2] / "solutions" / "makemore-backprop.py"
RIGHT = SOLUTION.read_text(encoding="utf-8").partition("# %% Check 1")[0]
WRONG = RIGHT.replace("(1.0 - h**2) * dh", "(1.0 - hpreact**2) * dh")

UNWATCHED = """
import io, sys, time, torch
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
code = compile(open(sys.argv[1]).read(), "mine.py", "exec")
answers, sys.stdout = sys.stdout, io.StringIO()
for line in sys.stdin:
    started = time.perf_counter()
    for _ in range(int(line)):
        exec(code, {"__name__": "__main__"})
    print(time.perf_counter() - started, file=answers, flush=True)
"""


class Unwatched:
    """A process that runs a script as often as it is told, and says how long that took."""

    def __init__(self, script: Path) -> None:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", UNWATCHED, str(script)]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def seconds(self, runs: int) -> float:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(runs, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()


@pytest.mark.parametrize(("source", "runs"), [(RIGHT, 5), (WRONG, 9)], ids=["right", "wrong"])
def test_all_runs_of_the_chain(benchmark: Any, source: str, runs: int, tmp_path: Path) -> None:
    exercise = load(find("makemore-backprop"))
    reference = reference_for(exercise)
    script = tmp_path / "mine.py"
    script.write_text(source, encoding="utf-8")
    submission = load_bytes(source.encode(), "mine.py")
    setup, sites, names, _ = prepare(exercise, submission, names_of(exercise), reference.points[0].inputs)
    unwatched = Unwatched(script)
    floors: list[float] = []

    with Session(setup, ("torch",)) as session:
        made: list[Any] = []
        run = session.run

        def counted(*arguments: Any) -> Any:
            made.append(arguments)
            return run(*arguments)

        session.run = counted  # type: ignore[method-assign]
        observe(session, exercise, reference, names, sites)
        assert len(made) == runs
        unwatched.seconds(runs)
        benchmark.pedantic(
            observe,
            (session, exercise, reference, names, sites),
            setup=lambda: floors.append(unwatched.seconds(runs)),
            rounds=9,
        )
    unwatched.close()
    ratios = [took / least for took, least in zip(benchmark.stats.stats.data, floors, strict=True)]
    benchmark.extra_info["ratio"] = round(statistics.median(ratios), 2)
    print(f"\n{runs} runs: {statistics.median(ratios):.2f} times unwatched")


@pytest.mark.parametrize(("source", "runs"), [(RIGHT, 5), (WRONG, 9)], ids=["right", "wrong"])
def test_a_whole_check_against_as_many_plain_runs(benchmark: Any, source: str, runs: int, tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(source, encoding="utf-8")
    check = ("-m", "grader", "check", "makemore-backprop", str(script))
    seconds(*check)  # fills the cache
    floors: list[float] = []

    def prepare() -> None:
        floors.append(sum(seconds(str(script)) for _ in range(runs)))

    benchmark.pedantic(seconds, check, setup=prepare, rounds=3)
    ratios = [took / least for took, least in zip(benchmark.stats.stats.data, floors, strict=True)]
    benchmark.extra_info["ratio"] = round(statistics.median(ratios), 2)
    print(f"\n{runs} runs: {statistics.median(ratios):.2f} times as many plain runs (reach 2)")
