"""What the file is validated with; the JSON Schema agrees with the loader on the shipped exercises."""

from __future__ import annotations

import pathlib

import jsonschema
import pytest

from grader.exercise.load import collection
from grader.exercise.schema import json_schema
from grader.exercise.yaml_nodes import plain
from grader.exercise.yaml_reader import parse

from .conftest import HEAD, STEPS, Faults

ANY_FORM = "a number, a list of numbers, or a mapping with `value` or with `shape` and `draw`"


@pytest.mark.parametrize("path", collection(), ids=lambda path: path.stem)
def test_the_json_schema_takes_the_shipped_exercises(path: pathlib.Path) -> None:
    jsonschema.validate(plain(parse(path.read_text(), str(path)).root), json_schema())


@pytest.mark.parametrize("wrong", [{"stps": {}}, {"credit": {"carried": 2}}, {"steps": {"dx": {"pionts": 1}}}])
def test_the_json_schema_refuses_what_the_loader_refuses(wrong: dict[str, object]) -> None:
    data = {"exercise": "a", "title": "A", "given": {"x": 1.0}, "forward": "y = x", **wrong}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json_schema())


def test_the_json_schema_says_which_it_is_and_describes_every_field() -> None:
    schema = json_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:grader:exercise:1"
    assert schema["title"] == "grader exercise"
    undescribed = {"tolerance", "credit", "limits", "misconceptions"}
    assert {name for name, field in schema["properties"].items() if "description" not in field} <= undescribed


def test_all_faults_come_at_once_in_the_order_of_the_file(faults: Faults) -> None:
    text = """\
exercise: Small One
title: [a]
given:
  x: yes
  w: {valu: 2.0}
forward: |
  z = w * x
  y = tanhh(z)
steps:
  dz: {is: d(y)/d(z), pionts: 2, points: -1}
  dw: [1]
credit: {carried: 2}
stepps: 1
"""
    assert faults(text) == [
        (1, 11, "exercise", "'Small One'", "lower-case letters, digits and `-`"),
        (2, 1, "title", "a list", "text"),
        (4, 6, "given.x", "'yes'", ANY_FORM),
        (5, 7, "given.w.valu", "the unknown field 'valu'", "`value`"),
        (8, 7, "forward", "the unknown operation `tanhh`", "`tanh`, `atanh`, `tan`"),
        (10, 23, "steps.dz.pionts", "the unknown field 'pionts'", "`points`"),
        (10, 42, "steps.dz.points", "'-1'", "a number from 0 up"),
        (11, 3, "steps.dw", "a list", "a quantity such as `d(y)/d(x)`, or a mapping with `is`"),
        (12, 19, "credit.carried", "'2'", "a number from 0 to 1"),
        (13, 1, "stepps", "the unknown field 'stepps'", "`steps`"),
    ]


def test_required_fields_are_asked_for_by_name(faults: Faults) -> None:
    assert faults("text: x\n") == [
        (1, 1, "exercise", "nothing", "`exercise:` with the id of the exercise"),
        (1, 1, "title", "nothing", "`title:` with one line of text"),
        (1, 1, "given", "nothing", "`given:` with the inputs and their numbers"),
        (1, 1, "forward", "nothing", "`forward: |` with the program"),
        (1, 1, "file", "no steps", "at least one step in `steps`, or `derive`"),
    ]


def test_a_required_field_with_a_typo_is_one_fault(faults: Faults) -> None:
    assert faults((HEAD + STEPS).replace("forward", "foward")) == [
        (6, 1, "foward", "the unknown field 'foward'", "`forward`")
    ]


@pytest.mark.parametrize(
    "written",
    [
        "∂y/∂z",
        r"\frac{dy}{dz}",
        r"$\partial y / \partial z$",
        "grad(y, z)",
        "dy/dz",
        "diff(y, z)",
        "grad(y)(z)",
        "y.diff(z)",
        "D(y)/D(z)",
    ],
)
def test_a_derivative_as_books_write_it_is_told_as_steps_write_it(faults: Faults, written: str) -> None:
    assert [one[4] for one in faults(HEAD + f"steps:\n  dz: {written}\n")] == ["`d(y)/d(z)`"]


@pytest.mark.parametrize("written", ["d(y)/d(z) via h", "d(y)/d(z), via=h", "d(y) / d(z) through h"])
def test_a_path_in_words_is_told_as_steps_write_it(faults: Faults, written: str) -> None:
    assert [one[4] for one in faults(HEAD + f"steps:\n  dz: {written}\n")] == ["`d(y, via=h)/d(z)`"]


def test_a_value_that_is_no_number_is_one_fault(faults: Faults) -> None:
    assert faults((HEAD + "steps: {dz: d(y)/d(x)}\n").replace("x: 0.5", "x: {value: hello}")) == [
        (4, 14, "given.x.value", "'hello'", "a number, or a list of numbers")
    ]


@pytest.mark.parametrize(
    "written", ["d^2y/dz^2", "d2y/dz2", "d²y/dz²", r"\frac{d^2 y}{d z^2}", "∂²y/∂z²", "d2(y)/d(z)2"]
)
def test_a_second_derivative_as_books_write_it_is_told_as_steps_write_it(faults: Faults, written: str) -> None:
    assert [one[4] for one in faults(HEAD + f"steps:\n  dz: {written}\n")] == ["`d(d(y)/d(z))/d(z)`"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("points: 10", "`points` within one of `steps`: `dx: {is: d(y)/d(x), points: ...}`"),
        ("draw: normal", "`draw` within one of `given`: `x: {value: 0.5, draw: ...}`"),
        ("rtol: 0.1", "`rtol` within `tolerance`: `tolerance: {rtol: ...}`"),
        ("<<: {}", "the fields written out, without `<<`"),
    ],
)
def test_a_field_at_the_wrong_place_is_told_with_the_right_one(faults: Faults, line: str, expected: str) -> None:
    assert [one[4] for one in faults(HEAD + STEPS + line + "\n")] == [expected]


def test_a_field_of_the_exercise_within_a_step_is_told_with_its_place(faults: Faults) -> None:
    steps = "steps:\n  dz: {is: d(y)/d(z), reveal: fix}\n"

    assert [one[4] for one in faults(HEAD + steps)] == ["`reveal` at the beginning of a line, outside `steps`"]


def test_a_decimal_comma_is_told_as_one(faults: Faults) -> None:
    assert [one[3:] for one in faults((HEAD + STEPS).replace("x: 0.5", "x: 0,5"))] == [
        ("'0,5'", "`0.5`, with a decimal point")
    ]
    assert [one[4] for one in faults(HEAD + "steps:\n  dz: {is: d(y)/d(z), points: 1,5}\n")] == [
        "a point in place of a decimal comma"
    ]


def test_a_title_that_yaml_reads_as_a_comment_is_told_with_the_quotes(faults: Faults) -> None:
    lines = (HEAD + STEPS).split("\n")
    text = "\n".join("title: #1" if line.startswith("title:") else line for line in lines)

    assert [one[3:] for one in faults(text)] == [("a comment", "text, in quotes if it starts with `#`")]


def test_a_loop_that_cannot_be_read_is_shown_as_it_stands(faults: Faults) -> None:
    steps = "steps:\n  dz[t]: {is: d(y)/d(z), for: range(3)}\n"

    assert [one[3] for one in faults(HEAD + steps)] == ["'range(3)'"]


def test_an_answer_that_calls_nothing_is_refused(faults: Faults) -> None:
    assert [one[3] for one in faults(HEAD + STEPS + "answer: [1]\n")] == ["'1'"]


def test_long_lines_are_cut_in_messages(faults: Faults) -> None:
    deep = HEAD.replace("tanh(z)", "tanh(" * 300 + "z" + ")" * 300)

    assert all(len(one[3]) <= 300 for one in faults(deep + STEPS))


def test_a_line_of_the_program_that_is_indented_too_far(faults: Faults) -> None:
    assert faults(HEAD.replace("  y =", "    y =") + STEPS) == [
        (8, 4, "forward", "'y = tanh(z)'", "the indentation of the line above")
    ]


ANSWERS = "lines of Python, `call: dx = backward(dout, cache)`, or a list of these"


@pytest.mark.parametrize(
    ("line", "field", "found", "expected"),
    [
        ("tolerance: {rtol: 0}", "tolerance.rtol", "'0'", "a number above 0 and below 1"),
        ("tolerance: {atol: -1}", "tolerance.atol", "'-1'", "a number from 0 up"),
        ("tolerance: 1e-3", "tolerance", "'1e-3'", "a mapping (`name: value` lines)"),
        ("shapes: loose", "shapes", "'loose'", "`lenient` or `strict`"),
        ("credit: {compensated: -0.5}", "credit.compensated", "'-0.5'", "a number from 0 to 1"),
        ("reveal: all", "reveal", "'all'", "`location`, `hint`, `rule`, `fix` or `values`"),
        ("by_hand: maybe", "by_hand", "'maybe'", "`true` or `false`"),
        ("limits: {seconds: 0.01}", "limits.seconds", "'0.01'", "a number of seconds from 0.1 to 600"),
        ("limits: {memory: 1.5}", "limits.memory", "'1.5'", "a whole number of MiB from 16 to 65536"),
        ("limits: {output: 0}", "limits.output", "'0'", "a whole number of KiB from 1 to 10240"),
        ("files: [../x]", "files[0]", "'../x'", "the name of a file beside the exercise, without `..`"),
        ("files: [/etc/passwd]", "files[0]", "'/etc/passwd'", "the name of a file beside the exercise, without `..`"),
        ("files: ['a/../b']", "files[0]", "'a/../b'", "the name of a file beside the exercise, without `..`"),
        ("probe: 11", "probe", "'11'", "a whole number from 1 to 10"),
        ("probe: {points: 0}", "probe.points", "'0'", "a whole number from 1 to 10"),
        ("probe: few", "probe", "'few'", "a whole number from 1 to 10, or a mapping with `points` and `inputs`"),
        ("prerequisites: [A b]", "prerequisites[0]", "'A b'", "lower-case letters, digits and `-`"),
        ("answer: [[x]]", "answer[0]", "a list", ANSWERS),
        ("answer: {cal: x}", "answer.cal", "the unknown field 'cal'", "`call`"),
        ("answer: {x: x}", "answer.call", "nothing", "`call:` with a line of Python"),
        (
            "prerequisites: [small]",
            "prerequisites[0]",
            "`small`, which is this exercise",
            "exercises that come before this one",
        ),
        ("derive: {of: y, mode: back}", "derive.mode", "'back'", "`reverse`, `forward` or `both`"),
        ("forward_points: {z: many}", "forward_points.z", "'many'", "a number from 0 up"),
        (
            "variants: {x: somewhere}",
            "variants.x",
            "'somewhere'",
            "`normal`, `normal(mean, deviation)`, `uniform(low, high)` or `integers(low, high)`",
        ),
    ],
)
def test_each_field_says_what_it_takes(faults: Faults, line: str, field: str, found: str, expected: str) -> None:
    assert (field, found, expected) in [fault[2:] for fault in faults(HEAD + STEPS + line + "\n")]


def test_a_key_named_like_nothing_of_ours_is_no_trouble(faults: Faults) -> None:
    assert faults(HEAD + STEPS + "'<mapping>': {a: 1}\n")[0][2] == "<mapping>"
