"""The line where a wrong value was computed: behind copies, and inside the function that was called for it."""

from __future__ import annotations

import pytest

from grader.judge.locations import changed_at, handed_in_at
from tests.judge.runs import observed, verdicts
from tests.judge.test_alignment import CHAIN, FORWARD
from tests.judge.test_judged import DA, DB, DW, told

ASKED = f"{CHAIN}answer: |\n  db, da, dw = back(x, w)\n"
"""The same as a function, which the exercise's own line calls."""

LINES = {
    "a copy of a local": ("t = 3 * b\ns = t\ndb = s\n", 6),
    "what a function returns": ("def f():\n    return 3 * b\ndb = f()\n", 7),
    "a local of a function": ("def f(u):\n    r = 3 * u\n    return r\ndb = f(b)\n", 7),
    "a function called by a function": (
        "def g():\n    q = 3 * b\n    return q\ndef f():\n    return g()\ndb = f()\n",
        10,
    ),
    "a function called for others too": (
        "def f(u):\n    r = 3 * u\n    return r\none = f(a)\ndb = f(b)\ntwo = f(y)\n",
        10,
    ),
    "stored by an object": (
        "class D:\n    def __init__(self, v):\n        self.v = v\nd = D(3 * b)\ndb = d.v\n",
        9,
    ),
    "an entry": ("g = {}\ng['db'] = 3 * b\ndb = g['db']\n", 7),
    "a copy of another quantity": ("db = b\n", 6),
    "a local with the value of another quantity": ("t = w * x\ndb = t\n", 7),
    "added to a local that was 0": ("t = 0\nt = t + 3 * b\ndb = t\n", 7),
    "made before it is added to 0": ("s = 3 * b\nt = 0\nt = t + s\ndb = t\n", 6),
    "made before 0 is added to it": ("s = 3 * b\ns += 0\ndb = s\n", 6),
}


@pytest.mark.parametrize(("made", "line"), LINES.values(), ids=LINES)
def test_where_a_wrong_value_is_computed(made: str, line: int) -> None:
    after = made.count("\n") + 6
    found = verdicts(CHAIN, FORWARD + made + DA + DW)

    assert {name: told(found[name]) for name in ("db", "da", "dw")} == {
        "db": f"wrong value @{line}",
        "da": f"carried @{after}",
        "dw": f"carried @{after + 1}",
    }


BACK = """\
def back(x, w):
    a = w * x
    b = a**2
    {db}
    da = db * 2 * a
    dw = da * x + 1
    return db, da, dw
"""
WITHIN = {"db": "wrong value @4", "da": "carried @5", "dw": "carried @6"}

FUNCTIONS = {
    "right": (BACK.format(db="db = 2 * b"), {"db": "correct @4", "da": "correct @5", "dw": "correct @6"}),
    "wrong": (BACK.format(db="db = 3 * b"), WITHIN),
    "a number": (BACK.format(db="db = 3.0"), WITHIN),
    "an error": (BACK.format(db="db = 3 * b / 0"), {**WITHIN, "db": "wrong raised @4 !4"}),
    "tried out before": (f"{BACK.format(db='db = 3 * b')}back(1.0, 2.0)\n", WITHIN),
    "with locals of other names": (
        "def back(x, w):\n    a = w * x\n    b = a**2\n    p = 3 * b\n    q = p * 2 * a\n    r = q * x + 1\n"
        "    return p, q, r\n",
        WITHIN,
    ),
    "in attributes": (
        "class M: pass\ndef back(x, w):\n    m = M()\n    m.a = w * x\n    m.b = m.a**2\n    m.db = 3 * m.b\n"
        "    m.da = m.db * 2 * m.a\n    return m.db, m.da, m.da * x + 1\n",
        {"db": "wrong value @6", "da": "carried @7", "dw": "carried @8"},
    ),
    "a helper called once": (
        f"def twice(u):\n    r = 3 * u\n    return r\n{BACK.format(db='db = twice(b)')}",
        {"db": "wrong value @2", "da": "carried @8", "dw": "carried @9"},
    ),
    "a helper called twice": (
        "def twice(u):\n    r = 3 * u\n    return r\n"
        + BACK.format(db="db = twice(b)").replace("db * 2 * a", "twice(db) * a"),
        {"db": "wrong value @7", "da": "wrong value @8", "dw": "carried @9"},
    ),
    "nothing returned": (
        "def back(x, w):\n    pass\n",
        dict.fromkeys(("db", "da", "dw"), "missing placeholder"),
    ),
    "not written": (
        "def back(x, w):\n    raise NotImplementedError\n",
        dict.fromkeys(("db", "da", "dw"), "missing placeholder"),
    ),
    "no function": ("z = 1\n", dict.fromkeys(("db", "da", "dw"), "missing not_bound")),
    "other parameters": (
        "def back(x):\n    return 1, 2, 3\n",
        dict.fromkeys(("db", "da", "dw"), "unjudged raised @2 !2"),
    ),
}


@pytest.mark.parametrize(("code", "expected"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_that_is_asked_for_is_judged_line_by_line(code: str, expected: dict[str, str]) -> None:
    found = verdicts(ASKED, code)

    assert {name: told(found[name]) for name in ("db", "da", "dw")} == expected


def changed(after: str, name: str = "db") -> int | None:
    """The line that changes a step afterwards; the step is an array of one number."""
    evidence = observed(CHAIN, FORWARD + "import numpy as np\ndb = np.array(2 * b)\nda = db * 2 * a\n" + after)
    site = changed_at(evidence.scene, evidence.alignment.matches[name])
    return None if site is None else site.statement[0]


def test_the_line_that_changes_a_right_step_in_place_is_known() -> None:
    assert changed("db *= 5\ndw = da * x + 1\n") == 9
    assert changed("dw = da * x + 1\ndb *= 5\ndb *= 2\n") == 10
    assert changed("db *= 1\ndw = da * x + 1\n") is None  # it stays right
    assert changed("da *= 5\ndw = 4 * a * b * x + 1\n", "db") is None  # another one
    assert changed("dw = da * x + 1\n") is None
    assert changed("dw = da * x + 1\ndb = 5\n") is None  # a name bound anew changes no value


@pytest.mark.parametrize(
    ("code", "stored", "line"),
    [
        ("class D:\n    def __init__(self, v):\n        self.v = v\nd = D(3 * b)\n", 8, 9),
        ("class D:\n    def __init__(self, v):\n        self.v = v + 1\nd = D(3 * b)\n", 8, 9),
        ("class D:\n    def __init__(self, v):\n        self.v = 3 * b\nd = D(1)\n", 8, None),  # no parameter
        ("d = 3 * b\n", 6, None),  # at the top level
        (
            "class D:\n    def __init__(self, v):\n        self.v = v\n        self.w = 2 * v\nd = D(3 * b)\n",
            8,
            10,
        ),  # not what the same function binds next
    ],
)
def test_what_a_function_only_stores_was_made_where_it_was_called(code: str, stored: int, line: int | None) -> None:
    scene = observed(CHAIN, FORWARD + code + DB + DA + DW).scene
    events = scene.traces[0].events
    place = next(one.place for one in events if scene.sites[one.site].statement[0] == stored)

    event = handed_in_at(scene, place)

    assert (None if event is None else scene.sites[event.site].statement[0]) == line
