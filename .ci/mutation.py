"""Mutation testing: puts one fault at a time into a module, and says which faults its tests do not notice.

    .venv/bin/python .ci/mutation.py grader/judge/score.py
    .venv/bin/python .ci/mutation.py grader/judge/score.py grader/judge/verdicts.py --count 20 --tests tests/judge

Without --tests, the tests of each module's own folder are run (`tests/judge` for `grader/judge/score.py`; those of
whole submissions, `tests/pipeline`, where it has none), those that import the module first; for modules that judge and
explain those of the written cases too (`tests/cases/test_cases.py`), for formulas those of exercises. Which faults are
drawn depends on --seed alone. Nothing here is changed: they are put into a copy of the repository. What came of each is
kept in `.mutation.jsonl`, and believed as long as the module is the same: a run that was ended goes on where it was.
A fault with which the tests do not end in time was noticed, but by no test of what the code does: such faults are
counted apart.
Exit status: 0 every fault was noticed, 1 some were not, 2 the tests do not pass without a fault.
"""

from __future__ import annotations

import argparse
import ast
import copy
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".mutation.jsonl"

JUDGING = ("judge", "diagnosis", "blame")
WRITTEN_CASES = ("tests/cases/test_cases.py",)
"""Submissions with the expected verdict on each line: what no test of a module notices, one of these may."""

BEYOND = {**dict.fromkeys(JUDGING, WRITTEN_CASES), "formula": ("tests/exercise",)}
"""The tests that show more of a part than those of its own folder: exercises are written in formulas."""

SWAPPED: dict[type[ast.AST], type[Any]] = {
    one: other
    for pair in (
        (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq),
        (ast.In, ast.NotIn), (ast.Is, ast.IsNot), (ast.And, ast.Or),
    )
    for one, other in (pair, pair[::-1])
}  # fmt: skip
"""What each operator is changed to."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One change of a module: `text` is the whole module with `new` in the place of `old` in a line."""

    file: str
    line: int
    old: str
    new: str
    text: str

    @property
    def key(self) -> str:
        """What is the same only for the same fault of the same module."""
        return hashlib.sha256(f"{self.file}\0{self.line}\0{self.text}".encode()).hexdigest()


Place = tuple[str, int, int]
"""A module, the number of one of its nodes, and which of the faults that can be put there."""


def places(file: str) -> Iterator[Place]:
    """Where a fault can be put into a module: an operator, a condition, a constant or a returned value changed."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    decorators = {part for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for part in _decorating(node)}
    for number, node in enumerate(ast.walk(tree)):
        if node not in decorators:
            yield from ((file, number, which) for which, _ in enumerate(_changes(node)))


def _decorating(node: ast.ClassDef) -> Iterator[ast.AST]:
    """The nodes of a class's decorators, such as `frozen=True`, on which nothing depends that a test could see."""
    return (part for decorator in node.decorator_list for part in ast.walk(decorator))


def fault_at(place: Place) -> Fault:
    """The fault, with the text of the whole module: made only for those that are drawn."""
    file, number, which = place
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    node = list(ast.walk(tree))[number]
    changed = list(_changes(node))[which]
    old, new = (ast.unparse(one).partition("\n")[0] for one in (node, changed))
    line = getattr(node, "lineno", 0)
    _replace(tree, node, changed)
    return Fault(file, line, old, new, ast.unparse(tree))


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """The node with one fault in it, in each way there is."""
    changed: Any  # a copy, whose fields are set to nodes of other kinds
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPPED:
        changed = copy.deepcopy(node)
        changed.op = SWAPPED[type(node.op)]()
        yield changed
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPPED:
        changed = copy.deepcopy(node)
        changed.ops[0] = SWAPPED[type(node.ops[0])]()
        yield changed
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield copy.deepcopy(node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.IfExp | ast.If):
        changed = copy.deepcopy(node)
        changed.test = ast.UnaryOp(ast.Not(), changed.test)
        yield changed
    elif isinstance(node, ast.Return) and ast.unparse(node) not in ("return", "return None"):
        yield ast.Return(ast.Constant(None))


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(one is old for one in value):
                value[next(at for at, one in enumerate(value) if one is old)] = new


class Outcome(StrEnum):
    """What the tests make of a fault."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


def _tried(home: Path, tests: list[str], seconds: float | None) -> Outcome:
    """What comes of the tests of a copy; on time-out, their processes are ended with them."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(home)}
    with subprocess.Popen(
        command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as running:
        try:
            return Outcome.KILLED if running.wait(seconds) else Outcome.SURVIVED
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            return Outcome.TIMED_OUT


def _outcome(fault: Fault, home: Path, tests: list[str], seconds: float) -> Outcome:
    file = home / fault.file
    before = file.read_text("utf-8")
    file.write_text(fault.text, "utf-8")
    try:
        return _tried(home, tests, seconds)
    finally:
        file.write_text(before, "utf-8")


def _suites(module: str) -> tuple[str, ...]:
    """The tests of a module's folder, and those beyond it that notice its faults."""
    part = Path(module).parts[1].removesuffix(".py")
    folder = f"tests/{part}" if (ROOT / "tests" / part).is_dir() else "tests/pipeline"
    return (folder, *BEYOND.get(part, ()))


def _own_tests(module: str) -> list[str]:
    """The tests that are run for a module, those that import it first: they notice most faults, and soonest."""
    folder, *beyond = _suites(module)
    dotted = ".".join(Path(module).with_suffix("").parts)
    package, _, name = dotted.rpartition(".")
    imported = re.compile(rf"\b(?:from {dotted} import|from {package} import .*\b{name}\b|import {dotted}\b)")
    files = sorted(path for path in (ROOT / folder).rglob("test_*.py") if imported.search(path.read_text("utf-8")))
    return [*(path.relative_to(ROOT).as_posix() for path in files), folder, *beyond]


def _copied(folder: str) -> Path:
    home = Path(folder) / "grader"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listed.splitlines():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, home / name)
    return home


def _kept() -> dict[str, Outcome]:
    lines = KEPT.read_text("utf-8").splitlines() if KEPT.exists() else []
    return {one["key"]: Outcome(one["outcome"]) for one in map(json.loads, lines) if "outcome" in one}


def main() -> int:
    """Draws the faults, tries those that were not tried before, and says which were not noticed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="+", help="such as grader/judge/score.py")
    parser.add_argument("--count", type=int, default=20, help="how many faults are drawn [20]")
    parser.add_argument("--seed", type=int, default=0, help="which faults are drawn [0]")
    parser.add_argument("--tests", nargs="+", help="what pytest is given")
    parser.add_argument("--seconds", type=float, default=300, help="after which tests are ended [300]")
    asked = parser.parse_args()
    if absent := [module for module in asked.modules if not (ROOT / module).is_file()]:
        parser.error(f"no such module from the top of the repository: {', '.join(absent)}")
    tests = {module: asked.tests or _own_tests(module) for module in asked.modules}
    every = [place for module in asked.modules for place in places(module)]
    drawn = [fault_at(one) for one in random.Random(asked.seed).sample(every, min(asked.count, len(every)))]
    known = _kept()
    with tempfile.TemporaryDirectory() as folder:
        home = _copied(folder)
        suites = sorted({part for one in drawn if one.key not in known for part in asked.tests or _suites(one.file)})
        if suites and _tried(home, suites, None) is not Outcome.SURVIVED:
            print(f"{' '.join(suites)} do not pass without a fault", flush=True)
            return 2
        for fault in drawn:
            if fault.key not in known:
                known[fault.key] = _outcome(fault, home, tests[fault.file], asked.seconds)
                with KEPT.open("a", encoding="utf-8") as file:
                    print(json.dumps({"key": fault.key, "outcome": known[fault.key]}), file=file)
            if known[fault.key] is not Outcome.KILLED:
                print(f"{fault.file}:{fault.line}: {known[fault.key]}: `{fault.old}` as `{fault.new}`", flush=True)
    counts = Counter(known[fault.key] for fault in drawn)
    counted = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
    print(f"{counted}, of {len(drawn)} faults drawn from {len(every)}")
    return 1 if counts[Outcome.SURVIVED] else 0


if __name__ == "__main__":
    sys.exit(main())
