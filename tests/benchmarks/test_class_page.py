"""How long an instructor of 2,000 students waits for a page of `grader serve`.

    .venv/bin/pytest tests/benchmarks/test_class_page.py --benchmark-only -s

A class of 2,000 with three attempts each in a SQLite file. Each page is asked for as a browser does, in the server's
own process: for the first time after the start of a server, after one student has handed in something, and again
without a change. Figures are the medians of several rounds, in processor time of the process. Reach: 0.3 s for each.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from grader.service.store.database import opened, sessions
from grader.service.store.tables import Attempt, User
from grader.service.web.serve import application, instructor_routes, warm_up
from tests.service.instructor import classroom
from tests.service.web import site

STUDENTS, ATTEMPTS, ROUNDS = 2000, 3, 7
REACH = 0.3


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, classroom.Room]]:
    engine = opened(f"sqlite:///{tmp_path_factory.mktemp('school') / 'grader.db'}")
    classroom.tables(engine)
    with sessions(engine).begin() as session:
        room = classroom.room(session, STUDENTS, ATTEMPTS)
    yield engine, room
    engine.dispose()


def handed_in(engine: Engine, room: classroom.Room, number: int) -> None:
    with sessions(engine).begin() as session:
        session.add(Attempt(assignment_id=room.assignment, user_id=room.students[0], number=number, file="mine.py",
                            content=b"", submitted_at=classroom.NOW))  # fmt: skip


def seconds(client: site.Client, address: str) -> float:
    began = time.process_time()
    assert client.get(address).status_code == 200
    return time.process_time() - began


def test_pages_of_a_class(school: tuple[Engine, classroom.Room], benchmark: Any) -> None:
    engine, room = school
    with sessions(engine)() as session:
        teacher = session.get_one(User, room.instructor)
    base = f"/courses/{room.course}/teach"
    page = f"{base}/assignments/{room.assignment}"
    found: dict[str, list[float]] = {}
    benchmark.pedantic(lambda: None)
    for lap in range(ROUNDS):
        app = application(site.settings(), engine, [instructor_routes()])
        warm_up(app)
        with site.client(app, engine, teacher) as client:
            for name, address in (("the course", base), ("people", f"{base}/people"), ("first time", page)):
                found.setdefault(name, []).append(seconds(client, address))
            handed_in(engine, room, ATTEMPTS + 1 + lap)
            for name, query in (("after a change", ""), ("no change", ""), ("sorted", "?sort=score&group=late&q=an")):
                found.setdefault(name, []).append(seconds(client, page + query))
    medians = {name: statistics.median(several) for name, several in found.items()}
    print("\n" + "\n".join(f"  {name:15} {1000 * value:4.0f} ms" for name, value in medians.items()))
    benchmark.extra_info.update(medians)
    assert all(value < REACH for value in medians.values())
