"""The database is brought to the tables of this version, or refused with the way out."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grader.errors import EnvironmentProblem
from grader.service.store import database
from grader.service.store.database import newest, opened, out_of_date, upgrade
from grader.service.store.tables import Base, Platform
from tests.service.making import NOON

pytestmark = pytest.mark.slow

BAD = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", {before!r}
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer()))
    op.execute("SELECT no_such_column FROM no_such_table")
"""


@pytest.fixture
def empty(url: str) -> Engine:
    return opened(url)


def test_all_migrations_together_make_the_tables(empty: Engine) -> None:
    upgrade(empty)

    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_new_database_is_made_and_one_of_this_version_left_alone(empty: Engine) -> None:
    assert out_of_date(empty) == "the database is empty: grader serve makes its tables when it starts"
    assert upgrade(empty) == f"database: made new, version {newest()}"
    assert (upgrade(empty), out_of_date(empty)) == ("", "")


def test_what_a_newer_version_has_made_is_refused_with_the_way_out(empty: Engine) -> None:
    upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))

    with pytest.raises(EnvironmentProblem, match="is of version later, which a grader newer than this one"):
        upgrade(empty)
    assert "restore a backup" in out_of_date(empty)


def test_a_database_of_something_else_is_refused(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (id INTEGER)"))

    with pytest.raises(EnvironmentProblem, match="it has a table 'recipes'"):
        upgrade(empty)


def test_a_step_that_fails_changes_nothing(empty: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(empty)
    steps = tmp_path / "versions"
    steps.mkdir()
    for step in (database.FOLDER / "versions").glob("*.py"):
        (steps / step.name).write_text(step.read_text())
    (steps / "9999_bad.py").write_text(BAD.format(before=newest()))
    monkeypatch.setattr(database, "FOLDER", tmp_path)
    database._scripts.cache_clear()
    try:
        with pytest.raises(DBAPIError):
            upgrade(empty)
    finally:
        database._scripts.cache_clear()

    monkeypatch.undo()
    assert out_of_date(empty) == ""
    assert "half" not in inspect(empty).get_table_names()


def test_servers_that_start_at_once_make_it_once(url: str) -> None:
    done: list[str] = []
    threads = [threading.Thread(target=lambda: done.append(upgrade(opened(url)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(done) == ["", "", f"database: made new, version {newest()}"]


def test_a_database_of_the_first_version_is_migrated_with_what_is_in_it(empty: Engine) -> None:
    script = database._scripts()
    with (
        empty.begin() as connection,
        EnvironmentContext(
            Config(), script, fn=lambda found, _: script._upgrade_revs("0001", found), destination_rev="0001"
        ) as environment,
    ):
        environment.configure(connection=connection)
        environment.run_migrations()
        connection.execute(
            text(
                "INSERT INTO platforms (issuer, client_id, name, product, auth_url, token_url, jwks_url, active, "
                "created_at, origins) VALUES ('https://lms', '1', 'LMS', '', '', '', '', :yes, :now, '')"
            ),
            {"yes": True, "now": NOON},
        )
    told = upgrade(empty)

    assert told == f"database: brought from version 0001 to {newest()}"
    with Session(empty) as session:
        assert session.scalars(select(Platform.algorithms)).one() == ""
