"""Attack 123: a submission breaks out of its sandbox into the process that grades it, and looks for secrets there."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.exercise.load import find
from grader.runner.preloader_pool import PreloaderPool
from grader.service.work.grading_host import environment
from grader.service.work.host_process import HostProcess
from grader.service.work.task import GradingTask

SECRET = "-".join(["sesame", "opens", "this"])
"""Joined here, so that the text of this file is not taken for the secret."""


def test_a_host_gets_only_named_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRADER_SECRET", "GRADER_DATABASE", "DATABASE_URL", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, SECRET)

    assert SECRET not in environment().values()


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked into by /proc")
def test_no_process_below_the_server_holds_a_secret_or_the_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GRADER_SECRET", SECRET)
    monkeypatch.setenv("GRADER_DATABASE", f"postgresql://grader:{SECRET}@host/grader")
    database = tmp_path / "grader.db"
    database.write_text(SECRET)
    exercise = Path(find("tanh-chain")).read_text()
    with database.open(), PreloaderPool("portable") as pool:
        host = HostProcess("portable", pool)
        assert host.start()
        record = host.graded(GradingTask(1, 1, "user-1", "mine.py", b"dh1raw_dwh = 1\n", exercise, "probes"))
        assert record is not None
        assert record.facts[0] == "graded"

        found = list(descendants(os.getpid()))
        assert host.pid in found
        for process in found:
            place = Path("/proc", str(process))
            assert SECRET.encode() not in (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
            assert str(database) not in [os.readlink(one) for one in (place / "fd").iterdir()]
            assert not holds(place, SECRET.encode())
        host.end()


def descendants(process: int) -> Iterator[int]:
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            parents[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
    known = {process}
    while more := {child for child, parent in parents.items() if parent in known} - known:
        known |= more
        yield from more


def holds(place: Path, secret: bytes) -> bool:
    """Whether the secret is in the memory that a process can write."""
    with (place / "mem").open("rb", 0) as memory:
        for line in (place / "maps").read_text().splitlines():
            span, rights, *_ = line.split()
            begin, end = (int(number, 16) for number in span.split("-"))
            if not rights.startswith("rw"):
                continue
            for start in range(begin, end, 1 << 24):
                try:
                    memory.seek(start)
                    if secret in memory.read(min(1 << 24, end - start)):
                        return True
                except OSError:  # a region that cannot be read, such as one of a device
                    break
    return False
