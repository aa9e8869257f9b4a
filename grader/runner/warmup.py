"""The warm-up of a fork server before it forks: a script of the grader's own per library, run as submissions are."""

from __future__ import annotations

from grader.instrument.name_matching import normal
from grader.model import Value
from grader.runner import messages
from grader.runner.budget import Budget
from grader.runner.bytecode import instrumented
from grader.runner.program_ends import Endings
from grader.runner.types import Labels, Limits, Order, Setup

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
_SCRIPTS = {
    "": _TEXT.format(imports="import math", two="2.0", half="0.5", tanh="math.tanh"),
    "numpy": _TEXT.format(imports="import numpy as np", two="np.array(2.0)", half="np.array(0.5)", tanh="np.tanh"),
    "torch": _TEXT.format(imports="import torch", two="torch.tensor(2.0)", half="torch.tensor(0.5)", tanh="torch.tanh"),
}


def warm_up_texts() -> list[tuple[str, list[str]]]:
    """By library ("": plain Python), the setup and three runs: one to find out which bindings are inputs, one at
    another point, and one with replaced values."""
    return [(library, _warm_up_text(script)) for library, script in _SCRIPTS.items()]


def _warm_up_text(script: str) -> list[str]:
    cells = instrumented([script])
    (w, x, *others) = cells[0].sites
    quantities = frozenset(name for site in others for name in site.names)
    given = {"w": Value.scalar(2.0), "x": Value.scalar(0.5)}
    point = {"w": Value.scalar(1.5), "x": Value.scalar(0.75)}
    spelled = frozenset(map(normal, quantities))
    labels = Labels({"w": "w", "x": "x"}, quantities, spelled, tuple(frozenset({name}) for name in spelled))
    setup = Setup("warmup.py", (script,), ("warmup.py#0",), labels, given, True, instrumented=cells)
    inputs = {(w.number, 0): "w", (x.number, 0): "x"}
    stops = frozenset((site.number, 0) for site in others)
    runs = (Order(given), Order(point, inputs, observe=True), Order(point, inputs, stops, observe=True))
    orders = (messages.order(run, Budget(Limits()).allowance("run"), frozenset(), Endings(False)) for run in runs)
    return [messages.setup(setup, cells).decode(), *(order.decode() for order in orders)]
