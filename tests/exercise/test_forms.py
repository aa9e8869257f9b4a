"""What a forward program may not contain is refused at its line, with the reason."""

from __future__ import annotations

import pytest

from grader.errors import ExerciseError
from grader.exercise.load import loads
from grader.formula.syntax import For, text
from grader.reference.autograd import build
from tests.exercise.conftest import Faults

HEAD = """\
exercise: small
title: Small
given:
  T: 3
  w: 0.7
  x: [0.5, -0.3]
forward: |
"""


def of(program: str) -> str:
    lines = "".join(f"  {line}\n" for line in program.split("\n"))
    return f"{HEAD}{lines}steps: {{dw: d(y)/d(w)}}\n"


REFUSED = {
    "while w > 0:\n  y = w": (8, 3, "how often a `while` runs may depend on the values"),
    "if w > 0:\n  y = w": (9, 5, "`else:`"),
    "for q in w:\n  y = q": (8, 12, "an array that is given"),
    "for w in [1, 2]:\n  y = w": (8, 7, "a new name"),
    "y = [w for i in range(T) if x[0] > i]": (8, 31, "the length of a list may not vary"),
    "a, b, c = x\ny = w": (8, 3, "2 names, as there are 2 values"),
    "a, b = w, 1\na, b = a * b, a + b\ny = a": (9, 3, "names of their own for the new values"),
    "def f(a):\n  return f(a)\ny = f(w)": (9, 12, "functions that do not call themselves"),
    "def f(a):\n  b = a\ny = f(w)": (10, 7, "`return` with a value on each way through `f`"),
    "def f(a):\n  if a > 0:\n    return a\ny = f(w)": (11, 7, "`return` with a value on each way through `f`"),
    "def f(a):\n  return a\ny = f(w, 2)": (10, 7, "`f(a)`"),
    "def f(a):\n  return tahn(a)\ny = f(w)": (9, 12, "`tanh`"),
    "def d(a):\n  return a\ny = w": (8, 3, "another name"),
    "h = []\nif w > 0:\n  h.append(w)\ny = w": (10, 5, "the length of a list may not depend on values"),
    "for i in range(2):\n  break\ny = w": (9, 5, "every pass is made in full"),
    "a, b, c, *q = x\ny = w": (8, 3, "at most 2 names beside the one with a star"),
    "a, *b = w\ny = a": (8, 11, "an array that is given"),
    "y = sum(x) + svd([[w, 1], [2, 3]], full_matrices=True)[1][0]": (8, 16, "`full_matrices=False`"),
    "y = w\nprint(y)": (9, 3, "without this line"),
    "h['a'] = w\ny = w": (8, 5, "a whole number"),
    "if w > 0:\n  for i in w:\n    y = i\nelse:\n  y = w": (9, 14, "an array that is given"),
}


@pytest.mark.parametrize("program", REFUSED)
def test_a_form_is_refused_at_its_line(faults: Faults, program: str) -> None:
    ((line, column, field, _, expected),) = faults(of(program))

    assert (line, column, field) == (*REFUSED[program][:2], "forward")
    assert REFUSED[program][2] in expected


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("y = sum(w * x if x > 0 else x)", "`where(condition, a, b)` chooses entry by entry"),
    ],
)
def test_what_means_something_else_for_arrays_is_refused(program: str, said: str) -> None:
    exercise = loads(of(program))

    with pytest.raises(ExerciseError) as caught:
        build(exercise)

    assert caught.value.faults[0].line == 8
    assert said in caught.value.faults[0].found


@pytest.mark.parametrize(
    ("program", "line", "column", "found", "expected"),
    [
        ("z = w * ones(4, 3)\nh, g = tanh(z)\ny = sum(h * g)", 9, 3, "2 names for `tanh(z)`", "4 names"),
        ("h, g = sum(w * x)\ny = h", 8, 3, "2 names for `sum(w * x)`", "one name, as there is one value"),
        ("z = w * ones(4, 3)\nn, m, k = z.shape\ny = sum(z)", 9, 3, "3 names for `shape_of(z)`", "2 names"),
        ("for t in range(T):\n  h[t] = w * t\na, b = h\ny = a", 10, 3, "2 names for `h`", "3 names"),
        ("def f(q):\n  a, b, c = q\n  return a\ny = f(w * x)", 9, 5, "3 names for `w * x`", "2 names"),
        ("y = sum([a for a, b in [[w, 1], exp(w * ones(3))]])", 8, 18, "2 names for `exp(w * ones(", "3 names"),
        ("a, b, c = qr(w * ones(2, 2))\ny = sum(b)", 8, 3, "3 names for `qr(w * ones(", "2 names"),
    ],
)
def test_a_value_that_is_assigned_to_another_number_of_names_is_refused(
    program: str, line: int, column: int, found: str, expected: str
) -> None:
    with pytest.raises(ExerciseError) as caught:
        build(loads(of(program)))

    (fault,) = caught.value.faults
    assert (fault.line, fault.column, fault.field) == (line, column, "forward")
    assert fault.found.startswith(found)
    assert fault.expected.startswith(expected)


@pytest.mark.parametrize(
    ("program", "slope"),
    [
        ("a, b = w * x\ny = a + 2 * b", -0.1),
        ("for t in range(T):\n  h[t] = w * t\na, b, c = h\ny = a + b * c", 4 * 0.7),
        ("h = w * ones(4, 2)\nfor t in range(4):\n  p, q = h[t]\n  s[t] = p * q\ny = sum(s)", 8 * 0.7),
        ("(a, b), c = stack([w * x, w * x]), w\ny = sum(a) + sum(b) * c", 0.2 + 0.4 * 0.7),
    ],
)
def test_a_value_is_assigned_to_as_many_names_as_it_has_values(program: str, slope: float) -> None:
    assert build(loads(of(program))).values[0]["dw"].numbers() == (pytest.approx(slope),)


def test_a_program_that_grows_without_measure_is_refused(faults: Faults) -> None:
    doubled = "".join(f"\n  a = a * a + {at}" for at in range(40))

    ((_, _, _, found, _),) = faults(of(f"def f(a):{doubled}\n  return a\ny = f(w)"))

    assert found == "a program that is too long when functions and loops are written out"


def test_a_loop_over_a_range_stays_a_loop() -> None:
    program = loads(of("h[0] = w\nfor t in range(T):\n  h[t + 1] = h[t] if w > 0 else w\ny = h[T]")).program

    assert [type(one).__name__ for one in program] == ["Assign", "For", "Assign"]
    assert isinstance(program[1], For)
    assert text(program[1].stop) == "T"


def test_of_an_if_on_fixed_numbers_one_branch_remains() -> None:
    (statement,) = loads(of("if T > 2:\n  y = 2 * w\nelse:\n  y = w")).program

    assert not isinstance(statement, For)
    assert (text(statement.value), statement.place.line) == ("2 * w", 9)


@pytest.mark.parametrize(("given", "slope"), [("w", 2.0), ("-w", -3.0)])
def test_a_function_may_return_in_either_branch(given: str, slope: float) -> None:
    program = of(f"def f(a):\n  if a > 0:\n    return 2 * a\n  return 3 * a\ny = f({given})")

    assert build(loads(program)).values[0]["dw"].numbers() == (slope,)


def test_what_both_branches_assign_is_a_quantity_that_later_lines_read() -> None:
    program = of("if w > 0:\n  a = 2 * w\n  y = a**2\nelse:\n  a = w\n  y = a")
    exercise = loads(program.replace("d(y)/d(w)", "d(y)/d(a)"))

    assert [step.name for step in exercise.forward_steps] == ["a", "y"]
    assert build(exercise).values[0]["dw"].numbers() == (2.8,)


def test_a_derivative_by_an_array_whose_entries_lead_to_each_other_takes_every_path() -> None:
    program = of("h[0, 0] = w\nh[0, 1] = h[0, 0]**2\nh[1, 0] = 3 * h[0, 1]\ny = h[1, 0]")
    exercise = loads(program.replace("dw: d(y)/d(w)", "dh: d(y)/d(h), corner: 'd(y)/d(h[0, 1])'"))

    found = build(exercise).values[0]

    assert found["dh"].shape == (2, 2)
    assert found["dh"].numbers() == pytest.approx((6 * 0.7, 3.0, 1.0, 0.0))
    assert found["corner"].numbers() == (3.0,)


@pytest.mark.parametrize("product", ["[1, 2] * w", "w * [1, 2]"])
def test_a_list_and_a_value_that_varies_are_multiplied_entry_by_entry(product: str) -> None:
    assert build(loads(of(f"y = sum({product})"))).values[0]["dw"].numbers() == (3.0,)


def test_of_two_names_for_one_value_the_second_is_made_from_the_first() -> None:
    exercise = loads(of("a = b = w**2\ny = 3 * b").replace("dw: d(y)/d(w)", "da: d(y)/d(a), db: d(y)/d(b)"))

    found = build(exercise).values[0]

    assert (found["da"].numbers(), found["db"].numbers()) == ((3.0,), (3.0,))


@pytest.mark.parametrize(
    ("program", "slope"),
    [
        ("a, *b = [w, w**2, w**3]\ny = a + sum(b)", 1 + 2 * 0.7 + 3 * 0.49),
        ("*a, b = (w, w**2)\ny = b + a[0]", 1 + 2 * 0.7),
        ("a, *b, c = [w, 2 * w, 3 * w, w**2]\ny = b[0] + b[1] * c", 2 + 9 * 0.49),
        ("for i, *r in [(1, w, x[0]), (2, w, x[1])]:\n  h[i - 1] = i * r[0] * r[1]\ny = h[0] + h[1]", -0.1),
        ("parts = [w, w**2]\ny = sum([*parts, w])", 1 + 2 * 0.7 + 1),
        ("def f(a, b):\n  return a * b\ny = f(*[w, 3 * w])", 6 * 0.7),
    ],
)
def test_a_star_takes_what_is_left_or_puts_in_every_item(program: str, slope: float) -> None:
    assert build(loads(of(program))).values[0]["dw"].numbers() == (pytest.approx(slope),)


def test_expand_keeps_the_size_of_an_axis_with_minus_one() -> None:
    assert build(loads(of("y = sum((w * x).expand(4, -1)[:, 0])"))).values[0]["dw"].numbers() == (4 * 0.5,)


@pytest.mark.parametrize(
    "program",
    [
        "U, S, Vh = svd([[w, 1], [2, 3]], full_matrices=False)\ny = sum(U @ diag(S) @ Vh)",
        "vals, vecs = eigh([[w, 1], [1, 3]])\ny = sum(vecs @ diag(vals) @ vecs.T)",
    ],
)
def test_what_is_right_with_either_sign_is_no_quantity(program: str) -> None:
    exercise = loads(of(program))

    assert {step.name for step in exercise.forward_steps} <= {"S", "vals", "y"}
    assert build(exercise).values[0]["dw"].numbers() == (pytest.approx(1.0),)
