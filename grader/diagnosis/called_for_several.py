"""Rewrites one line of a function that computes several wrong steps, if no small change repairs it.

A layer's `backward` may compute `self.db` for two layers in one line. If that line, rewritten by the chain rule of one
step in the function's own names, makes all these steps right in another run and no right step wrong, it is one mistake.
As this affects points, the run needs a fresh process that has not seen any right value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from grader.diagnosis.chain_rule.chain import derivation_of
from grader.diagnosis.diagnose import Rerun, right_after
from grader.diagnosis.explanation import Explainer
from grader.diagnosis.finding import Finding, carried_by, change_of
from grader.diagnosis.step.step_environment import step_environment
from grader.judge.evidence import Evidence
from grader.judge.verdicts import Verdict, right_steps
from grader.model import Submission
from grader.runner.session import Session

MOST_TRIED = 8
"""How many formulas are tried for one line, each in its own run."""


def lines_written_anew(
    session: Session,
    evidence: Evidence,
    submission: Submission,
    pointed: tuple[Sequence[Verdict], Mapping[str, Finding]],
    rerun: Rerun,
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Return verdicts and findings. If rewriting one line of a function makes all wrong steps from it right, the first
    of them stays wrong and the others become carried."""
    verdicts, findings = tuple(pointed[0]), dict(pointed[1])
    together = [group for group in _groups(verdicts, findings) if len(group) > 1]
    if not together:
        return verdicts, findings
    scene = evidence.scene
    derivation = derivation_of(scene.exercise, scene.reference, scene.measures)
    explainer = Explainer(evidence, submission, step_environment(session, evidence, submission), derivation, verdicts)
    right = right_steps(verdicts)
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
    """Group the wrong steps without a small repair by the function line that computes them, in order of execution."""
    found: dict[int, list[Verdict]] = {}
    for one in sorted(verdicts, key=lambda one: one.order):
        own = findings.get(one.step.name)
        mended = own is not None and own.text is not None and not own.rewritten
        if one.outcome == "wrong" and one.site is not None and one.site.scope and own is not None and not mended:
            found.setdefault(one.site.number, []).append(one)
    return list(found.values())


def _facts(finding: Finding) -> Finding:
    return Finding(finding.facts or finding.diagnosis)
