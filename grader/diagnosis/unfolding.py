"""A line's formula with those of its helpers in the place of their names, back to names that hold quantities.

`s = 1 - h1_raw**2; dh1_dwh = s * dh1raw_dwh`: the step is one formula, typed in two places. A mistake may be in any
of them, and is told where it was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from grader.diagnosis.meaning import StudentMeaning
from grader.diagnosis.numbers import alike
from grader.diagnosis.search import Names, value_of
from grader.diagnosis.surroundings import Surroundings, spelled
from grader.formula.syntax import Call, Expression, Index, Name, children, walk
from grader.formula.syntax import Sequence as Items
from grader.runner.sites import Site
from grader.runner.types import Event, Key

LARGEST = 200
"""Parts of a formula up to which helpers are put in."""


@dataclass(frozen=True)
class Piece:
    """A formula as it was typed at one site; `name` is the one it is read by, "" for the line itself."""

    site: Site
    root: Expression
    name: str = ""


@dataclass(frozen=True)
class Unfolded:
    """The whole formula of a line, and the pieces it was typed in, the line's own first."""

    whole: Expression
    pieces: tuple[Piece, ...]

    @cached_property
    def folded(self) -> dict[int, str]:
        """The name of each helper by the `id` of the formula that stands for it."""
        return {id(piece.root): piece.name for piece in self.pieces[1:]}

    @cached_property
    def _homes(self) -> dict[int, Piece]:
        roots = {id(piece.root): piece for piece in self.pieces[1:]}
        found: dict[int, Piece] = {}

        def settle(node: Expression, home: Piece) -> None:
            home = roots.get(id(node), home)
            found[id(node)] = home
            for child in children(node):
                settle(child, home)

        settle(self.whole, self.pieces[0])
        return found

    def home(self, node: Expression) -> Piece:
        """The piece a node was typed in; what nobody typed belongs to the line."""
        return self._homes.get(id(node), self.pieces[0])

    def within(self, sites: Collection[int]) -> Iterator[tuple[int, int]]:
        """The nodes typed in helpers at these sites, by `id`, each with its site."""
        for node, home in self._homes.items():
            if home.name and home.site.number in sites:
                yield node, home.site.number


def unfold(
    site: Site,
    expression: Expression,
    place: Key,
    passes: Sequence[Sequence[Names]],
    known: Collection[str],
    surroundings: Surroundings,
    expression_at: Callable[[Site], Expression | None],
    meaning: StudentMeaning,
) -> Unfolded:
    """The formula of the line at `place`; `known` are the names that hold quantities, `passes` what all names held.

    A helper is put in only if its formula has, with what names hold when the line runs, the value it has there."""
    pieces = [Piece(site, expression)]
    made: dict[str, Expression | None] = {}
    room = LARGEST - sum(1 for _ in walk(expression))

    def formula(name: str) -> Expression | None:
        nonlocal room
        if name not in made:
            made[name] = None  # a helper made of itself stays a name
            found = _helper(name)
            if found is not None:
                room -= sum(1 for _ in walk(found[1]))
                made[name] = put(found[1])
                pieces.append(Piece(found[0], made[name] or found[1], name))
        return made[name]

    def _helper(name: str) -> tuple[Site, Expression] | None:
        events = [last_binding(surroundings, run, name, place) for run in range(len(surroundings.runs))]
        sites = {None if one is None else one.site for one in events}
        if len(sites) != 1 or None in sites or events[0] is None:
            return None
        there = surroundings.sites[events[0].site]
        inner = expression_at(there)
        if inner is None or isinstance(inner, Name) or sum(1 for _ in walk(inner)) > room:
            return None
        holds = all(alike(value_of(inner, held, meaning), held.get(name)) for each in passes for held in each)
        return (there, inner) if holds else None

    def put(node: Expression) -> Expression:
        match node:
            case Name(id=name) if name not in known:
                return formula(name) or node
            case Call(arguments=inner):
                new = tuple(map(put, inner))
                return node if all(a is b for a, b in zip(new, inner, strict=True)) else replace(node, arguments=new)
            case Items(items=inner):
                new = tuple(map(put, inner))
                return node if all(a is b for a, b in zip(new, inner, strict=True)) else replace(node, items=new)
            case Index(base=base):
                changed = put(base)
                return node if changed is base else replace(node, base=changed)
            case _:
                return node

    whole = put(expression)
    pieces[0] = Piece(site, whole)
    return Unfolded(whole, tuple(pieces))


def last_binding(surroundings: Surroundings, run: int, name: str, place: Key) -> Event | None:
    """The last plain binding of a name before a place is reached."""
    found = None
    for event in surroundings.runs[run]:
        if event.place == place:
            return found
        site = surroundings.sites[event.site]
        if name in spelled(event, site):
            # An input that was changed is no helper, nor is what is built up: what stands there is not all of it.
            found = event if site.kind == "assign" and event.role == "own" else None
    return None


@dataclass(frozen=True)
class Readers:
    """Which helpers each line reads, and its helpers' helpers."""

    surroundings: Surroundings
    quantities: frozenset[Key]
    _found: dict[Key, frozenset[int]] = field(default_factory=dict)

    def of(self, place: Key) -> frozenset[int]:
        """The sites of the helpers behind a binding."""
        if place not in self._found:
            self._found[place] = frozenset()
            sites: set[int] = set()
            for name in self.surroundings.sites[place[0]].reads:
                event = last_binding(self.surroundings, 0, name, place)
                if event is not None and event.place not in self.quantities:
                    sites |= {event.site, *self.of(event.place)}
            self._found[place] = frozenset(sites)
        return self._found[place]
