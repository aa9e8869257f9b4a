"""Yields the small changes of all statements that a wrong value may come from, likely ones first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from grader.diagnosis.repair_trials.across import edits_across
from grader.diagnosis.repair_trials.statement_edits import (
    additions,
    changes_of_what_is_there,
    edits_by_error,
    statement_at,
)
from grader.diagnosis.repair_trials.suspects import reading, suspects
from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.instrument.site import Position, Site
from grader.judge.verdicts import Verdict
from grader.model import Submission
from grader.syntax_trees import tree_of

NAMES = 24
"""How many names are considered as replacements, at most."""

VERSIONS = 3000
"""How many changes are tried in one run."""

OF_ONE = 500
"""How many changes of one kind are tried in a line that only leads to the one at fault: a long list leaves room for the
other lines."""


@dataclass(frozen=True, slots=True)
class StatementChange:
    """An edit of a statement; `site` is the site of that statement."""

    site: Site
    edit: SourceEdit


def statement_changes(
    submission: Submission, verdicts: Sequence[Verdict], verdict: Verdict, needed: frozenset[str]
) -> Iterator[StatementChange]:
    """Yield all small changes of the statements that may be wrong, likely ones first; `needed` are the names in the
    chain rule of the step."""
    site = _own_place(submission, verdict)
    if site is None:
        return  # the lines that call the submission's functions are the exercise's own
    source = submission.cells[site.cell].source
    try:
        tree = tree_of(source)
    except (SyntaxError, ValueError):
        return
    statement = statement_at(tree, site.statement)
    if statement is None:
        return
    nodes = list(ast.walk(tree))
    across = (
        StatementChange(site, edit) for edit in edits_across(source, tree, statement, _names(nodes, statement, needed))
    )
    writer = SourceWriter(source, tree, "\n".join(cell.source for cell in submission.cells))
    if verdict.cause is not None:
        yield from (StatementChange(site, edit) for edit in edits_by_error(writer, statement, verdict.cause))
    in_return = verdict.located and isinstance(statement, ast.Return)
    if not in_return:
        yield from across
    yield from _inside_methods(writer, site, statement)
    seen: set[tuple[object, str]] = set()
    suspected = suspects(tree, statement, _right_places(verdicts, site.cell))
    if verdict.located:  # the lines that read what is made there may be at fault as well
        suspected[1:1] = [one for one in reading(tree, statement, _own_names(verdict)) if one not in suspected]
    named = _naming(tree, statement, verdict)
    if named is not None and named not in suspected:
        suspected.insert(1, named)
    looked_at = [(one, _names(nodes, one, needed)) for one in suspected]
    # What is missing in the line at fault comes before changes of other lines, which would only make up for it; but a
    # further term there may be what makes up for a factor of an earlier one. Where a line is known to return its values
    # in a wrong order, all changes of it come first.
    own = [tried for tried in looked_at if tried[0] is statement] if in_return else looked_at[:1]
    others = [tried for tried in looked_at if tried not in own]
    of_own = ((own, changes_of_what_is_there), (own, additions if in_return else _factors_added))
    # Of a local that the line reads, what is missing there comes before all the rest.
    read = {name for one, _ in own for name in _read_in(one)}
    near = [tried for tried in others if not read.isdisjoint(_bound_in(tried[0]))]
    of_others = ((others, changes_of_what_is_there), (near, _factors_added))
    for some, kind in (*of_own, *of_others, (own, additions), (others, additions)):
        for one, names in some:
            for edit in islice(kind(writer, one, names), VERSIONS if some is own else OF_ONE):
                if (edit.place, edit.text) not in seen:
                    seen.add((edit.place, edit.text))
                    yield StatementChange(replace(site, statement=_position(one)), edit)
    if in_return:
        yield from across


def _inside_methods(writer: SourceWriter, site: Site, statement: ast.stmt) -> Iterator[StatementChange]:
    """Yield changes of the methods of the submission's classes that a statement only calls, `dZ = relu.backward(dH)`,
    in their own names: what is missing there is not put in where they are called."""
    match statement:
        case ast.Assign(value=ast.Call(func=ast.Attribute(attr=name))):
            pass
        case _:
            return
    classes = [node for node in writer.tree.body if isinstance(node, ast.ClassDef)]
    for one in classes:
        fields = {node.attr for node in ast.walk(one) if isinstance(node, ast.Attribute) and not _is_read(node)}
        for method in one.body:
            if isinstance(method, ast.FunctionDef) and method.name == name and method.args.args:
                taken = [argument.arg for argument in method.args.args[1:]]
                names = [*taken, *(f"{method.args.args[0].arg}.{field}" for field in sorted(fields))]
                for kind in (changes_of_what_is_there, additions):
                    for part in ast.walk(method):
                        if isinstance(part, ast.Assign | ast.Return):
                            edits = kind(writer, part, names[:MOST_NAMES])
                            yield from (
                                StatementChange(replace(site, statement=_position(part)), edit) for edit in edits
                            )


MOST_NAMES = 6
"""How many names of a method are tried in it."""


def _is_read(node: ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Load)


def _naming(tree: ast.Module, statement: ast.stmt, verdict: Verdict) -> ast.stmt | None:
    """Return the last line that gives a step its name, `dh0 = dh[0]`, `dw = two.dw` or `dh0 = back(dh[1])`, if it is
    another one than the statement in which its value was made: that value may be right as it is, and not the one that
    was meant."""
    names = _own_names(verdict)
    named: list[ast.stmt] = []
    for one in tree.body:
        match one:
            case ast.Assign([target], ast.Subscript() | ast.Attribute() | ast.Call()) if names & _plain_names(target):
                named.append(one)
    return named[-1] if named and named[-1] is not statement else None


def _own_names(verdict: Verdict) -> set[str]:
    """Return the names that a step may be bound to."""
    return {verdict.step.name, "" if verdict.match is None else verdict.match.bound_as}


def _plain_names(target: ast.expr) -> set[str]:
    """Return the variables that a target binds: `dx, dw` binds two."""
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    return {one.id for one in parts if isinstance(one, ast.Name)}


def _read_in(statement: ast.stmt) -> set[str]:
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def _bound_in(statement: ast.stmt) -> set[str]:
    """The names that an assignment binds; none for a loop, which is no place of a factor."""
    targets = statement.targets if isinstance(statement, ast.Assign) else ()
    return {one.id for one in targets if isinstance(one, ast.Name)}


def _factors_added(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield the additions that put no term into a sum."""
    return (edit for edit in additions(writer, statement, names) if edit.missing != "term")


def _own_place(submission: Submission, verdict: Verdict) -> Site | None:
    """Return the verdict's site; in place of one in the exercise's own code, which called a function that raised, that
    of the line that raised. None if the submission has no such line."""
    site, cause = verdict.site, verdict.cause
    if site is None or site.cell < len(submission.cells):
        return site
    if cause is None or cause.at_cell >= len(submission.cells):
        return None
    line = submission.cells[cause.at_cell].source.split("\n")[cause.line - 1]
    start = len(line.encode()) - len(line.lstrip().encode())
    return replace(site, cell=cause.at_cell, statement=(cause.line, start, cause.line, len(line.rstrip().encode())))


def _position(statement: ast.stmt) -> Position:
    """Return the position of a statement; of a loop or condition only that of its head."""
    end: ast.stmt | ast.expr = statement
    match statement:
        case ast.For(iter=inner) | ast.If(test=inner) | ast.While(test=inner):
            end = inner
    return statement.lineno, statement.col_offset, end.end_lineno or end.lineno, end.end_col_offset or 0


def _right_places(verdicts: Sequence[Verdict], cell: int) -> set[tuple[int, int]]:
    """Return the start positions of the statements in a cell that bind a right value."""
    sites = (one.site for one in verdicts if one.outcome == "correct" and one.site is not None)
    return {site.statement[:2] for site in sites if site.cell == cell}


def _names(nodes: Sequence[ast.AST], statement: ast.stmt, needed: frozenset[str]) -> list[str]:
    """Return the variables bound or read in the statement's function, and in those around it, up to the statement,
    those that are `needed` and those mentioned nearest to it first, be it further down; at most `NAMES`. `nodes` are
    all of the cell."""
    inside = [
        node
        for node in nodes
        if isinstance(node, ast.FunctionDef) and node.lineno <= statement.lineno <= (node.end_lineno or node.lineno)
    ]
    scope = list(ast.walk(inside[0])) if inside else nodes
    near: dict[str, int] = {}
    bound: set[str] = set()
    elsewhere = _of_comprehensions(scope, statement)
    made = {node for target in getattr(statement, "targets", []) for node in ast.walk(target)}
    for node in (one for one in scope if one not in elsewhere):
        name = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else None
        if name is not None:
            line = getattr(node, "lineno", 0)
            if line <= statement.lineno and node not in made:
                bound.add(name)
            away = abs(statement.lineno - line)
            near[name] = min(away, near.get(name, away))
    imported = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    builtins = {"len", "range", "sum", "zip", "enumerate", "float", "int", "print", "reversed", "list", "dict", "max"}
    known = bound - imported - functions - builtins
    later = _filled_later(scope, statement)
    return sorted(known, key=lambda name: (name in later, name not in needed, near[name], name))[:NAMES]


def _of_comprehensions(scope: Sequence[ast.AST], statement: ast.stmt) -> set[ast.AST]:
    """Return the nodes that hold the counters and elements of comprehensions in other statements: these names are
    known there alone."""
    here = set(ast.walk(statement))
    found: set[ast.AST] = set()
    for node in scope:
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp) and node not in here:
            inner = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
            targets = {part.id for part in inner if isinstance(part.ctx, ast.Store)}
            found |= {part for part in inner if part.id in targets}
    return found


def _filled_later(scope: Sequence[ast.AST], statement: ast.stmt) -> set[str]:
    """Return the arrays whose entries are bound only below a statement, which have nothing in them before."""
    places: dict[str, list[int]] = {}
    for node in scope:
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                places.setdefault(name, []).append(node.lineno)
    return {name for name, lines in places.items() if min(lines) > statement.lineno}
