"""What ended the program, and what was missing on this machine: the problems listed first in a report, and the verdicts
that are not given because of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.judge.borrowed.borrowing import NOT_SHOWN
from grader.judge.evidence import Evidence
from grader.judge.score import unjudged_without_package, unjudged_without_time
from grader.judge.verdicts import Verdict
from grader.model import Limits, Problem, ProblemKind, Span, Submission
from grader.runner.child import subreaper
from grader.runner.session import Session
from grader.runner.types import Noted, Raised, Trace
from grader.runner.wire import TIME_LIMIT
from grader.submission.spans import line_span, line_text
from grader.submission.wording import WITHOUT
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


def unjudged_by_incidents(
    verdicts: Sequence[Verdict], evidence: Evidence, incidents: RunIncidents
) -> tuple[Verdict, ...]:
    """Set right steps to unjudged if the submission uses a differentiation library and no time was left to test which
    values depend on it, and missing ones if it could not be run without a package that is not installed. Where time ran
    out, that is the reason why a step was not shown to be derived."""
    used = any(trace.used for trace in (*evidence.scene.traces, *evidence.forced))
    if incidents.noted and any(_NEEDED.match(raised.error) for raised in evidence.scene.traces[0].raised):
        verdicts = unjudged_without_package(verdicts)
    if not incidents.untried:
        return tuple(verdicts)
    late = (replace(one, reason="timeout") if one.reason == NOT_SHOWN else one for one in verdicts)
    return unjudged_without_time(tuple(late)) if used else tuple(late)


def first_problems(
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
    if first is not None and has_ended_itself(first):
        # If no step was lost by it, ending the program early is not a problem.
        if any(verdict.outcome in ("unjudged", "missing") for verdict in verdicts):
            yield _left(submission, first)
        return
    traces = (*evidence.scene.traces, *evidence.forced)
    stopped = next(
        (one for one in traces if one.ended in _STOPPED or (one.left is not None and not has_ended_itself(one.left))),
        None,
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
    said = text.format(seconds=limits.seconds, output=limits.output, processes=subreaper.MAX_PROCESSES)
    loop = None if left is None or kind != "timeout" else _loop(submission, left)
    if left is None or (where := _where(submission, left)) is None:
        return Problem(kind, f"it {said}")
    if loop is None:
        return Problem(kind, f"{_this(where)} {said}{judged}", where)
    cell, node = loop
    where = _line(submission, cell, node.lineno)
    said = "never ends" if _is_endless(node) else said
    return Problem(kind, f"{_this(where)} `{_head(submission.cells[cell].source, node)}` {said}{judged}", where)


def has_ended_itself(left: Raised) -> bool:
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
