"""Render a result for a terminal, in the style of rustc and Elm.

The report contains the verdict, the problems that hide others, the first mistake at the student's own line with its
consequences and one next action, the other mistakes in one line each, and a table of the steps that are not right. With
detail `all`, every mistake is shown in full, and the table lists all steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.text import Text

from grader.model import Problem, Result
from grader.report.account import (
    Block,
    Tone,
    blocks,
    numbered_misconceptions,
    stopping,
    without_quote,
    wrong_groups,
)
from grader.report.facts import names
from grader.report.numbers import count
from grader.report.page import Page
from grader.report.places import Quote, place, short_place
from grader.report.table import all_right, forward_line, meaning, rows
from grader.report.text import marked_line, width
from grader.submission.wording import listed

_HEADLINE: dict[Tone, str] = {"wrong": "bold red", "warning": "bold yellow", "note": "bold"}
_MARK: dict[Tone, str] = {"wrong": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_RULE = "blue"


Detail = Literal["first", "all"]

LONGEST_REPAIR = 1000
"""Maximum length of a line of a repair, in cells."""


def render(result: Result, width: int = 100, detail: Detail = "all", link: str | None = None) -> Text:
    """Render the report, no line wider than `width`; `Text.plain` is the same without colour. `link` is the URL of the
    submission, to which its places are linked."""
    page = Page(width)
    _head(page, result)
    told = blocks(result)
    # Only the first mistake is shown in full; the others can wait until it is fixed.
    first = next((number for number, block in enumerate(told) if block.brief is not None), len(told))
    waiting = [block for number, block in enumerate(told) if number > first and block.brief is not None]
    if detail == "all":
        waiting = []
    for number, block in enumerate(told):
        if block not in waiting:
            page.blank()
            _block(page, block, link)
        if number == first and waiting:
            page.blank()
            _waiting(page, waiting)
    page.blank()
    _table(page, result, detail)
    _notes(page, result, detail)
    page.blank()
    _close(page, result)
    return page.text()


def render_block(block: Block, width: int = 100, link: str | None = None) -> Text:
    """Render one block alone; the arguments are those of `render`."""
    page = Page(width)
    _block(page, block, link)
    return page.text()


def _waiting(page: Page, briefs: Sequence[Block]) -> None:
    """Mistakes shown in one line each."""
    for block in briefs:
        mark = "" if block.number is None else f"{block.number}. "
        page.prose(block.brief or "", lead=mark, lead_style="bold red")
    page.prose(f"`--all` shows {'it' if len(briefs) == 1 else 'each of them'} in full", "dim")


def _table(page: Page, result: Result, detail: Detail) -> None:
    """The table of steps, right ones folded into one line unless all are requested, and the forward line."""
    if result.score is None:
        return
    head, *table = rows(result)
    folded = ("correct", "missing") if detail == "first" else ()
    kept = [row for step, row in zip(result.steps, table, strict=True) if step.outcome not in folded]
    right = [step for step in result.steps if step.outcome == "correct"]
    if kept:
        page.table([head, *kept], narrowed=True)
    if folded and right and not all_right(result):
        page.prose(f"right: {names(right, 12)}", "green", indent=2)
    forward = forward_line(result)
    if forward is not None and (detail == "all" or _matters(result)):
        page.prose(forward, "dim", indent=2)
    page.blank()


def _head(page: Page, result: Result) -> None:
    page.prose(result.title or result.exercise, "bold")
    whose = f"{result.submission} ({result.student})" if result.student else result.submission
    if result.score is None:
        page.prose(f"{whose}: could not be graded", "bold magenta")
        page.prose("this is not a score of 0: the reason is below")
        return
    score = f"{count(result.score)} / {count(result.max_score)}"
    style = "bold green" if all_right(result) else "bold"
    page.prose(f"{whose}: {score} points", style)
    page.prose(meaning(result))


def _block(page: Page, block: Block, link: str | None) -> None:
    mark = "" if block.number is None else f"{block.number}. "
    page.prose(block.headline, _HEADLINE[block.tone], lead=mark, lead_style=_HEADLINE[block.tone])
    gutter = len(str(block.quote.line)) + 2 if block.quote is not None else 3
    if block.place is not None:
        page.pieces((" " * (gutter - 1) + "--> ", _RULE), (block.place, "" if link is None else f"link {link}"))
    if block.quote is not None:
        _quote(page, block.quote, gutter, _MARK[block.tone])
    for fact in block.facts:
        page.prose(fact, lead="= ", lead_style=_RULE, indent=gutter)
    if block.help is not None:
        page.prose(block.help, lead="help: ", lead_style="bold cyan", indent=gutter)
    for line in block.code:
        # Whole, however narrow the page: what is copied must run.
        page.pieces((" " * (gutter + 6), ""), (marked_line(line, 0, 0, LONGEST_REPAIR).text, "green"))


def _quote(page: Page, quote: Quote, gutter: int, style: str) -> None:
    """The line as typed, with its number, and the mark below."""
    margin = " " * gutter
    shown = marked_line(quote.text, quote.start, quote.end, page.width - gutter - 2)
    page.pieces((margin + "|", _RULE))
    page.pieces((f" {quote.line} | ", _RULE), (shown.text, ""))
    carets = "^" * (shown.end - shown.start)
    more = f" and {quote.more} more line{'' if quote.more == 1 else 's'}" if quote.more else ""
    if more and gutter + 2 + shown.end + width(more) > page.width:
        page.pieces((margin + "| ", _RULE), (" " * shown.start, ""), (carets, style))
        page.pieces((margin + "| ", _RULE), (more.strip(), style))
        return
    page.pieces((margin + "| ", _RULE), (" " * shown.start, ""), (carets + more, style))


def _matters(result: Result) -> bool:
    """Whether to show the forward quantities: all are right, one is wrong, or they carry points."""
    outcomes = {step.outcome for step in result.forward}
    scored = any(step.max_points for step in result.forward)
    return scored or outcomes == {"correct"} or bool(outcomes - {"correct", "missing"})


def _notes(page: Page, result: Result, detail: Detail) -> None:
    """Notes that cost nothing and ask for nothing, and pointers to explanations of the mistakes shown in full."""
    for problem in result.problems:
        if problem.kind == "note":
            at = f"{place(problem.where)}: " if problem.where is not None else ""
            page.prose(f"{at}{problem.message}", "dim", lead="note: ", lead_style="dim")
    numbered = {code: at for code, at in numbered_misconceptions(result).items() if detail == "all" or 1 in at}
    if not numbered:
        return
    from grader.diagnosis.recognition.catalogue import (
        by_code,  # imports the diagnosis code, which most reports do not need
    )

    several = len(wrong_groups(result)) > 1
    for code, numbers in numbered.items():
        if by_code(code) is not None:  # a course's own misconception has a message but no page
            which = f" on {listed([str(number) for number in numbers], 8)}" if several else ""
            page.prose(f"more{which}: `grader explain {code}`", "dim")


def _where(result: Result, problem: Problem) -> str:
    """Where a problem is, unless its message begins with the place."""
    if problem.where is None or problem.message.startswith(short_place(problem.where, result.submission)):
        return ""
    return f"at {place(problem.where)}, "


def _close(page: Page, result: Result) -> None:
    """The last line, sufficient for a reader who reads nothing else."""
    if result.score is None or all_right(result):
        return
    score = f"{count(result.score)} / {count(result.max_score)}"
    groups = wrong_groups(result)
    others = [step for step in result.steps if step.outcome in ("borrowed", "compensated")]
    if groups or (others and stopping(result) is None):
        lead = (groups or [others])[0][0]
        at = "" if lead.where is None else f", at {place(lead.where)}"
        page.prose(f"{score}: start with `{lead.name}`{at}", "bold")
    elif (problem := stopping(result)) is not None:
        page.prose(f"{score}: {_where(result, problem)}{without_quote(result, problem)}", "bold")
    elif all(step.outcome in ("correct", "carried", "missing") for step in result.steps):
        missing = [step for step in result.steps if step.outcome == "missing" and step.reason != "optional"]
        then = f"; go on with `{missing[0].name}`" if missing else ""
        page.prose(f"{score}: nothing is wrong so far{then}", "bold")
    else:
        left = next((step for step in result.steps if step.outcome == "unjudged" and step.where is not None), None)
        at = "" if left is None or left.where is None else f": start with `{left.name}`, at {place(left.where)}"
        page.prose(f"{score}{at}", "bold")
