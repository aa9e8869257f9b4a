"""The databases that tests of the service run on: SQLite in a file, and PostgreSQL of this machine's packages."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

REQUIRED = "GRADER_TEST_POSTGRESQL"
"""Environment variable: no test on PostgreSQL may be skipped."""

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL server here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    known = shutil.which("initdb")
    return Path(known).parent if known else None


def _as_another(command: list[str]) -> None:
    """Run a command of the server, which root may not run, as the user that its package made."""
    options: dict[str, object] = {}
    if os.geteuid() == 0:
        who = pwd.getpwnam("postgres")
        options = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60, cwd="/", **options)  # type: ignore[call-overload]


@contextmanager
def postgresql() -> Iterator[str]:
    """A server of its own, reached through a socket in a temporary folder; yields the start of its URLs."""
    folder = binaries()
    if folder is None:
        if os.environ.get(REQUIRED):
            pytest.fail(f"there is no PostgreSQL server, and {REQUIRED} is set")
        pytest.skip("there is no PostgreSQL server")
    place = Path(tempfile.mkdtemp(prefix="grader-pg-"))
    if os.geteuid() == 0:
        shutil.chown(place, "postgres", "postgres")
    data = str(place / "data")
    control = str(folder / "pg_ctl")
    try:
        _as_another([str(folder / "initdb"), "-D", data, "-U", "grader", "-A", "trust", "--no-sync", "-E", "UTF8"])
        listens = f"-c listen_addresses= -c unix_socket_directories={place} -c fsync=off -c max_connections=120"
        _as_another([control, "-D", data, "-w", "-l", str(place / "log"), "-o", listens, "start"])
        try:
            yield f"postgresql+psycopg://grader@/%s?host={place}"
        finally:
            _as_another([control, "-D", data, "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A new database on the server; yields its URL."""
    maker = create_engine(server % "postgres", isolation_level="AUTOCOMMIT")
    with maker.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield server % name
    finally:
        with maker.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        maker.dispose()
