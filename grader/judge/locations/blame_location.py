"""Find where to point: at the statement that computed a value, not at the names it passed through."""

from __future__ import annotations

from grader.instrument.site import BUILDS, Site
from grader.judge.evidence import Evidence
from grader.judge.locations.callers import handed_in_at
from grader.judge.matching.align import Match
from grader.judge.matching.compare import compare, same
from grader.runner.types import Event
from grader.runner.wire import ENTRIES


def computed_at(evidence: Evidence, match: Match) -> tuple[Site | None, int]:
    """Return the site, and when it was reached in the run at the given numbers.

    The search goes back from the step's own binding: past plain copies, and from a call to the statement inside the
    function, unless that runs more than once: a helper's line is not to blame for one of its calls. (A loop's line is
    to blame for its pass, where a family is put together from what each pass has left.)"""
    scene = evidence.scene
    event = next((event for event in match.events if event is not None), None)
    if event is None:
        return None, 0
    own = scene.sites[event.site]
    asked_for = scene.exercise.answer is not None and own.cell == max(site.cell for site in scene.sites.all)
    if not match.seen:  # the common case
        inner = _bound_inside(evidence, match, event) if asked_for else None
        return (own, event.sequence) if inner is None else (scene.sites[inner.site], inner.sequence)
    ran = _called(evidence, event) if asked_for else scene.traces[0].events
    counts: dict[int, int] = {}
    for one in ran:
        # The entries of a container are bound together.
        counts[one.site] = counts.get(one.site, 0) + (one.occurrence < ENTRIES)
    when = {one.place: one.sequence for one in scene.traces[0].events}
    seen = [
        place
        for place in reversed(match.seen)
        if own.copy or counts.get(place[0], 2) <= 1 or (match.slot is not None and scene.sites[place[0]].in_loop)
    ]
    if own.copy and _is_another(evidence, match, event):
        return own, event.sequence
    made = [place for place in seen if not _is_copy(scene.sites[place[0]])]
    if made:
        # A line that adds the value to its own name has added it to 0: prefer a line that does not add.
        place = next((place for place in made if not _adds(scene.sites[place[0]])), made[0])
        return scene.sites[place[0]], when[place]
    if seen and not asked_for:
        if (caller := handed_in_at(scene, seen[-1])) is not None:
            return scene.sites[caller.site], caller.sequence
        # All are copies: the first of them took another value for this quantity.
        return scene.sites[seen[-1][0]], when[seen[-1]]
    if asked_for and seen:
        return scene.sites[seen[0][0]], when[seen[0]]
    return own, event.sequence


def _bound_inside(evidence: Evidence, match: Match, event: Event) -> Event | None:
    """Where a function that is asked for bound this very value under the same name. A value that never changes has no
    known origins, so values are compared in one run only."""
    sites = evidence.scene.sites
    for one in reversed(_called(evidence, event)):
        site = sites[one.site]
        if site.scope and site.kind == "assign" and match.bound_as in site.names and same(one.value, event.value):
            return one
    return None


def _is_another(evidence: Evidence, match: Match, event: Event) -> bool:
    """Whether a wrong value is the right one of another quantity: then it was not made wrong, but taken for this."""
    scene = evidence.scene
    right = [
        name
        for name, value in scene.reference.values[0].items()
        if compare(event.value, value, scene.measure(0, name)).right
    ]
    return bool(right) and match.quantity not in right


def _is_copy(site: Site) -> bool:
    """Whether a site only names an existing value; `dx /= n` reads only `n`, and yet it is no copy."""
    return site.copy and site.kind not in BUILDS


def _adds(site: Site) -> bool:
    """Whether a value is added to what its own name held: `self.grad = self.grad + grad`."""
    return site.kind == "again" or not site.reads.isdisjoint(site.names)


def _called(evidence: Evidence, event: Event) -> list[Event]:
    """What was bound on the way to `event`, since the previous top-level statement: earlier calls that tried out a
    function handed in do not count."""
    scene = evidence.scene
    own = scene.sites[event.site]
    before = [one for one in scene.traces[0].events if one.sequence <= event.sequence]
    start = 0
    for place, one in enumerate(before):
        site = scene.sites[one.site]
        if not site.scope and (site.cell, site.top) != (own.cell, own.top):
            start = place
    return before[start:]
