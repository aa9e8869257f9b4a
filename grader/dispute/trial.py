"""Have the code of a dispute judged, when it is written and when it is read."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from grader.dispute.anonymous import anonymous, own_words
from grader.dispute.case import SCHEMA, Dispute, File, TextFile, Verdict
from grader.errors import UsageError
from grader.exercise.load import named
from grader.grading import names_asked
from grader.model import CompanionFile, Isolation, Result, Reveal, StepResult, Submission
from grader.nearest import did_you_mean
from grader.pipeline import check
from grader.submission.companion_files import is_plain, with_files
from grader.submission.load import load as load_submission
from grader.temp_folders import TempFolder

_LARGEST_BESIDE = 4 * 1024 * 1024
"""Maximum bytes of all companion files together: the bundle is made to be mailed."""


def dispute(exercise: str, path: str, step: str, because: str, variant: str | None) -> Dispute:
    """Make the dispute of a student about a step. The code is run as it is and as it is passed on; if what was left out
    has changed the verdict, it is put back.

    Raises `UsageError` if the exercise has no such step, and the errors of `check`."""
    loaded = named(exercise)
    submission = load_submission(path)
    beside, kept = _beside(with_files(submission, names_asked(loaded)))
    result = check(loaded, submission, variant=variant)
    verdict = _verdict(step_of(result, step))
    text = Path(path).read_bytes().decode("utf-8-sig", "replace")
    name = "submission" + os.path.splitext(path)[1]
    words = own_words()
    versions = (*result.versions, ("python", platform.python_version()), ("system", platform.system()))
    made = Dispute(
        SCHEMA, step, because, verdict, loaded.id, Path(loaded.path).read_text("utf-8-sig"),
        _files(Path(loaded.path).parent, loaded.policy.files), variant, TextFile(name, anonymous(text, name, words)),
        tuple(_hidden(one, words) for one in beside), versions, kept,
    )  # fmt: skip
    if _verdict(step_of(judged(made, "process", None), step)) == verdict:
        return made
    return replace(made, submission=TextFile(name, text), beside=beside, kept=(*kept, "comments and texts in the code"))


def judged(of: Dispute, isolation: Isolation, reveal: Reveal | None) -> Result:
    """The result of the code of a dispute, with the exercise as it is in there."""
    with _laid_down(of) as (exercise, submission):
        return check(exercise, submission, variant=of.variant, isolation=isolation, reveal=reveal)


def same_verdict(of: Dispute, result: Result) -> bool:
    """Whether a result says of the step what was disputed."""
    return _verdict(step_of(result, of.step)) == of.verdict


def step_of(result: Result, name: str) -> StepResult:
    """A step or forward quantity by its name. Raises `UsageError` if there is none."""
    steps = {step.name: step for step in (*result.forward, *result.steps)}
    if name not in steps:
        raise UsageError(f"{result.exercise} has no step {name[:80]!r}.{did_you_mean(name, steps)}")
    return steps[name]


def _verdict(step: StepResult) -> Verdict:
    where = step.where
    cell, line = (None, None) if where is None else (where.cell, where.line)
    return Verdict(step.outcome, step.reason, step.points, step.max_points, cell, line)


@contextmanager
def _laid_down(of: Dispute) -> Iterator[tuple[str, Submission]]:
    """The files of a dispute in a temporary folder: the path of the exercise, and the submission."""
    scratch = TempFolder()
    try:
        home = Path(scratch.path)
        exercise = home / "exercise" / "exercise.yaml"
        own = home / "submission" / of.submission.name
        texts = [(exercise, of.exercise_text.encode()), (own, of.submission.text.encode())]
        texts += [(exercise.parent / one.name, one.content) for one in of.exercise_files]
        texts += [(home / "beside" / one.name, one.content) for one in of.beside]
        for place, content in texts:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        beside = tuple(CompanionFile(one.name, str(home / "beside" / one.name)) for one in of.beside)
        yield str(exercise), replace(load_submission(own), beside=beside)
    finally:
        scratch.close()


def _beside(submission: Submission) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """The companion files that fit, and a remark on those that do not."""
    found, left, over = [], _LARGEST_BESIDE, []
    for one in submission.beside or ():
        content = Path(one.path).read_bytes()
        left -= len(content)
        if left >= 0:
            found.append(File(one.name, content))
        else:
            over.append(f"without {one.name}, which is too large")
    return tuple(found), tuple(over)


def _hidden(one: File, words: Sequence[str]) -> File:
    if not one.name.endswith(".py"):
        return one
    return File(one.name, anonymous(one.content.decode("utf-8-sig", "replace"), one.name, words).encode())


def _files(home: Path, names: Sequence[str]) -> tuple[File, ...]:
    return tuple(File(name, (home / name).read_bytes()) for name in names if is_plain(name) and (home / name).is_file())
