"""What a statement that raised would have bound, and the right values that stand for what it lacks."""

from __future__ import annotations

import pytest

from grader.judge.runs.teacher_forcing import Commitments, lost, nothing_to_replace, supplied
from grader.runner.wire import AFTER_STATEMENT, IN_PLACE_OF_ERROR
from tests.judge.runs import line_at, observed
from tests.judge.test_alignment import CHAIN, FORWARD, GIVEN
from tests.judge.test_judged import DA, DB, DW

WHEN = {0: "first", AFTER_STATEMENT: "after", IN_PLACE_OF_ERROR: "instead"}

LOST = {
    "nothing raised": (DB + DA + DW, {}),
    "one line": ("db = 2 * b / 0\n" + "da = 4 * a * b\n" + DW, {"db": (6, "first")}),
    "what lacks it too": (
        "db = 2 * b / 0\n" + DA + DW,
        {"db": (6, "first"), "da": (7, "first"), "dw": (8, "first")},
    ),
    "of two names both": ("db, da = 1 / 0\n", {"db": (6, "first"), "da": (6, "first")}),
    "added to": (DB + DA + "dw = da * x\ndw += 1 / 0\n", {"dw": (9, "after")}),
    "in a loop": ("for i in range(2):\n    db = 1 / 0\n", {"db": (7, "after")}),
    "right before": (DB + "db = 1 / 0\n" + DA + DW, {}),
    "bound later": ("db = 1 / 0\ndb = 3 * b\n", {}),
    "wrong before": ("db = 3 * b\ndb = 1 / 0\n", {"db": (7, "first")}),
    "raised twice": ("db = 1 / 0\ndb = 2 / 0\n", {"db": (6, "first")}),
    "raised, and added to": ("db = 1 / 0\ndb += 2\n", {"db": (7, "after")}),
    "a name of one's own": ("t = 1 / 0\n" + DB + DA + DW, {}),
    "what a call only reads": (DB + DA + DW + "print(db, 1 / 0)\n", {}),
    "in a function": (
        "def back():\n    db = 2 * b / 0\n    da = 4 * a * b\n    dw = da * x + 1\nback()\n",
        {"db": (7, "instead")},
    ),
}


@pytest.mark.parametrize(("steps", "expected"), LOST.values(), ids=LOST)
def test_where_a_quantity_would_have_got_its_value(steps: str, expected: dict[str, tuple[int, str]]) -> None:
    evidence = observed(CHAIN, FORWARD + steps)
    found = lost(evidence.scene, evidence.alignment, 0)

    assert {name: (line_at(evidence.scene, place), WHEN[place[1]]) for name, place in found.items()} == expected


SUPPLIED = {
    "nothing raised": (FORWARD + DB + DA + DW, {}),
    "a step that nobody binds": (FORWARD + DA + DW, {6: {"db"}}),
    "two of them": (FORWARD + "dw = da * x + db * 0 + 1\n", {6: {"da", "db"}}),
    "a forward quantity that nobody binds": (f"{GIVEN}a = w * x\ndb = 2 * b\n", {4: {"b"}}),
    "a step whose own line raised": (FORWARD + "db = 1 / 0\n" + DA, {}),
    "a name of one's own": (FORWARD + "db = 2 * q\n", {}),
    "a slip in the name of an input": (FORWARD.replace("w * x", "w * X"), {}),
}


@pytest.mark.parametrize(("code", "expected"), SUPPLIED.values(), ids=SUPPLIED)
def test_what_a_line_lacks_is_supplied_if_nobody_binds_it(code: str, expected: dict[int, set[str]]) -> None:
    evidence = observed(CHAIN, code)
    scene = evidence.scene
    commitments = Commitments(scene.reference.values[0])
    found = supplied(scene, evidence.alignment, 0, commitments)
    lines = {(site.cell, site.top): site.statement[0] for site in reversed(scene.sites.all)}

    quantities = {lines[place]: set(names) - {"x", "w"} for place, names in found.items()}

    assert {line: names for line, names in quantities.items() if names} == expected
    for names in found.values():
        for name, value in names.items():
            if name in ("x", "w"):  # given numbers hide nothing
                assert value == scene.reference.points[0].inputs[name]
            else:
                assert value == scene.reference.values[0][name]
                assert name in commitments.committed
                assert name not in commitments.values


@pytest.mark.parametrize(
    ("steps", "nothing"),
    [
        (DB + DA + DW, True),
        ("db = 3 * b\n" + DA + DW, False),
        (DB, True),  # what is not bound is not replaced
        (DA + DW, False),  # but supplied
        (DB + "da = 1 / 0\n", False),
        (DB + DA + DW + "z = 1 / 0\n", True),
    ],
)
def test_where_all_is_right_a_forced_run_is_the_natural_one(steps: str, nothing: bool) -> None:
    evidence = observed(CHAIN, FORWARD + steps)

    assert nothing_to_replace(evidence.scene, evidence.alignment, 0) is nothing


def test_an_input_that_nobody_binds_is_supplied() -> None:
    evidence = observed(CHAIN, "w = 1.3\na = w * q * x\nb = 2 * x\n")
    found = supplied(evidence.scene, evidence.alignment, 0, Commitments(evidence.scene.reference.values[0]))

    # `x` is given where it is missing, so only the line that lacks `q` raised.
    assert {place: set(names) for place, names in found.items()} == {(0, 1): {"w", "x"}}
