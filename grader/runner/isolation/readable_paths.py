"""What a submission may read: the interpreter, its libraries and the files those look up; nothing of the grader's
own."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

HOUSE = str(Path(__file__).parents[2])
"""The folder of the grader's own package."""

_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store", "/gnu/store")
"""Folders of shared libraries."""

_LOOKED_UP = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/share/zoneinfo",
    "/proc/cpuinfo",
    "/sys/devices/system/cpu",
    "/dev/null",
    "/dev/urandom",
)

_STARTED_WITH = ("/sys/kernel/mm/transparent_hugepage",)
"""Read by the C library when a fork server starts, to find out whether there are huge pages; not readable for
submissions."""


@dataclass(frozen=True, slots=True)
class Places:
    """`wanted` are files and folders as they are; `readable` those that submissions may read, without the grader's own
    package; `listable` are folders of which only parts are readable for that reason. `search` is where modules are
    searched."""

    interpreter: str
    wanted: tuple[str, ...]
    readable: tuple[str, ...]
    listable: tuple[str, ...]
    search: tuple[str, ...]


def places() -> Places:
    """The places of the Python that runs the grader."""
    interpreter = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    search = _search()
    libraries = sysconfig.get_config_var("LIBDIR")
    wanted = [*_SYSTEM, *_LOOKED_UP, *search, *([libraries] if libraries else [])]
    found = _outermost(list(filter(os.path.exists, wanted)))
    readable: list[str] = []
    listable: list[str] = []
    for path in found:
        _without(HOUSE, path, readable, listable)
    started_with = tuple(filter(os.path.exists, _STARTED_WITH))
    return Places(interpreter, (*found, *started_with), tuple(readable), tuple(listable), search)


def _search() -> tuple[str, ...]:
    """The standard library and installed packages; without PYTHONPATH and the folders that `.pth` files point to."""
    base = {"base": sys.base_prefix, "installed_base": sys.base_prefix}
    base |= {"platbase": sys.base_exec_prefix, "installed_platbase": sys.base_exec_prefix}
    standard = [sysconfig.get_path(name, vars=base) for name in ("stdlib", "platstdlib")]
    standard += [os.path.join(standard[-1], "lib-dynload")]
    packages = [*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])]
    known = set(map(os.path.realpath, sys.path))
    everything = [*standard, *(path for path in packages if os.path.realpath(path) in known)]
    return tuple(dict.fromkeys(path for path in everything if os.path.isdir(path)))


def _outermost(paths: list[str]) -> tuple[str, ...]:
    """The paths that lie within no other one. Links are kept as they are, since they are opened under these names."""
    kept: list[str] = []
    for path in sorted(set(map(os.path.normpath, paths)), key=len):
        if not any(_within(path, other) for other in kept):
            kept.append(path)
    return tuple(kept)


def _within(path: str, other: str) -> bool:
    return os.path.commonpath((path, other)) == other


def _without(hidden: str, path: str, readable: list[str], listable: list[str]) -> None:
    real = os.path.realpath(path)
    if os.path.realpath(hidden) == real:
        return
    if not _within(os.path.realpath(hidden), real):
        readable.append(path)
        return
    listable.append(path)
    for entry in sorted(os.listdir(path)):
        _without(hidden, os.path.join(path, entry), readable, listable)
