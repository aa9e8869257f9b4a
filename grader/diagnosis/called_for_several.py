"""One line of a function that several wrong steps come from, and that no small change mends: it is written anew.

A layer's `backward` keeps `self.db` for two layers, by one line. Where that line, written by the chain rule of one step
in the function's own names, makes all of them right in one more run, and leaves right what is, it is one mistake.
As this gives points, it has to show in a process that has been shown no right value before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from grader.diagnosis.chain import derivation_of
from grader.diagnosis.diagnose import Rerun, right_after
from grader.diagnosis.explanation import Explainer
from grader.diagnosis.finding import Finding, carried_by, change_of
from grader.diagnosis.step_environment import step_environment
from grader.judge.evidence import Evidence
from grader.judge.verdicts import Verdict
from grader.model import Submission
from grader.runner.session import Session

MOST_TRIED = 8
"""Formulas that are tried for one line, each by a run."""


def lines_written_anew(
    session: Session,
    evidence: Evidence,
    submission: Submission,
    pointed: tuple[Sequence[Verdict], Mapping[str, Finding]],
    rerun: Rerun,
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """The verdicts and findings, of several steps that come from one line of a function one wrong and the others
    carried where that line written anew makes all of them right."""
    verdicts, findings = tuple(pointed[0]), dict(pointed[1])
    together = [group for group in _groups(verdicts, findings) if len(group) > 1]
    if not together:
        return verdicts, findings
    scene = evidence.scene
    derivation = derivation_of(scene.exercise, scene.reference, scene.measures)
    explainer = Explainer(evidence, submission, step_environment(session, evidence, submission), derivation, verdicts)
    right = {one.step.name for one in verdicts if one.outcome in ("correct", "carried")}
    for group in together:
        names = [one.step.name for one in group]
        written = explainer.written_anew(group[0], _facts(findings[names[0]]))
        for anew in islice((one for one in written if change_of(one) is not None), MOST_TRIED):
            session.renew()
            change = change_of(anew)
            if change is not None and {*names, *right} <= right_after({change}, submission, rerun):
                findings[names[0]] = anew
                verdicts, findings = carried_by(dict.fromkeys(names[1:], names[0]), verdicts, findings)
                break
    return verdicts, findings


def _groups(verdicts: Sequence[Verdict], findings: Mapping[str, Finding]) -> list[list[Verdict]]:
    """Wrong steps of which nothing small is said, by the line of a function they come from, the first one first."""
    found: dict[int, list[Verdict]] = {}
    for one in sorted(verdicts, key=lambda one: one.order):
        own = findings.get(one.step.name)
        mended = own is not None and own.text is not None and not own.rewritten
        if one.outcome == "wrong" and one.site is not None and one.site.scope and own is not None and not mended:
            found.setdefault(one.site.number, []).append(one)
    return list(found.values())


def _facts(finding: Finding) -> Finding:
    return Finding(finding.facts or finding.diagnosis)
