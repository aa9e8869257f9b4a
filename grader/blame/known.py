"""Collect what is known to be right: quantities and inputs by value, locals and functions by what is made from them;
and what surrounds a line: the student's functions that it calls, with their arguments, and what decides whether it runs
(an `if`, a `continue` before it, a `return` that ends its loop early)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from grader.instrument.nodes import label_of, names_read, position_of
from grader.instrument.site import Position, Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import compare
from grader.judge.matching.types import Match
from grader.judge.verdicts import Verdict
from grader.model import Opaque, Submission, Value
from grader.runner.types import Event, Key
from grader.runner.wire import FIRST_ENTRY
from grader.syntax_trees import nodes_of, shared_tree

_PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Starred)

_GATHER = frozenset({"array", "asarray", "stack", "vstack", "column_stack", "concatenate", "tensor", "cat"})
"""Functions that make one array from the items of a list."""

_LOOPS = (ast.For, ast.While)


class SourceCalls:
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


Local = tuple[str, str]
"""A scope, and a name in it."""


class KnownRight:
    """What is known to be right after one submission is judged."""

    def __init__(self, evidence: Evidence, verdicts: Sequence[Verdict], calls: SourceCalls) -> None:
        self._evidence, self._verdicts, self._calls = evidence, verdicts, calls
        self._leading: dict[str, frozenset[str] | None] = {}

    # Found when first asked for: of most submissions the repairs tell everything.

    @cached_property
    def places(self) -> frozenset[Key]:
        """The places where right values were bound."""
        matches = (match for name, match in self._evidence.alignment.matches.items() if self._came_out(name))
        return frozenset(place for match in matches for place in match.held_at + _own(match))

    @cached_property
    def functions(self) -> frozenset[str]:
        """The functions that give right values, and those that these call for it, each by its scope, as
        `Linear.backward`."""
        found = set(self._giving())
        waiting = list(found)
        while waiting:
            new = set(self._called_by(waiting.pop())) - found
            found |= new
            waiting += new
        return frozenset(found)

    @cached_property
    def locals(self) -> frozenset[Local]:
        """The locals that right values are made from and that are bound once: two values of one name are two locals."""
        single = {self._evidence.scene.sites[place[0]] for place in self.places if place[1] < FIRST_ENTRY}
        verdicts = self._verdicts
        wrong = self._names_of([one.match for one in verdicts if one.outcome == "wrong" and one.match is not None])
        return frozenset(one for one in self._read_by(single, wrong) if self._times_bound(one) < 2)

    @cached_property
    def _wrong(self) -> frozenset[int]:
        """The sites that bound wrong values."""
        spoilt = (match for name, match in self._evidence.alignment.matches.items() if not self._came_out(name))
        return frozenset(place[0] for match in spoilt for place in match.held_at + _own(match))

    def _giving(self) -> Iterator[str]:
        """The functions called by lines with right values; of several methods with one name, the one that ran."""
        scene = self._evidence.scene
        for event in scene.traces[0].events:
            site = scene.sites[event.site]
            if event.place in self.places and event.occurrence < FIRST_ENTRY and site.kind == "assign":
                for name, _ in self._calls.of(site):
                    yield self.ran(name, [one for one in scene.traces[0].events if one.sequence < event.sequence])

    def _called_by(self, scope: str) -> Iterator[str]:
        """The functions that the result of a function is made by."""
        leading = self._leading_to_result(scope) or frozenset()
        for site in self._evidence.scene.sites.all:
            if self._calls.is_within(site, scope) and (site.kind == "returned" or leading.intersection(site.names)):
                for name, _ in self._calls.of(site):
                    yield self.ran(name, self._evidence.scene.traces[0].events)

    @cached_property
    def _returning(self) -> frozenset[int]:
        """The sites at which functions returned something just before a right value was bound elsewhere: also functions
        that the line knows under another name, such as a lambda or what another function made."""
        found: set[int] = set()
        returned: list[Site] = []
        for event in self._evidence.scene.traces[0].events:
            site = self._evidence.scene.sites[event.site]
            if site.kind == "returned":
                returned.append(site)
            elif site.kind not in ("parameter", "loop", "keyword"):
                if event.place in self.places and event.occurrence < FIRST_ENTRY and site.kind == "assign":
                    found.update(one.number for one in returned if one.scope != site.scope)
                returned = []
        return frozenset(found)

    def ran(self, function: str, before: Sequence[Event]) -> str:
        """The scope of the function with this name that ran last."""
        scopes = (self._evidence.scene.sites[event.site].scope for event in reversed(before))
        return next((scope for scope in scopes if scope.split(".")[-1] == function), function)

    def gives_right(self, site: Site) -> bool:
        """Whether a site is in a function that gives right values, and leads to the function's result: what a method
        stores besides that is no evidence."""
        if site.number in self._returning:
            return True
        if site.scope not in self.functions:
            return False
        leading = self._leading_to_result(site.scope)
        return leading is None or site.kind == "returned" or bool(leading.intersection(site.names))

    def fills_right(self, site: Site) -> bool:
        """Whether a site bound a right value, and no wrong one."""
        return site.number in {place[0] for place in self.places} - self._wrong

    def _leading_to_result(self, scope: str) -> frozenset[str] | None:
        """The names in a function from which its result is made; None if that is not known."""
        if scope not in self._leading:
            inside = [one for one in self._evidence.scene.sites.all if one.scope == scope]
            back = [one for one in inside if one.kind == "returned"]
            found = frozenset[str]().union(*(one.reads for one in back))
            while more := {name for one in inside if found & {*one.names} for name in one.reads} - found:
                found |= more
            self._leading[scope] = found if back else None
        return self._leading[scope]

    def _came_out(self, name: str) -> bool:
        """Whether a quantity is right with everything before it right."""
        scene = self._evidence.scene
        values = [at.get(name) for at in self._evidence.commits]
        return all(
            value is not None and compare(value, scene.reference.values[k][name], scene.measure(k, name)).right
            for k, value in enumerate(values)
        )

    def _read_by(self, right: Iterable[Site], wrong: set[str]) -> frozenset[Local]:
        """The names that right values are made from, directly or through others."""
        found: set[Local] = set()
        waiting = list(right)
        # A container that was read also has other entries, which this says nothing about.
        sites = self._evidence.scene.sites.all
        containers = {one.owner for one in sites if one.kind == "entry"} | self._whole_ones() | self._of_several()
        # A wrong value that was replaced by the right one is no evidence for what it was made from.
        mended = {(one.scope, name) for one in sites if one.number in self._wrong for name in one.names}
        while waiting:
            site = waiting.pop()
            new = {(site.scope, name) for name in site.reads - wrong - containers} - found - mended
            found |= new
            waiting += [one for one in sites if _is_bound_by(one, new)] if new else []
        return frozenset(found)

    def _names_of(self, matches: Iterable[Match]) -> set[str]:
        """The names of quantities, and the local names that were handed on as them."""
        moved = [(one, {self._evidence.scene.sites[place[0]] for place in _own(one)}) for one in matches]
        local = (name for one, sites in moved if one.handed for site in sites for name in site.names)
        return {*(one.bound_as for one, _ in moved), *local}

    def _whole_ones(self) -> set[str]:
        """The names of containers that were bound at once with all their entries."""
        matches = self._evidence.alignment.matches.values()
        places = (place for match in matches for place in match.held_at + _own(match) if place[1] >= FIRST_ENTRY)
        return {name for place in places for name in self._evidence.scene.sites[place[0]].names}

    def _of_several(self) -> set[str]:
        """The names of containers in which more than one quantity is bound, item by item: `grads["dw"] = ...`."""
        found: dict[str, set[str]] = {}
        for name, match in self._evidence.alignment.matches.items():
            for site in (self._evidence.scene.sites[place[0]] for place in match.held_at + _own(match)):
                if site.kind == "item":
                    found.setdefault(site.owner, set()).add(name.partition("[")[0])
        return {owner for owner, quantities in found.items() if owner and len(quantities) > 1}

    def _times_bound(self, local: Local) -> int:
        scope, name = local
        anew = (one for one in self._evidence.scene.sites.all if one.kind in ("assign", "unpack", "again"))
        return sum(one.scope == scope and name in one.names for one in anew)

    def is_right(self, point: int, event: Event) -> bool:
        """Whether a binding holds the value of an input or a quantity, or something that no formula is made from."""
        value = event.value
        return isinstance(value, Opaque) or value.dtype == "int" or self.quantity(point, value) is not None

    def quantity(self, point: int, value: Value) -> str | None:
        """The name of the input or quantity that has this value at a point; None if there is none."""
        scene = self._evidence.scene
        at = {**scene.reference.points[point].inputs, **scene.reference.values[point]}
        return next((name for name, right in at.items() if compare(value, right, scene.measures[point]).right), None)


def _is_bound_by(site: Site, names: set[Local]) -> bool:
    """Whether a site binds one of these names. The names of a container's entries are no variables, except for code
    that reads that container."""
    if site.kind == "keyword" or (site.kind == "entry" and (site.scope, site.owner.partition(".")[0]) not in names):
        return False
    return any((site.scope, name) in names for name in site.names)


def _own(match: Match) -> tuple[Key, ...]:
    return tuple(event.place for event in match.events if event is not None)
