"""The functions of a script, and how those that the script itself does not use at its top level are called."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.diagnosis.lines.expressions import name_of
from grader.formula.faults import FormulaError
from grader.formula.parse import expression_of
from grader.formula.syntax import Expression
from grader.instrument.site import Position
from grader.syntax_trees import tree_of

_GUESSES = (0.7, 1.3, -0.6, 0.4, 1.7, -1.1, 0.9, 0.2)
"""Numbers for the parameters of a function that is never called."""


@dataclass(frozen=True)
class Functions:
    """The functions that these sources define."""

    sources: tuple[str, ...]

    @cached_property
    def trees(self) -> tuple[ast.Module, ...]:
        return tuple(tree_of(source) for source in self.sources)

    @cached_property
    def all(self) -> frozenset[str]:
        """The names of all functions and methods."""
        return frozenset(
            node.name for tree in self.trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
        )

    @cached_property
    def outer(self) -> dict[str, ast.FunctionDef]:
        """The functions with parameters that no line outside a function calls, in their order. What is tried only, as
        a comparison with a library that may be missing, does not count."""
        called = {name for tree in self.trees for one in tree.body if not _is_apart(one) for name in _called(one)}
        defined = (node for tree in self.trees for node in tree.body if isinstance(node, ast.FunctionDef))
        return {node.name: node for node in defined if node.args.args and node.name not in called}

    @cached_property
    def defaults(self) -> frozenset[tuple[str, str]]:
        """The parameters with a default, each with its function."""
        found = set()
        for tree in self.trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef) and node.args.defaults:
                    found |= {(node.name, one.arg) for one in node.args.args[-len(node.args.defaults) :]}
                if isinstance(node, ast.FunctionDef):
                    found |= {(node.name, one.arg) for one in node.args.kwonlyargs}
        return frozenset(found)

    @cached_property
    def _indexed(self) -> frozenset[tuple[int, int]]:
        """The loops, by cell and line, whose variable is used in an index."""
        return frozenset(
            (cell, node.lineno)
            for cell, tree in enumerate(self.trees)
            for node in ast.walk(tree)
            if isinstance(node, ast.For) and not _read(node.target).isdisjoint(_in_indices(node))
        )

    def is_index(self, cell: int, statement: Position) -> bool:
        """Whether the loop at this place tells its passes apart by an index, as a loop over time does."""
        return (cell, statement[0]) in self._indexed

    @cached_property
    def _parameters(self) -> dict[str, list[str]]:
        nodes = (node for tree in self.trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
        return {node.name: [one.arg for one in node.args.args] for node in nodes}

    def place(self, name: str, parameter: str) -> int | None:
        """The position of a function's parameter."""
        known = self._parameters.get(name, [])
        return known.index(parameter) if parameter in known else None

    def is_called(self, name: str) -> bool:
        """Whether any line, of a function too, calls the function."""
        return any(name in _called(tree) for tree in self.trees)

    def guesses(self) -> str:
        """Calls of the functions that nothing calls: with the script's values of these names, else with numbers of our
        own."""
        calls = []
        bound = {
            one.id
            for tree in self.trees
            for statement in tree.body
            if not _is_definition(statement)
            for one in ast.walk(statement)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        for name, node in self.outer.items():
            if not self.is_called(name):
                needed = [one.arg for one in node.args.args if (name, one.arg) not in self.defaults]
                numbers = iter(_GUESSES * (1 + len(needed) // len(_GUESSES)))
                calls.append(f"{name}({', '.join(one if one in bound else str(next(numbers)) for one in needed)})")
        return "\n".join(calls) or "pass"

    @cached_property
    def before_the_first(self) -> dict[tuple[str, int], Expression]:
        """The formulas put under negative keys of dictionaries, `hs[-1] = h0`: runs do not show these."""
        found: dict[tuple[str, int], Expression] = {}
        for source, tree in zip(self.sources, self.trees, strict=True):
            for node in ast.walk(tree):
                match node:
                    case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)], value=value):
                        pairs = [(key, value)]
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values)):
                        pairs = [(key, value) for key, value in zip(keys, values, strict=True) if key is not None]
                    case _:
                        continue
                for key, value in pairs:
                    if (
                        isinstance(key, ast.UnaryOp)
                        and isinstance(key.operand, ast.Constant)
                        and key.operand.value == 1
                    ):
                        with contextlib.suppress(FormulaError):
                            found[name, -1] = expression_of(source, value, name_of, self.all)
        return found

    def answer(self, inputs: Collection[str], wanted: Collection[str]) -> tuple[str, ...]:
        """Lines that call the functions with `inputs` and what earlier ones returned, as far as they return something
        `wanted`, or what a later one takes."""
        known, lines, made = set(inputs), [], []
        for name, node in self.outer.items():
            arguments = self._arguments(node, known)
            results = returned_names(node)
            if arguments is None or not results:
                continue
            lines.append(f"{', '.join(results)} = {name}({', '.join(arguments)})")
            made.append((set(results), {one.arg for one in node.args.args}))
            known |= set(results)
        needed: set[str] = set(wanted)
        kept = []
        for line, (returned, parameters) in zip(reversed(lines), reversed(made), strict=True):
            if returned & needed:
                kept.append(line)
                needed |= parameters
        return tuple(reversed(kept))

    def _arguments(self, node: ast.FunctionDef, known: Collection[str]) -> list[str] | None:
        """What to call a function with; None where something is not known."""
        made = []
        for place, one in enumerate(node.args.args):
            if one.arg in known:
                made.append(one.arg)
            elif (node.name, one.arg) in self.defaults:
                break
            elif (literal := self._literal(node.name, place)) is not None:
                made.append(literal)
            else:
                return None
        return made

    def _literal(self, name: str, place: int) -> str | None:
        """The argument of the function's first call, if that is a literal."""
        for tree in self.trees:
            for node in ast.walk(tree):
                match node:
                    case ast.Call(func=ast.Name(id=called), args=arguments) if called == name and place < len(
                        arguments
                    ):
                        try:
                            ast.literal_eval(arguments[place])
                        except (ValueError, TypeError):
                            return None
                        return ast.unparse(arguments[place])
        return None


def returned_names(node: ast.FunctionDef) -> tuple[str, ...]:
    """Names for what a function returns: those in its last `return`, `out` for a formula, `cache` for a tuple."""
    values = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
    if not values:
        return ()
    last = max(values, key=lambda one: one.lineno)
    return tuple(_names(last.elts)) if isinstance(last, ast.Tuple) else tuple(_names([last]))


def _names(values: Sequence[ast.expr]) -> Iterator[str]:
    for value in values:
        match value:
            case ast.Name(id=name):
                yield name
            case ast.Tuple() | ast.Dict() | ast.List():
                yield "cache"
            case _:
                yield "out"


def _read(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _in_indices(node: ast.AST) -> set[str]:
    return {name for one in ast.walk(node) if isinstance(one, ast.Subscript) for name in _read(one.slice)}


def _is_definition(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)


def _is_apart(node: ast.stmt) -> bool:
    return _is_definition(node) or isinstance(node, ast.Try)


def _called(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
