"""Reference values against mathematics: each kind of quantity, at the given numbers and at every probe point."""

from __future__ import annotations

import math

import pytest
import torch

from grader.errors import ExerciseError, Fault
from grader.reference.autograd import build, jacobian
from grader.reference.point_selection import MAX_DRAWS
from grader.reference.points import draw_points

from .making import Given, at_given, everywhere, exercise

CHAIN = """
    h1_raw = w_h * h0
    h1 = tanh(h1_raw)
    h2_raw = w_h * h1
    h2 = tanh(h2_raw)
    y2 = w_y * h2
"""
NUMBERS: Given = {"h0": 0.5, "w_h": 2.0, "w_y": 40.0}

RECURRENCE = """
    h[0] = h_0
    for t in range(1, T+1):
      h[t] = tanh(w * h[t-1])
    loss = h[T]**2
"""


def close(found: torch.Tensor, expected: object) -> None:
    wanted = torch.as_tensor(expected, dtype=torch.float64)
    assert found.shape == wanted.shape
    torch.testing.assert_close(found, wanted, rtol=1e-11, atol=1e-13)


# totals


def test_the_case_of_the_forum() -> None:
    found = at_given(exercise(NUMBERS, CHAIN, {"dw_h": "d(y2)/d(w_h)", "dw_y": "d(y2)/d(w_y)"}))

    assert round(float(found["dw_h"]), 4) == 8.1888
    assert float(found["dw_y"]) == math.tanh(2 * math.tanh(1.0))


def test_a_total_derivative_runs_through_every_path_at_every_point() -> None:
    one = exercise(
        NUMBERS, CHAIN, {"dw": "d(y2)/d(w_h)", "forward_mode": "d(h2)/d(w_h)", "reverse_mode": "d(y2)/d(h1)"}
    )

    points = everywhere(one)
    assert len(points) == 4
    for inputs, found in points:
        h0, w, w_y = (float(inputs[name]) for name in ("h0", "w_h", "w_y"))
        h1 = math.tanh(w * h0)
        h2 = math.tanh(w * h1)
        dh2 = (1 - h2**2) * (h1 + w * (1 - h1**2) * h0)
        close(found["h2"], h2)
        close(found["forward_mode"], dh2)
        close(found["dw"], w_y * dh2)
        close(found["reverse_mode"], w_y * (1 - h2**2) * w)


def test_forward_values_are_in_the_order_of_the_program_before_the_steps() -> None:
    found = at_given(exercise(NUMBERS, CHAIN, {"dw": "d(y2)/d(w_h)"}))

    assert list(found) == ["h1_raw", "h1", "h2_raw", "h2", "y2", "dw"]


def test_the_derivative_of_a_quantity_by_itself_is_one() -> None:
    close(at_given(exercise(NUMBERS, CHAIN, {"one": "d(y2)/d(y2)"}))["one"], 1.0)


def test_the_derivative_by_what_has_no_part_in_it_is_zero_of_the_right_shape() -> None:
    one = exercise(
        {"x": 2.0, "v": [1.0, 2.0]},
        "a = 3 * x\nb = v * v\n",
        {"by_later": "d(a)/d(b)", "by_other": "d(a)/d(v)", "of_given": "d(x)/d(v)", "of_number": "d(2)/d(v)"},
    )

    found = at_given(one)
    for name in ("by_later", "by_other", "of_given", "of_number"):
        close(found[name], [0.0, 0.0])


def test_the_derivative_of_what_is_whole_is_zero() -> None:
    found = at_given(exercise({"x": 2.0, "n": 3}, "y = n * x\n", {"dn": "d(n)/d(x)", "dy": "d(y)/d(x)"}))

    assert (float(found["dn"]), float(found["dy"])) == (0.0, 3.0)


def test_a_constant_of_the_program_is_a_quantity_like_any_other() -> None:
    one = exercise(
        {"x": 3.0},
        "c = 2.0\nm = ones(2)\ny = c * x\nz = sum(m) * x\n",
        {"dc": "d(y)/d(c)", "dm": "d(z)/d(m)", "local": "partial(y)/partial(c)"},
    )

    found = at_given(one)
    close(found["dc"], 3.0)
    close(found["dm"], [3.0, 3.0])
    close(found["local"], 3.0)


@pytest.mark.parametrize("copied", ["x", "same(x)", "x.reshape(2)", "flatten(x)", "x.mT", "x[:]", "relu(x)"])
def test_a_copy_under_another_name_is_a_quantity_of_its_own(copied: str) -> None:
    one = exercise({"x": [2.0, 3.0]}, f"a = {copied}\ny = sum(a * x)\n", {"da": "d(y)/d(a)", "dx": "d(y)/d(x)"})

    found = at_given(one)
    close(found["da"], [2.0, 3.0])
    close(found["dx"], [4.0, 6.0])


def test_a_list_of_quantities_is_a_vector_that_can_be_differentiated_by() -> None:
    one = exercise({"x": 2.0}, "v = [x, x * x]\ny = sum(v * v)\n", {"dv": "d(y)/d(v)", "dx": "d(y)/d(x)"})

    found = at_given(one)
    close(found["v"], [2.0, 4.0])
    close(found["dv"], [4.0, 8.0])
    close(found["dx"], 2 * 2.0 + 4 * 2.0**3)


def test_a_slope_that_is_given_can_be_differentiated_by() -> None:
    one = exercise({"x": [-2.0, 3.0], "a": 0.1}, "y = sum(leaky_relu(x, a))\n", {"da": "d(y)/d(a)", "dx": "d(y)/d(x)"})

    found = at_given(one)
    close(found["da"], -2.0)
    close(found["dx"], [0.1, 1.0])


def test_detached_quantities_carry_no_derivative() -> None:
    one = exercise({"x": 3.0}, "c = detach(x)\ny = c * x\n", {"dx": "d(y)/d(x)", "dc": "d(y)/d(c)", "no": "d(c)/d(x)"})

    found = at_given(one)
    assert [float(found[name]) for name in ("dx", "dc", "no")] == [3.0, 3.0, 0.0]


# via


def test_via_takes_the_two_uses_of_a_shared_weight_apart() -> None:
    one = exercise(
        NUMBERS,
        CHAIN,
        {"first": "d(y2, via=h1)/d(w_h)", "total": "d(y2)/d(w_h)", "second": "d(y2)/d(h2_raw) * h1"},
    )

    for _, found in everywhere(one):
        close(found["first"] + found["second"], found["total"])


def test_via_contracts_over_all_axes_of_what_it_runs_through() -> None:
    one = exercise(
        {"x": [0.3, -0.2], "W": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]},
        "H = W * x\ny = sum(H ** 2, axis=1)\n",
        {"all": "d(y, via=H)/d(x)", "total": "d(y)/d(x)"},
    )

    for _, found in everywhere(one):
        assert found["all"].shape == (3, 2)
        close(found["all"], found["total"])


def test_via_what_lies_on_no_path_is_zero() -> None:
    close(at_given(exercise(NUMBERS, CHAIN + "    z = w_h**2\n", {"no": "d(y2, via=z)/d(w_h)"}))["no"], 0.0)


# partial


def test_a_partial_holds_all_other_arguments_still() -> None:
    one = exercise(
        NUMBERS,
        CHAIN,
        {"dw": "partial(h2_raw)/partial(w_h)", "dh": "partial(h2_raw)/partial(h1)", "total": "d(h2_raw)/d(w_h)"},
    )

    for inputs, found in everywhere(one):
        close(found["dw"], found["h1"])
        close(found["dh"], inputs["w_h"])
        assert not torch.isclose(found["total"], found["dw"])


def test_a_partial_by_an_argument_that_stands_there_twice_counts_both() -> None:
    close(at_given(exercise({"x": 3.0}, "y = x * x\n", {"dx": "partial(y)/partial(x)"}))["dx"], 6.0)


def test_a_partial_of_an_element_by_the_element_before_it() -> None:
    one = exercise({"w": 0.5, "h_0": 0.2, "T": 3}, RECURRENCE, {"local": "partial(h[2])/partial(h[1])"})

    for inputs, found in everywhere(one):
        close(found["local"], inputs["w"] * (1 - found["h[2]"] ** 2))


def test_a_partial_can_be_differentiated_again() -> None:
    one = exercise({"x": 0.3, "w": 0.7}, "z = w * x\ny = tanh(z)\n", {"second": "d(partial(y)/partial(z))/d(x)"})

    for inputs, found in everywhere(one):
        close(found["second"], -2 * found["y"] * (1 - found["y"] ** 2) * inputs["w"])


# second derivatives, expressions


def test_nested_derivatives_are_second_derivatives() -> None:
    one = exercise(
        {"x": 0.4, "w": 1.5},
        "z = w * x\ny = tanh(z)\n",
        {
            "xx": "d(d(y)/d(x))/d(x)",
            "xw": "d(d(y)/d(x))/d(w)",
            "zx": "d(d(y)/d(z))/d(x)",
            "xxx": "d(d(d(y)/d(z))/d(z))/d(z)",
        },
    )

    for inputs, found in everywhere(one):
        w, x, y = inputs["w"], inputs["x"], found["y"]
        slope = 1 - y**2
        close(found["xx"], -2 * y * slope * w**2)
        close(found["xw"], slope - 2 * y * slope * w * x)
        close(found["zx"], -2 * y * slope * w)
        close(found["xxx"], slope * (6 * y**2 - 2))


def test_the_hessian_of_a_quadratic_form_is_its_symmetrised_matrix() -> None:
    one = exercise({"x": [1.0, -2.0], "A": [[2.0, 1.0], [3.0, 4.0]]}, "y = x @ A @ x\n", {"H": "d(d(y)/d(x))/d(x)"})

    close(at_given(one)["H"], [[4.0, 4.0], [4.0, 8.0]])


def test_an_expression_over_derivatives_and_quantities() -> None:
    one = exercise(NUMBERS, CHAIN, {"dh2_raw": "d(y2)/d(h2) * (1 - h2**2)", "direct": "d(y2)/d(h2_raw)"})

    for _, found in everywhere(one):
        close(found["dh2_raw"], found["direct"])


def test_an_expression_in_which_a_minus_stands_before_a_derivative() -> None:
    close(
        at_given(exercise({"x": 3.0}, "y = x**2\n", {"step": "-0.1 * d(y)/d(x)", "minus": "-d(y)/d(x)"}))["minus"], -6.0
    )


# shapes


def test_a_scalar_by_a_tensor_has_the_shape_of_the_tensor() -> None:
    one = exercise({"X": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]}, "y = sum(X ** 2)\n", {"dX": "d(y)/d(X)"})

    for inputs, found in everywhere(one):
        close(found["dX"], 2 * inputs["X"])


def test_a_tensor_by_a_scalar_has_the_shape_of_the_tensor() -> None:
    one = exercise({"v": [1.0, 2.0, 3.0], "s": 0.5}, "y = tanh(s * v)\n", {"ds": "d(y)/d(s)"})

    for inputs, found in everywhere(one):
        close(found["ds"], inputs["v"] * (1 - found["y"] ** 2))


def test_a_tensor_by_a_tensor_is_the_jacobian() -> None:
    one = exercise(
        {"W": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "x": [0.1, 0.2, 0.3]},
        "z = W @ x\np = softmax(z)\n",
        {"dz": "d(z)/d(x)", "dW": "d(z)/d(W)", "dp": "d(p)/d(z)"},
    )

    for inputs, found in everywhere(one):
        p = found["p"]
        close(found["dz"], inputs["W"])
        close(found["dW"], torch.einsum("ij,k->ijk", torch.eye(2, dtype=torch.float64), inputs["x"]))
        close(found["dp"], torch.diag(p) - torch.outer(p, p))


def test_the_gradient_of_softmax_with_cross_entropy_at_labels_given_as_whole_numbers() -> None:
    one = exercise(
        {"logits": [[1.0, 2.0, 0.5], [0.1, 0.2, 0.3]], "Yb": [2, 0], "n": 2},
        "loss = cross_entropy(logits, Yb)\nlogprobs = log_softmax(logits)\nnll = -mean(logprobs[range(n), Yb])\n",
        {"dlogits": "d(loss)/d(logits)", "the_same": "d(nll)/d(logits)"},
    )

    for inputs, found in everywhere(one):
        expected = (torch.softmax(inputs["logits"], 1) - torch.eye(3, dtype=torch.float64)[[2, 0]]) / 2
        close(found["dlogits"], expected)
        close(found["the_same"], expected)


def test_whole_inputs_are_indices_and_rows_used_twice_count_twice() -> None:
    one = exercise(
        {"C": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "Xb": [2, 0, 2]},
        "emb = C[Xb]\ny = sum(emb ** 2)\n",
        {"dC": "d(y)/d(C)"},
    )

    for inputs, found in everywhere(one):
        counts = torch.tensor([[1.0], [0.0], [2.0]], dtype=torch.float64)
        close(found["emb"], inputs["C"][[2, 0, 2]])
        close(found["dC"], 2 * counts * inputs["C"])


# loops and accumulation


def test_a_family_of_steps_has_the_derivative_by_each_element() -> None:
    one = exercise(
        {"w": 0.5, "h_0": 0.2, "T": 3},
        RECURRENCE,
        {"dh[t]": {"is": "d(loss)/d(h[t])", "for": "t in reversed(range(0, T+1))"}, "dw": "d(loss)/d(w)"},
    )

    for inputs, found in everywhere(one):
        w = inputs["w"]
        expected = {3: 2 * found["h[3]"]}
        for t in (2, 1, 0):
            expected[t] = expected[t + 1] * (1 - found[f"h[{t + 1}]"] ** 2) * w
        for t in range(4):
            close(found[f"dh[{t}]"], expected[t])
        close(found["dw"], sum(expected[t] * (1 - found[f"h[{t}]"] ** 2) * found[f"h[{t - 1}]"] for t in (1, 2, 3)))


def test_a_family_read_as_a_whole_passes_its_derivatives_on() -> None:
    one = exercise({"x": 2.0}, "h[0] = x\nh[1] = x * h[0]\ny = sum(h)\n", {"dx": "d(y)/d(x)", "dh": "d(y)/d(h[0])"})

    for inputs, found in everywhere(one):
        close(found["dx"], 1 + 2 * inputs["x"])
        close(found["dh"], 1 + inputs["x"])


def test_a_loss_accumulated_in_a_loop() -> None:
    one = exercise(
        {"x": [1.0, 2.0, 3.0], "w": 0.5},
        "loss = 0.0\nfor t in range(3):\n  loss = loss + (w * x[t])**2\n",
        {"dw": "d(loss)/d(w)", "dx": "d(loss)/d(x)"},
    )

    for inputs, found in everywhere(one):
        w, x = inputs["w"], inputs["x"]
        close(found["loss"], (w * x).pow(2).sum())
        close(found["dw"], 2 * w * x.pow(2).sum())
        close(found["dx"], 2 * w**2 * x)


def test_a_tensor_filled_part_by_part() -> None:
    one = exercise(
        {"x": 2.0}, "y = zeros(3)\ny[0] = x\ny[2] = x * x\nz = sum(y * y)\n", {"dx": "d(z)/d(x)", "dy": "d(z)/d(y)"}
    )

    for inputs, found in everywhere(one):
        x = inputs["x"]
        close(found["dx"], 2 * x + 4 * x**3)
        close(found["dy"], 2 * found["y"])


# kinks


def test_the_derivative_of_a_maximum_along_an_axis_goes_to_one_entry() -> None:
    one = exercise({"x": [[1.0, 4.0, 2.0]]}, "y = sum(x.max(1).values)\n", {"dx": "d(y)/d(x)"})

    close(at_given(one)["dx"], [[0.0, 1.0, 0.0]])


# faults


def faults_of(given: Given, forward: str, steps: dict[str, object]) -> tuple[Fault, ...]:
    one = exercise(given, forward, steps)
    with pytest.raises(ExerciseError) as caught:
        build(one)
    return caught.value.faults


def test_shapes_that_do_not_fit_are_a_fault_at_their_place_in_the_file() -> None:
    (fault,) = faults_of({"A": [[1.0, 2.0]], "x": [1.0, 2.0, 3.0]}, "b = 2 * x\ny = 1 + A @ b\n", {"dx": "d(y)/d(x)"})

    assert (fault.file, fault.line, fault.column, fault.field) == ("<string>", 5, 11, "forward")
    assert fault.found == "`A @ b` with `A` of shape 1 x 2 and `b` of shape 3"


def test_a_partial_by_what_is_no_argument_of_the_statement() -> None:
    (fault,) = faults_of(NUMBERS, CHAIN, {"local": "partial(h2)/partial(w_h)"})

    assert (fault.line, fault.field) == (10, "steps.local")
    assert fault.found == ("`partial(h2)/partial(w_h)`: `h2` is not computed directly from `w_h`, but from `h2_raw`")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("partial(x)/partial(x)", "`x` is not computed by the forward program"),
        ("partial(y)/partial(h)", "`h` is no quantity"),
        ("partial(q)/partial(m)", "`m` is a whole number: nothing varies with it"),
        ("partial(z)/partial(x)", "`z` is computed in parts, not by one statement"),
        ("d(y)/d(h)", "`h` is no quantity"),
        ("d(y)/d(h[i])", None),
        ("d(q)/d(m)", "`m` is a whole number: nothing varies with it"),
        ("d(q, via=m)/d(x)", "`m` is a whole number: nothing varies with it"),
        ("d(y)/d(v[0])", "`v[0]` is no quantity"),
        ("d('text')/d(x)", "`'text'` is no number"),
        ("'text'", "no number"),
        ("None", "no number"),
        ("...", "no number"),
        ("[[x], [x, x]]", None),
        ("v + [1, 2, 3]", None),
        ("v[5]", None),
    ],
)
def test_steps_that_are_no_quantities_are_faults_of_these_steps(step: str, said: str | None) -> None:
    forward = "h[0] = x\nh[1] = x * x\ny = sum(h)\nm = n + 1\nq = m * x\nz = zeros(2)\nz[0] = x\n"

    with pytest.raises(ExerciseError) as caught:
        build(exercise({"x": 2.0, "v": [1.0, 2.0], "n": 2}, forward, {"s": step}))

    (fault,) = caught.value.faults
    assert fault.field == "steps.s"
    assert fault.line > 0
    assert said is None or said in fault.found


@pytest.mark.parametrize("value", ["'text'", "None", "...", "[[x], [x, x]]"])
def test_a_forward_quantity_that_is_no_number_is_a_fault_at_its_statement(value: str) -> None:
    (fault,) = faults_of({"x": 2.0}, f"y = 2 * x\nz = {value}\n", {"dx": "d(y)/d(x)"})

    assert (fault.line, fault.field) == (5, "forward")


@pytest.mark.parametrize(("x", "y"), [(-1.0, "log(x)"), (0.0, "1 / x"), (800.0, "exp(x)")])
def test_a_value_that_is_not_finite_at_the_given_numbers_is_a_fault_of_the_quantity(x: float, y: str) -> None:
    (fault,) = faults_of({"x": x}, f"a = 2 * x\ny = {y}\n", {"dx": "d(a)/d(x)"})

    assert (fault.line, fault.column, fault.field) == (5, 3, "forward")
    assert fault.found == "a value of `y` that is not finite at the given numbers"


def test_a_derivative_that_is_not_finite_is_a_fault_of_the_step() -> None:
    (fault,) = faults_of({"x": 0.0}, "y = sqrt(x)\n", {"dx": "d(y)/d(x)"})

    assert (fault.field, fault.found) == ("steps.dx", "a value of `dx` that is not finite at the given numbers")


# probe points


def test_probes_are_drawn_anew_where_a_value_is_not_finite() -> None:
    one = exercise({"x": {"value": 1.0, "probe": "uniform(-1, 1)"}}, "y = log(x)\n", {"dx": "d(y)/d(x)"})
    refused = [k for k in range(MAX_DRAWS) if any(p.inputs["x"].numbers()[0] <= 0 for p in draw_points(one, "", k)[1:])]

    reference = build(one)

    assert refused[: reference.attempt] == list(range(reference.attempt))
    assert reference.attempt not in refused
    assert reference.attempt > 0
    assert reference.points == draw_points(one, "", reference.attempt)


def test_an_exercise_without_finite_probes_is_refused() -> None:
    given: Given = {"x": {"value": 1.0, "probe": "uniform(-2, -1)"}}

    (fault,) = faults_of(given, "y = log(x)\n", {"dx": "d(y)/d(x)"})

    assert fault.found == f"no finite value of `y` in any of {MAX_DRAWS} draws of the probes"
    assert fault.expected == 'inputs drawn where it has one, such as `x: {value: 0.5, probe: "uniform(0.1, 0.9)"}`'


def test_the_reference_has_its_points_and_the_version_of_torch() -> None:
    one = exercise(NUMBERS, CHAIN, {"dw": "d(y2)/d(w_h)"}, "probe: 2")

    reference = build(one)

    assert reference.points == draw_points(one, "", reference.attempt)
    assert len(reference.values) == 3
    assert reference.torch_version == torch.__version__


def test_building_leaves_the_number_of_threads_as_it_was() -> None:
    before = torch.get_num_threads()

    build(exercise(NUMBERS, CHAIN, {"dw": "d(y2)/d(w_h)"}))

    assert torch.get_num_threads() == before


def test_the_jacobian_of_a_constant_is_zero() -> None:
    by = torch.ones(2, dtype=torch.float64, requires_grad=True)

    assert jacobian(torch.ones(3, dtype=torch.float64), by).tolist() == [[0.0, 0.0]] * 3
