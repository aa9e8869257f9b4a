"""Find what a line costs that cannot be read for a bracket, an operator or a character: `dh.append(p * (1 - h**2)`.

In a loop or a function, all that is made from such a line is missing. It is one mistake, however many steps that costs.
It is shown by the submission with the line readable, and run and judged like any other. Where this makes several steps
right that are not, and none wrong, the first of them is charged with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from grader.instrument.site import Site
from grader.judge.score import carried_by
from grader.judge.verdicts import Verdict
from grader.model import RIGHT, Submission
from grader.submission.spans import lines_of
from grader.submission.syntax import check, in_python_characters

MOST = 6
"""How many ways to read the line are tried, at most."""

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_BETWEEN = re.compile(r"(?<=[\w\])])\s+(?=[\w(\[])")
"""Where two values stand side by side, without an operator."""


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line that cannot be read: its cell from 0, its number within the cell from 1, and its text."""

    cell: int
    line: int
    text: str


def unreadable_line(submission: Submission) -> UnreadableLine | None:
    """The only line of a submission that cannot be read, if there is only one."""
    faults = [one.where for one in submission.problems if one.kind == "syntax"]
    if len(faults) != 1 or (where := faults[0]) is None:
        return None
    for number, cell in enumerate(submission.cells):
        line = where.line - cell.first_line
        texts = lines_of(cell.text)
        within = cell.number == where.cell and 0 <= line < len(texts) == len(lines_of(cell.source))
        if within and lines_of(cell.source)[line] != texts[line]:
            return UnreadableLine(number, line + 1, texts[line])
    return None


def readable(submission: Submission, found: UnreadableLine) -> Iterator[Submission]:
    """Yield the submission with the line readable, in each way that may be meant; every other line stays as it is."""
    before, cell, behind = (
        submission.cells[: found.cell],
        submission.cells[found.cell],
        submission.cells[found.cell + 1 :],
    )
    lines = lines_of(cell.source)
    sources = ("\n".join((*lines[: found.line - 1], text, *lines[found.line :])) for text in _meanings(found.text))
    for source in islice((one for one in sources if check(one) is None), MOST):
        yield replace(submission, cells=(*before, replace(cell, source=source), *behind))


def _meanings(text: str) -> Iterator[str]:
    """Yield what a line may mean, in Python's own characters: with what its brackets lack, or without one that is too
    many, the end of the line first; else as it is, and with a product where no operator stands. Not all are Python."""
    code = in_python_characters(text.split("#", 1)[0].rstrip())
    missing, before, extra = _unbalanced(code)
    if missing:
        yield from (code[:place] + missing + code[place:] for place in range(before, 0, -1))
    elif extra:
        yield from (code[:place] + code[place + 1 :] for place in range(len(code) - 1, -1, -1) if code[place] in extra)
    else:
        yield code
        yield from (f"{code[: one.start()]} * {code[one.end() :]}" for one in _BETWEEN.finditer(code))


def _unbalanced(code: str) -> tuple[str, int, str]:
    """The brackets that close what a line leaves open, the column before which they belong, and those that close
    nothing. Of a bracket that is closed by another one, `h[t ** 2)`, the first is left open."""
    opened: list[str] = []
    extra = ""
    for column, one in enumerate(code):
        if one in _CLOSING:
            opened.append(_CLOSING[one])
        elif one in _CLOSING.values() and opened and opened[-1] != one and one in opened:
            return opened[-1], column, ""
        elif one in _CLOSING.values():
            if opened and opened[-1] == one:
                opened.pop()
            else:
                extra += one
    return "".join(reversed(opened)), len(code), extra


def gained(before: Sequence[Verdict], after: Sequence[Verdict]) -> list[str]:
    """The steps that are right once the line can be read, in the order in which they are made; none where another one
    is wrong by that."""
    was_right = {one.step.name for one in before if one.outcome in RIGHT}
    now_right = [one for one in sorted(after, key=lambda one: one.order) if one.outcome in RIGHT]
    new = [one.step.name for one in now_right if one.step.name not in was_right]
    return new if len(now_right) - len(new) == len(was_right) else []


def charged(verdicts: Sequence[Verdict], found: UnreadableLine, names: Sequence[str]) -> tuple[Verdict, ...]:
    """The verdicts with the line as the mistake of the first of the steps `names`; the others are carried."""
    lead, *others = names
    right = [one.step.name for one in verdicts if one.step.name in others and one.outcome in RIGHT]
    told = (_unread(one, found) if one.step.name == lead else one for one in verdicts)
    return carried_by(dict.fromkeys(right, lead), tuple(told))


def _unread(verdict: Verdict, found: UnreadableLine) -> Verdict:
    site: Site | None = verdict.site
    if site is not None:
        start, end = len(found.text) - len(found.text.lstrip()), len(found.text.encode())
        where = (found.line, start, found.line, end)
        site = replace(site, cell=found.cell, value=where, statement=where)
    return Verdict(verdict.step, "missing", "placeholder", site=site, order=verdict.order)
