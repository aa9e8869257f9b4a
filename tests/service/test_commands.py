"""What an operator types: what `--check` finds, people who are invited, copies made and put back as the pages say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from grader.cli.main import cli
from grader.errors import IsolationMissing, UsageError
from grader.service.settings import Settings
from grader.service.store.database import opened, sessions, upgrade
from grader.service.store.tables import AuditEntry, Course, Enrolment, LoginLink, User
from grader.service.web import checks
from grader.service.web.checks import Health, findings
from grader.service.web.local import link_owner

DOCS = Path(__file__).parents[2] / "grader" / "docs"


def run(folder: Path, *words: str) -> Result:
    """`grader serve` with a folder of its own."""
    return CliRunner().invoke(cli, ["serve", "--data", str(folder), "--url", "https://grader.example.edu", *words])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    tmp_path.chmod(0o700)
    return Settings("https://grader.example.edu", f"sqlite:///{tmp_path / 'grader.db'}", "s" * 32, tmp_path)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a sandbox is tried nor a clock asked."""
    monkeypatch.setattr(checks, "isolation_for", lambda mode, _: mode)
    monkeypatch.setattr(checks, "_timedatectl", lambda: "yes\n")


def found(settings: Settings, what: str) -> Health:
    return {one.what: one for one in findings(settings)}[what]


def test_a_server_that_lacks_nothing(settings: Settings) -> None:
    assert [(one.what, one.state) for one in findings(settings)] == [
        (what, "ok") for what in ("https", "secret", "data", "database", "isolation", "clock")
    ]


@pytest.mark.parametrize(
    ("changed", "what", "state", "said"),
    [
        ({"url": "http://grader.example.edu"}, "https", "missing", "set --url to the https address"),
        ({"url": "http://127.0.0.1:8000"}, "https", "warning", "from this machine only"),
        ({"url": "http://[::1]:8000"}, "https", "warning", "from this machine only"),
        ({"secret": "s" * 31}, "secret", "missing", "has 31 characters, 32 are needed: write some from `openssl rand"),
        ({"data": Path("/nowhere")}, "data", "missing", "choose another folder with --data"),
        ({"database": "mysql://x/y"}, "database", "missing", "SQLite and PostgreSQL are"),
        ({"database": "sqlite:////nowhere/x.db"}, "database", "missing", "cannot be opened"),
        ({"isolation": "process"}, "isolation", "missing", "leave out --isolation process"),
        ({"isolation": "portable"}, "isolation", "warning", "weaker than strict"),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(
    settings: Settings, changed: dict[str, object], what: str, state: str, said: str
) -> None:
    one = found(replace(settings, **changed), what)  # type: ignore[arg-type]

    assert one.state == state
    assert said in one.words


def test_a_folder_that_others_may_look_into(settings: Settings) -> None:
    settings.data.chmod(0o755)

    assert found(settings, "data").words.endswith(f"chmod 700 {settings.data}")


@pytest.mark.parametrize(("version", "said"), [("later", "newer than this one"), ("0001", "grader serve migrates it")])
def test_a_database_of_another_version(settings: Settings, version: str, said: str) -> None:
    engine = opened(settings.database)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    engine.dispose()

    assert found(settings, "database").state == "missing"
    assert said in found(settings, "database").words


def test_a_database_of_something_else(settings: Settings) -> None:
    with create_engine(settings.database).begin() as connection:
        connection.execute(text("CREATE TABLE recipes (id INTEGER)"))

    assert "not one of grader serve" in found(settings, "database").words


def test_an_isolation_that_cannot_be_had(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise IsolationMissing("isolation strict needs bubblewrap: apt install bubblewrap")

    monkeypatch.setattr(checks, "isolation_for", missing)

    one = found(settings, "isolation")
    assert (one.state, one.words) == ("missing", "isolation strict needs bubblewrap: apt install bubblewrap")


@pytest.mark.parametrize(
    ("told", "state", "said"),
    [("yes\n", "ok", "synchronised"), ("no\n", "warning", "not synchronised"), ("", "warning", "cannot be seen here")],
)
def test_the_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch, told: str, state: str, said: str) -> None:
    monkeypatch.setattr(checks, "_timedatectl", lambda: told)

    assert found(settings, "clock").state == state
    assert said in found(settings, "clock").words


@pytest.mark.parametrize(("url", "status"), [("https://grader.example.edu", 0), ("http://grader.example.edu", 1)])
def test_the_command_says_what_it_found_and_fails_if_something_is_missing(
    tmp_path: Path, url: str, status: int
) -> None:
    done = run(tmp_path / "new", "--url", url, "--isolation", "strict", "--check")

    assert done.exit_code == status
    assert [line.split()[1] for line in done.output.splitlines()] == [
        "https", "secret", "data", "database", "isolation", "clock",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that is not running."""
    folder = tmp_path_factory.mktemp("served") / "data"
    assert run(folder, "invite", "Calculus", "Ada Lovelace", "Ben", "--role", "instructor").exit_code == 0
    return folder


@pytest.fixture
def stored(kept: Path) -> Iterator[Session]:
    engine = opened(f"sqlite:///{kept / 'grader.db'}")
    with sessions(engine)() as session:
        yield session
    engine.dispose()


def test_who_is_invited_gets_a_link_that_lets_in_once(kept: Path, stored: Session) -> None:
    done = run(kept, "invite", "Calculus", "Cleo")
    [line] = [line for line in done.output.splitlines() if line.startswith("Cleo: ")]
    token = line.removeprefix("Cleo: https://grader.example.edu/enter/")
    owner = link_owner(stored, token, datetime.now(UTC))

    assert owner is not None
    assert owner.name == "Cleo"
    assert token not in str(stored.scalars(select(LoginLink.digest)).all())
    assert link_owner(stored, token, datetime.now(UTC) + timedelta(hours=73)) is None


def test_who_is_invited_is_in_the_course_of_that_title_or_number(kept: Path, stored: Session) -> None:
    assert run(kept, "invite", "1", "Dora").exit_code == 0

    assert stored.scalars(select(Course.title)).all() == ["Calculus"]
    roles = dict(stored.execute(select(User.name, Enrolment.role).join(Enrolment, Enrolment.user_id == User.id)).all())
    assert (roles["Ada Lovelace"], roles["Ben"], roles["Dora"]) == ("instructor", "instructor", "student")
    assert set(stored.scalars(select(AuditEntry.action))) == {"invited"}


def test_who_is_invited_again_gets_a_new_link_and_is_no_second_person(kept: Path, stored: Session) -> None:
    done = run(kept, "invite", "Calculus", "Ben", "Emil")
    tokens = [line.rpartition("/")[2] for line in done.output.splitlines() if "/enter/" in line]
    owners = [link_owner(stored, token, datetime.now(UTC)) for token in tokens]

    assert sorted(stored.scalars(select(User.name).where(User.name.in_(("Ben", "Emil"))))) == ["Ben", "Emil"]
    assert [one and one.name for one in owners] == ["Ben", "Emil"]


def test_nobody_is_invited_without_a_name(kept: Path) -> None:
    assert run(kept, "invite", "Calculus").exit_code == 2


def test_what_the_operator_changed_is_shown(kept: Path) -> None:
    platform = (
        "--product",
        "moodle",
        "--site",
        "https://moodle.example.edu",
        "--client-id",
        "AbC",
        "--deployment",
        "4",
    )
    run(kept, "platform", "add", *platform)
    run(kept, "platform", "switch", "1", "off")

    assert [line.split("UTC  ")[1] for line in run(kept, "audit").output.splitlines()] == [
        "registered a platform: platform 1, issuer https://moodle.example.edu, client_id AbC, deployments 4, by "
        "the command line",
        "switched a platform on or off: platform 1, state off",
    ]


def test_no_secret_is_made_up_in_place_of_one_that_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "--secret-file", str(tmp_path / "missing"), "--check")

    assert isinstance(done.exception, UsageError)


def documented(word: str) -> list[str]:
    """The commands of the page for operators, one per line, that say `grader serve ... WORD`."""
    page = (DOCS / "serve.md").read_text("utf-8")
    return re.findall(rf"^    ((?:\S.* )?\S*grader serve .*\b{word} .*)$", page, re.M)


@pytest.mark.slow
def test_the_commands_for_backups_do_what_the_page_says(tmp_path: Path) -> None:
    """Each is run as it stands there, with other folders, and without another user and systemd's own escapes."""
    data, copies = tmp_path / "data", tmp_path / "copies"
    copies.mkdir()

    def execute(line: str) -> None:
        grader = shlex.join([sys.executable, "-m", "grader"])
        line = line.removeprefix("ExecStart=").replace("$$", "$").replace("%%", "%").removeprefix("sudo -u grader ")
        line = re.sub(r"(/opt/grader/bin/)?grader serve", f"{grader} serve", line)
        line = line.replace("/var/lib/grader", str(data)).replace("/var/backups/grader", str(copies))
        subprocess.run(line, shell=True, check=True, timeout=120, env={"GRADER_DATA": str(data)}, cwd=DOCS.parents[1])

    def people() -> list[str]:
        engine = opened(f"sqlite:///{data / 'grader.db'}")
        with sessions(engine)() as session:
            names = list(session.scalars(select(User.name).order_by(User.id)))
        engine.dispose()
        return names

    run(data, "invite", "Calculus", "Ada")
    by_hand, timed, before_upgrade = documented("backup")
    for line in (by_hand, timed, before_upgrade):
        execute(line)
    assert len(list(copies.iterdir())) == 3
    run(data, "invite", "Calculus", "Ben")
    [restore] = documented("restore")
    (copies / "2026-11-29").rename(copies / "2026-11-29-031500")
    execute(restore)

    assert people() == ["Ada"]
    assert (data / "grader.db.before-restore").exists()
    assert "restored a backup: backup 2026-11-29-031500" in run(data, "audit").output
