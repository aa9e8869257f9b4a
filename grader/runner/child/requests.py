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
    """How children are set up."""

    search: Sequence[str]
    """Where libraries are found, as in `sys.path`."""
    readable: Sequence[str]
    """The paths that children may read, with all that is below them."""
    listable: Sequence[str]
    """The folders that children may list."""
    uid: int | None
    """The user that children switch to; None for the grader's own."""
    layers: Sequence[str]
    """The layers that each child puts around itself (`isolation_layers.LAYERS`)."""
    program: str
    """The seccomp filter, in base64."""
    read_only: bool
    """Whether to make all file systems read-only first."""
    warm_ups: Sequence[tuple[str, Sequence[str]]]
    """The scripts to warm up with, by library ("": for all)."""
    data: str
    """The folder with the folders that single children may read."""
    forbidden: str
    """A file that no child may read: the self-test tries it."""

    def packed(self) -> bytes:
        return json.dumps(self._asdict()).encode()

    @classmethod
    def unpacked(cls, packet: bytes) -> Start:
        return cls(**json.loads(packet))


class Request(NamedTuple):
    """What a fork server is asked for."""

    kind: int
    """FORK, SELFTEST or SPLIT."""
    memory: int = 0
    """The memory that a child may use, in MiB; 0 for SPLIT."""
    folder: str = ""
    """The name of the folder that a child may read, below `Start.data`; "" for none."""

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
