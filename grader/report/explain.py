"""The long text of a misconception, and the list of all of them."""

from __future__ import annotations

import difflib

from rich.text import Text

from grader.diagnosis.catalogue import Misconception, by_code, catalogue
from grader.errors import UsageError
from grader.report.page import Page


def find(code: str) -> Misconception:
    """The misconception of this code; `UsageError` with the nearest codes where there is none."""
    rule = by_code(code)
    if rule is not None:
        return rule
    near = difflib.get_close_matches(code[:80], [one.code for one in catalogue()], n=3, cutoff=0.4)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"There is no misconception {code[:80]!r}.{meant} `grader explain` lists all.")


def render(rule: Misconception, width: int = 100) -> Text:
    """The page of one misconception."""
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
    step = rule.hit.step
    page.prose("An example:", "bold cyan")
    page.prose(f"{step} = {rule.hit.wrong}", lead="  not    ", lead_style="bold red")
    page.prose(f"{step} = {rule.hit.right}", lead="  but    ", lead_style="bold green")
    return page.text()


def render_all(width: int = 100) -> Text:
    """Every misconception: its code, and its title below it where both do not fit on one line."""
    page = Page(width)
    for rule in catalogue():
        page.prose(rule.code, "bold")
        page.prose(rule.title, indent=2)
    return page.text()
