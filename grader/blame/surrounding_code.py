"""What surrounds a line: the student's own functions that it calls, with their arguments, and what decides whether it
runs (an `if`, a `continue` before it, a `return` that ends its loop early)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader.instrument.nodes import label_of, names_read, position_of
from grader.instrument.site import Position, Site
from grader.model import Submission
from grader.syntax_trees import nodes_of, shared_tree

_PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Starred)

_GATHER = frozenset({"array", "asarray", "stack", "vstack", "column_stack", "concatenate", "tensor", "cat"})
"""Functions that make one array from the items of a list."""

_LOOPS = (ast.For, ast.While)


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


def returned_early(submission: Submission, site: Site) -> Site | None:
    """The unconditional `return` or `break` at the end of a loop around a line."""
    for outer in _around(submission, site):
        if isinstance(outer, _LOOPS):
            last = outer.body[-1]
            if isinstance(last, ast.Return | ast.Break):
                return at(site, position_of(last))
    return None


def condition_of(submission: Submission, site: Site) -> Site | None:
    """The nearest condition under which a line runs."""
    for outer in _around(submission, site):
        if isinstance(outer, ast.If):
            return at(site, position_of(outer.test))
        if isinstance(outer, _LOOPS) and (passed := _passed_over(outer, site)) is not None:
            return at(site, position_of(passed.test))
        if isinstance(outer, ast.While):
            return at(site, position_of(outer.test))
    return None


def passes_of(submission: Submission, site: Site) -> Site | None:
    """The iterable of the nearest `for` loop around a line."""
    loops = (one for one in _around(submission, site) if isinstance(one, ast.For))
    return next((at(site, position_of(one.iter)) for one in loops), None)


def handed_to_a_call(submission: Submission, site: Site, name: str) -> Site | None:
    """The last call that is a statement of its own, comes after a line in the same function, and is passed a name."""
    functions = [one for one in _around(submission, site, ast.FunctionDef) if isinstance(one, ast.FunctionDef)]
    body = list(ast.walk(functions[0])) if functions else []
    calls = [one for one in body if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)]
    given = [one for one in calls if one.lineno > site.statement[0] and name in names_read(one)]
    return at(site, position_of(given[-1])) if given else None


def at(site: Site, position: Position) -> Site:
    """A site, at a position in the cell of `site`, to point at."""
    return replace(site, kind="assign", value=position, statement=position)


def _passed_over(loop: ast.For | ast.While, site: Site) -> ast.If | None:
    """The `if ...: continue` (or `break`) before a line in the same loop."""
    before = (one for one in loop.body if isinstance(one, ast.If) and one.lineno < site.statement[0])
    return next((one for one in before if any(isinstance(s, ast.Continue | ast.Break) for s in one.body)), None)


def _around(submission: Submission, site: Site, kept: type[ast.AST] = ast.Module) -> list[ast.AST]:
    """The statements around a line, the nearest first, up to its function. The function is included if it is of the
    type `kept`."""
    found: list[ast.AST] = []
    for node in _within(shared_tree(submission.cells[site.cell].source), site.statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            found = [node] if isinstance(node, kept) else []
        elif isinstance(node, ast.stmt) and position_of(node) != site.statement:
            found.append(node)
    return found[::-1]


def _within(node: ast.AST, position: Position) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        line, end = getattr(child, "lineno", None), getattr(child, "end_lineno", None)
        if line is None or end is None:
            continue
        there = position_of(child)
        if there[:2] <= position[:2] and position[2:] <= there[2:]:
            yield child
            yield from _within(child, position)
