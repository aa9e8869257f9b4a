"""The protocol between grader and child: frames with a fixed header and raw numbers.

    frame    magic "gr", kind (1 byte), flags (1 byte), length of the body (4 bytes, little-endian)
    value    form (1), dtype (1), dimensions (1), pad (1), one u32 per dimension, float64 numbers
    binding  sequence (u32), site (u32), occurrence (u32), key (i64), label length (1), label (UTF-8), then a value

Nothing here is ever unpickled or evaluated. Sizes are declared before they are read and refused above a cap; whatever
does not parse exactly is a `WireError`, which ends that submission and nothing else.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Container
from typing import NamedTuple

WARM, SETUP, RUN, KEEP, REPLACE, STOP = range(1, 7)
"""Kinds of frames that the grader sends."""

BINDING, ASK, RAISED, END, READY, SLOW, FAULT, LEFT, BEGUN, NOTED = range(16, 26)
"""Kinds of frames that the child sends. LEFT: a statement ended the program; BEGUN, in a prompt run: a statement
begins; NOTED: something the submission asked for is not available."""

INPUT, UPDATE = 1, 2
"""Flags of a binding: it was taken for that of an input and replaced; it changed an input."""

DIFFERENTIATORS = ("torch", "jax", "sympy", "autograd", "mpmath", "numdifftools", "numpy")
"""Libraries that differentiate, by import name. Bit by bit in this order, the flags of an END frame say which ones were
used."""

FORMULAS = "formulas"
"""A key of the scales, beside the libraries: torch's derivative formulas, even where none of its functions that
differentiate is called (`child.formulas`)."""

PROCESSES = "processes"
"""A key of the scales, beside the libraries: the submission starts no process in this run (`child.processes`). In the
flags of an END frame, after the libraries: it started one, or tried to."""

ANSWER = "<answer>"
"""The name of the exercise's own cell, which calls what a submission defines."""

OPERATOR, CALL = range(2)
"""What produced a result that the code of a noisy run passes on."""

POWER, ROOT, QUOTIENT = "**", "** 2", "/"
"""What stands for an operator where the code of a run expects a function. Its first argument is the exponent, the base
of a constant exponent, and what is divided by."""

FINISHED, ENOUGH, TIMEOUT = range(3)
"""How a run ended: the first byte of an END frame. The seconds of CPU it used follow."""

TIME_LIMIT = "TimeLimit"
"""The error in a LEFT frame that says a statement was stopped at its time limit."""

PACKAGE, DEVICE = range(2)
"""What is NOTED: a package that is not installed, an accelerator that does not exist here."""

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_RUN_BYTES = 256 * 1024 * 1024
"""Maximum number of bytes a child may send in one run."""

MAX_DIMENSIONS = 16
MAX_LABEL_BYTES = 100
NO_KEY = -(2**63)

AFTER_STATEMENT = 2**32 - 1
"""In place of an occurrence: the value a name holds once the statement that binds it has ended."""

IN_PLACE_OF_ERROR = 2**32 - 2
"""In place of an occurrence: the value that a guarded statement got because it raised."""

FIRST_ENTRY = 2**31
"""Occurrences from this number on are the entries of a container that the site bound or changed, one per entry."""

NUMBERS, PLACEHOLDER, TEXT, OBJECT, TOO_LARGE, EXCEPTION = range(6)
"""Forms of a value. EXCEPTION: no value, since the statement that should produce it raised; used in ASK frames."""

DTYPES = ("float64", "float32", "float16", "bfloat16", "int", "bool", "float", "tuple")
_DTYPE = {name: number for number, name in enumerate(DTYPES)}

_HEADER = struct.Struct("<2sBBI")
HEADER = _HEADER.size
_BINDING = struct.Struct("<IIIqB")
_RAISED = struct.Struct("<IIII")
_PLACE = struct.Struct("<II")
_END = struct.Struct("<Bd")
_NOTED = struct.Struct("<BII")
_VALUE = struct.Struct("<BBBx")
_ONE = 8
"""Bytes of a single number."""


class WireError(Exception):
    """Bytes that are not a valid frame of this protocol."""


class Wired(NamedTuple):
    """A value on the wire."""

    form: int
    """One of NUMBERS, PLACEHOLDER, TEXT, OBJECT, TOO_LARGE, EXCEPTION."""
    dtype: str
    """One of `DTYPES`: the type in which the submission holds the numbers."""
    shape: tuple[int, ...]
    """Of NUMBERS, the length of each axis; () otherwise."""
    data: bytes
    """Of NUMBERS, the entries in C order, 8 bytes each; empty for EXCEPTION; otherwise the name of the value's type."""


class Binding(NamedTuple):
    """A value that a name, an entry or an attribute was bound to."""

    sequence: int
    """Its place in the order of all bindings of the run."""
    site: int
    """The number of the site that binds it."""
    occurrence: int
    """How often the site was bound before in this run, or one of `FIRST_ENTRY` and above, `AFTER_STATEMENT`,
    `IN_PLACE_OF_ERROR`."""
    key: int | None
    """The index of an element (`h[3]`); None where there is none."""
    label: str
    """A name known only at run time (`grads["d" + name]`); "" where the site has the name."""
    value: Wired


class Raise(NamedTuple):
    """A top-level statement that raised."""

    cell: int
    """Its cell, from 0."""
    statement: int
    """Its number among the top-level statements of the cell, from 0."""
    at_cell: int
    """The cell of the student's innermost frame, from 0."""
    line: int
    """The line of that frame, from 1; 0 where there is none."""
    error: str
    """The type of the error, and its text, if any, after ": "."""


def frame(kind: int, body: bytes = b"", flags: int = 0) -> bytes:
    return _HEADER.pack(b"gr", kind, flags, len(body)) + body


def read_frame(read: Callable[[int], bytes]) -> tuple[int, int, bytes] | None:
    """The next frame as kind, flags, body; None where the stream ends between frames. Raises `WireError`."""
    head = _exactly(read, HEADER, may_end=True)
    if not head:
        return None
    kind, flags, size = header(head)
    return kind, flags, _exactly(read, size - HEADER)


def header(head: bytes | bytearray) -> tuple[int, int, int]:
    """Kind and flags of the frame that starts with `head`, and its length including the header. Raises `WireError`."""
    magic, kind, flags, length = _HEADER.unpack_from(head)
    if magic != b"gr" or length > MAX_BODY_BYTES:
        raise WireError("no frame")
    return kind, flags, HEADER + length


def _exactly(read: Callable[[int], bytes], size: int, may_end: bool = False) -> bytes:
    parts = []
    left = size
    while left:
        part = read(left)
        if not part:
            if may_end and left == size:
                return b""
            raise WireError("the stream ended inside a frame")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def pack_value(value: Wired) -> bytes:
    form, dtype, shape, data = value
    head = _VALUE.pack(form, _DTYPE[dtype], len(shape))
    return head + struct.pack(f"<{len(shape)}I", *shape) + data if shape else head + data


def unpack_value(body: bytes) -> Wired:
    """Raises `WireError` unless the body is exactly one value of the declared size."""
    try:
        form, dtype, dimensions = _VALUE.unpack_from(body)
        if form > EXCEPTION or dtype >= len(DTYPES) or dimensions > MAX_DIMENSIONS:
            raise WireError("no value")
        shape: tuple[int, ...] = struct.unpack_from(f"<{dimensions}I", body, _VALUE.size) if dimensions else ()
    except struct.error as error:
        raise WireError("a short value") from error
    data = body[_VALUE.size + 4 * dimensions :]
    if form == NUMBERS and not shape and len(data) == _ONE:  # most values
        return Wired(form, DTYPES[dtype], shape, data)
    if form == NUMBERS:
        # With an axis of length 0, the product no longer limits the other lengths: cap them as if that axis had length
        # 1.
        if 8 * math.prod(shape) != len(data) or 8 * math.prod(max(length, 1) for length in shape) > MAX_BODY_BYTES:
            raise WireError("a value of another size than it says")
    elif form == EXCEPTION and (data or shape):
        raise WireError("a value where there is none")
    elif len(data) > 200 or shape:
        raise WireError("no name of a type")
    return Wired(form, DTYPES[dtype], shape, data)


def pack_binding(binding: Binding) -> bytes:
    sequence, site, occurrence, key, label, value = binding
    named = label.encode("utf-8", "replace")[:MAX_LABEL_BYTES]
    head = _BINDING.pack(sequence, site, occurrence, NO_KEY if key is None else key, len(named))
    return head + named + pack_value(value)


def unpack_binding(body: bytes) -> Binding:
    if len(body) < _BINDING.size:
        raise WireError("a short binding")
    sequence, site, occurrence, key, length = _BINDING.unpack_from(body)
    label = body[_BINDING.size : _BINDING.size + length].decode("utf-8", "replace") if length else ""
    value = unpack_value(body[_BINDING.size + length :])
    return Binding(sequence, site, occurrence, None if key == NO_KEY else key, label, value)


def used_flags(used: Container[str]) -> int:
    return sum(1 << bit for bit, one in enumerate(_USED) if one in used)


def used_libraries(flags: int) -> frozenset[str]:
    return frozenset(one for bit, one in enumerate(_USED) if flags >> bit & 1)


_USED = (*DIFFERENTIATORS, PROCESSES)


def pack_place(cell: int, statement: int) -> bytes:
    return _PLACE.pack(cell, statement)


def unpack_place(body: bytes) -> tuple[int, int]:
    if len(body) != _PLACE.size:
        raise WireError("no place of a statement")
    cell, statement = _PLACE.unpack(body)
    return cell, statement


def pack_end(how: int, cpu: float) -> bytes:
    return _END.pack(how, cpu)


def unpack_end(body: bytes) -> tuple[int, float]:
    if len(body) != _END.size:
        raise WireError("no end of a run")
    how, cpu = _END.unpack(body)
    if how > TIMEOUT or not 0 <= cpu < math.inf:
        raise WireError("no way for a run to end")
    return how, cpu


def pack_noted(what: int, cell: int, line: int, name: str) -> bytes:
    return _NOTED.pack(what, cell, line) + name.encode("utf-8", "replace")[:MAX_LABEL_BYTES]


def unpack_noted(body: bytes) -> tuple[int, int, int, str]:
    """What is noted, the cell and line that asked for it, and its name."""
    if not _NOTED.size < len(body) <= _NOTED.size + MAX_LABEL_BYTES:
        raise WireError("nothing noted")
    what, cell, line = _NOTED.unpack_from(body)
    if what > DEVICE:
        raise WireError("nothing that is noted")
    return what, cell, line, body[_NOTED.size :].decode("utf-8", "replace")


def pack_raise(raised: Raise) -> bytes:
    text = raised.error.encode("utf-8", "backslashreplace")[:2000]
    return _RAISED.pack(raised.cell, raised.statement, raised.at_cell, raised.line) + text


def unpack_raise(body: bytes) -> Raise:
    if not _RAISED.size <= len(body) <= _RAISED.size + 2000:
        raise WireError("no report of an error")
    cell, statement, at_cell, line = _RAISED.unpack_from(body)
    return Raise(cell, statement, at_cell, line, body[_RAISED.size :].decode("utf-8", "replace"))
