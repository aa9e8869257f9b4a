"""The points at which a submission is judged, the given numbers first, then the probe points; and the types of
reference values at them, independent of torch.

Draws depend only on the exercise, the secret and the number of the point: the same call draws the same numbers on every
machine. Neither torch nor numpy is used, since points are needed in processes that load neither. Given numbers are
drawn with few decimals: students type or read them, and starters contain them. The probes are the same for all
students, whatever their given numbers.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from grader.exercise.types import Draw, Exercise, Input
from grader.model import Value

MIN_MAGNITUDE, MAX_MAGNITUDE = 0.4, 1.6
"""Range of magnitudes for an input that is `like` its given number: of order one, away from 0 and from saturation."""


@dataclass(frozen=True, slots=True)
class Point:
    """The value of every input at one point. `number` 0 is the given point."""

    number: int
    inputs: Mapping[str, Value]


def draw_points(exercise: Exercise, secret: str = "", attempt: int = 0) -> tuple[Point, ...]:
    """The given point and `exercise.probe_points` further ones; another `attempt` draws other probes."""
    given = {one.name: _given(exercise, one) for one in exercise.inputs}
    own = {**given, **dict(exercise.variant)}
    points = [Point(0, own)]
    for number in range(1, exercise.probe_points + 1):
        inputs = {}
        for one in exercise.inputs:
            source = _source(exercise.id, secret, one.name, f"{number}.{attempt}")
            inputs[one.name] = own[one.name] if one.probe is None else _drawn(one, one.probe, source, given[one.name])
        points.append(Point(number, inputs))
    return tuple(points)


def given_inputs(exercise: Exercise) -> Mapping[str, Value]:
    """The numbers of the given point."""
    return draw_points(replace(exercise, probe_points=0))[0].inputs


def given_seed(exercise: str, name: str) -> str:
    """The seed for the given numbers of a drawn input: `random.Random` of this text.

    It does not depend on the secret: the given numbers are those shown to the student."""
    return _digest(exercise, name, "given").hex()[:16]


def decimals(draw: Draw) -> int:
    """The number of decimals of given numbers: hundreds to thousands of different values."""
    if draw.kind not in ("uniform", "normal"):
        return 3
    spread = draw.high - draw.low if draw.kind == "uniform" else draw.high
    return min(max(0, 3 - round(math.log10(spread))), 12)


@lru_cache(maxsize=64)
def rounded_draw(one: Input, draw: Draw, seed: str) -> Value:
    """Draw numbers for an input as given numbers, each with few decimals."""
    drawn, places = _drawn(one, draw, random.Random(seed), None), decimals(draw)
    return Value.of([round(number, places) + 0.0 for number in drawn.numbers()], one.shape, drawn.dtype)


def _given(exercise: Exercise, one: Input) -> Value:
    if one.given is not None:
        return replace(one.given, dtype="int") if one.whole else one.given
    return rounded_draw(one, one.draw, given_seed(exercise.id, one.name))


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


def _source(*parts: str) -> random.Random:
    return random.Random(int.from_bytes(_digest(*parts), "big"))


def _drawn(one: Input, draw: Draw, source: random.Random, given: Value | None) -> Value:
    size = math.prod(one.shape)
    match draw.kind:
        case "normal":
            numbers = [source.gauss(draw.low, draw.high) for _ in range(size)]
        case "uniform":
            numbers = [source.uniform(draw.low, draw.high) for _ in range(size)]
        case "integers":
            numbers = [float(source.randrange(int(draw.low), int(draw.high))) for _ in range(size)]
        case "like":
            like = given.numbers() if given is not None else (1.0,) * size
            numbers = [_like(number, source) for number in like]
    return Value.of(numbers, one.shape, "int" if one.whole else "float64")


def _like(given: float, source: random.Random) -> float:
    """A number with the sign of the given number, which may keep a logarithm or a root real; either sign for 0."""
    magnitude = source.uniform(MIN_MAGNITUDE, MAX_MAGNITUDE)
    if given == 0:
        return magnitude if source.random() < 0.5 else -magnitude
    return math.copysign(magnitude, given)


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
