"""`given` and `probe`: the inputs, their numbers, and how they are drawn."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.exercise.schema import DRAWS
from grader.exercise.types import NORMAL, Draw, Input

from .conftest import STEPS, Faults

FORWARD = "forward: |\n  z = w * 1\n  y = tanh(z)\n" + STEPS

FIXED_WHOLE = "a whole number from 1 up, or a formula of fixed whole inputs, such as `4 * H`"
BESIDE = "`value` beside `shape` or `draw`"
NO_DRAW = "no draw for an input with `fixed: true`"


def given(text: str, more: str = "") -> Input:
    """The input `a` given as `text`."""
    return loads(f"exercise: e\ntitle: E\ngiven:\n  w: 1.0\n  n: 4\n  a: {text}\n{FORWARD}{more}").input("a")


def test_a_number_is_drawn_near_itself() -> None:
    one = given("0.5")

    assert one.given is not None
    assert (one.shape, one.given.numbers(), one.given.dtype) == ((), (0.5,), "float64")
    assert (one.draw, one.probe, one.whole) == (Draw("like"), Draw("like"), False)


def test_a_number_with_an_exponent_is_a_number() -> None:
    assert given("1e-6").given == given("0.000001").given


def test_a_whole_number_is_fixed() -> None:
    one = given("3")

    assert (one.whole, one.fixed) == (True, True)
    assert one.given is not None
    assert one.given.dtype == "int64"


def test_a_whole_number_may_be_freed_and_is_then_a_number_like_others() -> None:
    one = given("{value: 3, fixed: false}")

    assert (one.whole, one.probe) == (False, Draw("like"))


def test_a_number_may_be_fixed() -> None:
    one = given("{value: 0.5, fixed: true}")

    assert (one.whole, one.fixed) == (False, True)


def test_a_nested_list_has_a_shape() -> None:
    one = given("[[1, 2.5, 3], [4, 5, 6]]")

    assert one.given is not None
    assert (one.shape, one.given.numbers(), one.whole) == ((2, 3), (1, 2.5, 3, 4, 5, 6), False)


def test_a_list_of_whole_numbers_is_fixed() -> None:
    one = given("[[1, 2], [0, 1]]")

    assert (one.whole, one.fixed) == (True, True)


def test_a_drawn_tensor_is_drawn_the_same_way_at_the_probes() -> None:
    one = given("{shape: [4, 3], draw: normal}")

    assert (one.shape, one.given, one.draw, one.probe) == ((4, 3), None, NORMAL, NORMAL)


def test_a_range_is_read_in_flow_style_without_quotes() -> None:
    assert given("{shape: [32], draw: uniform(-2, 2)}").draw == Draw("uniform", -2.0, 2.0)


def test_drawn_whole_numbers_are_whole_and_redrawn() -> None:
    one = given("{shape: [32], draw: integers(0, 27)}")

    assert (one.whole, one.probe) == (True, Draw("integers", 0.0, 27.0))


def test_a_shape_may_name_whole_inputs() -> None:
    assert given("{shape: [n, 2]}").shape == (4, 2)


def test_a_shape_may_be_a_formula_of_whole_inputs() -> None:
    assert given("{shape: [4*n, n + 1]}").shape == (16, 5)


def test_a_normal_draw_may_have_its_mean_and_deviation() -> None:
    assert given("{shape: [3], draw: normal(0, 0.5)}").draw == Draw("normal", 0.0, 0.5)


def test_an_end_of_a_draw_may_be_a_formula_of_whole_inputs() -> None:
    assert given("{shape: [3], draw: integers(0, 2*n)}").draw == Draw("integers", 0.0, 8.0)


def test_a_draw_without_a_shape_is_a_single_number() -> None:
    assert given("{draw: uniform(0, 1)}").shape == ()


def test_aliases_stand_in_the_long_form() -> None:
    assert given("{value: 0.5, aliases: [A0, self.a]}").aliases == ("A0", "self.a")


def test_probe_in_the_long_form() -> None:
    assert given("{value: 0.5, probe: uniform(0, 1)}").probe == Draw("uniform", 0.0, 1.0)


def test_probe_inputs_override_the_draw() -> None:
    assert given("0.5", "probe: {points: 2, inputs: {a: uniform(-2, 2)}}\n").probe == Draw("uniform", -2.0, 2.0)


def test_a_whole_input_with_a_whole_probe_stays_whole_and_is_no_longer_fixed() -> None:
    one = given("{value: 3, probe: integers(1, 5)}")

    assert (one.whole, one.fixed) == (True, False)


@pytest.mark.parametrize("name", ["y", "n", "yes", "off"])
def test_names_that_yaml_takes_for_booleans_are_names(name: str) -> None:
    exercise = loads(
        f"exercise: e\ntitle: E\ngiven:\n  {name}: 0.5\nforward: z = {name} * 2\nsteps: {{d1: d(z)/d({name})}}\n"
    )

    assert exercise.inputs[0].name == name


@pytest.mark.parametrize(
    ("text", "line", "column", "field", "found", "expected"),
    [
        ("[[1, 2], [3]]", 6, 15, "given.a[1]", "a list of 1", "a list of 2, as in the first row"),
        ("[1, [2]]", 6, 10, "given.a[1]", "a list of 1", "a single number, as in the first row"),
        ("[1, two]", 6, 10, "given.a[1]", "'two'", "a number"),
        ("[1, .inf]", 6, 10, "given.a[1]", "'.inf'", "a finite number of ordinary size"),
        ("[]", 6, 3, "given.a", "an empty list", "a number or a list of numbers"),
        ("{fixed: true}", 6, 3, "given.a", "neither `value` nor `shape`", "`value`, or `shape` and `draw`"),
        ("{value: 1.0, shape: [2]}", 6, 14, "given.a.value", BESIDE, "either `value` or a draw"),
        ("{shape: [m]}", 6, 15, "given.a.shape[0]", "'m'", FIXED_WHOLE),
        ("{shape: [0]}", 6, 15, "given.a.shape[0]", "'0'", FIXED_WHOLE),
        ("{shape: [100000, 100000]}", 6, 7, "given.a.shape", "10000000000 numbers", "at most 1000000"),
        ("{draw: uniform(2, 1)}", 6, 13, "given.a.draw", "'uniform(2, 1)'", "a lower end below the upper end"),
        ("{draw: integers(0, 1.5)}", 6, 13, "given.a.draw", "'integers(0, 1.5)'", "two whole numbers"),
        ("{draw: like}", 6, 13, "given.a.draw", "'like'", DRAWS),
        ("{value: 1.0, fixed: true, probe: normal}", 6, 39, "given.a.probe", "'normal'", NO_DRAW),
        ("9007199254740993", 6, 6, "given.a", "'9007199254740993'", "a finite number of ordinary size"),
    ],
)  # fmt: skip
def test_a_faulty_input_is_refused_at_its_place(
    faults: Faults, text: str, line: int, column: int, field: str, found: str, expected: str
) -> None:
    exercise = f"exercise: e\ntitle: E\ngiven:\n  w: 1.0\n  n: 4\n  a: {text}\n{FORWARD}"

    assert faults(exercise) == [(line, column, field, found, expected)]


@pytest.mark.parametrize(
    ("size", "field", "found"),
    [
        ("0", "given.a.shape[0]", "`n`, which is 0"),
        ("4.5", "given.a.shape[0]", "`n`, which is not the same whole number at every point"),
        ("four", "given.n", "'four'"),
    ],
)
def test_a_size_that_is_none_is_one_fault(faults: Faults, size: str, field: str, found: str) -> None:
    told = faults(f"exercise: e\ntitle: E\ngiven:\n  w: 1.0\n  n: {size}\n  a: {{shape: [n]}}\n{FORWARD}")

    assert [one[2:4] for one in told] == [(field, found)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2a", "a Python name: letters, digits and `_`"),
        ("a b", "a Python name: letters, digits and `_`"),
        ("lambda", "a name that is no word of Python"),
        ("__a", "a name that does not start with `__`"),
        ("d", "another name (`d` has a meaning of its own in formulas)"),
        ("np", "another name (`np` has a meaning of its own in formulas)"),
    ],
)
def test_an_input_needs_a_python_name(faults: Faults, name: str, expected: str) -> None:
    text = f"exercise: e\ntitle: E\ngiven:\n  w: 1.0\n  {name}: 4.0\n{FORWARD}"

    assert faults(text) == [(5, 3, f"given.{name}", f"the name `{name}`", expected)]


def test_an_operation_may_name_a_quantity() -> None:
    assert (
        loads("exercise: e\ntitle: E\ngiven: {x: 0.5}\nforward: mean = x * 2\nsteps: {d1: d(mean)/d(x)}").output
        == "mean"
    )


def test_probes_of_unknown_inputs_are_refused(faults: Faults) -> None:
    text = f"exercise: e\ntitle: E\ngiven: {{w: 1.0}}\n{FORWARD}probe: {{inputs: {{ww: normal}}}}\n"

    assert faults(text) == [(9, 18, "probe.inputs.ww", "the unknown input `ww`", "`w` (there are `w`)")]
