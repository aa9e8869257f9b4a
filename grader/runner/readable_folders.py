"""Copies of the files that a submission may read, one folder for each set of files, which only the grader can write."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import threading
from collections import OrderedDict
from collections.abc import Sequence

from grader.model import CompanionFile

MAX_FOLDERS = 64
"""Maximum number of folders kept; the exercise's own stays in as long as it keeps being requested."""


class ReadableFolders:
    """The folders below `above`, which several processes may share. Thread-safe."""

    def __init__(self, above: str) -> None:
        self._above = above
        self._lock = threading.Lock()
        self._names: OrderedDict[str, None] = OrderedDict()

    def name(self, files: Sequence[CompanionFile]) -> str:
        """The name of the folder with copies of those of the files that exist; "" where none does."""
        there = [(file, facts) for file in files if (facts := _facts(file.path)) is not None]
        if not there:
            return ""
        key = repr([(file.name, file.path, facts.st_mtime_ns, facts.st_size) for file, facts in there])
        name = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()[:32]
        with self._lock:
            if not os.path.isdir(os.path.join(self._above, name)):
                self._copy([file for file, _ in there], os.path.join(self._above, name))
            self._names[name] = None
            self._names.move_to_end(name)
            if len(self._names) > MAX_FOLDERS:
                oldest, _ = self._names.popitem(last=False)
                shutil.rmtree(os.path.join(self._above, oldest), ignore_errors=True)
        return name

    def _copy(self, files: Sequence[CompanionFile], folder: str) -> None:
        """The folder appears by a rename, so it is complete as soon as it exists."""
        made = f"{folder}.{os.getpid()}"
        open_folder(made)
        for file in files:
            *above, _ = file.name.split("/")
            for depth in range(len(above)):
                with contextlib.suppress(FileExistsError):
                    open_folder(os.path.join(made, *above[: depth + 1]))
            os.chmod(shutil.copyfile(file.path, os.path.join(made, file.name)), 0o644)
        try:
            os.rename(made, folder)
        except OSError:  # another process has made it meanwhile
            shutil.rmtree(made)


def _facts(path: str) -> os.stat_result | None:
    """None where it is no file: the code that looks for it gets the error."""
    with contextlib.suppress(OSError):
        facts = os.stat(path)
        return facts if stat.S_ISREG(facts.st_mode) else None
    return None


def open_folder(path: str) -> None:
    """Create a folder that children can read, whatever the umask: they may run as another user."""
    os.mkdir(path)
    os.chmod(path, 0o755)
