"""What a batch prints on a terminal: what a download holds, how far it is, what the class did, what was given by
hand.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from grader.batch.class_statistics import UNEXPLAINED, ClassStatistics
from grader.batch.disputes import Disputed
from grader.batch.entries import Ignored, Intake
from grader.batch.file_choice import ChoiceRule, ChosenFile
from grader.batch.instructor_tables import history
from grader.batch.jobs import Record
from grader.batch.run import BatchOutcome
from grader.batch.store import Store
from grader.batch.student_row import LatePolicy, StudentRow, final, policy_words
from grader.report.numbers import count, counted
from grader.report.page import Page
from grader.report.text import cut

_NAME, _FILE = 28, 40


def preview(intake: Intake, chosen: Iterable[ChosenFile], rule: ChoiceRule, policy: LatePolicy, width: int) -> Text:
    """Format the preview for the terminal."""
    page = Page(width)
    rows = [[(word, "dim") for word in ("student", "name", "file", "attempt", "late")]]
    left = list(intake.ignored)
    twice: Counter[str] = Counter()
    nothing = timed = 0
    for one in chosen:
        rows.append(_row(one, policy))
        twice[one.attempt.name] += 1
        nothing += one.reason is not None
        timed += one.reason is None and one.attempt.submitted is not None
        left += [Ignored(f"{one.attempt.name}: {file.path}", file.reason) for file in one.ignored]
    page.prose(f"layout: {intake.layout}", "bold")
    page.prose(_rules(rule))
    page.blank()
    page.table(rows, indent=0)
    page.blank()
    if left:
        page.prose(f"left out ({len(left)}):", "bold")
        for item in left:
            page.prose(item.reason, lead=f"{cut(item.path, 60)}: ", lead_style="dim", indent=2)
        page.blank()
    same = [f"{name} ({count})" for name, count in twice.items() if count > 1]
    if same:
        page.prose(f"names that several students have, told apart by their numbers: {', '.join(same)}", "yellow")
    for note in intake.notes:
        page.prose(note, "yellow")
    students = len(rows) - 1
    page.prose(f"{counted(students, 'student')}, {students - nothing} with a file to grade", "bold")
    if policy.due is not None:
        page.prose(f"times: {timed} of {counted(students - nothing, 'submission')} have one")
    return page.text()


def _row(one: ChosenFile, policy: LatePolicy) -> list[tuple[str, str]]:
    attempt = one.attempt
    file = (one.file, "") if one.reason is None else (one.reason, "yellow")
    several = f"{one.number} of {one.attempts}" if one.attempts > 1 else ""
    late = final(as_standing(one), policy).late
    return [
        (cut(attempt.student, _NAME), "bold"),
        (cut(attempt.name if attempt.name != attempt.student else "", _NAME), ""),
        (cut(file[0], _FILE), file[1]),
        (several, ""),
        (late, "yellow"),
    ]


def as_standing(one: ChosenFile) -> StudentRow:
    attempt = one.attempt
    return StudentRow(
        attempt.student, attempt.name, one.file, "pending", None, None, None, False, None, None, one.number,
        one.attempts, attempt.submitted, attempt.late, attempt.identities,
    )  # fmt: skip


def _rules(rule: ChoiceRule) -> str:
    files = f"the file named like `{rule.pattern}`" if rule.pattern else "the script or notebook"
    attempts = f"Of several attempts the {rule.which} counts"
    return (f"{attempts}; of several files {files} with most of the exercise's names in it, whose name does not say "
            "that it is old or a copy, then the newest, then the last attached.")  # fmt: skip


class Tally:
    """Counts records as they arrive and shows the counts. Use as a context manager."""

    def __init__(self, total: int) -> None:
        self.counts: Counter[str] = Counter()
        console = Console(file=sys.stderr)
        self._progress = Progress(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[tally]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("grading", total=total, rate="", tally="")

    def __enter__(self) -> Tally:
        with contextlib.suppress(OSError):  # here and below: a terminal that was closed ends no batch
            self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._progress.stop()

    def add(self, record: Record) -> None:
        """Count one more finished record."""
        status, complete = record.facts[0], record.facts[3]
        self.counts["right" if complete else "with errors" if status == "graded" else str(status)] += 1
        task = self._progress.tasks[0]
        rate = f"{task.speed:.0f}/s" if task.speed else ""
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items(), reverse=True))
        with contextlib.suppress(OSError):
            self._progress.update(self._task, advance=1, rate=rate, tally=told)


def history_lines(store: Store, students: Collection[str], width: int) -> Text:
    """A table of everything given by hand and taken back, oldest first."""
    page = Page(width)
    rows = [[(word, "dim") for word in ("when", "who", "student", "step", "score", "comment")]]
    for one in history(store, students):
        score = "taken back" if one.taken_back else "no score" if one.score is None else count(one.score)
        at = f"{datetime.fromisoformat(one.at).astimezone():%Y-%m-%d %H:%M}"
        rows.append([(at, "dim"), (cut(one.who, 20), ""), (cut(one.student, 28), "bold"),
                     (cut(one.step or "whole", 28), ""), (score, ""), (one.comment, "")])  # fmt: skip
    if len(rows) > 1:
        page.table(rows, indent=0)
    else:
        page.prose("nothing was given by hand")
    return page.text()


MAX_LIST_LINES = 8
"""Maximum number of lines of a list."""


def outcome_lines(page: Page, outcome: BatchOutcome) -> None:
    """Print what this run did, and why."""
    taken = outcome.taken
    if taken is not None:
        parts = [(taken.new, "new"), (taken.changed, "changed"), (taken.same, "as before"),
                 (taken.nothing, "without a file to grade")]  # fmt: skip
        page.prose(f"students: {', '.join(f'{number} {what}' for number, what in parts if number) or 'none'}")
    for note in outcome.notes:
        page.prose(note)
    for one in outcome.choices[:MAX_LIST_LINES]:
        also = f" and {one.others - 1} more" if one.others > 1 else ""
        page.prose(f"`{one.file}` is graded, not `{one.other.path}` ({one.other.reason}){also}",
                   lead=f"{cut(one.name, 28)}: ")  # fmt: skip
    if len(outcome.choices) > MAX_LIST_LINES:
        page.prose(f"and {len(outcome.choices) - MAX_LIST_LINES} more with several files: --dry-run lists them all")
    if outcome.gone:
        names = ", ".join(cut(name if name != key else key, 28) for key, name in outcome.gone)
        page.prose(f"set aside, since not in this download ({len(outcome.gone)}): {names}. Their results are kept; "
                   "name their download again with --add to have them back", "yellow")  # fmt: skip
    kept = f"; {counted(outcome.kept, 'result')} of before kept" if outcome.kept else ""
    why = f" ({' and '.join(outcome.because)})" if outcome.because else ""
    alike = "" if outcome.waiting <= outcome.graded else \
        f", for {counted(outcome.waiting, 'student')}: equal files are graded once"  # fmt: skip
    page.prose(f"graded: {outcome.graded}{alike}{why}{kept}")
    if outcome.secret is not None:
        page.prose(f"no course secret was named: the probe points are drawn from one made for this folder and kept in "
                   f"{outcome.secret}, which only you may read")  # fmt: skip


def disputes(page: Page, several: Sequence[Disputed]) -> None:
    """Print the verdicts that students dispute."""
    if several:
        page.blank()
        page.prose(f"disputed ({len(several)}): `grader dispute FILE` judges one again", "bold")
    for one in several[:MAX_LIST_LINES]:
        now = "not judged here" if one.now is None else f"here {one.now}"
        because = f": {cut(one.because, 200)}" if one.because else ""
        page.prose(f"`{cut(one.step, 28)}` (told {one.then}, {now}), {cut(one.file, 40)}{because}",
                   lead=f"{cut(one.name, 28)}: ", indent=2)  # fmt: skip


def summary(page: Page, seen: ClassStatistics, policy: LatePolicy) -> None:
    """Print the overview of the class. Of the late policy only one that was named is told."""
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
    if policy.due is not None:
        page.prose(f"late policy: {policy_words(policy)}")
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
    for step in failed[:MAX_LIST_LINES]:
        bar = "#" * max(1, round(20 * step.failed / step.judged))
        rows.append([(cut(step.name, 28), ""), (f"{step.failed} of {step.judged}", "red"), (bar, "red")])
    page.table(rows)


def _mistakes(page: Page, seen: ClassStatistics) -> None:
    if not seen.codes:
        return
    page.blank()
    page.prose("what is behind it", "bold")
    rows = []
    for code in seen.codes[:MAX_LIST_LINES]:
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
    judged = [one for one in seen.ungraded if not one.waits]
    if judged:
        page.blank()
        page.prose("without a score (an empty one, not a zero)", "bold magenta")
        # A line about one more would take the place of that one.
        shown = judged if len(judged) == MAX_LIST_LINES + 1 else judged[:MAX_LIST_LINES]
        for one in shown:
            page.prose(one.why, lead=f"{cut(one.name, 28)}: ", indent=2)
        if len(judged) > len(shown):
            page.prose(f"and {len(judged) - len(shown)} more: `grader results` with `--ungraded` lists them", indent=2)
    if waiting := len(seen.ungraded) - len(judged):
        page.blank()
        page.prose(f"not graded yet: {counted(waiting, 'student')}; the same `grader batch` command goes on where it "
                   "stopped", "bold magenta")  # fmt: skip
    for one, question in seen.open[:MAX_LIST_LINES]:
        page.prose(question, "yellow", lead=f"{cut(one.name, 28)}: ")
