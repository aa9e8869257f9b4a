"""The blanks of a starter: one per step, a loop for a family. A worked solution becomes a starter: the right-hand side
of each step becomes a blank, everything else stays.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from grader.errors import UsageError
from grader.exercise.given import constants
from grader.exercise.types import Exercise, Step
from grader.formula.syntax import For
from grader.instrument.site import Position, Site
from grader.instrument.sites import instrument
from grader.judge.locations import span_of
from grader.judge.matching.naming import Names, names_of
from grader.model import Cell, Span, Submission
from grader.report.numbers import counted
from grader.report.text import one_line

BLANK = "..."
"""The placeholder for a step's formula; the judge reads it as not filled in yet."""

WIDTH = 100

_ELEMENT = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class BlankGroup:
    """Steps filled in together: a single step, or the members of families that share a loop."""

    steps: tuple[Step, ...]
    indices: tuple[int, ...] = ()

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.family for step in self.steps if step.family is not None))


def groups(steps: Iterable[Step]) -> list[BlankGroup]:
    """Group the steps in order; adjacent families over the same indices share a group."""
    found: list[BlankGroup] = []
    for family, members in groupby(steps, lambda step: step.family):
        run = tuple(members)
        if family is None:
            found += [BlankGroup((step,)) for step in run]
            continue
        indices = tuple(step.index for step in run if step.index is not None)
        if found and found[-1].indices == indices and family not in found[-1].families:
            found[-1] = BlankGroup((*found[-1].steps, *run), indices)
        else:
            found.append(BlankGroup(run, indices))
    return found


def lines_of(exercise: Exercise, group: BlankGroup, begun: set[str], hints: bool) -> list[str]:
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


_ASSIGNING = frozenset({"assign", "again", "unpack", "entry", "item"})


@dataclass(frozen=True, slots=True)
class Blank:
    """The text that a blank replaced. Characters `start` to `end` are positions in the new text, of the file or of the
    cell with number `cell`."""

    cell: int | None
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Blanked:
    """The starter, and its blanks in file order."""

    content: bytes
    blanks: tuple[Blank, ...]


def blank_out(exercise: Exercise, submission: Submission, data: bytes, places: Iterable[Span]) -> Blanked:
    """Blank out the file `data`, already read as `submission`. `places` are where grading found the values of the
    steps.

    Every binding of a step's name up to the last of these places becomes a blank, so that a sum built up in several
    statements leaves nothing behind. A notebook loses its outputs. Raises `UsageError` for a file that is not UTF-8."""
    holes = _outermost([*_by_place(places), *_by_name(exercise, submission, list(places))])
    try:
        text = data.decode("utf-8")
        if any(cell.number is not None for cell in submission.cells):
            return _notebook(json.loads(text), holes)
    except ValueError as error:
        raise UsageError(f"{submission.file} cannot be made a starter: {error}.") from error
    # Python's columns do not count a byte order mark.
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    made, blanks = _with_blanks(text.removeprefix(mark), None, [hole for hole in holes if hole[0].cell is None])
    moved = (replace(one, start=one.start + len(mark), end=one.end + len(mark)) for one in blanks)
    return Blanked((mark + made).encode(), tuple(moved))


_Hole = tuple[Span, str]
"""A range to replace, and the replacement."""


def _by_place(places: Iterable[Span]) -> list[_Hole]:
    return [(place, BLANK) for place in places]


def _by_name(exercise: Exercise, submission: Submission, places: list[Span]) -> list[_Hole]:
    names = names_of(exercise)
    asked = {step.family or step.name for step in exercise.steps}
    families = {step.family for step in exercise.steps if step.family is not None}
    sites = [site for number, cell in enumerate(submission.cells) for site in instrument(cell.source, number).sites]
    named = [(site, _steps(names, site) & asked) for site in sites if site.kind in _ASSIGNING]
    last = _last_cell(submission, places, named)
    bound = [(site, meant) for site, meant in named if site.cell <= last]
    filled = {site.owner for site, _ in bound if site.kind == "item"}
    found = []
    for site, meant in bound:
        # Keep `dh = {}`: it only creates the container for `dh[t] = ...`.
        if not meant or (site.kind == "assign" and meant <= families and filled & set(site.names)):
            continue
        span = span_of(submission, site.cell, site.value)
        if span is not None:
            targets = _targets(sites, site) if site.kind == "unpack" else 1
            found.append((span, ", ".join([BLANK] * targets)))
    return found


def _holds(cell: Cell, place: Span) -> bool:
    lines = cell.text.count("\n") + 1
    return cell.number == place.cell and cell.first_line <= place.line < cell.first_line + lines


def _steps(names: Names, site: Site) -> frozenset[str]:
    """The quantities that the names bound at a site stand for."""
    labels = (site.owner,) if site.kind == "item" else site.names
    return frozenset(meaning.quantity for label in labels if (meaning := names.means(label)) is not None)


def _last_cell(submission: Submission, places: list[Span], named: list[tuple[Site, frozenset[str]]]) -> int:
    """The last cell of the answer: the last one in which a step is found, or first bound by its name."""
    found = {number for number, cell in enumerate(submission.cells) for place in places if _holds(cell, place)}
    first: dict[str, int] = {}
    for site, meant in named:
        for quantity in meant:
            first.setdefault(quantity, site.cell)
    return max(found.union(first.values()), default=-1)


def _targets(sites: list[Site], site: Site) -> int:
    """The number of names that the statement unpacks into."""
    own: tuple[int, Position] = (site.cell, site.value)
    return sum((one.cell, one.value) == own for one in sites if one.kind == site.kind)


def _outermost(holes: list[_Hole]) -> list[_Hole]:
    """The ranges in file order, without duplicates and without ranges inside others."""

    def key(hole: _Hole) -> tuple[int, int, int, int, int, int]:
        span = hole[0]
        return span.cell or 0, span.line, span.column, -span.end_line, -span.end_column, -len(hole[1])

    kept: list[_Hole] = []
    for hole in sorted(holes, key=key):
        span, before = hole[0], kept[-1][0] if kept else None
        inside = before is not None and before.cell == span.cell
        if inside and before is not None and (span.end_line, span.end_column) <= (before.end_line, before.end_column):
            continue
        kept.append(hole)
    return kept


def _with_blanks(text: str, cell: int | None, holes: list[_Hole]) -> tuple[str, list[Blank]]:
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    made, done, blanks = "", 0, []
    for span, blank in holes:
        start = starts[span.line - 1] + span.column - 1
        end = starts[span.end_line - 1] + span.end_column - 1
        made += text[done:start]
        blanks.append(Blank(cell, len(made), len(made) + len(blank), text[start:end]))
        made, done = made + blank, end
    return made + text[done:], blanks


def _notebook(content: dict[str, Any], holes: list[_Hole]) -> Blanked:
    blanks: list[Blank] = []
    for number, cell in enumerate(content["cells"], 1):
        if cell["cell_type"] != "code":
            continue
        source = cell["source"]
        text, made = _with_blanks("".join(source), number, [hole for hole in holes if hole[0].cell == number])
        cell["source"] = text if isinstance(source, str) else text.splitlines(keepends=True)
        cell["outputs"], cell["execution_count"] = [], None
        blanks += made
    # The format in which Jupyter writes notebooks.
    return Blanked((json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode(), tuple(blanks))
