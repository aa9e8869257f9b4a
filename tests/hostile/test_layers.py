"""The test of the tests: take one layer away, or allow one call more, and at least one attack succeeds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import grader
from grader.errors import InternalError, IsolationMissing
from grader.runner import preloader_pool
from grader.runner.child.isolation_layers import PID_PLACEHOLDER
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation import seccomp
from grader.runner.isolation.modes import ConfinementPlan, plan
from grader.runner.isolation.seccomp import RULES, CallRule
from grader.runner.preloader_pool import PreloaderPool
from grader.submission.load import load_bytes
from tests.hostile.attacks import ATTACKS, DERIVATION
from tests.hostile.test_attacks import EXERCISE


def changed(text: str, base: ConfinementPlan) -> ConfinementPlan:
    """The plan with a layer less or a call more allowed: `-landlock`, `+socket`."""
    parts = text.split(", ")
    rules = (*RULES, *(CallRule(part[1:]) for part in parts if part.startswith("+")))
    layers = tuple(layer for layer in base.layers if f"-{layer}" not in parts)
    changed = replace(base, layers=layers, program=seccomp.program(rules))
    # Mounts that are made read-only keep files from being written as well.
    return replace(changed, read_only=False) if "-landlock" in parts else changed


CHANGES = {
    "-rlimits": "047 054",
    "-landlock": "001 003 004",
    "-seccomp": "048 071",
    "+clone, -rlimits": "048 049",
    "+fork, +vfork, -rlimits": "074 081",
    "+socket": "071",
    "+socketpair": "072",
    "+pidfd_open": "012",
    "+kill": "036",
    "+tgkill, -landlock": "036",
    "+execve, -landlock": "073",
    "+prlimit64": "037",
    "+setpriority": "037",
    "+sched_setaffinity": "037",
    "+fcntl": "038",
    "+flock": "065",
    "+setsid": "050",
    "+shmget": "052",
    "+memfd_create": "052",
    "+semget": "052",
    "+unshare": "075",
    "+io_uring_setup": "077",
    "+inotify_init1": "077",
    "+ioprio_set": "077",
    "+prctl": "078",
    "+fadvise64": "134",
    "+madvise": "134",
    "+mincore": "134",
    "+preadv2": "134",
    "+add_key": "136",
    "+inotify_init": "137",
    "+futex": "139",
    "+futex_waitv": "139",
    "+clock_gettime": "140",
    "+sysinfo": "140",
    "+mkdir, -landlock, -rlimits": "051",
}
"""What is changed, and attacks at least one of which it lets through. Where two layers stand behind each other, both
are taken away: no process can be made, and if one could, the limit on their number is none."""


def breaches(plan: ConfinementPlan, numbers: Sequence[str], secret: Path) -> list[str]:
    """The attacks that succeed, without the self-test, which would find out before any of them could run.

    A submission that forks has two processes that read our orders, so each may get half of one. What then ends in an
    error of ours has succeeded too.
    """
    found = []
    with ForkServers(PreloaderPool("portable", made_of=plan, selftest=False)) as fork_servers:
        for attack in ATTACKS:
            if attack.name[:3] in numbers:
                # Under another name than the attacks have that leave nothing, and are looked for meanwhile.
                source = attack.source(secret).replace(b"filler-", MADE.encode())
                submission = load_bytes(source, "attack.py")
                try:
                    succeeded = "BREACH" in grader.check(EXERCISE, submission, children=fork_servers).output
                except InternalError:
                    succeeded = True
                if succeeded:
                    found.append(attack.name)
    return found


MADE = "made-without-a-layer-"


@pytest.fixture(autouse=True)
def cleaned() -> Iterator[None]:
    """What attacks that succeed have made is removed."""
    yield
    for folder in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):
        for path in Path(folder).glob(f"{MADE}*"):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("x")
    return path


@pytest.fixture
def base(isolated: ForkServers) -> ConfinementPlan:
    if isolated.isolation != "portable":
        pytest.skip("one layer less shows where there is no bubblewrap behind it")
    return plan("portable")


def test_with_all_layers_none_of_these_attacks_succeeds(base: ConfinementPlan, secret: Path) -> None:
    assert breaches(base, " ".join(CHANGES.values()).split(), secret) == []


@pytest.mark.parametrize("change", CHANGES)
def test_without_it_an_attack_succeeds(change: str, base: ConfinementPlan, secret: Path) -> None:
    assert breaches(changed(change, base), CHANGES[change].split(), secret) != []


def told(number: str, plan: ConfinementPlan, secret: Path) -> str:
    """What an attack prints, under a plan, in a fork server of its own."""
    (attack,) = (one for one in ATTACKS if one.name.startswith(number))
    with ForkServers(PreloaderPool("strict", made_of=plan, selftest=False)) as fork_servers:
        neighbour = fork_servers.child(())  # whose handle the fork server has
        neighbour.provide((), EXERCISE.policy.limits)
        output = grader.check(EXERCISE, load_bytes(attack.source(secret), "attack.py"), children=fork_servers).output
        neighbour.close()
    return output


def test_without_bubblewrap_it_shows_that_a_file_exists(isolated: ForkServers, tmp_path: Path) -> None:
    if isolated.isolation != "strict":
        pytest.skip("only `strict` has it")
    secret = tmp_path / "secret"
    secret.write_text("x")

    assert "BREACH" not in told("002", plan("strict"), secret)
    assert "BREACH" in told("002", replace(plan("strict"), bubblewrap=None), secret)


def stale(folder: str) -> str:
    """A file there whose time of reading changes once it is read; that it was not read for long."""
    path = os.path.join(folder, "__phello__", "__init__.py")
    facts = os.stat(path)
    os.utime(path, ns=(facts.st_mtime_ns - 1, facts.st_mtime_ns))
    before = os.stat(path).st_atime_ns
    with open(path, "rb") as file:
        file.read(1)
    if os.stat(path).st_atime_ns == before:
        pytest.skip("this file system keeps no times of reading")
    os.utime(path, ns=(facts.st_mtime_ns - 1, facts.st_mtime_ns))
    return path


READS = """
import os
before = os.stat({path!r}).st_atime_ns
with open({path!r}, "rb") as file:
    file.read(1)
print("BREACH" if os.stat({path!r}).st_atime_ns != before else "the same")
"""


def test_without_read_only_file_systems_it_shows_what_was_read(isolated: ForkServers) -> None:
    try:
        path = stale(os.path.dirname(os.__file__))
    except OSError:
        pytest.skip("the library of this Python belongs to somebody else")

    def told(plan: ConfinementPlan) -> str:
        with ForkServers(PreloaderPool("portable", made_of=plan, selftest=False)) as fork_servers:
            source = (READS.format(path=path) + DERIVATION).encode()
            return grader.check(EXERCISE, load_bytes(source, "attack.py"), children=fork_servers).output

    assert told(plan(isolated.isolation)) == "the same\n"
    if isolated.isolation == "portable":
        assert told(replace(plan("portable"), read_only=False)) == "BREACH\n"


def test_without_an_environment_of_its_own_it_has_ours(
    isolated: ForkServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = preloader_pool._environment

    assert "BREACH" not in told("007", plan(isolated.isolation), tmp_path)
    monkeypatch.setattr(preloader_pool, "_environment", lambda *found: {**os.environ, **clean(*found)})
    assert "BREACH" in told("007", plan(isolated.isolation), tmp_path)


def test_without_closing_them_it_has_the_fork_servers_descriptors(
    isolated: ForkServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "BREACH" not in told("008", plan(isolated.isolation), tmp_path)
    torn = "import os; os.closerange = lambda *a: None; main()"
    monkeypatch.setattr(preloader_pool, "_START", preloader_pool._START.replace("main()", torn))
    assert "BREACH" in told("008", plan(isolated.isolation), tmp_path)


@pytest.mark.parametrize("layer", ["rlimits", "landlock", "seccomp", "bubblewrap"])
def test_the_selftest_finds_a_layer_missing(layer: str, isolated: ForkServers) -> None:
    whole = plan(isolated.isolation)
    weak = (
        replace(whole, bubblewrap=None, permits=frozenset()) if layer == "bubblewrap" else changed(f"-{layer}", whole)
    )

    with (
        pytest.raises(IsolationMissing, match="a test program could"),
        ForkServers(PreloaderPool("strict", made_of=weak)) as fork_servers,
    ):
        fork_servers.warm()


def test_a_child_sends_signals_to_itself_alone() -> None:
    """The number that stands for its pid in the filter stands there, and is no pid."""
    assert [rule.arguments[0] for rule in RULES if rule.call in ("kill", "tgkill")] == [(0, PID_PLACEHOLDER)] * 26
    assert PID_PLACEHOLDER > 2**22
