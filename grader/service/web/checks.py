"""`grader serve --check`: what a server needs, and what of it is missing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import inspect, text

from grader.batch.isolation import isolation_for
from grader.errors import GraderError
from grader.service.settings import Settings
from grader.service.store.database import opened, out_of_date

State = Literal["ok", "warning", "missing"]

LEAST_SECRET = 32
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one need, in words, with what to do if it is not met."""

    what: str
    state: State
    words: str


def findings(settings: Settings) -> Iterator[Finding]:
    """Every need, one after the other."""
    yield _https(settings)
    yield _secret(settings)
    yield _data(settings)
    yield _database(settings)
    yield _isolation(settings)
    yield _clock(settings)


def _https(settings: Settings) -> Finding:
    parts = urlsplit(settings.url)
    if parts.scheme == "https":
        return Finding("https", "ok", f"pages are at {settings.url}")
    if parts.hostname in LOOPBACK:
        return Finding("https", "warning", f"{settings.url} can be reached from this machine only: fine to try it out")
    return Finding("https", "missing", f"{settings.url} is not encrypted: put the server behind nginx or Caddy, and "
                   "set --url to the https address (`grader docs serve`)")  # fmt: skip


def _secret(settings: Settings) -> Finding:
    if len(settings.secret) < LEAST_SECRET:
        return Finding("secret", "missing", f"the secret has {len(settings.secret)} characters, {LEAST_SECRET} are "
                       "needed: write some from `openssl rand -hex 32` into the file that GRADER_SERVE_SECRET_FILE "
                       "names")  # fmt: skip
    return Finding("secret", "ok", "long enough")


def _data(settings: Settings) -> Finding:
    if not os.access(settings.data, os.W_OK):
        return Finding("data", "missing", f"{settings.data} cannot be written: choose another folder with --data")
    mode = settings.data.stat().st_mode
    if mode & 0o077:
        return Finding("data", "warning", f"others may look into {settings.data}: chmod 700 {settings.data}")
    return Finding("data", "ok", f"{settings.data} is ours alone")


def _database(settings: Settings) -> Finding:
    try:
        engine = opened(settings.database)
    except GraderError as error:
        return Finding("database", "missing", str(error))
    try:
        shown = engine.url.render_as_string(hide_password=True)
        with engine.connect() as connection:
            if (why := out_of_date(engine)) and inspect(connection).get_table_names():
                return Finding("database", "missing", why)
            if engine.dialect.name == "sqlite":
                return Finding("database", "ok", shown)
            there = connection.execute(text("select now()")).scalar_one()
        apart = abs((there - datetime.now(UTC)).total_seconds())
        if apart > 5:
            return Finding("database", "warning", f"its clock and ours are {apart:.0f} s apart: leases and due dates "
                           "need one time, as NTP gives it")  # fmt: skip
        return Finding("database", "ok", shown)
    finally:
        engine.dispose()


def _isolation(settings: Settings) -> Finding:
    if settings.isolation == "process":
        return Finding("isolation", "missing", "students' code would run with the rights of this server: leave out "
                       "--isolation process")  # fmt: skip
    try:
        isolation_for(settings.isolation, False)
    except GraderError as error:
        return Finding("isolation", "missing", str(error))
    if settings.isolation == "portable":
        return Finding("isolation", "warning", "portable: weaker than strict (`grader docs security`)")
    return Finding("isolation", "ok", settings.isolation)


def _clock(_: Settings, ask: Callable[[], str] | None = None) -> Finding:
    synchronised = (ask or _timedatectl)().strip()
    if synchronised == "yes":
        return Finding("clock", "ok", "synchronised")
    said = "not synchronised" if synchronised == "no" else "whether it is synchronised cannot be seen here"
    return Finding("clock", "warning", f"{said}: launches of a platform fail if it is minutes off; run an NTP client")


def _timedatectl() -> str:
    try:
        asked = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
        return subprocess.run(asked, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
