"""Trace a binding inside a function to the statement that called the function."""

from __future__ import annotations

from grader.instrument.site import Site
from grader.judge.matching.align import Scene
from grader.runner.types import Event, Key


def handed_in_at(scene: Scene, place: Key) -> Event | None:
    """The binding at which a value was passed to a function that only stores it: `Dual(t, (1 - t) * d.eps)` for
    `self.eps = eps` inside. It is the next binding outside the function; None if what is stored is no parameter."""
    site = scene.sites[place[0]]
    if not _takes_down(scene, site):
        return None
    events = scene.traces[0].events
    at = next((number for number, event in enumerate(events) if event.place == place), len(events))
    return next((event for event in events[at:] if not _is_within(scene.sites[event.site], site.scope)), None)


def _takes_down(scene: Scene, site: Site) -> bool:
    parameters = (one for one in scene.sites.all if one.kind == "parameter" and one.scope == site.scope)
    return bool(site.scope) and any(site.reads.intersection(one.names) for one in parameters)


def _is_within(site: Site, scope: str) -> bool:
    return site.scope == scope or site.scope.startswith(f"{scope}.")
