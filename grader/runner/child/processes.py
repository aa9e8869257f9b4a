"""Whether the submission starts processes, and runs in which it starts none: a value that another process computes is
then missing, as is one that a database, the interpreter of TorchScript's inner form or code without a text computes.

What happens there cannot be examined. Starts are noticed where they happen, whichever library makes them.
Commands seem to succeed without any output, so that code which only installs a package goes on.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from grader.runner.child.executed_text import is_own_code

_STARTING = frozenset(
    {"os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "sqlite3.connect"}
)
"""The interpreter's own events, which are raised under whatever name the function was called: those of processes, and
of what carries out another language."""

_LOADING = frozenset({"code.__new__", "marshal.load", "marshal.loads"})
"""Those of code that comes from no text: none of its calls can be perturbed. Libraries make such code as well."""

_AS_COMMANDS = frozenset({"subprocess.Popen", "_winapi.CreateProcess"})
"""Those of commands: where there is `_posixsubprocess`, these run and do nothing."""

_NATIVE = frozenset({"fork", "vfork", "clone", "system", "popen", "posix_spawn", "posix_spawnp", "syscall"})
"""Functions of the C library that start a process, as `ctypes` looks them up."""

_NOTHING = (b"/bin/true", b"/usr/bin/true")


class Starts:
    """Watches for new processes, once `watch` was called. It cannot be undone."""

    def __init__(self) -> None:
        self.any_started = False
        """Whether one was started, or tried to be, since this was set to False."""
        self._refused = False
        self._replaced = False
        self._watching = False

    def watch(self) -> None:
        """Notice every start from now on."""
        self._listen()
        with contextlib.suppress(ImportError):
            # Commands of `subprocess` and of `multiprocessing` both come from here.
            native: Any = importlib.import_module("_posixsubprocess")
            native.fork_exec = self._commanded(native.fork_exec)
            self._replaced = True
            if (subprocess := sys.modules.get("subprocess")) is not None:
                vars(subprocess)["_fork_exec"] = native.fork_exec

    def _listen(self) -> None:
        if not self._watching:
            sys.addaudithook(self._told)
            self._watching = True

    @contextlib.contextmanager
    def refused(self) -> Iterator[None]:
        """Context without new processes."""
        self._listen()
        modules = [os, sys.modules[os.name]]
        systems = [one.system for one in modules]
        torch: Any = sys.modules.get("torch._C")
        parse = getattr(torch, "parse_ir", None)
        self._refused = True
        if parse is not None:
            torch.parse_ir = self._not_carried_out
        for one in modules:
            vars(one)["system"] = self._seems_to_succeed
        try:
            yield
        finally:
            self._refused = False
            if parse is not None:
                torch.parse_ir = parse
            for one, system in zip(modules, systems, strict=True):
                vars(one)["system"] = system

    def _told(self, event: str, arguments: tuple[Any, ...]) -> None:
        command = event in _AS_COMMANDS
        loading = event in _LOADING and is_own_code(sys._getframe(1).f_code)
        if command or loading or event in _STARTING or (event == "ctypes.dlsym" and arguments[-1] in _NATIVE):
            self.any_started = True
            if self._refused and not (command and self._replaced):
                raise PermissionError("no process is started in this run")

    def _commanded(self, starts: Any) -> Any:
        def fork_exec(arguments: Any, executables: Any, *rest: Any) -> Any:
            self.any_started = True
            return starts([_NOTHING[0]], _NOTHING, *rest) if self._refused else starts(arguments, executables, *rest)

        return fork_exec

    def _not_carried_out(self, *_: Any) -> Any:
        raise PermissionError("this is not carried out in this run")

    def _seems_to_succeed(self, command: Any) -> int:
        self.any_started = True
        return 0
