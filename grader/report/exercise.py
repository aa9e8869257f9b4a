"""An exercise for a terminal: its text as it is, what is given, the program, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from grader.exercise.types import Draw, Exercise, Input, Step
from grader.model import Value
from grader.report.numbers import count, counted, number, shape
from grader.report.page import Page
from grader.report.text import cut, one_line

ENTRIES = 6
"""Numbers of an array that are shown before it is cut."""


def render(exercise: Exercise, values: Mapping[str, Value] | None = None, width: int = 100) -> Text:
    """The page of an exercise; `values` are the right values at the given numbers, for instructors."""
    page = Page(width)
    page.prose(exercise.title, "bold")
    page.prose(exercise.id, "dim")
    page.blank()
    for line in reflowed(exercise.text.rstrip()):
        page.prose(line) if line.strip() else page.blank()
    _section(page, "given")
    page.table([[(one.name, "bold"), (_given(one), "")] for one in exercise.inputs])
    _section(page, "forward program")
    for line in exercise.program_text.rstrip().split("\n"):
        page.pieces(("  ", ""), (cut(line, page.width - 2), ""))
    _section(page, f"asked for: {counted(len(exercise.steps), 'step')}, {counted(exercise.points, 'point')}")
    counting = tuple(step for step in exercise.forward_steps if step.points)
    page.table(_asked((*counting, *exercise.steps), values, page.width))
    _hints(page, exercise.steps)
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
    hinted = [step for step in steps if step.hint]
    if hinted:
        _section(page, "hints")
    for step in hinted:
        page.prose(one_line(step.hint or ""), lead=f"{step.name}: ", lead_style="bold", indent=2)


def _given(one: Input) -> str:
    if one.given is None:
        text = f"shape {shape(one.shape)}, drawn {_drawn(one.draw)}" if one.shape else f"drawn {_drawn(one.draw)}"
    else:
        text = count(one.given.numbers()[0]) if one.whole and not one.shape else value(one.given)
    return f"{text}, never redrawn" if one.fixed else text


def _drawn(draw: Draw) -> str:
    if draw.kind == "integers":
        return f"from the whole numbers {count(draw.low)} to {count(draw.high - 1)}"
    return (
        f"between {count(draw.low)} and {count(draw.high)}" if draw.kind == "uniform" else "from a normal distribution"
    )


def value(given: Value) -> str:
    """A number, or an array by its shape and first entries."""
    numbers = given.numbers()
    if given.shape == ():
        return number(numbers[0])
    more = ", ..." if len(numbers) > ENTRIES else ""
    return f"shape {shape(given.shape)}: {', '.join(number(one, 6) for one in numbers[:ENTRIES])}{more}"


def reflowed(markdown: str) -> list[str]:
    """Each paragraph on one line, to be broken where the terminal ends; lists, headings and formulas as they are."""
    lines: list[str] = []
    open_paragraph = False
    for line in markdown.split("\n"):
        own = not line.strip() or line.startswith((" ", "\t", "- ", "* ", "#", "$$", "|", "```")) or line[:1].isdigit()
        if open_paragraph and not own:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
        open_paragraph = bool(line.strip()) and not line.startswith(("#", "$$", "|", "```"))
    return lines
