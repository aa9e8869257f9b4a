"""What is left of a run: processes below this one, files in the folders it could reach, descriptors of our own."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Left:
    processes: frozenset[int] = frozenset()
    files: frozenset[str] = frozenset()
    descriptors: int = 0

    def __sub__(self, before: Left) -> Left:
        opened = max(0, self.descriptors - before.descriptors)
        return Left(self.processes - before.processes, self.files - before.files, opened)


def left() -> Left:
    """Of folders that others use as well, only what attacks would make there."""
    files = {str(path) for path in Path(tempfile.gettempdir()).iterdir()}
    for folder in ("/tmp", "/var/tmp", "/dev/shm", os.getcwd(), os.path.dirname(os.__file__)):
        files |= {f"{folder}/{name}" for name in os.listdir(folder) if name.startswith(("filler-", "left", "canary-"))}
    return Left(frozenset(_descendants(os.getpid())), frozenset(files), len(os.listdir("/proc/self/fd")))


def _descendants(root: int) -> set[int]:
    """All below a process, zombies left out."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                state, parent = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(entry.name)] = int(parent)
    found = {root}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {root}
