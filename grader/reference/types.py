"""The types of reference values, independent of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.model import Value
from grader.reference.points import Point


@dataclass(frozen=True, slots=True)
class Disturbance:
    """The values of the steps at a point where `step`, 0 by cancellation, gets another upstream gradient (see
    `cancelled`).

    `level` says how many statements further up the gradient is changed; `goes_on` has the steps computed from `step`,
    each with its value without the contribution of `step`."""

    step: str
    point: int
    level: int
    values: Mapping[str, Value]
    goes_on: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Reference:
    """`values[k][name]` is the right value of a forward quantity or step (by its `Step.name`) at `points[k]`. `attempt`
    is the number of the draw of the probe points (see `draw_points`). `unnamed`: what the program computes at the last
    point without a name, such as the argument of a `tanh`; () if it is not known. `turned`: the inputs that stand at
    the points as their transposes, since a submission keeps them so."""

    points: tuple[Point, ...]
    values: tuple[Mapping[str, Value], ...]
    attempt: int
    torch_version: str
    disturbances: tuple[Disturbance, ...] = ()
    unnamed: tuple[Value, ...] = ()
    turned: frozenset[str] = frozenset()
