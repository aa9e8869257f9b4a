"""Inlines the student's helper variables into a line's formula, back to names that hold quantities.

`s = 1 - h1_raw**2; dh1_dwh = s * dh1raw_dwh`: the step is one formula, typed in two places. A mistake may be in either
and is reported where it was typed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from grader.diagnosis.chain_rule.meaning import Names, StudentMeaning, value_of
from grader.diagnosis.chain_rule.numbers import alike, as_number
from grader.diagnosis.repair_search.augmented_assignments import AGAIN, SET
from grader.diagnosis.step.step_environment import StepEnvironment, spelled
from grader.formula.syntax import Call, Expression, Index, Name, children, names, walk
from grader.formula.syntax import Sequence as Items
from grader.instrument.site import Site
from grader.model import Observed, Value
from grader.runner.types import Event, Key

LARGEST = 200
"""Maximum number of nodes of an inlined formula."""


@dataclass(frozen=True)
class Piece:
    """A formula as typed at one site; `name` is the helper's name, "" for the line itself."""

    site: Site
    root: Expression
    name: str = ""


@dataclass(frozen=True)
class Inlined:
    """The whole formula of a line after inlining, and the pieces it was typed in, the line's own first."""

    whole: Expression
    pieces: tuple[Piece, ...]

    def folded(self, own: Piece) -> dict[int, str]:
        """Map the `id` of each helper's formula, except that of `own`, to the helper's name."""
        return {id(piece.root): piece.name for piece in self.pieces[1:] if piece is not own}

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
        """Return the piece in which a node was typed; a node that was not typed belongs to the line."""
        return self._homes.get(id(node), self.pieces[0])

    def within(self, sites: Collection[int]) -> Iterator[tuple[int, int]]:
        """Yield the `id` of each node that was typed in a helper at one of these sites, with the site's number."""
        for node, home in self._homes.items():
            if home.name and home.site.number in sites:
                yield node, home.site.number


@dataclass(frozen=True)
class LineFormula:
    """A formula, its site and binding, and the values of all names at each of its runs."""

    site: Site
    expression: Expression
    place: Key
    passes: tuple[tuple[Names, ...], ...]


class Inlining:
    """Inlines helpers into a line's formula where this does not change its value.

    `known` are the names that hold quantities, `quantities` their bindings; these are not inlined. If a helper read a
    name that has since been rebound, the old value gets a new name with `@`, which no student's name can contain;
    `held` has the values of these names."""

    def __init__(
        self,
        line: LineFormula,
        known: Collection[str],
        quantities: Collection[Key],
        step_environment: StepEnvironment,
        reading: SiteReader,
        meaning: StudentMeaning,
    ) -> None:
        self._line, self._known, self._quantities = line, known, quantities
        self._surroundings, self._reading, self._meaning = step_environment, reading, meaning
        self._now = [each[-1] for each in line.passes]
        self._made: dict[Key, Expression | None] = {}
        self._room = LARGEST - _size(line.expression)
        self.held: list[dict[str, Any]] = [{} for _ in line.passes]
        self.pieces = [Piece(line.site, line.expression)]

    def unfolded(self) -> Inlined:
        line = self._line
        once = all(len(each) == 1 for each in line.passes)
        whole = self._built(line.site, line.expression, line.place) if once else None
        whole = whole or self._put(line.expression, line.place, self._now)
        self.pieces[0] = Piece(line.site, whole)
        return Inlined(whole, tuple(self.pieces))

    def put_in(self, expression: Expression) -> Expression:
        """Inline the helpers in another formula at the line's place."""
        return self._put(expression, self._line.place, self._now)

    def _built(self, site: Site, expression: Expression, place: Key) -> Expression | None:
        """Return the value after an augmented or item assignment (`x /= n`, `x[i] -= 1`) as one formula, with the old
        value inlined; None for other statements."""
        found = self._reading.built(site)
        if found is None:
            return None
        name, keys = found
        held = self._at(place)
        if held is None:
            return None
        inner = expression
        if isinstance(expression, Call) and expression.operation in AGAIN:
            inner, operation = expression.arguments[0], expression.operation
        else:
            operation = SET
        before = self._of_name(Name(name, expression.place), place, held, always=True)
        parts = (self._put(inner, place, held), before, *(self._put(key, place, held) for key in keys))
        return Call(operation, parts, (), expression.place)

    def _at(self, place: Key) -> list[Names] | None:
        if place == self._line.place:
            return list(self._now)
        site = self._surroundings.sites[place[0]]
        held = [self._surroundings.at(k, site, place[1]) for k in range(len(self._now))]
        reached: list[Names] = [one for one in held if one is not None]
        return reached if len(reached) == len(held) else None

    def _put(self, node: Expression, place: Key, held: Sequence[Names]) -> Expression:
        match node:
            case Name():
                return self._of_name(node, place, held)
            case Call(arguments=inner):
                new = tuple(self._put(one, place, held) for one in inner)
                return node if all(a is b for a, b in zip(new, inner, strict=True)) else replace(node, arguments=new)
            case Items(items=inner):
                new = tuple(self._put(one, place, held) for one in inner)
                return node if all(a is b for a, b in zip(new, inner, strict=True)) else replace(node, items=new)
            case Index(base=base, keys=keys):
                changed, within = self._put(base, place, held), tuple(self._key(key, place, held) for key in keys)
                same = changed is base and all(a is b for a, b in zip(within, keys, strict=True))
                return node if same else replace(node, base=changed, keys=within)
            case _:
                return node

    def _key(self, node: Expression, place: Key, held: Sequence[Names]) -> Expression:
        """Return an index key with its names as they were at `place`."""
        match node:
            case Name():
                return self._then(node, place, held)
            case Call(arguments=inner):
                new = tuple(self._key(one, place, held) for one in inner)
                return node if all(a is b for a, b in zip(new, inner, strict=True)) else replace(node, arguments=new)
            case _:
                return node

    def _of_name(self, node: Name, place: Key, held: Sequence[Names], always: bool = False) -> Expression:
        """Return the formula of a helper, otherwise the name. `always` inlines a quantity's name too, as needed for the
        old value of an augmented assignment, which has that name but is not yet the quantity."""
        if always or node.id not in self._known:
            formula = self._formula(node.id, place)
            if formula is not None:
                return formula
        return self._then(node, place, held)

    def _then(self, node: Name, place: Key, held: Sequence[Names]) -> Expression:
        """Return the name itself if it still has the value from when the helper was computed, otherwise a new name for
        the old value."""
        values = [one.get(node.id) for one in held]
        if all(
            one is now.get(node.id) or alike(one, now.get(node.id)) for one, now in zip(values, self._now, strict=True)
        ):
            return node
        name = f"{node.id}@{place[0]}.{place[1]}"
        for kept, value in zip(self.held, values, strict=True):
            kept[name] = value
        return Name(name, node.place)

    def _formula(self, name: str, place: Key) -> Expression | None:
        events = [last_binding(self._surroundings, run, name, place) for run in range(len(self._now))]
        places = {None if one is None else one.place for one in events}
        (there,) = places if len(places) == 1 else {None}
        if there is None or there in self._quantities:
            return None
        if there not in self._made:
            self._made[there] = None  # a helper that depends on itself is not inlined
            self._made[there] = self._computed(name, there, [one.value for one in events if one is not None])
        return self._made[there]

    def _computed(self, name: str, there: Key, values: Sequence[Observed]) -> Expression | None:
        site = self._surroundings.sites[there[0]]
        expression = self._reading.read(site)
        held = self._at(there)
        builds = site.kind in ("again", "whole")
        # Not inlined: lists, whose entries are quantities, and constants that sums start from, unless built on.
        is_formula = expression is not None and not _is_list(expression) and (builds or names(expression))
        if expression is None or held is None or not is_formula or _size(expression) > self._room:
            return None
        self._room -= _size(expression)
        made = self._built(site, expression, there) if builds else self._put(expression, there, held)
        if made is None:
            return None
        for now, kept, value in zip(self._now, self.held, values, strict=True):
            own = as_number(value) if isinstance(value, Value) else None
            if not alike(value_of(made, {**now, **kept}, self._meaning), own):
                return None
        self.pieces.append(Piece(site, made, name))
        return made


class SiteReader(Protocol):
    """Reads sites: the formula of one, and the name a statement builds on with the entries it changes."""

    def read(self, site: Site) -> Expression | None: ...
    def built(self, site: Site) -> tuple[str, tuple[Expression, ...]] | None: ...


def _is_list(expression: Expression) -> bool:
    """Whether this is a list (`[h0, h1]`), an array made of one (`np.array([h0, h1])`), or a plain name (an alias)."""
    inner = expression.arguments if isinstance(expression, Call) else ()
    return isinstance(expression, Name | Items) or (bool(inner) and all(isinstance(one, Items) for one in inner))


def _size(expression: Expression) -> int:
    return sum(1 for _ in walk(expression))


def last_binding(step_environment: StepEnvironment, run: int, name: str, place: Key) -> Event | None:
    """Return the last binding of a name before `place` is reached, if it is a plain one; otherwise None."""
    found = None
    for event in step_environment.runs[run]:
        if event.place == place:
            return found
        site = step_environment.sites[event.site]
        if name in spelled(event, site):
            # A changed input is no helper, nor is a sum built up in a loop: one line is not its whole formula.
            plain = site.kind == "assign" or (site.kind in ("again", "whole") and not site.in_loop)
            found = event if plain and event.role == "own" else None
    return None


@dataclass(frozen=True)
class Readers:
    """Finds which helpers each line reads, directly or through other helpers."""

    step_environment: StepEnvironment
    quantities: frozenset[Key]
    _found: dict[Key, frozenset[int]] = field(default_factory=dict)

    def of(self, place: Key) -> frozenset[int]:
        """Return the sites of all helpers that a binding depends on."""
        if place not in self._found:
            self._found[place] = frozenset()
            sites: set[int] = set()
            for name in self.step_environment.sites[place[0]].reads:
                event = last_binding(self.step_environment, 0, name, place)
                if event is not None and event.place not in self.quantities:
                    sites |= {event.site, *self.of(event.place)}
            self._found[place] = frozenset(sites)
        return self._found[place]
