"""Find where the answer ends. Later bindings belong to something else: a training loop, a plot, the next exercise.

The answer ends with the cell in which the last asked-for quantity is first bound; or earlier, before the statement that
then changes an input (`w_h -= lr * dw_h`). From there on the same names stand for another point, in a training loop
from its first line on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.runner.types import Event, Sites


def last_sequence(events: Sequence[Event], sites: Sites, first_bound: Mapping[str, int]) -> int:
    """Return the sequence number of the last binding that can count; `first_bound` is when each asked-for step was
    first bound."""
    if not events:
        return 0
    if not first_bound:
        return events[-1].sequence
    complete = max(first_bound.values())
    cell = next(sites[event.site].cell for event in events if event.sequence == complete)
    last = complete
    for event in events:
        if event.sequence <= complete:
            continue
        # A function may be defined in an earlier cell: only a top-level binding shows which cell is running.
        if event.role == "update":
            return min(last, _beginning(events, sites, event, complete) - 1)
        if not sites[event.site].scope and sites[event.site].cell > cell:
            break
        last = event.sequence
    return last


def _beginning(events: Sequence[Event], sites: Sites, update: Event, complete: int) -> int:
    """When the top-level statement of `update` first bound something, if it began after all steps were bound; otherwise
    when the update was."""
    changed = sites[update.site]
    own = [
        event.sequence
        for event in events
        if (sites[event.site].cell, sites[event.site].top) == (changed.cell, changed.top)
    ]
    return own[0] if own[0] > complete else update.sequence
