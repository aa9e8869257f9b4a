"""Why a statement raised: by its own fault, because of a blank (`...`) that is not filled in yet, or because a function
that was handed in does not fit the exercise's own line. The last is explained by the function, not by a line that the
student never wrote.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grader.instrument.nodes import names_read
from grader.judge.evidence import Evidence
from grader.judge.runs.guarded import BLANK, NOT_ITS_OWN
from grader.model import Opaque, Submission
from grader.runner.types import Raised, Sites
from grader.syntax_trees import tree_of

_BEGINNING = "__answer__ = None\n"
"""A binding before the exercise's own lines: what functions bind after it belongs to the answer, and not to the
submission's own calls."""

_UNKNOWN = re.compile(r"NameError: name '(\w+)' is not defined")
_UNBOUND = re.compile(r"(?:NameError|UnboundLocalError): .*?'(\w+)'")


@dataclass(frozen=True, slots=True)
class Gap:
    """What does not fit between an exercise's line and a function.

    `absent`: the function does not exist; `nothing`: it returned None; `unwritten`: it raised NotImplementedError;
    `held_up`: an argument was not bound; `misfit`: the call, or its result, does not fit. `message` says which."""

    kind: Literal["absent", "nothing", "unwritten", "held_up", "misfit"]
    message: str


def source_of(answer: str) -> str:
    """The source that is run for the exercise's own lines."""
    return _BEGINNING + answer


def gap_of(evidence: Evidence, raised: Raised) -> Gap | None:
    """Return the gap behind an error; None for an error of the student's own code."""
    exercise, sites = evidence.scene.exercise, evidence.scene.sites.all
    if exercise.answer is None or raised.cell != max(site.cell for site in sites):
        return None
    statement = tree_of(source_of(exercise.answer)).body[raised.statement]
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    call = ast.unparse(calls[0]) if calls else ast.unparse(statement)
    name = calls[0].func.id if calls and isinstance(calls[0].func, ast.Name) else ""
    if _is_not_implemented(raised):
        return Gap("unwritten", f"`{call}` raised NotImplementedError: it is not filled in yet")
    if raised.at_cell != raised.cell:
        return None
    unknown = _UNKNOWN.match(raised.error)
    if unknown and unknown[1] == name:
        return Gap("absent", f"the exercise calls `{call}`, and there is no function `{name}` here")
    if unknown:
        return Gap("held_up", f"`{call}` could not be called, because there is no `{unknown[1]}` yet")
    if calls and "NoneType" in raised.error:
        wanted = ast.unparse(statement.targets[0]).strip("()") if isinstance(statement, ast.Assign) else "a value"
        return Gap("nothing", f"`{call}` gave None where `{wanted}` is to come: does it end in a `return`?")
    if calls and BLANK in raised.error:
        return Gap("unwritten", f"`{call}` gave a blank: what it returns is not filled in yet")
    return Gap("misfit", f"the exercise's line `{ast.unparse(statement)}` raised {raised.error}")


def raised_by_itself(evidence: Evidence, raised: Raised) -> bool:
    """Whether a statement that raised in the natural run also raises with everything before it right, and nothing but
    itself is to blame."""
    again = _same_statement(evidence.forced[0].raised, raised)
    return again is not None and gap_of(evidence, again) is None and is_to_blame(evidence, again)


def is_to_blame(evidence: Evidence, raised: Raised) -> bool:
    """Whether an error is the fault of the statement that raised it."""
    return not evidence.unbound and _is_own(raised, evidence.scene.sites)


def _same_statement(found: Sequence[Raised], raised: Raised) -> Raised | None:
    here = (raised.cell, raised.statement)
    return next((one for one in found if (one.cell, one.statement) == here), None)


def is_unwritten(raised: Raised) -> bool:
    """Whether a statement raised because something is not filled in yet: a blank, or `raise NotImplementedError`."""
    return BLANK in raised.error or _is_not_implemented(raised)


def _is_not_implemented(raised: Raised) -> bool:
    return raised.error.startswith("NotImplementedError")


def missing_name(raised: Raised) -> str | None:
    """The name for lack of which a statement raised; None if it raised for another reason."""
    unbound = _UNBOUND.match(raised.error)
    return None if unbound is None else unbound[1]


def _is_own(raised: Raised, sites: Sites) -> bool:
    if NOT_ITS_OWN.match(raised.error):
        return False
    # A name bound elsewhere is missing because of what happened there; a name bound nowhere is a slip here.
    return not lacks_what_another_line_binds(raised, sites)


def lacks_what_another_line_binds(raised: Raised, sites: Sites) -> bool:
    """Whether a statement raised for lack of a name that it could have from another line: not from an attribute, nor
    from inside another function."""
    name = missing_name(raised)
    if name is None:
        return False
    here = [one for one in sites.all if one.cell == raised.at_cell]
    around = {one.scope for one in here if one.statement[0] <= raised.line <= one.statement[2]}
    is_shared = re.compile(rf"\b(?:global|nonlocal)\b.*\b{name}\b").search
    everywhere = not around or any(map(is_shared, sites.sources))
    return any(
        site.scope == name
        or (
            name in site.names
            and not (site.owner and site.kind == "assign")
            and (everywhere or not site.scope or any(f"{one}.".startswith(f"{site.scope}.") for one in around))
        )
        for site in sites.all
    )


def raised_by_blanks(evidence: Evidence, submission: Submission) -> frozenset[Raised]:
    """Return the errors of statements that read a blank, or a name that such a statement should have bound.

    `None` does not count as a blank: a forgotten `return` gives it too."""
    scene = evidence.scene
    blank: set[str] = set()
    bound: dict[tuple[int, int], set[str]] = {}
    for site in scene.sites.all:
        if not site.scope:
            bound.setdefault((site.cell, site.top), set()).update(site.names)
    for event in scene.traces[0].events:
        if isinstance(event.value, Opaque) and event.value.type_name == BLANK:
            site = scene.sites[event.site]
            blank |= {*site.names, event.label, site.owner} - {""}
    found: set[Raised] = set()
    bodies: dict[int, list[ast.stmt]] = {}
    for raised in scene.raised:
        if BLANK not in raised.error:
            if not blank or raised.at_cell >= len(submission.cells):
                continue
            if raised.at_cell not in bodies:
                bodies[raised.at_cell] = tree_of(submission.cells[raised.at_cell].source).body
            if not _read_at(bodies[raised.at_cell], raised.line) & blank:
                continue
        found.add(raised)
        blank.update(bound.get((raised.cell, raised.statement), ()))
    return frozenset(found)


def _read_at(body: list[ast.stmt], line: int) -> frozenset[str]:
    """The names read by the innermost statement at a line."""
    # If several statements share the line, take the last one.
    at = bisect_right(body, line, key=lambda one: one.lineno) - 1
    innermost: ast.stmt | None = None
    for node in ast.walk(body[at]) if at >= 0 else ():
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            innermost = node
    return frozenset() if innermost is None else names_read(innermost)
