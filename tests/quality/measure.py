"""The harness: what the grader says of mutants, held against what is true of them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from grader.grading import grade
from grader.model import Diagnosis, GradingRequest, Result, StepResult
from grader.preparation import PreparedExercise
from grader.runner.session import Session
from grader.submission.imports import libraries_needed
from grader.submission.load import load_bytes
from tests.quality.corpus import Script
from tests.quality.mutants import Mutant, mutants
from tests.quality.oracle import Truth, truth_of


class _Reused(Session):
    """A session that forgets one submission (what its runs took, where it ended) and keeps the process for the next."""

    def forget(self) -> None:
        child = self._child
        super().__init__(None, self._libraries, children=self._children)
        self._child = child


class Warm:
    """Grades one submission after the other in one process for each set of libraries: a mutant is an ordinary
    derivation, which leaves nothing behind that another could see."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, ...], _Reused] = {}
        self._prepared: dict[tuple[Path, str], PreparedExercise] = {}
        self._stack = ExitStack()
        self.seconds = 0.0
        """Seconds of computing that the last check took, here and in the child: a busy machine is not counted."""

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def check(self, script: Script, source: str, secret: str = "") -> Result:
        submission = load_bytes(source.encode(), "mine.py")
        libraries = libraries_needed(submission)
        if libraries not in self._sessions:
            self._sessions[libraries] = self._stack.enter_context(_Reused(libraries=libraries))
        self._sessions[libraries].forget()
        started = time.thread_time()
        prepared = self._prepared.setdefault((script.exercise, secret), PreparedExercise(script.loaded, secret))
        result = grade(self._sessions[libraries], prepared, submission, GradingRequest(reveal="values"))
        self.seconds = time.thread_time() - started + self._sessions[libraries].spent
        return result


@dataclass(frozen=True)
class Case:
    """A script with one mistake or two, and what is true of it."""

    script: Script
    mutants: tuple[Mutant, ...]
    source: str
    truth: Truth


def singles(script: Script, count: int, seed: int = 0) -> Iterator[Case]:
    """Mutants of a script that change a value: as many of each operator as of any other, as far as they go."""
    inputs = frozenset(one.name for one in script.loaded.inputs)
    source = random.Random(f"{script.id} {seed}")
    by_operator: dict[str, list[Mutant]] = {}
    for mutant in mutants(script.derivation, inputs=inputs):
        by_operator.setdefault(mutant.operator, []).append(mutant)
    for group in by_operator.values():
        source.shuffle(group)
    found = 0
    while found < count and by_operator:
        operator = source.choice(sorted(by_operator))
        mutant = by_operator[operator].pop()
        if not by_operator[operator]:
            del by_operator[operator]
        truth = truth_of(script.watched, mutant.source, script.exercise)
        if truth is not None and truth.wrong:
            found += 1
            yield Case(script, (mutant,), mutant.source, truth)


def doubles(script: Script, count: int, seed: int = 0) -> Iterator[Case]:
    """Two mistakes in different statements of a script, each of which shows by itself."""
    source = random.Random(f"{script.id} two {seed}")
    alone = list(singles(script, max(12, 2 * count), seed + 1))
    pairs = [(one, other) for place, one in enumerate(alone) for other in alone[place + 1 :] if _apart(one, other)]
    source.shuffle(pairs)
    found = 0
    for one, other in pairs:
        if found == count:
            return
        first, second = sorted((one.mutants[0], other.mutants[0]), key=lambda mutant: mutant.statement.lineno)
        # The later one first: it moves nothing that stands before it.
        start, end = second.lines.range(second.statement)
        both = second.lines.data[:start] + second.written.encode() + second.lines.data[end:]
        start, end = first.lines.range(first.statement)
        text = (both[:start] + first.written.encode() + both[end:]).decode()
        truth = truth_of(script.watched, text, script.exercise)
        if truth is not None and {*one.truth.wrong, *other.truth.wrong} == set(truth.wrong):
            found += 1
            yield Case(script, (first, second), text, truth)


def _apart(one: Case, other: Case) -> bool:
    """Whether two mutants are in different statements and make different quantities wrong, each in one alone."""
    first, second = one.mutants[0], other.mutants[0]
    return (
        first.lines.range(first.statement) != second.lines.range(second.statement)
        and len(one.truth.wrong) == len(other.truth.wrong) == 1
        and one.truth.wrong != other.truth.wrong
    )


def with_repairs(source: str, wrong: Sequence[StepResult]) -> str | None:
    """A submission with all that the diagnosis of its wrong steps proposes done; None where it proposes nothing for one
    of them."""
    changes: dict[tuple[int, int], StepResult] = {}
    for step in wrong:
        if step.where is None or step.diagnosis is None or step.diagnosis.replace_with is None:
            return None
        changes[step.where.line, step.where.column] = step
    lines = source.split("\n")
    for _, step in sorted(changes.items(), reverse=True):
        assert step.where is not None
        assert step.diagnosis is not None
        where, new = step.where, _new_text(step.diagnosis)
        before, after = lines[where.line - 1][: where.column - 1], lines[where.end_line - 1][where.end_column - 1 :]
        lines[where.line - 1 : where.end_line] = (before + new + after).split("\n")
    return "\n".join(lines) if changes else None


def _new_text(diagnosis: Diagnosis) -> str:
    """What is to stand in the range: statements that are moved are written out, one that goes leaves `pass`."""
    return diagnosis.replace_with or diagnosis.fix or "pass"
