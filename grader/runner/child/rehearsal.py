"""What a zygote goes through once, with a text of our own, before it forks: everything that it will then do in every
child. Python does what is done often faster than what is done for the first time, and remembers it in the code itself;
each child would learn it anew, and pay with a copy of every page on which it is written down.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence

from grader.runner import wire
from grader.runner.child import limits
from grader.runner.child.fault import Ground
from grader.runner.child.libraries import Libraries
from grader.runner.child.main import Worker
from grader.runner.wire import Wired

TIMES = 12
"""Code is made faster by the eighth time it is run."""

_TEXT = """
{imports}
w, x = {two}, {half}
a = w * x
b = {tanh}(a)
c = w * b
db_da = (1 - b**2) * 1.0
dc_dx = w * db_da * w
dc_dw = b + w * db_da * x
"""
_QUANTITIES = ("a", "b", "c", "db_da", "dc_dx", "dc_dw")
_SCRIPTS = {
    "": _TEXT.format(imports="import math", two="2.0", half="0.5", tanh="math.tanh"),
    "numpy": _TEXT.format(imports="import numpy as np", two="np.array(2.0)", half="np.array(0.5)", tanh="np.tanh"),
    "torch": _TEXT.format(imports="import torch", two="torch.tensor(2.0)", half="torch.tensor(0.5)", tanh="torch.tanh"),
}


def rehearse(loaded: Sequence[str], libraries: Libraries, ground: Ground) -> None:
    """Plain Python, and each of the `loaded` libraries there is a script for."""
    for library, script in _SCRIPTS.items():
        if not library or library in loaded:
            for _ in range(TIMES):
                _go_through(script, libraries, ground)


def _go_through(script: str, libraries: Libraries, ground: Ground) -> None:
    worker = Worker(_Stage(), json.loads(json.dumps(_setup(script))), libraries, ground)
    w, x, *others = sorted(worker.sites)
    given = {"w": _number(2.0), "x": _number(0.5)}
    natural = {"point": {"w": _number(1.5), "x": _number(0.75)}, "decisions": [[w, 0, "w"], [x, 0, "x"]]}
    forced = {**natural, "stops": [[site, 0] for site in others]}
    for told in ({"point": given}, natural, forced):
        worker.run(json.loads(json.dumps({**_ORDER, **told})))


def _setup(script: str) -> dict[str, object]:
    return {
        "file": "rehearsal.py",
        "cells": [{"source": script, "name": "rehearsal.py#0"}],
        "inputs": {"w": "w", "x": "x"},
        "quantities": _QUANTITIES,
        "tracked": _QUANTITIES,
        "asked": [[name] for name in _QUANTITIES],
        "families": [],
        "given": {"w": _number(2.0), "x": _number(0.5)},
        "ends_when_asked": True,
    }


_ORDER: dict[str, object] = {
    "decisions": None,
    "stops": [],
    "whole": [],
    "until": None,
    "scales": {},
    "noise": 0.0,
    "smooth": False,
    "observe": True,
    "prompt": False,
    "seconds": 10.0,
    "left_out": [],
}


def _number(value: float) -> tuple[str, tuple[int, ...], str]:
    return "float64", (), base64.b64encode(struct.pack("<d", value)).decode()


class _Stage:
    """Where a grader would be: it keeps one value, and replaces the next."""

    def __init__(self) -> None:
        self.timer = limits.Timer(wall=False)
        self.prompt = False
        self._asked = 0

    def send(self, kind: int, body: bytes = b"", flags: int = 0) -> None:
        if kind in (wire.FAULT, wire.RAISED):
            raise RuntimeError(body.decode("utf-8", "replace"))
        with self.timer.held():
            wire.frame(kind, body, flags)

    def ask(self, body: bytes) -> Wired | None:
        self.send(wire.ASK, body)
        self._asked += 1
        answer = wire.pack_value(Wired(wire.NUMBERS, "float64", (), struct.pack("<d", 0.25)))
        return wire.unpack_value(answer) if self._asked % 2 else None
