"""Combine verdicts and findings into the `Result` that every renderer shows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader import __version__
from grader.diagnosis.finding import Finding, misconceptions_of
from grader.exercise.types import Exercise
from grader.incidents import NO_INCIDENTS, RunIncidents, first_problems, is_missing_package
from grader.instrument.site import Position, Site
from grader.judge.evidence import Evidence
from grader.judge.failures import gap_of, raised_by_blanks
from grader.judge.locations import changed_at, code_of, drawn_at_random, foreign_numbers, other_sizes, span_of
from grader.judge.score import points, rounded
from grader.judge.verdicts import Verdict, first_error
from grader.model import (
    GradingRequest,
    Isolation,
    MisconceptionUse,
    Opaque,
    Problem,
    Result,
    Span,
    StepResult,
    Submission,
    Value,
)
from grader.runner.types import Raised
from grader.submission.spans import line_span
from grader.submission.syntax import said_of_python_2
from grader.submission.wording import CRASHED, SHADOWED, at_line, listed


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found out about a submission: the `evidence` of its runs (None: nothing was run), a verdict for each
    quantity, the findings by step name, what else the runs showed, and what they printed."""

    evidence: Evidence | None
    verdicts: tuple[Verdict, ...]
    findings: Mapping[str, Finding] = field(default_factory=dict)
    incidents: RunIncidents = NO_INCIDENTS
    output: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a result says besides what was judged. `torch`: the version that computed the right values; "" if none
    was needed. `are_probes_secret`: whether the probe points are drawn from a secret; a result then has no value of
    one, or a table of right answers could be made for the next attempt."""

    request: GradingRequest
    isolation: Isolation
    torch: str = ""
    are_probes_secret: bool = False


def assemble(exercise: Exercise, submission: Submission, judged: Judged | None, how: Circumstances) -> Result:
    """Build the result. `judged` is None if nothing was run; then every step is `unjudged`."""
    if judged is None:
        quantities = (*exercise.forward_steps, *exercise.steps)
        judged = Judged(None, tuple(Verdict(step, "unjudged", "unreadable") for step in quantities))
    evidence, verdicts, findings = judged.evidence, judged.verdicts, judged.findings
    results = tuple(
        _step_result(exercise, submission, evidence, verdict, findings.get(verdict.step.name))
        for verdict in (_without_secrets(verdict) if how.are_probes_secret else verdict for verdict in verdicts)
    )
    forward, steps = results[: len(exercise.forward_steps)], results[len(exercise.forward_steps) :]
    worth = (*steps, *(result for result in forward if result.max_points))
    counted = [result for result in worth if result.outcome != "unjudged"]
    total = rounded(sum(step.points for step in results))
    largest = rounded(sum(step.max_points for step in results))
    first = first_error(verdicts)
    return Result(
        exercise=exercise.id,
        title=exercise.title,
        submission=submission.file,
        student=how.request.student,
        score=total if counted else None,
        max_score=largest,
        complete=bool(counted) and total >= largest,
        first_error=None if first is None else first.step.name,
        steps=steps,
        forward=forward,
        misconceptions=tuple(
            MisconceptionUse(code, tuple(step.name for step in steps if step.name in at))
            for code, at in misconceptions_of(findings).items()
        ),
        problems=(
            *first_problems(submission, evidence, judged.incidents, exercise.policy.limits, verdicts),
            *submission.problems,
            *_problems(exercise, submission, evidence, verdicts),
        ),
        isolation=how.isolation,
        reveal=how.request.reveal or exercise.policy.shown,
        seconds=round(time.perf_counter() - how.request.started, 3),
        versions=(("grader", __version__), *((("torch", how.torch),) if how.torch else ())),
        sources=submission.cells,
        output=judged.output,
    )


def _highlighted(site: Site) -> Position:
    """The range to highlight. In `dx[x < 0] = 0` the index matters, not the 0."""
    return site.statement if site.kind == "whole" and site.literal else site.value


def _without_secrets(verdict: Verdict) -> Verdict:
    return replace(verdict, got=None, expected=None, point=0) if verdict.point else verdict


def _step_result(
    exercise: Exercise,
    submission: Submission,
    evidence: Evidence | None,
    verdict: Verdict,
    finding: Finding | None,
) -> StepResult:
    step, site = verdict.step, verdict.site
    where = None if site is None else span_of(submission, site.cell, _highlighted(site))
    at = None
    if evidence is not None and verdict.point:
        at = tuple(evidence.scene.reference.points[verdict.point].inputs.items())
    if finding is not None and finding.where is not None:
        where = finding.where
    if verdict.cause is not None and where is None:
        where = _raised_at(submission, verdict.cause)
    return StepResult(
        name=step.name,
        quantity=step.text,
        outcome=verdict.outcome,
        reason=verdict.reason,
        points=rounded(points(verdict, exercise.policy)),
        max_points=rounded(step.points),
        bound_as=verdict.match.bound_as or None if verdict.match else None,
        where=where,
        code=None if site is None else code_of(submission, site),
        got=verdict.got,
        expected=verdict.expected,
        at=at,
        points_checked=verdict.points_checked,
        caused_by=verdict.caused_by,
        hint=step.hint,
        remark=_remark(evidence, verdict) or _changed(submission, evidence, verdict),
        diagnosis=None if finding is None else finding.diagnosis,
    )


def _remark(evidence: Evidence | None, verdict: Verdict) -> str | None:
    """One additional fact for the student."""
    if evidence is None or verdict.note is not None:
        return verdict.note
    if verdict.outcome in ("wrong", "unjudged") and (shadow := _shadowed(evidence, verdict.site)) is not None:
        return f"`{shadow}`{SHADOWED}; it replaces the given `{shadow}`"
    if verdict.cause is not None:
        gap = gap_of(evidence, verdict.cause)
        if verdict.outcome == "wrong" and verdict.reason == "raised":
            return f"{CRASHED}{verdict.cause.error}"
        if verdict.outcome == "wrong":
            return f"{CRASHED}{verdict.cause.error}; it was graded with what was missing filled in"
        return gap.message if gap else f"{CRASHED}{verdict.cause.error}"
    if verdict.reason == "nameless":
        given = listed([f"`{one.name}`" for one in evidence.scene.exercise.inputs if one.name in evidence.unbound])
        return f"your code has no variable for the given {given}, so it could not be run with other numbers"
    if verdict.reason == "merged":
        return "it has no line of its own; the step after it shows that it was taken into account"
    if verdict.match is not None and verdict.match.how == "value":
        name = verdict.match.bound_as
        return f"your `{name}` has its value" if name else "it was found by its value"
    if verdict.reason == "tuple":
        return "it is a tuple, not the value in it"
    if isinstance(verdict.got, Opaque) and verdict.reason == "type":
        return f"it is a `{verdict.got.type_name}`, not a number"
    if verdict.squeezed and isinstance(verdict.got, Value) and verdict.expected is not None:
        return f"its shape {verdict.got.shape} was read as {verdict.expected.shape}"
    if verdict.step.name in evidence.misshapen:
        held = "" if not isinstance(verdict.got, Value) else f" {verdict.got.shape}"
        right = "" if verdict.expected is None else f" {verdict.expected.shape}"
        return f"its numbers are right; but in the shape{held}, not{right}, they spoil the lines that use them"
    if verdict.reason == "shape" and isinstance(verdict.got, Value) and verdict.expected is not None:
        wanted = f"has shape {verdict.expected.shape}" if verdict.expected.shape else "is a single number"
        return f"its shape is {verdict.got.shape}; {verdict.step.text} {wanted}"
    return None


def _changed(submission: Submission, evidence: Evidence | None, verdict: Verdict) -> str | None:
    """Remark that a later line overwrites this correct step."""
    if evidence is None or verdict.outcome != "correct" or verdict.match is None:
        return None
    site = changed_at(evidence.scene, verdict.match)
    if site is None or site.cell >= len(submission.cells):
        return None
    return f"it was right here; {at_line(submission.cells[site.cell], site.statement[0])} changes it afterwards"


def _shadowed(evidence: Evidence, site: Site | None) -> str | None:
    """The name of an input that the expression reads after an earlier loop has rebound it."""
    if site is None:
        return None
    given = {one.name for one in evidence.scene.exercise.inputs}
    for loop in evidence.scene.sites.all:
        name = loop.names[0] if loop.kind == "loop" else ""
        if name in given and loop.number < site.number and name in site.reads and loop.scope == site.scope:
            return name
    return None


def _problems(
    exercise: Exercise, submission: Submission, evidence: Evidence | None, verdicts: Sequence[Verdict]
) -> list[Problem]:
    if evidence is None:
        return []
    first, all_raised = evidence.scene.traces[0], evidence.scene.raised
    found = list(foreign_numbers(evidence, submission)) if exercise.variant else []
    if any(one.outcome in ("wrong", "compensated") and one.got is not None for one in verdicts):
        found += drawn_at_random(evidence, submission)
    if all_raised:
        found += other_sizes(evidence, submission)
    unfilled = raised_by_blanks(evidence, submission) if all_raised else frozenset()
    for raised in all_raised:
        if raised in unfilled:
            continue
        if gap := gap_of(evidence, raised):
            if gap.kind in ("nothing", "unwritten") or (gap.kind == "absent" and first.left is None):
                found.append(Problem("raised", gap.message, _raised_at(submission, raised)))
            continue
        if is_missing_package(raised):
            continue
        kind = "memory" if raised.error.startswith("MemoryError") else "raised"
        where = _raised_at(submission, raised)
        said = said_of_python_2(raised.error) or f"{CRASHED}{raised.error}"
        found.append(Problem("memory" if kind == "memory" else "raised", said, where))
    return found


def _raised_at(submission: Submission, raised: Raised) -> Span | None:
    if raised.at_cell >= len(submission.cells) or raised.line < 1:
        return None
    return line_span(submission.cells[raised.at_cell], submission.file, raised.line)
