"""What an operator sees of a server: health, metrics, what is deleted by itself."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from grader.service.settings import Settings
from grader.service.store.database import opened, sessions, upgrade
from grader.service.store.tables import Attempt, now
from grader.service.web import operator_routes
from grader.service.web.operator_routes import routes
from grader.service.work import queue
from grader.service.work.background import Background
from tests.service import making

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = opened(f"sqlite:///{tmp_path / 'grader.db'}")
    upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings("http://127.0.0.1", "sqlite://", "s" * 32, tmp_path, workers=0)


@pytest.fixture
def background(settings: Settings, engine: Engine) -> Iterator[Background]:
    made = Background(settings, engine)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def near(settings: Settings, engine: Engine, background: Background) -> TestClient:
    app = Starlette(routes=[*routes(settings, engine, background)])
    return TestClient(app, client=("127.0.0.1", 50000))


def test_a_server_that_is_well_says_so_with_details_for_its_operator_alone(near: TestClient) -> None:
    told = near.get("/health/ready")

    assert (near.get("/health/live").text, told.status_code) == ("alive\n", 200)
    assert told.json()["database"] == "answers"
    assert near.get("/health/ready", headers={"X-Forwarded-For": "9.9.9.9"}).json() == {"ready": True}


def test_metrics_are_for_the_operator_alone(near: TestClient) -> None:
    shown = near.get("/metrics")

    assert 'grader_jobs{state="queued"} 0.0' in shown.text
    assert shown.headers["content-type"].startswith("text/plain")
    assert near.get("/metrics", headers={"X-Forwarded-For": "9.9.9.9"}).status_code == 404


@pytest.mark.parametrize("address", ["9.9.9.9", "testclient", "2a01::1"])
def test_who_asks_from_elsewhere_sees_no_metrics(near: TestClient, address: str) -> None:
    assert TestClient(near.app, client=(address, 1)).get("/metrics").status_code == 404


def test_the_queue_is_counted_and_its_oldest_job(near: TestClient, engine: Engine) -> None:
    with sessions(engine).begin() as session:
        course = making.course(session)
        attempt = making.attempt(session, making.assignment(session, course), making.enrolled(session, course))
        queue.queued(session, attempt, now() - timedelta(seconds=400))
    shown = near.get("/metrics").text
    told = near.get("/health/ready")

    assert 'grader_jobs{state="queued"} 1.0' in shown
    assert re.search(r"^grader_oldest_job_seconds 4\d\d\.", shown, re.M)
    assert told.status_code == 503
    assert re.fullmatch(r"the oldest job has waited 4\d\d s", told.json()["queue"])


def test_a_database_of_another_version_is_no_sign_of_health(near: TestClient, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))

    assert near.get("/health/ready").status_code == 503


def test_threads_that_have_ended_and_a_full_disk_are_told(
    near: TestClient, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(operator_routes.shutil, "disk_usage", lambda _: usage(1, 1, 2**20))
    background.stop()
    background._sweeper.join(5)
    told = near.get("/health/ready").json()

    assert (told["threads"], told["disk"]) == ("some have ended: start it again", "1 MiB are free")


def test_what_is_too_old_is_deleted_by_itself(background: Background, engine: Engine) -> None:
    with sessions(engine).begin() as session:
        course = making.course(session, retention_days=10)
        making.attempt(session, making.assignment(session, course), making.enrolled(session, course),
                       submitted_at=now() - timedelta(days=11))  # fmt: skip
    background.sweep_once()

    with sessions(engine)() as session:
        assert session.scalars(select(Attempt.id)).all() == []
