"""The verdicts on whole submissions: outcome, reason, the line pointed at, and the numbers shown."""

from __future__ import annotations

import pytest

from grader.judge.verdicts import Verdict, first_error, right_steps
from grader.model import Value
from tests.judge.runs import prepared, verdicts
from tests.judge.test_alignment import CHAIN, FORWARD

DB, DA, DW = "db = 2 * b\n", "da = db * 2 * a\n", "dw = da * x + 1\n"


def told(verdict: Verdict) -> str:
    """Outcome, reason, `@` the line pointed at, `#` the point (if not the given one), `!` the line that raised."""
    line = "" if verdict.site is None else f" @{verdict.site.statement[0]}"
    point = f" #{verdict.point}" if verdict.point else ""
    cause = "" if verdict.cause is None else f" !{verdict.cause.line}"
    reason = "" if verdict.reason is None else f" {verdict.reason}"
    return f"{verdict.outcome}{reason}{line}{point}{cause}"


def judged(*cells: str, exercise: str = CHAIN) -> dict[str, str]:
    """What is not simply correct."""
    found = verdicts(exercise, *cells).values()
    return {one.step.name: told(one) for one in found if one.outcome != "correct" or one.reason is not None}


FED = {"da": "carried @7", "dw": "carried @8"}
FED_AT_A_PROBE = {"da": "carried @7 #1", "dw": "carried @8 #1"}
LOST = {"da": "carried raised @7 !7", "dw": "carried raised @8 !8"}

STEPS = {
    "right": (DB + DA + DW, {}),
    "wrong": ("db = 3 * b\n" + DA + DW, {"db": "wrong value @6", **FED}),
    "each wrong": (
        "db = 3 * b\nda = db * 3 * a\ndw = da * x + 2\n",
        {"db": "wrong value @6", "da": "wrong value @7", "dw": "wrong value @8"},
    ),
    "right at the given numbers": (
        "db = 2 * b + (x - 0.7)\n" + DA + DW,
        {"db": "wrong given_point_only @6 #1", **FED_AT_A_PROBE},
    ),
    "typed in": ("db = 1.6562\n" + DA + DW, {"db": "wrong constant @6 #1", **FED_AT_A_PROBE}),
    "typed in, and rounded": ("db = 1.66\n" + DA + DW, {"db": "wrong constant @6", **FED}),
    "a wrong number typed in": ("db = 1.67\n" + DA + DW, {"db": "wrong value @6", **FED}),
    "errors that cancel": (
        "db = 4 * b\nda = db * a\n" + DW,
        {"db": "wrong value @6", "da": "compensated value @7"},
    ),
    "its own line raises": (
        DB + "da = db * 2 * a / 0\n" + DW,
        {"da": "wrong raised @7 !7", "dw": "carried raised @8 !8"},
    ),
    "a name that nobody binds": (
        DB + "da = zz * 2 * a\n" + DW,
        {"da": "wrong raised @7 !7", "dw": "carried raised @8 !8"},
    ),
    "an error before": ("db = 1 / 0\n" + DA + DW, {"db": "wrong raised @6 !6", **LOST}),
    "a helper raises": (
        "t = 1 / 0\ndb = 2 * t\n" + DA + DW,
        {"db": "unjudged raised @7 !7", "da": "carried raised @8 !8", "dw": "carried raised @9 !9"},
    ),
    "a blank": ("db = ...\n" + DA + DW, {"db": "missing placeholder @6", **LOST}),
    "blanks": (
        "db = ...\nda = ...\ndw = ...\n",
        {"db": "missing placeholder @6", "da": "missing placeholder @7", "dw": "missing placeholder @8"},
    ),
    "a blank of one's own": (
        "t = ...\ndb = 2 * t\n" + DA + DW,
        {"db": "missing placeholder @6", "da": "carried raised @8 !8", "dw": "carried raised @9 !9"},
    ),
    "a function that is not written": (
        "def f(b):\n    raise NotImplementedError\ndb = f(b)\n" + DA + DW,
        {"db": "missing placeholder @8", "da": "carried raised @9 !9", "dw": "carried raised @10 !10"},
    ),
    "a blank in a function": (
        "def back():\n    db = ...\n    da = db * 2 * a\n    dw = da * x + 1\n    return db, da, dw\nback()\n",
        {"db": "missing placeholder @7", "da": "carried @8", "dw": "carried @9"},
    ),
    "an error in a function": (
        "def back():\n    db = 2 * b\n    da = db * 2 * a / 0\n    dw = da * x + 1\n    return db, da, dw\nback()\n",
        {"da": "wrong raised @8 !8", "dw": "carried @9"},
    ),
    "a helper raises in a function": (
        "def back():\n    db = 2 * b\n    t = 1 / 0\n    da = db * 2 * t\n    dw = da * x + 1\nback()\n",
        {"da": "unjudged raised @9 !8", "dw": "carried @10"},
    ),
    "an error in a loop": (
        "for i in range(1):\n    db = 2 * b / 0\nda = 4 * a * b\n" + DW,
        {"db": "wrong raised @7 !7"},
    ),
    "only one is there": (
        DA,
        {"db": "missing not_bound", "da": "carried raised @6 !6", "dw": "missing not_bound"},
    ),
    "at other numbers alone": (
        "if x != 0.7:\n    db = 2 * b\nda = 4 * a * b\n" + DW,
        {"db": "unjudged not_reached @7"},
    ),
    "at the given numbers alone": (
        "if x == 0.7:\n    db = 2 * b\nda = 4 * a * b\n" + DW,
        {"db": "unjudged not_reached @7"},
    ),
    "the program ends": (
        DB + "import sys\nsys.exit()\n" + DA + DW,
        {"da": "unjudged not_reached @9", "dw": "unjudged not_reached @10"},
    ),
    "what adds to it raises": (DB + DA + "dw = da * x\ndw += 1 / 0\n", {"dw": "wrong raised @9 !9"}),
    "an error, and then right": ("db = 1 / 0\n" + DB + DA + DW, {}),
    "right, and then an error": (DB + DA + DW + "db = 1 / 0\n", {}),
    "a list of one": ("db = [2 * b]\nda = 4 * a * b\n" + DW, {"db": "correct squeezed @6"}),
    "a list of two": ("db = [2 * b, 1]\nda = 4 * a * b\n" + DW, {"db": "wrong shape @6"}),
    "a tuple": ("db = 2 * b,\nda = 4 * a * b\n" + DW, {"db": "wrong tuple @6"}),
    "a text": ("db = '2b'\nda = 4 * a * b\n" + DW, {"db": "unjudged type @6"}),
    "no number": ("db = float('nan')\n" + DA + DW, {"db": "wrong not_finite @6", **FED}),
    "no number at other numbers": (
        "db = 2 * b if x == 0.7 else float('inf')\n" + DA + DW,
        {"db": "wrong not_finite @6 #1", **FED_AT_A_PROBE},
    ),
}


@pytest.mark.parametrize(("steps", "expected"), STEPS.values(), ids=STEPS)
def test_the_verdicts_on_steps(steps: str, expected: dict[str, str]) -> None:
    assert judged(FORWARD + steps) == expected


CARRIED = {name: f"carried @{line}" for name, line in zip(("b", "y", "db", "da", "dw"), range(4, 9), strict=True)}


def test_a_wrong_forward_value_feeds_all_that_follows() -> None:
    wrong = FORWARD.replace("w * x", "w * x + 1")

    assert judged(wrong + DB + DA + DW) == {"a": "wrong value @3", **CARRIED}


def test_a_forward_value_that_was_typed_in_is_right_at_the_given_numbers_alone() -> None:
    at_a_probe = {name: f"{one} #1" for name, one in CARRIED.items()}

    assert judged(FORWARD.replace("w * x", "0.91") + DB + DA + DW) == {"a": "wrong constant @3 #1", **at_a_probe}


def test_where_no_name_stands_for_an_input_a_formula_with_its_number_is_not_judged() -> None:
    assert judged("a = 0.91\nb = a**2\ny = b**2 + 1.3\ndb = 2 * b\nda = db * 2 * a\ndw = da * 0.7 + 1\n") == {
        "a": "wrong constant @1 #1",
        "b": "carried @2 #1",
        "y": "unjudged nameless @3",
        "db": "carried @4 #1",
        "da": "carried @5 #1",
        "dw": "unjudged nameless @6",
    }
    assert judged("a = 0.91\nb = a**2\ny = b**2 + 1.3\ndb = 3 * b\n")["db"] == "wrong value @4"


def test_what_comes_after_the_answer_may_end_as_it_likes() -> None:
    assert judged(FORWARD + DB + DA + DW + "import os\nos.kill(os.getpid(), 9)\n") == {}


OPTIONAL = CHAIN.replace("  da: d(y)/d(a)\n", "  da: {is: d(y)/d(a), optional: true}\n")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (DB + "dw = 4 * a * b * x + 1\n", {"da": "correct merged"}),
        (DB + "dw = 3 * a * b * x + 1\n", {"da": "missing optional", "dw": "wrong value @7"}),
        (DB + "da = ...\ndw = 4 * a * b * x + 1\n", {"da": "missing placeholder @7"}),
        (DB, {"da": "missing optional", "dw": "missing not_bound"}),
        (DB + DA + DW, {}),
    ],
    ids=["merged", "merged into a wrong one", "a blank", "no next one", "there"],
)
def test_an_optional_step_is_judged_by_the_one_it_is_merged_into(steps: str, expected: dict[str, str]) -> None:
    assert judged(FORWARD + steps, exercise=OPTIONAL) == expected


# the numbers


def shown(steps: str, name: str) -> tuple[float | None, float | None, int, int]:
    """What was there and what is right, at which point, of how many; at the given numbers 2 b = 1.6562."""
    one = verdicts(CHAIN, FORWARD + steps)[name]
    got = round(one.got.numbers()[0], 6) if isinstance(one.got, Value) else None
    right = None if one.expected is None else round(one.expected.numbers()[0], 6)
    return got, right, one.point, one.points_checked


def test_a_wrong_step_is_shown_with_right_values_before_it_and_a_carried_one_as_it_is() -> None:
    steps = "db = 3 * b\nda = db * 3 * a\ndw = da * x + 1\n"

    assert shown(steps, "db") == (2.4843, 1.6562, 0, 4)
    assert shown(steps, "da") == (4.521426, 3.014284, 0, 4)  # 2 b * 3 a
    assert shown(steps, "dw") == (5.747497, 3.109999, 0, 4)  # 3 b * 3 a * x + 1


def test_a_compensated_step_is_shown_with_right_values_before_it() -> None:
    assert shown("db = 4 * b\nda = db * a\ndw = da * x + 1\n", "da") == (1.507142, 3.014284, 0, 4)


def test_a_right_step_is_shown_at_the_given_numbers() -> None:
    assert shown(DB + DA + DW, "db") == (1.6562, 1.6562, 0, 4)


def test_a_step_that_is_wrong_at_other_numbers_is_shown_there() -> None:
    got, right, point, checked = shown("db = 2 * b + (x - 0.7)\n" + DA + DW, "db")
    x = prepared(CHAIN).reference.points[1].inputs["x"].numbers()[0]

    assert (point, checked) == (1, 4)
    assert got is not None
    assert right is not None
    assert got - right == pytest.approx(x - 0.7, abs=1e-5)


def test_what_has_no_number_shows_none() -> None:
    assert shown("db = ...\n" + DA + DW, "db") == (None, None, 0, 4)
    assert shown(DB + "da = db * 2 * a / 0\n" + DW, "da") == (None, None, 0, 0)
    assert shown("", "db") == (None, None, 0, 0)


def first(steps: str) -> str | None:
    found = first_error(tuple(verdicts(CHAIN, FORWARD + steps).values()))
    return None if found is None else found.step.name


def test_the_first_error_is_the_one_that_is_made_first() -> None:
    assert first("dw = 3 * a * b * x + 1\ndb = 3 * b\n" + DA) == "dw"
    assert first("db = 3 * b\n" + DA + "dw = da * x\n") == "db"
    assert first(DB + DA + DW) is None
    assert first(DB + "da = db * 2 * a / 0\ndw = da * x\n") == "da"  # also where it raised


def test_a_forward_value_that_was_typed_in_is_no_error() -> None:
    found = first_error(tuple(verdicts(CHAIN, FORWARD.replace("w * x", "0.91") + DB + DA + DW).values()))

    assert found is None


def test_right_steps_are_right_in_themselves() -> None:
    found = verdicts(CHAIN, FORWARD + "db = 4 * b\nda = db * a\ndw = da * x + 1\n").values()

    assert right_steps(found) == {"a", "b", "y", "dw"}
