"""Class summary for the terminal: how many, how well, the most frequent errors, and who could not be graded."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from grader.batch.class_statistics import UNEXPLAINED, ClassStatistics
from grader.batch.disputes import Disputed
from grader.batch.run import Outcome
from grader.report.numbers import count, counted
from grader.report.page import Page
from grader.report.text import cut

MOST = 8
"""Maximum number of lines of a list."""


def outcome_lines(page: Page, outcome: Outcome) -> None:
    """Print what this run did, and why."""
    taken = outcome.taken
    if taken is not None:
        parts = [(taken.new, "new"), (taken.changed, "changed"), (taken.same, "as before"),
                 (taken.nothing, "without a file to grade")]  # fmt: skip
        page.prose(f"students: {', '.join(f'{number} {what}' for number, what in parts if number) or 'none'}")
    for note in outcome.notes:
        page.prose(note)
    for one in outcome.choices[:MOST]:
        also = f" and {one.others - 1} more" if one.others > 1 else ""
        page.prose(f"`{one.file}` is graded, not `{one.other.path}` ({one.other.reason}){also}",
                   lead=f"{cut(one.name, 28)}: ")  # fmt: skip
    if len(outcome.choices) > MOST:
        page.prose(f"and {len(outcome.choices) - MOST} more with several files: --dry-run lists them all")
    if outcome.gone:
        names = ", ".join(cut(name if name != key else key, 28) for key, name in outcome.gone)
        page.prose(f"set aside, since not in this download ({len(outcome.gone)}): {names}. Their results are kept; "
                   "name their download again with --add to have them back", "yellow")  # fmt: skip
    kept = f"; {counted(outcome.kept, 'result')} of before kept" if outcome.kept else ""
    why = f" ({' and '.join(outcome.because)})" if outcome.because else ""
    page.prose(f"graded: {outcome.graded}{why}{kept}")
    if outcome.secret is not None:
        page.prose(f"no course secret was named: the probe points are drawn from one made for this folder and kept in "
                   f"{outcome.secret}, which only you may read")  # fmt: skip


def disputes(page: Page, several: Sequence[Disputed]) -> None:
    """Print the verdicts that students dispute."""
    if several:
        page.blank()
        page.prose(f"disputed ({len(several)}): `grader dispute FILE` judges one again", "bold")
    for one in several[:MOST]:
        now = "not judged here" if one.now is None else f"here {one.now}"
        because = f": {cut(one.because, 200)}" if one.because else ""
        page.prose(f"`{cut(one.step, 28)}` (told {one.then}, {now}), {cut(one.file, 40)}{because}",
                   lead=f"{cut(one.name, 28)}: ", indent=2)  # fmt: skip


def summary(page: Page, seen: ClassStatistics) -> None:
    """Print the overview of the class."""
    page.prose(seen.title or seen.exercise, "bold")
    without = len(seen.ungraded)
    tail = f", {without} without a score" if without else ""
    page.prose(f"{counted(seen.students, 'student')}: {seen.complete} all right, "
               f"{len(seen.scores) - seen.complete} with errors{tail}")  # fmt: skip
    if seen.scores:
        middle = statistics.median(seen.scores)
        mean = statistics.fmean(seen.scores)
        page.prose(f"points of {count(seen.points)}: median {count(middle)}, mean {count(round(mean, 2))}, "
                   f"from {count(min(seen.scores))} to {count(max(seen.scores))}")  # fmt: skip
    _steps(page, seen)
    _mistakes(page, seen)
    _problems(page, seen)


def _steps(page: Page, seen: ClassStatistics) -> None:
    failed = sorted((step for step in seen.steps if step.failed), key=lambda step: -step.failed)
    if not failed:
        return
    page.blank()
    page.prose("steps that most students fail", "bold")
    rows = []
    for step in failed[:MOST]:
        bar = "#" * max(1, round(20 * step.failed / step.judged))
        rows.append([(cut(step.name, 28), ""), (f"{step.failed} of {step.judged}", "red"), (bar, "red")])
    page.table(rows)


def _mistakes(page: Page, seen: ClassStatistics) -> None:
    if not seen.codes:
        return
    page.blank()
    page.prose("what is behind it", "bold")
    rows = []
    for code in seen.codes[:MOST]:
        steps = [one.step for one in seen.mistakes if one.code == code]
        shown = ", ".join(cut(step, 20) for step in steps[:4]) + (", ..." if len(steps) > 4 else "")
        style = "dim" if code == UNEXPLAINED else ""
        rows.append([(code, style), (counted(seen.students_with(code), "student"), ""), (f"at {shown}", "dim")])
    page.table(rows)


def _problems(page: Page, seen: ClassStatistics) -> None:
    if seen.doubtful:
        page.blank()
    for step, dark, wrong in seen.doubtful:
        page.prose(f"`{step}` is doubtful: of {wrong} wrong ones {dark} are not explained by any known mistake; "
                   "look at the question, and at some of them", "yellow")  # fmt: skip
    if seen.ungraded:
        page.blank()
        page.prose("without a score (an empty one, not a zero)", "bold magenta")
        for one in seen.ungraded[:MOST]:
            page.prose(one.why, lead=f"{cut(one.name, 28)}: ", indent=2)
        if len(seen.ungraded) > MOST:
            page.prose(f"and {len(seen.ungraded) - MOST} more: `grader results DIR --ungraded`", indent=2)
    for one, question in seen.open[:MOST]:
        page.prose(question, "yellow", lead=f"{cut(one.name, 28)}: ")
