"""A YAML tree in which every key, scalar, mapping and list has its line and column."""

from __future__ import annotations

import re
from dataclasses import dataclass

Route = tuple[str | int, ...]
"""The path from the root to a node: keys of mappings, 0-based indices of list items."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar. `text` is as written, without quotes and indentation; `value` is its meaning if it is a plain scalar.

    `style` is "" for plain, or one of `'`, `"`, `|`, `>`. Line and column are those of the first character, quote or
    `|`."""

    text: str
    value: str | int | float | bool | None
    style: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping. `entries` are ordered as in the file, by the raw text of the key, each with the key's node."""

    entries: dict[str, tuple[Scalar, Node]]
    line: int
    column: int


Node = Scalar | Listing | Mapping


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML file: its name for messages, its lines, and its tree."""

    path: str
    lines: tuple[str, ...]
    root: Mapping

    def at(self, path: Route) -> Node | None:
        """The node at `path`, or None."""
        node: Node = self.root
        for part in path:
            match node:
                case Mapping(entries=entries) if part in entries:
                    node = entries[str(part)][1]
                case Listing(items=items) if isinstance(part, int) and part < len(items):
                    node = items[part]
                case _:
                    return None
        return node

    def key(self, path: Route) -> Scalar | None:
        """The key at `path`; None for the root, list items, and missing nodes."""
        parent = self.at(path[:-1]) if path else None
        if isinstance(parent, Mapping) and path[-1] in parent.entries:
            return parent.entries[str(path[-1])][0]
        return None

    def keys(self, *path: str) -> tuple[str, ...]:
        """The keys of the mapping at `path`; empty if there is no mapping."""
        node = self.at(path)
        return tuple(node.entries) if isinstance(node, Mapping) else ()

    def mark(self, path: Route) -> tuple[int, int]:
        """Line and column of the value at `path`, or of its nearest existing ancestor."""
        for length in range(len(path), 0, -1):
            node = self.at(path[:length])
            if isinstance(node, Mapping | Listing):
                key = self.key(path[:length])
                return (node.line, node.column) if key is None else (key.line, key.column)
            if node is not None:
                return node.line, node.column
        return 1, 1


def plain(node: Node) -> object:
    """The tree as dicts, lists and scalars."""
    match node:
        case Scalar(value=value):
            return value
        case Listing(items=items):
            return [plain(item) for item in items]
        case Mapping(entries=entries):
            return {key: plain(value) for key, (_, value) in entries.items()}


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of `text` as YAML and editors count them."""
    return tuple(re.split("\r\n|[\n\r\x85\u2028\u2029]", text))


def dotted(path: Route) -> str:
    """Format a path: `steps.dh1.points`, `misconceptions[0].code`."""
    made = ""
    for part in path:
        made += f"[{part}]" if isinstance(part, int) else f".{part}" if made else part
    return made


def brief(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def shortened(text: str) -> str:
    """`text` on one line, cut to about 60 characters, in quotes."""
    return repr(brief(text))
