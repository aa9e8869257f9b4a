"""The feedback page of one student: the content of the terminal report as HTML."""

from __future__ import annotations

from dataclasses import dataclass

from grader.batch.late import Final
from grader.batch.student_row import StudentRow
from grader.html.rendering import render
from grader.model import Result
from grader.report.account import Block, blocks
from grader.report.numbers import count
from grader.report.places import Quote, place
from grader.report.table import forward_line, rows, tally


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the student's code, split before, in and after the marked range; `more` further lines belong to it."""

    number: int
    before: str
    inside: str
    after: str
    more: int


def page(title: str, one: StudentRow, result: Result, known: Final) -> str:
    """The page a student sees: no more than the reveal level of `result` allows."""
    head, *steps = rows(result)
    return render(
        "feedback.html",
        title=title,
        name=one.name,
        file=one.file,
        score=None if known.score is None else count(known.score),
        most=count(result.max_score),
        lost=count(known.lost) if known.lost else None,
        late=known.late,
        given=one.comments or None,
        tally=None if result.score is None else tally(result.steps),
        blocks=[(block, _line(block)) for block in blocks(result)],
        head=[word for word, _ in head],
        steps=[(step.outcome, [text for text, _ in row]) for step, row in zip(result.steps, steps, strict=True)],
        forward=forward_line(result),
        notes=[
            f"{place(problem.where)}: {problem.message}" if problem.where is not None else problem.message
            for problem in result.problems
            if problem.kind == "note"
        ],
    )


def without_result(title: str, one: StudentRow, known: Final) -> str:
    """The page of a student without a graded submission, who may still have a score given by hand."""
    return render(
        "nothing.html",
        title=title,
        name=one.name,
        score=None if known.score is None else count(known.score),
        most=count(one.max_score or 0.0),
        reason=one.why,
    )


def _line(block: Block) -> Line | None:
    quote: Quote | None = block.quote
    if quote is None:
        return None
    text, start, end = quote.text, quote.start, quote.end
    return Line(quote.line, text[:start], text[start:end], text[end:], quote.more)
