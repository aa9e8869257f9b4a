"""Render a result as JSON for programs, the object of schema `grader.result/1`; and its JSON Schema, made from the
types in `model`: each field has a type and a description there, with the meaning of null.

This is the contract with programs that read `grader check --format json`: fields may be added under the same `schema`;
none is removed or changes its meaning. "Hidden by the reveal level" means that the field is absent, not null.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal, get_args, get_origin

from grader.model import Diagnosis, MisconceptionUse, Problem, Result, Span, StepResult
from grader.reveal import REVEAL_LEVELS, Shown, fields_of, items_of, some_of, values_of

_SUSPECT = re.compile(r"[^ -~\n]")


def render(result: Result) -> str:
    """The object of `Result.to_dict`, indented, with a final newline."""
    text = json.dumps(result.to_dict(), indent=2, allow_nan=False, ensure_ascii=False)
    return _SUSPECT.sub(_escaped, text) + "\n"


def _escaped(match: re.Match[str]) -> str:
    """Escape unprintable or unencodable characters; letters of all languages stay readable.

    This includes lone surrogates, which no encoding can write, and characters that would garble a terminal."""
    character = match[0]
    if character.isprintable():
        return character
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]


DEFINITIONS: dict[type, str] = {
    StepResult: "step",
    Diagnosis: "diagnosis",
    Span: "span",
    Problem: "problem",
    MisconceptionUse: "misconception",
}
"""The types inside a result, and their names in the schema."""

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}
_NUMBERS = ["number", "string", "array", "null"]
"""What stands for a `Value` in JSON, or for what is no number."""


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `Result.to_dict()`."""
    made = _object(Result)
    schema = {"const": "grader.result/1", "description": "Which object this is, and its version."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:grader:result:1",
        "title": "One graded submission",
        **made,
        "properties": {"schema": schema, **made["properties"]},
        "required": ["schema", *made["required"]],
        "$defs": {name: _object(kind) for kind, name in DEFINITIONS.items()},
    }


def _object(kind: type) -> dict[str, Any]:
    found = [one for one in fields_of(kind).values() if one.shown.description is not None]
    return {
        "type": "object",
        "properties": {one.name: _described(_schema(one.kind), one.shown) for one in found},
        "required": [one.name for one in found if _is_always_there(one.shown)],
    }


def _is_always_there(shown: Shown) -> bool:
    return shown.level == REVEAL_LEVELS[0] or shown.hidden_as == "empty"


def _described(schema: dict[str, Any], shown: Shown) -> dict[str, Any]:
    limit = {} if shown.minimum is None else {"minimum": shown.minimum}
    return {**schema, "description": shown.description, **limit}


def _schema(kind: Any) -> dict[str, Any]:
    """The schema of a type, without a description."""
    some, optional = some_of(kind)
    made = _schema_of_some(some)
    if not optional or "null" in made.get("type", ()):
        return made
    return {**made, "type": [made["type"], "null"]} if "type" in made else {"anyOf": [made, {"type": "null"}]}


def _schema_of_some(kind: Any) -> dict[str, Any]:
    if kind in _TYPES:
        return {"type": _TYPES[kind]}
    if kind in DEFINITIONS:
        return {"$ref": f"#/$defs/{DEFINITIONS[kind]}"}
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if (values := values_of(kind)) is not None:
        return {"type": "object", "additionalProperties": _schema(values)}
    if (items := items_of(kind)) is not None:
        return {"type": "array", "items": _schema(items)}
    return {"type": _NUMBERS}
