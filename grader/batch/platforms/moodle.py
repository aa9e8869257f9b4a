"""Moodle: its downloads, and its offline grading worksheet.

"Download all submissions" has names `<Full name>_<number>_assignsubmission_file/<file>`, or flat, with `_<file>`. The
number identifies the participant within this assignment only; the worksheet calls it "Participant <number>".

In the worksheet the grade is filled, feedback comments on request; everything else stays byte for byte, including the
byte order mark and the date of the last change, which decides whether Moodle accepts a row. Headings are in the
teacher's language; columns with unknown headings are found by position and content.
"""

from __future__ import annotations

import html
import re

from grader.batch.csv_text import cell
from grader.batch.entries import DownloadedAttempt, DownloadEntry, DownloadLayout, Ignored, Intake, Tree
from grader.batch.gradebooks.gradebook import Gradebook, GradebookRow, ScoreEntry, Sheet, chosen, find, number_of
from grader.errors import UsageError

NAME = "moodle"

_PART = re.compile(
    r"^(?P<name>[^_]*)_(?P<user>\d+)_(?P<what>assignsubmission|assignfeedback)_(?P<plugin>[a-z]+)(?:_(?P<flat>.*))?$",
    re.S,
)


def recognises(tree: Tree) -> bool:
    return any(_PART.match(entry.parts[0]) for entry in tree.entries)


def read(tree: Tree, wanted: str) -> Intake:
    named = [found for folder in tree.all_folders() if (found := _PART.match(folder)) is not None]
    students: dict[str, tuple[str, list[DownloadEntry]]] = {
        found["user"]: (found["name"], []) for found in named if found["what"] != "assignfeedback"
    }
    ignored = []
    for entry in tree.entries:
        found = _PART.match(entry.parts[0])
        if found is None:
            ignored.append(Ignored(entry.path, "its name is not one that Moodle gives"))
        elif found["what"] == "assignfeedback":
            ignored.append(Ignored(entry.path, "it is feedback, not handed in"))
        elif found["plugin"] != "file":
            # A typed text is a submission too: the student must be listed among those without a score.
            students.setdefault(found["user"], (found["name"], []))
            reason = "it was typed into Moodle; a script or notebook handed in as a file can be graded"
            ignored.append(Ignored(entry.path, reason))
        else:
            path = "/".join(entry.parts[1:]) or found["flat"] or ""
            students.setdefault(found["user"], (found["name"], []))[1].append(entry.at(path))
    attempts = [
        DownloadedAttempt(user, name or user, tuple(entries), identities=(("moodle", user),))
        for user, (name, entries) in students.items()
    ]
    return Intake(NAME, tuple(attempts), tuple(ignored))


LAYOUT = DownloadLayout(NAME, "Moodle: Download all submissions", recognises, read)


_NUMBER = re.compile(r"^\D*(\d+)$")
_GRADE = ("Grade", "Bewertung", "Note", "Calificación", "Cijfer", "Nota", "Valutazione", "Ocena")
_MOST = ("Maximum grade", "Bestwertung", "Note maximale", "Calificación máxima")
_CHANGEABLE = ("Grade can be changed", "Bewertung kann geändert werden")
_FEEDBACK = ("Feedback comments", "Feedback als Kommentar", "Comentarios de retroalimentación")
_MAIL = ("Email address", "E-Mail-Adresse", "Adresse de courriel", "Dirección de correo")
_NAME = ("Full name", "Vollständiger Name", "Nom complet", "Nombre completo")


def people(sheet: Sheet) -> list[GradebookRow]:
    head = sheet.head
    if len(sheet.rows) > 1 and not _NUMBER.match(sheet.cell(1, 0).strip()):
        raise UsageError("This is no offline grading worksheet of Moodle: its first column has no participants.")
    name, mail, sis = find(head, *_NAME), find(head, *_MAIL), find(head, "ID number", "ID-Nummer")
    found = []
    for row in range(1, len(sheet.rows)):
        number = _NUMBER.match(sheet.cell(row, 0).strip())
        if number is None:
            continue
        known = [("moodle", number[1])]
        for kind, place in (("email", mail), ("sis", sis)):
            if place is not None and sheet.cell(row, place).strip():
                known.append((kind, sheet.cell(row, place).strip()))
        found.append(GradebookRow(row, tuple(known), (sheet.cell(row, name),) if name is not None else ()))
    return found


def column(sheet: Sheet, title: str | None, exercise: str) -> int:
    number = find(sheet.head, *(_GRADE if title is None else (title,)))
    return chosen(sheet.head, range(1, len(sheet.head)), title, "grade") if number is None else number


def most(sheet: Sheet, row: int, column: int) -> float | None:
    place = find(sheet.head, *_MOST)
    return None if place is None else number_of(sheet.cell(row, place))


def enter(sheet: Sheet, row: int, column: int, meant: ScoreEntry) -> str | None:
    changeable = find(sheet.head, *_CHANGEABLE)
    if changeable is not None and sheet.cell(row, changeable).strip().lower() in ("no", "nein", "non"):
        return "left as it is: Moodle says this grade cannot be changed"
    sheet.set_number(row, column, round(meant.score, 2))
    comments = find(sheet.head, *_FEEDBACK)
    if comments is None or meant.comments == "keep" or not meant.feedback:
        return None
    if meant.comments == "replace" or not sheet.cell(row, comments).strip():
        sheet.set(row, comments, cell(html.escape(meant.feedback, quote=False)))
    return None


GRADEBOOK = Gradebook("moodle", "Moodle offline grading worksheet", people, column, most, enter)
