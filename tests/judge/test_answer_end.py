"""Where the answer ends, and a training loop, a plot or the next exercise begins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.instrument.site import Site
from grader.instrument.sites import instrument
from grader.judge.matching.answer_end import last_sequence
from grader.model import Value
from grader.runner.types import Event, Sites

STEPS = ("dx", "dw")


def ends(*cells: str) -> int | None:
    """The line, counted through all cells, of the last binding that can count. Each line binds one name; one with
    `-=` changes an input."""
    sites: list[Site] = []
    for number, cell in enumerate(cells):
        sites.extend(instrument(cell, number, len(sites)).sites)
    known = Sites(tuple(sites))
    before = [sum(cell.count("\n") for cell in cells[:number]) for number in range(len(cells))]
    events: list[Event] = []
    for site in known.all:
        if site.names and site.kind in ("assign", "again"):
            events.append(Event(len(events) + 1, site.number, 0, None, "", Value.scalar(1.0)))
            if site.kind == "again":
                events[-1] = replace(events[-1], role="update")
    first: dict[str, int] = {}
    for event in events:
        for name in known[event.site].names:
            if name in STEPS:
                first.setdefault(name, event.sequence)
    last = last_sequence(events, known, first)
    at = {event.sequence: before[known[event.site].cell] + known[event.site].statement[0] for event in events}
    return at.get(last)


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["x = 1\ndx = 2\ndw = 3\n"], 3),
        (["x = 1\ndx = 2\ndw = 3\nloss = 4\n"], 4),  # the rest of the cell may bind a step again
        (["dx = 2\n", "dw = 3\nz = 4\n", "dx = 5\n"], 3),
        (["dx = 2\n", "z = 1\n", "y = 1\n"], 1),  # all that are bound at all
        (["dw = 1\ndx = 2\nw -= dw\ndx = 3\n"], 2),
        (["w -= 1\ndw = 1\ndx = 2\nz = 3\n"], 4),  # an input changed before is no training
        (["dx = 1\nfor t in y:\n    dw = 2\n    w -= dw\nz = 3\n"], 3),
        (
            ["dx = 1\ndw = 1\nfor t in y:\n    dw = 2\n    w -= dw\nz = 3\n"],
            2,
        ),  # training from its first line
        (["z = 1\n", "y = 2\n"], 2),
        (["print(1)\n"], None),
    ],
)
def test_the_answer_ends_with_the_cell_of_the_last_step_or_before_an_input_changes(
    cells: list[str], line: int | None
) -> None:
    assert ends(*cells) == line
