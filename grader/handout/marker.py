"""Read from a starter which exercise it belongs to: its last lines say how to check it (see `render`)."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LARGEST = 20 * 1024 * 1024
"""Maximum bytes of a file that is searched."""

_COMMAND = re.compile(r"^[#\s]*(?:!.*\s-m\s+)?grader\s+check\s+(\S.*)$", re.M)


@dataclass(frozen=True, slots=True)
class Marker:
    """What a starter says: the exercise, as an id or the name of a file, and the key of its given numbers, if any."""

    exercise: str
    variant: str | None = None


def markers_of(path: str) -> tuple[Marker, ...]:
    """The markers in a file, each once and in its order; none where the file cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return markers_in(file.read(LARGEST), path)
    except (OSError, ValueError):
        return ()


def markers_in(content: bytes, file: str) -> tuple[Marker, ...]:
    """The markers in the content of a file with this name."""
    text = content.decode("utf-8-sig", "replace")
    if file.lower().endswith(".ipynb"):
        text = "\n".join(_sources(text))
    found = (_marker(command[1]) for command in _COMMAND.finditer(text))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _marker(arguments: str) -> Marker | None:
    try:
        words = shlex.split(arguments)
    except ValueError:
        return None
    # A marker names the exercise and the file: one word alone is a command without an exercise.
    if len(words) < 2 or words[0].startswith("-") or words[1].startswith("-"):
        return None
    after = words.index("--variant") + 1 if "--variant" in words else len(words)
    return Marker(words[0], words[after] if after < len(words) else None)


def _sources(text: str) -> Iterator[str]:
    """The sources of a notebook's cells. Of a notebook that is no JSON, nothing is known."""
    try:
        cells = json.loads(text)["cells"]
        for cell in cells:
            source = cell["source"]
            yield source if isinstance(source, str) else "".join(source)
    except (ValueError, KeyError, TypeError, RecursionError):
        return
