"""Repairs lines that cannot be read: tries small changes of the source text by running the submission.

This comes last and has a time limit. Many changes are first tried in one run (`trials`); those that cannot be are tried
one after the other. The changes that succeed are then proven like any other repair.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from grader.diagnosis.finding import Change, Finding, change_of, needs_running
from grader.diagnosis.messages import fixed, span_of
from grader.diagnosis.repair_text import spliced
from grader.diagnosis.repair_trials.across import edits_across
from grader.diagnosis.repair_trials.doubtful_changes import averages, brings_length
from grader.diagnosis.repair_trials.named_changes import agrees
from grader.diagnosis.repair_trials.statement_edits import (
    additions,
    changes_of_what_is_there,
    edits_by_error,
    statement_at,
)
from grader.diagnosis.repair_trials.suspects import growing, reading, suspects
from grader.diagnosis.repair_trials.trials import Asked, Trial, Trials, Version, right_versions, statements_of
from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.exercise.types import Exercise
from grader.instrument.site import Position, Site
from grader.judge.matching.compare import same
from grader.judge.verdicts import Verdict, right_steps
from grader.model import Observed, Submission, Value
from grader.submission.wording import SPOILT
from grader.syntax_trees import tree_of

SECONDS = 10.0
"""CPU seconds, of the grader and the runs together, for trying repairs of one submission. Points depend on what is
found (a repair shows which steps were spoilt by one mistake), so the counts below are meant to end the search first,
however slow the machine is."""

NAMES = 24
"""How many names are considered as replacements, at most."""

VERSIONS = 3000
"""How many changes are tried in one run."""

OF_ONE = 500
"""How many changes of one kind are tried in a line that only leads to the one at fault: a long list leaves room for the
other lines."""

FIRST = 400
"""How many of `VERSIONS` are tried in a first run, before the others."""

ALONE = 60
"""How many changes, of those that cannot be tried together in one run, are run by themselves for one step."""

PROVEN = 6
"""How many of the changes that are right at the given numbers are run at all points."""

Judged = Callable[[Submission], Sequence[Verdict]]
"""A function that runs and judges a changed submission."""


@dataclass(frozen=True, slots=True)
class Running:
    """How submissions are run here.

    `tried` judges at the given numbers only, which rejects most changes; `proven` judges at every point. `seen` runs a
    trial and returns its results. `spent` returns the CPU seconds of all runs so far. `right` are the right values at
    the given numbers, `exercise` is what they are values of."""

    tried: Judged
    proven: Judged
    seen: Callable[[Trial], Sequence[Observed]]
    spent: Callable[[], float]
    right: Mapping[str, Value]
    exercise: Exercise

    @property
    def answer(self) -> str:
        """The code that the exercise itself runs, "" for none."""
        return self.exercise.answer or ""

    @property
    def clock(self) -> float:
        """CPU seconds of the grader and the runs together: a busy machine tries as many changes as an idle one."""
        return self.spent() + time.thread_time()


def repaired_by_running(
    submission: Submission, verdicts: Sequence[Verdict], findings: Mapping[str, Finding], running: Running
) -> dict[str, Finding]:
    """Return the findings, with repairs added for wrong steps that had none, or only a rewritten line. If a repair also
    makes other steps right, their findings name its step in `mended_by`."""
    found = dict(findings)
    deadline = running.clock + SECONDS
    right = right_steps(verdicts)
    for verdict in verdicts:
        own = found.get(verdict.step.name)
        if own is None or own.mended_by is not None or not needs_running(verdict, found):
            continue
        if running.clock > deadline:
            break
        # A line that computes several steps, one in each pass, is repaired only if all of them are right.
        wanted = right | {one.step.name for one in verdicts if one.outcome == "wrong" and _is_of_line(one, verdict)}
        needed = frozenset(re.findall(r"[^\W\d]\w*", (own.diagnosis.rule or "").partition(" = ")[2]))
        base = replace(_mended_so_far(submission, verdicts, found, verdict, running), needed=needed)
        if verdict.step.name in base.right:
            lead = _leading(submission, base, verdict, running)
            found[verdict.step.name] = replace(Finding(own.facts or own.diagnosis), mended_by=lead)
            continue
        for change in _likely(base, verdicts, verdict, running, deadline):
            if running.clock > deadline:
                break
            after = right_steps(running.proven(_with(base.submission, change)))
            if wanted <= after:
                left_out = never_written(verdict, running.right) if _is_of_a_head(submission, change) else ""
                found[verdict.step.name] = _told(submission, change, own, left_out)
                found |= _mended_too(verdicts, found, verdict, after - base.right)
                break
    return found


@dataclass(frozen=True, slots=True)
class _Base:
    """What changes are tried in: the submission with the repairs of other steps in it, so that what they spoil is seen.

    `lines`: the lines these repairs change, each with its cell. `right`: the steps that are right with them; empty
    without any. `asked`: the steps that are not right in its natural run. `changes`: the repairs, by step."""

    submission: Submission
    asked: list[Asked]
    lines: frozenset[tuple[int, int]] = frozenset()
    right: frozenset[str] = frozenset()
    changes: tuple[tuple[str, Change], ...] = ()
    needed: frozenset[str] = frozenset()


def _mended_so_far(
    submission: Submission,
    verdicts: Sequence[Verdict],
    findings: Mapping[str, Finding],
    verdict: Verdict,
    running: Running,
) -> _Base:
    """Return the submission with the repairs of other lines, if these make no right step wrong; otherwise as it is."""
    before = _Base(submission, _asked(submission, verdicts, running.right))
    site = verdict.site
    within: dict[Change, str] = {}
    for name, one in findings.items():
        change = None if name == verdict.step.name or one.anew else change_of(one)
        if change is None or change[0] >= len(submission.cells):
            continue
        cell, place, text = change
        own = site is not None and cell == site.cell and site.statement[0] <= place.line <= site.statement[2]
        if place.line == place.end_line and "\n" not in text and not own:
            within.setdefault(change, name)
    lines = [(cell, place.line) for cell, place, _ in within]
    if not lines or len(set(lines)) < len(lines):
        return before
    mended = _changed(submission, within)
    right = right_steps(running.proven(mended))
    if not right_steps(verdicts) <= right:
        return before
    by_step = tuple((name, change) for change, name in within.items())
    return _Base(mended, _asked(mended, running.tried(mended), running.right), frozenset(lines), right, by_step)


def _changed(submission: Submission, changes: Iterable[Change]) -> Submission:
    """Return the submission with changes on different lines."""
    cells = list(submission.cells)
    for cell, place, text in changes:
        source = spliced(cells[cell].source, place, text)
        cells[cell] = replace(cells[cell], source=source, text=source)
    return replace(submission, cells=tuple(cells))


def _leading(submission: Submission, base: _Base, verdict: Verdict, running: Running) -> str:
    """Return the step whose repair makes this step right too: one whose repair is enough, or else the first."""
    steps = [name for name, _ in base.changes]
    alone = (
        name
        for name, change in base.changes
        if verdict.step.name in right_steps(running.proven(_changed(submission, (change,))))
    )
    return next(alone, steps[0])


def _is_of_line(verdict: Verdict, other: Verdict) -> bool:
    """Whether the same statement bound both steps."""
    one, two = verdict.site, other.site
    return one is not None and two is not None and (one.cell, one.statement) == (two.cell, two.statement)


def _mended_too(
    verdicts: Sequence[Verdict], found: Mapping[str, Finding], lead: Verdict, after: frozenset[str]
) -> dict[str, Finding]:
    """Return new findings of the other wrong steps that the repair of `lead` makes right (`after`)."""
    wrong = (one for one in verdicts if one.outcome in ("wrong", "compensated") and one is not lead)
    others = (one for one in wrong if one.step.name in after and one.step.name in found)
    return {
        one.step.name: replace(
            Finding(found[one.step.name].facts or found[one.step.name].diagnosis), mended_by=lead.step.name
        )
        for one in others
    }


@dataclass(frozen=True, slots=True)
class _Change:
    """An edit of a statement; `site` is the site of that statement."""

    site: Site
    edit: SourceEdit


def _likely(
    base: _Base, verdicts: Sequence[Verdict], verdict: Verdict, running: Running, deadline: float
) -> Iterator[_Change]:
    """Yield the changes that make a step right at the given numbers."""
    submission = base.submission
    found = (one for one in _changes(submission, verdicts, verdict, base.needed) if _keeps(base, one))
    if not averages(running.exercise):
        found = (one for one in found if not brings_length(submission.cells[one.site.cell].source, one.edit))
    own = verdict.site
    if (verdict.note or "").endswith(SPOILT) and own is not None and own.cell < len(submission.cells):
        # The value was right and then updated too early: any change that undoes the update would make it right. Meant
        # is another order, or a copy made before.
        source = submission.cells[own.cell].source
        found = (change for change in found if _reorders(source, change.edit) or _copies(change.edit))
    changes = islice(found, VERSIONS)
    asked = base.asked
    if _is_bound_again(submission, verdict):  # what is seen in the end is the sum, and not the term that was judged
        asked = [replace(one, own=None) if one.step == verdict.step.name else one for one in asked]
    trials = Trials(submission, running.answer, _end(submission, verdicts, running.answer))
    alone: list[_Change] = []
    # One change may repair several wrong steps: what repairs only this one waits until all changes are tried.
    in_part: list[_Change] = []
    for count in (VERSIONS,) if not asked else (FIRST, VERSIONS):
        some = list(islice(changes, count))
        versions = [Version(change.site.cell, change.edit.place, change.edit.text) for change in some]
        trial = trials.of(versions, asked) if asked else None
        results = [] if trial is None else running.seen(trial)
        whole, part = right_versions(results, asked, verdict.step.name)
        yield from (some[number] for number in whole[:PROVEN])
        in_part += (some[number] for number in part)
        if sum(one.outcome == "wrong" and one.step.name not in base.right for one in verdicts) == 1:
            yield from in_part[:PROVEN]
            in_part = []
        # Changes that the trial cannot run are tried one by one below.
        seen = trial.versions if trial is not None and results else ()
        alone += [change for number, change in enumerate(some) if number not in seen]
    yield from in_part[:PROVEN]
    for change in alone[:ALONE]:
        if running.clock > deadline:
            return
        if verdict.step.name in right_steps(running.tried(_with(submission, change))):
            yield change


def _keeps(base: _Base, change: _Change) -> bool:
    """Whether a change leaves the lines alone that other repairs change: their text is not the student's."""
    place = change.edit.place
    return not any((change.site.cell, line) in base.lines for line in range(place.line, place.end_line + 1))


def _copies(edit: SourceEdit) -> bool:
    """Whether an edit takes a copy where an array itself was taken."""
    return edit.text.endswith((".copy()", ".clone()"))


def _reorders(source: str, edit: SourceEdit) -> bool:
    """Whether an edit only puts the same lines into another order."""
    place = edit.place
    lines = source.split("\n")[place.line - 1 : place.end_line]
    if len(lines) < 2:
        return False
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return sorted(map(str.strip, lines)) == sorted(map(str.strip, edit.text.split("\n")))


def _changes(
    submission: Submission, verdicts: Sequence[Verdict], verdict: Verdict, needed: frozenset[str]
) -> Iterator[_Change]:
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
    across = (_Change(site, edit) for edit in edits_across(source, tree, statement, _names(nodes, statement, needed)))
    writer = SourceWriter(source, tree, "\n".join(cell.source for cell in submission.cells))
    if verdict.cause is not None:
        yield from (_Change(site, edit) for edit in edits_by_error(writer, statement, verdict.cause))
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
                    yield _Change(replace(site, statement=_position(one)), edit)
    if in_return:
        yield from across


def _inside_methods(writer: SourceWriter, site: Site, statement: ast.stmt) -> Iterator[_Change]:
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
                            yield from (_Change(replace(site, statement=_position(part)), edit) for edit in edits)


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


def _is_bound_again(submission: Submission, verdict: Verdict) -> bool:
    """Whether later statements beside a step's own bind its name again: further terms, one of which is put in place of
    the sum so far."""
    site = verdict.site
    if site is None or site.in_loop or site.cell >= len(submission.cells):
        return False
    try:
        tree = tree_of(submission.cells[site.cell].source)
    except (SyntaxError, ValueError):
        return False
    statement = statement_at(tree, site.statement)
    return statement is not None and bool(growing(tree, statement))


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


def _asked(submission: Submission, verdicts: Sequence[Verdict], right: Mapping[str, Value]) -> list[Asked]:
    """Return the steps that are not right in the student's own run at the given numbers."""
    found = []
    owners = dict.fromkeys(one.site.owner for one in verdicts if one.site is not None)
    objects = _objects(submission)
    for one in verdicts:
        name, wanted = one.step.name, right.get(one.step.name)
        event = None if one.match is None else one.match.value_at(0)
        if one.outcome not in ("wrong", "carried", "unjudged") or wanted is None:
            continue
        if one.match is None or event is None or one.reason == "raised":
            found.append(Asked(name, (name, *_read_from(owners, _keys_of(name))), None, wanted))
        elif isinstance(event.value, Value) and not same(event.value, wanted):
            index = "".join(name.partition("[")[1:])
            bound = one.match.bound_as
            fields = (f"{each}.{bound}{key}" for each in objects for key in ("", index))
            names = (bound, name, f"{bound}{index}", *_held_in(one), *fields)
            found.append(Asked(name, tuple(dict.fromkeys(filter(None, names))), event.value, wanted))
    return found


MOST_OBJECTS = 4
"""In how many objects a step is looked for, at most."""


def _objects(submission: Submission) -> list[str]:
    """Return the top-level variables that hold an object of a class of the submission: a method binds its fields."""
    statements = [one for cell in submission.cells for one in statements_of(cell.source)]
    classes = {node.name for node in statements if isinstance(node, ast.ClassDef)}
    found: dict[str, None] = {}
    for node in statements:
        match node:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name(called))) if called in classes:
                found[name] = None
    return list(found)[:MOST_OBJECTS]


def _held_in(verdict: Verdict) -> tuple[str, ...]:
    """Return expressions that read a step from its container, such as `cache['dW1']` or `cache.dW1`."""
    event = None if verdict.match is None else verdict.match.value_at(0)
    owners = ["" if verdict.site is None else verdict.site.owner, "" if event is None else event.owner]
    label = "" if event is None else event.label
    return _read_from(owners, dict.fromkeys(filter(None, (*_keys_of(verdict.step.name), label))))


def _keys_of(step: str) -> tuple[str, str]:
    return step, step.removeprefix("d")


def _read_from(owners: Iterable[str], keys: Iterable[str]) -> tuple[str, ...]:
    parted = (one.split(".") for one in owners if one)
    held = [first + "".join(f"[{one!r}]" for one in inner) for first, *inner in parted]
    return tuple(f"{one}{way}" for one in held for key in keys for way in (f"[{key!r}]", f".{key}"))


def _end(submission: Submission, verdicts: Sequence[Verdict], answer: str) -> tuple[int, int]:
    """Return the cell and top-level statement with which the answer ends: changed versions run no further."""
    cells = len(submission.cells)
    if answer:
        return cells, len(answer)
    placed = [(one, one.site) for one in verdicts if one.site is not None and one.site.cell < cells]
    # A value bound in a function is used further down, and a step that was not bound comes after a line that raised.
    further = any(site.scope for _, site in placed) or any(one.match is None for one in verdicts)
    last = max(((site.cell, site.top) for _, site in placed), default=(cells, 0))
    if further and last[0] < cells:
        return last[0], len(submission.cells[last[0]].source)
    names = {one.match.bound_as for one, _ in placed if one.match is not None and one.outcome == "wrong"}
    return max(last, *(_bound_from(submission, site, names) for one, site in placed if one.outcome == "wrong"))


def _bound_from(submission: Submission, site: Site, names: set[str]) -> tuple[int, int]:
    """Return the first top-level statement, from a site on, that binds one of these names; if later ones add to it, the
    last of those."""
    tree = tree_of(submission.cells[site.cell].source)
    first: int | None = None
    for top, statement in enumerate(tree.body[site.top :], site.top):
        nodes = [one for one in ast.walk(statement) if isinstance(one, ast.Name) and one.id in names]
        bound = {one.id for one in nodes if isinstance(one.ctx, ast.Store)}
        if bound and (first is None or _adds_to(statement, bound)):
            first = top
    return site.cell, site.top if first is None else first


def _adds_to(statement: ast.stmt, names: set[str]) -> bool:
    """Whether a statement, or one in its block, adds to one of these names: `x += y`, `x = x + y`."""
    for node in ast.walk(statement):
        match node:
            case ast.AugAssign(ast.Name(name)) if name in names:
                return True
            case ast.Assign([ast.Name(name)], ast.BinOp(ast.Name(first), ast.Add())) if first == name in names:
                return True
    return False


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


def _with(submission: Submission, change: _Change) -> Submission:
    cells, cell = list(submission.cells), change.site.cell
    mended = spliced(cells[cell].source, change.edit.place, change.edit.text)
    cells[cell] = replace(cells[cell], source=mended, text=mended)
    return replace(submission, cells=tuple(cells))


def _is_of_a_head(submission: Submission, change: _Change) -> bool:
    """Whether the change is in the head of a loop or condition."""
    line = submission.cells[change.site.cell].source.split("\n")[change.site.statement[0] - 1]
    return line.lstrip().startswith(("for ", "while ", "if ", "elif "))


def never_written(verdict: Verdict, right: Mapping[str, Value]) -> str:
    """Return a sentence naming the entries of a step that are still 0, if all other entries are right; otherwise ""."""
    name, wanted = verdict.step.name, right.get(verdict.step.name)
    event = None if verdict.match is None else verdict.match.value_at(0)
    if event is None or not isinstance(event.value, Value) or wanted is None or event.value.shape != wanted.shape:
        return ""
    own, numbers = event.value.numbers(), wanted.numbers()
    if not any(own):
        return f"`{name}` was never written: it still holds 0. "
    length = wanted.shape[0] if wanted.shape else 1
    width = len(own) // max(1, length)
    rows = [slice(row * width, (row + 1) * width) for row in range(length)]
    size = max(map(abs, numbers), default=0.0)
    off = [
        row
        for row, part in enumerate(rows)
        if any(abs(one - other) > 1e-6 * size for one, other in zip(own[part], numbers[part], strict=True))
    ]
    if not off or len(off) == length or any(any(own[rows[row]]) for row in off):
        return ""
    places = ", ".join(f"[{row}]" for row in off)
    entries = f"entry {places}" if len(off) == 1 else f"the entries {places}"
    was = "was" if len(off) == 1 else "were"
    return f"Only {entries} of `{name}` {was} never written. "


def _told(submission: Submission, change: _Change, own: Finding, left_out: str) -> Finding:
    site, edit, facts = change.site, change.edit, own.facts or own.diagnosis
    source = submission.cells[site.cell].source
    fits = own.diagnosis.code is not None and agrees(own.diagnosis.code, source, spliced(source, edit.place, edit.text))
    named = own.diagnosis if fits else replace(facts, code=None, message=left_out + edit.message)
    if edit.missing == "line":
        named = replace(named, message=edit.message)  # which one says more than what it is for
    fix = _indented(edit, source) or fixed(submission, site, edit.place, edit.text)
    if _is_of_a_head(submission, change) and not fix.endswith(":"):
        fix = f"{fix}:"
    diagnosis = replace(named, confidence="likely", replace_with="" if edit.lines else edit.text, fix=fix)
    where = span_of(submission.cells[site.cell], submission.file, edit.shown or edit.place)
    return Finding(diagnosis, where, site.cell, edit.place, edit.text, facts)


def _indented(edit: SourceEdit, source: str) -> str:
    """Return the lines of an edit as they stand in the source: each after the first is indented like the place."""
    at = edit.shown or edit.place
    line = edit.text if edit.place.column == 1 else source.split("\n")[at.line - 1]
    indent = line[: len(line) - len(line.lstrip())]
    return edit.lines.replace("\n", f"\n{indent}")
