"""Matrices that a submission keeps as their transposes: one column per example where the exercise has one row.

A submission shows it by an input: it starts from the transpose of the given matrix. Then a quantity of the forward pass
that it binds as its transpose is right, and so is the derivative by a quantity that it keeps in that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from grader.exercise.types import Step
from grader.formula.syntax import Derivative, Name
from grader.judge.matching.compare import compare
from grader.judge.matching.naming import input_given, meanings
from grader.judge.matching.types import Scene
from grader.model import Value
from grader.reference.points import Reference


def squares_turned(scene: Scene) -> Reference | None:
    """The reference with the given square matrices transposed, which show no layout by their shape. None unless the
    submission keeps another matrix as its transpose, or where a square one was typed in and shows it by its numbers."""
    squares = {
        one.name
        for one in scene.exercise.inputs
        if len(one.shape) == 2 and one.shape[0] == one.shape[1] > 1 and one.given is None
    }
    if not squares or not _turned_inputs(scene):
        return None
    points = tuple(
        replace(
            point,
            inputs={name: _transposed(value) if name in squares else value for name, value in point.inputs.items()},
        )
        for point in scene.reference.points
    )
    return replace(scene.reference, points=points, turned=frozenset(squares))


def as_kept(scene: Scene) -> Scene:
    """The scene with the right values as the submission keeps them."""
    inputs = _turned_inputs(scene) | scene.reference.turned
    if not inputs or scene.exercise.policy.shapes == "strict":
        return scene
    bound = _bound(scene)
    forward = {step.name for step in scene.exercise.forward_steps if _is_turned(scene, step, bound)}
    kept = inputs | forward | (_matrices(scene) - bound.keys() - {one.name for one in scene.exercise.inputs})
    steps = {step.name for step in scene.exercise.steps if _follows(step, kept) and _is_turned(scene, step, bound)}
    turned = forward | steps
    values = tuple(
        {name: _transposed(value) if name in turned else value for name, value in at.items()}
        for at in scene.reference.values
    )
    return replace(scene, reference=replace(scene.reference, values=values), turned=inputs | turned)


def _turned_inputs(scene: Scene) -> frozenset[str]:
    """The inputs that a submission starts with as the transposes of the given matrices."""
    found = set()
    for event in scene.traces[0].events:
        if event.role != "input" or not isinstance(event.value, Value) or len(event.value.shape) != 2:
            continue
        name = input_given(scene.names, event, scene.sites[event.site])
        if name is not None and _is_transposed(event.value, scene.reference.points[0].inputs[name]):
            found.add(name)
    return frozenset(found)


def _is_transposed(own: Value, given: Value) -> bool:
    if 1 in given.shape or own.shape != given.shape[::-1]:
        return False
    return own.shape != given.shape or own.data == _transposed(given).data != given.data


def _bound(scene: Scene) -> Mapping[str, list[Value]]:
    """Per quantity, the matrices bound under a name of it at the given point."""
    found: dict[str, list[Value]] = {}
    for event in scene.traces[0].events:
        if event.role != "input" and isinstance(event.value, Value) and len(event.value.shape) == 2:
            for meaning in meanings(scene.names, event, scene.sites[event.site]):
                found.setdefault(meaning.quantity, []).append(event.value)
    return found


def _is_turned(scene: Scene, step: Step, bound: Mapping[str, list[Value]]) -> bool:
    """Whether a quantity is bound as the transpose of what it is: by its shape, or where that is square, its numbers.
    A step that is wrong, or is bound under no name of its own, goes by the quantity it follows."""
    right = scene.reference.values[0][step.name]
    if len(right.shape) != 2 or 1 in right.shape:
        return False
    if step.name not in bound:
        return step in scene.exercise.steps
    own, turned, by = bound[step.name], _transposed(right), scene.measure(0, step.name)
    if right.shape != turned.shape:
        return all(value.shape != right.shape for value in own)
    as_given = any(compare(value, right, by).right for value in own)
    return not as_given and (step in scene.exercise.steps or any(compare(value, turned, by).right for value in own))


def _follows(step: Step, kept: Iterable[str]) -> bool:
    """Whether a step is laid out like a quantity that is kept as its transpose."""
    match step.quantity:
        case Derivative(by=Name(name)):
            return name in kept
        case _:
            return True


def _matrices(scene: Scene) -> frozenset[str]:
    return frozenset(name for name, value in scene.reference.values[0].items() if len(value.shape) == 2)


def _transposed(matrix: Value) -> Value:
    rows, columns = matrix.shape
    numbers = matrix.numbers()
    turned = [numbers[row * columns + column] for column in range(columns) for row in range(rows)]
    return Value.of(turned, (columns, rows), matrix.dtype)
