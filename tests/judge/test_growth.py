"""What is done for each statement of a submission is work in proportion to their number."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from grader.instrument.sites import instrument
from grader.judge.runs.effects import MAX_NAMES, effects_of
from grader.judge.runs.skipped_setup import dispensable
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


def cut(program: Statements, count: int) -> int:
    """Instructions of Python's that instrumenting a program, and finding what later runs can do without, takes."""
    source = "\n".join(["slow()", *map(program, range(count)), "dw = 1"])
    trace = Trace((), (), "finished", slow=frozenset({(0, 0)}))

    def work() -> None:
        sites = Sites(instrument(source, 0, 0).sites)
        dispensable([source], False, sites, trace, {(0, sites.all[-1].top)}, {})

    return instructions(work)


def instructions(work: Callable[[], None]) -> int:
    """How many instructions of Python's a call runs, in all that it calls: the same on every machine."""
    found = 0

    def counted(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal found
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        found += event == "opcode"
        return counted

    before = sys.gettrace()
    # Python 3.12 tells of single instructions only where a frame had asked for that before tracing began.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(counted)
    try:
        work()
    finally:
        sys.settrace(before)
    return found


@pytest.mark.parametrize("kind", PROGRAMS)
def test_four_times_as_many_statements_are_four_times_the_work(kind: str) -> None:
    cut(PROGRAMS[kind], 5)  # Python 3.13 leaves out part of a function that it traces for the first time
    few, many = cut(PROGRAMS[kind], 50), cut(PROGRAMS[kind], 200)

    assert many <= 4 * few  # more, where each statement is held against each


def test_where_everything_may_change_everything_the_effects_are_not_told_apart() -> None:
    lines = [f"q{number} = q0\nq{number}.append(1)" for number in range(1500)]

    (effects,) = effects_of(["\n".join(["q0 = []", *lines])])

    assert sum(len(one.reads) + len(one.changes) for one in effects if not one.opaque) <= MAX_NAMES + 1500
    assert effects[-1].opaque
    assert not effects[100].opaque
