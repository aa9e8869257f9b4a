"""`forward`: the program, its quantities, and its faults at their places in the file."""

from __future__ import annotations

from grader.exercise.load import loads
from grader.formula.syntax import Index, Name, Number, statements

from .conftest import HEAD, LOOP, STEPS, Faults


def test_every_forward_quantity_is_a_step_without_points() -> None:
    exercise = loads(HEAD + STEPS)

    assert [(one.name, one.text, one.points, one.family) for one in exercise.forward_steps] == [
        ("z", "z", 0.0, None),
        ("y", "y", 0.0, None),
    ]


def test_elements_assigned_in_loops_are_quantities_one_by_one() -> None:
    exercise = loads(LOOP + "steps: {dw: d(loss)/d(w)}\n")

    assert [(one.name, one.family, one.index) for one in exercise.forward_steps] == [
        ("h[0]", "h", 0),
        ("h[1]", "h", 1),
        ("h[2]", "h", 2),
        ("h[3]", "h", 3),
        ("loss", None, None),
    ]
    assert isinstance(exercise.forward_steps[3].quantity, Index)


def test_places_in_the_program_are_places_in_the_file() -> None:
    exercise = loads(HEAD + STEPS)

    place = [statement.place for statement in statements(exercise.program)][1]
    assert (place.line, place.column, place.end_line, place.end_column) == (8, 3, 8, 14)


def test_forward_points_of_a_quantity_and_of_a_family() -> None:
    exercise = loads(LOOP + "steps: {dw: d(loss)/d(w)}\nforward_points: {h: 2, 'h[0]': 0, loss: 1}\n")

    assert [one.points for one in exercise.forward_steps] == [0.0, 0.5, 0.5, 0.5, 1.0]


def test_forward_points_of_something_else_are_refused(faults: Faults) -> None:
    assert faults(HEAD + STEPS + "forward_points: {yy: 1}\n") == [
        (11, 18, "forward_points.yy", "the unknown forward quantity `yy`", "`y` (there are `z`, `y`)")
    ]


def test_the_text_of_the_program_is_kept() -> None:
    assert loads(HEAD + STEPS).program_text == "z = w * x\ny = tanh(z)\n"


def test_faults_of_the_program_have_their_place_in_the_file(faults: Faults) -> None:
    text = HEAD.replace("  y = tanh(z)", "  y = tanh(z) * ((z ^ 2) +\n       tahn(z))")

    assert [fault[:4] for fault in faults(text + STEPS)] == [
        (8, 19, "forward", "the operator `^`"),
        (9, 8, "forward", "the unknown operation `tahn`"),
    ]


def test_a_syntax_error_in_the_program(faults: Faults) -> None:
    assert [fault[:4] for fault in faults(HEAD.replace("tanh(z)", "tanh(z") + STEPS)] == [
        (8, 11, "forward", "'y = tanh(z'")
    ]


def test_unknown_names_in_the_program(faults: Faults) -> None:
    assert [fault[:4] for fault in faults(HEAD.replace("tanh(z)", "tanh(zz)") + STEPS)] == [
        (8, 12, "forward", "the unknown name `zz`")
    ]


def test_an_empty_program(faults: Faults) -> None:
    text = "exercise: e\ntitle: E\ngiven: {x: 1.0}\nforward: ''\nsteps: {dx: d(x)/d(x)}\n"

    assert faults(text) == [(4, 10, "forward", "an empty program", "at least one assignment such as `y = w * x`")]


def test_a_forward_name_with_another_meaning(faults: Faults) -> None:
    text = "exercise: e\ntitle: E\ngiven: {x: 1.0}\nforward: d = x * 2\nsteps: {dx: 2*x}\n"

    assert faults(text) == [
        (4, 10, "forward", "the name `d`", "another name (`d` has a meaning of its own in formulas)")
    ]


def test_a_faulty_input_does_not_make_its_name_unknown(faults: Faults) -> None:
    assert [fault[2] for fault in faults(HEAD.replace("x: 0.5", "x: half") + STEPS)] == ["given.x"]


def test_a_faulty_program_does_not_make_the_steps_wrong(faults: Faults) -> None:
    assert [fault[2] for fault in faults(HEAD.replace("tanh(z)", "tahn(z)") + STEPS)] == ["forward"]


def test_a_loop_over_what_is_not_fixed(faults: Faults) -> None:
    text = LOOP.replace("T: 3", "T: 3.0") + "steps: {dw: d(loss)/d(w)}\n"

    assert [fault[:4] for fault in faults(text)] == [(9, 21, "forward", "the loop bound `T + 1`")]


def test_too_many_quantities(faults: Faults) -> None:
    text = LOOP.replace("T: 3", "T: 3000") + "steps: {dw: d(loss)/d(w)}\n"

    assert faults(text) == [(7, 10, "forward", "3002 forward quantities", "at most 2000")]


def test_a_very_deep_expression_is_refused(faults: Faults) -> None:
    assert faults(HEAD.replace("tanh(z)", "+".join("z" * 3000)) + STEPS)[0][2] == "forward"


def test_names_are_read_by_their_index() -> None:
    quantity = loads(LOOP + "steps: {a: 'd(loss)/d(h[1])'}\n").forward_steps[1].quantity

    assert isinstance(quantity, Index)
    assert isinstance(quantity.base, Name)
    assert isinstance(quantity.keys[0], Number)


def test_a_loop_without_measure(faults: Faults) -> None:
    text = LOOP.replace("T+1", "*".join(["999999999"] * 9)) + "steps: {dw: d(loss)/d(w)}\n"

    assert faults(text)[0][2] == "forward"
