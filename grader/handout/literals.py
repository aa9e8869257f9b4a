"""Given numbers as literals, exactly those of the reference, for each library."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

from grader.exercise.types import Exercise, Input
from grader.formula.spelling import Library
from grader.model import Value
from grader.reference.points import decimals, given_seed

LARGEST = 200
"""Maximum size of a drawn array written as literals; the starter draws a larger one again."""

WIDTH = 100


@dataclass(frozen=True, slots=True)
class InputBinding:
    """The lines of the statement that binds an input. `draws`: it needs the module `random`."""

    lines: tuple[str, ...]
    draws: bool = False


def binding(exercise: Exercise, one: Input, value: Value, library: Library) -> InputBinding:
    """The statement `name = ...` for an input, with `value` to the last digit. Plain Python has no arrays."""
    owned = one.given is not None or one.name in dict(exercise.variant)
    if one.shape and not owned and value.size > LARGEST:
        return InputBinding((f"{one.name} = {_drawn_again(exercise, one, library)}",), draws=True)
    if not one.shape:
        text = _number(value.numbers()[0], one.whole)
        needs_tensor = library == "torch" and not one.whole
        return InputBinding((f"{one.name} = {f'torch.tensor({text})' if needs_tensor else text}",))
    text = nested([_number(number, one.whole) for number in value.numbers()], one.shape)
    maker = "np.array" if library == "numpy" else "torch.tensor"
    return InputBinding(tuple(f"{one.name} = {maker}({text})".split("\n")))


def nested(numbers: list[str], shape: tuple[int, ...]) -> str:
    """Nested lists, one row per line; long rows are broken at commas."""
    if len(shape) == 1:
        row = f"[{', '.join(numbers)}]"
        if len(row) <= WIDTH:
            return row
        lines = textwrap.wrap(", ".join(numbers) + ",", WIDTH)
        return "[\n" + "".join(f"    {line}\n" for line in lines) + "]"
    size = math.prod(shape[1:])
    rows = [nested(numbers[at * size : (at + 1) * size], shape[1:]) for at in range(shape[0])]
    return "[\n" + "".join(textwrap.indent(row, "    ") + ",\n" for row in rows) + "]"


def _number(number: float, whole: bool) -> str:
    return str(int(number)) if whole else repr(number)


def _drawn_again(exercise: Exercise, one: Input, library: Library) -> str:
    """An expression that draws the numbers of an array exactly as the reference does."""
    draw = one.draw
    match draw.kind:
        case "integers":
            each = f"source.randrange({int(draw.low)}, {int(draw.high)})"
        case "uniform":
            each = f"round(source.uniform({draw.low!r}, {draw.high!r}), {decimals(draw)})"
        case _:
            each = f"round(source.gauss({draw.low!r}, {draw.high!r}), {decimals(draw)})"
    source = f'random.Random("{given_seed(exercise.id, one.name)}")'
    numbers = f"[{each} for source in [{source}] for _ in range({math.prod(one.shape)})]"
    kind = "float" if draw.kind == "integers" and not one.whole else ""
    if library == "numpy":
        made = f"np.array({numbers}{', dtype=float' if kind else ''})"
    else:
        made = f"torch.tensor({numbers}{', dtype=torch.float64' if kind else ''})"
    return f"{made}.reshape({', '.join(map(str, one.shape))})"
