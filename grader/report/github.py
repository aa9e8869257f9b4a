"""Render a result for GitHub Actions: annotations on the lines of a submission, and a summary of the job.

Annotations are workflow commands on standard output. Characters that would end a command, or begin another, are
escaped as GitHub's toolkit does it: in messages `%`, carriage return and line feed, in properties `:` and `,` as well.
"""

from __future__ import annotations

from pathlib import PurePath

from grader.model import Result, Span
from grader.report.account import Block, Tone, blocks
from grader.report.block_text import headline, text
from grader.report.numbers import count
from grader.report.places import path_of
from grader.report.table import rows, tally
from grader.report.text import code_block, inline, safe_lines

_LEVEL: dict[Tone, str] = {"wrong": "error", "warning": "warning", "note": "notice"}


def render(result: Result, path: str) -> str:
    """One annotation per block, and a last line with the score. `path` is the submission, relative to the repository.

    Lines of notebooks are not those of their files, so these annotations name the cell in their text alone."""
    made = [_annotation(block, path_of(block.where, result, path)) for block in blocks(result)]
    score = _score(result)
    if score.lstrip().startswith("::"):  # a file of such a name must not become a command
        score = f"./{score}"
    return "\n".join([*made, score]) + "\n"


def _annotation(block: Block, path: str) -> str:
    properties = {"file": PurePath(path).as_posix(), **_range(block.where), "title": headline(block)}
    said = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{_LEVEL[block.tone]} {said}::{_message(text(block))}"


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


def error(message: str) -> str:
    """An annotation without a place: why there is no result."""
    return f"::error title=Not graded::{_message(message.strip())}\n"


def summary(result: Result) -> str:
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


def _message(words: str) -> str:
    return safe_lines(words).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _message(words).replace(":", "%3A").replace(",", "%2C")
