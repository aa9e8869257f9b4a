"""What is left of a run: processes below this one, files in the folders it could reach, descriptors of our own."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.runner.fork_server_handle import pid_of
from grader.runner.fork_servers import ForkServers
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.protocols import Children


@dataclass(frozen=True, slots=True)
class Left:
    processes: frozenset[int] = frozenset()
    files: frozenset[str] = frozenset()
    descriptors: int = 0

    def __sub__(self, before: Left) -> Left:
        opened = max(0, self.descriptors - before.descriptors)
        return Left(self.processes - before.processes, self.files - before.files, opened)


def left(children: Children | None = None) -> Left:
    """Of folders that others use as well, only what attacks would make there. The fork servers of `children` are no
    leftovers; what they forked is."""
    files = {str(path) for path in Path(tempfile.gettempdir()).iterdir()}
    for folder in ("/tmp", "/var/tmp", "/dev/shm", os.getcwd(), os.path.dirname(os.__file__)):
        files |= {
            f"{folder}/{name}" for name in os.listdir(folder) if name.startswith(("filler-", "left", "selftest-"))
        }
    processes, opened = descendants(os.getpid()), len(os.listdir("/proc/self/fd"))
    if isinstance(children, ForkServers) and isinstance(pool := children.preloader_pool, PreloaderPool):
        # bubblewrap is two processes around it.
        found = [pool._process.pid, *_line(pool._process.pid, 2 if pool._plan.bubblewrap else 0)]
        processes -= {*found, *(child for child, parent in parents().items() if parent == found[-1])}
        files.discard(os.path.dirname(pool._scratch.path))
        opened -= 3  # its socket, its log, the lock of its folder
        for server in children._fork_servers.values():
            processes.discard(pid_of(server.pidfd))
            opened -= 2  # its socket, what it can be killed by
    return Left(frozenset(processes), frozenset(files), opened)


def _line(pid: int, length: int) -> list[int]:
    """The only child of a process, its only child, and so on."""
    found: list[int] = []
    while len(found) < length:
        (pid,) = (child for child, parent in parents().items() if parent == pid)
        found.append(pid)
    return found


def descendants(root: int) -> set[int]:
    above = parents()
    found = {root}
    while more := {child for child, parent in above.items() if parent in found} - found:
        found |= more
    return found - {root}


def parents() -> dict[int, int]:
    """Who started whom, zombies left out."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                state, parent = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(entry.name)] = int(parent)
    return parents
