"""Decide which names in containers are believed.

A dictionary or an object keyed by forward names (`slope["h1"]`, `cache.h1`) may hold these quantities, or something
else about each of them: slopes, shapes, gradients. And numbered layers (`layer1["W"]`) may be counted from 0. A plain
name is always believed; a name in a container is believed

1. where it holds the value of the quantity it names, at every point;
2. where nothing else holds that value, and another entry of the same container is right, or (except for numbered
   layers) no other name says that it is this quantity: then it is a mistake.

All other names in containers are ignored.

An asked-for step's name is believed in a container too, unless that step is right elsewhere, and nothing reads the
entry: `shown["dw"] = dw * 1000 // 1`. A container with such an entry, and with none that is right, is not believed for
other steps either. Where a step is right in one of many containers, they are guesses, of which the last counts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.instrument.name_matching import numbered_in
from grader.judge.matching.guesses import MAX_VALUES_PER_NAME
from grader.judge.matching.naming import Meaning, held_by, meanings, names_of_binding
from grader.judge.matching.types import Scene
from grader.runner.types import Event, Key


@dataclass(frozen=True, slots=True)
class Claim:
    """A binding whose name says which quantity it is.

    `container` is the one of which another entry has to be right for the name to be believed; None for a name that is
    always believed. `asked` says whether the quantity is an asked-for step."""

    place: Key
    quantity: str
    right: bool
    container: Hashable
    asked: bool = False


def with_doubted_names(scene: Scene) -> Scene:
    """Return the scene with the names that are not believed marked as `doubted`."""
    claims = _claims(scene)
    right = {claim.quantity for claim in claims if claim.right}
    doubted = frozenset(
        claim.place
        for claim in claims
        if claim.container is not None
        and not claim.right
        and not claim.asked
        and (claim.quantity in right or not _is_believed(claim, claims) or _is_held(scene, claim.quantity))
    )
    doubted |= frozenset(claim.place for claim in _beside(scene, [one for one in claims if one.asked]))
    return replace(scene, names=replace(scene.names, doubted=doubted)) if doubted else scene


def _beside(scene: Scene, claims: Sequence[Claim]) -> Iterator[Claim]:
    """Entries named like asked-for steps, in containers that only accompany what the steps are bound to elsewhere."""
    held = {claim.container for claim in claims} - {None}
    guessed = {quantity for quantity in {one.quantity for one in claims} if _is_guessed(scene, quantity, claims)}
    for container in held:
        entries = [claim for claim in claims if claim.container == container and not scene.sites[claim.place[0]].copy]
        elsewhere = [claim for claim in claims if claim.container != container]
        wrong = [claim for claim in entries if not claim.right]
        bound = {claim.quantity for claim in elsewhere}
        right = {one.quantity for one in elsewhere if one.right} - guessed
        against = [claim for claim in wrong if claim.quantity in right]
        if against and not _is_read(scene, container):
            yield from against if len(wrong) < len(entries) else [claim for claim in wrong if claim.quantity in bound]


def _is_guessed(scene: Scene, quantity: str, claims: Sequence[Claim]) -> bool:
    """Whether a step is right in a container only, which is one of many: then these were guesses. What a loop puts into
    another one may be a log."""
    right = [claim for claim in claims if claim.quantity == quantity and claim.right]
    sites = {claim.place[0] for claim in right}
    tried = (
        claim
        for claim in claims
        if claim.quantity == quantity
        and not claim.right
        and (claim.place[0] in sites or not scene.sites[claim.place[0]].in_loop)
    )
    return all(claim.container is not None for claim in right) and sum(1 for _ in tried) > MAX_VALUES_PER_NAME


def _is_read(scene: Scene, container: Hashable) -> bool:
    """Whether a quantity is made from an entry of a container."""
    sites = (scene.sites[event.site] for event in scene.traces[0].events if _single(scene, event))
    return any(container in site.reads for site in sites)


def _is_believed(claim: Claim, claims: Sequence[Claim]) -> bool:
    if any(other.right and other.container == claim.container for other in claims):
        return True
    others = any(other.quantity == claim.quantity and other.container != claim.container for other in claims)
    return claim.container != _NUMBERED and not others


def _is_held(scene: Scene, quantity: str) -> bool:
    """Whether any binding holds the right value of a quantity at every point, whatever its name."""
    events = _by_place(scene)
    return any(scene.right(quantity, [found.get(place) for found in events]) for place in events[0])


def _by_place(scene: Scene) -> list[dict[Key, Event]]:
    return [{event.place: event for event in trace.events if event.role == "own"} for trace in scene.traces]


def _claims(scene: Scene) -> list[Claim]:
    """All claims on quantities for which at least one name has to be doubted."""
    said = [(event, one) for event in scene.traces[0].events for one in _single(scene, event)]
    doubtful = _doubtful(scene, said)
    if not doubtful:
        return []
    by_place = _by_place(scene)
    asked = _asked(scene)
    claims = []
    for event, one in said:
        if one.quantity in doubtful:
            right = scene.right(one.quantity, [found.get(event.place) for found in by_place])
            container = _container(scene, event, one)
            claims.append(
                Claim(event.place, one.quantity, right, container, one.quantity in asked and container != _NUMBERED)
            )
    inputs = {held_by(event, scene.sites[event.site]) for event in scene.traces[0].events if event.role == "input"}
    return claims + [Claim((0, 0), "", True, owner) for owner in inputs if owner]


def _doubtful(scene: Scene, said: Sequence[tuple[Event, Meaning]]) -> set[str]:
    """The quantities whose names may have to be doubted; asked-for steps only where more than one thing holds them."""
    asked = _asked(scene)
    held: dict[str, set[Hashable]] = {}
    for event, one in said:
        held.setdefault(one.quantity, set()).add(_container(scene, event, one))
    return {
        name
        for name, found in held.items()
        if found - {None} and (name not in asked or len(found) > 1 or _NUMBERED in found)
    }


def _asked(scene: Scene) -> set[str]:
    """The asked-for steps that are not forward quantities."""
    return {step.name for step in scene.exercise.steps} - {step.name for step in scene.exercise.forward_steps}


def _single(scene: Scene, event: Event) -> list[Meaning]:
    """The quantities that a binding's name claims, without families, whose members have no names."""
    if event.role != "own":
        return []
    found = meanings(scene.names, event, scene.sites[event.site])
    return [one for one in found if one.quantity not in scene.names.indices]


def _container(scene: Scene, event: Event, said: Meaning) -> Hashable:
    """The container whose names are likely to be right together with this one; None where that makes no difference."""
    site = scene.sites[event.site]
    owner = held_by(event, site)
    if any(said.name in numbered_in(owner, name) for name in names_of_binding(event, site)):
        return _NUMBERED
    if not (owner or site.kind == "entry"):
        return None
    return owner or (site.cell, site.statement)


_NUMBERED = 1
"""Stands for all numbered layers: a submission counts all of them from the same number."""
