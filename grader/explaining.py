"""What is found out about the wrong steps of a submission, stage after stage.

Each stage takes what is known so far and returns what is known after it. A stage that fails leaves what was known
before: the student has a verdict, and must see it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from grader.blame.guilty_line import is_unexplained, is_wrong, with_guilty_lines
from grader.diagnosis.called_for_several import lines_written_anew
from grader.diagnosis.diagnose import diagnose, right_after
from grader.diagnosis.finding import (
    Finding,
    carried_by,
    mended_at,
    needs_running,
    one_mistake_each,
    shared_changes,
    shared_once,
)
from grader.diagnosis.forward_locals import Spoilt, spoilt_by_locals, told_once
from grader.diagnosis.named_changes import named_by_change
from grader.diagnosis.trials import Trial
from grader.errors import ExplanationFailed
from grader.exercise.types import Exercise
from grader.incidents import World, proven
from grader.judge.error_propagation import with_causes
from grader.judge.evidence import Evidence, glimpse, observe
from grader.judge.naming import Names, names_of
from grader.judge.shared import repeated, shared_locals, single_locals
from grader.judge.verdicts import Verdict, judge
from grader.model import Observed, Submission, Value
from grader.preparation import prepare
from grader.reference.types import Reference
from grader.runner.protocols import Interrupted
from grader.runner.session import Session
from grader.runner.types import Order, Setup, Sites

PATIENCE = 3.0
"""Seconds of CPU all runs of a submission may have taken for its repairs to be proven by running it once more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a submission: what its runs showed, a verdict for each step, and findings by the name of a
    step. `spoilt` are wrong locals of forward functions that the verdicts do without, and `alone` the verdicts with
    them."""

    evidence: Evidence
    verdicts: tuple[Verdict, ...]
    findings: dict[str, Finding]
    spoilt: Spoilt | None = None
    alone: tuple[Verdict, ...] = ()

    @property
    def wrong(self) -> int:
        """How many steps are wrong."""
        return sum(verdict.outcome == "wrong" for verdict in self.verdicts)

    def told(self, said: tuple[tuple[Verdict, ...], dict[str, Finding]]) -> Known:
        """The same evidence with other verdicts and findings."""
        return replace(self, verdicts=said[0], findings=said[1])


@dataclass(frozen=True, slots=True)
class Reruns:
    """Runs of a judged submission and of changed versions of it. `given` are the exercise's own numbers, `world` is
    what else the runs showed, and `raised` whether the submission raised at the given numbers."""

    session: Session
    exercise: Exercise
    submission: Submission
    setup: Setup
    reference: Reference
    given: Mapping[str, Value]
    world: World
    raised: bool

    def prepare(self) -> Session:
        """The session, ready to run the submission itself again."""
        self.session.prepare(self.setup)
        return self.session

    def rerun(self, changed: Submission) -> tuple[Verdict, ...]:
        """The verdicts of a changed version at two points: where evaluation has proven a repair at every point, one
        point besides the given one shows that it runs."""
        return self._judged(2, changed, partial(observe, watched=False))

    def tried(self, changed: Submission) -> tuple[Verdict, ...]:
        """The verdicts of a changed version at the given numbers."""
        return self._judged(1, changed, glimpse)

    def proven(self, changed: Submission) -> tuple[Verdict, ...]:
        """The verdicts of a changed version at every point."""
        return self._judged(len(self.reference.points), changed, partial(observe, watched=False))

    def seen(self, trial: Trial) -> list[Observed]:
        """What the versions of a trial came to, at the given numbers."""
        asking = replace(self.exercise, answer=trial.answer)
        again, sites, _, _ = prepare(asking, trial.submission, names_of(self.exercise), self.given)
        self.session.prepare(again)
        events = self.session.run(Order(self.reference.points[0].inputs)).events
        return [event.value for event in events if sites[event.site].names == (trial.result,)]

    def verdicts(self, evidence: Evidence) -> tuple[Verdict, ...]:
        """The verdicts that evidence gives."""
        return proven(with_causes(evidence, judge(evidence)), evidence, self.world)

    def _judged(
        self, points: int, changed: Submission, look: Callable[[Session, Exercise, Reference, Names, Sites], Evidence]
    ) -> tuple[Verdict, ...]:
        try:
            again, sites, names, _ = prepare(self.exercise, changed, names_of(self.exercise), self.given)
        except SyntaxError:
            return ()  # what a change made of it is no Python: nothing is right by it
        self.session.prepare(again)
        reference = self.reference
        fewer = replace(reference, points=reference.points[:points], values=reference.values[:points])
        evidence = look(self.session, self.exercise, fewer, names, sites)
        # A change that makes a submission raise mends nothing.
        return () if evidence.scene.traces[0].raised and not self.raised else judge(evidence)


Stage = Callable[[Known, Reruns], Known]


def explained(known: Known, runs: Reruns) -> Known:
    """What is known after all stages. Raises `Interrupted`."""
    # Slow set-up has run once, and is not run again for a repair's sake.
    patient = runs.session.spent < PATIENCE and not runs.session.left_out
    stages: tuple[Stage, ...] = (_looked_at,)
    if patient:
        stages = (_run_again, _without_wrong_locals, _with_shared_locals)
        if not known.evidence.scene.guarded:
            stages += (_with_guilty_lines, _with_lines_anew, _repaired_where_read, _with_single_locals)
        else:
            stages += (_repaired_where_read,)
        stages += (_with_locals_told,)
    for stage in stages:
        known = _or_as_before(stage, known, runs)
    return known


def named(known: Known, submission: Submission) -> Known:
    """With the names of misconceptions that only a change of the text shows. Runs nothing."""
    return replace(known, findings=named_by_change(submission, known.findings)) if known.findings else known


def _or_as_before(stage: Stage, known: Known, runs: Reruns) -> Known:
    try:
        return stage(known, runs)
    except Interrupted:
        raise
    except Exception as error:  # whatever it is, the student has a verdict and is to see it
        warnings.warn(f"{stage.__name__.strip('_')}: {error!r}", ExplanationFailed, stacklevel=2)
        return known


def _looked_at(known: Known, runs: Reruns) -> Known:
    """With what the lines of wrong steps show, and repairs that evaluation proves."""
    return _diagnosed(known, runs, None, runs.rerun)


def _run_again(known: Known, runs: Reruns) -> Known:
    """With what the lines of wrong steps show, and repairs that running the submission again proves."""
    return _diagnosed(known, runs, runs.rerun, runs.rerun)


Rerun = Callable[[Submission], tuple[Verdict, ...]]


def _diagnosed(known: Known, runs: Reruns, repairs: Rerun | None, rerun: Rerun) -> Known:
    """With what is found out about wrong steps by looking at their lines. `repairs` proves repairs by running them,
    and `rerun` what one mistake behind several steps is mended by."""
    findings = diagnose(runs.session, known.evidence, runs.submission, known.verdicts, repairs)
    verdicts, findings = _sharing(known.verdicts, findings, runs, rerun)
    again = repeated(known.evidence, verdicts, mended_at(findings))
    return known.told(carried_by(again, verdicts, findings))


def _sharing(
    verdicts: tuple[Verdict, ...], findings: dict[str, Finding], runs: Reruns, rerun: Rerun
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Verdicts and findings where one mistake behind several steps costs one of them. As that gives points, it has to
    show in a process that has been shown no right value before, and cannot answer from memory."""
    shared = one_mistake_each(verdicts, findings)
    if not (changes := shared_changes(*shared)):
        return shared
    runs.session.renew()
    right = right_after(set(changes.values()), runs.submission, rerun)
    # The step that bears the mistake has to come out right with the others.
    lead = {one.step.name: one.caused_by[0] for one in shared[0] if one.step.name in changes}
    apart = frozenset(name for name in changes if not {name, lead[name]} <= right)
    return shared if not apart else one_mistake_each(verdicts, findings, apart)


def _without_wrong_locals(known: Known, runs: Reruns) -> Known:
    """The verdicts and findings where wrong locals of forward functions are replaced by what the exercise computes."""
    if known.wrong < 2 or (spoilt := spoilt_by_locals(runs.prepare(), known.evidence, known.verdicts)) is None:
        return known

    def rerun(changed: Submission) -> tuple[Verdict, ...]:
        return spoilt.with_locals(runs.rerun(changed))

    eased = Known(spoilt.evidence, runs.verdicts(spoilt.evidence), {}, spoilt, known.verdicts)
    return _diagnosed(eased, runs, rerun, rerun)


def _with_shared_locals(known: Known, runs: Reruns) -> Known:
    """With one mistake for all steps that a wrong local spoils."""
    if known.wrong < 2:
        return known
    mistakes = shared_locals(runs.prepare(), known.evidence, known.verdicts)
    return known.told(shared_once(mistakes, known.evidence.scene.sites, known.verdicts, known.findings))


def _with_guilty_lines(known: Known, runs: Reruns) -> Known:
    """With the lines where values were made wrong, which takes runs that count for nothing."""
    if not any(map(is_wrong, known.verdicts)):
        return known
    return known.told(
        with_guilty_lines(runs.prepare(), known.evidence, runs.submission, known.verdicts, known.findings)
    )


def _with_lines_anew(known: Known, runs: Reruns) -> Known:
    """With lines of functions written anew where that mends several steps."""
    if known.wrong < 2:
        return known
    said = known.verdicts, known.findings
    return known.told(lines_written_anew(runs.prepare(), known.evidence, runs.submission, said, runs.rerun))


def _repaired_where_read(known: Known, runs: Reruns) -> Known:
    """With repairs found by running, where no locals have been replaced: those are told before."""
    return known if known.spoilt is not None else _repaired_by_running(known, runs)


def _repaired_by_running(known: Known, runs: Reruns) -> Known:
    """With repairs of lines that cannot be read, found by running the submission with small changes of its text."""
    if not any(needs_running(one, known.findings) for one in known.verdicts):
        return known
    from grader.diagnosis.repair_by_running import Running, repaired_by_running  # most repairs are found before

    def spent() -> float:
        return runs.session.spent

    answer = runs.exercise.answer or ""
    running = Running(runs.tried, runs.proven, runs.seen, spent, runs.reference.values[0], answer)
    found = repaired_by_running(runs.submission, known.verdicts, known.findings, running)
    carried = {name: one.mended_by for name, one in found.items() if one.mended_by and name in known.findings}
    return known.told(carried_by(carried, known.verdicts, found))


def _with_single_locals(known: Known, runs: Reruns) -> Known:
    """With one mistake for what is still unexplained and comes from a local whose right value mends it."""
    left: Sequence[Verdict] = [one for one in known.verdicts if is_wrong(one) and is_unexplained(one, known.findings)]
    if not left:
        return known
    mistakes = single_locals(runs.prepare(), known.evidence, left)
    return known.told(shared_once(mistakes, known.evidence.scene.sites, known.verdicts, known.findings))


def _with_locals_told(known: Known, runs: Reruns) -> Known:
    """Where locals have been replaced: with their mistake told once, and then what running repairs."""
    if known.spoilt is None:
        return known
    told = known.told(told_once(known.spoilt, known.alone, known.verdicts, known.findings))
    return _or_as_before(_repaired_by_running, told, runs)
