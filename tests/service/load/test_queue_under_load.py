"""A whole class hands in within a minute, on two cores, without and with processes that are killed.

Long: a minute for each test with GRADER_TEST_LOAD=1. Otherwise a fifth of the class hands in, at the same pace. What
others use of the machine meanwhile is measured, and the limits are stretched by it.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from tests.service.load.class_under_load import FILES, Graded, Server, Slowness, await_all, hand_in, made, results

pytestmark = [pytest.mark.slow, pytest.mark.torch]

FULL = bool(os.environ.get("GRADER_TEST_LOAD"))
STUDENTS = 200 if FULL else 40
SECONDS = 60.0 if FULL else 12.0
ISOLATION = os.environ.get("GRADER_TEST_LOAD_ISOLATION", "strict")
WARM_UP = 15.0
"""Seconds for a server to prepare the exercise before the class begins."""

Sessions = sessionmaker[OrmSession]


@pytest.fixture
def server(engine: Engine, url: str, Session: Sessions) -> Iterator[Server]:
    running = Server(url, 2, ISOLATION)
    yield running
    running.stop()


def contents() -> list[bytes]:
    """One file per student: each is different, and some are wrong."""
    return [FILES[number % len(FILES)] + b"\n# %d\n" % number for number in range(STUDENTS)]


def scores(found: list[Graded]) -> dict[bytes, set[float | None]]:
    """The scores that each file was given, without the comment that makes it a student's own."""
    by_file: dict[bytes, set[float | None]] = {}
    for one in found:
        by_file.setdefault(one.content.rpartition(b"\n# ")[0], set()).add(one.score)
    return by_file


def check(found: list[Graded]) -> None:
    """Every attempt has one outcome, a score that does not depend on who handed it in, and the same is on its way."""
    assert (len(found), len({one.attempt for one in found})) == (STUDENTS, STUDENTS)
    assert [one.message for one in found if one.status != "graded"] == []
    assert len({one.score for one in found}) > 3
    assert all(len(given) == 1 for given in scores(found).values())
    assert all(one.score == one.pushed for one in found)


def test_a_class_gets_its_results_at_once(Session: Sessions, server: Server) -> None:
    course = made(Session, STUDENTS)
    time.sleep(WARM_UP)
    began = time.monotonic()
    with Slowness() as slowness:
        for number, content in enumerate(contents()):
            time.sleep(max(0.0, began + number * SECONDS / STUDENTS - time.monotonic()))
            hand_in(Session, course, number, content)
        await_all(Session, 300)
    found = list(results(Session))
    waits = sorted(one.waited for one in found)

    check(found)
    told = [f"{name} {waits[int(share * (len(waits) - 1))]:.2f} s" for name, share in
            (("median", 0.5), ("95 %", 0.95), ("longest", 1.0))]  # fmt: skip
    print(f"\n{STUDENTS} files in {SECONDS:.0f} s: {', '.join(told)}; the machine is {slowness.times:.1f} times slower")
    assert waits[int(0.95 * (len(waits) - 1))] < 5 * slowness.times


def test_nothing_is_lost_or_doubled_while_processes_are_killed(Session: Sessions, server: Server) -> None:
    chance = random.Random(20261129)
    course = made(Session, STUDENTS)
    time.sleep(WARM_UP)
    began = last = time.monotonic()
    kills = sorted(chance.sample(range(3, STUDENTS), 8 if FULL else 3))
    with Slowness() as slowness:
        for number, content in enumerate(contents()):
            time.sleep(max(0.0, began + number * SECONDS / STUDENTS - time.monotonic()))
            hand_in(Session, course, number, content)
            if number in kills:
                if kills.index(number) % 2:
                    server.kill_a_host(chance)
                else:
                    server.kill()
                    server.start()
                last = time.monotonic()
        await_all(Session, 300)
    took = time.monotonic() - last

    check(list(results(Session)))
    print(f"\n{STUDENTS} files, {len(kills)} kills: all graded {took:.1f} s after the last; the machine is "
          f"{slowness.times:.1f} times slower")  # fmt: skip
    assert took < 60 * slowness.times
