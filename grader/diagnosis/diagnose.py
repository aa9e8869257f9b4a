"""Diagnoses each wrong step, as far as a repair can be proven.

A step's own expression is read, evaluated with everything before it right, and repaired by search. A repair is reported
only if it is right at every point, and kept only if a rerun of the repaired submission makes the step right. Without a
proven repair, the finding contains only the facts.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from grader.diagnosis.chain_rule.chain import derivation_of
from grader.diagnosis.expressions import unpackings
from grader.diagnosis.finding import Change, Finding, change_of, raised_alone, state, trailing_comma
from grader.diagnosis.messages import span_of
from grader.diagnosis.repair_search.search import SECONDS
from grader.diagnosis.repair_text import spliced
from grader.diagnosis.step.step_environment import step_environment
from grader.diagnosis.step_explainer import Explainer
from grader.diagnosis.sums import begun_at, forgotten_line
from grader.errors import ExplanationFailed, GraderError
from grader.judge.evidence import Evidence
from grader.judge.score import are_passes
from grader.judge.verdicts import Verdict, right_steps
from grader.model import RIGHT, Diagnosis, Outcome, Submission
from grader.runner.session import Session

Rerun = Callable[[Submission], Sequence[Verdict]]
"""A function that runs a changed submission like the original one, and judges it."""


MOST_TRIED = 4
"""How many changes inside functions are tried for the steps that call these, each in one rerun."""


def diagnose(
    session: Session, evidence: Evidence, submission: Submission, verdicts: Sequence[Verdict], rerun: Rerun | None
) -> dict[str, Finding]:
    """Return a finding for each step that needs a repair, by the step's name. Without `rerun`, repairs are proven by
    evaluation only."""
    found: dict[str, Finding] = {}
    for verdict in verdicts:
        facts = state(verdict)
        if facts is not None:
            found[verdict.step.name] = Finding(facts)
    try:
        return _repaired(session, evidence, submission, verdicts, rerun, dict(found))
    except GraderError:
        raise  # an aborted run, or an internal error of the grader in it
    except Exception as error:  # a failed explanation must not hide the verdicts from the student
        warnings.warn(f"nothing is explained: {error!r}", ExplanationFailed, stacklevel=2)
        return found


def _repaired(
    session: Session,
    evidence: Evidence,
    submission: Submission,
    verdicts: Sequence[Verdict],
    rerun: Rerun | None,
    found: dict[str, Finding],
) -> dict[str, Finding]:
    """Return the findings so far, with the repairs that can be proven."""
    # A "cancelled" step has right values at every point, so no value can prove a repair.
    wrong = [one for one in verdicts if one.outcome == "wrong" and one.site is not None and one.reason != "cancelled"]
    raised = [verdict for verdict in verdicts if raised_alone(verdict)]
    if rerun is not None and len(wrong) > 1:
        begun = _begun_together(submission, wrong, verdicts, found, rerun)
        if begun:
            return found | begun
    if wrong or raised:
        scene = evidence.scene
        derivation = derivation_of(scene.exercise, scene.reference, scene.measures)
        explainer = Explainer(
            evidence, submission, step_environment(session, evidence, submission), derivation, verdicts
        )
        found |= _all_explained(explainer, wrong, found)
        if rerun is not None and len(wrong) > 1:
            found |= _unpacked_in_order(submission, wrong, verdicts, found, rerun)
        for verdict in raised:
            found |= _mended(explainer, verdict)
        if rerun is not None and len(wrong) > 1:
            found |= _in_one_function(explainer, wrong, verdicts, found, rerun)
    return found if rerun is None else _proven(found, verdicts, submission, rerun)


def _all_explained(explainer: Explainer, wrong: Sequence[Verdict], facts: Mapping[str, Finding]) -> dict[str, Finding]:
    """Return the findings of the wrong steps. If several steps come from one line in a loop, one pass may leave repair
    or name ambiguous (a term was 0); those of another pass are then used."""
    found = {one.step.name: _explained(explainer, one, facts[one.step.name]) for one in wrong}
    for one in wrong:
        if one.step.family is not None and found[one.step.name].diagnosis.confidence == "one_of":
            # No time for a new search: this mainly tries the repairs found for the other passes.
            again = _explained(explainer, one, facts[one.step.name], seconds=0.0)
            found[one.step.name] = found[one.step.name] if again.text is None else again
    found |= _mended_by_helpers(explainer, wrong, facts, found)
    for one in wrong:
        own = found[one.step.name]
        if own.text is None and (line := _forgotten_line(explainer, one, own)) is not None:
            found[one.step.name] = line
    for one in wrong:
        own = found[one.step.name]
        if one.step.family is not None and own.text is not None and own.diagnosis.code is None:
            others = (found[two.step.name] for two in wrong if two.step.family == one.step.family)
            named = {two.diagnosis.code: two for two in others if change_of(two) == change_of(own)}
            named.pop(None, None)
            if len(named) == 1:
                (other,) = named.values()
                found[one.step.name] = replace(own, diagnosis=replace(other.diagnosis, rule=own.diagnosis.rule))
    return found


def _forgotten_line(explainer: Explainer, verdict: Verdict, own: Finding) -> Finding | None:
    judged = explainer.judged.get(verdict.step.name)
    if judged is None:
        return forgotten_line(explainer.tasks, verdict, None, own.facts or own.diagnosis)
    return forgotten_line(explainer.tasks, verdict, judged.context, judged.facts.diagnosis)


def _mended_by_helpers(
    explainer: Explainer, wrong: Sequence[Verdict], facts: Mapping[str, Finding], found: Mapping[str, Finding]
) -> dict[str, Finding]:
    """Return new findings of steps whose repair changes their own line, if another pass of that line is repaired by a
    change of something it reads: then the line is right, and a repair of what this pass reads is searched too."""
    result: dict[str, Finding] = {}
    for one in wrong:
        others = (two for two in wrong if two.step.family is not None and _line(two) == _line(one))
        mended = [two for two in others if change_of(found[two.step.name])]
        if _changes_line(one, found) and not all(_changes_line(two, found) for two in mended):
            again = {one.step.name: explainer.explain_by_helpers(one, facts[one.step.name])}
            if change_of(again[one.step.name]) and not _changes_line(one, again):
                result |= again
    return result


def _line(verdict: Verdict) -> tuple[object, object]:
    return verdict.step.family, verdict.site


def _changes_line(verdict: Verdict, found: Mapping[str, Finding]) -> bool:
    """Whether the repair of a step changes its own statement."""
    change, site = change_of(found[verdict.step.name]), verdict.site
    if change is None or site is None:
        return False
    return change[0] == site.cell and site.statement[0] <= change[1].line <= site.statement[2]


def _explained(explainer: Explainer, verdict: Verdict, facts: Finding, seconds: float = SECONDS) -> Finding:
    try:
        if verdict.reason == "tuple":
            return trailing_comma(verdict, explainer.submission, facts)
        finding = explainer.explain(verdict, facts, seconds)
        if not explainer.evidence.scene.turned:
            return finding
        # The chain rule is written for the layout of the exercise.
        return replace(finding, diagnosis=replace(finding.diagnosis, rule=None))
    except Exception as error:  # a failed explanation must not hide the verdict from the student
        if not explainer.evidence.scene.turned:
            warnings.warn(f"`{verdict.step.name}` is not explained: {error!r}", ExplanationFailed, stacklevel=3)
        return facts


def _mended(explainer: Explainer, verdict: Verdict) -> dict[str, Finding]:
    """Return the finding that repairs a statement that raised, by the step's name; empty if no small change does."""
    name = verdict.step.name
    error = "" if verdict.cause is None else verdict.cause.error
    facts = Finding(Diagnosis(f"The line that computes `{name}` crashed: {error}."))
    finding = _explained(explainer, verdict, facts)
    return {name: finding} if finding.text is not None else {}


def _begun_together(
    submission: Submission,
    wrong: Sequence[Verdict],
    verdicts: Sequence[Verdict],
    facts: Mapping[str, Finding],
    rerun: Rerun,
) -> dict[str, Finding]:
    """Return findings of wrong steps that are sums which one statement begins with a number other than 0, if 0 makes
    all wrong steps right, and no right step wrong."""
    order = sorted(wrong, key=lambda one: one.order)
    right = right_steps(verdicts)
    for finding in begun_at(submission, order, facts):
        change = change_of(finding)
        steps = [one.step.name for one in order]
        if change is not None and {*steps, *right} <= right_after({change}, submission, rerun):
            others = {step: replace(facts[step], mended_by=steps[0]) for step in steps[1:]}
            return {steps[0]: finding, **others}
    return {}


def _unpacked_in_order(
    submission: Submission,
    wrong: Sequence[Verdict],
    verdicts: Sequence[Verdict],
    found: Mapping[str, Finding],
    rerun: Rerun,
) -> dict[str, Finding]:
    """Return findings of wrong steps whose repairs all put one name for another, `N` for `D`, if the two are unpacked
    from one value and exchanging them there makes all these steps right, and no right step wrong."""
    order = sorted((one for one in wrong if change_of(found[one.step.name])), key=lambda one: one.order)
    names = [one.step.name for one in order]
    pairs = {_renamed(submission, found[name]) for name in names}
    # One repair of a line that makes several steps is smaller.
    places = {change for name in names if (change := change_of(found[name])) is not None}
    pair = pairs.pop() if len(places) > 1 and len(pairs) == 1 else None
    for cell, place, text, fix in () if pair is None else unpackings(submission, pair):
        if {*names, *right_steps(verdicts)} <= right_after({(cell, place, text)}, submission, rerun):
            one, other = sorted(pair or ())
            gets = "is the length that the other stands for" if ".shape" in fix else "gets the value of the other"
            message = f"`{one}` and `{other}` are exchanged here: each {gets}."
            own = found[names[0]]
            facts = own.facts or own.diagnosis
            told = replace(facts, code=None, message=message, confidence="likely", replace_with=text, fix=fix)
            where = span_of(submission.cells[cell], submission.file, place)
            lead = Finding(told, where, cell, place, text, facts)
            rest = {name: Finding(found[name].facts or found[name].diagnosis, mended_by=names[0]) for name in names[1:]}
            return {names[0]: lead, **rest}
    return {}


def _renamed(submission: Submission, finding: Finding) -> frozenset[str] | None:
    """Return the name that a repair takes out and the one that it puts there; None if it does something else."""
    place, cell = finding.place, finding.cell
    if place is None or cell is None or place.line != place.end_line or finding.text is None:
        return None
    line = submission.cells[cell].source.split("\n")[place.line - 1]
    old = line[place.column - 1 : place.end_column - 1]
    return frozenset({old, finding.text}) if old.isidentifier() and finding.text.isidentifier() else None


def _in_one_function(
    explainer: Explainer,
    wrong: Sequence[Verdict],
    verdicts: Sequence[Verdict],
    found: Mapping[str, Finding],
    rerun: Rerun,
) -> dict[str, Finding]:
    """Return findings of wrong steps that all call one function, if one change in it makes all of them right and no
    right step wrong. This change is preferred to separate repairs of their lines."""
    order = {verdict.step.name: verdict.order for verdict in wrong}
    right = right_steps(verdicts)
    together: list[tuple[Finding, list[str]]] = []
    for name, callers in explainer.callers.items():
        steps = sorted({step for step in callers if step in order}, key=lambda one: order[one])
        for step in steps if len(steps) > 1 else ():
            together += ((finding, steps) for finding in explainer.in_function(step, name))
    tried: set[Change] = set()
    for finding, steps in sorted(together, key=lambda one: one[0].cost):
        change = change_of(finding)
        if change is None or change in tried or len(tried) >= MOST_TRIED:
            continue
        tried.add(change)
        if {*steps, *right} <= right_after({change}, explainer.submission, rerun):
            rule = found[steps[0]].diagnosis.rule
            lead = replace(finding, diagnosis=replace(finding.diagnosis, rule=rule))
            facts = ((step, found[step].facts or found[step].diagnosis) for step in steps[1:])
            return {steps[0]: lead, **{step: Finding(one, mended_by=steps[0]) for step, one in facts}}
    return {}


def _proven(
    found: dict[str, Finding], verdicts: Sequence[Verdict], submission: Submission, rerun: Rerun
) -> dict[str, Finding]:
    """Return the findings after a rerun with all repairs: those whose steps are right keep their repair, others only
    their facts. Steps that the first repair alone makes right share its mistake."""
    # For steps that are right because terms cancel, these runs do not show whether they still are right only so.
    wrong = (one for one in verdicts if one.outcome == "wrong" and one.reason != "cancelled")
    order = {verdict.step.name: verdict.order for verdict in wrong}
    families = {verdict.step.name: verdict.step.family for verdict in verdicts}
    in_order = sorted(order, key=lambda name: order[name])
    found = _without_overlaps(found, in_order, lambda one: right_after({one}, submission, rerun))
    changes = {name: change for name, one in found.items() if (change := change_of(one)) is not None}
    if not changes:
        return found
    right = right_after(set(changes.values()), submission, rerun)
    kept = _without_spoiling(found, verdicts, changes, right, lambda one: right_after({one}, submission, rerun))
    if kept != found:  # what they made wrong, the others are to be seen without
        found = kept
        changes = {name: change for name, one in found.items() if (change := change_of(one)) is not None}
        right = right_after(set(changes.values()), submission, rerun) if changes else set()
    places = {
        verdict.step.name: verdict.site.number
        for verdict in verdicts
        if verdict.site is not None and verdict.step.name in found
    }
    # A line that computes several steps, one in each pass, is repaired only if all of them are right.
    broken = {places[name] for name in found if name not in right and name in places}
    proven = {
        name: one if one.facts is None or (name in right and places.get(name) not in broken) else Finding(one.facts)
        for name, one in found.items()
    }
    mended = [name for name in in_order if name in proven and change_of(proven[name])]
    if not mended:
        return proven
    change = changes[mended[0]]
    alone = right if len(set(changes.values())) == 1 else right_after({change}, submission, rerun)
    shared = [name for name in in_order if name in alone and name in proven]
    return proven | _shared(shared, proven, change, families) if mended[0] in alone else proven


def _without_overlaps(
    found: dict[str, Finding], in_order: Sequence[str], after: Callable[[Change], set[str]]
) -> dict[str, Finding]:
    """Return the findings, where repairs that overlap cannot be run together: each of these steps has the one that
    makes most of them right, or, if it does not make this step right, only its facts."""
    found = dict(found)
    left = {name: change for name in in_order if name in found and (change := change_of(found[name])) is not None}
    while left:
        first = next(iter(left.values()))
        steps = [name for name, change in left.items() if _overlap(change, first)]
        tried = list(dict.fromkeys(left[name] for name in steps))[:MOST_TRIED]
        if len(tried) > 1:
            right = {change: after(change).intersection(steps) for change in tried}
            best = max(tried, key=lambda change: len(right[change]))
            bearer = found[next(name for name in steps if left[name] == best)]
            for name in steps:
                own = found[name]
                if left[name] != best and own.facts is not None:
                    shared = replace(
                        bearer, diagnosis=replace(bearer.diagnosis, rule=own.diagnosis.rule), facts=own.facts
                    )
                    found[name] = shared if name in right[best] else Finding(own.facts)
        for name in steps:
            del left[name]
    return found


def _overlap(one: Change, other: Change) -> bool:
    (cell, place, _), (other_cell, other_place, _) = one, other
    if cell != other_cell:
        return False
    start, end = (place.line, place.column), (place.end_line, place.end_column)
    return start < (other_place.end_line, other_place.end_column) and (other_place.line, other_place.column) < end


def _without_spoiling(
    found: dict[str, Finding],
    verdicts: Sequence[Verdict],
    changes: Mapping[str, Change],
    right: set[str],
    after: Callable[[Change], set[str]],
) -> dict[str, Finding]:
    """Return the findings; one whose change makes a right step wrong keeps only its facts."""
    before = right_steps(verdicts)
    if before <= right:
        return found
    several = set(changes.values())
    spoiling = {one for one in several if len(several) == 1 or not before <= after(one)}
    return {
        name: Finding(one.facts) if changes.get(name) in spoiling and one.facts is not None else one
        for name, one in found.items()
    }


def _shared(
    names: Sequence[str], proven: Mapping[str, Finding], change: Change, families: Mapping[str, str | None]
) -> dict[str, Finding]:
    """Return the findings of steps that one change makes right. The first step and others of its family keep the
    mistake; the rest are `mended_by` the first."""
    lead = names[0]
    bearer = next(one for one in (proven[name] for name in names) if change_of(one) == change)
    rule = proven[lead].diagnosis.rule
    found = {lead: replace(bearer, diagnosis=replace(bearer.diagnosis, rule=rule))}
    for name in names[1:]:
        if not are_passes(families[name], families[lead]):
            found[name] = replace(proven[name], mended_by=lead)
    return found


def right_after(
    changes: AbstractSet[Change], submission: Submission, rerun: Rerun, outcomes: Collection[Outcome] = RIGHT
) -> set[str]:
    """Return the steps that are right or carried, or have another of the `outcomes`, in a rerun with these changes."""
    cells = list(submission.cells)
    # From the end to the start, so that no change shifts the place of another; of two that begin together the shorter.
    behind: dict[int, tuple[int, int]] = {}
    for cell, place, text in sorted(changes, key=_from_the_end):
        if (place.end_line, place.end_column) > behind.get(cell, (place.end_line, place.end_column)):
            continue  # overlaps another change: running both would not show which one is right
        behind[cell] = place.line, place.column
        mended = spliced(cells[cell].source, place, text)
        cells[cell] = replace(cells[cell], source=mended, text=mended)
    return {
        verdict.step.name for verdict in rerun(replace(submission, cells=tuple(cells))) if verdict.outcome in outcomes
    }


def _from_the_end(change: Change) -> tuple[object, ...]:
    cell, place, text = change
    return -place.line, -place.column, place.end_line, place.end_column, text, cell
