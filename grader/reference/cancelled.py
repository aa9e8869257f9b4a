"""Steps that are 0 only because terms cancel, and their values for another upstream gradient.

A shift of all logits changes no probability: d(loss)/d(logit_maxes) is a sum of terms that cancel, at every point. A
typed 0, and the sum with the wrong sign, have the same value. To see what a line does, the output is changed: `<R, c>`
is added to it, with random R, for a quantity c that is computed directly from the one that the step differentiates by
(or from such a quantity, further up). That changes the derivatives with respect to everything before c, so that the
terms no longer cancel. A derivative is not such a step if no path leads to the output, or if every slope on the way is
0.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from grader.exercise.types import Exercise, Step
from grader.formula.syntax import Derivative, text
from grader.model import Value
from grader.reference.autograd import Element, Graph, directly_read, jacobian, quantity_of, to_value
from grader.reference.points import Disturbance, Point

NOTHING = 1e-12
"""Below this, relative to the largest value of its point, a number is 0 up to rounding."""

LEVELS = 3
"""For how many statements further up the gradient is disturbed: a student's line may combine several statements."""


def disturbances(exercise: Exercise, point: Point, values: Sequence[Mapping[str, Value]]) -> tuple[Disturbance, ...]:
    """For each step that is 0 by cancellation, the values of all steps at `point` with other upstream gradients,
    nearest first. `values` are the right values at every point."""
    found = [
        step for step in exercise.steps if _is_derivative(step) and all(_is_nothing(step.name, at) for at in values)
    ]
    if not found:
        return ()
    graph = Graph(exercise, point)
    return tuple(made for step in found for made in _of_step(exercise, graph, step))


def _is_derivative(step: Step) -> bool:
    """Whether a step is a plain total derivative."""
    return isinstance(step.quantity, Derivative) and not step.quantity.partial and step.quantity.via is None


def _is_nothing(name: str, values: Mapping[str, Value]) -> bool:
    most = max((abs(number) for value in values.values() for number in value.numbers()), default=0.0)
    return all(abs(number) <= NOTHING * most for number in values[name].numbers())


def _of_step(exercise: Exercise, graph: Graph, step: Step) -> Iterator[Disturbance]:
    assert isinstance(step.quantity, Derivative)
    output, by = graph.value(step.quantity.of), quantity_of(step.quantity.by)
    node = graph.node(by)
    if not isinstance(output, Tensor) or output.numel() != 1 or node is None or not output.requires_grad:
        return
    draw = random.Random(f"{exercise.id} {step.name}")
    level, seen = [by], {by}
    for number in range(1, LEVELS + 1):
        level = [one for one in _made_from(graph, level) if one not in seen]
        seen.update(level)
        # One at a time: a line that combines several statements depends only on the gradient arriving at the last of
        # them.
        for one in level:
            added = _added(graph, one, output, draw)
            if added is not None and bool(jacobian(added, node).abs().max() > 0):
                values, goes_on = _disturbed(exercise, graph, step, by, added)
                yield Disturbance(step.name, graph.point, number, values, goes_on)


def _made_from(graph: Graph, several: Sequence[Element]) -> list[Element]:
    """The quantities whose statements read one of these."""
    return [one for one, (statement, _) in graph.definitions.items() if directly_read(statement) & set(several)]


def _added(graph: Graph, one: Element, output: Tensor, draw: random.Random) -> Tensor | None:
    """The term added to the output: each entry of a quantity times a random number of the size of the largest
    derivative by it; None if no path leads from there to the output."""
    node = graph.node(one)
    if node is None or not node.requires_grad:
        return None
    (slope,) = torch.autograd.grad(output.reshape(()), node, retain_graph=True, allow_unused=True)
    if slope is None:
        return None
    size = float(slope.abs().max()) or 1.0
    numbers = [draw.choice((-1, 1)) * draw.uniform(0.5, 1.5) * size for _ in range(node.numel())]
    return (torch.tensor(numbers, dtype=torch.float64).reshape(node.shape) * node).sum()


def _disturbed(
    exercise: Exercise, graph: Graph, step: Step, by: Element, added: Tensor
) -> tuple[dict[str, Value], dict[str, Value]]:
    """All steps with the added term, and the steps computed from this one, with its contribution removed."""
    assert isinstance(step.quantity, Derivative)
    of, node = text(step.quantity.of), graph.node(by)
    assert node is not None
    values = _values(exercise, graph, of, added)
    fed = torch.tensor(values[step.name].numbers(), dtype=torch.float64).reshape(node.shape)
    without = _values(exercise, graph, of, added - (fed * node).sum())
    read = directly_read(graph.definitions[by][0]) if by in graph.definitions else set()
    goes_on = tuple(
        one.name
        for one in exercise.steps
        if _is_derivative(one)
        and isinstance(one.quantity, Derivative)
        and text(one.quantity.of) == of
        and quantity_of(one.quantity.by) in read
    )
    return values, {name: without[name] for name in goes_on}


def _values(exercise: Exercise, graph: Graph, of: str, added: Tensor) -> dict[str, Value]:
    graph.added = {of: added}
    try:
        return {step.name: to_value(graph.value(step.quantity)) for step in exercise.steps}
    finally:
        graph.added = {}
