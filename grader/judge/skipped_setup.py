"""Slow set-up on which nothing asked for depends is run once: which statements later runs can do without.

A data set is built, a model trained, and then comes the derivation. To run all of that at every point would take as
often as long. What is left out has to meet two conditions. By the text of the submission (`effects`), no binding that
counts can see what it does: such statements, and those that need them, are left out, and inputs bound from them are
bound from the exercise. And a run at the given point without them shows, bit for bit, all that the whole run showed
(`unchanged`). Where either fails, everything is run every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.judge.effects import Effects, effects_of
from grader.runner.types import Event, Key, Sites, Trace

Statement = tuple[int, int]
"""A cell, and a top-level statement in it, both from 0."""


def dispensable(
    sources: Sequence[str],
    answers: bool,
    sites: Sites,
    trace: Trace,
    counted: Iterable[Key],
    decisions: Mapping[Key, str],
) -> frozenset[Statement]:
    """Statements to leave out of the runs that follow `trace`: slow ones, and what needs them. `counted` are the
    bindings that count; where `answers`, the last of the `sources` is the exercise's own and is never left out."""
    if not trace.slow or trace.ended not in ("finished", "enough"):
        return frozenset()
    found = effects_of(sources)
    effects = {(cell, top): one for cell, body in enumerate(found) for top, one in enumerate(body)}
    if any(one.opaque for one in effects.values()):
        return frozenset()
    wanted = {(sites[number].cell, sites[number].top) for number, _ in counted}
    if answers:
        wanted |= {statement for statement in effects if statement[0] == len(sources) - 1}
    given = _binding_inputs_only(sites, decisions) - wanted
    needed = _needed(effects, wanted, given)
    start = {one for one in trace.slow if one not in needed and not effects[one].defines}
    return _with_dependents(effects, start, needed, given)


def _binding_inputs_only(sites: Sites, decisions: Mapping[Key, str]) -> set[Statement]:
    """The statements all of which does nothing but to bind inputs to names of the top level."""
    binding, doing_more = set[Statement](), set[Statement]()
    for site in sites.all:
        plain = site.kind in ("assign", "unpack") and not site.owner and not site.scope
        (binding if plain and (site.number, 0) in decisions else doing_more).add((site.cell, site.top))
    return binding - doing_more


def _needed(effects: Mapping[Statement, Effects], wanted: set[Statement], given: set[Statement]) -> set[Statement]:
    """`wanted` and every statement before them whose doing they can see."""
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
    """`start` and what cannot run without it; nothing where that would be a statement that is needed."""
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


def unchanged(whole: Trace, cut: Trace, sites: Sites, out: frozenset[Statement], decisions: Iterable[Key]) -> bool:
    """Whether a run without `out` showed all that the whole run showed, inputs that `out` binds included. Of what is
    bound in functions, which `out` may have called, it shows a part."""
    here, there = _bindings(whole, sites), _bindings(cut, sites)
    kept = [event for event in here.pop("") if event.role == "input" or _place(event, sites) not in out]
    return (
        whole.ended == cut.ended
        and whole.raised == cut.raised
        and list(map(_seen, kept)) == list(map(_seen, there.pop("")))
        and all(_is_part(list(map(_seen, events)), list(map(_seen, here.get(at, ())))) for at, events in there.items())
        and {event.place for event in cut.events if event.role == "input"} >= set(decisions)
    )


def _bindings(trace: Trace, sites: Sites) -> dict[str, list[Event]]:
    """Those of the top level (""), and of each function."""
    found: dict[str, list[Event]] = {"": []}
    for event in trace.events:
        found.setdefault(sites[event.site].scope, []).append(event)
    return found


def _is_part(part: Sequence[object], whole: Sequence[object]) -> bool:
    """Whether all of `part` comes in `whole`, in this order."""
    remaining = iter(whole)
    return all(one in remaining for one in part)


def _place(event: Event, sites: Sites) -> Statement:
    return sites[event.site].cell, sites[event.site].top


def _seen(event: Event) -> tuple[object, ...]:
    return event.site, event.key, event.label, event.value
