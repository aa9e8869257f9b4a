"""Find the student's own functions that a line calls, and their arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from grader.instrument.nodes import label_of, position_of
from grader.instrument.site import Position, Site
from grader.model import Submission
from grader.syntax_trees import nodes_of, shared_tree

_PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Starred)

_GATHER = frozenset({"array", "asarray", "stack", "vstack", "column_stack", "concatenate", "tensor", "cat"})
"""Functions that make one array from the items of a list."""


class Calls:
    """The calls and functions in the source of one submission."""

    def __init__(self, submission: Submission) -> None:
        self._trees = tuple(shared_tree(cell.source) for cell in submission.cells)
        self._calls = tuple(map(_calls_in, self._trees))
        self.parameters: Mapping[str, tuple[str, ...]] = dict(self._functions())
        """Per function the names of its parameters; a lambda goes by the name it is assigned to."""

    def _functions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for tree in self._trees:
            for node in nodes_of(tree):
                if isinstance(node, ast.FunctionDef):
                    yield node.name, _parameters(node.args)
                elif isinstance(node, ast.Assign) and (made := _lambda_in(node.value)) is not None:
                    yield from ((label_of(one), _parameters(made.args)) for one in node.targets)

    def of(self, site: Site) -> list[tuple[str, ast.Call]]:
        """The calls of the student's own functions in the formula of a site, outermost first."""
        if not self.parameters:
            return []
        found = (one for one in self._within(site) if isinstance(one.func, ast.Name | ast.Attribute))
        named = ((label_of(one.func), one) for one in found)
        return [(name, one) for name, one in named if name in self.parameters]

    def computed(self, name: str, call: ast.Call) -> tuple[str, ...]:
        """The parameters whose arguments are computed in the call itself."""
        taken = [one for one in self.parameters[name] if one != "self"]
        handed = [*zip(taken, call.args, strict=False), *((one.arg or "", one.value) for one in call.keywords)]
        return tuple(parameter for parameter, value in handed if not isinstance(value, _PLAIN))

    def computes(self, site: Site) -> bool:
        """Whether the call that a site is computes one of its arguments itself, or its result in place."""
        outer = next((one for one in self._within(site) if position_of(one) == site.value), None)
        if outer is None:
            return False
        in_place = any(one.arg == "out" for one in outer.keywords)
        return in_place or any(isinstance(one, ast.BinOp | ast.UnaryOp) for one in outer.args)

    def handed_back(self, name: str) -> tuple[int, Position] | None:
        """Where a function returns one of its parameters unchanged: the cell, and the position of the returned name."""
        found = self._last_return(name)
        if found is None or not isinstance(found[1], ast.Name) or found[1].id not in self.parameters[name]:
            return None
        return found[0], position_of(found[1])

    def given_back(self, name: str) -> tuple[int, Position] | None:
        """Where a function's last statement returns its results: the cell, and the position of the returned
        expression."""
        found = self._last_return(name) if name in self.parameters else None
        return None if found is None else (found[0], position_of(found[1]))

    def _last_return(self, name: str) -> tuple[int, ast.expr] | None:
        for cell, tree in enumerate(self._trees):
            for node in nodes_of(tree):
                match node:
                    case ast.FunctionDef(name=own, body=[*_, ast.Return(value=ast.expr() as value)]) if own == name:
                        return cell, value
        return None

    def only_gathers(self, site: Site) -> bool:
        """Whether a line only makes one array from the items of a list: `dz = np.array(rows)`."""
        if site.kind != "assign":
            return False
        outer = next((one for one in self._within(site) if position_of(one) == site.value), None)
        plain = outer is not None and len(outer.args) == 1 and isinstance(outer.args[0], ast.Name)
        return plain and outer is not None and label_of(outer.func) in _GATHER

    def lambda_at(self, cell: int, name: str) -> Position | None:
        """The position of what the lambda assigned to this name returns."""
        made = (node for node in nodes_of(self._trees[cell]) if isinstance(node, ast.Assign))
        named = (one.value for one in made if name in map(label_of, one.targets))
        return next((position_of(one.body) for value in named if (one := _lambda_in(value)) is not None), None)

    def is_within(self, site: Site, function: str) -> bool:
        """Whether a site is in a function, by its scope, or in a lambda, by the name it is assigned to."""
        if site.scope.split(".")[-1] != "lambda" or site.cell >= len(self._trees):
            return site.scope == function
        body = self.lambda_at(site.cell, function)
        return body is not None and body[:2] <= site.value[:2] <= site.value[2:] <= body[2:]

    def _within(self, site: Site) -> Iterator[ast.Call]:
        """All calls in the formula of a site, outermost first."""
        for there, call in self._calls[site.cell] if site.cell < len(self._calls) else ():
            if site.value[:2] <= there[:2] and there[2:] <= site.value[2:]:
                yield call


def _lambda_in(value: ast.expr) -> ast.Lambda | None:
    """The lambda that an assigned name stands for, perhaps wrapped: `staticmethod(np.vectorize(lambda z: ...))`."""
    while isinstance(value, ast.Call) and len(value.args) == 1:
        value = value.args[0]
    return value if isinstance(value, ast.Lambda) else None


def _calls_in(tree: ast.AST) -> tuple[tuple[Position, ast.Call], ...]:
    """The calls of a cell with their positions, outermost first."""
    return tuple((position_of(node), node) for node in nodes_of(tree) if isinstance(node, ast.Call))


def _parameters(arguments: ast.arguments) -> tuple[str, ...]:
    return tuple(one.arg for one in (*arguments.posonlyargs, *arguments.args))
