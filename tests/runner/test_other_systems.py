"""Grading in mode `process` where the system has less than Linux: no fork, no `poll`, no limits of its own.

The modules and functions that Windows lacks are taken away in a process of its own, and in every child it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.runner.process import unlimited

ROOT = Path(__file__).parents[2]
FORUM = ROOT / "tests" / "cases" / "wrong" / "forum_plain.py"

TAKEN_AWAY = """
import _socket, os, select, signal, sys
for name in ("AF_UNIX", "SOCK_SEQPACKET", "socketpair"):
    delattr(_socket, name)
import socket
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in ("resource", "fcntl", "pwd", "grp", "termios", "tty", "pty"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
for name in ("resource", "fcntl", "pwd", "grp", "termios", "tty", "pty"):
    sys.modules.pop(name, None)
for module, names in (
    (os, "chown fchmod fork forkpty geteuid getgid getpgid getpgrp getpriority getsid getuid initgroups killpg "
     "memfd_create nice O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK pidfd_open pipe2 posix_spawn "
     "sched_getaffinity sched_setaffinity sched_yield set_blocking setgid setpgid setresuid setsid setuid sysconf "
     "wait wait3 wait4 waitid WIFSIGNALED WTERMSIG"),
    (select, "epoll poll"),
    (signal, "alarm getitimer ITIMER_PROF ITIMER_REAL pidfd_send_signal pthread_sigmask setitimer SIGALRM SIGCHLD "
     "SIGHUP SIGPROF sigtimedwait SIGUSR1"),
    (socket, "recv_fds send_fds"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
"""
"""Run before anything of ours. What `subprocess` itself stands on here stays."""

COMMAND = """
from grader.runner import process
child = "exec(" + repr({taken_away!r} + "del os.register_at_fork; sys.platform = 'win32'") + "); "
process._START = child.replace("{{", "{{{{").replace("}}", "}}}}") + process._START
"""
WORKER = "from grader.batch.worker import main; main()"


def run(*arguments: str | Path, before: str = "") -> subprocess.CompletedProcess[str]:
    # Other packages choose by `sys.platform` what they import.
    start = "import platformdirs\n" + TAKEN_AWAY + COMMAND.format(taken_away=TAKEN_AWAY)
    code = f"""{start}
from grader.batch import worker_pool
worker_pool.COMMAND = (sys.executable, "-P", "-c", {start + WORKER!r})
from grader.cli.main import run
{before}
sys.exit(run({[str(one) for one in arguments]!r}))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=300)


@pytest.mark.torch
def test_the_forum_case_is_graded() -> None:
    ran = run("check", "tanh-chain", FORUM, "--format", "json")
    result = json.loads(ran.stdout)

    assert (ran.returncode, ran.stderr) == (1, "")
    assert (result["first_error"], result["isolation"], result["problems"]) == ("dh1_dwh", "process", [])
    assert [step["outcome"] for step in result["steps"]].count("wrong") == 4


@pytest.mark.slow
@pytest.mark.torch
def test_a_class_is_graded(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    for student in ("ada", "emmy"):
        (tmp_path / "class" / f"{student}.py").write_text(f"# {student}\n{FORUM.read_text('utf-8')}", "utf-8")
    ran = run("batch", "tanh-chain", tmp_path / "class", "-o", tmp_path / "out", "--workers", "2",
              "--isolation", "process", "--i-trust-these-files")  # fmt: skip
    told = run("results", tmp_path / "out", "--format", "jsonl")

    assert ran.returncode == 0, ran.stderr
    assert [json.loads(line)["score"] for line in told.stdout.splitlines()] == [12.0, 12.0]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("command", ["check", "batch"])
@pytest.mark.parametrize("mode", ["portable", "strict"])
def test_a_mode_that_the_system_does_not_have_is_refused(mode: str, command: str, tmp_path: Path) -> None:
    where = (FORUM,) if command == "check" else (FORUM.parent, "-o", tmp_path / "out")
    ran = run(command, "tanh-chain", *where, "--isolation", mode)

    told = " ".join(ran.stderr.split())
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f"isolation {mode} needs Linux, and this system only has the mode `process`" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.torch
def test_by_default_a_class_is_graded_as_process_by_those_who_allow_it_once(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ada.py").write_bytes(FORUM.read_bytes())
    call = ("batch", "tanh-chain", tmp_path / "class", "-o", tmp_path / "out", "--workers", "1")

    refused = run(*call)
    allowed = run(*call, "--i-trust-these-files")
    (tmp_path / "class" / "emmy.py").write_text("h0 = 0.5\n", "utf-8")
    again = run(*call)

    assert (refused.returncode, "no other mode than `process`" in " ".join(refused.stderr.split())) == (2, True)
    assert (allowed.returncode, allowed.stderr) == (0, "")
    assert "isolation: process, which keeps nothing apart: this system has no other" in allowed.stdout
    assert (again.returncode, "graded: 1; 1 result of before kept" in again.stdout) == (0, True)


ONCE = """
import grader.cli.watch
class Once(grader.cli.watch.Saves):
    def wait(self):
        if waited:
            raise KeyboardInterrupt
        waited.append(self)
waited = []
grader.cli.watch.Saves = Once
"""
"""After it, a watched file is checked once."""


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    ("before", "command", "told"),
    [
        (ONCE, ("check", "tanh-chain", "mine.py", "--watch"), "12 / 16"),
        ("", ("hint", "tanh-chain", "mine.py"), "mine.py"),
        ("", ("numcheck", "tanh-chain", "mine.py", "dh1_dwh"), "numerical slope"),
        ("", ("handout", "tanh-chain", "-o", "out"), "tanh-chain.py"),
        ("", ("package", "vpl", "tanh-chain", "-o", "package.zip"), "16 points"),
        ("", ("serve", "--check", "--isolation", "process", "--data", "data"), "missing  isolation"),
        ("", ("serve", "--check", "--data", "data"), "say so with --isolation process"),
    ],
    ids=["watch", "hint", "numcheck", "handout", "package", "serve", "serve by default"],
)
def test_a_command_says(
    before: str, command: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command[0] == "serve":
        pytest.importorskip("starlette")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_bytes(FORUM.read_bytes())

    ran = run(*command, before=before)

    assert told in (ran.stdout + ran.stderr).replace("\n", " ")
    assert "Traceback" not in ran.stderr


@pytest.mark.slow
@pytest.mark.torch
def test_a_dispute_is_written_and_judged_again(tmp_path: Path) -> None:
    file = tmp_path / "dispute.json"
    written = run("dispute", "tanh-chain", FORUM, "dh1_dwh", "-o", file)
    again = run("dispute", file, "--isolation", "process", "--i-trust-these-files")

    assert (written.returncode, written.stderr) == (0, "")
    assert (again.returncode, "the verdict is the same" in again.stdout) == (0, True)


@pytest.mark.slow
@pytest.mark.torch
def test_an_endless_loop_is_ended(tmp_path: Path) -> None:
    loop = tmp_path / "loop.py"
    loop.write_text("h0 = 0.5\nwhile True:\n    pass\n", "utf-8")
    exercise = tmp_path / "tanh-chain.yaml"
    exercise.write_text((ROOT / "exercises" / "tanh-chain.yaml").read_text("utf-8") + "\nlimits: {seconds: 0.5}\n")
    result = json.loads(run("check", exercise, loop, "--format", "json").stdout)

    assert [problem["kind"] for problem in result["problems"]] == ["timeout"]


def test_a_limit_that_the_system_does_not_have_is_not_claimed(tmp_path: Path) -> None:
    told = run("batch", "tanh-chain", tmp_path, "-o", tmp_path / "out", "--isolation", "process").stderr

    assert "limit memory or the number of processes or processor time" in " ".join(told.split())


def test_here_every_limit_is_there() -> None:
    assert (unlimited() == "") == (sys.platform == "linux")


LINUX_ONLY = {
    "grader.batch.cluster_worker",
    "grader.runner.child.preloaders",
    "grader.runner.child.selftest",
}
"""Modules of the isolation of Linux, which other systems never import."""


@pytest.mark.torch
@pytest.mark.slow
def test_every_other_module_is_imported() -> None:
    pytest.importorskip("starlette")
    code = f"""import platformdirs
{TAKEN_AWAY}
import importlib, pkgutil, grader
for one in pkgutil.walk_packages(grader.__path__, "grader."):
    try:
        None if one.name.endswith("__main__") else importlib.import_module(one.name)
    except (ImportError, AttributeError):
        print(one.name)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=300)

    assert ran.stderr == ""
    assert set(ran.stdout.split()) == LINUX_ONLY
