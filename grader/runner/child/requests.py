"""The protocol between the grader and a fork server: packets of fixed size, without any data of a submission.

request   kind, number, total seconds of CPU, MiB of memory, name of the folder; with it three pipes, or the socket
          of another fork server
answer    kind, number, two numbers; with it the pidfd of a child that was forked, or of a fork server that is ready
"""

from __future__ import annotations

import struct
from typing import NamedTuple

FORK, CANARY, SPLIT = 1, 2, 3
"""Kinds of requests: a child for a submission; a child that runs the self-test; another fork server."""

READY, FORKED, EXITED, REFUSED = 16, 17, 18, 19
"""Kinds of answers. READY: the number of threads. FORKED: the pid, as the fork server sees it. EXITED: wait status and
milliseconds of CPU. REFUSED: the error number."""

SOCKET = "GRADER_ZYGOTE"
"""Environment variable with the descriptor of the fork server's socket."""

_REQUEST = struct.Struct("<2sBxIII32s")
_ANSWER = struct.Struct("<2sBxIII")


class Request(NamedTuple):
    kind: int
    number: int
    seconds: int
    memory: int
    folder: str

    def packed(self) -> bytes:
        return _REQUEST.pack(b"gz", self.kind, self.number, self.seconds, self.memory, self.folder.encode("ascii"))


class Answer(NamedTuple):
    kind: int
    number: int
    first: int
    second: int

    def packed(self) -> bytes:
        return _ANSWER.pack(b"gz", *self)


def request(packet: bytes) -> Request:
    """Parse a request. Raises `ValueError`."""
    try:
        magic, kind, number, seconds, memory, folder = _REQUEST.unpack(packet)
    except struct.error as error:
        raise ValueError("no request") from error
    if magic != b"gz":
        raise ValueError("no request")
    return Request(kind, number, seconds, memory, folder.rstrip(b"\0").decode("ascii"))


def answer(packet: bytes) -> Answer:
    """Parse an answer. Raises `ValueError`."""
    try:
        magic, *rest = _ANSWER.unpack(packet)
    except struct.error as error:
        raise ValueError("no answer") from error
    if magic != b"gz":
        raise ValueError("no answer")
    return Answer(*rest)


REQUEST_SIZE, ANSWER_SIZE = _REQUEST.size, _ANSWER.size
