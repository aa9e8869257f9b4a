"""What is known of a program before it is computed: its names, its loops written out, its quantities."""

from __future__ import annotations

import time

import pytest

from grader.formula.check import (
    MAX_STATEMENTS,
    check_expression,
    check_program,
    integer,
    integers,
    quantities,
    reads,
    substitute,
    unrolled,
)
from grader.formula.parse import parse_expression, parse_program
from grader.formula.syntax import For, FormulaError, FormulaFault, Place, text

LOOP = "h[0] = h0\nfor t in range(1, T+1):\n  h[t] = tanh(w * h[t-1])\nloss = h[T]\n"


def faults(source: str, *inputs: str) -> list[tuple[int, int, str, str]]:
    found = check_program(parse_program(source), frozenset(inputs))
    return [(fault.place.line, fault.place.column, fault.found, fault.expected) for fault in found]


# names


def test_a_program_without_faults() -> None:
    assert faults(LOOP, "h0", "w", "T") == []


def test_an_unknown_name_is_answered_with_the_nearest_known_one() -> None:
    assert faults("h1_raw = w_h * h0\nh1 = tanh(h1_rav)", "w_h", "h0") == [
        (2, 11, "the unknown name `h1_rav`", "`h1_raw`")
    ]


def test_where_nothing_is_near_all_known_names_are_offered() -> None:
    assert faults("y = qqq", "x", "w") == [(1, 5, "the unknown name `qqq`", "`w`, `x`")]


def test_a_name_that_is_read_before_it_is_assigned_is_told_with_both_lines() -> None:
    assert [(found, expected) for _, _, found, expected in faults("a = b\nb = x", "x")] == [
        ("`b` in line 1, before its definition in line 2", "line 2 before line 1")
    ]
    assert [found for _, _, found, _ in faults("a = a * x", "x")] == ["`a` in the line that defines it"]


def test_unknown_names_in_indices_options_and_loop_bounds() -> None:
    source = "a = x[i]\nb = sum(x, dim=j)\nfor t in range(k):\n  h[t + l] = x\n"

    assert [found[-2:-1] for _, _, found, _ in faults(source, "x")] == ["i", "j", "k", "l"]


def test_a_loop_variable_is_known_inside_its_loop_only() -> None:
    assert [place[:2] for place in faults("for t in range(3):\n  h[t] = t * x\ny = t", "x")] == [(3, 5)]


def test_a_later_pass_may_read_what_an_earlier_one_assigned() -> None:
    assert faults("for t in range(3):\n  g[t] = h[t-1] * x\n  h[t] = g[t]\n", "x") == []


# assignments


def test_a_given_quantity_is_not_assigned() -> None:
    assert faults("x = 1.0", "x") == [(1, 1, "an assignment to the given quantity `x`", "a new name")]


def test_no_part_of_a_given_quantity_is_assigned() -> None:
    assert faults("x[0] = 1.0", "x") == [(1, 1, "an assignment to the given quantity `x`", "a new name")]


def test_each_quantity_is_assigned_once() -> None:
    assert faults("y = x\ny = 2*x", "x") == [
        (2, 1, "a second assignment to `y`", "each quantity to be assigned once (in a loop: `h[t] = ...`)")
    ]


def test_what_builds_on_itself_may_be_assigned_again() -> None:
    assert faults("loss = x\nloss = loss + x\nloss += x", "x") == []


def test_a_quantity_may_be_changed_in_parts_once_it_is_there() -> None:
    assert faults("y = zeros(3)\ny[0] = x\ny[1] = x", "x") == []


def test_a_family_is_never_assigned_as_a_whole() -> None:
    assert faults("h[0] = x\nh[1] = x\nh = 2 * h", "x") == [
        (3, 1, "an assignment to the whole of `h`", "a new name: `h` is assigned element by element")
    ]


def test_a_loop_variable_is_not_assigned() -> None:
    assert faults("for t in range(3):\n  t = x\n", "x") == [
        (2, 3, "an assignment to the loop variable `t`", "a new name")
    ]


@pytest.mark.parametrize(
    "source", ["for x in range(3):\n  h[x] = 1.0", "for t in range(3):\n  for t in range(3):\n    y=x"]
)
def test_a_loop_variable_has_a_name_of_its_own(source: str) -> None:
    assert "a second time" in faults(source, "x")[0][2]


def test_one_loop_after_the_other_may_use_the_same_variable() -> None:
    assert faults("for t in range(3):\n  g[t] = x\nfor t in range(3):\n  h[t] = g[t]\n", "x") == []


def test_derivatives_belong_to_the_steps() -> None:
    assert faults("y = tanh(x)\nz = d(y)/d(x)", "x") == [
        (2, 1, "a derivative in the forward program", "derivatives in `steps`")
    ]


# expressions of steps


def test_derivatives_are_by_quantities() -> None:
    found = check_expression(parse_expression("d(y)/d(x + 1) + partial(2*y)/partial(x)"), frozenset("xy"))

    assert found == (
        FormulaFault(Place(1, 1, 1, 14), "a derivative by `x + 1`", "a derivative by a quantity"),
        FormulaFault(Place(1, 17, 1, 40), "a partial of `2 * y`", "the partial of one quantity"),
    )


def test_names_inside_derivatives_are_checked() -> None:
    found = check_expression(parse_expression("d(yy, via=q)/d(x)"), frozenset({"y", "x"}))

    assert [fault.found for fault in found] == ["the unknown name `yy`", "the unknown name `q`"]


# whole numbers


@pytest.mark.parametrize(
    ("source", "value"),
    [("3", 3), ("T", 4), ("T - 1", 3), ("-T", -4), ("2*(T+1)//3", 3), ("T % 3", 1), ("7 // 0", None), ("7 % 0", None),
     ("2.0", None), ("T / 2", None), ("x", None), ("tanh(T)", None)],
)  # fmt: skip
def test_arithmetic_of_whole_constants(source: str, value: int | None) -> None:
    assert integer(parse_expression(source), {"T": 4}) == value


def test_whole_numbers_without_measure_are_no_constants() -> None:
    square = parse_program("n = m * m")[0]

    assert not isinstance(square, For)
    assert integer(square.value, {"m": 2**31}) == 2**62
    assert integer(square.value, {"m": 2**32}) is None


# loops


@pytest.mark.parametrize(
    ("loop", "values"),
    [
        ("range(3)", (0, 1, 2)),
        ("range(1, T+1)", (1, 2, 3, 4)),
        ("range(T, 0, -2)", (4, 2)),
        ("reversed(range(1, T+1))", (4, 3, 2, 1)),
        ("range(0)", ()),
    ],
)
def test_the_values_a_loop_variable_takes(loop: str, values: tuple[int, ...]) -> None:
    (statement,) = parse_program(f"for t in {loop}:\n  h[t] = 1")

    assert isinstance(statement, For)
    assert integers(statement.start, statement.stop, statement.step, statement.backwards, {"T": 4}) == values


@pytest.mark.parametrize(
    ("loop", "found"),
    [
        ("range(x)", "the loop bound `x`"),
        ("range(2.0)", "the loop bound `2.0`"),
        ("range(1, 2, 0)", "the loop bound `0`"),
        ("range(30000)", "a loop of too many passes"),
        ("range(9000000000000000000)", "a loop of too many passes"),
        ("range(-9000000000000000000, 9000000000000000000)", "a loop of too many passes"),
        ("range(3000000000 * 3000000000 * 3000000000)", "the loop bound `3000000000 * 3000000000 * 3000000000`"),
    ],
)
def test_loops_without_measure_are_refused_at_their_bound(loop: str, found: str) -> None:
    with pytest.raises(FormulaError) as caught:
        unrolled(parse_program(f"y = 1\nfor t in {loop}:\n  h[t] = 1"), {})

    (fault,) = caught.value.faults
    assert (fault.place.line, fault.found) == (2, found)


def test_loops_are_written_out_with_numbers_for_their_variables() -> None:
    made = unrolled(parse_program(LOOP), {"T": 2})

    assert [(one.name, [text(key) for key in one.keys], text(one.value)) for one in made] == [
        ("h", ["0"], "h0"),
        ("h", ["1"], "tanh(w * h[0])"),
        ("h", ["2"], "tanh(w * h[1])"),
        ("loss", [], "h[T]"),
    ]


def test_loops_inside_loops() -> None:
    made = unrolled(parse_program("for i in range(2):\n  for j in range(i, 2):\n    g[2*i + j] = x[i, j]\n"), {})

    assert [(text(one.keys[0]), text(one.value)) for one in made] == [
        ("0", "x[0, 0]"),
        ("1", "x[0, 1]"),
        ("3", "x[1, 1]"),
    ]


def test_a_program_of_too_many_assignments_is_refused() -> None:
    source = "for i in range(200):\n  for j in range(200):\n    y = x\n"

    with pytest.raises(FormulaError):
        unrolled(parse_program(source), {})


def test_loops_around_nothing_end_as_well() -> None:
    source = "for i in range(20000):\n  for j in range(20000):\n    for k in range(0):\n      y = x\n"

    started = time.perf_counter()
    with pytest.raises(FormulaError) as caught:
        unrolled(parse_program(source), {})
    assert time.perf_counter() - started < 5
    assert caught.value.faults[0].expected == f"at most {MAX_STATEMENTS}"


# quantities


def test_the_quantities_of_a_program_in_its_order() -> None:
    assert quantities(parse_program(LOOP), {"T": 2}) == (("h", 0), ("h", 1), ("h", 2), ("loss", None))


def test_what_is_assigned_again_is_one_quantity() -> None:
    program = parse_program("loss = 0\nfor t in range(3):\n  loss = loss + x[t]\n")

    assert quantities(program, {}) == (("loss", None),)


def test_parts_of_a_whole_are_no_quantities_of_their_own() -> None:
    assert quantities(parse_program("y = zeros(3)\ny[0] = x\ny[1] = x"), {}) == (("y", None),)


def test_reads_are_the_names_in_all_statements_of_a_name() -> None:
    assert reads(parse_program(LOOP)) == {"h": frozenset({"h0", "w", "h", "t"}), "loss": frozenset({"h", "T"})}


# substitution


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("h[t]", "h[3]"),
        ("h[t-1]", "h[2]"),
        ("x[t:t+2, n]", "x[3:3 + 2, n]"),
        ("d(loss, via=h[t])/d(h[t-1])", "d(loss, via=h[3])/d(h[2])"),
        ("t * x", "3 * x"),
        ("sum(x, dim=t)", "sum(x, dim=3)"),
        ("[t, u]", "[3, u]"),
        ("t_", "t_"),
    ],
)
def test_numbers_take_the_place_of_names(source: str, result: str) -> None:
    assert text(substitute(parse_expression(source), {"t": 3})) == result


def test_places_stay_where_they_were() -> None:
    tree = substitute(parse_expression("h[t-1]"), {"t": 3})

    assert tree.place == Place(1, 1, 1, 7)
