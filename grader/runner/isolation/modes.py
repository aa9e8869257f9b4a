"""The modes, what each is made of, and what to say where a part of one is missing.

strict     bubblewrap, Landlock, the filter of system calls, limits; tried by the self-test; or nothing runs
portable   the same without bubblewrap: for containers, in which it cannot start; tried by the self-test
process    limits alone: it keeps a student's own mistakes from doing harm, and nobody's malice in
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from typing import Literal

from grader.errors import IsolationMissing
from grader.runner.child import landlock
from grader.runner.child.layers import LAYERS
from grader.runner.isolation import seccomp

HIDES_NAMES = "see that a file of the grader's exists"
"""The one attack of the self-test that `portable` does not stop: Landlock hides what a file holds, not that it is."""

_INSTEAD = "or choose --isolation process, which does not isolate, for code you trust"


Confined = Literal["strict", "portable"]
"""The modes that isolate."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How children of a mode are confined: the `layers` each puts around itself, the `program` of its filter, the
    bubblewrap around their fork server (None: none), the user they become (None: they stay who they are)."""

    mode: Confined
    layers: tuple[str, ...]
    program: bytes
    bubblewrap: str | None
    uid: int | None
    permits: frozenset[str] = frozenset()
    """Attacks of the self-test that this mode does not promise to stop."""
    read_only: bool = True
    """Whether fork servers without bubblewrap see every file system read-only, as far as the system allows it."""


@cache
def plan(mode: Confined) -> Plan:
    """Raises `IsolationMissing`."""
    if sys.platform != "linux":
        raise IsolationMissing(f"isolation {mode} needs Linux: use a container or a virtual machine, {_INSTEAD}")
    if not landlock.version():
        raise IsolationMissing(
            f"isolation {mode} needs Landlock, which this kernel does not have or has switched off: Linux 5.13 with "
            f"`landlock` in the boot option lsm= has it, {_INSTEAD}"
        )
    try:
        program = seccomp.program()
    except seccomp.Unavailable as error:
        raise IsolationMissing(
            f"isolation {mode} needs libseccomp to make its filter of system calls ({error}): "
            f"install the package libseccomp2 (or libseccomp), {_INSTEAD}"
        ) from error
    root = os.geteuid() == 0
    wrapper = shutil.which("bwrap") if mode == "strict" else None
    if mode == "strict" and wrapper is None:
        raise IsolationMissing(
            "isolation strict needs bubblewrap: install the package bubblewrap, or choose --isolation portable"
        )
    permits = frozenset() if mode == "strict" else frozenset({HIDES_NAMES})
    return Plan(mode, LAYERS, program, wrapper, _nobody() if root else None, permits)


def _nobody() -> int:
    """A user number no account of this machine has: not 65534, which other services share."""
    import pwd

    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return next(uid for uid in range(65533, 0, -1) if uid not in taken)
