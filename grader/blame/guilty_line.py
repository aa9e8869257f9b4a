"""Find the line to blame for a wrong step that no repair was found for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.blame.known import KnownRight, SourceCalls, at, condition_of, handed_to_a_call, passes_of, returned_early
from grader.blame.meant import POINT as CHECKED
from grader.blame.meant import LocalSearch, Slopes
from grader.blame.step_trace import MOST_COMPARED as MOST_ENTRIES
from grader.blame.step_trace import (
    Events,
    Filling,
    Restoring,
    SpoilingLine,
    StepTrace,
    beginnings,
    by_entries,
    by_terms,
    fillings,
    overwritten,
    step_traces,
    unwritten,
)
from grader.diagnosis.finding import FORGOTTEN, Finding
from grader.diagnosis.step.step_environment import step_environment
from grader.instrument.site import BUILDS, CHANGES, Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import same
from grader.judge.matching.naming import meanings
from grader.judge.matching.types import Match
from grader.judge.verdicts import Verdict
from grader.model import Submission, Value
from grader.runner.session import Session
from grader.runner.types import Event, Key
from grader.runner.wire import FIRST_ENTRY
from grader.submission.spans import lines_of
from grader.submission.wording import SPOILT, at_line

DEEPEST = 4
"""How many functions and locals deep the search follows a value."""

MOST = 6
"""Steps whose guilty lines are searched for, at most."""


Pointed = tuple[tuple[Verdict, ...], dict[str, Finding]]
"""Verdicts, and findings by step name."""


def with_guilty_lines(
    session: Session,
    evidence: Evidence,
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    findings: Mapping[str, Finding],
) -> Pointed:
    """Return the verdicts, with the place where the value was made wrong for each wrong one without a repair; and the
    findings, without those that would rewrite a right line."""
    runs = step_environment(session, evidence, submission).runs
    search = _GuiltyLines(session, evidence, submission, verdicts, runs)
    found: dict[str, Verdict] = {}
    kept = dict(findings)
    for verdict in [one for one in verdicts if is_wrong(one)][:MOST]:
        name, finding = verdict.step.name, findings.get(verdict.step.name)
        pointed = search.pointed(verdict, finding)
        if pointed is not None:
            found[name] = pointed
            there = pointed.note is None and search.mends(finding, pointed.site)
            if finding is not None and finding.text is not None and not there:
                kept[name] = Finding(finding.facts or finding.diagnosis)
    return tuple(found.get(one.step.name, one) for one in verdicts), kept


_MAKING = ("assign", "again", "whole", "item")
"""The kinds of sites that make a local, at once or entry by entry."""


def _hands_on(own: Site, site: Site) -> bool:
    """Whether a line can only pass on what an earlier one made: `dz = dz.numpy()` after the loop, or the entries of a
    container: `da_i, da_f = (da[k] for k in "if")`."""
    outer = not (own.scope or site.scope) and own.cell == site.cell and own.number < site.number
    return outer and (own.kind == "settled" or (site.kind == "unpack" and not site.reads.isdisjoint(own.names)))


def is_wrong(verdict: Verdict) -> bool:
    """Whether a step was bound to a wrong value, and the place is not located yet."""
    bound = verdict.match is not None and verdict.event is not None and verdict.site is not None
    return verdict.outcome == "wrong" and verdict.reason in _SHOWN and bound and not verdict.located


def is_unexplained(verdict: Verdict, findings: Mapping[str, Finding]) -> bool:
    """Whether the only finding for a step is how its whole line should read, or there is none."""
    finding = findings.get(verdict.step.name)
    return finding is None or finding.text is None or finding.rewritten


_SHOWN = ("value", "shape", "given_point_only", "not_finite", "constant")


@dataclass(frozen=True, slots=True)
class _At:
    """A site that was reached in the run at the given numbers, and what had been bound by then."""

    site: Site
    events: Events


class _GuiltyLines:
    def __init__(
        self,
        session: Session,
        evidence: Evidence,
        submission: Submission,
        verdicts: Sequence[Verdict],
        runs: tuple[Events, ...],
    ) -> None:
        self.evidence, self.submission, self.runs = evidence, submission, runs
        self.sites = evidence.scene.sites
        self.calls = SourceCalls(submission)
        self.known = KnownRight(evidence, verdicts, self.calls)
        self.wrong = [one for one in verdicts if is_wrong(one)]
        self.carried = [one for one in verdicts if one.outcome == "carried"]
        self.restoring = Restoring(session, evidence, self.known)
        self.meant = LocalSearch(session, evidence)
        self.slopes = Slopes(session, evidence, self.meant)

    def pointed(self, verdict: Verdict, finding: Finding | None) -> Verdict | None:
        """The verdict with the place to point at; None if the finding, or the verdict itself, has the right place."""
        seen = step_traces(self.evidence, self.runs, verdict)
        if not seen or (finding is not None and finding.kind == FORGOTTEN):
            return None
        if (site := self._by_slopes(verdict, finding)) is not None:
            return None if self.mends(finding, site) else replace(verdict, site=site, located=True)
        found = self._by_recorded_values(verdict, finding, seen)
        doubtful = finding is None or finding.text is None or finding.rewritten or self._is_doubtful(finding)
        if not doubtful or (found is not None and not self._binds_it(found, verdict)):
            return found
        meant = self._by_meaning(verdict, seen)
        return meant if meant is not None and not self.mends(finding, meant.site) else found

    def _by_slopes(self, verdict: Verdict, finding: Finding | None) -> Site | None:
        """The line that the slopes of the forward pass show to be wrong, or to which they leave a repair of a line that
        is right; None if they show nothing."""
        step = None if verdict.match is None or len(self.runs) <= CHECKED else verdict.match.events[CHECKED]
        if step is None:
            return None
        suspects = self.slopes.suspects(verdict.step.name, step, self.meant.made_from(verdict, CHECKED))
        sites = [self.sites[one.site] for one in suspects.events]
        sites = [one for one in sites if one.cell < len(self.submission.cells)]
        repaired = next((one for one in sites if self.mends(finding, one)), None)
        right = [self.sites[number] for (number, _), is_slope in self.slopes.found.items() if is_slope]
        if not suspects.shown and (repaired is not None or not any(self.mends(finding, one) for one in right)):
            return None
        # What a function is handed wrong is made where it is called.
        return repaired or next((one for one in reversed(sites) if not one.copy and one.kind != "parameter"), None)

    @staticmethod
    def _binds_it(found: Verdict, verdict: Verdict) -> bool:
        """Whether the site found is one that gives the step's own name its value, or a part of it."""
        sites = (found.site, verdict.site)
        own, of_step = ({*one.names, one.owner} - {""} if one is not None else set() for one in sites)
        return found.note is None and bool(own & of_step)

    @staticmethod
    def mends(finding: Finding | None, site: Site | None) -> bool:
        """Whether a repair is within the statement of a site."""
        if finding is None or finding.place is None or site is None or finding.cell != site.cell:
            return False
        return site.statement[0] <= finding.place.line <= site.statement[2]

    def _is_doubtful(self, finding: Finding) -> bool:
        """Whether a repair may as well be one of a local: it inserts a part of the right formula, or replaces one name
        as a whole, `np.exp(said)` for `said`."""
        taken = self._text_at(finding)
        return finding.in_part or (taken.isidentifier() and taken in re.findall(r"[^\W\d]\w*", finding.text or ""))

    def _by_meaning(self, verdict: Verdict, seen: Sequence[StepTrace]) -> Verdict | None:
        """The verdict with the line of a local that was meant to be another value, as substituting that value shows."""
        event = self.meant.instead(verdict, self._may_be)
        if event is None or verdict.site is None:
            return None
        site = self._made_at(_At(self.sites[event.site], _until(seen[0].events, event)))
        apart = site is not None and site.statement != verdict.site.statement
        return replace(verdict, site=site, located=True) if apart else None

    def _by_recorded_values(
        self, verdict: Verdict, finding: Finding | None, seen: Sequence[StepTrace]
    ) -> Verdict | None:
        """The verdict with the place to point at, as far as the bindings of one run show it."""
        spoilt = self.restoring.spoilt(verdict, seen)
        if spoilt is not None:
            return replace(verdict, site=spoilt.site, note=self._note(spoilt), located=True)
        if finding is not None and finding.text is not None and not finding.rewritten:
            if finding.in_part and (adding := self._by_terms(verdict, seen)) is not None:
                return None if self.mends(finding, adding) else replace(verdict, site=adding)
            gathered = self._gathered(finding, seen)
            return self._misplaced(verdict, finding, seen) if gathered is None else replace(verdict, site=gathered)
        if verdict.site is not None and verdict.site.copy and self.known.quantity(0, seen[0].own) is not None:
            return None  # it took the right value of another quantity
        entered = self._by_entries(verdict, seen)
        if entered is None and (taken := self._taken_for(verdict, seen)) is not None:
            return replace(verdict, site=taken)
        start = self._start(verdict, seen) if entered is None else _At(entered, seen[0].events)
        site = self._made_at(start) if entered is None or entered.copy else entered
        own = verdict.site
        if site is None or own is None or site.statement == own.statement or _hands_on(own, site):
            return None
        deeper = entered is not None or (start is not None and start.site.statement != site.statement)
        return replace(verdict, site=site, located=deeper)

    def _misplaced(self, verdict: Verdict, finding: Finding, seen: Sequence[StepTrace]) -> Verdict | None:
        """The verdict pointing elsewhere, where a repair would change a line that right values are made from, or do in
        a line what an earlier line should have done."""
        if verdict.site is None or finding.place is None or verdict.event is None:
            return None
        own, line = verdict.site, finding.place.line
        held = (
            set()
            if verdict.match is None
            else {place[0] for place in (*verdict.match.held_at, *_places(verdict.match))}
        )
        lines = [one for one in self.sites.all if one.cell == finding.cell]
        changed = [one for one in lines if one.statement[0] <= line <= one.statement[2]]
        if finding.in_part and any(self._is_built_up_from(one, own) for one in changed):
            return verdict
        for site in [one for one in changed if one.number not in held]:
            if site.kind == "assign" and {(site.scope, name) for name in site.names} & self.known.locals:
                reading = self._start(verdict, seen)
                return None if reading is None else replace(verdict, site=reading.site)
        taken, put = (frozenset(re.findall(r"[^\W\d]\w*", one)) for one in (self._text_at(finding), finding.text or ""))
        left_out = taken - put
        if len(left_out) != 1 or len(put) < 2 or not left_out <= own.reads:
            return None
        start = self._named(_At(own, seen[0].events), next(iter(left_out)))
        if start is None or start.site.kind != "assign" or start.site.copy:
            return None
        # If the repair rewrites more than the local, it has to use what the local is made from.
        bound = {name for one in self.sites.all for name in one.names}
        whole = len(taken) == 1 or start.site.reads & bound <= put
        return replace(verdict, site=self._made_at(start)) if whole else None

    @staticmethod
    def _is_built_up_from(start: Site, own: Site) -> bool:
        """Whether a line changes what another one began: what is missing may be missing in any line after that."""
        began = start.statement != own.statement and start.scope == own.scope and bool({*start.names} & {*own.names})
        return began and own.kind in BUILDS

    def _gathered(self, finding: Finding, seen: Sequence[StepTrace]) -> Site | None:
        """Where the values are computed that a line only puts together, if a repair would change that line."""
        if finding.place is None:
            return None
        line = finding.place.line
        at = [
            one for one in self.sites.all if one.cell == finding.cell and one.statement[0] <= line <= one.statement[2]
        ]
        for site in filter(self.calls.only_gathers, at):
            events = [event for event in seen[0].events if event.site == site.number]
            if events:
                made = self._made_at(_At(site, _until(seen[0].events, events[-1])))
                return made if made is not None and made.statement != site.statement else None
        return None

    def _text_at(self, finding: Finding) -> str:
        """The text that a repair would replace."""
        if finding.place is None or finding.cell is None or finding.place.line != finding.place.end_line:
            return ""
        line = lines_of(self.submission.cells[finding.cell].source)[finding.place.line - 1]
        return line[finding.place.column - 1 : finding.place.end_column - 1]

    def _note(self, spoilt: SpoilingLine) -> str:
        made, changed = (self._line(one) for one in (spoilt.made, spoilt.site))
        return f"`{spoilt.name}` was right on {made}; {changed}{SPOILT}"

    def _line(self, site: Site) -> str:
        return at_line(self.submission.cells[site.cell], site.statement[0])

    def _by_entries(self, verdict: Verdict, seen: Sequence[StepTrace]) -> Site | None:
        """Of the lines that fill one array, the guilty one, or the condition or loop that decides whether it runs."""
        if any(one.own.size > MOST_ENTRIES for one in seen):
            return None
        among = self._leading_to(verdict)
        own = fillings(self.evidence, seen, among, own=True)
        left_out = own[-1].site if unwritten(seen, own) else self._never_filled(verdict, seen)
        if left_out is not None:
            deciding = (returned_early, condition_of, passes_of)
            return next((found for one in deciding if (found := one(self.submission, left_out)) is not None), None)
        filling = fillings(self.evidence, seen, among, own=False)
        line = by_entries(seen, [one for one in filling if not self.known.fills_right(one.site)])
        if line is None:
            return self._by_terms(verdict, seen) or self._by_condition(own, seen)
        return (condition_of(self.submission, line.site) if overwritten(seen, line) else None) or line.site

    def _by_condition(self, filling: Sequence[Filling], seen: Sequence[StepTrace]) -> Site | None:
        """The condition under which all of several lines fill an array, if no single one of them reaches all wrong
        entries."""
        conditions = [condition_of(self.submission, one.site) for one in filling]
        alike = len({one.statement if one is not None else None for one in conditions}) == 1
        reached = any(
            (one.wrong or frozenset()) <= line.entries[k] for line in filling for k, one in enumerate(seen) if one.wrong
        )
        return conditions[0] if len(filling) > 1 and alike and not reached else None

    def _by_terms(self, verdict: Verdict, seen: Sequence[StepTrace]) -> Site | None:
        """Of the lines that add to one sum, the one whose terms lack a factor."""
        among = self._leading_to(verdict) | self._into_same_container(verdict)
        adding = fillings(self.evidence, seen, among, own=True)
        return by_terms(seen, [*beginnings(self.evidence, seen, among), *adding]) if adding else None

    def _into_same_container(self, verdict: Verdict) -> frozenset[int]:
        """The lines that put something into the container of a step: `grads["dx"] += e`."""
        own = verdict.site
        if own is None or own.kind != "item":
            return frozenset()
        items = (one for one in self.sites.all if one.kind == "item" and one.scope == own.scope)
        return frozenset(one.number for one in items if (one.owner, one.within) == (own.owner, own.within))

    def _leading_to(self, verdict: Verdict) -> frozenset[int]:
        """The lines that make a step, or what it is made from: all lines of functions called on the way, and none that
        right values are made from."""
        own = [self.sites[place[0]] for place in _places(verdict.match)] if verdict.match is not None else []
        found, waiting = {site.number for site in own}, own
        while waiting:
            site = waiting.pop()
            read = {(scope, name) for scope in (site.scope, "") for name in site.reads} - self.known.locals
            changed = {(site.scope, name) for name in site.names if site.kind in CHANGES}
            for one in self.sites.all:
                bound = any((one.scope, name) in read | changed for name in (*one.names, one.owner))
                within = bool(one.scope) and one.scope.split(".")[-1] in site.reads
                if one.number not in found and (bound or within) and one.cell < len(self.submission.cells):
                    found.add(one.number)
                    waiting.append(one)
        return frozenset(found)

    def _never_filled(self, verdict: Verdict, seen: Sequence[StepTrace]) -> Site | None:
        """The first line that should have filled an array which has stayed as it was made, all zeros."""
        start = self._start(verdict, seen)
        if start is None or any(any(one.own.numbers()) for one in seen):
            return None
        alike = (one for one in self.sites.all if one.scope == start.site.scope and one.kind in ("whole", "again"))
        return next((one for one in alike if one.in_loop and set(one.names) & set(start.site.names)), None)

    def _made_at(self, start: _At | None) -> Site | None:
        """Where a value was computed: inside the functions that return it, and at the local it is made from."""
        for _ in range(DEEPEST):
            deeper = None if start is None else self._deeper(self._put_in(start))
            if deeper is None:
                break
            start = deeper
        return None if start is None else self._put_in(start).site

    def _put_in(self, place: _At) -> _At:
        """The site of the appended value, in place of the call that appends it."""
        here = (one for one in self.sites.all if one.kind == "appended" and one.statement == place.site.statement)
        inner = next((one for one in here if one.cell == place.site.cell), place.site)
        return replace(place, site=inner) if place.site.kind == "touched" else place

    def _start(self, verdict: Verdict, seen: Sequence[StepTrace]) -> _At | None:
        """The first binding that held the wrong value and does not belong to a right one."""
        holding = [
            event
            for event in seen[0].events
            if same(event.value, seen[0].own)
            and self._may_be(event)
            and self._holds_everywhere(event, seen)
            and not self._is_of_another(event, verdict)
        ]
        computed = [event for event in holding if not self.sites[event.site].copy and event.occurrence < FIRST_ENTRY]
        if verdict.site is None or verdict.event is None:
            return None
        calling = self.sites[verdict.event.site]
        if calling.cell < len(self.submission.cells) and self._hands_over_wrong(calling, seen):
            return _At(calling, seen[0].events)
        copied = [event for event in holding if self.sites[event.site].kind != "unpack"]
        for event in (*self._handed_on(computed, seen[0].events), *copied):
            return _At(self.sites[event.site], _until(seen[0].events, event))
        return (
            _At(verdict.site, seen[0].events)
            if verdict.site.cell < len(self.submission.cells)
            else self._last(verdict, seen)
        )

    def _handed_on(self, computed: Sequence[Event], events: Events) -> Sequence[Event]:
        """The bindings from which the last of some that hold one value can have it. The others computed the same for a
        purpose of their own: a term that is right, where the step is wrong for lack of the second."""
        found = list(computed[-1:])
        for event in reversed(computed[:-1]):
            if self._leads_to(event, found[0], events):
                found.insert(0, event)
        return found

    def _leads_to(self, event: Event, later: Event, events: Events) -> bool:
        """Whether a line reads what an earlier one bound, or the earlier one ran in a function that the line called. A
        line that unpacks what a call gave has computed nothing itself."""
        site, reader = self.sites[event.site], self.sites[later.site]
        if reader.kind == "unpack":
            return True
        if site.scope == reader.scope or site.kind not in ("returned", *_MAKING):
            return bool({event.label, *site.names, site.owner} & (reader.reads | {*reader.names, reader.owner}) - {""})
        between = (one for one in events if event.sequence < one.sequence < later.sequence)
        return not any(self.sites[one.site].scope == reader.scope for one in between)

    def _is_of_another(self, event: Event, verdict: Verdict) -> bool:
        """Whether a line binds the name of another quantity, which may come to hold this value on its way: `da` before
        its second term is added."""
        meant = {one.quantity for one in meanings(self.evidence.scene.names, event, self.sites[event.site])}
        return bool(meant) and verdict.step.name not in meant and (verdict.step.family or "") not in meant

    def _taken_for(self, verdict: Verdict, seen: Sequence[StepTrace]) -> Site | None:
        """The line that binds another local value to the step's name."""
        holding = [event for event in seen[0].events if same(event.value, seen[0].own)]
        made = frozenset(event.site for event in holding)
        taking = (event for event in holding if event.role == "own" and self._takes_another(event, verdict, made))
        return next((self.sites[event.site] for event in taking), None)

    def _takes_another(self, event: Event, verdict: Verdict, holding: frozenset[int]) -> bool:
        """Whether a line gives the step's name to a local value that has another role in the derivation: another line
        reads the local, and no other step that is wrong, or fed by this one, is made from it. `holding` are the lines
        that bind this value."""
        site = self.sites[event.site]
        own = {verdict.match.bound_as} if verdict.match is not None else set()
        if not (site.kind == "assign" and site.copy and own.intersection(site.names)) or own & site.reads:
            return False
        made = [one for one in self.sites.all if one.scope == site.scope and site.reads.intersection(one.names)]
        readers = [one for one in self.sites.all if one.scope == site.scope and site.reads & one.reads]
        among = {one.number for one in made if one.kind in _MAKING and one.number in holding}
        if not among or all(one.statement == site.statement for one in readers):
            return False
        others = [one for one in self.wrong if one.step.name != verdict.step.name]
        others += [one for one in self.carried if verdict.step.name in one.caused_by]
        return not any(among & self._leading_to(one) for one in others)

    def _hands_over_wrong(self, site: Site, seen: Sequence[StepTrace]) -> bool:
        """Whether a line passes to a function something that it has computed and that is no right value."""
        return any(not self._handed_right(name, computed, seen[0].events) for name, computed in self._calls(site))

    def _last(self, verdict: Verdict, seen: Sequence[StepTrace]) -> _At | None:
        """Where a function last handled what it returns under the step's own name, if none of its bindings had the
        returned value: a call that the name is passed to, or the last binding of the name."""
        name = verdict.match.bound_as if verdict.match is not None else ""
        inner = [event for event in seen[0].events if self.sites[event.site].scope and self._is_bound_as(event, name)]
        if not inner:
            return self._given_back(verdict, seen)
        site = self.sites[inner[-1].site]
        return _At(handed_to_a_call(self.submission, site, name) or site, _until(seen[0].events, inner[-1]))

    def _given_back(self, verdict: Verdict, seen: Sequence[StepTrace]) -> _At | None:
        """Where the function that is asked for a step returns its results."""
        reads = () if verdict.site is None else sorted(verdict.site.reads)
        back = next((found for name in reads if (found := self.calls.given_back(name)) is not None), None)
        if back is None or verdict.site is None:
            return None
        place = replace(at(verdict.site, back[1]), cell=back[0], reads=frozenset(), copy=True)
        return _At(place, seen[0].events)

    def _is_bound_as(self, event: Event, name: str) -> bool:
        site = self.sites[event.site]
        passing = site.kind in ("parameter", "loop", "keyword") or site.cell >= len(self.submission.cells)
        return not passing and name in (event.label, *site.names)

    def _may_be(self, event: Event) -> bool:
        site = self.sites[event.site]
        name = event.label or (site.names[0] if site.names else "")
        # A key (`g[Quantity.z]`) is no variable, though lines that read it read a name like it.
        trusted = site.kind != "item" and (site.scope, name) in self.known.locals
        passing = site.kind in ("parameter", "loop", "keyword", "swept", "typed")
        is_right = trusted or event.place in self.known.places or self.known.gives_right(site)
        return event.role == "own" and not passing and not is_right and site.cell < len(self.submission.cells)

    def _holds_everywhere(self, event: Event, seen: Sequence[StepTrace]) -> bool:
        return all(any(one.site == event.site and same(one.value, w.own) for one in w.events) for w in seen[1:])

    def _deeper(self, place: _At) -> _At | None:
        """What a line is made from, if the line is readable and no small change makes it right: the result of a
        function from which nothing right is made, otherwise an array that a loop fills."""
        if place.site.in_loop and place.site.kind in ("whole", "item", "again", "appended") and not place.site.copy:
            return None
        gone_into = [
            self._result(name, place)
            for name, computed in self._calls(place.site)
            if self.known.ran(name, place.events) not in self.known.functions
            and self._handed_right(name, computed, place.events)
        ]
        made_of = [self._local(place, name) for name in self._made_of(place)]
        return next((one for one in (*gone_into, *made_of) if one is not None), None)

    def _made_of(self, place: _At) -> list[str]:
        """The names that a line makes its value of. A call that changes an object in place, the first of its names that
        is bound, takes the others as they are: `np.add.at(dx, ix, g)`."""
        site = place.site
        if site.kind != "touched":
            return sorted(site.reads.difference(() if self.calls.only_gathers(site) else site.names))
        bound = [name for name in site.names if any(self._is_named(one, name, site.scope) for one in place.events)]
        return [] if self.calls.computes(site) else sorted(site.reads.difference(bound[:1]))

    def _calls(self, site: Site) -> list[tuple[str, tuple[str, ...]]]:
        return [(name, self.calls.computed(name, call)) for name, call in self.calls.of(site)]

    def _handed_right(self, name: str, computed: Sequence[str], events: Events) -> bool:
        """Whether the arguments computed for a call were right."""
        for parameter in computed:
            handed = [
                event for event in events if self._is_of(event, name) and parameter in self.sites[event.site].names
            ]
            if not handed or not self.known.is_right(0, handed[-1]):
                return False
        return True

    def _is_of(self, event: Event, function: str) -> bool:
        return self.sites[event.site].scope.split(".")[-1] == function

    def _result(self, function: str, place: _At) -> _At | None:
        """The last result of a function before a line."""
        inner = [event for event in place.events if self._gives(event, function)]
        if not inner and (back := self.calls.handed_back(function)) is not None:
            cell, position = back
            site = replace(at(place.site, position), cell=cell, scope=function, reads=frozenset(), copy=True)
            return _At(site, place.events)
        if not inner or self.known.is_right(0, inner[-1]) or self._only_counts(function):
            return None
        return _At(self.sites[inner[-1].site], _until(place.events, inner[-1]))

    def _only_counts(self, function: str) -> bool:
        """Whether a function returns 0 or 1, the same ones at every point: it compares indices, as `1.0 if i == j else
        0.0` does."""
        given = [[event.value for event in run if self._gives(event, function)] for run in self.runs]
        numbers = (one.numbers() if isinstance(one, Value) else (2.0,) for one in given[0])
        return all(one == given[0] for one in given) and all(number in (0, 1) for each in numbers for number in each)

    def _gives(self, event: Event, function: str) -> bool:
        site = self.sites[event.site]
        if site.kind in ("parameter", "loop", "keyword", "entry", "typed") or site.cell >= len(self.submission.cells):
            return False
        if site.scope.split(".")[-1] == "lambda":
            return site.kind == "returned" and self.calls.is_within(site, function)
        return self._is_of(event, function)

    def _local(self, place: _At, name: str) -> _At | None:
        """Where the value of a name was made: the line in a loop that changed it last, or, for a line that only copies,
        any line."""
        found = self._named(place, name)
        if found is None:
            return None
        by_loop = found.site.in_loop and found.site.kind in CHANGES and not place.site.in_loop
        return found if by_loop or place.site.copy or place.site.kind == "touched" else None

    def _named(self, place: _At, name: str) -> _At | None:
        """The last binding of a name that a line reads, if nothing right is made from it."""
        named = [event for event in place.events if self._is_named(event, name, place.site.scope)]
        if not named or not self._may_be(named[-1]) or self.known.is_right(0, named[-1]):
            return None
        return _At(self.sites[named[-1].site], _until(place.events, named[-1]))

    def _is_named(self, event: Event, name: str, scope: str) -> bool:
        site = self.sites[event.site]
        return name in (event.label or "", *site.names) and site.scope in (scope, "")


def _places(match: Match) -> set[Key]:
    return {*match.origins, *(event.place for event in match.events if event is not None)}


def _until(events: Events, end: Event) -> Events:
    return tuple(event for event in events if event.sequence < end.sequence)
