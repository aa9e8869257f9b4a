"""What `grader serve` does, if what it needs is installed."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from grader.cli import exits
from grader.cli.exits import EndedBySignal
from grader.cli.output import complain, write
from grader.errors import EnvironmentProblem, UsageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.model import Isolation
    from grader.service.admin import Product
    from grader.service.lti.registration import Details
    from grader.service.settings import Settings
    from grader.service.store.tables import Course
    from grader.service.web.serve import RunningServer
    from grader.service.work.host_process import GradingHost


PACKAGES = ("alembic", "httpx", "jwt", "markdown_it", "prometheus_client", "python_multipart", "sqlalchemy",
            "starlette", "uvicorn")  # fmt: skip
"""What the extra `lms` installs."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of the command; None: not given."""

    demo: bool
    url: str | None
    database: str | None
    data: str | None
    secret_file: str | None
    host: str
    port: int
    workers: int | None
    isolation: Isolation | None
    upload_limit: float
    registration_file: str | None
    log_level: str | None


@dataclass(frozen=True, slots=True)
class PlatformOptions:
    """The options of `grader serve platform add`; None or empty: not given."""

    product: Product | None
    site: str
    issuer: str | None
    client_id: str
    deployment: tuple[str, ...]
    auth_url: str | None
    token_url: str | None
    jwks_url: str | None
    audience: str | None
    origin: tuple[str, ...]
    algorithm: tuple[str, ...]
    name: str | None


def serve(options: ServeOptions) -> int:
    """Serve until told to stop."""
    need_packages()
    from grader.service.monitoring import begin_logs
    from grader.service.web.serve import listening
    from grader.service.web.serve import serve as run

    begin_logs(options.log_level or ("warning" if options.demo else "info"))
    settings = settings_of(options)
    at = listening(settings.host, settings.port)
    port = at.getsockname()[1]
    if options.url is None:
        settings = replace(settings, port=port, url=f"http://{_in_url(settings.host)}:{port}")
    if settings.demo:
        settings = replace(settings, url=f"http://127.0.0.1:{port}")

    def ready(server: RunningServer) -> None:
        write(_demo_text(server, port) if settings.demo else f"grader serves {settings.url}\n")

    if urlsplit(settings.url).scheme != "https" and not _is_here(settings.url):
        complain(f"grader: {settings.url} is not encrypted; `grader serve --check` says what is missing.")
    with suppress(EndedBySignal, KeyboardInterrupt):  # how it is stopped; what was begun is finished by then
        run(settings, at, ready)
    return exits.ALL_RIGHT


def check(options: ServeOptions) -> int:
    """Print what is missing; 1 if something is."""
    need_packages()
    from grader.service.web.operator_routes import findings

    found = list(findings(settings_of(options)))
    write("".join(f"{one.state:<8} {one.what:<10} {one.words}\n" for one in found))
    return exits.NOT_ALL_RIGHT if any(one.state == "missing" for one in found) else exits.ALL_RIGHT


def warn_of_own_address(options: ServeOptions) -> None:
    """Say so where addresses are printed that only this machine can open."""
    if options.url is None:
        complain("grader: these addresses are this machine's own; --url or GRADER_URL names that of the server.")


def invite(options: ServeOptions, course: str, names: tuple[str, ...], role: str) -> int:
    """Add people to a course, and print their links."""
    need_packages()
    from grader.service.store.database import opened, sessions, upgrade
    from grader.service.store.tables import now
    from grader.service.teaching.audit import operated
    from grader.service.web.account_routes import LINK_HOURS, enrol, local_user, member_named, new_link

    settings = settings_of(options)
    engine = opened(settings.database)
    upgrade(engine)
    with sessions(engine).begin() as session:
        into = _course(session, course)
        lines = []
        for name in names:
            user = member_named(session, into.id, name)
            if user is None:
                user = local_user(session, name, now())
                enrol(session, into.id, user.id, role, now())
                operated(session, now(), "invited", into.id, student=user.id, role=role)
            else:
                operated(session, now(), "invited", into.id, student=user.id)
            lines.append(f"{name}: {settings.url}/enter/{new_link(session, user.id, now())}\n")
        warn_of_own_address(options)
        write(f"{into.title} (course {into.id}), each link works once, within {LINK_HOURS} hours\n" + "".join(lines))
    engine.dispose()
    return exits.ALL_RIGHT


def _course(session: Session, named: str) -> Course:
    from sqlalchemy import select

    from grader.service.store.tables import Course, now
    from grader.service.web.account_routes import local_course

    if named.isdecimal() and (found := session.get(Course, int(named))) is not None:
        return found
    known = session.scalars(select(Course).where(Course.title == named, Course.platform_id.is_(None))).first()
    return known or local_course(session, named, now())


def _demo_text(server: RunningServer, port: int) -> str:
    from grader.service.store.database import sessions
    from grader.service.store.tables import now
    from grader.service.web.account_routes import demo_links

    with sessions(server.engine).begin() as session:
        links = demo_links(session, now())
    # Two names of this machine have cookies of their own: both people can be signed in in the same browser.
    return (
        "A course to try grader with. Open a link in a browser; each works once.\n\n"
        f"  as a student:     http://127.0.0.1:{port}/enter/{links.student}\n"
        f"  as an instructor: http://localhost:{port}/enter/{links.instructor}\n\n"
        "Ctrl+C stops it.\n"
    )


def settings_of(options: ServeOptions) -> Settings:
    """The settings that the options and variables give. Makes the folder and its secret where there are none.

    Raises `UsageError`, also where the extra is not installed."""
    need_packages()
    from grader.batch.isolation import isolation_for
    from grader.service.settings import Settings

    data = _folder(options)
    isolation = options.isolation or isolation_for(None, False, "--isolation process").mode
    return Settings(
        url=(options.url or f"http://{_in_url(options.host)}:{options.port}").rstrip("/"),
        database=options.database or f"sqlite:///{data / 'grader.db'}",
        secret=_read(options.secret_file) if options.secret_file else _own_secret(data),
        data=data,
        host=options.host,
        port=options.port,
        workers=os.cpu_count() or 1 if options.workers is None else options.workers,
        isolation=isolation,
        upload_limit=int(options.upload_limit * 2**20),
        demo=options.demo,
        registration=_read(options.registration_file) if options.registration_file else None,
        allow_private=os.environ.get("GRADER_ALLOW_PRIVATE", "") not in ("", "0"),
    )


def _folder(options: ServeOptions) -> Path:
    if options.data is None and options.demo:
        return Path(tempfile.mkdtemp(prefix="grader-demo-"))
    folder = Path(options.data or "grader-data").absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {str(folder)!r} cannot be made: {error.strerror}.") from None
    return folder


def _own_secret(data: Path) -> str:
    """The secret in a folder, made when there is none."""
    path = data / "secret"
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{secrets.token_hex(32)}\n")
    return _read(str(path))


def _read(file: str) -> str:
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"The secret in {file!r} cannot be read: {reason}.") from None


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def need_packages() -> None:
    """Raise `UsageError` where the extra is not installed."""
    from importlib.util import find_spec

    missing = [name for name in PACKAGES if name not in sys.modules and find_spec(name) is None]
    if missing:
        raise UsageError(f"`grader serve` needs {missing[0]}: `pip install 'grader[lms]'` installs it.")


def work(options: ServeOptions, address: str | None) -> int:
    """Grade until told to stop, on a cluster if there is an address; then finish what is being graded."""
    need_packages()
    from grader.service.monitoring import begin_logs
    from grader.service.store.database import opened, out_of_date
    from grader.service.work.background import Background

    begin_logs(options.log_level or "info")
    settings = settings_of(options)
    engine = opened(settings.database)
    if problem := out_of_date(engine):
        raise EnvironmentProblem(problem)
    stopping = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stopping.set())
    settings = replace(settings, workers=max(1, settings.workers))
    with ExitStack() as ending:
        hosts: list[GradingHost] = []
        if address is not None:
            from grader.service.work.host_process import Cluster, ClusterHost

            cluster = ending.enter_context(Cluster(address, settings.isolation))
            hosts = [ClusterHost(cluster) for _ in range(settings.workers)]
        background = Background(settings, engine, hosts=hosts)
        background.start()
        write(f"grader grades, {settings.workers} at a time\n")
        stopping.wait()
        background.stop()
    engine.dispose()
    return exits.ALL_RIGHT


def backup(options: ServeOptions, file: str) -> int:
    """Write a copy of the database."""
    need_packages()
    from grader.service.store.database import back_up, opened

    engine = opened(settings_of(options).database)
    write(f"{back_up(engine, Path(file))}\n")
    engine.dispose()
    return exits.ALL_RIGHT


def restore(options: ServeOptions, file: str) -> int:
    """Put a copy in place of the database."""
    need_packages()
    from grader.service.store.database import opened, sessions, upgrade
    from grader.service.store.database import restore as put_back
    from grader.service.store.tables import now
    from grader.service.teaching.audit import operated

    url = settings_of(options).database
    write(f"{put_back(url, Path(file))}\n")
    engine = opened(url)
    if done := upgrade(engine):
        write(f"{done}\n")
    with sessions(engine).begin() as session:
        operated(session, now(), "restored", backup=Path(file).name)
    engine.dispose()
    return exits.ALL_RIGHT


def audit(options: ServeOptions) -> int:
    """Print what the operator has changed."""
    need_packages()
    from grader.service.store.database import opened, sessions, upgrade
    from grader.service.teaching.audit import of_server

    engine = opened(settings_of(options).database)
    upgrade(engine)
    with sessions(engine)() as session:
        found = of_server(session)
    engine.dispose()
    write("".join(f"{at:%Y-%m-%d %H:%M} UTC  {what}: {detail}\n" for at, what, detail in found) or "Nothing yet.\n")
    return exits.ALL_RIGHT


def details_of(options: PlatformOptions) -> Details:
    """What is registered of a platform: the addresses of its product, with those given in their place."""
    need_packages()
    from grader.service.admin import known_addresses
    from grader.service.lti.registration import Details

    if options.product is None:
        known = Details("", options.client_id, "", "", "", "")
    else:
        known = known_addresses(options.product, options.site, options.client_id)
    issuer = options.issuer or known.issuer
    return replace(
        known,
        issuer=issuer,
        auth_url=options.auth_url or known.auth_url,
        token_url=options.token_url or known.token_url,
        jwks_url=options.jwks_url or known.jwks_url,
        token_audience=options.audience or known.token_audience,
        name=options.name or known.name or issuer,
        deployments=options.deployment,
        origins=(*known.origins, *options.origin),
        algorithms=options.algorithm,
    )
