"""Preview of a download before anything is graded: who, which file, late or not, what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.text import Text

from grader.batch.entries import Ignored
from grader.batch.file_choice import Chosen, Rule
from grader.batch.late import Policy, final
from grader.batch.student_row import StudentRow
from grader.report.numbers import counted
from grader.report.page import Page
from grader.report.text import cut

_NAME, _FILE = 28, 40


def preview(
    layout: str, chosen: Iterable[Chosen], ignored: Iterable[Ignored], rule: Rule, policy: Policy, width: int
) -> Text:
    """Format the preview for the terminal."""
    page = Page(width)
    rows = [[(word, "dim") for word in ("student", "name", "file", "attempt", "late")]]
    left = list(ignored)
    twice: Counter[str] = Counter()
    nothing = timed = 0
    for one in chosen:
        rows.append(_row(one, policy))
        twice[one.attempt.name] += 1
        nothing += one.reason is not None
        timed += one.reason is None and one.attempt.submitted is not None
        left += [Ignored(f"{one.attempt.name}: {file.path}", file.reason) for file in one.ignored]
    page.prose(f"layout: {layout}", "bold")
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
    students = len(rows) - 1
    page.prose(f"{counted(students, 'student')}, {students - nothing} with a file to grade", "bold")
    if policy.due is not None:
        page.prose(f"times: {timed} of {counted(students - nothing, 'submission')} have one")
    return page.text()


def _row(one: Chosen, policy: Policy) -> list[tuple[str, str]]:
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


def as_standing(one: Chosen) -> StudentRow:
    attempt = one.attempt
    return StudentRow(
        attempt.student, attempt.name, one.file, "pending", None, None, None, False, None, None, one.number,
        one.attempts, attempt.submitted, attempt.late, attempt.identities,
    )  # fmt: skip


def _rules(rule: Rule) -> str:
    files = f"the file named like `{rule.pattern}`" if rule.pattern else "the script or notebook"
    attempts = f"Of several attempts the {rule.which} counts"
    return (f"{attempts}; of several files {files} with most of the exercise's names in it, whose name does not say "
            "that it is old or a copy, then the newest, then the last attached.")  # fmt: skip
