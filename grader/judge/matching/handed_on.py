"""Find the local name that the value of a container's entry, or of a function's result, was bound to before.

`grads = dict(zip(keys, [g_h1, g_h2]))`, `Grads(dw=g_w)`, `dx, dw = backward()` after `return g_x, g_w`: a step gets its
name where its value is handed on, but it was computed where the local name was bound. If several local names have one
value (`g_w = g_a`, which lacks a factor), entries and local names are paired in the order in which the statement has
them.

This is done only where a step is wrong. A match moved to the local name keeps its former bindings as `handed`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.instrument.nodes import label_of, parts_of, position_of
from grader.instrument.site import Site
from grader.judge.matching.compare import same
from grader.judge.matching.types import Kept, Match, Scene
from grader.model import Value
from grader.runner.types import Event, Key
from grader.runner.wire import FIRST_ENTRY
from grader.syntax_trees import shared_tree

_WHOLE = ("assign", "item", "touched", "unpack", "returned")
"""Kinds of sites that bind a container with all its entries at once."""

_NO_LOCAL = ("parameter", "loop", "keyword", "entry", "typed", "swept", "returned", "appended", "argument")
"""Kinds of sites that give no local name its value."""

MAX_CALL_DEPTH = 3
"""How many functions deep results of other functions are followed."""

Local = tuple[str, str]
"""A function's own name ("" for the top level), and a name in it."""

Bound = tuple[Event, ...]
"""A binding at each point."""


def made_under(scene: Scene, matches: Mapping[str, Match], kept: Kept) -> dict[str, Match]:
    """Return the matches; those handed on from a local name have the bindings of that name."""
    search = _HandedOn(scene, kept)
    moved = {name: bound for name, match in matches.items() if (bound := search.local_of(match)) is not None}
    places = Counter(bound[0].place for bound in moved.values())
    # A name handed on as two steps is wrong for at least one of them; the mistake is where it is handed on.
    places.update(match.events[0].place for match in matches.values() if match.events[0] is not None)
    result = dict(matches)
    for name, bound in moved.items():
        if places[bound[0].place] == 1:
            result[name] = replace(matches[name], events=bound, handed=matches[name].events)
    return result


@dataclass(frozen=True)
class _HandedOn:
    scene: Scene
    kept: Kept

    @cached_property
    def _by_place(self) -> list[dict[Key, Event]]:
        return [{event.place: event for event in events} for events in self.kept]

    @cached_property
    def _trees(self) -> tuple[ast.Module, ...]:
        return tuple(shared_tree(source) for source in self.scene.sites.sources)

    def local_of(self, match: Match) -> Bound | None:
        """The bindings, one per point, of the local name a quantity was handed on from; None if there is none."""
        own = self._at_every_point(match.events)
        if own is None or match.slot is not None or not self._is_handed_on(own[0]):
            return None
        names = self._taken(self.scene.sites[own[0].site])
        locals_ = [bound for one in names if (bound := self._bound(one, own)) is not None]
        twins = [event.place for event in self.kept[0] if self._is_twin(event, own)]
        if len(locals_) != len(twins) or own[0].place not in twins:
            return None
        return locals_[twins.index(own[0].place)]

    def _is_handed_on(self, event: Event) -> bool:
        site = self.scene.sites[event.site]
        if site.cell >= len(self._trees):
            return False
        if event.occurrence >= FIRST_ENTRY:
            return site.kind in _WHOLE
        return site.kind == "unpack" or (site.kind in ("entry", "item") and site.copy)

    def _is_twin(self, event: Event, own: Bound) -> bool:
        """Whether an entry of the same statement has the same value."""
        site, other = (self.scene.sites[one.site] for one in (own[0], event))
        alike = (site.cell, site.statement, site.kind) == (other.cell, other.statement, other.kind)
        if not alike or (event.occurrence >= FIRST_ENTRY) != (own[0].occurrence >= FIRST_ENTRY):
            return False
        return self._holds([at.get(event.place) for at in self._by_place], own)

    def _bound(self, local: Local, own: Bound) -> Bound | None:
        """The last binding of a local name before it was handed on, if it has this value at every point."""
        found = [self._last(local, k, event) for k, event in enumerate(own)]
        bound = self._at_every_point(found)
        return bound if bound is not None and self._holds(bound, own) else None

    def _last(self, local: Local, point: int, before: Event) -> Event | None:
        function, name = local
        found = None
        for event in self.kept[point]:
            if event.sequence >= before.sequence:
                break
            site = self.scene.sites[event.site]
            if name in ((event.label,) if event.label else site.names) and site.scope.split(".")[-1] == function:
                found = event if not site.owner and event.key is None else found
        if found is None or found.role != "own" or self.scene.sites[found.site].kind in _NO_LOCAL:
            return None
        return found

    def _holds(self, events: Sequence[Event | None], own: Bound) -> bool:
        return all(
            event is not None and isinstance(event.value, Value) and same(event.value, one.value)
            for event, one in zip(events, own, strict=True)
        )

    @staticmethod
    def _at_every_point(events: Sequence[Event | None]) -> Bound | None:
        found = tuple(event for event in events if event is not None)
        return found if len(found) == len(events) else None

    def _taken(self, site: Site) -> list[Local]:
        """The local names that a statement hands on unchanged, in the order of the text: its own, those of the loop
        around it, and those returned by the functions it calls."""
        path = list(_path(self._trees[site.cell], site))
        loops = [node.iter for node in path if isinstance(node, ast.For)]
        function = site.scope.split(".")[-1]
        statement = path[-1:] if path else []
        return [one for node in (*loops[-1:], *statement) for one in self._handed_on(node, function, MAX_CALL_DEPTH)]

    def _handed_on(self, node: ast.AST, function: str, depth: int) -> Iterator[Local]:
        parts = parts_of(node)
        yield from ((function, name) for name in _names_handed_on(parts))
        calls = [part for part in parts if isinstance(part, ast.Call)] if depth else []
        for call in calls:
            for body in self._functions.get(label_of(call.func), ()):
                for part in parts_of(body):
                    if isinstance(part, ast.Return | ast.Yield) and part.value is not None:
                        yield from self._handed_on(part, body.name, depth - 1)

    @cached_property
    def _functions(self) -> dict[str, list[ast.FunctionDef]]:
        found: dict[str, list[ast.FunctionDef]] = {}
        for node in (node for tree in self._trees for node in parts_of(tree)):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append(node)
        return found


def _names_handed_on(parts: Sequence[ast.AST]) -> list[str]:
    """The names that are whole entries, arguments or right-hand sides, and no part of a formula."""
    found: list[ast.expr | None] = []
    for part in parts:
        match part:
            case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Dict(values=values) | ast.Call(args=values):
                found += values
        match part:
            case ast.Call(keywords=keywords):
                found += [one.value for one in keywords]
            case ast.Assign(value=value) | ast.Return(value=value):
                found.append(value)
    names = [one for one in found if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)]
    return [one.id for one in sorted(names, key=lambda one: (one.lineno, one.col_offset))]


def _path(node: ast.AST, site: Site) -> Iterator[ast.AST]:
    """The statements around a site's own, within its function, from the outside in; the site's own is the last."""
    inner = [part for part in parts_of(node) if isinstance(part, ast.stmt)]
    around = [part for part in inner if _is_around(part, site)]
    functions = [place for place, part in enumerate(around) if isinstance(part, ast.FunctionDef)]
    yield from around[functions[-1] + 1 if functions and around[-1] is not around[functions[-1]] else 0 :]


def _is_around(node: ast.stmt, site: Site) -> bool:
    there = position_of(node)
    return there[:2] <= site.statement[:2] and site.statement[2:] <= there[2:]
