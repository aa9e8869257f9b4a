"""All runs of one submission: set up once, run as often as asked, started again where a run took the child with it."""

from __future__ import annotations

import base64
import json
import os
import site as python_site
import sys
import time
from collections.abc import Callable, Mapping
from typing import cast

from grader.errors import InternalError
from grader.model import Isolation, Observed, Opaque, Value
from grader.runner import wire
from grader.runner.process import ChildProcess
from grader.runner.process import Ended as ProcessEnded
from grader.runner.types import Ended, Event, Order, Raised, Role, Setup, Trace
from grader.runner.wire import Wired

STARTING = 180.0
"""Seconds a child may take to import what the submission imports: torch on a slow disk takes its time."""

BACKSTOP = 5.0
"""The grader's own deadline, in multiples of a run's CPU limit."""

Decide = Callable[[Event], Value | None]
"""Given a binding the child stopped at: what to put in its place, or None to keep it."""

_OPAQUE = {wire.PLACEHOLDER: "placeholder", wire.TEXT: "text", wire.OBJECT: "object", wire.TOO_LARGE: "too_large"}
_ENDED: dict[int, Ended] = {wire.FINISHED: "finished", wire.ENOUGH: "enough", wire.TIMEOUT: "timeout"}


class Session:
    """Use as a context manager: leaving it ends every process of the submission."""

    isolation: Isolation = "process"

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._child: ChildProcess | None = None
        self._output = ""

    def __enter__(self) -> Session:
        # Started at once, so that the child imports what it needs while the grader prepares.
        self._child = self._start()
        self._waiting = True
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    @property
    def output(self) -> str:
        """What the submission printed in its first run."""
        return self._output

    def run(self, order: Order, decide: Decide | None = None) -> Trace:
        """One run. What ends it early is in the trace, not raised."""
        events: list[Event] = []
        raised: list[Raised] = []
        ended: Ended = "killed"
        autograd = False
        try:
            child = self._ready()
            child.send(wire.RUN, _order(order, self.setup.limits.seconds))
            deadline = time.monotonic() + BACKSTOP * self.setup.limits.seconds
            while True:
                kind, flags, body = child.receive(deadline)
                if kind == wire.BINDING:
                    events.append(_event(body, flags))
                elif kind == wire.ASK and decide is not None:
                    self._answer(child, decide, _event(body, flags))
                elif kind == wire.RAISED:
                    raised.append(Raised(*wire.unpack_raise(body)))
                elif kind == wire.END and len(body) == 1 and body[0] in _ENDED:
                    ended, autograd = _ENDED[body[0]], bool(flags & wire.AUTOGRAD)
                    break
                else:
                    raise wire.WireError("a frame out of turn")
        except ProcessEnded as end:
            ended = cast(Ended, end.how)
            self._drop()
        except wire.WireError:
            ended = "protocol"
            self._drop()
        if not self._output and self._child is not None:
            self._output = self._child.output
        return Trace(tuple(sorted(events, key=lambda event: event.sequence)), tuple(raised), ended, autograd)

    def _answer(self, child: ChildProcess, decide: Decide, event: Event) -> None:
        replacement = decide(event)
        if replacement is None:
            child.send(wire.KEEP)
        else:
            wired = Wired(wire.NUMBERS, "float64", replacement.shape, replacement.data)
            child.send(wire.REPLACE, wire.pack_value(wired))

    def _start(self) -> ChildProcess:
        child = ChildProcess(self.setup.files, self.setup.limits.output * 1024)
        try:
            child.send(wire.SETUP, _setup(self.setup))
        except ProcessEnded:
            child.close()
            raise InternalError("the process that runs submissions ended before it was set up") from None
        return child

    def _ready(self) -> ChildProcess:
        if self._child is None:
            self._child = self._start()
            self._waiting = True
        if self._waiting:
            try:
                kind, _, _ = self._child.receive(time.monotonic() + STARTING)
            except ProcessEnded as end:
                said = self._child.output.strip().splitlines()
                raise InternalError(
                    f"the process that runs submissions did not start ({end.how}): {said[-1] if said else 'no word'}"
                ) from end
            if kind != wire.READY:
                raise InternalError("the process that runs submissions did not start in order")
            self._waiting = False
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._output = self._output or self._child.output
            self._child.close()
            self._child = None


def _setup(setup: Setup) -> bytes:
    labels = setup.labels
    return json.dumps(
        {
            "file": setup.file,
            "cells": [
                {"source": source, "name": name} for source, name in zip(setup.sources, setup.names, strict=True)
            ],
            "inputs": dict(labels.inputs),
            "quantities": sorted(labels.quantities),
            "tracked": sorted(labels.tracked),
            "asked": [sorted(names) for names in labels.asked],
            "given": _values(setup.given),
            "ends_when_asked": setup.ends_when_asked,
            "memory": setup.limits.memory,
            "libraries": setup.libraries,
            "path": _search_path(setup.directory),
        }
    ).encode()


def _search_path(directory: str | None) -> list[str]:
    """Where the student's imports are looked for beyond the standard places; their own folder comes last, so that a
    file of theirs called numpy.py stays unread."""
    wanted = set(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    if python_site.ENABLE_USER_SITE:
        wanted.add(python_site.getusersitepackages())
    found = [entry for entry in sys.path if entry and entry in wanted]
    return [*found, directory] if directory else found


def _order(order: Order, seconds: float) -> bytes:
    decisions = order.decisions
    return json.dumps(
        {
            "point": _values(order.inputs),
            "decisions": None if decisions is None else [[*place, name] for place, name in decisions.items()],
            "stops": sorted(order.stops),
            "until": order.until,
            "scale": order.scale,
            "seconds": seconds,
        }
    ).encode()


def _values(values: Mapping[str, Value]) -> dict[str, tuple[tuple[int, ...], str]]:
    return {name: (value.shape, base64.b64encode(value.data).decode()) for name, value in values.items()}


def _event(body: bytes, flags: int) -> Event:
    binding = wire.unpack_binding(body)
    role: Role = "input" if flags & wire.INPUT else "update" if flags & wire.UPDATE else "own"
    return Event(
        binding.sequence, binding.site, binding.occurrence, binding.key, binding.label, _observed(binding.value), role
    )


def _observed(wired: Wired) -> Observed:
    if wired.form == wire.NUMBERS:
        return Value(wired.shape, wired.data, wired.dtype)
    return Opaque(_OPAQUE[wired.form], wired.data.decode("utf-8", "replace"))  # type: ignore[arg-type]  # the table's values are the literals
