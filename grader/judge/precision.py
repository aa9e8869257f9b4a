"""How closely each quantity has to be met: as its own float allows, and those of what it is made from.

A float32 on the way to a quantity loosens what is asked of that quantity, and of no other. A float16 or bfloat16 does
so only where a given number is held in it, as in a submission that is written in it throughout: nobody's derivation
needs a detour through one, and 5 % would hide real mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader.exercise.types import Step
from grader.judge.align import Scene
from grader.judge.compare import Measure, compare, measure
from grader.judge.naming import meanings
from grader.model import Value
from grader.runner.types import Event, Key, Sites, Trace

Floats = frozenset[str]
"""Those of float32, float16 and bfloat16 that a value was made in."""

_NONE: Floats = frozenset()
_HALF = {"float16": Measure(2**-11, 1e-7), "bfloat16": Measure(2**-8, 0.0)}
"""How closely these hold a number."""

_COARSE = {"float32"} | _HALF.keys()
_BUILDS = ("again", "item", "whole", "touched", "appended")
"""Kinds of sites that leave something of what their name held before."""


def with_precision(scene: Scene) -> Scene:
    """The scene with a measure of its own for each quantity, where not all floats are float64 (in most, all are)."""
    if not any(_dtype(event) in _COARSE for trace in scene.traces for event in trace.events):
        return scene
    floats = _of_quantities(scene)
    return replace(
        scene,
        finest=scene.measures,
        measures=_measures(scene, _NONE.union(*floats.values())),
        particular={name: _measures(scene, made_in) for name, made_in in floats.items()},
    )


def _measures(scene: Scene, floats: Floats) -> tuple[Measure, ...]:
    policy = scene.exercise.policy
    return tuple(measure(policy.tolerance, policy.shapes == "strict", size, floats) for size in scene.largest)


def _of_quantities(scene: Scene) -> dict[str, Floats]:
    """What the bindings of each quantity were made in: those of its names, and those that hold its value."""
    found = dict.fromkeys((step.name for step in scene.quantities), _NONE)
    families: dict[str, list[str]] = {}
    for step in scene.quantities:
        families.setdefault(step.family or step.name, []).append(step.name)
    givens = _given_in_half(scene)
    for k, trace in enumerate(scene.traces):
        for event, floats in _made_in(scene, trace, givens):
            if not floats:
                continue
            named = {one.quantity for one in meanings(scene.names, event, scene.sites[event.site])}
            for name in (name for quantity in named for name in families.get(quantity, ())):
                found[name] |= floats
            for step in scene.quantities:
                if not floats <= found[step.name] and _holds(scene, k, step, event, floats):
                    found[step.name] |= floats
    return found


def _holds(scene: Scene, point: int, step: Step, event: Event, floats: Floats) -> bool:
    tolerance, right = scene.exercise.policy.tolerance, scene.reference.values[point][step.name]
    return compare(event.value, right, measure(tolerance, False, scene.largest[point], floats)).right


def _made_in(scene: Scene, trace: Trace, givens: frozenset[Key]) -> Iterator[tuple[Event, Floats]]:
    """Each binding of a run with the floats it was made in; `givens` are those of given numbers in half floats.

    What names in functions were bound to is kept beside what the same names hold elsewhere: rather too much than too
    little. A parameter holds what the statement reads that calls the function: the next to bind outside of it."""
    held: dict[str, Floats] = {}
    parameters = {(site.scope, name) for site in scene.sites.all if site.kind == "parameter" for name in site.names}
    callers = _callers(scene.sites, trace.events)
    inside, entered, statement = _NONE, _NONE, None
    for event, caller in zip(trace.events, callers, strict=True):
        site = scene.sites[event.site]
        reads = site.reads
        if caller is not None and any((site.scope, name) in parameters for name in reads):
            reads |= scene.sites[caller.site].reads
        own = _dtype(event) in _COARSE and (_dtype(event) not in _HALF or event.place in givens)
        floats = frozenset({_dtype(event)} if own else ()).union(*(held.get(name, _NONE) for name in reads))
        names = (*((event.label,) if event.label else site.names), *((site.owner,) if site.owner else ()))
        if site.scope:
            inside |= floats
        else:
            if site.statement != statement:
                statement, entered, inside = site.statement, inside, _NONE
            floats |= entered | inside
        for name in names:
            keeps = site.scope or name == site.owner or site.kind in _BUILDS
            held[name] = floats | held.get(name, _NONE) if keeps else floats
        yield event, floats


def _callers(sites: Sites, events: Sequence[Event]) -> list[Event | None]:
    """For each binding in a function the next one after it at the top level."""
    found: list[Event | None] = []
    caller: Event | None = None
    for event in reversed(events):
        inner = bool(sites[event.site].scope)
        found.append(caller if inner else None)
        caller = caller if inner else event
    return found[::-1]


def _given_in_half(scene: Scene) -> frozenset[Key]:
    """The bindings that hold a given number at every point, as closely as a half float can."""
    found: dict[Key, bool] = {}
    for k, trace in enumerate(scene.traces):
        for event in trace.events:
            if (by := _HALF.get(_dtype(event))) is not None:
                inputs: Mapping[str, Value] = scene.reference.points[k].inputs
                given = event.role == "input" or any(compare(event.value, one, by).right for one in inputs.values())
                found[event.place] = given and found.get(event.place, True)
    return frozenset(place for place, given in found.items() if given)


def _dtype(event: Event) -> str:
    return event.value.dtype if isinstance(event.value, Value) else ""
