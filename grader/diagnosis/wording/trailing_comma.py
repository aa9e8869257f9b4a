"""Repairs a trailing comma at the end of a line, which makes its value a one-element tuple."""

from __future__ import annotations

from grader.diagnosis.finding import Finding
from grader.formula.syntax import Place
from grader.judge.locations.places import code_of
from grader.judge.verdicts import Verdict
from grader.model import Diagnosis, Submission
from grader.submission.spans import character_column, lines_of
from grader.submission.spans import place as span_at


def trailing_comma(verdict: Verdict, submission: Submission, facts: Finding) -> Finding:
    """Return the finding that removes the comma from a step's line; the facts alone if the line does not end in one."""
    site = verdict.site
    code = None if site is None else code_of(submission, site)
    if site is None or code is None or not code.endswith(","):
        return facts
    cell = submission.cells[site.cell]
    _, _, line, end = site.value
    after = character_column(lines_of(cell.source)[line - 1], end)
    message = f"The comma at the end of the line makes `{verdict.step.name}` a tuple."
    found = Diagnosis(message, "likely", replace_with="", fix=code[:-1].rstrip())
    where = span_at(cell, submission.file, line, after - 1, line, after)
    return Finding(found, where, site.cell, Place(line, after - 1, line, after), "", facts.diagnosis)
