"""What a trial is asked for: the steps that are not right, with the expressions that read them, and where it ends."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence

from grader.diagnosis.repair_trials.trials import Asked, statements_of
from grader.instrument.site import Site
from grader.judge.matching.compare import same
from grader.judge.verdicts import Verdict
from grader.model import Submission, Value
from grader.syntax_trees import tree_of


def asked_steps(submission: Submission, verdicts: Sequence[Verdict], right: Mapping[str, Value]) -> list[Asked]:
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


def end_of_answer(submission: Submission, verdicts: Sequence[Verdict], answer: str) -> tuple[int, int]:
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
