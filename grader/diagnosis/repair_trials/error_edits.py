"""Edits of a line that raised, by what its error says."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from grader.diagnosis.lines.source_writer import SourceEdit, SourceWriter
from grader.formula.syntax import STRENGTH
from grader.judge.failures import missing_name
from grader.runner.types import Raised

MOST = 40
"""How many names are put in place of one that is not there, at most."""

_BUILT_IN = ("abs", "enumerate", "float", "len", "max", "min", "range", "reversed", "sum", "zip")

_OF_ARRAYS = ("T", "copy", "dot", "max", "mean", "min", "reshape", "shape", "size", "sum")
"""Attributes of arrays that derivations use."""

_ARRAY = re.compile(r"'(?:numpy\.ndarray|Tensor)' object")

_NO_ATTRIBUTE = re.compile(r"AttributeError: .* has no attribute '(\w+)'")
_NO_KEY = re.compile(r"KeyError: '(.*)'")


def edits_by_error(writer: SourceWriter, statement: ast.stmt, raised: Raised) -> Iterator[SourceEdit]:
    """Yield the edits that may remove the error: another name, attribute or key for one that is not there; and for a
    number that is called, as in `p(1 - p)` or `h(t)`, the number, its entry or a product."""
    name, attribute, key = missing_name(raised), _NO_ATTRIBUTE.match(raised.error), _NO_KEY.match(raised.error)
    called = raised.error.startswith("TypeError: ") and raised.error.endswith("not callable")
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=found) if found == name:
                yield from (writer.instead(node, one, STRENGTH["x"]) for one in _alike(_names_in(writer.tree), found))
            case ast.Attribute(value=owner, attr=found) if attribute is not None and found == attribute[1]:
                of_arrays = _OF_ARRAYS if _ARRAY.search(raised.error) else ()
                for one in _alike((*of_arrays, *_attributes_in(writer.tree, owner)), found):
                    yield writer.instead(node, f"{writer.text(owner)}.{one}", STRENGTH["x"])
            case ast.Subscript(slice=ast.Constant(value=str(found)) as place) if key is not None and found == key[1]:
                for one in _alike(_keys_in(writer.tree), found):
                    yield writer.instead(place, json.dumps(one, ensure_ascii=False), STRENGTH["x"])
            case ast.Call(function, [argument], []) if called:
                yield writer.instead(node, writer.text(function), STRENGTH["x"])
                yield writer.instead(node, f"{writer.text(function)}[{writer.text(argument)}]", STRENGTH["x"])
                times = f"{writer.operand(function, '*')} * {writer.operand(argument, '*', True)}"
                yield writer.instead(node, times, STRENGTH["*"])


def _names_in(tree: ast.AST) -> Iterator[str]:
    """The names that a cell binds or reads, and the built-in ones that derivations use."""
    yield from _BUILT_IN
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def _attributes_in(tree: ast.AST, owner: ast.expr) -> Iterator[str]:
    """The attributes that are read or set of what has the same text."""
    wanted = ast.dump(owner)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.dump(node.value) == wanted:
            yield node.attr


def _keys_in(tree: ast.AST) -> Iterator[str]:
    """The keys, written out, of all dictionaries."""
    for node in ast.walk(tree):
        parts = node.keys if isinstance(node, ast.Dict) else [node.slice] if isinstance(node, ast.Subscript) else ()
        yield from (one.value for one in parts if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _alike(names: Iterable[str], lacked: str) -> list[str]:
    """The names but the missing one, those first that are spelled most like it."""
    others = sorted(set(names) - {lacked})
    return sorted(others, key=lambda name: -SequenceMatcher(None, name.lower(), lacked.lower()).ratio())[:MOST]
