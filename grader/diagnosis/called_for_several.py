"""Changes one line of a function that computes several wrong steps, if each call would have to be changed otherwise, or
if no small change repairs it.

A layer's `backward` may compute `self.db` for two layers in one line. If that line, rewritten by the chain rule of one
step in the function's own names, makes all these steps right in another run and no right step wrong, it is one mistake.
As this affects points, the run needs a fresh process that has not seen any right value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice

from grader.diagnosis.chain_rule.chain import derivation_of
from grader.diagnosis.diagnose import Rerun, right_after
from grader.diagnosis.finding import Finding, change_of, with_carried
from grader.diagnosis.messages import fixed, span_of
from grader.diagnosis.source_writer import SourceWriter
from grader.diagnosis.step.step_environment import step_environment
from grader.diagnosis.step_explainer import Explainer
from grader.formula.syntax import Place
from grader.instrument.site import Position
from grader.judge.evidence import Evidence
from grader.judge.verdicts import Verdict, right_steps
from grader.model import Cell, Submission
from grader.runner.session import Session
from grader.syntax_trees import shared_tree

MOST_TRIED = 8
"""How many formulas are tried for one line, each in its own run."""


def with_rewritten_lines(
    session: Session,
    evidence: Evidence,
    submission: Submission,
    pointed: tuple[Sequence[Verdict], Mapping[str, Finding]],
    rerun: Rerun,
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings. If rewriting one line of a function makes all wrong steps from it right, the first
    of them stays wrong and the others become carried."""
    verdicts, findings = tuple(pointed[0]), dict(pointed[1])
    right = right_steps(verdicts)
    for steps, rewritten in _of_one_helper(submission, verdicts, findings):
        session.renew()
        change = change_of(rewritten)
        if change is not None and {*steps, *right} <= right_after({change}, submission, rerun):
            findings[steps[0]] = rewritten
            verdicts, findings = with_carried(dict.fromkeys(steps[1:], steps[0]), verdicts, findings)
    together = [group for group in _groups(verdicts, findings) if len(group) > 1]
    if not together:
        return verdicts, findings
    scene = evidence.scene
    derivation = derivation_of(scene.exercise, scene.reference, scene.measures)
    explainer = Explainer(evidence, submission, step_environment(session, evidence, submission), derivation, verdicts)
    for group in together:
        names = [one.step.name for one in group]
        written = explainer.rewritten_by_rule(group[0], _facts(findings[names[0]]))
        for rewritten in islice((one for one in written if change_of(one) is not None), MOST_TRIED):
            session.renew()
            change = change_of(rewritten)
            if change is not None and {*names, *right} <= right_after({change}, submission, rerun):
                findings[names[0]] = rewritten
                verdicts, findings = with_carried(dict.fromkeys(names[1:], names[0]), verdicts, findings)
                break
    return verdicts, findings


def _of_one_helper(
    submission: Submission, verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> Iterator[tuple[list[str], Finding]]:
    """Yield the steps whose repairs change what one function is handed, and the finding that changes the function
    instead: `1 - y**2` for `1 - tanh(y)**2`, which is handed what went through tanh already."""
    helpers: dict[tuple[int, ast.FunctionDef], list[Verdict]] = {}
    trees = {cell: SourceWriter(one.source, shared_tree(one.source)) for cell, one in _readable(submission)}
    for one in sorted(verdicts, key=lambda one: one.order):
        change = change_of(findings[one.step.name]) if one.outcome == "wrong" and one.step.name in findings else None
        if change is not None and (writer := trees.get(change[0])) is not None:
            for helper in _handed(writer, change[1]):
                helpers.setdefault((change[0], helper), []).append(one)
    for (cell, helper), group in helpers.items():
        last, names = helper.body[-1], [one.step.name for one in group]
        site = group[0].site
        if len(group) > 1 and site is not None and isinstance(last, ast.Return) and last.value is not None:
            writer, own = trees[cell], findings[names[0]]
            had = writer.text(last.value)
            text = re.sub(rf"\b[\w.]+\({re.escape(helper.args.args[0].arg)}\)", helper.args.args[0].arg, had)
            there = replace(site, cell=cell, statement=_extent(last))
            place = writer.place(last.value)
            diagnosis = replace(own.diagnosis, replace_with=text, fix=fixed(submission, there, place, text))
            where = span_of(submission.cells[cell], submission.file, place)
            if text != had:
                yield names, replace(own, diagnosis=diagnosis, where=where, cell=cell, place=place, text=text)


def _readable(submission: Submission) -> Iterator[tuple[int, Cell]]:
    for number, cell in enumerate(submission.cells):
        with suppress(SyntaxError, ValueError):
            shared_tree(cell.source)
            yield number, cell


def _handed(writer: SourceWriter, place: Place) -> Iterator[ast.FunctionDef]:
    """Yield the function of one parameter that is called with what stands at a place."""
    helpers = {
        one.name: one for one in writer.tree.body if isinstance(one, ast.FunctionDef) and len(one.args.args) == 1
    }
    for node in ast.walk(writer.tree):
        match node:
            case ast.Call(ast.Name(name), [argument], []) if name in helpers and writer.place(argument) == place:
                yield helpers[name]


def _extent(statement: ast.stmt) -> Position:
    end_line, end = statement.end_lineno or statement.lineno, statement.end_col_offset or 0
    return statement.lineno, statement.col_offset, end_line, end


def _groups(verdicts: Sequence[Verdict], findings: Mapping[str, Finding]) -> list[list[Verdict]]:
    """Group the wrong steps without a small repair by the function line that computes them, in order of execution."""
    found: dict[int, list[Verdict]] = {}
    for one in sorted(verdicts, key=lambda one: one.order):
        own = findings.get(one.step.name)
        mended = own is not None and own.text is not None and not own.rewritten
        if one.outcome == "wrong" and one.site is not None and one.site.scope and own is not None and not mended:
            found.setdefault(one.site.number, []).append(one)
    return list(found.values())


def _facts(finding: Finding) -> Finding:
    return Finding(finding.facts or finding.diagnosis)
