"""A run in which the submission starts no process: a value that another process computes is then missing.

What happens in another process cannot be examined. Commands seem to succeed without any output, so that code which only
installs a package goes on.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from typing import Any

_STARTING = ("fork", "forkpty", "posix_spawn", "posix_spawnp")
_NOTHING = (b"/bin/true", b"/usr/bin/true")


@contextlib.contextmanager
def without_processes() -> Iterator[None]:
    """Context without such processes."""

    def refused(*_: Any, **__: Any) -> Any:
        raise PermissionError("no process is started in this run")

    with contextlib.suppress(ImportError):
        importlib.import_module("subprocess")  # else a program that is the first to import it would start processes
    subprocess: Any = sys.modules.get("subprocess")
    starts: Any = getattr(subprocess, "_fork_exec", None)

    def does_nothing(arguments: Any, executables: Any, *rest: Any) -> Any:
        return starts([_NOTHING[0]], _NOTHING, *rest)

    before = {name: getattr(os, name) for name in _STARTING if hasattr(os, name)}
    system = os.system
    vars(os).update(dict.fromkeys(before, refused), system=lambda _: 0)
    if starts is not None:
        subprocess._fork_exec = does_nothing
    try:
        yield
    finally:
        vars(os).update(before, system=system)
        if starts is not None:
            subprocess._fork_exec = starts
