"""Combine verdicts, findings and what ended a program or was missing on this machine into the `Result` that every
renderer shows."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader import __version__
from grader.diagnosis.finding import Finding, misconceptions_of
from grader.exercise.types import Exercise
from grader.instrument.site import Position, Site
from grader.judge.borrowed.borrowing import NOT_SHOWN
from grader.judge.evidence import Evidence
from grader.judge.failures import gap_of, raised_by_blanks
from grader.judge.locations import changed_at, code_of, foreign_numbers, other_sizes, span_of
from grader.judge.score import points, rounded, unrunnable, untried
from grader.judge.verdicts import Verdict, first_error
from grader.model import (
    GradingRequest,
    Isolation,
    Limits,
    MisconceptionUse,
    Opaque,
    Problem,
    ProblemKind,
    Result,
    Span,
    StepResult,
    Submission,
    Value,
)
from grader.runner.child import subreaper
from grader.runner.session import Session
from grader.runner.types import Noted, Raised, Trace
from grader.runner.wire import TIME_LIMIT
from grader.submission.spans import line_span, line_text
from grader.submission.syntax import said_of_python_2
from grader.submission.wording import CRASHED, SHADOWED, WITHOUT, at_line, listed
from grader.syntax_trees import tree_of

_MISSING = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '([\w.]+)'")

_NEEDED = re.compile(r"ModuleNotFoundError: `[\w.]+` is not installed here, and ")
"""The error of a package's stub where code needs more of the package than to show something."""


@dataclass(frozen=True, slots=True)
class RunIncidents:
    """What a submission's runs showed besides bindings: packages and devices missing on this machine (`noted`), the
    time limit over all runs that was `used_up`, and whether this limit prevented the test of which values depend on a
    differentiation library (`untried`)."""

    noted: tuple[Noted, ...] = ()
    used_up: str | None = None
    untried: bool = False


NO_INCIDENTS = RunIncidents()


def incidents_of(session: Session) -> RunIncidents:
    """Collect the incidents of a session. Call it after all runs that count."""
    return RunIncidents(session.noted, session.used_up, session.untried)


def proven(verdicts: Sequence[Verdict], evidence: Evidence, incidents: RunIncidents) -> tuple[Verdict, ...]:
    """Set right steps to unjudged if the submission uses a differentiation library and no time was left to test which
    values depend on it, and missing ones if it could not be run without a package that is not installed. Where time ran
    out, that is the reason why a step was not shown to be derived."""
    used = any(trace.used for trace in (*evidence.scene.traces, *evidence.forced))
    if incidents.noted and any(_NEEDED.match(raised.error) for raised in evidence.scene.traces[0].raised):
        verdicts = unrunnable(verdicts)
    if not incidents.untried:
        return tuple(verdicts)
    late = (replace(one, reason="timeout") if one.reason == NOT_SHOWN else one for one in verdicts)
    return untried(tuple(late)) if used else tuple(late)


def told_first(
    submission: Submission,
    evidence: Evidence | None,
    incidents: RunIncidents,
    limits: Limits,
    verdicts: Sequence[Verdict],
) -> tuple[Problem, ...]:
    """The problems at the beginning of a report."""
    if evidence is None:
        return ()
    found = [*_missing(submission, evidence.scene.traces[0], incidents)]
    found += _ended(submission, evidence, limits, verdicts)
    if incidents.used_up is not None:
        text = f"running it several times took more than {incidents.used_up}; what was seen by then was graded"
        found.append(Problem("timeout", text))
    found += _devices(submission, incidents)
    return tuple(found)


def is_missing_package(raised: Raised) -> bool:
    """Whether an error says that an import failed."""
    return _MISSING.match(raised.error) is not None


def _missing(submission: Submission, first: Trace, incidents: RunIncidents) -> Iterator[Problem]:
    for noted in incidents.noted:
        if noted.kind == "package":
            where = _line(submission, noted.at_cell, noted.line)
            text = f"`{noted.name}` is not installed here; {_this(where)} {WITHOUT}"
            yield Problem("package", text, where)
    for raised in first.raised:
        if (missing := _MISSING.match(raised.error)) is not None:
            text = f"`{missing[1]}` is not installed here, and no file of that name was handed in"
            yield Problem("package", text, _line(submission, raised.at_cell, raised.line))


def _devices(submission: Submission, incidents: RunIncidents) -> Iterator[Problem]:
    """One note about a missing device, at the first line that asked for it."""
    noted = next((one for one in incidents.noted if one.kind == "device"), None)
    if noted is not None:
        where = _line(submission, noted.at_cell, noted.line)
        yield Problem("device", f"there is no `{noted.name}` here: {_this(where)} was run on the CPU", where)


def _ended(
    submission: Submission, evidence: Evidence, limits: Limits, verdicts: Sequence[Verdict]
) -> Iterator[Problem]:
    first = evidence.scene.traces[0].left
    if first is not None and has_left(first):
        # If no step was lost by it, ending the program early is not a problem.
        if any(verdict.outcome in ("unjudged", "missing") for verdict in verdicts):
            yield _left(submission, first)
        return
    traces = (*evidence.scene.traces, *evidence.forced)
    stopped = next(
        (one for one in traces if one.ended in _STOPPED or (one.left is not None and not has_left(one.left))), None
    )
    if stopped is not None:
        judged = any(verdict.outcome not in ("unjudged", "missing") for verdict in verdicts)
        yield _stopped(submission, stopped, limits, "; everything before it was graded" if judged else "")


def _left(submission: Submission, left: Raised) -> Problem:
    """The problem of a program that ended itself."""
    where = _where(submission, left)
    wants = where is not None and "parse_args" in line_text(submission.cells[left.at_cell], where.line)
    why = ", since it wants command-line options and none are given here" if wants else ""
    return Problem("ended", f"{_this(where)} ends the program{why}; nothing after it was run", where)


_STOPPED: dict[str, tuple[ProblemKind, str]] = {
    "timeout": ("timeout", "took more than {seconds:g} s and was stopped"),
    "killed": ("killed", "ended the process that ran it (a crash, or no memory left)"),
    "output": ("output", "printed so much that it was stopped"),
    "processes": ("killed", "started more than {processes} processes, and was stopped"),
    "protocol": ("killed", "made the process that ran it send something unreadable, and was stopped"),
}


def _stopped(submission: Submission, trace: Trace, limits: Limits, judged: str) -> Problem:
    """The problem of a program that was stopped or that ended its process."""
    left = trace.left
    how = trace.ended if left is None else "timeout" if left.error == TIME_LIMIT else left.error
    kind, text = _STOPPED.get(how, _STOPPED["killed"])
    said = text.format(seconds=limits.seconds, output=limits.output, processes=subreaper.MOST)
    loop = None if left is None or kind != "timeout" else _loop(submission, left)
    if left is None or (where := _where(submission, left)) is None:
        return Problem(kind, f"it {said}")
    if loop is None:
        return Problem(kind, f"{_this(where)} {said}{judged}", where)
    cell, node = loop
    where = _line(submission, cell, node.lineno)
    said = "never ends" if _is_endless(node) else said
    return Problem(kind, f"{_this(where)} `{_head(submission.cells[cell].source, node)}` {said}{judged}", where)


def has_left(left: Raised) -> bool:
    """Whether the program ended itself (`SystemExit`) instead of being stopped."""
    return left.error.startswith("SystemExit")


def _loop(submission: Submission, left: Raised) -> tuple[int, _Loop] | None:
    """The innermost loop around the line that was running, or else around the top-level statement that led there."""
    for cell, line in ((left.at_cell, left.line), (left.cell, _begin(submission, left))):
        if cell < len(submission.cells):
            nodes = ast.walk(tree_of(submission.cells[cell].source))
            loops = [one for one in nodes if isinstance(one, _Loop) and one.lineno <= line <= (one.end_lineno or 0)]
            if loops:
                return cell, max(loops, key=lambda one: one.lineno)
    return None


_Loop = ast.While | ast.For


def _is_endless(node: _Loop) -> bool:
    return isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)


def _head(source: str, node: _Loop) -> str:
    """The loop header as the student typed it, like `while True`."""
    if isinstance(node, ast.While):
        return f"while {ast.get_source_segment(source, node.test)}"
    return f"for {ast.get_source_segment(source, node.target)} in {ast.get_source_segment(source, node.iter)}"


def _where(submission: Submission, left: Raised) -> Span | None:
    if left.line:
        return _line(submission, left.at_cell, left.line)
    return _line(submission, left.cell, _begin(submission, left))


def _begin(submission: Submission, left: Raised) -> int:
    """The line on which the top-level statement begins; 0 if the statement is not the student's."""
    if left.cell >= len(submission.cells):
        return 0
    body = tree_of(submission.cells[left.cell].source).body
    return body[left.statement].lineno if left.statement < len(body) else 0


def _line(submission: Submission, cell: int, line: int) -> Span | None:
    if cell >= len(submission.cells) or line < 1:
        return None
    return line_span(submission.cells[cell], submission.file, line)


def _this(where: Span | None) -> str:
    if where is None:
        return "it"
    return f"line {where.line}" if where.cell is None else f"line {where.line} of cell {where.cell}"


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
            *told_first(submission, evidence, judged.incidents, exercise.policy.limits, verdicts),
            *submission.problems,
            *_problems(exercise, submission, evidence),
        ),
        isolation=how.isolation,
        reveal=how.request.reveal or exercise.policy.shown,
        seconds=round(time.perf_counter() - how.request.started, 3),
        versions=(("grader", __version__), *((("torch", how.torch),) if how.torch else ())),
        sources=submission.cells,
        output=judged.output,
    )


def _looked_at(site: Site) -> Position:
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
    where = None if site is None else span_of(submission, site.cell, _looked_at(site))
    at = None
    if evidence is not None and verdict.point:
        at = tuple(evidence.scene.reference.points[verdict.point].inputs.items())
    if finding is not None and finding.where is not None:
        where = finding.where
    if verdict.cause is not None and where is None:
        where = _line(submission, verdict.cause.at_cell, verdict.cause.line)
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


def _problems(exercise: Exercise, submission: Submission, evidence: Evidence | None) -> list[Problem]:
    if evidence is None:
        return []
    first, all_raised = evidence.scene.traces[0], evidence.scene.raised
    found = list(foreign_numbers(evidence, submission)) if exercise.variant else []
    if all_raised:
        found += other_sizes(evidence, submission)
    unfilled = raised_by_blanks(evidence, submission) if all_raised else frozenset()
    for raised in all_raised:
        if raised in unfilled:
            continue
        if gap := gap_of(evidence, raised):
            if gap.kind in ("nothing", "unwritten") or (gap.kind == "absent" and first.left is None):
                found.append(Problem("raised", gap.message, _line(submission, raised.at_cell, raised.line)))
            continue
        if is_missing_package(raised):
            continue
        kind = "memory" if raised.error.startswith("MemoryError") else "raised"
        where = _line(submission, raised.at_cell, raised.line)
        said = said_of_python_2(raised.error) or f"{CRASHED}{raised.error}"
        found.append(Problem("memory" if kind == "memory" else "raised", said, where))
    return found
