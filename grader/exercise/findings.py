"""Collect all faults of one exercise file, each with its place in the file.

A place in the text of a scalar is mapped to one in its YAML file: line 3 of `forward` also has a line in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from grader.errors import ExerciseError, Fault
from grader.exercise.yaml_nodes import Document, Listing, Mapping, Route, Scalar, dotted, shortened
from grader.formula.parse import parse_expression, parse_program
from grader.formula.python_trees import NOTHING
from grader.formula.syntax import Expression, FormulaError, FormulaFault, Place, Program

_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_D = re.compile(r"∂|\\partial\b|\\mathrm\s*\{d\}")
_LEIBNIZ = re.compile(r"\s*d\s*([A-Za-z]\w*)\s*/\s*\(?\s*d\s*([A-Za-z]\w*)\s*\)?\s*")
_GRADIENT = re.compile(
    r"(?:torch\.autograd\.)?(?:grad\w*|diff|derivative|jacobian)\s*\(\s*([A-Za-z]\w*)\s*,\s*([A-Za-z]\w*)\s*\)"
    r"|([A-Za-z]\w*)\.diff\(\s*([A-Za-z]\w*)\s*\)|D\(\s*(\w+)\s*\)\s*/\s*D\(\s*(\w+)\s*\)"
    r"|grad\w*\s*\(\s*([A-Za-z]\w*)\s*\)\s*\(\s*([A-Za-z]\w*)\s*\)"
)
_PATH = re.compile(r"\s*d\(([^()]+)\)\s*/\s*d\(([^()]+)\)\s*,?\s*(?:via|through|along)\s*[:=]?\s*([\w\[\]]+)\s*")
_TWICE = r"(?:\^|\*\*)?\s*\{?(?:2|²)\}?"
_SECOND = re.compile(
    rf"\s*d{_TWICE}\s*\(?\s*([A-Za-z]\w*?)\s*\)?\s*/\s*\(?\s*d\s*\(?([A-Za-z]\w*?)\)?"
    rf"(?:{_TWICE}|\s*d\s*\(?([A-Za-z]\w*?)\)?)\s*\)?\s*"
)


def as_steps_write_it(text: str) -> str | None:
    r"""`d(y)/d(h)` for `∂y/∂h`, `\frac{dy}{dh}`, `diff(y, h)` or `D(y)/D(h)`, and `d(d(y)/d(h))/d(h)` for `d^2y/dh^2`;
    `d(y, via=h)/d(x)` for `d(y)/d(x) via h`; None if the text is no such derivative."""
    if found := _PATH.fullmatch(text):
        return f"d({found[1]}, via={found[3]})/d({found[2]})"
    if found := _GRADIENT.fullmatch(text.strip()):
        of, by = (name for name in found.groups() if name)
        return f"d({of})/d({by})"
    plain = _FRACTION.sub(r"\1/\2", _D.sub("d", text.replace("$", "")))
    if found := _SECOND.fullmatch(plain):
        return f"d(d({found[1]})/d({found[2]}))/d({found[3] or found[2]})"
    found = _LEIBNIZ.fullmatch(plain)
    return f"d({found[1]})/d({found[2]})" if found and plain.strip() != text.strip() else None


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


_MAX_CHARACTERS = 300
"""Maximum length of either half of a message: long formulas and lists of names are cut."""


class Findings:
    """Collects the faults of `document`. Fields in `broken` could not be read: nothing is concluded from them. `sizes`
    stand for numbers of the file."""

    def __init__(self, document: Document, sizes: dict[str, int] | None = None) -> None:
        self.document = document
        self.sizes = sizes or {}
        self.faults: list[Fault] = []
        self.broken: set[str] = set()
        self.known = NOTHING
        """What formulas may rely on, once the inputs have been read."""

    def add(self, path: Route, expected: str, found: str | None = None, at_key: bool = False) -> None:
        """Record that the value at `path` is not what was expected; `at_key`: the key itself is at fault."""
        key = self.document.key(path) if at_key else None
        line, column = (key.line, key.column) if key else self.document.mark(path)
        self.at(line, column, path, found or self.stood(path), expected)

    def at(self, line: int, column: int, path: Route, found: str, expected: str) -> None:
        texts = (
            one if len(one) <= _MAX_CHARACTERS else f"{one[: _MAX_CHARACTERS - 3]}..." for one in (found, expected)
        )
        self.faults.append(Fault(self.document.path, line, column, dotted(path) or "file", *texts))

    def placed(self, path: Route, faults: Iterable[FormulaFault]) -> None:
        """Record faults of a formula whose places are already places of the file."""
        for fault in faults:
            self.at(fault.place.line, fault.place.column, path, fault.found, fault.expected)

    def spoilt(self, route: Route) -> bool:
        """Whether there are faults inside the mapping at `route`: fields missing there may be due to these faults."""
        return any(fault.field.startswith(dotted(route) + ".") for fault in self.faults)

    def stood(self, path: Route) -> str:
        """A short description of the value at `path`."""
        match self.document.at(path):
            case Scalar(text=text, value=value, line=line, column=column):
                if value is not None or text:
                    return shortened(text)
                after = self.document.lines[line - 1][column - 1 :]
                return "a comment" if after.lstrip().startswith("#") else "nothing"
            case Listing():
                return "a list"
            case Mapping():
                return "a mapping"
            case None:
                return "nothing"

    def finish(self) -> None:
        """Raise `ExerciseError` if there are any faults."""
        if self.faults:
            unique = dict.fromkeys(sorted(self.faults, key=lambda fault: (fault.line, fault.column)))
            raise ExerciseError(tuple(unique))

    def where(self, path: Route) -> Where:
        """The function that maps places of the text at `path` to places of the file."""
        node = self.document.at(path)
        if isinstance(node, Scalar):
            return where(node, self.document.lines)
        return lambda line, column: self.document.mark(path)

    def program(self, path: Route, text: str) -> Program | None:
        """Parse the program at `path`, with places of the file. On an error, record the faults and return None."""
        to = self.where(path)
        try:
            return relocated(parse_program(text, self.known), to)
        except FormulaError as error:
            self._unread(path, error.faults, to)
        except RecursionError:
            self.add(path, "shorter expressions", "an expression nested too deeply")
        return None

    def expression(self, path: Route, text: str) -> Expression | None:
        """Parse the expression at `path`, with places of the file. On an error, record the faults and return None."""
        to = self.where(path)
        if path[:1] == ("steps",) and (written := as_steps_write_it(text)):
            self.add(path, f"`{written}`")
            return None
        try:
            return relocated(parse_expression(text, self.known), to)
        except FormulaError as error:
            self._unread(path, error.faults, to)
        except RecursionError:
            self.add(path, "shorter expressions", "an expression nested too deeply")
        return None

    def _unread(self, path: Route, faults: tuple[FormulaFault, ...], to: Where) -> None:
        node = self.document.at(path)
        if isinstance(node, Scalar) and node.style in ("", ">") and self._is_folded(node):
            self.add(path, f"`{path[-1]}: |`, which keeps lines apart", "several lines, which YAML joins to one")
            return
        if isinstance(node, Scalar) and (written := as_steps_write_it(node.text)):
            self.add(path, f"`{written}`")
            return
        self.placed(path, (FormulaFault(moved(fault.place, to), fault.found, fault.expected) for fault in faults))

    def _is_folded(self, node: Scalar) -> bool:
        """Whether a text that YAML joins to one line stands on several lines of the file."""
        first = self.document.lines[node.line - 1][node.column - 1 :]
        return len(node.text.split()) > len(first.split())

    def place(self, path: Route) -> Place:
        """The range of the key at `path`, or of the value if there is no key."""
        key = self.document.key(path)
        line, column = (key.line, key.column) if key else self.document.mark(path)
        return Place(line, column, line, column + (len(key.text) if key else 1))
