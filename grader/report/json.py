"""Render a result as JSON for programs: the object of schema `grader.result/1` (see `result_schema`)."""

from __future__ import annotations

import json
import re

from grader.model import Result

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
