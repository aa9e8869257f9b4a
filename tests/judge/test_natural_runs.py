"""What is found out by natural runs, before any right value is revealed: how far they go, and how much is right."""

from __future__ import annotations

import pytest

from grader.judge.evidence import _any_quantity, glimpse, rightness
from grader.preparation import prepare
from grader.submission.load import load_bytes
from tests.judge.runs import observed, prepared, running
from tests.judge.test_alignment import AGAIN, CHAIN, FORWARD, GIVEN, RIGHT, found
from tests.judge.test_judged import DA, DB, DW, judged

KNOWN = prepared(CHAIN)


def right_in(code: str) -> tuple[int, int]:
    made = prepare(KNOWN.exercise, load_bytes(code.encode(), "mine.py"), KNOWN.names, KNOWN.given)
    with running(CHAIN, code) as (session, _):
        return rightness(session, KNOWN.exercise, KNOWN.reference, made.names, made.sites)


@pytest.mark.parametrize(
    ("code", "right"),
    [
        (FORWARD + RIGHT, (3, 3)),
        (FORWARD + "db = 3 * b\n" + DA + DW, (0, 3)),  # what is fed by a mistake is not right by itself
        (FORWARD + DB, (1, 3)),
        (f"{GIVEN}a = w * x\n", (0, 1)),
        ("z = 1\n", (0, 0)),
    ],
)
def test_how_many_steps_and_forward_quantities_are_right(code: str, right: tuple[int, int]) -> None:
    assert right_in(code) == right


def test_a_glimpse_has_the_first_reading_and_nothing_borrowed() -> None:
    code = FORWARD + "db = 3 * b\n" + DA + DW
    made = prepare(KNOWN.exercise, load_bytes(code.encode(), "mine.py"), KNOWN.names, KNOWN.given)
    with running(CHAIN, code) as (session, whole):
        seen = glimpse(session, KNOWN.exercise, KNOWN.reference, made.names, made.sites)

    assert seen.commits == whole.commits
    assert seen.alignment == whole.alignment
    assert (seen.borrowed, seen.decisions) == ({}, whole.decisions)


ATTEMPTS = {
    "the first is right": ([FORWARD + RIGHT, AGAIN], [6, 7, 8]),
    "the second is right": ([FORWARD + AGAIN, RIGHT], [2, 3, 4]),
    "both are wrong": ([FORWARD + AGAIN, AGAIN], [6, 7, 8]),
    "one step anew": ([FORWARD + DB + DA + "dw = da * x\n", DW], [6, 7, 2]),
    "a third one": ([FORWARD + AGAIN, AGAIN, RIGHT], [2, 3, 4]),
    "in a loop": ([FORWARD + AGAIN, "for i in range(2):\n    db = 2 * b\n    da = 4 * a * b\n"], [6, 7, 8]),
    "in a function": ([FORWARD + AGAIN, "def f():\n    db = 2 * b\n    return db\nf()\n"], [6, 7, 8]),
}  # the first line of a further cell is `# %%`


@pytest.mark.parametrize(("cells", "lines"), ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_later_attempt_counts_where_more_is_right(cells: list[str], lines: list[int]) -> None:
    at = found(*cells)

    assert [at[name][1] for name in ("db", "da", "dw")] == lines


def test_with_the_answer_complete_the_rest_is_not_run() -> None:
    evidence = observed(CHAIN, FORWARD + RIGHT, "z = 1\n", "u = 2\n")
    names = {name for one in evidence.scene.traces[1].events for name in evidence.scene.sites[one.site].names}

    assert {"dw"} <= names
    assert {"z", "u"}.isdisjoint(names)
    assert evidence.end == (0, 7)
    assert (evidence.again, evidence.until) == (None, evidence.end)


def test_after_an_error_runs_go_to_the_end() -> None:
    assert observed(CHAIN, FORWARD + DB + "da = db * 2 * q\n" + DW).until is None


def test_a_later_attempt_is_where_further_runs_end() -> None:
    evidence = observed(CHAIN, FORWARD + AGAIN, RIGHT)

    assert (evidence.again, evidence.until) == ((1, 2), (1, 2))


GUARDED = {
    "an error in a function": (
        "def back():\n    db = 2 * b\n    da = q * 2\n    dw = da * x + 1\nback()\n",
        {"da": "wrong raised @8 !8", "dw": "carried @9"},
    ),
    "a local that raises in a function": (
        "def back():\n    db = 2 * b\n    t = 1 / 0\n    da = t * b\n    dw = 4 * a * b * x + 1\nback()\n",
        {"da": "unjudged raised @9 !8"},
    ),
}


@pytest.mark.parametrize(("code", "expected"), GUARDED.values(), ids=GUARDED)
def test_what_comes_after_an_error_in_a_function_is_judged_all_the_same(code: str, expected: dict[str, str]) -> None:
    assert judged(FORWARD + code) == expected


def test_a_glimpse_reports_only_what_is_handed_over() -> None:
    code = FORWARD + "db = 3 * b\n" + DA + DW
    made = prepare(KNOWN.exercise, load_bytes(code.encode(), "mine.py"), KNOWN.names, KNOWN.given)
    with running(CHAIN, code) as (session, whole):
        seen = glimpse(session, KNOWN.exercise, KNOWN.reference, made.names, made.sites)

    assert all(one.events for one in whole.forced)
    assert not any(one.events for one in seen.forced)


@pytest.mark.parametrize(
    ("code", "any_"),
    [("q = 5.0\n", True), ("db = 'text'\n", True), ("q = 'text'\n", False), ("", False), ("def f(): pass\n", False)],
)
def test_whether_a_run_bound_anything_that_may_be_a_quantity(code: str, any_: bool) -> None:
    scene = observed(CHAIN, code + "print(1)\n").scene

    assert _any_quantity(scene.traces[0], scene.sites, scene.names) is any_
