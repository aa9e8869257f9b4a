"""A result for a terminal, in the manner of rustc and Elm: the verdict, each error at the student's own line, what
follows from it, one thing to do next, and a table of all steps at the end.
"""

from __future__ import annotations

from rich.text import Text

from grader.model import Problem, Result
from grader.report.account import Block, Tone, blocks, numbered_misconceptions, stopping, wrong_groups
from grader.report.numbers import count
from grader.report.page import Page
from grader.report.places import Quote, place, short_place
from grader.report.table import forward_line, rows, tally
from grader.report.text import marked_line, width
from grader.submission.wording import listed

_HEADLINE: dict[Tone, str] = {"wrong": "bold red", "warning": "bold yellow", "note": "bold"}
_MARK: dict[Tone, str] = {"wrong": "bold red", "warning": "bold yellow", "note": "bold cyan"}
_RULE = "blue"


def render(result: Result, width: int = 100) -> Text:
    """The whole report, no line wider than `width`; `Text.plain` is the same without colour."""
    page = Page(width)
    _head(page, result)
    for block in blocks(result):
        page.blank()
        _block(page, block)
    page.blank()
    if any(step.reason != "unreadable" for step in result.steps):
        page.table(rows(result))
        forward = forward_line(result)
        if forward is not None:
            page.prose(forward, "dim", indent=2)
        page.blank()
    _notes(page, result)
    page.blank()
    _close(page, result)
    return page.text()


def _head(page: Page, result: Result) -> None:
    page.prose(result.title or result.exercise, "bold")
    whose = f"{result.submission} ({result.student})" if result.student else result.submission
    if result.score is None:
        page.prose(f"{whose}: could not be graded", "bold magenta")
        page.prose("nothing in it could be judged, for the reason below; this is not a zero")
        return
    score = f"{count(result.score)} / {count(result.max_score)}"
    style = "bold green" if _all_right(result) else "bold"
    page.prose(f"{whose}: {score} points", style)
    page.prose(_meaning(result))


def _all_right(result: Result) -> bool:
    return all(step.outcome == "correct" for step in result.steps) and result.score is not None


def _meaning(result: Result) -> str:
    if not _all_right(result):
        return tally(result.steps)
    points = min((step.points_checked for step in result.steps), default=0)
    where = f", at the given numbers and at {points - 1} other draws of them" if points > 2 else ""
    count = len(result.steps)
    return f"all {count} steps are right{where}" if count > 1 else f"the step is right{where}"


def _block(page: Page, block: Block) -> None:
    mark = "" if block.number is None else f"{block.number}. "
    page.prose(block.headline, _HEADLINE[block.tone], lead=mark, lead_style=_HEADLINE[block.tone])
    gutter = len(str(block.quote.line)) + 2 if block.quote is not None else 3
    if block.place is not None:
        page.pieces((" " * (gutter - 1) + "--> ", _RULE), (block.place, ""))
    if block.quote is not None:
        _quote(page, block.quote, gutter, _MARK[block.tone])
    for fact in block.facts:
        page.prose(fact, lead="= ", lead_style=_RULE, indent=gutter)
    if block.help is not None:
        page.prose(block.help, lead="help: ", lead_style="bold cyan", indent=gutter)
    for line in block.code:
        room = page.width - gutter - 6
        page.pieces((" " * (gutter + 6), ""), (marked_line(line, 0, 0, room).text, "green"))


def _quote(page: Page, quote: Quote, gutter: int, style: str) -> None:
    """The line as typed, with its number and, below, the mark."""
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


def _notes(page: Page, result: Result) -> None:
    """What costs nothing and asks for nothing."""
    for problem in result.problems:
        if problem.kind == "note":
            at = f"{place(problem.where)}: " if problem.where is not None else ""
            page.prose(f"{at}{problem.message}", "dim", lead="note: ", lead_style="dim")
    numbered = numbered_misconceptions(result)
    if not numbered:
        return
    from grader.diagnosis.catalogue import by_code  # brings what diagnoses along, which most reports do without

    for code, numbers in numbered.items():
        if by_code(code) is not None:  # a course's own has its message and no page
            page.prose(f"more on {listed([str(number) for number in numbers], 8)}: `grader explain {code}`", "dim")


def _where(problem: Problem) -> str:
    """Where a problem is, if its message does not begin with that."""
    if problem.where is None or problem.message.startswith(short_place(problem.where)):
        return ""
    return f"at {place(problem.where)}, "


def _close(page: Page, result: Result) -> None:
    """What a reader who only sees the last line should know."""
    if result.score is None or _all_right(result):
        return
    score = f"{count(result.score)} / {count(result.max_score)}"
    groups = wrong_groups(result)
    if groups:
        lead = groups[0][0]
        at = "" if lead.where is None else f", at {place(lead.where)}"
        page.prose(f"{score}: start with `{lead.name}`{at}", "bold")
    elif (problem := stopping(result)) is not None:
        page.prose(f"{score}: {_where(problem)}{problem.message}", "bold")
    elif all(step.outcome in ("correct", "carried", "missing") for step in result.steps):
        missing = [step for step in result.steps if step.outcome == "missing" and step.reason != "optional"]
        then = f"; go on with `{missing[0].name}`" if missing else ""
        page.prose(f"{score}: nothing is wrong so far{then}", "bold")
    else:
        page.prose(score, "bold")
