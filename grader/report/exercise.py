"""Render an exercise for a terminal: its text, the given numbers, the program, and the steps asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.text import Text

from grader.exercise.types import Draw, Exercise, Input, Step
from grader.model import Value
from grader.report.hints import costs_told
from grader.report.mathematics import plain
from grader.report.numbers import count, counted, number, shape
from grader.report.page import Page
from grader.report.text import cut, one_line

MAX_ENTRIES = 4
"""Maximum number of array entries shown before an array is cut."""

WHOLE = 100
"""Maximum size of a given array that is shown in full: a student has to type in its numbers."""


def readable(exercise: Exercise) -> Exercise:
    """The exercise with the LaTeX formulas of its text and hints as Unicode characters."""

    def read(step: Step) -> Step:
        return step if step.hint is None else replace(step, hint=plain(one_line(step.hint)))

    return replace(exercise, text=plain(exercise.text), steps=tuple(map(read, exercise.steps)))


def render(
    exercise: Exercise, values: Mapping[str, Value] | None = None, width: int = 100, hints: bool = False
) -> Text:
    """Render the page of an exercise. `values` are the right values at the given numbers, for instructors; `hints`
    shows the hints."""
    page = Page(width)
    page.prose(exercise.title, "bold")
    page.prose(exercise.id, "dim")
    page.blank()
    for line in reflowed(exercise.text.rstrip()):
        page.prose(line) if line.strip() else page.blank()
    _section(page, "given")
    for one in exercise.inputs:
        lead = one.name.ljust(max(len(each.name) for each in exercise.inputs))
        for number_of, line in enumerate(_given(one, page.width - len(lead) - 4)):
            page.pieces(("  ", ""), (lead if number_of == 0 else " " * len(lead), "bold"), (f"  {line}", ""))
    _section(page, "forward program")
    for line in exercise.program_text.rstrip().split("\n"):
        page.pieces(("  ", ""), (cut(line, page.width - 2), ""))
    if exercise.answer is not None:
        _section(page, "run after the submission, with what it has defined")
        for number, answer in enumerate(exercise.answers or (exercise.answer,)):
            if number:
                page.prose("or", "dim")
            for line in answer.rstrip().split("\n"):
                page.pieces(("  ", ""), (cut(line, page.width - 2), ""))
    counting = tuple(step for step in exercise.forward_steps if step.points)
    values_too = [counted(len(counting), "forward value")] if counting else []
    asked = [*values_too, counted(len(exercise.steps), "step"), counted(exercise.points, "point")]
    _section(page, f"asked for: {', '.join(asked)}")
    page.table(_asked((*counting, *exercise.steps), values, page.width))
    if hints:
        _hints(page, exercise.steps)
    elif any(step.hint for step in exercise.steps):
        page.blank()
        page.prose("`--hints` shows a hint for each step", "dim")
    if costs := costs_told(exercise.policy):
        page.blank()
        page.prose(costs)
    if values is not None:
        _section(page, "forward values at the given numbers")
        page.table([[(step.name, "bold"), (value(values[step.name]), "")] for step in exercise.forward_steps])
    return page.text()


def _section(page: Page, heading: str) -> None:
    page.blank()
    page.prose(heading, "bold cyan")


def _asked(steps: Sequence[Step], values: Mapping[str, Value] | None, width: int) -> list[list[tuple[str, str]]]:
    heading = [("name", "dim"), ("quantity", "dim"), ("points", "dim"), ("" if values is None else "value", "dim")]
    rows = [heading]
    for step in steps:
        points = f"{count(step.points)}{' optional' if step.optional else ''}"
        right = "" if values is None else value(values[step.name])
        rows.append([(step.name, "bold"), (cut(step.text, width // 2), ""), (points, ""), (right, "green")])
    return rows


def _hints(page: Page, steps: Sequence[Step]) -> None:
    # The members of a family share one hint.
    hinted = {(step.family or step.name, step.hint): step for step in reversed(steps) if step.hint}
    if hinted:
        _section(page, "hints")
    for (_, hint), step in reversed(hinted.items()):
        members = [one.name for one in steps if step.family and one.family == step.family]
        lead = f"{members[0]} to {members[-1]}" if len(members) > 1 else step.name
        page.prose(one_line(hint or ""), lead=f"{lead}: ", lead_style="bold", indent=2)


def _given(one: Input, room: int) -> list[str]:
    """A number, a list, or a matrix row by row in Python notation; only the shape if that is too wide."""
    if one.given is None:
        drawn = f"drawn {_drawn(one.draw)}"
        lines = [f"shape {shape(one.shape)}, {drawn}" if one.shape else drawn]
    else:
        lines = _written(one, one.given)
        lines = lines if max(map(len, lines)) <= room else [value(one.given)]
    return [*lines[:-1], f"{lines[-1]}, always the same"] if one.fixed else lines


def _written(one: Input, given: Value) -> list[str]:
    numbers = [str(int(each)) if one.whole else number(each) for each in given.numbers()]
    if len(one.shape) == 0:
        return numbers
    if len(one.shape) > 2 or not 0 < len(numbers) <= WHOLE:
        return [value(given)]
    if len(one.shape) == 1:
        return [f"[{', '.join(numbers)}]"]
    columns = one.shape[1]
    widths = [max(map(len, numbers[column::columns])) for column in range(columns)]
    rows = [numbers[start : start + columns] for start in range(0, len(numbers), columns)]
    lines = [", ".join(each.rjust(size) for each, size in zip(row, widths, strict=True)) for row in rows]
    return [f"{'[[' if k == 0 else ' ['}{line}{']]' if k == len(lines) - 1 else '],'}" for k, line in enumerate(lines)]


def _drawn(draw: Draw) -> str:
    if draw.kind == "integers":
        return f"from the whole numbers {count(draw.low)} to {count(draw.high - 1)}"
    if draw.kind == "uniform":
        return f"between {count(draw.low)} and {count(draw.high)}"
    usual = (draw.low, draw.high) == (0, 1)
    return "from a normal distribution" + ("" if usual else f" ({count(draw.low)} ± {count(draw.high)})")


def value(given: Value) -> str:
    """A number, or an array's shape and first entries."""
    numbers = given.numbers()
    if given.shape == ():
        return number(numbers[0])
    more = ", ..." if len(numbers) > MAX_ENTRIES else ""
    return f"shape {shape(given.shape)}: {', '.join(number(one, 6) for one in numbers[:MAX_ENTRIES])}{more}"


_NUMBERED = re.compile(r"\d+[.)] ")
_OWN_LINES = (" ", "\t", "- ", "* ", "#", "$$", "|", "```")
"""How a line begins that goes on no paragraph."""


def reflowed(markdown: str) -> list[str]:
    """Join each paragraph into one line for later wrapping; lists, headings and formulas stay as they are."""
    lines: list[str] = []
    open_paragraph = fenced = in_list = False
    for line in markdown.split("\n"):
        fenced ^= line.startswith("```")
        # As in Markdown, a line such as `3) and` within a paragraph begins no list.
        begins_item = bool(_NUMBERED.match(line)) and (not open_paragraph or in_list or line.startswith("1"))
        own = fenced or not line.strip() or line.startswith(_OWN_LINES) or begins_item
        in_list = begins_item or (in_list and not own)
        if open_paragraph and not own:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
        open_paragraph = bool(line.strip()) and not fenced and not line.startswith(("#", "$$", "|", "```"))
    return lines
