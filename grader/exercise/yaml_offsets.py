"""Map places in the text of a scalar to places in its YAML file: line 3 of `forward` also has a line in the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from grader.exercise.yaml_nodes import Scalar
from grader.formula.syntax import Place

Where = Callable[[int, int], tuple[int, int]]
"""A map from line and column of a text to line and column of the file, both 1-based."""

_ESCAPES = {"x": 4, "u": 6, "U": 10}
T = TypeVar("T")


def where(scalar: Scalar, lines: tuple[str, ...]) -> Where:
    """The map from places in `scalar.text` to places in the file."""
    if scalar.style == "|":
        return _literal(scalar, lines)
    return _aligned(scalar, lines)


def moved(place: Place, to: Where) -> Place:
    """Convert `place`, in a text, to a place in the file."""
    start = to(place.line, place.column)
    # The end is exclusive; only the character before it is certain to have a place.
    last = to(place.end_line, max(place.end_column - 1, 1))
    return Place(*start, last[0], last[1] + 1)


def relocated(node: T, to: Where) -> T:
    """A syntax tree or a program with every place converted."""
    if isinstance(node, tuple):
        return tuple(relocated(part, to) for part in node)  # type: ignore[return-value]  # a tuple of nodes stays one
    changed: dict[str, object] = {}
    for name in getattr(type(node), "__dataclass_fields__", ()):
        part = getattr(node, name)
        if isinstance(part, Place):
            changed[name] = moved(part, to)
        elif isinstance(part, tuple) or hasattr(part, "__dataclass_fields__"):
            changed[name] = relocated(part, to)
    return replace(node, **changed) if changed else node  # type: ignore[type-var]  # every node is a dataclass


def _literal(scalar: Scalar, lines: tuple[str, ...]) -> Where:
    """For a literal block (`|`), the lines are those of the file without their indentation."""
    texts = scalar.text.split("\n")
    filled = next((number for number, text in enumerate(texts) if text), 0)
    indent = len(_line(lines, scalar.line + 1 + filled)) - len(texts[filled])
    return lambda line, column: (scalar.line + line, column + indent)


def _aligned(scalar: Scalar, lines: tuple[str, ...]) -> Where:
    """For other styles, walk text and source in parallel; they differ only in whitespace, quotes and escapes."""
    line, column = scalar.line, scalar.column
    if scalar.style == ">":
        line, column = line + 1, 1
    elif scalar.style:
        column += 1
    rows: list[list[tuple[int, int]]] = [[]]
    for character in scalar.text:
        source = _line(lines, line)
        if not character.isspace():
            line, column = _next_black(lines, line, column)
            source = _line(lines, line)
        rows[-1].append((line, column))
        column += _width(source, column, character, scalar.style)
        if character == "\n":
            rows.append([])
    rows[-1].append((line, column))
    return lambda row, at: _cell(rows, row, at)


def _cell(rows: list[list[tuple[int, int]]], row: int, column: int) -> tuple[int, int]:
    places = rows[min(row, len(rows)) - 1]
    if column <= len(places):
        return places[max(column, 1) - 1]
    line, last = places[-1]
    return line, last + 1


def _line(lines: tuple[str, ...], number: int) -> str:
    return lines[number - 1] if number <= len(lines) else ""


def _next_black(lines: tuple[str, ...], line: int, column: int) -> tuple[int, int]:
    """The next position that is neither whitespace nor an escaped line end."""
    while line <= len(lines):
        source = lines[line - 1]
        while column <= len(source) and (source[column - 1].isspace() or source[column - 1 :] == "\\"):
            column += 1
        if column <= len(source):
            return line, column
        line, column = line + 1, 1
    return max(len(lines), 1), 1


def _width(source: str, column: int, character: str, style: str) -> int:
    """The number of source characters that represent `character` of the text."""
    rest = source[column - 1 : column + 1]
    if character.isspace() and not rest[:1].isspace() and not rest.startswith("\\"):
        return 0
    if style == "'" and rest == "''":
        return 2
    if style == '"' and rest.startswith("\\"):
        return _ESCAPES.get(rest[1:], 2)
    return 1
