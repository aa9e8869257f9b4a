"""Children that start before they are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from grader.model import Observed, Value
from grader.runner.prestarted import PrestartedProcesses
from grader.runner.process import ChildProcess
from grader.runner.session import Session
from grader.runner.types import Labels, Order, Setup

ONE = Value.scalar(1.0, "float")
LABELS = Labels({}, frozenset({"h1"}), frozenset({"h1"}), (frozenset({"h1"}),))
SETUP = Setup("mine.py", ("h1 = 1.0",), ("mine.py#0",), LABELS, {}, True)


@pytest.fixture
def processes() -> Iterator[PrestartedProcesses]:
    with PrestartedProcesses(ahead=1) as made:
        yield made


def bound(processes: PrestartedProcesses, libraries: tuple[str, ...] = ()) -> list[Observed]:
    """The values that a session binds in a child of `processes`."""
    with Session(SETUP, libraries, children=processes) as session:
        return [event.value for event in session.run(Order({})).events]


def test_a_session_runs_in_the_child_that_is_ready(
    processes: PrestartedProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound(processes)
    processes.prepare()
    monkeypatch.setattr(ChildProcess, "__init__", lambda self: pytest.fail("another child was started"))

    assert bound(processes) == [ONE]


def test_a_child_with_other_libraries_is_not_used(processes: PrestartedProcesses) -> None:
    bound(processes)
    processes.prepare()

    assert bound(processes, ("json",)) == [ONE]


def test_a_child_that_has_ended_is_not_used(processes: PrestartedProcesses) -> None:
    bound(processes)
    processes.prepare()
    (ready,) = processes._ready
    os.kill(ready._process.pid, 9)
    ready._process.wait()

    assert bound(processes) == [ONE]


def test_nothing_is_started_before_it_is_known_what_is_needed(processes: PrestartedProcesses) -> None:
    processes.prepare()

    assert processes._ready == []
