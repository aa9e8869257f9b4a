"""Run slow set-up only once, if no step depends on it: choose the statements that later runs can skip.

A submission may build a data set and train a model before the derivation. Running all of that at every point would
multiply the time. Skipping a statement has two conditions. By the text of the submission (`effects`), no counted
binding can see its effects: such statements, and those that depend on them, are skipped, and inputs that they bind are
bound from the exercise. And a run at the given point without them shows, bit for bit, all that the full run showed
(`unchanged`). If either condition fails, every run executes everything.

Which statements are slow is measured, and no verdict may depend on it. What raised in the full run need not raise in a
forced one: a statement that was about to bind a quantity counts as one that did (`awaited`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.instrument.site import Site
from grader.judge.matching.types import Alignment, Scene, Statement
from grader.judge.runs.effects import Effects, effects_of
from grader.runner.types import Event, Key, Sites, Trace


def awaited(scene: Scene, alignment: Alignment) -> set[Statement]:
    """The statements that bind what counts in the run at the given point, and those that raised there and may bind a
    quantity once everything before them is right."""
    sites, trace = scene.sites, scene.traces[0]
    counted = {(sites[number].cell, sites[number].top) for number, _ in alignment.stops(0)}
    raised = {(one.cell, one.statement) for one in trace.raised}
    if not raised:
        return counted
    reached = {event.site for event in trace.events}
    inside = (site for site in sites.all if site.scope and site.number not in reached)
    if scene.exercise.answer is None and any(_quantities(scene, site) for site in inside):
        return counted | raised  # nobody knows which of them called the function
    lost = (site for site in sites.all if not site.scope and (site.cell, site.top) in raised)
    return counted | {
        (site.cell, site.top)
        for site in lost
        if any(not _is_bound_later(scene, alignment, name, site) for name in _quantities(scene, site))
    }


_BINDS_NO_QUANTITY = ("loop", "parameter", "returned", "appended", "argument", "keyword")


def _quantities(scene: Scene, site: Site) -> set[str]:
    """What a place may bind, by its names; of a member, the family."""
    if site.kind in _BINDS_NO_QUANTITY:
        return set()
    found = (scene.names.means(label) for label in (*site.names, site.owner))
    return {meaning.quantity for meaning in found if meaning is not None}


def _is_bound_later(scene: Scene, alignment: Alignment, quantity: str, site: Site) -> bool:
    """Whether a later statement binds a quantity anew, whatever it held before."""
    match = alignment.matches.get(quantity)
    event = None if match is None else match.events[0]
    if event is None:
        return False
    last = scene.sites[event.site]
    anew = last.kind in ("assign", "unpack") and not last.scope
    return anew and (last.cell, last.top) > (site.cell, site.top)


def dispensable(
    sources: Sequence[str],
    answers: bool,
    sites: Sites,
    trace: Trace,
    wanted: set[Statement],
    decisions: Mapping[Key, str],
) -> frozenset[Statement]:
    """Return the statements to skip in the runs after `trace`: slow ones, and those that depend on them.

    `wanted` are the statements that count; if `answers`, the last of the `sources` is the exercise's own and is never
    skipped."""
    if not trace.slow or trace.ended not in ("finished", "enough"):
        return frozenset()
    found = effects_of(sources)
    effects = {(cell, top): one for cell, body in enumerate(found) for top, one in enumerate(body)}
    if any(one.opaque for one in effects.values()):
        return frozenset()
    if answers:
        wanted = wanted | {statement for statement in effects if statement[0] == len(sources) - 1}
    given = _binding_inputs_only(sites, decisions) - wanted
    needed = _needed(effects, wanted, given)
    start = {one for one in trace.slow if one not in needed and not effects[one].defines}
    return _with_dependents(effects, start, needed, given)


def _binding_inputs_only(sites: Sites, decisions: Mapping[Key, str]) -> set[Statement]:
    """The statements that do nothing but bind inputs to top-level names."""
    binding, doing_more = set[Statement](), set[Statement]()
    for site in sites.all:
        plain = site.kind in ("assign", "unpack") and not site.owner and not site.scope
        (binding if plain and (site.number, 0) in decisions else doing_more).add((site.cell, site.top))
    return binding - doing_more


def _needed(effects: Mapping[Statement, Effects], wanted: set[Statement], given: set[Statement]) -> set[Statement]:
    """Liveness analysis: `wanted` and every earlier statement whose effects they can see."""
    live: set[str] = set()
    needed: set[Statement] = set()
    for statement in sorted(effects, reverse=True):
        one = effects[statement]
        if statement not in wanted and live.isdisjoint(one.binds) and live.isdisjoint(one.changes):
            continue
        needed.add(statement)
        live -= one.kills
        if statement not in given:
            live |= one.reads
    return needed


def _with_dependents(
    effects: Mapping[Statement, Effects], start: set[Statement], needed: set[Statement], given: set[Statement]
) -> frozenset[Statement]:
    """`start` and the statements that cannot run without it; nothing if one of those is needed."""
    out: set[Statement] = set()
    lost: set[str] = set()
    for statement in sorted(effects):
        one = effects[statement]
        depends = not lost.isdisjoint(one.reads) and not one.defines
        if statement in given and depends:
            out.add(statement)
            lost -= one.binds
        elif statement in start or (depends and statement not in needed):
            out.add(statement)
            lost |= one.writes
        elif depends:
            return frozenset()
        else:
            lost -= one.kills
    return frozenset(out)


def unchanged(
    whole: Trace,
    cut: Trace,
    sites: Sites,
    out: frozenset[Statement],
    decisions: Iterable[Key],
    counted: frozenset[Key],
) -> bool:
    """Whether the run `cut`, without the statements `out`, showed all that the run `whole` did, including inputs that
    `out` binds. Of the bindings in each function, which `out` may have called, `cut` has to show a subsequence that
    includes those in `counted`."""
    here, there = _bindings(whole, sites), _bindings(cut, sites)
    shown = {(event.site, event.value) for event in cut.events}
    if any(event.place in counted and (event.site, event.value) not in shown for event in whole.events):
        return False
    kept = [event for event in here.pop("") if event.role == "input" or _place(event, sites) not in out]
    return (
        whole.ended == cut.ended
        and whole.raised == cut.raised
        and list(map(_seen, kept)) == list(map(_seen, there.pop("")))
        and all(_is_part(list(map(_seen, events)), list(map(_seen, here.get(at, ())))) for at, events in there.items())
        and {event.place for event in cut.events if event.role == "input"} >= set(decisions)
    )


def shows_the_same(whole: Alignment, cut: Alignment) -> bool:
    """Whether the same bindings, with the same values, were found to be the quantities."""
    return _found(whole) == _found(cut)


def _found(alignment: Alignment) -> dict[str, tuple[object, ...] | None]:
    events = ((name, match.events[0]) for name, match in alignment.matches.items())
    return {name: None if event is None else _seen(event) for name, event in events}


def _bindings(trace: Trace, sites: Sites) -> dict[str, list[Event]]:
    """The bindings of the top level (under ""), and of each function."""
    found: dict[str, list[Event]] = {"": []}
    for event in trace.events:
        found.setdefault(sites[event.site].scope, []).append(event)
    return found


def _is_part(part: Sequence[object], whole: Sequence[object]) -> bool:
    """Whether `part` is a subsequence of `whole`."""
    remaining = iter(whole)
    return all(one in remaining for one in part)


def _place(event: Event, sites: Sites) -> Statement:
    return sites[event.site].cell, sites[event.site].top


def _seen(event: Event) -> tuple[object, ...]:
    return event.site, event.key, event.label, event.value
