"""`.ci/mutation.py`, on a package of a few lines."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MODULE = """
LEAST = 3


def area(side):
    return side * side


def half(number):
    return number / 2


def larger(one, other):
    return one > other
"""

TESTS = """
from grader.judge.module import LEAST, area, half


def test_a_square_of_side_3_has_area_9():
    assert area(3) == 9


def test_half_is_seen_by_no_test():
    half(0)


def test_the_least_is_3():
    assert LEAST == 3
"""

NOTICED = 3
"""`LEAST` is another, `area` divides, or returns nothing."""

SURVIVORS = {
    "`number / 2` as `number * 2` in `return number / 2`",
    "`2` as `3` in `return number / 2`",
    "`return number / 2` as `return None` in `return number / 2`",
    "`one > other` as `one >= other` in `return one > other`",
    "`return one > other` as `return None` in `return one > other`",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    pytest.importorskip("coverage")
    files = {
        "grader/__init__.py": "",
        "grader/pytest_plugin.py": "",
        "grader/judge/__init__.py": "",
        "grader/judge/module.py": MODULE,
        "tests/judge/test_module.py": TESTS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / ".ci").mkdir()
    for name in ("mutation.py", "faults.py", "forked.py"):
        shutil.copy(ROOT / ".ci" / name, tmp_path / ".ci")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    return tmp_path


def mutation(repository: Path) -> tuple[set[str], str]:
    """The survivors, and the last line of what is printed."""
    command = [sys.executable, ".ci/mutation.py", "grader/judge"]
    said = subprocess.run(command, cwd=repository, capture_output=True, text=True).stdout.splitlines()
    return {line.partition("module.py: ")[2] for line in said if line.startswith("survived: ")}, said[-1]


@pytest.mark.slow
def test_a_fault_survives_where_no_test_executes_it_or_none_that_does_fails(repository: Path) -> None:
    survivors, counted = mutation(repository)

    assert survivors == SURVIVORS
    assert (
        counted == f"{NOTICED} killed, 0 timed out, {len(SURVIVORS)} survived, 0 equivalent, of 8 faults drawn from 8"
    )


@pytest.mark.slow
def test_a_fault_that_is_listed_is_equivalent(repository: Path) -> None:
    listed = "`one > other` as `one >= other` in `return one > other`"
    reason = "    Nobody calls it.\n"
    (repository / ".ci/equivalent.txt").write_text(f"grader/judge/module.py: {listed}\n{reason}")

    assert mutation(repository)[0] == SURVIVORS - {listed}


@pytest.mark.slow
def test_what_survived_is_tried_again_with_a_new_test_and_what_was_killed_is_not(repository: Path) -> None:
    mutation(repository)
    tests = repository / "tests/judge/test_module.py"
    tests.write_text(f"{TESTS}\n\ndef test_half_of_4_is_2():\n    assert half(4) == 2\n")
    before = len((repository / ".mutation.jsonl").read_text().splitlines())
    survivors, _ = mutation(repository)
    tried = len((repository / ".mutation.jsonl").read_text().splitlines()) - before

    assert survivors == {fault for fault in SURVIVORS if "half" not in fault and "number" not in fault}
    assert tried == sum("number" in fault for fault in SURVIVORS)
