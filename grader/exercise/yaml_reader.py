"""Parse YAML text to a tree with places, safe against malicious files.

PyYAML's safe scanner and parser read the text. The tree is built here, event by event, so that a malicious file is
rejected while it is read and before it is built: too large, too deep, too many nodes, aliases that multiply. Plain
scalars follow the YAML 1.2 core schema: `1e-6` is a number, and `y`, `no`, `on` are text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from grader.errors import ExerciseError, Fault
from grader.exercise.load import MAX_FILE_BYTES
from grader.exercise.yaml_nodes import (
    Document,
    Listing,
    Mapping,
    Node,
    Route,
    Scalar,
    brief,
    dotted,
    shortened,
    split_lines,
)

MAX_DEPTH = 32
MAX_NODES = 5_000
MAX_ALIASES = 20


def parse(text: str, path: str) -> Document:
    """Parse a YAML text. Raises `ExerciseError`."""
    lines = split_lines(text)
    reader = _YamlReader(text, path, lines)
    root = reader.document()
    if reader.faults:
        raise ExerciseError(tuple(sorted(reader.faults, key=lambda fault: (fault.line, fault.column))))
    return Document(path, lines, root)


@dataclass(slots=True)
class _Size:
    """The number of nodes and the depth of a finished node, with aliases expanded."""

    nodes: int = 1
    depth: int = 1

    def take(self, other: _Size) -> None:
        self.nodes += other.nodes
        self.depth = max(self.depth, other.depth + 1)


@dataclass(slots=True)
class _YamlReader:
    text: str
    file: str
    lines: tuple[str, ...]
    faults: list[Fault] = field(default_factory=list)
    anchors: dict[str, tuple[Node, _Size] | None] = field(default_factory=dict)
    aliases: int = 0
    nodes: int = 0
    events: Iterator[yaml.Event] = field(default_factory=lambda: iter(()))

    def stop(self, line: int, column: int, field: str, found: str, expected: str) -> NoReturn:
        raise ExerciseError((*self.faults, Fault(self.file, line, column, field, found, expected)))

    def document(self) -> Mapping:
        """Parse the text as a single document."""
        if len(self.text) > MAX_FILE_BYTES or len(self.text.encode("utf-8", "replace")) > MAX_FILE_BYTES:
            self.stop(0, 0, "file", f"more than {MAX_FILE_BYTES // 1024} KiB", f"at most {MAX_FILE_BYTES // 1024} KiB")
        for number, line in enumerate(self.lines, 1):
            indent = len(line) - len(line.lstrip())
            odd = next((at for at in range(indent) if line[at] not in " \t\r"), None)
            if odd is not None and line.strip():
                self.stop(number, odd + 1, "file", f"the space U+{ord(line[odd]):04X}", "plain spaces before the text")
        self.events = _events(self)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            self.stop(1, 1, "file", "an empty file", "a mapping (`exercise: ...`, `title: ...`)")
        root, _ = self.node(next(self.events), (), 1)
        next(self.events)  # the end of the document
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            self.stop(*_mark(event), "file", "a second document (`---`)", "one exercise a file")
        if not isinstance(root, Mapping):
            found = "a list" if isinstance(root, Listing) else shortened(root.text)
            script = self.file.lower().endswith((".py", ".ipynb"))
            made = "an exercise (`grader new ID --from FILE` reads one from a script)"
            expected = made if script else "a mapping (`exercise: ...`, `title: ...`)"
            self.stop(root.line, root.column, "file", found, expected)
        return root

    def node(self, event: yaml.Event, path: Route, depth: int) -> tuple[Node, _Size]:
        line, column = _mark(event)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path, depth)
        self.count(1, line, column, path)
        if depth > MAX_DEPTH:
            self.stop(line, column, dotted(path), f"more than {MAX_DEPTH} levels", f"at most {MAX_DEPTH} levels")
        tag, anchor = getattr(event, "tag", None), getattr(event, "anchor", None)
        if tag is not None:
            self.faults.append(Fault(self.file, line, column, dotted(path), f"the tag `{brief(tag)}`", "no tags"))
        if anchor is not None:
            self.anchors[anchor] = None
        size = _Size()
        made: Node
        if isinstance(event, yaml.ScalarEvent):
            made = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            made = self.listing(line, column, path, depth, size)
        else:
            made = self.mapping(line, column, path, depth, size)
        if anchor is not None:
            self.anchors[anchor] = (made, size)
        return made, size

    def count(self, more: int, line: int, column: int, path: Route) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            self.stop(line, column, dotted(path), f"more than {MAX_NODES} values", f"at most {MAX_NODES} values")

    def alias(self, event: yaml.AliasEvent, path: Route, depth: int) -> tuple[Node, _Size]:
        line, column = _mark(event)
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            self.stop(line, column, dotted(path), f"more than {MAX_ALIASES} aliases", f"at most {MAX_ALIASES} aliases")
        target = self.anchors.get(event.anchor or "")
        if target is None:
            inside = event.anchor in self.anchors
            found = f"the alias `*{event.anchor}`" + (" inside what it names" if inside else "")
            self.stop(line, column, dotted(path), found, f"an anchor `&{event.anchor}` that ends before it")
        self.count(target[1].nodes, line, column, path)
        if depth + target[1].depth - 1 > MAX_DEPTH:
            self.stop(line, column, dotted(path), f"more than {MAX_DEPTH} levels", f"at most {MAX_DEPTH} levels")
        return target

    def scalar(self, event: yaml.ScalarEvent) -> Scalar:
        line, column = _mark(event)
        if properties := _PROPERTIES.match(self.lines[line - 1], column - 1):
            column = properties.end() + 1
        style = event.style or ""
        value = event.value if style else _resolved(event.value)
        if not _encodable(event.value):
            self.stop(line, column, "file", "half of a surrogate pair", "text in UTF-8")
        return Scalar(event.value, value, style, line, column)

    def listing(self, line: int, column: int, path: Route, depth: int, size: _Size) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            item, inner = self.node(event, (*path, len(items)), depth + 1)
            items.append(item)
            size.take(inner)
        return Listing(tuple(items), line, column)

    def mapping(self, line: int, column: int, path: Route, depth: int, size: _Size) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self.stop(*_mark(event), dotted(path), "a key that is no plain text", "`name: value`")
            key, inner = self.node(event, path, depth + 1)
            assert isinstance(key, Scalar)
            size.take(inner)
            value, inner = self.node(next(self.events), (*path, key.text), depth + 1)
            size.take(inner)
            if entries and (joined := _joined(next(reversed(entries.values()))[1], key, value)):
                last = next(reversed(entries))
                entries[last] = (entries[last][0], joined)
                continue
            if key.text in entries:
                first = entries[key.text][0].line
                found = f"`{brief(key.text)}` a second time (first in line {first})"
                place = (key.line, key.column, dotted((*path, key.text)))
                self.faults.append(Fault(self.file, *place, found, "each key once"))
                continue
            entries[key.text] = (key, value)
        return Mapping(entries, line, column)


def _events(reader: _YamlReader) -> Iterator[yaml.Event]:
    """Yield the events of the text from the start of the document, with PyYAML's errors rephrased in plain words."""
    loader = None
    try:
        loader = yaml.SafeLoader(reader.text)
        next_event: Callable[[], yaml.Event | None] = loader.get_event
        next_event()
        while (event := next_event()) is not None:
            yield event
    except yaml.reader.ReaderError as error:
        before = split_lines(reader.text[: error.position])
        character = f"the character U+{ord(reader.text[error.position]):04X}"
        reader.stop(len(before), len(before[-1]) + 1, "file", character, "printable text in UTF-8")
    except yaml.MarkedYAMLError as error:
        reader.stop(*_complaint(error, reader.lines))
    except (ValueError, OverflowError):
        mark = loader.get_mark() if loader is not None else None
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reader.stop(line, column, "file", "an escape or a directive YAML does not know", "plain text")
    finally:
        if loader is not None:
            loader.dispose()


_PLAIN_WORDS = (
    (r"found character '\t'", "a tab", "spaces (YAML takes no tabs here)"),
    (
        "mapping values are not allowed",
        "a second `:` in one entry",
        "one `key: value` a line, or quotes around the text",
    ),
    ("expected <block end>", "", "a line indented like the others of its block"),
    ("found unexpected end of stream", "the end of the file", "a closing quote"),
    ("found unexpected document separator", "`---` inside quotes", "a closing quote"),
    ("expected ',' or ']'", "", "`,` or `]`"),
    ("expected ',' or '}'", "", "`,` or `}`"),
    ("that cannot start any token", "", "quotes around text that starts with this character"),
    ("found unknown escape character", "", r"an escape YAML knows (`\n`, `\\`), or single quotes"),
)


def _complaint(error: yaml.MarkedYAMLError, lines: tuple[str, ...]) -> tuple[int, int, str, str, str]:
    """Line, column, field, found and expected of a syntax error."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    written = lines[line - 1].strip() if line <= len(lines) else ""
    stood = shortened(written) if written else "the end of the file"
    problem = error.problem or error.context or ""
    if "mapping values are not allowed" in problem and (above := _fault_above(lines, line, column)):
        return above
    begun = error.context_mark
    if begun and "could not find expected ':'" in problem:
        return _without_colon(lines[begun.line], begun.line + 1, begun.column + 1)
    if begun and "found unexpected end of stream" in problem:
        return begun.line + 1, begun.column + 1, "file", "a quote that is never closed", "a closing quote"
    if "expected ',' or '}'" in problem and (text := _with_bracket(lines[line - 1], column)):
        return (
            line,
            column - len(text.partition("[")[0]),
            "file",
            stood,
            f'quotes around a text with brackets: `"{text}"`',
        )
    if begun and begun.line + 1 < line and "expected ','" in problem:
        opened = lines[begun.line][begun.column]
        return line, column, "file", stood, f"`,` or `{_CLOSING[opened]}`, for the `{opened}` in line {begun.line + 1}"
    for needle, found, expected in _PLAIN_WORDS:
        if needle in problem:
            return line, column, "file", found or stood, expected
    return line, column, "file", stood, f"YAML ({' '.join(problem.split())})"


def _with_bracket(line: str, column: int) -> str:
    """The text that YAML ended at a `[`, within `{...}`: `d(y)/d(h[0])` of `{is: d(y)/d(h[0])}`."""
    before = re.search(r"[^\s{},:][^{},:]*$", line[: column - 1])
    rest = re.match(r"\[[^,}]*", line[column - 1 :])
    return f"{before[0]}{rest[0].rstrip()}" if before and rest else ""


_CLOSING = {"[": "]", "{": "}"}
_EQUALS = re.compile(r"(\s*[\w\[\]]+)\s*=[^=]")
_NO_SPACE = re.compile(r"\s*[\w-]+:[^\s:/]")


def _without_colon(line: str, number: int, column: int) -> tuple[int, int, str, str, str]:
    """The fault of a line in which YAML finds no `:` that ends a key."""
    stood = shortened(line.strip())
    if (printed := line.find("\N{FULLWIDTH COLON}")) >= 0:
        return number, printed + 1, "file", stood, "`:` in place of `\N{FULLWIDTH COLON}`"
    if found := _EQUALS.match(line):
        return number, line.index("=") + 1, "file", stood, f"`{found[1].strip()}: ...`, with a `:`"
    if found := _NO_SPACE.match(line):
        return number, found.end() - 1, "file", stood, "a space after the `:`"
    return number, column, "file", stood, "`key: value`"


def _fault_above(lines: tuple[str, ...], line: int, column: int) -> tuple[int, int, str, str, str] | None:
    """The fault of a line whose first `:` YAML does not take, which lies in its indentation or in the line above; None
    if the line itself has a second `:`."""
    if lines[line - 1].find(":") + 1 != column:
        return None
    number = next((one for one in range(line - 1, 0, -1) if lines[one - 1].strip()), 0)
    above, own = (lines[number - 1] if number else ""), lines[line - 1]
    own_indent, indent = (len(one) - len(one.lstrip()) for one in (own, above))
    if _EQUALS.match(above) or _NO_SPACE.match(above) or (own_indent == indent and number and ":" not in above):
        return _without_colon(above, number, indent + 1)
    if own_indent > indent:
        return line, 1, "file", "a line indented further than the one above", "the indentation of the line above"
    return None


def _joined(before: Node, key: Scalar, value: Node) -> Scalar | None:
    """The text that YAML split at the comma in `{draw: uniform(-2, 2)}`: a value with an unclosed parenthesis, followed
    by a key without a value."""
    parts = [before, key, value]
    if any(not isinstance(part, Scalar) or part.style for part in parts) or not isinstance(before, Scalar):
        return None
    if key.line != before.line:
        return None
    if before.text.count("(") <= before.text.count(")") or value != Scalar("", None, "", *_place(value)):
        return None
    text = f"{before.text}, {key.text}"
    return Scalar(text, text, "", before.line, before.column)


def _place(node: Node) -> tuple[int, int]:
    return node.line, node.column


def _mark(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


_PROPERTIES = re.compile(r"([&!]\S*\s+)+(?=\S)")
"""An anchor or a tag before a value: PyYAML's marks point to it."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", "+.inf"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN"), float("nan")),
}


def _resolved(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
