"""Which line kept a quantity from being bound, or bound completely: one that raised, a blank, or one that the program
did not reach."""

from __future__ import annotations

from grader.exercise.types import Step
from grader.instrument.site import BUILDS, Site
from grader.judge.evidence import Evidence
from grader.judge.failures import is_unwritten
from grader.judge.matching.naming import Names
from grader.judge.matching.types import Match
from grader.judge.runs.teacher_forcing import lost
from grader.model import Observed, Value
from grader.runner.types import Raised


def cause_of(evidence: Evidence, step: Step, match: Match | None) -> tuple[Raised, Site] | None:
    """The error that kept a quantity from being bound, or bound completely, and the site that was not reached."""
    scene = evidence.scene
    event = None if match is None else match.events[0]
    for raised in scene.traces[0].raised:
        site = _site_in(evidence, step, raised)
        if site is None:
            continue
        if event is not None:
            last = scene.sites[event.site]
            # A later statement would have continued to build the value; an earlier one matters only if the last one
            # adds to it.
            adds = last.kind in BUILDS
            if (site.cell, site.top) < (last.cell, last.top) and not adds:
                continue
            # `compare(dC, C)` may only have read its argument, unless that is an array of zeros, to be filled.
            if site.kind == "touched" and not _is_empty(event.value):
                continue
        return raised, site
    return None


def _site_in(evidence: Evidence, step: Step, raised: Raised) -> Site | None:
    """The site at which the statement that raised binds a quantity."""
    scene = evidence.scene
    wanted = step.family or step.name
    for site in scene.sites.all:
        if (site.cell, site.top) != (raised.cell, raised.statement):
            continue
        if site.kind in ("loop", "parameter", "returned", "appended", "argument", "keyword"):
            continue
        if binds_quantity(scene.names, site, wanted):
            return site
    return None


def binds_quantity(names: Names, site: Site, quantity: str) -> bool:
    """Whether a site binds a quantity, by one of its names."""
    labels = (*site.names, site.owner) if site.kind in ("item", "whole") else site.names
    return any((meaning := names.means(label)) is not None and meaning.quantity == quantity for label in labels)


def _is_empty(value: Observed) -> bool:
    """Whether a value is an array of zeros, which may be meant to be filled."""
    return isinstance(value, Value) and value.shape != () and not any(value.data)


def binds_another_step(evidence: Evidence, step: Step, raised: Raised) -> bool:
    """Whether the line that raised, in a loop or a block, binds another step and not this one."""
    wanted = step.family or step.name
    others = {one.family or one.name for one in evidence.scene.exercise.steps} - {wanted}
    here = [
        site
        for site in evidence.scene.sites.all
        if site.cell == raised.at_cell and site.statement[0] <= raised.line <= site.statement[2]
    ]

    def binds(quantity: str) -> bool:
        return any(binds_quantity(evidence.scene.names, site, quantity) for site in here)

    return not binds(wanted) and any(map(binds, others))


def ran_when_fed(evidence: Evidence, step: Step, site: Site) -> bool:
    """Whether a statement that raised handed a value over at every point once right values were fed in, and is the one
    that was to bind the step."""
    committed = all(isinstance(at.get(step.name), Value) for at in evidence.commits)
    return committed and lost(evidence.scene, evidence.alignment, 0).get(step.name) == (site.number, 0)


def when_reached(evidence: Evidence, site: Site) -> int:
    """When, in the run at the given numbers, a statement that bound nothing was reached."""
    sites = evidence.scene.sites
    events = evidence.scene.traces[0].events
    here = (site.cell, site.top)
    before = (e.sequence for e in events if (sites[e.site].cell, sites[e.site].top) < here and not sites[e.site].scope)
    return max(before, default=0)


def unreached_site(evidence: Evidence, step: Step) -> Site | None:
    """Where a quantity would have been bound if the program had not ended before."""
    left, wanted = evidence.scene.traces[0].left, step.family or step.name
    if left is None:
        return None
    after = (one for one in evidence.scene.sites.all if (one.cell, one.top) >= (left.cell, left.statement))
    return next((one for one in after if not one.blank and binds_quantity(evidence.scene.names, one, wanted)), None)


def blank_of(evidence: Evidence, step: Step) -> Site | None:
    """A blank with the quantity's name that was not reached, since its function stopped at an earlier blank."""
    scene, wanted = evidence.scene, step.family or step.name
    return next((site for site in scene.sites.all if site.blank and binds_quantity(scene.names, site, wanted)), None)


def blank_read_at(evidence: Evidence, site: Site) -> Site | None:
    """The last blank before a line whose name the line reads, in the same function; in a loop, perhaps one further
    down."""
    here = (one for one in evidence.scene.sites.all if one.blank and (one.cell, one.scope) == (site.cell, site.scope))
    before = (one for one in here if one.statement < site.statement or (one.in_loop and site.in_loop))
    return max(
        (one for one in before if not site.reads.isdisjoint(one.names)),
        key=lambda one: one.statement,
        default=None,
    )


def own_blank_behind(evidence: Evidence, site: Site) -> Site | None:
    """The blank of the student's own, or line that could not be read, for lack of which a line does not run: the line
    reads it, or what a statement that raised at it should have filled."""
    scene = evidence.scene
    before = (one for one in scene.sites.all if one.scope == site.scope and _place(one) < _place(site))
    lacking: dict[str, Site] = {}
    for one in sorted(before, key=_place):
        for name in one.names:
            if one.blank and scene.names.means(name) is None:
                lacking[name] = one
            elif one.kind in ("assign", "unpack"):
                lacking.pop(name, None)
    ended = (*scene.traces[0].raised, *(one.raised for one in scene.stopped)) if lacking else ()
    for raised in filter(is_unwritten, ended):
        parts = [one for one in scene.sites.all if (one.cell, one.top) == (raised.cell, raised.statement)]
        behind = next((lacking[name] for one in parts for name in one.reads if name in lacking), None)
        if behind is not None:
            lacking.update((name, behind) for one in parts for name in (*one.names, one.owner) if name)
    return next((lacking[name] for name in sorted(site.reads) if name in lacking), None)


def _place(site: Site) -> tuple[int, int, int]:
    return site.cell, site.statement[0], site.statement[1]
