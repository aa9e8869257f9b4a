"""`derive`: steps the grader writes itself."""

from __future__ import annotations

from grader.exercise.load import loads

from .conftest import HEAD, LOOP, STEPS, Faults

CHAIN = """\
exercise: chain
title: Chain
given: {h0: 0.5, w_h: 2.0, w_y: 40.0}
forward: |
  h1_raw = w_h * h0
  h1 = tanh(h1_raw)
  h2_raw = w_h * h1
  h2 = tanh(h2_raw)
  y2 = w_y * h2
"""


def derived(text: str) -> list[tuple[str, str]]:
    return [(step.name, step.text) for step in loads(text).steps]


def test_reverse_walks_back_and_takes_each_input_as_soon_as_it_can() -> None:
    assert derived(CHAIN + "derive: {of: y2, by: [w_h, w_y], mode: reverse}\n") == [
        ("dy2", "d(y2)/d(y2)"),
        ("dw_y", "d(y2)/d(w_y)"),
        ("dh2", "d(y2)/d(h2)"),
        ("dh2_raw", "d(y2)/d(h2_raw)"),
        ("dh1", "d(y2)/d(h1)"),
        ("dh1_raw", "d(y2)/d(h1_raw)"),
        ("dw_h", "d(y2)/d(w_h)"),
    ]


def test_reverse_asks_only_for_what_lies_between() -> None:
    assert [name for name, _ in derived(CHAIN + "derive: {of: y2, by: [w_y]}\n")] == ["dy2", "dw_y"]


def test_forward_follows_the_program_for_each_input() -> None:
    assert derived(CHAIN + "derive: {of: h2, by: [h0, w_h], mode: forward}\n")[:5] == [
        ("dh1_raw_dh0", "d(h1_raw)/d(h0)"),
        ("dh1_dh0", "d(h1)/d(h0)"),
        ("dh2_raw_dh0", "d(h2_raw)/d(h0)"),
        ("dh2_dh0", "d(h2)/d(h0)"),
        ("dh1_raw_dw_h", "d(h1_raw)/d(w_h)"),
    ]


def test_both_is_forward_then_reverse() -> None:
    names = [name for name, _ in derived(CHAIN + "derive: {of: y2, by: [w_y], mode: both}\n")]

    assert names == ["dy2_dw_y", "dy2", "dw_y"]


def test_by_is_every_input_that_varies() -> None:
    text = HEAD.replace("x: 0.5", "x: {value: 0.5, fixed: true}") + "derive: {of: y}\n"

    assert [name for name, _ in derived(text)] == ["dy", "dz", "dw"]


def test_elements_of_a_loop_are_derived_one_by_one() -> None:
    steps = loads(LOOP + "derive: {of: loss, by: [w]}\n").steps

    assert [(one.name, one.text, one.family) for one in steps] == [
        ("dloss", "d(loss)/d(loss)", None),
        ("dh[3]", "d(loss)/d(h[3])", "dh"),
        ("dh[2]", "d(loss)/d(h[2])", "dh"),
        ("dh[1]", "d(loss)/d(h[1])", "dh"),
        ("dw", "d(loss)/d(w)", None),
    ]


def test_nothing_is_derived_through_what_has_no_derivative() -> None:
    text = (
        HEAD.replace("tanh(z)", "tanh(z) * n").replace("  z =", "  n = x.shape[0]\n  z =").replace("0.5", "[0.5, 1.0]")
    )

    assert [name for name, _ in derived(text + "derive: {of: y, by: [x]}\n")] == ["dy", "dz", "dx"]


def test_each_derived_step_has_the_points_of_derive() -> None:
    assert {one.points for one in loads(HEAD + "derive: {of: y, points: 0.5}\n").steps} == {0.5}


def test_explicit_steps_stand_before_or_after_as_in_the_file() -> None:
    assert [n for n, _ in derived(HEAD + "steps: {e: d(y)/d(x) + 1}\nderive: {of: y, by: [w]}\n")] == [
        "e",
        "dy",
        "dz",
        "dw",
    ]
    assert [n for n, _ in derived(HEAD + "derive: {of: y, by: [w]}\nsteps: {e: d(y)/d(x) + 1}\n")] == [
        "dy",
        "dz",
        "dw",
        "e",
    ]


def test_an_explicit_step_wins_and_keeps_the_place_in_the_order() -> None:
    steps = loads(HEAD + "derive: {of: y, by: [w]}\nsteps:\n  dz: {is: 1 - y**2, points: 3}\n").steps

    assert [(one.name, one.text, one.points) for one in steps] == [
        ("dy", "d(y)/d(y)", 1.0),
        ("dz", "1 - y**2", 3.0),
        ("dw", "d(y)/d(w)", 1.0),
    ]


def test_an_explicit_step_may_leave_the_quantity_to_derive() -> None:
    steps = loads(HEAD + "derive: {of: y, by: [w]}\nsteps:\n  dz: {hint: Think.}\n").steps

    assert (steps[1].text, steps[1].hint) == ("d(y)/d(z)", "Think.")


def test_unknown_names(faults: Faults) -> None:
    assert faults(HEAD + "derive: {of: yy, by: [x, ww]}\n") == [
        (9, 14, "derive.of", "the unknown name `yy`", "`y` (there are `z`, `y`)"),
        (9, 26, "derive.by[1]", "the unknown name `ww`", "`w` (there are `x`, `w`, `z`, `y`)"),
    ]


def test_by_something_it_does_not_depend_on(faults: Faults) -> None:
    assert faults(CHAIN + "derive: {of: h2, by: [w_y]}\nsteps: {a: d(y2)/d(h2)}\n") == [
        (10, 23, "derive.by[0]", "`w_y`", "a quantity that `h2` depends on")
    ]


def test_by_a_whole_number(faults: Faults) -> None:
    (fault,) = faults(HEAD.replace("x: 0.5", "x: 1") + "derive: {of: y, by: [x]}\n" + STEPS)

    assert fault[2:4] == ("derive.by[0]", "a derivative by the whole number `x`")


def test_a_derived_name_that_is_taken(faults: Faults) -> None:
    text = HEAD.replace("  y = tanh(z)", "  dz = tanh(z)\n  y = dz * 2") + "derive: {of: y, by: [w]}\n"

    assert [fault[2:] for fault in faults(text)] == [
        ("derive", "a mapping", "no quantity named `dz`: a step is named so")
    ]
