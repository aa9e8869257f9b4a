"""bubblewrap around a fork server: namespaces of its own, and of the file system only what a submission may read.

Its arguments are our policy; `tests/hostile` tries them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from grader.runner.isolation.readable_paths import HOUSE, Places

CODE = "/grader"
"""Where the code of the child is, inside."""

DATA = "/data"
"""Where the folders of files that exercises let be read are, inside."""

SCRATCH = "/tmp"
_SCRATCH_BYTES = 32 * 1024 * 1024
SHOWN = (
    "__init__.py",
    "runner/__init__.py",
    "runner/site.py",
    "runner/name_matching.py",
    "runner/wire.py",
    "runner/child",
)
"""All of the grader's own code that there is inside."""


def command(
    program: str, places: Places, data: str, environment: Mapping[str, str], inside: Sequence[str], *, root: bool
) -> list[str]:
    """The arguments that run `inside`; root makes no user namespace but lets the fork server become another user."""
    wrapped = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    wrapped += ["--cap-drop", "ALL"]
    if root:
        wrapped += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        wrapped += ["--unshare-user", "--disable-userns"]
    wrapped += ["--new-session", "--clearenv"]
    for name, value in environment.items():
        wrapped += ["--setenv", name, value]
    wrapped += ["--proc", "/proc", "--dev", "/dev"]
    # Before what is shown: Python, or a library, may well be installed somewhere below.
    wrapped += ["--perms", "1777", "--size", str(_SCRATCH_BYTES), "--tmpfs", SCRATCH]
    wrapped += _bound([places.interpreter, *places.wanted])
    if any(os.path.commonpath((os.path.realpath(path), HOUSE)) == os.path.realpath(path) for path in places.wanted):
        wrapped += ["--tmpfs", HOUSE]  # installed beside what submissions import
    for part in SHOWN:
        inside_path = f"{CODE}/grader/{part}"
        wrapped += [*_parents(inside_path), "--ro-bind", os.path.join(HOUSE, part), inside_path]
    wrapped += ["--ro-bind", data, DATA]
    wrapped += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]
    return [*wrapped, *inside]


def _bound(paths: Sequence[str]) -> list[str]:
    """Read-only, each where it is outside; links of the root folder as links."""
    made: list[str] = []
    for path in paths:
        if path.startswith(("/proc/", "/dev/")):
            continue
        made += _parents(path)
        if os.path.islink(path):
            made += ["--symlink", os.readlink(path), path]
            path = os.path.realpath(path)
            made += _parents(path)
        made += ["--ro-bind-try", path, path]
    return made


def _parents(path: str) -> list[str]:
    """The folders above a path, open to all: made on the way, they would be for root alone."""
    above = [str(folder) for folder in reversed(PurePath(path).parents)][1:]
    return [word for folder in above for word in ("--perms", "0755", "--dir", folder)]
