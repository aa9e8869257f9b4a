"""What a command needs: processor time and memory of it and of everything it starts, as a container counts them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_EVERY = 0.02
"""Seconds between two looks."""

# Whose parent has ended becomes a child of the command, and stays in sight.
_KEEPING = "import ctypes, os, sys; ctypes.CDLL(None).prctl(36, 1); os.execvp(sys.argv[1], sys.argv[1:])"

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Needs:
    """`peak`: the most memory at once, in bytes, a page that processes share counted once; `processor`: seconds, by
    process."""

    peak: int = 0
    processor: dict[int, float] = field(default_factory=dict)

    def look(self, root: int) -> None:
        """Look once at a process and its descendants."""
        memory = 0
        for pid in _family(root):
            try:
                memory += 1024 * int(_PSS.findall(Path(f"/proc/{pid}/smaps_rollup").read_text())[0])
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except (OSError, IndexError):
                continue  # it has ended
            self.processor[pid] = (int(fields[11]) + int(fields[12])) / _TICK
        self.peak = max(self.peak, memory)


_PSS = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)


def needs(command: Sequence[str], folder: Path, env: dict[str, str]) -> tuple[str, Needs]:
    """What a command prints, and what it needs until it ends."""
    found = Needs()
    kept = [sys.executable, "-c", _KEEPING, *command]
    with subprocess.Popen(kept, cwd=folder, env=env, stdout=subprocess.PIPE, text=True) as process:
        watcher = threading.Thread(target=_watch, args=(process, found))
        watcher.start()
        printed, _ = process.communicate(timeout=300)
        watcher.join()
    assert process.returncode == 0
    return printed, found


def _watch(process: subprocess.Popen[str], found: Needs) -> None:
    while process.poll() is None:
        found.look(process.pid)
        time.sleep(_EVERY)


def _family(root: int) -> list[int]:
    """A process and its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found
