"""A graded file and the companion files it needs, packed as a single piece of content."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

from grader.model import CompanionFile
from grader.temp_folders import TempFolder

_MARK = b"grader: several files\n"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The `content` of the graded file, and the other files as pairs of relative name and content."""

    content: bytes
    beside: tuple[tuple[str, bytes], ...] = ()

    def packed(self) -> bytes:
        """The bundle as bytes; just the content if there are no companion files."""
        if not self.beside and not self.content.startswith(_MARK):
            return self.content
        sizes = [["", len(self.content)], *([name, len(data)] for name, data in self.beside)]
        return b"".join((_MARK, json.dumps(sizes).encode(), b"\n", self.content, *(data for _, data in self.beside)))


def unpacked(data: bytes) -> Bundle:
    """Unpack what `Bundle.packed` has packed."""
    if not data.startswith(_MARK):
        return Bundle(data)
    head, _, rest = data[len(_MARK) :].partition(b"\n")
    parts: list[tuple[str, bytes]] = []
    for name, size in json.loads(head):
        parts.append((name, rest[:size]))
        rest = rest[size:]
    return Bundle(parts[0][1], tuple(parts[1:]))


def laid_down(beside: Sequence[tuple[str, bytes]], scratch: TempFolder) -> tuple[CompanionFile, ...]:
    """Write the companion files under numbers: their own names are untrusted and used only by the child."""
    made = []
    for number, (name, data) in enumerate(beside):
        path = os.path.join(scratch.path, str(number))
        with open(path, "wb") as file:
            file.write(data)
        made.append(CompanionFile(name, path))
    return tuple(made)
