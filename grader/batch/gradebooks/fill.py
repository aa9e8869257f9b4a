"""Enter the scores of a batch into a gradebook: match, preview, write; or write a table of them as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from rich.text import Text

from grader.batch.csv_text import Cell, read_table, table
from grader.batch.export import Wanted, csv_lines
from grader.batch.feedback import canvas_zip, moodle_zip, pages, safe_name, sentence
from grader.batch.gradebooks.gradebook import (
    ANY_TABLE,
    Comments,
    Gradebook,
    GradebookRow,
    ScoreEntry,
    Sheet,
    read_sheet,
)
from grader.batch.gradebooks.matching import Matching, RowMatch, match
from grader.batch.platforms import blackboard, brightspace, canvas, moodle
from grader.batch.run import policy_of
from grader.batch.store import Store
from grader.batch.student_row import Final, StudentRow, final
from grader.errors import UsageError
from grader.report.numbers import count, counted
from grader.report.page import Page
from grader.report.text import cut
from grader.whole_files import write_whole

MAIL_MERGE = ("email", "name", "first_name", "student", "score", "max_score", "late", "late_penalty", "comment",
        "page")  # fmt: skip


def mail_merge(rows: Iterable[tuple[StudentRow, Final, str]]) -> str:
    """The table as CSV, with a byte order mark, without which Excel and Word misread names. `page` is the file that
    `--for feedback` writes for the student. An address that the download does not have is left empty."""
    made: list[list[Cell]] = [list(MAIL_MERGE)]
    for one, known, comment in rows:
        mail = dict(one.identities).get("email", "")
        made.append([mail, one.name, _first_name(one.name), one.student, known.score, one.max_score, known.late,
                     known.lost or None, comment or f"No score: {one.why}.",
                     f"{safe_name(one.student)}.html"])  # fmt: skip
    return "\ufeff" + table(made)


def _first_name(name: str) -> str:
    """The first name, where a name has several words: `Bell, Anna` and `Anna Bell`."""
    last, comma, first = name.partition(",")
    words = (first if comma else last).split()
    return words[0] if comma or len(words) > 1 else name


NBGRADER = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
        "late_submission_penalty", "score", "max_score")  # fmt: skip


def nbgrader(rows: Iterable[tuple[StudentRow, Final]], assignment: str, due: str) -> str:
    """The table as CSV. Missing scores stay empty, where nbgrader would write 0.0."""
    made: list[list[Cell]] = [list(NBGRADER)]
    for one, known in rows:
        first, _, last = one.name.rpartition(" ")
        mail = dict(one.identities).get("email", "")
        at = None if one.submitted is None else one.submitted.isoformat(sep=" ")
        raw = one.score if one.by_hand is None else one.by_hand
        made.append([assignment, due, at, one.student, last, first, mail, raw,
                     None if known.score is None else known.lost, known.score, one.max_score])  # fmt: skip
    return table(made)


BOOKS = MappingProxyType(
    {book.name: book for book in (*(one.GRADEBOOK for one in (canvas, moodle, brightspace, blackboard)), ANY_TABLE)}
)


_ANEW = ("feedback", "moodle-feedback", "canvas-comments", "mail-merge", "nbgrader")
"""What is written without an export of the instructor's."""


@dataclass(frozen=True, slots=True)
class GradebookOptions:
    """The options of a call: `book`, the file to `fill`, its column, matches made by hand, and the `output`."""

    book: str
    fill: str | None = None
    column: str | None = None
    matches: str | None = None
    output: str | None = None
    comments: Comments = "keep"


@dataclass(frozen=True, slots=True)
class Filled:
    """What was entered and what was not. `left` are rows that the platform does not allow to change."""

    title: str
    matching: Matching[StudentRow]
    entered: tuple[tuple[RowMatch[StudentRow], Final], ...]
    without: tuple[tuple[StudentRow, str], ...]
    left: tuple[tuple[RowMatch[StudentRow], str], ...]
    written: str | None
    column: str = ""
    instead: str = "the cell stays as it was"
    scale: str = ""
    comments: str = ""

    @property
    def whole(self) -> bool:
        """Whether every student who handed in has a score entered."""
        return not (self.matching.ambiguous or self.matching.unmatched or self.without or self.left)

    def preview(self, width: int) -> Text:
        """A table of who was matched by which key, and who was not."""
        page = Page(width)
        page.prose(f"{self.title}{f', column {self.column!r}' if self.column else ''}", "bold")
        rows = [[(word, "dim") for word in ("student", "row", "matched by", "score")]]
        for one, known in self.entered:
            rows.append([(cut(one.standing.name, 28), ""), (cut(one.person.shown, 32), ""), (one.by, "dim"),
                         (count(known.score or 0.0), "bold")])  # fmt: skip
        if len(rows) > 1:
            page.table(rows)
        page.blank()
        if self.scale:
            page.prose(self.scale)
        if self.comments:
            page.prose(self.comments)
        self._open(page)
        where = f"written to {self.written}" if self.written else "nothing written yet: -o FILE writes it"
        page.prose(f"{counted(len(self.entered), 'score')} entered; {where}", "bold")
        return page.text()

    def _open(self, page: Page) -> None:
        if waiting := sum(one.waits for one, _ in self.without):
            page.prose(f"not graded yet: {counted(waiting, 'student')}; finish `grader batch` first, for now "
                       f"{self.instead}", "magenta")  # fmt: skip
        for one, reason in self.without:
            if one.waits:
                continue
            page.prose(f"{cut(one.name, 40)}: no score, {reason}; {self.instead}", "magenta")
        for one, several in self.matching.ambiguous:
            could = " or ".join(f"{cut(person.shown, 32)} ({person.told_by})" for person in several)
            page.prose(f"{cut(one.name, 40)} ({cut(one.student, 28)}): not sure who this is: {could}; "
                       "--match FILE says which", "yellow")  # fmt: skip
        for one in self.matching.unmatched:
            page.prose(f"{cut(one.name, 40)} ({cut(one.student, 28)}): in no row of the gradebook", "yellow")
        for match_, reason in self.left:
            page.prose(f"{cut(match_.standing.name, 40)}: {reason}", "yellow")
        if self.matching.absent:
            names = ", ".join(cut(person.shown, 28) for person in self.matching.absent[:12])
            more = ", ..." if len(self.matching.absent) > 12 else ""
            page.prose(f"handed nothing in ({len(self.matching.absent)}): {names}{more}", "dim")
        page.blank()


@dataclass(frozen=True, slots=True)
class ScoresToEnter:
    """What is entered: the id of the exercise or course, each student with the score that counts, and a function that
    says that score in a sentence or two."""

    id: str
    finals: tuple[tuple[StudentRow, Final], ...]
    sentence: Callable[[StudentRow, Final], str]


def fill(store: Store, call: GradebookOptions) -> Filled:
    """Fill a gradebook as the options say. Raises `UsageError`."""
    policy = policy_of(store)
    finals = [(one, final(one, policy)) for one in store.standings()]
    if call.book in _ANEW or call.fill is None:
        return _made_anew(store, call, finals)
    scores = ScoresToEnter(store.about("exercise"), tuple(finals), lambda one, known: sentence(store, one, known))
    return fill_sheet(scores, call)


def fill_sheet(scores: ScoresToEnter, call: GradebookOptions) -> Filled:
    """Fill the instructor's own export of a gradebook, `call.fill`. Raises `UsageError`."""
    if call.fill is None:
        raise UsageError("Name your own export of the gradebook: --fill FILE.")
    book = BOOKS[call.book]
    sheet = read_sheet(_read(call.fill), call.fill)
    told = _told(call.matches, book.people(sheet))
    column = book.column(sheet, call.column, scores.id)
    filled = fill_column(book, sheet, column, scores, told=told, comments=call.comments)
    written = None if call.output is None else _write(Path(call.output), sheet)
    return replace(filled, written=written, comments=_about_comments(call, sheet, column))


def fill_column(
    book: Gradebook,
    sheet: Sheet,
    column: int,
    scores: ScoresToEnter,
    *,
    told: Mapping[str, GradebookRow] = MappingProxyType({}),
    comments: Comments = "keep",
) -> Filled:
    """Enter scores into a column of a sheet, in place. `told` are matches made by hand, by student."""
    matching = match([one for one, _ in scores.finals], book.people(sheet), told)
    by_student = {one.student: known for one, known in scores.finals}
    entered, without, left, scale = [], [], [], ""
    for one in matching.matches:
        known = by_student[one.standing.student]
        if known.score is None:
            without.append((one.standing, one.standing.why))
            continue
        score, other = _scaled(known.score, one.standing.max_score, book.most(sheet, one.person.row, column))
        scale = other or scale
        meant = ScoreEntry(score, scores.sentence(one.standing, known), comments)
        refused = book.enter(sheet, one.person.row, column, meant)
        if refused is None:
            entered.append((one, known))
        else:
            left.append((one, refused))
    return Filled(
        book.title, matching, tuple(entered), tuple(without), tuple(left), None, sheet.head[column], scale=scale
    )


def _about_comments(call: GradebookOptions, sheet: Sheet, column: int) -> str:
    """What happened to the comments of the gradebook, if it has any."""
    if call.book != moodle.GRADEBOOK.name:
        if call.comments != "keep":
            raise UsageError(f"--comments is for Moodle's grading worksheet; {BOOKS[call.book].title} has no comments.")
        return ""
    changed = [place for place in sheet.changes if place[1] != column]
    replaced = sum(bool(sheet.cell(*place).strip()) for place in changed)
    if call.comments == "keep":
        return "feedback comments stay as they are; --comments fill writes into empty ones, --comments replace into all"
    return f"feedback comments: {len(changed) - replaced} filled, {replaced} that stood there replaced"


def _scaled(score: float, ours: float | None, theirs: float | None) -> tuple[float, str]:
    """A score on the gradebook's scale, and a sentence on the conversion: 12 of 16 points become 75 of 100."""
    if ours is None or theirs is None or not ours or ours == theirs:
        return score, ""
    return score * theirs / ours, f"{count(ours)} points here are {count(theirs)} there, and scores are entered so"


def _made_anew(store: Store, call: GradebookOptions, finals: list[tuple[StudentRow, Final]]) -> Filled:
    """Write outputs that need no export from the instructor: every student is listed under the student's own key."""
    title, written, instead = call.book, None, "the cell is empty"
    outside: list[StudentRow] = []
    if call.book == "nbgrader":
        text = nbgrader(finals, store.about("exercise"), store.about("due"))
        written = _put(call.output, text.encode())
    elif call.book == "moodle-feedback":
        instead = "the page says so"
        outside = [one for one, _ in finals if "moodle" not in dict(one.identities)]
        if len(outside) == len(finals):
            came = store.about("layout") or "another system"
            raise UsageError(f"--for moodle-feedback needs a class from a download of Moodle; this one is from {came}. "
                             "--for feedback writes a page per student.")  # fmt: skip
        written = None if call.output is None else moodle_zip(store, Path(call.output))
    elif call.book == "canvas-comments":
        if not any("canvas-attachment" in dict(one.identities) for one, _ in finals):
            raise UsageError("Canvas takes comments for what was downloaded from it; this class was not, or by an "
                             "earlier version: read the download once more.")  # fmt: skip
        instead = "the page says so"
        written = None if call.output is None else canvas_zip(store, Path(call.output))
    elif call.book == "mail-merge":
        rows = ((one, known, sentence(store, one, known)) for one, known in finals)
        written = _put(call.output, mail_merge(rows).encode())
        instead = "the comment says so"
    elif call.book == "feedback":
        instead = "the page says so"
        written = None if call.output is None else pages(store, Path(call.output))
    elif call.book == "csv":
        written = _put(call.output, "".join(csv_lines(store, Wanted())).encode())
    else:
        raise UsageError(f"Name your own export of the gradebook: --fill FILE ({BOOKS[call.book].title}).")
    matches = [
        (RowMatch(one, GradebookRow(0, (), (one.student,)), "student"), known)
        for one, known in finals
        if one not in outside
    ]
    scored = tuple((one, known) for one, known in matches if known.score is not None)
    without = tuple((one.standing, one.standing.why) for one, known in matches if known.score is None)
    return Filled(
        title, Matching(tuple(one for one, _ in matches), (), tuple(outside), ()), scored, without, (), written,
        instead=instead,
    )  # fmt: skip


def _told(path: str | None, people: Iterable[GradebookRow]) -> dict[str, GradebookRow]:
    """Read matches made by hand: a student, and any value of that student's row in the gradebook."""
    if path is None:
        return {}
    index: dict[str, list[GradebookRow]] = {}
    for person in people:
        for value in {*(value for _, value in person.identities), *person.names, str(person.row + 1)}:
            index.setdefault(value.strip().casefold(), []).append(person)
    told = {}
    for number, row in read_table(Path(path), ("student", "row")):
        found = index.get(row["row"].strip().casefold(), [])
        if len(found) != 1:
            how = "no row" if not found else "several rows"
            raise UsageError(f"{path}, line {number}: {row['row']!r} is in {how} of the gradebook.")
        told[row["student"]] = found[0]
    return told


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"The gradebook {path!r} cannot be read: {error.strerror}.") from None


def _write(path: Path, sheet: Sheet) -> str:
    return str(_put(str(path), sheet.bytes()))


def _put(output: str | None, content: bytes) -> str | None:
    """Write a file; it may replace the instructor's own export."""
    if output is None:
        return None
    place = Path(output)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The file {output!r} cannot be written: {error.strerror}.") from None
    write_whole(place, content)
    return output
