"""Moodle VPL: execution files, and the output that VPL reads a grade and comments from.

VPL takes the last line `Grade :=>> NUMBER` at the start of a line for the grade, and what is between the lines `<|--`
and `--|>` for comments, in which `-` begins a title and `>` a line of code (its `vpl_submission_CE`)."""

from __future__ import annotations

import base64
import re

from grader.model import Result, StepResult
from grader.packages.contents import FOLDER, compressed_tar, contents, under
from grader.packages.scripts import script
from grader.packages.targets import Outcome, PackageFile, PackageRequest, PackageSettings, Ungraded, score_line
from grader.report.account import Block, blocks
from grader.report.block_text import block_of, headline, scored, step_text
from grader.report.numbers import count
from grader.report.text import safe_text

ARCHIVE = "grader_package.b64"
"""Everything else in one text file: VPL handles few other files of programs well."""


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """The files to upload as execution files."""
    packed = base64.encodebytes(compressed_tar(under(FOLDER, contents(request))))
    return (
        PackageFile("README.md", script("vpl_readme.md")),
        PackageFile("vpl_evaluate.sh", script("vpl_evaluate.sh"), executable=True),
        PackageFile("vpl_run.sh", script("vpl_run.sh"), executable=True),
        PackageFile(ARCHIVE, packed),
    )


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """Comments per step and then the grade. Without a score there is no grade, and the old one stays."""
    if isinstance(outcome, Ungraded):
        return _comments([outcome.student])
    if outcome.score is None:
        return _comments([line for block in blocks(outcome) for line in _block(block)])
    lines = [f"-{safe_text(outcome.title or outcome.exercise)}: {score_line(outcome)}"]
    for block in blocks(outcome):
        if not block.steps:
            lines += _block(block)
    for step in scored(outcome):
        lines += _step(outcome, step)
    return f"{_comments(lines)}Grade :=>> {_grade(outcome, settings)}\n"


def _step(result: Result, step: StepResult) -> list[str]:
    # A title that ends in a number in brackets is shown as a deduction.
    lost = step.max_points - step.points
    mark = f" (-{count(lost)})" if lost else ""
    block = block_of(result, step)
    inside = (
        _block(block)[1:] if block is not None and step.outcome != "missing" else step_text(result, step).split("\n")
    )
    return [f"-{step.name}: {count(step.points)} / {count(step.max_points)}{mark}", *inside]


def _block(block: Block) -> list[str]:
    lines = [f"-{headline(block)}", headline(block)]
    if block.quote is not None:
        lines.append(f">{block.quote.text.strip()}")
    lines += block.facts
    if block.help is not None:
        lines.append(block.help)
    return [*lines, *(f">{line}" for line in block.code)]


_TAG = re.compile(r":=>>|<\|--|--\|>")


def _comments(lines: list[str]) -> str:
    """A block of comments in which nothing that a student wrote is read as one of VPL's marks."""
    plain = (_TAG.sub(lambda mark: " ".join(mark[0]), safe_text(line)) for line in lines)
    return "".join(f"{line}\n" for line in ("<|--", *plain, "--|>"))


def _grade(result: Result, settings: PackageSettings) -> str:
    """The score on the scale of the activity; on that of the points where VPL did not say."""
    if result.score is None:
        raise ValueError("a result without a score has no grade")
    if settings.lowest is None or settings.highest is None:
        return f"{result.score:g}"
    share = result.score / result.max_score
    return f"{round(settings.lowest + share * (settings.highest - settings.lowest), 4):g}"
