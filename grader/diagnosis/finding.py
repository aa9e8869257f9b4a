"""What is said of one step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.formula.syntax import Place
from grader.model import Diagnosis, Span


@dataclass(frozen=True, slots=True)
class Finding:
    """The diagnosis, the smallest range to change, and the change itself (`place` in the source of cell `cell`
    becomes `text`) where there is one; `facts` is what is known without it."""

    diagnosis: Diagnosis
    where: Span | None = None
    cell: int | None = None
    place: Place | None = None
    text: str | None = None
    facts: Diagnosis | None = None


def misconceptions_of(findings: Mapping[str, Finding]) -> dict[str, tuple[str, ...]]:
    """Each misconception with the steps it was found at."""
    found: dict[str, list[str]] = {}
    for name, finding in findings.items():
        if finding.diagnosis.code is not None:
            found.setdefault(finding.diagnosis.code, []).append(name)
    return {code: tuple(steps) for code, steps in found.items()}
