"""What a binding is taken for where its name is changed in place, built up by a loop, or the student's own."""

from __future__ import annotations

import pytest

from grader.judge.matching.types import Match
from grader.judge.runs.readings import _is_built_by_a_loop, _is_own_name, _is_taken_over
from tests.judge.runs import observed
from tests.judge.test_alignment import CHAIN, FORWARD
from tests.judge.test_judged import DA, DB, DW

ARRAY = f"import numpy as np\n{FORWARD}"


@pytest.mark.parametrize(
    ("steps", "taken_over"),
    [
        ("db = np.array(3 * b)\ndb *= 2 * a\nda = db\n", True),
        ("db = np.array(3 * b)\ndb = db * 2 * a\nda = db\n", False),  # bound anew
        ("db = np.array(3 * b)\ndb *= 2 * a\nda = db + 0\n", False),  # no copy
        ("db = np.array(3 * b)\ndb *= 2 * a\nt = db\n", False),  # a local of the student's own
        ("db = np.array(3 * b)\nda = db\ndb *= 2 * a\n", False),  # before it was changed
        ("db = np.array(3 * b)\ndb *= 2 * a\nt = 5\nda = db\n", True),
        ("db = np.array(3 * b)\ndb *= 2 * a\nda = db\ndb *= 2\n", False),
    ],
)
def test_a_name_is_taken_over_if_it_was_changed_and_another_quantity_gets_its_value(
    steps: str, taken_over: bool
) -> None:
    evidence = observed(CHAIN, ARRAY + steps)
    scene = evidence.scene
    at_end = [
        next(e for e in reversed(trace.events) if "db" in scene.sites[e.site].names and e.role == "own")
        for trace in scene.traces
    ]

    assert _is_taken_over(scene, Match("db", "db", "name", tuple(at_end))) is taken_over


@pytest.mark.parametrize(
    ("steps", "built"),
    [
        ("db = 0\nfor i in range(2):\n    db += 3 * b\n", True),
        ("db = 0\nfor i in range(2):\n    db += 3 * b\n    print(db)\n    u = db\n", False),  # read in its passes
        ("for i in range(2):\n    db = 3 * b\n", False),  # bound anew
        ("db = 0\ndb += 3 * b\n", False),  # no loop
        ("def f():\n    db = 0\n    for i in range(2):\n        db += 3 * b\n    return db\nf()\n", False),
        ("db = 0\nfor i in range(2):\n    db += b\n    db += 2 * b\n", True),
    ],
)
def test_a_loop_builds_a_step_up_if_it_reads_it_for_nothing_else(steps: str, built: bool) -> None:
    evidence = observed(CHAIN, FORWARD + steps)

    assert _is_built_by_a_loop(evidence.scene, evidence.alignment.matches["db"]) is built


@pytest.mark.parametrize(
    ("steps", "own"),
    [
        ("db = 3 * b\n", False),
        ("db = [3 * b, 1]\n", True),  # of another shape
        ("for i in range(1):\n    db = 3 * b\n", True),
        ("def f():\n    db = 3 * b\n    u = 2 * db\nf()\n", True),
        ("class C: pass\nc = C()\nc.db = 3 * b\n", True),
        ("db = '3b'\n", True),
    ],
)
def test_a_binding_in_a_function_a_loop_or_a_container_is_likely_to_be_the_students_own(steps: str, own: bool) -> None:
    evidence = observed(CHAIN, FORWARD + steps + DA + DW)

    assert _is_own_name(evidence.scene, evidence.alignment.matches["db"]) is own


def test_right_steps_are_read_as_they_stand() -> None:
    evidence = observed(CHAIN, FORWARD + DB + DA + DW)

    assert not any(_is_own_name(evidence.scene, one) for one in evidence.alignment.matches.values())
