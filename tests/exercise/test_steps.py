"""`steps`: short and long forms, families over loops, and their faults."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.formula.syntax import Place

from .conftest import HEAD, LOOP, STEPS, Faults

FAMILY = """\
steps:
  dh[t]:
    is: d(loss)/d(h[t])
    for: t in reversed(range(1, T+1))
    points: 6
    hint: Go back in time.
"""


def test_the_short_form_is_a_step_of_one_point() -> None:
    (step,) = loads(HEAD + STEPS).steps

    assert (step.name, step.text, step.points, step.aliases, step.hint, step.optional) == (
        "dz",
        "d(y)/d(z)",
        1.0,
        (),
        None,
        False,
    )
    assert step.place == Place(10, 7, 10, 16)


def test_the_long_form() -> None:
    text = "steps:\n  dz: {is: d(y)/d(z), points: 2.5, aliases: [dy_dz, g], hint: Think., optional: true}\n"
    (step,) = loads(HEAD + text).steps

    assert (step.points, step.aliases, step.hint, step.optional) == (2.5, ("dy_dz", "g"), "Think.", True)


def test_a_quantity_with_a_comma_in_flow_style() -> None:
    assert loads(HEAD + "steps: {dz: {is: d(y, via=z)/d(w), points: 2}}\n").steps[0].text == "d(y, via=z)/d(w)"


@pytest.mark.parametrize(
    "quantity",
    ["d(y)/d(w)", "partial(y)/partial(z)", "d(y)/d(z) * (1 - y**2)", "d(d(y)/d(z))/d(z)", "1", "w * x"],
)
def test_quantities(quantity: str) -> None:
    assert loads(HEAD + f"steps:\n  a: {quantity}\n").steps[0].text == quantity


def test_a_family_is_written_out_in_the_order_of_its_loop() -> None:
    steps = loads(LOOP + FAMILY).steps

    assert [(one.name, one.text, one.family, one.index) for one in steps] == [
        ("dh[3]", "d(loss)/d(h[3])", "dh", 3),
        ("dh[2]", "d(loss)/d(h[2])", "dh", 2),
        ("dh[1]", "d(loss)/d(h[1])", "dh", 1),
    ]


def test_a_family_shares_its_points() -> None:
    assert [one.points for one in loads(LOOP + FAMILY).steps] == [2.0, 2.0, 2.0]


def test_every_member_has_the_hint_and_the_aliases_with_its_index() -> None:
    steps = loads(LOOP + FAMILY + "    aliases: [dhs]\n").steps

    assert [(one.hint, one.aliases) for one in steps[:2]] == [
        ("Go back in time.", ("dhs[3]",)),
        ("Go back in time.", ("dhs[2]",)),
    ]


def test_a_single_element_is_asked_for_by_its_number() -> None:
    (step,) = loads(LOOP + "steps:\n  dh[0]: d(loss)/d(h[0])\n").steps

    assert (step.name, step.family, step.index) == ("dh[0]", "dh", 0)


@pytest.mark.parametrize(
    ("steps", "faulty"),
    [
        ("  dz: d(y)/d(zz)", (10, 14, "steps.dz", "the unknown name `zz`", "`z`")),
        ("  dz: d(y)/(z)", (10, 7, "steps.dz", "'d(y)/(z)'", "`d(y)/d(z)`")),
        ("  dz: [x]", (10, 3, "steps.dz", "a list", "a quantity such as `d(y)/d(x)`, or a mapping with `is`")),
        ("  dz: {points: 1}", (10, 3, "steps.dz.is", "nothing", "`is:` with a quantity such as `d(y)/d(x)`")),
        ("  dz: {iss: 1}", (10, 8, "steps.dz.iss", "the unknown field 'iss'", "`is`")),
        ("  x: d(y)/d(z)", (10, 3, "steps.x", "`x`, which is the name of an input", "a name of the step's own")),
        (
            "  z: d(y)/d(z)",
            (
                10,
                3,
                "steps.z",
                "`z`, which is the name of a forward quantity (its points: `forward_points`)",
                "a name of the step's own",
            ),
        ),
        ("  d-z: d(y)/d(z)", (10, 3, "steps.d-z", "the name `d-z`", "a Python name: letters, digits and `_`")),
        (
            "  dz: {is: d(y)/d(z), for: t in range(3)}",
            (10, 28, "steps.dz.for", "`for` in the step `dz`", "a step named `dz[t]`"),
        ),
    ],
)
def test_a_faulty_step(faults: Faults, steps: str, faulty: tuple[int, int, str, str, str]) -> None:
    assert faults(HEAD + "steps:\n" + steps + "\n") == [faulty]


def test_a_derivative_by_a_whole_number(faults: Faults) -> None:
    assert faults(HEAD.replace("w: 2.0", "w: 2") + "steps:\n  dw: d(y)/d(w)\n") == [
        (
            10,
            14,
            "steps.dw",
            "a derivative by the whole number `w`",
            "a number with a decimal point in `given.w`, or `fixed: false`",
        )
    ]


@pytest.mark.parametrize(
    ("old", "new", "faulty"),
    [
        ("T+1", "S+1", (15, 33, "the loop bound `S + 1`", "whole numbers and fixed whole inputs")),
        ("for: t in", "for: s in", (15, 10, "the loop variable `s`", "`t`, as in the name of the step")),
        ("reversed(range(1, T+1))", "[1, 2]", (15, 10, "'t in [1, 2]'", "x")),
        ("t in reversed", "t on reversed", (15, 12, "'t on reversed(range(1, T+1))'", "x")),
        ("1, T+1", "5, T+1", (15, 10, "a loop without a pass", "at least one pass")),
        ("1, T+1", "0, 9999", (15, 10, "a family of 9999 steps", "at most 2000")),
    ],
)
def test_a_faulty_loop(faults: Faults, old: str, new: str, faulty: tuple[int, int, str, str]) -> None:
    (found,) = faults(LOOP + FAMILY.replace(old, new))

    words = "`t in range(...)` or `t in reversed(range(...))`" if faulty[3] == "x" else faulty[3]
    assert found == (*faulty[:2], "steps.dh[t].for", faulty[2], words)


def test_a_family_needs_a_loop(faults: Faults) -> None:
    assert faults(LOOP + "steps:\n  dh[t]: d(loss)/d(h[t])\n") == [
        (13, 10, "steps.dh[t].for", "nothing", "`for: t in range(...)`")
    ]


def test_a_loop_may_not_smuggle_in_statements(faults: Faults) -> None:
    text = FAMILY.replace("t in reversed(range(1, T+1))", '"t in range(3):\\n w = 1\\nfor t in range(2)"')

    assert faults(LOOP + text)[0][2] == "steps.dh[t].for"


def test_elements_that_are_never_assigned(faults: Faults) -> None:
    assert faults(LOOP + FAMILY.replace("d(h[t])", "d(h[t+1])")) == [
        (14, 19, "steps.dh[t].is", "`h[4]`, which has no value", "`h[0]` to `h[3]`")
    ]


def test_a_step_asked_for_twice(faults: Faults) -> None:
    text = LOOP + FAMILY + "  dh[2]: d(loss)/d(h[2])\n"

    assert faults(text) == [(18, 3, "steps.dh[2]", "`dh[2]` a second time", "each step once")]


@pytest.mark.parametrize("nothing", ["", "steps: {}\n"])
def test_an_exercise_asks_for_something(faults: Faults, nothing: str) -> None:
    ((_, _, field, found, expected),) = faults(HEAD + nothing)

    assert (field, found, expected) == (
        "steps" if nothing else "file",
        "no steps",
        "at least one step in `steps`, or `derive`",
    )


def test_a_long_text_is_cut_in_a_fault(faults: Faults) -> None:
    ((_, _, _, found, _),) = faults(f"{HEAD}steps: {{dz: d(y)/d({'z' * 1000})}}\n")

    assert (len(found), found[-4:]) == (300, "z...")
