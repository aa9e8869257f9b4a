"""Collect all faults of one exercise file, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterable

from grader.errors import ExerciseError, Fault
from grader.exercise.notation import as_steps_write_it
from grader.exercise.yaml_nodes import Document, Listing, Mapping, Route, Scalar, dotted, shortened
from grader.exercise.yaml_offsets import Where, moved, relocated, where
from grader.formula.faults import FormulaError, FormulaFault
from grader.formula.fixed import NOTHING
from grader.formula.parse import parse_expression, parse_program
from grader.formula.syntax import Expression, Place, Program

_LONGEST = 300
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
        self.faults.append(Fault(self.document.path, line, column, dotted(path) or "file", found, expected))

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
            case Scalar(text=text, value=value):
                return "nothing" if value is None and not text else shortened(text)
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
