"""The right values, as the rest of the house sees them: no torch in sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.model import Value
from grader.reference.points import Point


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What the steps are at a point where `step`, 0 by cancellation, is made from other values (see `cancelled`).

    `level` says how many statements further up these arrive; `goes_on` has the steps that are made from `step`, each
    with its value where what comes from `step` is left out."""

    step: str
    point: int
    level: int
    values: Mapping[str, Value]
    goes_on: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Reference:
    """`values[k][name]` is the right value of a forward quantity or step (by its `Step.name`) at `points[k]`.

    `attempt` says which draw of the probe points this is (see `draw_points`)."""

    points: tuple[Point, ...]
    values: tuple[Mapping[str, Value], ...]
    attempt: int
    torch_version: str
    disturbances: tuple[Disturbance, ...] = ()
