"""Repairs lines that cannot be read: tries small changes of the source text by running the submission.

This comes last and has a time limit. Many changes are first tried in one run (`trials`); those that cannot be are tried
one after the other. The changes that succeed are then proven like any other repair.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from grader.diagnosis.finding import Change, Finding, change_of, needs_running
from grader.diagnosis.messages import fixed, span_of
from grader.diagnosis.repair_text import spliced
from grader.diagnosis.repair_trials.asked_steps import asked_steps, end_of_answer
from grader.diagnosis.repair_trials.doubtful_changes import averages, brings_length
from grader.diagnosis.repair_trials.named_changes import agrees
from grader.diagnosis.repair_trials.statement_changes import VERSIONS, StatementChange, statement_changes
from grader.diagnosis.repair_trials.statement_edits import (
    statement_at,
)
from grader.diagnosis.repair_trials.suspects import growing
from grader.diagnosis.repair_trials.trials import Asked, Trial, Trials, Version, right_versions
from grader.diagnosis.source_writer import SourceEdit
from grader.exercise.types import Exercise
from grader.judge.verdicts import Verdict, right_steps
from grader.model import Observed, Submission, Value
from grader.submission.wording import SPOILT
from grader.syntax_trees import tree_of

SECONDS = 10.0
"""CPU seconds, of the grader and the runs together, for trying repairs of one submission. Points depend on what is
found (a repair shows which steps were spoilt by one mistake), so the counts below are meant to end the search first,
however slow the machine is."""

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

    `at_given_numbers` judges there only, which rejects most changes; `at_every_point` judges at all points.
    `results_of` runs a trial and returns its results. `spent` returns the CPU seconds of all runs so far. `right` are
    the right values at the given numbers, `exercise` is what they are values of."""

    at_given_numbers: Judged
    at_every_point: Judged
    results_of: Callable[[Trial], Sequence[Observed]]
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
            after = right_steps(running.at_every_point(_with(base.submission, change)))
            if wanted <= after:
                left_out = entries_not_written(verdict, running.right) if _is_of_a_head(submission, change) else ""
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
    before = _Base(submission, asked_steps(submission, verdicts, running.right))
    site = verdict.site
    within: dict[Change, str] = {}
    for name, one in findings.items():
        change = None if name == verdict.step.name or one.last_resort else change_of(one)
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
    right = right_steps(running.at_every_point(mended))
    if not right_steps(verdicts) <= right:
        return before
    by_step = tuple((name, change) for change, name in within.items())
    return _Base(
        mended, asked_steps(mended, running.at_given_numbers(mended), running.right), frozenset(lines), right, by_step
    )


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
        if verdict.step.name in right_steps(running.at_every_point(_changed(submission, (change,))))
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


def _likely(
    base: _Base, verdicts: Sequence[Verdict], verdict: Verdict, running: Running, deadline: float
) -> Iterator[StatementChange]:
    """Yield the changes that make a step right at the given numbers."""
    submission = base.submission
    found = (one for one in statement_changes(submission, verdicts, verdict, base.needed) if _keeps(base, one))
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
    trials = Trials(submission, running.answer, end_of_answer(submission, verdicts, running.answer))
    alone: list[StatementChange] = []
    # One change may repair several wrong steps: what repairs only this one waits until all changes are tried.
    in_part: list[StatementChange] = []
    for count in (VERSIONS,) if not asked else (FIRST, VERSIONS):
        some = list(islice(changes, count))
        versions = [Version(change.site.cell, change.edit.place, change.edit.text) for change in some]
        trial = trials.of(versions, asked) if asked else None
        results = [] if trial is None else running.results_of(trial)
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
        if verdict.step.name in right_steps(running.at_given_numbers(_with(submission, change))):
            yield change


def _keeps(base: _Base, change: StatementChange) -> bool:
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


def _with(submission: Submission, change: StatementChange) -> Submission:
    cells, cell = list(submission.cells), change.site.cell
    mended = spliced(cells[cell].source, change.edit.place, change.edit.text)
    cells[cell] = replace(cells[cell], source=mended, text=mended)
    return replace(submission, cells=tuple(cells))


def _is_of_a_head(submission: Submission, change: StatementChange) -> bool:
    """Whether the change is in the head of a loop or condition."""
    line = submission.cells[change.site.cell].source.split("\n")[change.site.statement[0] - 1]
    return line.lstrip().startswith(("for ", "while ", "if ", "elif "))


def entries_not_written(verdict: Verdict, right: Mapping[str, Value]) -> str:
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


def _told(submission: Submission, change: StatementChange, own: Finding, left_out: str) -> Finding:
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
