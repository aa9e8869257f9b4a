"""Shapes and kinks that hide mistakes: refused where they do, allowed where the author says so, and no false alarm."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.lint.shapes import Traced, traced
from grader.reference.points import draw_points

from .making import fitness, refused, text_of

AFFINE = "y = sum((x @ w + b)**2)\n"


def affine(n: int, d: int, h: int) -> str:
    shapes = {"x": [n, d], "w": [d, h], "b": [h]}
    return "\n".join(f"{name}: {{shape: {shape}, draw: normal}}" for name, shape in shapes.items())


# axes of size 1


def test_a_batch_of_one_is_refused_with_its_place() -> None:
    (fault,) = fitness(affine(1, 3, 5), AFFINE).refused

    assert (fault.file, fault.line, fault.column, fault.field) == ("made.yaml", 4, 3, "given.x")
    assert fault.found == "axis 0 of `x` of size 1"
    assert fault.expected.startswith("a size above 1: ")
    assert fault.expected.endswith("; or `allow: [size-one]`")


@pytest.mark.parametrize(("sizes", "found"), [((4, 1, 5), "axis 1 of `x`"), ((4, 3, 1), "axis 1 of `w`")])
def test_an_axis_of_size_one_is_refused_once_wherever_it_runs(sizes: tuple[int, int, int], found: str) -> None:
    assert refused(affine(*sizes), AFFINE) == [f"{found} of size 1"]


def test_an_axis_of_size_one_that_is_spread_along_another_is_no_fault() -> None:
    given = "x: {shape: [4, 3], draw: normal}\ngain: {shape: [1, 3], draw: normal}"

    assert refused(given, "y = sum(x * gain * 2)\n") == []


def test_an_axis_of_size_one_made_by_the_program_is_no_fault() -> None:
    given = "x: {shape: [4, 3], draw: normal}"

    assert refused(given, "m = mean(x, dim=0, keepdim=True)\ny = sum((x - m)**3)\n") == []


def test_a_count_of_one_that_is_divided_by_is_refused() -> None:
    given = "n: {}\nx: {{shape: [4], draw: normal}}"

    assert refused(given.format(1), "y = sum(x**2) / n\n") == [
        "the number 1 for `n`, which the program multiplies or divides by"
    ]
    assert refused(given.format(4), "y = sum(x**2) / n\n") == []


def test_a_number_of_passes_may_be_one() -> None:
    given = "T: 1\nw: 0.7\nh_0: 0.4"

    assert refused(given, "h[0] = h_0\nfor t in range(1, T+1):\n  h[t] = tanh(w * h[t-1])\ny = 3 * h[T]\n") == []


# axes of equal size


@pytest.mark.parametrize(
    ("sizes", "name", "shape"), [((3, 3, 5), "x", "3 x 3"), ((4, 3, 3), "w", "3 x 3")], ids=["N = D", "D = H"]
)
def test_two_axes_of_equal_size_that_are_different_things_are_refused(
    sizes: tuple[int, int, int], name: str, shape: str
) -> None:
    (fault,) = fitness(affine(*sizes), AFFINE).refused

    assert fault.field == f"given.{name}"
    assert fault.found == f"`{name}` of shape {shape}, whose axes 0 and 1 are different things of equal size"
    assert fault.expected.endswith("; or `allow: [square]`")


def test_equal_sizes_that_first_meet_in_a_quantity_are_refused_there() -> None:
    (fault,) = fitness(affine(5, 3, 5), "z = x @ w + b\ny = sum(z**2)\n").refused

    assert (fault.line, fault.column, fault.field) == (8, 3, "forward")
    assert fault.found.startswith("`z` of shape 5 x 5, ")


def test_equal_sizes_in_no_common_array_are_no_fault() -> None:
    given = "x: {shape: [4, 3], draw: normal}\nw: {shape: [3, 5], draw: normal}\nv: {shape: [5, 3], draw: normal}"

    assert refused(given, "y = sum((tanh(x @ w) @ v)**2)\n") == []


@pytest.mark.parametrize(
    ("given", "forward"),
    [
        ("W: {shape: [3, 3], draw: normal}\nh: {shape: [3], draw: normal}", "a = tanh(W @ h)\ny = sum(tanh(W @ a))\n"),
        ("x: {shape: [4, 3], draw: normal}", "s = softmax(x @ x.T, dim=-1)\ny = sum((s @ x)**2)\n"),
        ("A: {shape: [3, 3], draw: normal}\nb: {shape: [4, 3], draw: normal}", "y = sum(b @ A @ b.T @ b) + trace(A)\n"),
        ("A: {shape: [3, 3], draw: normal}\nb: {shape: [3], draw: normal}", "y = einsum('i,ij,j->', b, A, b)\n"),
        ("q: {shape: [3, 3], draw: normal}\nu: {shape: [3], draw: normal}", "y = sum((q @ u + u)**2)\n"),
    ],
    ids=["recurrent weight", "scores of attention", "trace", "quadratic form", "residual"],
)
def test_axes_that_are_one_thing_may_have_one_size(given: str, forward: str) -> None:
    assert refused(given, forward) == []


def test_axes_under_one_name_are_one_thing() -> None:
    given = "H: 3\nN: 4\nh: {{shape: [N, H], draw: normal}}\nW: {{shape: [{}], draw: normal}}"

    assert refused(given.format("H, H"), "y = sum(tanh(h @ W))\n") == []
    assert len(refused(given.format("H, 3"), "y = sum(tanh(h @ W))\n")) == 1


def test_a_matrix_that_is_its_own_transpose_at_every_point_is_refused() -> None:
    given = "A: {{value: {}, fixed: true}}\nb: {{shape: [2], draw: normal}}"

    assert refused(given.format("[[2.0, 0.5], [0.5, 3.0]]"), "y = sum(b * (A @ b))\n") == [
        "`A`, which is its own transpose at every point"
    ]
    assert refused(given.format("[[2.0, 0.5], [0.7, 3.0]]"), "y = sum(b * (A @ b))\n") == []


# one side of a kink


@pytest.mark.parametrize(
    ("forward", "operation"),
    [
        ("y = 3 * relu(x)\n", "relu"),
        ("z = 2 * x\ny = 3 * abs(z) + x\n", "abs"),
        ("y = 3 * maximum(x, 0)\n", "maximum"),
        ("y = where(x > 0, 3 * x, 5 * x)\n", "gt"),
    ],
)
def test_a_kink_of_which_one_side_is_seen_is_refused(forward: str, operation: str) -> None:
    (fault,) = fitness("x: 0.5", forward).refused

    line = 6 + forward.split("\n").index(next(one for one in forward.split("\n") if "y =" in one))
    assert (fault.line, fault.field) == (line, "forward")
    assert fault.found == f"`{operation}` that is on one side of its kink at every point"
    assert fault.expected == "numbers on both sides, as with `probe: normal` for the inputs; or `allow: [one-sided]`"
    assert refused("x: {value: 0.5, probe: normal}", forward) == []


@pytest.mark.parametrize("forward", ["y = abs(complex(x, 2 * x))\n", "y = sum(abs(fft(stack([x, 2 * x])))**2)\n"])
def test_the_absolute_value_of_a_complex_number_has_no_sides(forward: str) -> None:
    assert refused("x: 0.5", forward) == []


def test_the_column_is_that_of_the_operation() -> None:
    (fault,) = fitness("x: 0.5", "y = 3 * relu(x)\n").refused

    assert (fault.line, fault.column) == (6, 11)


def test_an_array_with_both_signs_is_seen_from_both_sides() -> None:
    assert refused("x: {shape: [6], draw: normal}", "y = sum(relu(x)**2)\n") == []


def test_a_guard_against_zero_is_no_kink() -> None:
    assert refused("x: [0.5, 0.7]", "n = norm(x)\ny = sum(x / maximum(n, 1e-8))\n") == []


# what is allowed


@pytest.mark.parametrize(
    ("kind", "given", "forward"),
    [
        ("size-one", affine(1, 3, 5), AFFINE),
        ("square", affine(3, 3, 5), AFFINE),
        ("one-sided", "x: 0.5", "y = 3 * relu(x)\n"),
    ],
)
def test_what_is_refused_can_be_allowed_by_name(kind: str, given: str, forward: str) -> None:
    others = [one for one in ("size-one", "square", "one-sided", "unseen") if one != kind]

    assert len(refused(given, forward)) == 1
    assert refused(given, forward, rest=f"allow: [{kind}]\n") == []
    assert len(refused(given, forward, rest=f"allow: [{', '.join(others)}]\n")) == 1


def test_an_index_that_cannot_be_followed_leaves_the_other_findings() -> None:
    given = "n: 1\nu: {shape: [4], draw: normal}\nx: {shape: [5, 5], draw: normal}"

    assert refused(given, "k = argmax(abs(u)) + 1\ny = sum(x[0:k]) / n + sum(u)\n") == [
        "the number 1 for `n`, which the program multiplies or divides by"
    ]


SHAPES = {"x": [4, 5], "w": [5, 2], "u": [4], "g": [1, 5], "v": [5], "c": [4, 3, 5], "f": [2, 5, 3]}
SIZES = "\n".join(f"{name}: {{shape: {shape}, draw: normal}}" for name, shape in SHAPES.items())
SIZES += "\ni: {shape: [4], draw: 'integers(0, 5)'}"


def trace(forward: str) -> Traced:
    exercise = loads(text_of(SIZES, f"{forward}\n", f"dz: d({forward.split()[0].split('[')[0]})/d(x)"))
    return traced(exercise, draw_points(exercise)[0], {})


def axes(forward: str) -> str:
    """The axes of z, each as the axes of inputs it is one with: `x0=u0, w1`; `new` where it is with none."""
    found = trace(forward)
    known: dict[int, list[str]] = {}
    for name, one in found.inputs.items():
        for number, axis in enumerate(one.axes):
            known.setdefault(found.kinds.kind(axis), []).append(f"{name}{number}")
    return ", ".join("=".join(known.get(found.kinds.kind(axis), ["new"])) for axis in found.quantities["z"].axes)


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        ("z = tanh(x)", "x0, x1"),
        ("z = x * v", "x0, x1=v0"),
        ("z = x * g", "x0, x1=g1"),
        ("z = x + u[:, None]", "x0=u0, x1"),
        ("z = x @ w", "x0, w1"),
        ("z = x @ v", "x0"),
        ("z = u @ x", "x1"),
        ("z = x.T @ u", "x1"),
        ("z = c @ w", "c0, c1, w1"),
        ("z = c @ c.mT", "c0, c1, c1"),
        ("z = outer(u, v)", "u0, v0"),
        ("z = sum(x, dim=0)", "x1"),
        ("z = sum(x, dim=0, keepdim=True)", "new, x1"),
        ("z = mean(c, dim=(0, 2))", "c1"),
        ("z = var(x, dim=0)", "x1"),
        ("z = max(x, dim=1)", "x0"),
        ("z = maximum(x, v)", "x0, x1=v0"),
        ("z = x.T", "x1, x0"),
        ("z = transpose(c, 1, 2)", "c0, c2, c1"),
        ("z = permute(c, (2, 0, 1))", "c2, c0, c1"),
        ("z = x[1]", "x1"),
        ("z = x[:, 1]", "x0"),
        ("z = x[..., None]", "x0, x1, new"),
        ("z = x[:, 0:2]", "x0, new"),
        ("z = x.T[i]", "i0, x0"),
        ("z = x[arange(4), i]", "i0"),
        ("z = reshape(c, (4, 15))", "c0, new"),
        ("z = reshape(c, (12, 5))", "new, c2"),
        ("z = unsqueeze(x, 1)", "x0, new, x1"),
        ("z = squeeze(g, 0) * v", "g1=v0"),
        ("z = stack([u, 2 * u])", "new, u0"),
        ("z = concat([x, 2 * x], dim=0)", "new, x1"),
        ("z = one_hot(i, 5) * x", "x0=i0, x1"),
        ("z = einsum('nd,dh->hn', x, w)", "w1, x0"),
        ("z = where(x > 0, x, v)", "x0, x1=v0"),
        ("z = softmax(x, dim=1)", "x0, x1"),
        ("z = tril(x @ x.T)", "x0, x0"),
        ("z = zeros(4, 5) + x", "x0, x1"),
        ("z = cross_entropy(x, i) * u", "u0"),
        ("z = conv1d(transpose(c, 1, 2), f)", "c0, f0, new"),
        ("z = inner(x, v)", "x0"),
        ("z = broadcast_to(v, (4, 5)) * x", "x0, x1=v0"),
    ],
)
def test_what_an_operation_does_to_axes(forward: str, expected: str) -> None:
    assert axes(forward) == expected


def united(forward: str, one: tuple[str, int], other: tuple[str, int]) -> bool:
    found = trace(forward)
    first, second = (found.inputs[name].axes[number] for name, number in (one, other))
    return found.kinds.kind(first) == found.kinds.kind(second)


@pytest.mark.parametrize(
    ("forward", "one", "other", "same"),
    [
        ("z = x @ w", ("x", 1), ("w", 0), True),
        ("z = x @ w", ("x", 0), ("w", 1), False),
        ("z = einsum('nd,dh->n', x, w)", ("x", 1), ("w", 0), True),
        ("z = cross_entropy(x, i)", ("x", 0), ("i", 0), True),
        ("z = conv1d(transpose(c, 1, 2), f)", ("c", 2), ("f", 1), True),
        ("z = concat([x, c[:, 0]], dim=0)", ("x", 1), ("c", 2), True),
        ("z = concat([x, c[:, 0]], dim=0)", ("x", 0), ("c", 0), False),
        ("z = mse_loss(x, x * v)", ("x", 1), ("v", 0), True),
        ("z = sum(x) * u", ("x", 0), ("u", 0), False),
    ],
)
def test_axes_that_meet_are_one(forward: str, one: tuple[str, int], other: tuple[str, int], same: bool) -> None:
    assert united(forward, one, other) is same


def test_what_is_assigned_in_parts_has_the_axes_of_its_parts() -> None:
    assert united("z = zeros(4, 5)\nz[0] = v\nz[1] = x[1]", ("v", 0), ("x", 1))
    assert united("z = zeros(3, 5)\nfor t in range(3):\n  z[t] = v * x[t]", ("v", 0), ("x", 1))


def test_an_axis_of_size_one_that_is_spread_is_known() -> None:
    found = trace("z = x * g")

    assert found.kinds.is_stretched(found.inputs["g"].axes[0])
    assert not found.kinds.is_stretched(found.inputs["g"].axes[1])
