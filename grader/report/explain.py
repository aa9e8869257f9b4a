"""Render the full explanation of a misconception, and the list of all misconceptions."""

from __future__ import annotations

from rich.text import Text

from grader.diagnosis.recognition.catalogue import Misconception, by_code, catalogue
from grader.diagnosis.recognition.worked_examples import Worked, worked
from grader.errors import UsageError
from grader.nearest import did_you_mean
from grader.report.facts import point
from grader.report.numbers import describe, difference, pair
from grader.report.page import Page


def find(code: str) -> Misconception:
    """The misconception with this code. Raises `UsageError` with similar codes for an unknown one."""
    rule = by_code(code)
    if rule is not None:
        return rule
    meant = did_you_mean(code, [one.code for one in catalogue()])
    raise UsageError(f"There is no misconception {code[:80]!r}.{meant} `grader explain` lists all.")


def render(rule: Misconception, width: int = 100) -> Text:
    """Render the page of one misconception. Raises `EnvironmentProblem` as `worked` does."""
    page = Page(width)
    page.prose(rule.title, "bold")
    page.prose(rule.code, "dim")
    page.blank()
    page.prose(rule.what)
    page.blank()
    page.prose(rule.why, lead="Why: ", lead_style="bold cyan")
    page.blank()
    page.prose(rule.instead, lead="Next step: ", lead_style="bold cyan")
    page.blank()
    _example(page, worked(rule.hit))
    return page.text()


def _example(page: Page, example: Worked) -> None:
    """Add the worked example: the program, the question, the chain rule, and both lines with their values."""
    page.prose("An example:", "bold cyan")
    for line in example.program:
        page.prose(line, indent=4)
    page.blank()
    page.prose(f"asked for: {example.asked}", indent=2)
    if example.rule is not None:
        page.prose(f"by the chain rule: {example.rule}", indent=2)
    wrong, right = _worth(example)
    page.prose(example.wrong, lead="  not    ", lead_style="bold red")
    if wrong:
        page.prose(wrong, "dim", indent=9)
    page.prose(example.right, lead="  but    ", lead_style="bold green")
    if right:
        page.prose(right, "dim", indent=9)


def _worth(example: Worked) -> tuple[str, str]:
    """The values of the two lines; for arrays, the entry in which they differ most; "" if not computed."""
    got, expected = example.wrong_value, example.right_value
    if got is None:
        return "", ""
    arrays = any(value.shape for _, value in example.inputs)
    at = "at numbers drawn for it" if arrays else f"at {point(example.inputs)}"
    worst = difference(got, expected)
    if worst is None or got.shape != expected.shape:
        return f"{describe(got)}, {at}", f"{describe(expected)}, as it must be"
    numbers = pair(worst.got, worst.expected)
    entry = f" in entry [{', '.join(map(str, worst.index))}]" if expected.shape else ""
    return f"{numbers[0]}{entry}, {at}", f"{numbers[1]}{entry}, as autograd has it"


def render_all(width: int = 100) -> Text:
    """List every misconception: its code, and its title on the next line."""
    page = Page(width)
    for rule in catalogue():
        page.prose(rule.code, "bold")
        page.prose(rule.title, indent=2)
    return page.text()
