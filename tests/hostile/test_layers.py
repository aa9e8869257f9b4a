"""The test of the tests: take one layer away, or allow one call more, and at least one attack succeeds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import grader
from grader.errors import IsolationMissing
from grader.runner.child.layers import SELF
from grader.runner.isolation import seccomp
from grader.runner.isolation.modes import Plan, plan
from grader.runner.isolation.syscalls import RULES, Rule
from grader.runner.zygotes import Zygotes
from grader.submission.load import load_bytes
from tests.hostile.attacks import ATTACKS
from tests.hostile.test_attacks import EXERCISE


def changed(text: str, base: Plan) -> Plan:
    """The plan with a layer less or a call more allowed: `-landlock`, `+socket`."""
    parts = text.split(", ")
    rules = (*RULES, *(Rule(part[1:]) for part in parts if part.startswith("+")))
    layers = tuple(layer for layer in base.layers if f"-{layer}" not in parts)
    return replace(base, layers=layers, program=seccomp.program(rules))


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
    "+mkdir, -landlock, -rlimits": "051",
}
"""What is changed, and attacks at least one of which it lets through. Where two layers stand behind each other, both
are taken away: no process can be made, and if one could, the limit on their number is none."""


def breaches(plan: Plan, numbers: Sequence[str], secret: Path) -> list[str]:
    """The attacks that succeed, without the canary, which would find out before any of them could run."""
    found = []
    with Zygotes("portable", made_of=plan, canary=False) as zygotes:
        for attack in ATTACKS:
            if attack.name[:3] in numbers:
                # Under another name than the attacks have that leave nothing, and are looked for meanwhile.
                source = attack.source(secret).replace(b"filler-", MADE.encode())
                result = grader.check(EXERCISE, load_bytes(source, "attack.py"), children=zygotes)
                if "BREACH" in result.output:
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
def base(isolated: Zygotes) -> Plan:
    if isolated.isolation != "portable":
        pytest.skip("one layer less shows where there is no bubblewrap behind it")
    return plan("portable")


@pytest.mark.parametrize("change", CHANGES)
def test_without_it_an_attack_succeeds(change: str, base: Plan, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    numbers = CHANGES[change].split()

    assert breaches(base, numbers, secret) == []
    assert breaches(changed(change, base), numbers, secret) != []


@pytest.mark.parametrize("layer", ["rlimits", "landlock", "seccomp"])
def test_the_canary_finds_a_layer_missing(layer: str, isolated: Zygotes) -> None:
    weak = changed(f"-{layer}", plan(isolated.isolation))

    with (
        pytest.raises(IsolationMissing, match="a test program could"),
        Zygotes("strict", made_of=weak) as zygotes,
    ):
        zygotes.warm()


def test_a_child_sends_signals_to_itself_alone() -> None:
    """The number that stands for its pid in the filter stands there, and is no pid."""
    assert [rule.arguments[0] for rule in RULES if rule.call in ("kill", "tgkill")] == [(0, SELF)] * 26
    assert SELF > 2**22
