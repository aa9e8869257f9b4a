"""The finding of one step: what the verdict and the text alone say about it, which are facts, no guesses; its
diagnosis; and the change that repairs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.formula.syntax import Place
from grader.instrument.site import Site
from grader.judge import score
from grader.judge.locations import code_of
from grader.judge.verdicts import Verdict
from grader.model import Diagnosis, Span, Submission
from grader.runner.types import Sites
from grader.submission.spans import character_column, lines_of
from grader.submission.spans import place as span_at
from grader.submission.wording import taken_from

if TYPE_CHECKING:
    from grader.judge.shared_mistakes.shared import Shared  # slow to import, and not needed for correct submissions


FORGOTTEN = "forgotten line"
"""The kind of a change that adds a line: no line that is there is wrong."""

Change = tuple[int, Place, str]
"""A cell, a place in its source, and the new text for that place."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The diagnosis of a step, the smallest range to change (`where`), and the change, if there is one: `place` in the
    source of cell `cell` becomes `text`.

    `facts`: the diagnosis without the change. `mended_by`: the step whose change alone makes this step right too, as
    both have the same mistake. `rewritten`: no small change repairs the line, so it is rewritten by its chain rule;
    `last_resort`: a small change is better, if running the submission finds one. `cost`: the size of the change.
    `adds`: whether the change adds something missing; `in_part`: whether it inserts a part of the right formula;
    `kind`: what kind of edit it is, if it is a single one that was found in the line's formula, or `FORGOTTEN`."""

    diagnosis: Diagnosis
    where: Span | None = None
    cell: int | None = None
    place: Place | None = None
    text: str | None = None
    facts: Diagnosis | None = None
    mended_by: str | None = None
    rewritten: bool = False
    last_resort: bool = False
    cost: float = 0.0
    adds: bool = False
    in_part: bool = False
    kind: str = ""


def change_of(finding: Finding) -> Change | None:
    """Return the change that a finding proposes, None if it has none."""
    if finding.cell is None or finding.place is None or finding.text is None:
        return None
    return finding.cell, finding.place, finding.text


def needs_explaining(verdict: Verdict) -> bool:
    """Whether a step needs a diagnosis beyond its verdict."""
    return verdict.outcome in ("wrong", "compensated", "borrowed") or raised_alone(verdict)


def raised_alone(verdict: Verdict) -> bool:
    """Whether a step's own statement raised although everything before it was right."""
    return verdict.outcome == "unjudged" and verdict.reason == "raised" and verdict.match is None


def needs_running(verdict: Verdict, findings: Mapping[str, Finding]) -> bool:
    """Whether a wrong step has no repair, or only one of last resort."""
    own = findings.get(verdict.step.name)
    if verdict.outcome != "wrong" or verdict.site is None or own is None:
        return False
    return own.text is None or own.last_resort


def one_mistake_each(
    verdicts: Sequence[Verdict], findings: Mapping[str, Finding], apart: frozenset[str] = frozenset()
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings in which a mistake that a repair shows at several steps counts once
    (`score.sharing_a_repair`). The steps in `apart` are known to be wrong for another reason."""
    repairs = {name: score.KnownRepair(change_of(finding), finding.mended_by) for name, finding in findings.items()}
    return with_carried(score.sharing_a_repair(verdicts, repairs, apart), verdicts, findings)


def with_carried(
    carried: Mapping[str, str], verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings in which the steps in `carried` become carried, each caused by the step it is mapped
    to, and have no finding of their own."""
    left = {name: finding for name, finding in findings.items() if name not in carried}
    return score.carried_by(carried, verdicts), left


def shared_once(
    mistakes: Sequence[Shared], sites: Sites, verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings in which each mistake in a local variable counts once, at the first step it makes
    wrong, and points at the local's binding. That step's own line is right, so a change other than of that binding is
    dropped."""
    carried = {name: one.first for one in mistakes for name in one.others}
    verdicts, found = with_carried(carried, verdicts, findings)
    made = {one.first: one.made for one in mistakes}
    for name, event in made.items():
        own = found[name]
        if not _is_within(own, sites[event.site]) and own.facts is not None:
            found[name] = Finding(own.facts)
    shown = (
        replace(one, site=sites[made[one.step.name].site], order=made[one.step.name].sequence, located=True)
        if one.step.name in made
        else one
        for one in verdicts
    )
    return tuple(shown), found


def _is_within(finding: Finding, site: Site) -> bool:
    """Whether the finding's change is within the statement of `site`."""
    if finding.place is None or finding.cell != site.cell:
        return False
    return site.statement[0] <= finding.place.line <= site.statement[2]


def mended_at(findings: Mapping[str, Finding]) -> dict[str, tuple[int, int]]:
    """Return the cell and line of each step's change, if it has one."""
    changes = {name: change_of(finding) for name, finding in findings.items()}
    return {name: (change[0], change[1].line) for name, change in changes.items() if change is not None}


def misconceptions_of(findings: Mapping[str, Finding]) -> dict[str, tuple[str, ...]]:
    """Map each misconception to the steps it was found at."""
    found: dict[str, list[str]] = {}
    for name, finding in findings.items():
        if finding.diagnosis.code is not None:
            found.setdefault(finding.diagnosis.code, []).append(name)
    return {code: tuple(steps) for code, steps in found.items()}


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
