"""What a process held that was killed is leased again at once, and what a process holds that lives is left to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.service.store.tables import Job, Push
from grader.service.work import pushes, queue
from grader.service.work.queue import is_gone, own_name, taken_back
from tests.service import making
from tests.service.making import NOON
from tests.service.work.test_pushes import Taught

NAME = "from grader.service.work.queue import own_name; print(own_name(), flush=True); input()"


@contextmanager
def other() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process, and its name."""
    with subprocess.Popen([sys.executable, "-c", NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:  # fmt: skip
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def ended() -> str:
    """The name of a process that was killed."""
    with other() as (process, name):
        process.kill()
        process.wait()
    return name


def with_part(number: int, change: Callable[[str], str]) -> str:
    """The name of this process, with one of its parts changed: the start of the machine, the numbering, the number of
    the process, its beginning."""
    parts = own_name().split(":")
    parts[number] = change(parts[number])
    return ":".join(parts)


def test_a_process_that_runs_is_not_gone_and_one_that_was_killed_is() -> None:
    with other() as (process, name):
        assert not is_gone(name)
        process.kill()
        process.wait()
        assert is_gone(name)


def test_a_process_that_nobody_has_waited_for_is_gone() -> None:
    with other() as (process, name):
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(name)


def test_a_process_whose_number_another_one_has_now_is_gone() -> None:
    assert is_gone(with_part(3, lambda began: str(int(began) - 1)))


@pytest.mark.parametrize("part", [0, 1], ids=["another start of a machine", "another numbering of processes"])
def test_of_a_process_that_cannot_be_seen_from_here_nothing_is_said(part: int) -> None:
    gone = with_part(2, lambda _: "4194305")  # above the largest number that a process can have
    elsewhere = gone.replace(gone.split(":")[part], "7")

    assert (is_gone(gone), is_gone(elsewhere)) == (True, False)


@pytest.mark.parametrize("name", ["", "w", "host:12:0"])
def test_of_what_is_no_name_of_a_process_nothing_is_said(name: str) -> None:
    assert not is_gone(name)


def test_a_process_that_may_not_be_looked_at_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(pid: int, signal: int) -> None:
        raise PermissionError

    name = with_part(2, lambda _: "4194305")
    monkeypatch.setattr(os, "kill", refuses)

    assert not is_gone(name)


def test_jobs_of_a_killed_process_are_leased_again_and_those_of_a_living_one_are_not(
    Session: sessionmaker[OrmSession],
) -> None:
    with Session.begin() as session:
        course = making.course(session)
        assignment = making.assignment(session, course)
        for number, worker in enumerate((ended(), own_name(), "elsewhere:1:2:3")):
            student = making.enrolled(session, course, f"Student {number}")
            queue.queued(session, making.attempt(session, assignment, student, 1), NOON)
            queue.leased(session, worker, 20, NOON)
        assert taken_back(session, Job) == 1
        states = session.scalars(select(Job.state).order_by(Job.id)).all()
        again = queue.leased(session, "next", 20, NOON)

        assert states == ["queued", "leased", "leased"]
        assert again is not None
        assert (again.worker, again.lease, again.tries) == ("next", 2, 2)
        assert queue.leased(session, "next", 20, NOON) is None


def test_what_a_killed_process_was_sending_is_sent_again(Session: sessionmaker[OrmSession]) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        taught.push()
        pushes.leased(session, ended(), 120, NOON)
        assert taught.lease() is None
        assert taken_back(session, Push) == 1
        again = taught.lease()

        assert again is not None
        assert (again.score, again.lease) == (12.0, 2)
