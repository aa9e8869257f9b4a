"""Which bindings and typed-in numbers stand for the given numbers; and in which floats quantities are made."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.instrument.sites import instrument
from grader.judge.matching.precision import _given_in_half
from grader.model import RIGHT, Value
from grader.runner.types import Event, Sites
from tests.judge.runs import bound, observed, verdicts
from tests.judge.test_alignment import CHAIN

REST = "b = a**2\ny = b**2 + {w}\ndb = 2 * b\nda = db * 2 * a\ndw = da * {x} + 1\n"
STEPS = REST.format(x="x", w="w")
BACK = """\
def back(x, w):
    a = w * x
    b = a**2
    db = 2 * b
    da = db * 2 * a
    dw = da * x + 1
    return dw
"""

GIVEN = {
    "under their names": (f"x = 0.7\nw = 1.3\na = w * x\n{STEPS}", ["x @1", "w @2"]),
    "with other numbers": (f"x = 0.4\nw = 2.5\na = w * x\n{STEPS}", ["x @1", "w @2"]),
    "in one line": (f"x, w = 0.7, 1.3\na = w * x\n{STEPS}", ["x @1", "w @1"]),
    "under other names": (f"p = 0.7\nq = 1.3\na = q * p\n{REST.format(x='p', w='q')}", ["x @1", "w @2"]),
    "one under another name": (f"x = 0.7\nq = 1.3\na = q * x\n{REST.format(x='x', w='q')}", ["x @1", "w @2"]),
    "the first of two that are equal": (
        f"p = 0.7\nq = 1.3\nr = 0.7\na = q * p\n{REST.format(x='p', w='q')}",
        ["x @1", "w @2"],
    ),
    "in a list": (f"p = [0.7, 1.3]\na = p[1] * p[0]\n{REST.format(x='p[0]', w='p[1]')}", ["x @1", "w @1"]),
    "in a dictionary": (
        "p = {'x': 0.7, 'w': 1.3}\na = p['w'] * p['x']\n" + REST.format(x="p['x']", w="p['w']"),
        ["x @1", "w @1"],
    ),
    "handed to a function": (f"x = 0.7\nw = 1.3\n{BACK}back(x, w)\n", ["x @1", "w @2"]),
    "typed into a call of a function whose parameters have their names": (f"{BACK}back(0.7, 1.3)\n", []),
}


def given(code: str) -> list[str]:
    """The inputs, each with the line of the binding or number that stands for it."""
    evidence = observed(CHAIN, code)
    sites = evidence.scene.sites
    return [f"{name} @{sites[place[0]].statement[0]}" for place, name in sorted(evidence.decisions.items())]


@pytest.mark.parametrize(("code", "expected"), GIVEN.values(), ids=GIVEN)
def test_what_stands_for_the_given_numbers(code: str, expected: list[str]) -> None:
    found = verdicts(CHAIN, code)

    assert given(code) == expected
    assert all(found[name].outcome in RIGHT for name in ("a", "b", "db", "da", "dw"))


@pytest.mark.parametrize(
    ("code", "unbound"),
    [
        (f"x = 0.7\nw = 1.3\na = w * x\n{STEPS}", set()),
        (f"a = 1.3 * 0.7\n{REST.format(x='0.7', w='1.3')}", {"x", "w"}),
        (f"x = 0.7\na = 1.3 * x\n{REST.format(x='x', w='1.3')}", {"w"}),
        (f"import json\nz = json.loads('[0.7, 1.3]')\na = z[1] * z[0]\n{REST.format(x='z[0]', w='z[1]')}", {"x", "w"}),
    ],
    ids=["by name", "typed into formulas", "one of them", "read from a text"],
)
def test_inputs_that_no_name_stands_for_are_known(code: str, unbound: set[str]) -> None:
    assert observed(CHAIN, code).unbound == unbound


CALLS = {
    "once": ("back(x, w)\n", 0),
    "and again elsewhere": ("back(x, w)\nback(x, w + 1e-6)\n", 0),
    "elsewhere, and then for the answer": ("back(x, w + 1e-6)\nback(x, w)\n", 1),
    "between two others": ("back(x, w - 1)\nback(x, w)\nback(x, 2 * w)\n", 1),
    "and then in a loop": ("back(x, w)\nfor i in range(20):\n    back(x, w + i + 1)\n", 0),
    "twice alike": ("back(x, w)\nback(x, w)\n", 1),
}


@pytest.mark.parametrize(("calls", "number"), CALLS.values(), ids=CALLS)
def test_the_call_with_most_right_values_is_the_answer(calls: str, number: int) -> None:
    evidence = observed(
        CHAIN, f"x = 0.7\nw = 1.3\n{BACK}calls = []\n" + calls.replace("back(", "calls.append(1); back(")
    )
    own = evidence.alignment.matches["dw"].events[0]
    assert own is not None
    counted = [e for e in evidence.scene.traces[0].events if e.site == own.site]

    assert evidence.scene.right("dw", evidence.alignment.matches["dw"].events)
    assert bound(evidence)["dw"] == ("dw", "name", 8)
    assert counted.index(own) == number


SINGLE, DOUBLE = 1e-4, 1e-6

FLOATS = {
    "one quantity in float32": (
        "x = 0.7\nw = 1.3\na = np.float32(w * x)\nb = float(w * x)**2\n",
        {"a": SINGLE, "b": DOUBLE, "db": DOUBLE},
    ),
    "what is made of it": (
        "x = 0.7\nw = 1.3\na = np.float32(w * x)\nb = a**2\n",
        {"a": SINGLE, "b": SINGLE, "db": SINGLE},
    ),
    "the inputs in float32": (
        "x = np.float32(0.7)\nw = np.float32(1.3)\na = w * x\nb = a**2\n",
        {"a": SINGLE, "b": SINGLE, "db": SINGLE},
    ),
    "on the way": (
        "x = 0.7\nw = 1.3\na = w * x\nt = np.float32(a)\nb = float(t)**2\n",
        {"a": SINGLE, "b": SINGLE, "db": SINGLE},  # `t` is a too
    ),
    "what a function makes of it": (
        "x = 0.7\nw = 1.3\na = np.float32(w * x)\ndef f(u):\n    r = float(u)**2\n    return r\nb = f(a)\n",
        {"a": SINGLE, "b": SINGLE, "db": SINGLE},
    ),
    "beside it": (
        "x = 0.7\nw = 1.3\na = w * x\nother = np.float32(5)\nb = a**2\n",
        {"a": DOUBLE, "b": DOUBLE, "db": DOUBLE},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "rtol"), FLOATS.values(), ids=FLOATS)
def test_a_quantity_is_met_as_closely_as_the_floats_it_is_made_of_allow(code: str, rtol: dict[str, float]) -> None:
    scene = observed(
        CHAIN, f"import numpy as np\n{code}y = b**2 + w\ndb = 2 * b\nda = 4 * a * b\ndw = 4 * a * b * x + 1\n"
    ).scene

    assert {name: scene.measure(0, name).rtol for name in rtol} == rtol


def test_a_submission_in_float64_has_one_measure() -> None:
    scene = observed(CHAIN, f"x = 0.7\nw = 1.3\na = w * x\n{STEPS}").scene

    assert (scene.particular, scene.finest) == ({}, ())
    assert {one.rtol for one in scene.measures} == {DOUBLE}


def half(events: list[tuple[str, float, str]], points: int = 2) -> list[str]:
    """Of bindings by name, value and dtype, alike at all points, those that hold a given number in half floats; the
    given ones are x = 0.7 and w = 1.3."""
    sites = Sites(instrument("".join(f"{name} = f({read})\n" for name, read in NAMED), 0).sites)
    number = {site.names[0]: site.number for site in sites.all if site.names}
    made = tuple(
        Event(n, number[name], 0, None, "", Value.scalar(value, dtype)) for n, (name, value, dtype) in enumerate(events)
    )
    inputs = {"x": Value.scalar(0.7), "w": Value.scalar(1.3)}
    scene: Any = SimpleNamespace(
        sites=sites,
        traces=[SimpleNamespace(events=made)] * points,
        reference=SimpleNamespace(points=[SimpleNamespace(inputs=inputs)] * points),
    )
    names = {site.number: site.names[0] for site in sites.all if site.names}
    return sorted(names[place[0]] for place in _given_in_half(scene))


NAMED = [("p", ""), ("q", "p"), ("r", "q"), ("s", "r")]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("p", 0.7, "float16")], ["p"]),
        ([("p", 0.7003, "float16")], ["p"]),  # float16 has eleven bits
        ([("p", 0.701, "float16")], []),
        ([("p", 0.702, "bfloat16")], ["p"]),  # bfloat16 has eight
        ([("p", 0.704, "bfloat16")], []),
        ([("p", 0.7, "float32")], []),
        ([("p", 0.5, "float16")], []),
        ([("p", 0.7, "float64"), ("q", 0.7, "float16")], ["q"]),  # nothing wider is made of the wider one
        ([("p", 0.7, "float64"), ("q", 5.0, "float64"), ("r", 0.7, "float16")], []),
        ([("p", 0.7, "float16"), ("q", 5.0, "float64")], ["p"]),
    ],
)
def test_half_floats_count_where_a_given_number_is_held_in_nothing_wider(
    events: list[tuple[str, float, str]], expected: list[str]
) -> None:
    assert half(events) == expected
