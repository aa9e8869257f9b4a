"""The warm-up: a fork server runs everything once that it will do in each child, before it forks one.

Python specialises code that runs often, and stores that in the code objects. Without the warm-up, each child would
specialise again, and pay with a copy of every memory page that is written to.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence

from grader.runner import wire
from grader.runner.child import limits
from grader.runner.child.fault import IntegritySnapshot
from grader.runner.child.libraries import Libraries
from grader.runner.child.worker import Worker
from grader.runner.wire import Wired

TIMES = 12
"""Python has specialised code by the eighth time it is run."""


def warm_up(warm_up_texts: Sequence[Sequence[str]], libraries: Libraries, snapshot: IntegritySnapshot) -> None:
    """Each text consists of a setup and its orders, as the grader would send them to a child."""
    for setup, *orders in warm_up_texts:
        for _ in range(TIMES):
            worker = Worker(_StandInGrader(), json.loads(setup), libraries, snapshot)
            for order in orders:
                worker.run(json.loads(order))


class _StandInGrader:
    """Stands in for the grader: keeps one value, and replaces the next."""

    def __init__(self) -> None:
        self.timer = limits.Timer(wall=False)
        self.prompt = False
        self._asked = 0

    def send(self, kind: int, body: bytes = b"", flags: int = 0) -> None:
        if kind in (wire.FAULT, wire.RAISED):
            raise RuntimeError(body.decode("utf-8", "replace"))
        with self.timer:
            wire.frame(kind, body, flags)

    def ask(self, body: bytes) -> Wired | None:
        self.send(wire.ASK, body)
        self._asked += 1
        answer = wire.pack_value(Wired(wire.NUMBERS, "float64", (), struct.pack("<d", 0.25)))
        return wire.unpack_value(answer) if self._asked % 2 else None
