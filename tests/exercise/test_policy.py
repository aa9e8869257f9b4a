"""How an exercise is marked and shown."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.exercise.types import Credit, Draw, Limits, Policy, Tolerance
from grader.formula.syntax import text

from .conftest import HEAD, LOOP, STEPS, Faults

SMALL = HEAD + STEPS


def test_every_field_has_a_default() -> None:
    exercise = loads(SMALL)

    assert exercise.policy == Policy()
    assert (exercise.probe_points, exercise.answer, exercise.variants, exercise.prerequisites) == (3, None, (), ())


def test_every_field_can_be_set() -> None:
    policy = loads(
        SMALL
        + """\
tolerance: {rtol: 1e-4, atol: 1e-9}
shapes: strict
credit: {carried: 0.5, compensated: 0.25}
reveal: hint
hint_costs: {hint: 0.5}
by_hand: no
limits: {seconds: 2.5, memory: 512, output: 16}
files: [names.txt, data/train.csv]
"""
    ).policy

    assert policy.tolerance == Tolerance(1e-4, 1e-9)
    assert policy.shapes == "strict"
    assert policy.credit == Credit(0.5, 0.25)
    assert policy.reveal == "hint"
    assert policy.hint_costs == (("hint", 0.5),)
    assert policy.by_hand is False
    assert policy.limits == Limits(2.5, 512, 16)
    assert policy.files == ("names.txt", "data/train.csv")


@pytest.mark.parametrize(
    ("written", "points"), [("probe: 5", 5), ("probe: {points: 1}", 1), ("probe: {inputs: {}}", 3)]
)
def test_how_many_probe_points(written: str, points: int) -> None:
    assert loads(SMALL + written).probe_points == points


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("answer: dz = f(x)\n", "dz = f(x)"),
        ("answer: |\n  a = f(x)\n  dz = a.dz\n", "a = f(x)\ndz = a.dz\n"),
        ("answer:\n  call: dz, dw = f(x)\n", "dz, dw = f(x)"),
    ],
)
def test_an_answer_is_lines_of_python(written: str, answer: str) -> None:
    assert loads(SMALL + written).answer == answer


def test_an_answer_that_is_no_python(faults: Faults) -> None:
    assert faults(SMALL + "answer: |\n  a = 1\n  b = f(x\n") == [
        (13, 8, "answer", "'b = f(x'", "Python ('(' was never closed)")
    ]


def test_an_answer_that_is_a_comment(faults: Faults) -> None:
    assert faults(SMALL + "answer: '# nothing'\n")[0][3:] == ("no statement", "at least one line of Python")


def test_a_hint_that_is_never_shown_has_no_price(faults: Faults) -> None:
    assert faults(SMALL + "reveal: hint\nhint_costs: {hint: 1, fix: 2}\n") == [
        (12, 28, "hint_costs.fix", "'2'", "0, or `reveal: fix`: the exercise reveals no more than `hint`")
    ]


@pytest.mark.parametrize("costs", ["{rule: -1}", "{rule: much}", "{values: 1}", "1"])
def test_faulty_prices_of_hints(costs: str, faults: Faults) -> None:
    ((line, _, field, *_),) = faults(SMALL + f"hint_costs: {costs}\n")

    assert (line, field.split(".")[0]) == (11, "hint_costs")


def test_variants() -> None:
    assert loads(SMALL + "variants: {x: uniform(0.2, 0.9)}\n").variants == (("x", Draw("uniform", 0.2, 0.9)),)


def test_variants_of_what_is_no_input(faults: Faults) -> None:
    assert faults(SMALL + "variants: {z: normal}\n") == [
        (11, 12, "variants.z", "the unknown input `z`", "one of `x`, `w`")
    ]


def test_variants_of_a_whole_number_are_whole(faults: Faults) -> None:
    assert faults(LOOP + "steps: {dw: d(loss)/d(w)}\nvariants: {T: uniform(1, 5)}\n") == [
        (13, 15, "variants.T", "'uniform(1, 5)'", "`integers(low, high)`, as `T` is a whole number")
    ]


def test_a_misconception_may_be_written_with_the_names_of_steps() -> None:
    policy = loads(
        HEAD
        + """\
steps:
  dz: d(y)/d(z)
  dw: d(y)/d(w)
misconceptions:
  - {code: forgot-x, step: dw, wrong: dz * (1 - z**2), message: Mind x.}
"""
    ).policy

    (one,) = policy.misconceptions
    assert (one.code, one.step, one.message) == ("forgot-x", "dw", "Mind x.")
    assert text(one.wrong) == "d(y)/d(z) * (1 - z**2)"


def test_faulty_misconceptions(faults: Faults) -> None:
    text = (
        SMALL
        + "misconceptions:\n- {code: a, step: dzz, wrong: zz + 1, message: m}\n"
        + "- {code: a, step: dz, wrong: x, message: m}\n"
    )

    assert faults(text) == [
        (12, 19, "misconceptions[0].step", "the unknown name `dzz`", "`dz` (there are `dz`)"),
        (12, 31, "misconceptions[0].wrong", "the unknown name `zz`", "`z`"),
        (13, 10, "misconceptions[1].code", "`a` a second time", "each code once"),
    ]


def test_output_is_said_or_derived_from_or_the_last_quantity() -> None:
    assert loads(SMALL).output == "y"
    assert loads(SMALL + "output: z\n").output == "z"
    assert loads(HEAD + "derive: {of: z}\n").output == "z"


def test_output_that_does_not_exist(faults: Faults) -> None:
    assert faults(SMALL + "output: loss\n") == [(11, 9, "output", "the unknown name `loss`", "one of `z`, `y`")]


def test_output_that_contradicts_derive(faults: Faults) -> None:
    assert faults(HEAD + "derive: {of: z}\noutput: y\n") == [
        (10, 9, "output", "'y'", "`z`, as in `derive.of`, or no `output`")
    ]


def test_aliases_of_inputs_forward_quantities_and_steps() -> None:
    exercise = loads(SMALL + "aliases: {x: [x0], z: [pre, self.z], dz: [\"grads['z']\"]}\n")

    assert exercise.input("x").aliases == ("x0",)
    assert exercise.forward_steps[0].aliases == ("pre", "self.z")
    assert exercise.steps[0].aliases == ("grads['z']",)


def test_aliases_of_a_family_serve_each_member() -> None:
    exercise = loads(LOOP + "steps: {dw: d(loss)/d(w)}\naliases: {h: [hs], 'h[3]': [last]}\n")

    assert [one.aliases for one in exercise.forward_steps] == [
        ("hs[0]",),
        ("hs[1]",),
        ("hs[2]",),
        ("last", "hs[3]"),
        (),
    ]


@pytest.mark.parametrize(
    ("aliases", "faulty"),
    [
        ("{zz: [a]}", ("aliases.zz", "the unknown name `zz`", "`z` (there are `x`, `w`, `z`, `y`, `dz`)")),
        ("{z: [y]}", ("aliases.z[0]", "`y`, which is a quantity itself", "a name of its own")),
        ("{z: [a], y: [a]}", ("aliases.y[0]", "`a`, which is an alias of `z` too", "a name of its own")),
        ("{z: [a b]}", ("aliases.z[0]", "'a b'", "a name students can bind, such as `dx` or `self.dx`")),
    ],
)
def test_faulty_aliases(faults: Faults, aliases: str, faulty: tuple[str, str, str]) -> None:
    assert [fault[2:] for fault in faults(f"{SMALL}aliases: {aliases}\n")] == [faulty]
