"""Decide how closely each quantity has to be met: as its own floats, and those of what it is made from, allow.

A float32 on the way to a quantity loosens the tolerance of that quantity, and of no other. A float16 or bfloat16 does
so only if a given number is held in it and in nothing wider, as in a submission written in it throughout (most are
given wider floats before they run, `runner/child/libraries`): no derivation needs a detour through a half float, and
a tolerance of 5 % would hide real mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.exercise.types import Step
from grader.instrument.site import ADDS, Position, Site
from grader.judge.matching.compare import Measure, compare, measure
from grader.judge.matching.naming import meanings
from grader.judge.matching.types import Scene
from grader.model import Value
from grader.runner.types import Event, Key, Sites

Floats = frozenset[str]
"""The types among float32, float16 and bfloat16 that a value was made in."""

_NONE: Floats = frozenset()
_HALF = {"float16": Measure(2**-11, 1e-7), "bfloat16": Measure(2**-8, 0.0)}
"""How closely half floats hold a number."""

_EXACT = Measure(1e-6, 0.0)
"""How closely wider floats hold a number."""

_COARSE = {"float32"} | _HALF.keys()


def with_precision(scene: Scene) -> Scene:
    """Return the scene with a measure of its own for each quantity, unless all floats are float64 (as in most
    submissions)."""
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
    """Per quantity, the floats its bindings were made in: those under its names, and those that hold its value."""
    found = dict.fromkeys((step.name for step in scene.quantities), _NONE)
    givens, parameters = _given_in_half(scene), _parameters(scene.sites)
    for k, trace in enumerate(scene.traces):
        flow = _Flow(scene.sites, givens, parameters)
        for event, caller in zip(trace.events, _callers(scene.sites, trace.events), strict=True):
            floats = flow.made_in(event, caller)
            others = [step for step in scene.quantities if not floats <= found[step.name]]
            for name in _quantities_of(scene, k, event, floats, others) if others else ():
                found[name] |= floats
    return found


def _quantities_of(scene: Scene, point: int, event: Event, floats: Floats, steps: Sequence[Step]) -> Iterator[str]:
    """Those of `steps` that a binding made in `floats` may be."""
    named = {one.quantity for one in meanings(scene.names, event, scene.sites[event.site])}
    by = measure(scene.exercise.policy.tolerance, False, scene.largest[point], floats)
    for step in steps:
        right = scene.reference.values[point][step.name]
        if (step.family or step.name) in named or compare(event.value, right, by).right:
            yield step.name


def _parameters(sites: Sites) -> dict[str, set[str]]:
    """The names of parameters, by the scope of their function."""
    found: dict[str, set[str]] = {}
    for site in sites.all:
        if site.kind == "parameter":
            found.setdefault(site.scope, set()).update(site.names)
    return found


@dataclass(slots=True)
class _Flow:
    """Follows one run, binding by binding: the floats that the value of each name was made in.

    Floats of names bound in functions are merged with those of the same names elsewhere: an overestimate is safer than
    an underestimate. `inside`: the floats of all that functions bound since the last binding at the top level.
    `entered`: the floats of all that functions bound when the top-level `statement` called them."""

    sites: Sites
    givens: frozenset[Key]
    parameters: Mapping[str, set[str]]
    held: dict[str, Floats] = field(default_factory=dict)
    inside: Floats = _NONE
    entered: Floats = _NONE
    statement: Position | None = None

    def made_in(self, event: Event, caller: Event | None) -> Floats:
        """The floats a binding was made in; `caller` is the next top-level binding after one inside a function."""
        site = self.sites[event.site]
        reads = site.reads
        if caller is not None and not reads.isdisjoint(self.parameters.get(site.scope, ())):
            reads |= self.sites[caller.site].reads  # a parameter holds what the calling statement reads
        floats = self._own(event).union(*(self.held.get(name, _NONE) for name in reads))
        floats = self._with_calls(site, floats)
        self._bind(event, site, floats)
        return floats

    def _own(self, event: Event) -> Floats:
        dtype = _dtype(event)
        counts = dtype in _COARSE and (dtype not in _HALF or event.place in self.givens)
        return frozenset({dtype}) if counts else _NONE

    def _with_calls(self, site: Site, floats: Floats) -> Floats:
        if site.scope:
            self.inside |= floats
            return floats
        if site.statement != self.statement:
            self.statement, self.entered, self.inside = site.statement, self.inside, _NONE
        return floats | self.entered | self.inside

    def _bind(self, event: Event, site: Site, floats: Floats) -> None:
        for name in (event.label,) if event.label else site.names:
            keeps = site.scope or site.kind in ADDS
            self.held[name] = floats | self.held.get(name, _NONE) if keeps else floats
        if site.owner:
            self.held[site.owner] = floats | self.held.get(site.owner, _NONE)


def _callers(sites: Sites, events: Sequence[Event]) -> list[Event | None]:
    """For each binding in a function, the next top-level binding after it."""
    found: list[Event | None] = []
    caller: Event | None = None
    for event in reversed(events):
        inner = bool(sites[event.site].scope)
        found.append(caller if inner else None)
        caller = caller if inner else event
    return found[::-1]


def _given_in_half(scene: Scene) -> frozenset[Key]:
    """The bindings that hold a given number at every point, within the precision of a half float, if nothing is made
    from a wider float that holds the same number."""
    found: dict[Key, set[str]] = {}
    for k, trace in enumerate(scene.traces):
        inputs = scene.reference.points[k].inputs
        for event in trace.events:
            if (by := _HALF.get(_dtype(event))) is not None:
                held = {name for name, one in inputs.items() if compare(event.value, one, by).right}
                found[event.place] = held & found.get(event.place, held)
    wider = _used_in_wider_floats(scene) if any(found.values()) else frozenset()
    return frozenset(place for place, held in found.items() if held - wider)


def _used_in_wider_floats(scene: Scene) -> frozenset[str]:
    """The inputs that are held in wider floats and from which something in a wider float is made."""
    inputs, events = scene.reference.points[0].inputs, scene.traces[0].events
    holding: dict[str, frozenset[str]] = {}
    used: frozenset[str] = _NONE
    for event in events:
        if not isinstance(event.value, Value):
            continue
        site, half = scene.sites[event.site], event.value.dtype in _HALF
        for name in site.reads if not half else ():
            used |= holding.get(name, _NONE)
        held = (name for name, one in inputs.items() if not half and compare(event.value, one, _EXACT).right)
        holding.update(dict.fromkeys((event.label,) if event.label else site.names, frozenset(held)))
    return used


def _dtype(event: Event) -> str:
    return event.value.dtype if isinstance(event.value, Value) else ""
