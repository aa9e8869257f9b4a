"""One wrong local behind several wrong steps: found by running, in a derivation of four numbers."""

from __future__ import annotations

import pytest

from grader.judge.shared_mistakes.shared import shared_locals, single_locals
from grader.judge.verdicts import judge
from tests.judge.runs import line_at, running

LAYERS = """exercise: shared
title: Two layers
given: {x: 0.7, w: 1.3, v: 0.4}
forward: |
  a = w * x
  h = a**2
  o = v * h
  y = o**3
steps:
  dv: d(y)/d(v)
  dh: d(y)/d(h)
  dw: d(y)/d(w)
  dx: d(y)/d(x)
"""
FORWARD = "x, w, v = 0.7, 1.3, 0.4\na = w * x\nh = a**2\no = v * h\ny = o**3\n"
FIRST = "dv = g * h\ndh = g * v\n"
REST = "dw = 3 * o**2 * v * 2 * a * x\ndx = 3 * o**2 * v * 2 * a * w\n"

SHARED = {
    "behind two steps": ("g = 2 * o**2\n" + FIRST + REST, [("dv", ("dh",), 6)]),
    "right": ("g = 3 * o**2\n" + FIRST + REST, []),
    "behind one step": ("g = 2 * o**2\ndv = g * h\ndh = 3 * o**2 * v\n" + REST, []),
    "and a step has a mistake of its own": ("g = 2 * o**2\ndv = g * h\ndh = g * v * 5\n" + REST, []),
    "and a right step is made from it": (
        "g = 2 * o**2\n" + FIRST + "dw = 1.5 * g * v * 2 * a * x\ndx = 3 * o**2 * v * 2 * a * w\n",
        [],
    ),
    "behind all steps": (
        "g = 2 * o**2\ndv = g * h\nk = g * v\ndh = k * 1\nm = k * 2 * a\ndw = m * x\ndx = m * w\n",
        [("dv", ("dh",), 6)],  # the others are carried
    ),
    "made of a right one": (
        "g = 3 * o**2\ndv = g * h\nk = g * v\ndh = k * 1\nm = k * 3 * a\ndw = m * x\ndx = m * w\n",
        [("dw", ("dx",), 10)],
    ),
    "two locals": (
        "g = 2 * o**2\n" + FIRST + "m = 3 * o**2 * v * a\ndw = m * x\ndx = m * w\n",
        [("dv", ("dh",), 6), ("dw", ("dx",), 9)],
    ),
    "in a function": (
        "def f():\n    g = 2 * o**2\n    return g * h, g * v\ndv, dh = f()\n" + REST,
        [("dv", ("dh",), 7)],
    ),
    "a copy of it": ("t = 2 * o**2\ng = t\n" + FIRST + REST, [("dv", ("dh",), 6)]),
    "made of a wrong one": ("t = 2 * o\ng = t * o\n" + FIRST + REST, [("dv", ("dh",), 6)]),
    "built up, and wrong at its start": ("g = o**2\ng += o**2\n" + FIRST + REST, [("dv", ("dh",), 6)]),
    "built up, and wrong in what is added": ("g = o**2\ng -= 2 * o**2\n" + FIRST + REST, [("dv", ("dh",), 6)]),
    "built up from a right start": ("g = h * 1\ng += 3 * o**2\n" + FIRST + REST, [("dv", ("dh",), 7)]),
    "a number": ("g = 2.0\ndv = g * o**2 * h\ndh = g * o**2 * v\n" + REST, []),
    "0 plus what is made elsewhere": ("g = 0\ng += 2 * o**2\n" + FIRST + REST, [("dv", ("dh",), 7)]),
    "behind three steps": (
        "g = 2 * o**2\n" + FIRST + "dw = g * v * 2 * a * x\ndx = 3 * o**2 * v * 2 * a * w\n",
        [("dv", ("dh", "dw"), 6)],
    ),
}


@pytest.mark.parametrize(("steps", "expected"), SHARED.values(), ids=SHARED)
def test_a_wrong_local_that_one_value_puts_right_for_all_is_one_mistake(
    steps: str, expected: list[tuple[str, tuple[str, ...], int]]
) -> None:
    with running(LAYERS, FORWARD + steps) as (session, evidence):
        found = shared_locals(session, evidence, judge(evidence))
        told = [(one.first, one.others, line_at(evidence.scene, one.made.place)) for one in found]

    assert sorted(told) == expected


def test_one_probe_is_enough_to_show_it() -> None:
    steps, expected = SHARED["behind two steps"]
    with running(f"{LAYERS}probe: 1\n", FORWARD + steps) as (session, evidence):
        assert len(evidence.scene.traces) == 2
        found = shared_locals(session, evidence, judge(evidence))

    assert [(one.first, one.others) for one in found] == [one[:2] for one in expected]


ROWS = """exercise: rows
title: Rows
given:
  x: {shape: [3], draw: normal}
  s: 0.7
forward: |
  o = s * sum(x)
  y = sum(x**2 * o)
steps:
  dx: d(y)/d(x)
  ds: d(y)/d(s)
"""
ROW = "import numpy as np\nx = np.array([0.5, -1.0, 2.0])\ns = 0.7\no = s * x.sum()\ny = (x**2 * o).sum()\n"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("g = 2 * (x**2).sum()\ndx = 2 * x * o + g * s\n", [("dx", 6)]),  # one number, and three entries
        ("g = (x**2).sum()\ndx = 2 * x * o + g * s\n", []),
        ("g = 2 * (x**2).sum()\ndx = 3 * x * o + g * s\n", []),
        ("g = 2 * x * o\ndx = 3 * g + (x**2).sum() * s\n", []),  # as many numbers as entries
    ],
)
def test_a_wrong_local_of_fewer_entries_than_its_step_may_be_the_only_mistake(
    steps: str, expected: list[tuple[str, int]]
) -> None:
    with running(ROWS, ROW + steps + "ds = (x**2).sum() * x.sum()\n") as (session, evidence):
        verdicts = judge(evidence)
        right = [one for one in verdicts if one.outcome == "correct"]
        found = single_locals(session, evidence, verdicts, right)
        told = [(one.first, line_at(evidence.scene, one.made.place)) for one in found if not one.others]

    assert told == expected


def test_a_local_that_a_right_step_is_made_from_is_right() -> None:
    steps = "g = 2 * (x**2).sum()\ndx = 2 * x * o + g * s\nds = g / 2 * x.sum()\n"
    with running(ROWS, ROW + steps) as (session, evidence):
        verdicts = judge(evidence)
        right = [one for one in verdicts if one.outcome == "correct"]

        assert "ds" in {one.step.name for one in right}
        assert single_locals(session, evidence, verdicts, right) == ()
