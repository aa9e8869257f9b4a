"""What a statement has taken: its own time and its pauses, not the time in which the machine was busy with others."""

from __future__ import annotations

import time

import pytest

from grader.runner.child.setup_cache import SLOW, Clocks


def test_time_in_which_no_processor_was_free_is_not_counted() -> None:
    pytest.importorskip("resource")
    now = Clocks.now()

    assert min(Clocks(now.wall - 1, now.cpu, now.waits).since() for _ in range(3)) < SLOW


def test_a_pause_is_counted() -> None:
    began = Clocks.now()
    time.sleep(SLOW)

    assert began.since() >= SLOW


def test_work_is_counted() -> None:
    began = Clocks.now()
    while time.process_time() - began.cpu < SLOW:
        pass

    assert began.since() >= SLOW
