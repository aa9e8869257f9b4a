"""Find what is wrong with each wrong step of a judged submission, and which steps share a mistake, in stages.

Each stage takes what is known so far and returns it with additions. If a stage fails, the previous knowledge is kept:
the student must still get the verdict.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from grader.blame.guilty_line import is_unexplained, is_wrong, with_guilty_lines
from grader.diagnosis.called_for_several import with_rewritten_lines
from grader.diagnosis.diagnose import diagnose, right_after
from grader.diagnosis.finding import (
    Finding,
    change_of,
    mended_at,
    needs_running,
    one_mistake_each,
    shared_once,
    state,
    with_carried,
)
from grader.diagnosis.forward_locals import WrongLocals, find_wrong_locals, with_locals_charged_once
from grader.diagnosis.lines_not_run import with_raised_line_charged
from grader.diagnosis.misnamed_values import rebindings, with_misnaming_charged
from grader.diagnosis.repair_trials.doubtful_changes import decides_what_runs
from grader.diagnosis.repair_trials.named_changes import named_by_change
from grader.diagnosis.repair_trials.trials import Trial
from grader.errors import ExplanationFailed
from grader.exercise.types import Exercise
from grader.incidents import RunIncidents, unjudged_by_incidents
from grader.judge.borrowed.borrowing import NOT_SHOWN, PerturbedRuns, differentiated_although_wrong
from grader.judge.evidence import Evidence, glimpse, observe
from grader.judge.matching.naming import Names
from grader.judge.score import kept_wrong, wrong_by_one_line
from grader.judge.shared_mistakes.error_propagation import with_causes
from grader.judge.shared_mistakes.exchanged import exchanged
from grader.judge.shared_mistakes.shared import shared_locals, single_locals
from grader.judge.verdicts import Verdict, judge
from grader.model import Observed, Outcome, Submission, Value
from grader.preparation import PreparedExercise, prepare
from grader.reference.points import Reference
from grader.runner.protocols import Interrupted
from grader.runner.session import Session
from grader.runner.types import Order, Setup, Sites

TABLE = 4
"""How many entries for each of its quantities a container may have where the code of a derivation fills it."""

PATIENCE = 3.0
"""CPU seconds for all runs of a submission together, without slow set-up; above that, repairs are not verified by a
further run."""

MADE_RIGHT: tuple[Outcome, ...] = ("correct",)
"""Outcomes that show that a repair makes a step right by itself, without right values fed in."""


@dataclass(frozen=True, slots=True)
class SubmissionFacts:
    """What is known of a submission: the evidence of its runs, a verdict for each step, and findings by step name.

    `misnamed` are the wrong steps that are made right by giving names their own values. `wrong_locals` are wrong local
    variables of forward functions whose effect is removed from the verdicts, `alone` the verdicts that include it."""

    evidence: Evidence
    verdicts: tuple[Verdict, ...]
    findings: dict[str, Finding]
    misnamed: frozenset[str] = frozenset()
    wrong_locals: WrongLocals | None = None
    alone: tuple[Verdict, ...] = ()

    @property
    def wrong(self) -> int:
        """The number of wrong steps."""
        return sum(verdict.outcome == "wrong" for verdict in self.verdicts)

    def with_verdicts(self, said: tuple[tuple[Verdict, ...], dict[str, Finding]]) -> SubmissionFacts:
        """The same evidence with other verdicts and findings."""
        return replace(self, verdicts=said[0], findings=said[1])


@dataclass(frozen=True, slots=True)
class Reruns:
    """Runs of a judged submission and of changed versions of it.

    `incidents` is what else the runs showed, and `raised` whether the submission raised at the given numbers."""

    session: Session
    prepared: PreparedExercise
    submission: Submission
    setup: Setup
    incidents: RunIncidents
    raised: bool

    def prepare(self) -> Session:
        """The session, prepared to run the original submission again."""
        self.session.prepare(self.setup)
        return self.session

    def rerun(self, changed: Submission) -> tuple[Verdict, ...]:
        """The verdicts of a changed version at two points. Evaluation has verified the repair at all points, so one
        point besides the given one shows that the code runs."""
        return self._judged(2, changed, partial(observe, watched=False))

    def at_given_numbers(self, changed: Submission) -> tuple[Verdict, ...]:
        """The verdicts of a changed version at the given numbers."""
        return self._judged(1, changed, glimpse)

    def at_every_point(self, changed: Submission) -> tuple[Verdict, ...]:
        """The verdicts of a changed version at every point."""
        return self._judged(len(self.prepared.reference.points), changed, partial(observe, watched=False))

    def results_of(self, trial: Trial) -> list[Observed]:
        """The results of a trial's versions at the given numbers."""
        found = self._asked(trial, trial.submission, trial.answer)
        if any(isinstance(one, Value) for one in found) or self.prepared.exercise.answer is not None:
            return found
        # An answer passes its inputs to functions. Here they are bound, maybe with another shape than the exercise's.
        last = replace(trial.submission.cells[-1], source=trial.answer, text=trial.answer)
        return self._asked(trial, replace(trial.submission, cells=(*trial.submission.cells, last)), None)

    def _asked(self, trial: Trial, submission: Submission, answer: str | None) -> list[Observed]:
        prepared = self.prepared
        made = prepare(replace(prepared.exercise, answer=answer), submission, prepared.names, prepared.given)
        self.session.prepare(made.setup)
        events = self.session.run(Order(prepared.reference.points[0].inputs)).events
        return [event.value for event in events if made.sites[event.site].names == (trial.result,)]

    def verdicts(self, evidence: Evidence) -> tuple[Verdict, ...]:
        """The verdicts that follow from the evidence."""
        return unjudged_by_incidents(with_causes(evidence, judge(evidence)), evidence, self.incidents)

    def _judged(
        self, points: int, changed: Submission, look: Callable[[Session, Exercise, Reference, Names, Sites], Evidence]
    ) -> tuple[Verdict, ...]:
        exercise, reference = self.prepared.exercise, self.prepared.reference
        try:
            made = prepare(exercise, changed, self.prepared.names, self.prepared.given)
        except SyntaxError:
            return ()  # the change produced invalid Python, so no step is right
        self.session.prepare(made.setup)
        fewer = replace(reference, points=reference.points[:points], values=reference.values[:points])
        evidence = look(self.session, exercise, fewer, made.names, made.sites)
        # A change that makes a submission raise repairs nothing.
        return () if evidence.scene.raised and not self.raised else judge(evidence)


Stage = Callable[[SubmissionFacts, Reruns], SubmissionFacts]


def find_mistakes(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Run all stages. Raises `Interrupted`."""
    session = runs.session
    if _is_table_of_guesses(known):
        # No stage that gives points, nor one that searches for repairs.
        return _or_as_before(_diagnosed_by_evaluation, known, runs)
    patient = session.spent_without_setup < PATIENCE and session.has_time
    session.leave_out_for_good()  # slow set-up is not run again only to verify a repair
    stages: tuple[Stage, ...] = (_with_exchanged, _diagnosed_by_evaluation)
    if patient:
        stages = (
            _with_exchanged,
            _with_misnamed_values,
            _diagnosed_by_running,
            _without_wrong_locals,
            _with_shared_locals,
        )
        if not known.evidence.scene.guarded:
            stages += (_with_guilty_lines, _with_rewritten_lines, _with_raised_locals, _with_repairs_by_running)
            stages += (_with_single_locals,)
        else:
            stages += (_with_raised_locals, _with_repairs_by_running)
        stages += (_with_locals_charged, _with_unseen_steps)
    judged = known
    for stage in stages:
        known = _or_as_before(stage, known, runs)
    return _with_kept_wrong(known, judged, runs)


def _is_table_of_guesses(known: SubmissionFacts) -> bool:
    """Whether the place of a wrong step fills a container with many more entries than the exercise has quantities: none
    of them is a line to repair."""
    scene, exercise = known.evidence.scene, known.evidence.scene.exercise
    wrong = {one.site.number for one in known.verdicts if one.outcome == "wrong" and one.site is not None}
    entries = {(event.site, event.label) for event in scene.traces[0].events if event.label and event.site in wrong}
    return max(Counter(site for site, _ in entries).values(), default=0) > TABLE * len(
        (*exercise.steps, *exercise.forward_steps)
    )


def _with_kept_wrong(known: SubmissionFacts, judged: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """What is known, with steps wrong again that share a mistake with others, but act differently in forced runs or
    come from a differentiator (`score.kept_wrong`)."""
    evidence = judged.evidence
    was_wrong = {one.step.name for one in judged.verdicts if one.outcome == "wrong"}
    shared = frozenset(one.step.name for one in known.verdicts if one.outcome == "carried") & was_wrong
    taken = {name for name, reason in evidence.borrowed.items() if reason != NOT_SHOWN}
    apart = shared & {*evidence.differs_when_forced, *taken}
    if (left := shared - apart) and evidence.scene.exercise.policy.by_hand:
        where = evidence.scene, evidence.alignment, evidence.decisions, evidence.end, evidence.again
        apart |= differentiated_although_wrong(PerturbedRuns(runs.prepare(), *where), left, evidence.commits[-1])
    if not apart:
        return known
    verdicts = kept_wrong(known.verdicts, judged.verdicts, apart)
    facts = {one.step.name: Finding(fact) for one in verdicts if (fact := state(one)) is not None}
    return known.with_verdicts((verdicts, {**facts, **known.findings}))


def with_named_changes(known: SubmissionFacts, submission: Submission) -> SubmissionFacts:
    """Add the names of misconceptions that only a change of the text shows. Runs nothing."""
    return replace(known, findings=named_by_change(submission, known.findings)) if known.findings else known


def _or_as_before(stage: Stage, known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    try:
        with warnings.catch_warnings():
            # A wrong formula, or a change that is tried, may have no value: `sqrt(1 - z**2)`.
            warnings.simplefilter("ignore", RuntimeWarning)
            return stage(known, runs)
    except Interrupted:
        raise
    except Exception as error:  # whatever it is, the student must still get the verdict
        warnings.warn(f"{stage.__name__.strip('_')}: {error!r}", ExplanationFailed, stacklevel=2)
        return known


def _with_exchanged(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Charge steps that hold each other's values with one mistake. Runs nothing."""
    return replace(known, verdicts=exchanged(known.evidence, known.verdicts))


def _with_misnamed_values(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Charge steps once that are wrong because a name has the value of another quantity."""
    changes = rebindings(known.evidence, runs.submission, known.verdicts) if known.wrong else []
    if not changes:
        return known
    runs.session.renew()  # as it gives points, by a process that has been shown no right value
    said = known.verdicts, known.findings
    verdicts, findings = with_misnaming_charged(
        changes, runs.submission, said, runs.at_given_numbers, runs.at_every_point
    )
    return replace(known, verdicts=verdicts, findings=findings, misnamed=frozenset(findings))


def _diagnosed_by_evaluation(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Add what the lines of wrong steps show, and repairs verified by evaluation."""
    return _diagnosed(known, runs, None, runs.rerun)


def _diagnosed_by_running(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Add what the lines of wrong steps show, and repairs verified by running the submission again."""
    return _diagnosed(known, runs, runs.rerun, runs.rerun)


Rerun = Callable[[Submission], tuple[Verdict, ...]]


def _diagnosed(known: SubmissionFacts, runs: Reruns, repairs: Rerun | None, rerun: Rerun) -> SubmissionFacts:
    """Add what the lines of wrong steps show. `repairs` verifies repairs by running them; `rerun` verifies the repair
    of a mistake that several steps share."""
    left = [one for one in known.verdicts if one.step.name not in known.misnamed]
    findings = diagnose(runs.session, known.evidence, runs.submission, left, repairs)
    findings |= {name: known.findings[name] for name in known.misnamed}
    verdicts, findings = _sharing(known.verdicts, findings, runs, rerun)
    again = wrong_by_one_line(verdicts, mended_at(findings))
    return known.with_verdicts(with_carried(again, verdicts, findings))


def _sharing(
    verdicts: tuple[Verdict, ...], findings: dict[str, Finding], runs: Reruns, rerun: Rerun
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Charge a mistake that several steps share only once. As this gives points, it must be confirmed in a process that
    has not seen any right value and so cannot answer from memory."""
    shared = one_mistake_each(verdicts, findings)
    new = (one for one, was in zip(shared[0], verdicts, strict=True) if one.outcome != was.outcome)
    bearers = {one.step.name: one.caused_by[0] for one in new}
    apart = bearers.keys() - _mended_together(bearers, shared[1], runs, rerun)
    if not apart:
        return shared
    findings = {name: replace(one, mended_by=None) if name in apart else one for name, one in findings.items()}
    return one_mistake_each(verdicts, findings, frozenset(apart))


def _mended_together(
    bearers: Mapping[str, str], findings: Mapping[str, Finding], runs: Reruns, rerun: Rerun
) -> frozenset[str]:
    """The steps that come right by the change at the step that bears their mistake (`bearers`, by their names), which
    has to come right too. That is shown by a process that has been shown no right value. Where other lines run by that
    change, those that ran are not right."""
    cells = runs.submission.cells
    changes = {
        bearer: change
        for bearer in bearers.values()
        if (change := change_of(findings[bearer])) and not decides_what_runs(cells[change[0]].source, change[1])
    }
    if not changes:
        return frozenset()
    runs.session.renew()
    right = right_after(set(changes.values()), runs.submission, rerun)
    return frozenset(name for name, bearer in bearers.items() if bearer in changes and {name, bearer} <= right)


def _without_wrong_locals(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Judge again with wrong locals of forward functions replaced by the values that the exercise computes."""
    if (
        known.wrong < 2
        or known.misnamed
        or (wrong_locals := find_wrong_locals(runs.prepare(), known.evidence, known.verdicts)) is None
    ):
        return known

    def rerun(changed: Submission) -> tuple[Verdict, ...]:
        return wrong_locals.with_locals(runs.rerun(changed))

    judged = SubmissionFacts(
        wrong_locals.evidence,
        runs.verdicts(wrong_locals.evidence),
        {},
        wrong_locals=wrong_locals,
        alone=known.verdicts,
    )
    return _diagnosed(judged, runs, rerun, rerun)


def _with_shared_locals(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Attribute all steps that a wrong local spoils to one mistake."""
    if known.wrong < 2:
        return known
    mistakes = shared_locals(runs.prepare(), known.evidence, known.verdicts)
    return known.with_verdicts(shared_once(mistakes, known.evidence.scene.sites, known.verdicts, known.findings))


def _with_guilty_lines(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Add the lines where wrong values originate. This takes additional runs that do not count for the score."""
    if not any(map(is_wrong, known.verdicts)):
        return known
    return known.with_verdicts(
        with_guilty_lines(runs.prepare(), known.evidence, runs.submission, known.verdicts, known.findings)
    )


def _with_rewritten_lines(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Add rewritten lines of functions if these repair several steps."""
    if known.wrong < 2:
        return known
    said = known.verdicts, known.findings
    return known.with_verdicts(with_rewritten_lines(runs.prepare(), known.evidence, runs.submission, said, runs.rerun))


def _with_raised_locals(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Charge the first step that lacks a local whose line raised with that line. Runs nothing."""
    return known.with_verdicts(with_raised_line_charged(known.evidence, known.verdicts, known.findings))


def _with_repairs_by_running(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Add repairs found by running, unless locals were replaced: `_with_locals_charged` handles that case."""
    return known if known.wrong_locals is not None else _repaired_by_running(known, runs)


def _repaired_by_running(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Add repairs of lines that the diagnosis cannot read, found by running the submission with small changes of its
    text."""
    if not any(needs_running(one, known.findings) for one in known.verdicts):
        return known
    from grader.diagnosis.repair_trials.repair_by_running import (  # most repairs are found before
        Running,
        repaired_by_running,
    )

    def spent() -> float:
        return runs.session.spent_without_setup

    right, exercise = runs.prepared.reference.values[0], runs.prepared.exercise
    running = Running(runs.at_given_numbers, runs.at_every_point, runs.results_of, spent, right, exercise)
    found = repaired_by_running(runs.submission, known.verdicts, known.findings, running)
    bearers = {name: one.mended_by for name, one in found.items() if one.mended_by is not None}
    mended = _mended_together(bearers, found, runs, runs.at_every_point)  # as it gives points
    found = {name: replace(one, mended_by=None) for name, one in found.items()}
    return known.with_verdicts(with_carried({name: bearers[name] for name in mended}, known.verdicts, found))


def _with_single_locals(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Attribute unexplained steps to one mistake if setting a local to its right value repairs them."""
    left: Sequence[Verdict] = [one for one in known.verdicts if is_wrong(one) and is_unexplained(one, known.findings)]
    if not left:
        return known
    right = [one for one in known.verdicts if one.outcome == "correct"]
    mistakes = single_locals(runs.prepare(), known.evidence, left, right)
    return known.with_verdicts(shared_once(mistakes, known.evidence.scene.sites, known.verdicts, known.findings))


def _with_locals_charged(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """If locals were replaced, report their mistake once, then add repairs found by running."""
    if known.wrong_locals is None:
        return known
    charged = known.with_verdicts(
        with_locals_charged_once(known.wrong_locals, known.alone, known.verdicts, known.findings)
    )
    return _or_as_before(_repaired_by_running, charged, runs)


def _with_unseen_steps(known: SubmissionFacts, runs: Reruns) -> SubmissionFacts:
    """Count a mistake once that also keeps other steps from being seen: steps bound under the student's own names,
    which are found by their values, so that a wrong one seems to be missing, and steps that a line of another step did
    not let the program come to, as it raised. The repairs of what is wrong make them right. As this gives points, it is
    shown by a process that has been shown no right value, in its natural runs. A line that is rewritten by
    the chain rule shows nothing about steps that the code does not name: it may have bound hundreds of values."""
    raised = {one.step.name for one in known.verdicts if (one.outcome, one.reason) == ("unjudged", "raised")}
    missing = raised | {
        one.step.name for one in known.verdicts if (one.outcome, one.reason) == ("missing", "not_bound")
    }
    wrong = [one for one in known.verdicts if one.outcome == "wrong"]
    differs = known.evidence.differs_when_forced
    if not missing or not wrong or any(one.step.name in differs for one in wrong):
        return known
    cells = runs.submission.cells
    changes = {
        change
        for one in wrong
        if (finding := known.findings.get(one.step.name)) and (change := change_of(finding))
        if (raised or not finding.last_resort) and not decides_what_runs(cells[change[0]].source, change[1])
    }
    if not changes:
        return known
    runs.session.renew()
    right = right_after(changes, runs.submission, runs.at_every_point, MADE_RIGHT)
    bearers = [one.step.name for one in sorted(wrong, key=lambda one: one.order) if one.step.name in right]
    if not bearers:
        return known
    carried = dict.fromkeys(missing & right, bearers[0])
    return known.with_verdicts(with_carried(carried, known.verdicts, known.findings))
