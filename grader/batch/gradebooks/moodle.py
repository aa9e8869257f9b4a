"""Moodle: the offline grading worksheet. The grade is filled, feedback comments on request; everything else stays byte
for byte, including the byte order mark and the date of the last change, which decides whether Moodle accepts a row.

Headings are in the teacher's language; columns with unknown headings are found by position and content."""

from __future__ import annotations

import html
import re

from grader.batch.csv_text import cell
from grader.batch.gradebooks.sheet import Sheet
from grader.batch.gradebooks.types import Meant, Person, chosen, find, number_of
from grader.errors import UsageError

NAME = "moodle"
TITLE = "Moodle offline grading worksheet"

_NUMBER = re.compile(r"^\D*(\d+)$")
_GRADE = ("Grade", "Bewertung", "Note", "Calificación", "Cijfer", "Nota", "Valutazione", "Ocena")
_MOST = ("Maximum grade", "Bestwertung", "Note maximale", "Calificación máxima")
_CHANGEABLE = ("Grade can be changed", "Bewertung kann geändert werden")
_FEEDBACK = ("Feedback comments", "Feedback als Kommentar", "Comentarios de retroalimentación")
_MAIL = ("Email address", "E-Mail-Adresse", "Adresse de courriel", "Dirección de correo")
_NAME = ("Full name", "Vollständiger Name", "Nom complet", "Nombre completo")


def people(sheet: Sheet) -> list[Person]:
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
        found.append(Person(row, tuple(known), (sheet.cell(row, name),) if name is not None else ()))
    return found


def column(sheet: Sheet, title: str | None, exercise: str) -> int:
    number = find(sheet.head, *(_GRADE if title is None else (title,)))
    return chosen(sheet.head, range(1, len(sheet.head)), title, "grade") if number is None else number


def most(sheet: Sheet, row: int, column: int) -> float | None:
    place = find(sheet.head, *_MOST)
    return None if place is None else number_of(sheet.cell(row, place))


def enter(sheet: Sheet, row: int, column: int, meant: Meant) -> str | None:
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
