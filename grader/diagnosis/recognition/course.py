"""Misconceptions defined by a course: `misconceptions:` in its YAML, each a wrong expression with a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import is_right
from grader.diagnosis.finding import Finding
from grader.exercise.types import Step


def named_by_course(derivation: Derivation, step: Step, own: Sequence[Any], finding: Finding) -> Finding:
    """Return the finding with the course's code and message, if the student's values equal those of one of the course's
    wrong expressions.

    A course knows its own students, so its names take precedence over the catalogue's."""
    for known in derivation.exercise.policy.misconceptions:
        if known.step not in (step.name, step.family):
            continue
        wrong = [derivation.value(known.wrong, k) for k in range(len(own))]
        if all(
            value is not None and is_right(mine, value, derivation.measures[k])
            for k, (mine, value) in enumerate(zip(own, wrong, strict=True))
        ):
            diagnosis = replace(
                finding.diagnosis, code=known.code, message=known.message, confidence="certain", alternatives=()
            )
            facts = finding.facts and replace(diagnosis, replace_with=None, fix=None)
            return replace(finding, diagnosis=diagnosis, facts=facts)
    return finding
