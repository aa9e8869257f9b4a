"""Where the answer ends, and a training loop, a plot or the next exercise begins."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from grader.exercise.types import Step
from grader.formula.build import NOWHERE
from grader.formula.syntax import Name
from grader.instrument.site import Site
from grader.instrument.sites import instrument
from grader.judge.matching.answer_end import first_bound, last_sequence, other_ends, within_answer
from grader.judge.matching.guesses import MAX_ENDS
from grader.judge.matching.naming import Names
from grader.model import Observed, Opaque, Value
from grader.runner.types import Event, Labels, Sites

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


# the ends that are tried, in whole submissions


def tried(*cells: str, asked: tuple[str, ...] = STEPS) -> list[list[int]]:
    """The lines that each end leaves, counted through all cells. Every line binds a name that is not an input's."""
    sites: list[Site] = []
    for number, cell in enumerate(cells):
        sites.extend(instrument(cell, number, len(sites)).sites)
    before = [sum(cell.count("\n") for cell in cells[:number]) for number in range(len(cells))]
    bound = [one for one in sites if one.names and one.kind == "assign"]
    events = [Event(n + 1, one.number, 0, None, "", Value.scalar(1.0)) for n, one in enumerate(bound)]
    found = {name: (name, [e for e in events if name in sites[e.site].names]) for name in asked}
    steps = [Step(name, Name(name, NOWHERE), name) for name in asked]
    scene: Any = SimpleNamespace(
        exercise=SimpleNamespace(steps=steps, answer=None),
        sites=Sites(tuple(sites)),
        names=Names(frozenset(asked), {}, {}, Labels({}, frozenset(), frozenset(), ())),
    )
    named = {name: one for name, one in found.items() if one[1]}
    return [
        [before[sites[e.site].cell] + sites[e.site].statement[0] for e in kept[0]]
        for kept in other_ends(scene, [events], [named])
    ]


def test_the_answer_may_end_with_each_cell_that_binds_a_step() -> None:
    assert tried("dx = 1\ny = 1\n", "z = 1\n", "dw = 1\n") == [[1, 2], [1, 2, 3, 4]]


def test_one_cell_has_one_end() -> None:
    assert tried("dx = 1\ndw = 1\n") == []
    assert tried("dx = 1\ndw = 1\n", "z = 1\n") == []


def test_what_a_function_binds_belongs_to_the_cell_that_calls_it() -> None:
    assert tried("dx = 1\n", "def f():\n    dw = 1\n") == []


def test_of_cells_that_bind_steps_again_only_the_first_few_are_tried() -> None:
    again = tried(*["dx = 1\n"] * 20)

    assert [len(one) for one in again] == list(range(1, MAX_ENDS + 2))


def test_the_answer_may_end_before_a_loop_that_binds_steps_again() -> None:
    loop = "dx = 1\ndw = 1\nfor w in ws:\n    dw = 2\n    z = 3\n"

    assert tried(loop) == [[1, 2]]
    assert tried(loop.replace("dw = 2", "v = 2")) == []
    assert tried("dx = 1\nfor w in ws:\n    dw = 2\n") == []  # it is the loop that binds the step first
    assert tried("def f():\n    for w in ws:\n        dw = 2\ndx = 1\n") == []


def test_with_an_answer_of_the_exercises_own_everything_counts() -> None:
    scene: Any = SimpleNamespace(exercise=SimpleNamespace(answer="f()"))
    events = [Event(n, 0, n, None, "", Value.scalar(1.0)) for n in range(3)]

    assert within_answer(scene, events, {}) == events


def test_what_counts_ends_with_the_last_binding_of_the_answer() -> None:
    sites = Sites(instrument("dx = 1\n", 0).sites + instrument("dx = 2\n", 1, 1).sites)
    events = [Event(n + 1, site.number, 0, None, "", Value.scalar(1.0)) for n, site in enumerate(sites.all)]
    exercise = SimpleNamespace(answer=None, steps=[Step("dx", Name("dx", NOWHERE), "dx")])
    scene: Any = SimpleNamespace(exercise=exercise, sites=sites)
    of_each_cell = [next(e for e in events if sites[e.site].cell == cell) for cell in (0, 1)]

    assert within_answer(scene, of_each_cell, {"dx": ("dx", of_each_cell)}) == of_each_cell[:1]
    assert within_answer(scene, [], {}) == []


def test_a_step_is_first_bound_to_more_than_zeros() -> None:
    zeros, one = Value.of([0.0, 0.0], (2,)), Value.of([0.0, 1.0], (2,))
    exercise: Any = SimpleNamespace(steps=[Step("dx", Name("dx", NOWHERE), "dx")])

    def first(*values: Observed) -> dict[str, int]:
        events = [Event(n + 1, 0, n, None, "", value) for n, value in enumerate(values)]
        return first_bound(exercise, {"dx": ("dx", events), "z": ("z", events)})

    assert first(zeros, Opaque("placeholder", ""), one, one) == {"dx": 3}
    assert first(zeros, zeros) == {"dx": 1}
