"""Render a result for CI systems, editors and code scanners: as JUnit XML, one test case per step; as SARIF 2.1.0; and
for GitHub Actions, as annotations on the lines of a submission, and a summary of the job.

A step fed by an earlier mistake, or optional and left out, is `skipped`; one that could not be graded is an `error`,
never a failure.

Columns count characters (`unicodeCodePoints`). Lines of a notebook count within its cell, which SARIF cannot say: such
results name the file alone and the cell in their message.

Annotations are workflow commands on standard output. Characters that would end a command, or begin another, are
escaped as GitHub's toolkit does it: in messages `%`, carriage return and line feed, in properties `:` and `,` as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from urllib.parse import quote

from grader import __version__
from grader.model import Outcome, Result, Span, StepResult
from grader.report import facts
from grader.report.account import Block, Tone, blocks, wrong_groups
from grader.report.block_text import headline, scored, step_text, text
from grader.report.numbers import count
from grader.report.places import path_of
from grader.report.table import rows, tally
from grader.report.text import code_block, inline, safe_lines, safe_text, safe_xml

_KINDS: dict[Outcome, str] = {
    "wrong": "failure",
    "compensated": "failure",
    "borrowed": "failure",
    "missing": "failure",
    "carried": "skipped",
    "unjudged": "error",
}
"""The element of each outcome; a correct step has none."""

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVEL: dict[Tone, str] = {"wrong": "error", "warning": "warning", "note": "note"}

_UNNAMED = "wrong-step"
"""The rule of a mistake without a name in the catalogue."""


def junit_xml(result: Result, path: str) -> str:
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


def sarif_log(result: Result, path: str) -> str:
    """The document. `path` is the submission, relative to the repository where it is in one."""
    groups = wrong_groups(result)
    codes = {number: facts.misconception(result, group[0]) for number, group in enumerate(groups, 1)}
    found = [_result(block, path, codes.get(block.number or 0), result) for block in blocks(result)]
    rules = sorted({str(one["ruleId"]) for one in found})
    driver = {"name": "grader", "version": __version__, "rules": [{"id": rule, "name": rule} for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": found,
        "properties": {"exercise": result.exercise, "score": result.score, "maxScore": result.max_score},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=True) + "\n"


def _result(block: Block, path: str, code: str | None, result: Result) -> dict[str, object]:
    uri = quote(PurePath(path_of(block.where, result, path)).as_posix())
    artifact = {"artifactLocation": {"uri": uri}}
    region = _region(block.where)
    location = {"physicalLocation": artifact if region is None else {**artifact, "region": region}}
    made: dict[str, object] = {
        "ruleId": code or (_UNNAMED if block.tone == "wrong" else f"{block.tone}"),
        "level": _LEVEL[block.tone],
        "message": {"text": "\n".join(safe_text(line) for line in text(block).split("\n"))},
        "locations": [location],
    }
    if (fixed := _fix(block, region, artifact, result)) is not None:
        made["fixes"] = [fixed]
    return made


def _region(span: Span | None) -> dict[str, int] | None:
    if span is None or span.cell is not None:
        return None
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(
    block: Block, region: Mapping[str, int] | None, artifact: Mapping[str, object], result: Result
) -> dict[str, object] | None:
    """The proven repair of the marked range, where the reveal level shows it."""
    if block.number is None or region is None or not result.shows("diagnosis.replace_with"):
        return None
    found = wrong_groups(result)[block.number - 1][0].diagnosis
    if found is None or not found.replace_with or found.confidence == "one_of":
        return None
    replacement = {"deletedRegion": dict(region), "insertedContent": {"text": found.replace_with}}
    return {"artifactChanges": [{**artifact, "replacements": [replacement]}]}


_ANNOTATION: dict[Tone, str] = {"wrong": "error", "warning": "warning", "note": "notice"}


def github_annotations(result: Result, path: str) -> str:
    """One annotation per block, and a last line with the score. `path` is the submission, relative to the repository.

    Lines of notebooks are not those of their files, so these annotations name the cell in their text alone."""
    made = [_annotation(block, path_of(block.where, result, path)) for block in blocks(result)]
    score = _score(result)
    if score.lstrip().startswith("::"):  # a file of such a name must not become a command
        score = f"./{score}"
    return "\n".join([*made, score]) + "\n"


def _annotation(block: Block, path: str) -> str:
    properties = {"file": PurePath(path).as_posix(), **_range(block.where), "title": headline(block)}
    said = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items())
    return f"::{_ANNOTATION[block.tone]} {said}::{_escaped_message(text(block))}"


def _range(span: Span | None) -> dict[str, int]:
    """Where an annotation is shown. GitHub takes columns only for ranges within one line."""
    if span is None or span.cell is not None:
        return {}
    lines = {"line": span.line, "endLine": span.end_line}
    if span.end_line > span.line:
        return lines
    return {**lines, "col": span.column, "endColumn": max(span.end_column - 1, span.column)}


def _score(result: Result) -> str:
    if result.score is None:
        return safe_lines(f"{result.submission}: could not be graded")
    return safe_lines(f"{result.submission}: {count(result.score)} / {count(result.max_score)} points")


def github_error(message: str) -> str:
    """An annotation without a place: why there is no result."""
    return f"::error title=Not graded::{_escaped_message(message.strip())}\n"


def markdown_summary(result: Result) -> str:
    """The Markdown for `$GITHUB_STEP_SUMMARY`: score, mistakes and the table of steps."""
    head, *table = rows(result)
    parts = [f"## {inline(result.title or result.exercise)}", inline(_score(result))]
    if result.score is not None:
        parts.append(inline(tally(result.steps)))
    for block in blocks(result):
        parts.append(f"### {inline(headline(block))}")
        parts.append(code_block(text(block).split("\n", 1)[-1]) if "\n" in text(block) else "")
    lines = [_row([word for word, _ in head]), _row(["---"] * len(head))]
    lines += [_row([inline(word) for word, _ in row]) for row in table]
    return "\n\n".join(part for part in [*parts, "\n".join(lines)] if part) + "\n"


def _row(words: list[str]) -> str:
    return f"| {' | '.join(words)} |"


def _escaped_message(words: str) -> str:
    return safe_lines(words).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(words: str) -> str:
    return _escaped_message(words).replace(":", "%3A").replace(",", "%2C")
