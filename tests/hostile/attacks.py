"""The attacks, read from their files: number, title, what is to come of each, and which modes promise that."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
DERIVATION = """
import math
x = 0.7
w = 1.2
h = math.tanh(w * x)
y = h**2
dh = 2 * h
dw = dh * (1 - h**2) * x
dx = dh * (1 - h**2) * w
"""
"""Right, and behind every attack that has no steps of its own: who survives his attack is graded on his values."""

TOKEN = "token-that-only-the-grader-has"


@dataclass(frozen=True, slots=True)
class Attack:
    """`expect` is "graded" (full marks: the attack did nothing), "ended" with the kinds of problem that
    may be reported, or "judged" with the outcome no step may be better than."""

    name: str
    number: int
    expect: tuple[str, ...]
    modes: frozenset[str]
    program: str
    library: str | None

    def source(self, secret: Path) -> bytes:
        told = {"@secret@": str(secret), "@token@": TOKEN, "@grader@": str(os.getpid())}
        text = self.program
        for mark, value in told.items():
            text = text.replace(mark, value)
        own = re.search(r"^d[hwx]\b.*=|^h = y = |^grads = ", text, re.M)
        has_steps = own and self.expect[0] == "judged"
        return (text if has_steps else text + DERIVATION).encode()


def read(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    header = dict(re.findall(r"^# ([a-z ]+): (.*)$", text, re.M))
    number = re.match(r"# (\d+)\. \S", text)
    assert number is not None, path
    assert {"expect", "kept by", "why"} <= header.keys(), path
    program = text
    if "generates" in header:
        program = _made(header["generates"])
    modes = frozenset(header["kept by"].split(", "))
    return Attack(path.stem, int(number[1]), tuple(header["expect"].split()), modes, program, header.get("library"))


def _made(expression: str) -> str:
    """`"a" * 3 + "b"`: sums and products of literals, as they stand."""
    return str(eval(compile(ast.parse(expression, mode="eval"), "<generates>", "eval"), {"__builtins__": {}}))


ATTACKS = tuple(map(read, sorted((HERE / "attacks").glob("*.py"))))
