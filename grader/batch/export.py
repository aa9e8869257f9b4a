"""Export the results of a class for programs and people: JSON lines, CSV, Markdown, a list for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from grader import __version__
from grader.batch.class_statistics import class_statistics
from grader.batch.csv_text import Cell, lines
from grader.batch.disputes import disputed
from grader.batch.pseudonyms import Pseudonyms
from grader.batch.run import policy_of
from grader.batch.store import Store
from grader.batch.student_row import BY_HAND, Final, StudentRow, final
from grader.batch.terminal import disputes, summary
from grader.model import Problem, Result
from grader.report import terminal
from grader.report.numbers import count, counted
from grader.report.page import Page
from grader.report.text import cut, safe_text


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of students: those named (empty: all), those who made a mistake, those whose step is not right, those
    without a score."""

    students: frozenset[str] = frozenset()
    misconception: str | None = None
    step: str | None = None
    ungraded: bool = False

    @property
    def everybody(self) -> bool:
        return self == Wanted()


def chosen(store: Store, wanted: Wanted) -> Iterator[StudentRow]:
    """Yield the students that pass the filter, in order."""
    works = _works(store, wanted)
    policy = policy_of(store)
    for one in store.standings():
        if wanted.students and one.student not in wanted.students:
            continue
        if wanted.ungraded and final(one, policy).score is not None:
            continue
        if works is None or one.work in works:
            yield one


def _works(store: Store, wanted: Wanted) -> set[str] | None:
    if wanted.misconception is None and wanted.step is None:
        return None
    right = "1" if wanted.misconception is not None else "outcome NOT IN ('correct', 'carried')"
    rows = store.query(
        f"SELECT DISTINCT work FROM steps WHERE (?1 IS NULL OR misconception = ?1) AND (?2 IS NULL OR name = ?2)"
        f" AND {right}",
        wanted.misconception,
        wanted.step,
    )
    return {str(row[0]) for row in rows}


def json_lines(store: Store, wanted: Wanted, hidden: Pseudonyms | None = None) -> Iterator[str]:
    """Yield one line per student: a `grader.result/1` object with the batch's facts added.

    Without a result it has the same fields: no score, no steps, and the reason among its problems."""
    policy = policy_of(store)
    by_student: dict[str, list[str]] = {}
    for dispute in disputed(store):
        by_student.setdefault(dispute.student, []).append(dispute.step)
    for real, one in _shown(store, wanted, hidden):
        result = store.result(real)
        known = final(real, policy)
        entry = _without_result(store, one) if result is None else result.to_dict()
        if hidden is not None:
            entry = {key: hidden.within(real, value) for key, value in entry.items()}
            entry |= {"submission": one.file, "student": one.student}
        entry["batch"] = {
            "name": one.name,
            "status": one.status,
            "reason": one.reason,
            "attempt": one.attempt,
            "attempts": one.attempts,
            "submitted": None if one.submitted is None else one.submitted.isoformat(),
            "late": known.late or None,
            **scores(one, known),
            "disputed": by_student.get(real.student, []),
        }
        yield json.dumps(entry, ensure_ascii=True, allow_nan=False) + "\n"


def scores(one: StudentRow, known: Final) -> dict[str, object]:
    """How the score that counts came about: `raw` as graded, `overridden` with what was given by hand, `deducted` for
    lateness, until when an `extension` allowed, and the overrides themselves (`step` is None for the whole score)."""
    whole = [("", one.override, one.override_reason)] if one.overridden else []
    by_hand = [*whole, *((step.step, step.points, step.comment) for step in one.steps_by_hand)]
    return {
        "raw": one.score,
        "deducted": known.lost,
        "overridden": one.by_hand,
        "extension": None if one.until is None else one.until.isoformat(),
        "overrides": [{"step": step or None, "score": score, "comment": said} for step, score, said in by_hand],
        "open": known.open or None,
        "final_score": known.score,
    }


def _shown(store: Store, wanted: Wanted, hidden: Pseudonyms | None) -> Iterator[tuple[StudentRow, StudentRow]]:
    """Yield each student as stored, and as shown."""
    if hidden is None:
        yield from ((one, one) for one in chosen(store, wanted))
    else:
        yield from ((one, hidden.row(one)) for one in hidden.ordered(chosen(store, wanted)))


def _without_result(store: Store, one: StudentRow) -> dict[str, object]:
    """The object of a student of whom nothing was graded, or nothing that can be read. Nothing ran, so there was no
    isolation."""
    unread = "its stored result cannot be read; `grader batch` with this folder of results grades it again"
    problem = Problem("unreadable", one.reason or (unread if one.status == "graded" else "it is not graded yet"))
    empty = Result(
        store.about("exercise"), store.about("title"), one.file, one.student, None, one.max_score or 0.0, False, None,
        (), (), (), (problem,), "process", "values", 0.0, (("grader", __version__),),
    )  # fmt: skip
    return {**empty.to_dict(), "isolation": None}


def csv_lines(store: Store, wanted: Wanted, hidden: Pseudonyms | None = None) -> Iterator[str]:
    """Yield a table with one row per student: score, late penalty, and points, outcome and mistake per step."""
    policy = policy_of(store)
    students = ((one, final(real, policy), _steps_of(store, one.work)) for real, one in _shown(store, wanted, hidden))
    return lines(table_rows(step_names(store), students))


def table_rows(
    steps: Sequence[str], students: Iterable[tuple[StudentRow, Final, Mapping[str, Sequence[Cell]]]]
) -> Iterator[list[Cell]]:
    """Yield the heading, and a row per student, whose steps are given by name: points, outcome and mistake."""
    head: list[Cell] = ["student", "name", "file", "status", "raw_score", "max_score", "points_lost", "late",
                        "extension", "deducted", "overridden", "score", "first_error", "reason"]  # fmt: skip
    yield head + [f"{name}:{what}" for name in steps for what in ("points", "outcome", "misconception")]
    for one, known, by_name in students:
        lost = None if one.score is None or one.max_score is None else one.max_score - one.score
        until = None if one.until is None else one.until.isoformat(sep=" ")
        row: list[Cell] = [one.student, one.name, one.file, one.status, one.score, one.max_score, lost, known.late,
                           until, known.lost if known.lost else None, one.by_hand, known.score, one.first_error,
                           _said(one, known)]  # fmt: skip
        for name in steps:
            row += by_name.get(name, [None, None, None])
        yield row


def step_names(store: Store) -> list[str]:
    """The names of all steps in any result, in the exercise's order."""
    rows = store.query(
        "SELECT t.name FROM steps t JOIN submissions USING (work) WHERE t.part = 'step'"
        " GROUP BY t.name ORDER BY MIN(t.position)"
    )
    return [str(row[0]) for row in rows]


def _steps_of(store: Store, work: str | None) -> dict[str, list[Cell]]:
    rows = store.query("SELECT name, points, outcome, misconception FROM steps WHERE work = ? AND part = 'step'", work)
    return {str(name): list(rest) for name, *rest in rows}  # type: ignore[arg-type]  # columns have these types


def markdown(store: Store, wanted: Wanted, hidden: Pseudonyms | None = None) -> str:
    """The same table with fewer columns, for a web page or a chat."""
    steps = step_names(store)
    policy = policy_of(store)
    lines = [markdown_row(["student", "name", *_SCORES, *steps, "first wrong step"])]
    lines.append(markdown_row(["---"] * (3 + len(_SCORES) + len(steps))))
    for real, one in _shown(store, wanted, hidden):
        known = final(real, policy)
        by_name = _steps_of(store, one.work)
        score = "not graded" if known.score is None else f"{count(known.score)} / {count(one.max_score or 0)}"
        outcomes = [str((by_name.get(name) or [None, ""])[1]) for name in steps]
        lines.append(
            markdown_row([one.student, one.name, *_came_about(one, known), score, *outcomes, one.first_error or ""])
        )
    return "\n".join(lines) + "\n"


_SCORES = ("raw", "deducted", "overridden", "score")


def _came_about(one: StudentRow, known: Final) -> list[str]:
    """Raw score, deduction and override as text, empty where there is none."""
    return [
        "" if one.score is None else count(one.score),
        count(known.lost) if known.lost else "",
        "" if one.by_hand is None else count(one.by_hand),
    ]


def _said(one: StudentRow, known: Final) -> str:
    """Why a score is as it is, or there is none, and what an instructor has to decide."""
    return "; ".join(part for part in (one.comments or one.reason, known.open) if part)


_SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>()#+-.!|~&"})


def markdown_row(cells: list[str]) -> str:
    """A table row. Untrusted text is escaped, so that no Markdown or HTML in it takes effect."""
    return "| " + " | ".join(one if one == "---" else safe_text(one).translate(_SPECIAL) for one in cells) + " |"


def text(store: Store, wanted: Wanted, width: int) -> Text:
    """A class summary, a list of the filtered students, or the full report of a single named student."""
    if wanted.everybody:
        page = Page(width)
        summary(page, class_statistics(store), policy_of(store))
        _changed(page, store)
        disputes(page, disputed(store))
        return page.text()
    several = list(chosen(store, wanted))
    if len(several) == 1 and wanted.students and (result := store.result(several[0])) is not None:
        report = terminal.render(result, width)
        return report.append_text(_account(several[0], final(several[0], policy_of(store)), width))
    return _listed(store, several, width)


def _changed(page: Page, store: Store) -> None:
    """How many scores of the class are not as graded."""
    policy = policy_of(store)
    known = [(one, final(one, policy)) for one in store.standings()]
    late = sum(bool(score.lost) for _, score in known)
    given = sum(one.overridden or bool(one.steps_by_hand) for one, _ in known)
    if late or given:
        page.blank()
        page.prose(f"not as graded: {counted(late, 'score')} with a deduction for lateness, {given} with an override")


def _account(one: StudentRow, known: Final, width: int) -> Text:
    """Below a student's report: what was deducted and overridden, if anything was."""
    page = Page(width)
    if known.lost or known.late or one.until is not None:
        taken_off = f"{count(known.lost)} deducted" if known.lost else "nothing deducted"
        until = "" if one.until is None else f", extension until {one.until:%Y-%m-%d %H:%M}"
        page.prose(f"{known.late or 'not late'}{until}: {taken_off}", "yellow")
    if one.overridden:
        given = "no score" if one.override is None else count(one.override)
        why = "" if one.override_reason == BY_HAND else f" ({one.override_reason})"
        page.prose(f"given by hand: {given}{why}", "yellow")
    for step in one.steps_by_hand:
        graded = "" if step.graded is None else f" instead of {count(step.graded)}"
        page.prose(f"`{step.step}` given by hand: {count(step.points)}{graded} {step.comment}".rstrip(), "yellow")
    if known.open:
        page.prose(known.open, "yellow")
    if known.lost or one.overridden or one.steps_by_hand:
        page.prose(f"score that counts: {'none' if known.score is None else count(known.score)}", "bold")
    return page.text()


def _listed(store: Store, several: list[StudentRow], width: int) -> Text:
    page = Page(width)
    policy = policy_of(store)
    rows = [[(word, "dim") for word in ("student", "name", *_SCORES, "first wrong step", "")]]
    for one in several:
        known = final(one, policy)
        score = "none" if known.score is None else f"{count(known.score)} / {count(one.max_score or 0)}"
        told = _said(one, known) or known.late
        rows.append([(cut(one.student, 28), "bold"), (cut(one.name, 28), ""),
                     *((text, "dim") for text in _came_about(one, known)), (score, ""),
                     (one.first_error or "", ""), (told, "yellow")])  # fmt: skip
    if several:
        page.table(rows, indent=0)
    else:
        page.prose("no student is meant by this")
    return page.text()
