"""Match quantities by what bindings hold: where no name leads to them, and where the same value was bound before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.judge.matching.compare import same
from grader.judge.matching.guesses import MAX_VALUES_PER_NAME, Crowd, crowd, shape_of
from grader.judge.matching.naming import key, meanings, spoken_name
from grader.judge.matching.types import Match, Scene
from grader.model import Observed, Value
from grader.runner.types import Event, Key


def rematched_by_value(scene: Scene, matches: dict[str, Match]) -> dict[str, Match]:
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


def match_values(scene: Scene, matches: dict[str, Match], kept: Sequence[Sequence[Event]]) -> None:
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


def match_functions(scene: Scene, matches: dict[str, Match], kept: Sequence[Sequence[Event]]) -> None:
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
        tried = bound if len(values) <= MAX_VALUES_PER_NAME else bound[-1:]
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


def with_origins(scene: Scene, matches: Mapping[str, Match], kept: Sequence[Sequence[Event]]) -> dict[str, Match]:
    """Treat earlier bindings with the same value at every point as the same quantity: it is judged and forced there."""
    claimed = {event.place for match in matches.values() for event in match.events if event is not None}
    by_place = [{event.place: event for event in events} for events in kept]
    by_size = _by_size(kept[0])
    result = {}
    for name, match in matches.items():
        held_at = tuple(_origins(scene, match, by_size, by_place, claimed))
        origins = tuple(
            place for place in held_at if scene.sites[place[0]].kind != "whole" or _is_last_pass(place, by_place)
        )
        result[name] = replace(match, origins=origins, held_at=held_at)
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
                found[:] = [place for place in found if is_named(scene, match.quantity, place)]
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


def is_named(scene: Scene, quantity: str, place: Key) -> bool:
    site = scene.sites[place[0]]
    return any((found := scene.names.means(name)) is not None and found.quantity == quantity for name in site.names)
