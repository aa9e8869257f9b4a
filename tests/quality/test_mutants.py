"""How good the verdicts and the diagnosis are, over systematic mutants of the tanh chain's solution.

Each figure is a share of the mutants that change a value. The whole set is slow; a sample of it runs with the rest.
Run with `-s` to see the table.
"""

from __future__ import annotations

import ast
import random
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import grader
from grader.model import Result
from grader.submission.load import load_bytes
from tests.quality.mutants import differing, mutants

PLAIN = (Path(__file__).parents[1] / "cases" / "correct" / "plain.py").read_text()
ORDER = {line.split(" = ")[0]: n for n, line in enumerate(PLAIN.splitlines()) if " = " in line}
STEPS = [name for name in ORDER if name.startswith("d")]
NAMES = [name for name in ORDER if name not in ("dh0_dwh", "dwy_dwh", "dh2_dwy", "y2")]


@dataclass(frozen=True)
class Case:
    """A submission with mistakes at `steps`; `fed` are the steps that come out wrong because of them."""

    steps: frozenset[str]
    source: str
    fed: frozenset[str]


@dataclass
class Table:
    """What was found, as shares."""

    cases: int = 0
    located: int = 0
    carried: int = 0
    repaired: int = 0
    steps: int = 0
    wrongly_fixed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        share = f"located {self.located / self.cases:.1%}, carried {self.carried / self.cases:.1%}"
        fixed = f"repaired {self.repaired / self.steps:.1%}, wrongly repaired {len(self.wrongly_fixed)}"
        times = f"median {1000 * statistics.median(self.seconds):.0f} ms, most {1000 * max(self.seconds):.0f} ms"
        return f"{self.cases} mutants: {share}, {fixed}, {times} a submission"


def singles() -> list[Case]:
    found = []
    for mutant in mutants(PLAIN, STEPS, NAMES):
        read = {node.id for node in ast.walk(ast.parse(mutant.wrong)) if isinstance(node, ast.Name)}
        # A name that is not bound yet, or a division by a step that is 0, raises: no wrong value to be judged.
        if any(ORDER.get(name, -1) >= ORDER[mutant.step] for name in read) or raises(mutant.wrong):
            continue
        changed = differing(mutant.source, PLAIN)
        if mutant.step in changed:
            found.append(case(frozenset({mutant.step}), mutant.source, changed))
    return found


def raises(expression: str) -> bool:
    zeros = ("dh0_dwh", "dwy_dwh", "dh2_dwy")
    divisions = (node for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Div | ast.BinOp))
    return any(
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and ast.unparse(node.right).strip("-()") in zeros
        for node in divisions
    )


def case(steps: frozenset[str], source: str, changed: set[str]) -> Case:
    return Case(steps, source, frozenset(name for name in changed if name in STEPS) - steps)


def doubles(count: int) -> list[Case]:
    """Pairs of single mutants at different steps."""
    source = random.Random(7)
    alone = singles()
    found: list[Case] = []
    while len(found) < count:
        first, second = source.sample(alone, 2)
        (one,), (other,) = first.steps, second.steps
        if one == other:
            continue
        lines = first.source.splitlines()
        lines[ORDER[other]] = second.source.splitlines()[ORDER[other]]
        both = "\n".join(lines)
        changed = differing(both, PLAIN)
        # Two mistakes may undo each other further on: what is fed is what differs.
        if {one, other} <= changed:
            found.append(case(first.steps | second.steps, both, changed))
    return found


def measured(cases: list[Case]) -> Table:
    table = Table()
    for one in cases:
        started = time.perf_counter()
        result = grader.check("tanh-chain", load_bytes(one.source.encode(), "mine.py"))
        table.seconds.append(time.perf_counter() - started)
        table.cases += 1
        table.located += outcome(result, "wrong") == one.steps
        table.carried += outcome(result, "carried") == one.fed
        for name in one.steps:
            table.steps += 1
            fixed(result, name, one, table)
    return table


def outcome(result: Result, wanted: str) -> frozenset[str]:
    return frozenset(step.name for step in result.steps if step.outcome == wanted)


def fixed(result: Result, name: str, one: Case, table: Table) -> None:
    """Whether the fix of a step makes its formula the right one, everything else right."""
    step = next(step for step in result.steps if step.name == name)
    fix = step.diagnosis.fix if step.diagnosis is not None else None
    if fix is None:
        return
    lines = PLAIN.splitlines()
    lines[ORDER[name]] = fix
    if differing("\n".join(lines), PLAIN):
        table.wrongly_fixed.append(fix)
    else:
        table.repaired += 1


def test_a_sample_of_single_mutants() -> None:
    table = measured(random.Random(3).sample(singles(), 80))
    print(f"\nsingle, sample: {table}")

    assert table.located == table.carried == table.cases
    assert table.wrongly_fixed == []
    assert table.repaired >= 0.92 * table.steps


@pytest.mark.slow
def test_all_single_mutants() -> None:
    table = measured(singles())
    print(f"\nsingle: {table}")

    assert table.located >= 0.99 * table.cases
    assert table.carried >= 0.99 * table.cases
    assert table.wrongly_fixed == []
    assert table.repaired >= 0.92 * table.steps


@pytest.mark.slow
def test_double_mutants() -> None:
    table = measured(doubles(400))
    print(f"\ndouble: {table}")

    assert table.located >= 0.95 * table.cases
    assert table.carried >= 0.95 * table.cases
    assert table.wrongly_fixed == []
    assert table.repaired >= 0.90 * table.steps
