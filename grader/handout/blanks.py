"""The blanks of a starter: one per step, a loop for a family."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from grader.exercise.given import constants
from grader.exercise.types import Exercise, Step
from grader.formula.syntax import For
from grader.report.numbers import counted
from grader.report.text import one_line

BLANK = "..."
"""The placeholder for a step's formula; the judge reads it as not filled in yet."""

WIDTH = 100

_ELEMENT = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Group:
    """Steps filled in together: a single step, or the members of families that share a loop."""

    steps: tuple[Step, ...]
    indices: tuple[int, ...] = ()

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.family for step in self.steps if step.family is not None))


def groups(steps: Iterable[Step]) -> list[Group]:
    """Group the steps in order; adjacent families over the same indices share a group."""
    found: list[Group] = []
    for family, members in groupby(steps, lambda step: step.family):
        run = tuple(members)
        if family is None:
            found += [Group((step,)) for step in run]
            continue
        indices = tuple(step.index for step in run if step.index is not None)
        if found and found[-1].indices == indices and family not in found[-1].families:
            found[-1] = Group((*found[-1].steps, *run), indices)
        else:
            found.append(Group(run, indices))
    return found


def lines_of(exercise: Exercise, group: Group, begun: set[str], hints: bool) -> list[str]:
    """The lines with the blanks of a group. `begun` are the families whose dict is already created."""
    if not group.indices:
        return [*_comment(group.steps, group.steps[0].text, hints), f"{group.steps[0].name} = {BLANK}"]
    new = [family for family in group.families if family not in begun]
    begun.update(new)
    lines = [f"{family} = {{}}" for family in new]
    by_family = {family: [step for step in group.steps if step.family == family] for family in group.families}
    if len(group.indices) == 1:
        for members in by_family.values():
            lines += [*_comment(members, members[0].text, hints), f"{members[0].name} = {BLANK}"]
        return lines
    variable = _variable(exercise)
    lines.append(f"for {variable} in {_passes(exercise, group.indices)}:")
    for family, members in by_family.items():
        inside = [*_comment(members, _for_all(members, variable), hints), f"{family}[{variable}] = {BLANK}"]
        lines += [f"    {line}" for line in inside]
    return lines


def _comment(steps: list[Step] | tuple[Step, ...], quantity: str, hints: bool) -> Iterator[str]:
    points = sum(step.points for step in steps)
    worth = f"  ({counted(points, 'point')}{', optional' if steps[0].optional else ''})"
    yield f"# {quantity}{worth if points != 1 or steps[0].optional else ''}"
    if hints and steps[0].hint:
        yield from textwrap.wrap(one_line(steps[0].hint), WIDTH, initial_indent="# Hint: ", subsequent_indent="# ")


def _for_all(members: list[Step], variable: str) -> str:
    """The quantity of all members: `d(loss)/d(h[3])`, `d(loss)/d(h[2])`, ... become `d(loss)/d(h[t])`."""
    offsets = [[int(index) - (step.index or 0) for index in _ELEMENT.findall(step.text)] for step in members]
    if any(found != offsets[0] for found in offsets):
        return f"{members[0].text}, and so on"
    ends = iter(offsets[0])
    return _ELEMENT.sub(lambda _: f"[{variable}{_shift(next(ends))}]", members[0].text)


def _shift(offset: int) -> str:
    return "" if not offset else f"{'+' if offset > 0 else '-'}{abs(offset)}"


def _variable(exercise: Exercise) -> str:
    """The loop variable of the program's own loop; `t` if it has none."""
    return next((one.variable for one in exercise.program if isinstance(one, For)), "t")


def _passes(exercise: Exercise, indices: tuple[int, ...]) -> str:
    low, high = min(indices), max(indices) + 1
    stop = _spoken(exercise, high)
    upwards = f"range({stop})" if low == 0 else f"range({low}, {stop})"
    if indices == tuple(range(low, high)):
        return upwards
    if indices == tuple(reversed(range(low, high))):
        return f"reversed({upwards})"
    return str(list(indices))


def _spoken(exercise: Exercise, number: int) -> str:
    """A loop bound, written with a whole-number input if exactly one fits: `T + 1`."""
    whole = constants(exercise.inputs)
    fitting = [name for name, value in whole.items() if value == number]
    fitting += [f"{name} + 1" for name, value in whole.items() if value + 1 == number]
    return fitting[0] if len(fitting) == 1 else str(number)
