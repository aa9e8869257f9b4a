"""Match the bindings of a submission to quantities: by name first, and by value where names say nothing.

Everything is decided per point, since a run may take another path at other numbers; bindings at two points are the same
if they are the same occurrence of the same site.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from grader.exercise.types import Exercise, Step
from grader.instrument.name_matching import normal
from grader.instrument.site import Site
from grader.judge.matching.answer_end import first_bound, is_start, last_sequence, other_ends, within_answer
from grader.judge.matching.by_value import is_named, match_functions, match_values, rematched_by_value, with_origins
from grader.judge.matching.call_selection import answering
from grader.judge.matching.compare import same
from grader.judge.matching.families import Member, members_of
from grader.judge.matching.guesses import likely
from grader.judge.matching.naming import Names, meanings
from grader.judge.matching.types import Alignment, Found, Kept, Match, Scene, Statement
from grader.model import Opaque
from grader.runner.types import Event, Sites, Trace


def align(scene: Scene) -> Alignment:
    """Find every quantity's binding. Of the places where the answer may end, choose the one with which most asked-for
    steps are right; on a tie, the one that names suggest."""
    answers = answering(scene.traces, scene.names, scene.sites, partial(_are_right, scene))
    named = [_by_name(scene.names, scene.sites, events) for events in answers]
    best = _reading(
        scene, named, [within_answer(scene, events, found) for events, found in zip(answers, named, strict=True)]
    )
    most, asked = _right_steps(scene, best), len(scene.exercise.steps)
    if most < asked and scene.exercise.answer is None:
        for kept in other_ends(scene, answers, named):
            reading = _reading(scene, named, kept)
            # An end that leaves out a step takes its repair from the student, and the points of a carried one.
            if (right := _right_steps(scene, reading)) > most and best[0].keys() <= reading[0].keys():
                best, most = reading, right
    matches, kept = best
    if most < asked:
        from grader.judge.matching.handed_on import made_under  # imported here: only needed where something is wrong

        matches = made_under(scene, matches, kept)
    return Alignment(with_origins(scene, matches, kept))


def _reading(scene: Scene, named: Sequence[Found], kept: Kept) -> tuple[dict[str, Match], Kept]:
    matches = _named_matches(scene, named, kept)
    matches = rematched_by_value(scene, matches)
    doubtful = {name: match for name, match in matches.items() if _is_wrong_local(scene, match)}
    for name in doubtful:
        del matches[name]
    match_values(scene, matches, kept)
    match_functions(scene, matches, kept)
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


def narrowed(scene: Scene, alignment: Alignment) -> Alignment:
    """The alignment in which a wrong value counts as a quantity only under the quantity's own names.

    In `db = da`, which lacks a sum, `da` is not the bias gradient although it has the same value: replacing `da` by the
    right bias gradient would spoil what else is made from it."""
    result = {}
    for name, match in alignment.matches.items():
        if not scene.right(name, match.values()):
            if match.handed:
                match = replace(match, events=match.handed, origins=(), held_at=(), handed=())
            held_at = tuple(place for place in match.held_at if is_named(scene, name, place))
            match = replace(match, origins=tuple(place for place in match.origins if place in held_at), held_at=held_at)
        result[name] = match
    return Alignment(result)


def answer_end(exercise: Exercise, names: Names, sites: Sites, trace: Trace) -> Statement | None:
    """The top-level statement that ends the answer: later runs need not go further. None where it is not known."""
    if exercise.answer is not None:
        return None
    first = first_bound(exercise, _by_name(names, sites, trace.events))
    last = last_sequence(trace.events, sites, first)
    # If the last binding is in a function, it belongs to a statement that may have bound nothing else: the one that
    # binds something next is that statement, or follows it.
    outer = (event for event in trace.events if event.sequence >= last and not sites[event.site].scope)
    end = next(outer, None)
    return None if end is None else (sites[end.site].cell, sites[end.site].top)


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
    return name, events if all(is_start(event.value) for event in outer) else outer


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
