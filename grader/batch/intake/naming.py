"""Common parts of file names."""

from __future__ import annotations

from collections.abc import Sequence


def common_start(names: Sequence[str], separator: str) -> str:
    """The common prefix of all names, up to and including its last separator; "" for a single name."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first.rfind(separator, 0, same) + 1]
