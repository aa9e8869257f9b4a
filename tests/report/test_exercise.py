"""The page of an exercise."""

from __future__ import annotations

from dataclasses import replace

from grader.exercise.load import loads
from grader.model import Value
from grader.report.exercise import readable, reflowed, render, value

EXERCISE = loads(
    """\
exercise: square
title: One square
text: |
  Derive $y$.

  Then stop.
given:
  x: 3.0
  n: {value: 2, fixed: true}
forward: |
  y = n * x * x
steps:
  dx:
    is: d(y)/d(x)
    points: 2
    hint: A power.
"""
)


def test_text_program_and_what_is_asked_are_shown() -> None:
    text = render(EXERCISE, hints=True).plain

    for part in (
        "One square",
        "Derive $y$.",
        "y = n * x * x",
        "1 step, 2 points",
        "d(y)/d(x)",
        "A power.",
        "always the same",
    ):
        assert part in text
    assert "12.0" not in text


def test_hints_are_shown_where_they_are_asked_for() -> None:
    text = render(EXERCISE).plain

    assert "A power." not in text
    assert "`--hints` shows a hint for each step" in text


def test_formulas_are_shown_as_characters() -> None:
    made = replace(EXERCISE, text=r"Derive $\partial y/\partial x_1$, `$not$`.", steps=EXERCISE.steps)
    hinted = replace(made, steps=tuple(replace(step, hint=r"$x^2$") for step in made.steps))
    text = render(readable(hinted), hints=True).plain

    assert "Derive ∂y/∂x₁, `$not$`." in text
    assert "dx: x²" in text


def test_what_is_given_is_shown_as_the_number_it_is_or_as_what_it_is_drawn_from() -> None:
    shown = render(
        loads(
            """\
exercise: drawn
title: Drawn inputs
given:
  n: 32
  a: 0.5
  x: {shape: [2], draw: normal}
  w: {shape: [2, 3], draw: "uniform(-0.5, 0.5)"}
  y: {shape: [2], draw: "integers(0, 27)"}
forward: |
  z = n * a * sum(x @ w)
steps:
  dx: d(z)/d(x)
"""
        )
    ).plain.splitlines()

    assert shown[shown.index("given") + 1 :][:5] == [
        "  n  32, always the same",
        "  a  0.5",
        "  x  shape (2,), drawn from a normal distribution",
        "  w  shape (2, 3), drawn between -0.5 and 0.5",
        "  y  shape (2,), drawn from the whole numbers 0 to 26",
    ]


def test_a_forward_quantity_that_carries_points_is_asked_for_too() -> None:
    exercise = loads(
        "exercise: square\ntitle: One square\ngiven: {x: 3.0}\nforward: y = x * x\n"
        "forward_points: {y: 4}\nsteps: {dx: d(y)/d(x)}\n"
    )

    asked = render(exercise).plain.split("asked for: ")[1].splitlines()

    assert exercise.points == 5
    assert [line.split() for line in asked] == [
        ["1", "forward", "value,", "1", "step,", "5", "points"],
        ["name", "quantity", "points"],
        ["y", "y", "4"],
        ["dx", "d(y)/d(x)", "1"],
    ]


def test_what_is_called_is_shown_and_a_family_has_its_hint_once() -> None:
    shown = render(
        loads(
            """\
exercise: steps
title: Two steps
given:
  h0: 0.5
  w: 1.5
forward: |
  h[0] = h0
  for t in range(1, 3):
      h[t] = tanh(w * h[t-1])
steps:
  dh[t]: {is: "d(h[2])/d(h[t])", for: "t in reversed(range(0, 3))", hint: Back.}
  dw: {is: "d(h[2])/d(w)", hint: Twice.}
answer: |
  h = forward(h0, w)
  dh, dw = backward(h)
"""
        ),
        hints=True,
    ).plain.splitlines()

    assert shown[shown.index("run after the submission, with what it has defined") + 1 :][:3] == [
        "  h = forward(h0, w)",
        "  dh, dw = backward(h)",
        "",
    ]
    assert shown[shown.index("hints") + 1 :] == ["  dh[2] to dh[0]: Back.", "  dw: Twice."]


def test_right_values_are_shown_to_those_who_may_see_them() -> None:
    text = render(EXERCISE, {"dx": Value.scalar(12.0), "y": Value.scalar(18.0)}).plain

    assert "12.0" in text
    assert "18.0" in text


def test_an_array_is_shown_by_its_first_entries() -> None:
    assert value(Value.of([float(k) for k in range(8)], (2, 4))) == "shape (2, 4): 0.0, 1.0, 2.0, 3.0, ..."


def given_section(given: str, width: int = 100) -> list[str]:
    lines = "exercise: e\ntitle: E\ngiven:\n  x: 3.0\n  " + given + "\nforward: y = x * x\nsteps:\n  dx: d(y)/d(x)\n"
    page = render(loads(lines), width=width).plain.split("\n")
    return page[page.index("given") + 1 : page.index("forward program") - 1]


def test_given_arrays_are_shown_as_they_are_to_be_typed_in() -> None:
    assert given_section("W1: [[0.5, -12.0], [1.25, 3.0], [-0.5, 0.0]]") == [
        "  x   3.0",
        "  W1  [[ 0.5, -12.0],",
        "       [1.25,   3.0],",
        "       [-0.5,   0.0]]",
    ]
    assert given_section("v: [0.5, -1.0]")[1] == "  v  [0.5, -1.0]"
    assert given_section("n: [1, 0, 2]")[1] == "  n  [1, 0, 2], always the same"


def test_a_given_array_that_does_not_fit_is_shown_by_its_shape_and_first_entries() -> None:
    numbers = ", ".join(["0.123456789"] * 5)

    assert given_section(f"v: [{numbers}]", width=60)[1] == (
        "  v  shape (5,): 0.123457, 0.123457, 0.123457, 0.123457, ..."
    )
    assert given_section(f"t: [[[{numbers}]]]")[1].startswith("  t  shape (1, 1, 5): 0.123457, ")
    assert given_section("k: {shape: [4, 3]}")[1] == "  k  shape (4, 3), drawn from a normal distribution"


def test_paragraphs_are_broken_where_the_terminal_ends_and_lists_are_left_as_they_are() -> None:
    assert reflowed("One\nparagraph.\n\n- a\n- b\n\n$$x$$\n\nThe\nend.") == [
        "One paragraph.",
        "",
        "- a",
        "- b",
        "",
        "$$x$$",
        "",
        "The end.",
    ]


def test_lines_of_code_are_left_as_they_are() -> None:
    assert reflowed("Of `A` (2,\n3) and\n7 more.\n\n1. a\n2. b\nc\n\n3) d") == [
        "Of `A` (2, 3) and 7 more.", "", "1. a", "2. b c", "", "3) d"
    ]  # fmt: skip
    assert reflowed("See\nhere:\n\n```\na = 1\nb = 2\n```\n") == ["See here:", "", "```", "a = 1", "b = 2", "```", ""]
