"""Fixtures: `url` and `engine` of a new database with all tables, `Session` to it. Imported by `conftest.py` files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.service.store.database import opened, sessions
from grader.service.store.tables import Base
from tests.service.databases import BOTH, database, postgresql

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with postgresql() as server:
        yield server


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'grader.db'}"
        return
    with database(request.getfixturevalue("postgresql_server"), f"test_{next(_numbers)}") as made:
        yield made


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = opened(url)
    Base.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def Session(engine: Engine) -> sessionmaker[OrmSession]:
    return sessions(engine)
