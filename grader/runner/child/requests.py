"""What the grader and a fork server send each other, without any data of a submission.

start     to the process of a pool, once: how children are set up
libraries to it, over the same socket, as a JSON list: split off a fork server with these. With it, its control socket
request   over the control socket of a fork server: the kind, MiB of memory, the name of a folder. With it, for a child
          its three pipes and its status socket; for another fork server its control socket
number    over the control socket: the number of threads of a fork server that is ready, with its pidfd (without one
          where it has several, and so cannot be forked). Over the status socket of a child: 0 with its pidfd once it is
          forked, or the error number where it cannot be; then its wait status, once it is reaped
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

FORK, SELFTEST, SPLIT = 1, 2, 3
"""Kinds of requests: a child for a submission; a child that runs the self-test; another fork server."""

SOCKET = "GRADER_FORK_SERVER"
"""Environment variable with the descriptor of the control socket."""

MAX_REQUEST_BYTES = 128 * 1024

_REQUEST, _NUMBER = struct.Struct("<BI32s"), struct.Struct("<i")
REQUEST_SIZE, NUMBER_SIZE = _REQUEST.size, _NUMBER.size


class Start(NamedTuple):
    """Where libraries are found (`search`); the paths children may read or list; the user they switch to (None: none);
    the layers each puts around itself, with its seccomp `program` in base64; whether to make all file systems
    `read_only`; the scripts to warm up with, by library ("": for all); the folder `data` with the folders children may
    read, and a file `forbidden` that none may."""

    search: Sequence[str]
    readable: Sequence[str]
    listable: Sequence[str]
    uid: int | None
    layers: Sequence[str]
    program: str
    read_only: bool
    warm_ups: Sequence[tuple[str, Sequence[str]]]
    data: str
    forbidden: str

    def packed(self) -> bytes:
        return json.dumps(self._asdict()).encode()

    @classmethod
    def unpacked(cls, packet: bytes) -> Start:
        return cls(**json.loads(packet))


class Request(NamedTuple):
    kind: int
    memory: int = 0
    folder: str = ""

    def packed(self) -> bytes:
        return _REQUEST.pack(self.kind, self.memory, self.folder.encode("ascii"))

    @classmethod
    def unpacked(cls, packet: bytes) -> Request:
        kind, memory, folder = _REQUEST.unpack(packet)
        return cls(kind, memory, folder.rstrip(b"\0").decode("ascii"))


def packed(number: int) -> bytes:
    return _NUMBER.pack(number)


def number(packet: bytes) -> int:
    return int(_NUMBER.unpack(packet)[0])
