"""Mutation testing: puts one fault at a time into a module, and says which faults its tests do not notice.

    .venv/bin/python .ci/mutation.py grader/judge/score.py
    .venv/bin/python .ci/mutation.py grader/judge grader/runner/wire.py --count 200 --seed 7 --jobs 2

Faults are drawn evenly from all places of the modules and folders named where one can be put; which are drawn depends
on --seed alone. A fault is tried with the tests that execute its statement: those of the module's own folder
(`tests/judge` for `grader/judge/score.py`), then those of other folders that import the module; for modules that run,
judge or explain submissions those of whole submissions too (`tests/pipeline` and the written cases), for formulas those
of exercises. The quickest are tried for a quarter of --seconds, those of the folder first, and then those that execute
most of the module, until --seconds are used up. Where nothing executes it, it has survived at once.

Which test executes which line, and for how long it runs, is measured once, and kept in `.mutation-tests.jsonl` for as
long as the package and the file of tests are the same. Code of the child process is not seen from here: it is tried
with all tests of its folder. What came of a fault is kept in `.mutation.jsonl` as long as the module is the same, and,
if it survived, the tests that did not notice it: a run that was ended goes on where it was.

Nothing here is changed: faults are put into copies of the repository, whose tests run in processes forked from this
one, which has imported what takes long and nothing of the package. A fault with which the tests take several times as
long as without was noticed, but by no test of what the code does: such faults are counted apart.
`.ci/equivalent.txt` lists survivors that change nothing anyone could see, each with the reason.
Exit status: 0 every fault was noticed or is equivalent, 1 some were not.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import gc
import hashlib
import importlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import coverage
import pytest
from faults import ROOT, Fault, fault_at, places
from forked import Task, forked

KEPT = ROOT / ".mutation.jsonl"
MEASURED = ROOT / ".mutation-tests.jsonl"
EQUIVALENT = ROOT / ".ci/equivalent.txt"

SLOW_TO_IMPORT = (
    "IPython", "hypothesis", "nbformat", "numpy", "pydantic", "pytest_asyncio", "pytest_benchmark.plugin", "pytest_lsp",
    "torch", "xdist.plugin",
)  # fmt: skip

IN_THE_CHILD = "grader/runner/child/"

MOST = 1800.0
"""Seconds for a file of tests when it is measured."""

OPTIONS = ("-p", "no:cacheprovider", "-m", "not slow or sampled")
"""Of a test that is `sampled`, all parameter sets: each is there for something that no other shows."""

JUDGED = ("tests/pipeline", "tests/cases/test_cases.py")
"""Whole submissions, some with the expected verdict on each line: what no test of a module notices, these may."""

BEYOND = {
    **dict.fromkeys(("diagnosis", "blame", "runner"), JUDGED),
    "judge": (*JUDGED, "tests/hostile/test_disguise.py"),
    "formula": ("tests/exercise",),
}
"""The tests that show more of a part than those of its own folder: exercises are written in formulas."""


SLOW = ("benchmarks", "hostile", "packages", "quality", "service")
"""Folders of tests about something else than what a module does."""


class Outcome(StrEnum):
    """What the tests make of a fault."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"


# Which tests execute which lines.


@dataclass
class Measurement:
    """What the tests of a file took in seconds, and in which tests, by bit, the lines of each module were executed."""

    key: str
    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, int]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    """Without a fault."""

    def of(self, fault: Fault) -> list[str]:
        """The tests that execute a fault."""
        lines = self.lines.get(fault.file, {})
        by = [lines.get(line, 0) for line in fault.lines or ()]
        everything = fault.file.startswith(IN_THE_CHILD) or (fault.lines is None and lines)
        found = (name for bit, name in enumerate(self.seconds) if everything or any(one >> bit & 1 for one in by))
        return [name for name in found if name not in self.failed]

    def reach(self, module: str) -> dict[str, int]:
        """How many lines of a module each test executes."""
        lines = self.lines.get(module, {}).values()
        return {name: sum(one >> bit & 1 for one in lines) for bit, name in enumerate(self.seconds)}


class Measuring:
    """The plugin of pytest that measures a file."""

    def __init__(self, coverage_of: coverage.Coverage, measurement: Measurement) -> None:
        self.coverage, self.measurement = coverage_of, measurement

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        seconds = self.measurement.seconds
        seconds[report.nodeid] = seconds.get(report.nodeid, 0) + report.duration
        if report.failed:
            self.measurement.failed.append(report.nodeid)


def _measure(file: str, measurement: Measurement, result: Path) -> int:
    """Runs the tests of a file, and writes what they execute."""
    home = Path.cwd()
    measured = coverage.Coverage(data_file=None, config_file=False, include=[f"{home}/grader/*"])
    measured.start()
    pytest.main([*OPTIONS, file], [Measuring(measured, measurement)])
    measured.stop()
    bit = {name: 1 << at for at, name in enumerate(measurement.seconds)}
    for path in measured.get_data().measured_files():
        by_line = measured.get_data().contexts_by_lineno(path).items()
        module = Path(path).relative_to(home).as_posix()
        measurement.lines[module] = {line: sum(bit.get(name, 0) for name in names) for line, names in by_line}
    result.write_text(json.dumps(vars(measurement)), "utf-8")
    return 0


def _measurement(kept: dict[str, Any]) -> Measurement:
    lines = {module: {int(line): bits for line, bits in by.items()} for module, by in kept["lines"].items()}
    return Measurement(kept["key"], kept["seconds"], lines, kept["failed"])


def measured(files: Sequence[str], homes: Sequence[Path]) -> dict[str, Measurement]:
    """The files of tests, measured where they or the package have changed since."""
    package = [path for path in _listed() if path.startswith(("grader/", "exercises/"))]
    keys = {file: _digest(homes[0], [*package, file]) for file in files}
    lines = MEASURED.read_text("utf-8").splitlines() if MEASURED.exists() else []
    kept = {one["key"]: one for one in map(json.loads, lines)}
    missing = [file for file in files if keys[file] not in kept]
    with tempfile.TemporaryDirectory() as folder:
        results = [Path(folder) / str(number) for number, _ in enumerate(missing)]
        work = (partial(_measure, file, Measurement(keys[file]), results[at]) for at, file in enumerate(missing))
        for number, _ in forked([Task(one, MOST) for one in work], homes):
            line = results[number].read_text("utf-8")
            with MEASURED.open("a", encoding="utf-8") as file:
                print(line, file=file)
            kept[keys[missing[number]]] = json.loads(line)
    for name in (name for file in files for name in kept[keys[file]]["failed"]):
        print(f"{name} does not pass without a fault", flush=True)
    return {file: _measurement(kept[keys[file]]) for file in files}


def _digest(home: Path, files: Iterable[str]) -> str:
    return hashlib.sha256(b"\0".join((home / file).read_bytes() for file in files)).hexdigest()


# Which tests a fault is tried with.


@cache
def _suites(module: str) -> tuple[str, ...]:
    """The tests of a module's folder, those that import it, and those beyond them that notice its faults."""
    part = Path(module).parts[1].removesuffix(".py")
    folder = f"tests/{part}" if (ROOT / "tests" / part).is_dir() else "tests/pipeline"
    dotted = ".".join(Path(module).with_suffix("").parts)
    package, _, name = dotted.rpartition(".")
    imported = re.compile(rf"\b(?:from {dotted} import|from {package} import .*\b{name}\b|import {dotted}\b)")
    others = [file for file in _files(["tests"]) if Path(file).parts[1] not in (*SLOW, Path(folder).name)]
    beyond = [file for file in others if imported.search((ROOT / file).read_text("utf-8"))]
    return tuple(dict.fromkeys((folder, *beyond, *BEYOND.get(part, ()))))


def _files(suites: Iterable[str]) -> list[str]:
    """The files of tests in folders, of those that git knows."""
    suites = tuple(suites)
    names = (name for name in _listed() if Path(name).name.startswith("test_") and name.endswith(".py"))
    return [name for name in names if any(name == suite or name.startswith(f"{suite}/") for suite in suites)]


Chosen = list[tuple[str, list[str]]]
"""Files with the tests of each, in the order in which they are run."""


def chosen(fault: Fault, tests: dict[str, Measurement], suites: Sequence[str], most: float) -> tuple[Chosen, float]:
    """The tests for a fault, and how long they take without it, about `most` seconds at most: the quickest for a
    quarter of this time, then those that execute most of the module."""
    suite_of = {file: at for at, suite in reversed([*enumerate(suites)]) for file in _files([suite])}
    executing = [(file, name) for file in suite_of for name in tests[file].of(fault)]
    seconds = {name: tests[file].seconds[name] for file, name in executing}
    reach = {name: count for file in suite_of for name, count in tests[file].reach(fault.file).items()}
    executing.sort(key=lambda one: (suite_of[one[0]], seconds[one[1]], one[1]))
    quick, spent = _first(executing, seconds, most / 4)
    others = sorted(executing[len(quick) :], key=lambda one: (-reach[one[1]], seconds[one[1]], one[1]))
    widest, more = _first(others, seconds, most - spent)
    return [*_by_file(quick), *_by_file(widest)], spent + more


def _first(
    tests: Sequence[tuple[str, str]], seconds: dict[str, float], most: float
) -> tuple[list[tuple[str, str]], float]:
    """The first tests, until so many seconds are used up; and how many they take."""
    before = [0.0, *accumulate(seconds[name] for _, name in tests)]
    number = sum(spent < most for spent in before[:-1])
    return [*tests[:number]], before[number]


def _by_file(tests: Sequence[tuple[str, str]]) -> Chosen:
    found = defaultdict[str, list[str]](list)
    for file, name in tests:
        found[file].append(name)
    return [*found.items()]


class OnlyThese:
    """The plugin of pytest that runs some of the tests it finds, in the order given."""

    def __init__(self, names: Sequence[str]) -> None:
        self.order = {name: at for at, name in enumerate(names)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.order), key=lambda one: self.order[one.nodeid])


def _try(tests: Chosen) -> int:
    """Whether a test fails."""
    statuses = (pytest.main([*OPTIONS, "-x", file], [OnlyThese(names)]) for file, names in tests)
    return int(any(status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) for status in statuses))


@cache
def _listed() -> list[str]:
    return subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


def _copied(folder: Path) -> Path:
    """A copy of what git knows, with its bytecode."""
    for name in _listed():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    compileall.compile_dir(folder, quiet=2)
    return folder


def _modules(named: str) -> list[str]:
    """A module, or those of a folder."""
    listed = [name for name in _listed() if name.endswith(".py")]
    return [name for name in listed if name == named or name.startswith(f"{named.rstrip('/')}/")]


def _equivalent() -> set[str]:
    """The faults that the list names, each in a line that is not indented."""
    return set(EQUIVALENT.read_text("utf-8").splitlines()) if EQUIVALENT.exists() else set()


def _import_what_is_slow() -> None:
    for name in SLOW_TO_IMPORT:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()


def outcomes(faults: Sequence[Fault], homes: Sequence[Path], most: float) -> Iterator[tuple[Fault, Outcome]]:
    """What the tests make of each fault; what is not known yet is tried, and kept."""
    suites = {fault.file: _suites(fault.file) for fault in faults}
    tests = measured(_files({part for parts in suites.values() for part in parts}), homes)
    known, equivalent = _kept(), _equivalent()
    tasks, missing = list[Task](), list[tuple[Fault, str]]()
    for fault in faults:
        found, seconds = chosen(fault, tests, suites[fault.file], most)
        survival = hashlib.sha256(
            f"{fault.key}{found}{_digest(homes[0], (file for file, _ in found))}".encode()
        ).hexdigest()
        if fault.named in equivalent:
            yield fault, Outcome.EQUIVALENT
        elif outcome := known.get(fault.key) or known.get(survival):
            yield fault, outcome
        else:
            tasks.append(Task(partial(_try, found), 20 + 4 * seconds, fault))
            missing.append((fault, survival))
    for number, status in forked(tasks, homes):
        (fault, survival), outcome = missing[number], OF_STATUS.get(status, Outcome.KILLED)
        key = survival if outcome is Outcome.SURVIVED else fault.key
        with KEPT.open("a", encoding="utf-8") as file:
            print(json.dumps({"key": key, "outcome": outcome}), file=file)
        yield fault, outcome


OF_STATUS = {0: Outcome.SURVIVED, None: Outcome.TIMED_OUT}
"""What a test's process ends with; with anything else, a test has failed."""


def _kept() -> dict[str, Outcome]:
    lines = KEPT.read_text("utf-8").splitlines() if KEPT.exists() else []
    return {one["key"]: Outcome(one["outcome"]) for one in map(json.loads, lines)}


def main() -> int:
    """Draws the faults, tries those that were not tried before, and says which were not noticed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="+", help="such as grader/judge/score.py, or a folder")
    parser.add_argument("--count", type=int, default=20, help="how many faults are drawn [20]")
    parser.add_argument("--seed", type=int, default=0, help="which faults are drawn [0]")
    parser.add_argument("--seconds", type=float, default=60, help="how long the tests of a fault take without it [60]")
    parser.add_argument("--jobs", type=int, default=1, help="how many run at once [1]")
    asked = parser.parse_args()
    modules = sorted({module for named in asked.modules for module in _modules(named)})
    if absent := [named for named in asked.modules if not _modules(named)]:
        parser.error(f"no such module from the top of the repository: {', '.join(absent)}")
    every = [place for module in modules for place in places(module)]
    drawn = [fault_at(one) for one in random.Random(asked.seed).sample(every, min(asked.count, len(every)))]
    _import_what_is_slow()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        homes = [_copied(Path(folder) / str(number)) for number in range(asked.jobs)]
        counts = Counter[Outcome]()
        for fault, outcome in outcomes(drawn, homes, asked.seconds):
            counts[outcome] += 1
            if outcome not in (Outcome.KILLED, Outcome.EQUIVALENT):
                print(f"{outcome}: {fault.line}: {fault.named}", flush=True)
    counted = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
    print(f"{counted}, of {len(drawn)} faults drawn from {len(every)}")
    return 1 if counts[Outcome.SURVIVED] else 0


if __name__ == "__main__":
    sys.exit(main())
