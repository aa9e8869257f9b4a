"""States what the verdict and the text alone say about a wrong step: facts, no guesses; and the repair of a comma at
the end of its line, which makes its value a one-element tuple.
"""

from __future__ import annotations

from grader.diagnosis.finding import Finding
from grader.formula.syntax import Place
from grader.judge.locations.places import code_of
from grader.judge.verdicts import Verdict
from grader.model import Diagnosis, Submission
from grader.submission.spans import character_column, lines_of
from grader.submission.spans import place as span_at
from grader.submission.wording import taken_from


def state(verdict: Verdict) -> Diagnosis | None:
    """Return the facts about a step that needs a repair; None for other steps."""
    message = _message(verdict)
    return None if message is None else Diagnosis(message)


def _message(verdict: Verdict) -> str | None:
    name = verdict.step.name
    match verdict.outcome, verdict.reason:
        case "wrong", "shape":
            right = "" if verdict.expected is None else f" {verdict.expected.shape}"
            return f"`{name}` has another shape than the{right} of {verdict.step.text}."
        case "wrong", "tuple":
            return f"`{name}` is a tuple, not the value in it."
        case "wrong", "raised":
            return f"The line that computes `{name}` crashed."
        case "wrong", "constant":
            return f"`{name}` stays the same when the given numbers change; {verdict.step.text} does not."
        case "wrong", "given_point_only":
            return f"`{name}` equals {verdict.step.text} at your numbers, but not at others."
        case "wrong", "cancelled":
            return (
                f"`{name}` is right only because terms cancel: made from other values, it is not {verdict.step.text}."
            )
        case "wrong", "switched_off":
            return f"The line that computes `{name}` does not run: the condition above it is never true."
        case "wrong", _:
            return f"With everything before it right, `{name}` is not {verdict.step.text}."
        case "compensated", _:
            return f"`{name}` comes out right only because an earlier error cancels one in this line."
        case "borrowed", reason:
            return f"`{name}` was computed by {taken_from(reason)}; this exercise asks for it by hand."
        case _:
            return None


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
