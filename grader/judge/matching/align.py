"""Match the bindings of a submission to quantities: by name first, and by value where names say nothing.

Everything is decided per point, since a run may take another path at other numbers; bindings at two points are the same
if they are the same occurrence of the same site.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Literal

from grader.exercise.types import Exercise, Step
from grader.instrument.name_matching import normal
from grader.instrument.site import Site
from grader.judge.matching.answer_end import last_sequence
from grader.judge.matching.call_selection import answering
from grader.judge.matching.compare import Measure, compare, same
from grader.judge.matching.families import Member, Slot, members_of
from grader.judge.matching.guesses import ENDS, VALUES, Crowd, crowd, likely, shape_of
from grader.judge.matching.naming import Names, key, meanings, spoken_name
from grader.model import Observed, Opaque, Value
from grader.reference.types import Reference
from grader.runner.types import Event, Key, Raised, Sites, Trace

Found = Mapping[str, tuple[str, list[Event]]]
"""Per quantity, the name it goes by and all bindings of that name, in order."""

Statement = tuple[int, int]
"""A cell, and a top-level statement in it, both numbered from 0."""


@dataclass(frozen=True, slots=True)
class Match:
    """A quantity and its binding at each point (None where it was not bound there).

    `origins`: the earlier bindings, first one first, that held the same value at every point: a helper `t` that the
    step is then set to, the `return` it came from. `seen`: these, and the places where an array came to hold that value
    before the last of its entries was changed; they are only pointed at. `slot`: which part of the bound value is
    meant, where a whole family was bound at once. `handed`: the bindings under the quantity's own name, where `events`
    are those of the local name that was handed on there."""

    quantity: str
    bound_as: str
    how: Literal["name", "value"]
    events: tuple[Event | None, ...]
    origins: tuple[Key, ...] = ()
    slot: Slot | None = None
    seen: tuple[Key, ...] = ()
    handed: tuple[Event | None, ...] = ()

    def values(self) -> tuple[Event | None, ...]:
        """The binding at each point; where a whole family was bound at once, the part that is meant."""
        return tuple(self.value_at(k) for k in range(len(self.events)))

    def value_at(self, point: int) -> Event | None:
        event = self.events[point]
        return event if event is None or self.slot is None else self.slot.of(event)


@dataclass(frozen=True, slots=True)
class Alignment:
    """All matches, by quantity."""

    matches: Mapping[str, Match]

    def stops(self, point: int) -> frozenset[Key]:
        """The bindings at which a forced run hands values over."""
        own = {e.place for match in self.matches.values() if (e := match.events[point]) is not None}
        return frozenset(own.union(*(match.origins for match in self.matches.values())))


@dataclass(frozen=True, slots=True)
class Guarded:
    """A statement that raised before it bound a quantity, or while it `continues` to build it, at the site where it
    binds. `label` is the name it binds there, where the site has none."""

    site: Site
    raised: Raised
    label: str
    continues: bool

    @property
    def is_own(self) -> bool:
        """Whether the error is that of this statement, and not of one before, for lack of whose name this raised."""
        at = self.raised.at_cell == self.site.cell
        return at and self.site.statement[0] <= self.raised.line <= self.site.statement[2]


@dataclass(frozen=True, slots=True)
class Scene:
    """What alignment works on: the exercise, its right values, and the natural runs of a submission."""

    exercise: Exercise
    reference: Reference
    names: Names
    sites: Sites
    measures: tuple[Measure, ...]
    traces: tuple[Trace, ...]
    largest: tuple[float, ...] = ()
    """Per point the largest right value."""
    particular: Mapping[str, tuple[Measure, ...]] = field(default_factory=dict)
    """Per quantity and point the measure, where quantities have different ones (`judge/matching/precision.py`)."""
    finest: tuple[Measure, ...] = ()
    """Per point the measure of quantities made in float64 alone."""
    guarded: Mapping[str, Guarded] = field(default_factory=dict)
    """Per quantity the statement in a function or loop that raised before it bound the quantity."""
    stopped: tuple[Guarded, ...] = ()
    """The statements in functions and loops that raised before they bound a local of the student's own."""
    turned: frozenset[str] = frozenset()
    """The quantities whose right values are transposed, as the submission keeps them (`layout`)."""

    @property
    def raised(self) -> tuple[Raised, ...]:
        """What raised at the given numbers, whether or not runs continue after it."""
        guarded = dict.fromkeys(one.raised for one in (*self.guarded.values(), *self.stopped))
        return (*(one for one in guarded if one not in self.traces[0].raised), *self.traces[0].raised)

    @property
    def quantities(self) -> tuple[Step, ...]:
        return (*self.exercise.forward_steps, *self.exercise.steps)

    def measure(self, point: int, quantity: str) -> Measure:
        """How values of a quantity are compared at a point."""
        return self.particular.get(quantity, self.measures)[point]

    def measures_of(self, quantity: str) -> tuple[Measure, ...]:
        """The measure of a quantity at each point."""
        return tuple(self.measure(k, quantity) for k in range(len(self.measures)))

    def right(self, quantity: str, events: Sequence[Event | None]) -> bool:
        """Whether these bindings, one per point, hold the right value of a quantity at every point."""
        measures = self.particular.get(quantity, self.measures)
        for event, right, by in zip(events, self.reference.values, measures, strict=True):
            if event is None or not compare(event.value, right[quantity], by).right:
                return False
        return True

    def is_right(self, quantity: str, values: Sequence[Observed | None]) -> bool:
        """Whether these values, one per point, are the right ones of a quantity."""
        measures = self.particular.get(quantity, self.measures)
        for value, right, by in zip(values, self.reference.values, measures, strict=True):
            if value is None or not compare(value, right[quantity], by).right:
                return False
        return True

    def varies(self, quantity: str) -> bool:
        """Whether the right value differs from point to point, so that a binding can be matched by its value."""
        values = [at[quantity] for at in self.reference.values]
        return all(left.data != right.data for left, right in pairwise(values))


def align(scene: Scene) -> Alignment:
    """Find every quantity's binding. Of the places where the answer may end, choose the one with which most asked-for
    steps are right; on a tie, the one that names suggest."""
    answers = answering(scene.traces, scene.names, scene.sites, partial(_are_right, scene))
    named = [_by_name(scene.names, scene.sites, events) for events in answers]
    best = _reading(scene, named, [_kept(scene, events, found) for events, found in zip(answers, named, strict=True)])
    most, asked = _right_steps(scene, best), len(scene.exercise.steps)
    if most < asked and scene.exercise.answer is None:
        for kept in _other_ends(scene, answers, named):
            reading = _reading(scene, named, kept)
            if (right := _right_steps(scene, reading)) > most:
                best, most = reading, right
    matches, kept = best
    if most < asked:
        from grader.judge.matching.handed_on import made_under  # imported here: only needed where something is wrong

        matches = made_under(scene, matches, kept)
    return Alignment(_with_origins(scene, matches, kept))


Kept = list[list[Event]]
"""Per point, the bindings within the answer."""


def _reading(scene: Scene, named: Sequence[Found], kept: Kept) -> tuple[dict[str, Match], Kept]:
    matches = _named_matches(scene, named, kept)
    matches = _by_what_they_hold(scene, matches)
    doubtful = {name: match for name, match in matches.items() if _is_wrong_local(scene, match)}
    for name in doubtful:
        del matches[name]
    _match_values(scene, matches, kept)
    _match_functions(scene, matches, kept)
    for name, match in doubtful.items():
        found = matches.get(name)
        right = found is not None and scene.right(name, found.values())
        if (
            found is None
            or not right
            or _goes_by(scene, found) == _goes_by(scene, match)
            or _named_otherwise(scene, found)
        ):
            matches[name] = match
    return matches, kept


def _is_wrong_local(scene: Scene, match: Match) -> bool:
    """Whether a quantity goes by the name of a local, which does not hold it: `dW` may be on the way to the result
    `dW + reg * W`, in a function whose caller has other names."""
    is_local = bool(_goes_by(scene, match)[0]) and match.slot is None
    return is_local and not scene.right(match.quantity, match.events)


def _named_otherwise(scene: Scene, match: Match) -> bool:
    """Whether a quantity was found in a binding that goes by the name of another one: both may have one value."""
    event = next(event for event in match.events if event is not None)
    site = scene.sites[event.site]
    read = [scene.names.means(name) for name in site.reads] if site.copy else []
    named = [*meanings(scene.names, event, site), *(one for one in read if one is not None)]
    return any(one.quantity != match.quantity for one in named)


def _goes_by(scene: Scene, match: Match) -> tuple[str, str, tuple[str, ...]]:
    """The function in which a quantity is bound, and the owner and name it has there."""
    site = scene.sites[next(event for event in match.events if event is not None).site]
    return site.scope, site.owner, site.names


def _right_steps(scene: Scene, reading: tuple[Mapping[str, Match], Kept]) -> int:
    matches = (reading[0].get(step.name) for step in scene.exercise.steps)
    return sum(match is not None and scene.right(match.quantity, match.values()) for match in matches)


def _other_ends(scene: Scene, answers: Sequence[list[Event]], named: Sequence[Found]) -> Iterator[Kept]:
    """Yield the bindings up to the end of each cell that binds an asked-for step (of cells that bind some again, only
    the first few), and those before each loop that binds steps again."""
    asked = {key(step) for step in scene.exercise.steps}
    bound = {name: events for name, (_, events) in named[0].items() if name in asked}
    cells: dict[int, set[str]] = {}
    for name, events in bound.items():
        for event in events:
            if not scene.sites[event.site].scope:
                cells.setdefault(scene.sites[event.site].cell, set()).add(name)
    anew, before = 0, set[str]()
    for cell in sorted(cells) if len(cells) > 1 else ():
        yield [_before(scene, events, (cell + 1, 0)) for events in answers]
        anew += not before.isdisjoint(cells[cell])
        before |= cells[cell]
        if anew == ENDS:
            break
    complete = max(_first_bound(scene.exercise, named[0]).values(), default=0)
    for top in _loops_again(scene, answers[0], complete, asked):
        yield [_before(scene, events, top) for events in answers]


def _loops_again(scene: Scene, events: Sequence[Event], complete: int, asked: set[str]) -> list[Statement]:
    """The top-level loops that begin after every step is bound and bind some again: `for w in linspace(-3, 3): ...`."""
    first: dict[Statement, int] = {}
    again: set[Statement] = set()
    for event in events:
        site = scene.sites[event.site]
        first.setdefault((site.cell, site.top), event.sequence)
        if site.in_loop and not site.scope and any(m.quantity in asked for m in meanings(scene.names, event, site)):
            again.add((site.cell, site.top))
    return sorted(top for top in again if first[top] > complete)


def _before(scene: Scene, events: list[Event], top: Statement) -> list[Event]:
    """The bindings before a top-level statement."""
    sites = [scene.sites[event.site] for event in events]
    beyond = (n for n, site in enumerate(sites) if not site.scope and (site.cell, site.top) >= top)
    return events[: next(beyond, len(events))]


def narrowed(scene: Scene, alignment: Alignment) -> Alignment:
    """The alignment in which a wrong value counts as a quantity only under the quantity's own names.

    In `db = da`, which lacks a sum, `da` is not the bias gradient although it has the same value: replacing `da` by the
    right bias gradient would spoil what else is made from it."""
    result = {}
    for name, match in alignment.matches.items():
        if not scene.right(name, match.values()):
            if match.handed:
                match = replace(match, events=match.handed, origins=(), seen=(), handed=())
            seen = tuple(place for place in match.seen if _is_named(scene, name, place))
            match = replace(match, origins=tuple(place for place in match.origins if place in seen), seen=seen)
        result[name] = match
    return Alignment(result)


def _is_named(scene: Scene, quantity: str, place: Key) -> bool:
    site = scene.sites[place[0]]
    return any((found := scene.names.means(name)) is not None and found.quantity == quantity for name in site.names)


def answer_end(exercise: Exercise, names: Names, sites: Sites, trace: Trace) -> Statement | None:
    """The top-level statement that ends the answer: later runs need not go further. None where it is not known."""
    if exercise.answer is not None:
        return None
    first = _first_bound(exercise, _by_name(names, sites, trace.events))
    last = last_sequence(trace.events, sites, first)
    kept = [event for event in trace.events if event.sequence <= last]
    outer = [event for event in kept if not sites[event.site].scope]
    # If the last binding is in a function, it belongs to a statement that may have bound nothing else.
    if not outer or kept[-1] is not outer[-1]:
        return None
    return sites[outer[-1].site].cell, sites[outer[-1].site].top


def _kept(scene: Scene, events: list[Event], found: Found) -> list[Event]:
    if scene.exercise.answer is not None:
        return events
    last = last_sequence(events, scene.sites, _first_bound(scene.exercise, found))
    return [event for event in events if event.sequence <= last]


def _first_bound(exercise: Exercise, found: Found) -> dict[str, int]:
    """When each asked-for step was first bound to anything but zeros to be filled later."""
    asked = {key(step) for step in exercise.steps}
    return {
        name: next((event for event in bound if not _is_start(event.value)), bound[0]).sequence
        for name, (_, bound) in found.items()
        if name in asked
    }


def is_empty(value: Observed) -> bool:
    """Whether a value is an array of zeros, which may be meant to be filled."""
    return isinstance(value, Value) and value.shape != () and not any(value.data)


def _is_start(value: Observed) -> bool:
    """Whether a value may only be a start, to be replaced by what is computed later: 0, zeros, or no number."""
    return not (isinstance(value, Value) and any(value.data))


def _by_name(names: Names, sites: Sites, events: Sequence[Event]) -> Found:
    """Per quantity, the name it was found under and all bindings of that name, in order."""
    found: dict[str, dict[str, tuple[int, list[Event]]]] = {}
    for event in events:
        if event.role != "own" or _is_code(event):
            continue
        for one in meanings(names, event, sites[event.site]):
            events = found.setdefault(one.quantity, {}).setdefault(one.name, (one.rank, []))[1]
            if not (events and _hands_on(names, sites, events[-1], event)):
                events.append(event)
    return {quantity: _best(sites, names, under) for quantity, under in found.items()}


def _hands_on(names: Names, sites: Sites, before: Event, event: Event) -> bool:
    """Whether a container only takes over the value already bound to this quantity: `grads = {"dx": dx}`."""
    site = sites[event.site]
    if not site.copy or site.kind not in ("entry", "item") or sites[before.site].scope != site.scope:
        return False
    meant = {one.quantity for one in meanings(names, event, site)}
    read = {found.quantity for name in site.reads if (found := names.means(name)) is not None}
    return not meant.isdisjoint(read) and same(before.value, event.value)


_CODE = frozenset({"function", "builtin_function_or_method", "method", "ufunc", "type", "module"})


def _is_code(event: Event) -> bool:
    """Whether code is bound: `{"i": sigmoid, "g": np.tanh}` binds no gates. Replacing an entry by a gate would break
    its callers."""
    return isinstance(event.value, Opaque) and event.value.type_name in _CODE


def _best(sites: Sites, names: Names, under: Mapping[str, tuple[int, list[Event]]]) -> tuple[str, list[Event]]:
    """The surest name; of equally sure ones, the one bound last. Top-level bindings go before those in functions,
    unless they only bind a family as a whole that a function has made member by member, or only zeros."""
    name = min(under, key=lambda one: (under[one][0], -under[one][1][-1].sequence))
    events = under[name][1]
    outer = [event for event in events if _is_outer(sites, event)]
    if normal(name) in names.labels.families and not any(_is_member(sites, event) for event in outer):
        inner = [event for event in events if not _is_outer(sites, event)]
        return name, inner if any(_is_member(sites, event) for event in inner) else outer or events
    # `dW = zeros(...)` may be filled by a function that declares it `global`.
    return name, events if all(_is_start(event.value) for event in outer) else outer


def _is_member(sites: Sites, event: Event) -> bool:
    return event.key is not None or sites[event.site].in_loop


def _is_outer(sites: Sites, event: Event) -> bool:
    return not sites[event.site].scope


def _named_matches(scene: Scene, named: Sequence[Found], kept: Sequence[Sequence[Event]]) -> dict[str, Match]:
    matches: dict[str, Match] = {}
    families: dict[str, list[Step]] = {}
    for step in scene.quantities:
        if step.family is not None:
            families.setdefault(step.family, []).append(step)
            continue
        per_point = [_within(found.get(step.name), events) for found, events in zip(named, kept, strict=True)]
        if any(per_point):
            bound_as = next(found[step.name][0] for found in named if step.name in found)
            matches[step.name] = Match(step.name, bound_as, "name", _meant(scene, step.name, per_point))
    for family, members in families.items():
        per_point = [_within(found.get(family), events) for found, events in zip(named, kept, strict=True)]
        per_member = _members(scene, members, per_point)
        for place, step in enumerate(members):
            slots = [found[place] for found in per_member]
            if any(slot is not None for slot in slots):
                bound_as = next(found[family][0] for found in named if family in found)
                bound = tuple(None if slot is None else slot[0] for slot in slots)
                part = next(slot[1] for slot in slots if slot is not None)
                matches[step.name] = Match(step.name, bound_as, "name", bound, slot=part)
    return matches


def _members(scene: Scene, members: Sequence[Step], bound: Sequence[Sequence[Event]]) -> list[list[Member]]:
    """Per point, the binding of each member of a family among those of the family's name."""
    return [
        members_of(members, [right[step.name] for step in members], events, scene.sites)
        for right, events in zip(scene.reference.values, bound, strict=False)
    ]


def _are_right(scene: Scene, name: str, bound: Sequence[Sequence[Event]]) -> list[bool | None]:
    """Whether the bindings of a name, per point, leave its quantity right; of a family, each of its members."""
    members = [step for step in scene.quantities if step.family == name]
    if not members:
        return [scene.right(name, [events[-1] if events else None for events in bound])]
    found = _members(scene, members, bound)
    return [
        None if found[0][place] is None else scene.right(step.name, [_part(at[place]) for at in found])
        for place, step in enumerate(members)
    ]


def _part(member: Member) -> Event | None:
    if member is None:
        return None
    event, slot = member
    return event if slot is None else slot.of(event)


def _within(found: tuple[str, list[Event]] | None, kept: Sequence[Event]) -> list[Event]:
    if found is None or not kept:
        return []
    return [event for event in found[1] if event.sequence <= kept[-1].sequence]


def _meant(scene: Scene, quantity: str, bound: Sequence[Sequence[Event]]) -> tuple[Event | None, ...]:
    """Per point, the binding of a quantity's name that is meant: the last one.

    If that is wrong, the last right one instead, provided that it was read before the name was bound again or its
    object changed; or that it was changed through another name, of whose object it is a part; or that the name has come
    to hold another quantity."""
    last = tuple(events[-1] if events else None for events in bound)
    if scene.right(quantity, last):
        return last
    for held, following in right_bindings(scene, quantity, bound):
        through_another = scene.sites[following.site].kind == "settled"
        if through_another or was_read(scene, held, following) or _is_another(scene, quantity, last):
            return tuple(held)
    return last


def right_bindings(
    scene: Scene, quantity: str, bound: Sequence[Sequence[Event]]
) -> Iterator[tuple[list[Event], Event]]:
    """Yield the bindings that were right at every point but were not the last, the latest first, each with the next one
    at the given point.

    For a value that never changes this may be chance: a name set to 0, to be added to, is not a step that is 0."""
    if not all(bound) or not (scene.varies(quantity) or any(scene.reference.values[0][quantity].data)):
        return
    by_place = [{event.place: event for event in events} for events in bound]
    meant = likely(bound[0], scene.sites)
    for event, following in reversed(list(pairwise(bound[0]))):
        if event.place in meant and all(event.place in at for at in by_place):
            held = [at[event.place] for at in by_place]
            if scene.right(quantity, held):
                yield held, following


def bindings_of(scene: Scene, match: Match) -> list[list[Event]]:
    """Per point, all bindings of the name that a quantity was found under, in the same function."""
    own = next((event for event in match.events if event is not None), None)
    scope = "" if own is None else scene.sites[own.site].scope
    here = {site.number: site for site in scene.sites.all if site.scope == scope}
    return [
        [
            event
            for event in trace.events
            if event.role == "own"
            and event.site in here
            and _is_bound_as(match.bound_as, scene.names, event, here[event.site])
        ]
        for trace in scene.traces
    ]


def _is_bound_as(name: str, names: Names, event: Event, site: Site) -> bool:
    # However a binding is read, its name has the name in the code or that of the owner in it.
    spoken = (*((event.label,) if event.label else site.names), site.owner)
    return any(one and one in name for one in spoken) and any(one.name == name for one in meanings(names, event, site))


def was_read(scene: Scene, held: Sequence[Event], following: Event) -> bool:
    """Whether another binding read this one's name before the next binding of the same name."""
    site = scene.sites[held[0].site]
    own = {held[0].label or "", *site.names, *((site.owner,) if site.kind == "item" else ())} - {""}
    changing = scene.sites[following.site].statement
    return any(
        held[0].sequence < event.sequence < following.sequence
        and own & scene.sites[event.site].reads
        and scene.sites[event.site].statement != changing
        for event in scene.traces[0].events
    )


def _is_another(scene: Scene, quantity: str, events: Sequence[Event | None]) -> bool:
    """Whether a name's bindings hold another quantity."""
    others = (step.name for step in scene.quantities if step.name != quantity and scene.varies(step.name))
    return any(scene.right(name, events) for name in others)


def _by_what_they_hold(scene: Scene, matches: dict[str, Match]) -> dict[str, Match]:
    """Rematch forward names by their values: where `h_raw` holds the activation at every point, it is the activation,
    unless the activation is bound under its own name (then one of the two is a mistake)."""
    result = dict(matches)
    for step in scene.exercise.forward_steps:
        match = result.get(step.name)
        if match is None or match.slot is not None or scene.right(step.name, match.events):
            continue
        for other in scene.exercise.forward_steps:
            own = matches.get(other.name)
            taken = own is not None and scene.right(other.name, own.events)
            if other.name == step.name or taken or not scene.varies(other.name):
                continue
            if scene.right(other.name, match.events):
                result[other.name] = Match(other.name, match.bound_as, "value", match.events)
                if result.get(step.name) is match:
                    del result[step.name]
                break
    return result


def _match_values(scene: Scene, matches: dict[str, Match], kept: Sequence[Sequence[Event]]) -> None:
    """Match the quantities that no name leads to by their value at every point, unless they were hit by guessing."""
    found = _by_value(scene, matches, kept)
    if not found:
        return
    there = _crowd(scene, kept)
    if any(event is not None and there.is_guess(event) for match in found.values() for event in match.events[:1]):
        found = _by_value(scene, matches, kept, there)
    named = [step.name for step in scene.exercise.steps if step.name in matches]
    right = [name for name in named if scene.right(name, matches[name].values())]
    for shape in {shape_of(scene.reference.values[0][name]) for name in found}:
        alike = {name: one for name, one in found.items() if shape_of(scene.reference.values[0][name]) == shape}
        hits = {scene.reference.values[0][name].data: one.events[0] for name, one in alike.items()}
        also = {value.data for name in right if shape_of(value := scene.reference.values[0][name]) == shape}
        if there.is_likely(shape, [event for event in hits.values() if event is not None], len(also)):
            matches.update(alike)


def _match_functions(scene: Scene, matches: dict[str, Match], kept: Sequence[Sequence[Event]]) -> None:
    """Match the asked-for steps still without a binding to what a function or property of their name returns:
    `def dh1_dwh(): return ...`, which is only printed. With parameters, a function may be anything."""
    left = {key(step): step for step in scene.exercise.steps if step.name not in matches and step.family is None}
    if not left:
        return
    taking = {site.scope for site in scene.sites.all if site.kind == "parameter" and site.names != ("self",)}
    by_place = [{event.place: event for event in events} for events in kept]
    found: dict[str, list[tuple[Event | None, ...]]] = {}
    for event in kept[0]:
        site = scene.sites[event.site]
        if site.kind == "returned" and site.scope not in taking and isinstance(event.value, Value):
            meaning = scene.names.means(site.scope.rpartition(".")[2])
            if meaning is not None and meaning.quantity in left:
                found.setdefault(meaning.quantity, []).append(tuple(at.get(event.place) for at in by_place))
    for name, bound in found.items():
        values = {events[0].value for events in bound if events[0] is not None}
        # One that returns many values has tried them.
        tried = bound if len(values) <= VALUES else bound[-1:]
        meant = next((events for events in tried if scene.right(name, events)), bound[-1])
        matches[name] = Match(name, name, "name", meant)


def _crowd(scene: Scene, kept: Sequence[Sequence[Event]]) -> Crowd:
    known = (*scene.reference.values[-1].values(), *scene.reference.points[-1].inputs.values())
    elsewhere = {event.place: event for event in kept[-1]}
    return crowd(kept[0], elsewhere, known, scene.sites, scene.measures[-1])


def _by_value(
    scene: Scene, matches: Mapping[str, Match], kept: Sequence[Sequence[Event]], there: Crowd | None = None
) -> dict[str, Match]:
    """Match bindings that have the value of a quantity which is not matched yet, and are no guess."""
    result: dict[str, Match] = {}
    claimed = {event.place for match in matches.values() for event in match.events if event is not None}
    by_place = [{event.place: event for event in events} for events in kept]
    for step in scene.quantities:
        if step.name in matches or not scene.varies(step.name):
            continue
        for event in kept[0]:
            if event.place in claimed or event.role != "own" or scene.sites[event.site].kind in ("parameter", "loop"):
                continue
            events = [found.get(event.place) for found in by_place]
            if scene.right(step.name, events) and not (there is not None and there.is_guess(event)):
                spoken = spoken_name(event, scene.sites[event.site])
                result[step.name] = Match(step.name, spoken, "value", tuple(events))
                claimed.add(event.place)
                break
    return result


def _with_origins(scene: Scene, matches: Mapping[str, Match], kept: Sequence[Sequence[Event]]) -> dict[str, Match]:
    """Treat earlier bindings with the same value at every point as the same quantity: it is judged and forced there."""
    claimed = {event.place for match in matches.values() for event in match.events if event is not None}
    by_place = [{event.place: event for event in events} for events in kept]
    by_size = _by_size(kept[0])
    result = {}
    for name, match in matches.items():
        seen = tuple(_origins(scene, match, by_size, by_place, claimed))
        origins = tuple(
            place for place in seen if scene.sites[place[0]].kind != "whole" or _is_last_pass(place, by_place)
        )
        result[name] = replace(match, origins=origins, seen=seen)
    return result


def _is_tuple(value: Observed) -> bool:
    return isinstance(value, Value) and value.dtype == "tuple"


def _is_last_pass(place: Key, by_place: Sequence[Mapping[Key, Event]]) -> bool:
    """Whether no later pass of a site, at any point, continues from what this one left."""
    return all(place[1] == max(occurrence for site, occurrence in at if site == place[0]) for at in by_place)


def _by_size(events: Sequence[Event]) -> dict[int, list[Event]]:
    """The bindings of numbers by how many bytes they have: only those of one size may hold the same value."""
    found: dict[int, list[Event]] = {}
    for event in events:
        if isinstance(event.value, Value):
            found.setdefault(len(event.value.data), []).append(event)
    return found


def _origins(
    scene: Scene,
    match: Match,
    by_size: Mapping[int, Sequence[Event]],
    by_place: Sequence[Mapping[Key, Event]],
    claimed: set[Key],
) -> list[Key]:
    own = match.events[0]
    if own is None or any(event is None for event in match.events):
        return []
    held = [event.value for k in range(len(match.events)) if (event := match.value_at(k)) is not None]
    values = [value for value in held if isinstance(value, Value)]
    # A constant is no evidence: an accumulator's starting 0 is not the step that happens to be 0.
    if len(values) < len(held) or all(same(values[0], value) for value in values[1:]):
        return []

    def holds(event: Event) -> bool:
        if not same(event.value, values[0]):  # the common case
            return False
        # `lambda g: (-g,)` returns a tuple of parts, of which there happens to be one; `d = e,` makes a tuple of `e`.
        if _is_tuple(event.value) != _is_tuple(values[0]):
            return False
        twins = (at.get(event.place) for at in by_place)
        return all(twin is not None and same(twin.value, value) for twin, value in zip(twins, values, strict=True))

    builds = scene.sites[own.site].kind == "again"
    lists = {site.owner for site in scene.sites.all if site.kind == "appended"} & scene.sites[own.site].reads
    found: list[Key] = []
    for event in by_size.get(len(values[0].data), ()):
        if event.sequence >= own.sequence:
            break
        site = scene.sites[event.site]
        if event.place in claimed:
            # Another quantity holds this value from here on: earlier bindings belong to that quantity, of which this
            # one is a copy, except those under this one's own name.
            if holds(event):
                found[:] = [place for place in found if _is_named(scene, match.quantity, place)]
            continue
        if event.role != "own" or site.kind in ("parameter", "loop") or not holds(event):
            continue
        # `dh = hs[::-1]` is made from what was put into `hs`, even if another list was given the same values.
        if site.kind == "appended" and lists and site.owner not in lists:
            continue
        named = [one.quantity for one in meanings(scene.names, event, site)]
        # `H2` is h2, even where d(y2)/d(w_y) happens to have the same value.
        if any(quantity != match.quantity for quantity in named):
            continue
        # What the name held before something was added to it is a partial sum, even if 0 was added.
        if named and builds and not site.scope:
            continue
        found.append(event.place)
    return found
