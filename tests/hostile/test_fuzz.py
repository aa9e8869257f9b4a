"""Whatever bytes arrive: a value or a refusal, never a traceback, never much memory, never a step that is right."""

from __future__ import annotations

import random
import resource
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.runner import wire
from grader.runner.wire import Binding, Wired, WireError
from grader.submission.load import load_bytes

MANY = 100_000


def parse(data: bytes) -> list[object]:
    """All that the grader would make of a stream."""
    found: list[object] = []
    at = 0

    def read(size: int) -> bytes:
        nonlocal at
        part = data[at : at + size]
        at += len(part)
        return part

    try:
        while (frame := wire.read_frame(read)) is not None:
            kind, _, body = frame
            if kind in (wire.BINDING, wire.ASK):
                found.append(wire.unpack_binding(body))
            elif kind == wire.RAISED:
                found.append(wire.unpack_raise(body))
            else:
                found.append(frame)
    except WireError:
        pass
    return found


def sound(found: list[object]) -> bool:
    """Every number that came out has the shape it says."""
    values = [one.value for one in found if isinstance(one, Binding)]
    return all(len(one.data) % 8 == 0 for one in values if one.form == wire.NUMBERS)


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_any_bytes(data: bytes) -> None:
    assert sound(parse(data))
    for read in (wire.unpack_value, wire.unpack_binding, wire.unpack_raise):
        try:
            read(data)
        except WireError:
            continue


def frames(chance: random.Random) -> bytes:
    """A stream as a child would send it, a few of its bytes changed, dropped or doubled."""
    sent = b""
    for _ in range(chance.randint(1, 4)):
        shape = tuple(chance.choices((0, 1, 2, 3), k=chance.randint(0, 3)))
        size = 1
        for length in shape:
            size *= length
        value = Wired(chance.randint(0, 4), chance.choice(wire.DTYPES), shape, struct.pack(f"<{size}d", *[1.0] * size))
        body = wire.pack_binding(Binding(1, chance.randint(0, 9), 0, chance.choice((None, 3)), "h", value))
        sent += wire.frame(chance.choice((wire.BINDING, wire.ASK, wire.END, wire.RAISED, 77)), body)
    data = bytearray(sent)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        match chance.randint(0, 2):
            case 0:
                data[at] = chance.randint(0, 255)
            case 1:
                del data[at : at + chance.randint(1, 9)]
            case _:
                data[at:at] = data[at : at + chance.randint(1, 9)]
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("many", [2_000, pytest.param(MANY, marks=pytest.mark.slow)])
def test_changed_streams(many: int) -> None:
    chance = random.Random(7)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(many):
        assert sound(parse(frames(chance)))

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


SEEDS = (
    b"import math\nx = 0.7\nh = math.tanh(x)\n# %%\ndh = 1 - h**2\n",
    b'{"cells": [{"cell_type": "code", "source": ["x = 1\\n", "%time y"], "outputs": []}], "nbformat": 4}',
    b'{"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1", "language": "python"}]}], "nbformat": 3}',
)


def changed(chance: random.Random, seed: bytes) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.randint(0, 4)] = chance.choice(
            (b"", b"[", b"{", b'"', b"\\", b"\0", b"\xff", b"\n", b"(", b"'''", b"\\ud800", b"1e999", b"null", b"%%")
        )
    return bytes(data)


@pytest.mark.parametrize("many", [300, pytest.param(MANY, marks=pytest.mark.slow)])
def test_changed_files(many: int) -> None:
    """Read as a submission: cells or problems, and never an exception."""
    chance = random.Random(11)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(many):
        name = "mine.ipynb" if number % 3 else "mine.py"
        submission = load_bytes(changed(chance, SEEDS[number % 3]), name)
        assert submission.cells or submission.problems

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024
