"""Where the answer ends. What is bound after that is something else: a training loop, a plot, the next exercise.

The answer ends with the cell in which the last asked-for quantity is first bound, or earlier, before the statement in
which after that an input is changed (`w_h -= lr * dw_h`): from there on the same names stand for another point, and a
training loop has them from its first line on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.runner.types import Event, Sites


def last_sequence(events: Sequence[Event], sites: Sites, first_bound: Mapping[str, int]) -> int:
    """The sequence number of the last binding that can count; `first_bound` is when each asked-for step first was."""
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
        # Functions may stand in earlier cells: only a top-level binding says which cell is running.
        if event.role == "update":
            return min(last, _beginning(events, sites, event, complete) - 1)
        if not sites[event.site].scope and sites[event.site].cell > cell:
            break
        last = event.sequence
    return last


def _beginning(events: Sequence[Event], sites: Sites, update: Event, complete: int) -> int:
    """When the top-level statement of `update` first bound something, if it began when all was there."""
    changed = sites[update.site]
    own = [
        event.sequence
        for event in events
        if (sites[event.site].cell, sites[event.site].top) == (changed.cell, changed.top)
    ]
    return own[0] if own[0] > complete else update.sequence
