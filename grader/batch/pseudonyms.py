"""Results without names: each student gets a random pseudonym, and a key file says who is who.

The key file is kept by the instructor. If it exists, its pseudonyms are used again, so that exports can be joined."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from grader.batch.csv_text import read_table
from grader.batch.student_row import StudentRow
from grader.errors import UsageError
from grader.whole_files import write_whole

_HEAD = ("pseudonym", "student", "name")
_SHORTEST = 4
"""Fewest characters of a key, or a part of a name, that is replaced inside a text: shorter ones are words as well."""

_QUOTED = re.compile(r"`([^`]+)`")


class Pseudonyms:
    """The pseudonyms of a class."""

    def __init__(self, path: Path, students: Iterable[StudentRow]) -> None:
        """Read the key file, if there is one, and draw a pseudonym for every student who has none; writes the file.

        Raises `UsageError`."""
        known = _read(path)
        drawn = False
        for one in students:
            if one.student not in known:
                known[one.student] = (f"s-{secrets.token_hex(4)}", one.name)
                drawn = True
        if drawn:
            _write(path, known)
            with contextlib.suppress(OSError):
                path.chmod(0o600)
        self._known = known

    def ordered(self, rows: Iterable[StudentRow]) -> list[StudentRow]:
        """The rows in the order of their pseudonyms: that of the class would tell who is who."""
        return sorted(rows, key=lambda one: self.of(one))

    def of(self, one: StudentRow) -> str:
        return self._known[one.student][0]

    def row(self, one: StudentRow) -> StudentRow:
        """The row without name, file name, time and other identities."""
        return replace(
            one,
            student=self.of(one),
            name=self.of(one),
            file=self.file(one),
            reason=None if one.reason is None else self.reason(one, one.reason),
            override_reason=self.text(one, one.override_reason),
            steps_by_hand=tuple(replace(step, comment=self.text(one, step.comment)) for step in one.steps_by_hand),
            submitted=None,
            until=None,
            identities=(),
        )

    def file(self, one: StudentRow) -> str:
        return self.of(one) + os.path.splitext(one.file)[1] if one.file else ""

    def reason(self, one: StudentRow, reason: str) -> str:
        """Why there is no result, with the pseudonym in the names of files: students put their own into these."""

        def renamed(found: re.Match[str]) -> str:
            return f"`{self.of(one)}{os.path.splitext(found[1])[1]}`"

        return self.text(one, _QUOTED.sub(renamed, reason))

    def text(self, one: StudentRow, text: str) -> str:
        """A text in which the student's keys, file and name are replaced by the pseudonym."""
        return naming(one).sub(self.of(one), text)

    def within(self, one: StudentRow, value: object) -> object:
        """A JSON value, every text in it treated by `text`."""
        if isinstance(value, str):
            return self.text(one, value)
        if isinstance(value, dict):
            return {key: self.within(one, inner) for key, inner in value.items()}
        return [self.within(one, inner) for inner in value] if isinstance(value, list | tuple) else value


@lru_cache(maxsize=4)
def naming(one: StudentRow) -> re.Pattern[str]:
    """What names a student, and is replaced in texts: the file, and whole words that are a key, the name or, as it is
    written in the name, a part of it."""
    parts = [part for part in re.split(r"[\s,_.]+", one.name) if part]
    whole = {one.name, " ".join(parts), " ".join(reversed(parts)), "".join(parts), one.student}
    whole |= {value for _, value in one.identities}
    found = [re.escape(text) for text in sorted(whole, key=len, reverse=True) if len(text) >= _SHORTEST]
    # A part of a name is often a word, or a function, in small letters.
    exact = [re.escape(part) for part in parts if len(part) >= _SHORTEST and part != part.lower()]
    file = [re.escape(one.file)] if one.file else []
    words = [rf"(?<!\w)(?i:{text})(?!\w)" for text in found] + [rf"(?<!\w){text}(?!\w)" for text in exact]
    return re.compile("|".join([*file, *words]) or r"(?!)")


def _read(path: Path) -> dict[str, tuple[str, str]]:
    if not path.exists():
        return {}
    rows = [row for _, row in read_table(path, _HEAD)]
    known = {row["student"]: (row["pseudonym"], row["name"]) for row in rows}
    if len({pseudonym for pseudonym, _ in known.values()}) != len(rows) or any(not row["pseudonym"] for row in rows):
        raise UsageError(f"{path}: every student needs a pseudonym of one's own, and is named once.")
    return known


def _write(path: Path, known: dict[str, tuple[str, str]]) -> None:
    written = io.StringIO()
    rows = [(pseudonym, student, name) for student, (pseudonym, name) in known.items()]
    csv.writer(written, lineterminator="\n").writerows([_HEAD, *rows])
    write_whole(path, written.getvalue().encode("utf-8", "backslashreplace"))
