"""Explains one wrong step of a submission: reads its expression, searches repairs, words the finding.

Expressions are cached, so that another step at the same place reuses them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.meaning import Names, value_of
from grader.diagnosis.chain_rule.numbers import as_number, is_right, shape_of
from grader.diagnosis.chain_rule.rule import counted_from_the_end
from grader.diagnosis.expressions import takes_entry
from grader.diagnosis.finding import FORGOTTEN, Finding
from grader.diagnosis.messages import finding_of
from grader.diagnosis.recognition.catalogue import by_code, named_by_course
from grader.diagnosis.recognition.value_patterns import described, predicted, shown
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_search.search import SECONDS, Repair
from grader.diagnosis.repair_search.task import Task
from grader.diagnosis.repair_searches import RepairSearches
from grader.diagnosis.rule_text import RuleText
from grader.diagnosis.step.called_functions import Elsewhere, called, in_functions
from grader.diagnosis.step.context import Context
from grader.diagnosis.step.inlining import Inlined, Piece
from grader.diagnosis.step.own_locals import with_locals
from grader.diagnosis.step.step_environment import StepEnvironment, occurrence_of
from grader.diagnosis.step.tasks import Tasks, reasons_of, sound
from grader.diagnosis.sums import left_out_of_copy, term_left_out
from grader.formula.syntax import Call, Expression, Name, children, names, text, walk
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.verdicts import Verdict
from grader.model import Submission, Value

LONGEST_REWRITTEN = 200
"""Characters of a line that is written by the chain rule, at most: a longer one helps nobody, and the rule is shown."""

CHANGED = 1.2
"""A repair inside a function that costs at most this ends the search: the line that calls it is not searched."""

LATER = 0.01
"""Extra cost of changing the result of a function call, compared with the same change inside the function."""


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """What is known about a step's line before a repair is searched."""

    site: Site
    task: Task
    context: Context
    facts: Finding


@dataclass(frozen=True, slots=True)
class LineToRepair:
    """The line of a wrong step, before a repair is searched. `own` are the student's values, one per point; `passes`
    the values of all names, per point and run of the line; `expression` is None if it cannot be read."""

    verdict: Verdict
    site: Site
    own: tuple[Any, ...]
    passes: tuple[tuple[Names, ...], ...]
    expression: Expression | None
    context: Context
    facts: Finding


@dataclass
class Explainer:
    """The explanations of one submission."""

    evidence: Evidence
    submission: Submission
    step_environment: StepEnvironment
    derivation: Derivation
    verdicts: Sequence[Verdict] = ()
    _searches: RepairSearches = field(default_factory=RepairSearches)
    _sound: frozenset[int] = frozenset()
    """Sites of lines that are known to be right: no repair is searched in them."""
    judged: dict[str, JudgedLine] = field(default_factory=dict)

    @cached_property
    def tasks(self) -> Tasks:
        return Tasks(self.evidence, self.submission, self.step_environment, self.derivation, self.verdicts)

    @cached_property
    def _rule_text(self) -> RuleText:
        return RuleText(self.submission, self.derivation)

    def explain(self, verdict: Verdict, facts: Finding, seconds: float = SECONDS) -> Finding:
        """Return the finding of one wrong step; only the facts if no repair is proven within `seconds`."""
        commits = [at.get(verdict.step.name) for at in self.evidence.commits]
        own = tuple(as_number(value) if isinstance(value, Value) else None for value in commits)
        seen = described(self.derivation, verdict.step, own)
        if seen is not None:
            facts = replace(facts, diagnosis=replace(facts.diagnosis, message=f"{facts.diagnosis.message} {seen}"))
        started = time.thread_time()
        self._searches.until = started + seconds
        finding = self._repaired(verdict, own, facts)
        in_loop = verdict.site is not None and verdict.site.in_loop
        finding = shown(self.derivation, verdict.step, own, finding, in_loop)
        self._searches.left -= time.thread_time() - started
        other = self._exchanged_with(verdict, own)
        if other is not None:
            message = f"`{verdict.step.name}` and `{other}` are exchanged: each has the value of the other."
            exchanged = partial(replace, message=message, code="outputs-swapped", confidence="certain")
            told = None if finding.facts is None else exchanged(finding.facts)  # true whatever repairs it
            finding = replace(finding, diagnosis=exchanged(finding.diagnosis), facts=told)
        return named_by_course(self.derivation, verdict.step, own, finding)

    def _exchanged_with(self, verdict: Verdict, own: tuple[Any, ...]) -> str | None:
        """Return the other wrong step with which this step has exchanged its value: each holds the other's right value.
        None if there is none."""
        for other in self.verdicts:
            one_mistake = other.caused_by == (verdict.step.name,)  # which the exchange is
            if (other.outcome == "wrong" or one_mistake) and other.step.name != verdict.step.name:
                theirs = [at.get(other.step.name) for at in self.evidence.commits]
                numbers = tuple(as_number(value) if isinstance(value, Value) else None for value in theirs)
                if self._is(own, other.step.name) and self._is(numbers, verdict.step.name):
                    return other.step.name
        return None

    def _is(self, values: tuple[Any, ...], step: str) -> bool:
        """Whether `values`, one per point, are the right values of `step`."""
        rights = (as_number(at[step]) for at in self.evidence.scene.reference.values)
        measures = self.evidence.scene.measures_of(step)
        return all(is_right(*pair) for pair in zip(values, rights, measures, strict=True))

    def explain_by_helpers(self, verdict: Verdict, facts: Finding) -> Finding:
        """Return the finding of a step whose line is right but reads a wrong helper: only helpers are searched."""
        kept, known_right = self._searches, self._sound
        self._searches = RepairSearches(kept.left, kept.until)
        self._sound = frozenset() if verdict.site is None else frozenset({verdict.site.number})
        try:
            return self.explain(verdict, facts)
        finally:
            kept.left, kept.until = self._searches.left, self._searches.until
            self._searches, self._sound = kept, known_right

    def _repaired(
        self, verdict: Verdict, own: tuple[Any, ...], facts: Finding, known: frozenset[str] | None = None
    ) -> Finding:
        """Search a repair at the step's site, in the functions it calls, and at its callers.

        `known` restricts the names that a repair may use; None allows all names."""
        site = verdict.site
        if site is None or site.cell >= len(self.submission.cells):
            return facts
        if known is None and (beside := term_left_out(self.tasks, verdict, own)) is not None:
            there, context, repair = beside
            facts = self._rule_text.added_to(facts, context)
            return replace(self._told_at(there, repair, context, facts), kind=FORGOTTEN)
        passes = self.tasks.passes(verdict, site)
        if passes is None:
            bare = Context(self.evidence, ({},), self.derivation, verdict.step)
            return predicted(self.derivation, bare.rule, own, self._rule_text.added_to(facts, bare))
        if known is not None:
            passes = tuple(tuple({n: v for n, v in held.items() if n in known} for held in each) for each in passes)
        line = self._line(verdict, site, own, passes, facts)
        repaired = self._in_line(line, known)
        if repaired is not None:
            return repaired
        if takes_entry(line.expression) or _is_empty(self.tasks.sources.read(site)):
            return line.facts
        return self._rewritten(site, line.context, line.facts)

    def _line(
        self, verdict: Verdict, site: Site, own: tuple[Any, ...], passes: tuple[tuple[Names, ...], ...], facts: Finding
    ) -> LineToRepair:
        """Return what is known of a wrong step's line, whose names had the values of `passes`."""
        expression = self.tasks.sources.read(site)
        if _is_empty(expression):
            expression = None  # an array to be filled further down, where the mistake is
        reads = frozenset() if expression is None else names(expression)
        right = tuple(as_number(at[verdict.step.name]) for at in self.evidence.scene.reference.values)
        last = tuple(held[-1] for held in passes)
        around = self.tasks.sources.around(site)
        context = Context(self.evidence, last, self.derivation, verdict.step, right, reads=reads, around=around)
        facts = predicted(self.derivation, context.rule, own, self._rule_text.added_to(facts, context))
        return LineToRepair(verdict, site, own, passes, expression, context, facts)

    def _in_line(self, line: LineToRepair, known: frozenset[str] | None) -> Finding | None:
        """Return the repair of a line, read with its helpers' formulas in place of their names, then as it is typed; of
        a function that it calls; or of the line that calls its own function. None if there is none."""
        misplaced: Finding | None = None
        is_read = False
        for place, (formula, task) in enumerate(self._readings(line)):
            if task is None:
                continue
            is_read = True
            self.judged.setdefault(line.verdict.step.name, JudgedLine(line.site, task, line.context, line.facts))
            searched = self._searches.smallest(
                task, line.site, ("", 0) if place else None, formula if misplaced is None else None
            )
            repairs = tuple(one for one in searched if self._is_of_this_line(one, task, line))
            elsewhere = self._elsewhere(line, task, repairs, known)
            if elsewhere is not None:
                return elsewhere
            found = self._told(formula, line.context, repairs, line.facts) if repairs else None
            if known is None:
                reaches = self._reaches_out(line.site, line.context.reads, repairs)
                found = self._best(line.verdict, line.own, line.facts, found, reaches)
            if found is not None and misplaced is not None:
                return min((found, misplaced), key=_ambiguity) if found.text is not None else misplaced
            if found is not None and not (repairs and _may_be_misplaced(formula, repairs, found)):
                return found
            misplaced = found or misplaced
        if not is_read and known is None:
            # The arguments of a lambda are not recorded, so its body cannot be evaluated: try the calling line.
            return self._best(line.verdict, line.own, line.facts, None, frozenset())
        return misplaced

    def _readings(self, line: LineToRepair) -> Iterator[tuple[Inlined, Task | None]]:
        """Yield the formulas of a line, each with its search task; None if it does not have the student's value."""
        verdict, site, expression = line.verdict, line.site, line.expression
        occurrence = occurrence_of(verdict, site) or 0
        formulas = (
            () if expression is None else self.tasks.formulas(verdict, (site, occurrence), expression, line.passes)
        )
        for formula, held, unfolded in formulas:
            task = self.tasks.task(formula, line.context, held, line.own, verdict)
            if task is not None and site.number in self._sound:
                task = sound(task, formula)
            yield formula, None if task is None else replace(task, reasons=reasons_of(task, line.context, unfolded))

    def _is_of_this_line(self, repair: Repair, task: Task, line: LineToRepair) -> bool:
        """Whether a repair mends what is wrong in the line itself, and not what is wrong in a function that it calls,
        in what it only reads, or in the loop around it."""
        if self._strikes_call(repair) or _replaces_what_is_only_read(task, repair, line.context):
            return False
        return not (_divides(repair) and self.tasks.sources.runs_too_often(line.site))

    def _elsewhere(
        self, line: LineToRepair, task: Task, repairs: Sequence[Repair], known: frozenset[str] | None
    ) -> Finding | None:
        """Return the finding of a mistake in a function that the line calls, or in the line that copies its value; None
        if the `repairs` of the line itself are better."""
        inside = self._in_functions(line.site, task, line.context, line.facts, repairs)
        if inside is not None or known is not None:
            return inside
        copy = left_out_of_copy(self.tasks, line.verdict, line.site, repairs)
        return None if copy is None else self._told_at(*copy, line.context, line.facts)

    def _best(
        self,
        verdict: Verdict,
        own: tuple[Any, ...],
        facts: Finding,
        found: Finding | None,
        inner: frozenset[str],
    ) -> Finding | None:
        """Choose the smaller repair: `found`, in the function that computed the value, or the one at the calling line.

        `inner` is non-empty if `found` puts names into the function that are unknown there; it then holds the names
        known there, and `found` is used only as a last resort."""
        if found is not None and not inner and found.cost <= CHANGED:
            return found
        elsewhere = self._outside(verdict, own, facts)
        smaller = elsewhere is not None and (found is None or bool(inner) or elsewhere.cost < found.cost)
        if elsewhere is not None and smaller and not (elsewhere.rewritten or self._is_beside(elsewhere, verdict)):
            return elsewhere
        if not inner or found is None:
            return found
        within = self._repaired(verdict, own, facts, inner)
        if within.text is not None:
            return within
        if elsewhere is not None and not self._is_known_in(verdict, found):
            return elsewhere
        return replace(found, last_resort=True)  # a small change of the calling line is better, if running it finds one

    def _strikes_call(self, repair: Repair) -> bool:
        """Whether a repair replaces the call of a function that is not `trusted` with a part of the right formula: then
        the mistake is inside that function."""
        parts = [edit for edit in repair.edits if edit.kind == "part"]
        return any(called(edit.before) - called(edit.after) - self.tasks.trusted for edit in parts)

    def _told_at(self, site: Site, repair: Repair, context: Context, facts: Finding) -> Finding:
        """Return the finding that changes the whole formula of another line than the one that was searched."""
        whole = repair.edits[0].before
        return self._told(Inlined(whole, (Piece(site, whole),)), context, (repair,), facts)

    def _told(self, formula: Inlined, context: Context, repairs: Sequence[Repair], facts: Finding) -> Finding:
        finding = finding_of(self.submission, formula, context, repairs, facts)
        adds = any(edit.kind.startswith("missing") for edit in repairs[0].edits)
        in_part = any(edit.kind in ("part", "missing_product") for edit in repairs[0].edits)
        rewritten = finding.rewritten or _writes_all(repairs, context)
        kind = repairs[0].edits[0].kind if len(repairs[0].edits) == 1 else ""
        return replace(finding, cost=repairs[0].cost, adds=adds, in_part=in_part, rewritten=rewritten, kind=kind)

    def _reaches_out(self, site: Site, reads: frozenset[str], repairs: Sequence[Repair]) -> frozenset[str]:
        """Return the names of the function that `site` is in, if its line reads only those but `repairs` add others;
        otherwise an empty set."""
        if not site.scope:
            return frozenset()
        own = self._own_names(site)
        added = {name for one in repairs for edit in one.edits for name in names(edit.after) - names(edit.before)}
        return own if reads <= own and not added <= own else frozenset()

    def _outside(self, verdict: Verdict, own: tuple[Any, ...], facts: Finding) -> Finding | None:
        """Return the finding at the line that calls the function in which the value was computed; None if no change
        there repairs the step."""
        site = None if verdict.event is None else self.step_environment.sites[verdict.event.site]
        if site is None or site == verdict.site:
            return None
        finding = self._repaired(replace(verdict, site=site), own, facts)
        return finding if finding.text is not None else None

    def _is_beside(self, finding: Finding, verdict: Verdict) -> bool:
        """Whether a finding adds something to another line of the same scope than the step's own: that line may be
        right as it is."""
        site = None if verdict.event is None else self.step_environment.sites[verdict.event.site]
        if site is None or finding.place is None or not finding.adds:
            return False
        line = finding.place.line
        sites = (one for one in self.step_environment.sites.all if (one.cell, one.scope) == (finding.cell, site.scope))
        around = {one.statement for one in sites if one.statement[0] <= line <= one.statement[2]}
        return bool(around) and site.statement not in around

    def _is_known_in(self, verdict: Verdict, finding: Finding) -> bool:
        """Whether the names in a change are known in the step's function: its own names and those of the top level."""
        own = "" if verdict.site is None else verdict.site.scope
        sites = self.step_environment.sites.all
        known = {name for site in sites if site.scope in (own, "") for name in site.names}
        unknown = {name for site in sites if site.scope not in (own, "") for name in site.names} - known
        return not set(re.findall(r"\w+", finding.text or "")) & unknown

    def rewritten_by_rule(self, verdict: Verdict, facts: Finding) -> Iterator[Finding]:
        """Yield findings that rewrite a function's line as the chain rule, or a part of it, in the function's own
        names."""
        site, runs = verdict.site, self.step_environment.runs
        place = None if verdict.event is None else verdict.event.place
        end = next((event.sequence for event in runs[0] if event.place == place), 0)
        passed = (event for event in runs[0] if event.sequence <= end)
        before = [event for event in passed if site is not None and event.site == site.number]
        if site is None or not before:
            return
        occurrence = occurrence_of(verdict, site)
        last = before[-1].occurrence if occurrence is None else occurrence
        reached = [self.step_environment.at(k, site, last) for k in range(len(runs))]
        around = (
            one for one in self.step_environment.sites.all if one.scope and site.scope.startswith(f"{one.scope}.")
        )
        own = self._own_names(site).union(*(one.names for one in around))
        held = tuple({n: v for n, v in (at or {}).items() if re.split(r"[.\[]", n)[0] in own} for at in reached)
        right = tuple(as_number(at[verdict.step.name]) for at in self.evidence.scene.reference.values)
        context = Context(
            self.evidence,
            held,
            self.derivation,
            verdict.step,
            right,
            reads=site.reads,
            around=self.tasks.sources.around(site),
        )
        facts = self._rule_text.added_to(facts, context)
        yield self._rewritten(site, context, facts)
        yield from (self._with_whole_line(site, context, facts, part) for part in context.parts if names(part))

    def _own_names(self, site: Site) -> frozenset[str]:
        """Return the names bound in the function that a site is in."""
        scopes = (one for one in self.step_environment.sites.all if one.scope.startswith(site.scope))
        return frozenset(name for one in scopes for name in (*one.names, one.owner))

    def _rewritten(self, site: Site, context: Context, facts: Finding) -> Finding:
        """Return the finding that rewrites the whole line by the chain rule, used if no small change repairs it; the
        facts if the rewritten line is not right."""
        whole = context.whole
        written = site.kind in ("assign", "returned", "appended", "argument", "entry")
        if whole is None or not written or not self._is_right(whole, context):
            return facts
        return self._with_whole_line(site, context, facts, whole)

    def _with_whole_line(self, site: Site, context: Context, facts: Finding, whole: Expression) -> Finding:
        """Return the finding that replaces a line's formula with `whole`."""
        meaning = self.tasks.meaning(tuple((held,) for held in context.names))
        whole = with_locals(whole, context, meaning)
        whole = counted_from_the_end(whole, lambda array: shape_of(value_of(array, context.names[0], meaning)))
        old = Name("", self.tasks.sources.place(site))
        edit = Edit("rewritten", old, whole, old, lambda new: new)
        known = by_code(facts.diagnosis.code) if facts.diagnosis.code is not None else None
        formula = Inlined(old, (Piece(site, old),))
        whole_line = finding_of(self.submission, formula, context, (Repair((edit,), edit.cost),), facts, known)
        if len(whole_line.text or "") > LONGEST_REWRITTEN:
            return facts
        return replace(whole_line, rewritten=True, last_resort=True, cost=edit.cost)

    def _is_right(self, whole: Expression, context: Context) -> bool:
        meaning = self.tasks.meaning(tuple((held,) for held in context.names))
        values = (value_of(whole, held, meaning) for held in context.names)
        measures = self.evidence.scene.measures_of(context.step.name)
        return all(is_right(*pair) for pair in zip(values, context.right, measures, strict=True))

    def in_function(self, step: str, name: str) -> Iterator[Finding]:
        """Yield the smallest changes in function `name` that make `step` right, whose line calls it. Whether they break
        other steps is not checked."""
        judged = self.judged[step]
        inner = {one.key: one for one in in_functions(judged.task, judged.site, frozenset())}
        for there in (one for key, one in inner.items() if key[0] == name):
            for repair in self._searches.smallest(there.task, there.site, there.key):
                finding = self._told_in(there, (repair,), judged.context, judged.facts)
                yield replace(finding, cost=finding.cost + LATER) if _is_of_a_call((repair,)) else finding

    @property
    def callers(self) -> dict[str, list[str]]:
        """Map each of the student's functions to the explained steps whose lines call it; callers before callees."""
        called_by = {step: self._called_by(judged.task.expression) for step, judged in self.judged.items()}
        return {
            name: steps
            for name in reversed(list(self.tasks.sources.functions))
            if (steps := [step for step, names_ in called_by.items() if name in names_])
        }

    def _called_by(self, expression: Expression) -> frozenset[str]:
        """Return the functions that an expression calls, directly or through other functions."""
        found: set[str] = set()
        waiting = [expression]
        while waiting:
            new = called(waiting.pop()) - found
            found |= new
            waiting += [part.formula for name in new for part in self.tasks.sources.functions[name].parts]
        return frozenset(found)

    def _in_functions(
        self, site: Site, task: Task, context: Context, facts: Finding, own: Sequence[Repair]
    ) -> Finding | None:
        """Return the finding of a mistake in a function that the line calls; None if no change there is as small as the
        line's `own` repairs."""
        best: Elsewhere | None = None
        smallest = own
        for there in {one.key: one for one in in_functions(task, site, self.tasks.trusted)}.values():
            repairs = self._searches.smallest(there.task, there.site, there.key)
            equal = bool(smallest) and bool(repairs) and repairs[0].cost == smallest[0].cost
            as_good = equal and ((best is None and _is_change(repairs)) or _is_of_a_call(smallest))
            if repairs and (not smallest or repairs[0].cost < smallest[0].cost or as_good):
                best, smallest = there, repairs
        return None if best is None else self._told_in(best, smallest, context, facts)

    def _told_in(self, there: Elsewhere, repairs: Sequence[Repair], context: Context, facts: Finding) -> Finding:
        within = replace(context, names=there.held, reads=names(there.task.expression))
        formula = Inlined(there.task.expression, (Piece(there.site, there.task.expression),))
        return self._told(formula, within, repairs, facts)


def _ambiguity(finding: Finding) -> tuple[float, bool]:
    """Sorts findings with the smallest change first; of equals one that is not one of several."""
    return finding.cost, finding.diagnosis.confidence == "one_of"


def _divides(repair: Repair) -> bool:
    """Whether a repair puts in a divisor: that undoes passes of a loop that a line should not be in."""
    return any(isinstance(edit.after, Call) and edit.after.operation == "div" for edit in repair.edits)


def _is_empty(expression: Expression | None) -> bool:
    """Whether an expression makes an array of zeros."""
    return isinstance(expression, Call) and expression.operation in ("zeros", "zeros_like", "empty", "empty_like")


def _is_change(repairs: Sequence[Repair]) -> bool:
    """Whether the repairs change existing code; something missing may just as well be missing in the calling line."""
    return not any(edit.kind.startswith("missing") for edit in repairs[0].edits)


def _writes_all(repairs: Sequence[Repair], context: Context) -> bool:
    """Whether every repair inserts the whole right formula and discards the replaced part: `np.array(rows)` becomes
    `np.array(2 * x)`. A known quantity in the place of another, or another operator, discards nothing."""
    whole = None if context.whole is None else text(context.whole)
    last = [one.edits[-1] for one in repairs]
    return all(text(edit.after) == whole and not _keeps_a_part(edit, context) for edit in last)


def _keeps_a_part(edit: Edit, context: Context) -> bool:
    if isinstance(edit.before, Name) and edit.before.id in context.quantities:
        return True
    kept = list(walk(edit.after))
    return any(one in kept for one in (edit.before, *children(edit.before)))


def _replaces_what_is_only_read(task: Task, repair: Repair, context: Context) -> bool:
    """Whether the line only reads a field or an entry, `dw = weight.grad`, and would be made to compute something: then
    the mistake is where that field got its value. Another field may still be the one that was meant; and one that holds
    another step, `g["dx"] = g["dh"]`, is a part of what this line should compute."""
    expression = task.expression
    if not takes_entry(expression) or (isinstance(expression, Name) and expression.id in context.quantities):
        return False
    return not takes_entry(repair.result)


def _puts_for_helper(formula: Inlined, repairs: Sequence[Repair]) -> bool:
    """Whether every repair replaces a helper's whole formula with another name: then the helper may be right and the
    line reads the wrong name."""
    helpers = {id(piece.root) for piece in formula.pieces[1:]}
    return all(
        len(one.edits) == 1 and id(one.edits[0].before) in helpers and isinstance(one.edits[0].after, Name)
        for one in repairs
    )


def _may_be_misplaced(formula: Inlined, repairs: Sequence[Repair], found: Finding) -> bool:
    """Whether the line as it is typed may have a better repair than the one found with its helpers put in."""
    return _puts_for_helper(formula, repairs) or _may_be_smaller(formula, found)


def _may_be_smaller(formula: Inlined, found: Finding) -> bool:
    """Whether a finding adds something to a line that reads helpers: in the line as it is typed, a smaller change may
    do, as helpers that are right elsewhere are not changed."""
    return len(formula.pieces) > 1 and found.adds


def _is_of_a_call(repairs: Sequence[Repair]) -> bool:
    """Whether every repair changes the result of a call of a student's function: the same may be done inside it."""
    return all(
        isinstance(edit.before, Call) and edit.before.operation.endswith("()") for one in repairs for edit in one.edits
    )
