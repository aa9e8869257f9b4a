"""Find where the answer ends. Later bindings belong to something else: a training loop, a plot, the next exercise.

The answer ends with the cell in which the last asked-for quantity is first bound; or earlier, before the statement that
then changes an input (`w_h -= lr * dw_h`). From there on the same names stand for another point, in a training loop
from its first line on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.exercise.types import Exercise
from grader.judge.matching.guesses import MAX_ENDS
from grader.judge.matching.naming import key, meanings
from grader.judge.matching.types import Found, Kept, Scene, Statement
from grader.model import Observed, Value
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


def within_answer(scene: Scene, events: list[Event], found: Found) -> list[Event]:
    """The bindings that can count."""
    if scene.exercise.answer is not None:
        return events
    last = last_sequence(events, scene.sites, first_bound(scene.exercise, found))
    return [event for event in events if event.sequence <= last]


def other_ends(scene: Scene, answers: Sequence[list[Event]], named: Sequence[Found]) -> Iterator[Kept]:
    """Yield the bindings up to the end of each cell that binds an asked-for step (of cells that bind some again, only
    the first few), and those before each loop that binds steps again."""
    asked = {key(step) for step in scene.exercise.steps}
    bound = {name: events for name, (_, events) in named[0].items() if name in asked}
    cells: dict[int, set[str]] = {}
    for name, events in bound.items():
        for event in events:
            if not scene.sites[event.site].scope:
                cells.setdefault(scene.sites[event.site].cell, set()).add(name)
    anew, before = 0, set[str]()
    for cell in sorted(cells) if len(cells) > 1 else ():
        yield [_before(scene, events, (cell + 1, 0)) for events in answers]
        anew += not before.isdisjoint(cells[cell])
        before |= cells[cell]
        if anew == MAX_ENDS:
            break
    complete = max(first_bound(scene.exercise, named[0]).values(), default=0)
    for top in _loops_again(scene, answers[0], complete, asked):
        yield [_before(scene, events, top) for events in answers]


def _loops_again(scene: Scene, events: Sequence[Event], complete: int, asked: set[str]) -> list[Statement]:
    """The top-level loops that begin after every step is bound and bind some again: `for w in linspace(-3, 3): ...`."""
    first: dict[Statement, int] = {}
    again: set[Statement] = set()
    for event in events:
        site = scene.sites[event.site]
        first.setdefault((site.cell, site.top), event.sequence)
        if site.in_loop and not site.scope and any(m.quantity in asked for m in meanings(scene.names, event, site)):
            again.add((site.cell, site.top))
    return sorted(top for top in again if first[top] > complete)


def _before(scene: Scene, events: list[Event], top: Statement) -> list[Event]:
    """The bindings before a top-level statement."""
    sites = [scene.sites[event.site] for event in events]
    beyond = (n for n, site in enumerate(sites) if not site.scope and (site.cell, site.top) >= top)
    return events[: next(beyond, len(events))]


def first_bound(exercise: Exercise, found: Found) -> dict[str, int]:
    """When each asked-for step was first bound to anything but zeros to be filled later."""
    asked = {key(step) for step in exercise.steps}
    return {
        name: next((event for event in bound if not is_start(event.value)), bound[0]).sequence
        for name, (_, bound) in found.items()
        if name in asked
    }


def is_start(value: Observed) -> bool:
    """Whether a value may only be a start, to be replaced by what is computed later: 0, zeros, or no number."""
    return not (isinstance(value, Value) and any(value.data))
