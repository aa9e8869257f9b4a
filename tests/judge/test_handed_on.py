"""Values that are handed on under other names, exchanged on the way, or fed to other steps."""

from __future__ import annotations

import pytest

from grader.judge.shared_mistakes.error_propagation import with_causes
from grader.judge.shared_mistakes.exchanged import exchanged
from grader.judge.verdicts import judge
from tests.judge.runs import line_at, observed
from tests.judge.test_alignment import CHAIN, FORWARD
from tests.judge.test_judged import DA, DB, DW

LOCALS = "p = 3 * b\nq = p * 2 * a\n"
INNER = "def f():\n    p = 3 * b\n    q = p * 2 * a\n"
ENTRIES = "dw = g['da'] * x + 1\n"

HANDED = {
    "unpacked from a function": (f"{INNER}    return p, q\ndb, da = f()\n{DW}", {"db": 7, "da": 8}),
    "in a dictionary": (f"{INNER}    return {{'db': p, 'da': q}}\ng = f()\n{ENTRIES}", {"db": 7, "da": 8}),
    "zipped": (f"{LOCALS}g = dict(zip(['db', 'da'], [p, q]))\n{ENTRIES}", {"db": 6, "da": 7}),
    "in a loop": (
        f"{LOCALS}g = {{}}\nfor k, v in zip(['db', 'da'], [p, q]):\n    g[k] = v\n{ENTRIES}",
        {"db": 6, "da": 7},
    ),
    "in a named tuple": (
        f"from collections import namedtuple\nG = namedtuple('G', 'db da')\n{LOCALS}g = G(db=p, da=q)\n"
        "dw = g.da * x + 1\n",
        {"db": 8, "da": 9},
    ),
    "from a function of a function": (
        f"def h():\n    p = 3 * b\n    return p\ndef f():\n    return h(), 4 * a * b\ndb, da = f()\n{DW}",
        {"db": 7},
    ),
    "two locals of one value": (
        f"def f():\n    p = b\n    q = b\n    return p, q\ndb, da = f()\n{DW}",
        {"db": 7, "da": 8},
    ),
    "one local for two": (f"p = 3 * b\ng = {{'db': p, 'da': p}}\n{ENTRIES}", {}),
    "another step": (f"db = 3 * b\ng = {{'da': db}}\n{ENTRIES}", {}),
    "in formulas": (f"p = 3 * b\ng = dict(db=p * 1, da=p * 2 * a)\n{ENTRIES}", {}),
    "all right": (INNER.replace("3", "2") + f"    return p, q\ndb, da = f()\n{DW}", {}),
    "under their own names": (DB + DA + "dw = da * x\n", {}),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "lines"), HANDED.values(), ids=HANDED)
def test_a_wrong_step_is_where_the_local_was_bound_that_was_handed_on(steps: str, lines: dict[str, int]) -> None:
    evidence = observed(CHAIN, FORWARD + steps)
    matches = evidence.alignment.matches.items()
    moved = {name: match.events[0] for name, match in matches if match.handed}

    assert {name: one and line_at(evidence.scene, one.place) for name, one in moved.items()} == lines


CAUSES = {
    "read at once": ("db = 3 * b\n" + DA + DW, {"da": ("db",), "dw": ("db",)}),
    "through a local": ("db = 3 * b\nt = db * 2\nda = t * a\n" + DW, {"da": ("db",), "dw": ("db",)}),
    "through a function": (
        "db = 3 * b\ndef f(u):\n    r = u * 2\n    return r\nda = f(db) * a\n" + DW,
        {"da": ("db",), "dw": ("db",)},
    ),
    "two, in the order in which they were bound": (
        "db = 3 * b\nda = 3 * a * b\ndw = da * x + 1 + 0 * db\n",
        {"dw": ("db", "da")},
    ),
    "not one that was put right": (
        "db = 3 * b\nda = db * 2 * a\ndb = 2 * b\ndw = da * x + 1\n",
        {"dw": ("da",)},
    ),
    "what raised": ("db = 1 / 0\n" + DA + DW, {"da": ("db",), "dw": ("db",)}),
    "what raised, of two": (DB + "da = q * 2\n" + DW, {"dw": ("da",)}),
    "a local that raised is no step": ("t = 1 / 0\ndb = t * 2\n" + DA + DW, {"da": (), "dw": ()}),
    "an entry": (
        "g = {}\ng['db'] = 3 * b\ng['da'] = g['db'] * 2 * a\ng['dw'] = g['da'] * x + 1\n",
        {"da": ("db",), "dw": ("db",)},
    ),
    "one of two results of a function": (
        "def f():\n    p = 3 * b\n    q = p * 2 * a\n    return p, q\ndb, da = f()\n" + DW,
        {"da": ("db",), "dw": ("db",)},
    ),
    "nothing is fed": ("db = 3 * b\nda = 4 * a * b\n" + DW, {}),
    "errors that cancel feed nothing": ("db = 4 * b\nda = db * a\n" + DW, {}),
}


@pytest.mark.parametrize(("steps", "expected"), CAUSES.values(), ids=CAUSES)
def test_a_carried_step_was_fed_by_what_is_wrong_itself(steps: str, expected: dict[str, tuple[str, ...]]) -> None:
    evidence = observed(CHAIN, FORWARD + steps)
    found = with_causes(evidence, judge(evidence))

    assert {one.step.name: one.caused_by for one in found if one.outcome == "carried"} == expected
    assert all(not one.caused_by for one in found if one.outcome != "carried")


def test_a_forward_value_feeds_steps_too() -> None:
    evidence = observed(CHAIN, FORWARD.replace("w * x", "w * x + 1") + DB + DA + DW)
    found = with_causes(evidence, judge(evidence))

    assert {one.caused_by for one in found if one.step.name != "a"} == {("a",)}


RESULTS = "def f():\n    p = 2 * b\n    q = 4 * a * b\n    return {returned}\ndb, da = f()\n"

EXCHANGED = {
    "in the results of a function": (RESULTS.format(returned="q, p") + DW, {"db": "da"}, {"da": 9}),
    "under their names, in the results of a function": (
        "def f():\n    db = 2 * b\n    da = 4 * a * b\n    return da, db\ndb, da = f()\n" + DW,
        {"db": "da"},
        {"da": 9},
    ),
    "in one line": ("db, da = 4 * a * b, 2 * b\n" + DW, {"da": "db"}, {}),
    "in a line each": ("db = 4 * a * b\nda = 2 * b\n" + DW, {}, {}),
    "not at all": (RESULTS.format(returned="p, q") + DW, {}, {}),
    "one that is wrong otherwise": (RESULTS.format(returned="q, 3 * p") + DW, {}, {}),
}


@pytest.mark.parametrize(("steps", "carried", "lines"), EXCHANGED.values(), ids=EXCHANGED)
def test_steps_that_hold_each_others_values_are_one_mistake_if_one_line_exchanges_them(
    steps: str, carried: dict[str, str], lines: dict[str, int]
) -> None:
    evidence = observed(CHAIN, FORWARD + steps)
    found = exchanged(evidence, judge(evidence))

    assert {one.step.name: one.caused_by[0] for one in found if one.reason == "same_mistake"} == carried
    assert {one.step.name: one.site and one.site.statement[0] for one in found if one.located} == lines


THREE = """exercise: three
title: Three derivatives
given: {x: 0.7, w: 1.3, v: 0.4}
forward: |
  y = x * w**2 * v**3
steps:
  dx: d(y)/d(x)
  dw: d(y)/d(w)
  dv: d(y)/d(v)
"""


def test_three_steps_may_be_exchanged_around_a_circle() -> None:
    steps = "p, q, r = w**2 * v**3, 2 * x * w * v**3, 3 * x * w**2 * v**2\n"
    evidence = observed(THREE, f"x, w, v = 0.7, 1.3, 0.4\ny = x * w**2 * v**3\n{steps}dx, dw, dv = q, r, p\n")
    found = exchanged(evidence, judge(evidence))

    assert [(one.step.name, one.outcome, one.caused_by) for one in found if one.step.name != "y"] == [
        ("dx", "wrong", ()),
        ("dw", "carried", ("dx",)),
        ("dv", "carried", ("dx",)),
    ]
