"""A long measurement in parts, each a test of its own: parallel workers share them, and the last one has the whole."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import pytest

Table = TypeVar("Table")
"""A dataclass of counts and lists, which are added up field by field."""


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def whole(folder: Path, title: str, parts: Sequence[str], part: str, table: Table) -> Table | None:
    """Keep the table of one part; return the sum of all parts if this was the last one that was missing."""
    _path(folder, title, part).parent.mkdir(exist_ok=True)
    new = _path(folder, title, f"{part} of {os.getpid()}")
    new.write_text(json.dumps(asdict(table)))  # type: ignore[call-overload]  # any dataclass
    new.replace(_path(folder, title, part))
    paths = [_path(folder, title, one) for one in parts]
    if not all(path.exists() for path in paths):
        return None
    found: list[dict[str, Any]] = [json.loads(path.read_text()) for path in paths]
    names = [one.name for one in fields(table)]  # type: ignore[arg-type]  # any dataclass
    return type(table)(**{name: _sum([one[name] for one in found]) for name in names})


def _path(folder: Path, title: str, part: str) -> Path:
    return folder / title.replace(" ", "_") / part.replace("/", "_").replace(" ", "_")


def _sum(values: list[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total
