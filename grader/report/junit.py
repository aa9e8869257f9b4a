"""Render a result as JUnit XML: one test case per step, as CI systems and editors read it.

A step fed by an earlier mistake, or optional and left out, is `skipped`; one that could not be graded is an `error`,
never a failure.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.model import Outcome, Result, StepResult
from grader.report.block_text import scored, step_text
from grader.report.numbers import count
from grader.report.places import path_of
from grader.report.text import safe_xml

_KINDS: dict[Outcome, str] = {
    "wrong": "failure",
    "compensated": "failure",
    "borrowed": "failure",
    "missing": "failure",
    "carried": "skipped",
    "unjudged": "error",
}
"""The element of each outcome; a correct step has none."""


def render(result: Result, path: str) -> str:
    """The document. `path` is the submission as it was named, for the attribute `file`."""
    kinds = [_kind(step) for step in scored(result)]
    totals = {
        "tests": len(kinds),
        "failures": kinds.count("failure"),
        "errors": kinds.count("error"),
        "skipped": kinds.count("skipped"),
        "time": f"{result.seconds:.3f}",
    }
    suite = _tag("testsuite", {"name": result.exercise, **totals, "file": path})
    cases = [line for step in scored(result) for line in _case(result, step, path)]
    score = "" if result.score is None else count(result.score)
    properties = [_tag("property", {"name": "score", "value": score}, closed="/")] if score else []
    properties.append(_tag("property", {"name": "max_score", "value": count(result.max_score)}, closed="/"))
    inner = ["<properties>", *(f"  {line}" for line in properties), "</properties>", *cases]
    lines = [_tag("testsuites", totals), f"  {suite}", *(f"    {line}" for line in inner), "  </testsuite>"]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines, "</testsuites>", ""])


def _case(result: Result, step: StepResult, path: str) -> list[str]:
    attributes: dict[str, object] = {
        "classname": result.exercise,
        "name": step.name,
        "time": "0",
        "file": path_of(step.where, result, path),
    }
    if step.where is not None and step.where.cell is None:
        attributes["line"] = step.where.line
    points = f"{count(step.points)} / {count(step.max_points)}"
    lines = [
        _tag("testcase", attributes),
        "  <properties>",
        f"    {_tag('property', {'name': 'points', 'value': points}, closed='/')}",
        f"    {_tag('property', {'name': 'outcome', 'value': step.outcome}, closed='/')}",
        "  </properties>",
    ]
    if (kind := _kind(step)) is not None:
        said = step_text(result, step)
        attributes = {"message": said.split("\n", 1)[0], "type": step.outcome}
        lines.append(f"  {_tag(kind, attributes)}{safe_xml(said)}</{kind}>")
    return [*lines, "</testcase>"]


def _kind(step: StepResult) -> str | None:
    if step.outcome == "missing" and step.reason == "optional":
        return "skipped"
    return _KINDS.get(step.outcome)


def _tag(name: str, attributes: Mapping[str, object], closed: str = "") -> str:
    written = "".join(f' {key}="{safe_xml(str(value))}"' for key, value in attributes.items())
    return f"<{name}{written}{closed}>"
