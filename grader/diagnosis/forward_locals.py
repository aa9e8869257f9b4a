"""Finds wrong local variables of forward functions, which make the output and gradients computed from them wrong.

The exercise computes a mean, a variance or a gate without naming it, or the student names it differently. If a local
variable of the student has none of these values, the submission is run with each value it may be meant to have. The
quantities that become right were wrong because of that local: this is one mistake, and costs only the first of them.

As this affects points, the result must hold at every point in a fresh process that has not seen any right value, and
the values are checked again for use of a differentiator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from grader.diagnosis.chain_rule.chain import derivation_of
from grader.diagnosis.chain_rule.intermediates import Intermediate, intermediates
from grader.diagnosis.finding import Finding
from grader.exercise.types import Step
from grader.formula.build import NOWHERE
from grader.formula.syntax import Assign, Name, text
from grader.instrument.site import CHANGES
from grader.judge.borrowed.borrowing import PerturbedRuns, borrowed
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import compare, same
from grader.judge.matching.naming import spoken_name
from grader.judge.matching.types import Alignment, Match, Scene
from grader.judge.runs.forced import Commits, ForcedRuns
from grader.judge.runs.teacher_forcing import Teacher
from grader.judge.score import charged_to
from grader.judge.verdicts import Verdict, right_steps
from grader.model import Diagnosis, Observed, Value
from grader.runner.session import Session
from grader.runner.types import Event, Order
from grader.runner.wire import FIRST_ENTRY

MOST_RUNS = 160
"""Maximum number of runs for one submission."""

SECONDS = 3.0
"""CPU seconds of all these runs together."""

MOST_LOCALS = 12
"""How many locals are tried, at most: the first ones bound."""

POINT = 1
"""The point at which locals are tried: a probe point, as wrong values are often right by chance at the given one."""

_MADE = ("assign", "unpack", "item", "entry")
"""Kinds of sites at which a local gets its value in one binding; in several it does at `CHANGES`."""

_VALUES = ("value", "shape", "given_point_only", "not_finite")
"""Reasons for which the value of a quantity is wrong."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A local called `name`, given by its binding event at every point, and the value it is meant to have."""

    events: tuple[Event, ...]
    value: Intermediate
    name: str

    @property
    def is_reshaped(self) -> bool:
        """Whether the meant value has another number of entries."""
        own = self.events[0].value
        return isinstance(own, Value) and own.size != self.value.values[0].size


@dataclass(frozen=True, slots=True)
class WrongLocals:
    """The result: the wrong `locals`, the quantities that become right if these are right (`made_right`), and the
    evidence with the locals added as forward quantities."""

    evidence: Evidence
    locals: tuple[Meant, ...]
    made_right: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(one.value.name for one in self.locals)

    def with_locals(self, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
        """Return the verdicts on a repaired submission, with the locals added as correct if all `made_right` quantities
        are right."""
        right = right_steps(verdicts)
        steps = self.evidence.scene.exercise.forward_steps if self.made_right <= right else ()
        return (*verdicts, *(Verdict(step, "correct") for step in steps if step.name in self.names))


def find_wrong_locals(session: Session, evidence: Evidence, verdicts: Sequence[Verdict]) -> WrongLocals | None:
    """Return the wrong locals that make several quantities wrong; None if none are found."""
    wrong = frozenset(one.step.name for one in verdicts if _is_wrong(one))
    if len(wrong) < 2 or len(evidence.scene.traces) <= POINT or evidence.scene.guarded:
        return None
    search = _LocalTrials(session, evidence, wrong)
    chosen = search.best()
    return search.proven(chosen) if chosen else None


def _is_wrong(verdict: Verdict) -> bool:
    return verdict.outcome == "wrong" and verdict.match is not None and verdict.reason in _VALUES


class _LocalTrials:
    def __init__(self, session: Session, evidence: Evidence, wrong: frozenset[str]) -> None:
        scene = evidence.scene
        self.session, self.evidence, self.wrong = session, evidence, wrong
        self.known = intermediates(derivation_of(scene.exercise, scene.reference, scene.measures))
        self.scene = scene
        self.left, self.deadline = MOST_RUNS, session.spent + SECONDS

    def best(self) -> tuple[Meant, ...]:
        """Return the local, or pair of locals, that makes the most quantities right; of equals the one bound first.
        Empty if fewer than two become right."""
        options = self._options()
        best: tuple[Meant, ...] = ()
        most = 1
        alone = ((one,) for each in options for one in each)
        first = [each for each in options if each[0].events[0].sequence < min(self._when_wrong(), default=0)]
        together = (pair for two in combinations(first, 2) for pair in product(*two))
        for chosen in (*alone, *together):
            if most == len(self.wrong) or self.left <= 0 or self.session.spent > self.deadline:
                break
            if (gained := self._gained(chosen)) > most:
                best, most = chosen, gained
        if options and not best:
            self.session.renew()
        return best

    def _options(self) -> list[list[Meant]]:
        """Return the values that each wrong local may be meant to have, in order of binding."""
        found = list(self._locals())
        held = {one.name for one in self.known for events in found if _holds(events, one.values)}
        free = [one for one in self.known if one.name not in held]
        wrong = [events for events in found if not self._is_known(events)]
        return [options for events in wrong[:MOST_LOCALS] if (options := self._may_be(events, free))]

    def _locals(self) -> Iterator[tuple[Event, ...]]:
        """Yield the bindings of numbers that belong to no quantity, each as its events at every point."""
        scene = self.scene
        taken = self.evidence.alignment.stops(0).union(*(m.held_at for m in self.evidence.alignment.matches.values()))
        others = [{event.place: event for event in trace.events} for trace in scene.traces[1:]]
        last = {event.site: event.place for event in self._ran()}
        times: dict[int, int] = {}
        for event in self._ran():
            times[event.site] = times.get(event.site, 0) + 1
        for event in self._ran():
            site = scene.sites[event.site]
            made = site.kind in _MADE and times[event.site] == 1 and not site.copy
            built = site.kind in CHANGES and last[event.site] == event.place
            if event.role != "own" or not (made or built) or site.literal or event.place in taken:
                continue
            events = [event, *(at[event.place] for at in others if event.place in at)]
            if len(events) == len(scene.traces) and all(_is_real(one.value) for one in events):
                yield tuple(events)

    def _ran(self) -> Sequence[Event]:
        """Return the events that lead to the answer, up to the last wrong quantity. If the exercise itself calls the
        submitted functions, the student's own earlier perturbed of these are left out."""
        scene, events = self.scene, self.scene.traces[0].events
        start = 0
        if scene.exercise.answer is not None:
            asking = max(site.cell for site in scene.sites.all)
            tried = (n for n, one in enumerate(events) if not scene.sites[one.site].scope)
            start = max((n + 1 for n in tried if scene.sites[events[n].site].cell < asking), default=0)
        end = max(self._when_wrong(), default=0)
        return [one for one in events[start:] if one.sequence < end and one.occurrence < FIRST_ENTRY]

    def _when_wrong(self) -> list[int]:
        """Return the sequence numbers at which the wrong quantities are bound, at the given numbers."""
        matches = (self.evidence.alignment.matches[name] for name in self.wrong)
        return [event.sequence for one in matches if (event := one.events[0]) is not None]

    def _is_known(self, events: tuple[Event, ...]) -> bool:
        """Whether a local holds the right value of an input or quantity, or is constant."""
        reference = self.scene.reference
        at = [{**p.inputs, **values} for p, values in zip(reference.points, reference.values, strict=True)]
        constant = isinstance(events[0].value, Value) and same(events[0].value, events[-1].value)
        return constant or any(_holds(events, [one[name] for one in at]) for name in at[0])

    def _may_be(self, events: tuple[Event, ...], free: Sequence[Intermediate]) -> list[Meant]:
        site = self.scene.sites[events[0].site]
        name = spoken_name(events[0], site)
        own = events[0].value
        shape = own.shape if isinstance(own, Value) else ()
        alike = [one for one in free if _bare(one.values[0].shape) == _bare(shape)]
        # The student may have taken statistics along another axis.
        other = [one for one in free if one not in alike and len(_bare(one.values[0].shape)) == len(_bare(shape)) == 1]
        laid_out = [turned for one in free for turned in one.laid_out(shape)]
        return [Meant(events, one, name) for one in (*alike, *laid_out, *other)]

    def _gained(self, chosen: Sequence[Meant]) -> int:
        """Return how many wrong quantities are right in a run with these locals right; 0 if a right one gets wrong."""
        alignment, whole = self._reading(chosen)
        teacher = Teacher(_with_values(self.scene, chosen), alignment, POINT, whole=whole)
        evidence, inputs = self.evidence, self.scene.reference.points[POINT].inputs
        order = Order(inputs, evidence.decisions, teacher.stops, teacher.reshaped, teacher.supplied, evidence.until)
        self.left -= 1
        self.session.run(order, teacher.decide)
        names = self.evidence.alignment.matches
        right = {name for name in names if self._is_right(name, POINT, teacher.commits.get(name))}
        before = {name for name in names if self._is_right(name, POINT, self.evidence.commits[POINT].get(name))}
        return len(right & self.wrong) if before <= right else 0

    def _reading(self, chosen: Sequence[Meant]) -> tuple[Alignment, frozenset[str]]:
        """Return the alignment with the locals as quantities, and the names that are forced in their right shape."""
        added = {one.value.name: Match(one.value.name, one.name, "value", one.events) for one in chosen}
        whole = self.evidence.misshapen | {one.value.name for one in chosen if one.is_reshaped}
        return Alignment({**added, **self.evidence.alignment.matches}), whole

    def _is_right(self, name: str, point: int, value: Observed | None) -> bool:
        right = self.scene.reference.values[point][name]
        return value is not None and compare(value, right, self.scene.measure(point, name)).right

    def proven(self, chosen: tuple[Meant, ...]) -> WrongLocals | None:
        """Return what these locals make wrong, if this holds at every point; otherwise None."""
        evidence = self.evidence
        alignment, whole = self._reading(chosen)
        scene = _with_steps(_with_values(self.scene, chosen), chosen)
        forced = ForcedRuns(self.session, scene, evidence.decisions, self.evidence.until, True).anew(alignment, whole)
        made_right = frozenset(name for name in self.wrong if self._is_always_right(name, forced.commits))
        kept = all(
            self._is_always_right(name, forced.commits)
            for name in evidence.alignment.matches
            if self._is_always_right(name, evidence.commits)
        )
        if len(made_right) < 2 or not kept:
            return None
        taken: Mapping[str, str] = evidence.borrowed
        if scene.exercise.policy.by_hand:
            perturbed = PerturbedRuns(self.session, scene, alignment, evidence.decisions, evidence.end, evidence.again)
            taken = {**borrowed(perturbed, forced.traces, forced.commits), **taken}
        found = replace(
            evidence,
            scene=scene,
            alignment=alignment,
            forced=forced.traces,
            commits=forced.commits,
            borrowed=taken,
            misshapen=whole,
        )
        return WrongLocals(found, chosen, made_right)

    def _is_always_right(self, name: str, commits: Commits) -> bool:
        return all(self._is_right(name, k, at.get(name)) for k, at in enumerate(commits))


def _is_real(value: Observed) -> bool:
    return isinstance(value, Value) and not value.dtype.startswith(("int", "uint", "complex", "tuple"))


def _holds(events: Sequence[Event], values: Sequence[Value]) -> bool:
    return all(same(event.value, value) for event, value in zip(events, values, strict=True))


def _bare(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _with_values(scene: Scene, chosen: Sequence[Meant]) -> Scene:
    """Return the scene with the right values of the locals in its reference."""
    known = [one.value for one in chosen]
    added = [{one.name: one.values[k] for one in known} for k in range(len(scene.reference.points))]
    values = tuple({**own, **more} for own, more in zip(scene.reference.values, added, strict=True))
    return replace(scene, reference=replace(scene.reference, values=values))


def _with_steps(scene: Scene, chosen: Sequence[Meant]) -> Scene:
    """Return the scene with the locals added to the exercise's forward quantities and program."""
    steps = tuple(Step(one.value.name, Name(one.value.name, NOWHERE), one.value.name, 0.0) for one in chosen)
    lines = tuple(Assign(one.value.name, (), one.value.formula, NOWHERE) for one in chosen)
    exercise = scene.exercise
    program, forward = (*exercise.program, *lines), (*exercise.forward_steps, *steps)
    return replace(scene, exercise=replace(exercise, program=program, forward_steps=forward))


def with_locals_charged_once(
    wrong_locals: WrongLocals, before: Sequence[Verdict], verdicts: Sequence[Verdict], findings: Mapping[str, Finding]
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings without the locals. Their mistake counts at the first quantity they make wrong,
    which points at the binding of the first wrong local; the other quantities are carried by it."""
    own = [one for one in verdicts if one.step.name in wrong_locals.names]
    wrong = sorted((one for one in own if one.outcome == "wrong"), key=lambda one: one.order)
    made = wrong[0] if wrong else own[0]
    forward = {step.name for step in wrong_locals.evidence.scene.exercise.forward_steps}
    behind = [one for one in before if _is_wrong(one) and one.order >= made.order]
    bearer = min(
        (one for one in behind if one.step.name in wrong_locals.made_right | forward),
        key=lambda one: (one.order, one.step.name),
    )
    name = bearer.step.name
    kept = {key: finding for key, finding in findings.items() if key not in wrong_locals.names}
    if not any(one.step.name == name and one.outcome == "wrong" for one in verdicts):
        kept[name] = _finding(wrong_locals, made, name, findings)
    placed = replace(bearer, site=made.site, order=made.order, located=True)
    return charged_to(placed, wrong_locals.names, verdicts), kept


def _finding(wrong_locals: WrongLocals, made: Verdict, name: str, findings: Mapping[str, Finding]) -> Finding:
    local = next(one for one in wrong_locals.locals if one.value.name == made.step.name)
    called = f"`{local.name}`" if local.name else "What is made here"
    facts = Diagnosis(f"{called} is not {text(local.value.formula)}. With that in its place `{name}` is right.")
    found = findings.get(made.step.name)
    return Finding(facts) if found is None or found.text is None else replace(found, facts=facts)
