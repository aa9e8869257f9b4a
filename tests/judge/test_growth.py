"""What is done for each statement of a submission takes time in proportion to their number."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from grader.judge.cut import dispensable
from grader.judge.effects import MOST_NAMES, effects_of
from grader.runner.sites import instrument
from grader.runner.types import Sites, Trace

Statements = Callable[[int], str]

PROGRAMS: dict[str, Statements] = {
    "one name bound again and again": lambda number: "q = 1.5",
    "names of their own": lambda number: f"q{number} = {number}",
    "a chain": lambda number: f"q{number} = q{max(0, number - 1)} * 2",
    "names of one object": lambda number: f"q{number} = q{max(0, number - 1)}",
    "an object that grows": lambda number: "kept.append(1)",
    "objects that grow": lambda number: f"q{number - number % 2}.append(1)" if number % 2 else f"q{number} = []",
    "entries": lambda number: f"kept[{number}] = 1",
    "functions": lambda number: f"def f{number}(x): return x * {number}",
    "calls": lambda number: f"r = f{number - 1}()" if number % 2 else f"def f{number}(): return a{number}",
}


def cut(program: Statements, count: int) -> float:
    """Seconds of CPU for instrumenting a program and finding what later runs can do without."""
    source = "\n".join(["slow()", *map(program, range(count)), "dw = 1"])
    began = time.process_time()
    sites = Sites(instrument(source, 0, 0).sites)
    trace = Trace((), (), "finished", slow=frozenset({(0, 0)}))
    dispensable([source], False, sites, trace, [(len(sites.all) - 1, 0)], {})
    return time.process_time() - began


@pytest.mark.parametrize("kind", PROGRAMS)
def test_four_times_as_many_statements_take_four_times_as_long(kind: str) -> None:
    few = min(cut(PROGRAMS[kind], 1000) for _ in range(3))
    many = min(cut(PROGRAMS[kind], 4000) for _ in range(2))

    assert many < 9 * few  # sixteen times as long, where each statement is held against each


def test_where_everything_may_change_everything_the_effects_are_not_told_apart() -> None:
    lines = [f"q{number} = q0\nq{number}.append(1)" for number in range(1500)]

    (effects,) = effects_of(["\n".join(["q0 = []", *lines])])

    assert sum(len(one.reads) + len(one.changes) for one in effects if not one.opaque) <= MOST_NAMES + 1500
    assert effects[-1].opaque
    assert not effects[100].opaque
