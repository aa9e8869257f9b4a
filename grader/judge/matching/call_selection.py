"""Choose which call of a function is the answer, where the function is called several times.

`chain(h0, w_h + 1e-6, w_y)` after `chain(h0, w_h, w_y)` is no second answer: it evaluates the derivation at other
values, for a check or a plot. The arguments do not tell which call is meant: a helper that is called once per layer
gets different arguments too. The results do: the answer is the call with the most right values, the last one on a tie.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from grader.judge.matching.guesses import CALLS_AT_ENDS, MAX_CALLS
from grader.judge.matching.naming import Names, meanings
from grader.model import Value
from grader.runner.types import Event, Sites, Trace
from grader.runner.wire import FIRST_ENTRY

Right = Callable[[str, Sequence[Sequence[Event]]], Sequence[bool | None]]
"""Whether these bindings, some per point, leave a quantity with its right value at every point; of a family, whether
they do so for each member. None for one that they do not bind."""

Bound = dict[str, list[Event]]
"""The bindings of each quantity."""


def answering(traces: Sequence[Trace], names: Names, sites: Sites, right: Right) -> list[list[Event]]:
    """Return the events of each trace without the calls that are not the answer."""
    events = [list(trace.events) for trace in traces]
    bound = _bound_in_functions(events[0], names, sites)
    inner = [_by_scope(found, set(bound), sites) for found in events]
    starts = [_starts(found, sites) for found in inner]
    dropped: dict[str, int] = {}
    for often in {len(times) for times in starts[0].values() if len(times) > 1}:
        together = [scope for scope in bound if all(len(at.get(scope, ())) == often for at in starts)]
        if not together:
            continue
        calls = [
            {scope: _by_call(found[scope], at[scope], names, sites) for scope in together}
            for found, at in zip(inner, starts, strict=True)
        ]
        together = [scope for scope in together if _is_whole([at[scope] for at in calls], names, right)]

        def worth(
            number: int,
            calls: Sequence[Mapping[str, list[Bound]]] = calls,
            scopes: Sequence[str] = tuple(together),
        ) -> tuple[int, int]:
            here = [{name: found for scope in scopes for name, found in at[scope][number].items()} for at in calls]
            return sum(right(name, [at.get(name, []) for at in here]).count(True) for name in here[0]), number

        best = max(_likely(calls[0], together, often), key=worth)
        if together and best < often - 1:
            dropped.update(dict.fromkeys(together, best))
    if not dropped:
        return events
    return [
        [event for event in found if _counts(event, at, dropped, sites)]
        for found, at in zip(events, starts, strict=True)
    ]


def _likely(calls: Mapping[str, list[Bound]], scopes: Sequence[str], often: int) -> Sequence[int]:
    """The numbers of the calls that may be the answer. If they have many different results, one would be right by
    chance; then only the first and the last few are considered."""
    values = (
        [event.value for scope in scopes for found in calls[scope][number].values() for event in found]
        for number in range(often)
    )
    results = {tuple(value.data for value in found if isinstance(value, Value)) for found in values}
    if len(results) <= MAX_CALLS:
        return range(often)
    return (*range(CALLS_AT_ENDS), *range(often - CALLS_AT_ENDS, often))


def _is_whole(calls: Sequence[Sequence[Bound]], names: Names, right: Right) -> bool:
    """Whether one call binds every quantity that any call binds, and all members of a family: each
    `put(grads, "dW", e)` binds a different one, and so may each call for one time step."""
    here = calls[0]
    fullest = max(range(len(here)), key=lambda number: len(here[number]))
    bound = {name for one in here for name in one}
    return here[fullest].keys() == bound and not any(
        None in right(name, [at[fullest].get(name, []) for at in calls]) for name in bound.intersection(names.indices)
    )


def _counts(event: Event, starts: Mapping[str, list[int]], chosen: Mapping[str, int], sites: Sites) -> bool:
    scope = sites[event.site].scope
    return scope not in chosen or _call_of(event, starts[scope]) == chosen[scope]


def _call_of(event: Event, starts: Sequence[int]) -> int:
    return bisect_right(starts, event.sequence) - 1


def _bound_in_functions(events: Sequence[Event], names: Names, sites: Sites) -> Mapping[str, set[str]]:
    """Per function, the quantities bound there and nowhere at the top level, except families as a whole."""
    found: dict[str, set[str]] = {}
    for event in events:
        site = sites[event.site]
        if event.role == "own":
            bound = {one.quantity for one in meanings(names, event, site)}
            is_member = site.scope or site.in_loop or event.key is not None
            found.setdefault(site.scope, set()).update(bound if is_member else bound.difference(names.indices))
    outer = found.pop("", set())
    inner = {scope: quantities - outer for scope, quantities in found.items()}
    return {scope: some for scope, some in inner.items() if some}


def _by_scope(events: Sequence[Event], scopes: set[str], sites: Sites) -> dict[str, list[Event]]:
    """The bindings in each of these functions, in order."""
    found: dict[str, list[Event]] = {}
    for event in events:
        if (scope := sites.all[event.site].scope) in scopes:
            found.setdefault(scope, []).append(event)
    return found


def _starts(inner: Mapping[str, Sequence[Event]], sites: Sites) -> dict[str, list[int]]:
    """When each call of a function began: when it reached the site outside loops that is reached first. (Parameters do
    not serve: only those that hold given inputs are recorded.)"""
    found: dict[str, list[int]] = {}
    for scope, events in inner.items():
        outside = {site.number for site in sites.all if site.scope == scope and not site.in_loop}
        outside -= {number for number in outside if sites[number].kind == "parameter"}
        reached = [event for event in events if event.site in outside and event.occurrence < FIRST_ENTRY]
        if reached:
            found[scope] = [event.sequence for event in reached if event.site == reached[0].site]
    return found


def _by_call(events: Sequence[Event], starts: Sequence[int], names: Names, sites: Sites) -> list[Bound]:
    """Per call of a function, all bindings of each quantity there."""
    found: list[Bound] = [{} for _ in starts]
    for event in events:
        if event.role == "own" and (number := _call_of(event, starts)) >= 0:
            for one in meanings(names, event, sites[event.site]):
                found[number].setdefault(one.quantity, []).append(event)
    return found
