"""Small exercises made from a few lines, and their reference values as tensors."""

from __future__ import annotations

import json
import textwrap

import torch

from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.model import Value
from grader.reference.autograd import build, values_at
from grader.reference.points import Point, draw_points

Given = dict[str, object]


def exercise(given: Given, forward: str, steps: dict[str, object], rest: str = "", name: str = "made") -> Exercise:
    """The exercise with these parts; `rest` is further YAML. The program starts at line 4, column 3."""
    program = textwrap.indent(textwrap.dedent(forward).strip("\n"), "  ")
    return loads(
        f"exercise: {name}\ntitle: Made\nforward: |\n{program}\n"
        f"given: {json.dumps(given)}\nsteps: {json.dumps(steps)}\n{rest}\n"
    )


def tensor(value: Value) -> torch.Tensor:
    return torch.tensor(value.numbers(), dtype=torch.float64).reshape(value.shape)


def at_given(one: Exercise) -> dict[str, torch.Tensor]:
    """Everything at the given numbers."""
    return {name: tensor(value) for name, value in values_at(one, draw_points(one)[0]).items()}


def everywhere(one: Exercise, secret: str = "") -> list[tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]]:
    """Inputs and values at every point."""
    reference = build(one, secret)
    return [
        ({n: tensor(v) for n, v in point.inputs.items()}, {n: tensor(v) for n, v in values.items()})
        for point, values in zip(reference.points, reference.values, strict=True)
    ]


def point(one: Exercise, **inputs: Value) -> Point:
    return Point(0, {**draw_points(one)[0].inputs, **inputs})
