"""Try other readings of a submission where the first one leaves something wrong: which of its bindings are meant.

The natural runs allow several readings: which binding of a name bound more than once is the quantity, and whether a
name is the exercise's at all, or the student's own for something else. Each is tried by forced runs; the one that
leaves the least wrong is chosen. A reading whose right values break code that ran by itself leaves more wrong, and is
dropped for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

from grader.instrument.site import CHANGES
from grader.judge.matching.align import bindings_of, narrowed, right_bindings
from grader.judge.matching.compare import compare, same
from grader.judge.matching.naming import meanings
from grader.judge.matching.types import Alignment, Match, Scene
from grader.judge.runs.forced import Forced, ForcedRuns, faults, is_wrong
from grader.model import Value
from grader.runner.types import Event, Key
from grader.runner.wire import AFTER_STATEMENT, FIRST_ENTRY

MAX_FURTHER_READINGS = 8
"""Readings tried besides the first, at most."""


def chosen(runs: ForcedRuns, alignment: Alignment) -> Forced:
    """Return the reading that leaves the least wrong, by its forced runs."""
    scene = runs.scene
    best = runs.counted(alignment)
    left = faults(scene, best)
    tried = 0
    handed_in = partial(_where_handed_in, runs)
    for change in (_after_loops, _before_taken_over, _narrowed, _without_own_names, _exchanged, _earlier, handed_in):
        for other in change(scene, best) if left.any else ():
            if tried >= MAX_FURTHER_READINGS or other == best.alignment:
                continue
            tried += 1
            if not _is_meant(scene, runs.of(other), best):
                continue
            again = runs.anew(other)
            if _is_meant(scene, again, best):
                best, left = again, faults(scene, again)
    return best


def _is_meant(scene: Scene, other: Forced, best: Forced) -> bool:
    """Whether another reading is preferred: it leaves less wrong, or as much, and takes fewer of the student's own
    names for the exercise's."""
    found, left = faults(scene, other), faults(scene, best)
    if (found.spoilt, found.steps) != (left.spoilt, left.steps):
        return (found.spoilt, found.steps) < (left.spoilt, left.steps) and _is_charged(scene, other, best)
    gone = best.alignment.matches.keys() - other.alignment.matches.keys()
    return found < left and all(_is_own_name(scene, best.alignment.matches[name]) for name in gone)


def _is_charged(scene: Scene, other: Forced, best: Forced) -> bool:
    """Whether no mistake is lost by choosing an earlier binding: if a quantity was right and then spoilt, a step that
    read the spoilt value has to be wrong."""
    for name, match in other.alignment.matches.items():
        before = best.alignment.matches.get(name)
        kept = before is not None and _when(match.events) in (_when(before.events), _when(before.handed))
        if before is None or kept or before.bound_as != match.bound_as or _is_taken_over(scene, before):
            continue
        last = max((event.sequence for event in before.events[:1] if event is not None), default=0)
        if not any(_reads_after(scene, step.name, other, match.bound_as, last) for step in scene.exercise.steps):
            return False
    return True


def _when(events: Sequence[Event | None]) -> list[int | None]:
    return [None if event is None else event.sequence for event in events]


def _after_loops(scene: Scene, forced: Forced) -> Iterator[Alignment]:
    """Yield the reading in which wrong quantities that a loop builds up are what they are after it: with right values
    fed in, `if not mask[i, j]: continue` may let other passes run."""
    changed: dict[str, Match] = {}
    for name, match in forced.alignment.matches.items():
        if match.slot is not None or None in match.events or not _is_left_wrong(scene, forced, name):
            continue
        built = _is_built_by_a_loop(scene, match)
        events = (
            tuple(replace(event, occurrence=AFTER_STATEMENT) for event in match.events if event)
            if built
            else match.events
        )
        origins = tuple(place for place in match.origins if not scene.sites[place[0]].in_loop)
        if built or origins != match.origins:
            changed[name] = replace(match, events=events, origins=origins)
    if changed:
        yield Alignment({**forced.alignment.matches, **changed})


def _where_handed_in(runs: ForcedRuns, scene: Scene, forced: Forced) -> Iterator[Alignment]:
    """Yield the reading in which wrong quantities that a function stores are these from where it gets them: a tape's
    `node.back(upstream)` adds `upstream` to `self.grad`, and goes on with `upstream`."""
    wrong = {
        name: match
        for name, match in forced.alignment.matches.items()
        if match.slot is None and None not in match.events and _is_left_wrong(scene, forced, name)
    }
    storing = {scope for match in wrong.values() for scope in _stored_in(scene, match)}
    if len(wrong) < 2 or not storing:
        return
    observed = [{event.place: event for event in events} for events in runs.observed()]
    changed: dict[str, Match] = {}
    for name, match in wrong.items():
        values = [event.value for event in match.events if event is not None]
        for event in observed[0].values():
            if event.place in _places(match):
                break
            site = scene.sites[event.site]
            if site.kind != "parameter" or site.scope not in storing:
                continue
            twins = (at.get(event.place) for at in observed)
            if all(one and same(one.value, value) for one, value in zip(twins, values, strict=True)):
                changed[name] = replace(match, origins=(event.place, *match.origins))
                break
    if changed:
        yield Alignment({**forced.alignment.matches, **changed})


def _places(match: Match) -> set[Key]:
    return {*match.origins, *(event.place for event in match.events[:1] if event is not None)}


def _stored_in(scene: Scene, match: Match) -> frozenset[str]:
    """The functions that store a value which was handed in to them."""
    sites = (scene.sites[number] for number, _ in _places(match))
    return frozenset(site.scope for site in sites if site.scope)


def _is_left_wrong(scene: Scene, forced: Forced, name: str) -> bool:
    return any(name not in at for at in forced.commits) or is_wrong(forced, scene, name)


def _is_built_by_a_loop(scene: Scene, match: Match) -> bool:
    """Whether a top-level loop changes a variable in its passes, of which the last is meant, and reads it for nothing
    else."""
    own = _first(match)
    site = scene.sites[own.site]
    if (
        site.kind not in ("again", "whole")
        or not site.in_loop
        or site.scope
        or site.owner
        or own.occurrence >= FIRST_ENTRY
    ):
        return False
    loop = [one for one in scene.sites.all if (one.cell, one.top) == (site.cell, site.top) and not one.scope]
    parts = {one.number for one in loop if {*site.names} & {*one.names} and one.kind in ("again", "whole")}
    last = (
        event.sequence == max(one.sequence for one in trace.events if one.site in parts)
        for event, trace in zip(match.events, scene.traces, strict=True)
        if event is not None
    )
    mentioned = (one for one in loop if one.kind != "item" and {*site.names} & {*one.names, *one.reads})
    return all(last) and all(one.number in parts for one in mentioned)


def _before_taken_over(scene: Scene, forced: Forced) -> Iterator[Alignment]:
    """Yield the reading in which wrong quantities are what they were before they were changed into another one: for
    `dh *= slope; dz = dh`, `dh` as it was before that line."""
    changed: dict[str, Match] = {}
    for name, match in forced.alignment.matches.items():
        if scene.right(name, match.values()) or not _is_taken_over(scene, match):
            continue
        bound = bindings_of(scene, match)
        earlier = [event for event in bound[0] if event.sequence < _first(match).sequence]
        by_place = [{event.place: event for event in events} for events in bound]
        if earlier and all(earlier[-1].place in at for at in by_place):
            events = tuple(at[earlier[-1].place] for at in by_place)
            changed[name] = replace(match, events=events, origins=(), held_at=())
    if changed:
        yield Alignment({**forced.alignment.matches, **changed})


def _is_taken_over(scene: Scene, match: Match) -> bool:
    """Whether a name was changed in place, and its value is then bound to another quantity's name."""
    if match.slot is not None or match.how != "name" or None in match.events:
        return False
    own = _first(match)
    if scene.sites[own.site].kind not in CHANGES:
        return False
    following = (event for event in scene.traces[0].events if event.sequence > own.sequence)
    return any(_takes(scene, event, match) and same(event.value, own.value) for event in following)


def _takes(scene: Scene, event: Event, match: Match) -> bool:
    site = scene.sites[event.site]
    meant = (one.quantity for one in meanings(scene.names, event, site))
    return site.copy and match.bound_as in site.reads and any(quantity != match.quantity for quantity in meant)


def _first(match: Match) -> Event:
    return next(event for event in match.events if event is not None)


def _reads_after(scene: Scene, step: str, forced: Forced, name: str, sequence: int) -> bool:
    match = forced.alignment.matches.get(step)
    event = None if match is None else match.events[0]
    return (
        event is not None
        and event.sequence >= sequence
        and name in scene.sites[event.site].reads
        and is_wrong(forced, scene, step)
    )


def _narrowed(scene: Scene, forced: Forced) -> Iterator[Alignment]:
    left = faults(scene, forced)
    if left.spoilt or left.steps + left.forward > 1:
        yield narrowed(scene, forced.alignment)


def _without_own_names(scene: Scene, forced: Forced) -> Iterator[Alignment]:
    """Yield the readings without the forward names that hold something else: without all, then without each alone."""
    matches = forced.alignment.matches
    forward = [step.name for step in scene.exercise.forward_steps if step.name in matches]
    wrong = [name for name in forward if not scene.right(name, matches[name].values())]
    for names in (wrong, *([name] for name in wrong if len(wrong) > 1)):
        if names:
            yield Alignment({name: match for name, match in matches.items() if name not in names})


def _exchanged(scene: Scene, forced: Forced) -> Iterator[Alignment]:
    """Yield the readings in which two wrong forward names of one shape stand for one another: `z1 = tanh(a1)`, where
    the exercise has `A1 = tanh(Z1)`."""
    matches = forced.alignment.matches
    forward = [step.name for step in scene.exercise.forward_steps if step.name in matches and step.family is None]
    wrong = [name for name in forward if not scene.right(name, matches[name].values()) and matches[name].slot is None]
    for one, other in combinations(wrong, 2):
        if scene.reference.values[0][one].shape == scene.reference.values[0][other].shape:
            pair = {one: replace(matches[other], quantity=one), other: replace(matches[one], quantity=other)}
            yield Alignment({**matches, **pair})


def _is_own_name(scene: Scene, match: Match) -> bool:
    """Whether a binding is likely to be the student's own: in a function, a loop or a container, or of another shape
    than the quantity's. What a function returns under the quantity's name is not."""
    event = match.handed[0] if match.handed else match.events[0]
    if event is None:
        return False
    site = scene.sites[event.site]
    right = scene.reference.values[0][match.quantity]
    shaped = (
        isinstance(event.value, Value) and compare(event.value, right, scene.measure(0, match.quantity)).why != "shape"
    )
    return bool(site.scope or site.in_loop or site.owner or site.kind == "item" or not shaped)


def _earlier(scene: Scene, forced: Forced) -> Iterator[Alignment]:
    """Yield the readings with an earlier binding of a wrong quantity's name that was right before it was changed."""
    for name, match in forced.alignment.matches.items():
        if match.slot is not None or scene.right(name, match.values()) or match.how != "name":
            continue
        for held, _ in right_bindings(scene, name, bindings_of(scene, match)):
            earlier = replace(match, events=tuple(held), origins=(), held_at=())
            yield Alignment({**forced.alignment.matches, name: earlier})
            break
