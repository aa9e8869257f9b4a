"""Reads and edits parts of a source by the nodes of its syntax tree; unchanged parts stay as typed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from grader.diagnosis.repair_words import Part, lacking, needed_instead, part_missing
from grader.formula.python_trees import SIGN, bracketed, strength_of
from grader.formula.syntax import STRENGTH, Place
from grader.submission.spans import character_column, lines_of

_IMPORTED = re.compile(r"(?m)^ *import (numpy|torch)(?: as (\w+))? *(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class SourceEdit:
    """A change: `place` becomes `text`, with a message. If a statement is moved or a name is changed at several places,
    `lines` is the resulting code to show. `shown` is the repaired statement, if it differs from `place`. `missing`:
    what the source lacks, if the change inserts it."""

    place: Place
    text: str
    message: str
    lines: str = ""
    shown: Place | None = None
    missing: Part | Literal["line"] | None = None


def replacing(place: Place, before: str, after: str) -> SourceEdit:
    """Return the edit that puts `after` in place of `before`."""
    missing = part_missing(before, after)
    message = needed_instead(before, after) if missing is None else lacking(missing, before)
    return SourceEdit(place, after, message, missing=missing)


class SourceWriter:
    """Reads and edits parts of a source by the nodes of its syntax tree."""

    def __init__(self, source: str, tree: ast.Module, whole: str = "") -> None:
        """`whole` is the source of all cells, if there are others."""
        self._lines = lines_of(source)
        self.tree = tree
        self.everything = f"{whole}\n{source}"
        """The source of all cells."""
        self._above = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

        self._places: dict[ast.expr | ast.stmt, Place] = {}

        imported = {found[2] or found[1] for found in _IMPORTED.finditer(self.everything)}
        self.library = next((name for name in ("np", "numpy", "torch") if name in imported), None)
        """The name of the imported library whose functions may be inserted; None if there is none."""

    def text(self, node: ast.expr | ast.stmt) -> str:
        place = self.place(node)
        lines = list(self._lines[place.line - 1 : place.end_line])
        lines[-1] = lines[-1][: place.end_column - 1]
        lines[0] = lines[0][place.column - 1 :]
        return "\n".join(lines)

    def place(self, node: ast.expr | ast.stmt) -> Place:
        found = self._places.get(node)
        if found is None:  # a node is asked for hundreds of times while changes are tried
            end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
            start = character_column(self._lines[node.lineno - 1], node.col_offset)
            end = character_column(self._lines[end_line - 1], end_column)
            found = self._places[node] = Place(node.lineno, start, end_line, end)
        return found

    def between(self, first: ast.expr, second: ast.expr) -> str:
        """Return the text between two nodes."""
        start, end = self.place(first), self.place(second)
        lines = list(self._lines[start.end_line - 1 : end.line])
        lines[-1] = lines[-1][: end.column - 1]
        lines[0] = lines[0][start.end_column - 1 :]
        return "\n".join(lines)

    def function_of(self, node: ast.AST) -> ast.FunctionDef | None:
        """Return the innermost function that contains a node; None at the top level."""
        above = self._above.get(node)
        while above is not None and not isinstance(above, ast.FunctionDef):
            above = self._above.get(above)
        return above

    def class_of(self, function: ast.FunctionDef) -> ast.ClassDef | None:
        """Return the class that a method belongs to; None for a function."""
        above = self._above.get(function)
        return above if isinstance(above, ast.ClassDef) else None

    def parameters_of(self, node: ast.AST) -> list[str]:
        """Return the parameters of the innermost function or lambda that contains a node."""
        above = self._above.get(node)
        while above is not None and not isinstance(above, ast.FunctionDef | ast.Lambda):
            above = self._above.get(above)
        return [] if above is None else [one.arg for one in above.args.args]

    def is_negated(self, node: ast.expr) -> bool:
        return isinstance(self._above.get(node), ast.UnaryOp)

    def rows_of(self, labels: ast.expr) -> Iterator[str]:
        """Yield what counts the rows that `labels` belong to: names bound to a counter, what stands beside these labels
        elsewhere, else a counter."""
        yield from self._rows
        beside = re.findall(rf"\[([\w.]*range\([^\[\]]*?\)), *{re.escape(self.text(labels))}\]", self.everything)
        yield from dict.fromkeys(beside)
        yield f"{self.library}.arange(len({self.text(labels)}))" if self.library else f"range(len({self.text(labels)}))"

    @cached_property
    def _rows(self) -> list[str]:
        """The names that are bound to a counter of rows: `rows = np.arange(n)`."""
        bound = (node for node in ast.walk(self.tree) if isinstance(node, ast.Assign))
        counting = (node for node in bound if isinstance(node.value, ast.Call) and self._counts_rows(node.value, set()))
        return sorted({target.id for node in counting for target in node.targets if isinstance(target, ast.Name)})

    def loops_around(self, statement: ast.stmt) -> bool:
        return next(self.loops(statement), None) is not None

    def operand(self, node: ast.expr, sign: str, at_the_right: bool = False) -> str:
        """Return the text of an operand of `sign`, in brackets if precedence requires them."""
        return bracketed(self.text(node), strength_of(node), STRENGTH[sign] + at_the_right)

    def instead(self, node: ast.expr, text: str, strength: int) -> SourceEdit:
        """Return the edit that replaces `node` with `text`, an expression of precedence `strength`."""
        place = self._place_of_all(node, strength)
        return replace(replacing(place, self.text(node), text), text=self._fitting(node, text, strength))

    def taken(self, node: ast.expr, kept: ast.expr, what: str) -> SourceEdit:
        strength = strength_of(kept)
        text = self._fitting(node, self.text(kept), strength)
        by_one = isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and what == "a term"
        place, own = self._place_of_all(node, strength), self.text(node)
        if by_one:  # `t - 1` for `t` is another entry
            return replacing(place, own, text)
        return SourceEdit(place, text, f"There is {what} too many in `{own}`.")

    def _place_of_all(self, node: ast.expr, strength: int) -> Place:
        """Return the place of a node, with the brackets around it where what replaces it needs none."""
        place = self.place(node)
        before, after = self._lines[place.line - 1][: place.column - 1], self._lines[place.end_line - 1]
        operand = isinstance(self._above.get(node), ast.BinOp | ast.UnaryOp)
        bare = operand and before.endswith("(") and after[place.end_column - 1 :].startswith(")")
        if not bare or strength < STRENGTH["x"] or re.search(r"[\w)\]]\($", before):
            return place
        return Place(place.line, place.column - 1, place.end_line, place.end_column + 1)

    def _fitting(self, node: ast.expr, text: str, strength: int) -> str:
        place = self.place(node)
        before, after = self._lines[place.line - 1][: place.column - 1], self._lines[place.end_line - 1]
        if before.endswith("(") and after[place.end_column - 1 :].startswith(")"):
            return text  # the node is in brackets already
        match self._above.get(node):
            case ast.BinOp(op=ast.Pow(), right=right) if right is node:
                least = STRENGTH["-x"]  # `x ** -1.5`
            case ast.BinOp(left, operator, _):
                least = STRENGTH[SIGN[type(operator)]] + (left is not node)
            case ast.UnaryOp():
                least = STRENGTH["-x"]
            case ast.Attribute():
                least = STRENGTH["x"]
            case ast.Subscript(value=value) if value is node:
                least = STRENGTH["x"]
            case _:
                least = 0
        return bracketed(text, strength, least)

    def is_of_something(self, node: ast.expr) -> bool:
        """Whether a call, an index or an attribute directly follows a node: `x` in `x[i]`, `x.sum` in `x.sum()`."""
        match self._above.get(node):
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Call(func=inner):
                return inner is node
            case _:
                return False

    def before(self, statement: ast.stmt) -> str:
        """Return the text of the line before a statement: its indentation, if it is first on the line."""
        return self._lines[statement.lineno - 1][: self.place(statement).column - 1]

    def lines(self, first: int, last: int) -> list[str]:
        return list(self._lines[first - 1 : last])

    def head(self, loop: ast.For | ast.While) -> str:
        """Return the first line of a loop."""
        return self._lines[loop.lineno - 1].strip()

    def first_line(self, statement: ast.stmt) -> str:
        """Return the first line of a statement, which is all that a message quotes."""
        return self.text(statement).split("\n")[0]

    def loops(self, statement: ast.stmt) -> Iterator[ast.For | ast.While]:
        """Yield the loops around a statement, inner ones first."""
        node: ast.AST | None = statement
        while node is not None:
            node = self._above.get(node)
            if isinstance(node, ast.For | ast.While):
                yield node

    def counters_of(self, statement: ast.stmt) -> list[str]:
        """Return the names that the loops around a statement bind, inner ones first, then those of its
        comprehensions."""
        around = [loop.target for loop in self.loops(statement) if isinstance(loop, ast.For)]
        within = [node.target for node in ast.walk(statement) if isinstance(node, ast.comprehension)]
        targets = (*around, *within)
        return list(dict.fromkeys(one.id for target in targets for one in _names_in(target)))

    @cached_property
    def counters(self) -> frozenset[str]:
        """The loop counters. They are exchanged only with one another, never with arrays."""
        loops = (node for node in self._above if isinstance(node, ast.For | ast.comprehension))
        counting = (one for one in loops if isinstance(one.iter, ast.Call) and _is_counting(one.iter.func))
        return frozenset(one.target.id for one in counting if isinstance(one.target, ast.Name))

    @cached_property
    def indexed(self) -> frozenset[str]:
        """The names of which entries are read or written somewhere."""
        owners = (node.value for node in ast.walk(self.tree) if isinstance(node, ast.Subscript))
        return frozenset(one.id for one in owners if isinstance(one, ast.Name))

    @cached_property
    def lengths(self) -> list[str]:
        """The names that are bound to the lengths of an array's axes: `N, D = X.shape`, `n = len(y)`."""
        found: dict[str, None] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.Assign([ast.Tuple(targets)], ast.Attribute(attr="shape")):
                    found |= dict.fromkeys(one.id for one in targets if isinstance(one, ast.Name))
                case ast.Assign([ast.Name(name)], ast.Subscript(ast.Attribute(attr="shape"))):
                    found[name] = None
                case ast.Assign([ast.Name(name)], ast.Call(ast.Name("len"))):
                    found[name] = None
        return list(found)

    @cached_property
    def picked(self) -> list[str]:
        """The indices by which one entry is picked in each row, as `np.arange(n), y` in `P[np.arange(n), y]`."""
        tuples = (node.slice for node in ast.walk(self.tree) if isinstance(node, ast.Subscript))
        pairs = (one for one in tuples if isinstance(one, ast.Tuple) and len(one.elts) == 2)
        rows = {*self._rows}
        return list(dict.fromkeys(self.text(one) for one in pairs if self._counts_rows(one.elts[0], rows)))

    def _counts_rows(self, node: ast.expr, names: set[str]) -> bool:
        if isinstance(node, ast.Call):
            return self.text(node.func).split(".")[-1] in ("arange", "range")
        return isinstance(node, ast.Name) and node.id in names

    def next_to(self, statement: ast.stmt) -> tuple[ast.stmt | None, ast.stmt | None]:
        """Return the statements before and after this one in the same block; None at its ends."""
        above = self._above.get(statement)
        for block in (getattr(above, "body", []), getattr(above, "orelse", [])):
            if statement in block:
                at = block.index(statement)
                return (block[at - 1] if at else None), (block[at + 1] if at + 1 < len(block) else None)
        return None, None


def _names_in(target: ast.expr) -> Iterator[ast.Name]:
    return (node for node in ast.walk(target) if isinstance(node, ast.Name))


def _is_counting(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id in ("range", "reversed")
