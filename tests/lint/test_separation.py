"""Known mistakes are told from the truth and from one another at the points, or somebody hears of it."""

from __future__ import annotations

import pytest

from grader.exercise.load import find, load, loads
from grader.formula.syntax import text
from grader.lint.distinguishability import IdealContext, mistakes
from grader.reference.autograd import build

from .making import fitness, refused, text_of, warned


def scenery(given: str, forward: str, steps: str) -> IdealContext:
    exercise = loads(text_of(given, forward, steps))
    return IdealContext(exercise, build(exercise))


def formulas(made: IdealContext) -> dict[str, str]:
    right = {step.name: made.right_formula(step) for step in made.exercise.steps}
    return {name: text(formula) for name, formula in right.items() if formula is not None}


def wrong(made: IdealContext, name: str) -> dict[str, set[str]]:
    """The wrong formulas of a step, by misconception."""
    step = next(step for step in made.exercise.steps if step.name == name)
    right = made.right_formula(step)
    assert right is not None
    found: dict[str, set[str]] = {}
    for one in mistakes(made, made.context(step), right):
        found.setdefault(one.code, set()).add(one.written)
    return found


# the right formula


def test_backwards_a_step_is_what_arrives_times_the_local_slope() -> None:
    made = scenery(
        "x: 0.7\nv: 2.3", "h = tanh(x)\nq = h**2\ny = v * q\n", "dq: d(y)/d(q)\ndh: d(y)/d(h)\ndx: d(y)/d(x)"
    )

    assert formulas(made) == {"dq": "v", "dh": "2 * h * dq", "dx": "(1 - h**2) * dh"}


def test_forwards_a_step_is_carried_from_the_arguments() -> None:
    steps = "da: d(a)/d(w)\ndh: d(h)/d(w)\ndq: d(q)/d(w)"
    made = scenery("x: 0.7\nw: 1.3", "a = w * x\nh = tanh(a)\nq = h / w\ny = 3 * q\n", steps)

    assert formulas(made) == {"da": "x", "dh": "(1 - h**2) * da", "dq": "dh / w + -(h / w**2)"}


def test_arrays_are_multiplied_transposed_and_summed() -> None:
    given = "x: {shape: [4, 3], draw: normal}\nw: {shape: [3, 5], draw: normal}\nb: {shape: [5], draw: normal}"
    made = scenery(
        given, "z = x @ w + b\ny = sum(z**2)\n", "dz: d(y)/d(z)\ndx: d(y)/d(x)\ndw: d(y)/d(w)\ndb: d(y)/d(b)"
    )

    assert formulas(made) == {
        "dz": "2 * z",
        "dx": "dz @ transpose_all(w)",
        "dw": "transpose_all(x) @ dz",
        "db": "sum(dz, dim=0)",
    }


def test_elements_of_a_family_are_names_of_their_own() -> None:
    made = scenery(
        "T: 2\nw: 0.7\ns: 0.4",
        "h[0] = s\nfor t in range(1, T+1):\n  h[t] = sin(w * h[t-1])\ny = 3 * h[T]\n",
        "dh[t]:\n  is: d(y)/d(h[t])\n  for: t in range(1, T+1)",
    )

    assert formulas(made) == {"dh[1]": "w * (cos(w * h[1]) * dh[2])", "dh[2]": "3"}


@pytest.mark.parametrize(
    "forward",
    ["z = zeros(2)\nz[0] = x\nz[1] = 2 * x\ny = sum(z)\n", "y = i0(x)\n"],
    ids=["assigned in parts", "no slope known"],
)
def test_a_formula_that_does_not_come_out_right_is_not_used(forward: str) -> None:
    assert formulas(scenery("x: 0.7", forward, "dx: d(y)/d(x)")) == {}


# the mistakes that can be made in it


def test_mistakes_are_what_the_catalogue_says_of_the_way_back() -> None:
    steps = "dh: d(y)/d(h)\ndz: d(y)/d(z)\ndw: d(y)/d(w)"
    found = wrong(scenery("x: 0.7\nw: 1.3\nv: 2.3", "z = w * x\nh = tanh(z)\ny = v * h\n", steps), "dz")

    assert found["tanh-derivative-on-pre-activation"] == {"(1 - z**2) * dh"}
    assert found["activation-derivative-missing"] == {"dh"}
    assert "(1 + h**2) * dh" in found["tanh-derivative-with-plus"]
    assert "transpose-missing" not in found


def test_most_of_the_catalogue_applies_somewhere_in_the_forum_case() -> None:
    exercise = load(find("tanh-chain"))
    made = IdealContext(exercise, build(exercise))

    codes = {code for name in ("dh1_dwh", "dh1_raw", "dw_h") for code in wrong(made, name)}

    assert {
        "tanh-derivative-on-pre-activation", "tanh-derivative-one-minus-missing", "tanh-derivative-square-missing",
        "activation-derivative-missing", "shared-weight-contribution-missing", "upstream-missing", "sign-flipped",
    } <= codes  # fmt: skip


# the truth


def near_zero(probe: str, operation: str) -> tuple[str, str, str]:
    """A unit at tiny numbers, where all slopes are as at 0; the given number lies in the range of the probes."""
    low = probe.partition("(")[2].partition(",")[0]
    given = f"x: {{value: {low}, probe: '{probe}'}}\nw: 1.37\nv: 2.9"
    return given, f"z = w * x\nh = {operation}(z)\ny = v * h\n", "dh: d(y)/d(h)\ndz: d(y)/d(z)"


TINY = near_zero("uniform(1e-6, 2e-6)", "tanh")


def test_a_mistake_that_no_probe_shows_is_refused() -> None:
    found = fitness(*TINY).refused

    missing = next(fault for fault in found if "`activation-derivative-missing`" in fault.found)
    assert (missing.file, missing.line, missing.field) == ("made.yaml", 13, "steps.dz")
    assert missing.found == "`dh`, which is `activation-derivative-missing` and has the right value at every probe"
    assert missing.expected == "probes at which it is wrong, drawn from another range; or `allow: [unseen]`"
    assert not any("one-minus-missing" in fault.found for fault in found)


def test_probes_of_ordinary_size_show_all_of_them() -> None:
    given, *rest = TINY

    assert refused(given.replace("uniform(1e-6, 2e-6)", "uniform(-2, 2)"), *rest) == []


def test_what_no_probe_shows_can_be_allowed() -> None:
    assert refused(*TINY, "allow: [unseen]\n") == []


def test_a_factor_that_is_1_by_nature_hides_nothing() -> None:
    steps = "dy: d(y)/d(y)\ndh: d(y)/d(h)\ndx: d(y)/d(x)"

    assert refused("x: 0.7\nv: 2.3", "h = tanh(x)\ny = v * h\n", steps) == []


# one another


def test_mistakes_of_one_value_at_every_point_are_named() -> None:
    (warning,) = fitness(*near_zero("uniform(1e-6, 2e-6)", "sigmoid")).warned

    assert (warning.line, warning.field) == (13, "steps.dz")
    assert "`(1 - h) * dh` (`sigmoid-derivative-factor-missing`)" in warning.found
    assert "`h * (1 - z) * dh` (`sigmoid-derivative-on-pre-activation`)" in warning.found
    assert warning.found.endswith(" with the same value at every point")
    assert warned(*near_zero("uniform(0.53, 2)", "sigmoid")) == []


def test_two_ways_of_writing_one_formula_are_not_two_mistakes() -> None:
    # Far out the slope is 0, and a formula divided by it has no value.
    given = "x: {value: [0.01, -0.02], probe: 'uniform(-0.05, 0.05)'}\nw: {value: 31.7, fixed: true}"
    forward, steps = "z = w * x\nh = tanh(z)\ny = sum(h**3)\n", "dh: d(y)/d(h)\ndz: d(y)/d(z)"

    assert "(1 - h**2) * dh / (1 - h**2)" in wrong(scenery(given, forward, steps), "dz")["activation-derivative-extra"]
    assert [one for one in warned(given, forward, steps) if "of one value" in one] == []


# the course's own

CHAIN = "z = w * x\nh = tanh(z)\ny = v * h\n"
PLAIN = "x: 0.83\nw: 1.37\nv: 2.9"
CHAIN_STEPS = "dh: d(y)/d(h)\ndz: d(y)/d(z)"


def of_the_course(*rows: tuple[str, str]) -> str:
    lines = [f"  - {{code: {code}, step: dz, wrong: '{formula}', message: No.}}\n" for code, formula in rows]
    return "misconceptions:\n" + "".join(lines)


def test_a_wrong_expression_of_the_course_that_is_right_is_refused() -> None:
    rest = of_the_course(("mine", "(1 - tanh(w * x)**2) * v"))

    (fault,) = fitness(PLAIN, CHAIN, CHAIN_STEPS, rest).refused

    assert (fault.line, fault.column, fault.field) == (15, 35, "misconceptions[0].wrong")
    assert fault.found == "`(1 - tanh(w * x)**2) * v`, which has the right value of `dz` at every probe"
    assert fault.expected == "a formula that is wrong"


def test_a_wrong_expression_of_the_course_that_is_wrong_is_taken() -> None:
    found = fitness(PLAIN, CHAIN, CHAIN_STEPS, of_the_course(("mine", "(1 - h**4) * dh")))

    assert (found.refused, found.warned) == ((), ())


def test_one_that_has_no_value_is_refused() -> None:
    (found,) = refused("x: [0.3, 0.4]\nv: 2.9", "z = 2 * x\ny = v * sum(z**3)\n", "dz: d(y)/d(z)", of_the_course(
        ("mine", "z @ [1, 2, 3]")
    ))  # fmt: skip

    assert found.startswith("`z @ [1, 2, 3]`: ")


def test_two_of_one_value_are_named() -> None:
    rest = of_the_course(("mine", "(1 - h**4) * dh"), ("other", "(1 - h**4) * v"))

    assert warned(PLAIN, CHAIN, CHAIN_STEPS, rest) == ["`other` and `mine` with the same value at every point of `dz`"]


def test_one_that_the_catalogue_has_already_is_named() -> None:
    rest = of_the_course(("mine", "(1 - z**2) * dh"))

    assert warned(PLAIN, CHAIN, CHAIN_STEPS, rest) == [
        "`mine` and `tanh-derivative-on-pre-activation` with the same value at every point of `dz`"
    ]
