"""Whose fault an exception is that our own code raises in the child.

It is the submission's fault if one of its objects raised inside our code, if it left no memory or stack depth, or if it
changed something our code relies on (`builtins.float = ...`). Anything else is our fault: the grader is informed, and
no student loses points for it.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace, TracebackType
from typing import Any

_OURS = "grader.runner"
_MOVING = "sys"
"""Excluded: the names of this module change in every run (`sys.stdout`, `sys.argv`)."""

CALLED = (
    *("again", "awaited", "bound", "ended", "imported", "instead", "goes_on", "item", "keep", "kept", "member"),
    *("parameter", "passed", "settled", "sweep", "touched", "typed", "within"),
)
"""Called from within a submission's code, whose `except` could catch what these methods raise."""

_NO_LOOK = frozenset({"awaited", "imported", "instead", "keep", "kept", "member"})
"""Those that only run the submission's code, or store something."""


class IntegritySnapshot:
    """The names our code relies on, with their values from before any code of a submission ran."""

    def __init__(self) -> None:
        ours = [module for name, module in sys.modules.items() if name.startswith(_OURS)]
        under = {one.__name__: one for module in ours for one in vars(module).values() if isinstance(one, ModuleType)}
        known = [*ours, builtins, *(module for name, module in under.items() if name != _MOVING)]
        classes = {one for module in ours for one in vars(module).values() if isinstance(one, type)}
        own = [one for one in classes if one.__module__.startswith(_OURS)]
        self._before = [(one, dict(vars(one))) for one in (*known, *own)]

    def is_untouched(self) -> bool:
        """Whether every name still has the value it had."""
        return all(vars(one).get(name) is value for one, before in self._before for name, value in before.items())


def is_ours(error: BaseException, snapshot: IntegritySnapshot, files: frozenset[str]) -> bool:
    """Whether an exception that came out of our code is our fault; `files` are the names of the cells."""
    if isinstance(error, RecursionError | MemoryError) or not isinstance(error, Exception):
        return False
    return files.isdisjoint(_files(error.__traceback__)) and snapshot.is_untouched()


def told(error: BaseException) -> str:
    """What went wrong, and where, for the developers of the grader."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
    return f"{type(error).__name__}{where}: {error}"[:500]


def watched(recorder: object, noise: object, blame: Callable[[Exception], None]) -> SimpleNamespace:
    """`__grader__`, as a submission's code sees it: the recorder's methods, and the noise of a noisy run. An exception
    from a method is passed to `blame` first, which need not return.

    While a method looks at a value, that value's own methods may run (`__array__`, `__torch_dispatch__`). What these
    bind is passed on unseen: it belongs to no derivation, and looking at it would run them again."""
    looking: list[str] = []
    return SimpleNamespace(noisy=noise, **{name: _watched(recorder, name, blame, looking) for name in CALLED})


def _watched(recorder: object, name: str, blame: Callable[[Exception], None], looking: list[str]) -> Callable[..., Any]:
    method = getattr(recorder, name)

    def called(*arguments: Any) -> Any:
        try:
            return method(*arguments)
        except Exception as error:
            blame(error)
            raise

    def looks(*arguments: Any) -> Any:
        if looking:
            return arguments[-1]
        looking.append(name)
        try:
            return called(*arguments)
        finally:
            looking.clear()

    return called if name in _NO_LOOK else looks


def _files(trace: TracebackType | None) -> set[str]:
    found = set()
    while trace is not None:
        found.add(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return found
