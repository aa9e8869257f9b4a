"""What an exercise gives or asks for in vain is warned of, and what authors mistype is told with what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import ExerciseError
from grader.exercise.load import loads
from grader.exercise.yaml_reader import parse
from grader.lint import examine
from grader.reference.autograd import build
from tests.lint.making import fitness, text_of

CHAIN = "h = tanh(w * x)\ny = 2.5 * h"


def warned(given: str, forward: str, steps: str) -> list[tuple[str, str]]:
    return [(fault.found, fault.expected) for fault in fitness(given, forward, steps).warned]


def test_an_input_that_nothing_reads_is_warned_of() -> None:
    told = warned("x: 0.7\nw: 1.3\nv: 0.4", CHAIN, "dw: d(y)/d(w)")

    assert ("`v`, which nothing reads", "an input that the program or a step uses") in told


def test_an_input_that_is_only_a_size_is_used() -> None:
    told = warned("N: 3\nx: {shape: [N], draw: normal}\nw: 1.3", "y = sum(tanh(w * x))", "dw: d(y)/d(w)")

    assert not any("which nothing reads" in found for found, _ in told)


def test_a_derivative_the_wrong_way_round_is_warned_of() -> None:
    told = warned("x: 0.7\nw: 1.3", CHAIN, "dh: d(h)/d(y)")

    assert (
        "`d(h)/d(y)`, which is 0 for every input",
        "a derivative of what is computed from the other: `d(y)/d(h)`",
    ) in told


@pytest.mark.parametrize(
    ("given", "forward", "steps", "found", "expected"),
    [
        ("x: 0.7\nw: 1.3", CHAIN, "dh: dy/dh", "`dy/dh`", "`d(y)/d(h)`"),
        ("x: 0.7\nw: 1.3", CHAIN, "dh: dy_dh", "`dy_dh`", "`d(y)/d(h)`"),
        (
            "x: [0.7, 0.3]",
            "y = sum(max(x, 1))",
            "dx: d(y)/d(x)",
            "`max(x, 1)`, which compares in Python, and is along an axis in NumPy and torch",
            "`maximum(x, 1)` to compare, or `max(x, dim=1)`",
        ),
        (
            "x: 0.7",
            "y = crossentropy(x)",
            "dx: d(y)/d(x)",
            "the unknown operation `crossentropy`",
            "`cross_entropy`, `binary_cross_entropy`",
        ),
    ],
)
def test_what_is_mistyped_is_told_with_what_to_write(
    given: str, forward: str, steps: str, found: str, expected: str
) -> None:
    with pytest.raises(ExerciseError) as caught:
        loads(text_of(given, forward, steps), "made.yaml")

    assert [(fault.found, fault.expected) for fault in caught.value.faults] == [(found, expected)]


def test_a_program_without_its_mark_is_told() -> None:
    text = (
        "exercise: made\ntitle: Made\ngiven:\n  x: 0.7\nforward:\n  h = tanh(x)\n  y = 2*h\nsteps:\n  dh: d(y)/d(h)\n"
    )

    with pytest.raises(ExerciseError) as caught:
        loads(text, "made.yaml")

    assert [fault.expected for fault in caught.value.faults] == ["`forward: |`, which keeps lines apart"]


def test_constants_have_their_numbers_unless_the_exercise_uses_their_names() -> None:
    constants = loads(text_of("x: 0.7", "y = pi * x", "dx: d(y)/d(x)"), "made.yaml")
    own = loads(text_of("x: 0.7\ne: 0.2", "y = e * x", "dx: d(y)/d(e)"), "made.yaml")

    assert "3.14159" in str(constants.program)
    assert "2.718" not in str(own.program)


def test_a_draw_may_end_at_a_size() -> None:
    exercise = loads(
        text_of(
            "D: 4\nc: {shape: [3], draw: 'integers(0, D)'}\nw: [0.1, 0.3, 0.4, 0.5]",
            "y = sum(w[c]**2)",
            "dw: d(y)/d(w)",
        ),
        "made.yaml",
    )

    assert exercise.input("c").draw.high == 4


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("answer: backward(1.0, x)", ["`backward(1.0, x)`, which binds no name"]),
        ("answer: {call: backward(1.0, x)}", ["`backward(1.0, x)`, which binds no name"]),
        ("answer: gradient = backward(1.0, x)", ["`gradient`, which no step is called"]),
        ("answer: [dx = backward(x), backward(x)]", ["`backward(x)`, which binds no name"]),
        ("answer: net.backward(x)", []),
        ("answer: 'dx, other = backward(x)'", []),
        ("answer: grads['dx'] = backward(x)", []),
    ],
)
def test_an_answer_that_hands_in_nothing_is_refused(answer: str, found: list[str]) -> None:
    report = fitness("x: 0.7", "y = tanh(x)", "dx: d(y)/d(x)", answer)

    assert [fault.found for fault in report.refused] == found
    assert all(fault.field.startswith("answer") for fault in report.refused)


def test_a_file_that_is_not_there_is_refused_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1\n")
    text = text_of("x: 0.7", "y = tanh(x)", "dx: d(y)/d(x)", "files: [data.csv, dta.csv]")
    path = tmp_path / "made.yaml"
    path.write_text(text)
    exercise = loads(text, str(path))

    (fault,) = examine(exercise, build(exercise), parse(text, str(path))).refused

    assert (fault.line, fault.field, fault.found) == (9, "files[1]", "`dta.csv`, which is not there")
    assert fault.expected == "`data.csv`, or another file beside the exercise"


def test_a_quotient_that_is_rounded_down_is_refused_with_what_divides() -> None:
    with pytest.raises(ExerciseError) as caught:
        build(loads(text_of("x: 0.7", "y = tanh(x // 2)", "dx: d(y)/d(x)"), "made.yaml"))

    (fault,) = caught.value.faults
    assert (fault.line, fault.found) == (
        6,
        "`//`, which rounds down: nothing can be derived through it, `/` divides",
    )


@pytest.mark.parametrize(
    "formula",
    [
        "F.interpolate(m, scale_factor=2)",
        "F.avg_pool2d(m, 3, stride=2, padding=1)",
        "F.conv2d(m, F.pad(m, (0, 0))[:, :1, :2, :2], groups=2)",
    ],
)
def test_an_operation_that_only_torch_computes_is_no_fault_of_the_grader(formula: str) -> None:
    given = "m: {shape: [2, 2, 5, 6], draw: normal}"

    assert isinstance(warned(given, f"out = {formula}\ny = sum(out**2)\n", "dm: d(y)/d(m)"), list)


def test_a_formula_that_nobody_writes_in_one_line_is_not_tried_with_mistakes() -> None:
    product = " * ".join(f"sin({factor}.5 * x + a)" for factor in range(12))

    told = warned("x: 0.3\na: 0.7", f"y = {product}\n", "dx: d(y)/d(x)")

    found = "a right formula of more than 360 parts, which no mistakes were tried in"
    assert (found, "names in `forward` for what it is made of") in told


@pytest.mark.slow
def test_a_determinant_written_out_is_tried_with_mistakes() -> None:
    rows = ["A[0, 0] * (A[1, 1] * A[2, 2] - A[1, 2] * A[2, 1])", "A[0, 1] * (A[1, 0] * A[2, 2] - A[1, 2] * A[2, 0])"]
    given = "A: [[0.3, -0.7, 1.1], [0.6, 0.2, -0.4], [1.3, 0.9, -0.8]]"

    told = warned(given, f"y = {rows[0]} - {rows[1]}\n", "dA: d(y)/d(A)")

    assert not [one for one in told if "parts" in one[0]]
