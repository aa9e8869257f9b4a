"""Convert a loaded exercise to JSON and back, so that an unchanged exercise need not be validated again.

Every frozen dataclass in an `Exercise` becomes an object with its class name under "@"; tuples become lists.
"""

from __future__ import annotations

import base64
import json
from dataclasses import fields, is_dataclass
from typing import Any

from grader import model
from grader.exercise import types
from grader.exercise.types import Exercise
from grader.formula import syntax

_CLASSES = {
    name: made
    for module in (types, syntax, model)
    for name, made in vars(module).items()
    if isinstance(made, type) and is_dataclass(made)
}


def to_json(exercise: Exercise) -> bytes:
    return json.dumps(_plain(exercise), separators=(",", ":")).encode()


def from_json(text: bytes) -> Exercise | None:
    """The exercise, or None if the text is not one."""
    try:
        made = _made(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return made if isinstance(made, Exercise) else None


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {"@": type(value).__name__, **{one.name: _plain(getattr(value, one.name)) for one in fields(value)}}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return {"@": "bytes", "data": base64.b64encode(value).decode()}
    return value


def _made(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_made(one) for one in value)
    if not isinstance(value, dict):
        return value
    name = value.pop("@")
    if name == "bytes":
        return base64.b64decode(value["data"], validate=True)
    return _CLASSES[name](**{key: _made(one) for key, one in value.items()})
