"""What a value taken from a differentiator is made of at other numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grader.judge.borrowed.around_known_values import _distances, _has_direction, _PerturbedAround
from grader.judge.borrowed.borrowing import _differing
from grader.model import Observed, Opaque, Value
from grader.submission.load import load_bytes
from tests import warm

RIGHT, OTHER = Value.of([1.0, 2.0], (2,)), Value.of([10.0, -20.0], (2,))
TEXT = Opaque("text", "str")


@pytest.mark.parametrize(
    ("value", "right", "other", "made"),
    [
        (RIGHT, RIGHT, OTHER, OTHER),
        (Value.of([1.5, 1.0], (2,)), RIGHT, OTHER, Value.of([10.5, -21.0], (2,))),
        (Value.of([1.5, 1.0], (1, 2)), RIGHT, OTHER, Value.of([10.5, -21.0], (1, 2))),
        (Value.scalar(3.0), RIGHT, OTHER, Value.scalar(3.0)),  # of another size, it differs in nothing
        (RIGHT, RIGHT, Value.scalar(3.0), RIGHT),
        (TEXT, RIGHT, OTHER, TEXT),
    ],
)
def test_a_wrong_value_differs_from_another_right_one_as_from_its_own(
    value: Observed, right: Value, other: Value, made: Observed
) -> None:
    assert _differing(value, right, other) == made


@pytest.mark.parametrize(
    ("apart", "straight", "by_value", "solutions"),
    [
        (0.5, 1.0, 1.0, 2),
        (-0.5, 1.0, 1.0, 2),
        (0.75, -2.0, 0.5, 2),
        (1.5, 1.0, 1.0, 0),
        (0.3, 0.5, 0.0, 1),
        (-0.25, 0.0, 1.0, 2),
        (0, 0, 1, 0),
    ],
)
def test_the_distances_are_the_real_solutions_of_their_equation(
    apart: float, straight: float, by_value: float, solutions: int
) -> None:
    found = _distances(apart, straight, by_value)

    assert len(found) == solutions
    assert list(found) == sorted(found, key=abs)
    assert [d * (2 * straight - d * by_value) for d in found] == pytest.approx([apart] * solutions)


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        ((1.0, 0.0), True),
        ((1e-5, 0.0), True),
        ((1.0, 1.0), False),
        ((1e-5, 1e-5), False),  # two eigenvalues, however close
    ],
)
def test_a_matrix_has_a_direction_if_powers_of_what_it_adds_to_a_known_number_vanish(
    off: tuple[float, float], expected: bool
) -> None:
    matrix = Value.of([0.5, off[0], off[1], 0.5], (2, 2))

    assert _has_direction(matrix, {f"{0.5:.9e}"}) is expected
    assert not _has_direction(matrix, {f"{0.25:.9e}"})


def test_each_step_that_moves_is_tried_around_the_number_estimated_for_it_until_it_is_found() -> None:
    tried: list[str] = []

    def around(name: str, place: int, by_value: float) -> frozenset[str]:
        tried.append(name)
        return frozenset({"a", "b"}) if name == "a" else frozenset({name})

    moved = {"a": (1.0, 2.0), "b": (1.0, 2.0), "c": (3.0, 1.0)}
    perturbed: Any = SimpleNamespace(_moved=lambda *_: moved, _around_estimated=around, tried=8)

    assert _PerturbedAround.taken_around_some(perturbed) == {"a", "b", "c"}
    assert tried == ["a", "c"]


CHECKED = """import torch
h0, w_h, w_y = (torch.tensor(one, requires_grad=True) for one in (0.5, 2.0, 40.0))
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
y2.backward()
dy2 = 1.0
dw_y = h2 * dy2
slopes = {True: w_y}[bool(torch.isclose(dw_y, w_y.grad))]
dh2 = slopes * dy2
dh2_raw = (1 - h2**2) * dh2
"""


def test_a_step_after_a_comparison_with_the_library_is_ones_own() -> None:
    result = warm.check("tanh-chain", load_bytes(CHECKED.encode(), "mine.py"))
    outcomes = {one.name: one.outcome for one in result.steps}

    assert [outcomes[name] for name in ("dy2", "dw_y", "dh2", "dh2_raw")] == ["correct"] * 4


def test_a_step_of_the_library_after_a_comparison_with_it_is_borrowed() -> None:
    source = CHECKED.replace("dh2 = slopes * dy2", "dw_h = slopes / slopes * w_h.grad")
    result = warm.check("tanh-chain", load_bytes(source.encode(), "mine.py"))

    assert next(one.outcome for one in result.steps if one.name == "dw_h") == "borrowed"


LOST = """
dy2 = [1.0]                        # no number: once it is replaced, nothing below runs
dw_y = h2 * dy2[0]
dh2 = w_y * dy2[0]
dh2_raw = {}
"""


def test_a_step_that_forced_runs_do_not_reach_is_ones_own_if_it_is_so_by_itself() -> None:
    result = _after(CHECKED.partition("y2.backward()")[0], LOST.format("(1 - h2**2) * dh2"))

    assert [result[name] for name in ("dw_y", "dh2", "dh2_raw")] == ["correct"] * 3


def test_a_step_that_forced_runs_do_not_reach_is_borrowed_if_it_is_so_by_itself() -> None:
    taken = "torch.autograd.grad(y2, h2_raw)[0] * dy2[0]"
    result = _after(CHECKED.partition("y2.backward()")[0], LOST.format(taken))

    assert [result[name] for name in ("dw_y", "dh2", "dh2_raw")] == ["correct", "correct", "borrowed"]


def _after(forward: str, steps: str) -> dict[str, str]:
    result = warm.check("tanh-chain-reverse", load_bytes((forward + steps).encode(), "mine.py"))
    return {one.name: one.outcome for one in result.steps}
