"""Which names in containers are believed, entry by entry, and what is doubted."""

from __future__ import annotations

import pytest

from tests.judge.runs import line_at, observed
from tests.judge.test_alignment import CHAIN, FORWARD, GIVEN
from tests.judge.test_judged import DA, DB, DW

FROM_CACHE = "db = 2 * c['b']\nda = db * 2 * c['a']\ndw = da * x + 1\n"
STEPS = DB + DA + DW

CONTAINERS = {
    "the forward values": (
        f"{GIVEN}c = {{}}\nc['a'] = w * x\nc['b'] = c['a']**2\nc['y'] = c['b']**2 + w\n{FROM_CACHE}",
        [],
    ),
    "one of them wrong": (
        f"{GIVEN}c = {{}}\nc['a'] = w * x\nc['b'] = c['a']**2 + 1\nc['y'] = c['b']**2 + w\n{FROM_CACHE}",
        [],
    ),
    "all of them wrong, and nothing else has their names": (
        f"{GIVEN}c = {{}}\nc['a'] = w * x + 1\nc['b'] = 3 * c['a']\n{FROM_CACHE}",
        [],
    ),
    "attributes": (
        f"{GIVEN}class C: pass\nc = C()\nc.a = w * x\nc.b = c.a**2\nc.y = c.b**2 + w\n"
        "db = 2 * c.b\nda = db * 2 * c.a\ndw = da * x + 1\n",
        [],
    ),
    "slopes beside the forward values": (
        f"{FORWARD}s = {{}}\ns['a'] = 2 * a\ns['b'] = 2 * b\ndb = s['b']\nda = db * s['a']\n{DW}",
        [7, 8],
    ),
    "numbers about them": (f"{FORWARD}n = {{'a': 3.0 * x, 'b': 4.0 * x}}\n{STEPS}", [6, 6]),
    "given numbers, and another one": (
        f"p = {{'x': 0.7, 'w': 1.3, 'a': 5.0}}\nx, w = p['x'], p['w']\n{FORWARD.removeprefix(GIVEN)}{STEPS}",
        [1],
    ),
    "steps to be shown": (
        f"{FORWARD}{STEPS}shown = {{}}\nshown['dw'] = dw * 1000 // 1\nshown['db'] = db * 1000 // 1\n",
        [10, 11],
    ),
    "a step that another one is made from": (
        f"{FORWARD}{DB}{DA}g = {{}}\ng['dw'] = da * x + 2\ndw = g['dw'] - 1\n",
        [],
    ),
    "wrong steps that are nowhere else": (
        f"{FORWARD}g = {{}}\ng['db'] = 3 * b\ng['da'] = g['db'] * 2 * a\ng['dw'] = g['da'] * x + 1\n",
        [],
    ),
    "a wrong step beside a right one": (f"{FORWARD}g = {{}}\ng['db'] = 3 * b\ndb = 2 * b\n{DA}{DW}", [7]),
    "steps that are right there too": (f"{FORWARD}{STEPS}g = {{}}\ng['db'] = db + 0 * x\ng['dw'] = dw * 1\n", []),
}


@pytest.mark.parametrize(("code", "doubted"), CONTAINERS.values(), ids=CONTAINERS)
def test_what_is_doubted_in_a_container(code: str, doubted: list[int]) -> None:
    scene = observed(CHAIN, code).scene

    assert sorted(line_at(scene, place) for place in scene.names.doubted) == doubted
