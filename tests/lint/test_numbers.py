"""Given numbers at which one quantity passes for another: warned of by name, with the numbers."""

from __future__ import annotations

import re

import pytest

from grader.exercise.load import find, load
from grader.exercise.yaml_reader import parse
from grader.lint import examine
from grader.reference.autograd import build

from .making import fitness, refused, warned

CHAIN = "z = w * x\nh = tanh(z)\ny = v * h\n"
PLAIN = "x: 0.83\nw: 1.37\nv: 2.9"


def test_the_forum_case_is_told_of_its_numbers() -> None:
    path = find("tanh-chain")
    exercise = load(path)

    found = examine(exercise, build(exercise), parse(path.read_text("utf-8"), str(path)))

    said = [warning.found for warning in found.warned]
    assert "`h1_raw` = 1.0 at the given numbers" in said
    assert "`w_h` = 1 / `h0` (2.0 and 0.5) at the given numbers" in said
    assert found.refused == ()


def test_numbers_that_are_not_related_are_not_spoken_of() -> None:
    assert warned(PLAIN, CHAIN, "dx: d(y)/d(x)\ndw: d(y)/d(w)\ndz: d(y)/d(z)") == []


def test_a_warning_has_its_place_and_says_what_is_wanted() -> None:
    (warning,) = fitness("x: 0.83\nw: 0.83\nv: 2.9", "y = v * sin(x + 3.3 * w)\n").warned

    assert (warning.file, warning.line, warning.column, warning.field) == ("made.yaml", 5, 6, "given.w")
    assert warning.found == "`w` = `x` (0.83) at the given numbers"
    assert warning.expected == "numbers that are not related: at these one passes for the other"


@pytest.mark.parametrize(
    ("w", "found"),
    [
        ("0.83", "`w` = `x` (0.83)"),
        ("-0.83", "`w` = -`x` (-0.83 and 0.83)"),
        ("2.49", "`w` = 3 * `x` (2.49 and 0.83)"),
        ("0.6889", "`w` = `x`**2 (0.6889 and 0.83)"),
        ("0.415", "`x` = 2 * `w` (0.83 and 0.415)"),
        ("-1.0", "`w` = -1.0"),
        ("0.0", "`w` = 0.0"),
        ("1.204819277108434", "`w` = 1 / `x` (1.204819277 and 0.83)"),
    ],
)
def test_each_relation_is_named(w: str, found: str) -> None:
    said = warned(f"x: 0.83\nw: {w}\nv: 2.9", "y = v * sin(x + 3.3 * w)\n")

    assert said == [f"{found} at the given numbers"]


@pytest.mark.parametrize("w", ["0.8301", "4.15", "0.5717", "1.01"])
def test_near_misses_are_not_relations(w: str) -> None:
    assert warned(f"x: 0.83\nw: {w}\nv: 2.9", "y = v * sin(x + 3.3 * w)\n") == []


def test_forward_values_and_steps_are_looked_at_too() -> None:
    assert "`z` = 1.0 at the given numbers" in warned("x: 0.8\nw: 1.25\nv: 2.9", CHAIN)
    assert "`dx` = `v` (2.9) at the given numbers" in warned("x: 0.5\nv: 2.9", "y = v * x**2\n", "dx: d(y)/d(x)")


def test_what_holds_at_every_point_is_no_coincidence() -> None:
    steps = "dy: d(y)/d(y)\ndh: d(y)/d(h)\ndzero: d(w)/d(x)"

    assert warned(PLAIN, "z = w * x\na = z\nh = tanh(a)\ny = v * h\n", steps) == [
        "`d(w)/d(x)`, which is 0 for every input"
    ]


def test_a_rule_that_always_holds_does_not_hide_a_coincidence() -> None:
    assert warned("x: 2.0\nv: 2.9", "q = x**2\ny = v * sin(q)\n") == [
        "`q` = 2 * `x` (4.0 and 2.0) at the given numbers",
    ]
    assert warned("x: 2.3\nv: 2.9", "q = x**2\ny = v * sin(q)\n") == []


def test_equal_arrays_and_arrays_of_one_number_are_named() -> None:
    forward = "y = sum(a * b + a**3)\n"

    assert warned("a: [0.3, 0.7]\nb: [0.3, 0.7]", forward) == ["`b` = `a` at the given numbers"]
    assert warned("a: [0.3, 0.7]\nb: [0.4, 0.4]", forward) == [
        "`b`, all of whose entries are 0.4, at the given numbers"
    ]
    assert warned("a: [0.3, 0.7]\nb: [1.0, 1.0]", forward) == ["`b`, all 1.0, at the given numbers"]
    assert warned("a: [0.3, 0.7]\nb: [0.4, 0.9]", forward) == []


def test_a_fixed_one_is_named_since_no_probe_is_another() -> None:
    given = "x: 0.83\nc: {{value: {}, fixed: true}}"

    assert warned(given.format(1.0), "y = c * tanh(x)\n") == ["`c` = 1.0 at every point"]
    assert warned(given.format(1.5), "y = c * tanh(x)\n") == []


@pytest.mark.parametrize("operation", ["tanh", "sigmoid"])
def test_saturation_is_named_with_its_place(operation: str) -> None:
    (warning,) = fitness("x: 9.3\nv: 2.9", f"h = {operation}(x)\ny = v * h\n").warned

    assert (warning.line, warning.column, warning.field) == (7, 7, "forward")
    assert warning.found == f"`{operation}` saturated at the given numbers"
    assert warned("x: 2.3\nv: 2.9", f"h = {operation}(x)\ny = v * h\n") == []


def test_saturation_at_every_probe_is_named() -> None:
    said = warned("x: {value: 0.7, probe: 'uniform(8, 9)'}\nv: 2.9", "h = tanh(x)\ny = v * h\n")

    assert said == ["`tanh` saturated at every probe"]


def test_a_step_too_small_to_be_told_from_nothing_is_named() -> None:
    steps = "dx: d(y)/d(x)"
    given = "x: {{value: 0.83, probe: 'uniform(0.7, 0.9)'}}\nc: {{value: {}, fixed: true}}"

    (warning,) = warned(given.format(3e-11), "y = 7 + c * x**2\n", steps)
    assert re.fullmatch(r"`dx` of at most [45]\.\d+e-11, which cannot be told from 0 beside the others", warning)
    assert warned(given.format(3e-3), "y = 7 + c * x**2\n", steps) == []


def test_what_is_zero_but_for_rounding_is_no_fault() -> None:
    given = "x: {shape: [5], draw: normal}\nv: {shape: [5], draw: normal}"

    assert warned(given, "m = mean(x)\ny = sum(v * (x - m - mean(x - m)))\n", "dm: d(y)/d(m)") == []


def test_warnings_are_no_refusals() -> None:
    assert refused("x: 1.0\nw: 1.0\nv: 0.0", CHAIN) == []


def test_a_step_that_is_0_only_because_terms_cancel_is_warned_of() -> None:
    found = warned(
        "x: {shape: [4, 3], draw: normal}\nb: {shape: [3], draw: normal}",
        "z = x + b\ny = sum((z - mean(z, 0))**3)",
        "dz: d(y)/d(z)\ndb: d(y)/d(b)",
    )

    assert [one for one in found if "cancel" in one] == ["`db`, which is 0 at every point only because terms cancel"]
