"""Explains the wrong steps of one submission: reads each step's expression, finds its repairs, has them told.

What was read, found and learned for one step serves the next one at the same place.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from grader.diagnosis.by_value import described, predicted
from grader.diagnosis.catalogue import by_code
from grader.diagnosis.chain import Derivation
from grader.diagnosis.context import Context
from grader.diagnosis.course import named_by_course
from grader.diagnosis.edits import Edit, is_built, moved
from grader.diagnosis.elsewhere import called, in_functions
from grader.diagnosis.finding import Finding
from grader.diagnosis.meaning import StudentMeaning
from grader.diagnosis.numbers import as_number, is_right, shape_of
from grader.diagnosis.scalars import ScalarMeaning
from grader.diagnosis.search import SECONDS, Names, Repair, Task, search, value_of
from grader.diagnosis.sources import Sources
from grader.diagnosis.surroundings import Surroundings, occurrence_of
from grader.diagnosis.telling import told
from grader.diagnosis.unfolding import Line, Piece, Readers, Unfolded, Unfolding
from grader.formula.syntax import Call, Expression, Index, Name, children, names, text, walk
from grader.judge.compare import Measure
from grader.judge.trial import Evidence
from grader.judge.verdicts import Verdict
from grader.model import Submission, Value
from grader.runner.site import Site
from grader.runner.types import Key

ALTOGETHER = 10.0
"""Seconds the repairs of one submission may be looked for; after them the facts stand alone."""

AT_LEAST = 0.05
"""Seconds for a step for which none are left: the smallest repairs are found in less."""

MOST_PASSES = 128
"""Passes of a loop a repair is proven in: what the names held is put together for each of them anew."""


@dataclass
class Explainer:
    """One submission's explanations; `_repairs` are those found at each place."""

    evidence: Evidence
    submission: Submission
    surroundings: Surroundings
    derivation: Derivation
    verdicts: Sequence[Verdict] = ()
    _left: float = ALTOGETHER
    _until: float = 0.0
    _repairs: dict[tuple[int, tuple[str, int] | None], tuple[Repair, ...]] = field(default_factory=dict)

    _edits: dict[int, list[Edit]] = field(default_factory=dict)

    @cached_property
    def _sources(self) -> Sources:
        return Sources(self.submission)

    def explain(self, verdict: Verdict, facts: Finding, seconds: float = SECONDS) -> Finding:
        """The finding of one wrong step; the facts where nothing more can be proven in these seconds."""
        commits = [at.get(verdict.step.name) for at in self.evidence.commits]
        own = tuple(as_number(value) if isinstance(value, Value) else None for value in commits)
        seen = described(self.derivation, verdict.step, own)
        if seen is not None:
            facts = replace(facts, diagnosis=replace(facts.diagnosis, message=f"{facts.diagnosis.message} {seen}"))
        started = time.thread_time()
        self._until = started + seconds
        finding = self._repaired(verdict, own, facts)
        self._left -= time.thread_time() - started
        return named_by_course(self.derivation, verdict.step, own, finding)

    def _repaired(
        self, verdict: Verdict, own: tuple[Any, ...], facts: Finding, known: frozenset[str] | None = None
    ) -> Finding:
        """`known` are the names a repair may be made of; None: all that are there."""
        site = verdict.site
        if site is None or site.cell >= len(self.submission.cells):
            return facts
        expression = self._sources.read(site)
        passes = self._passes(verdict, site)
        if passes is None:
            bare = Context(self.evidence, ({},), self.derivation, verdict.step)
            return predicted(self.derivation, bare.rule, own, self._with_rule(facts, bare))
        if known is not None:
            passes = tuple(tuple({n: v for n, v in held.items() if n in known} for held in each) for each in passes)
        reads = frozenset() if expression is None else names(expression)
        right = tuple(as_number(at[verdict.step.name]) for at in self.evidence.scene.reference.values)
        last = tuple(held[-1] for held in passes)
        context = Context(self.evidence, last, self.derivation, verdict.step, right, reads)
        facts = self._with_rule(facts, context)
        facts = predicted(self.derivation, context.rule, own, facts)
        occurrence = occurrence_of(verdict, site, self.surroundings.runs[0]) or 0
        formulas = () if expression is None else self._formulas(verdict, (site, occurrence), expression, passes)
        for formula, held in formulas:
            task = self._task(formula, context, held, own, verdict)
            if task is None:
                continue
            repairs = self._search(task, site, formula=formula)
            inside = self._in_functions(site, task, context, facts, repairs[0].cost if repairs else None)
            if inside is not None:
                return inside
            if repairs:
                elsewhere = None
                if known is None and (inner := self._reaches_out(site, reads, repairs)):
                    elsewhere = self._outside(verdict, own, facts)
                    if elsewhere is None or self._is_rewritten(elsewhere, verdict):
                        within = self._repaired(verdict, own, facts, inner)
                        elsewhere = within if within.text is not None else elsewhere
                return elsewhere or told(self.submission, formula, context, repairs, facts)
            break
        return self._rewritten(site, context, facts)

    def _reaches_out(self, site: Site, reads: frozenset[str], repairs: Sequence[Repair]) -> frozenset[str]:
        """The names of a function made of its own names alone, where repairs put into it what it does not know."""
        if not site.scope:
            return frozenset()
        sites = self.surroundings.sites
        scopes = (one for one in sites.all if one.scope.startswith(site.scope))
        own = frozenset(name for one in scopes for name in (*one.names, one.owner))
        added = {name for one in repairs for edit in one.edits for name in names(edit.after) - names(edit.before)}
        return own if reads <= own and not added <= own else frozenset()

    def _outside(self, verdict: Verdict, own: tuple[Any, ...], facts: Finding) -> Finding | None:
        """The finding at the line that calls the function a value was computed in, where a change there does it."""
        site = None if verdict.event is None else self.surroundings.sites[verdict.event.site]
        if site is None or site == verdict.site:
            return None
        finding = self._repaired(replace(verdict, site=site), own, facts)
        return finding if finding.text is not None else None

    def _is_rewritten(self, finding: Finding, verdict: Verdict) -> bool:
        """Whether a finding is no more than the step's own line written anew."""
        site = None if verdict.event is None else self.surroundings.sites[verdict.event.site]
        return site is not None and finding.place == self._sources.place(site)

    def _formulas(
        self, verdict: Verdict, place: tuple[Site, int], expression: Expression, passes: tuple[tuple[Names, ...], ...]
    ) -> Iterator[tuple[Unfolded, tuple[tuple[Names, ...], ...]]]:
        """The line's formula with its helpers' in the place of their names; as it stands where that does not do. With
        what all names held."""
        site, occurrence = place
        context = Context(self.evidence, tuple(held[-1] for held in passes), self.derivation, verdict.step)
        line = Line(site, expression, (site.number, occurrence), passes)
        bound = self._helpers.quantities
        known, meaning = frozenset(context.quantities), self._meaning(passes)
        unfolding = Unfolding(line, known, bound, self.surroundings, self._sources, meaning)
        unfolded = unfolding.unfolded()
        if unfolded.whole is not expression:
            yield unfolded, _with(passes, unfolding.held)
        yield Unfolded(expression, (Piece(site, expression),)), passes

    def _rewritten(self, site: Site, context: Context, facts: Finding) -> Finding:
        """The finding where no small change will do: the line written anew, as the chain rule says."""
        whole = context.whole
        written = site.kind in ("assign", "returned", "appended", "argument", "entry")
        if whole is None or not written or not self._is_right(whole, context):
            return facts
        old = Name("", self._sources.place(site))
        edit = Edit("rewritten", old, whole, old, lambda new: new)
        known = by_code(facts.diagnosis.code) if facts.diagnosis.code is not None else None
        formula = Unfolded(old, (Piece(site, old),))
        anew = told(self.submission, formula, context, (Repair((edit,), edit.cost),), facts, known)
        return replace(anew, rewritten=True)

    def _is_right(self, whole: Expression, context: Context) -> bool:
        meaning = self._meaning(tuple((held,) for held in context.names))
        values = (value_of(whole, held, meaning) for held in context.names)
        measures = self.evidence.scene.measures_of(context.step.name)
        return all(is_right(*pair) for pair in zip(values, context.right, measures, strict=True))

    def _with_rule(self, facts: Finding, context: Context) -> Finding:
        rule = context.rule
        if rule is None:
            return facts
        return replace(facts, diagnosis=replace(facts.diagnosis, rule=rule.told(context.called)))

    @cached_property
    def _trusted(self) -> frozenset[str]:
        """Functions called where a right value comes from: what is wrong elsewhere is not wrong in them."""
        found: frozenset[str] = frozenset()
        for verdict in self.verdicts:
            if verdict.outcome in ("correct", "carried") and verdict.site is not None:
                expression = self._sources.read(verdict.site)
                found |= frozenset() if expression is None else called(expression)
        return found

    def _passes(self, verdict: Verdict, site: Site) -> tuple[tuple[Names, ...], ...] | None:
        """What the names held each time the line ran, up to the binding that is judged; None where it never did, or
        so often that this would take long."""
        occurrence = occurrence_of(verdict, site, self.surroundings.runs[0])
        if occurrence is None:
            return None
        first = 0 if site.in_loop and site.kind in ("again", "assign", "whole") else occurrence
        if occurrence - first >= MOST_PASSES:
            return None
        found = []
        for k in range(len(self.surroundings.runs)):
            held = [self.surroundings.at(k, site, number) for number in range(first, occurrence + 1)]
            reached = tuple(one for one in held if one is not None)
            if len(reached) < len(held):
                return None
            found.append(reached)
        return tuple(found)

    def _task(
        self,
        formula: Unfolded,
        context: Context,
        passes: tuple[tuple[Names, ...], ...],
        own: tuple[Any, ...],
        verdict: Verdict,
    ) -> Task | None:
        """The search for this step; None where the expression does not give what the student's code gave."""
        meaning, expression, site = self._meaning(passes), formula.whole, formula.pieces[0].site
        task = Task(
            expression,
            passes,
            context.right,
            self._measures(context.step.name),
            context.swaps,
            context.factors,
            context.terms,
            context.constants,
            _counts(expression, context.names[0]),
            self._before(site, expression, passes, own, meaning),
            frozenset(name for name, quantity in context.quantities.items() if quantity in context.ingredients),
            context.strangers,
            meaning,
            parts=context.parts,
            keys=() if is_built(expression) and len(children(expression)) > 1 else self._sources.keys(site),
        )
        if all(value is None for value in own):
            # It raised: what cannot be evaluated here either is read as it was meant.
            return task if all(task.gives(expression, k) is None for k in range(len(own))) else None
        for k, value in enumerate(own):
            if value is None or not is_right(
                task.gives(expression, k), value, self.evidence.scene.measure(k, context.step.name)
            ):
                return None
        if len(formula.pieces) < 2:
            return task
        right, wrong = self._readers(verdict)
        return replace(
            task,
            trusted=frozenset(node for node, _ in formula.within(right)),
            helpers={
                node: float(site in wrong) for node, site in formula.within({p.site.number for p in formula.pieces})
            },
        )

    def _readers(self, verdict: Verdict) -> tuple[frozenset[int], frozenset[int]]:
        """The sites of helpers that right steps are made of, and of those that other wrong steps are made of."""
        right: set[int] = set()
        wrong: set[int] = set()
        for other in self.verdicts:
            place = None if other is verdict else _place_of(other)
            if place is not None and other.outcome in ("correct", "carried"):
                right |= self._helpers.of(place)
            elif place is not None and other.outcome == "wrong":
                wrong |= self._helpers.of(place)
        return frozenset(right), frozenset(wrong - right)

    @cached_property
    def _helpers(self) -> Readers:
        matches = self.evidence.alignment.matches.values()
        bound = {match.events[0].place for match in matches if match.events[0] is not None}
        return Readers(self.surroundings, frozenset(bound.union(*(match.origins for match in matches))))

    def _measures(self, step: str) -> tuple[Measure, ...]:
        """What a repair is held against: of a step whose lost axes are what is wrong, the shape as well."""
        measures = self.evidence.scene.measures_of(step)
        strict = step in self.evidence.misshapen
        return tuple(replace(one, strict=True) for one in measures) if strict else measures

    def _before(
        self,
        site: Site,
        expression: Expression,
        passes: tuple[tuple[Names, ...], ...],
        own: tuple[Any, ...],
        meaning: StudentMeaning,
    ) -> tuple[Any, ...]:
        """What a line adds to, at every point: what the name held, and what other lines added in a loop."""
        name = self._sources.changed(site)
        held = tuple(None if name is None else each[0].get(name) for each in passes)
        if site.kind == "whole":
            return held
        if not isinstance(expression, Call) or expression.operation not in ("again_add", "again_sub"):
            return held
        sign = 1 if expression.operation == "again_add" else -1
        found = []
        for value, each in zip(own, passes, strict=True):
            added = [value_of(expression.arguments[0], one, meaning) for one in each]
            known = value is not None and all(one is not None for one in added)
            try:
                found.append(value - sign * sum(added[1:], added[0]) if known else None)
            except ValueError:  # shapes that do not fit together
                found.append(None)
        return tuple(found)

    def _meaning(self, passes: tuple[tuple[Names, ...], ...]) -> StudentMeaning:
        """Arithmetic of numbers where there are only numbers: NumPy takes longer to import than such a step to
        repair."""
        if not any(shape_of(value) for held in passes for value in held[-1].values()):
            return ScalarMeaning(self._sources.functions)
        from grader.diagnosis.arithmetic import NumpyMeaning

        return NumpyMeaning(self._sources.functions)

    def _search(
        self, task: Task, site: Site, key: tuple[str, int] | None = None, formula: Unfolded | None = None
    ) -> tuple[Repair, ...]:
        """The smallest repairs; those found for another step at this place, where they mend this one too."""
        known = self._repairs.get((site.number, key), ())
        if known and all(task.mends(repair.result) for repair in known):
            return known
        if formula is not None and (again := self._mended_before(task, formula)) is not None:
            return (again,)
        left = min(self._until - time.thread_time(), self._left)
        found = search(task, max(left, AT_LEAST))
        self._repairs[site.number, key] = found
        if formula is not None and len(found) == 1 and len(found[0].edits) == 1:
            edit = found[0].edits[0]
            self._edits.setdefault(formula.home(edit.before).site.number, []).append(edit)
        return found

    def _mended_before(self, task: Task, formula: Unfolded) -> Repair | None:
        """A repair of another step that was made in this line or in a helper of it, and mends this one too."""
        for piece in formula.pieces:
            for edit in self._edits.get(piece.site.number, ()):
                for node in walk(piece.root):
                    if node.place == edit.before.place and text(node) == text(edit.before):
                        again = moved(edit, formula.whole, node)
                        if task.mends(again.whole_after):
                            return Repair((again,), again.cost)
        return None

    def _in_functions(
        self, site: Site, task: Task, context: Context, facts: Finding, cost: float | None
    ) -> Finding | None:
        """The finding where the mistake is in a function that the line calls; None where no change there is as small as
        the one of `cost` in the line."""
        for there in in_functions(task, site, self._trusted):
            repairs = self._search(there.task, there.site, there.key)
            if repairs and (
                cost is None or repairs[0].cost < cost or (repairs[0].cost == cost and _is_change(repairs))
            ):
                within = replace(context, names=there.held, reads=names(there.task.expression))
                formula = Unfolded(there.task.expression, (Piece(there.site, there.task.expression),))
                return told(self.submission, formula, within, repairs, facts)
        return None


def _place_of(verdict: Verdict) -> Key | None:
    """The binding that what is pointed at was computed in: in a function, the one its value comes from."""
    if verdict.match is None or verdict.event is None or verdict.site is None:
        return None
    if verdict.event.site == verdict.site.number:
        return verdict.event.place
    return next((place for place in verdict.match.origins if place[0] == verdict.site.number), None)


def _with(passes: tuple[tuple[Names, ...], ...], more: Sequence[Mapping[str, Any]]) -> tuple[tuple[Names, ...], ...]:
    """What the names held, and what some had held before."""
    return tuple(tuple({**held, **other} for held in each) for each, other in zip(passes, more, strict=True))


def _is_change(repairs: Sequence[Repair]) -> bool:
    """Whether something that is there is changed: what is missing may as well be missing in the line itself."""
    return not any(edit.kind.startswith("missing") for edit in repairs[0].edits)


def _counts(expression: Expression, held: Names) -> frozenset[str]:
    """What stands for a whole number in an expression: `n`, `len(x)`, `x.shape[0]`."""
    found = set()
    for part in walk(expression):
        match part:
            case Name(id=name) if isinstance(held.get(name), int):
                found.add(name)
            case Call("length") | Index(base=Call("shape_of")):
                found.add(text(part))
    return frozenset(found)
