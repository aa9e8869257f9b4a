"""What the commands of `grader serve` do that open no page: grade for a server, copy its database."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import status
from grader.cli.output import write
from grader.cli.serving import Options, need_packages, settings_of
from grader.errors import EnvironmentProblem

if TYPE_CHECKING:
    from grader.service.work.host_process import GradingHost


def work(options: Options, address: str | None) -> int:
    """Grade until told to stop, on a cluster if there is an address; then finish what is being graded."""
    need_packages()
    from grader.service.store.database import opened
    from grader.service.store.migrate import out_of_date
    from grader.service.web.logs import begin_logs
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
            from grader.service.work.cluster import Cluster, ClusterHost

            cluster = ending.enter_context(Cluster(address, settings.isolation))
            hosts = [ClusterHost(cluster) for _ in range(settings.workers)]
        background = Background(settings, engine, hosts=hosts)
        background.start()
        write(f"grader grades, {settings.workers} at a time\n")
        stopping.wait()
        background.stop()
    engine.dispose()
    return status.ALL_RIGHT


def backup(options: Options, file: str) -> int:
    """Write a copy of the database."""
    need_packages()
    from grader.service.store.backup import back_up
    from grader.service.store.database import opened

    engine = opened(settings_of(options).database)
    write(f"{back_up(engine, Path(file))}\n")
    engine.dispose()
    return status.ALL_RIGHT


def restore(options: Options, file: str) -> int:
    """Put a copy in place of the database."""
    need_packages()
    from grader.service.clock import now
    from grader.service.store import backup
    from grader.service.store.database import opened, sessions
    from grader.service.store.migrate import upgrade
    from grader.service.teaching.audit import operated

    database = settings_of(options).database
    write(f"{backup.restore(database, Path(file))}\n")
    engine = opened(database)
    if done := upgrade(engine):
        write(f"{done}\n")
    with sessions(engine).begin() as session:
        operated(session, now(), "restored", backup=Path(file).name)
    engine.dispose()
    return status.ALL_RIGHT


def audit(options: Options) -> int:
    """Print what the operator has changed."""
    need_packages()
    from grader.service.store.database import opened, sessions
    from grader.service.store.migrate import upgrade
    from grader.service.teaching.audit import of_server

    engine = opened(settings_of(options).database)
    upgrade(engine)
    with sessions(engine)() as session:
        found = of_server(session)
    engine.dispose()
    write("".join(f"{at:%Y-%m-%d %H:%M} UTC  {what}: {detail}\n" for at, what, detail in found) or "Nothing yet.\n")
    return status.ALL_RIGHT
