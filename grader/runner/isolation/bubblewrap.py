"""The bubblewrap command around a fork server: namespaces of its own, and only the files a submission may read.

The arguments are our isolation policy; `tests/hostile` tests them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from grader.runner.isolation.readable_paths import HOUSE, Places

CODE = "/grader"
"""Path inside the sandbox of the child's code."""

DATA = "/data"
"""Path inside the sandbox of the folders with files that exercises make readable."""

SCRATCH = "/tmp"
_SCRATCH_BYTES = 32 * 1024 * 1024
VISIBLE_MODULES = (
    "__init__.py",
    "runner/__init__.py",
    "instrument/__init__.py",
    "instrument/site.py",
    "instrument/name_matching.py",
    "runner/wire.py",
    "runner/child",
)
"""All of the grader's own code that is visible inside."""


def command(
    program: str, places: Places, data: str, environment: Mapping[str, str], inside: Sequence[str], *, root: bool
) -> list[str]:
    """The command line that runs `inside`. As root there is no user namespace, but the fork server may switch to
    another user."""
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
    # Before the readable paths are bound, since Python or a library may be installed below this folder.
    wrapped += ["--perms", "1777", "--size", str(_SCRATCH_BYTES), "--tmpfs", SCRATCH]
    wrapped += _bound([places.interpreter, *places.wanted])
    if any(os.path.commonpath((os.path.realpath(path), HOUSE)) == os.path.realpath(path) for path in places.wanted):
        wrapped += ["--tmpfs", HOUSE]  # the grader is installed beside what submissions import
    for part in VISIBLE_MODULES:
        inside_path = f"{CODE}/grader/{part}"
        wrapped += [*_parents(inside_path), "--ro-bind", os.path.join(HOUSE, part), inside_path]
    wrapped += ["--ro-bind", data, DATA]
    wrapped += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]
    return [*wrapped, *inside]


def _bound(paths: Sequence[str]) -> list[str]:
    """Bind paths read-only, each at its own place; links in the root folder stay links."""
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
    """Create the folders above a path readable by all: bubblewrap would create them for root alone."""
    above = [str(folder) for folder in reversed(PurePath(path).parents)][1:]
    return [word for folder in above for word in ("--perms", "0755", "--dir", folder)]
