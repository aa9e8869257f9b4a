"""The isolation modes, what each consists of, and the error messages where a part is missing.

strict     bubblewrap, Landlock, seccomp filter, limits; checked by the self-test; otherwise nothing runs
portable   the same without bubblewrap: for containers, in which it cannot start; checked by the self-test
process    limits alone: contains a student's own mistakes, but not malicious code
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import sys
from dataclasses import dataclass
from functools import cache
from typing import Literal

from grader.errors import IsolationMissing
from grader.runner.child import landlock
from grader.runner.child.isolation_layers import LAYERS
from grader.runner.isolation import seccomp

HIDES_NAMES = "see that a file of the grader's exists"
"""The one attack of the self-test that `portable` does not stop: Landlock protects the contents of a file, but does not
hide that it exists."""

_INSTEAD = "or choose --isolation process, which does not isolate, for code you trust"

_NEEDED = ((os, ("fork", "geteuid")), (socket, ("AF_UNIX", "socketpair", "send_fds")), (select, ("poll",)))
"""Functions that the fork server stands on, by module."""


Confined = Literal["strict", "portable"]
"""The modes that isolate."""


@dataclass(frozen=True, slots=True)
class ConfinementPlan:
    """How children of a mode are confined: the `layers` each puts around itself, its compiled seccomp filter
    (`program`), the bubblewrap executable for their fork server (None: none), and the user they switch to (None: no
    switch)."""

    mode: Confined
    layers: tuple[str, ...]
    program: bytes
    bubblewrap: str | None
    uid: int | None
    permits: frozenset[str] = frozenset()
    """Attacks of the self-test that this mode does not promise to stop."""
    read_only: bool = True
    """Whether fork servers without bubblewrap see every file system read-only, as far as the system allows it."""


def system_can_isolate() -> bool:
    """Whether any mode but `process` can exist on this system: on Linux, with what a fork server needs."""
    return sys.platform == "linux" and all(hasattr(module, name) for module, names in _NEEDED for name in names)


@cache
def plan(mode: Confined) -> ConfinementPlan:
    """The plan of a mode on this machine. Raises `IsolationMissing`."""
    if not system_can_isolate():
        raise IsolationMissing(
            f"isolation {mode} needs Linux, and this system only has the mode `process`, which does not isolate: "
            "choose --isolation process for code you trust, or run grader in a Linux container or virtual machine"
        )
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
    return ConfinementPlan(mode, LAYERS, program, wrapper, _nobody() if root else None, permits)


def _nobody() -> int:
    """A user id that no account of this machine has. Not 65534, which other services share."""
    import pwd

    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return next(uid for uid in range(65533, 0, -1) if uid not in taken)
