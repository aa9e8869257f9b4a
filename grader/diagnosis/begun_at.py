"""A sum that several wrong steps begin with: `da = db = 1` for `da = db = 0`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader.diagnosis.finding import Finding
from grader.diagnosis.wording.messages import fixed, span_of
from grader.formula.syntax import Place
from grader.judge.verdicts import Verdict
from grader.model import Submission
from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import tree_of


def begun_at(submission: Submission, wrong: Sequence[Verdict], facts: Mapping[str, Finding]) -> Iterator[Finding]:
    """Yield findings that put 0 for the number that one statement binds to the names of several wrong steps, if these
    names are added to later. That it repairs them has yet to be shown by a run."""
    for verdict in wrong:
        site = verdict.site
        if site is None or site.cell >= len(submission.cells) or verdict.match is None:
            continue
        source = submission.cells[site.cell].source
        try:
            tree = tree_of(source)
        except (SyntaxError, ValueError):
            continue
        names = {one.match.bound_as for one in wrong if one.match is not None}
        added = {_name(one.target) for one in ast.walk(tree) if isinstance(one, ast.AugAssign)}
        for statement in ast.walk(tree):
            number = _begins(statement, names & added)
            if isinstance(statement, ast.Assign) and number is not None and verdict.match.bound_as in _bound(statement):
                place = _place(source, number)
                own = facts[verdict.step.name]
                last = statement.end_lineno or statement.lineno, statement.end_col_offset or 0
                there = replace(site, statement=(statement.lineno, statement.col_offset, *last))
                diagnosis = replace(
                    own.diagnosis,
                    message=f"Sums begin with 0: `{ast.unparse(number)}` is added to each of them here.",
                    confidence="likely",
                    replace_with="0",
                    fix=fixed(submission, there, place, "0"),
                )
                where = span_of(submission.cells[site.cell], submission.file, place)
                yield Finding(diagnosis, where, site.cell, place, "0", own.diagnosis)
                return


def _name(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) else ""


def _bound(statement: ast.Assign) -> set[str]:
    return set(map(_name, statement.targets)) - {""}


def _begins(statement: ast.AST, names: set[str]) -> ast.expr | None:
    """Return the number that a statement binds to more than one of the names; None if it is 0 or there is none."""
    match statement:
        case ast.Assign(targets, ast.Constant(int() | float() as number) as value) if number:
            return value if len(names.intersection(map(_name, targets))) > 1 else None
        case _:
            return None


def _place(source: str, node: ast.expr) -> Place:
    line = lines_of(source)[node.lineno - 1]
    end = node.end_col_offset or node.col_offset
    return Place(node.lineno, character_column(line, node.col_offset), node.lineno, character_column(line, end))
