"""Lines that did not run, and what they cost: under a condition (`if training == 1:` with the wrong `training`), after
a line that raised and so did not bind a local of the student's own, or because they cannot be read for a bracket, an
operator or a character (`dh.append(p * (1 - h**2)`).

A condition is one mistake, however many steps it leaves unbound. It is shown by the submission with the condition
taken as true, run and judged like any other. Only steps that are bound nowhere else count: where something else was
handed in for them, that is what counts, so nobody gets points for a second attempt in a branch that never runs. And all
such conditions are taken as true at once: no choice is made among what could have run.

Of the steps that lack a local for a line that raised, the first is wrong, at that line, so that repairs are searched
for there; what the others are worth is seen once the line is repaired.

In a loop or a function, all that is made from a line that cannot be read is missing. It is one mistake, however many
steps that costs. It is shown by the submission with the line readable, and run and judged like any other. Where this
makes several steps right that are not, and none wrong, the first of them is charged with it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice

from grader.diagnosis.finding import Finding, state, with_carried
from grader.instrument.name_matching import spelled_in
from grader.instrument.nodes import built_by, names_of, position_of
from grader.instrument.site import Position, Site
from grader.judge import score
from grader.judge.evidence import Evidence
from grader.judge.failures import is_unwritten, lacks_what_another_line_binds, missing_name
from grader.judge.missing_bindings import binds_quantity
from grader.judge.runs.guarded import NOT_ITS_OWN
from grader.judge.verdicts import Verdict
from grader.model import RIGHT, Submission
from grader.runner.types import Raised
from grader.submission.spans import lines_of
from grader.submission.syntax import check, in_python_characters
from grader.syntax_trees import nodes_of, shared_tree

MOST_MEANINGS = 6
"""How many ways to read the line are tried, at most."""

_CLOSING = {"(": ")", "[": "]", "{": "}"}

_BETWEEN = re.compile(r"(?<=[\w\])])\s+(?=[\w(\[])")
"""Where two values stand side by side, without an operator."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition at the top level of a cell that was never true: its place (`start`: the column of its `if`), the
    first and the last line under it, and the steps that are bound there only."""

    cell: int
    line: int
    start: int
    columns: tuple[int, int]
    body: tuple[int, int]
    steps: frozenset[str]


def conditions(evidence: Evidence, verdicts: Sequence[Verdict], cells: int) -> tuple[Condition, ...]:
    """The conditions in the first `cells` cells, those of the submission, that kept its steps from being bound."""
    missing = [one for one in verdicts if one.outcome == "missing" and one.reason == "not_bound"]
    found = []
    for cell, node in _ifs(evidence.scene.sites.sources[:cells]) if missing else ():
        condition = _condition(evidence, missing, cell, node)
        if condition.steps and not _has_run(evidence, condition):
            found.append(condition)
    return tuple(found)


def taken_as_true(submission: Submission, found: Sequence[Condition]) -> Submission:
    """The submission with these conditions true; every line and column stays where it is."""
    cells = list(submission.cells)
    for one in found:
        lines = cells[one.cell].source.split("\n")
        line = lines[one.line - 1].encode()
        first, last = one.columns
        lines[one.line - 1] = (line[:first] + b"1".ljust(last - first) + line[last:]).decode()
        cells[one.cell] = replace(cells[one.cell], source="\n".join(lines))
    return replace(submission, cells=tuple(cells))


def charges(
    found: Sequence[Condition], before: Sequence[Verdict], after: Sequence[Verdict]
) -> dict[str, Condition] | None:
    """The step that each condition costs: the first one that is right once the conditions are true. `before` and
    `after` are the verdicts without and with that. None where that shows nothing, or changes any other step."""
    leads: dict[str, Condition] = {}
    for one in found:
        right = [verdict for verdict in after if verdict.step.name in one.steps and verdict.outcome in RIGHT]
        if not right:
            return None
        leads[min(right, key=lambda verdict: verdict.order).step.name] = one
    under = {name for one in found for name in one.steps}
    pairs = zip(before, after, strict=True)
    others = all(was.outcome == now.outcome for was, now in pairs if was.step.name not in under)
    return leads if others else None


def with_condition_charged(
    verdicts: Sequence[Verdict], findings: Mapping[str, Finding], leads: Mapping[str, Condition]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """The verdicts and findings with each condition as the mistake of one step; the other steps that it kept from
    running are carried."""
    led = {name: lead for lead, condition in leads.items() for name in condition.steps - {lead}}
    carried = {one.step.name: led[one.step.name] for one in verdicts if one.step.name in led and one.outcome in RIGHT}
    made = [
        _switched_off(one, leads[one.step.name]) if one.step.name in leads else one
        for one in score.carried_by(carried, verdicts)
    ]
    kept = {name: one for name, one in findings.items() if name not in leads}
    told = {one.step.name: Finding(fact) for one in made if one.step.name in leads and (fact := state(one)) is not None}
    return tuple(made), {**kept, **told}


def _switched_off(verdict: Verdict, condition: Condition) -> Verdict:
    note = f"this condition is never true, so line {condition.body[0]} and those after it do not run"
    if condition.body[0] == condition.body[1]:
        note = "this condition is never true, so the line under it does not run"
    site = verdict.site
    if site is not None:
        first, last = condition.columns
        line = condition.line
        site = replace(site, value=(line, first, line, last), statement=(line, condition.start, line, last))
    return Verdict(verdict.step, "wrong", "switched_off", site=site, order=verdict.order, note=note)


def _ifs(sources: Sequence[str]) -> Iterator[tuple[int, ast.If]]:
    """The conditions at the top level of the cells, on one line each, that bind nothing themselves."""
    for cell, source in enumerate(sources):
        try:
            tree = shared_tree(source)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in getattr(tree, "body", ()):
            if isinstance(node, ast.If) and node.lineno == node.test.end_lineno and not _binds(node.test):
                yield cell, node


def _binds(test: ast.expr) -> bool:
    return any(isinstance(one, ast.NamedExpr) for one in ast.walk(test))


def _condition(evidence: Evidence, missing: Sequence[Verdict], cell: int, node: ast.If) -> Condition:
    scene, last = evidence.scene, node.body[-1]
    test, body = node.test, (node.body[0].lineno, last.end_lineno or last.lineno)
    steps = set()
    for one in missing:
        name = one.step.family or one.step.name
        bound = [site for site in scene.sites.all if binds_quantity(scene.names, site, name)]
        if bound and all(not site.scope and _is_under(site, cell, body) for site in bound):
            steps.add(one.step.name)
    columns = (test.col_offset, test.end_col_offset or 0)
    return Condition(cell, test.lineno, node.col_offset, columns, body, frozenset(steps))


def _is_under(site: Site, cell: int, body: tuple[int, int]) -> bool:
    return site.cell == cell and body[0] <= site.statement[0] and site.statement[2] <= body[1]


def _has_run(evidence: Evidence, condition: Condition) -> bool:
    """Whether any line under the condition bound anything at any point."""
    sites = evidence.scene.sites
    under = {site.number for site in sites.all if _is_under(site, condition.cell, condition.body)}
    return any(event.site in under for trace in evidence.scene.traces for event in trace.events)


def with_raised_line_charged(
    evidence: Evidence, verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return the verdicts and findings, where the first step that lacks a local of a line that raised is charged with
    it. The lines of the steps that lack it are right as far as anybody knows: no finding rewrites them."""
    changed, kept = {one.step.name: one for one in verdicts}, dict(findings)
    scene, again = evidence.scene, dict[str, str]()
    for raised in dict.fromkeys((*(one.raised for one in scene.stopped), *scene.traces[0].raised)):
        local = _local_of(evidence, raised, verdicts)
        if local is None:
            continue
        lacking = [one for one in verdicts if _lacks(evidence, one, local, raised)]
        lead: Verdict | None = None
        for one in sorted(lacking, key=partial(_order, evidence, local)):
            if lead is None:
                lead = one = replace(one, outcome="wrong", reason="raised", site=local, cause=raised, located=True)
            else:
                site = one.site or next(iter(_own_sites(evidence, one)), None)
                one = replace(one, outcome="unjudged", reason="raised", cause=one.cause or raised, site=site)
                if score.are_passes(one.step.family, lead.step.family):
                    again[one.step.name] = lead.step.name  # as where the line of the family itself raised
            changed[one.step.name] = one
            fact = state(one)
            kept.pop(one.step.name, None)
            if fact is not None:
                kept[one.step.name] = Finding(fact)
    return with_carried(again, tuple(changed[one.step.name] for one in verdicts), kept)


def _local_of(evidence: Evidence, raised: Raised, verdicts: Sequence[Verdict]) -> Site | None:
    """The site of what a line would have bound or returned; None if it is a step, if the line is a blank, or lacked a
    name for another line's fault, or a file or package; or if it is in a helper, which may be right and called with
    what is wrong."""
    here = [one for one in evidence.scene.sites.all if one.cell == raised.at_cell and _is_at(one, raised.line)]
    is_a_step = any(one.site in here for one in verdicts if one.cause == raised)
    if NOT_ITS_OWN.match(raised.error) or is_unwritten(raised):
        return None
    elsewhere = lacks_what_another_line_binds(raised, evidence.scene.sites)
    if len(here) != 1 or elsewhere or is_a_step or not _is_run_by(evidence, here[0], raised):
        return None
    return here[0]


def _is_at(site: Site, line: int) -> bool:
    return site.kind in ("assign", "returned") and site.statement[0] <= line <= site.statement[2]


def _is_run_by(evidence: Evidence, local: Site, raised: Raised) -> bool:
    """Whether the top-level statement that ended runs a line: it is in the statement, or in a function called there."""
    statement = [one for one in evidence.scene.sites.all if (one.cell, one.top) == (raised.cell, raised.statement)]
    if not local.scope:
        return local in statement
    return any(local.scope.rpartition(".")[2] in one.reads for one in statement)


def _lacks(evidence: Evidence, verdict: Verdict, local: Site, raised: Raised) -> bool:
    """Whether a step did not run for lack of a local, or because the loop or function around both ended where it
    raised."""
    ended = bool(local.scope or local.in_loop)
    if (verdict.outcome, verdict.reason) == ("missing", "not_bound"):
        return ended and any(_follows(one, local) for one in _own_sites(evidence, verdict))
    if verdict.reason != "raised" or verdict.cause is None:
        return False
    if verdict.cause == raised and ended:
        return verdict.outcome in ("wrong", "unjudged")
    return verdict.outcome == "unjudged" and missing_name(verdict.cause) in local.names


def _follows(site: Site, local: Site) -> bool:
    """Whether a line of the same loop or function may run after another."""
    around = (site.cell, site.top, site.scope) == (local.cell, local.top, local.scope)
    return around and (local.in_loop or site.statement[0] > local.statement[0])


def _order(evidence: Evidence, local: Site, verdict: Verdict) -> tuple[int, int, bool, int]:
    """Lines in the order in which they ran; in a loop or a function those first that read the local."""
    statement = (verdict.cause.cell, verdict.cause.statement) if verdict.cause is not None else (0, 0)
    own = [one for one in _own_sites(evidence, verdict) if one.scope == local.scope]
    if verdict.site is not None and verdict.site.scope == local.scope:
        own = [verdict.site]
    reading = [one for one in own if not one.reads.isdisjoint(local.names)]
    return (*statement, not reading, min((one.statement[0] for one in reading or own), default=sys.maxsize))


def _own_sites(evidence: Evidence, verdict: Verdict) -> list[Site]:
    """The sites that bind a step, or the family it is a member of, by their names."""
    wanted = verdict.step.family or verdict.step.name
    return [one for one in evidence.scene.sites.all if wanted in _meant_by(evidence, one)]


def _meant_by(evidence: Evidence, site: Site) -> Iterator[str]:
    """The quantities that a site's names mean. A key is read in one way: `grads["W1"]` is dW1."""
    sites = evidence.scene.sites
    told = [(site.owner, name) for name in site.names]
    if site.kind == "item" and site.cell < len(sites.sources):
        told = [_items_in(sites.sources[site.cell]).get(site.statement, ("", ""))]
    for owner, label in told:
        read = (evidence.scene.names.means(name) for name in spelled_in(owner, label))
        yield from (one.quantity for one in islice(filter(None, read), 1))


@lru_cache(maxsize=16)
def _items_in(source: str) -> Mapping[Position, tuple[str, str]]:
    """The owners and keys of what statements set in containers, by the places of the statements."""
    statements = (node for node in nodes_of(shared_tree(source)) if isinstance(node, ast.stmt))
    built = ((position_of(node), built_by(node)) for node in statements)
    return {place: names_of(one.holder)[::-1] for place, one in built if one is not None}


@dataclass(frozen=True, slots=True)
class UnreadableLine:
    """A line that cannot be read: its cell from 0, its number within the cell from 1, and its text."""

    cell: int
    line: int
    text: str


def unreadable_line(submission: Submission) -> UnreadableLine | None:
    """The only line of a submission that cannot be read, if there is only one."""
    faults = [one.where for one in submission.problems if one.kind == "syntax"]
    if len(faults) != 1 or (where := faults[0]) is None:
        return None
    for number, cell in enumerate(submission.cells):
        line = where.line - cell.first_line
        texts = lines_of(cell.text)
        within = cell.number == where.cell and 0 <= line < len(texts) == len(lines_of(cell.source))
        if within and lines_of(cell.source)[line] != texts[line]:
            return UnreadableLine(number, line + 1, texts[line])
    return None


def readable(submission: Submission, found: UnreadableLine) -> Iterator[Submission]:
    """Yield the submission with the line readable, in each way that may be meant; every other line stays as it is."""
    before, cell, behind = (
        submission.cells[: found.cell],
        submission.cells[found.cell],
        submission.cells[found.cell + 1 :],
    )
    lines = lines_of(cell.source)
    sources = ("\n".join((*lines[: found.line - 1], text, *lines[found.line :])) for text in _meanings(found.text))
    for source in islice((one for one in sources if check(one) is None), MOST_MEANINGS):
        yield replace(submission, cells=(*before, replace(cell, source=source), *behind))


def _meanings(text: str) -> Iterator[str]:
    """Yield what a line may mean, in Python's own characters: with what its brackets lack, or without one that is too
    many, the end of the line first; else as it is, and with a product where no operator stands. Not all are Python."""
    code = in_python_characters(text.split("#", 1)[0].rstrip())
    missing, before, extra = _unbalanced(code)
    if missing:
        yield from (code[:place] + missing + code[place:] for place in range(before, 0, -1))
    elif extra:
        yield from (code[:place] + code[place + 1 :] for place in range(len(code) - 1, -1, -1) if code[place] in extra)
    else:
        yield code
        yield from (f"{code[: one.start()]} * {code[one.end() :]}" for one in _BETWEEN.finditer(code))


def _unbalanced(code: str) -> tuple[str, int, str]:
    """The brackets that close what a line leaves open, the column before which they belong, and those that close
    nothing. Of a bracket that is closed by another one, `h[t ** 2)`, the first is left open."""
    opened: list[str] = []
    extra = ""
    for column, one in enumerate(code):
        if one in _CLOSING:
            opened.append(_CLOSING[one])
        elif one in _CLOSING.values() and opened and opened[-1] != one and one in opened:
            return opened[-1], column, ""
        elif one in _CLOSING.values():
            if opened and opened[-1] == one:
                opened.pop()
            else:
                extra += one
    return "".join(reversed(opened)), len(code), extra


def gained(before: Sequence[Verdict], after: Sequence[Verdict]) -> list[str]:
    """The steps that are right once the line can be read, in the order in which they are made; none where another one
    is wrong by that."""
    was_right = {one.step.name for one in before if one.outcome in RIGHT}
    now_right = [one for one in sorted(after, key=lambda one: one.order) if one.outcome in RIGHT]
    new = [one.step.name for one in now_right if one.step.name not in was_right]
    return new if len(now_right) - len(new) == len(was_right) else []


def with_unreadable_line_charged(
    verdicts: Sequence[Verdict], found: UnreadableLine, names: Sequence[str]
) -> tuple[Verdict, ...]:
    """The verdicts with the line as the mistake of the first of the steps `names`; the others are carried."""
    lead, *others = names
    right = [one.step.name for one in verdicts if one.step.name in others and one.outcome in RIGHT]
    told = (_unread(one, found) if one.step.name == lead else one for one in verdicts)
    return score.carried_by(dict.fromkeys(right, lead), tuple(told))


def _unread(verdict: Verdict, found: UnreadableLine) -> Verdict:
    site: Site | None = verdict.site
    if site is not None:
        start, end = len(found.text) - len(found.text.lstrip()), len(found.text.encode())
        where = (found.line, start, found.line, end)
        site = replace(site, cell=found.cell, value=where, statement=where)
    return Verdict(verdict.step, "missing", "placeholder", site=site, order=verdict.order)
