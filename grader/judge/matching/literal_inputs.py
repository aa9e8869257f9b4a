"""Find typed-in numbers without a name that stand for given ones: `p = [0.5, 2.0, 40.0]`, used as `p[0]`.

A formula has numbers of its own, so the value alone does not decide. If something comes out wrong, the submission is
also run with the point's numbers in such places. The reading with the most right quantities is chosen; if none has more
than the code as it stands, the code is read as it stands. All of these are natural runs: no right value has been
revealed yet.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.instrument.name_matching import input_of
from grader.instrument.site import Site
from grader.judge.matching.align import align
from grader.judge.matching.compare import Measure, compare, same
from grader.judge.matching.naming import Names, meanings
from grader.judge.matching.types import Alignment, Match, Scene
from grader.model import Value
from grader.runner.types import Event, Key, Sites, Trace
from grader.syntax_trees import tree_of

EXACT = Measure(1e-6, 0.0)
"""Tolerance between a typed-in number and the given one it stands for."""

MOST = 12
"""Readings tried at most: each costs a run."""

Decisions = Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class Group:
    """The numbers of one statement that equal given ones; `pure` says that it has no others."""

    decisions: Decisions
    pure: bool


def may_stand_for_given(
    given: Mapping[str, Value], events: Sequence[Event], sites: Sites, decisions: Decisions
) -> bool:
    """Whether any typed-in number is one of the given ones, and no input yet: a quick test for `literal_inputs`."""
    return any(
        sites[event.site].literal
        and event.place not in decisions
        and event.role == "own"
        and any(compare(event.value, value, EXACT).right for value in given.values())
        for event in events
    )


def literal_inputs(
    scene: Scene, events: Sequence[Event], decisions: Decisions, run: Callable[[Decisions], Trace]
) -> Decisions | None:
    """Return the typed-in numbers that stand for given ones, in addition to `decisions`; None if there are none.

    `scene` has the given point and one probe; `events` are all bindings at the given point, `run` makes the natural run
    at the probe."""
    groups = _groups(scene, events, decisions)
    most = _right(scene) if groups else len(scene.quantities)
    best: Decisions | None = None
    if most == len(scene.quantities):
        return None
    for added in _choices(groups):
        trace = run({**decisions, **added})
        if len(trace.raised) > len(scene.traces[1].raised):
            continue  # it breaks code that ran by itself
        right = _right(replace(scene, traces=(scene.traces[0], trace)))
        if right > most:
            most, best = right, added
        if most == len(scene.quantities):
            break
    return best


def _right(scene: Scene) -> int:
    """How many quantities are right in the natural runs of the scene."""
    return sum(scene.right(name, match.values()) for name, match in align(scene).matches.items())


def _choices(groups: Sequence[Group]) -> Iterator[Decisions]:
    """Yield the readings to try: all groups, the pure ones, each group alone, each group left out; none twice."""
    sets = [groups, [one for one in groups if one.pure], *([one] for one in groups)]
    sets += [[one for one in groups if one is not other] for other in groups]
    seen: list[Decisions] = []
    for some in sets:
        made = {place: name for one in some for place, name in one.decisions.items()}
        if made and made not in seen and len(seen) < MOST:
            seen.append(made)
            yield made


def _groups(scene: Scene, events: Sequence[Event], decisions: Decisions) -> list[Group]:
    sites = scene.sites
    redrawn = {one.name for one in scene.exercise.inputs if not one.fixed}
    given = scene.reference.points[0].inputs
    found: dict[object, dict[Key, str]] = {}
    for event in events:
        site = sites[event.site]
        if event.place in decisions or not site.literal or event.role != "own":
            continue
        equal = [name for name in given if compare(event.value, given[name], EXACT).right]
        if len(equal) == 1 and equal[0] in redrawn and _may_stand_for(equal[0], scene.names, event, site):
            found.setdefault((site.cell, site.statement), {})[event.place] = equal[0]
    return [Group(made, _is_pure(made, sites)) for made in found.values()]


def _may_stand_for(name: str, names: Names, event: Event, site: Site) -> bool:
    """Whether a typed-in number may stand for the input `name`: not if it was bound to the name of something else."""
    spoken = (event.label,) if event.label else site.names
    called = {input_of(label, names.labels.inputs, names.exact) for label in spoken} - {None}
    return called == {name} or not (called or meanings(names, event, site))


def _is_pure(made: Decisions, sites: Sites) -> bool:
    first = sites[next(iter(made))[0]]
    typed = [site for site in sites.all if (site.cell, site.statement) == (first.cell, first.statement)]
    return {site.number for site in typed if site.literal and site.kind != "assign"} <= {number for number, _ in made}


def unbound(scene: Scene, alignment: Alignment, decisions: Decisions) -> frozenset[str]:
    """Return the inputs that a submission neither binds nor reads by name, or that get their numbers where no binding
    is seen (`globals().update(...)`). It cannot be run at other numbers: what it does there is no evidence."""
    if scene.exercise.answer is not None:
        return frozenset()
    left = {one.name for one in scene.exercise.inputs if not one.fixed} - set(decisions.values())
    if not left:
        return frozenset()
    nodes = [node for source in scene.sites.sources for node in ast.walk(tree_of(source))]
    passed = {
        one.id
        for node in nodes
        if isinstance(node, ast.comprehension | ast.For)
        for one in ast.walk(node.target)
        if isinstance(one, ast.Name)
    }
    read = _inputs(scene.names, (label for node in nodes if (label := _label(node)) not in passed))
    fixed = (match for match in alignment.matches.values() if _is_fixed(scene, match))
    return frozenset(left - read | left & {name for match in fixed for name in inputs_mentioned(scene, match)})


def _is_fixed(scene: Scene, match: Match) -> bool:
    """Whether the value is right at the given numbers and the same at all others, where others would be right."""
    name = match.quantity
    first, *others = (None if event is None else event.value for event in match.values())
    return (
        first is not None
        and scene.varies(name)
        and compare(first, scene.reference.values[0][name], scene.measure(0, name)).right
        and all(value is not None and same(first, value) for value in others)
    )


def inputs_mentioned(scene: Scene, match: Match) -> set[str]:
    """The inputs whose names stand in the top-level statement that bound a quantity."""
    event = match.value_at(0)
    if event is None:
        return set()
    site = scene.sites[event.site]
    statement = tree_of(scene.sites.sources[site.cell]).body[site.top]
    attributes = (one.attr for one in ast.walk(statement) if isinstance(one, ast.Attribute))
    return _inputs(scene.names, (*map(_label, ast.walk(statement)), *attributes))


def _inputs(names: Names, labels: Iterable[str | None]) -> set[str]:
    """The inputs that some of these labels name."""
    found = (input_of(label, names.labels.inputs, names.exact) for label in labels if label is not None)
    return {name for name in found if name is not None}


def _label(node: ast.AST) -> str | None:
    """The name by which a node may read an input that nothing binds: not an attribute or a keyword, which some object
    has to hold first, and not a name that is bound there."""
    match node:
        case ast.Name(id=label, ctx=ast.Load()):
            return label
        case ast.Constant(value=str(label)):
            return label
        case _:
            return None


def without_typed(trace: Trace, sites: Sites) -> Trace:
    """Return the trace without the numbers that are bound to nothing."""
    return replace(trace, events=tuple(event for event in trace.events if sites[event.site].kind != "typed"))
