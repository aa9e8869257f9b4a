"""Which axes are one thing: for every operation that does something to axes."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.lint.shapes import Traced, traced
from grader.reference.points import draw_points

from .making import text_of

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
