"""Find where a step that was right when the next one read it is changed in place afterwards."""

from __future__ import annotations

from grader.instrument.site import CHANGES, Site
from grader.judge.matching.align import Match, Scene
from grader.judge.matching.compare import compare
from grader.judge.matching.naming import meanings


def changed_at(scene: Scene, match: Match) -> Site | None:
    """The first site after a quantity's binding that changes its name's value; None if the value stays right there."""
    event = match.events[0]
    family = match.quantity not in scene.names.exact
    if event is None or family or match.slot is not None or match.how != "name":
        return None
    own = scene.sites[event.site]
    for later in scene.traces[0].events:
        site = scene.sites[later.site]
        if later.sequence <= event.sequence or site.kind not in CHANGES or site.scope != own.scope:
            continue
        if any(one.name == match.bound_as for one in meanings(scene.names, later, site)):
            right = scene.reference.values[0][match.quantity]
            return None if compare(later.value, right, scene.measure(0, match.quantity)).right else site
    return None
