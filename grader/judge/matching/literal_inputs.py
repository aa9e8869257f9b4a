"""Find what stands for given numbers without being bound under their names: typed-in numbers, `p = [0.5, 2.0, 40.0]`,
used as `p[0]`, and arrays handed to a parameter of that name, `backward(rng.normal(size=(4, 2)))`.

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
from grader.judge.matching.naming import Names, input_given, meanings
from grader.judge.matching.types import Alignment, Match, Scene
from grader.model import Value
from grader.runner.types import Event, Key, Sites, Trace
from grader.syntax_trees import tree_of

LITERAL_TOLERANCE = Measure(1e-6, 0.0)
"""Tolerance between a typed-in number and the given one it stands for."""

MAX_READINGS = 12
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
    """Whether any typed-in number is one of the given ones, and no input yet, or any argument may be one: a quick test
    for `literal_inputs`."""
    return any(
        event.place not in decisions
        and event.role == "own"
        and (
            sites[event.site].kind == "parameter"
            or (
                sites[event.site].literal
                and any(compare(event.value, value, LITERAL_TOLERANCE).right for value in given.values())
            )
        )
        for event in events
    )


def literal_inputs(
    scene: Scene, events: Sequence[Event], decisions: Decisions, run: Callable[[int, Decisions], Trace]
) -> Decisions | None:
    """Return the typed-in numbers that stand for given ones, in addition to `decisions`; None if there are none.

    `scene` has the given point and one probe; `events` are all bindings at the given point, `run` makes the natural run
    at one of the two."""
    groups = _groups(scene, events, decisions)
    most = _right(scene) if groups else len(scene.quantities)
    best: Decisions | None = None
    if most == len(scene.quantities):
        return None
    for added in _choices(groups):
        trace = run(1, {**decisions, **added})
        if len(trace.raised) > len(scene.traces[1].raised):
            continue  # it breaks code that ran by itself
        own = scene.traces[0]  # a typed-in number is the given one there; an argument is a number of the student's own
        if any(scene.sites[number].kind == "parameter" for number, _ in added):
            own = run(0, {**decisions, **added})
        right = _right(replace(scene, traces=(own, trace)))
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
        if made and made not in seen and len(seen) < MAX_READINGS:
            seen.append(made)
            yield made


def _groups(scene: Scene, events: Sequence[Event], decisions: Decisions) -> list[Group]:
    sites = scene.sites
    redrawn = {one.name for one in scene.exercise.inputs if not one.fixed}
    given = scene.reference.points[0].inputs
    found: dict[object, dict[Key, str]] = {}
    arguments: dict[str, dict[Key, str]] = {}
    for event in events:
        site = sites[event.site]
        if site.kind == "parameter" and event.role == "own":
            name = input_given(scene.names, event, site)
            if name is not None and name not in decisions.values():
                arguments.setdefault(site.scope, {})[event.place] = name
            continue
        if event.place in decisions or not site.literal or event.role != "own":
            continue
        equal = [name for name in given if compare(event.value, given[name], LITERAL_TOLERANCE).right]
        if len(equal) == 1 and equal[0] in redrawn and _may_stand_for(equal[0], scene.names, event, site):
            found.setdefault((site.cell, site.statement), {})[event.place] = equal[0]
    named = [Group(made, True) for made in arguments.values()]
    return [*named, *(Group(made, _is_pure(made, sites)) for made in found.values())]


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
    read = _inputs(scene.names, (label for source in scene.sites.sources for label in _free(tree_of(source))))
    fixed = (match for match in alignment.matches.values() if _is_fixed(scene, match))
    return frozenset(left - read | left & {name for match in fixed for name in inputs_mentioned(scene, match)})


def _is_fixed(scene: Scene, match: Match) -> bool:
    """Whether the value is the same at all points, where it would vary. A wrong one is some array of numbers: zeros may
    be the same without any input."""
    name = match.quantity
    first, *others = (None if event is None else event.value for event in match.values())
    if not isinstance(first, Value) or not scene.varies(name):
        return False
    right = compare(first, scene.reference.values[0][name], scene.measure(0, name)).right
    return (right or len(set(first.numbers())) > 1) and all(
        value is not None and same(first, value) for value in others
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


def _free(tree: ast.Module) -> Iterator[str]:
    """The names by which code may read inputs that nothing binds: not parameters, nor what loops and comprehensions go
    through."""
    loops = {name for node in ast.walk(tree) if isinstance(node, ast.For) for name in _names_in(node.target)}
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(tree, frozenset(loops))]
    while waiting:
        node, own = waiting.pop()
        match node:
            case ast.FunctionDef(args=args) | ast.AsyncFunctionDef(args=args) | ast.Lambda(args=args):
                own |= {one.arg for one in ast.walk(args) if isinstance(one, ast.arg)}
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                own |= {name for one in node.generators for name in _names_in(one.target)}
        if (label := _label(node)) is not None and label not in own:
            yield label
        waiting += ((inner, own) for inner in ast.iter_child_nodes(node))


def _names_in(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


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
    """Return the trace without what may stand for given numbers, but is bound to no name of the program's own."""
    events = (
        event
        for event in trace.events
        if sites[event.site].kind not in ("typed", "parameter")
        or (sites[event.site].kind == "parameter" and event.role == "input")
    )
    return replace(trace, events=tuple(events))
